"""Numbers and days as the pages print them. Rounding itself is targets.progress.shown."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from math import ceil

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from targets.models import Indicator
from targets.progress import Thresholds, rounded, shown

DASH = "–"
PERCENT_SIGN = "%"
EXACT_PLACES = 6


def number(value: Fraction, bounds: Sequence[Fraction | None] = (), places: int = 4) -> str:
    """With thousands separators, at most `places` decimals and no zeros at the end: 2,893, 4.25."""
    digits = f"{shown(value, bounds, places):,f}"
    return digits.rstrip("0").rstrip(".") if "." in digits else digits


def fixed(value: Fraction, bounds: Sequence[Fraction | None] = (), places: int = 1) -> str:
    """With thousands separators and `places` decimals, or more where the bounds ask for it: 91.0, 99.96."""
    return f"{shown(value, bounds, places):,f}"


def percent(share: Fraction, bounds: Sequence[Fraction | None] = (), places: int = 1) -> str:
    """A share of one as percentage; the bounds are shares too: 72.3%."""
    return fixed(share * 100, [None if bound is None else bound * 100 for bound in bounds], places) + PERCENT_SIGN


def completion_bounds(expected: Fraction | None, thresholds: Thresholds) -> tuple[Fraction, ...]:
    """The shares at which a completion changes its colour: it is printed on its true side of each."""
    if expected is None:
        return (Fraction(1),)
    return Fraction(1), expected, expected - thresholds.tolerance, expected - thresholds.red_gap


def points(gap: Fraction, thresholds: Thresholds) -> str:
    """How many percentage points something is behind (or ahead), without sign: 2.7, 15.04."""
    return fixed(abs(gap) * 100, [Fraction(0), thresholds.tolerance * 100, thresholds.red_gap * 100])


def value(indicator: Indicator, amount: Fraction, target: Fraction | None = None) -> str:
    """A value in the indicator's unit, the percent sign attached, any other unit left off.

    A percentage has one decimal, another ratio two, a plain number what was reported; more where the value
    would seem to stand on the other side of the target.
    """
    if not indicator.is_ratio:
        return number(amount, (target,))
    if indicator.unit == PERCENT_SIGN:
        return fixed(amount, (target,)) + PERCENT_SIGN
    return fixed(amount, (target,), 2)


def estimate(indicator: Indicator, amount: Fraction, target: Fraction) -> str:
    """A forecast: whole where whole things are counted."""
    return number(amount, (target,), 0 if indicator.decimals == 0 else 1)


def needed(indicator: Indicator, amount: Fraction) -> str:
    """What a month must bring at least: rounded up where whole things are counted."""
    return number(Fraction(ceil(amount)), places=0) if indicator.decimals == 0 else number(amount, places=1)


def target(indicator: Indicator, goal: Fraction) -> str:
    """An exact target, without a unit but the percent sign; a fraction where its decimals never end: 1/3."""
    if Fraction(rounded(goal, EXACT_PLACES)) != goal:
        share = goal / Fraction(indicator.per)
        return f"{share.numerator}/{share.denominator}"
    text = number(goal, places=EXACT_PLACES)
    return text + PERCENT_SIGN if indicator.unit == PERCENT_SIGN else text


def with_unit(indicator: Indicator, text: str) -> str:
    """The text followed by the unit; a percentage carries its sign already."""
    return text if indicator.unit == PERCENT_SIGN else f"{text} {indicator.unit}"


def amount_parts(numerator: Decimal, denominator: Decimal | None) -> str:
    """What was reported: 88 / 275, or the number alone."""
    top = number(Fraction(numerator))
    return top if denominator is None else f"{top} / {number(Fraction(denominator))}"


def day(moment: date) -> str:
    return _("%(month)d/%(day)d") % {"month": moment.month, "day": moment.day}


def day_and_time(moment: datetime) -> str:
    local = timezone.localtime(moment)
    return f"{day(local)} {date_format(local, 'H:i')}"


def duration(time: timedelta) -> str:
    """How long something took, rounded down, in the unit that says it best: 25 minutes, 30 hours, 12 days."""
    minutes = int(time.total_seconds()) // 60
    hours, days = minutes // 60, minutes // 1440
    if days > 1:
        return ngettext("%(count)d day", "%(count)d days", days) % {"count": days}
    if hours:
        return ngettext("%(count)d hour", "%(count)d hours", hours) % {"count": hours}
    return ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}


def listed(names: Sequence[str]) -> str:
    """Names in one sentence: 海曙、江北."""
    return _(", ").join(names)
