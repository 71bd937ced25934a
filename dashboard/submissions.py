"""Who has handed in what, and how late: one line for each unit and programme that has anything to report.

Only states and times are read here, no figures: who sees a total may know which units it lacks.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import FilteredRelation, Q
from django.utils.translation import gettext as _

from dashboard.rows import both
from organisations.models import Organisation
from targets import formats, statuses
from targets.choices import SubmissionState
from targets.dues import late_text, sent_badge
from targets.models import Period, Programme, Submission
from targets.models.periods import due_day
from targets.progress import Status
from targets.rollup import Narrative, Progress, RollUp
from targets.statuses import Badge


@dataclass(frozen=True, slots=True)
class Due:
    """What one unit (with those below it) owes for one programme and period.

    `expected` units report, `sent` of them have handed in at least once, `approved` are approved. `state` is
    that of the submission that is least far, None without any. `days_late` is that of the latest unit,
    counted to `today` while one has not handed in.
    """

    unit: Organisation
    programme: Programme
    due_on: date
    expected: int
    sent: int
    approved: int
    state: SubmissionState | None
    days_late: int

    @property
    def is_missing(self) -> bool:
        return self.sent < self.expected

    @property
    def is_approved(self) -> bool:
        return self.approved >= self.expected


@dataclass(frozen=True, slots=True)
class _Envelope:
    path: str
    programme_id: int | None
    state: str | None
    first_submitted_at: datetime | None
    extended_to: date | None


def dues_of(rolled: RollUp, period: Period, today: date) -> list[Due]:
    """The dues of every unit one level below the roll-up's, in the order of display; one query."""
    envelopes = _envelopes(rolled.organisation, period)
    parts = [unit for row in both(rolled.numbers, rolled.narratives) for unit in row.units]
    return [
        _due(unit, programme, expected, _within(unit, envelopes), period, today)
        for unit, programme, expected in _owed(parts)
    ]


def dues_of_unit(rolled: RollUp, periods: Iterable[Period], today: date) -> dict[Period, list[Due]]:
    """The dues of the roll-up's own unit by period; one query for each period."""
    owed = _owed(both(rolled.numbers, rolled.narratives))
    dues = {}
    for period in periods:
        envelopes = _envelopes(rolled.organisation, period)
        dues[period] = [_due(unit, programme, count, envelopes, period, today) for unit, programme, count in owed]
    return dues


def _owed(rows: Sequence[Progress | Narrative]) -> list[tuple[Organisation, Programme, int]]:
    """Unit, programme, and how many units report there: as many as the widest commitment is assigned to."""
    counts: dict[tuple[Organisation, Programme], int] = defaultdict(int)
    for row in rows:
        assigned = row.tally.assigned if isinstance(row, Progress) else row.assigned
        key = row.organisation, row.commitment.item.programme
        counts[key] = max(counts[key], assigned)
    ordered = sorted(counts.items(), key=lambda pair: (pair[0][0].position, pair[0][0].code, pair[0][1].position))
    return [(unit, programme, count) for (unit, programme), count in ordered]


def _envelopes(top: Organisation, period: Period) -> list[_Envelope]:
    rows: Any = (
        Organisation.objects.below(top)
        .annotate(
            sent=FilteredRelation("submissions", condition=Q(submissions__period=period)),
            extended=FilteredRelation("extensions", condition=Q(extensions__period=period)),
        )
        .filter(Q(sent__isnull=False) | Q(extended__isnull=False))
        .values_list("path", "sent__programme", "sent__state", "sent__first_submitted_at", "extended__due_on")
    )
    return [_Envelope(*row) for row in rows]


def _within(unit: Organisation, envelopes: Iterable[_Envelope]) -> list[_Envelope]:
    return [envelope for envelope in envelopes if envelope.path.startswith(unit.path)]


def _due(
    unit: Organisation,
    programme: Programme,
    expected: int,
    envelopes: Sequence[_Envelope],
    period: Period,
    today: date,
) -> Due:
    own = [envelope for envelope in envelopes if envelope.programme_id == programme.pk]
    sent = [envelope for envelope in own if envelope.first_submitted_at]
    due_on = max((due_day(period, each.extended_to) for each in envelopes), default=period.due_on)
    days = [
        Submission(first_submitted_at=each.first_submitted_at).days_late(due_day(period, each.extended_to), today)
        for each in sent
    ]
    if len(sent) < expected:
        days.append(Submission().days_late(due_on, today))
    return Due(
        unit=unit,
        programme=programme,
        due_on=due_on,
        expected=expected,
        sent=len(sent),
        approved=sum(each.state == SubmissionState.APPROVED for each in own),
        state=next((state for state in SubmissionState if any(each.state == state for each in own)), None),
        days_late=max(days),
    )


def due_badge(due: Due, today: date) -> Badge:
    """How far the due has come."""
    if due.is_missing:
        return statuses.STATUS_BADGES[Status.MISSING] if today > due.due_on else statuses.NOT_DUE
    return sent_badge(SubmissionState.APPROVED if due.is_approved else due.state or SubmissionState.DRAFT)


def lateness(due: Due, today: date) -> str:
    """In words: how late, or until when there is time; "" when handed in within the time."""
    if due.days_late:
        return late_text(due.days_late)
    if due.is_missing and today <= due.due_on:
        return _("due on %(day)s") % {"day": formats.day(due.due_on)}
    return ""
