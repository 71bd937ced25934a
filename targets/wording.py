"""One row of a roll-up in words and drawings: its status, value, target, completion and bar, the same on every page."""

from dataclasses import dataclass
from fractions import Fraction

from django.utils.translation import gettext as _

from targets import formats, statuses
from targets.progress import Status
from targets.rollup import Progress
from targets.statuses import Badge

WHOLE = Fraction(1)


@dataclass(frozen=True, slots=True)
class Bar:
    """How far something is: `fill` from the left, and a mark where the pace stands; both in percent of the width."""

    key: str
    title: str
    fill: str
    mark: str


def bar(key: str, title: str, completion: Fraction | None, expected: Fraction | None) -> Bar:
    """A bar of a completion, drawn full above 1 and empty below 0; without `expected` it has no mark."""
    fill = min(max(completion or Fraction(0), Fraction(0)), WHOLE)
    mark = "" if expected is None else percent_of_width(min(expected, WHOLE))
    return Bar(key, title, percent_of_width(fill) if fill else "", mark)


def percent_of_width(share: Fraction | float) -> str:
    """A length as a drawing's attribute: 58.50%."""
    return f"{float(share) * 100:.2f}%"


def goal_value(row: Progress) -> Fraction | None:
    return row.target.value if row.target else None


def values(row: Progress) -> list[Fraction | None]:
    """The value at each quarter so far, in the indicator's unit."""
    per = row.indicator.per
    return [None if amount is None else amount.value(per) for amount in row.amounts]


def badge_of(row: Progress) -> Badge:
    """The status; without one, that nothing applies, or nothing has been reported, or there is no target."""
    if row.verdict.status is not None:
        return statuses.status_badge(row.verdict.status)
    if row.is_not_applicable:
        return statuses.NOT_APPLICABLE
    return statuses.status_badge(Status.MISSING if row.amount is None else None)


def value_text(row: Progress) -> str:
    value = row.verdict.value
    return formats.DASH if value is None else formats.value(row.indicator, value, goal_value(row))


def target_text(row: Progress) -> str:
    """The target with its unit; the unit alone beside a value without a target."""
    indicator, goal = row.indicator, goal_value(row)
    if goal is None:
        return "" if indicator.unit == formats.PERCENT_SIGN else indicator.unit
    return formats.with_unit(indicator, formats.target(indicator, goal))


def completion_text(row: Progress, places: int = 1) -> str:
    """The completion as percentage, "" without one; for `every` the quarters that were kept."""
    verdict = row.verdict
    if verdict.kept is not None:
        return _("%(kept)d of %(quarters)d quarters kept") % {
            "kept": verdict.kept,
            "quarters": len(row.amounts),
        }
    if verdict.completion is None:
        return ""
    bounds = formats.completion_bounds(verdict.expected, row.commitment.plan.thresholds)
    return formats.percent(verdict.completion, bounds, places)


def progress_bar(row: Progress) -> Bar:
    """The bar of a completion; for `every` the share of the quarters that were kept, without a mark."""
    verdict, badge = row.verdict, badge_of(row)
    share, expected = verdict.completion, verdict.expected
    if verdict.kept is not None:
        share, expected = Fraction(verdict.kept, len(row.amounts)), None
    texts = [completion_text(row) or value_text(row)]
    if expected is not None:
        texts.append(_("pace %(share)s") % {"share": formats.percent(expected, places=0)})
    texts.append(str(badge.word))
    return bar(badge.key, formats.listed(texts), share, expected)
