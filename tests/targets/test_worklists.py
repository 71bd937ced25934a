"""What each role finds on its work list: which rows, in which order, with which words; and the counts beside them."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.utils import translation

from organisations.choices import Role
from organisations.models import Account
from targets.choices import Action, Origin, PeriodState
from targets.domain import review
from targets.domain.entries import NoteEntry
from targets.domain.periods import extend_due_day, set_period_state
from targets.models import Remark, Submission, Target
from targets.worklists import Counts, ReportingList, approving_list, count_work, endorsing_list, reporting_list
from tests.world import BEDS, CITY, COVERAGE, HAISHU, JIANGBEI, LEAD, NOW, OTHER_LEAD, TODAY, XIANGSHAN, World


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


def reporting(world: World, unit: str = HAISHU, today: date = TODAY) -> ReportingList:
    return reporting_list(world.account(unit, Role.REPORTER), world.periods[3], today)


def send_back(world: World, submission: Submission, at: datetime = NOW, reason: str = "口径不符") -> None:
    reviewer = world.account(submission.programme.lead.code, Role.REVIEWER)
    submission.refresh_from_db()
    review.return_submission(submission, actor=reviewer, at=at, origin=Origin.FORM, reason=reason)


def named(rows: Any) -> list[tuple[str, str]]:
    return [(row.programme, row.period) for row in rows]


# ---- the reporter


def test_a_reporter_sees_the_own_units_reports_and_no_others(world: World) -> None:
    world.report(JIANGBEI, BEDS, 3, 5)
    own = reporting(world)
    everything = [row.pk for name in asdict(own) for row in getattr(own, name)]
    rows = Submission.objects.filter(organisation__code=HAISHU)
    assert sorted(everything) == sorted(rows.values_list("pk", flat=True))
    assert named(reporting(world, LEAD).tasks) == [
        ("养老服务", "Q1 of 2020"), ("养老服务", "Q2 of 2020"), ("养老服务", "Q3 of 2020"),
    ]  # fmt: skip


def test_a_department_above_sees_nothing_of_the_units_below(world: World) -> None:
    assert reporting(world, CITY) == ReportingList((), (), (), (), ())


def test_what_came_back_stands_first_and_then_the_latest(world: World) -> None:
    world.report(HAISHU, COVERAGE, 3, 1, 2)
    send_back(world, world.endorse(HAISHU, 3, "children"))
    assert named(reporting(world).tasks) == [
        ("儿童福利", "Q3 of 2020"),
        ("儿童福利", "Q1 of 2020"), ("养老服务", "Q1 of 2020"),
        ("儿童福利", "Q2 of 2020"), ("养老服务", "Q2 of 2020"),
        ("养老服务", "Q3 of 2020"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("today", "due", "is_late", "badge"),
    [
        (date(2020, 10, 7), "due on 10/10, 3 days left", False, "◌ Being filled in"),
        (date(2020, 10, 9), "due on 10/10, 1 day left", False, "◌ Being filled in"),
        (date(2020, 10, 10), "due today", False, "◌ Being filled in"),
        (date(2020, 10, 11), "1 day late", True, "– Not reported"),
        (date(2020, 10, 12), "2 days late", True, "– Not reported"),
    ],
)
def test_how_long_there_is_or_how_late_it_is(world: World, today: date, due: str, is_late: bool, badge: str) -> None:
    task = reporting(world, today=today).tasks[-1]
    assert (task.due, task.is_late, f"{task.badge.sign} {task.badge.word}") == (due, is_late, badge)
    assert task.extension == ""


def test_an_extension_moves_the_day_and_is_named(world: World) -> None:
    extend_due_day(
        world.periods[3], world.units[HAISHU], date(2020, 10, 20), actor=world.account(CITY, Role.PLAN_MANAGER),
        at=NOW, reason="台风",
    )  # fmt: skip
    task = reporting(world).tasks[-1]
    assert (task.due, task.is_late, task.extension) == ("due on 10/20, 8 days left", False, "extended to 10/20")
    assert reporting(world, JIANGBEI).tasks[-1].due == "2 days late"


def test_how_much_is_filled_in(world: World) -> None:
    def filled() -> list[tuple[int, int]]:
        return [(row.filled, row.assigned) for row in reporting(world).tasks if row.period == "Q3 of 2020"]

    assert filled() == [(0, 1), (0, 2)]
    world.record(NoteEntry(HAISHU, "0902", "2020Q3", progress="a note on a number fills nothing"))
    assert filled() == [(0, 1), (0, 2)]
    world.report(HAISHU, BEDS, 3, 0)
    world.record(world.entry(HAISHU, COVERAGE, 3, not_applicable=True, note="没有村"))
    assert filled() == [(1, 1), (1, 2)]
    world.record(NoteEntry(HAISHU, "0905", "2020Q3", stage="done"))
    assert filled() == [(1, 1), (2, 2)]
    world.report(HAISHU, BEDS, 2, 7)
    Target.objects.filter(commitment__code="0905", organisation__code=HAISHU).update(reports=False)
    assert filled() == [(1, 1), (1, 1)]


def test_why_it_came_back(world: World) -> None:
    world.report(HAISHU, BEDS, 3, 5)
    submission = world.endorse(HAISHU, 3)
    send_back(world, submission, NOW + timedelta(hours=2), "请扣除护理院床位")
    step = submission.transitions.get(action=Action.RETURN)
    Remark.objects.create(transition=step, commitment=world.commitments["0902"], text="多报 2 张")
    task = reporting(world).tasks[0]
    assert (task.returned, task.reason, task.remarks) == (
        f"Returned by reviewer@{LEAD}, 10/8 12:30", "请扣除护理院床位", "1 remark",
    )  # fmt: skip
    assert (task.badge.word, task.due, task.holder) == ("Returned", "due on 10/10", "")


@pytest.mark.parametrize("today", [date(2020, 10, 9), date(2020, 10, 10), date(2020, 11, 3)])
def test_what_came_back_has_its_day_before_and_after_it(world: World, today: date) -> None:
    """It was in time once, so that nothing counts as late; until when it is owed is told all the same."""
    world.report(HAISHU, BEDS, 3, 5)
    submission = world.endorse(HAISHU, 3)
    send_back(world, submission)
    (task,) = [each for each in reporting(world, today=today).tasks if each.pk == submission.pk]
    assert (task.due, task.is_late) == ("due on 10/10", False)
    world.endorse(HAISHU, 3)
    assert [each.due for each in reporting(world, today=today).waiting] == [""]


def test_what_was_reopened_says_so(world: World) -> None:
    world.report(HAISHU, BEDS, 3, 5)
    submission, reviewer = world.approve(HAISHU, 3), world.account(LEAD, Role.REVIEWER)
    review.reopen(submission, actor=reviewer, at=NOW, origin=Origin.FORM, reason="更正")
    task = reporting(world).tasks[0]
    assert (task.returned, task.reason) == (f"Reopened by reviewer@{LEAD}, 10/8 10:30", "更正")


def test_what_is_away_tells_who_has_it_since_when(world: World) -> None:
    world.report(HAISHU, BEDS, 3, 5)
    world.submit(HAISHU, 3)
    world.report(HAISHU, COVERAGE, 3, 1, 2)
    world.endorse(HAISHU, 3, "children")
    world.record(NoteEntry(LEAD, "0905", "2020Q3", stage="done"))
    world.submit(LEAD, 3)
    assert [(row.programme, row.holder) for row in reporting(world).waiting] == [
        ("儿童福利", "With the reviewer in 儿童福利处 since 10/8 10:30"),
        ("养老服务", "With the unit's endorser since 10/8 10:30"),
    ]
    assert [row.holder for row in reporting(world, LEAD).waiting] == [
        "With the reviewer in 养老服务处 since 10/8 10:30"
    ]


def test_what_is_not_due_closed_or_approved_stands_apart(world: World) -> None:
    for quarter in (2, 3):
        world.report(HAISHU, BEDS, quarter, 5)
        world.approve(HAISHU, quarter)
    set_period_state(world.periods[1], PeriodState.CLOSED, actor=None)
    lists = reporting(world)
    assert named(lists.later) == [("儿童福利", "Q4 of 2020"), ("养老服务", "Q4 of 2020")]
    assert named(lists.closed) == [("儿童福利", "Q1 of 2020"), ("养老服务", "Q1 of 2020")]
    assert named(lists.approved) == [("养老服务", "Q3 of 2020")]
    assert named(lists.tasks) == [("儿童福利", "Q2 of 2020"), ("儿童福利", "Q3 of 2020")]


def test_an_extension_brings_a_closed_period_back_until_it_runs_out(world: World) -> None:
    set_period_state(world.periods[3], PeriodState.CLOSED, actor=None)
    extend_due_day(
        world.periods[3], world.units[HAISHU], TODAY, actor=world.account(LEAD, Role.REVIEWER), at=NOW, reason="台风"
    )
    assert ("养老服务", "Q3 of 2020") in named(reporting(world).tasks)
    assert ("养老服务", "Q3 of 2020") in named(reporting(world, today=TODAY + timedelta(days=1)).closed)
    assert ("养老服务", "Q3 of 2020") in named(reporting(world, JIANGBEI).closed)


# ---- the endorser and the reviewer


def test_an_endorser_sees_what_the_own_unit_submitted_longest_waiting_first(world: World) -> None:
    for unit in (HAISHU, JIANGBEI):
        world.report(unit, COVERAGE, 3, 1, 2)
        world.report(unit, BEDS, 3, 5)
    world.report(HAISHU, BEDS, 2, 5)
    reporter = world.account(HAISHU, Role.REPORTER)
    for quarter, programme, days in ((3, "children", 0), (3, "eldercare", 2), (2, "eldercare", 1)):
        submission = world.submission(HAISHU, quarter, programme)
        review.submit(submission, actor=reporter, at=NOW - timedelta(days=days), origin=Origin.FORM)
    world.submit(JIANGBEI, 3)
    rows = endorsing_list(world.account(HAISHU, Role.ENDORSER), TODAY)
    assert [(row.programme, row.period, row.sent, row.waiting, row.round) for row in rows] == [
        ("养老服务", "Q3 of 2020", "10/6 10:30", "waiting for 6 days", 1),
        ("养老服务", "Q2 of 2020", "10/7 10:30", "waiting for 5 days", 1),
        ("儿童福利", "Q3 of 2020", "10/8 10:30", "waiting for 4 days", 1),
    ]
    assert {(row.unit, row.sender) for row in rows} == {("海曙区民政局", f"reporter@{HAISHU}")}
    assert [row.is_own for row in rows] == [False, False, False]


def test_who_submitted_it_is_told_that_a_colleague_has_to_check(world: World) -> None:
    account = world.account(HAISHU, Role.REPORTER)
    Account.objects.filter(pk=account.pk).update(endorser=True)
    world.report(HAISHU, BEDS, 3, 5)
    world.submit(HAISHU, 3)
    account.refresh_from_db()
    assert [row.is_own for row in endorsing_list(account, NOW.date())] == [True]
    assert [row.waiting for row in endorsing_list(account, NOW.date())] == ["since today"]


def test_a_reviewer_sees_what_waits_in_the_own_programmes(world: World) -> None:
    for unit in (HAISHU, JIANGBEI, XIANGSHAN):
        world.report(unit, BEDS, 3, 5)
        world.report(unit, COVERAGE, 3, 1, 2)
        world.endorse(unit, 3, "children")
    world.submit(XIANGSHAN, 3)
    send_back(world, world.endorse(HAISHU, 3))
    world.endorse(HAISHU, 3)
    world.endorse(JIANGBEI, 3)
    world.record(NoteEntry(LEAD, "0905", "2020Q3", stage="done"))
    world.submit(LEAD, 3)
    rows = approving_list(world.account(LEAD, Role.REVIEWER), TODAY)
    assert {(row.unit, row.programme, row.sender, row.round) for row in rows} == {
        ("海曙区民政局", "养老服务", f"endorser@{HAISHU}", 2),
        ("江北区民政局", "养老服务", f"endorser@{JIANGBEI}", 1),
        ("养老服务处", "养老服务", f"reporter@{LEAD}", 1),
    }
    assert len(approving_list(world.account(OTHER_LEAD, Role.REVIEWER), TODAY)) == 3


def test_a_departments_own_waits_for_no_endorser(world: World) -> None:
    world.record(NoteEntry(LEAD, "0905", "2020Q3", stage="done"))
    world.submit(LEAD, 3)
    assert endorsing_list(world.account(LEAD, Role.ENDORSER), TODAY) == ()


# ---- counts and queries


def test_the_counts_are_those_of_the_lists_in_one_query(world: World, django_assert_num_queries: Any) -> None:
    world.report(HAISHU, BEDS, 3, 5)
    world.submit(HAISHU, 3)
    world.report(HAISHU, COVERAGE, 3, 1, 2)
    world.endorse(HAISHU, 3, "children")
    set_period_state(world.periods[1], PeriodState.CLOSED, actor=None)
    both = world.account(HAISHU, Role.REPORTER)
    both.endorser = True
    with django_assert_num_queries(1):
        counts = count_work(both, TODAY)
    lists = reporting(world)
    assert counts == Counts(reporting=len(lists.tasks), endorsing=1, approving=0)
    assert counts.reporting == 2
    assert count_work(world.account(OTHER_LEAD, Role.REVIEWER), TODAY) == Counts(approving=1)
    assert count_work(world.account(LEAD, Role.REVIEWER), TODAY) == Counts()
    leader = world.account(CITY, Role.LEADER)
    with django_assert_num_queries(0):
        assert count_work(leader, TODAY) == Counts()


def test_the_lists_take_two_queries_each_whatever_their_length(world: World, django_assert_num_queries: Any) -> None:
    reporter, endorser = world.account(HAISHU, Role.REPORTER), world.account(HAISHU, Role.ENDORSER)
    reviewer = world.account(LEAD, Role.REVIEWER)

    def measure() -> tuple[int, int]:
        with django_assert_num_queries(6):
            reporting_list(reporter, world.periods[3], TODAY)
            waiting = endorsing_list(endorser, TODAY)
            return len(waiting), len(approving_list(reviewer, TODAY))

    world.report(HAISHU, BEDS, 1, 5)
    world.submit(HAISHU, 1)
    world.report(JIANGBEI, BEDS, 1, 5)
    world.endorse(JIANGBEI, 1)
    assert measure() == (1, 1)
    for quarter in (2, 3):
        world.report(HAISHU, BEDS, quarter, 5)
        world.submit(HAISHU, quarter)
        world.report(JIANGBEI, BEDS, quarter, 5)
        world.endorse(JIANGBEI, quarter)
    assert measure() == (3, 3)
