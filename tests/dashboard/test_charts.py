from fractions import Fraction as F

import pytest

from dashboard import charts
from targets import wording
from targets.progress import Status
from targets.statuses import STATUS_BADGES, Count


@pytest.mark.parametrize(
    ("completion", "expected", "fill", "mark"),
    [
        (F(585, 1000), F(3, 4), "58.50%", "75.00%"),
        (F(6, 5), F(1), "100.00%", "100.00%"),
        (F(-1, 10), F(1, 2), "", "50.00%"),
        (F(1, 3), None, "33.33%", ""),
        (None, F(1, 4), "", "25.00%"),
    ],
)
def test_a_bar_stays_between_nothing_and_full(completion: F, expected: F, fill: str, mark: str) -> None:
    bar = wording.bar("behind", "title", completion, expected)
    assert (bar.fill, bar.mark) == (fill, mark)


def test_segments_fill_the_whole_width() -> None:
    counts = [Count(STATUS_BADGES[Status.MET], 1), Count(STATUS_BADGES[Status.BEHIND], 3)]
    drawn = charts.segments(counts)
    assert [(each.key, each.x, each.width) for each in drawn] == [
        ("met", "0.00%", "25.00%"),
        ("behind", "25.00%", "75.00%"),
    ]
    assert charts.segments([]) == ()


def test_a_spark_leaves_out_quarters_without_a_value() -> None:
    spark = charts.spark("met", "title", [F(0), None, F(10)])
    assert spark is not None
    assert spark.points == "3.0,17.0 36.3,3.0"
    assert len(spark.dots) == 2
    assert charts.spark("missing", "title", [None, None]) is None


@pytest.mark.parametrize(
    ("top", "steps"),
    [
        (4000, [0, 1000, 2000, 3000, 4000]),
        (1, [0, 0.25, 0.5, 0.75, 1]),
        (41, [0, 20, 40, 60]),
        (100, [0, 25, 50, 75, 100]),
    ],
)
def test_steps_of_an_axis_are_round(top: float, steps: list[float]) -> None:
    assert charts.nice_steps(top) == steps


def test_the_year_runs_from_the_start_to_the_forecast() -> None:
    curves = charts.Curves(
        pace=[(0, F(0)), (1, F(1000)), (2, F(2000)), (3, F(3000)), (4, F(4000))],
        start=F(0),
        points=[(1, F(600), "600"), (3, F(1900), "1,900")],
        forecast=F(3900),
        target=(F(4000), "Target 4,000"),
        forecast_text="Forecast 3,900",
    )
    chart = charts.year_chart("far_behind", "title", curves, ["Q1", "Q2", "Q3", "Q4"])
    assert [(line.x1, line.x2) for line in chart.actual] == [("0.00%", "25.00%"), ("25.00%", "75.00%")]
    assert [(line.x1, line.x2) for line in chart.forecast] == [("75.00%", "100.00%")]
    assert [label.text for label in chart.grid] == ["0", "1,000", "2,000", "3,000", "4,000"]
    assert [label.text for label in chart.dots] == ["600", "1,900"]
    assert all(float(dot.text_y) < charts.CHART_FLOOR for dot in chart.dots)
    target, forecast = chart.ends
    assert (target.text, forecast.text) == ("Target 4,000", "Forecast 3,900")
    assert float(forecast.y) - float(target.y) >= charts.LINE_OF_TEXT


def test_a_zero_is_written_above_the_axis() -> None:
    curves = charts.Curves(pace=(), start=F(0), points=[(1, F(0), "0"), (2, F(9), "9")])
    zero, nine = charts.year_chart("behind", "title", curves, ["1", "2", "3", "4"]).dots
    assert float(zero.text_y) < float(zero.y)
    assert float(nine.text_y) > float(nine.y)


def test_a_chart_without_any_value_is_drawn() -> None:
    chart = charts.year_chart("missing", "title", charts.Curves(pace=(), start=None, points=()), ["1", "2", "3", "4"])
    assert (chart.actual, chart.dots, chart.ends) == ((), (), ())
    assert len(chart.quarters) == 4


def test_tiles_stand_in_columns_and_rows() -> None:
    assert charts.tile_place(2, 3).x == "66"
    assert charts.tile_place(2, 3).y == "132"
    assert charts.map_box([(1, 1), (3, 2)]) == "0 0 194 128"
