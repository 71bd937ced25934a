"""The decomposition as a grid, commitments × units: what stands in it, what was typed into it, how it balances."""

import re
from collections import defaultdict
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property

from django.db.models import Q
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from organisations.models import Organisation
from targets import balances, formats
from targets.choices import RevisionKind
from targets.domain.decomposition import STALE, TargetEntry, newest_changes, number_faults
from targets.domain.splitting import Proposal
from targets.models import Commitment, Indicator, Plan, Programme, Revision, Target
from targets.problems import Place, Problem
from targets.progress import is_divided
from targets.sheets.cells import BLANKS
from targets.sheets.goals import goal_parts, goal_text, read_goal
from targets.sheets.values import Bad

TEXT, BASE = "t:", "b:"  # what the fields of a cell begin with: what was typed, and what it is based on


@dataclass(frozen=True)
class Cell:
    """One unit's target for one commitment, as an input.

    `text` is what stands in it, `shown` what stood there when the page was made, and `version` the change that the
    page was made after: the last two come back with what was typed, so that nobody's change is overwritten unseen.
    `newest` is the last change by now.
    """

    target: Target
    newest: int
    version: int
    shown: str
    text: str
    problems: tuple[Problem, ...] = ()

    @property
    def name(self) -> str:
        return f"{self.target.commitment.code}:{self.target.organisation.code}"

    @property
    def base(self) -> str:
        return f"{self.version}:{self.shown}"

    @property
    def label(self) -> str:
        return f"{self.target.commitment.code} · {self.target.organisation.short_name}"

    @property
    def indicator(self) -> Indicator:
        return self.target.commitment.required_indicator

    @cached_property
    def value(self) -> Fraction | None | Bad:
        """What the text says; what no unit can have to reach is as bad as what cannot be read."""
        value = read_goal(self.text, self.indicator)
        faults = number_faults(value, self.target.commitment) if isinstance(value, Fraction) else ()
        return next((Bad(code, message) for code, message in faults), value)

    @cached_property
    def is_changed(self) -> bool:
        """Whether something else was typed than stood there, however it is written."""
        return self.text != self.shown and self.value != read_goal(self.shown, self.indicator)

    @property
    def theirs(self) -> str:
        """What somebody else has put there in the meantime, for the page to show beside what was typed."""
        if all(problem.code != STALE for problem in self.problems):
            return ""
        return self.shown or formats.DASH


@dataclass(frozen=True)
class Row:
    """One commitment: the city's target, a cell for each unit (None where it reports nothing), the last change."""

    commitment: Commitment
    city: Target | None
    cells: tuple[Cell | None, ...]
    last: Revision | None

    @property
    def inputs(self) -> list[Cell]:
        return [cell for cell in self.cells if cell]

    @property
    def units(self) -> list[Organisation]:
        return [cell.target.organisation for cell in self.inputs]

    @property
    def is_divided(self) -> bool:
        indicator = self.commitment.required_indicator
        return is_divided(indicator.time_rule, is_ratio=indicator.is_ratio)

    @property
    def city_text(self) -> str:
        indicator, goal = self.commitment.required_indicator, self.city.value if self.city else None
        return formats.DASH if goal is None else formats.with_unit(indicator, formats.target(indicator, goal))

    @property
    def balance(self) -> balances.Balance:
        parts = {}
        for cell in self.inputs:
            if isinstance(cell.value, Bad):
                return balances.unreadable()
            parts[cell.target.organisation.short_name] = cell.value
        return balances.balance_of(self.city, parts)

    @property
    def record_url(self) -> str:
        """The record of this commitment's targets."""
        found = {"commitment__id__exact": str(self.commitment.pk), "kind__exact": RevisionKind.TARGET.value}
        return f"{reverse('admin:targets_revision_changelist')}?{urlencode(found)}"

    @property
    def last_when(self) -> str:
        return formats.day_and_time(self.last.at) if self.last else ""


@dataclass(frozen=True, slots=True)
class Remark:
    """A problem as the page lists it: the name of the cell to go to ("" for none), what it is called, what is wrong."""

    name: str
    label: str
    message: str


