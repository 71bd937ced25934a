"""The report on a spreadsheet: for eyes, line by line, and for programs, as plain data."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from organisations.models import Organisation
from targets.choices import Origin, RevisionKind, Stage
from targets.domain.batch import year_of
from targets.domain.entries import Change, FigureEntry, NoteEntry, Outcome
from targets.domain.record import Values
from targets.domain.uploads import Report
from targets.formats import DASH, amount_parts, value, with_unit
from targets.models import Commitment, Figure, Indicator, Revision
from targets.problems import Place, Problem, Refused


def counts(outcome: Outcome) -> dict[str, int]:
    """How many cells are unchanged, new, and changed."""
    new = sum(change.old is None for change in outcome.changes)
    return {"unchanged": outcome.unchanged, "new": new, "changed": len(outcome.changes) - new}


def refused_body(refused: Refused) -> dict[str, Any]:
    return {"state": "refused", "errors": [_problem(each) for each in refused.problems]}


def report_body(report: Report) -> dict[str, Any]:
    return {
        "state": "clean",
        "errors": [],
        "remarks": [_problem(each) for each in report.remarks],
        "warnings": [_warning(each) for each in warning_rows(report.outcome)],
        "cells": counts(report.outcome),
        "changes": [_change(each) for each in report.outcome.changes],
    }


def _problem(problem: Problem) -> dict[str, str]:
    return {
        "sheet": problem.place.sheet,
        "cell": problem.place.cell,
        "code": problem.code,
        "found": problem.found,
        "detail": problem.message,
    }


def _change(change: Change) -> dict[str, Any]:
    entry = change.entry
    subject = {"indicator" if isinstance(entry, FigureEntry) else "commitment": _subject(entry)}
    return {
        "organisation": entry.organisation,
        **subject,
        "period": entry.period,
        "sheet": entry.place.sheet,
        "cell": entry.place.cell,
        "old": change.old,
        "new": change.new,
    }


@dataclass(frozen=True, slots=True)
class WarningRow:
    """What a soft check says of one line that a file changes, and where in the file the line stands."""

    organisation: str
    unit: str
    period: str
    commitment: str
    title: str
    code: str
    place: Place
    message: str


def warning_rows(outcome: Outcome) -> list[WarningRow]:
    """The soft checks of what changes, each with the cell that it is about."""
    places = {
        (change.entry.organisation, _subject(change.entry), change.entry.period): change.entry.place
        for change in outcome.changes
    }
    rows = []
    for caution in outcome.cautions:
        commitment, submission = caution.commitment, caution.line.submission
        unit, period = submission.organisation, submission.period.code
        subjects = (commitment.indicator.code if commitment.indicator else "", commitment.code)
        place = next((places[key] for each in subjects if (key := (unit.code, each, period)) in places), Place())
        rows.append(
            WarningRow(
                unit.code, unit.short_name, period, commitment.code, commitment.title, caution.code, place,
                caution.message,
            )
        )  # fmt: skip
    return rows


def _subject(entry: FigureEntry | NoteEntry) -> str:
    return entry.indicator if isinstance(entry, FigureEntry) else entry.commitment


def _warning(row: WarningRow) -> dict[str, str]:
    return {
        "organisation": row.organisation,
        "period": row.period,
        "commitment": row.commitment,
        "sheet": row.place.sheet,
        "cell": row.place.cell,
        "code": row.code,
        "detail": row.message,
    }


def refused_lines(refused: Refused) -> list[str]:
    head = _("Refused, nothing has been changed; %(count)d problems:") % {"count": len(refused.problems)}
    return [head, *(f"  {problem}" for problem in refused.problems)]


def report_lines(report: Report, *, dry_run: bool) -> list[str]:
    outcome = report.outcome
    lines = [f"  {remark}" for remark in report.remarks]
    if not outcome.changes:
        return [
            *lines,
            _("No change: the file says what is there already (%(count)d cells).") % {"count": outcome.unchanged},
        ]
    head = _("Would change") if dry_run else _("Written")
    lines += [f"  {_line(change)}" for change in outcome.changes]
    warnings = warning_rows(outcome)
    if warnings:
        lines.append(_("Asked about before submitting:"))
        lines += [f"  {_warning_line(row)}" for row in warnings]
    tail = _("%(head)s: %(new)d new, %(changed)d changed, %(unchanged)d unchanged.")
    return [*lines, tail % {"head": head, **counts(outcome)}]


def _warning_line(row: WarningRow) -> str:
    parts = (str(row.place), row.unit, row.period, row.commitment, row.title)
    return _("%(subject)s: %(problem)s") % {
        "subject": " ".join(part for part in parts if part), "problem": row.message,
    }  # fmt: skip


def _line(change: Change) -> str:
    entry = change.entry
    parts = (
        str(entry.place),
        entry.organisation,
        _subject(entry),
        f"{entry.period}:",
        f"{shown(change.old)} → {shown(change.new)}",
    )
    return " ".join(part for part in parts if part)


def value_text(figure: Figure) -> str:
    """A figure's amount as it was reported: 126, 88 / 275, or 不适用."""
    amount = figure.amount
    return _("not applicable") if amount is None else amount_parts(amount.numerator, amount.denominator)


