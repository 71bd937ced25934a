"""A file's bytes → its sheets' cells, recognised by content and never by the file's name."""

import io
import math
import zipfile
from collections.abc import Callable
from datetime import date, time, timedelta

from django.utils.translation import gettext as _
from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from targets.sheets.cells import Book, ErrorCell, Merge, PercentCell, RawCell, Sheet, decimal_of_float
from targets.sheets.delimited import read_delimited
from targets.sheets.legacy import read_xls
from targets.sheets.package import SheetFacts, read_package
from targets.sheets.refusals import refuse, refuse_damaged, refuse_other_kind

MAX_BYTES = 20 * 1024 * 1024
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def read_book(data: bytes, filename: str, *, max_bytes: int = MAX_BYTES) -> Book:
    """Return the cells of an .xlsx, .xlsm, .xls or .csv file.

    Raises Refused for a file that is empty, too large, encrypted, damaged or something else. `filename` only
    serves the sentences; what the file is, its content tells.
    """
    if not data.strip(b"\0 \t\r\n"):
        refuse("empty_file", _("The file “%(name)s” is empty. Choose the file again.") % {"name": filename})
    if len(data) > max_bytes:
        refuse(
            "file_too_large",
            _("The file has %(size)s MB; at most %(limit)s MB are read. Delete pictures and sheets without figures.")
            % {"size": math.ceil(len(data) / 1024 / 1024), "limit": max_bytes // 1024 // 1024},
        )
    return _reader(data)(data)


def _reader(data: bytes) -> Callable[[bytes], Book]:
    if data.startswith(b"PK\x03\x04"):
        return _read_zip
    if data.startswith(_OLE):
        return read_xls
    _refuse_known_others(data)
    return read_delimited


def _refuse_known_others(data: bytes) -> None:
    """Raise Refused for files whose first bytes say that they are neither a workbook nor a plain table."""
    for start, kind in (
        (b"%PDF", _("a PDF document")),
        (b"\x89PNG", _("a picture")),
        (b"\xff\xd8\xff", _("a picture")),
        (b"GIF8", _("a picture")),
        (b"Rar!", _("a packed archive")),
        (b"7z\xbc\xaf", _("a packed archive")),
        (b"PK", _("a packed archive")),
    ):
        if data.startswith(start):
            refuse_other_kind(kind)
    beginning = data[:2048].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if beginning.startswith((b"<", b"mime-version:")):
        refuse_other_kind(_("a web page or XML saved under a spreadsheet's name"))
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in data:
        refuse_other_kind(_("a file of another kind"))


def _read_zip(data: bytes) -> Book:
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        refuse_damaged()
    with archive:
        _check_kind({name.casefold() for name in archive.namelist()})
        facts = read_package(archive)
    return _read_values(data, facts)


def _check_kind(parts: set[str]) -> None:
    """Raise Refused for a zip file that holds something other than an .xlsx or .xlsm workbook."""
    if "xl/workbook.xml" in parts:
        return
    if "xl/workbook.bin" in parts:
        refuse_other_kind(_("a binary workbook (.xlsb)"))
    if "word/document.xml" in parts:
        refuse_other_kind(_("a Word document"))
    if "ppt/presentation.xml" in parts:
        refuse_other_kind(_("a presentation"))
    if "content.xml" in parts:
        refuse_other_kind(_("an OpenDocument file (.ods)"))
    refuse_other_kind(_("a packed archive"))


def _read_values(data: bytes, facts: dict[str, SheetFacts]) -> Book:
    """Return the sheets with calamine's values; whatever it stumbles over is a damaged file."""
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(data)) as workbook:
            return Book(
                tuple(
                    _read_sheet(workbook, about.name, about.visible != SheetVisibleEnum.Visible, facts[about.name])
                    for about in workbook.sheets_metadata
                    if about.typ == SheetTypeEnum.WorkSheet
                )
            )
    except Exception:
        refuse_damaged()
    except BaseException as error:
        # A panic inside calamine arrives as a BaseException of pyo3's own, which cannot be imported.
        if type(error).__name__ != "PanicException":
            raise
        refuse_damaged()


def _read_sheet(workbook: CalamineWorkbook, name: str, hidden: bool, facts: SheetFacts) -> Sheet:
    source = workbook.get_sheet_by_name(name)
    values = source.to_python(skip_empty_area=False) if source.end else []
    rows: list[list[RawCell]] = [
        [_cell(value, (row, column) in facts.percentages) for column, value in enumerate(line)]
        for row, line in enumerate(values[: facts.last_row + 1])
    ]
    for (row, column), marker in facts.marked.items():
        while len(rows) <= row:
            rows.append([])
        rows[row].extend([None] * (column + 1 - len(rows[row])))
        rows[row][column] = marker
    return Sheet(
        name,
        tuple(tuple(line) for line in rows),
        hidden,
        frozenset(facts.hidden_rows),
        tuple(Merge(*first, *last) for first, last in source.merged_cell_ranges or ()),
    )


def _cell(value: float | str | bool | date | time | timedelta, percent: bool) -> RawCell:
    """Return calamine's value as ours: exact numbers, and nothing for an empty text."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None if value == "" else value
    if not math.isfinite(value):
        return ErrorCell(str(value))
    number = decimal_of_float(value)
    return PercentCell(number) if percent else number
