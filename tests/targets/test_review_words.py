"""What is said along the way through review: explanations, reasons, remarks; and whose version it was said about."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from organisations.choices import Role
from targets.choices import Origin
from targets.domain import review
from targets.domain.explanations import ExplanationEntry
from targets.domain.review import RemarkEntry
from targets.models import Explanation, Remark, Submission, Transition
from targets.problems import Refused
from tests.world import BEDS, CITY, HAISHU, JIANGBEI, LEAD, NOW, OTHER_LEAD, UNITS, World

pytestmark = pytest.mark.django_db


def how(world: World, unit: str, role: Role, **more: object) -> dict[str, object]:
    return {"actor": world.account(unit, role), "at": NOW, "origin": Origin.FORM, **more}


def refusals(caught: pytest.ExceptionInfo[Refused]) -> list[tuple[str, str]]:
    return [(problem.code, problem.place.cell) for problem in caught.value.problems]


# ---- explanations


def test_submitting_asks_for_everything_unexplained_at_once(world: World) -> None:
    world.target("0902", HAISHU, 1000)
    world.report(HAISHU, BEDS, 2, 5)
    world.report(HAISHU, BEDS, 3, 50)
    submission = world.submission(HAISHU, 3)
    with pytest.raises(Refused) as caught:
        review.submit(submission, **how(world, HAISHU, Role.REPORTER))
    assert refusals(caught) == [("leapt", "0902"), ("behind", "0902")]
    words = [ExplanationEntry("0902", "leapt", "集中完成")]
    with pytest.raises(Refused) as caught:
        review.submit(submission, **how(world, HAISHU, Role.REPORTER, explanations=words))
    assert refusals(caught) == [("behind", "0902")]
    assert not Explanation.objects.exists()
    assert world.submission(HAISHU, 3).state == "draft"
    words.append(ExplanationEntry("0902", "behind", "雨季停工"))
    review.submit(submission, **how(world, HAISHU, Role.REPORTER, explanations=words))
    assert Explanation.objects.count() == 2
    assert world.submission(HAISHU, 3).state == "submitted"


def test_a_word_about_no_warning_does_no_harm(world: World) -> None:
    world.report(HAISHU, BEDS, 3, 5)
    words = [ExplanationEntry("0902", "stock_fell", "备查")]
    review.submit(world.submission(HAISHU, 3), **how(world, HAISHU, Role.REPORTER, explanations=words))
    assert world.submission(HAISHU, 3).state == "submitted"


# ---- remarks


def test_a_return_keeps_its_remarks_by_commitment(world: World) -> None:
    world.report(HAISHU, BEDS, 3, 5)
    submission = world.endorse(HAISHU, 3)
    remarks = [RemarkEntry("0902", " 请扣除护理院床位 "), RemarkEntry("0905", "  ")]
    step = review.return_submission(submission, **how(world, LEAD, Role.REVIEWER, reason="请核对", remarks=remarks))
    assert [(each.transition, each.commitment.code, each.text) for each in Remark.objects.all()] == [
        (step, "0902", "请扣除护理院床位")
    ]


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ([RemarkEntry("9999", "x")], [("unknown_commitment", "9999")]),
        (
            [RemarkEntry("0704", "x"), RemarkEntry("0902", "长" * 501)],
            [("unknown_commitment", "0704"), ("too_long", "0902")],
        ),
        ([RemarkEntry("0902", "a\0b")], [("control_character", "0902")]),
    ],
)
def test_a_faulty_remark_leaves_the_submission_where_it_is(world: World, entries, expected) -> None:
    world.report(HAISHU, BEDS, 3, 5)
    submission = world.endorse(HAISHU, 3)
    with pytest.raises(Refused) as caught:
        review.return_submission(submission, **how(world, LEAD, Role.REVIEWER, reason="请核对", remarks=entries))
    assert refusals(caught) == expected
    assert world.submission(HAISHU, 3).state == "endorsed"
    assert not Remark.objects.exists()


def test_a_return_without_a_reason_keeps_no_remark(world: World) -> None:
    world.report(HAISHU, BEDS, 3, 5)
    submission = world.endorse(HAISHU, 3)
    with pytest.raises(Refused) as caught:
        review.return_submission(
            submission, **how(world, LEAD, Role.REVIEWER, reason=" ", remarks=[RemarkEntry("0902", "x")])
        )
    assert refusals(caught) == [("reason_missing", "")]
    assert not Remark.objects.exists()


@pytest.mark.parametrize(("state", "step"), [("endorsed", review.return_submission), ("approved", review.reopen)])
@pytest.mark.usefixtures("english")
def test_a_reason_that_cannot_be_kept_is_told_with_the_remarks(world: World, state: str, step: Any) -> None:
    world.report(HAISHU, BEDS, 3, 5)
    submission = world.endorse(HAISHU, 3) if state == "endorsed" else world.approve(HAISHU, 3)
    for reason, expected in (("字" * 1001, "too_long"), ("a\0b", "control_character")):
        with pytest.raises(Refused) as caught:
            step(submission, **how(world, LEAD, Role.REVIEWER, reason=reason, remarks=[RemarkEntry("9999", "x")]))
        assert refusals(caught) == [(expected, ""), ("unknown_commitment", "9999")]
    with pytest.raises(Refused, match="“reason” has 1001 characters; at most 1000 can be kept."):
        step(submission, **how(world, LEAD, Role.REVIEWER, reason="字" * 1001))
    assert world.submission(HAISHU, 3).state == state
    assert step(submission, **how(world, LEAD, Role.REVIEWER, reason=f" {'字' * 1000} ")).reason == "字" * 1000


@pytest.mark.parametrize("statement", ["UPDATE targets_remark SET text = 'x'", "DELETE FROM targets_remark"])
def test_the_database_refuses_to_change_a_remark(world: World, statement: str) -> None:
    world.report(HAISHU, BEDS, 3, 5)
    submission = world.endorse(HAISHU, 3)
    review.return_submission(
        submission, **how(world, LEAD, Role.REVIEWER, reason="请核对", remarks=[RemarkEntry("0902", "请核对")])
    )
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert Remark.objects.get().text == "请核对"


# ---- versions


def test_a_step_for_an_older_version_is_refused_with_a_sentence(world: World) -> None:
    world.report(HAISHU, BEDS, 3, 5)
    looked_at = world.submission(HAISHU, 3).version
    world.report(HAISHU, BEDS, 3, 6)
    with pytest.raises(Refused) as caught:
        review.submit(world.submission(HAISHU, 3), **how(world, HAISHU, Role.REPORTER, version=looked_at))
    assert refusals(caught) == [("changed_meanwhile", "")]
    submission = world.endorse(HAISHU, 3)
    with pytest.raises(Refused):
        review.approve(submission, **how(world, LEAD, Role.REVIEWER, version=submission.version - 1))
    review.approve(submission, **how(world, LEAD, Role.REVIEWER, version=submission.version))
    assert world.submission(HAISHU, 3).state == "approved"


# ---- in bulk


def test_only_what_no_check_speaks_up_about_is_approved_in_bulk(world: World) -> None:
    world.report(HAISHU, BEDS, 3, 5)
    world.report(JIANGBEI, BEDS, 2, 5)
    world.report(JIANGBEI, BEDS, 3, 50)
    for unit in (HAISHU, JIANGBEI):
        world.endorse(unit, 3)
    rows = Submission.objects.with_parts().filter(programme__code="eldercare", period__quarter=3)
    results = review.approve_without_cautions(rows.filter(state="endorsed"), **how(world, LEAD, Role.REVIEWER))
    assert {row.organisation.code: problem and problem.code for row, problem in results} == {
        HAISHU: None, JIANGBEI: "has_warnings",
    }  # fmt: skip
    assert world.submission(HAISHU, 3).state == "approved"
    assert world.submission(JIANGBEI, 3).state == "endorsed"


def test_in_bulk_everyone_else_is_refused_one_by_one(world: World) -> None:
    world.report(HAISHU, BEDS, 3, 5)
    endorsed = world.endorse(HAISHU, 3)
    for unit, role in ((OTHER_LEAD, Role.REVIEWER), (HAISHU, Role.ENDORSER), (CITY, Role.PLAN_MANAGER)):
        results = review.approve_without_cautions([endorsed], **how(world, unit, role))
        assert [problem.code for _row, problem in results] == ["forbidden"]
    draft = world.submission(JIANGBEI, 3)
    world.report(JIANGBEI, BEDS, 3, 5)
    draft.refresh_from_db()
    results = review.approve_without_cautions([draft], **how(world, LEAD, Role.REVIEWER))
    assert [problem.code for _row, problem in results] == ["wrong_state"]
    assert not Transition.objects.filter(action="approve").exists()


def test_the_checks_of_many_cost_the_queries_of_one(world: World) -> None:
    for unit in UNITS:
        world.report(unit, BEDS, 2, 5)
        world.report(unit, BEDS, 3, 500)
        world.endorse(unit, 3)
    world.account(LEAD, Role.REVIEWER)
    rows = Submission.objects.with_parts().filter(state="endorsed")
    counts = set()
    for chosen in (rows.filter(organisation__code=HAISHU), rows):
        with CaptureQueriesContext(connection) as queries:
            results = review.approve_without_cautions(chosen, **how(world, LEAD, Role.REVIEWER))
        assert {problem.code for _row, problem in results} == {"has_warnings"}
        counts.add(len(queries))
    assert len(counts) == 1


# ---- what a person may do


def test_possible_steps_follow_person_and_state(world: World) -> None:
    def steps(unit: str, role: Role) -> list[str]:
        return [str(step) for step in review.possible_steps(world.submission(HAISHU, 3), world.account(unit, role))]

    world.report(HAISHU, BEDS, 3, 5)
    everyone = [
        (HAISHU, Role.REPORTER), (HAISHU, Role.ENDORSER), (LEAD, Role.REVIEWER),
        (JIANGBEI, Role.REPORTER), (OTHER_LEAD, Role.REVIEWER), (CITY, Role.LEADER), (CITY, Role.AUDITOR),
    ]  # fmt: skip
    seen = {}
    for state, move in (("draft", None), ("submitted", world.submit)):
        if move:
            move(HAISHU, 3)
        seen[state] = [steps(*person) for person in everyone]
    nobody: list[list[str]] = [[]] * 4
    assert seen["draft"] == [["submit"], [], [], *nobody]
    assert seen["submitted"] == [[], ["endorse", "return"], [], *nobody]
    with pytest.raises(PermissionDenied):
        review.endorse(world.submission(HAISHU, 3), **how(world, HAISHU, Role.REPORTER))
