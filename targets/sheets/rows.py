"""A table → its rows: data and totals; empty, numbering, header, note and signature rows are left out."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from targets.problems import Place, Problem
from targets.sheets.cells import RawCell, is_blank, match_key, shown
from targets.sheets.columns import CONTENT, KEYS, NUMBERS, Field, field_of, recognised_columns
from targets.sheets.tables import Table

SUBTOTAL = "小计"
TOTALS = frozenset({SUBTOTAL, "合计", "总计", "全市", "全市合计", "全市总计", "全市小计"})

_SIGNATURE = re.compile(
    r"(填报人|填表人|制表人?|审核人|复核人|审批人|负责人|单位负责人|分管领导|联系人|联系电话|电话|填报日期|填报时间|填表日期"
    r"|报送日期|日期|单位盖章|盖章)(\(.*?\))?\s*(:.*)?",
    re.DOTALL,
)
_NOTE = re.compile(r"(注|备注|附注|说明|填表说明|填报说明)\s*[0-9]*\s*(:.*)?", re.DOTALL)
_ORDINAL = re.compile(r"\(?([0-9]{1,2}|[一二三四五六七八九十]{1,3})\)?")
_DIGITS = ("一", "二", "三", "四", "五", "六", "七", "八", "九")
_CHINESE_ORDINALS = {
    text: number for number, text in enumerate((*_DIGITS, "十", *(f"十{digit}" for digit in _DIGITS)), 1)
}
_NUMBERING_WORDS = frozenset({"栏次", "甲", "乙", "丙", "丁", "a", "b", "c"})


@dataclass(frozen=True, slots=True)
class Row:
    """One row that says something; `total` is the column of its total word (合计 …), None for a data row."""

    table: Table
    number: int
    total: int | None = None

    def cell(self, column: Field) -> RawCell:
        """Return a field's content; keys and texts are filled from the merged range that covers them."""
        if column in NUMBERS or column == Field.NOT_APPLICABLE:
            return self.table.raw(self.number, column)
        return self.table.filled(self.number, column)

    def place(self, column: Field) -> Place:
        """Return where a field's cell stands."""
        return self.table.place(self.number, column)

    def problem(self, code: str, message: str, column: Field) -> Problem:
        """Return a problem at a field's cell, with what stands there."""
        return Problem(code, message, self.place(column), shown(self.cell(column)))

    @property
    def is_subtotal(self) -> bool:
        """Return whether the row sums up only the rows since the last subtotal."""
        return self.total is not None and SUBTOTAL in match_key(shown(self.table.sheet.cell(self.number, self.total)))

    @property
    def has_content(self) -> bool:
        """Return whether any cell says something to be read, keys apart."""
        return any(not is_blank(self.table.raw(self.number, column)) for column in CONTENT)

    @property
    def text(self) -> str:
        """Return the row as it reads."""
        return " | ".join(shown(cell) for cell in self.table.sheet.rows[self.number] if not is_blank(cell))


@dataclass(frozen=True, slots=True)
class Rows:
    """A table's data and total rows in their order, with problems and remarks about the others."""

    rows: tuple[Row, ...]
    problems: tuple[Problem, ...]
    remarks: tuple[Problem, ...]


def read_rows(table: Table) -> Rows:
    """Return the table's rows; a row that holds figures is never left out without a word."""
    rows: list[Row] = []
    problems: list[Problem] = []
    remarks: list[Problem] = []
    for number in range(table.header_row + 1, len(table.sheet.rows)):
        cells = table.sheet.rows[number]
        if all(map(is_blank, cells)) or (not rows and _is_numbering(table, number)):
            continue
        if _is_header(cells):
            problems.extend(_second_header(table, number))
            continue
        row = Row(table, number, _total_column(table, number))
        if row.total is None and _is_remark(table, number):
            continue
        if not row.has_content:
            continue
        problems.extend(_merged_numbers(row))
        problems.extend(_extra_cells(row))
        if row.total is not None and not table.is_long:
            remarks.append(_skipped_total(row))
        else:
            rows.append(row)
    return Rows(tuple(rows), tuple(problems), (*remarks, *_hidden(table, rows)))


def _is_numbering(table: Table, number: int) -> bool:
    """Return whether the row only numbers the columns: 1 2 3, (1) (2), 一 二, 栏次 1 2, 甲 乙 1 2."""
    if all(is_blank(table.raw(number, column)) for column in KEYS):
        return False
    words = [match_key(shown(cell)) for cell in table.sheet.rows[number] if not is_blank(cell)]
    ordinals = [_ordinal(word) for word in words if word not in _NUMBERING_WORDS]
    return len(words) > 1 and ordinals == list(range(1, len(ordinals) + 1))


