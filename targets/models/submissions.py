from datetime import date

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from organisations.models import Account, Organisation
from targets.choices import SubmissionState
from targets.models.periods import Period
from targets.models.plans import Programme
from targets.querysets import SubmissionQuerySet


class Submission(models.Model):
    """One unit's report for one programme and period: the envelope that moves through review.

    `state`, `round`, `submitted_by` and `first_submitted_at` are written by targets.domain.review alone, `version`
    by every change of the content or the state.
    """

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="submissions", verbose_name=_("organisation")
    )
    programme = models.ForeignKey(Programme, models.PROTECT, related_name="submissions", verbose_name=_("programme"))
    period = models.ForeignKey(Period, models.PROTECT, related_name="submissions", verbose_name=_("period"))
    state = models.CharField(_("state"), max_length=9, choices=SubmissionState, default=SubmissionState.DRAFT)
    round = models.PositiveSmallIntegerField(_("round"), default=1)
    version = models.PositiveIntegerField(_("version"), default=0)
    submitted_by = models.ForeignKey(
        Account, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("submitted by")
    )
    first_submitted_at = models.DateTimeField(_("first submitted at"), null=True, blank=True)

    objects = SubmissionQuerySet.as_manager()

    class Meta:
        verbose_name = _("submission")
        verbose_name_plural = _("submissions")
        ordering = ["-period__year", "-period__quarter", "organisation__position", "programme__position"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "programme", "period"],
                name="submission_once",
                violation_error_message=_("This submission already exists."),
            ),
            models.CheckConstraint(
                name="submission_state_known",
                condition=Q(state__in=SubmissionState.values),
                violation_error_message=_("This state is not known."),
            ),
            models.CheckConstraint(
                name="submission_beyond_draft_was_submitted",
                condition=Q(state=SubmissionState.DRAFT)
                | Q(submitted_by__isnull=False, first_submitted_at__isnull=False),
                violation_error_message=_("What is beyond a draft has been submitted by somebody."),
            ),
        ]
        indexes = [models.Index(fields=["period", "programme", "state"], name="submission_by_period")]

    def __str__(self) -> str:
        return f"{self.organisation} · {self.programme} · {self.period}"

    def days_late(self, due_on: date, today: date) -> int:
        """Days between the due day and the first submission (today while there is none); 0 when in time."""
        first = self.first_submitted_at
        day = timezone.localdate(first) if first else today
        return max((day - due_on).days, 0)
