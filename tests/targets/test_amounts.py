"""The worked examples of docs/domain.md and the edges beside them, as tables of cases."""

from decimal import Decimal
from fractions import Fraction

import pytest

from targets.amounts import EVERY, LATEST, SUM, Amount, Cells, amount_at, gap_count, tally_at, total

D = Decimal


def number(quarter: int, until: int | None, value: str, count: int = 1) -> Cells:
    return Cells(quarter, until, Amount(D(value)), count, count)


def ratio(quarter: int, until: int | None, numerator: int, denominator: int) -> Cells:
    return Cells(quarter, until, Amount(D(numerator), D(denominator)), 1, 1)


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


FLOW = [number(1, 2, "2"), number(2, 3, "0"), number(3, None, "1")]
FLOW_WITHOUT_Q2 = [number(1, 3, "2"), number(3, None, "1")]
STOCKS = [ratio(3, None, 88, 275), ratio(2, None, 30, 158)]
ENDED = [ratio(1, 2, 5, 10), Cells(2, None, None)]


@pytest.mark.parametrize(
    ("rule", "cells", "quarter", "expected"),
    [
        (SUM, FLOW, 3, Amount(D(3))),
        (SUM, FLOW, 2, Amount(D(2))),
        (SUM, FLOW_WITHOUT_Q2, 3, Amount(D(3))),
        (SUM, FLOW_WITHOUT_Q2, 2, Amount(D(2))),
        (SUM, [], 3, None),
        (SUM, [ratio(1, 2, 1, 2), ratio(2, None, 3, 4)], 2, Amount(D(4), D(6))),
        (LATEST, STOCKS, 3, Amount(D(118), D(433))),
        (LATEST, STOCKS, 2, Amount(D(30), D(158))),
        (LATEST, STOCKS, 1, None),
        (LATEST, ENDED, 1, Amount(D(5), D(10))),
        (LATEST, ENDED, 2, None),
        (LATEST, ENDED, 3, None),
        (EVERY, FLOW, 2, Amount(D(0))),
        (EVERY, FLOW_WITHOUT_Q2, 2, None),
    ],
)
def test_amount_at_a_quarter(rule: str, cells: list[Cells], quarter: int, expected: Amount | None) -> None:
    assert amount_at(rule, cells, quarter) == expected


def test_worked_example_2_value() -> None:
    amount = amount_at(LATEST, STOCKS, 3)
    assert amount is not None
    assert amount.value(D(100)) == Fraction(11800, 433)
    assert str(round(float(amount.value(D(100))), 4)) == "27.2517"


@pytest.mark.parametrize(
    ("rule", "cells", "quarter", "reported", "carried", "missing"),
    [
        (SUM, FLOW_WITHOUT_Q2, 3, 1, 0, 0),
        (SUM, FLOW_WITHOUT_Q2, 2, 0, 0, 1),
    ],
)
def test_tally_of_one_unit(rule: str, cells: list[Cells], quarter: int, reported: int, carried: int, missing: int) -> None:
    tally = tally_at(rule, cells, 1, quarter)
    assert (tally.reported, tally.carried_forward, tally.missing) == (reported, carried, missing)


def test_carried_forward_counts_as_not_reported() -> None:
    tally = tally_at(LATEST, STOCKS, 2, 3)
    assert (tally.reported, tally.carried_forward, tally.missing) == (1, 1, 1)
    assert tally.completeness == Fraction(1, 2)


def test_not_applicable_leaves_the_denominator_of_completeness() -> None:
    tally = tally_at(LATEST, [*ENDED, ratio(2, None, 1, 4)], 3, 2)
    assert (tally.assigned, tally.not_applicable, tally.expected, tally.reported, tally.missing) == (3, 1, 2, 1, 1)
    assert tally.completeness == Fraction(1, 2)


def test_completeness_of_nobody_has_no_value() -> None:
    assert tally_at(SUM, [Cells(1, None, None)], 1, 1).completeness is None


def test_gaps_are_the_earlier_cells_that_a_sum_lacks() -> None:
    assert gap_count(FLOW_WITHOUT_Q2, 1, 3) == 1
    assert gap_count(FLOW, 1, 3) == 0
    assert gap_count([Cells(1, None, None)], 1, 2) == 0  # not applicable is an answer
    assert gap_count([], 14, 3) == 28
