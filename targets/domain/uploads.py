"""A spreadsheet's way in: read, checked, shown, and written only when confirmed; the file is kept."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext as _

from organisations.models import Account, Organisation
from targets.choices import Origin, UploadState
from targets.domain.entries import FigureEntry, NoteEntry, Outcome
from targets.domain.figures import record_figures
from targets.domain.files import digest_of, readable_name
from targets.models import Commitment, Indicator, Period, Upload
from targets.problems import Problem, Refused
from targets.sheets.reader import read_workbook
from targets.sheets.readings import CommitmentName, IndicatorName, Names, OrganisationName, Reading


@dataclass(frozen=True, slots=True)
class SheetFile:
    """A file as it came: its bytes, its name, and the unit and period that were given with it."""

    data: bytes
    name: str
    organisation: Organisation | None = None
    period: Period | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """What a clean file says: the outcome of its entries, and remarks that refuse nothing."""

    outcome: Outcome
    remarks: tuple[Problem, ...]
    upload: Upload | None = None


def check_file(
    file: SheetFile, *, actor: Account | None, at: datetime, versions: Mapping[str, int] | None = None
) -> Report:
    """What the file would change; writes nothing. Raises Refused with every problem of the whole file."""
    return _check(_read(file, at), actor=actor, at=at, versions=versions)


@transaction.atomic
def preview_file(file: SheetFile, *, actor: Account, at: datetime) -> Report:
    """Like check_file; a file that changes something is kept for its confirmation as the report's `upload`."""
    report = check_file(file, actor=actor, at=at)
    if not report.outcome.changes:
        return report
    upload = _keep(file, actor, at, UploadState.PREVIEWED, dict(report.outcome.versions))
    return Report(report.outcome, report.remarks, upload)


@transaction.atomic
def confirm_upload(upload: Upload, *, actor: Account, at: datetime) -> Outcome:
    """Writes a previewed file, by who uploaded it. Raises Refused when a figure has changed since the preview."""
    locked = Upload.objects.select_for_update().get(pk=upload.pk)
    if locked.uploaded_by_id != actor.pk:
        raise PermissionDenied(_("Only who uploaded the file can confirm it."))
    if locked.state != UploadState.PREVIEWED:
        raise Refused([Problem("already_written", _("This file has been written already."))])
    reading = _read(stored_file(locked), at)
    outcome = _record(reading, actor=actor, at=at, upload=locked, versions=locked.versions)
    locked.state = UploadState.WRITTEN
    locked.save(update_fields=["state"])
    return outcome


@transaction.atomic
def discard_upload(upload: Upload, *, actor: Account) -> None:
    """Forgets a file that was previewed and never written; by who uploaded it."""
    locked = Upload.objects.select_for_update().get(pk=upload.pk)
    if locked.uploaded_by_id != actor.pk or locked.state != UploadState.PREVIEWED:
        raise PermissionDenied(_("Only a file that waits for your confirmation can be discarded."))
    file = locked.file
    locked.delete()
    transaction.on_commit(lambda: file.delete(save=False))


@transaction.atomic
def import_file(file: SheetFile, *, actor: Account | None, at: datetime) -> Report:
    """Reads, checks and writes a file at once, for the command; a file that changes nothing is not kept."""
    reading = _read(file, at)
    report = _check(reading, actor=actor, at=at)
    if not report.outcome.changes:
        return report
    upload = _keep(file, actor, at, UploadState.WRITTEN, dict(report.outcome.versions))
    return Report(_record(reading, actor=actor, at=at, upload=upload), report.remarks, upload)


def preview_of(upload: Upload, *, actor: Account, at: datetime) -> Report:
    """The preview of a kept file again; Refused when what it was compared with has changed since."""
    return check_file(stored_file(upload), actor=actor, at=at, versions=upload.versions)


def stored_file(upload: Upload) -> SheetFile:
    with upload.file.open("rb") as stream:
        return SheetFile(stream.read(), upload.name, upload.organisation, upload.period)


