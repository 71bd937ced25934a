"""From figures to progress: every commitment of a plan, for one unit and the units below it, at one quarter.

The database says what was reported and until when it holds, added up by group of units; the rules over time and
over units are those of targets.amounts, the judgement that of targets.progress. Nothing is stored: a roll-up takes
a constant number of queries, whatever the number of units ("Over organisations", "What counts" in docs/domain.md).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection

from organisations.models import Organisation
from targets import amounts, progress
from targets.amounts import Amount, Cells, Tally
from targets.choices import CommitmentKind, Scope, SubmissionState
from targets.models import Commitment, Plan, Programme, Target
from targets.models.fields import AMOUNT_PLACES


class Gap(NamedTuple):
    """A unit and a quarter without a figure in scope."""

    organisation: str
    quarter: int


@dataclass(frozen=True, slots=True)
class Absences:
    """Which units of a total are missing at the quarter, which of them are carried forward, and earlier gaps; codes."""

    missing: tuple[str, ...] = ()
    carried_forward: tuple[str, ...] = ()
    gaps: tuple[Gap, ...] = ()


@dataclass(frozen=True, slots=True)
class Progress:
    """One quantified commitment for one unit: the amounts at each quarter so far, and the verdict on the last.

    `units` are the units one level below (or every reporting unit) that the total is made of.
    `gap_count` is how many cells of earlier quarters a flow's sum lacks.
    """

    commitment: Commitment
    organisation: Organisation
    target: Target | None
    amounts: tuple[Amount | None, ...]
    verdict: progress.Verdict
    tally: Tally
    gap_count: int
    units: tuple["Progress", ...] = ()

    @property
    def amount(self) -> Amount | None:
        return self.amounts[-1]

    @property
    def is_not_applicable(self) -> bool:
        """Whether every unit that the value would rest on has reported 不适用."""
        return self.amount is None and 0 < self.tally.assigned == self.tally.not_applicable


@dataclass(frozen=True, slots=True)
class Narrative:
    """One milestone or standing duty for one unit: how many units stand at which stage, and how fresh that is.

    `stages` counts the latest notes by stage, `reported` the units with a note at the quarter itself. A standing
    duty has no status ("Milestones and standing duties").
    """

    commitment: Commitment
    organisation: Organisation
    stages: Mapping[str, int]
    assigned: int
    reported: int
    status: progress.Status | None
    units: tuple["Narrative", ...] = ()


@dataclass(frozen=True, slots=True)
class RollUp:
    """A plan rolled up for one unit, quarter and scope; both lists in the plan's order."""

    plan: Plan
    organisation: Organisation
    quarter: int
    scope: Scope
    children: tuple[Organisation, ...]
    numbers: tuple[Progress, ...]
    narratives: tuple[Narrative, ...]


def roll_up(
    plan: Plan,
    organisation: Organisation,
    quarter: int,
    *,
    today: date,
    scope: Scope = Scope.APPROVED,
    programmes: Iterable[Programme] | None = None,
    every_unit: bool = False,
) -> RollUp:
    """The plan's commitments that the organisation or a unit below it reports, at the quarter of the plan's year.

    Each row is broken down by the organisation's direct children, or with `every_unit` by reporting unit.
    `programmes` limits the commitments (None: all). Six queries, whatever the number of units.
    """
    commitments = list(Commitment.objects.for_plan(plan))
    if programmes is not None:
        wanted = {programme.pk for programme in programmes}
        commitments = [each for each in commitments if each.item.programme_id in wanted]
    source = _Source(plan, organisation, quarter, scope, [each.pk for each in commitments], every_unit)
    assigned = source.assigned()
    groups = source.groups({code for codes in assigned.values() for code in codes})
    targets = source.targets(groups.values())
    cells, notes = source.cells(), source.notes()
    numbers, narratives = [], []
    for commitment in commitments:
        counts = assigned.get(commitment.pk)
        if not counts:
            continue
        part = _Part(plan, commitment, organisation, quarter, groups, targets, counts, today)
        if commitment.is_quantified:
            numbers.append(part.progress(cells[commitment.pk]))
        else:
            narratives.append(part.narrative(notes[commitment.pk]))
    children = tuple(sorted(groups.values(), key=lambda unit: (unit.position, unit.code)))
    return RollUp(plan, organisation, quarter, scope, children, tuple(numbers), tuple(narratives))


