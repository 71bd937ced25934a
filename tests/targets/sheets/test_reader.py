"""Whole files through the reader: what is read, and that nothing is said where nothing is wrong."""

from decimal import Decimal

import pytest

from targets.problems import Place
from targets.sheets.reader import read_workbook
from targets.sheets.readings import ReadFigure, Reading, ReadNote, State
from tests.targets.sheets.workbooks import LIST_HEADER, LONG_HEADER, NAMES, delimited, xls, xlsx, xlsx_sheets

TITLE = [
    ["海曙区民政局2020年三季度填报表"],
    ["填报单位:海曙区民政局", None, None, "报告期:2020年三季度"],
    ["填报人:", "张三"],
]
TEMPLATE = [
    *TITLE,
    LIST_HEADER,
    ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13"],
    [
        "0704",
        "ET-01",
        "村(社区)“儿童之家”覆盖率",
        "%",
        "30",
        None,
        88,
        299,
        None,
        "推进中",
        "已建88个",
        None,
        None,
    ],
    ["0801", "YL-01", "新建区域性居家养老服务中心", "个", 46, 3, "2个", None, None, None, None, None, None],
    ["0902", "YL-09", "新建养老床位", "张", 4000, 120, 0, None, None, None, None, None, None],
    [
        "0903",
        "YL-10",
        "每百名老人拥有社会养老床位",
        "张/百名老人",
        5,
        None,
        "-",
        None,
        None,
        None,
        None,
        None,
        None,
    ],
    [
        "1004",
        "YL-15",
        "护理人员和家庭照护者培训",
        "人次",
        19000,
        None,
        None,
        None,
        "是",
        None,
        "无培训任务",
        None,
        None,
    ],
    [
        "0703",
        None,
        "市县两级未成年人救助保护中心提能增效",
        None,
        None,
        None,
        None,
        None,
        None,
        "受阻",
        None,
        "缺人",
        "增编",
    ],
    ["0901", None, "养老服务机构疫情防控", None, None, None, None, None, None, None, None, None, None],
    [],
    ["注:本表按季填报"],
    ["填报日期:2020-10-10", None, None, "审核人:", "李四"],
]


def figure(indicator, state, numerator=None, denominator=None, *, cell, below=None, note="", row="", sheet="养老"):
    return ReadFigure(
        organisation="330203",
        indicator=indicator,
        period="2020Q3",
        state=State(state),
        numerator=None if numerator is None else Decimal(numerator),
        denominator=None if denominator is None else Decimal(denominator),
        note=note,
        place=Place(sheet, cell),
        denominator_place=Place(sheet, below) if below else None,
        row_text=row,
    )


def test_template_is_read_whole():
    reading = read_workbook(xlsx(TEMPLATE), "a.xlsx", NAMES)
    assert reading.problems == ()
    assert reading.figures == (
        figure(
            "ET-01",
            "number",
            88,
            299,
            cell="G6",
            below="H6",
            row="0704 | ET-01 | 村(社区)“儿童之家”覆盖率 | % | 30 | 88 | 299 | 推进中 | 已建88个",
        ),
        figure(
            "YL-01",
            "number",
            2,
            cell="G7",
            row="0801 | YL-01 | 新建区域性居家养老服务中心 | 个 | 46 | 3 | 2个",
        ),
        figure("YL-09", "number", 0, cell="G8", row="0902 | YL-09 | 新建养老床位 | 张 | 4000 | 120 | 0"),
        figure(
            "YL-10",
            "not_reported",
            cell="G9",
            row="0903 | YL-10 | 每百名老人拥有社会养老床位 | 张/百名老人 | 5 | -",
        ),
        figure(
            "YL-15",
            "not_applicable",
            cell="I10",
            note="无培训任务",
            row="1004 | YL-15 | 护理人员和家庭照护者培训 | 人次 | 19000 | 是 | 无培训任务",
        ),
    )
    assert reading.notes == (
        ReadNote("330203", "2020Q3", "0704", "in_progress", "已建88个", None, None, Place("养老", "J6")),
        ReadNote("330203", "2020Q3", "1004", None, "无培训任务", None, None, Place("养老", "K10")),
        ReadNote("330203", "2020Q3", "0703", "blocked", None, "缺人", "增编", Place("养老", "J11")),
    )
    assert [(remark.code, str(remark.place), remark.found) for remark in reading.remarks] == [
        ("not_reported", "养老!G9", "-")
    ]


