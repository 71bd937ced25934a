"""Each fault with its code and its cell; one test per file, since all problems are told at once."""

import io
import random
from datetime import date

import pytest
import xlsxwriter

from targets.sheets.reader import read_workbook
from tests.targets.sheets.workbooks import (
    LIST_HEADER,
    LONG_HEADER,
    NAMES,
    delimited,
    repacked,
    sheet_xml,
    xls,
    xlsx,
    xlsx_sheets,
)

HEADER = ("任务编码", "指标编码", "指标", "数值", "分母", "不适用", "阶段", "进展情况")


def told(data, **options):
    reading = read_workbook(data, "a.xlsx", NAMES, **options)
    assert all(problem.message for problem in reading.problems)
    return [(problem.code, str(problem.place)) for problem in reading.problems]


def told_of_row(*cells):
    return told(xlsx([HEADER, cells], sheet="表"), organisation="330203", period="2020Q3")


ROWS = [
    # cells from 任务编码 on, the problem's code, its cell
    (("0902", None, None, "约50"), "approximate", "D2"),
    (("0902", None, None, "10多张"), "open_ended", "D2"),
    (("0902", None, None, "30-50"), "range", "D2"),
    (("0902", None, None, "46个"), "unknown_unit", "D2"),
    (("0902", None, None, date(2020, 3, 10)), "date_in_number", "D2"),
    (("0902", None, None, True), "boolean", "D2"),
    (("0902", None, None, "3/10"), "fraction_for_number", "D2"),
    (("0902", None, None, 5, 10), "denominator_for_number", "E2"),
    (("0902", None, None, None, 10), "denominator_for_number", "E2"),
    (("0902", None, None, 5, None, "是"), "number_and_not_applicable", "D2"),
    (("0902", None, None, "不适用", 5), "number_and_not_applicable", "E2"),
    (("0902", None, None, 5, None, "?"), "bad_mark", "F2"),
    (("0704", None, None, date(2020, 3, 10)), "date_in_number", "D2"),
    (("0704", None, None, "30%"), "percent_for_ratio", "D2"),
    (("0704", None, None, 30), "denominator_missing", "D2"),
    (("0704", None, None, 30, "-"), "denominator_missing", "D2"),
    (("0704", None, None, None, 299), "numerator_missing", "E2"),
    (("0704", None, None, "-", 299), "numerator_missing", "E2"),
    (("0704", None, None, "88/299", 300), "denominator_conflict", "E2"),
    (("0704", None, None, "88/299", "-"), "denominator_conflict", "E2"),
    (("0704", None, None, 88, "1/2"), "not_a_denominator", "E2"),
    (("0704", None, None, 88, "约299"), "approximate", "E2"),
    (("0801", "YL-09", None, 5), "code_name_mismatch", "B2"),
    (("0801", "YL-01", "新建养老床位", 5), "code_name_mismatch", "C2"),
    (("0901", "YL-01", None, 5), "code_name_mismatch", "B2"),
    ((801, None, "新建养老床位", 5), "code_name_mismatch", "C2"),
    (("9999", None, None, 5), "unknown_indicator", "A2"),
    (("0902", "YL-99", None, 5), "unknown_indicator", "B2"),
    ((None, None, "养老床位", 5), "unknown_indicator", "C2"),
    ((None, None, "培训", 5), "ambiguous_indicator", "C2"),
    ((None, None, None, 5), "indicator_missing", "A2"),
    ((None, None, None, None, None, None, None, "做了"), "indicator_missing", "A2"),
    (("0703", None, None, 5), "number_without_indicator", "D2"),
    (("0703", None, None, None, 5), "number_without_indicator", "E2"),
    (("0703", None, None, "已完成"), "number_without_indicator", "D2"),
    (("0703", None, None, None, None, "是"), "number_without_indicator", "F2"),
    (("0703", None, None, None, None, "?"), "bad_mark", "F2"),
    (("0703", None, None, None, None, None, "进行中"), "unknown_stage", "G2"),
    ((None, "YL-20", None, 5, None, None, "推进中"), "commitment_missing", "G2"),
]


@pytest.mark.parametrize(("cells", "code", "cell"), ROWS)
def test_fault_in_a_row_is_told_at_its_cell(cells, code, cell):
    assert told_of_row(*cells) == [(code, f"表!{cell}")]


def test_unknown_stage_names_the_four():
    reading = read_workbook(
        xlsx([HEADER, ("0703", None, None, None, None, None, "进行中")]),
        "a",
        NAMES,
        organisation="330203",
        period="2020Q3",
    )
    assert all(stage in reading.problems[0].message for stage in ("未启动", "推进中", "已完成", "受阻", "进行中"))


