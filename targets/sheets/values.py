"""One cell → what it says: a number, a fraction, not reported, not applicable, nothing, or a fault.

Form is forgiven, numbers are never guessed: what is not plainly one exact number is Bad, with a code.
"""

import re
from dataclasses import dataclass
from datetime import date, time, timedelta
from decimal import Decimal

from django.utils.translation import gettext as _

from targets.sheets.cells import (
    BLANKS,
    ErrorCell,
    PercentCell,
    RawCell,
    UncachedFormula,
    fold_wide,
    is_blank,
    match_key,
    plain_number,
    shown,
)

MAX_DIGITS = 20
NOT_REPORTED = frozenset({"-", "--", "—", "——", "–", "/", "无"})
NOT_APPLICABLE = "不适用"

_SCALES = {"万": 4, "亿": 8}
# Measure words that count the same things: 46家 centres are 46个. 人 and 人次 count different things.
_SAME_MEASURES = (
    frozenset({"个", "家", "所", "处"}),
    frozenset({"人", "名", "位"}),
    frozenset({"次", "场"}),
    frozenset({"张", "床", "张床"}),
)
MEASURES = frozenset().union(
    *_SAME_MEASURES, {"户", "人次", "件", "辆", "台", "套", "项", "对", "例", "元", "村", "社区"}
)

_NUMBER = re.compile(r"(?P<number>-?(?:[0-9][0-9,]*)?(?:\.[0-9]+)?)(?P<rest>.*)", re.DOTALL)
_GROUPED = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+")
_ERROR_TEXT = re.compile(r"#(?:[A-Z/0?]+[!?]?|N/A|#+)", re.IGNORECASE)
_DATE_TEXT = re.compile(
    r"[0-9]{4}-[0-9]{1,2}|[0-9]{4}(?P<mark>[-/.])[0-9]{1,2}(?P=mark)[0-9]{1,2}([ T][0-9:.]+)?"
    r"|[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}"
    r"|([0-9]{4}年)?[0-9]{1,2}月([0-9]{1,2}[日号])?|[0-9]{4}年"
    r"|[0-9]{1,2}-[A-Za-z]{3}(-[0-9]{2,4})?|[A-Za-z]{3}-[0-9]{2,4}"
)
_ABOUT = re.compile(r"^(约|大约|大概|近|将近|接近|估计|预计|≈|~|～)|(左右|上下)$")
_OPEN_ENDED = re.compile(r"[0-9十百千万亿]\s*(多|余|几)|^(超过|超|不少于|至少|不足|不到|[><≥≤])|(以上|以下|以内)$")
_RANGE = re.compile(r"^[0-9][0-9,.]*\s*[%万亿\w]*\s*(-|—|–|~|～|至|到)\s*[0-9][0-9,.]*\s*[%万亿\w]*$")
_TENTHS = re.compile(r"^[0-9一二两三四五六七八九十.]+\s*成")
_SCIENTIFIC = re.compile(r"^-?[0-9.]+[eE][+-]?[0-9]+$")


@dataclass(frozen=True, slots=True)
class Blank:
    """Nothing stands in the cell."""


@dataclass(frozen=True, slots=True)
class NotReported:
    """The cell says that nothing is reported."""


@dataclass(frozen=True, slots=True)
class NotApplicable:
    """The cell says that there is nothing to measure."""


@dataclass(frozen=True, slots=True)
class Number:
    """The cell holds one exact number."""

    value: Decimal


@dataclass(frozen=True, slots=True)
class Fraction:
    """The cell holds numerator and denominator: 88/299."""

    numerator: Decimal
    denominator: Decimal


@dataclass(frozen=True, slots=True)
class Bad:
    """The cell cannot be read as a number; the message says why and what to do."""

    code: str
    message: str


Value = Blank | NotReported | NotApplicable | Number | Fraction | Bad


def read_value(cell: RawCell, unit: str, *, is_ratio: bool) -> Value:
    """Return what the cell says of an indicator counted in `unit`; for ratios, of one of its parts."""
    if is_blank(cell):
        return Blank()
    if isinstance(cell, Decimal):
        return _sized(cell)
    if isinstance(cell, str | PercentCell):
        return _read_text(fold_wide(str(cell)).strip(BLANKS), unit, is_ratio)
    return _not_a_number_at_all(cell)


def _not_a_number_at_all(cell: RawCell) -> Bad:
    if isinstance(cell, ErrorCell):
        return _bad_error(cell.shown)
    if isinstance(cell, UncachedFormula):
        return Bad(
            "uncached_formula",
            _(
                "The formula “%(found)s” has no result in the file. Open the file in Excel or WPS and save "
                "it again, "
                "or type the number itself."
            )
            % {"found": cell.formula},
        )
    if isinstance(cell, date | time | timedelta):
        return _bad_date(shown(cell))
    return Bad("boolean", _("“%(found)s” is true or false, not a number. Type the number.") % {"found": shown(cell)})


def _bad_error(found: str) -> Bad:
    return Bad(
        "error_cell",
        _("The cell shows the error “%(found)s”. Repair the formula or type the number itself.") % {"found": found},
    )


def _bad_date(found: str) -> Bad:
    return Bad(
        "date_in_number",
        _(
            "A date (%(found)s) stands where a number belongs. Excel probably turned a fraction such as "
            "3/10 into a "
            "date. Write numerator and denominator in their two columns, or format the cell as text and "
            "type it again."
        )
        % {"found": found},
    )


