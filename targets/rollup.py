"""From figures to progress: every commitment of a plan, for one unit and the units below it, at one quarter.

The database adds up the units that reported in the same quarters, so that a handful of rows stands for thousands of
units; the rules over time and over units are those of targets.amounts, the judgement that of targets.progress.
Nothing is stored: a roll-up takes a constant number of queries ("Over organisations", "What counts" in
docs/domain.md).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection

from organisations.models import Organisation
from targets import amounts, progress
from targets.amounts import Amount, Pattern, Series, Tally, add_series, series_of
from targets.choices import CommitmentKind, Scope, SubmissionState
from targets.models import Commitment, Indicator, Plan, Programme, Target
from targets.models.fields import AMOUNT_PLACES


@dataclass(frozen=True, slots=True)
class Progress:
    """One quantified commitment for one unit: the amounts at each quarter so far, and the verdict on the last.

    `units` are the units one level below (or every reporting unit) that the total is made of.
    `own[k − 1]` is what was reported for quarter k itself. `gap_count` is how many cells of earlier quarters a flow's
    sum lacks.
    """

    commitment: Commitment
    organisation: Organisation
    target: Target | None
    amounts: tuple[Amount | None, ...]
    own: tuple[Amount | None, ...]
    verdict: progress.Verdict
    tally: Tally
    gap_count: int
    units: tuple["Progress", ...] = ()

    @property
    def indicator(self) -> Indicator:
        return self.commitment.required_indicator

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
    `programmes` limits the commitments (None: all). Five queries, whatever the number of units.
    """
    commitments = list(Commitment.objects.for_plan(plan))
    if programmes is not None:
        wanted = {programme.pk for programme in programmes}
        commitments = [each for each in commitments if each.item.programme_id in wanted]
    source = FigureSource(plan, organisation, quarter, scope, commitments, every_unit)
    patterns, notes = source.patterns(), source.notes()
    codes: set[str] = set().union(*patterns.values(), *notes.values())
    groups = source.groups(codes)
    targets = source.targets(groups.values())
    numbers, narratives = [], []
    for commitment in commitments:
        part = _Part(commitment, organisation, quarter, groups, targets, today)
        if commitment.pk in patterns:
            numbers.append(part.progress(patterns[commitment.pk]))
        elif commitment.pk in notes:
            narratives.append(part.narrative(notes[commitment.pk]))
    children = tuple(sorted(groups.values(), key=lambda unit: (unit.position, unit.code)))
    return RollUp(plan, organisation, quarter, scope, children, tuple(numbers), tuple(narratives))


def progress_of(
    commitment: Commitment,
    unit: Organisation,
    target: Target | None,
    series: Series,
    units: tuple[Progress, ...] = (),
) -> Progress:
    """The series of a unit's amounts judged against its target, by the plan's limits."""
    indicator = commitment.required_indicator
    verdict = progress.judge(
        indicator.time_rule,
        [None if amount is None else amount.value(indicator.per) for amount in series.amounts],
        target.goal if target else None,
        commitment.plan.thresholds,
        is_ratio=indicator.is_ratio,
        not_applicable=series.excused,
    )
    return Progress(commitment, unit, target, series.amounts, series.own, verdict, series.tally, series.gaps, units)


@dataclass(frozen=True, slots=True)
class _Notes:
    """How many assigned units have the same latest stage, and how many of them said it at the quarter itself."""

    stage: str
    count: int
    fresh: int


@dataclass(frozen=True, slots=True)
class _Part:
    """One commitment's share of a roll-up."""

    commitment: Commitment
    organisation: Organisation
    quarter: int
    groups: Mapping[str, Organisation]
    targets: Mapping[tuple[int, int], Target]
    today: date

    def progress(self, patterns: Mapping[str, Sequence[Pattern]]) -> Progress:
        indicator = self.commitment.required_indicator
        series = {code: series_of(indicator.time_rule, each, self.quarter) for code, each in patterns.items()}
        units = tuple(self._progress(unit, series[unit.code]) for unit in self._below(series))
        return self._progress(self.organisation, add_series(list(series.values())), units)

    def narrative(self, notes: Mapping[str, Sequence[_Notes]]) -> Narrative:
        units = tuple(self._narrative(unit, notes[unit.code]) for unit in self._below(notes))
        return self._narrative(self.organisation, [note for group in notes.values() for note in group], units)

    def _below(self, codes: Iterable[str]) -> list[Organisation]:
        """The groups' units in the order of display; the organisation's own group ("") is no unit below it."""
        return sorted((self.groups[code] for code in codes if code), key=lambda unit: (unit.position, unit.code))

    def _progress(self, unit: Organisation, series: Series, units: tuple[Progress, ...] = ()) -> Progress:
        target = self.targets.get((self.commitment.pk, unit.pk))
        return progress_of(self.commitment, unit, target, series, units)

    def _narrative(self, unit: Organisation, notes: Sequence[_Notes], units: tuple[Narrative, ...] = ()) -> Narrative:
        stages: dict[str, int] = defaultdict(int)
        for note in notes:
            if note.stage:
                stages[note.stage] += note.count
        assigned, fresh = sum(note.count for note in notes), sum(note.fresh for note in notes)
        status = None
        if self.commitment.kind == CommitmentKind.MILESTONE:
            status = progress.milestone_status(stages, assigned, self.commitment.due_day, self.today)
        return Narrative(self.commitment, unit, dict(stages), assigned, fresh, status, units)


