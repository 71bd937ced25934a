"""What the reader needs to know of the world, and what it hands back: plain data on both sides."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from targets.problems import Place, Problem


@dataclass(frozen=True, slots=True)
class OrganisationName:
    """A unit: its code, and its names with the full one first."""

    code: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class IndicatorName:
    """An indicator: its code and name, what it is counted in, whether it is a ratio, and its other names."""

    code: str
    name: str
    unit: str
    is_ratio: bool
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CommitmentName:
    """A commitment: its code, statement and kind, and its indicator's code where it is quantified."""

    code: str
    statement: str
    kind: str
    indicator: str | None = None


@dataclass(frozen=True, slots=True)
class Names:
    """All that a sheet may name; the city's names, in `city`, may stand before a unit's."""

    organisations: tuple[OrganisationName, ...]
    indicators: tuple[IndicatorName, ...]
    commitments: tuple[CommitmentName, ...]
    periods: frozenset[str]
    city: tuple[str, ...] = ()


class State(StrEnum):
    """The three things that a cell can say; a blank cell says nothing and is no figure."""

    NUMBER = "number"
    NOT_REPORTED = "not_reported"
    NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True, slots=True)
class ReadFigure:
    """One figure as a sheet states it; numerator and denominator are None unless the state is number.

    `note` is the 备注 cell, for a not-applicable row without one 进展情况; `row_text` is the row.
    """

    organisation: str
    indicator: str
    period: str
    state: State
    numerator: Decimal | None
    denominator: Decimal | None
    note: str
    place: Place
    denominator_place: Place | None
    row_text: str


@dataclass(frozen=True, slots=True)
class ReadNote:
    """One progress note; a field is None when its column is absent or its cell is blank."""

    organisation: str
    period: str
    commitment: str
    stage: str | None
    progress: str | None
    problems: str | None
    next_steps: str | None
    place: Place


@dataclass(frozen=True, slots=True)
class Reading:
    """All that a file says. With any problem nothing of it may be written; remarks are only told."""

    figures: tuple[ReadFigure, ...] = ()
    notes: tuple[ReadNote, ...] = ()
    problems: tuple[Problem, ...] = ()
    remarks: tuple[Problem, ...] = ()
