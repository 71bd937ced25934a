"""What needs attention, in sentences, worst first: who is behind, who has not reported, what is blocked."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from django.utils.translation import gettext as _

from dashboard import rows
from dashboard.frame import Frame
from dashboard.submissions import Due, lateness
from targets import formats, statuses, wording
from targets.amounts import EVERY, QUARTERS
from targets.choices import Stage
from targets.models.periods import quarter_name
from targets.progress import Status, shortfall
from targets.rollup import Narrative, Progress, RollUp
from targets.statuses import Badge

NAMED_UNITS = 3
SHOWN_AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class Concern:
    """One thing that needs attention: its sentences, and who or what is behind it."""

    badge: Badge
    title: str
    url: str
    sentence: str
    names: str


@dataclass(frozen=True, slots=True)
class Attention:
    """The worst few at once, the others on request."""

    first: tuple[Concern, ...]
    others: tuple[Concern, ...]


def attention_of(rolled: RollUp, dues: Sequence[Due], frame: Frame) -> Attention:
    """Far behind and behind by their gap; units that did not report among the first; then what is blocked."""
    behind = [row for row in rolled.numbers if row.verdict.status in (Status.FAR_BEHIND, Status.BEHIND)]
    behind.sort(key=_urgency)
    concerns = [_concern(row, frame) for row in behind]
    concerns[SHOWN_AT_ONCE - 1 : SHOWN_AT_ONCE - 1] = _unreported_units(dues, frame)
    concerns += _blocked(rolled.narratives, frame)
    concerns += _unreported_numbers(rolled.numbers, frame)
    concerns += _carried_forward(rolled.numbers, frame)
    return Attention(tuple(concerns[:SHOWN_AT_ONCE]), tuple(concerns[SHOWN_AT_ONCE:]))


def _urgency(row: Progress) -> tuple[bool, bool, Fraction]:
    gap = row.verdict.gap
    return row.verdict.status != Status.FAR_BEHIND, gap is not None, -(gap or Fraction(0))


def _concern(row: Progress, frame: Frame) -> Concern:
    return Concern(
        badge=wording.badge_of(row),
        title=f"{row.commitment.code} {row.indicator.name}",
        url=frame.url("indicator", row.indicator.code),
        sentence=behind_sentence(row, frame),
        names=holders_sentence(row),
    )


def behind_sentence(row: Progress, frame: Frame) -> str:
    """How far, how much behind the pace, and what is to be expected or needed."""
    verdict, indicator = row.verdict, row.indicator
    goal = wording.goal_value(row)
    parts = [standing(row, frame)]
    ahead = verdict.forecast if len(row.amounts) < len(QUARTERS) else None
    if goal is not None and verdict.status == Status.FAR_BEHIND and ahead is not None:
        parts.append(
            _("forecast for the year's end %(forecast)s of %(target)s")
            % {
                "forecast": formats.estimate(indicator, ahead, goal),
                "target": formats.with_unit(indicator, formats.target(indicator, goal)),
            }
        )
    if verdict.needed_per_month is not None:
        needed = formats.needed(indicator, verdict.needed_per_month)
        parts.append(_("%(amount)s needed each month") % {"amount": formats.with_unit(indicator, needed)})
    return _("; ").join(parts)


def standing(row: Progress, frame: Frame) -> str:
    """Completion and distance to the pace: "72.3% done, 2.7 points behind the pace"."""
    verdict = row.verdict
    done = wording.completion_text(row)
    if verdict.kept is not None or not done:
        return done
    if verdict.gap is None:
        return _("%(share)s done") % {"share": done}
    distance = {"share": done, "points": formats.points(verdict.gap, frame.plan.thresholds)}
    if verdict.gap > 0:
        return _("%(share)s done, %(points)s points behind the pace") % distance
    if verdict.gap < 0:
        return _("%(share)s done, %(points)s points ahead of the pace") % distance
    return _("%(share)s done, level with the pace") % distance


def holders_sentence(row: Progress) -> str:
    """The units that hold the gap, the largest part first; "" where no unit can be named."""
    if row.indicator.time_rule == EVERY:
        short = [unit.organisation.short_name for unit in row.units if unit.verdict.status == Status.FAR_BEHIND]
        return _("Fell short: %(units)s") % {"units": formats.listed(short)} if short else ""
    gaps = [(gap, unit.organisation.short_name) for unit in row.units if (gap := _shortfall(unit, row)) > 0]
    gaps.sort(key=lambda pair: -pair[0])
    names = [name for _gap, name in gaps[:NAMED_UNITS]]
    return _("Largest gaps: %(units)s") % {"units": formats.listed(names)} if names else ""


def _shortfall(unit: Progress, whole: Progress) -> Fraction:
    """What the unit lacks to its own pace; a ratio without a goal of its own is held against the whole's."""
    indicator = unit.indicator
    target = unit.target or (whole.target if indicator.is_ratio else None)
    if target is None or target.goal is None or (indicator.is_ratio and unit.amount is None):
        return Fraction(0)
    return shortfall(unit.amount, target.goal, indicator.per, len(unit.amounts))


