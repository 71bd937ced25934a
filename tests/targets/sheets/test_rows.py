from decimal import Decimal

import pytest

from targets.sheets.cells import Merge, Sheet
from targets.sheets.columns import Field
from targets.sheets.names import NameIndex
from targets.sheets.rows import read_rows
from targets.sheets.tables import find_table
from tests.targets.sheets.workbooks import LONG_HEADER, NAMES

LIST = ("任务编码", "指标", "计量单位", "本季填报", "分母", "进展情况")
DATA = ("0902", "新建养老床位", "张", Decimal(5), None, None)


def rows_of(*rows, header=LIST, **options):
    sheet = Sheet("养老", tuple(tuple(row) for row in (header, *rows)), **options)
    return read_rows(find_table(sheet, NameIndex(NAMES)).table)


SKIPPED = [
    (),
    (None, "", "  "),
    ("1", "2", "3", "4", "5", "6"),
    tuple(map(Decimal, (1, 2, 3, 4, 5, 6))),
    ("(1)", "（2）", "(3)", "(4)"),
    ("一", "二", "三", "四"),
    ("栏次", "1", "2", "3"),
    ("甲", "乙", "丙", "1", "2"),
    LIST,
    ("填报人:张三", None, None, "审核人:李四", None, "填报日期:2020-10-10"),
    ("填报人:", "张三", "联系电话:", Decimal(87654321)),
    ("填 报 人：张三",),
    ("注:本表由各单位填报",),
    ("备注：", "数据截至9月30日"),
    ("说明1:床位为新增数", None, None, None, None, None),
    ("0902", "新建养老床位", "张"),
    ("一、养老服务",),
]


@pytest.mark.parametrize("row", SKIPPED)
def test_rows_that_hold_no_figures_are_left_out(row):
    read = rows_of(row, DATA)
    assert [entry.number for entry in read.rows] == [2]
    assert read.problems == read.remarks == ()


@pytest.mark.parametrize(
    "row",
    [
        DATA,
        (None, None, None, Decimal(5)),
        (None, None, None, Decimal(1), Decimal(2)),
        ("填报人:张三", None, None, Decimal(5)),
        ("注:", None, None, Decimal(5)),
        ("说明", None, None, "5"),
        ("其他", None, None, None, None, "已开工"),
        ("5", "2", "3", "4", "5", "6"),
    ],
)
def test_row_that_holds_anything_is_kept(row):
    assert [entry.number for entry in rows_of(row).rows] == [1]


def test_numbering_counts_only_directly_below_the_header():
    numbering = ("1", "2", "3", "4", "5", "6")
    assert [entry.number for entry in rows_of(DATA, numbering).rows] == [1, 2]


@pytest.mark.parametrize("word", ["合计", "小计", "总计", "全市", "全市合计", "合 计", "合计："])
def test_totals_are_known_by_their_word(word):
    long = rows_of((word, "床位", "2020Q3", Decimal(5)), header=LONG_HEADER)
    assert [(entry.number, entry.total) for entry in long.rows] == [(1, 0)]
    listed = rows_of(DATA, (None, word, None, Decimal(5)))
    assert [entry.number for entry in listed.rows] == [1]
    assert [remark.code for remark in listed.remarks] == ["total_skipped"]
    assert str(listed.remarks[0].place) == "养老!B3"


def test_total_without_a_number_is_left_out_silently():
    assert rows_of(("合计",)).remarks == ()


def test_another_header_below_is_a_problem():
    read = rows_of(DATA, ("指标", "分子", "分母"))
    assert [(problem.code, problem.place.cell) for problem in read.problems] == [("second_header", "A3")]


def test_keys_and_texts_are_filled_from_merges_and_numbers_never():
    rows = [
        ("海曙", "床位", "2020Q3", Decimal(5)),
        (None, "培训", "2020Q3", Decimal(6)),
        (None, "床位", "2020Q2", Decimal(7)),
    ]
    read = rows_of(*rows, header=LONG_HEADER, merges=(Merge(1, 0, 2, 0),))
    assert [entry.cell(Field.ORGANISATION) for entry in read.rows] == ["海曙", "海曙", None]
    merged = rows_of(*rows, header=LONG_HEADER, merges=(Merge(1, 3, 2, 3),))
    assert [(problem.code, problem.place.cell) for problem in merged.problems] == [("merged_value", "D2")]
    assert merged.rows[1].cell(Field.VALUE) == 6


def test_hidden_rows_and_sheets_are_read_and_told():
    read = rows_of(DATA, DATA, DATA, hidden_rows=frozenset({0, 1, 3, 9}))
    assert len(read.rows) == 3
    assert [remark.code for remark in read.remarks] == ["hidden_rows"]
    assert "2、4" in read.remarks[0].message
    assert [remark.code for remark in rows_of(DATA, hidden=True).remarks] == ["hidden_sheet"]


def test_row_reads_as_one_line():
    assert rows_of(DATA).rows[0].text == "0902 | 新建养老床位 | 张 | 5"