def _read_text(text: str, unit: str, is_ratio: bool) -> Value:
    if text in NOT_REPORTED:
        return NotReported()
    if text == NOT_APPLICABLE:
        return NotApplicable()
    wrong = _known_fault(text)
    if wrong:
        return wrong
    before, slash, after = text.partition("/")
    if slash and after.strip(BLANKS)[:1].isdigit():
        return _read_fraction(before.strip(BLANKS), after.strip(BLANKS), text, unit, is_ratio)
    return _read_amount(text, unit, is_ratio)


def _known_fault(text: str) -> Bad | None:
    """Return the fault of a text that is often written in place of a number, or None."""
    found = {"found": text}
    if _ERROR_TEXT.fullmatch(text):
        return _bad_error(text)
    if _DATE_TEXT.fullmatch(text):
        return _bad_date(text)
    if _ABOUT.search(text):
        return Bad("approximate", _("“%(found)s” is not exact. Write the exact number, digits only.") % found)
    if _OPEN_ENDED.search(text):
        return Bad(
            "open_ended",
            _("“%(found)s” leaves the number open. Write the exact number, digits only.") % found,
        )
    if _RANGE.fullmatch(text):
        return Bad("range", _("“%(found)s” is a range. Write one exact number.") % found)
    if _TENTHS.search(text):
        return Bad(
            "tenths",
            _("“%(found)s” is a share in tenths. Write the counted number, for ratios the denominator too.") % found,
        )
    if _SCIENTIFIC.fullmatch(text):
        return Bad(
            "scientific_notation",
            _("“%(found)s” is a shortened number whose last digits are lost. Widen the column and save the file again.")
            % found,
        )
    return None


def _read_fraction(before: str, after: str, text: str, unit: str, is_ratio: bool) -> Value:
    if not is_ratio:
        return Bad(
            "fraction_for_number",
            _("“%(found)s” is a fraction, but this indicator is one number. Write that number.") % {"found": text},
        )
    numerator, denominator = _read_amount(before, unit, True), _read_amount(after, unit, True)
    if isinstance(numerator, Number) and isinstance(denominator, Number):
        return Fraction(numerator.value, denominator.value)
    return numerator if isinstance(numerator, Bad) else denominator


def _read_amount(text: str, unit: str, is_ratio: bool) -> Number | Bad:
    match = _NUMBER.fullmatch(text)
    digits = match["number"] if match else ""
    if match is None or not any(char.isdigit() for char in digits):
        return Bad(
            "not_a_number",
            _("“%(found)s” is not a number. Write digits only, for instance 50.") % {"found": text},
        )
    whole, _point, _decimals = digits.removeprefix("-").partition(".")
    if whole and not _GROUPED.fullmatch(whole):
        return Bad(
            "bad_thousands",
            _("The commas in “%(found)s” do not stand at the thousands. Write the number without commas.")
            % {"found": text},
        )
    number = Decimal(digits.replace(",", ""))
    rest = match["rest"].strip(BLANKS)
    scale = _scale(rest, unit, is_ratio)
    if isinstance(scale, Bad):
        return scale
    sized = _sized(number)
    return Number(plain_number(sized.value.scaleb(scale))) if isinstance(sized, Number) else sized


def _scale(rest: str, unit: str, is_ratio: bool) -> int | Bad:
    """Return the power of ten that stands behind a number, or what is wrong with the text there."""
    if not rest or (not is_ratio and match_key(rest) == match_key(unit)):
        return 0
    if is_ratio and (rest[0] in "%‰" or match_key(rest) == match_key(unit)):
        return Bad(
            "percent_for_ratio",
            _(
                "A ratio is reported as two numbers. Write the numerator in this column and the denominator "
                "in the column 分母, or both as 88/299; the rate is computed."
            ),
        )
    scale = _SCALES.get(rest[0], 0)
    word = rest[1:].strip(BLANKS) if scale else rest
    if scale and unit[:1] in _SCALES and not is_ratio:
        return Bad(
            "ambiguous_scale",
            _("“%(found)s” is unclear, since this indicator is already counted in %(unit)s. Write the number alone.")
            % {"found": rest, "unit": unit},
        )
    if not word or _fits(word, unit, is_ratio):
        return scale
    return Bad(
        "unknown_unit",
        _("“%(found)s” stands behind the number, but this indicator is counted in %(unit)s. Write the number alone.")
        % {"found": word, "unit": unit},
    )


def measure_fits(cell: RawCell, unit: str, *, is_ratio: bool) -> bool:
    """Return whether a 计量单位 cell agrees with the indicator's unit; for a ratio only 万 can mislead."""
    word = fold_wide(shown(cell)).strip(BLANKS)
    if is_ratio:
        return not word.startswith(("百", "千", *_SCALES)) or match_key(word) == match_key(unit)
    return not word or _fits(word, unit, is_ratio=False)


def _fits(word: str, unit: str, is_ratio: bool) -> bool:
    """Return whether a measure word may stand behind the number; a ratio's parts have their own."""
    word, unit = match_key(word), match_key(unit)
    if is_ratio:
        return word in MEASURES
    return word == unit or any({word, unit} <= group for group in _SAME_MEASURES)


def _sized(number: Decimal) -> Number | Bad:
    """Return the number, unless it has more digits than any report needs (and than are computed exactly)."""
    plain = plain_number(number)
    if len(plain.as_tuple().digits) > MAX_DIGITS:
        return Bad(
            "too_many_digits",
            _("The number has more than %(limit)s digits. Write the number that is meant.") % {"limit": MAX_DIGITS},
        )
    return Number(plain)
