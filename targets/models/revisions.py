"""The record: append-only. Database triggers refuse UPDATE and DELETE on its tables (migrations 0002 and 0007)."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from organisations.models import Account, Organisation
from targets.choices import Action, Origin, RevisionKind, SubmissionState
from targets.models.plans import Commitment, Indicator
from targets.models.submissions import Submission
from targets.models.uploads import Upload
from targets.querysets import RemarkQuerySet, RevisionQuerySet, TransitionQuerySet


class Revision(models.Model):
    """One change of a figure, note, target, explanation or piece of evidence: who, when, old, new, which way, why."""

    kind = models.CharField(_("what"), max_length=11, choices=RevisionKind)
    submission = models.ForeignKey(
        Submission, models.PROTECT, null=True, related_name="revisions", verbose_name=_("submission")
    )
    indicator = models.ForeignKey(
        Indicator, models.PROTECT, null=True, related_name="revisions", verbose_name=_("indicator")
    )
    commitment = models.ForeignKey(
        Commitment, models.PROTECT, null=True, related_name="revisions", verbose_name=_("commitment")
    )
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="revisions", verbose_name=_("organisation")
    )
    old = models.JSONField(_("old"), null=True)
    new = models.JSONField(_("new"), null=True)
    actor = models.ForeignKey(Account, models.PROTECT, null=True, related_name="revisions", verbose_name=_("who"))
    actor_name = models.CharField(_("name at the time"), max_length=130)
    at = models.DateTimeField(_("when"))
    origin = models.CharField(_("by which way"), max_length=7, choices=Origin)
    upload = models.ForeignKey(Upload, models.PROTECT, null=True, related_name="revisions", verbose_name=_("upload"))
    sheet = models.CharField(_("sheet"), max_length=100, blank=True)
    cell = models.CharField(_("cell"), max_length=12, blank=True)
    reason = models.TextField(_("reason"), blank=True)

    objects = RevisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("revision")
        verbose_name_plural = _("revisions")
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="revision_names_its_subject",
                condition=Q(
                    kind=RevisionKind.FIGURE, submission__isnull=False, indicator__isnull=False, commitment__isnull=True
                )
                | Q(
                    kind__in=[RevisionKind.NOTE, RevisionKind.EVIDENCE, RevisionKind.EXPLANATION],
                    submission__isnull=False,
                    indicator__isnull=True,
                    commitment__isnull=False,
                )
                | Q(
                    kind=RevisionKind.TARGET, submission__isnull=True, indicator__isnull=True, commitment__isnull=False
                ),
            ),
            models.CheckConstraint(name="revision_origin_known", condition=Q(origin__in=Origin.values)),
            models.CheckConstraint(name="revision_names_who", condition=~Q(actor_name="")),
        ]
        indexes = [models.Index(fields=["submission", "indicator", "-at"], name="revision_of_figure")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {timezone.localtime(self.at):%Y-%m-%d %H:%M}"


class Transition(models.Model):
    """One step of a submission through review: who moved it from which state to which, when, and why."""

    submission = models.ForeignKey(Submission, models.PROTECT, related_name="transitions", verbose_name=_("submission"))
    action = models.CharField(_("action"), max_length=8, choices=Action)
    from_state = models.CharField(_("from"), max_length=9, choices=SubmissionState)
    to_state = models.CharField(_("to"), max_length=9, choices=SubmissionState)
    round = models.PositiveSmallIntegerField(_("round"))
    actor = models.ForeignKey(Account, models.PROTECT, related_name="transitions", verbose_name=_("who"))
    actor_name = models.CharField(_("name at the time"), max_length=130)
    at = models.DateTimeField(_("when"))
    origin = models.CharField(_("by which way"), max_length=7, choices=Origin)
    reason = models.TextField(_("reason"), blank=True)

    objects = TransitionQuerySet.as_manager()

    class Meta:
        verbose_name = _("transition")
        verbose_name_plural = _("transitions")
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(name="transition_action_known", condition=Q(action__in=Action.values)),
            models.CheckConstraint(
                name="transition_sending_back_has_reason",
                condition=~Q(action__in=[Action.RETURN, Action.REOPEN]) | ~Q(reason=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_action_display()} · {self.submission}"


class Remark(models.Model):
    """What a reviewer or endorser says about one commitment when returning or reopening a submission."""

    transition = models.ForeignKey(Transition, models.PROTECT, related_name="remarks", verbose_name=_("transition"))
    commitment = models.ForeignKey(Commitment, models.PROTECT, related_name="remarks", verbose_name=_("commitment"))
    text = models.CharField(_("remark"), max_length=500)

    objects = RemarkQuerySet.as_manager()

    class Meta:
        verbose_name = _("remark")
        verbose_name_plural = _("remarks")
        constraints = [
            models.UniqueConstraint(
                fields=["transition", "commitment"],
                name="remark_once",
                violation_error_message=_("There is already a remark on this commitment."),
            ),
            models.CheckConstraint(
                name="remark_says_something",
                condition=~Q(text=""),
                violation_error_message=_("A remark without words says nothing."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.commitment.code} · {self.text}"
