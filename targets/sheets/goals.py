"""A target as it is typed and as it is shown for typing: 5, 1,200 张, 30%, 1/3. What is shown reads as the same value.

A fraction up to 1 is a share of the whole, as pages print it (1/3 of an indicator in percent is 100/3); a larger one
is written in the indicator's unit already (100/3).
"""

from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext as _

from targets.models import Indicator
from targets.models.fields import AMOUNT_PLACES
from targets.sheets.cells import BLANKS, fold_wide, plain_number
from targets.sheets.values import Bad, Blank, NotReported, Number, read_value


def read_goal(text: str, indicator: Indicator) -> Fraction | None | Bad:
    """The exact value in the indicator's unit, None where the unit only reports, or what is wrong with the text."""
    before, slash, after = (part.strip(BLANKS) for part in fold_wide(text).partition("/"))
    if slash and after[:1].isdigit():
        return _read_fraction(before, after, indicator)
    value = read_value(text, indicator.unit, is_ratio=False)
    if isinstance(value, Blank | NotReported):
        return None
    if isinstance(value, Number):
        return Fraction(value.value)
    return _in_a_form(value, text) if isinstance(value, Bad) else _no_target(text)


def _read_fraction(before: str, after: str, indicator: Indicator) -> Fraction | Bad:
    found = f"{before}/{after}"
    if "/" in after or "%" in found:  # 1/3% is a third of the whole, or of one percent
        return _no_target(found)
    numerator, denominator = (read_value(part, indicator.unit, is_ratio=False) for part in (before, after))
    wrong = next((part for part in (numerator, denominator) if isinstance(part, Bad)), None)
    if wrong:
        return wrong
    if not isinstance(numerator, Number) or not isinstance(denominator, Number) or denominator.value <= 0:
        return _no_target(found)
    value = Fraction(numerator.value) / Fraction(denominator.value)
    return value * _whole(indicator) if value <= 1 else value


def _in_a_form(fault: Bad, text: str) -> Bad:
    """A fault of what is typed: there is no column to widen and no file to save."""
    if fault.code != "scientific_notation":
        return fault
    return Bad(fault.code, _("“%(found)s” is a shortened number; write all its digits.") % {"found": text})


def _no_target(text: str) -> Bad:
    message = _("“%(found)s” is no target; write a number like 46, or a fraction like 1/3.")
    return Bad("not_a_target", message % {"found": text})


def _whole(indicator: Indicator) -> Fraction:
    return max(Fraction(indicator.per), Fraction(1))


def goal_text(value: Fraction | None, indicator: Indicator) -> str:
    """The shortest text that reads as the value again; "" for none."""
    if value is None:
        return ""
    number, divisor = goal_parts(value)
    if divisor is None:
        return f"{plain_number(number):f}"
    share = value / _whole(indicator)
    exact = share if share <= 1 else value
    return f"{exact.numerator}/{exact.denominator}"


def goal_parts(value: Fraction) -> tuple[Decimal, Decimal | None]:
    """Numerator and denominator in which a target is kept exactly: 33.5 → 33.5 and none, 100/3 → 100 and 3."""
    scaled = value * 10**AMOUNT_PLACES
    if scaled.denominator == 1:
        return Decimal(scaled.numerator).scaleb(-AMOUNT_PLACES), None
    return Decimal(value.numerator), Decimal(value.denominator)
