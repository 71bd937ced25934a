"""The geometry of the drawings: every coordinate as a ready string, so that templates only place them.

A length in percent is one of the drawing's width, whatever that is on the screen; all others are pixels.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from targets.amounts import QUARTERS
from targets.statuses import Count
from targets.wording import WHOLE, percent_of_width


def _pixels(length: Fraction | float) -> str:
    return f"{float(length):.1f}"


# ---- segmented bars


@dataclass(frozen=True, slots=True)
class Segment:
    """One stretch of a segmented bar."""

    key: str
    x: str
    width: str


def segments(counts: Sequence[Count]) -> tuple[Segment, ...]:
    """Stretches as long as the counts, from the left without a space."""
    total, before, stretches = sum(each.count for each in counts), 0, []
    for each in counts:
        stretches.append(
            Segment(
                each.badge.key, percent_of_width(Fraction(before, total)), percent_of_width(Fraction(each.count, total))
            )
        )
        before += each.count
    return tuple(stretches)


# ---- small lines of four quarters


@dataclass(frozen=True, slots=True)
class Spark:
    """A small line of the quarters so far: its corners, and a dot at each quarter that has a value."""

    key: str
    title: str
    points: str
    dots: tuple[tuple[str, str], ...]


SPARK_WIDTH, SPARK_HEIGHT, SPARK_MARGIN = 56, 20, 3


def spark(key: str, title: str, values: Sequence[Fraction | None]) -> Spark | None:
    """From the lowest to the highest value of the quarters so far, zero included; None without a value."""
    present = [value for value in values if value is not None]
    if not present:
        return None
    low, high = min(*present, Fraction(0)), max(*present, Fraction(0))
    span = high - low or WHOLE
    step = Fraction(SPARK_WIDTH - 2 * SPARK_MARGIN, len(QUARTERS) - 1)
    room = SPARK_HEIGHT - 2 * SPARK_MARGIN
    dots = tuple(
        (
            _pixels(SPARK_MARGIN + step * index),
            _pixels(SPARK_HEIGHT - SPARK_MARGIN - (value - low) / span * room),
        )
        for index, value in enumerate(values)
        if value is not None
    )
    return Spark(key, title, " ".join(f"{x},{y}" for x, y in dots), dots)


# ---- the year's chart


@dataclass(frozen=True, slots=True)
class Stretch:
    """A straight line between two points."""

    x1: str
    y1: str
    x2: str
    y2: str


@dataclass(frozen=True, slots=True)
class Label:
    """A text at a point."""

    x: str
    y: str
    text: str


@dataclass(frozen=True, slots=True)
class Dot:
    """A point of the line with its text, under it where there is room above the axis, else over it."""

    x: str
    y: str
    text_y: str
    text: str


@dataclass(frozen=True, slots=True)
class YearChart:
    """What was reached, what the pace asks for, and the forecast, from the start of the year to its end."""

    key: str
    title: str
    height: str
    grid: tuple[Label, ...]
    quarters: tuple[Label, ...]
    pace: tuple[Stretch, ...]
    actual: tuple[Stretch, ...]
    forecast: tuple[Stretch, ...]
    dots: tuple[Dot, ...]
    ends: tuple[Label, ...]


CHART_TOP, CHART_FLOOR, CHART_HEIGHT = 24, 216, 248
LINE_OF_TEXT = 20
Point = tuple[int, Fraction]


@dataclass(frozen=True, slots=True)
class Curves:
    """The values to draw, each with its quarter (0 is the start of the year), and their texts.

    `points` are the reported values with their labels; the line begins at `start`, or at the first point.
    """

    pace: Sequence[Point]
    start: Fraction | None
    points: Sequence[tuple[int, Fraction, str]]
    forecast: Fraction | None = None
    target: tuple[Fraction, str] | None = None
    forecast_text: str = ""


def year_chart(key: str, title: str, curves: Curves, quarter_names: Sequence[str]) -> YearChart:
    """The chart of a year's curves in the height of CHART_HEIGHT pixels."""
    values = [value for _, value in curves.pace] + [value for _, value, _ in curves.points]
    values += [value for value in (curves.forecast, curves.target and curves.target[0], curves.start) if value]
    steps = nice_steps(float(max(values, default=WHOLE)))
    top = Fraction(steps[-1])

    def y(value: Fraction | float) -> Fraction:
        return CHART_FLOOR - (CHART_FLOOR - CHART_TOP) * max(Fraction(value), Fraction(0)) / top

    def line(points: Sequence[Point]) -> tuple[Stretch, ...]:
        return tuple(
            Stretch(_quarter_x(q1), _pixels(y(v1)), _quarter_x(q2), _pixels(y(v2)))
            for (q1, v1), (q2, v2) in zip(points, points[1:], strict=False)
        )

    reached = [(quarter, value) for quarter, value, _ in curves.points]
    begun = [(0, curves.start), *reached] if curves.start is not None else reached
    ahead = [reached[-1], (4, curves.forecast)] if reached and curves.forecast is not None else []
    return YearChart(
        key=key,
        title=title,
        height=str(CHART_HEIGHT),
        grid=tuple(Label("0", _pixels(y(step)), f"{step:,.10g}") for step in steps),
        quarters=tuple(
            Label(_quarter_x(quarter), str(CHART_HEIGHT - 8), quarter_names[quarter - 1]) for quarter in QUARTERS
        ),
        pace=line(curves.pace),
        actual=line(begun),
        forecast=line(ahead),
        dots=tuple(_dot(quarter, y(value), text) for quarter, value, text in curves.points),
        ends=_apart(curves, y),
    )


