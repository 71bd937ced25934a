from datetime import date
from decimal import Decimal
from fractions import Fraction as F

import pytest

from targets import formats
from targets.models import Indicator
from targets.progress import Thresholds

COUNT = Indicator(unit="张", form="number", time_rule="sum", decimals=0)
HOURS = Indicator(unit="小时", form="number", time_rule="sum")
SHARE = Indicator(unit="%", form="ratio", time_rule="latest", per=100)
DENSITY = Indicator(unit="张/百名老人", form="ratio", time_rule="latest", per=100)

pytestmark = pytest.mark.usefixtures("english")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (F(0), "0"),
        (F(2893), "2,893"),
        (F(1234567), "1,234,567"),
        (F(17, 4), "4.25"),
        (F(-3), "-3"),
        (F(100), "100"),
    ],
)
def test_numbers_have_separators_and_no_zeros_at_the_end(value: F, text: str) -> None:
    assert formats.number(value) == text


@pytest.mark.parametrize(
    ("share", "bounds", "text"),
    [
        (F(72325, 100000), (), "72.3%"),
        (F(9996, 10000), (F(1),), "99.96%"),
        (F(9996, 10000), (), "100.0%"),
        (F(1), (F(1),), "100.0%"),
        (F(10004, 10000), (F(1),), "100.04%"),
        (F(7496, 10000), (F(1), F(3, 4)), "74.96%"),
        (F(5996, 10000), (F(1), F(3, 4), F(3, 5)), "59.96%"),
        (F(6, 5), (F(1),), "120.0%"),
        (F(0), (F(1),), "0.0%"),
    ],
)
def test_a_rounded_percentage_does_not_contradict_its_colour(share: F, bounds: tuple[F, ...], text: str) -> None:
    assert formats.percent(share, bounds) == text


@pytest.mark.parametrize(
    ("gap", "text"),
    [
        (F(2675, 100000), "2.7"),
        (F(15, 100), "15.0"),
        (F(1504, 10000), "15.04"),
        (F(1496, 10000), "14.96"),
        (F(4, 10000), "0.04"),
        (F(-3, 100), "3.0"),
    ],
)
def test_points_stand_on_their_side_of_the_limits(gap: F, text: str) -> None:
    assert formats.points(gap, Thresholds.in_points(Decimal(0), Decimal(15))) == text


def test_completion_bounds_are_target_pace_and_both_limits() -> None:
    limits = Thresholds.in_points(Decimal(2), Decimal(15))
    assert formats.completion_bounds(F(3, 4), limits) == (F(1), F(3, 4), F(73, 100), F(3, 5))
    assert formats.completion_bounds(None, limits) == (F(1),)


@pytest.mark.parametrize(
    ("indicator", "value", "target", "text"),
    [
        (COUNT, F(2893), F(4000), "2,893"),
        (HOURS, F(25, 2), None, "12.5"),
        (SHARE, F(11800, 433), F(30), "27.3%"),
        (SHARE, F(9999, 100), F(100), "99.99%"),
        (SHARE, F(3333, 100), F(100, 3), "33.3%"),
        (SHARE, F(33333, 1000), F(100, 3), "33.3%"),
        (SHARE, F(3334, 100), F(100, 3), "33.34%"),
        (DENSITY, F(4521000, 1050000), F(5), "4.31"),
    ],
)
def test_values_in_the_indicators_unit(indicator: Indicator, value: F, target: F | None, text: str) -> None:
    assert formats.value(indicator, value, target) == text


@pytest.mark.parametrize(
    ("indicator", "target", "text"),
    [
        (COUNT, F(4000), "4,000"),
        (SHARE, F(30), "30%"),
        (SHARE, F(100, 3), "1/3"),
        (SHARE, F(65, 2), "32.5%"),
        (DENSITY, F(5), "5"),
        (COUNT, F(7, 3), "7/3"),
    ],
)
def test_targets_are_exact(indicator: Indicator, target: F, text: str) -> None:
    assert formats.target(indicator, target) == text


def test_a_forecast_is_whole_where_things_are_counted_but_never_seems_to_reach_the_target() -> None:
    assert formats.estimate(COUNT, F(7600, 3), F(4000)) == "2,533"
    assert formats.estimate(COUNT, F(39998, 10), F(4000)) == "3,999.8"
    assert formats.estimate(HOURS, F(100, 3), F(50)) == "33.3"


def test_units_and_parts() -> None:
    assert formats.with_unit(COUNT, "46") == "46 张"
    assert formats.with_unit(SHARE, "30%") == "30%"
    assert formats.amount_parts(Decimal("88.0000"), Decimal("275.0000")) == "88 / 275"
    assert formats.amount_parts(Decimal("0.0000"), None) == "0"


def test_days_have_no_leading_zeros() -> None:
    assert formats.day(date(2020, 1, 9)) == "1/9"
