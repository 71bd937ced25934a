"""A submission's way through review: states, roles, not the same person, reasons ("The submission's life")."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from organisations.choices import Role
from targets.choices import Origin, PeriodState, SubmissionState
from targets.domain import review
from targets.domain.entries import NoteEntry
from targets.domain.periods import extend_due_day, set_period_state
from targets.models import Submission, Transition
from targets.problems import Refused
from tests.world import BEDS, CITY, HAISHU, JIANGBEI, LEAD, NOW, OTHER_LEAD, World

REASON = {"reason": "口径不符"}
STEPS = {
    "submit": (review.submit, {}),
    "endorse": (review.endorse, {}),
    "approve": (review.approve, {}),
    "return": (review.return_submission, REASON),
    "reopen": (review.reopen, REASON),
}
ACTORS = {
    "reporter": (HAISHU, Role.REPORTER),
    "endorser": (HAISHU, Role.ENDORSER),
    "reviewer": (LEAD, Role.REVIEWER),
}


@pytest.fixture
def ready(world: World) -> World:
    world.report(HAISHU, BEDS, 3, 12)
    return world


def take(world: World, submission: Submission, step: str, unit: str, role: Role) -> Transition:
    function, more = STEPS[step]
    return function(submission, actor=world.account(unit, role), at=NOW, origin=Origin.FORM, **more)


def bring(world: World, state: str) -> Submission:
    way: dict[str, Callable[[str, int], Submission]] = {
        "draft": world.submission, "submitted": world.submit, "endorsed": world.endorse, "approved": world.approve,
    }  # fmt: skip
    return way[state](HAISHU, 3)


ALLOWED = {
    ("submit", "draft", "reporter"): "submitted",
    ("endorse", "submitted", "endorser"): "endorsed",
    ("approve", "endorsed", "reviewer"): "approved",
    ("return", "submitted", "endorser"): "draft",
    ("return", "endorsed", "reviewer"): "draft",
    ("reopen", "approved", "reviewer"): "draft",
}


THEIR_OWN = {
    "reporter": {"submit"},
    "endorser": {"endorse", "return"},
    "reviewer": {"approve", "return", "reopen"},
}


@pytest.mark.parametrize("state", SubmissionState.values)
@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("actor", ACTORS)
def test_every_step_from_every_state_by_everybody(ready: World, step: str, state: str, actor: str) -> None:
    submission = bring(ready, state)
    before = Transition.objects.count()
    if (step, state, actor) in ALLOWED:
        transition = take(ready, submission, step, *ACTORS[actor])
        assert submission.state == transition.to_state == ALLOWED[step, state, actor]
        assert transition.from_state == state
        return
    with pytest.raises((PermissionDenied, Refused)) as caught:
        take(ready, submission, step, *ACTORS[actor])
    if step in THEIR_OWN[actor]:
        assert [problem.code for problem in caught.value.problems] == ["wrong_state"]
    else:
        assert caught.type is PermissionDenied
    assert Submission.objects.get(pk=submission.pk).state == state
    assert Transition.objects.count() == before


@pytest.mark.parametrize(
    ("step", "state", "unit", "role"),
    [
        ("submit", "draft", JIANGBEI, Role.REPORTER),
        ("submit", "draft", CITY, Role.PLAN_MANAGER),
        ("endorse", "submitted", JIANGBEI, Role.ENDORSER),
        ("approve", "endorsed", OTHER_LEAD, Role.REVIEWER),
        ("approve", "endorsed", CITY, Role.LEADER),
        ("return", "submitted", JIANGBEI, Role.ENDORSER),
        ("return", "endorsed", OTHER_LEAD, Role.REVIEWER),
        ("endorse", "draft", HAISHU, Role.REPORTER),
        ("reopen", "approved", OTHER_LEAD, Role.REVIEWER),
    ],
)
def test_others_are_forbidden(ready: World, step: str, state: str, unit: str, role: Role) -> None:
    submission = bring(ready, state)
    with pytest.raises(PermissionDenied):
        take(ready, submission, step, unit, role)


@pytest.mark.parametrize(
    ("state", "actor", "sentence"),
    [
        ("draft", "endorser", "is “Being filled in”; the step “Return” is not possible from there."),
        ("endorsed", "endorser", "is with the city's department now; only its reviewer can return it."),
        ("submitted", "reviewer", "is with the unit's own check now; only its endorser can return it."),
        ("approved", "reviewer", "is “Approved”; the step “Return” is not possible from there."),
    ],
)
@pytest.mark.usefixtures("english")
def test_who_cannot_return_now_is_told_with_whom_it_is(ready: World, state: str, actor: str, sentence: str) -> None:
    submission = bring(ready, state)
    with pytest.raises(Refused) as caught:
        take(ready, submission, "return", *ACTORS[actor])
    assert str(caught.value) == f"“海曙区民政局 · 养老服务 · Q3 of 2020” {sentence}"


def test_who_submitted_cannot_endorse(ready: World) -> None:
    both = ready.account(HAISHU, Role.REPORTER)
    both.endorser = True
    both.save()
    submission = ready.submit(HAISHU, 3)
    with pytest.raises(PermissionDenied, match="."):
        review.endorse(submission, actor=both, at=NOW, origin=Origin.FORM)


def test_a_department_goes_straight_to_a_reviewer_who_did_not_submit(world: World) -> None:
    both = world.account(LEAD, Role.REPORTER)
    both.reviewer = True
    both.save()
    world.record(NoteEntry(LEAD, "0905", "2020Q3", stage="done"))
    submission = world.submit(LEAD, 3)
    with pytest.raises(PermissionDenied):
        review.approve(submission, actor=both, at=NOW, origin=Origin.FORM)
    take(world, submission, "approve", LEAD, Role.REVIEWER)
    assert submission.state == SubmissionState.APPROVED


@pytest.mark.parametrize("step", ["endorse", "return"])
def test_a_departments_own_has_no_endorser(world: World, step: str) -> None:
    world.record(NoteEntry(LEAD, "0905", "2020Q3", stage="done"))
    submission = world.submit(LEAD, 3)
    assert review.possible_steps(submission, world.account(LEAD, Role.ENDORSER)) == []
    with pytest.raises(PermissionDenied):
        take(world, submission, step, LEAD, Role.ENDORSER)
    assert world.submission(LEAD, 3).state == SubmissionState.SUBMITTED
    assert review.possible_steps(submission, world.account(LEAD, Role.REVIEWER)) == ["approve", "return"]


def test_a_departments_submission_can_be_returned_by_the_reviewer_at_once(world: World) -> None:
    world.record(NoteEntry(LEAD, "0905", "2020Q3", stage="done"))
    submission = world.submit(LEAD, 3)
    take(world, submission, "return", LEAD, Role.REVIEWER)
    assert submission.state == SubmissionState.DRAFT


@pytest.mark.parametrize(("step", "state"), [("return", "endorsed"), ("reopen", "approved")])
def test_sending_back_needs_a_reason(ready: World, step: str, state: str) -> None:
    submission = bring(ready, state)
    function = STEPS[step][0]
    with pytest.raises(Refused) as caught:
        function(submission, actor=ready.account(LEAD, Role.REVIEWER), at=NOW, origin=Origin.FORM, reason=" \n")
    assert [problem.code for problem in caught.value.problems] == ["reason_missing"]


def test_an_empty_submission_is_not_submitted(world: World) -> None:
    with pytest.raises(Refused) as caught:
        world.submit(HAISHU, 3)
    assert [problem.code for problem in caught.value.problems] == ["empty"]


def test_a_returned_submission_comes_again_as_round_two(ready: World) -> None:
    submission = ready.endorse(HAISHU, 3)
    first = submission.first_submitted_at
    take(ready, submission, "return", LEAD, Role.REVIEWER)
    assert submission.round == 1
    ready.report(HAISHU, BEDS, 3, 13)
    again = ready.submit(HAISHU, 3)
    assert (again.round, again.first_submitted_at) == (2, first)
    assert list(Transition.objects.order_by("pk").values_list("action", "round", "reason")) == [
        ("submit", 1, ""), ("endorse", 1, ""), ("return", 1, "口径不符"), ("submit", 2, ""),
    ]  # fmt: skip


def test_a_closed_period_refuses_submission_unless_extended(ready: World) -> None:
    manager = ready.account(CITY, Role.PLAN_MANAGER)
    set_period_state(ready.periods[3], PeriodState.CLOSED, actor=manager)
    with pytest.raises(Refused) as caught:
        ready.submit(HAISHU, 3)
    assert [problem.code for problem in caught.value.problems] == ["period_closed"]
    extend_due_day(ready.periods[3], ready.units[HAISHU], date(2020, 10, 20), actor=manager, at=NOW, reason="台风")
    assert ready.submit(HAISHU, 3).state == SubmissionState.SUBMITTED


def test_extending_needs_a_reason_and_a_role(world: World) -> None:
    period, unit, day = world.periods[3], world.units[HAISHU], date(2020, 10, 20)
    with pytest.raises(ValidationError):
        extend_due_day(period, unit, day, actor=world.account(CITY, Role.PLAN_MANAGER), at=NOW, reason=" ")
    with pytest.raises(PermissionDenied):
        extend_due_day(period, unit, day, actor=world.account(HAISHU, Role.REPORTER), at=NOW, reason="忙")
    with pytest.raises(PermissionDenied):
        set_period_state(period, PeriodState.CLOSED, actor=world.account(LEAD, Role.REVIEWER))


@pytest.mark.parametrize(
    ("submitted", "today", "late"),
    [
        (None, date(2020, 10, 10), 0),
        (None, date(2020, 10, 12), 2),
        (8, date(2020, 12, 1), 0),
        (14, date(2020, 12, 1), 4),
    ],
)
def test_days_late(ready: World, submitted: int | None, today: date, late: int) -> None:
    submission = ready.submission(HAISHU, 3)
    if submitted is not None:
        at = NOW + timedelta(days=submitted - NOW.day)
        review.submit(submission, actor=ready.account(HAISHU, Role.REPORTER), at=at, origin=Origin.FORM)
    assert submission.days_late(submission.period.due_on, today) == late


def test_every_step_moves_the_version_on(ready: World) -> None:
    before = ready.submission(HAISHU, 3).version
    assert ready.approve(HAISHU, 3).version == before + 3


def test_a_step_takes_a_fresh_look_at_the_state(ready: World) -> None:
    """Somebody endorsed in the meantime: the second click is refused, and there is one transition."""
    stale = ready.submit(HAISHU, 3)
    other = Submission.objects.get(pk=stale.pk)
    take(ready, other, "endorse", HAISHU, Role.ENDORSER)
    with pytest.raises(Refused):
        take(ready, stale, "endorse", HAISHU, Role.ENDORSER)
    assert Transition.objects.filter(action="endorse").count() == 1
