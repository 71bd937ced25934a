"""Explanations of the soft checks, kept with what they were said about."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from organisations.models import Account
from targets import checks
from targets.choices import Origin, RevisionKind
from targets.domain.record import Values, revision_of
from targets.lines import Line, lines_of_one
from targets.models import Explanation, Revision, Submission
from targets.problems import Place, Problem, Refused
from targets.soft_checks import CODES, basis_of

TEXT_LENGTH = 500


@dataclass(frozen=True, slots=True)
class ExplanationEntry:
    """Why one soft check of one commitment is right as it is; an empty text takes the explanation back."""

    commitment: str
    code: str
    text: str

    @property
    def place(self) -> Place:
        return Place(cell=f"{self.commitment}.{self.code}")


def write_explanations(
    submission: Submission, entries: Sequence[ExplanationEntry], *, actor: Account | None, at: datetime, origin: Origin
) -> int:
    """Keeps the explanations that differ, each with a revision; returns how many.

    For the domain's own use: the caller has locked the submission and knows that the actor may write into it. Each
    is tied to the figure as it stands now. Raises Refused with every problem.
    """
    lines = {line.commitment.code: line for line in lines_of_one(submission)} if entries else {}
    problems = [problem for entry in entries for problem in _faults(entry, lines)]
    if problems:
        raise Refused(problems)
    revisions = [
        revision
        for entry in entries
        if (revision := _write(submission, lines[entry.commitment], entry, actor, at, origin)) is not None
    ]
    Revision.objects.bulk_create(revisions)
    return len(revisions)


def _faults(entry: ExplanationEntry, lines: dict[str, Line]) -> list[Problem]:
    found = []
    if entry.commitment not in lines:
        message = _("The submission has no commitment with this code.")
        found.append(Problem("unknown_commitment", message, entry.place, entry.commitment))
    if entry.code not in CODES:
        found.append(Problem("unknown_check", _("There is no check with this code."), entry.place, entry.code))
    faults = checks.check_text(entry.text.strip(), TEXT_LENGTH, _("explanation"))
    return found + [Problem(code, message, entry.place) for code, message in faults]


def _write(
    submission: Submission, line: Line, entry: ExplanationEntry, actor: Account | None, at: datetime, origin: Origin
) -> Revision | None:
    """The revision of what has been written; None when it says what is there already."""
    row = line.explanations.get(entry.code)
    old = _values(row) if row else None
    if row is None:
        row = Explanation(submission=submission, commitment=line.commitment, code=entry.code)
    row.text, row.basis = entry.text.strip(), basis_of(line)
    new = _values(row) if row.text else None
    if old == new:
        return None
    if new is None:
        row.delete()
    else:
        row.save()
    return revision_of(
        RevisionKind.EXPLANATION, line.commitment, submission, old, new, actor=actor, at=at, origin=origin
    )


def _values(row: Explanation) -> Values:
    return {"code": row.code, "basis": row.basis, "text": row.text}
