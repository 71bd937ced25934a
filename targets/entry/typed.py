"""What was typed into a submission's form → a draft for the domain. Only reading: numbers as in spreadsheets.

Each input is named by its commitment and itself: 0801.numerator, 0801.why-leapt. Only the rows that the form names in
`row` are read, so that a part of the form can be saved and the rest stays as it is.
"""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from django.http import QueryDict
from django.utils.translation import gettext as _

from targets.amounts import Amount
from targets.domain.drafts import Draft
from targets.domain.entries import NOTE_FIELDS, FigureEntry, NoteEntry
from targets.domain.explanations import ExplanationEntry
from targets.domain.review import RemarkEntry
from targets.lines import Key, Line, Said, Words, overlay
from targets.models import Submission
from targets.problems import Place, Problem, Refused
from targets.sheets.values import Bad, Fraction, NotApplicable, Number, Value, read_value
from targets.soft_checks import CODES

FIGURE_FIELDS = ("numerator", "denominator", "na", "note")


def input_name(line: Line, name: str) -> str:
    """The name of an input of the line; no code holds a full stop."""
    return f"{line.commitment.code}.{name}"


@dataclass(frozen=True, slots=True)
class Typed:
    """A form as it was typed: the draft that it says, on which lines, the rows it has, and what cannot be read."""

    draft: Draft
    lines: tuple[Line, ...]
    codes: frozenset[str]
    problems: tuple[Problem, ...]

    def figures(self) -> dict[Key, Said | None]:
        """The figures as a submission's lines hold them."""
        return {(entry.organisation, entry.indicator, entry.period): _said(entry) for entry in self.draft.figures}

    def words(self) -> dict[Key, Words]:
        """The words likewise; what the form leaves out stays as it is in the lines."""
        present = {line.commitment.code: line.words for line in self.lines}
        return {
            (entry.organisation, entry.commitment, entry.period): _words(entry, present[entry.commitment])
            for entry in self.draft.notes
        }

    def lines_as_typed(self, faulty: Container[str]) -> list[Line]:
        """The lines as they would be, but for the rows with these codes: what is wrong there is no figure."""
        sound = replace(
            self.draft,
            figures=[entry for entry in self.draft.figures if row_of_place(entry.place) not in faulty],
            notes=[entry for entry in self.draft.notes if row_of_place(entry.place) not in faulty],
        )
        typed = replace(self, draft=sound)
        return overlay(self.lines, typed.figures(), typed.words())


def row_of_place(place: Place) -> str:
    """The code of the row in which a place of the form lies."""
    return place.cell.partition(".")[0]


def read_draft(submission: Submission, lines: Sequence[Line], data: QueryDict) -> Typed:
    """The draft that the form says; rows that cannot be read are left out of it and told as problems."""
    reader = _Reader(lines, data)
    reader.read_rows()
    try:
        version = read_version(data)
    except Refused as refused:
        reader.problems += refused.problems
        version = 0
    draft = Draft(submission, version, reader.figures, reader.notes, reader.explanations)
    return Typed(draft, tuple(lines), frozenset(reader.codes), tuple(reader.problems))


def read_version(data: Mapping[str, str]) -> int:
    """The version of the submission that the form was made from; Refused when it does not say."""
    version = data.get("version", "")
    if not (version.isascii() and version.isdigit() and len(version) < 10):
        raise Refused([Problem("invalid", _("The form does not say on which version it rests; load it anew."))])
    return int(version)


def read_remarks(lines: Iterable[Line], data: Mapping[str, str]) -> list[RemarkEntry]:
    """What a reviewer has written beside single rows."""
    texts = ((line.commitment.code, data.get(input_name(line, "remark"), "")) for line in lines)
    return [RemarkEntry(code, text) for code, text in texts if text.strip()]


