"""A table's rows → figures and notes: who, what, when and how much, each checked against the known names."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from targets.problems import Place, Problem
from targets.sheets.amounts import Amount, read_amount, read_mark
from targets.sheets.cells import ErrorCell, RawCell, UncachedFormula, is_blank, match_key, shown
from targets.sheets.columns import NOTE_TEXTS, NUMBERS, ORGANISATION, Field
from targets.sheets.names import NameIndex, Subject, Unknown
from targets.sheets.readings import ReadFigure, ReadNote, State
from targets.sheets.rows import Row
from targets.sheets.subjects import read_subject
from targets.sheets.tables import Heading, Table
from targets.sheets.values import Blank, NotReported, read_value

STAGES = {"未启动": "not_started", "推进中": "in_progress", "已完成": "done", "受阻": "blocked"}


@dataclass(frozen=True, slots=True)
class Given:
    """What holds for a whole table: unit and period, None where nothing fixes them."""

    organisation: str | None
    period: str | None


@dataclass(frozen=True, slots=True)
class RowReading:
    """What one row says."""

    row: Row
    figure: ReadFigure | None = None
    note: ReadNote | None = None
    problems: tuple[Problem, ...] = ()
    remarks: tuple[Problem, ...] = ()


class RowReader:
    """Reads a table's data rows; `given` comes from the caller, headings from the lines above the table."""

    def __init__(self, table: Table, index: NameIndex, given: Given) -> None:
        self.table = table
        self.index = index
        self.given = given
        self.problems: list[Problem] = []
        self.default = Given(
            self._default(Field.ORGANISATION, given.organisation), self._default(Field.PERIOD, given.period)
        )

    def _default(self, field: Field, given: str | None) -> str | None:
        """Return the unit or period that holds for the whole table; notes what is wrong with it."""
        known_problems = len(self.problems)
        own = self.table.is_long if field == Field.ORGANISATION else field in self.table.columns
        said: list[tuple[str, Heading | None]] = [(given, None)] if given else []
        for heading in self.table.headings:
            if heading.field != field or (own and field == Field.ORGANISATION and self._is_city(heading.cell)):
                continue
            found = self._resolve(field, heading.cell)
            if isinstance(found, Unknown):
                self.problems.append(Problem(found.code, found.message, heading.place, shown(heading.cell)))
            else:
                said.append((found, heading))
        for code, other in said[1:]:
            if code != said[0][0] and other:
                self.problems.append(self._conflict(field, code, said[0][0], other.place, shown(other.cell)))
        if said:
            return said[0][0]
        if not own and len(self.problems) == known_problems:
            self.problems.append(_missing(field, self.table))
        return None

    def _is_city(self, cell: RawCell) -> bool:
        return match_key(shown(cell)) in self.index.city

    def _resolve(self, field: Field, cell: RawCell) -> str | Unknown:
        if field == Field.PERIOD:
            return self.index.period(cell, self.given.period)
        return self.index.organisation(cell)

    def read(self, row: Row) -> RowReading:
        """Return the row's figure and note, or all that is wrong with the row."""
        problems: list[Problem] = []
        organisation = self._key(row, ORGANISATION, self.default.organisation, problems)
        period = self._key(row, (Field.PERIOD,), self.default.period, problems)
        subject = read_subject(row, self.index)
        if isinstance(subject, Problem):
            return RowReading(row, problems=(*problems, subject))
        amount = self._amount(row, subject)
        if isinstance(amount, Problem):
            problems.append(amount)
            amount = None
        texts = self._texts(row, problems)
        note_text = _text(row, Field.NOTE, problems)
        commitment = self._commitment(row, subject, texts, amount, problems)
        if problems or organisation is None or period is None:
            return RowReading(row, problems=tuple(problems))
        figure = note = None
        if amount and amount.state and subject.indicator:
            figure = _figure(row, organisation, subject.indicator, period, amount, note_text, texts)
        remarks = _remarks(row, figure, note_text)
        if commitment:
            note = _note(row, organisation, period, commitment, texts)
        return RowReading(row, figure, note, remarks=remarks)

    def _conflict(self, field: Field, code: str, other: str, place: Place, found: str) -> Problem:
        if field == Field.PERIOD:
            return Problem(
                "period_conflict",
                _(
                    "The reporting period is %(found)s here but %(other)s otherwise. Correct it, or choose "
                    "the right file."
                )
                % {"found": code, "other": other},
                place,
                found,
            )
        return Problem(
            "organisation_conflict",
            _("The unit is %(found)s here but %(other)s otherwise. Correct it, or choose the right file.")
            % {"found": self.index.titles([code]), "other": self.index.titles([other])},
            place,
            found,
        )

    def _key(self, row: Row, columns: tuple[Field, ...], default: str | None, problems: list[Problem]) -> str | None:
        """Return the row's unit or period, or the table's; notes what is unknown, missing or disagrees."""
        present = [column for column in columns if column in self.table.columns]
        found = default
        said = False
        for column in present:
            cell = row.cell(column)
            if is_blank(cell):
                continue
            said = True
            code = self._resolve(Field.PERIOD if column == Field.PERIOD else Field.ORGANISATION, cell)
            if isinstance(code, Unknown):
                problems.append(row.problem(code.code, code.message, column))
                return None
            if found is not None and code != found:
                problems.append(self._conflict(column, code, found, row.place(column), shown(cell)))
                return None
            found = code
        if present and not said:
            problems.append(_blank_key(row, present[0]))
            return None
        return found

    def _amount(self, row: Row, subject: Subject) -> Amount | Problem | None:
        if subject.indicator:
            return read_amount(row, self.index.indicator(subject.indicator))
        for column in NUMBERS:
            if not isinstance(read_value(row.cell(column), "", is_ratio=False), Blank | NotReported):
                return row.problem(
                    "number_without_indicator",
                    _(
                        "This task is not counted, so it takes no number. Delete it, or check that it "
                        "stands in the right row."
                    ),
                    column,
                )
        marked = read_mark(row)
        if marked is True:
            return row.problem(
                "number_without_indicator",
                _("This task is not counted, so it cannot be marked 不适用. Delete the mark."),
                Field.NOT_APPLICABLE,
            )
        return marked or None

    def _texts(self, row: Row, problems: list[Problem]) -> dict[Field, str | None]:
        texts = {column: _text(row, column, problems) for column in NOTE_TEXTS}
        stage = texts[Field.STAGE]
        if stage is not None:
            texts[Field.STAGE] = STAGES.get(match_key(stage))
            if texts[Field.STAGE] is None:
                problems.append(
                    row.problem(
                        "unknown_stage",
                        _("“%(found)s” is not a stage. Write one of 未启动, 推进中, 已完成, 受阻.") % {"found": stage},
                        Field.STAGE,
                    )
                )
        return texts

    def _commitment(
        self,
        row: Row,
        subject: Subject,
        texts: dict[Field, str | None],
        amount: Amount | None,
        problems: list[Problem],
    ) -> str | None:
        """Return the commitment that the row's progress belongs to, None when the row tells no progress."""
        filled = [column for column in NOTE_TEXTS if texts[column] is not None]
        if not filled:
            return None
        if subject.commitment is None:
            if amount and amount.state == State.NOT_APPLICABLE and filled == [Field.PROGRESS]:
                return None
            problems.append(
                row.problem(
                    "commitment_missing",
                    _(
                        "It is not clear which task this progress belongs to. Write the task's code in the "
                        "column 任务编码."
                    ),
                    filled[0],
                )
            )
        return subject.commitment


