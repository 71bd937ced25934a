"""A spreadsheet's way in: through the command and through the page, refused, previewed, confirmed, unchanged."""

import io
import json
import os
from pathlib import Path

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.urls import reverse

from organisations.choices import Role
from organisations.models import Account
from targets.domain.uploads import SheetFile, check_file, confirm_upload, preview_file, preview_of
from targets.models import Figure, ProgressNote, Revision, Upload
from targets.problems import Refused
from tests.world import BEDS, CITY, COVERAGE, HAISHU, JIANGBEI, LEAD, NOW, OTHER_LEAD, World

HEAD = [
    "任务编码",
    "指标编码",
    "指标/任务",
    "计量单位",
    "本季填报",
    "分母",
    "不适用",
    "阶段",
    "进展情况",
    "存在问题",
    "下一步措施",
]
ROWS = [
    ["0902", "YL-09", "新建养老床位", "张", 126, "", "", "", "", "", ""],
    ["0704", "ET-01", "儿童之家覆盖率", "%", 88, 275, "", "", "", "", ""],
    ["0905", "", "任务0905", "", "", "", "", "推进中", "已动员", "", "继续"],
]


def workbook(
    rows: list[list[object]], unit: str = "海曙区民政局", period: str = "2020年三季度", sheet: str = "养老"
) -> bytes:
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream)
    page = book.add_worksheet(sheet)
    page.write(0, 0, "2020年工作要点填报表")
    page.write_row(1, 0, [f"单位:{unit}", f"报告期:{period}"])
    page.write_row(2, 0, HEAD)
    for number, row in enumerate(rows, start=3):
        page.write_row(number, 0, row)
    book.close()
    return stream.getvalue()


def dump() -> object:
    """The whole database, row for row."""
    tables = sorted(set(connection.introspection.table_names()) - {"django_session"})
    with connection.cursor() as cursor:
        content = {}
        for table in tables:
            cursor.execute(f'SELECT * FROM "{table}"')
            content[table] = sorted(map(repr, cursor.fetchall()))
    return content


def command(file: Path, *options: str) -> tuple[int, dict[str, object]]:
    out = io.StringIO()
    try:
        call_command("import_figures", file, "--json", *options, stdout=out)
    except SystemExit as stop:
        return stop.code, json.loads(out.getvalue())
    return 0, json.loads(out.getvalue())


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "海曙三季度.xlsx"
    path.write_bytes(workbook(ROWS))
    return path


def test_the_command_writes_figures_and_notes_with_their_cells(world: World, media, file: Path) -> None:
    status, report = command(file, "--user", world.account(HAISHU, Role.REPORTER).username)
    assert status == 0
    assert report["cells"] == {"unchanged": 0, "new": 3, "changed": 0}
    assert {row.indicator.code: row.numerator for row in Figure.objects.all()} == {BEDS: 126, COVERAGE: 88}
    assert ProgressNote.objects.get().stage == "in_progress"
    revision = Revision.objects.get(indicator__code=BEDS)
    assert (revision.origin, revision.sheet, revision.cell, revision.upload.name) == ("upload", "养老", "E4", file.name)
    assert Path(revision.upload.file.path).read_bytes() == file.read_bytes()
    status, again = command(file)
    assert (status, again["cells"]) == (0, {"unchanged": 3, "new": 0, "changed": 0})
    assert Upload.objects.count() == 1


def test_a_dry_run_tells_unchanged_new_and_changed_and_writes_nothing(world: World, media, file: Path) -> None:
    world.report(HAISHU, BEDS, 3, 126)
    world.report(HAISHU, COVERAGE, 3, 80, 275)
    before = dump()
    status, report = command(file, "--dry-run")
    assert status == 0
    assert report["cells"] == {"unchanged": 1, "new": 1, "changed": 1}
    assert [(each["cell"], each["old"]["numerator"], each["new"]["numerator"]) for each in report["changes"][:1]] == [
        ("E5", "80", "88")
    ]
    assert dump() == before
    assert not media.exists()


