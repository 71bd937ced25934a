"""Quarters: making a year's, opening, closing, and extending one unit's due day."""

from datetime import date, datetime, timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from organisations.models import Account, Organisation
from targets.amounts import QUARTERS
from targets.choices import PeriodState
from targets.models import DueDayExtension, Period, Submission, Target

DUE_DAY = 10  # of the month after the quarter


def create_periods(year: int) -> list[Period]:
    """The four quarters of a year, open, due on the 10th of the month after each; existing ones stay as they are."""
    return [
        Period.objects.get_or_create(
            year=year, quarter=quarter, defaults={"opens_on": first, "due_on": first + timedelta(days=DUE_DAY - 1)}
        )[0]
        for quarter in QUARTERS
        for first in [date(year + quarter // 4, quarter * 3 % 12 + 1, 1)]
    ]


@transaction.atomic
def create_submissions(year: int) -> int:
    """An empty draft for every unit, programme and period of the year where something is assigned; how many are new."""
    periods = list(Period.objects.filter(year=year, state=PeriodState.OPEN))
    assigned = set(
        Target.objects.reporting()
        .filter(commitment__plan__year=year)
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


@transaction.atomic
def set_period_state(period: Period, state: PeriodState, *, actor: Account) -> None:
    """Opens or closes a quarter; by a plan manager, else PermissionDenied. Opening makes the drafts that are due."""
    if not actor.plan_manager:
        raise PermissionDenied(_("Only a plan manager opens and closes periods."))
    if period.state == state:
        return
    period.state = state
    period.full_clean()
    period.save()
    if state == PeriodState.OPEN:
        create_submissions(period.year)


@transaction.atomic
def extend_due_day(
    period: Period, organisation: Organisation, due_on: date, *, actor: Account, at: datetime, reason: str
) -> DueDayExtension:
    """Gives one unit until the end of `due_on`; by a plan manager or a reviewer, else PermissionDenied.

    Raises ValidationError without a reason.
    """
    if not (actor.plan_manager or actor.reviewer):
        raise PermissionDenied(_("Only the city extends due days."))
    extension = DueDayExtension.objects.filter(period=period, organisation=organisation).first()
    extension = extension or DueDayExtension(period=period, organisation=organisation)
    extension.due_on, extension.reason = due_on, reason.strip()
    extension.granted_by, extension.granted_at = actor, at
    extension.full_clean()
    extension.save()
    return extension
