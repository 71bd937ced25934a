"""What stands in a workbook's cells, free of any file format: the common ground of all readers of files."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, time, timedelta
from decimal import Decimal

from targets.problems import Place

BLANKS = " \t\r\n\v\f\u00a0\u3000\u200b\u200c\u200d\ufeff"
_SPACE = re.compile(f"[{BLANKS}\\s]+")
_SAME_BRACKETS = (
    dict.fromkeys(map(ord, "[{〔【"), "(")
    | dict.fromkeys(map(ord, "]}〕】"), ")")
    | dict.fromkeys(map(ord, "「」『』“”‘’'《》"), '"')
)


@dataclass(frozen=True, slots=True)
class ErrorCell:
    """A cell that shows an error, such as #REF!."""

    shown: str


@dataclass(frozen=True, slots=True)
class UncachedFormula:
    """A formula whose result is not in the file; `formula` may be just "=" where its text is not known."""

    formula: str


@dataclass(frozen=True, slots=True)
class PercentCell:
    """A number that the sheet shows as a percentage: 0.3 stands in the file, 30 % on the screen."""

    value: Decimal

    def __str__(self) -> str:
        return f"{plain_number(self.value.scaleb(2))}%"


RawCell = None | str | Decimal | bool | date | time | timedelta | ErrorCell | UncachedFormula | PercentCell


@dataclass(frozen=True, slots=True)
class Merge:
    """A merged range; all four bounds are counted from 0 and inclusive."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: rows of cells from A1 on (each only as long as it is filled), rows counted from 0."""

    name: str
    rows: tuple[tuple[RawCell, ...], ...]
    hidden: bool = False
    hidden_rows: frozenset[int] = frozenset()
    merges: tuple[Merge, ...] = ()

    def cell(self, row: int, column: int) -> RawCell:
        """Return the cell's content; None where nothing stands, also beyond the sheet's edge."""
        if row >= len(self.rows) or column >= len(self.rows[row]):
            return None
        return self.rows[row][column]

    def place(self, row: int, column: int) -> Place:
        """Return where a cell stands, as its reader knows it: 养老!D9."""
        return Place(self.name, f"{column_letters(column)}{row + 1}")


@dataclass(frozen=True, slots=True)
class Book:
    """A file's sheets in their order."""

    sheets: tuple[Sheet, ...]


def column_letters(column: int) -> str:
    """Return a column's letters, counted from 0: 0 → A, 26 → AA."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def plain_number(value: Decimal) -> Decimal:
    """Return the same number without trailing zeros and without an exponent: 19000.0 → 19000."""
    text = f"{value:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return Decimal("0" if text == "-0" else text)


def decimal_of_float(value: float) -> Decimal:
    """Return the number that the sheet's author sees: a spreadsheet keeps 15 significant digits, no more."""
    return plain_number(Decimal(repr(float(f"{value:.15g}"))))


def is_blank(cell: RawCell) -> bool:
    """Return whether nothing can be seen in the cell."""
    return cell is None or (isinstance(cell, str) and not cell.strip(BLANKS))


def shown(cell: RawCell) -> str:
    """Return the cell as its reader sees it, as one line of text."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, Decimal):
        return f"{cell:f}"
    if isinstance(cell, ErrorCell):
        return cell.shown
    if isinstance(cell, UncachedFormula):
        return cell.formula
    return str(cell).strip(BLANKS)


def fold_wide(text: str) -> str:
    """Return the text with full-width characters as ordinary ones, and nothing else changed.

    Compatibility folding as a whole would turn 10² into 102 and ① into 1.
    """
    return "".join(
        unicodedata.normalize("NFKC", char) if unicodedata.east_asian_width(char) == "F" else char for char in text
    )


def match_key(text: str) -> str:
    """Return the form in which names are compared: width, blanks, case, brackets and quotes unified."""
    folded = unicodedata.normalize("NFKC", text).translate(_SAME_BRACKETS)
    return _SPACE.sub("", folded).casefold()
