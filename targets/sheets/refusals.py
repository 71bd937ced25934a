"""The sentences with which a whole file is refused, each saying what to do."""

from typing import NoReturn

from django.utils.translation import gettext as _

from targets.problems import Problem, Refused

MAX_ROWS = 200_000
MAX_CELLS = 5_000_000
MAX_UNPACKED = 300 * 1024 * 1024


def refuse(code: str, message: str, found: str = "") -> NoReturn:
    """Raise Refused with this one reason."""
    raise Refused([Problem(code, message, found=found)])


def refuse_damaged() -> NoReturn:
    """Raise Refused for a workbook that cannot be opened."""
    refuse(
        "damaged_file",
        _("The file is damaged and cannot be read. Open it in Excel or WPS, save it as .xlsx and send that file."),
    )


def refuse_encrypted() -> NoReturn:
    """Raise Refused for a workbook that asks for a password."""
    refuse(
        "encrypted_file",
        _("The workbook is protected by a password. Remove the password, save the file and send it again."),
    )


def refuse_other_kind(kind: str) -> NoReturn:
    """Raise Refused for a file that is no workbook; `kind` is what it is."""
    refuse(
        "not_a_spreadsheet",
        _("This file is not a spreadsheet but %(kind)s. Open the table in Excel or WPS and save it as .xlsx.")
        % {"kind": kind},
        kind,
    )


def check_extent(rows: int, cells: int) -> None:
    """Raise Refused when a sheet is longer, or all sheets together are larger, than any real report."""
    if rows > MAX_ROWS:
        refuse(
            "too_many_rows",
            _("A sheet has %(rows)s rows; at most %(limit)s are read. Delete the rows that hold no report.")
            % {"rows": rows, "limit": MAX_ROWS},
        )
    if cells > MAX_CELLS:
        refuse(
            "too_large_area",
            _(
                "The sheets span %(cells)s cells; at most %(limit)s are read. "
                "A stray cell far to the right or far below is the usual cause: delete it."
            )
            % {"cells": cells, "limit": MAX_CELLS},
        )
