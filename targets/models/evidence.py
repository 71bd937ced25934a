from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from organisations.models import Account
from targets.file_kinds import KINDS
from targets.models.plans import Commitment
from targets.models.submissions import Submission
from targets.querysets import EvidenceQuerySet


class Evidence(models.Model):
    """One file that shows what a submission says about one commitment. Written by targets.domain.evidence alone."""

    submission = models.ForeignKey(Submission, models.CASCADE, related_name="evidence", verbose_name=_("submission"))
    commitment = models.ForeignKey(Commitment, models.PROTECT, related_name="evidence", verbose_name=_("commitment"))
    file = models.FileField(_("file"))
    name = models.CharField(_("original name"), max_length=255)
    media_type = models.CharField(_("kind of file"), max_length=100)
    size = models.PositiveIntegerField(_("size in bytes"))
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    added_by = models.ForeignKey(
        Account, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("added by")
    )
    added_at = models.DateTimeField(_("added at"))

    objects = EvidenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("evidence")
        verbose_name_plural = _("evidence")
        ordering = ["added_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["submission", "commitment", "sha256"],
                name="evidence_once",
                violation_error_message=_("This very file is there already."),
            ),
            models.CheckConstraint(
                name="evidence_not_empty",
                condition=Q(size__gt=0),
                violation_error_message=_("The file is empty."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def kind(self) -> str:
        """The kind of file in words."""
        return str(KINDS[self.media_type].label)
