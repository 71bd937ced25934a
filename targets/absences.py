"""Who is missing behind a total: by name, for those who ask ("What counts" in docs/domain.md)."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from targets import amounts
from targets.rollup import FigureSource, RollUp


class Gap(NamedTuple):
    """A unit and a quarter without a figure in scope."""

    organisation: str
    quarter: int


@dataclass(frozen=True, slots=True)
class Absences:
    """The codes of a total's units that are missing at the quarter or carried forward, and earlier gaps."""

    missing: tuple[str, ...] = ()
    carried_forward: tuple[str, ...] = ()
    gaps: tuple[Gap, ...] = ()


def find_absences(rolled: RollUp) -> dict[tuple[int, str], Absences]:
    """Who is missing, carried forward, or has left a gap, for each row of the roll-up; one query.

    The keys are (commitment id, organisation code), for the rows of the organisation and of every unit below it.
    """
    rows = rolled.numbers
    source = FigureSource(
        rolled.plan, rolled.organisation, rolled.quarter, rolled.scope, [row.commitment for row in rows]
    )
    by_unit: dict[int, dict[str, dict[int, bool]]] = defaultdict(lambda: defaultdict(dict))
    for commitment, code, quarter, not_applicable in source.absences():
        by_unit[commitment][code][quarter] = bool(not_applicable)
    found: dict[tuple[int, str], Absences] = {}
    for row in rows:
        indicator = row.indicator
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
    gaps: tuple[Gap, ...] = ()
    if time_rule == amounts.SUM:
        gaps = tuple(
            Gap(code, before) for before, excused in sorted(quarters.items()) if before < quarter and not excused
        )
    return Absences((code,) if missing else (), (code,) if carried else (), gaps)