def _apart(curves: Curves, y: Callable[[Fraction], Fraction]) -> tuple[Label, ...]:
    """The texts at the year's end, target and forecast, moved apart where they would cover each other."""
    ends = [(y(curves.target[0]), curves.target[1])] if curves.target else []
    if curves.forecast is not None:
        ends.append((y(curves.forecast), curves.forecast_text))
    ends.sort()
    if len(ends) == 2 and ends[1][0] - ends[0][0] < LINE_OF_TEXT:
        ends[1] = (ends[0][0] + LINE_OF_TEXT, ends[1][1])
    return tuple(Label("100%", _pixels(at), text) for at, text in ends)


def _dot(quarter: int, y: Fraction, text: str) -> Dot:
    under = y + LINE_OF_TEXT < CHART_FLOOR
    return Dot(_quarter_x(quarter), _pixels(y), _pixels(y + LINE_OF_TEXT if under else y - LINE_OF_TEXT / 2), text)


def _quarter_x(quarter: int) -> str:
    return percent_of_width(Fraction(quarter, len(QUARTERS)))


def nice_steps(top: float) -> list[float]:
    """Round numbers from 0 to at least `top`, three to six of them, equally far apart."""
    rough = max(top, 1e-6) / 4
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= rough * 0.999)
    return [round(step * index, 9) for index in range(math.ceil(round(top / step, 6)) + 1)]


# ---- the tile map


@dataclass(frozen=True, slots=True)
class TilePlace:
    """Where a unit's square stands, in pixels of the map."""

    x: str
    y: str
    middle: str
    name_y: str
    count_y: str


TILE, TILE_STEP = 62, 66


def tile_place(column: int, row: int) -> TilePlace:
    """The square of a column and a row, both from 1."""
    x, y = (column - 1) * TILE_STEP, (row - 1) * TILE_STEP
    return TilePlace(str(x), str(y), str(x + TILE // 2), str(y + 26), str(y + 46))


def map_box(places: Iterable[tuple[int, int]]) -> str:
    """The view box that holds all columns and rows."""
    columns, rows = zip(*places, strict=True)
    gap = TILE_STEP - TILE
    return f"0 0 {max(columns) * TILE_STEP - gap} {max(rows) * TILE_STEP - gap}"
