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
        """numerator ÷ denominator × per, exact; the numerator itself for a plain number; None when Σ denominators is 0."""
        if self.denominator is None:
            return Fraction(self.numerator)
        if self.denominator == 0:
            return None
        return Fraction(self.numerator) / Fraction(self.denominator) * Fraction(per)


def total(amounts: Iterable[Amount]) -> Amount | None:
    """The sum of the amounts, numerators and denominators each; None when there are none ("Over organisations")."""
    result: Amount | None = None
    for amount in amounts:
        result = amount if result is None else result + amount
    return result


@dataclass(frozen=True, slots=True)
class Cells:
    """What some units reported for one quarter and one indicator, added together.

    `until` is the quarter in which these units reported next (a number or 不适用), None when they did not:
    until then a stock is carried forward. `amount` is None when the units reported 不适用.
    `count` units stand in it, `approved` of them with an approved submission.
    """

    quarter: int
    until: int | None
    amount: Amount | None
    count: int = 1
    approved: int = 0

    def holds_at(self, quarter: int) -> bool:
        """Whether these are still the units' latest cells at the given quarter."""
        return self.quarter <= quarter and (self.until is None or self.until > quarter)


def amount_at(time_rule: str, cells: Sequence[Cells], quarter: int) -> Amount | None:
    """The amount at a quarter of the year by the indicator's time rule; None when nothing counts ("Over time")."""
    if time_rule == SUM:
        counted = (cell for cell in cells if cell.quarter <= quarter)
    elif time_rule == LATEST:
        counted = (cell for cell in cells if cell.holds_at(quarter))
    else:
        counted = (cell for cell in cells if cell.quarter == quarter)
    return total(cell.amount for cell in counted if cell.amount is not None)


@dataclass(frozen=True, slots=True)
class Tally:
    """How many assigned units a total rests on at one quarter ("What counts")."""

    assigned: int
    reported: int
    approved: int
    not_applicable: int
    carried_forward: int

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


def tally_at(time_rule: str, cells: Sequence[Cells], assigned: int, quarter: int) -> Tally:
    """Counts of the units at a quarter. Only a stock is carried forward."""
    now = [cell for cell in cells if cell.quarter == quarter]
    carried = (
        cell.count
        for cell in cells
        if time_rule == LATEST and cell.amount is not None and cell.quarter < quarter and cell.holds_at(quarter)
    )
    return Tally(
        assigned=assigned,
        reported=sum(cell.count for cell in now if cell.amount is not None),
        approved=sum(cell.approved for cell in now if cell.amount is not None),
        not_applicable=sum(cell.count for cell in now if cell.amount is None),
        carried_forward=sum(carried),
    )


def gap_count(cells: Sequence[Cells], assigned: int, quarter: int) -> int:
    """How many cells of the quarters before `quarter` are not reported: a flow's sum is short by them."""
    return assigned * (quarter - 1) - sum(cell.count for cell in cells if cell.quarter < quarter)
