"""Evidence: who may add and remove it and when, what is refused, what is kept on disk and in the record."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile
from django.db import transaction

from organisations.choices import OrganisationKind, Role
from targets.choices import Origin, PeriodState
from targets.domain.evidence import add_evidence, may_change_evidence, remove_evidence
from targets.domain.periods import extend_due_day, set_period_state
from targets.models import DataVersion, Evidence, Revision, Submission
from targets.problems import Refused
from tests.targets import files
from tests.world import BEDS, CITY, COVERAGE, HAISHU, JIANGBEI, LEAD, NOW, OTHER_LEAD, World, add_unit

pytestmark = pytest.mark.usefixtures("media")


def file(data: bytes = files.PDF, name: str = "验收单.pdf") -> ContentFile:
    return ContentFile(data, name=name)


def add(
    world: World, *given: ContentFile, commitment: str = "0902", quarter: int = 3, **more: object
) -> list[Evidence]:
    actor = more.pop("actor", None) or world.account(HAISHU, Role.REPORTER)
    submission = more.pop("submission", None) or world.submission(HAISHU, quarter)
    details = {"actor": actor, "at": NOW, "origin": Origin.FORM, **more}
    return add_evidence(submission, world.commitments[commitment], given or [file()], **details)


def remove(world: World, row: Evidence, **more: object) -> None:
    actor = more.pop("actor", None) or world.account(HAISHU, Role.REPORTER)
    remove_evidence(row, **{"actor": actor, "at": NOW, "origin": Origin.FORM, **more})


def codes(caught: "pytest.ExceptionInfo[Refused]") -> list[tuple[str, str]]:
    return [(problem.code, problem.found) for problem in caught.value.problems]


def on_disk(media: Path) -> list[str]:
    return sorted(str(path.relative_to(media)) for path in media.rglob("*") if path.is_file())


def test_a_file_is_kept_by_its_content_and_recorded(world: World, media: Path) -> None:
    (row,) = add(world)
    kept = {name: getattr(row, name) for name in ("name", "media_type", "size", "added_by", "added_at")}
    assert kept == {
        "name": "验收单.pdf", "media_type": "application/pdf", "size": len(files.PDF),
        "added_by": world.account(HAISHU, Role.REPORTER), "added_at": NOW,
    }  # fmt: skip
    assert on_disk(media) == [f"evidence/{row.submission_id}/{row.sha256}"]
    assert Path(row.file.path).read_bytes() == files.PDF
    revision = Revision.objects.get()
    assert (revision.kind, revision.origin, revision.commitment.code) == ("evidence", "form", "0902")
    assert (revision.old, revision.new) == (None, {"name": row.name, "sha256": row.sha256, "size": row.size})


def test_a_removal_is_recorded_with_its_reason_and_the_file_goes(
    world: World, media: Path, django_capture_on_commit_callbacks
) -> None:
    (row,) = add(world)
    with django_capture_on_commit_callbacks(execute=True):
        remove(world, row, reason=" 传错了 ")
    assert not Evidence.objects.exists()
    assert on_disk(media) == []
    revision = Revision.objects.first()
    values = {"name": row.name, "sha256": row.sha256, "size": row.size}
    assert (revision.old, revision.new, revision.reason) == (values, None, "传错了")


def test_a_removal_that_is_taken_back_deletes_nothing(
    world: World, media: Path, django_capture_on_commit_callbacks
) -> None:
    (row,) = add(world)
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        remove(world, row)
        transaction.set_rollback(True)
    assert Evidence.objects.get() == row
    assert len(on_disk(media)) == 1


def test_commitments_share_a_file_and_the_last_removal_deletes_it(
    world: World, media: Path, django_capture_on_commit_callbacks
) -> None:
    rows = [*add(world), *add(world, commitment="0905")]
    assert rows[0].file.name == rows[1].file.name
    for row, left in zip(rows, (1, 0), strict=True):
        with django_capture_on_commit_callbacks(execute=True):
            remove(world, row)
        assert len(on_disk(media)) == left


def test_submissions_do_not_share_files(world: World, media: Path, django_capture_on_commit_callbacks) -> None:
    first, second = add(world)[0], add(world, quarter=4)[0]
    with django_capture_on_commit_callbacks(execute=True):
        remove(world, first)
    assert on_disk(media) == [second.file.name]


def test_what_a_broken_write_has_left_is_written_anew(world: World, media: Path) -> None:
    (row,) = add(world)
    Path(row.file.path).write_bytes(b"%PDF-")
    add(world, commitment="0905")
    assert Path(row.file.path).read_bytes() == files.PDF


def test_no_version_moves_on(world: World) -> None:
    world.report(HAISHU, BEDS, 3, 5)
    before = (world.submission(HAISHU, 3).version, DataVersion.objects.get().number)
    (row,) = add(world)
    remove(world, row)
    assert (world.submission(HAISHU, 3).version, DataVersion.objects.get().number) == before
    versions = {f"{HAISHU}/eldercare/2020Q3": before[0]}
    assert world.record(world.entry(HAISHU, BEDS, 3, 6), versions=versions).changes


# ---- what is refused


def test_all_faults_of_all_files_are_told_and_none_is_kept(world: World, media: Path) -> None:
    add(world)
    with pytest.raises(Refused) as caught:
        add(
            world,
            file(files.PNG, "好.png"),
            file(b"", "空.pdf"),
            file(b"<html>", "../页.html"),
            file(name="又一次.pdf"),
            file(files.PNG, "好2.png"),
        )
    assert codes(caught) == [
        ("empty_file", "空.pdf"), ("other_kind", "页.html"), ("file_twice", "又一次.pdf"), ("file_twice", "好2.png"),
    ]  # fmt: skip
    assert "验收单.pdf" in caught.value.problems[2].message
    assert Evidence.objects.count() == Revision.objects.count() == len(on_disk(media)) == 1


def test_no_file_at_all_is_a_fault(world: World) -> None:
    with pytest.raises(Refused) as caught:
        add_evidence(
            world.submission(HAISHU, 3), world.commitments["0902"], [],
            actor=world.account(HAISHU, Role.REPORTER), at=NOW, origin=Origin.FORM,
        )  # fmt: skip
    assert codes(caught) == [("no_file", "")]


def test_too_large_and_too_many(world: World, settings) -> None:
    settings.EVIDENCE_MAX_BYTES = len(files.PDF)
    settings.EVIDENCE_MAX_FILES = 2
    add(world, file(), file(files.PNG, "a.png"))
    with pytest.raises(Refused) as caught:
        add(world, file(files.PDF + b"\n", "大.pdf"), file(files.GIF, "b.gif"))
    assert codes(caught) == [("file_too_large", "大.pdf"), ("too_many_files", "")]


@pytest.mark.parametrize("commitment", ["0704", "0903", "last year's"])
def test_a_commitment_of_others_is_refused(world: World, commitment: str) -> None:
    """Of another programme, not assigned to the unit, of another year."""
    world.add_commitment("0903")
    world.commitments["last year's"] = world.commitments["0902"]
    submission = world.submission(HAISHU, 3)
    if commitment == "last year's":
        submission.period.year = 2019
        submission.period.save()
    with pytest.raises(Refused) as caught:
        add(world, commitment=commitment, submission=submission)
    assert codes(caught) == [("not_assigned", "")]


def test_the_same_file_cannot_be_removed_twice(world: World) -> None:
    (row,) = add(world)
    remove(world, Evidence.objects.get())
    with pytest.raises(Refused) as caught:
        remove(world, row)
    assert codes(caught) == [("gone", row.name)]
    assert Revision.objects.count() == 2


@pytest.mark.parametrize("state", ["submitted", "endorsed", "approved"])
def test_only_a_draft_changes(world: World, state: str) -> None:
    world.report(HAISHU, BEDS, 3, 5)
    (row,) = add(world)
    submission = {"submitted": world.submit, "endorsed": world.endorse, "approved": world.approve}[state](HAISHU, 3)
    reporter = world.account(HAISHU, Role.REPORTER)
    for change in (lambda: add(world, file(files.PNG), submission=submission), lambda: remove(world, row)):
        with pytest.raises(Refused) as caught:
            change()
        assert codes(caught) == [("not_draft", "")]
    assert not may_change_evidence(submission, actor=reporter, at=NOW)
    assert Evidence.objects.get() == row


def test_a_closed_period_changes_only_while_extended(world: World) -> None:
    (row,) = add(world)
    manager = world.account(CITY, Role.PLAN_MANAGER)
    set_period_state(world.periods[3], PeriodState.CLOSED, actor=manager)
    for change in (lambda: add(world, file(files.PNG)), lambda: remove(world, row)):
        with pytest.raises(Refused) as caught:
            change()
        assert codes(caught) == [("period_closed", "")]
    day = world.periods[3].due_on + timedelta(days=1)
    extend_due_day(world.periods[3], world.units[HAISHU], day, actor=manager, at=NOW, reason="台风")
    remove(world, row)
    with pytest.raises(Refused):
        add(world, at=NOW + timedelta(days=(day - NOW.date()).days + 1))


# ---- who


@pytest.mark.parametrize(
    ("unit", "role"),
    [
        (JIANGBEI, Role.REPORTER),
        (HAISHU, Role.ENDORSER),
        (LEAD, Role.REVIEWER),
        (CITY, Role.PLAN_MANAGER),
        (CITY, Role.AUDITOR),
    ],
)
def test_only_reporters_of_the_unit_add_and_remove(world: World, unit: str, role: Role) -> None:
    (row,) = add(world)
    other = world.account(unit, role)
    assert not may_change_evidence(row.submission, actor=other, at=NOW)
    with pytest.raises(PermissionDenied):
        add(world, file(files.PNG), actor=other)
    with pytest.raises(PermissionDenied):
        remove(world, row, actor=other)
    assert Evidence.objects.get() == row


def test_a_reporter_of_a_unit_above_may_too(world: World) -> None:
    township = add_unit("330203001", world.units[HAISHU], OrganisationKind.TOWNSHIP, "南门街道", "南门", 9)
    world.units["330203001"] = township
    submission = Submission.objects.create(
        organisation=township, programme=world.submission(HAISHU, 3).programme, period=world.periods[3]
    )
    world.commitments["0902"].targets.create(organisation=township, reports=True)
    assert may_change_evidence(submission, actor=world.account(HAISHU, Role.REPORTER), at=NOW)
    assert add(world, submission=submission)[0].submission == submission
    assert not may_change_evidence(submission, actor=world.account(JIANGBEI, Role.REPORTER), at=NOW)


@pytest.mark.parametrize(
    ("unit", "role", "draft", "approved"),
    [
        (HAISHU, Role.REPORTER, True, True),
        (HAISHU, Role.ENDORSER, True, True),
        (JIANGBEI, Role.REPORTER, False, False),
        (LEAD, Role.REVIEWER, True, True),
        (OTHER_LEAD, Role.REVIEWER, False, False),
        (CITY, Role.LEADER, False, True),
        (CITY, Role.AUDITOR, True, True),
        (CITY, Role.SYSTEM_ADMINISTRATOR, False, False),
    ],
)
def test_who_sees_the_figure_sees_its_evidence(
    world: World, unit: str, role: Role, draft: bool, approved: bool
) -> None:
    world.report(HAISHU, BEDS, 3, 5)
    add(world)
    account = world.account(unit, role)
    assert Evidence.objects.visible_to(account).exists() == draft
    world.approve(HAISHU, 3)
    assert Evidence.objects.visible_to(account).exists() == approved


# ---- names


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\资料\\验收单.pdf", "验收单.pdf"),
        ("验收\u202efdp.exe", "验收fdp.exe"),
        ("a\0b\r\nc\u2028d\u200b.pdf", "abcd.pdf"),
        ("\udcff.pdf", "?.pdf"),
        ("e\u0301.pdf", "é.pdf"),
        ("长" * 300 + ".pdf", "长" * 251 + ".pdf"),
        ("x." + "y" * 300, "x." + "y" * 253),
        ("..", ""),
        ("/", ""),
        (" \t", ""),
    ],
)
def test_a_hostile_name_is_only_a_name(world: World, media: Path, given: str, kept: str) -> None:
    content = file()
    content.name = given
    (row,) = add(world, content)
    assert row.name == (kept or Evidence._meta.verbose_name)
    assert on_disk(media) == [f"evidence/{row.submission_id}/{row.sha256}"]


def test_children_see_nothing_of_the_elders_files(world: World) -> None:
    """Each programme's submission has files of its own, under the same rules."""
    world.report(HAISHU, COVERAGE, 3, 1, 2)
    submission = world.submission(HAISHU, 3, "children")
    add(world, submission=submission, commitment="0704")
    assert not Evidence.objects.visible_to(world.account(LEAD, Role.REVIEWER)).exists()
    assert Evidence.objects.visible_to(world.account(OTHER_LEAD, Role.REVIEWER)).exists()
