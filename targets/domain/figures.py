"""The one way in for figures and progress notes, whatever door they came through."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from organisations.models import Account
from targets.choices import Origin, RevisionKind
from targets.domain.batch import Batch, year_of
from targets.domain.entries import NOTE_FIELDS, Change, Entry, FigureEntry, NoteEntry, Outcome, SubmissionKey
from targets.domain.record import bump_data_versions, name_of
from targets.models import Commitment, Figure, Indicator, ProgressNote, Revision, Submission, Upload
from targets.problems import Refused

FIGURE_FIELDS = ("numerator", "denominator", "not_applicable", "note")
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
) -> Outcome:
    """Checks the entries and writes those that differ, with a revision each, in one transaction.

    Only drafts of open periods can be written, by a reporter of the unit or of one above it; `actor` None is the
    operator at the command line. `versions` are the versions of an earlier outcome: a submission that has changed
    since is refused, so that nobody's typing is overwritten. `dry_run` writes nothing.
    Raises Refused with every problem, and PermissionDenied when the actor is no reporter at all.
    """
    if actor is not None and not actor.reporter:
        raise PermissionDenied(_("Only a reporter can fill in figures."))
    with transaction.atomic():
        batch = Batch(figures, notes, actor, at.date(), create_submissions=not dry_run)
        changes, unchanged = batch.compare(versions)
        if batch.problems:
            raise Refused(batch.problems)
        if not dry_run and changes:
            _Writer(batch, actor, at, origin, upload, reason).write(changes)
    return Outcome(tuple(changes), unchanged, batch.versions)


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
        submissions = {key: self.batch.submissions[key] for key in {self._key(change.entry) for change in changes}}
        for kind in (FigureEntry, NoteEntry):
            self._write_rows([change for change in changes if isinstance(change.entry, kind)], submissions)
        Revision.objects.bulk_create([self._revision(each, submissions) for each in changes], batch_size=BATCH_SIZE)
        touched = {submission.pk for submission in submissions.values()}
        Submission.objects.filter(pk__in=touched).update(version=F("version") + 1)
        bump_data_versions({submission.period.year for submission in submissions.values()}, self.at)

    def _key(self, entry: Entry) -> SubmissionKey:
        key = self.batch.key(entry)
        assert key is not None, "the batch has been checked"
        return key

    def _write_rows(self, changes: Sequence[Change], submissions: Mapping[SubmissionKey, Submission]) -> None:
        if not changes:
            return
        is_figure = isinstance(changes[0].entry, FigureEntry)
        model: type[Figure] | type[ProgressNote] = Figure if is_figure else ProgressNote
        created, updated, deleted = [], [], []
        for change in changes:
            key = self._key(change.entry)
            subject = self._subject(change.entry)
            row = self._existing(key, subject.code, is_figure)
            if change.new is None:
                deleted.append(row.pk)
                continue
            if row is None:
                row = model(submission=submissions[key], **{"indicator" if is_figure else "commitment": subject})
                created.append(row)
            else:
                updated.append(row)
            for name, value in change.new.items():
                setattr(row, name, Decimal(value) if value and name.endswith("ator") else value)
        fields = FIGURE_FIELDS if is_figure else NOTE_FIELDS
        model._default_manager.bulk_create(created, batch_size=BATCH_SIZE)
        model._default_manager.bulk_update(updated, fields, batch_size=BATCH_SIZE)
        model._default_manager.filter(pk__in=deleted).delete()

    def _existing(self, key: SubmissionKey, code: str, is_figure: bool) -> Any:
        rows: Mapping[tuple[str, ...], Any] = self.batch.old_figures if is_figure else self.batch.old_notes
        return rows.get((*key, code))

    def _subject(self, entry: Entry) -> Indicator | Commitment:
        if isinstance(entry, FigureEntry):
            return self.batch.indicators[entry.indicator]
        return self.batch.commitments[year_of(entry.period), entry.commitment]

    def _revision(self, change: Change, submissions: Mapping[SubmissionKey, Submission]) -> Revision:
        entry = change.entry
        submission, subject = submissions[self._key(entry)], self._subject(entry)
        is_figure = isinstance(entry, FigureEntry)
        return Revision(
            kind=RevisionKind.FIGURE if is_figure else RevisionKind.NOTE,
            submission=submission,
            organisation=submission.organisation,
            indicator=subject if isinstance(subject, Indicator) else None,
            commitment=subject if isinstance(subject, Commitment) else None,
            old=change.old,
            new=change.new,
            actor=self.actor,
            actor_name=name_of(self.actor),
            at=self.at,
            origin=self.origin,
            upload=self.upload,
            sheet=entry.place.sheet,
            cell=entry.place.cell,
            reason=self.reason,
        )
