"""A file's bytes → all that it says and all that is wrong with it: the one way in for spreadsheets."""

from django.utils.translation import gettext as _

from targets.problems import Place, Problem, Refused
from targets.sheets.book import MAX_BYTES, read_book
from targets.sheets.cells import Sheet
from targets.sheets.figures import Given, RowReader, RowReading
from targets.sheets.names import NameIndex, Unknown
from targets.sheets.readings import Names, ReadFigure, Reading, ReadNote
from targets.sheets.rows import read_rows
from targets.sheets.tables import INSTRUCTIONS, find_table
from targets.sheets.totals import check_totals


def read_workbook(
    data: bytes,
    filename: str,
    names: Names,
    *,
    organisation: str | None = None,
    period: str | None = None,
    max_bytes: int = MAX_BYTES,
) -> Reading:
    """Return all figures, notes, problems (each at its cell) and remarks of the file; never raises Refused.

    `organisation` and `period` are codes that hold for the whole file: what says otherwise is a problem.
    """
    index = NameIndex(names)
    problems = _wrong_arguments(index, organisation, period)
    if problems:
        return Reading(problems=tuple(problems))
    try:
        book = read_book(data, filename, max_bytes=max_bytes)
    except Refused as refused:
        return Reading(problems=refused.problems)
    collected = _Collected()
    for sheet in book.sheets:
        _read_sheet(sheet, index, Given(organisation, period), collected)
    if not collected.tables and not collected.problems:
        collected.problems.append(_no_table(book.sheets))
    elif not collected.figures and not collected.notes and not collected.problems:
        collected.remarks.append(Problem("nothing_filled_in", _("No cell of the file is filled in.")))
    return collected.reading()


class _Collected:
    """What has been read so far; the second figure or note for the same thing is a problem."""

    def __init__(self) -> None:
        self.tables = 0
        self.figures: dict[tuple[str, str, str], ReadFigure] = {}
        self.notes: dict[tuple[str, str, str], ReadNote] = {}
        self.problems: list[Problem] = []
        self.remarks: list[Problem] = []

    def add(self, reading: RowReading) -> None:
        """Take over what a row says."""
        self.problems.extend(reading.problems)
        self.remarks.extend(reading.remarks)
        if figure := reading.figure:
            first = self.figures.setdefault((figure.organisation, figure.indicator, figure.period), figure)
            if first is not figure:
                self.problems.append(_twice(first.place, figure.place, figure.row_text))
        if note := reading.note:
            first_note = self.notes.setdefault((note.organisation, note.period, note.commitment), note)
            if first_note is not note:
                self.problems.append(_twice(first_note.place, note.place, reading.row.text))

    def reading(self) -> Reading:
        """Return all of it."""
        return Reading(
            tuple(self.figures.values()),
            tuple(self.notes.values()),
            tuple(self.problems),
            tuple(self.remarks),
        )


def _read_sheet(sheet: Sheet, index: NameIndex, given: Given, collected: _Collected) -> None:
    search = find_table(sheet, index)
    collected.problems.extend(search.problems)
    collected.remarks.extend(search.remarks)
    if search.table is None:
        return
    collected.tables += 1
    rows = read_rows(search.table)
    collected.problems.extend(rows.problems)
    collected.remarks.extend(rows.remarks)
    reader = RowReader(search.table, index, given)
    if rows.rows:
        collected.problems.extend(reader.problems)
    readings = [reader.read(row) for row in rows.rows if row.total is None]
    for reading in readings:
        collected.add(reading)
    totals = [row for row in rows.rows if row.total is not None]
    collected.problems.extend(check_totals(totals, readings, index, given.period))


def _wrong_arguments(index: NameIndex, organisation: str | None, period: str | None) -> list[Problem]:
    problems = []
    for found in (
        index.organisation(organisation) if organisation else None,
        index.period(period) if period else None,
    ):
        if isinstance(found, Unknown):
            problems.append(Problem(found.code, found.message))
    return problems


def _no_table(sheets: tuple[Sheet, ...]) -> Problem:
    first = next((sheet.name for sheet in sheets if sheet.name != INSTRUCTIONS), "")
    return Problem(
        "no_table",
        _(
            "No table was found. The header must stand in the first 30 rows of a sheet and have the "
            "columns 指标 "
            "(or 任务编码, 指标编码) and 本季填报. Use the template."
        ),
        Place(first),
    )


def _twice(first: Place, second: Place, found: str) -> Problem:
    return Problem(
        "duplicate_figure",
        _("The same unit, indicator or task, and period stand in %(first)s already. Delete one of the two.")
        % {"first": first},
        second,
        found,
    )
