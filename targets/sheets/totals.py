"""Rows of 合计, 小计, 总计 and 全市 in a long table: each must equal the sum of the rows that it covers."""

from bisect import bisect_left
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from targets.problems import Problem
from targets.sheets.amounts import Amount, read_amount
from targets.sheets.cells import is_blank, shown
from targets.sheets.columns import IDENTITY, NUMBERS, ORGANISATION, Field
from targets.sheets.figures import RowReading
from targets.sheets.names import NameIndex, Unknown
from targets.sheets.readings import State
from targets.sheets.rows import Row
from targets.sheets.subjects import read_subject

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Summary:
    """What some rows add up to, by indicator and period; `faulty` where one of them could not be read."""

    faulty: bool
    sums: dict[Key, tuple[Decimal, Decimal]]


def check_totals(totals: list[Row], readings: list[RowReading], index: NameIndex, period: str | None) -> list[Problem]:
    """Return a problem for each total that disagrees with its rows, or whose rows cannot be told."""
    numbers = [reading.row.number for reading in readings]
    subtotals = [total.number for total in totals if total.is_subtotal]
    summaries: dict[tuple[int, int], Summary] = {}
    problems = []
    for total in totals:
        if all(is_blank(total.cell(column)) for column in NUMBERS):
            continue
        start, end = _span(total, numbers, subtotals)
        if (start, end) not in summaries:
            summaries[start, end] = _summary(readings[start:end])
        problems.extend(_check(total, summaries[start, end], index, period))
    return problems


def _span(total: Row, numbers: list[int], subtotals: list[int]) -> tuple[int, int]:
    """Return which readings a total covers: all; a subtotal those since the last (a block of them shares)."""
    if not total.is_subtotal:
        return 0, len(numbers)
    end = bisect_left(numbers, total.number)
    before = bisect_left(subtotals, numbers[end - 1]) if end else 0
    return (bisect_left(numbers, subtotals[before - 1]) if before else 0), end


def _summary(readings: list[RowReading]) -> Summary:
    sums: dict[Key, tuple[Decimal, Decimal]] = {}
    for reading in readings:
        if figure := reading.figure:
            key = (figure.indicator, figure.period)
            above, below = sums.get(key, (Decimal(0), Decimal(0)))
            sums[key] = above + (figure.numerator or 0), below + (figure.denominator or 0)
    return Summary(any(reading.problems for reading in readings), sums)


def _check(total: Row, covered: Summary, index: NameIndex, period: str | None) -> list[Problem]:
    if covered.faulty:
        return []  # what is wrong with the rows is told already, and their sum is not known
    key = _key(total, covered, index, period)
    if isinstance(key, Problem):
        return [key]
    if key not in covered.sums:
        return [_unclear(total)]
    amount = read_amount(total, index.indicator(key[0]))
    if isinstance(amount, Problem):
        return [amount]
    return _compare(total, amount, *covered.sums[key]) if amount.state == State.NUMBER else []


def _key(total: Row, covered: Summary, index: NameIndex, period: str | None) -> Key | Problem:
    """Return a total's indicator and period; where the row names none, its rows must have only one."""
    word = next((column for column, at in total.table.columns.items() if at == total.total), None)
    named = any(not is_blank(total.cell(column)) for column in ORGANISATION if column != word)
    if word == Field.PERIOD or word in IDENTITY or named:
        return _unclear(total)
    indicators: set[str | None] = {indicator for indicator, _period in covered.sums}
    periods = {quarter for _indicator, quarter in covered.sums}
    if any(not is_blank(total.cell(column)) for column in IDENTITY):
        subject = read_subject(total, index)
        if isinstance(subject, Problem):
            return subject
        indicators = {subject.indicator}
    if not is_blank(total.cell(Field.PERIOD)):
        found = index.period(total.cell(Field.PERIOD), period)
        if isinstance(found, Unknown):
            return total.problem(found.code, found.message, Field.PERIOD)
        periods = {found}
    indicator = indicators.pop() if len(indicators) == 1 else None
    if indicator is None or len(periods) != 1:
        return _unclear(total)
    return indicator, periods.pop()


def _compare(total: Row, amount: Amount, numerators: Decimal, denominators: Decimal) -> list[Problem]:
    problems = []
    if amount.numerator != numerators:
        problems.append(_mismatch(total, Field.VALUE, amount.numerator, numerators))
    if amount.denominator is not None and amount.denominator != denominators:
        in_own_cell = amount.denominator_place != amount.place
        column = Field.DENOMINATOR if in_own_cell else Field.VALUE
        problems.append(_mismatch(total, column, amount.denominator, denominators))
    return problems


def _mismatch(total: Row, column: Field, stated: Decimal | None, summed: Decimal) -> Problem:
    return total.problem(
        "total_mismatch",
        _("The total says %(stated)s, but its rows add up to %(summed)s. Correct the total or the rows.")
        % {"stated": f"{stated:f}" if stated is not None else "", "summed": f"{summed:f}"},
        column,
    )


def _unclear(total: Row) -> Problem:
    word = shown(total.table.sheet.cell(total.number, total.total or 0))
    return total.problem(
        "total_unclear",
        _("It is not clear which rows “%(word)s” adds up. Write indicator and period in its row, or delete the row.")
        % {"word": word},
        Field.VALUE,
    )
