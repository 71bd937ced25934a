"""The page of one submission: who sees it, who may save and move it, and what it answers."""

import json

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from organisations.choices import Role
from targets.choices import PeriodState, Stage
from targets.domain.entries import NoteEntry
from targets.domain.periods import set_period_state
from targets.models import Explanation, Figure, ProgressNote, Remark, Revision, Submission, Transition
from tests.world import BEDS, CITY, COVERAGE, HAISHU, JIANGBEI, LEAD, NOW, OTHER_LEAD, World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

STEPS = ("save", "submit", "endorse", "approve", "return", "reopen", "preview")


@pytest.fixture(autouse=True)
def at_noon(settings) -> None:
    settings.TODAY = NOW.date()


def url(submission: Submission, step: str = "") -> str:
    return (
        f"/admin/submissions/{submission.pk}/{step}/" if step else f"/admin/targets/submission/{submission.pk}/change/"
    )


def post(client: Client, submission: Submission, step: str, script: bool = False, **fields: object) -> HttpResponse:
    """Posts a form; fields are written n0902_numerator=12, the row is named by itself."""
    data: dict[str, object] = {"version": submission.version, "row": []}
    for name, value in fields.items():
        if name.startswith("n"):
            code, _mark, field = name[1:].partition("_")
            data[f"{code}.{field.replace('why_', 'why-')}"] = value
            data["row"] = sorted({*data["row"], code})  # type: ignore[misc]
        else:
            data[name] = value
    headers = {"X-Requested-With": "fetch"} if script else {}
    return client.post(url(submission, step), data, headers=headers)


def log_in(client: Client, world: World, unit: str, role: Role) -> Client:
    client.force_login(world.account(unit, role))
    return client


# ---- who sees it


@pytest.mark.parametrize(
    ("unit", "role", "draft", "approved"),
    [
        (HAISHU, Role.REPORTER, 200, 200),
        (HAISHU, Role.ENDORSER, 200, 200),
        (LEAD, Role.REVIEWER, 200, 200),
        (CITY, Role.PLAN_MANAGER, 200, 200),
        (CITY, Role.AUDITOR, 200, 200),
        (CITY, Role.LEADER, 404, 200),
        (JIANGBEI, Role.REPORTER, 404, 404),
        (JIANGBEI, Role.ENDORSER, 404, 404),
        (OTHER_LEAD, Role.REVIEWER, 404, 404),
        (CITY, Role.SYSTEM_ADMINISTRATOR, 403, 403),
    ],
)
def test_who_sees_the_page(client: Client, world: World, unit: str, role: Role, draft: int, approved: int) -> None:
    world.report(HAISHU, BEDS, 3, 5)
    log_in(client, world, unit, role)
    assert client.get(url(world.submission(HAISHU, 3))).status_code == draft
    assert client.get(url(world.approve(HAISHU, 3))).status_code == approved


@pytest.mark.parametrize("step", STEPS)
def test_a_foreign_unit_finds_no_step_and_nobody_takes_one_by_get(client: Client, world: World, step: str) -> None:
    submission = world.submission(HAISHU, 3)
    log_in(client, world, JIANGBEI, Role.REPORTER)
    assert post(client, submission, step, reason="x").status_code == 404
    log_in(client, world, HAISHU, Role.REPORTER)
    assert client.get(url(submission, step)).status_code == 405
    assert client.get("/admin/targets/submission/9999999/change/").status_code == 404
    assert client.get("/admin/targets/submission/x/change/").status_code == 404


MOVES = {  # step: the state before, the state after, who may
    "submit": ("draft", "submitted", (HAISHU, Role.REPORTER)),
    "endorse": ("submitted", "endorsed", (HAISHU, Role.ENDORSER)),
    "approve": ("endorsed", "approved", (LEAD, Role.REVIEWER)),
    "return": ("endorsed", "draft", (LEAD, Role.REVIEWER)),
    "reopen": ("approved", "draft", (LEAD, Role.REVIEWER)),
}
PEOPLE = [
    (HAISHU, Role.REPORTER), (HAISHU, Role.ENDORSER), (LEAD, Role.REVIEWER), (CITY, Role.PLAN_MANAGER),
    (CITY, Role.AUDITOR),
]  # fmt: skip


