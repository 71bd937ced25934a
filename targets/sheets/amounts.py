"""A row's number cells → what the row says of its indicator: a number, a fraction, or nothing."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from targets.problems import Place, Problem
from targets.sheets.cells import is_blank, match_key, shown
from targets.sheets.columns import Field
from targets.sheets.readings import IndicatorName, State
from targets.sheets.rows import Row
from targets.sheets.values import (
    Bad,
    Blank,
    Fraction,
    NotApplicable,
    NotReported,
    Number,
    Value,
    measure_fits,
    read_value,
)

_MARKED = frozenset({"是", "√", "✓", "✔", "1", "不适用", "y", "true"})
_UNMARKED = frozenset({"否", "×", "✗", "0", "n", "-", "—", "/", "无", "false"})


@dataclass(frozen=True, slots=True)
class Amount:
    """What a row says; `state` is None when it says nothing."""

    state: State | None
    place: Place
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    denominator_place: Place | None = None


def read_amount(row: Row, indicator: IndicatorName) -> Amount | Problem:
    """Return what the row says of the indicator, numerator and denominator each, or what is wrong."""
    marked = read_mark(row)
    if isinstance(marked, Problem):
        return marked
    value = read_value(row.cell(Field.VALUE), indicator.unit, is_ratio=indicator.is_ratio)
    if isinstance(value, Bad):
        return row.problem(value.code, value.message, Field.VALUE)
    below = read_value(row.cell(Field.DENOMINATOR), indicator.unit, is_ratio=indicator.is_ratio)
    if isinstance(below, Bad):
        return row.problem(below.code, below.message, Field.DENOMINATOR)
    if marked or isinstance(value, NotApplicable):
        return _not_applicable(row, value, below)
    amount = _ratio(row, value, below) if indicator.is_ratio else _number(row, value, below)
    if isinstance(amount, Amount) and amount.state == State.NUMBER:
        return _other_measure(row, indicator) or amount
    return amount


def read_mark(row: Row) -> bool | Problem:
    """Return whether the row is marked 不适用; a mark that is neither yes nor no is a problem."""
    cell = row.cell(Field.NOT_APPLICABLE)
    text = match_key(shown(cell))
    if is_blank(cell) or text in _UNMARKED:
        return False
    if text in _MARKED:
        return True
    return row.problem(
        "bad_mark",
        _("“%(found)s” is not a mark. Write 是 where the indicator is not applicable, otherwise leave the cell empty.")
        % {"found": shown(cell)},
        Field.NOT_APPLICABLE,
    )


def _other_measure(row: Row, indicator: IndicatorName) -> Problem | None:
    """Return a problem where the row says that its number is counted in something else (2 in 万人次)."""
    cell = row.cell(Field.MEASURE)
    if measure_fits(cell, indicator.unit, is_ratio=indicator.is_ratio):
        return None
    return row.problem(
        "unit_conflict",
        _(
            "The row is counted in “%(found)s”, but this indicator in “%(unit)s”. "
            "Convert the number and correct the unit."
        )
        % {"found": shown(cell), "unit": indicator.unit},
        Field.MEASURE,
    )


def _not_applicable(row: Row, value: Value, below: Value) -> Amount | Problem:
    for said, column in ((value, Field.VALUE), (below, Field.DENOMINATOR)):
        if isinstance(said, Number | Fraction):
            return row.problem(
                "number_and_not_applicable",
                _("The row is marked 不适用 and has the number %(found)s as well. Delete one of them.")
                % {"found": shown(row.cell(column))},
                column,
            )
    in_value = isinstance(value, NotApplicable)
    return Amount(State.NOT_APPLICABLE, row.place(Field.VALUE if in_value else Field.NOT_APPLICABLE))


def _number(row: Row, value: Value, below: Value) -> Amount | Problem:
    if isinstance(below, Number | Fraction):
        return row.problem(
            "denominator_for_number",
            _("This indicator is one number and has no denominator. Delete the denominator, or check the row."),
            Field.DENOMINATOR,
        )
    if isinstance(value, Number):
        return Amount(State.NUMBER, row.place(Field.VALUE), value.value)
    return Amount(_silence(value), row.place(Field.VALUE))


def _ratio(row: Row, value: Value, below: Value) -> Amount | Problem:
    if isinstance(below, Fraction | NotApplicable):
        return row.problem(
            "not_a_denominator",
            _("“%(found)s” is not a denominator. Write one number, or mark the row in the column 不适用.")
            % {"found": shown(row.cell(Field.DENOMINATOR))},
            Field.DENOMINATOR,
        )
    if isinstance(value, Fraction):
        return _fraction(row, value, below)
    if isinstance(value, Number):
        if not isinstance(below, Number):
            return _denominator_missing(row)
        place = row.place(Field.DENOMINATOR)
        return Amount(State.NUMBER, row.place(Field.VALUE), value.value, below.value, place)
    if isinstance(below, Number):
        return row.problem(
            "numerator_missing",
            _("There is a denominator without a numerator. Write the numerator too, or delete the denominator."),
            Field.DENOMINATOR,
        )
    state = NotReported() if Blank() == value and isinstance(below, NotReported) else value
    return Amount(_silence(state), row.place(Field.VALUE if state is value else Field.DENOMINATOR))


def _fraction(row: Row, value: Fraction, below: Value) -> Amount | Problem:
    if isinstance(below, Number) and below.value == value.denominator:
        place = row.place(Field.DENOMINATOR)
    elif isinstance(below, Blank):
        place = row.place(Field.VALUE)
    else:
        return row.problem(
            "denominator_conflict",
            _("The fraction %(fraction)s and the denominator %(found)s disagree. Correct one of them.")
            % {"fraction": shown(row.cell(Field.VALUE)), "found": shown(row.cell(Field.DENOMINATOR))},
            Field.DENOMINATOR,
        )
    return Amount(State.NUMBER, row.place(Field.VALUE), value.numerator, value.denominator, place)


def _denominator_missing(row: Row) -> Problem:
    return row.problem(
        "denominator_missing",
        _(
            "This indicator is a ratio: one number is not enough. Write the denominator in the column 分母, "
            "or both in one cell as 88/299."
        ),
        Field.VALUE,
    )


def _silence(value: Value) -> State | None:
    return State.NOT_REPORTED if isinstance(value, NotReported) else None
