"""A row's codes and name → the one thing that it is about; whatever stands there must point at the same."""

from django.utils.translation import gettext as _

from targets.problems import Problem
from targets.sheets.cells import is_blank, shown
from targets.sheets.columns import IDENTITY, Field
from targets.sheets.names import NameIndex, Subject
from targets.sheets.rows import Row


def read_subject(row: Row, index: NameIndex) -> Subject | Problem:
    """Return the row's indicator and commitment; a row sorted without its other columns is caught here."""
    lookups = {Field.COMMITMENT_CODE: index.by_commitment, Field.INDICATOR_CODE: index.by_indicator}
    possible: set[Subject] | None = None
    columns = [column for column in IDENTITY if not is_blank(row.cell(column))]
    for column in columns:
        found = lookups.get(column, index.by_name)(row.cell(column))
        if not found:
            return _unknown(row, column)
        possible = found if possible is None else possible & found
        if not possible:
            return _mismatch(row, columns, column)
    if possible is None:
        return _missing(row)
    return _single(row, columns, possible)


def _single(row: Row, columns: list[Field], possible: set[Subject]) -> Subject | Problem:
    """Return the only subject left; an indicator with several commitments is still one indicator."""
    indicators = {subject.indicator for subject in possible}
    with_commitment = [subject for subject in possible if subject.commitment]
    if len(indicators) == 1 and len(with_commitment) == 1:
        return with_commitment[0]
    indicator = next(iter(indicators))
    if len(indicators) == 1 and indicator:
        return Subject(indicator, None)
    candidates = sorted(f"{subject.commitment or ''} {subject.indicator or ''}".strip() for subject in possible)
    return row.problem(
        "ambiguous_indicator",
        _("“%(found)s” may mean any of these: %(candidates)s. Write the code in the column 任务编码 or 指标编码.")
        % {"found": shown(row.cell(columns[0])), "candidates": "、".join(candidates)},
        columns[0],
    )


def _unknown(row: Row, column: Field) -> Problem:
    return row.problem(
        "unknown_indicator",
        _("“%(found)s” is no known task or indicator. Copy the code or the name from the template.")
        % {"found": shown(row.cell(column))},
        column,
    )


def _mismatch(row: Row, columns: list[Field], column: Field) -> Problem:
    others = "、".join(shown(row.cell(other)) for other in columns[: columns.index(column)])
    return row.problem(
        "code_name_mismatch",
        _(
            "“%(found)s” does not belong to “%(others)s” in the same row. "
            "Perhaps one column was sorted without the others: compare the rows with the template."
        )
        % {"found": shown(row.cell(column)), "others": others},
        column,
    )


def _missing(row: Row) -> Problem:
    column = next(column for column in IDENTITY if column in row.table.columns)
    return row.problem(
        "indicator_missing",
        _(
            "The row holds figures but names no task or indicator. Write its code or name; only merged "
            "cells count for several rows."
        ),
        column,
    )