FIVE = [
    ["0902", "YL-09", "新建养老床位", "张", "约50", "", "", "", "", "", ""],
    ["0704", "ET-01", "儿童之家覆盖率", "%", 300, 275, "", "", "", "", ""],
    ["0905", "", "任务0905", "", "", "", "", "快了", "", "", ""],
    ["0999", "YL-99", "没有的指标", "个", 1, "", "", "", "", "", ""],
    ["0902", "YL-09", "儿童之家覆盖率", "张", 7, "", "", "", "", "", ""],
]


def test_five_mistakes_are_five_messages_and_nothing_changes(world: World, media, tmp_path: Path) -> None:
    world.report(HAISHU, BEDS, 3, 5)
    file = tmp_path / "坏.xlsx"
    file.write_bytes(workbook(FIVE))
    before = dump()
    status, report = command(file)
    assert status == 1
    assert [(each["sheet"], each["cell"]) for each in report["errors"]] == [
        ("养老", "E4"), ("养老", "E5"), ("养老", "H6"), ("养老", "A7"), ("养老", "C8"),
    ]  # fmt: skip
    assert [each["code"] for each in report["errors"]] == [
        "approximate", "numerator_exceeds_denominator", "unknown_stage", "unknown_indicator", "code_name_mismatch",
    ]  # fmt: skip
    assert all(each["detail"] and each["found"] for each in report["errors"])
    assert dump() == before
    assert not media.exists()


def test_a_gb18030_csv_of_two_quarters_gives_the_sums_worked_out_by_hand(world: World, media, tmp_path: Path) -> None:
    file = tmp_path / "长表.csv"
    text = (
        "单位,指标,报告期,数值/分子,分母,备注\n"
        "海曙,新建养老床位,2020年二季度,１２,,\n"
        "江北区民政局,YL-09,2020Q2,8张,,\n"
        "海曙,YL-09,2020Q3,0,,\n"
        '江北,YL-09,2020Q3,"1,000",,\n'
        "海曙,ET-01,2020Q2,88/275,,\n"
        "江北,ET-01,2020Q3,30,158,\n"
    )
    file.write_bytes(text.encode("gb18030"))
    status, report = command(file)
    assert (status, report["cells"]["new"]) == (0, 6)
    sums = {}
    for figure in Figure.objects.select_related("indicator"):
        before = sums.get(figure.indicator.code, (0, 0))
        sums[figure.indicator.code] = (before[0] + figure.numerator, before[1] + (figure.denominator or 0))
    assert sums == {BEDS: (1020, 0), COVERAGE: (118, 433)}


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"", "x.xlsx", "empty_file"),
        (b"%PDF-1.4 ...", "x.xlsx", "not_a_spreadsheet"),
        (b"PK\x03\x04 broken", "x.xlsx", "damaged_file"),
        ("单位,指标\n".encode("gb18030") + b"\xff\xff\n", "x.csv", "unknown_characters"),
    ],
)
def test_what_is_no_spreadsheet_is_refused_with_one_sentence(
    world: World, content: bytes, name: str, code: str
) -> None:
    with pytest.raises(Refused) as caught:
        check_file(SheetFile(content, name), actor=None, at=NOW)
    assert [problem.code for problem in caught.value.problems] == [code]


def test_another_units_file_is_refused(world: World) -> None:
    with pytest.raises(Refused) as caught:
        check_file(SheetFile(workbook(ROWS), "x.xlsx"), actor=world.account(JIANGBEI, Role.REPORTER), at=NOW)
    assert {problem.code for problem in caught.value.problems} == {"foreign_unit"}