@pytest.mark.parametrize("write", [xls, lambda rows: delimited(rows), lambda rows: delimited(rows, encoding="gb18030")])
def test_other_formats_say_the_same_as_xlsx(write):
    expected, reading = read_workbook(xlsx(TEMPLATE), "a", NAMES), read_workbook(write(TEMPLATE), "a", NAMES)
    assert reading.problems == ()
    plain = [
        (f.indicator, f.state, f.numerator, f.denominator, f.place.cell, f.note, f.row_text) for f in expected.figures
    ]
    assert [
        (f.indicator, f.state, f.numerator, f.denominator, f.place.cell, f.note, f.row_text) for f in reading.figures
    ] == plain
    assert [note.commitment for note in reading.notes] == [note.commitment for note in expected.notes]


def test_csv_places_have_no_sheet():
    reading = read_workbook(delimited(TEMPLATE), "a.csv", NAMES)
    assert [str(read.place) for read in reading.figures] == ["G6", "G7", "G8", "G9", "I10"]


LONG = [
    LONG_HEADER,
    ["海曙", "床位", "2020Q3", 5, None, "新建"],
    ["江北区", "YL-09", "三季度", "1.1万张", None, None],
    ["合计", "床位", "2020年3季度", 11005, None, None],
    ["宁波市海曙区民政局", "儿童之家覆盖率", "2020年三季度", "88/299", None, None],
    ["江北", "ET-01", "2020Q3", 30, 158, None],
    ["330206", "ET-01", "2020Q3", None, None, None],
]


def test_long_table_is_read_with_units_periods_and_totals():
    reading = read_workbook(xlsx(LONG, sheet="汇总"), "a", NAMES)
    assert (reading.problems, reading.remarks, reading.notes) == ((), (), ())
    assert [
        (
            read.organisation,
            read.indicator,
            read.period,
            read.numerator,
            read.denominator,
            read.note,
            str(read.denominator_place),
        )
        for read in reading.figures
    ] == [
        ("330203", "YL-09", "2020Q3", 5, None, "新建", "None"),
        ("330205", "YL-09", "2020Q3", 11000, None, "", "None"),
        ("330203", "ET-01", "2020Q3", 88, 299, "", "汇总!D5"),
        ("330205", "ET-01", "2020Q3", 30, 158, "", "汇总!E6"),
    ]


def test_merged_units_hold_for_all_their_rows():
    rows = [
        LONG_HEADER,
        ["海曙", "床位", "2020Q3", 5],
        [None, "YL-15", "2020Q3", 6],
        [None, "YL-01", "2020Q3", 7],
    ]
    reading = read_workbook(xlsx(rows, merges=["A2:A3"]), "a", NAMES)
    assert [read.indicator for read in reading.figures] == ["YL-09", "YL-15"]
    assert [(problem.code, problem.place.cell) for problem in reading.problems] == [("blank_key", "A4")]


def test_unit_and_period_may_come_from_the_caller():
    reading = read_workbook(xlsx([LIST_HEADER, *TEMPLATE[5:8]]), "a", NAMES, organisation="330205", period="2020Q2")
    assert reading.problems == ()
    assert {(read.organisation, read.period) for read in (*reading.figures, *reading.notes)} == {("330205", "2020Q2")}


def test_heading_of_a_long_table_may_name_the_city_that_compiled_it():
    assert read_workbook(xlsx([["填报单位:宁波市民政局"], *LONG]), "a", NAMES).problems == ()


def test_several_sheets_are_one_file():
    sheets = {
        "填表说明": [["指标编码", "口径"], ["YL-01", 5]],
        "养老": [*TITLE, ["指标", "本季完成"], ["床位", 5]],
        "儿童": [*TITLE, ["指标", "分子", "分母"], ["ET-01", 1, 2]],
        "其他": [["电话", 87654321]],
    }
    reading = read_workbook(xlsx_sheets(sheets), "a", NAMES)
    assert reading.problems == ()
    assert [str(read.place) for read in reading.figures] == ["养老!B5", "儿童!B5"]
    assert [(remark.code, str(remark.place)) for remark in reading.remarks] == [("sheet_skipped", "其他!B1")]


