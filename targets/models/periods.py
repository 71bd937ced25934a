from collections.abc import Callable, Iterable
from datetime import date

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from organisations.history import Records
from organisations.models import Account, Organisation
from targets.choices import PeriodState
from targets.querysets import DueDayExtensionQuerySet, PeriodQuerySet


def quarter_name(quarter: int) -> str:
    """A quarter as pages name it: 三季度."""
    return str((_("Q1"), _("Q2"), _("Q3"), _("Q4"))[quarter - 1])


class Period(models.Model):
    """One quarter of a year for which units report."""

    year = models.PositiveSmallIntegerField(_("year"), validators=[MinValueValidator(2000), MaxValueValidator(2100)])
    quarter = models.PositiveSmallIntegerField(_("quarter"), validators=[MinValueValidator(1), MaxValueValidator(4)])
    opens_on = models.DateField(
        _("opens on"), help_text=_("When the units are asked to begin; whether they can is the state alone.")
    )
    due_on = models.DateField(_("due on"))
    state = models.CharField(_("state"), max_length=6, choices=PeriodState, default=PeriodState.OPEN)

    objects = PeriodQuerySet.as_manager()
    history = Records()

    class Meta:
        verbose_name = _("period")
        verbose_name_plural = _("periods")
        ordering = ["year", "quarter"]
        constraints = [
            models.UniqueConstraint(
                fields=["year", "quarter"],
                name="period_once",
                violation_error_message=_("This quarter already exists."),
            ),
            models.CheckConstraint(
                name="period_quarter_known",
                condition=Q(quarter__gte=1, quarter__lte=4),
                violation_error_message=_("A quarter is 1, 2, 3 or 4."),
            ),
            models.CheckConstraint(
                name="period_state_known",
                condition=Q(state__in=PeriodState.values),
                violation_error_message=_("A period is open or closed."),
            ),
            models.CheckConstraint(
                name="period_due_after_opening",
                condition=Q(due_on__gte=F("opens_on")),
                violation_error_message=_("The due day must not lie before the opening day."),
            ),
        ]

    def __str__(self) -> str:
        return _("%(quarter)s of %(year)d") % {"year": self.year, "quarter": quarter_name(self.quarter)}

    @property
    def code(self) -> str:
        """As in addresses and files: 2020Q3."""
        return f"{self.year}Q{self.quarter}"


class DueDayExtension(models.Model):
    """One unit's later due day for one period, granted by the city with a reason."""

    period = models.ForeignKey(Period, models.CASCADE, related_name="extensions", verbose_name=_("period"))
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="extensions", verbose_name=_("organisation")
    )
    due_on = models.DateField(_("due on"))
    reason = models.CharField(_("reason"), max_length=200)
    granted_by = models.ForeignKey(Account, models.PROTECT, related_name="+", verbose_name=_("granted by"))
    granted_at = models.DateTimeField(_("granted at"))

    objects = DueDayExtensionQuerySet.as_manager()
    history = Records()

    class Meta:
        verbose_name = _("extension of the due day")
        verbose_name_plural = _("extensions of the due day")
        constraints = [
            models.UniqueConstraint(
                fields=["period", "organisation"],
                name="extension_once",
                violation_error_message=_("The unit already has an extension for this period."),
            ),
            models.CheckConstraint(
                name="extension_has_reason",
                condition=~Q(reason=""),
                violation_error_message=_("An extension needs a reason."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} · {self.period} → {self.due_on}"


def is_open(period: Period, extended_to: date | None, today: date) -> bool:
    """Whether a unit may still fill in and submit: the period is open, or the unit's extension has not run out."""
    return period.state == PeriodState.OPEN or (extended_to is not None and today <= extended_to)


def due_day(period: Period, extended_to: date | None) -> date:
    """Until when a unit has time: the period's due day, or the unit's own where that is later.

    The period's may have been moved after the unit had been given a later one.
    """
    return period.due_on if extended_to is None else max(period.due_on, extended_to)


def latest(periods: Iterable[Period], has_come: Callable[[Period], bool]) -> Period | None:
    """The last of the periods, in the order of time, that has come; before any has, the first; None without any."""
    ordered = list(periods)
    return next((period for period in reversed(ordered) if has_come(period)), ordered[0] if ordered else None)


def current_period(periods: Iterable[Period], today: date) -> Period | None:
    """The latest whose opening day has come: the one that units are working on."""
    return latest(periods, lambda period: period.opens_on <= today)