@dataclass(frozen=True, slots=True)
class FigureSource:
    """The queries of a roll-up. `grp` is the code of the child (or unit) of a row, "" for the unit itself."""

    plan: Plan
    organisation: Organisation
    quarter: int
    scope: Scope
    commitments: Sequence[Commitment]
    every_unit: bool = False

    def groups(self, codes: Iterable[str]) -> dict[str, Organisation]:
        return {unit.code: unit for unit in Organisation.objects.filter(code__in=[code for code in codes if code])}

    def targets(self, groups: Iterable[Organisation]) -> dict[tuple[int, int], Target]:
        """The rows with a number to reach, of the organisation and its groups."""
        known = {each.pk: each for each in self.commitments}
        rows = Target.objects.filter(
            commitment__in=known, organisation__in=[self.organisation, *groups], numerator__isnull=False
        )
        for row in (found := list(rows)):
            row.commitment = known[row.commitment_id]
        return {(row.commitment_id, row.organisation_id): row for row in found}

    def patterns(self) -> dict[int, dict[str, list[Pattern]]]:
        """The assigned units of each quantified commitment and group, added up where their quarters are alike.

        The inner table has a row per unit and indicator. `said` has a bit per quarter for a number, and above these
        one per quarter for 不适用.
        """
        quarters = range(1, self.quarter + 1)
        columns = [(f"{part[0]}{each}", part, each) for each in quarters for part in ("numerator", "denominator")]
        by_quarter = ", ".join(
            f"MAX(CASE WHEN p.quarter = {each} THEN f.{part} END) AS {name}" for name, part, each in columns
        )
        rows = self._rows(
            f"""
            , cell AS (
                SELECT s.organisation_id, f.indicator_id,
                       SUM(CASE WHEN f.not_applicable THEN 16 ELSE 1 END * (1 << (p.quarter - 1))) AS said,
                       MAX(CASE WHEN p.quarter = %(quarter)s AND s.state = %(approved)s AND NOT f.not_applicable
                           THEN 1 ELSE 0 END) AS approved,
                       {by_quarter}
                FROM targets_period p
                JOIN targets_submission s ON s.period_id = p.id
                JOIN targets_figure f ON f.submission_id = s.id
                WHERE p.year = %(year)s AND p.quarter <= %(quarter)s AND s.state IN %(states)s
                  AND s.organisation_id IN (SELECT id FROM unit)
                GROUP BY s.organisation_id, f.indicator_id
            )
            SELECT a.commitment_id, a.grp, cell.said, COUNT(*), SUM(cell.approved),
                   {", ".join(_exact_sum(f"cell.{name}") for name, _part, _quarter in columns)}
            FROM assigned a
            LEFT JOIN cell ON cell.organisation_id = a.organisation_id AND cell.indicator_id = a.indicator_id
            GROUP BY a.commitment_id, a.grp, cell.said
            """,  # noqa: S608  what is inserted are quarters and names of columns
            quantified=True,
        )
        patterns: dict[int, dict[str, list[Pattern]]] = defaultdict(lambda: defaultdict(list))
        for commitment, group, said, count, approved, *sums in rows:
            patterns[commitment][group].append(_pattern(said or 0, count, approved or 0, sums))
        return patterns

    def notes(self) -> dict[int, dict[str, list[_Notes]]]:
        """The assigned units of each milestone and standing duty, by group, counted by their latest stage in scope."""
        rows = self._rows(
            """
            , note AS (
                SELECT s.organisation_id, n.commitment_id, n.stage, p.quarter,
                       ROW_NUMBER() OVER (
                           PARTITION BY n.commitment_id, s.organisation_id ORDER BY p.quarter DESC
                       ) AS place
                FROM targets_period p
                JOIN targets_submission s ON s.period_id = p.id
                JOIN targets_progressnote n ON n.submission_id = s.id
                WHERE p.year = %(year)s AND p.quarter <= %(quarter)s AND s.state IN %(states)s
                  AND s.organisation_id IN (SELECT id FROM unit)
            )
            SELECT a.commitment_id, a.grp, note.stage, COUNT(*),
                   SUM(CASE WHEN note.quarter = %(quarter)s THEN 1 ELSE 0 END)
            FROM assigned a
            LEFT JOIN note ON note.organisation_id = a.organisation_id AND note.commitment_id = a.commitment_id
                 AND note.place = 1
            GROUP BY a.commitment_id, a.grp, note.stage
            """,
            quantified=False,
        )
        notes: dict[int, dict[str, list[_Notes]]] = defaultdict(lambda: defaultdict(list))
        for commitment, group, stage, count, fresh in rows:
            notes[commitment][group].append(_Notes(stage or "", count, fresh))
        return notes

    def absences(self) -> list[tuple[int, str, int, bool]]:
        """(commitment, unit code, quarter, not applicable) wherever an assigned unit has no number in scope."""
        return self._rows(
            """
            SELECT a.commitment_id, a.code, p.quarter, f.id IS NOT NULL
            FROM assigned a
            JOIN targets_indicator i ON i.id = a.indicator_id
            JOIN targets_period p ON p.year = %(year)s AND p.quarter <= %(quarter)s
            LEFT JOIN targets_submission s ON s.organisation_id = a.organisation_id
                 AND s.programme_id = i.programme_id AND s.period_id = p.id AND s.state IN %(states)s
            LEFT JOIN targets_figure f ON f.submission_id = s.id AND f.indicator_id = i.id
            WHERE f.id IS NULL OR f.not_applicable
            ORDER BY a.position, a.code, p.quarter
            """,
            quantified=True,
        )

    def _rows(self, sql: str, *, quantified: bool) -> list[Any]:
        """Runs the query over two tables that all of them need: the units below, and who is assigned what."""
        commitments = [each.pk for each in self.commitments if each.is_quantified == quantified]
        below = f"""
            WITH unit AS (
                SELECT id, code, position, {self._group_expression()} AS grp
                FROM organisations_organisation WHERE path LIKE %(prefix)s
            ), assigned AS (
                SELECT t.commitment_id, c.indicator_id, t.organisation_id, unit.grp, unit.code, unit.position
                FROM targets_target t
                JOIN targets_commitment c ON c.id = t.commitment_id
                JOIN unit ON unit.id = t.organisation_id
                WHERE t.reports AND t.commitment_id IN %(commitments)s
            )"""  # noqa: S608  the expression is one of three literals
        params: dict[str, Any] = {
            "prefix": self.organisation.path + "%",
            "own": self.organisation.path,
            "rest": len(self.organisation.path) + 1,
            "year": self.plan.year,
            "quarter": self.quarter,
            "approved": SubmissionState.APPROVED.value,
        }
        lists = {"states": self.scope.states, "commitments": commitments or [-1]}
        sql = below + sql
        for name, values in lists.items():
            names = {f"{name}_{index}": value for index, value in enumerate(values)}
            sql = sql.replace(f"%({name})s", "(" + ", ".join(f"%({each})s" for each in names) + ")")
            params |= names
        with connection.cursor() as cursor:
            cursor.execute(sql, params)
            rows: list[Any] = cursor.fetchall()
        return rows

    def _group_expression(self) -> str:
        if self.every_unit:
            return "CASE WHEN path = %(own)s THEN '' ELSE code END"
        if connection.vendor == "postgresql":
            return "split_part(substr(path, %(rest)s), '/', 1)"
        return (
            "CASE WHEN path = %(own)s THEN '' ELSE substr(path, %(rest)s, instr(substr(path, %(rest)s), '/') - 1) END"
        )


def _exact_sum(column: str) -> str:
    """SQL for an exact sum. SQLite adds doubles, so it is given whole ten-thousandths, which it adds as integers."""
    if connection.vendor == "postgresql":
        return f"SUM({column})"
    return f"SUM(CAST(ROUND({column} * 1e{AMOUNT_PLACES}) AS INTEGER))"


def _pattern(said: int, count: int, approved: int, sums: Sequence[Any]) -> Pattern:
    """`sums` holds numerator and denominator of each quarter in turn."""
    states, at = [], []
    for index in range(len(sums) // 2):
        numerator, denominator = sums[2 * index], sums[2 * index + 1]
        bit = 1 << index
        states.append(
            amounts.NUMBER if said & bit else amounts.NOT_APPLICABLE if said & (bit << 4) else amounts.NOT_REPORTED
        )
        at.append(None if numerator is None else Amount(_exact(numerator), _exact_or_none(denominator)))
    return Pattern(tuple(states), tuple(at), count, approved)


def _exact(number: Any) -> Decimal:
    return number if isinstance(number, Decimal) else Decimal(number).scaleb(-AMOUNT_PLACES)


def _exact_or_none(number: Any) -> Decimal | None:
    return None if number is None else _exact(number)
