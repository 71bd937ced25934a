"""The balance of a decomposition in words: the units' targets against the city's ("decomposition")."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from targets import formats
from targets.models import Indicator, Target
from targets.progress import AT_MOST, Weighed, is_divided, weigh

# Keys of a balance, for its colour; its words carry the sign.
EVEN, SHORT, OVER, UNKNOWN = "even", "short", "over", "unknown"


@dataclass(frozen=True, slots=True)
class Balance:
    key: str
    text: str


def balance_of(city: Target | None, parts: Mapping[str, Fraction | None]) -> Balance:
    """What is left to divide, or was divided too much; where nothing is added up, who has less to reach than the city.

    `parts` are the units' targets by their short names, None where a unit has no number to reach.
    """
    goal = city.goal if city else None
    if city is None or goal is None:
        return Balance(UNKNOWN, _("– The city has no target yet"))
    indicator = city.commitment.required_indicator
    weighed = weigh(goal, parts, divided=is_divided(indicator.time_rule, is_ratio=indicator.is_ratio))
    if weighed.rest is not None:
        return _divided(weighed.rest, indicator)
    return _compared(weighed, at_most=goal.comparator == AT_MOST)


def unreadable() -> Balance:
    return Balance(UNKNOWN, _("– Correct the marked cells first"))


def _divided(rest: Fraction, indicator: Indicator) -> Balance:
    if not rest:
        return Balance(EVEN, _("✓ Divided completely"))
    amount = {"rest": formats.with_unit(indicator, formats.number(abs(rest)))}
    if rest > 0:
        return Balance(SHORT, _("◐ %(rest)s not divided yet") % amount)
    return Balance(OVER, _("▲ %(rest)s more than the city's target") % amount)


def _compared(weighed: Weighed, *, at_most: bool) -> Balance:
    if weighed.easier:
        message = _("◐ Above the city's: %(units)s") if at_most else _("◐ Below the city's: %(units)s")
        return Balance(SHORT, message % {"units": formats.listed(weighed.easier)})
    if weighed.empty:
        message = ngettext("◐ %(count)d unit without a target", "◐ %(count)d units without a target", weighed.empty)
        return Balance(SHORT, message % {"count": weighed.empty})
    return Balance(EVEN, _("✓ None above the city's") if at_most else _("✓ None below the city's"))
