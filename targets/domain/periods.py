"""Quarters: making a year's, opening, closing, and extending one unit's due day ("The submission's life")."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from organisations.history import sign
from organisations.models import Account, Organisation
from targets.amounts import QUARTERS
from targets.choices import PeriodState
from targets.models import DueDayExtension, Period, Plan, Submission, Target
from targets.problems import Problem, Refused

DUE_DAY = 10  # of the month after the quarter


@dataclass(frozen=True, slots=True)
class PeriodChange:
    """What has become of one quarter: whether its state and its due day changed, and how many drafts are new."""

    period: Period
    state_changed: bool = False
    due_day_changed: bool = False
    submissions: int = 0

    @property
    def is_change(self) -> bool:
        return self.state_changed or self.due_day_changed or self.submissions > 0

    def __str__(self) -> str:
        """What has been done, in a sentence, for who did it."""
        period = self.period
        values = {"period": period, "state": period.get_state_display(), "day": period.due_on}
        if not self.is_change:
            return _("%(period)s: %(state)s already, nothing has changed.") % values
        if period.state == PeriodState.CLOSED:
            return (
                _("%(period)s is closed: units can no longer fill in or submit. Opening it again undoes this.") % values
            )
        done = _("%(period)s is open, due on %(day)s.") % values
        new = ngettext("%(count)d submission is new.", "%(count)d submissions are new.", self.submissions)
        return _("%(done)s %(new)s") % {"done": done, "new": new % {"count": self.submissions}}


def create_periods(year: int, today: date | None = None) -> list[Period]:
    """The four quarters of a year, due on the 10th of the month after each; existing ones stay as they are.

    They are open, but with `today` those whose opening day has not come wait for it.
    """
    return [
        Period.objects.get_or_create(
            year=year,
            quarter=quarter,
            defaults={
                "opens_on": first,
                "due_on": first + timedelta(days=DUE_DAY - 1),
                "state": PeriodState.OPEN if today is None or first <= today else PeriodState.CLOSED,
            },
        )[0]
        for quarter in QUARTERS
        for first in [date(year + quarter // 4, quarter * 3 % 12 + 1, 1)]
    ]


@transaction.atomic
def create_submissions(year: int, only: Period | None = None) -> int:
    """An empty draft for every unit, programme and open period of the year (or `only` the one) where something is
    assigned; how many are new."""
    periods = [only] if only else list(Period.objects.filter(year=year, state=PeriodState.OPEN))
    assigned = set(
        Target.objects.reporting()
        .filter(commitment__plan__year=year, commitment__withdrawn=False)
        .values_list("organisation_id", "commitment__item__programme_id")
    )
    present = set(
        Submission.objects.filter(period__in=periods).values_list("organisation_id", "programme_id", "period_id")
    )
    absent = [
        Submission(organisation_id=unit, programme_id=programme, period=period)
        for period in periods
        for unit, programme in sorted(assigned)
        if (unit, programme, period.pk) not in present
    ]
    Submission.objects.bulk_create(absent, ignore_conflicts=True)
    return len(absent)


# ---- opening and closing


@transaction.atomic
def set_period_state(
    period: Period, state: PeriodState, *, actor: Account | None, due_on: date | None = None
) -> PeriodChange:
    """Opens or closes a quarter, with a new due day if one is given; done again, it changes nothing.

    By a plan manager, else PermissionDenied; `actor` None is the operator at the command line. Opening makes the
    drafts that are missing. Raises ValidationError where the due day does not fit.
    """
    if actor is not None and not actor.plan_manager:
        raise PermissionDenied(_("Only a plan manager opens and closes periods."))
    locked = Period.objects.select_for_update().get(pk=period.pk)
    due_on = due_on or locked.due_on
    state_changed, due_day_changed = locked.state != state, locked.due_on != due_on
    if state_changed or due_day_changed:
        locked.state, locked.due_on = state, due_on
        locked.full_clean()
        sign(locked, actor)
        locked.save()
        period.refresh_from_db()
    submissions = create_submissions(locked.year, locked) if state == PeriodState.OPEN else 0
    return PeriodChange(locked, state_changed, due_day_changed, submissions)


@transaction.atomic
def open_periods(
    codes: Sequence[str], *, today: date, actor: Account | None, due_on: date | None = None
) -> list[PeriodChange]:
    """Opens the quarters written 2020Q4, also those that a manager closed; makes a year's that has a plan and none.

    Raises Refused with every problem (nothing has changed then), and PermissionDenied.
    """
    problems, outcomes = [], []
    _create_missing_periods(today)
    for code in dict.fromkeys(codes):
        period = Period.objects.with_code(code).first()
        if period is None:
            problems.append(_unknown_period(code))
            continue
        try:
            outcomes.append(set_period_state(period, PeriodState.OPEN, actor=actor, due_on=due_on))
        except ValidationError as error:
            problems += [Problem("invalid", f"{code}: {message}") for message in error.messages]
    if problems:
        raise Refused(problems)
    return outcomes


@transaction.atomic
def open_begun_periods(today: date, *, actor: Account | None) -> list[PeriodChange]:
    """Opens every quarter whose opening day has come, for a daily timer; in those that are open it adds the drafts
    that are missing.

    A quarter that has been open before was closed by somebody on purpose, and stays closed.
    """
    _create_missing_periods(today)
    begun = Period.objects.filter(opens_on__lte=today)
    due = begun.filter(Q(state=PeriodState.OPEN) | Q(pk__in=begun.never_opened().values("pk")))
    return [set_period_state(period, PeriodState.OPEN, actor=actor) for period in due]


def _create_missing_periods(today: date) -> None:
    """The quarters of every year that has a plan; those whose opening day has not come wait for it."""
    years = set(Plan.objects.values_list("year", flat=True))
    for year in sorted(years):
        if Period.objects.filter(year=year).count() < len(QUARTERS):
            create_periods(year, today)


def _unknown_period(code: str) -> Problem:
    year = code.partition("Q")[0]
    if Period.objects.is_code(code):
        message = _("There is no plan for %(year)s, so %(code)s cannot be opened.") % {"year": year, "code": code}
        return Problem("no_plan", message)
    return Problem("unknown_period", _("There is no period %(code)s; write it like 2020Q3.") % {"code": code})


# ---- one unit's later day


def may_extend(actor: Account, period: Period, organisation: Organisation) -> bool:
    """Whether the account may give the unit a later day: a plan manager any, a reviewer those of own programmes."""
    if actor.plan_manager:
        return True
    return (
        actor.reviewer
        and _assignments(period, organisation).filter(commitment__item__programme__lead=actor.organisation_id).exists()
    )


def check_extension(period: Period, organisation: Organisation, due_on: date, *, actor: Account) -> None:
    """Raises what extend_due_day would raise for this person, unit and day."""
    if not may_extend(actor, period, organisation):
        raise PermissionDenied(_("Only the city extends due days, a department those of its own programmes."))
    if due_on <= period.due_on:
        message = _("An extension must be later than the due day %(day)s.")
        raise ValidationError(message % {"day": period.due_on})
    if not _assignments(period, organisation).exists():
        message = _("%(unit)s has nothing to report for %(period)s.")
        raise ValidationError(message % {"unit": organisation.name, "period": period})


@transaction.atomic
def extend_due_day(
    period: Period, organisation: Organisation, due_on: date, *, actor: Account, at: datetime, reason: str
) -> DueDayExtension:
    """Gives one unit until the end of `due_on`; by a plan manager, or by a reviewer of one of the unit's programmes,
    else PermissionDenied.

    Raises ValidationError without a reason, for a day that is not later, and for a unit that reports nothing.
    """
    check_extension(period, organisation, due_on, actor=actor)
    extension = DueDayExtension.objects.filter(period=period, organisation=organisation).first()
    extension = extension or DueDayExtension(period=period, organisation=organisation)
    extension.due_on, extension.reason = due_on, reason.strip()
    extension.granted_by, extension.granted_at = actor, at
    extension.full_clean()
    sign(extension, actor)
    extension.save()
    return extension


def _assignments(period: Period, organisation: Organisation) -> QuerySet[Target]:
    return Target.objects.reporting().filter(
        organisation=organisation, commitment__plan__year=period.year, commitment__withdrawn=False
    )