def _keep(file: SheetFile, actor: Account | None, at: datetime, state: UploadState, versions: dict[str, int]) -> Upload:
    digest = digest_of([file.data])
    upload = Upload(
        name=readable_name(file.name),
        sha256=digest,
        size=len(file.data),
        organisation=file.organisation,
        period=file.period,
        state=state,
        versions=versions,
        uploaded_by=actor,
        uploaded_at=at,
    )
    # The name on disk is the content's own: nothing that a user typed reaches the file system.
    upload.file.save(f"{at:%Y-%m}/{digest}", ContentFile(file.data), save=False)
    try:
        upload.save()
    except Exception:
        upload.file.delete(save=False)
        raise
    return upload


def _read(file: SheetFile, at: datetime) -> Reading:
    year = file.period.year if file.period else _year_of_plans(at)
    return read_workbook(
        file.data,
        file.name,
        names_for(year),
        organisation=file.organisation.code if file.organisation else None,
        period=file.period.code if file.period else None,
    )


def _year_of_plans(at: datetime) -> int:
    """The year of the commitments that a file without a given period means: the latest with a plan up to now."""
    years = Commitment.objects.filter(plan__year__lte=at.year).values_list("plan__year", flat=True)
    return max(years, default=at.year)


def names_for(year: int) -> Names:
    """All that a file may name: every unit, indicator and period, and the commitments of the year's plans."""
    units = list(Organisation.objects.all())
    return Names(
        organisations=tuple(OrganisationName(unit.code, unit.names) for unit in units),
        indicators=tuple(
            IndicatorName(each.code, each.name, each.unit, each.is_ratio, each.names)
            for each in Indicator.objects.all()
        ),
        commitments=tuple(
            CommitmentName(each.code, each.statement, each.kind, each.indicator.code if each.indicator else None)
            for each in Commitment.objects.filter(plan__year=year, withdrawn=False).select_related("indicator")
        ),
        periods=frozenset(period.code for period in Period.objects.all()),
        city=tuple(name for unit in units if unit.parent_id is None for name in unit.names),
    )


def _check(
    reading: Reading, *, actor: Account | None, at: datetime, versions: Mapping[str, int] | None = None
) -> Report:
    outcome = _record(reading, actor=actor, at=at, versions=versions, dry_run=True)
    return Report(outcome, reading.remarks)


def _record(
    reading: Reading,
    *,
    actor: Account | None,
    at: datetime,
    upload: Upload | None = None,
    versions: Mapping[str, int] | None = None,
    dry_run: bool = False,
) -> Outcome:
    """Hands the entries to the domain; the problems of reading and of the domain are told together."""
    try:
        outcome = record_figures(
            _figure_entries(reading),
            _note_entries(reading),
            actor=actor,
            at=at,
            origin=Origin.UPLOAD,
            upload=upload,
            versions=versions,
            dry_run=dry_run or bool(reading.problems),
            with_cautions=True,
        )
    except Refused as refused:
        raise Refused(_in_order((*reading.problems, *refused.problems))) from refused
    if reading.problems:
        raise Refused(reading.problems)
    return outcome


def _figure_entries(reading: Reading) -> list[FigureEntry]:
    return [
        FigureEntry(
            organisation=each.organisation,
            indicator=each.indicator,
            period=each.period,
            numerator=each.numerator,
            denominator=each.denominator,
            not_applicable=each.state == "not_applicable",
            note=each.note or None,
            place=each.place,
        )
        for each in reading.figures
    ]


def _note_entries(reading: Reading) -> list[NoteEntry]:
    return [
        NoteEntry(
            organisation=each.organisation,
            commitment=each.commitment,
            period=each.period,
            stage=each.stage,
            progress=each.progress,
            problems=each.problems,
            next_steps=each.next_steps,
            place=each.place,
        )
        for each in reading.notes
    ]


def _in_order(problems: Sequence[Problem]) -> list[Problem]:
    """By sheet as they first appear, then from the top down and from left to right."""
    sheets = list(dict.fromkeys(problem.place.sheet for problem in problems))

    def position(problem: Problem) -> tuple[int, int, int, str]:
        match = re.fullmatch(r"([A-Z]+)(\d+)", problem.place.cell)
        column, row = match.groups() if match else ("", "0")
        return sheets.index(problem.place.sheet), int(row), len(column), column

    return sorted(problems, key=position)