def place_text(revision: Revision) -> str:
    """Where a value stood in its spreadsheet; a form and a request have no places that a reader knows."""
    return str(Place(revision.sheet, revision.cell)) if revision.origin == Origin.UPLOAD else ""


def rate_text(figure: Figure) -> str:
    """What the parts of a ratio come to, as the dashboards print it: 32.0%; "" for a plain number and for 不适用."""
    amount, indicator = figure.amount, figure.indicator
    rate = amount.value(indicator.per) if amount and indicator.is_ratio else None
    return "" if rate is None else with_unit(indicator, value(indicator, rate))


def shown(values: Values | None, kind: str = RevisionKind.FIGURE) -> str:
    """What the record keeps, as a clerk reads it.

    A figure or target as 88 / 275, 不适用 or 未报, a note as its stage and words, evidence as the name of the file,
    an explanation as what it says. `kind` tells what it is that is not there.
    """
    if values is None:
        return _nothing(kind)
    if "sha256" in values:
        return f"{values['name']} ({filesizeformat(values['size'])})"
    if "basis" in values:
        return str(values["text"])
    if "stage" in values:
        stage = Stage(values["stage"]).label if values["stage"] else ""
        words = (stage, values["progress"], values["problems"], values["next_steps"])
        return " · ".join(str(word) for word in words if word)
    parts = [None if part is None else Decimal(part) for part in (values["numerator"], values["denominator"])]
    number = "" if parts[0] is None else amount_parts(parts[0], parts[1])
    if "reports" in values:
        return number or _("no number to reach")
    said = (_("not applicable") if values["not_applicable"] else number, values["note"])
    return " · ".join(part for part in said if part)


def _nothing(kind: str) -> str:
    if kind in (RevisionKind.EVIDENCE, RevisionKind.EXPLANATION):
        return DASH
    return pgettext("a target", "none") if kind == RevisionKind.TARGET else _("not reported")


def shown_change(old: Values | None, new: Values | None, kind: str) -> tuple[str, str]:
    """Both sides of a change; of a note only what differs, since its words can be long."""
    if kind == RevisionKind.NOTE and old and new:
        same = {name: "" for name in old if old[name] == new[name]}
        return shown({**old, **same}, kind) or DASH, shown({**new, **same}, kind) or DASH
    return shown(old, kind), shown(new, kind)


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One changed cell as a page shows it."""

    place: str
    unit: str
    subject: str
    period: str
    old: str
    new: str
    is_new: bool


def change_rows(changes: Sequence[Change]) -> list[ChangeRow]:
    """The changes of a preview with the names of what they concern; three queries."""
    units = dict(Organisation.objects.values_list("code", "short_name"))
    indicators = dict(Indicator.objects.values_list("code", "name"))
    commitments = {
        (year, code): statement
        for year, code, statement in Commitment.objects.values_list("plan__year", "code", "statement")
    }
    rows = []
    for change in changes:
        entry = change.entry
        if isinstance(entry, FigureEntry):
            subject = f"{entry.indicator} {indicators[entry.indicator]}"
        else:
            subject = f"{entry.commitment} {commitments[year_of(entry.period), entry.commitment]}"
        rows.append(_row(str(entry.place), units[entry.organisation], subject, entry.period, change.old, change.new))
    return rows


def revision_rows(revisions: Iterable[Revision]) -> list[ChangeRow]:
    """What an upload has written, from its revisions (with submission, period, organisation and subject selected)."""
    return [
        _row(
            place_text(each),
            each.organisation.short_name,
            str(each.indicator or each.commitment),
            each.submission.period.code if each.submission else "",
            each.old,
            each.new,
        )
        for each in revisions
    ]


def _row(place: str, unit: str, subject: str, period: str, old: Values | None, new: Values | None) -> ChangeRow:
    return ChangeRow(place, unit, subject, period, shown(old), shown(new), old is None)
