"""Pace, completion and status as tables of cases ("Pace, completion, status" in docs/domain.md)."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from targets.amounts import EVERY, LATEST, SUM, Amount
from targets.progress import (
    AT_MOST,
    CUSTOM,
    LINEAR,
    NO_PACE,
    Goal,
    Stage,
    Status,
    Thresholds,
    Weighed,
    is_divided,
    judge,
    milestone_status,
    on_track,
    pace_curve,
    ranks,
    rounded,
    shortfall,
    shown,
    split,
    undivided,
    weigh,
)  # fmt: skip

F = Fraction
PLAN = Thresholds()
BEDS = Goal(F(4000))
NO_PACE_GOAL = Goal(F(30), pace=NO_PACE, curve=pace_curve(NO_PACE))
LIMIT = Goal(F(100), comparator=AT_MOST)


def status(*values: object, goal: Goal = BEDS, rule: str = SUM, thresholds: Thresholds = PLAN) -> Status | None:
    exact = [None if value is None else F(value) for value in values]
    return judge(rule, exact, goal, thresholds).status


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([610, 1720, 4000], Status.MET),
        ([610, 1720, 5000], Status.MET),
        ([610, 1720, 3000], Status.ON_PACE),
        ([610, 1720, 2893], Status.BEHIND),
        ([610, 1720, 2400], Status.BEHIND),  # a gap of exactly 15 points
        ([610, 1720, "2399.99"], Status.FAR_BEHIND),
        ([None, None, None], Status.MISSING),
        ([0, 0, 0], Status.FAR_BEHIND),
        ([0], Status.FAR_BEHIND),
        ([400], Status.BEHIND),
        ([1000, 2000, 3000, 3999], Status.BEHIND),
        ([1000, 2000, 3000, 4000], Status.MET),
    ],
)
def test_status_of_a_flow_at_linear_pace(values: list[object], expected: Status) -> None:
    assert status(*values) == expected


@pytest.mark.parametrize(
    ("values", "goal", "expected"),
    [
        ([10, 20, 29], NO_PACE_GOAL, Status.RUNNING),
        ([10, 20, 30], NO_PACE_GOAL, Status.MET),
        ([10, 20, 29, "29.9"], NO_PACE_GOAL, Status.BEHIND),
        ([10, 20, 29, 20], NO_PACE_GOAL, Status.FAR_BEHIND),
        ([None], NO_PACE_GOAL, Status.MISSING),
        ([40], LIMIT, Status.ON_PACE),  # a limit that is kept can still be broken
        ([40, 80, 100], LIMIT, Status.ON_PACE),
        ([40, 80, 100, 100], LIMIT, Status.MET),
        ([40, 80, 101], LIMIT, Status.BEHIND),
        ([40, 80, 200], LIMIT, Status.FAR_BEHIND),
        (
            [5],
            Goal(F(100), pace=CUSTOM, curve=pace_curve(CUSTOM, [Decimal(5), Decimal(20), Decimal(60)])),
            Status.ON_PACE,
        ),
        (
            [4],
            Goal(F(100), pace=CUSTOM, curve=pace_curve(CUSTOM, [Decimal(5), Decimal(20), Decimal(60)])),
            Status.BEHIND,
        ),
    ],
)
def test_status_of_other_goals(values: list[object], goal: Goal, expected: Status) -> None:
    assert status(*values, goal=goal, rule=LATEST) == expected


def test_tolerance_and_red_gap_belong_to_the_plan() -> None:
    generous = Thresholds.in_points(Decimal(5), Decimal(30))
    assert status(610, 1720, 2893, thresholds=generous) == Status.ON_PACE
    assert status(610, 1720, 1800, thresholds=generous) == Status.BEHIND
    assert status(610, 1720, 1799, thresholds=generous) == Status.FAR_BEHIND


@pytest.mark.parametrize(
    ("values", "expected", "kept"),
    [
        ([1, 0, 2], Status.FAR_BEHIND, 2),  # worked example 5
        ([1, None, 2], Status.MISSING, 2),
        ([1, 0, None], Status.FAR_BEHIND, 1),
        ([1, 1, 2], Status.ON_PACE, 3),
        ([1, 1, 2, 1], Status.MET, 4),
        ([1, 1, 2, None], Status.MISSING, 3),
    ],
)
def test_each_quarter_for_itself(values: list[object], expected: Status, kept: int) -> None:
    exact = [None if value is None else F(value) for value in values]
    verdict = judge(EVERY, exact, Goal(F(1)), PLAN)
    assert (verdict.status, verdict.kept, verdict.value) == (expected, kept, exact[-1])


def test_a_quarter_that_was_not_applicable_is_neither_short_nor_missing() -> None:
    verdict = judge(EVERY, [F(1), None, F(2)], Goal(F(1)), PLAN, not_applicable=[False, True, False])
    assert verdict.status == Status.ON_PACE


def test_not_applicable_now_does_not_hide_a_quarter_that_fell_short() -> None:
    verdict = judge(EVERY, [F(0), F(1), None], Goal(F(1)), PLAN, not_applicable=[False, False, True])
    assert (verdict.status, verdict.kept) == (Status.FAR_BEHIND, 1)
    assert judge(EVERY, [None, None], Goal(F(1)), PLAN, not_applicable=[True, True]).status is None


def test_an_all_not_applicable_unit_has_no_status() -> None:
    assert judge(LATEST, [F(1), None], NO_PACE_GOAL, PLAN, not_applicable=[False, True]).status is None


def test_a_unit_without_a_number_to_reach_has_a_value_and_no_status() -> None:
    verdict = judge(SUM, [F(3)], None, PLAN)
    assert (verdict.value, verdict.status, verdict.completion) == (F(3), None, None)


def test_worked_example_6_a_third_is_exact() -> None:
    third = Goal(F(100, 3), pace=NO_PACE, curve=pace_curve(NO_PACE))
    assert status(F(30, 90) * 100, goal=third, rule=LATEST) == Status.MET
    assert status(F(29, 90) * 100, goal=third, rule=LATEST) == Status.RUNNING
    assert not third.reached_by(F(2999, 9000) * 100)
    assert Goal(F("33.33")).reached_by(F(2999, 8997) * 100)  # 33.33 is another target than a third


@pytest.mark.parametrize(
    ("goal", "value", "completion"),
    [
        (BEDS, 2893, F(2893, 4000)),
        (BEDS, 5000, F(5, 4)),
        (Goal(F(30), baseline=F(20)), 25, F(1, 2)),
        (Goal(F(30), baseline=F(20)), 15, F(-1, 2)),
        (Goal(F(30), baseline=F(30)), 30, F(1)),
        (Goal(F(30), baseline=F(30)), 29, F(0)),
        (Goal(F(0)), 0, F(1)),
        (LIMIT, 50, F(1)),
        (LIMIT, 125, F(4, 5)),
        (Goal(F(0), comparator=AT_MOST), 3, F(0)),
    ],
)
def test_completion(goal: Goal, value: int, completion: Fraction) -> None:
    assert goal.completion(F(value)) == completion


def test_what_the_pictures_say_about_beds() -> None:
    verdict = judge(SUM, [F(610), F(1720), F(2893)], BEDS, PLAN)
    assert verdict.completion == F("0.72325")
    assert verdict.expected == F("0.75")
    assert verdict.gap == F("0.02675")
    assert verdict.needed_per_month == 369
    assert rounded(verdict.forecast or F(0), 2) == Decimal("3857.33")


def test_forecast_without_linear_pace_carries_the_last_quarter_on() -> None:
    verdict = judge(SUM, [F(10), F(25)], Goal(F(100), pace=NO_PACE, curve=pace_curve(NO_PACE)), PLAN)
    assert verdict.forecast == 55
    assert verdict.needed_per_month == F(75, 6)


def test_stocks_and_ratios_have_no_forecast() -> None:
    assert judge(LATEST, [F(1)], BEDS, PLAN).forecast is None
    assert judge(SUM, [F(1)], BEDS, PLAN, is_ratio=True).forecast is None


@pytest.mark.parametrize("quarter", [1, 2, 3, 4])
def test_every_curve_stands_at_one_in_the_fourth_quarter(quarter: int) -> None:
    shares = [Decimal(10), Decimal(20), Decimal(30)]
    assert pace_curve(LINEAR)[quarter - 1] == F(quarter, 4)
    assert pace_curve(CUSTOM, shares)[quarter - 1] == (F(quarter, 10) if quarter < 4 else 1)
    assert pace_curve(NO_PACE)[quarter - 1] == (None if quarter < 4 else 1)


@pytest.mark.parametrize(
    ("stages", "today", "expected"),
    [
        ({}, date(2020, 10, 12), Status.MISSING),
        ({Stage.DONE: 2}, date(2020, 10, 12), Status.MET),
        ({Stage.DONE: 1}, date(2020, 10, 12), Status.RUNNING),
        ({Stage.DONE: 1, Stage.BLOCKED: 1}, date(2020, 12, 31), Status.RUNNING),
        ({Stage.DONE: 1, Stage.BLOCKED: 1}, date(2021, 1, 1), Status.BEHIND),
    ],
)
def test_milestones(stages: dict[str, int], today: date, expected: Status) -> None:
    assert milestone_status(stages, 2, date(2020, 12, 31), today) == expected


def test_ties_share_a_rank() -> None:
    assert ranks([F(9), F(8), F(7), F(7), F(5), None]) == [1, 2, 3, 3, 5, None]


def test_on_track_counts_met_and_on_pace() -> None:
    assert on_track([Status.MET, Status.ON_PACE, Status.RUNNING, Status.BEHIND, None]) == 2


def test_what_is_not_divided_yet_and_what_is_too_much() -> None:
    assert undivided(F(46), [F(20), F(23)]) == 3
    assert undivided(F(46), [F(48)]) == -2


@pytest.mark.parametrize(
    ("rule", "is_ratio", "divided"),
    [(SUM, False, True), (LATEST, False, True), (EVERY, False, False), (SUM, True, False)],
)
def test_what_is_divided_and_what_is_compared(rule: str, is_ratio: bool, divided: bool) -> None:
    assert is_divided(rule, is_ratio=is_ratio) is divided


@pytest.mark.parametrize(
    ("whole", "weights", "places", "parts"),
    [
        ("10", [1, 1, 1], 0, ["4", "3", "3"]),  # of equal remainders the first gets the rest
        ("10", [1, 1, 1], 2, ["3.34", "3.33", "3.33"]),
        ("46", [275, 158, 0, 90], 0, ["24", "14", "0", "8"]),
        ("2", [1, 1, 1, 1, 1], 0, ["1", "1", "0", "0", "0"]),
        ("0", [1, 2], 0, ["0", "0"]),
        ("10.5", [1, 1], 0, ["5.5", "5"]),  # the whole's own decimals stay with somebody
        ("100/3", [1, 1], 0, ["17", "49/3"]),
        ("7", [1], 0, ["7"]),
        ("1", ["1/3", "1/6"], 0, ["1", "0"]),
    ],
)
def test_a_split_adds_up_exactly(whole: str, weights: list[object], places: int, parts: list[str]) -> None:
    assert split(F(whole), [F(weight) for weight in weights], places) == [F(part) for part in parts]
    assert sum(F(part) for part in parts) == F(whole)


@pytest.mark.parametrize("weights", [[], [0, 0], [2, -1]])
def test_there_is_no_split_without_weights(weights: list[int]) -> None:
    with pytest.raises(ValueError, match="weights"):
        split(F(5), [F(weight) for weight in weights], 0)


@given(
    st.integers(min_value=0, max_value=5000),
    st.lists(st.integers(min_value=0, max_value=30), min_size=1, max_size=14).filter(any),
    st.integers(min_value=0, max_value=2),
)
def test_splits_against_dealing_out_one_by_one(units: int, weights: list[int], places: int) -> None:
    """The oracle deals out the smallest units one at a time, each to who still lacks most of the exact share."""
    exact = [F(units * weight, sum(weights)) for weight in weights]
    dealt = [int(share) for share in exact]
    for _each in range(units - sum(dealt)):
        lacks = [share - part for share, part in zip(exact, dealt, strict=True)]
        dealt[lacks.index(max(lacks))] += 1
    step = F(1, 10**places)
    parts = split(units * step, [F(weight) for weight in weights], places)
    assert parts == [part * step for part in dealt]
    assert sum(parts) == units * step
    assert all(abs(part - share * step) < step for part, share in zip(parts, exact, strict=True))
    assert all(part == 0 for part, weight in zip(parts, weights, strict=True) if weight == 0)


@pytest.mark.parametrize(
    ("value", "places", "expected"),
    [
        ("0.5", 0, "1"),
        ("-0.5", 0, "-1"),
        ("1" * 40 + ".25", 1, "1" * 40 + ".3"),
        ("2.675", 2, "2.68"),
        ("72.325", 1, "72.3"),
        ("100", 1, "100.0"),
    ],
)
def test_rounding_is_half_up(value: str, places: int, expected: str) -> None:
    assert str(rounded(F(value), places)) == expected


@pytest.mark.parametrize(
    ("value", "bounds", "expected"),
    [
        ("99.96", ["100"], "99.96"),
        ("99.94", ["100"], "99.9"),
        ("74.999", ["75"], "74.999"),
        ("15.04", ["15"], "15.04"),
        ("15", ["15"], "15.0"),
        ("15.04", [None], "15.0"),
    ],
)
def test_a_rounded_number_stays_on_its_side(value: str, bounds: list[str | None], expected: str) -> None:
    assert str(shown(F(value), [None if bound is None else F(bound) for bound in bounds])) == expected


@given(st.fractions(min_value=-1000, max_value=1000), st.fractions(min_value=-1000, max_value=1000))
def test_no_printed_number_contradicts_its_bound(value: Fraction, bound: Fraction) -> None:
    printed = Fraction(shown(value, [bound]))
    assert (value < bound) == (printed < bound) or value == bound
    assert (value > bound) == (printed > bound) or value == bound
    assert abs(printed - value) <= F(1, 20)


@given(st.lists(st.fractions(min_value=0, max_value=3), max_size=12))
def test_ranks_against_counting(completions: list[Fraction]) -> None:
    assert ranks(completions) == [1 + sum(other > each for other in completions) for each in completions]


@pytest.mark.parametrize(
    ("amount", "goal", "per", "quarter", "lacks"),
    [
        (Amount(Decimal(2893)), BEDS, 1, 3, 107),
        (Amount(Decimal(3100)), BEDS, 1, 3, -100),
        (None, BEDS, 1, 1, 1000),
        (Amount(Decimal(25)), Goal(F(30), baseline=F(20)), 1, 2, 0),
        (Amount(Decimal(5)), NO_PACE_GOAL, 1, 3, -5),  # nothing is expected yet
        (Amount(Decimal(88), Decimal(300)), NO_PACE_GOAL, 100, 4, 2),  # two more villages make 30 %
    ],
)
def test_shortfall_is_counted_in_things(amount: Amount | None, goal: Goal, per: int, quarter: int, lacks: int) -> None:
    assert shortfall(amount, goal, Decimal(per), quarter) == lacks


@pytest.mark.parametrize(
    ("goal", "parts", "divided", "expected", "even"),
    [
        (Goal(F(10)), {"a": F(4), "b": F(6)}, True, Weighed(F(0)), True),
        (Goal(F(10)), {"a": F(4), "b": None}, True, Weighed(F(6)), False),
        (Goal(F(10)), {"a": F(12)}, True, Weighed(F(-2)), False),
        (Goal(F(10)), {"a": F(9), "b": F(10), "c": F(11)}, False, Weighed(None, ("a",)), False),
        (LIMIT, {"a": F(99), "b": F(100), "c": F(101)}, False, Weighed(None, ("c",)), False),
        (LIMIT, {"a": F(99), "b": None}, False, Weighed(None, (), 1), False),
        (LIMIT, {"a": F(100)}, False, Weighed(None), True),
    ],
)
def test_targets_are_held_against_the_wholes(
    goal: Goal, parts: dict[str, F | None], divided: bool, expected: Weighed, even: bool
) -> None:
    weighed = weigh(goal, parts, divided=divided)
    assert (weighed, weighed.is_even) == (expected, even)
