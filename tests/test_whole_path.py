"""From a workbook to the leader's page on the demo data of the real 2020 plan, and the demo data themselves."""

import io
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import Client, override_settings
from django.urls import reverse

from organisations.choices import OrganisationKind
from organisations.models import Account
from targets import demo
from targets.amounts import SUM
from targets.choices import Scope
from targets.models import Figure, Period, Plan, Submission, Target, Transition, Upload
from targets.rollup import roll_up
from tests.world import TODAY

pytestmark = pytest.mark.database

HAISHU, BEDS = "330203", "YL-09"
QUICK = ["django.contrib.auth.hashers.MD5PasswordHasher"]
DEMO = {"DEMO": "full", "DEBUG": True, "TODAY": TODAY, "PASSWORD_HASHERS": QUICK}


@pytest.fixture(scope="module")
def loaded(django_db_setup, django_db_blocker) -> Iterator[None]:
    """What script/server sets up on an empty database, once for all tests here and taken back after them."""
    with django_db_blocker.unblock(), override_settings(**DEMO), transaction.atomic():
        call_command("setup_database", stdout=io.StringIO())
        yield
        transaction.set_rollback(True)


@pytest.fixture
def city(loaded: None, django_db_blocker, settings) -> Iterator[Plan]:
    for name, value in DEMO.items():
        setattr(settings, name, value)
    with django_db_blocker.unblock(), transaction.atomic():
        yield Plan.objects.select_related("issuer").get()
        transaction.set_rollback(True)


def login(username: str) -> Client:
    client = Client()
    answer = client.post("/login/", {"username": username, "password": "ningbo-2020"})
    assert answer.status_code == 302
    return client


def progress() -> dict[tuple[str, str], dict[str, Any]]:
    answer = login("manager").get("/api/v1/progress/?period=2020Q3&by=organisation&page_size=5000")
    return {(row["commitment"], row["organisation"]): row for row in answer.json()["results"]}


def overview() -> list[str]:
    """The leaders' page as its visible words."""
    page = login("leader").get("/?period=2020Q3").content.decode()
    return re.sub(r"<[^>]+>", "\n", page).split()


def typed_by_hand(changed: dict[str, Decimal]) -> bytes:
    """海曙's third quarter in the list layout, as a clerk would type it, with some numbers changed."""
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream)
    sheet = book.add_worksheet("三季度")
    sheet.write(0, 0, "海曙区2020年三季度重点工作完成情况")
    sheet.write_row(1, 0, ["填报单位:海曙区", "", "", "期间:2020年3季度"])
    sheet.write_row(3, 0, ["序号", "指标名称", "单位", "本季完成", "分母"][1:2] + ["计量单位", "本季完成", "分母"])
    figures = Figure.objects.filter(submission__organisation__code=HAISHU, submission__period__quarter=3)
    rows = figures.select_related("indicator").order_by("-indicator__code")
    for number, figure in enumerate(rows, start=4):
        value = changed.get(figure.indicator.code, figure.numerator)
        denominator = figure.denominator
        sheet.write_row(number, 0, [figure.indicator.name, figure.indicator.unit, float(value)])
        if denominator is not None:
            sheet.write_number(number, 3, float(denominator))
    sheet.write(number + 2, 0, "填报人:张三   审核人:李四")
    book.close()
    return stream.getvalue()


@pytest.mark.parametrize("door", ["page", "command"])
def test_one_changed_number_of_a_workbook_changes_that_number_on_the_overview(
    city: Plan, media: Path, tmp_path: Path, door: str
) -> None:
    before, page_before = progress(), overview()
    submission = Submission.objects.get(organisation__code=HAISHU, programme__code="eldercare", period__quarter=3)
    act("reviewer-eldercare", "reopen", submission, reason="请核对床位数")
    old = submission.figures.get(indicator__code=BEDS).numerator
    content = typed_by_hand({BEDS: old + 7})
    if door == "page":
        clerk = login(f"reporter-{HAISHU}")
        file = SimpleUploadedFile("海曙三季度.xlsx", content)
        children = Submission.objects.get(organisation__code=HAISHU, programme__code="children", period__quarter=3)
        assert clerk.post(reverse("admin:upload"), {"file": file}).status_code in (302, 422)
        if not Upload.objects.exists():  # the approved children's figures are in the file too: they are locked
            act("reviewer-children", "reopen", children, reason="同一张表")
            file.seek(0)
            assert clerk.post(reverse("admin:upload"), {"file": file}).status_code == 302
        clerk.post(reverse("admin:upload_confirm", args=[Upload.objects.get().pk]))
    else:
        children = Submission.objects.get(organisation__code=HAISHU, programme__code="children", period__quarter=3)
        act("reviewer-children", "reopen", children, reason="同一张表")
        path = tmp_path / "海曙三季度.xlsx"
        path.write_bytes(content)
        call_command("import_figures", path, "--user", f"reporter-{HAISHU}", stdout=io.StringIO())
    for each, reviewer in ((submission, "reviewer-eldercare"), (children, "reviewer-children")):
        act(f"reporter-{HAISHU}", "submit", each)
        act(f"endorser-{HAISHU}", "endorse", each)
        act(reviewer, "approve", each)

    after = progress()
    assert {key for key in after if after[key] != before[key]} == {("0902", "3302"), ("0902", HAISHU)}
    for unit in ("3302", HAISHU):
        assert Decimal(after["0902", unit]["value"]) == Decimal(before["0902", unit]["value"]) + 7
    page_after = overview()
    city_value = f"{int(after['0902', '3302']['value']):,}"
    assert city_value in page_after
    assert city_value not in page_before