@dataclass(frozen=True, slots=True)
class _Note:
    """How many units have said the same stage at the same quarter, until which quarter."""

    quarter: int
    until: int | None
    stage: str
    count: int


@dataclass(frozen=True, slots=True)
class _Part:
    """One commitment's share of a roll-up."""

    plan: Plan
    commitment: Commitment
    organisation: Organisation
    quarter: int
    groups: Mapping[str, Organisation]
    targets: Mapping[tuple[int, int], Target]
    assigned: Mapping[str, int]
    today: date

    def progress(self, cells: Mapping[str, list[Cells]]) -> Progress:
        units = tuple(
            self._progress(self.groups[code], cells.get(code, []), count) for code, count in self._below()
        )
        everything = [cell for group in cells.values() for cell in group]
        return self._progress(self.organisation, everything, sum(self.assigned.values()), units)

    def narrative(self, notes: Mapping[str, list[_Note]]) -> Narrative:
        units = tuple(
            self._narrative(self.groups[code], notes.get(code, []), count) for code, count in self._below()
        )
        everything = [note for group in notes.values() for note in group]
        return self._narrative(self.organisation, everything, sum(self.assigned.values()), units)

    def _below(self) -> list[tuple[str, int]]:
        """The assigned groups in the order of display; the organisation's own group ("") is no unit below it."""
        below = [(code, count) for code, count in self.assigned.items() if code]
        return sorted(below, key=lambda pair: (self.groups[pair[0]].position, pair[0]))

    def _progress(
        self, unit: Organisation, cells: Sequence[Cells], assigned: int, units: tuple[Progress, ...] = ()
    ) -> Progress:
        indicator = self.commitment.indicator
        assert indicator is not None
        rule, quarters = indicator.time_rule, range(1, self.quarter + 1)
        target = self.targets.get((self.commitment.pk, unit.pk))
        at = tuple(amounts.amount_at(rule, cells, quarter) for quarter in quarters)
        tallies = [amounts.tally_at(rule, cells, assigned, quarter) for quarter in quarters]
        verdict = progress.judge(
            rule,
            [None if amount is None else amount.value(indicator.per) for amount in at],
            target.goal if target else None,
            self.plan.thresholds,
            is_ratio=indicator.is_ratio,
            not_applicable=[tally.not_applicable == tally.assigned for tally in tallies],
        )
        gaps = amounts.gap_count(cells, assigned, self.quarter) if rule == amounts.SUM else 0
        return Progress(self.commitment, unit, target, at, verdict, tallies[-1], gaps, units)

    def _narrative(
        self, unit: Organisation, notes: Sequence[_Note], assigned: int, units: tuple[Narrative, ...] = ()
    ) -> Narrative:
        stages: dict[str, int] = defaultdict(int)
        for note in notes:
            if note.stage and note.until is None:
                stages[note.stage] += note.count
        status = None
        if self.commitment.kind == CommitmentKind.MILESTONE:
            status = progress.milestone_status(stages, assigned, self.commitment.due_day, self.today)
        reported = sum(note.count for note in notes if note.quarter == self.quarter)
        return Narrative(self.commitment, unit, dict(stages), assigned, reported, status, units)


