"""Files that show what a submission says: added and removed by its reporters while it is a draft, with a record."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext as _

from organisations.models import Account
from targets.choices import Origin, RevisionKind
from targets.domain.envelopes import writing_problems
from targets.domain.files import digest_of, readable_name
from targets.domain.record import Values, revision_of
from targets.file_kinds import FileKind, kind_of
from targets.models import Commitment, Evidence, Revision, Submission
from targets.problems import Problem, Refused


@dataclass(frozen=True, slots=True)
class _Piece:
    """A file that is fit to be kept; its content stays where it came from until it is stored."""

    content: "File[bytes]"
    name: str
    kind: FileKind
    sha256: str


def may_change_evidence(submission: Submission, *, actor: Account, at: datetime) -> bool:
    """Whether the actor may add and remove files of the submission now; one query, none for who never may."""
    return _is_reporter(submission, actor) and not writing_problems(submission, at)


def add_evidence(
    submission: Submission,
    commitment: Commitment,
    files: Sequence["File[bytes]"],
    *,
    actor: Account,
    at: datetime,
    origin: Origin,
) -> list[Evidence]:
    """Keeps the files for the commitment, all of them or none; returns their rows.

    By a reporter of the unit or of one above it, else PermissionDenied. Raises Refused with every problem, each
    with the name of the file where it is about one.
    """
    _check_person(submission, actor)
    problems, pieces = _read(files)
    with transaction.atomic():
        locked = _lock(submission)
        problems = [*writing_problems(locked, at), *_subject_problems(locked, commitment), *problems]
        problems += _crowd_problems(locked, commitment, pieces)
        if problems:
            raise Refused(problems)
        rows = [_row(locked, commitment, piece, actor, at) for piece in pieces]
        for row in rows:
            row.full_clean()
            row.save()
        Revision.objects.bulk_create(
            [_revision(row, None, _values(row), actor=actor, at=at, origin=origin) for row in rows]
        )
        _store(rows, pieces)
    return rows


def remove_evidence(evidence: Evidence, *, actor: Account, at: datetime, origin: Origin, reason: str = "") -> None:
    """Takes a file back for good; the record keeps its name and checksum. By the same people, in the same states."""
    _check_person(evidence.submission, actor)
    with transaction.atomic():
        locked = _lock(evidence.submission)
        problems = writing_problems(locked, at)
        row = Evidence.objects.filter(pk=evidence.pk).first()
        if row is None:
            problems.append(Problem("gone", _("This file has been removed already."), found=evidence.name))
        if row is None or problems:
            raise Refused(problems)
        revision = _revision(row, _values(row), None, actor=actor, at=at, origin=origin, reason=reason.strip())
        revision.save()
        row.delete()
        # Only when the removal stands; a file that cannot be deleted then is logged, and in nobody's way.
        transaction.on_commit(partial(_delete_unused, locked, str(row.file)), robust=True)


# ---- who and when


def _is_reporter(submission: Submission, actor: Account) -> bool:
    return actor.reporter and actor.organisation.contains(submission.organisation)


def _check_person(submission: Submission, actor: Account) -> None:
    if not _is_reporter(submission, actor):
        raise PermissionDenied(_("Only a reporter of the unit can add and remove evidence."))


def _lock(submission: Submission) -> Submission:
    """The submission as it is now, for nobody else to change until the end of the transaction.

    Neither its version nor the data version moves on: no number changes, and whoever is typing into the entry
    form beside it must still be able to save.
    """
    return Submission.objects.with_parts().select_for_update(of=("self",)).get(pk=submission.pk)


def _subject_problems(submission: Submission, commitment: Commitment) -> list[Problem]:
    if Commitment.objects.reported_in(submission).filter(pk=commitment.pk).exists():
        return []
    message = _("“%(commitment)s” is not among what “%(submission)s” reports.")
    return [Problem("not_assigned", message % {"commitment": commitment, "submission": submission})]


# ---- the files


def _read(files: Sequence["File[bytes]"]) -> tuple[list[Problem], list[_Piece]]:
    """What is wrong with files by themselves, and those that are fit; one content at a time is in memory."""
    problems = [] if files else [Problem("no_file", _("Choose at least one file."))]
    pieces = []
    for file in files:
        name = readable_name(file.name or "") or _("evidence")
        try:
            pieces.append(_piece(file, name))
        except Refused as refused:
            problems += [Problem(each.code, each.message, found=name) for each in refused.problems]
    return problems, pieces


def _piece(file: "File[bytes]", name: str) -> _Piece:
    if file.size > settings.EVIDENCE_MAX_BYTES:
        message = _("The file has %(size).1f MB; at most %(limit)d MB are kept. Make it smaller or split it.")
        limit = settings.EVIDENCE_MAX_BYTES // 1024 // 1024
        raise Refused([Problem("file_too_large", message % {"size": file.size / 1024 / 1024, "limit": limit})])
    file.seek(0)
    data = file.read()
    return _Piece(file, name, kind_of(data), digest_of([data]))


def _crowd_problems(submission: Submission, commitment: Commitment, pieces: Sequence[_Piece]) -> list[Problem]:
    """Files that are there already or come twice, and too many of them."""
    present = dict(Evidence.objects.of(submission, commitment).values_list("sha256", "name"))
    problems = []
    count, limit = len(present) + len(pieces), settings.EVIDENCE_MAX_FILES
    if count > limit:
        message = _("These would be %(count)d files for one commitment; at most %(limit)d are kept.")
        problems.append(Problem("too_many_files", message % {"count": count, "limit": limit}))
    for piece in pieces:
        if piece.sha256 in present:
            message = _("This very file is there already, as “%(name)s”.") % {"name": present[piece.sha256]}
            problems.append(Problem("file_twice", message, found=piece.name))
        present.setdefault(piece.sha256, piece.name)
    return problems


def _row(submission: Submission, commitment: Commitment, piece: _Piece, actor: Account, at: datetime) -> Evidence:
    return Evidence(
        submission=submission,
        commitment=commitment,
        # The place on disk is the content's own: nothing that a user typed reaches the file system. Commitments
        # of one submission share a file; they lock the same submission, so that no removal crosses an addition.
        file=f"evidence/{submission.pk}/{piece.sha256}",
        name=piece.name,
        media_type=piece.kind.media_type,
        size=piece.content.size,
        sha256=piece.sha256,
        added_by=actor,
        added_at=at,
    )


def _store(rows: Sequence[Evidence], pieces: Sequence[_Piece]) -> None:
    """Writes the contents that are not on disk yet; after a failure none of them stays."""
    written: list[str] = []
    try:
        for row, piece in zip(rows, pieces, strict=True):
            path = str(row.file)
            if default_storage.exists(path):
                if default_storage.size(path) == row.size:
                    continue
                default_storage.delete(path)  # what a machine that stopped in the middle has left
            written.append(path)
            piece.content.seek(0)
            default_storage.save(path, piece.content)
    except Exception:
        for path in written:
            default_storage.delete(path)
        raise


def _delete_unused(submission: Submission, path: str) -> None:
    """Deletes a removed row's file from disk unless another row of the submission rests on it."""
    with transaction.atomic():
        _lock(submission)
        if not Evidence.objects.filter(file=path).exists():
            default_storage.delete(path)


# ---- the record


def _values(evidence: Evidence) -> Values:
    return {"name": evidence.name, "sha256": evidence.sha256, "size": evidence.size}


def _revision(evidence: Evidence, old: Values | None, new: Values | None, **how: Any) -> Revision:
    return revision_of(RevisionKind.EVIDENCE, evidence.commitment, evidence.submission, old, new, **how)
