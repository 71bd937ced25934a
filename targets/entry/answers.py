"""What the form's script is told: what the rows come to, what is wrong or asked, and what somebody else has saved."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.template.loader import render_to_string
from django.utils import timezone

from targets.entry.conflicts import Clash, saved_fields
from targets.entry.page import saved_text
from targets.entry.rows import caution_row, result_of
from targets.entry.typed import Typed, row_of_place
from targets.lines import Line, lines_of_one
from targets.models import Submission
from targets.problems import Problem
from targets.soft_checks import Caution, cautions_of, unexplained

ROW_PARTS = ("total", "standing", "status", "faults", "doubts")


def draft_answer(typed: Typed, problems: Sequence[Problem], at: datetime) -> dict[str, Any]:
    """The rows of the form as they would be, with every problem; cautions are those of the whole submission."""
    by_row: dict[str, list[Problem]] = defaultdict(list)
    for problem in problems:
        by_row[row_of_place(problem.place)].append(problem)
    lines = typed.lines_as_typed(by_row)
    cautions = cautions_of(lines, timezone.localdate(at))
    rows = [caution_row(each) for each in cautions]
    known = {line.commitment.code for line in lines}
    return {
        "rows": {
            each.commitment.code: _row(each, by_row, unexplained(cautions))
            for each in lines
            if each.commitment.code in typed.codes
        },
        "problems": [each.message for code, found in by_row.items() if code not in known for each in found],
        "cautions": render_to_string("targets/_cautions.html", {"cautions": rows, "may_edit": True}),
        "fields": saved_fields([line for line in lines if line.commitment.code in typed.codes]),
        **_saved(typed.draft.submission),
    }


def conflict_answer(submission: Submission, clashes: Iterable[Clash]) -> dict[str, Any]:
    """Both versions, and the texts of every input as they are saved now."""
    return {
        "conflict": render_to_string("targets/_conflict.html", {"clashes": list(clashes)}),
        "fields": saved_fields(lines_of_one(submission)),
        **_saved(submission),
    }


def _saved(submission: Submission) -> dict[str, Any]:
    change = submission.revisions.select_related("actor").order_by("-at", "-pk").first()
    return {"version": submission.version, "saved": saved_text(submission, change)}


def _row(line: Line, by_row: dict[str, list[Problem]], doubts: Sequence[Caution]) -> dict[str, str]:
    code = line.commitment.code
    context = {
        "result": result_of(line),
        "problems": by_row.get(code, ()),
        "doubts": [each for each in doubts if each.commitment.code == code],
    }
    return {name: render_to_string(f"targets/_{name}.html", context) for name in ROW_PARTS}