def test_a_figure_changed_since_the_preview_is_not_overwritten(world: World, media) -> None:
    reporter = world.account(HAISHU, Role.REPORTER)
    report = preview_file(SheetFile(workbook(ROWS), "x.xlsx"), actor=reporter, at=NOW)
    world.report(HAISHU, BEDS, 3, 99)
    with pytest.raises(Refused) as caught:
        confirm_upload(report.upload, actor=reporter, at=NOW)
    assert {problem.code for problem in caught.value.problems} == {"changed_meanwhile"}
    assert Figure.objects.get(indicator__code=BEDS).numerator == 99
    with pytest.raises(Refused):
        preview_of(report.upload, actor=reporter, at=NOW)


# ---- the page


@pytest.fixture
def clerk(world: World, client: Client) -> Client:
    client.force_login(world.account(HAISHU, Role.REPORTER))
    return client


def post(client: Client, content: bytes, name: str = "海曙.xlsx", **data: object):
    return client.post(reverse("admin:upload"), {"file": SimpleUploadedFile(name, content), **data})


def test_the_page_previews_then_writes(world: World, media, clerk: Client) -> None:
    world.report(HAISHU, BEDS, 3, 120)
    content = workbook(ROWS)
    preview = post(clerk, content).url
    page = clerk.get(preview).content.decode()
    for text in ("养老!E4", "120", "126", "88 / 275"):
        assert text in page
    assert Figure.objects.get().numerator == 120
    upload = Upload.objects.get()
    done = clerk.post(reverse("admin:upload_confirm", args=[upload.pk]), follow=True)
    assert done.status_code == 200
    assert Figure.objects.get(indicator__code=BEDS).numerator == 126
    upload.refresh_from_db()
    assert upload.state == "written"
    kept = clerk.get(reverse("admin:upload_file", args=[upload.pk]))
    assert b"".join(kept.streaming_content) == content
    assert kept["Content-Disposition"].startswith("attachment")
    again = clerk.post(reverse("admin:upload_confirm", args=[upload.pk]))
    assert again.status_code == 302
    assert Revision.objects.filter(upload=upload).count() == 3


def test_the_page_tells_all_problems_and_changes_nothing(world: World, media, clerk: Client) -> None:
    before = dump()
    answer = post(clerk, workbook(FIVE))
    assert answer.status_code == 422
    page = answer.content.decode()
    for cell in ("养老!E4", "养老!E5", "养老!H6", "养老!A7", "养老!C8"):
        assert cell in page
    assert dump() == before


def test_the_page_says_when_nothing_changes(world: World, media, clerk: Client) -> None:
    world.report(HAISHU, BEDS, 3, 126)
    answer = post(clerk, workbook(ROWS[:1]))
    assert answer.status_code == 200
    assert answer.context["no_change"].outcome.unchanged == 1
    assert not Upload.objects.exists()


def test_a_previewed_file_can_be_discarded(
    world: World, media, clerk: Client, django_capture_on_commit_callbacks
) -> None:
    post(clerk, workbook(ROWS))
    with django_capture_on_commit_callbacks(execute=True):
        clerk.post(reverse("admin:upload_discard", args=[Upload.objects.get().pk]))
    assert not Upload.objects.exists()
    assert not [path for path in media.rglob("*") if path.is_file()]


def test_an_upload_belongs_to_its_unit(world: World, media, clerk: Client, client: Client) -> None:
    post(clerk, workbook(ROWS))
    upload = Upload.objects.get()
    own = Client()
    for unit, role, status in (
        (HAISHU, Role.REPORTER, 200),
        (HAISHU, Role.ENDORSER, 200),
        (JIANGBEI, Role.REPORTER, 404),
        (CITY, Role.AUDITOR, 200),
        (CITY, Role.SYSTEM_ADMINISTRATOR, 404),
    ):
        own.force_login(world.account(unit, role))
        assert own.get(reverse("admin:upload_preview", args=[upload.pk])).status_code == status, (unit, role)
        answer = own.get(reverse("admin:upload_file", args=[upload.pk]))
        assert answer.status_code == status, (unit, role)
        assert bool(answer.getvalue()) or status == 404
    own.force_login(world.account(HAISHU, Role.ENDORSER))
    assert own.post(reverse("admin:upload_confirm", args=[upload.pk])).status_code == 403
    assert not Figure.objects.exists()


