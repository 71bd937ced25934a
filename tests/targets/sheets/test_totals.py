import pytest

from targets.sheets.reader import read_workbook
from tests.targets.sheets.workbooks import LONG_HEADER, NAMES, xlsx

A, B, C = ("海曙", "床位", "2020Q3", 5), ("江北", "床位", "2020Q3", 7), ("北仑", "床位", "2020Q3", 9)
R, S = ("海曙", "ET-01", "2020Q3", 88, 275), ("江北", "ET-01", "2020Q3", 30, 158)
Q = ("海曙", "床位", "2020Q2", 100)

CASES = [
    # rows, the problems
    ([A, B, ("合计", "床位", "2020Q3", 12)], []),
    ([A, B, ("合计", "床位", "2020Q3", 13)], [("total_mismatch", "D4")]),
    ([("全市", "床位", "2020Q3", 12), A, B], []),
    ([("全市", "床位", "2020Q3", 5), A, B], [("total_mismatch", "D2")]),
    ([A, B, ("合计", None, None, 12)], []),
    ([A, B, ("合计", None, None, 11)], [("total_mismatch", "D4")]),
    ([A, B, ("合计", None, None, None)], []),
    ([A, B, ("合计", "床位", "2020Q3", "-")], []),
    (
        [
            A,
            B,
            ("小计", "床位", "2020Q3", 12),
            C,
            ("小计", "床位", "2020Q3", 9),
            ("总计", "床位", "2020Q3", 21),
        ],
        [],
    ),
    ([A, B, ("小计", "床位", "2020Q3", 12), C, ("小计", "床位", "2020Q3", 21)], [("total_mismatch", "D6")]),
    (
        [
            A,
            ("小计", "床位", "2020Q3", 5),
            B,
            ("小计", "床位", "2020Q3", 7),
            C,
            ("小计", "床位", "2020Q3", 9),
        ],
        [],
    ),
    ([A, R, B, S, ("小计", "床位", "2020Q3", 12), ("小计", "ET-01", "2020Q3", 118, 433)], []),
    ([A, Q, ("合计", "床位", "2020Q3", 5), ("合计", "床位", "2020Q2", 100)], []),
    ([A, Q, ("合计", "床位", None, 105)], [("total_unclear", "D4")]),
    ([A, R, ("合计", None, "2020Q3", 93)], [("total_unclear", "D4")]),
    ([A, ("合计", "YL-01", "2020Q3", 5)], [("total_unclear", "D3")]),
    ([A, ("合计", "没有", "2020Q3", 5)], [("unknown_indicator", "B3")]),
    ([A, ("合计", "床位", "全年", 5)], [("not_a_quarter", "C3")]),
    ([A, ("海曙", "合计", "2020Q3", 5)], [("total_unclear", "D3")]),
    ([A, ("海曙", "床位", "合计", 5)], [("total_unclear", "D3")]),
    ([("小计", "床位", "2020Q3", 5), A], [("total_unclear", "D2")]),
    ([("合计", "床位", "2020Q3", 5)], [("total_unclear", "D2")]),
    ([A, ("合计", "床位", "2020Q3", "约5")], [("approximate", "D3")]),
    ([("海曙", "床位", "2020Q3", "约5"), ("合计", "床位", "2020Q3", 12)], [("approximate", "D2")]),
    ([R, S, ("合计", "ET-01", "2020Q3", 118, 433)], []),
    ([R, S, ("合计", "ET-01", "2020Q3", "118/433")], []),
    ([R, S, ("合计", "ET-01", "2020Q3", 118, 434)], [("total_mismatch", "E4")]),
    ([R, S, ("合计", "ET-01", "2020Q3", "117/434")], [("total_mismatch", "D4"), ("total_mismatch", "D4")]),
    ([R, S, ("合计", "ET-01", "2020Q3", "27%")], [("percent_for_ratio", "D4")]),
    (
        [A, ("江北", "床位", "2020Q3", "-"), ("北仑", "床位", "2020Q3", None), ("合计", "床位", "2020Q3", 5)],
        [],
    ),
    ([("海曙", "床位", "2020Q3", "-"), ("合计", "床位", "2020Q3", 0)], []),
]


@pytest.mark.parametrize(("rows", "expected"), CASES)
def test_total_must_equal_the_sum_of_its_rows(rows, expected):
    reading = read_workbook(xlsx([LONG_HEADER, *rows]), "a", NAMES)
    assert [(problem.code, problem.place.cell) for problem in reading.problems] == expected


def test_disagreement_names_both_numbers():
    reading = read_workbook(xlsx([LONG_HEADER, A, B, ("合计", "床位", "2020Q3", "1.3万")]), "a", NAMES)
    (problem,) = reading.problems
    assert "13000" in problem.message
    assert "12" in problem.message.replace("13000", "")
    assert problem.found == "1.3万"


def test_total_word_may_stand_in_a_column_of_its_own():
    header = ("序号", *LONG_HEADER)
    rows = [header, ("1", *A), ("2", *B), ("合计", None, "床位", "2020Q3", 13)]
    reading = read_workbook(xlsx(rows), "a", NAMES)
    assert [(problem.code, problem.place.cell) for problem in reading.problems] == [("total_mismatch", "E4")]


def test_totals_are_no_figures():
    reading = read_workbook(xlsx([LONG_HEADER, A, ("全市", "床位", "2020Q3", 5)]), "a", NAMES)
    assert [read.organisation for read in reading.figures] == ["330203"]