def test_all_problems_are_told_at_once_and_good_rows_are_still_read():
    rows = [
        HEADER,
        ("0902", None, None, "约50", None, None, "进行中"),
        ("0801", None, None, 7),
        (None, None, "没有", 5),
        ("0704", None, None, 30),
    ]
    reading = read_workbook(xlsx(rows), "a", NAMES, organisation="330203", period="2020Q3")
    assert [(problem.code, problem.place.cell, problem.found) for problem in reading.problems] == [
        ("approximate", "D2", "约50"),
        ("unknown_stage", "G2", "进行中"),
        ("unknown_indicator", "C4", "没有"),
        ("denominator_missing", "D5", "30"),
    ]
    assert [read.indicator for read in reading.figures] == ["YL-01"]


def test_error_cells_and_formulas_without_result():
    stream = io.BytesIO()
    workbook = xlsxwriter.Workbook(stream, {"in_memory": True})
    sheet = workbook.add_worksheet("表")
    for column, head in enumerate(HEADER):
        sheet.write(0, column, head)
    sheet.write_row(1, 0, ["0902", None])
    sheet.write_formula(1, 3, "=A1+1", None, "")
    sheet.write_row(2, 0, ["0801", None])
    sheet.write_formula(2, 3, "=X1", None, "#REF!")
    sheet.write_formula(2, 7, "=X1", None, "#N/A")
    sheet.write_formula(3, 0, "=X1", None, "#N/A")
    sheet.write(3, 3, 5)
    workbook.close()
    assert told(stream.getvalue(), organisation="330203", period="2020Q3") == [
        ("uncached_formula", "表!D2"),
        ("error_cell", "表!D3"),
        ("error_cell", "表!H3"),
        ("unknown_indicator", "表!A4"),
    ]


def test_percentage_on_the_screen_is_a_percentage_whatever_number_is_in_the_file():
    stream = io.BytesIO()
    workbook = xlsxwriter.Workbook(stream, {"in_memory": True})
    sheet = workbook.add_worksheet("表")
    sheet.write_row(0, 0, ["指标", "数值", "分母"])
    sheet.write_row(1, 0, ["ET-01", None, 299])
    sheet.write(1, 1, 0.3, workbook.add_format({"num_format": "0%"}))
    workbook.close()
    reading = read_workbook(stream.getvalue(), "a", NAMES, organisation="330203", period="2020Q3")
    assert [(problem.code, problem.found) for problem in reading.problems] == [("percent_for_ratio", "30%")]


def test_same_figure_twice_is_told_at_the_second_with_the_place_of_the_first():
    rows = [["指标", "数值", "阶段"], ["床位", 5, "推进中"]]
    reading = read_workbook(xlsx_sheets({"甲": rows, "乙": rows}), "a", NAMES, organisation="330203", period="2020Q3")
    assert [(problem.code, str(problem.place)) for problem in reading.problems] == [
        ("duplicate_figure", "乙!B2"),
        ("duplicate_figure", "乙!C2"),
    ]
    assert "甲!B2" in reading.problems[0].message
    assert "甲!C2" in reading.problems[1].message
    assert [str(read.place) for read in reading.figures] == ["甲!B2"]


LONG_ROWS = [
    (("个", "床位", "2020Q3", 5), "unknown_organisation", "A2"),
    (("新区", "床位", "2020Q3", 5), "ambiguous_organisation", "A2"),
    ((None, "床位", "2020Q3", 5), "blank_key", "A2"),
    (("海曙", None, "2020Q3", 5), "indicator_missing", "B2"),
    (("海曙", "床位", None, 5), "blank_key", "C2"),
    (("海曙", "床位", "上半年", 5), "not_a_quarter", "C2"),
    (("海曙", "床位", "2021Q3", 5), "unknown_period", "C2"),
    (("海曙", "床位", date(2020, 9, 1), 5), "not_a_quarter", "C2"),
]


@pytest.mark.parametrize(("cells", "code", "cell"), LONG_ROWS)
def test_fault_in_a_long_table_is_told_at_its_cell(cells, code, cell):
    assert told(xlsx([LONG_HEADER, cells], sheet="表")) == [(code, f"表!{cell}")]


def test_units_and_periods_that_disagree_name_both():
    heading = [["填报单位:江北区民政局", "报告期:2020年二季度"], ["指标", "本期"], ["床位", 5]]
    reading = read_workbook(xlsx(heading), "a", NAMES, organisation="330203", period="2020Q3")
    assert [(problem.code, problem.place.cell) for problem in reading.problems] == [
        ("organisation_conflict", "A1"),
        ("period_conflict", "B1"),
    ]
    assert all(name in reading.problems[0].message for name in ("海曙区民政局", "江北区民政局"))
    assert all(code in reading.problems[1].message for code in ("2020Q2", "2020Q3"))
    row = [LONG_HEADER, ["江北", "床位", "2020Q2", 5]]
    assert told(xlsx(row, sheet="表"), organisation="330203") == [("organisation_conflict", "表!A2")]
    assert told(xlsx(row, sheet="表"), period="2020Q3") == [("period_conflict", "表!C2")]
    both = [["单位编码", *LONG_HEADER], ["330203", "江北", "床位", "2020Q2", 5]]
    assert told(xlsx(both, sheet="表")) == [("organisation_conflict", "表!B2")]
    assert told(xlsx([["单位:江北区"], *[LONG_HEADER, ["海曙", "床位", "2020Q2", 5]]], sheet="表")) == [
        ("organisation_conflict", "表!A3")
    ]