def act(username: str, action: str, submission: Submission, **more: object) -> None:
    data = {"action": action, "_selected_action": [submission.pk], **more}
    login(username).post(reverse("admin:targets_submission_changelist"), data)


def test_the_demo_is_plausible(city: Plan) -> None:
    assert Account.objects.count() == Account.objects.filter(demo=True).count() == 42
    for username in (
        "reporter-330203",
        "endorser-3302-MKYY",
        "reviewer-party",
        "leader",
        "manager",
        "sysadmin",
        "auditor",
    ):
        assert Account.objects.get(username=username).check_password("ningbo-2020"), username
    departments = Account.objects.filter(organisation__kind=OrganisationKind.DEPARTMENT)
    assert departments.filter(reporter=True).count() == 4
    assert not departments.filter(endorser=True).exists()
    assert list(Period.objects.values_list("state", flat=True)) == ["closed", "closed", "open", "closed"]
    assert city.invented
    states = set(Submission.objects.filter(period__quarter=3).values_list("state", flat=True))
    assert states == {"draft", "submitted", "endorsed", "approved"}
    assert Transition.objects.filter(action="return").count() == 3
    assert Figure.objects.filter(not_applicable=True).exists()
    late = Submission.objects.filter(organisation__code="330281", period__quarter=2).first()
    assert late.days_late(late.period.due_on, TODAY) == 6
    assert not Figure.objects.filter(submission__organisation__code="3302-DX", submission__period__quarter=3).exists()
    statuses = {row.verdict.status for row in roll_up(city, city.issuer, 3, today=TODAY).numbers}
    assert {"met", "on_pace", "behind", "far_behind", "running"} <= statuses


def test_the_demos_decomposition_adds_up_exactly(city: Plan) -> None:
    for row in roll_up(city, city.issuer, 3, today=TODAY, scope=Scope.ALL).numbers:
        if row.commitment.indicator.time_rule == SUM:
            parts = [
                Target.objects.get(commitment=row.commitment, organisation=unit.organisation).numerator
                for unit in row.units
            ]
            assert sum(part or 0 for part in parts) == row.target.numerator, row.commitment


def test_the_demo_is_the_same_every_time(city: Plan, settings) -> None:
    def figures() -> list[Any]:
        return sorted(
            Figure.objects.values_list(
                "submission__organisation__code",
                "submission__period__quarter",
                "indicator__code",
                "numerator",
                "denominator",
            )
        )

    first = figures()
    call_command("load_demo", stdout=io.StringIO())
    assert figures() == first
    with transaction.atomic():
        Figure.objects.all().delete()
        Submission.objects.update(state="draft", round=1, first_submitted_at=None, submitted_by=None)
        Period.objects.update(state="open")
        demo.load_figures(city)
        assert figures() == first
        transaction.set_rollback(True)


def test_the_demo_is_refused_without_debug_and_beside_real_figures(city: Plan, settings) -> None:
    settings.DEBUG = False
    with pytest.raises(CommandError):
        call_command("load_demo")
    settings.DEBUG = True
    Plan.objects.update(invented=False)
    with pytest.raises(CommandError):
        call_command("load_demo", stdout=io.StringIO())
    settings.DEMO = "none"
    out = io.StringIO()
    call_command("load_demo", stdout=out)
    assert out.getvalue()


def test_every_page_says_that_the_figures_are_invented(city: Plan) -> None:
    sentence = "invented"
    client = login("manager")
    for url in ("/", "/admin/", f"/indicators/{BEDS}/", f"/organisations/{HAISHU}/", "/admin/targets/figure/"):
        assert sentence in client.get(url).content.decode(), url
    assert sentence in Client().get("/login/").content.decode()
    Plan.objects.update(invented=False)
    assert f'class="{sentence}"' not in client.get("/").content.decode()


def test_healthz_says_what_it_found(client: Client, db: None) -> None:
    answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.json()["database"] == "ok"
    assert answer.json()["migrations"] == "complete"


def test_the_overview_takes_at_most_twelve_queries(city: Plan, django_assert_max_num_queries) -> None:
    client = login("leader")
    client.get("/")
    with django_assert_max_num_queries(12):
        client.get("/")
