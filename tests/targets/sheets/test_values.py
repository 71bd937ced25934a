from datetime import date, datetime, time
from decimal import Decimal

import pytest

from targets.sheets.cells import ErrorCell, PercentCell, UncachedFormula, decimal_of_float
from targets.sheets.values import Bad, Blank, Fraction, NotApplicable, NotReported, Number, read_value

NUMBERS = [
    # cell, the indicator's unit, the number
    ("5", "个", "5"),
    (Decimal(5), "个", "5"),
    (Decimal(0), "个", "0"),
    ("0", "个", "0"),
    ("-3", "个", "-3"),
    ("1.10", "个", "1.1"),
    (" 12\u3000", "个", "12"),
    ("\u200b12\ufeff", "个", "12"),
    ("１２", "个", "12"),
    ("１，２３４", "个", "1234"),
    ("1,234,567.5", "个", "1234567.5"),
    ("46个", "个", "46"),
    ("46 个", "个", "46"),
    ("46家", "个", "46"),
    ("4000张", "张", "4000"),
    ("1.9万人次", "人次", "19000"),
    ("1.9万", "人次", "19000"),
    ("1.9 万 人次", "人次", "19000"),
    ("2亿元", "元", "200000000"),
    ("3万元", "万元", "3"),
    ("0.00012万", "个", "1.2"),
    ("30%", "%", "30"),
    (PercentCell(Decimal("0.3")), "%", "30"),
    ("99999999999999999999", "个", "99999999999999999999"),
    ("1234.56", "个", "1234.56"),
]


@pytest.mark.parametrize(("cell", "unit", "expected"), NUMBERS)
def test_number_is_read_exactly(cell, unit, expected):
    value = read_value(cell, unit, is_ratio=False)
    assert value == Number(Decimal(expected))
    assert str(value.value) == expected


@pytest.mark.parametrize(
    ("cell", "expected"), [("88", "88"), ("88个", "88"), ("1,050,000名", "1050000"), (Decimal(7), "7")]
)
def test_part_of_a_ratio_may_carry_a_measure_word_of_its_own(cell, expected):
    assert read_value(cell, "%", is_ratio=True) == Number(Decimal(expected))


@pytest.mark.parametrize("cell", [None, "", "  ", "\u3000", "\xa0\n"])
def test_nothing_in_the_cell_is_blank(cell):
    assert read_value(cell, "个", is_ratio=False) == Blank()


@pytest.mark.parametrize("cell", ["-", "—", "–", "/", "无", "——", "－", "／", " — "])
def test_dash_slash_and_none_mean_not_reported(cell):
    assert read_value(cell, "个", is_ratio=False) == NotReported()
    assert read_value(cell, "%", is_ratio=True) == NotReported()


def test_not_applicable_is_its_own_state():
    assert read_value(" 不适用 ", "个", is_ratio=False) == NotApplicable()


@pytest.mark.parametrize(
    ("cell", "parts"),
    [
        ("88/299", (88, 299)),
        ("８８／２９９", (88, 299)),
        ("88 / 299", (88, 299)),
        ("88个/299个", (88, 299)),
        ("1.9万/2万", (19000, 20000)),
        ("0/5", (0, 5)),
    ],
)
def test_fraction_of_a_ratio_is_both_its_parts(cell, parts):
    assert read_value(cell, "%", is_ratio=True) == Fraction(*map(Decimal, parts))


