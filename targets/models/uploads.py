from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from organisations.models import Account, Organisation
from targets.choices import UploadState
from targets.models.periods import Period
from targets.querysets import UploadQuerySet


class Upload(models.Model):
    """One accepted spreadsheet: the file as it came, and the versions of the submissions that its preview was based on.

    What it changed, cell by cell, stands in the revisions that name it. A refused file leaves no row.
    """

    file = models.FileField(_("file"))
    name = models.CharField(_("original name"), max_length=255)
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    size = models.PositiveIntegerField(_("size in bytes"))
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="uploads", verbose_name=_("organisation")
    )
    period = models.ForeignKey(
        Period, models.PROTECT, null=True, blank=True, related_name="uploads", verbose_name=_("period")
    )
    state = models.CharField(_("state"), max_length=9, choices=UploadState, default=UploadState.PREVIEWED)
    versions = models.JSONField(_("versions seen"), default=dict, editable=False)
    uploaded_by = models.ForeignKey(
        Account, models.PROTECT, null=True, blank=True, related_name="uploads", verbose_name=_("uploaded by")
    )
    uploaded_at = models.DateTimeField(_("uploaded at"))

    objects = UploadQuerySet.as_manager()

    class Meta:
        verbose_name = _("upload")
        verbose_name_plural = _("uploads")
        ordering = ["-uploaded_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="upload_state_known",
                condition=Q(state__in=UploadState.values),
                violation_error_message=_("This state is not known."),
            ),
        ]

    def __str__(self) -> str:
        return self.name
