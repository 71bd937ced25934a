from decimal import Decimal

import pytest

from targets.sheets.cells import Sheet, column_letters
from targets.sheets.columns import Field
from targets.sheets.names import NameIndex
from targets.sheets.tables import find_table
from tests.targets.sheets.workbooks import LIST_HEADER, LONG_HEADER, NAMES

INDEX = NameIndex(NAMES)


def search(*rows, name="养老"):
    return find_table(Sheet(name, tuple(tuple(row) for row in rows)), INDEX)


def codes(problems):
    return [problem.code for problem in problems]


HEADERS = [
    # header, the fields by column
    (
        LIST_HEADER,
        {
            Field.COMMITMENT_CODE: 0,
            Field.INDICATOR_CODE: 1,
            Field.NAME: 2,
            Field.MEASURE: 3,
            Field.VALUE: 6,
            Field.DENOMINATOR: 7,
            Field.NOT_APPLICABLE: 8,
            Field.STAGE: 9,
            Field.PROGRESS: 10,
            Field.PROBLEMS: 11,
            Field.NEXT_STEPS: 12,
        },
    ),
    (
        LONG_HEADER,
        {
            Field.ORGANISATION: 0,
            Field.NAME: 1,
            Field.PERIOD: 2,
            Field.VALUE: 3,
            Field.DENOMINATOR: 4,
            Field.NOTE: 5,
        },
    ),
    (
        ("说明", "分母", "数值（分子）", "季度", "指标编码", "填报单位"),
        {
            Field.NOTE: 0,
            Field.DENOMINATOR: 1,
            Field.VALUE: 2,
            Field.PERIOD: 3,
            Field.INDICATOR_CODE: 4,
            Field.ORGANISATION: 5,
        },
    ),
    (("序 号", "指标 名称", "计量单位", "本 季\n完成"), {Field.NAME: 1, Field.MEASURE: 2, Field.VALUE: 3}),
    (("任务", "阶段"), {Field.TASK: 0, Field.STAGE: 1}),
    ((None, "指标", "完成数"), {Field.NAME: 1, Field.VALUE: 2}),
    (
        ("指标", "本期", "计量单位", "存在的问题", "下一步打算"),
        {Field.NAME: 0, Field.VALUE: 1, Field.MEASURE: 2, Field.PROBLEMS: 3, Field.NEXT_STEPS: 4},
    ),
    (
        ("单位编码", "指标", "期间", "填报数"),
        {Field.ORGANISATION_CODE: 0, Field.NAME: 1, Field.PERIOD: 2, Field.VALUE: 3},
    ),
]


@pytest.mark.parametrize(("header", "fields"), HEADERS)
@pytest.mark.parametrize("above", [0, 29])
def test_header_is_found_anywhere_in_the_first_30_rows(header, fields, above):
    found = search(*[("一些文字", 3)] * above, header)
    assert found.table is not None
    assert found.table.header_row == above
    assert found.table.columns == fields
    assert found.problems == ()


def test_header_below_the_first_30_rows_is_not_found():
    found = search(*[("文字", Decimal(3))] * 30, LIST_HEADER)
    assert found.table is None
    assert codes(found.remarks) == ["sheet_skipped"]
    assert str(found.remarks[0].place) == "养老!B1"


def test_measure_words_are_not_the_reporting_unit():
    assert not search(("指标", "计量单位", "本季完成")).table.is_long
    assert search(("指标", "单位", "本季完成")).table.is_long


@pytest.mark.parametrize(
    ("header", "place"),
    [
        (("指标", "本季完成", "本季完成"), "C1"),
        (("指标", "本季完成", "分母", "本期"), "D1"),
        (("指标", "指标名称", "本期"), "B1"),
    ],
)
def test_two_columns_that_mean_the_same_are_a_problem(header, place):
    found = search(header)
    assert codes(found.problems) == ["duplicate_column"]
    assert found.problems[0].place.cell == place


def test_columns_that_are_not_read_are_named():
    found = search(("指标", "本季完成", "实际完成", None, "空列"), ("床位", 3, 4, None, None), (None, None, None, 9))
    assert codes(found.remarks) == ["unread_columns"]
    assert found.remarks[0].found == "C 实际完成、D"


HEADINGS = [
    # rows above the header, what they say
    ([("单位:海曙区民政局",)], [("organisation", "海曙区民政局", "A1")]),
    (
        [("填报单位：海曙区民政局   报告期：2020年三季度",)],
        [("organisation", "海曙区民政局", "A1"), ("period", "2020年三季度", "A1")],
    ),
    (
        [("单位", "海曙区民政局", "期间", "2020Q3")],
        [("organisation", "海曙区民政局", "B1"), ("period", "2020Q3", "D1")],
    ),
    ([("填报单位（盖章）：", None, "海曙")], [("organisation", "海曙", "C1")]),
    ([("标题",), (None, "（单位：海曙）")], [("organisation", "海曙", "B2")]),
    ([("计量单位:个", "填报人:张三", "填报日期:2020-10-10")], []),
    ([("单位:个、张",), ("海曙区民政局2020年三季度填报表",)], []),
    ([("单位:万元",)], [("organisation", "万元", "A1")]),
    ([("报告期:",)], []),
    ([("填报单位:", None, "报告期:2020Q3")], [("period", "2020Q3", "C1")]),
]


@pytest.mark.parametrize(("rows", "expected"), HEADINGS)
def test_lines_above_the_table_name_unit_and_period(rows, expected):
    headings = search(*rows, LIST_HEADER).table.headings
    assert [(heading.field, heading.cell, heading.place.cell) for heading in headings] == expected


@pytest.mark.parametrize(
    "rows",
    [
        [("单位", "新建养老床位", "新建区域性居家养老服务中心"), ("海曙", 1, 2)],
        [("汇总表",), ("单位", "YL-09"), ("海曙", 1)],
        [("单位", "村(社区)“儿童之家”覆盖率", None), (None, "分子", "分母"), ("海曙", 1, 2)],
        [("区县", "儿童", None, "养老", None), (None, "分子", "分母", "分子", "分母"), ("海曙", 1, 2, 3, 4)],
        [("指标", "海曙区", "江北区"), ("新建养老床位", 1, 2)],
    ],
)
def test_matrix_layout_is_refused_with_its_own_sentence(rows):
    found = search(*rows)
    assert found.table is None
    assert codes(found.problems) == ["matrix_layout"]


def test_sheet_without_numbers_or_with_instructions_is_left_out_silently():
    assert search(("欢迎",), ("请填写",)) == search() == search(("1", "2"), name=" 填表说明 ")
    assert codes(search(("欢迎", "12")).remarks) == ["sheet_skipped"]


@pytest.mark.parametrize(
    ("column", "letters"), [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA"), (16383, "XFD")]
)
def test_columns_are_named_as_the_spreadsheet_names_them(column, letters):
    assert column_letters(column) == letters