BAD = [
    # cell, unit, is_ratio, code
    ("约50", "个", False, "approximate"),
    ("近50个", "个", False, "approximate"),
    ("50左右", "个", False, "approximate"),
    ("10多个", "个", False, "open_ended"),
    ("50余", "个", False, "open_ended"),
    ("超过50", "个", False, "open_ended"),
    ("50个以上", "个", False, "open_ended"),
    (">50", "个", False, "open_ended"),
    ("30%-50%", "%", True, "range"),
    ("3-5", "个", False, "range"),
    ("3~5个", "个", False, "range"),
    ("3成", "个", False, "tenths"),
    ("三成", "%", True, "tenths"),
    ("#REF!", "个", False, "error_cell"),
    ("#N/A", "个", False, "error_cell"),
    ("#DIV/0!", "个", False, "error_cell"),
    ("####", "个", False, "error_cell"),
    (ErrorCell("#REF!"), "个", False, "error_cell"),
    (UncachedFormula("=A1+B1"), "个", False, "uncached_formula"),
    (date(2020, 3, 10), "%", True, "date_in_number"),
    (datetime(2020, 3, 10, 8), "个", False, "date_in_number"),
    (time(3, 10), "个", False, "date_in_number"),
    ("3月10日", "%", True, "date_in_number"),
    ("2020/3/10", "%", True, "date_in_number"),
    ("2020-03-10", "个", False, "date_in_number"),
    ("10-Mar", "%", True, "date_in_number"),
    (True, "个", False, "boolean"),
    (False, "个", False, "boolean"),
    ("46个", "张", False, "unknown_unit"),
    ("46人", "人次", False, "unknown_unit"),
    ("30%", "个", False, "unknown_unit"),
    (PercentCell(Decimal("0.3")), "个", False, "unknown_unit"),
    ("3千", "个", False, "unknown_unit"),
    ("5①", "个", False, "unknown_unit"),
    ("10²", "个", False, "unknown_unit"),
    ("5.", "个", False, "unknown_unit"),
    ("1 234", "个", False, "unknown_unit"),
    ("30%", "%", True, "percent_for_ratio"),
    ("30％", "%", True, "percent_for_ratio"),
    (PercentCell(Decimal("0.3")), "%", True, "percent_for_ratio"),
    ("4.31张/百名老人", "张/百名老人", True, "percent_for_ratio"),
    ("30%/50", "%", True, "percent_for_ratio"),
    ("3/10", "个", False, "fraction_for_number"),
    ("3/x", "个", False, "unknown_unit"),
    ("1/2/3", "%", True, "unknown_unit"),
    ("1,23", "个", False, "bad_thousands"),
    ("12,34,567", "个", False, "bad_thousands"),
    (",123", "个", False, "not_a_number"),
    ("1.9E+04", "个", False, "scientific_notation"),
    ("3万元", "元/人", False, "unknown_unit"),
    ("3亿元", "万元", False, "ambiguous_scale"),
    ("3万", "万元", False, "ambiguous_scale"),
    ("五十", "个", False, "not_a_number"),
    ("+5", "个", False, "not_a_number"),
    ("--5", "个", False, "not_a_number"),
    ("½", "个", False, "not_a_number"),
    ("未统计", "个", False, "not_a_number"),
    ("123456789012345678901", "个", False, "too_many_digits"),
    (Decimal("1e300"), "个", False, "too_many_digits"),
]


@pytest.mark.parametrize(("cell", "unit", "is_ratio", "code"), BAD)
def test_what_is_not_plainly_one_number_is_refused(cell, unit, is_ratio, code):
    value = read_value(cell, unit, is_ratio=is_ratio)
    assert isinstance(value, Bad)
    assert value.code == code
    assert value.message


def test_date_is_explained_as_a_fraction_that_excel_has_turned():
    value = read_value(date(2020, 3, 10), "%", is_ratio=True)
    assert "2020-03-10" in value.message
    assert "3/10" in value.message


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (5.0, "5"),
        (1.1, "1.1"),
        (0.0, "0"),
        (-0.0, "0"),
        (1.1 * 10000, "11000"),
        (0.1 + 0.2, "0.3"),
        (1e20, "1" + "0" * 20),
        (-2.50, "-2.5"),
        (1e-7, "0.0000001"),
    ],
)
def test_float_is_the_decimal_that_its_author_sees(value, expected):
    assert f"{decimal_of_float(value):f}" == expected
