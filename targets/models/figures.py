from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from targets import amounts
from targets.choices import Stage
from targets.models.fields import AmountField
from targets.models.plans import Commitment, Indicator
from targets.models.submissions import Submission
from targets.querysets import FigureQuerySet, ProgressNoteQuerySet


class Figure(models.Model):
    """What one unit reported for one indicator in one period. Not reported is no row at all; 0 is a reported zero.

    Unit and period are the submission's. Written by targets.domain.figures alone; where a value came from is said
    by its newest Revision.
    """

    submission = models.ForeignKey(Submission, models.CASCADE, related_name="figures", verbose_name=_("submission"))
    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="figures", verbose_name=_("indicator"))
    numerator = AmountField(_("number or numerator"), null=True, blank=True)
    denominator = AmountField(_("denominator"), null=True, blank=True)
    not_applicable = models.BooleanField(_("not applicable"), default=False)
    note = models.CharField(_("note"), max_length=500, blank=True)

    objects = FigureQuerySet.as_manager()

    class Meta:
        verbose_name = _("figure")
        verbose_name_plural = _("figures")
        constraints = [
            models.UniqueConstraint(
                fields=["submission", "indicator"],
                name="figure_once",
                violation_error_message=_("The submission already has a figure for this indicator."),
            ),
            models.CheckConstraint(
                name="figure_number_or_not_applicable",
                condition=Q(not_applicable=True, numerator__isnull=True, denominator__isnull=True) & ~Q(note="")
                | Q(not_applicable=False, numerator__isnull=False),
                violation_error_message=_("A figure has a number, or is not applicable and has a note saying why."),
            ),
            models.CheckConstraint(
                name="figure_denominator_positive",
                condition=Q(denominator__isnull=True) | Q(denominator__gt=0),
                violation_error_message=_("A denominator must be greater than 0."),
            ),
            models.CheckConstraint(
                name="figure_negative_has_note",
                condition=Q(numerator__isnull=True) | Q(numerator__gte=0) | ~Q(note=""),
                violation_error_message=_("A negative correction needs a note."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator.code} · {self.submission}"

    @property
    def amount(self) -> amounts.Amount | None:
        """The exact amount, None when not applicable."""
        return None if self.numerator is None else amounts.Amount(self.numerator, self.denominator)


class ProgressNote(models.Model):
    """What one unit says in one submission about one commitment, beside or instead of a number."""

    submission = models.ForeignKey(Submission, models.CASCADE, related_name="notes", verbose_name=_("submission"))
    commitment = models.ForeignKey(Commitment, models.PROTECT, related_name="notes", verbose_name=_("commitment"))
    stage = models.CharField(_("stage"), max_length=11, choices=Stage, blank=True)
    progress = models.TextField(_("progress"), blank=True)
    problems = models.TextField(_("problems"), blank=True)
    next_steps = models.TextField(_("next steps"), blank=True)

    objects = ProgressNoteQuerySet.as_manager()

    class Meta:
        verbose_name = _("progress note")
        verbose_name_plural = _("progress notes")
        constraints = [
            models.UniqueConstraint(
                fields=["submission", "commitment"],
                name="note_once",
                violation_error_message=_("The submission already has a note for this commitment."),
            ),
            models.CheckConstraint(
                name="note_stage_known",
                condition=Q(stage__in=[*Stage.values, ""]),
                violation_error_message=_("This stage is not known."),
            ),
            models.CheckConstraint(
                name="note_says_something",
                condition=~Q(stage="", progress="", problems="", next_steps=""),
                violation_error_message=_("A note without stage and words says nothing."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.commitment.code} · {self.submission}"