@dataclass(frozen=True)
class Grid:
    """The quantified commitments of a programme that units report; `remarks` are all problems in the page's order."""

    units: tuple[Organisation, ...]
    rows: tuple[Row, ...]
    strangers: tuple[Problem, ...] = ()
    remarks: tuple[Remark, ...] = ()

    @property
    def cells(self) -> Iterator[Cell]:
        return (cell for row in self.rows for cell in row.inputs)

    @property
    def changed(self) -> list[Cell]:
        return [cell for cell in self.cells if cell.is_changed]

    @property
    def entries(self) -> list[TargetEntry]:
        """What was typed and can be read, for set_targets."""
        return [_entry(cell, cell.value) for cell in self.changed if not isinstance(cell.value, Bad)]

    @property
    def faults(self) -> list[Problem]:
        """What was typed and cannot be read, and what was typed for a cell that is no more."""
        faults = [
            Problem(cell.value.code, cell.value.message, Place(cell=cell.name), cell.text)
            for cell in self.changed
            if isinstance(cell.value, Bad)
        ]
        return [*faults, *self.strangers]

    def row(self, code: str) -> Row | None:
        return next((row for row in self.rows if row.commitment.code == code), None)

    def typed(self, data: Mapping[str, str]) -> "Grid":
        """The grid with what a form says in it; a cell that was not touched keeps what the database holds now."""
        grid = self._with(lambda cell: _typed(cell, data))
        return replace(grid, strangers=tuple(_strangers(data, {cell.name for cell in self.cells})))

    def proposed(self, row: Row, proposal: Proposal) -> "Grid":
        """The grid with a proposal in the inputs of one of its rows."""
        texts = {
            cell.name: goal_text(part, cell.indicator) for cell, part in zip(row.inputs, proposal.parts, strict=True)
        }
        return self._with(lambda cell: replace(cell, text=texts.get(cell.name, cell.text)))

    def refused(self, problems: Sequence[Problem]) -> "Grid":
        """The grid after a refusal of what is typed in it: each problem at its cell, and all of them as a list.

        Where somebody else was faster the cell is based on their change from now on: who saves again, means it.
        """
        own: dict[str, list[Problem]] = defaultdict(list)
        for problem in problems:
            own[problem.place.cell].append(problem)
        labels = {cell.name: cell.label for cell in self.cells}
        remarks = [
            Remark(place if place in labels else "", labels.get(place, ""), problem.message)
            for problem in problems
            for place in [problem.place.cell]
        ]
        return replace(self._with(lambda cell: _refused(cell, own[cell.name])), remarks=tuple(remarks))

    def _with(self, change: Callable[[Cell], Cell]) -> "Grid":
        rows = (replace(row, cells=tuple(change(cell) if cell else None for cell in row.cells)) for row in self.rows)
        return replace(self, rows=tuple(rows))


def load_grid(plan: Plan, programme: Programme) -> Grid:
    """The grid as the database holds it; three queries, whatever its size."""
    commitments = list(Commitment.objects.for_plan(plan).quantified().filter(item__programme=programme))
    newest = newest_changes(commitments)  # first: a change that comes now is newer than what the page says
    issuer = plan.issuer_id
    targets = Target.objects.filter(Q(reports=True) | Q(organisation=issuer), commitment__in=commitments)
    known = {each.pk: each for each in commitments}
    cities: dict[int, Target] = {}
    cells: dict[int, dict[Organisation, Cell]] = defaultdict(dict)
    for target in targets.select_related("organisation"):
        target.commitment = commitment = known[target.commitment_id]
        if target.organisation_id == issuer:
            cities[commitment.pk] = target
        else:
            cells[commitment.pk][target.organisation] = _stored(target, newest)
    units = sorted({unit for each in cells.values() for unit in each}, key=lambda unit: (unit.position, unit.code))
    rows = [
        Row(
            commitment,
            cities.get(commitment.pk),
            tuple(cells[commitment.pk].get(unit) for unit in units),
            _last([change for (code, _unit), change in newest.items() if code == commitment.code]),
        )
        for commitment in commitments
        if commitment.pk in cells
    ]
    return Grid(tuple(units), tuple(rows))


def _stored(target: Target, newest: Mapping[tuple[str, str], Revision]) -> Cell:
    change = newest.get((target.commitment.code, target.organisation.code))
    version = change.pk if change else 0
    text = goal_text(target.value, target.commitment.required_indicator)
    return Cell(target, version, version, text, text)


def _last(changes: Sequence[Revision]) -> Revision | None:
    return max(changes, key=lambda change: change.pk, default=None)


def _typed(cell: Cell, data: Mapping[str, str]) -> Cell:
    if TEXT + cell.name not in data:
        return cell
    version, _mark, shown = data.get(BASE + cell.name, "").partition(":")
    typed = replace(cell, version=_number(version), shown=shown, text=data[TEXT + cell.name].strip(BLANKS))
    return typed if typed.is_changed else cell


def _number(text: str) -> int:
    """A version as it comes back; what is none is older than any change."""
    return int(text) if re.fullmatch(r"[0-9]{1,18}", text) else 0


def _strangers(data: Mapping[str, str], names: Container[str]) -> Iterator[Problem]:
    """What was typed for units that have been taken out since the page was made."""
    for field, text in data.items():
        name = field.removeprefix(TEXT)
        if name == field or name in names:
            continue
        _version, _mark, shown = data.get(BASE + name, "").partition(":")
        if text.strip(BLANKS) != shown:
            message = _("“%(found)s” for %(cell)s cannot be kept: the unit does not report this any more.")
            yield Problem("not_reporting", message % {"found": text, "cell": name}, Place(cell=name), text)


def _entry(cell: Cell, value: Fraction | None) -> TargetEntry:
    target, (numerator, denominator) = cell.target, (None, None) if value is None else goal_parts(value)
    return TargetEntry(
        target.commitment.code,
        target.organisation.code,
        numerator,
        denominator,
        None if value is None else target.baseline,  # which is the way to a number, and gone with it
        place=Place(cell=cell.name),
        based_on=cell.version,
    )


def _refused(cell: Cell, problems: Sequence[Problem]) -> Cell:
    cell = replace(cell, problems=tuple(problems))
    if any(problem.code == STALE for problem in problems):
        stored = goal_text(cell.target.value, cell.indicator)
        return replace(cell, version=cell.newest, shown=stored)
    return cell
