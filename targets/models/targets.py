from fractions import Fraction

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from organisations.models import Organisation
from targets import progress
from targets.models.fields import AmountField
from targets.models.plans import Commitment
from targets.querysets import TargetQuerySet


class Target(models.Model):
    """What one organisation has to reach for one commitment; without a value the unit only reports.

    The city's row is the plan's promise, the rows of the units below are its decomposition. `reports` marks the
    units that report the commitment themselves: all of one level of the tree, so that nothing is counted twice.
    The value is numerator ÷ denominator in the indicator's unit, so that 100/3 is exact.
    """

    commitment = models.ForeignKey(Commitment, models.PROTECT, related_name="targets", verbose_name=_("commitment"))
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="targets", verbose_name=_("organisation")
    )
    reports = models.BooleanField(_("reports"))
    numerator = AmountField(_("target"), null=True, blank=True)
    denominator = AmountField(_("divided by"), null=True, blank=True)
    baseline = AmountField(_("baseline"), null=True, blank=True)

    objects = TargetQuerySet.as_manager()

    class Meta:
        verbose_name = _("target")
        verbose_name_plural = _("targets")
        ordering = ["commitment", "organisation"]
        constraints = [
            models.UniqueConstraint(
                fields=["commitment", "organisation"],
                name="target_once",
                violation_error_message=_("The unit already has a target for this commitment."),
            ),
            models.CheckConstraint(
                name="target_denominator_positive",
                condition=Q(denominator__isnull=True) | Q(denominator__gt=0, numerator__isnull=False),
                violation_error_message=_(
                    "The divisor of a target must be greater than 0, and needs a number above it."
                ),
            ),
            models.CheckConstraint(
                name="target_not_negative",
                condition=Q(numerator__isnull=True) | Q(numerator__gte=0),
                violation_error_message=_("A target cannot be negative."),
            ),
            models.CheckConstraint(
                name="target_baseline_with_value",
                condition=Q(baseline__isnull=True) | Q(numerator__isnull=False),
                violation_error_message=_("A baseline needs a target."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.commitment.code} · {self.organisation}"

    @property
    def value(self) -> Fraction | None:
        """The exact number to reach, in the indicator's unit; None when the unit only reports."""
        if self.numerator is None:
            return None
        value = Fraction(self.numerator)
        return value if self.denominator is None else value / Fraction(self.denominator)

    @property
    def goal(self) -> progress.Goal | None:
        """The goal with the commitment's comparator and pace; None when the unit only reports."""
        value = self.value
        if value is None:
            return None
        commitment = self.commitment
        return progress.Goal(
            value, commitment.comparator, Fraction(self.baseline or 0), commitment.pace, commitment.curve
        )