def test_list_without_unit_and_period_says_how_to_give_them():
    reading = read_workbook(xlsx([["指标", "本期"], ["床位", 5], ["YL-01", "约6"]]), "a", NAMES)
    assert [(problem.code, problem.place.cell) for problem in reading.problems] == [
        ("organisation_missing", "A1"),
        ("period_missing", "A1"),
        ("approximate", "B3"),
    ]
    assert "填报单位" in reading.problems[0].message
    assert "报告期" in reading.problems[1].message
    assert reading.figures == ()


def test_heading_that_names_nothing_known_is_told_once():
    rows = [["单位:万元", None], ["报告期:上半年"], ["指标", "本期"], ["床位", 5], ["YL-01", 6]]
    assert told(xlsx(rows, sheet="表")) == [("unknown_organisation", "表!A1"), ("not_a_quarter", "表!A2")]


def test_unknown_arguments_are_told():
    assert told(xlsx([HEADER]), organisation="9999", period="1999Q1") == [
        ("unknown_organisation", ""),
        ("unknown_period", ""),
    ]


def test_file_without_a_table_is_a_problem():
    assert told(xlsx([["你好", 5]], sheet="表")) == [("no_table", "表")]
    assert told(delimited([["a", "b"]])) == [("no_table", "")]
    assert told(xlsx_sheets({"填表说明": [LIST_HEADER]})) == [("no_table", "")]


def test_matrix_beside_a_good_sheet_refuses_the_file():
    sheets = {"甲": [["指标", "本期"], ["床位", 5]], "乙": [["单位", "新建养老床位"], ["海曙", 5]]}
    assert told(xlsx_sheets(sheets), organisation="330203", period="2020Q3") == [("matrix_layout", "乙!A1")]


MEASURES = [
    # indicator, 计量单位, value, what is told
    ("床位", "张", 2, []),
    ("床位", "床", 2, []),
    ("床位", None, 2, []),
    ("床位", "万张", 2, ["unit_conflict"]),
    ("床位", "个", 2, ["unit_conflict"]),
    ("床位", "万张", "-", []),
    ("YL-15", "人", 2, ["unit_conflict"]),
    ("ET-01", "%", "1/2", []),
    ("ET-01", "个", "1/2", []),
    ("ET-01", "万个", "1/2", ["unit_conflict"]),
]


@pytest.mark.parametrize(("indicator", "measure", "value", "codes"), MEASURES)
def test_number_counted_in_another_unit_is_refused(indicator, measure, value, codes):
    rows = [["指标", "计量单位", "本期"], [indicator, measure, value]]
    found = told(xlsx(rows, sheet="表"), organisation="330203", period="2020Q3")
    assert found == [(code, "表!B2") for code in codes]


def test_csv_row_that_an_unquoted_comma_has_lengthened_is_refused():
    options = {"organisation": "330203", "period": "2020Q3"}
    assert told("指标,本期,备注\n床位,1,234,\n".encode(), **options) == [("extra_cells", "D2")]
    assert told("指标,本期,备注\n床位,1\n".encode(), **options) == []


def test_header_in_two_rows_is_told():
    rows = [["指标", "本季填报", None], [None, "分子", "分母"], ["ET-01", 1, 2]]
    codes = told(xlsx(rows, sheet="表"), organisation="330203", period="2020Q3")
    assert ("second_header", "表!B2") in codes


@pytest.mark.parametrize("write", [xlsx, xls, delimited])
def test_damaged_files_are_problems_and_no_exceptions(write):
    data, chance = write([LONG_HEADER, ["海曙", "床位", "2020Q3", 5]]), random.Random(2020)
    refused = 0
    for _attempt in range(150):
        broken = bytearray(data)
        for _byte in range(chance.choice([1, 3, 20])):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        refused += bool(read_workbook(bytes(broken), "a", NAMES).problems)
    assert refused > 30


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml"])
def test_unknown_encoding_of_a_part_is_a_damage(part):
    broken = repacked(xlsx([HEADER]), {part: b'<?xml version="1.0" encoding="UTF-9"?><a/>'})
    assert told(broken) == [("damaged_file", "")]


def test_refusal_of_a_whole_file_is_a_problem_and_no_exception():
    assert told(b"%PDF-1.7") == [("not_a_spreadsheet", "")]
    assert told(b"") == [("empty_file", "")]
    far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    assert told(sheet_xml(xlsx([HEADER]), b"</sheetData>", far)) == [("too_many_rows", "")]
    assert told(b"a,b\n" * 300_000, max_bytes=1024 * 1024) == [("file_too_large", "")]