def bring_to(world: World, state: str) -> Submission:
    world.report(HAISHU, BEDS, 3, 5)
    if state != "draft":
        {"submitted": world.submit, "endorsed": world.endorse, "approved": world.approve}[state](HAISHU, 3)
    return world.submission(HAISHU, 3)


@pytest.mark.parametrize("step", MOVES)
@pytest.mark.parametrize(("unit", "role"), PEOPLE)
def test_each_step_is_taken_by_its_person_only(client: Client, world: World, step: str, unit: str, role: Role) -> None:
    before, after, person = MOVES[step]
    submission = bring_to(world, before)
    count = Transition.objects.count()
    log_in(client, world, unit, role)
    answer = post(client, submission, step, reason="请核对")
    allowed = (unit, role) == person
    is_returned_by_others = (step, role) == ("return", Role.ENDORSER)  # who may, while the unit's check has it
    assert answer.status_code == (302 if allowed else 409 if is_returned_by_others else 403)
    assert world.submission(HAISHU, 3).state == (after if allowed else before)
    assert Transition.objects.count() == count + allowed


@pytest.mark.parametrize("step", MOVES)
@pytest.mark.parametrize("state", ["draft", "submitted", "endorsed", "approved"])
def test_a_step_from_the_wrong_state_is_refused_with_a_sentence(
    client: Client, world: World, step: str, state: str
) -> None:
    before, _after, person = MOVES[step]
    submission = bring_to(world, state)
    log_in(client, world, *person)
    if state == before:
        return
    answer = post(client, submission, step, reason="请核对")
    assert answer.status_code in (409, 422)
    assert world.submission(HAISHU, 3).state == state
    sentences = ("step “", "only a draft", "is with the unit&#x27;s own check now")
    assert any(sentence in answer.content.decode() for sentence in sentences)


# ---- the form


def test_a_reporter_gets_the_form_and_others_the_reading(client: Client, world: World) -> None:
    world.target("0902", HAISHU, 1000)
    world.report(HAISHU, BEDS, 2, 300)
    submission = world.submission(HAISHU, 3)
    text = log_in(client, world, HAISHU, Role.REPORTER).get(url(submission)).content.decode()
    assert 'name="0902.numerator"' in text
    assert 'id="entry"' in text
    for unit, role in ((HAISHU, Role.ENDORSER), (LEAD, Role.REVIEWER), (CITY, Role.AUDITOR)):
        text = log_in(client, world, unit, role).get(url(submission)).content.decode()
        assert 'name="0902.numerator"' not in text
        assert "新建养老床位" in text


def test_the_form_shows_last_quarter_and_proposes_its_denominator(client: Client, world: World) -> None:
    world.report(HAISHU, COVERAGE, 2, 30, 158)
    page = (
        log_in(client, world, HAISHU, Role.REPORTER).get(url(world.submission(HAISHU, 3, "children"))).context["page"]
    )
    (row,) = page.tables.numbers
    assert (row.before, row.fields["numerator"], row.fields["denominator"]) == ("19.0%", "", "158")


def test_a_saved_form_comes_back_with_what_it_said(client: Client, world: World) -> None:
    submission = world.submission(HAISHU, 3)
    log_in(client, world, HAISHU, Role.REPORTER)
    answer = post(
        client, submission, "save", n0902_numerator="１２0", n0902_progress="已开工", n0905_stage="in_progress"
    )
    assert (answer.status_code, answer.url) == (302, url(submission))
    assert Figure.objects.get().numerator == 120
    assert {(note.commitment.code, note.stage, note.progress) for note in ProgressNote.objects.all()} == {
        ("0902", "", "已开工"), ("0905", "in_progress", ""),
    }  # fmt: skip
    assert {(each.origin, each.sheet, each.cell) for each in Revision.objects.all()} == {("form", "", "")}
    (row,) = client.get(url(submission)).context["page"].tables.numbers
    assert (row.fields["numerator"], row.fields["progress"], row.result.value) == ("120", "已开工", "120")


