"""Saving one submission's draft: figures, words and explanations together, on top of a known version."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from organisations.models import Account
from targets.choices import Origin
from targets.domain.entries import FigureEntry, NoteEntry, Outcome
from targets.domain.envelopes import require_version, require_writable, require_writer
from targets.domain.explanations import ExplanationEntry, write_explanations
from targets.domain.figures import record_figures
from targets.models import Submission
from targets.problems import Problem, Refused


@dataclass(frozen=True, slots=True)
class Draft:
    """What is said about one submission, and the version of it that this was typed on top of."""

    submission: Submission
    version: int
    figures: Sequence[FigureEntry] = ()
    notes: Sequence[NoteEntry] = ()
    explanations: Sequence[ExplanationEntry] = ()


@transaction.atomic
def save_draft(draft: Draft, *, actor: Account, at: datetime, origin: Origin) -> Outcome:
    """Writes what differs, all or nothing, and gives the submission its new version.

    Raises like record_figures; Refused also when the submission has changed since the draft's version, so that
    nobody's typing is overwritten, and for explanations that cannot be kept.
    """
    locked = Submission.objects.with_parts().select_for_update(of=("self",)).get(pk=draft.submission.pk)
    require_writable(locked, actor=actor, at=at)
    require_version(locked, draft.version)
    outcome = record_figures(draft.figures, draft.notes, actor=actor, at=at, origin=origin)
    written = write_explanations(locked, draft.explanations, actor=actor, at=at, origin=origin)
    locked.refresh_from_db(fields=["version"])
    if written:
        locked.version += 1
        locked.save(update_fields=["version"])
    draft.submission.refresh_from_db()
    return outcome


def check_draft(draft: Draft, *, actor: Account, at: datetime) -> tuple[Problem, ...]:
    """What the hard checks say of the draft's figures and words; writes nothing. Raises PermissionDenied."""
    require_writer(draft.submission, actor)
    try:
        record_figures(draft.figures, draft.notes, actor=actor, at=at, origin=Origin.FORM, dry_run=True)
    except Refused as refused:
        return refused.problems
    return ()