def _unreported_units(dues: Sequence[Due], frame: Frame) -> list[Concern]:
    missing = [due for due in dues if due.is_missing]
    if not missing:
        return []
    owed: dict[int, int] = defaultdict(int)
    for due in dues:
        owed[due.unit.pk] += 1
    by_unit: dict[int, list[Due]] = defaultdict(list)
    for due in missing:
        by_unit[due.unit.pk].append(due)
    names = [_unit_with_lateness(parts, owed[unit], frame) for unit, parts in by_unit.items()]
    title = _("Units without a report for %(quarter)s: %(count)d") % {
        "count": len(by_unit),
        "quarter": quarter_name(frame.period.quarter),
    }
    return [Concern(statuses.STATUS_BADGES[Status.MISSING], title, frame.units_url, formats.listed(names), "")]


def _unit_with_lateness(missing: Sequence[Due], owed: int, frame: Frame) -> str:
    """A unit's name, the programmes that it lacks unless all, and how late it is."""
    first = missing[0]
    details = [] if len(missing) == owed else [due.programme.name for due in missing]
    late = lateness(first, frame.today)
    if late:
        details.append(late)
    name = first.unit.short_name
    return _("%(name)s (%(details)s)") % {"name": name, "details": formats.listed(details)} if details else name


def _blocked(narratives: Sequence[Narrative], frame: Frame) -> list[Concern]:
    found = [row for row in narratives if row.stages.get(Stage.BLOCKED)]
    return [
        Concern(
            badge=statuses.STAGE_BADGES[Stage.BLOCKED],
            title=f"{row.commitment.code} {row.commitment.statement}",
            url=frame.url("organisation", row.organisation.code, fragment=rows.anchor(row.commitment.code)),
            sentence=_("Blocked in %(count)d of %(assigned)d units")
            % {"count": row.stages[Stage.BLOCKED], "assigned": row.assigned},
            names=formats.listed(
                [unit.organisation.short_name for unit in row.units if unit.stages.get(Stage.BLOCKED)]
            ),
        )
        for row in found
    ]


def _unreported_numbers(numbers: Sequence[Progress], frame: Frame) -> list[Concern]:
    found = [row for row in numbers if row.verdict.status == Status.MISSING]
    if not found:
        return []
    names = formats.listed([f"{row.commitment.code} {row.indicator.name}" for row in found])
    title = _("Indicators without a figure: %(count)d") % {"count": len(found)}
    return [Concern(statuses.STATUS_BADGES[Status.MISSING], title, frame.home_url, names, "")]


def _carried_forward(numbers: Sequence[Progress], frame: Frame) -> list[Concern]:
    counts: dict[str, int] = defaultdict(int)
    for row in numbers:
        for unit in row.units:
            counts[unit.organisation.short_name] += bool(unit.tally.carried_forward)
    names = [
        _("%(name)s (%(details)s)") % {"name": name, "details": _("indicators: %(count)d") % {"count": count}}
        for name, count in counts.items()
        if count
    ]
    if not names:
        return []
    title = _("Stocks carried forward from an earlier quarter")
    return [Concern(statuses.STATUS_BADGES[Status.MISSING], title, frame.home_url, formats.listed(names), "")]
