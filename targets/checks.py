"""The hard checks of one figure by itself ("Checks at entry"); what depends on other rows is checked by the domain."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Protocol

from django.utils.translation import gettext as _

from targets.amounts import SUM
from targets.models import Indicator
from targets.models.fields import AMOUNT_PLACES, LARGEST_AMOUNT

NOTE_LENGTH = 500
WORDS_LENGTH = 2000  # of each of progress, problems and next steps


class EnteredFigure(Protocol):
    """What was entered for one indicator, wherever it came from."""

    @property
    def numerator(self) -> Decimal | None: ...
    @property
    def denominator(self) -> Decimal | None: ...
    @property
    def not_applicable(self) -> bool: ...
    @property
    def note(self) -> str | None: ...


def check_figure(entry: EnteredFigure, indicator: Indicator, note: str) -> Iterator[tuple[str, str]]:
    """Code and sentence of each fault of the entry; `note` is the note that the figure will have."""
    yield from check_text(note, NOTE_LENGTH, _("note"))
    if entry.not_applicable:
        if entry.numerator is not None or entry.denominator is not None:
            yield (
                "number_and_not_applicable",
                _("A figure that is not applicable has no number; delete one of the two."),
            )
        if not note:
            yield "not_applicable_without_note", _("“Not applicable” needs a note that says why.")
        return
    if entry.numerator is None:
        if entry.denominator is not None:
            yield (
                "numerator_missing",
                _("There is a denominator but no numerator; fill in “%(label)s”.")
                % {"label": indicator.numerator_label or indicator.name},
            )
        return
    if not all(part.is_finite() for part in (entry.numerator, entry.denominator) if part is not None):
        yield "not_a_number", _("This is not a number.")
        return
    yield from _check_part(entry.numerator, indicator)
    if entry.numerator < 0:
        yield from _check_negative(indicator, note)
    yield from _check_denominator(entry.numerator, entry.denominator, indicator)


def check_text(text: str, limit: int, name: str) -> Iterator[tuple[str, str]]:
    """The faults of what is called `name`: longer than can be kept, or with characters that no page shows."""
    if len(text) > limit:
        message = _("“%(name)s” has %(length)d characters; at most %(limit)d can be kept.")
        yield "too_long", message % {"name": name, "length": len(text), "limit": limit}
    if any(ord(character) < 32 and character not in "\t\n\r" for character in text):
        yield "control_character", _("The text holds invisible control characters; type it anew.")


def _check_part(number: Decimal, indicator: Indicator) -> Iterator[tuple[str, str]]:
    places = AMOUNT_PLACES if indicator.decimals is None else indicator.decimals
    if abs(number) >= LARGEST_AMOUNT:
        yield (
            "too_large",
            _("%(number)s is too large to be kept; check the number and its unit (%(unit)s).")
            % {
                "number": number,
                "unit": indicator.unit,
            },
        )
    elif number != number.quantize(Decimal(1).scaleb(-places)):
        if places:
            yield (
                "too_many_decimals",
                _("%(number)s has more than %(places)d decimals.")
                % {
                    "number": number,
                    "places": places,
                },
            )
        else:
            yield (
                "not_whole",
                _("%(number)s is not a whole number; “%(name)s” is counted in whole numbers.")
                % {
                    "number": number,
                    "name": indicator.name,
                },
            )


def _check_negative(indicator: Indicator, note: str) -> Iterator[tuple[str, str]]:
    if indicator.time_rule != SUM:
        yield (
            "negative",
            _("A negative number is possible only as the correction of a flow; “%(name)s” is none.")
            % {"name": indicator.name},
        )
    elif not note:
        yield "negative_without_note", _("A negative correction needs a note that says what it corrects.")


def _check_denominator(
    numerator: Decimal, denominator: Decimal | None, indicator: Indicator
) -> Iterator[tuple[str, str]]:
    if not indicator.is_ratio:
        if denominator is not None:
            yield (
                "denominator_unexpected",
                _("“%(name)s” is a plain number; leave the denominator empty.") % {"name": indicator.name},
            )
        return
    if denominator is None:
        yield (
            "denominator_missing",
            _("“%(name)s” is a ratio; fill in the denominator (%(label)s) too.")
            % {
                "name": indicator.name,
                "label": indicator.denominator_label,
            },
        )
        return
    yield from _check_part(denominator, indicator)
    if denominator <= 0:
        yield (
            "denominator_not_positive",
            _("The denominator (%(label)s) must be greater than 0.") % {"label": indicator.denominator_label},
        )
    elif indicator.bounded and numerator > denominator:
        yield (
            "numerator_exceeds_denominator",
            _(
                "The numerator %(numerator)s is greater than the denominator %(denominator)s; "
                "“%(name)s” cannot exceed 100 %%. Check whether the two are exchanged."
            )
            % {"numerator": numerator, "denominator": denominator, "name": indicator.name},
        )
