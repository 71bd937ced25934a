"""What is entered, and what it changes: the plain data that every door hands to targets.domain.figures."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from targets.amounts import Amount
from targets.domain.record import Values, decimal_text
from targets.lines import Said, Words
from targets.problems import Place
from targets.soft_checks import Caution

SubmissionKey = tuple[str, str, str]  # organisation, programme and period codes


@dataclass(frozen=True, slots=True)
class FigureEntry:
    """What is said about one figure; codes name the rest. No number and not `not_applicable`: the figure is cleared.

    `note` None keeps the note that is there.
    """

    organisation: str
    indicator: str
    period: str
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    not_applicable: bool = False
    note: str | None = None
    place: Place = Place()

    @property
    def found(self) -> str:
        """What stands there, for the report."""
        parts = [decimal_text(part) or "" for part in (self.numerator, self.denominator) if part is not None]
        return "/".join(parts)


@dataclass(frozen=True, slots=True)
class NoteEntry:
    """What is said about one commitment in words; None keeps what is there."""

    organisation: str
    commitment: str
    period: str
    stage: str | None = None
    progress: str | None = None
    problems: str | None = None
    next_steps: str | None = None
    place: Place = Place()


WORDS = {"progress": _("progress"), "problems": _("problems"), "next_steps": _("next steps")}
NOTE_FIELDS = ("stage", *WORDS)


@dataclass(frozen=True, slots=True)
class Change:
    """One figure or note that differs: `old` None when there was none, `new` None when it is cleared."""

    entry: FigureEntry | NoteEntry
    old: Values | None
    new: Values | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a batch of entries changes: `versions` are those of the submissions it was compared with.

    `cautions` are the soft checks of the lines that change, as they are after the change; none unless asked for.
    """

    changes: tuple[Change, ...]
    unchanged: int
    versions: Mapping[str, int]
    cautions: tuple[Caution, ...] = ()


Entry = FigureEntry | NoteEntry


def figure_values(numerator: Decimal | None, denominator: Decimal | None, not_applicable: bool, note: str) -> Values:
    """A figure's fields as the record keeps them."""
    return {
        "numerator": decimal_text(numerator),
        "denominator": decimal_text(denominator),
        "not_applicable": not_applicable,
        "note": note,
    }


def said_of(values: Values | None) -> Said | None:
    """A figure of the record as the lines of a submission hold it."""
    if values is None:
        return None
    number, below = values["numerator"], values["denominator"]
    amount = None if number is None else Amount(Decimal(number), None if below is None else Decimal(below))
    return Said(amount, values["note"])


def words_of(values: Values | None) -> Words:
    return Words() if values is None else Words(*(values[name] for name in NOTE_FIELDS))
