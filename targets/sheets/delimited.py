"""CSV: which characters, which separator, which cells."""

import csv
import io
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice

from django.utils.translation import gettext as _

from targets.sheets.cells import Book, RawCell, Sheet
from targets.sheets.columns import HEADER_ROWS, recognised_columns
from targets.sheets.refusals import MAX_CELLS, check_extent, refuse

_SEPARATORS = (",", "\t", ";")


def read_delimited(data: bytes) -> Book:
    """Return the one nameless sheet of a CSV file; raises Refused for unreadable characters or quotes."""
    text = _decoded(data)
    separator = max(_SEPARATORS, key=lambda candidate: _header_width(text, candidate))
    rows: list[tuple[RawCell, ...]] = []
    cells = 0
    try:
        for line in _lines(text, separator):
            rows.append(tuple(cell or None for cell in line))
            cells += len(line)
            if cells > MAX_CELLS:
                break
            check_extent(len(rows), cells)
    except csv.Error:
        refuse(
            "broken_csv",
            _(
                "Line %(line)s of the CSV file has quotation marks that do not match. "
                "Open the file in Excel or WPS, save it as .xlsx and send that file."
            )
            % {"line": len(rows) + 1},
        )
    check_extent(len(rows), cells)
    return Book((Sheet("", tuple(rows)),))


def _decoded(data: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        with suppress(UnicodeDecodeError):
            return data.decode(encoding)
    return refuse(
        "unknown_characters",
        _("The file's characters are neither UTF-8 nor GB18030. Open it in Excel or WPS and save it as .xlsx."),
    )


def _lines(text: str, separator: str) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)


def _header_width(text: str, separator: str) -> int:
    """Return how many known column heads the best of the first rows has when split in this way."""
    try:
        return max(
            (len(recognised_columns(line)) for line in islice(_lines(text, separator), HEADER_ROWS)),
            default=0,
        )
    except csv.Error:
        return 0
