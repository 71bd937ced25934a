"""One unit's page: what it has promised, where it stands, and what it has handed in."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from dashboard import rows
from dashboard.frame import Frame
from dashboard.matrix import rows_of_unit, unit_count
from dashboard.overview import coverage_label, progress_label
from dashboard.rows import NarrativeGroup, NumberRow, Words
from dashboard.submissions import Due, due_badge, dues_of, dues_of_unit, lateness
from organisations.models import Organisation
from targets import formats
from targets.models import Period, ProgressNote
from targets.models.periods import quarter_name
from targets.rollup import RollUp
from targets.statuses import Badge, Count, count_statuses


@dataclass(frozen=True, slots=True)
class DueCell:
    """One quarter of one programme: the state, and how late, or until when there is time."""

    badge: Badge
    late: str
    is_late: bool


@dataclass(frozen=True, slots=True)
class DueRow:
    programme: str
    cells: tuple[DueCell, ...]


@dataclass(frozen=True, slots=True)
class ChildRow:
    """One unit below: how many of its judged commitments are on track, and what it has handed in."""

    name: str
    url: str
    on_track: str
    counts: tuple[Count, ...]
    approved: str
    late: str
    is_late: bool


@dataclass(frozen=True, slots=True)
class OrganisationPage:
    code: str
    name: str
    kind: str
    parent: str
    parent_url: str
    sentence: str
    counts: tuple[Count, ...]
    progress_label: str
    coverage_label: str
    numbers: tuple[NumberRow, ...]
    groups: tuple[NarrativeGroup, ...]
    quarters: tuple[str, ...]
    dues: tuple[DueRow, ...]
    children: tuple[ChildRow, ...]
    is_leaf: bool
    is_empty: bool


def build_organisation(frame: Frame, unit: Organisation) -> OrganisationPage:
    """Everything on the page, in a constant number of queries."""
    rolled = frame.roll_up(unit)
    numbers = tuple(rows.number_row(row, frame) for row in rolled.numbers)
    parent = unit.parent if unit.parent and frame.reaches(unit.parent) else None
    return OrganisationPage(
        code=unit.code,
        name=unit.name,
        kind=unit.get_kind_display(),
        parent=parent.short_name if parent else "",
        parent_url=frame.url("organisation", parent.code) if parent else "",
        sentence=_sentence(rolled),
        counts=count_statuses(row.verdict.status for row in rolled.numbers),
        progress_label=progress_label(frame),
        coverage_label=coverage_label(frame),
        numbers=numbers,
        groups=rows.narrative_groups(rolled.narratives, _latest_words(rolled, frame)),
        quarters=tuple(quarter_name(period.quarter) for period in _year(frame)),
        dues=_dues(rolled, frame) if not rolled.children else (),
        children=_children(rolled, frame),
        is_leaf=not rolled.children,
        is_empty=not rolled.numbers and not rolled.narratives,
    )


def _year(frame: Frame) -> list[Period]:
    return [period for period in frame.periods if period.year == frame.plan.year]


def _sentence(rolled: RollUp) -> str:
    good, judged = unit_count(rolled.numbers)
    return _("indicators: %(numbers)d, tasks: %(tasks)d; met or on pace: %(good)d of %(judged)d that can be judged") % {
        "numbers": len(rolled.numbers),
        "tasks": len(rolled.narratives),
        "good": good,
        "judged": judged,
    }


def _latest_words(rolled: RollUp, frame: Frame) -> dict[int, Words]:
    """The latest progress note of each milestone and duty, by commitment id; one query.

    Words are somebody's own, so beyond the scope they are also limited to what the account may read.
    """
    notes = (
        ProgressNote.objects.visible_to(frame.account)
        .filter(
            commitment__in=[row.commitment.pk for row in rolled.narratives],
            submission__organisation__path__startswith=rolled.organisation.path,
            submission__period__year=frame.plan.year,
            submission__period__quarter__lte=frame.period.quarter,
            submission__state__in=frame.scope.states,
        )
        .select_related("submission__organisation", "submission__period")
        .order_by("submission__period__quarter", "-submission__organisation__position")
    )
    return {note.commitment_id: _words(note, rolled.organisation) for note in notes}


def _words(note: ProgressNote, unit: Organisation) -> Words:
    submission = note.submission
    source = quarter_name(submission.period.quarter)
    if submission.organisation != unit:
        source = f"{submission.organisation.short_name} · {source}"
    return Words(source, note.progress, note.problems, note.next_steps)


def _dues(rolled: RollUp, frame: Frame) -> tuple[DueRow, ...]:
    by_period = dues_of_unit(rolled, _year(frame), frame.today)
    columns = list(by_period.items())
    programmes = [due.programme for due in columns[0][1]]
    return tuple(
        DueRow(programme.name, tuple(_due_cell(dues[index], frame) for _period, dues in columns))
        for index, programme in enumerate(programmes)
    )


def _due_cell(due: Due, frame: Frame) -> DueCell:
    return DueCell(due_badge(due, frame.today), lateness(due, frame.today), due.days_late > 0)


def _children(rolled: RollUp, frame: Frame) -> tuple[ChildRow, ...]:
    if not rolled.children:
        return ()
    dues = dues_of(rolled, frame.period, frame.today)
    return tuple(_child(unit, rolled, [due for due in dues if due.unit == unit], frame) for unit in rolled.children)


def _child(unit: Organisation, rolled: RollUp, dues: Sequence[Due], frame: Frame) -> ChildRow:
    own = rows_of_unit(rolled, unit)
    good, judged = unit_count(own)
    missing = [due for due in dues if due.is_missing]
    return ChildRow(
        name=unit.short_name,
        url=frame.url("organisation", unit.code),
        on_track=f"{good}/{judged}" if judged else formats.DASH,
        counts=count_statuses(row.verdict.status for row in own),
        approved=f"{sum(due.is_approved for due in dues)}/{len(dues)}",
        late=lateness(missing[0], frame.today) if missing else "",
        is_late=bool(missing) and missing[0].days_late > 0,
    )