def test_all_faults_of_a_form_are_shown_at_their_rows_and_nothing_is_saved(client: Client, world: World) -> None:
    submission = world.submission(HAISHU, 3)
    log_in(client, world, HAISHU, Role.REPORTER)
    answer = post(client, submission, "save", n0902_numerator="约50", n0905_progress="没有阶段")
    assert answer.status_code == 422
    page = answer.context["page"]
    problems = {
        row.code: [each.code for each in row.problems] for row in (*page.tables.numbers, *page.tables.narratives)
    }
    assert problems == {"0902": ["approximate"], "0905": ["stage_missing"]}
    assert page.tables.numbers[0].fields["numerator"] == "约50"
    assert "约50" in answer.content.decode()
    assert not Revision.objects.exists()


def test_two_saves_on_one_version_show_both_and_lose_neither(client: Client, world: World) -> None:
    submission = world.submission(HAISHU, 3)
    log_in(client, world, HAISHU, Role.REPORTER)
    post(client, submission, "save", n0902_numerator="12")
    answer = post(client, submission, "save", n0902_numerator="13", n0905_stage="done")
    assert answer.status_code == 409
    page = answer.context["page"]
    assert [(each.code, each.mine, each.theirs) for each in page.clashes] == [
        ("0902", "13", "12"),
        ("0905", "Done", "–"),
    ]
    assert page.clashes[0].who.startswith("reporter@330203 ")
    assert page.tables.numbers[0].fields["numerator"] == "13"
    assert Figure.objects.get().numerator == 12
    again = world.submission(HAISHU, 3)
    assert f'name="version" value="{again.version}"' in answer.content.decode()
    assert post(client, again, "save", n0902_numerator="13").status_code == 302
    assert Figure.objects.get().numerator == 13


def test_a_script_is_told_the_rows_the_cautions_and_the_version(client: Client, world: World) -> None:
    world.target("0902", HAISHU, 1000)
    world.report(HAISHU, BEDS, 2, 30)
    submission = world.submission(HAISHU, 3)
    log_in(client, world, HAISHU, Role.REPORTER)
    said = json.loads(post(client, submission, "preview", script=True, n0902_numerator="470").content)
    assert not Figure.objects.filter(submission=submission).exists()
    assert set(said["rows"]) == {"0902"}
    assert "<strong>500</strong>" in said["rows"]["0902"]["total"]
    assert "Far behind" in said["rows"]["0902"]["status"]
    assert 'name="0902.why-leapt"' in said["cautions"]
    saved = json.loads(post(client, submission, "save", script=True, n0902_numerator="470").content)
    assert saved["version"] == submission.version + 1
    assert saved["rows"] == said["rows"]
    assert Figure.objects.get(submission=submission).numerator == 470


def test_a_script_is_told_faults_and_conflicts_by_status(client: Client, world: World) -> None:
    submission = world.submission(HAISHU, 3)
    log_in(client, world, HAISHU, Role.REPORTER)
    answer = post(client, submission, "save", script=True, n0902_numerator="1.5")
    assert answer.status_code == 422
    assert "not a whole number" in json.loads(answer.content)["rows"]["0902"]["faults"]
    post(client, submission, "save", script=True, n0902_numerator="12", n0902_progress="甲")
    answer = post(client, submission, "save", script=True, n0902_numerator="13", n0902_progress="乙")
    said = json.loads(answer.content)
    assert answer.status_code == 409
    assert (said["fields"]["0902.numerator"], said["fields"]["0902.progress"]) == ("12", "甲")
    assert said["version"] == world.submission(HAISHU, 3).version


