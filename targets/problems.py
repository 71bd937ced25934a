"""What is wrong with an input, said so that a clerk can act on it: where, what stands there, what to do."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """Where an input stands: a cell of a sheet (sheet empty for CSV), or a field of a form or request."""

    sheet: str = ""
    cell: str = ""

    def __str__(self) -> str:
        return "!".join(part for part in (self.sheet, self.cell) if part)


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault or remark: a machine-readable code, a sentence in the reader's language, its place, what was found."""

    code: str
    message: str
    place: Place = Place()
    found: str = ""

    def __str__(self) -> str:
        where = str(self.place)
        return f"{where}: {self.message}" if where else self.message


class Refused(Exception):
    """The input is refused as a whole; `problems` holds every reason, and nothing was changed."""

    def __init__(self, problems: Sequence[Problem]):
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))
