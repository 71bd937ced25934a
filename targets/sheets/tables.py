"""A sheet → its table: where the header stands, what each column holds, and what the lines above it say."""

import re
import unicodedata
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from django.utils.translation import gettext as _

from targets.problems import Place, Problem
from targets.sheets.cells import (
    Merge,
    PercentCell,
    RawCell,
    Sheet,
    column_letters,
    is_blank,
    match_key,
    shown,
)
from targets.sheets.columns import (
    HEADER_ROWS,
    IDENTITY,
    NOTE_TEXTS,
    NUMBERS,
    ORGANISATION,
    Field,
    recognised_columns,
)
from targets.sheets.names import NameIndex, Unknown
from targets.sheets.values import MEASURES

INSTRUCTIONS = "填表说明"
_ANCHORS = {*NUMBERS, Field.NOT_APPLICABLE, *NOTE_TEXTS}
_HEADING_LABELS = {
    **dict.fromkeys(("单位", "填报单位", "报送单位", "单位名称", "填报单位名称"), Field.ORGANISATION),
    **dict.fromkeys(("报告期", "期间", "填报期", "报告期间", "填报期间", "季度", "报告季度"), Field.PERIOD),
}
_LABELLED = re.compile(r"([^\s:]+)\s*:\s*(.*?)(?=\s+[^\s:]+\s*:|$)")


@dataclass(frozen=True, slots=True)
class Heading:
    """What a line above the table says about all of it: a unit or a period, and where."""

    field: Field
    cell: RawCell
    place: Place


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet's table: the header's row (from 0), the column of each field, and the headings above it."""

    sheet: Sheet
    header_row: int
    columns: dict[Field, int]
    headings: tuple[Heading, ...]
    merges: dict[int, list[Merge]] = field(default_factory=dict)

    @property
    def is_long(self) -> bool:
        """Return whether each row names its own unit (the long table), not the sheet one (the list)."""
        return any(column in self.columns for column in ORGANISATION)

    def raw(self, row: int, column: Field) -> RawCell:
        """Return the field's own cell in a row; None where the table has no such column."""
        return self.sheet.cell(row, self.columns[column]) if column in self.columns else None

    def filled(self, row: int, column: Field) -> RawCell:
        """Return the field's cell, or what the merged range that covers it holds in its first cell."""
        if column not in self.columns:
            return None
        merge = self.merge_at(row, column)
        return self.sheet.cell(merge.top if merge else row, self.columns[column])

    def merge_at(self, row: int, column: Field) -> Merge | None:
        """Return the merged range that begins in this column and covers this row, if any."""
        merges = self.merges.get(self.columns.get(column, -1), [])
        at = bisect_right(merges, row, key=lambda merge: merge.top) - 1
        return merges[at] if at >= 0 and merges[at].bottom >= row else None

    def place(self, row: int, column: Field) -> Place:
        """Return where a field's cell stands; without such a column, the row's first cell."""
        return self.sheet.place(row, self.columns.get(column, 0))


@dataclass(frozen=True, slots=True)
class Search:
    """What was found on a sheet: a table or none, with problems and remarks."""

    table: Table | None = None
    problems: tuple[Problem, ...] = ()
    remarks: tuple[Problem, ...] = ()


def find_table(sheet: Sheet, index: NameIndex) -> Search:
    """Return the sheet's table, a problem for another layout, a remark or nothing for no table at all."""
    if match_key(sheet.name) == INSTRUCTIONS:
        return Search()
    for row, cells in enumerate(sheet.rows[:HEADER_ROWS]):
        columns = recognised_columns(cells)
        if _is_matrix(cells, columns, index):
            return Search(problems=(_matrix_problem(sheet, row),))
        if _ANCHORS & set(columns.values()) and set(IDENTITY) & set(columns.values()):
            return _table_at(sheet, row, columns)
    return Search(remarks=_skipped(sheet))


def _is_matrix(cells: tuple[RawCell, ...], columns: dict[int, Field], index: NameIndex) -> bool:
    """Return whether a row heads a table with indicators across, or with units across."""
    fields = Counter(columns.values())
    others = [cell for column, cell in enumerate(cells) if column not in columns and not is_blank(cell)]
    if fields[Field.DENOMINATOR] > 1 and not any(fields[identity] for identity in IDENTITY):
        return True
    if any(fields[column] for column in ORGANISATION) and any(index.is_indicator(cell) for cell in others):
        return not any(fields[anchor] for anchor in _ANCHORS)
    if any(fields[identity] for identity in IDENTITY):
        return sum(not isinstance(index.organisation(cell), Unknown) for cell in others) > 1
    return False