class _Reader:
    def __init__(self, lines: Sequence[Line], data: QueryDict):
        self.lines = {line.commitment.code: line for line in lines}
        self.data = data
        self.codes = list(dict.fromkeys(data.getlist("row")))
        self.figures: list[FigureEntry] = []
        self.notes: list[NoteEntry] = []
        self.explanations: list[ExplanationEntry] = []
        self.problems: list[Problem] = []

    def read_rows(self) -> None:
        for code in self.codes:
            line = self.lines.get(code)
            if line is None:
                message = _("This form has no row for %(code)s; load it anew.") % {"code": code}
                self.problems.append(Problem("unknown_commitment", message, Place(cell=code)))
            else:
                self._read(line)

    def _read(self, line: Line) -> None:
        if line.commitment.is_quantified and line.is_entered_here and input_name(line, "numerator") in self.data:
            figure = self._figure(line)
            if figure is not None:
                self.figures.append(figure)
        said = {name: self._text(line, name) for name in NOTE_FIELDS}
        if any(text is not None for text in said.values()):
            place = Place(cell=f"{line.commitment.code}.progress")
            self.notes.append(NoteEntry(*_names(line, line.commitment.code), **said, place=place))
        for code in CODES:
            text = self.data.get(input_name(line, f"why-{code}"))
            if text is not None:
                self.explanations.append(ExplanationEntry(line.commitment.code, code, text))

    def _text(self, line: Line, name: str) -> str | None:
        """What stands in a field, None where the form leaves it out; browsers send line ends as two characters."""
        text = self.data.get(input_name(line, name))
        return None if text is None else text.replace("\r\n", "\n")

    def _figure(self, line: Line) -> FigureEntry | None:
        top, below = self._value(line, "numerator"), self._value(line, "denominator")
        if isinstance(top, Bad) or isinstance(below, Bad):
            return None
        numerator, denominator = _number(top), _number(below)
        if isinstance(top, Fraction):
            numerator = top.numerator
            if denominator is not None and denominator not in (top.denominator, *proposed_denominators(line)):
                message = _("Two denominators: %(first)s and %(second)s; delete one.")
                values = {"first": top.denominator, "second": denominator}
                self._add(line, "numerator", "two_denominators", message % values)
                return None
            denominator = top.denominator
        if numerator is None and denominator in proposed_denominators(line):
            denominator = None  # it stands there before anybody has said anything
        not_applicable = isinstance(top, NotApplicable) or input_name(line, "na") in self.data
        note = self.data.get(input_name(line, "note"), "").strip()
        if note and numerator is None and not not_applicable:
            message = _("There is a note but no number; fill in the number, or delete the note.")
            self._add(line, "note", "note_without_number", message, note)
            return None
        return FigureEntry(
            *_names(line, line.indicator.code),
            numerator,
            denominator,
            not_applicable=not_applicable,
            note=note,
            place=Place(cell=f"{line.commitment.code}.numerator"),
        )

    def _value(self, line: Line, name: str) -> Value:
        """What a number's field says; a fault is noted at once."""
        text = self.data.get(input_name(line, name), "")
        value = read_value(text, line.indicator.unit, is_ratio=line.indicator.is_ratio)
        if name == "denominator" and isinstance(value, Fraction):
            value = Bad("fraction_in_denominator", _("Write the denominator alone, one number."))
        if isinstance(value, Bad):
            self._add(line, name, value.code, value.message, text)
        return value

    def _add(self, line: Line, name: str, code: str, message: str, found: str = "") -> None:
        self.problems.append(Problem(code, message, Place(cell=f"{line.commitment.code}.{name}"), found))


def shown_denominator(line: Line) -> Decimal | None:
    """The denominator that the form shows: the row's own, and before there is one, last time's."""
    return next(iter(proposed_denominators(line)), None)


def proposed_denominators(line: Line) -> list[Decimal]:
    """The denominators that the form may hold without anybody's typing: the row's own, then last time's."""
    amounts = [said.amount for said in (line.said, line.level_before) if said is not None and said.amount is not None]
    return [amount.denominator for amount in amounts if amount.denominator is not None]


def _names(line: Line, subject: str) -> tuple[str, str, str]:
    return line.submission.organisation.code, subject, line.submission.period.code


def _number(value: Value) -> Decimal | None:
    return value.value if isinstance(value, Number) else None


def _said(entry: FigureEntry) -> Said | None:
    if entry.numerator is not None and not entry.not_applicable:
        return Said(Amount(entry.numerator, entry.denominator), entry.note or "")
    return Said(None, entry.note or "") if entry.not_applicable else None


def _words(entry: NoteEntry, present: Words) -> Words:
    said = (getattr(entry, name) for name in NOTE_FIELDS)
    return Words(*(old if new is None else new.strip() for new, old in zip(said, _texts(present), strict=True)))


def _texts(words: Words) -> tuple[str, ...]:
    return words.stage, words.progress, words.problems, words.next_steps
