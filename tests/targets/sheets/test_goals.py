"""Targets as they are typed and shown again (targets/sheets/goals.py)."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from targets.models import Indicator
from targets.sheets.goals import goal_parts, goal_text, read_goal
from targets.sheets.values import Bad

F, D = Fraction, Decimal
BEDS = Indicator(code="YL-09", name="新建养老床位", unit="张", form="number", per=D(1), decimals=0)
SHARE = Indicator(code="YL-16", name="比例", unit="%", form="ratio", per=D(100), decimals=0)
DENSITY = Indicator(code="YL-10", name="每百名老人拥有床位", unit="张/百名老人", form="ratio", per=D(100), decimals=0)
SMALL = Indicator(code="X", name="小", unit="份", form="ratio", per=D("0.5"))


@pytest.mark.parametrize(
    ("text", "indicator", "value"),
    [
        ("5", BEDS, F(5)),
        ("0", BEDS, F(0)),
        ("1,200", BEDS, F(1200)),
        (" 1200张 ", BEDS, F(1200)),
        ("1.2万", BEDS, F(12000)),
        ("５", BEDS, F(5)),
        ("1/3", BEDS, F(1, 3)),
        ("30%", SHARE, F(30)),
        ("33.5", SHARE, F(67, 2)),
        ("1/3", SHARE, F(100, 3)),
        ("１／３", SHARE, F(100, 3)),
        (" 1 / 3 ", SHARE, F(100, 3)),
        ("100/3", SHARE, F(100, 3)),
        ("3/3", SHARE, F(100)),
        ("5 张/百名老人", DENSITY, F(5)),
        ("", BEDS, None),
        ("　", BEDS, None),
        ("-", BEDS, None),
        ("无", SHARE, None),
    ],
)
def test_what_is_typed(text: str, indicator: Indicator, value: Fraction | None) -> None:
    assert read_goal(text, indicator) == value


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("abc", "not_a_number"),
        ("约5", "approximate"),
        ("1,20", "bad_thousands"),
        ("5户", "unknown_unit"),
        ("1/0", "not_a_target"),
        ("1/3/4", "not_a_target"),
        ("1/-3", "unknown_unit"),
        ("/3", "not_a_target"),
        ("1/3%", "not_a_target"),
        ("不适用", "not_a_target"),
        ("1月3日", "date_in_number"),
        ("9" * 21, "too_many_digits"),
        ("1e5", "scientific_notation"),
        ("\x00", "not_a_number"),
    ],
)
def test_what_is_no_target(text: str, code: str) -> None:
    indicator = SHARE if "%" in text else BEDS
    found = read_goal(text, indicator)
    assert isinstance(found, Bad)
    assert found.code == code


def test_a_shortened_number_is_answered_for_a_form_and_not_for_a_file(english: None) -> None:
    found = read_goal("1e5", BEDS)
    assert found == Bad("scientific_notation", "“1e5” is a shortened number; write all its digits.")


@pytest.mark.parametrize(
    ("value", "indicator", "text"),
    [
        (None, BEDS, ""),
        (F(4000), BEDS, "4000"),
        (F(67, 2), SHARE, "33.5"),
        (F(100, 3), SHARE, "1/3"),
        (F(400, 3), SHARE, "400/3"),
        (F(1, 3), BEDS, "1/3"),
        (F(10, 3), BEDS, "10/3"),
        (F(1, 3), SHARE, "1/300"),
    ],
)
def test_what_is_shown_for_typing(value: Fraction | None, indicator: Indicator, text: str) -> None:
    assert goal_text(value, indicator) == text


@given(st.fractions(min_value=0, max_value=10**6, max_denominator=10**6))
def test_what_is_shown_reads_as_the_same_value(value: Fraction) -> None:
    for indicator in (BEDS, SHARE, DENSITY, SMALL):
        assert read_goal(goal_text(value, indicator), indicator) == value


@given(st.fractions(min_value=0, max_value=10**6, max_denominator=10**6))
def test_parts_keep_a_value_exactly(value: Fraction) -> None:
    numerator, denominator = goal_parts(value)
    assert F(numerator) / F(denominator or 1) == value


def test_parts_are_as_the_rest_layer_writes_them() -> None:
    assert goal_parts(F(100, 3)) == (D(100), D(3))
    assert goal_parts(F(67, 2)) == (D("33.5"), None)
    assert goal_parts(F(4000)) == (D(4000), None)