def _matrix_problem(sheet: Sheet, row: int) -> Problem:
    return Problem(
        "matrix_layout",
        _(
            "This sheet has one column per indicator or per unit, which is not read yet. Use the template, "
            "or a table "
            "with the columns 单位, 指标, 报告期, 数值, 分母, 备注 and one row per figure."
        ),
        sheet.place(row, 0),
    )


def _table_at(sheet: Sheet, row: int, columns: dict[int, Field]) -> Search:
    chosen: dict[Field, int] = {}
    problems = []
    for column, meaning in columns.items():
        if meaning == Field.UNREAD:
            continue
        if meaning in chosen:
            problems.append(_duplicate_column(sheet, row, chosen[meaning], column))
        chosen.setdefault(meaning, column)
    table = Table(sheet, row, chosen, tuple(_headings(sheet, row)), _merges_by_column(sheet, row))
    return Search(table, tuple(problems), tuple(_unread_columns(sheet, row, columns)))


def _duplicate_column(sheet: Sheet, row: int, first: int, second: int) -> Problem:
    return Problem(
        "duplicate_column",
        _("The columns “%(first)s” (%(first_cell)s) and “%(second)s” mean the same. Delete one or rename it.")
        % {
            "first": shown(sheet.cell(row, first)),
            "first_cell": sheet.place(row, first).cell,
            "second": shown(sheet.cell(row, second)),
        },
        sheet.place(row, second),
        shown(sheet.cell(row, second)),
    )


def _unread_columns(sheet: Sheet, row: int, columns: dict[int, Field]) -> Iterator[Problem]:
    """Yield a remark that names the columns with content that are not read, if there are any."""
    filled = {
        column
        for cells in sheet.rows[row + 1 :]
        for column, cell in enumerate(cells)
        if column not in columns and not is_blank(cell)
    }
    if filled:
        names = "、".join(
            f"{column_letters(column)} {shown(sheet.cell(row, column))}".strip() for column in sorted(filled)
        )
        yield Problem(
            "unread_columns",
            _("These columns are not known and were not read: %(columns)s.") % {"columns": names},
            sheet.place(row, min(filled)),
            names,
        )


def _merges_by_column(sheet: Sheet, row: int) -> dict[int, list[Merge]]:
    merges: dict[int, list[Merge]] = {}
    for merge in sorted(sheet.merges, key=lambda merge: merge.top):
        if merge.top > row:
            merges.setdefault(merge.left, []).append(merge)
    return merges


def _skipped(sheet: Sheet) -> tuple[Problem, ...]:
    """Return a remark for a sheet that holds numbers and yet no table."""
    for row, cells in enumerate(sheet.rows):
        for column, cell in enumerate(cells):
            if isinstance(cell, Decimal | PercentCell) or (isinstance(cell, str) and shown(cell).isdigit()):
                return (
                    Problem(
                        "sheet_skipped",
                        _("The sheet “%(sheet)s” was not read: its first %(rows)s rows hold no header that is known.")
                        % {"sheet": sheet.name, "rows": HEADER_ROWS},
                        sheet.place(row, column),
                    ),
                )
    return ()


def _headings(sheet: Sheet, header_row: int) -> Iterator[Heading]:
    for row in range(header_row):
        cells = sheet.rows[row]
        for column, cell in enumerate(cells):
            if isinstance(cell, str):
                yield from _headings_in(sheet, row, column, unicodedata.normalize("NFKC", cell).strip())


def _headings_in(sheet: Sheet, row: int, column: int, text: str) -> Iterator[Heading]:
    """Yield what one cell above the table says, alone ("单位:海曙区") or with its right neighbour."""
    pairs = [(match[1], match[2].strip()) for match in _LABELLED.finditer(text)] or [(text, "")]
    for label, value in pairs:
        meaning = _HEADING_LABELS.get(match_key(re.sub(r"\(.*?\)", "", label).strip("()")))
        if meaning is None:
            continue
        at = column if value else next(_filled_columns(sheet, row, column + 1), None)
        if at is None:
            continue
        if not value and ":" in unicodedata.normalize("NFKC", shown(sheet.cell(row, at))):
            continue
        content: RawCell = value.rstrip(")") if value else sheet.cell(row, at)
        if not (meaning == Field.ORGANISATION and _only_measures(content)):
            yield Heading(meaning, content, sheet.place(row, at))


def _filled_columns(sheet: Sheet, row: int, start: int) -> Iterator[int]:
    cells = sheet.rows[row]
    return (column for column in range(start, len(cells)) if not is_blank(cells[column]))


def _only_measures(cell: RawCell) -> bool:
    """Return whether a line such as 单位:个、张 names measure words and no reporting unit."""
    return isinstance(cell, str) and all(word in MEASURES for word in re.split(r"[、,/]", match_key(cell)))