@dataclass(frozen=True, slots=True)
class _Source:
    """The queries of a roll-up. `group` is the code of the child (or unit) that a row belongs to, "" for the unit itself."""

    plan: Plan
    organisation: Organisation
    quarter: int
    scope: Scope
    commitment_ids: Sequence[int]
    every_unit: bool = False
    _params: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        params = {
            "prefix": self.organisation.path + "%",
            "own": self.organisation.path,
            "rest": len(self.organisation.path) + 1,
            "year": self.plan.year,
            "quarter": self.quarter,
            "states": tuple(self.scope.states),
            "approved": SubmissionState.APPROVED.value,
            "commitments": tuple(self.commitment_ids) or (None,),
        }
        object.__setattr__(self, "_params", params)

    def groups(self, codes: Iterable[str]) -> dict[str, Organisation]:
        return {
            unit.code: unit for unit in Organisation.objects.filter(code__in=[code for code in codes if code])
        }

    def targets(self, groups: Iterable[Organisation]) -> dict[tuple[int, int], Target]:
        rows = Target.objects.filter(
            commitment__in=self.commitment_ids, organisation__in=[self.organisation, *groups]
        ).select_related("commitment")
        return {(row.commitment_id, row.organisation_id): row for row in rows}

    def assigned(self) -> dict[int, dict[str, int]]:
        """How many units report each commitment, by group."""
        counts: dict[int, dict[str, int]] = defaultdict(dict)
        for commitment, group, count in self._rows(
            """
            SELECT t.commitment_id, unit.grp, COUNT(*)
            FROM targets_target t JOIN unit ON unit.id = t.organisation_id
            WHERE t.reports AND t.commitment_id IN %(commitments)s
            GROUP BY t.commitment_id, unit.grp
            """
        ):
            counts[commitment][group] = count
        return counts

    def cells(self) -> dict[int, dict[str, list[Cells]]]:
        """The figures in scope up to the quarter, added up where they stand for the same quarters."""
        rows = self._rows(
            f"""
            , cell AS (
                SELECT t.commitment_id, unit.grp, p.quarter, f.numerator, f.denominator, f.not_applicable,
                       CASE WHEN s.state = %(approved)s THEN 1 ELSE 0 END AS approved,
                       LEAD(p.quarter) OVER (PARTITION BY t.id ORDER BY p.quarter) AS until
                FROM targets_target t
                JOIN unit ON unit.id = t.organisation_id
                JOIN targets_commitment c ON c.id = t.commitment_id
                JOIN targets_indicator i ON i.id = c.indicator_id
                JOIN targets_period p ON p.year = %(year)s AND p.quarter <= %(quarter)s
                JOIN targets_submission s ON s.organisation_id = t.organisation_id
                     AND s.programme_id = i.programme_id AND s.period_id = p.id
                JOIN targets_figure f ON f.submission_id = s.id AND f.indicator_id = i.id
                WHERE t.reports AND t.commitment_id IN %(commitments)s AND s.state IN %(states)s
            )
            SELECT commitment_id, grp, quarter, until, not_applicable, {_exact_sum("numerator")},
                   {_exact_sum("denominator")}, COUNT(*), SUM(approved)
            FROM cell
            GROUP BY commitment_id, grp, quarter, until, not_applicable
            """  # noqa: S608  the only inserted text is _exact_sum of two literals
        )
        cells: dict[int, dict[str, list[Cells]]] = defaultdict(lambda: defaultdict(list))
        for (
            commitment,
            group,
            quarter,
            until,
            not_applicable,
            numerator,
            denominator,
            count,
            approved,
        ) in rows:
            amount = None if not_applicable else Amount(_exact(numerator), _exact_or_none(denominator))
            cells[commitment][group].append(Cells(quarter, until, amount, count, approved))
        return cells

    def notes(self) -> dict[int, dict[str, list[_Note]]]:
        """The progress notes in scope up to the quarter, counted by stage where they stand for the same quarters."""
        rows = self._rows(
            """
            , note AS (
                SELECT t.commitment_id, unit.grp, p.quarter, n.stage,
                       LEAD(p.quarter) OVER (PARTITION BY t.id ORDER BY p.quarter) AS until
                FROM targets_target t
                JOIN unit ON unit.id = t.organisation_id
                JOIN targets_commitment c ON c.id = t.commitment_id
                JOIN targets_progressnote n ON n.commitment_id = t.commitment_id
                JOIN targets_submission s ON s.id = n.submission_id AND s.organisation_id = t.organisation_id
                JOIN targets_period p ON p.id = s.period_id AND p.year = %(year)s AND p.quarter <= %(quarter)s
                WHERE t.reports AND c.indicator_id IS NULL
                  AND t.commitment_id IN %(commitments)s AND s.state IN %(states)s
            )
            SELECT commitment_id, grp, quarter, until, stage, COUNT(*)
            FROM note
            GROUP BY commitment_id, grp, quarter, until, stage
            """
        )
        notes: dict[int, dict[str, list[_Note]]] = defaultdict(lambda: defaultdict(list))
        for commitment, group, quarter, until, stage, count in rows:
            notes[commitment][group].append(_Note(quarter, until, stage, count))
        return notes

    def absences(self) -> list[tuple[int, str, int, bool]]:
        """(commitment, unit code, quarter, not applicable) wherever an assigned unit has no number in scope."""
        return self._rows(
            """
            SELECT t.commitment_id, o.code, p.quarter, f.id IS NOT NULL
            FROM targets_target t
            JOIN unit ON unit.id = t.organisation_id
            JOIN organisations_organisation o ON o.id = t.organisation_id
            JOIN targets_commitment c ON c.id = t.commitment_id
            JOIN targets_indicator i ON i.id = c.indicator_id
            JOIN targets_period p ON p.year = %(year)s AND p.quarter <= %(quarter)s
            LEFT JOIN targets_submission s ON s.organisation_id = t.organisation_id
                 AND s.programme_id = i.programme_id AND s.period_id = p.id AND s.state IN %(states)s
            LEFT JOIN targets_figure f ON f.submission_id = s.id AND f.indicator_id = i.id
            WHERE t.reports AND t.commitment_id IN %(commitments)s AND (f.id IS NULL OR f.not_applicable)
            ORDER BY o.position, o.code, p.quarter
            """
        )

    def _rows(self, sql: str) -> list[Any]:
        unit = f"""
            WITH unit AS (
                SELECT id, {self._group_expression()} AS grp
                FROM organisations_organisation WHERE path LIKE %(prefix)s
            )"""  # noqa: S608  the expression is one of three literals
        params = dict(self._params)
        for name in ("states", "commitments"):
            values = params.pop(name)
            names = [f"{name}{index}" for index in range(len(values))]
            sql = sql.replace(f"%({name})s", "(" + ", ".join(f"%({each})s" for each in names) + ")")
            params.update(zip(names, values, strict=True))
        with connection.cursor() as cursor:
            cursor.execute(unit + sql, params)
            return cursor.fetchall()

    def _group_expression(self) -> str:
        if self.every_unit:
            return "CASE WHEN path = %(own)s THEN '' ELSE code END"
        if connection.vendor == "postgresql":
            return "split_part(substr(path, %(rest)s), '/', 1)"
        return (
            "CASE WHEN path = %(own)s THEN '' "
            "ELSE substr(path, %(rest)s, instr(substr(path, %(rest)s), '/') - 1) END"
        )