def test_explanations_of_the_form_are_kept_and_let_it_through(client: Client, world: World) -> None:
    world.report(HAISHU, BEDS, 2, 5)
    submission = world.submission(HAISHU, 3)
    log_in(client, world, HAISHU, Role.REPORTER)
    answer = post(client, submission, "submit", n0902_numerator="60")
    assert answer.status_code == 422
    assert [each.code for each in answer.context["page"].tables.numbers[0].problems] == ["leapt"]
    assert Figure.objects.get(submission=submission).numerator == 60  # the draft is kept
    submission = world.submission(HAISHU, 3)
    answer = post(client, submission, "submit", n0902_numerator="60", n0902_why_leapt="集中完成")
    assert answer.status_code == 302
    assert Explanation.objects.get().text == "集中完成"
    assert world.submission(HAISHU, 3).state == "submitted"


def test_a_closed_period_says_so_and_takes_nothing(client: Client, world: World) -> None:
    set_period_state(world.periods[3], PeriodState.CLOSED, actor=world.account(CITY, Role.PLAN_MANAGER))
    submission = world.submission(HAISHU, 3)
    log_in(client, world, HAISHU, Role.REPORTER)
    text = client.get(url(submission)).content.decode()
    assert "is closed. Ask the city" in text
    assert 'name="0902.numerator"' not in text
    assert post(client, submission, "save", n0902_numerator="12").status_code == 422
    assert not Figure.objects.exists()


@pytest.mark.parametrize("role", [Role.ENDORSER, Role.REVIEWER, Role.PLAN_MANAGER, Role.AUDITOR])
def test_only_a_reporter_saves_through_the_page(client: Client, world: World, role: Role) -> None:
    unit = {Role.ENDORSER: HAISHU, Role.REVIEWER: LEAD}.get(role, CITY)
    log_in(client, world, unit, role)
    for step in ("save", "preview"):
        assert post(client, world.submission(HAISHU, 3), step, n0902_numerator="12").status_code == 403
    assert not Figure.objects.exists()


# ---- checking


def test_a_return_shows_reason_and_remark_to_the_unit(client: Client, world: World) -> None:
    submission = bring_to(world, "endorsed")
    log_in(client, world, LEAD, Role.REVIEWER)
    fields = {"reason": "新增数请核对", "0902.remark": "请扣除护理院床位"}
    assert client.post(url(submission, "return"), {"version": submission.version, **fields}).status_code == 302
    assert Remark.objects.get().text == "请扣除护理院床位"
    page = log_in(client, world, HAISHU, Role.REPORTER).get(url(submission)).context["page"]
    assert page.is_returned
    assert (page.sent_back.reason, page.tables.numbers[0].remark.text) == ("新增数请核对", "请扣除护理院床位")


def test_a_return_without_reason_keeps_the_remarks_that_were_typed(client: Client, world: World) -> None:
    submission = bring_to(world, "endorsed")
    log_in(client, world, LEAD, Role.REVIEWER)
    answer = client.post(url(submission, "return"), {"version": submission.version, "0902.remark": "请核对"})
    assert answer.status_code == 409
    assert answer.context["page"].tables.numbers[0].remark_typed == "请核对"
    assert "Say why" in answer.content.decode()
    assert not Remark.objects.exists()


def test_an_approval_of_what_has_changed_since_is_refused(client: Client, world: World) -> None:
    submission = bring_to(world, "endorsed")
    log_in(client, world, LEAD, Role.REVIEWER)
    answer = client.post(url(submission, "approve"), {"version": submission.version - 1})
    assert answer.status_code == 409
    assert world.submission(HAISHU, 3).state == "endorsed"
    assert client.post(url(submission, "approve"), {}).status_code == 409


def test_who_has_submitted_is_told_that_a_colleague_checks(client: Client, world: World) -> None:
    both = world.account(HAISHU, Role.REPORTER)
    both.endorser = True
    both.save()
    submission = bring_to(world, "submitted")
    client.force_login(both)
    text = client.get(url(submission)).content.decode()
    assert "a colleague has to check it" in text
    assert post(client, submission, "endorse").status_code == 403