def test_only_who_uploaded_confirms_or_discards(world: World, media, clerk: Client) -> None:
    post(clerk, workbook(ROWS))
    upload = Upload.objects.get()
    colleague = Account.objects.create(
        username="colleague", name="同事", organisation=world.units[HAISHU], password="x", reporter=True
    )
    other = Client()
    other.force_login(colleague)
    for step in ("confirm", "discard"):
        answer = other.post(reverse(f"admin:upload_{step}", args=[upload.pk]))
        assert answer.status_code == 403
    assert Upload.objects.get().state == "previewed"
    assert not Figure.objects.exists()


def test_a_reviewer_sees_uploads_that_wrote_into_the_own_programmes(world: World, media) -> None:
    rows = ROWS[:1]
    reporter = world.account(HAISHU, Role.REPORTER)
    report = preview_file(SheetFile(workbook(rows), "x.xlsx"), actor=reporter, at=NOW)
    confirm_upload(report.upload, actor=reporter, at=NOW)

    def seen(unit: str, role: Role) -> bool:
        return Upload.objects.visible_to(world.account(unit, role)).exists()

    assert seen(LEAD, Role.REVIEWER)
    assert not seen(OTHER_LEAD, Role.REVIEWER)
    assert not seen(CITY, Role.LEADER)
    reporter.reporter, reporter.system_administrator = False, True
    reporter.save()
    assert not Upload.objects.visible_to(reporter).exists()


def test_the_form_offers_the_own_units_only(world: World, clerk: Client) -> None:
    choices = clerk.get(reverse("admin:upload")).context["form"].fields["organisation"].queryset
    assert [unit.code for unit in choices] == [HAISHU]


def test_only_reporters_upload(world: World, client: Client) -> None:
    assert client.get(reverse("admin:upload")).status_code == 302
    client.force_login(world.account(LEAD, Role.REVIEWER))
    assert client.get(reverse("admin:upload")).status_code == 403


def test_a_file_too_large_is_refused_by_the_form(world: World, clerk: Client, settings) -> None:
    settings.UPLOAD_MAX_BYTES = 10
    answer = post(clerk, workbook(ROWS))
    assert answer.context["form"].errors["file"]
    assert not Upload.objects.exists()


def test_a_name_with_a_path_is_only_a_name(world: World, media, clerk: Client) -> None:
    post(clerk, workbook(ROWS), name="../../etc/passwd.xlsx")
    upload = Upload.objects.get()
    assert upload.name == "passwd.xlsx"
    assert Path(upload.file.path).is_relative_to(media)


def test_a_file_name_that_is_no_text_is_only_shown_differently(world: World, media, tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"\xff\xfe.xlsx")
    path.write_bytes(workbook(ROWS))
    assert command(path)[0] == 0
    assert Upload.objects.get().name == "??.xlsx"


@pytest.mark.parametrize("options", [["--period", "2020X"], ["--organisation", "nowhere"], ["--user", "nobody"]])
def test_the_command_names_what_it_does_not_know(world: World, file: Path, options: list[str]) -> None:
    with pytest.raises(CommandError, match=options[1]):
        call_command("import_figures", file, *options)


def test_the_report_for_eyes(world: World, media, file: Path, tmp_path: Path, capsys) -> None:
    call_command("import_figures", file, "--dry-run")
    assert "养老!E4 330203 YL-09 2020Q3" in capsys.readouterr().out
    call_command("import_figures", file)
    call_command("import_figures", file)
    bad = tmp_path / "bad.xlsx"
    bad.write_bytes(workbook(FIVE))
    with pytest.raises(SystemExit):
        call_command("import_figures", bad)
    assert "养老!A7" in capsys.readouterr().out