def _exact_sum(column: str) -> str:
    """SQL for an exact sum. SQLite adds doubles, so it is given whole ten-thousandths, which it adds as integers."""
    if connection.vendor == "postgresql":
        return f"SUM({column})"
    return f"SUM(CAST(ROUND({column} * 1e{AMOUNT_PLACES}) AS INTEGER))"


def _exact(number: Any) -> Decimal:
    return number if isinstance(number, Decimal) else Decimal(number).scaleb(-AMOUNT_PLACES)


def _exact_or_none(number: Any) -> Decimal | None:
    return None if number is None else _exact(number)


def find_absences(rolled: RollUp) -> dict[tuple[int, str], Absences]:
    """Who is missing, carried forward, or has left a gap, for each row of the roll-up; one query.

    The keys are (commitment id, organisation code), for the rows of the organisation and of every unit below it.
    """
    rows = rolled.numbers
    source = _Source(
        rolled.plan, rolled.organisation, rolled.quarter, rolled.scope, [row.commitment.pk for row in rows]
    )
    by_unit: dict[int, dict[str, dict[int, bool]]] = defaultdict(lambda: defaultdict(dict))
    for commitment, code, quarter, not_applicable in source.absences():
        by_unit[commitment][code][quarter] = bool(not_applicable)
    found: dict[tuple[int, str], Absences] = {}
    for row in rows:
        indicator = row.commitment.indicator
        assert indicator is not None
        parts = []
        for code, quarters in by_unit[row.commitment.pk].items():
            part = _absences_of_unit(code, quarters, indicator.time_rule, rolled.quarter)
            found[row.commitment.pk, code] = part
            parts.append(part)
        found[row.commitment.pk, rolled.organisation.code] = Absences(
            tuple(code for part in parts for code in part.missing),
            tuple(code for part in parts for code in part.carried_forward),
            tuple(gap for part in parts for gap in part.gaps),
        )
    return found


def _absences_of_unit(code: str, quarters: Mapping[int, bool], time_rule: str, quarter: int) -> Absences:
    """`quarters` holds the quarters without a number: True for 不适用, False for not reported."""
    missing = quarters.get(quarter) is False
    carried = False
    if missing and time_rule == amounts.LATEST:
        said = [before for before in range(1, quarter) if quarters.get(before) is not False]
        carried = bool(said) and said[-1] not in quarters
    gaps = ()
    if time_rule == amounts.SUM:
        gaps = tuple(
            Gap(code, before)
            for before, excused in sorted(quarters.items())
            if before < quarter and not excused
        )
    return Absences((code,) if missing else (), (code,) if carried else (), gaps)
