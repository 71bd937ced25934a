from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from targets.models.plans import Commitment
from targets.models.submissions import Submission
from targets.querysets import ExplanationQuerySet


class Explanation(models.Model):
    """Why a warning of the entry checks is right as it is, said by the unit and read by the reviewer.

    It holds for what it was said about: `basis` is the figure at that time, and another figure needs another word.
    Written by targets.domain.explanations alone.
    """

    submission = models.ForeignKey(
        Submission, models.CASCADE, related_name="explanations", verbose_name=_("submission")
    )
    commitment = models.ForeignKey(
        Commitment, models.PROTECT, related_name="explanations", verbose_name=_("commitment")
    )
    code = models.CharField(_("warning"), max_length=30)
    basis = models.CharField(_("said about"), max_length=100, blank=True)
    text = models.CharField(_("explanation"), max_length=500)

    objects = ExplanationQuerySet.as_manager()

    class Meta:
        verbose_name = _("explanation")
        verbose_name_plural = _("explanations")
        constraints = [
            models.UniqueConstraint(
                fields=["submission", "commitment", "code"],
                name="explanation_once",
                violation_error_message=_("This warning has an explanation already."),
            ),
            models.CheckConstraint(
                name="explanation_says_something",
                condition=~Q(text=""),
                violation_error_message=_("An explanation without words says nothing."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.commitment.code} · {self.text}"
