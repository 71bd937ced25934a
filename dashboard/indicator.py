"""One indicator's page: its year, the units behind it, and where the number comes from."""

from dataclasses import dataclass
from fractions import Fraction

from django.http import Http404
from django.utils.translation import gettext as _

from dashboard import charts
from dashboard.attention import behind_sentence, holders_sentence
from dashboard.frame import Frame
from dashboard.ranking import UnitRow, rank_units
from dashboard.sources import Fact, facts_of
from targets import formats, wording
from targets.absences import find_absences
from targets.amounts import EVERY, LATEST, QUARTERS, SUM
from targets.models import Indicator
from targets.models.periods import quarter_name
from targets.progress import AT_MOST, NO_PACE
from targets.rollup import Progress
from targets.statuses import Badge


@dataclass(frozen=True, slots=True)
class QuarterRow:
    """One quarter in the table beside the chart: what was reported, the value, and what the pace asks for."""

    name: str
    reported: str
    value: str
    pace: str
    forecast: str


@dataclass(frozen=True, slots=True)
class Promise:
    """One commitment that promises the indicator; nearly always the only one."""

    code: str
    section: str
    section_url: str
    item: str
    statement: str
    badge: Badge
    stretch: bool
    figure: str
    target: str
    sentence: str
    holders: str
    chart: charts.YearChart
    legend: str
    reported_label: str
    value_label: str
    quarters: tuple[QuarterRow, ...]
    has_forecast: bool
    units: tuple[UnitRow, ...]
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class IndicatorPage:
    code: str
    name: str
    unit_name: str
    promises: tuple[Promise, ...]


def build_indicator(frame: Frame, code: str) -> IndicatorPage:
    """The indicator for the highest unit in reach. Raises Http404 where nobody in reach reports it."""
    rolled = frame.roll_up(frame.reach.top)
    found = [row for row in rolled.numbers if row.indicator.code == code]
    if not found:
        raise Http404(_("There is no such indicator in this plan, or it is not open to you."))
    indicator = Indicator.objects.select_related("programme__lead").get(code=code)
    absences = find_absences(rolled)
    facts = {row.commitment.pk: tuple(facts_of(row, indicator, absences, frame)) for row in found}
    return IndicatorPage(
        code=indicator.code,
        name=indicator.name,
        unit_name=frame.reach.top.short_name,
        promises=tuple(_promise(row, facts[row.commitment.pk], frame) for row in found),
    )


def _promise(row: Progress, facts: tuple[Fact, ...], frame: Frame) -> Promise:
    item = row.commitment.item
    curves = _curves(row)
    return Promise(
        code=row.commitment.code,
        section=str(item.section),
        section_url=frame.url("overview", fragment=f"section-{item.section.position}")
        if frame.sees_everything
        else frame.home_url,
        item=_("item %(number)d, %(title)s") % {"number": item.number, "title": item.title},
        statement=row.commitment.statement,
        badge=wording.badge_of(row),
        stretch=row.commitment.stretch,
        figure=wording.value_text(row),
        target=wording.target_text(row),
        sentence=behind_sentence(row, frame),
        holders=holders_sentence(row),
        chart=_chart(row, curves),
        legend=_legend(row, curves),
        reported_label=_reported_label(row),
        value_label=_value_label(row),
        quarters=tuple(_quarter(row, quarter) for quarter in QUARTERS),
        has_forecast=curves.forecast is not None,
        units=rank_units(row.units, frame),
        facts=facts,
    )


def _curves(row: Progress) -> charts.Curves:
    indicator, goal = row.indicator, row.target.goal if row.target else None
    points = [
        (quarter, value, formats.value(indicator, value))
        for quarter, value in enumerate(wording.values(row), start=1)
        if value is not None
    ]
    start = Fraction(0) if indicator.time_rule == SUM and not indicator.is_ratio else None
    if goal is None:
        return charts.Curves(pace=(), start=start, points=points)
    if goal.baseline and start is None:
        start = goal.baseline
    forecast = row.verdict.forecast if len(row.amounts) < len(QUARTERS) else None
    return charts.Curves(
        pace=[(0, goal.target), (4, goal.target)] if _is_flat(row) else
        [(0, goal.baseline), *((quarter, goal.value_due(quarter)) for quarter in QUARTERS)],
        start=start,
        points=points,
        forecast=forecast,
        target=(goal.target, _("Target %(value)s") % {"value": formats.target(indicator, goal.target)}),
        forecast_text=_("Forecast %(value)s") % {"value": formats.estimate(indicator, forecast, goal.target)}
        if forecast is not None
        else "",
    )  # fmt: skip


def _is_flat(row: Progress) -> bool:
    """Whether the target stands the whole year through instead of being approached along a pace."""
    commitment = row.commitment
    every = row.indicator.time_rule == EVERY
    return every or commitment.comparator == AT_MOST or commitment.pace == NO_PACE


def _chart(row: Progress, curves: charts.Curves) -> charts.YearChart:
    names = [quarter_name(quarter) for quarter in QUARTERS]
    told = formats.listed([f"{names[quarter - 1]} {text}" for quarter, _value, text in curves.points])
    title = _("The year's course: %(values)s") % {"values": told or formats.DASH}
    return charts.year_chart(wording.badge_of(row).key, title, curves, names)


def _legend(row: Progress, curves: charts.Curves) -> str:
    parts = [_("solid: reached")]
    if curves.target:
        parts.append(_("dashed: target") if _is_flat(row) else _("dashed: pace"))
    if curves.forecast is not None:
        parts.append(_("dotted: forecast at this speed"))
    return _(" · ").join(parts)


def _reported_label(row: Progress) -> str:
    """What the value is made of, "" where it is the reported number itself."""
    indicator = row.indicator
    if indicator.time_rule == SUM:
        return _("Reported in the quarter")
    return _("Numerator / denominator") if indicator.is_ratio else ""


def _value_label(row: Progress) -> str:
    rule = row.indicator.time_rule
    if rule == SUM:
        return _("Reached")
    return _("Level at the quarter's end") if rule == LATEST else _("Value of the quarter")


def _quarter(row: Progress, quarter: int) -> QuarterRow:
    indicator = row.indicator
    known = quarter <= len(row.amounts)
    value = wording.values(row)[quarter - 1] if known else None
    return QuarterRow(
        name=quarter_name(quarter),
        reported=_reported(row, quarter) if known else "",
        value="" if not known else formats.DASH if value is None else formats.value(indicator, value),
        pace=_pace(row, quarter),
        forecast=_forecast(row) if quarter == 4 and not known else "",
    )


def _pace(row: Progress, quarter: int) -> str:
    """What is expected by the quarter; at the year's end, or where it holds all year, the target itself."""
    goal, indicator = row.target.goal if row.target else None, row.indicator
    if goal is None:
        return ""
    if quarter == 4 or goal.comparator == AT_MOST or indicator.time_rule == EVERY:
        return formats.target(indicator, goal.target)
    return "" if goal.expected(quarter) is None else formats.value(indicator, goal.value_due(quarter))


def _reported(row: Progress, quarter: int) -> str:
    """The quarter's own amount of a flow; numerator and denominator of a stock that is a ratio."""
    is_flow = row.indicator.time_rule == SUM
    amount = row.own[quarter - 1] if is_flow else row.amounts[quarter - 1]
    return formats.DASH if amount is None else formats.amount_parts(amount.numerator, amount.denominator)


def _forecast(row: Progress) -> str:
    goal, forecast = wording.goal_value(row), row.verdict.forecast
    return "" if goal is None or forecast is None else formats.estimate(row.indicator, forecast, goal)
