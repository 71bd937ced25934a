"""The one way in for figures and progress notes, whatever door they came through."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from organisations.models import Account
from targets.choices import Origin, RevisionKind
from targets.domain.batch import Batch, year_of
from targets.domain.entries import (
    NOTE_FIELDS,
    Change,
    Entry,
    FigureEntry,
    NoteEntry,
    Outcome,
    SubmissionKey,
    said_of,
    words_of,
)
from targets.domain.envelopes import require_reporter
from targets.domain.record import bump_data_versions, revision_of
from targets.lines import Key, Line, lines_of, overlay
from targets.models import Commitment, Figure, Indicator, ProgressNote, Revision, Submission, Upload
from targets.problems import Place, Refused
from targets.soft_checks import Caution, cautions_of

FIGURE_FIELDS = ("numerator", "denominator", "not_applicable", "note")
AMOUNT_FIELDS = ("numerator", "denominator")
BATCH_SIZE = 500


def record_figures(
    figures: Sequence[FigureEntry],
    notes: Sequence[NoteEntry] = (),
    *,
    actor: Account | None,
    at: datetime,
    origin: Origin,
    upload: Upload | None = None,
    reason: str = "",
    versions: Mapping[str, int] | None = None,
    dry_run: bool = False,
    with_cautions: bool = False,
) -> Outcome:
    """Checks the entries and writes those that differ, with a revision each, in one transaction.

    Only drafts of open periods can be written, by a reporter of the unit or of one above it; `actor` None is the
    operator at the command line. `versions` are the versions of an earlier outcome: a submission that has changed
    since is refused, so that nobody's typing is overwritten. `dry_run` writes nothing. `with_cautions` asks the soft
    checks too, for who shows what they say; it reads all lines.
    Raises Refused with every problem, and PermissionDenied when the actor is no reporter at all.
    """
    require_reporter(actor)
    with transaction.atomic():
        batch = Batch(figures, notes, actor, timezone.localdate(at), create_submissions=not dry_run)
        changes, unchanged = batch.compare(versions)
        if batch.problems:
            raise Refused(batch.problems)
        cautions = _cautions(batch, changes) if with_cautions else ()
        if not dry_run and changes:
            _Writer(batch, actor, at, origin, upload, reason).write(changes)
    return Outcome(tuple(changes), unchanged, batch.versions, cautions)


def _cautions(batch: Batch, changes: Sequence[Change]) -> tuple[Caution, ...]:
    """The soft checks of the lines that the changes touch, as they will be; five queries."""
    figures, words = {}, {}
    for change in changes:
        entry = change.entry
        if isinstance(entry, FigureEntry):
            figures[entry.organisation, entry.indicator, entry.period] = said_of(change.new)
        else:
            words[entry.organisation, entry.commitment, entry.period] = words_of(change.new)
    touched = {key for change in changes if (key := batch.key(change.entry)) is not None}
    submissions = [batch.submissions[key] for key in sorted(touched) if key in batch.submissions]
    if not submissions:
        return ()
    lines = [line for of_one in lines_of(submissions).values() for line in of_one]
    touched_lines = [line for line in overlay(lines, figures, words) if _is_touched(line, figures, words)]
    return tuple(cautions_of(touched_lines, batch.today))


def _is_touched(line: Line, figures: Container[Key], words: Container[Key]) -> bool:
    unit, period, commitment = line.submission.organisation.code, line.submission.period.code, line.commitment
    if (unit, commitment.code, period) in words:
        return True
    return commitment.indicator is not None and (unit, commitment.indicator.code, period) in figures


@dataclass
class _Writer:
    """Writes the changes of a checked batch in bulk, with their revisions."""

    batch: Batch
    actor: Account | None
    at: datetime
    origin: Origin
    upload: Upload | None
    reason: str

    def write(self, changes: Sequence[Change]) -> None:
        batch = self.batch
        keys = {self._key(change.entry) for change in changes}
        submissions = [batch.submissions[key] for key in keys]
        figures = [change for change in changes if isinstance(change.entry, FigureEntry)]
        notes = [change for change in changes if isinstance(change.entry, NoteEntry)]
        self._write_rows(Figure, "indicator", FIGURE_FIELDS, batch.old_figures, figures)
        self._write_rows(ProgressNote, "commitment", NOTE_FIELDS, batch.old_notes, notes)
        Revision.objects.bulk_create([self._revision(change) for change in changes], batch_size=BATCH_SIZE)
        Submission.objects.filter(pk__in=[each.pk for each in submissions]).update(version=F("version") + 1)
        bump_data_versions({each.period.year for each in submissions}, self.at)

    def _write_rows(
        self,
        model: type[Any],
        subject_field: str,
        fields: Sequence[str],
        existing: Mapping[tuple[str, ...], Any],
        changes: Sequence[Change],
    ) -> None:
        created, updated, deleted = [], [], []
        for change in changes:
            key, subject = self._key(change.entry), self._subject(change.entry)
            row: Any = existing.get((*key, subject.code))
            if change.new is None:
                deleted.append(row.pk)
                continue
            if row is None:
                row = model(submission=self.batch.submissions[key], **{subject_field: subject})
                created.append(row)
            else:
                updated.append(row)
            for name in fields:
                value = change.new[name]
                setattr(row, name, Decimal(value) if value is not None and name in AMOUNT_FIELDS else value)
        model.objects.bulk_create(created, batch_size=BATCH_SIZE)
        model.objects.bulk_update(updated, fields, batch_size=BATCH_SIZE)
        model.objects.filter(pk__in=deleted).delete()

    def _key(self, entry: Entry) -> SubmissionKey:
        key = self.batch.key(entry)
        if key is None:
            raise ValueError("only a batch without problems can be written")
        return key

    def _subject(self, entry: Entry) -> Indicator | Commitment:
        if isinstance(entry, FigureEntry):
            return self.batch.indicators[entry.indicator]
        return self.batch.commitments[year_of(entry.period), entry.commitment]

    def _revision(self, change: Change) -> Revision:
        entry = change.entry
        place = entry.place if self.origin == Origin.UPLOAD else Place()  # a field of a form is no cell of a file
        return revision_of(
            RevisionKind.FIGURE if isinstance(entry, FigureEntry) else RevisionKind.NOTE,
            self._subject(entry),
            self.batch.submissions[self._key(entry)],
            change.old,
            change.new,
            actor=self.actor,
            at=self.at,
            origin=self.origin,
            upload=self.upload,
            sheet=place.sheet,
            cell=place.cell,
            reason=self.reason,
        )
