from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from targets.sheets.names import NameIndex, Subject, Unknown
from targets.sheets.readings import CommitmentName, OrganisationName
from tests.targets.sheets.workbooks import NAMES

INDEX = NameIndex(NAMES)


@pytest.mark.parametrize(
    "text",
    [
        "330203",
        Decimal(330203),
        "海曙",
        "海曙区",
        "海曙区民政局",
        "宁波市海曙区",
        "宁波市海曙区民政局",
        "宁波市 海曙区 民政局",
        "市局海曙",
        " 海曙\u3000",
        "３３０２０３",
    ],
)
def test_unit_is_known_by_code_name_alias_and_behind_the_city_s_name(text):
    assert INDEX.organisation(text) == "330203"


def test_unit_s_name_may_differ_in_brackets_quotes_and_case():
    names = replace(NAMES, organisations=(OrganisationName("3302-X", ("测试“一”局(东)",)),))
    index = NameIndex(names)
    for text in ("测试“一”局(东)", '测试"一"局(东)', "测试「一」局〔东〕", "3302-x"):
        assert index.organisation(text) == "3302-X"


def test_city_itself_is_a_unit():
    assert INDEX.organisation("宁波市民政局") == "3302"


def test_unit_that_matches_two_is_an_error_naming_both():
    found = INDEX.organisation("新区")
    assert isinstance(found, Unknown)
    assert found.code == "ambiguous_organisation"
    assert "北仑区民政局(330206)" in found.message
    assert "宁波杭州湾新区社会事务管理局(3302-HZW)" in found.message


@pytest.mark.parametrize(
    "text", ["海", "海曙区民政", "个", "330", "杭州市海曙区民政局x", "杭州市海曙", "宁波市宁波市海曙"]
)
def test_unknown_unit_is_an_error(text):
    found = INDEX.organisation(text)
    assert isinstance(found, Unknown)
    assert found.code == "unknown_organisation"
    assert text in found.message


@pytest.mark.parametrize(
    ("text", "given", "expected"),
    [
        ("2020Q3", None, "2020Q3"),
        ("2020-Q3", None, "2020Q3"),
        ("2020q3", None, "2020Q3"),
        ("2020年三季度", None, "2020Q3"),
        ("2020年第三季度", None, "2020Q3"),
        ("2020年3季度", None, "2020Q3"),
        ("２０２０ 年 第 １ 季度", None, "2020Q1"),
        ("三季度", None, "2020Q3"),
        ("第四季度", "2020Q3", "2020Q4"),
    ],
)
def test_quarter_is_known_in_usual_spellings(text, given, expected):
    assert INDEX.period(text, given) == expected


@pytest.mark.parametrize("text", ["上半年", "全年", "2020年", "2020年度", "1-9月", "2020年9月", date(2020, 9, 1)])
def test_what_is_no_quarter_is_refused_as_such(text):
    found = INDEX.period(text)
    assert isinstance(found, Unknown)
    assert found.code == "not_a_quarter"


@pytest.mark.parametrize("text", ["2021Q3", "2020Q5", "本季", "2020", "三"])
def test_unknown_period_is_refused(text):
    found = INDEX.period(text)
    assert isinstance(found, Unknown)
    assert found.code in {"unknown_period", "not_a_quarter"}


def test_quarter_without_a_year_needs_one_year_or_a_given_period():
    index = NameIndex(replace(NAMES, periods=frozenset({"2020Q3", "2021Q3"})))
    assert index.period("三季度", "2021Q1") == "2021Q3"
    assert index.period("三季度").code == "unknown_period"


def test_leading_zero_that_was_eaten_is_forgiven_where_it_is_unambiguous():
    expected = {Subject("YL-01", "0801")}
    assert INDEX.by_commitment("0801") == expected
    assert INDEX.by_commitment(Decimal(801)) == expected
    assert INDEX.by_commitment("801") == expected
    assert INDEX.by_commitment(Decimal(80)) == set()
    two = NameIndex(replace(NAMES, commitments=(*NAMES.commitments, CommitmentName("801", "另一项", "standing"))))
    assert two.by_commitment(Decimal(801)) == {*expected, Subject(None, "801")}
    assert two.by_commitment("801") == {Subject(None, "801")}


def test_name_of_an_indicator_may_mean_its_commitment():
    assert INDEX.by_name("新建养老床位") == {Subject("YL-09", None), Subject("YL-09", "0902")}
    assert INDEX.by_name('村（社区）"儿童之家"覆盖率') == {Subject("ET-01", None), Subject("ET-01", "0704")}
    assert INDEX.by_name("养老服务机构疫情防控") == {Subject(None, "0901")}
    assert INDEX.by_name("") == set()
