"""The pages of evidence: download, list, adding and removing, with and without scripts, for everybody."""

from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from organisations.choices import Role
from targets.models import Evidence, Revision, Target
from tests.targets import files
from tests.world import BEDS, CITY, HAISHU, JIANGBEI, LEAD, OTHER_LEAD, TODAY, World

FETCH = {"X-Requested-With": "fetch"}
pytestmark = pytest.mark.usefixtures("media")


@pytest.fixture(autouse=True)
def day(settings) -> None:
    settings.TODAY = TODAY


@pytest.fixture
def clerk(world: World, client: Client) -> Client:
    client.force_login(world.account(HAISHU, Role.REPORTER))
    return client


def page_of(world: World, commitment: str = "0902", unit: str = HAISHU) -> str:
    return reverse("admin:evidence", args=[world.submission(unit, 3).pk, commitment])


def upload(data: bytes = files.PDF, name: str = "验收单.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


def add(world: World, client: Client, *given: SimpleUploadedFile, **more: Any) -> Any:
    return client.post(page_of(world), {"files": list(given) or [upload()]}, **more)


def test_several_files_are_added_listed_and_handed_out(world: World, clerk: Client) -> None:
    answer = add(world, clerk, upload(), upload(files.PNG, "现场.png"))
    assert (answer.status_code, answer.url) == (302, page_of(world))
    page = clerk.get(page_of(world)).content.decode()
    assert "验收单.pdf" in page
    assert "现场.png" in page
    row = Evidence.objects.get(name="验收单.pdf")
    kept = clerk.get(reverse("admin:evidence_file", args=[row.pk]))
    assert kept.getvalue() == files.PDF
    assert {name: kept[name] for name in ("Content-Type", "Content-Disposition", "X-Content-Type-Options")} == {
        "Content-Type": "application/pdf",
        "Content-Disposition": f"attachment; filename*=utf-8''{quote('验收单.pdf')}",
        "X-Content-Type-Options": "nosniff",
    }
    assert kept["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert "no-store" in kept["Cache-Control"]


def test_a_name_that_contradicts_the_content_is_handed_out_with_the_right_extension(
    world: World, clerk: Client
) -> None:
    add(world, clerk, upload(files.docx(), "report.pdf"))
    row = Evidence.objects.get()
    kept = clerk.get(reverse("admin:evidence_file", args=[row.pk]))
    assert kept.getvalue() == files.docx()
    assert row.name == "report.pdf"
    assert kept["Content-Disposition"] == 'attachment; filename="report.docx"'
    assert kept["Content-Type"].endswith("wordprocessingml.document")


def test_every_fault_is_told_on_the_page_and_nothing_is_kept(world: World, clerk: Client) -> None:
    answer = add(world, clerk, upload(), upload(b"MZ", "坏.exe"), upload(b"", "空.pdf"))
    assert answer.status_code == 422
    assert [problem.found for problem in answer.context["problems"]] == ["坏.exe", "空.pdf"]
    for problem in answer.context["problems"]:
        assert problem.message in answer.content.decode()
    assert not Evidence.objects.exists()
    assert clerk.post(page_of(world)).status_code == 422


def test_a_script_gets_the_cell_alone(world: World, clerk: Client) -> None:
    added = add(world, clerk, headers=FETCH)
    seen = clerk.get(page_of(world), headers=FETCH)
    assert [answer.status_code for answer in (added, seen)] == [200, 200]
    assert added.content == seen.content
    cell = added.content.decode()
    assert "验收单.pdf" in cell
    assert "<html" not in cell
    assert "<form" not in cell
    refused = add(world, clerk, upload(b"MZ", "坏.exe"), headers=FETCH)
    assert refused.status_code == 422
    assert "坏.exe" in refused.content.decode()
    assert "<html" not in refused.content.decode()
    gone = clerk.post(reverse("admin:evidence_remove", args=[Evidence.objects.get().pk]), headers=FETCH)
    assert gone.status_code == 200
    assert "验收单.pdf" not in gone.content.decode()


def test_a_file_is_removed_by_post_alone(world: World, clerk: Client) -> None:
    add(world, clerk)
    url = reverse("admin:evidence_remove", args=[Evidence.objects.get().pk])
    assert clerk.get(url).status_code == 405
    assert Evidence.objects.exists()
    assert clerk.post(url).url == page_of(world)
    assert not Evidence.objects.exists()
    assert clerk.post(url).status_code == 404
    assert list(Revision.objects.values_list("kind", "new__name")) == [("evidence", None), ("evidence", "验收单.pdf")]


def test_what_is_no_draft_is_shown_without_buttons_and_refuses(world: World, clerk: Client) -> None:
    world.report(HAISHU, BEDS, 3, 5)
    add(world, clerk)
    world.submit(HAISHU, 3)
    page = clerk.get(page_of(world))
    assert not page.context["may_edit"]
    assert 'type="file"' not in page.content.decode()
    row = Evidence.objects.get()
    for answer in (
        add(world, clerk, upload(files.PNG)),
        clerk.post(reverse("admin:evidence_remove", args=[row.pk])),
        clerk.post(reverse("admin:evidence_remove", args=[row.pk]), headers=FETCH),
    ):
        assert answer.status_code == 422
        assert [problem.code for problem in answer.context["problems"]] == ["not_draft"]
    assert Evidence.objects.get() == row


@pytest.mark.parametrize(
    ("unit", "role", "sees", "changes"),
    [
        (HAISHU, Role.REPORTER, 200, 302),
        (HAISHU, Role.ENDORSER, 200, 403),
        (JIANGBEI, Role.REPORTER, 404, 404),
        (LEAD, Role.REVIEWER, 200, 403),
        (OTHER_LEAD, Role.REVIEWER, 404, 404),
        (CITY, Role.LEADER, 404, 404),
        (CITY, Role.PLAN_MANAGER, 200, 403),
        (CITY, Role.SYSTEM_ADMINISTRATOR, 404, 404),
    ],
)
def test_who_sees_and_who_changes(world: World, clerk: Client, unit: str, role: Role, sees: int, changes: int) -> None:
    add(world, clerk)
    row = Evidence.objects.get()
    client = Client()
    client.force_login(world.account(unit, role))
    file, page = reverse("admin:evidence_file", args=[row.pk]), page_of(world)
    handed_out = client.get(file)
    assert (handed_out.status_code, client.get(page).status_code) == (sees, sees)
    assert (handed_out.getvalue() == files.PDF) == (sees == 200)
    assert client.post(page, {"files": upload(files.PNG)}).status_code == changes
    assert client.post(reverse("admin:evidence_remove", args=[row.pk])).status_code == changes


def test_a_leader_sees_the_evidence_of_what_is_approved(world: World, clerk: Client) -> None:
    world.report(HAISHU, BEDS, 3, 5)
    add(world, clerk)
    world.approve(HAISHU, 3)
    client = Client()
    client.force_login(world.account(CITY, Role.LEADER))
    assert client.get(reverse("admin:evidence_file", args=[Evidence.objects.get().pk])).getvalue() == files.PDF


def test_strangers_are_asked_to_log_in(world: World, clerk: Client) -> None:
    add(world, clerk)
    for name, arguments in (("evidence_file", [Evidence.objects.get().pk]), ("evidence_remove", [1])):
        answer = Client().get(reverse(f"admin:{name}", args=arguments))
        assert answer.status_code == 302
        assert answer.url.startswith("/admin/login/")


@pytest.mark.parametrize("code", ["0704", "0999", "9" * 300, "..", "%", "一"])
def test_a_commitment_of_others_is_a_missing_page(world: World, clerk: Client, code: str) -> None:
    assert clerk.get(page_of(world, code)).status_code == 404
    assert clerk.post(page_of(world, code), {"files": upload()}).status_code == 404


def test_numbers_beyond_every_row_are_missing_pages(world: World, clerk: Client) -> None:
    far = 10**30
    assert clerk.get(reverse("admin:evidence_file", args=[far])).status_code == 404
    assert clerk.post(reverse("admin:evidence_remove", args=[far])).status_code == 404
    assert clerk.get(reverse("admin:evidence", args=[far, "0902"])).status_code == 404


def test_files_of_what_is_no_longer_assigned_can_be_seen_and_removed_but_not_added(world: World, clerk: Client) -> None:
    add(world, clerk)
    Target.objects.filter(commitment__code="0902", organisation__code=HAISHU).delete()
    assert "验收单.pdf" in clerk.get(page_of(world)).content.decode()
    refused = add(world, clerk, upload(files.PNG))
    assert [problem.code for problem in refused.context["problems"]] == ["not_assigned"]
    assert clerk.post(reverse("admin:evidence_remove", args=[Evidence.objects.get().pk])).status_code == 302
    assert clerk.get(page_of(world)).status_code == 404


def test_a_file_that_the_disk_has_lost_is_a_missing_page(world: World, clerk: Client) -> None:
    add(world, clerk)
    row = Evidence.objects.get()
    Path(row.file.path).unlink()
    assert clerk.get(reverse("admin:evidence_file", args=[row.pk])).status_code == 404


def test_the_number_of_queries_does_not_depend_on_the_number_of_files(
    world: World, clerk: Client, django_assert_num_queries
) -> None:
    add(world, clerk)
    url = page_of(world)
    clerk.get(url)
    with django_assert_num_queries(8):
        clerk.get(url)
    add(world, clerk, upload(files.PNG, "a.png"), upload(files.GIF, "b.gif"))
    clerk.get(url)
    with django_assert_num_queries(8):
        clerk.get(url)


def test_the_admin_lists_evidence_and_changes_nothing(world: World, clerk: Client) -> None:
    add(world, clerk)
    row = Evidence.objects.get()
    answer = clerk.get(reverse("admin:targets_evidence_changelist"))
    assert list(answer.context["cl"].queryset) == [row]
    shown = clerk.get(reverse("admin:targets_evidence_change", args=[row.pk])).content.decode()
    assert reverse("admin:evidence_file", args=[row.pk]) in shown
    assert clerk.post(reverse("admin:targets_evidence_change", args=[row.pk]), {"name": "x"}).status_code == 403
    record = clerk.get(reverse("admin:targets_evidence_history", args=[row.pk]))
    assert "kind__exact=evidence" in record.url
    other = Client()
    other.force_login(world.account(JIANGBEI, Role.REPORTER))
    assert other.get(reverse("admin:targets_evidence_change", args=[row.pk])).status_code == 404
