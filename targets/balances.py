"""The balance of a decomposition in words: the units' targets against the city's ("decomposition")."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from targets import formats
from targets.models import Indicator, Target
from targets.progress import AT_MOST, is_divided, undivided

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
    if city is None or city.value is None:
        return Balance(UNKNOWN, _("– The city has no target yet"))
    indicator = city.commitment.required_indicator
    if is_divided(indicator.time_rule, is_ratio=indicator.is_ratio):
        return _divided(city.value, [value for value in parts.values() if value is not None], indicator)
    return _compared(city, parts)


def unreadable() -> Balance:
    return Balance(UNKNOWN, _("– Correct the marked cells first"))


def _divided(goal: Fraction, values: list[Fraction], indicator: Indicator) -> Balance:
    rest = undivided(goal, values)
    if not rest:
        return Balance(EVEN, _("✓ Divided completely"))
    amount = {"rest": formats.with_unit(indicator, formats.number(abs(rest)))}
    if rest > 0:
        return Balance(SHORT, _("◐ %(rest)s not divided yet") % amount)
    return Balance(OVER, _("▲ %(rest)s more than the city's target") % amount)


def _compared(city: Target, parts: Mapping[str, Fraction | None]) -> Balance:
    goal, at_most = city.goal, city.commitment.comparator == AT_MOST
    easier = [name for name, value in parts.items() if value is not None and goal and not goal.reached_by(value)]
    empty = sum(value is None for value in parts.values())
    if easier:
        message = _("◐ Above the city's: %(units)s") if at_most else _("◐ Below the city's: %(units)s")
        return Balance(SHORT, message % {"units": formats.listed(easier)})
    if empty:
        message = ngettext("◐ %(count)d unit without a target", "◐ %(count)d units without a target", empty)
        return Balance(SHORT, message % {"count": empty})
    return Balance(EVEN, _("✓ None above the city's") if at_most else _("✓ None below the city's"))
