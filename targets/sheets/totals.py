"""Rows of 合计, 小计, 总计 and 全市 in a long table: each must equal the sum of the rows that it covers."""

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


def check_totals(
    totals: list[Row], readings: list[RowReading], index: NameIndex, period: str | None
) -> list[Problem]:
    """Return a problem for each total that disagrees with its rows, or whose rows cannot be told."""
    return [
        problem
        for total in totals
        if any(not is_blank(total.cell(column)) for column in NUMBERS)
        for problem in _check(total, _covered(total, totals, readings), index, period)
    ]


def _covered(total: Row, totals: list[Row], readings: list[RowReading]) -> list[RowReading]:
    """Return all rows; for a subtotal those since the last one (subtotals in a block share rows)."""
    if not total.is_subtotal:
        return readings
    above = [reading for reading in readings if reading.row.number < total.number]
    if not above:
        return []
    last = above[-1].row.number
    start = max((row.number for row in totals if row.is_subtotal and row.number < last), default=-1)
    return [reading for reading in above if reading.row.number > start]


def _check(total: Row, covered: list[RowReading], index: NameIndex, period: str | None) -> list[Problem]:
    if any(reading.problems for reading in covered):
        return []  # what is wrong with the rows is told already, and their sum is not known
    key = _key(total, covered, index, period)
    if isinstance(key, Problem):
        return [key]
    indicator, quarter = key
    figures = [
        reading.figure
        for reading in covered
        if reading.figure and (reading.figure.indicator, reading.figure.period) == (indicator, quarter)
    ]
    if not figures:
        return [_unclear(total)]
    amount = read_amount(total, index.indicator(indicator))
    if isinstance(amount, Problem):
        return [amount]
    if amount.state != State.NUMBER:
        return []
    counted = [figure for figure in figures if figure.state == State.NUMBER]
    numerators = sum((figure.numerator or Decimal(0) for figure in counted), Decimal(0))
    denominators = sum((figure.denominator or Decimal(0) for figure in counted), Decimal(0))
    return _compare(total, amount, numerators, denominators)


def _key(
    total: Row, covered: list[RowReading], index: NameIndex, period: str | None
) -> tuple[str, str] | Problem:
    """Return a total's indicator and period; where the row names none, its rows must have only one."""
    columns = total.table.columns
    word = next((column for column, position in columns.items() if position == total.total), None)
    named = any(not is_blank(total.cell(column)) for column in ORGANISATION if column != word)
    if word == Field.PERIOD or word in IDENTITY or named:
        return _unclear(total)
    figures = [reading.figure for reading in covered if reading.figure]
    indicators = {figure.indicator for figure in figures}
    periods = {figure.period for figure in figures}
    if any(not is_blank(total.cell(column)) for column in IDENTITY):
        subject = read_subject(total, index)
        if isinstance(subject, Problem):
            return subject
        indicators = {subject.indicator} if subject.indicator else set()
    if not is_blank(total.cell(Field.PERIOD)):
        quarter = index.period(total.cell(Field.PERIOD), period)
        if isinstance(quarter, Unknown):
            return total.problem(quarter.code, quarter.message, Field.PERIOD)
        periods = {quarter}
    if len(indicators) != 1 or len(periods) != 1:
        return _unclear(total)
    return indicators.pop(), periods.pop()


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
        _(
            "It is not clear which rows “%(word)s” adds up. Write indicator and period in its row, or "
            "delete the row."
        )
        % {"word": word},
        Field.VALUE,
    )
