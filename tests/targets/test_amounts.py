"""The worked examples of docs/domain.md and the edges beside them, as tables of cases."""

from decimal import Decimal
from fractions import Fraction

import pytest

from targets.amounts import (
    EVERY,
    LATEST,
    NOT_APPLICABLE,
    NOT_REPORTED,
    NUMBER,
    SUM,
    Amount,
    Pattern,
    add_series,
    series_of,
    total,
)  # fmt: skip

D = Decimal
NA = NOT_APPLICABLE


def pattern(*cells: object, count: int = 1) -> Pattern:
    """A unit's cells by quarter: None not reported, NA not applicable, a text "3" or "88/275"."""
    states = tuple(NOT_REPORTED if cell is None else NOT_APPLICABLE if cell == NA else NUMBER for cell in cells)
    amounts = tuple(amount(cell) if state == NUMBER else None for cell, state in zip(cells, states, strict=True))
    return Pattern(states, amounts, count, count if states[-1] == NUMBER else 0)


def amount(text: object) -> Amount:
    return Amount(*(D(part) for part in str(text).split("/")))


def test_percentages_are_never_averaged() -> None:
    amount = total([Amount(D(1), D(2)), Amount(D(10), D(100))])
    assert amount == Amount(D(11), D(102))
    assert amount.value(D(100)) == Fraction(1100, 102)


def test_density_is_compared_unrounded() -> None:
    value = Amount(D(45210), D(1050000)).value(D(100))
    assert value == Fraction(4521000, 1050000)
    assert round(float(value), 4) == 4.3057


def test_a_ratio_over_nothing_has_no_value() -> None:
    assert Amount(D(0), D(0)).value(D(100)) is None


def test_a_ratio_and_a_number_do_not_add_up() -> None:
    with pytest.raises(ValueError, match="cannot be added"):
        Amount(D(1)) + Amount(D(1), D(2))


def test_nothing_adds_up_to_no_amount_and_zeros_to_zero() -> None:
    assert total([]) is None
    assert total([Amount(D(0)), Amount(D(0))]) == Amount(D(0))


def test_tenths_add_up_exactly() -> None:
    assert total([Amount(D("0.1"))] * 3) == Amount(D("0.3"))


FLOW = [pattern("2", "0", "1")]
FLOW_WITHOUT_Q2 = [pattern("2", None, "1")]
STOCKS = [pattern(None, None, "88/275"), pattern(None, "30/158", None)]
ENDED = [pattern("5/10", NA, None)]


@pytest.mark.parametrize(
    ("rule", "patterns", "expected"),
    [
        (SUM, FLOW, ["2", "2", "3"]),  # worked example 1
        (SUM, FLOW_WITHOUT_Q2, ["2", "2", "3"]),
        (SUM, [pattern(None, None, None)], [None, None, None]),
        (SUM, [pattern("1/2", "3/4")], ["1/2", "4/6"]),
        (SUM, [pattern("1", NA), pattern(NA, "2")], ["1", "3"]),
        (LATEST, STOCKS, [None, "30/158", "118/433"]),  # worked example 2
        (LATEST, ENDED, ["5/10", None, None]),
        (LATEST, [pattern("5/10", NA, "6/10")], ["5/10", None, "6/10"]),
        (EVERY, FLOW, ["2", "0", "1"]),
        (EVERY, FLOW_WITHOUT_Q2, ["2", None, "1"]),
    ],
)
def test_amounts_by_quarter(rule: str, patterns: list[Pattern], expected: list[str | None]) -> None:
    series = series_of(rule, patterns, len(expected))
    assert list(series.amounts) == [None if text is None else amount(text) for text in expected]


def test_worked_example_2_value() -> None:
    at_q3 = series_of(LATEST, STOCKS, 3).amounts[-1]
    assert at_q3 is not None
    assert at_q3.value(D(100)) == Fraction(11800, 433)
    assert f"{float(Fraction(11800, 433)):.4f}" == "27.2517"


@pytest.mark.parametrize(
    ("rule", "patterns", "assigned", "reported", "not_applicable", "carried", "missing", "completeness", "gaps"),
    [
        (SUM, FLOW_WITHOUT_Q2, 1, 1, 0, 0, 0, Fraction(1), 1),
        (SUM, [pattern("2", None)], 1, 0, 0, 0, 1, Fraction(0), 0),
        (SUM, [pattern(None, None, None, count=14)], 14, 0, 0, 0, 14, Fraction(0), 28),
        (SUM, [pattern(NA, "1")], 1, 1, 0, 0, 0, Fraction(1), 0),  # not applicable is an answer, no gap
        (LATEST, STOCKS, 2, 1, 0, 1, 1, Fraction(1, 2), 0),
        (LATEST, ENDED, 1, 0, 0, 0, 1, Fraction(0), 0),
        (LATEST, [pattern("5/10", NA), pattern(None, "1/4"), pattern(None, None)], 3, 1, 1, 0, 1, Fraction(1, 2), 0),
        (EVERY, [pattern("1", None)], 1, 0, 0, 0, 1, Fraction(0), 0),
        (EVERY, [pattern(NA)], 1, 0, 1, 0, 0, None, 0),
    ],
)
def test_what_a_total_rests_on(
    rule: str, patterns: list[Pattern], assigned: int, reported: int, not_applicable: int, carried: int, missing: int,
    completeness: Fraction | None, gaps: int,
) -> None:  # fmt: skip
    series = series_of(rule, patterns, len(patterns[0].states))
    tally = series.tally
    assert (tally.assigned, tally.reported, tally.not_applicable) == (assigned, reported, not_applicable)
    assert (tally.carried_forward, tally.missing, tally.completeness) == (carried, missing, completeness)
    assert series.gaps == gaps


def test_groups_add_up_to_the_whole() -> None:
    parts = [series_of(LATEST, [each], 3) for each in STOCKS]
    assert add_series(parts) == series_of(LATEST, STOCKS, 3)


def test_excused_is_a_quarter_in_which_everybody_said_not_applicable() -> None:
    assert series_of(EVERY, [pattern("1", NA), pattern(NA, NA)], 2).excused == (False, True)


def test_own_amounts_are_those_of_the_quarter_itself() -> None:
    series = series_of(SUM, [pattern("2", NA, None), pattern("3", NA, "1")], 3)
    assert series.own == (amount("5"), None, amount("1"))
    assert series.amounts == (amount("5"), amount("5"), amount("6"))