def _missing(field: Field, table: Table) -> Problem:
    place = table.sheet.place(table.header_row, 0)
    if field == Field.PERIOD:
        message = _(
            "The reporting period is missing. Write 报告期:2020年三季度 above the table, or add a column 报告期."
        )
        return Problem("period_missing", message, place)
    message = _("The reporting unit is missing. Write 填报单位: and its name above the table, or add a column 单位.")
    return Problem("organisation_missing", message, place)


def _blank_key(row: Row, column: Field) -> Problem:
    return row.problem(
        "blank_key",
        _("This cell is empty, but the row holds a figure. Fill the cell; only merged cells count for several rows."),
        column,
    )


def _text(row: Row, column: Field, problems: list[Problem]) -> str | None:
    cell = row.cell(column)
    if isinstance(cell, ErrorCell | UncachedFormula):
        problems.append(
            row.problem(
                "error_cell" if isinstance(cell, ErrorCell) else "uncached_formula",
                _("“%(found)s” stands where a text belongs. Type the text itself.") % {"found": shown(cell)},
                column,
            )
        )
        return None
    return None if is_blank(cell) else shown(cell)


def _figure(
    row: Row,
    organisation: str,
    indicator: str,
    period: str,
    amount: Amount,
    note: str | None,
    texts: dict[Field, str | None],
) -> ReadFigure:
    if amount.state == State.NOT_APPLICABLE:
        note = note or texts[Field.PROGRESS]
    return ReadFigure(
        organisation=organisation,
        indicator=indicator,
        period=period,
        state=amount.state or State.NOT_REPORTED,
        numerator=amount.numerator,
        denominator=amount.denominator,
        note=note or "",
        place=amount.place,
        denominator_place=amount.denominator_place,
        row_text=row.text,
    )


def _note(row: Row, organisation: str, period: str, commitment: str, texts: dict[Field, str | None]) -> ReadNote:
    return ReadNote(
        organisation=organisation,
        period=period,
        commitment=commitment,
        stage=texts[Field.STAGE],
        progress=texts[Field.PROGRESS],
        problems=texts[Field.PROBLEMS],
        next_steps=texts[Field.NEXT_STEPS],
        place=row.place(next(column for column in NOTE_TEXTS if texts[column] is not None)),
    )


def _remarks(row: Row, figure: ReadFigure | None, note: str | None) -> tuple[Problem, ...]:
    """Return remarks on a row without faults: an explicit nothing, a note that goes with no figure."""
    remarks = []
    if figure and figure.state == State.NOT_REPORTED:
        column = Field.DENOMINATOR if is_blank(row.cell(Field.VALUE)) else Field.VALUE
        remarks.append(row.problem("not_reported", _("The cell is read as: not reported."), column))
    if note and figure is None:
        remarks.append(
            row.problem("note_without_figure", _("This note was not read, since its row holds no figure."), Field.NOTE)
        )
    return tuple(remarks)