def test_the_page_takes_the_same_queries_for_one_row_and_for_three(client: Client, world: World) -> None:
    counts = []
    for extra in ((), ("0906", "0907")):
        for code in extra:
            world.add_commitment(code)
            world.target(code, HAISHU, reports=True)
            world.record(NoteEntry(HAISHU, code, "2020Q3", stage=Stage.DONE))
        submission = world.submission(HAISHU, 3)
        log_in(client, world, HAISHU, Role.REPORTER).get(url(submission))  # the session notes its first page
        with CaptureQueriesContext(connection) as queries:
            client.get(url(submission))
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_save_takes_the_same_queries_for_one_row_and_for_three(client: Client, world: World) -> None:
    codes = ("0905", "0906", "0907")
    for code in codes[1:]:
        world.add_commitment(code)
        world.target(code, HAISHU, reports=True)
    log_in(client, world, HAISHU, Role.REPORTER)

    def save(rows: tuple[str, ...], text: str) -> HttpResponse:
        fields = {f"n{code}_{name}": value for code in rows for name, value in (("stage", "done"), ("progress", text))}
        return post(client, world.submission(HAISHU, 3), "save", script=True, **fields)

    assert save(codes, "甲").status_code == 200
    counts = []
    for rows in (codes[:1], codes):
        with CaptureQueriesContext(connection) as queries:
            assert save(rows, f"{len(rows)}行").status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert {note.progress for note in ProgressNote.objects.all()} == {"3行"}


def test_a_leader_reads_no_drafts_beside_what_is_approved(client: Client, world: World) -> None:
    world.report(HAISHU, BEDS, 2, 77)
    world.report(HAISHU, BEDS, 3, 5)
    submission = world.approve(HAISHU, 3)
    seen = {}
    for unit, role in ((CITY, Role.LEADER), (CITY, Role.AUDITOR), (LEAD, Role.REVIEWER), (HAISHU, Role.ENDORSER)):
        (row,) = log_in(client, world, unit, role).get(url(submission)).context["page"].tables.numbers
        seen[role] = (row.quarters[1][1], row.result.value)
    assert seen == {
        Role.LEADER: ("–", "5"), Role.AUDITOR: ("77", "82"), Role.REVIEWER: ("77", "82"), Role.ENDORSER: ("77", "82"),
    }  # fmt: skip


def test_a_row_that_says_nothing_this_quarter_comes_to_nothing(client: Client, world: World) -> None:
    world.report(HAISHU, COVERAGE, 2, 88, 275)
    world.record(NoteEntry(HAISHU, "0905", "2020Q2", stage=Stage.DONE))
    log_in(client, world, HAISHU, Role.REPORTER)
    (number,) = client.get(url(world.submission(HAISHU, 3, "children"))).context["page"].tables.numbers
    (words,) = client.get(url(world.submission(HAISHU, 3))).context["page"].tables.narratives
    assert (number.before, number.result.value, number.result.badge.key) == ("32.0%", "–", "missing")
    assert (words.before, words.result.badge.key) == ("Done", "missing")


def test_a_denominator_without_its_numerator_is_told(client: Client, world: World) -> None:
    world.report(HAISHU, COVERAGE, 2, 30, 158)
    submission = world.submission(HAISHU, 3, "children")
    log_in(client, world, HAISHU, Role.REPORTER)
    answer = post(client, submission, "save", n0704_numerator="", n0704_denominator="275")
    assert [each.code for each in answer.context["page"].tables.numbers[0].problems] == ["numerator_missing"]
    assert post(client, submission, "save", n0704_numerator="", n0704_denominator="158").status_code == 302


def test_a_form_that_was_opened_by_somebody_else_saves_nothing(client: Client, world: World) -> None:
    submission = world.submission(HAISHU, 3)
    log_in(client, world, HAISHU, Role.REPORTER)
    other = world.account(JIANGBEI, Role.REPORTER).pk
    for step in ("save", "preview", "submit"):
        assert post(client, submission, step, script=True, account=other, n0902_numerator="12").status_code == 401
        assert post(client, submission, step, account=other, n0902_numerator="12").status_code == 302
    assert not Revision.objects.exists()