def _ordinal(word: str) -> int:
    match = _ORDINAL.fullmatch(word)
    if match is None:
        return 0
    return int(match[1]) if match[1].isascii() else _CHINESE_ORDINALS.get(match[1], 0)


def _is_header(cells: tuple[RawCell, ...]) -> bool:
    """Return whether the row holds nothing but known column heads, at least two."""
    filled = [cell for cell in cells if not is_blank(cell)]
    return len(filled) > 1 and all(field_of(cell) for cell in filled)


def _second_header(table: Table, number: int) -> Iterator[Problem]:
    """Yield a problem unless the header only stands once more, as it does on every printed page."""
    columns = recognised_columns(table.sheet.rows[number])
    if columns != recognised_columns(table.sheet.rows[table.header_row]):
        yield Problem(
            "second_header",
            _(
                "A second header stands here. Keep one header row of one line per sheet; put another table "
                "on its own sheet."
            ),
            table.sheet.place(number, min(columns)),
        )


def _total_column(table: Table, number: int) -> int | None:
    """Return the column of a word such as 合计 that stands beside the contents, if there is one."""
    contents = {table.columns[column] for column in CONTENT if column in table.columns}
    for column, cell in enumerate(table.sheet.rows[number]):
        if column not in contents and isinstance(cell, str) and match_key(cell).strip(":") in TOTALS:
            return column
    return None


def _is_remark(table: Table, number: int) -> bool:
    """Return whether the row is a note or signature line; one with a number among the figures is not."""
    cells = [(column, cell) for column, cell in enumerate(table.sheet.rows[number]) if not is_blank(cell)]
    if not _starts_remark(cells[0][1]):
        return False
    numbers = {table.columns[column] for column in NUMBERS if column in table.columns}
    label = ""
    for column, cell in cells:
        if column in numbers and not _starts_remark(cell) and not _belongs_to(label, cell):
            return False
        label = _folded(cell) if _starts_remark(cell) else ""
    return True


def _belongs_to(label: str, cell: RawCell) -> bool:
    """Return whether a cell completes the label left of it (审核人:); a number only a phone or a day."""
    says_all = ":" in label and not label.endswith(":")
    if not label or says_all:
        return False
    is_text = isinstance(cell, str) and not _folded(cell)[:1].isdigit()
    return is_text or bool(re.match(r".*(电话|日期|时间)", label))


def _starts_remark(cell: RawCell) -> bool:
    if not isinstance(cell, str):
        return False
    text = _folded(cell)
    return bool(_SIGNATURE.fullmatch(text) or _NOTE.fullmatch(text))


def _folded(cell: RawCell) -> str:
    text = unicodedata.normalize("NFKC", shown(cell)).strip()
    return re.sub(r"(?<=[\u4e00-\u9fff])\s+(?=[\u4e00-\u9fff])", "", text)


def _merged_numbers(row: Row) -> Iterator[Problem]:
    """Yield a problem for a number that is merged over several rows: whose number it is cannot be known."""
    for column in NUMBERS:
        merge = row.table.merge_at(row.number, column)
        if merge and merge.top == row.number and merge.bottom > merge.top and not is_blank(row.cell(column)):
            yield row.problem(
                "merged_value",
                _("This number is merged over several rows. Undo the merge and write a number in each row."),
                column,
            )


def _extra_cells(row: Row) -> Iterator[Problem]:
    """Yield a problem for a CSV row longer than its header: an unquoted 1,234 has moved its cells."""
    sheet, header = row.table.sheet, row.table.sheet.rows[row.table.header_row]
    if not sheet.name and len(sheet.rows[row.number]) > len(header):
        yield Problem(
            "extra_cells",
            _("The row has %(cells)s cells, its header %(heads)s. Write numbers without commas, or save as .xlsx.")
            % {"cells": len(sheet.rows[row.number]), "heads": len(header)},
            sheet.place(row.number, len(header)),
            row.text,
        )


def _skipped_total(row: Row) -> Problem:
    return Problem(
        "total_skipped",
        _("This total over different indicators was not read."),
        row.table.sheet.place(row.number, row.total or 0),
        row.text,
    )


def _hidden(table: Table, rows: list[Row]) -> Iterator[Problem]:
    """Yield remarks that hidden rows, or a hidden sheet, were read."""
    if table.sheet.hidden and rows:
        yield Problem(
            "hidden_sheet",
            _("The sheet “%(sheet)s” is hidden; it was read.") % {"sheet": table.sheet.name},
            rows[0].place(Field.VALUE),
        )
    hidden = [row.number for row in rows if row.number in table.sheet.hidden_rows]
    if hidden:
        yield Problem(
            "hidden_rows",
            _("These rows are hidden; they were read: %(rows)s.") % {"rows": "、".join(str(row + 1) for row in hidden)},
            table.sheet.place(hidden[0], 0),
        )
