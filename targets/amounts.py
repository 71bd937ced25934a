"""Exact amounts and how they add up over units and over the quarters of a year.

Pure: no Django, no database, no clock. The rules are those of "Amounts" in docs/domain.md.
Decimals come in; a quotient is a Fraction, so that comparing it with a target such as 100/3 is exact.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

QUARTERS = (1, 2, 3, 4)

# How an indicator adds up over the year (`Indicator.time_rule`).
SUM = "sum"  # a flow: the year's quarters so far are added
LATEST = "latest"  # a stock: each unit's latest level, carried forward over quarters it did not report
EVERY = "every"  # each quarter stands for itself


@dataclass(frozen=True, slots=True)
class Amount:
    """A numerator and, for ratios, a denominator; both exact, in the indicator's own units."""

    numerator: Decimal
    denominator: Decimal | None = None

    def __add__(self, other: "Amount") -> "Amount":
        if (self.denominator is None) != (other.denominator is None):
            raise ValueError("a ratio and a plain number cannot be added")
        if self.denominator is None or other.denominator is None:
            return Amount(self.numerator + other.numerator)
        return Amount(self.numerator + other.numerator, self.denominator + other.denominator)

    def value(self, per: Decimal = Decimal(1)) -> Fraction | None:
        """numerator ÷ denominator × per, exact; a plain number is its own value; None when Σ denominators is 0."""
        if self.denominator is None:
            return Fraction(self.numerator)
        if self.denominator == 0:
            return None
        above, below = self.numerator.as_integer_ratio(), self.denominator.as_integer_ratio()
        factor = per.as_integer_ratio()
        return Fraction(above[0] * below[1] * factor[0], above[1] * below[0] * factor[1])


def total(amounts: Iterable[Amount | None]) -> Amount | None:
    """The sum of the amounts that there are, numerators and denominators each; None of none ("Over organisations")."""
    result: Amount | None = None
    for amount in amounts:
        if amount is not None:
            result = amount if result is None else result + amount
    return result


# What an assigned unit has said for one quarter; the three states of a cell.
NUMBER, NOT_APPLICABLE, NOT_REPORTED = "number", "not_applicable", "not_reported"


@dataclass(frozen=True, slots=True)
class Pattern:
    """Assigned units that reported in the same quarters, added together.

    `states` and `amounts` have one place for each quarter so far; an amount is None where the state is no number.
    `count` units are in it, `approved` of them with an approved number at the last of these quarters.
    """

    states: tuple[str, ...]
    amounts: tuple[Amount | None, ...]
    count: int = 1
    approved: int = 0

    def latest(self, quarter: int) -> int | None:
        """The latest quarter up to the given one in which the units said anything."""
        return next((each for each in range(quarter, 0, -1) if self.states[each - 1] != NOT_REPORTED), None)

    def amount_at(self, time_rule: str, quarter: int) -> Amount | None:
        """The units' amount at a quarter by the indicator's time rule ("Over time")."""
        if time_rule == SUM:
            return total(self.amounts[:quarter])
        if time_rule == LATEST:
            latest = self.latest(quarter)
            return None if latest is None else self.amounts[latest - 1]
        return self.amounts[quarter - 1]


@dataclass(frozen=True, slots=True)
class Tally:
    """How many assigned units a total rests on at one quarter ("What counts")."""

    assigned: int = 0
    reported: int = 0
    approved: int = 0
    not_applicable: int = 0
    carried_forward: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.assigned + other.assigned,
            self.reported + other.reported,
            self.approved + other.approved,
            self.not_applicable + other.not_applicable,
            self.carried_forward + other.carried_forward,
        )

    @property
    def missing(self) -> int:
        """Units with neither a number nor 不适用 at the quarter; those carried forward are among them."""
        return self.assigned - self.not_applicable - self.reported

    @property
    def expected(self) -> int:
        """Units that have something to measure: assigned less not applicable."""
        return self.assigned - self.not_applicable

    @property
    def completeness(self) -> Fraction | None:
        """reported ÷ (assigned − not applicable), None when nobody has anything to measure."""
        return Fraction(self.reported, self.expected) if self.expected else None


@dataclass(frozen=True, slots=True)
class Series:
    """The amounts of some units at each quarter so far, and what the last of them rests on.

    `own` are the amounts reported for each quarter itself. `excused[k − 1]`: at quarter k every unit said 不适用.
    `gaps` counts the cells of earlier quarters that a flow's sum lacks.
    """

    amounts: tuple[Amount | None, ...]
    own: tuple[Amount | None, ...]
    excused: tuple[bool, ...]
    tally: Tally
    gaps: int


def series_of(time_rule: str, patterns: Sequence[Pattern], quarters: int) -> Series:
    """The series of the units in the patterns, up to the quarter `quarters`."""
    last = range(1, quarters + 1)
    return Series(
        amounts=tuple(total(each.amount_at(time_rule, quarter) for each in patterns) for quarter in last),
        own=tuple(total(each.amounts[quarter - 1] for each in patterns) for quarter in last),
        excused=tuple(all(each.states[quarter - 1] == NOT_APPLICABLE for each in patterns) for quarter in last),
        tally=sum((_tally(time_rule, each, quarters) for each in patterns), Tally()),
        gaps=sum(each.count * each.states[:-1].count(NOT_REPORTED) for each in patterns) if time_rule == SUM else 0,
    )


def add_series(parts: Sequence[Series]) -> Series:
    """The series of several groups of units together; there must be at least one ("Over organisations")."""
    return Series(
        amounts=tuple(total(at) for at in zip(*(part.amounts for part in parts), strict=True)),
        own=tuple(total(at) for at in zip(*(part.own for part in parts), strict=True)),
        excused=tuple(all(at) for at in zip(*(part.excused for part in parts), strict=True)),
        tally=sum((part.tally for part in parts), Tally()),
        gaps=sum(part.gaps for part in parts),
    )


def _tally(time_rule: str, pattern: Pattern, quarter: int) -> Tally:
    state, count = pattern.states[quarter - 1], pattern.count
    latest = pattern.latest(quarter)
    carried = time_rule == LATEST and state == NOT_REPORTED and latest and pattern.states[latest - 1] == NUMBER
    return Tally(
        assigned=count,
        reported=count if state == NUMBER else 0,
        approved=pattern.approved,
        not_applicable=count if state == NOT_APPLICABLE else 0,
        carried_forward=count if carried else 0,
    )