def test_hidden_rows_are_read_and_told():
    reading = read_workbook(xlsx([*TITLE, ["指标", "本期"], ["床位", 5]], hidden_rows=[4]), "a", NAMES)
    assert [read.numerator for read in reading.figures] == [5]
    assert [(remark.code, remark.place.cell) for remark in reading.remarks] == [("hidden_rows", "A5")]


@pytest.mark.parametrize("code", [801, 801.0, "801", "0801"])
def test_task_code_may_have_lost_its_leading_zero(code):
    rows = [*TITLE, ["任务编码", "指标", "本期"], [code, "新建区域性居家养老服务中心", 5]]
    assert [read.indicator for read in read_workbook(xlsx(rows), "a", NAMES).figures] == ["YL-01"]


RATIOS = [
    # value, denominator, what is read
    ("88", "299", (State.NUMBER, 88, 299)),
    ("88/299", None, (State.NUMBER, 88, 299)),
    ("88/299", "299", (State.NUMBER, 88, 299)),
    ("88", "299个", (State.NUMBER, 88, 299)),
    ("-", None, (State.NOT_REPORTED, None, None)),
    ("-", "-", (State.NOT_REPORTED, None, None)),
    (None, "-", (State.NOT_REPORTED, None, None)),
    ("不适用", None, (State.NOT_APPLICABLE, None, None)),
    ("不适用", "不适用", (State.NOT_APPLICABLE, None, None)),
    (None, None, None),
    ("0", "5", (State.NUMBER, 0, 5)),
]


@pytest.mark.parametrize(("value", "denominator", "expected"), RATIOS)
def test_ratio_takes_two_numbers(value, denominator, expected):
    rows = [["指标", "数值", "分母"], ["ET-01", value, denominator]]
    reading = read_workbook(delimited(rows), "a", NAMES, organisation="330203", period="2020Q3")
    assert reading.problems == ()
    assert [(read.state, read.numerator, read.denominator) for read in reading.figures] == (
        [expected] if expected else []
    )


@pytest.mark.parametrize("mark", ["是", "√", "✓", 1, "不适用", "Y", "y", True])
def test_marks_of_not_applicable(mark):
    rows = [["指标", "本期", "不适用", "备注", "进展情况"], ["床位", "-", mark, "没有机构", "照旧"]]
    reading = read_workbook(xlsx(rows), "a", NAMES, organisation="330203", period="2020Q3")
    assert reading.problems == ()
    assert [(read.state, read.note, read.place.cell) for read in reading.figures] == [
        (State.NOT_APPLICABLE, "没有机构", "C2")
    ]


@pytest.mark.parametrize("mark", [None, "否", "×", 0, False])
def test_what_does_not_mark_not_applicable(mark):
    rows = [["指标", "本期", "不适用"], ["床位", 3, mark]]
    reading = read_workbook(xlsx(rows), "a", NAMES, organisation="330203", period="2020Q3")
    assert [(read.state, read.numerator) for read in reading.figures] == [(State.NUMBER, 3)]


def test_note_without_a_figure_is_told():
    rows = [["指标", "本期", "备注"], ["床位", None, "下月补报"]]
    reading = read_workbook(xlsx(rows), "a", NAMES, organisation="330203", period="2020Q3")
    assert (reading.figures, reading.problems) == ((), ())
    assert [(remark.code, remark.place.cell) for remark in reading.remarks] == [
        ("note_without_figure", "C2"),
        ("nothing_filled_in", ""),
    ]


def test_empty_template_says_that_nothing_is_filled_in():
    reading = read_workbook(xlsx([*TITLE, LIST_HEADER, ["0902", "YL-09", "新建养老床位", "张", 4000, 5]]), "a", NAMES)
    assert reading == Reading(remarks=reading.remarks)
    assert [remark.code for remark in reading.remarks] == ["nothing_filled_in"]
