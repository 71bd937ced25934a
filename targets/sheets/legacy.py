"""The old .xls format, read with xlrd: it tells errors from empty cells and does not fill up short rows."""

import io
from collections.abc import Iterator
from datetime import datetime

import xlrd
from django.utils.translation import gettext as _
from xlrd.compdoc import CompDoc

from targets.sheets.cells import (
    Book,
    ErrorCell,
    Merge,
    PercentCell,
    RawCell,
    Sheet,
    UncachedFormula,
    decimal_of_float,
)
from targets.sheets.package import shows_percent
from targets.sheets.refusals import check_extent, refuse_damaged, refuse_encrypted, refuse_other_kind


def read_xls(data: bytes) -> Book:
    """Return the cells of a workbook in an OLE file; raises Refused for any other or an encrypted one."""
    _check_streams(data)
    try:
        book = xlrd.open_workbook(file_contents=data, formatting_info=True, ragged_rows=True, logfile=io.StringIO())
        sheets = tuple(_read_sheet(book, sheet) for sheet in book.sheets())
    except xlrd.XLRDError as error:
        if "encrypted" in str(error).lower():
            refuse_encrypted()
        refuse_damaged()
    except Exception:  # xlrd fails in many ways on a broken file, documented ones being few
        refuse_damaged()
    for sheet in sheets:
        check_extent(len(sheet.rows), sum(map(len, sheet.rows)))
    return Book(sheets)


def _check_streams(data: bytes) -> None:
    """Raise Refused when the OLE file holds an encrypted package or no workbook."""
    try:
        names = {entry.name.casefold() for entry in CompDoc(data, logfile=io.StringIO()).dirlist}
    except Exception:  # xlrd documents no errors of its own for a broken container
        refuse_damaged()
    if "encryptedpackage" in names:
        refuse_encrypted()
    if not names & {"workbook", "book"}:
        refuse_other_kind(_("a file of another kind"))


def _read_sheet(book: xlrd.Book, source: xlrd.sheet.Sheet) -> Sheet:
    return Sheet(
        source.name,
        tuple(tuple(_cells(book, source, row)) for row in range(source.nrows)),
        source.visibility != 0,
        frozenset(row for row, about in source.rowinfo_map.items() if about.hidden),
        tuple(Merge(top, left, bottom - 1, right - 1) for top, bottom, left, right in source.merged_cells),
    )


def _cells(book: xlrd.Book, source: xlrd.sheet.Sheet, row: int) -> Iterator[RawCell]:
    kinds, values = source.row_types(row), source.row_values(row)
    for column, (kind, value) in enumerate(zip(kinds, values, strict=True)):
        yield _cell(book, source, row, column, kind, value)


def _cell(book: xlrd.Book, source: xlrd.sheet.Sheet, row: int, column: int, kind: int, value: str | float) -> RawCell:
    if kind == xlrd.XL_CELL_TEXT:
        # Only a formula leaves an empty text behind: its result is empty, or was never worked out.
        return str(value) or UncachedFormula("=")
    if kind == xlrd.XL_CELL_DATE:
        return _day(float(value), book.datemode)
    if kind == xlrd.XL_CELL_BOOLEAN:
        return bool(value)
    if kind == xlrd.XL_CELL_ERROR:
        return ErrorCell(xlrd.error_text_from_code.get(int(value), "#ERROR!"))
    if kind != xlrd.XL_CELL_NUMBER:
        return None
    number = decimal_of_float(float(value))
    style = book.xf_list[source.cell_xf_index(row, column)]
    return PercentCell(number) if shows_percent(book.format_map[style.format_key].format_str) else number


def _day(value: float, datemode: int) -> RawCell:
    """Return the day, or the time where there is no day; a number that is no day stays visibly wrong."""
    try:
        moment: datetime = xlrd.xldate_as_datetime(value, datemode)
    except (xlrd.xldate.XLDateError, OverflowError, ValueError):
        return ErrorCell(repr(value))
    if value < 1:
        return moment.time()
    return moment if value % 1 else moment.date()
