"""Opening and closing periods by domain, command, timer and admin; later days for single units."""

from collections.abc import Iterator
from datetime import date
from io import StringIO
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import translation

from organisations.choices import Role
from targets.choices import PeriodState
from targets.domain.periods import (
    create_periods,
    extend_due_day,
    may_extend,
    open_begun_periods,
    open_periods,
    set_period_state,
)
from targets.models import DueDayExtension, Period, Plan, Submission
from targets.models.periods import current_period
from targets.problems import Refused
from tests.world import CITY, HAISHU, JIANGBEI, LEAD, NOW, OTHER_LEAD, TODAY, World

OWED = 4 * 2 + 1  # four units in two programmes, and the department's own


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def today(settings: Any) -> date:
    settings.TODAY = TODAY
    return TODAY


@pytest.fixture
def next_year(world: World) -> World:
    """The plan counts for 2021, of which no quarter exists yet."""
    Submission.objects.all().delete()
    Plan.objects.filter(pk=world.plan.pk).update(year=2021)
    return world


def states(year: int) -> dict[int, str]:
    return dict(Period.objects.filter(year=year).values_list("quarter", "state"))


def drafts() -> dict[str, int]:
    periods = Period.objects.all()
    return {period.code: count for period in periods if (count := period.submissions.count())}


def run(*arguments: str) -> list[str]:
    out = StringIO()
    call_command("open_period", *arguments, stdout=out)
    return out.getvalue().splitlines()


def manager_of(world: World) -> Client:
    client = Client()
    client.force_login(world.account(CITY, Role.PLAN_MANAGER))
    return client


def act(client: Client, action: str, *periods: Period) -> Any:
    data = {"action": action, "_selected_action": [period.pk for period in periods]}
    return client.post(reverse("admin:targets_period_changelist"), data, follow=True)


# ---- the domain


def test_opening_makes_what_is_missing_and_again_changes_nothing(world: World) -> None:
    manager, period = world.account(CITY, Role.PLAN_MANAGER), world.periods[4]
    set_period_state(period, PeriodState.CLOSED, actor=manager)
    Submission.objects.filter(period=period, programme__code="children").delete()
    change = set_period_state(period, PeriodState.OPEN, actor=manager)
    assert (change.state_changed, change.due_day_changed, change.submissions) == (True, False, 4)
    again = set_period_state(period, PeriodState.OPEN, actor=manager)
    assert (again.state_changed, again.submissions, again.is_change) == (False, 0, False)
    assert period.history.count() == 3
    assert period.submissions.count() == OWED


def test_submissions_are_made_for_what_is_assigned_and_still_in_the_plan(world: World) -> None:
    Submission.objects.filter(period=world.periods[4]).delete()
    world.commitments["0704"].withdrawn = True
    world.commitments["0704"].save()
    set_period_state(world.periods[4], PeriodState.OPEN, actor=None)
    made = set(Submission.objects.filter(period=world.periods[4]).values_list("organisation__code", "programme__code"))
    assert made == {(unit, "eldercare") for unit in ("330203", "330205", "330225", "3302-DX", LEAD)}


def test_only_a_plan_manager_opens_and_closes(world: World) -> None:
    for unit, role in ((HAISHU, Role.REPORTER), (LEAD, Role.REVIEWER), (CITY, Role.LEADER)):
        with pytest.raises(PermissionDenied):
            set_period_state(world.periods[4], PeriodState.CLOSED, actor=world.account(unit, role))
    assert states(2020)[4] == "open"


def test_the_year_of_a_plan_gets_its_quarters_and_the_others_wait_for_their_day(next_year: World) -> None:
    changes = open_periods(["2021Q1"], today=TODAY, actor=None, due_on=date(2021, 4, 12))
    assert [(each.period.code, each.submissions) for each in changes] == [("2021Q1", OWED)]
    assert states(2021) == {1: "open", 2: "closed", 3: "closed", 4: "closed"}
    assert Period.objects.get(year=2021, quarter=1).due_on == date(2021, 4, 12)
    assert drafts() == {"2021Q1": OWED}


def test_a_refusal_names_every_period_and_changes_nothing(next_year: World) -> None:
    with pytest.raises(Refused) as caught:
        open_periods(["2021Q2", "2031Q1", "21Q1", "2021Q5"], today=TODAY, actor=None)
    assert [problem.code for problem in caught.value.problems] == ["no_plan", "unknown_period", "unknown_period"]
    assert (states(2021), drafts()) == ({}, {})


def test_a_due_day_before_the_opening_is_refused(world: World) -> None:
    with pytest.raises(Refused) as caught:
        open_periods(["2020Q4"], today=TODAY, actor=None, due_on=date(2020, 12, 1))
    assert str(caught.value) == "2020Q4: The due day must not lie before the opening day."
    assert Period.objects.get(pk=world.periods[4].pk).due_on == date(2021, 1, 10)


def test_the_timer_opens_what_has_come_and_never_what_somebody_closed(next_year: World) -> None:
    Period.objects.all().delete()
    create_periods(2021, date(2021, 2, 1))
    assert [each.is_change for each in open_begun_periods(date(2021, 3, 31), actor=None)] == []
    first = open_begun_periods(date(2021, 4, 1), actor=None)
    assert [(each.period.code, each.state_changed, each.submissions) for each in first] == [("2021Q1", True, OWED)]
    set_period_state(first[0].period, PeriodState.CLOSED, actor=next_year.account(CITY, Role.PLAN_MANAGER))
    later = open_begun_periods(date(2021, 7, 1), actor=None)
    assert [each.period.code for each in later] == ["2021Q2"]
    assert states(2021) == {1: "closed", 2: "open", 3: "closed", 4: "closed"}


def test_the_timer_leaves_a_closed_period_without_history_alone(world: World) -> None:
    first, due = date(2021, 4, 1), date(2021, 4, 10)
    closed = Period(year=2021, quarter=1, opens_on=first, due_on=due, state=PeriodState.CLOSED)
    Period.objects.bulk_create([closed])  # in bulk, no history is written
    assert "2021Q1" not in [each.period.code for each in open_begun_periods(first, actor=None)]
    Period.objects.get(year=2021).save()
    assert "2021Q1" in [each.period.code for each in open_begun_periods(first, actor=None)]


def test_the_timer_adds_the_drafts_that_an_open_period_lacks(world: World) -> None:
    Submission.objects.filter(period__quarter__in=(2, 4)).delete()
    changed = [each for each in open_begun_periods(TODAY, actor=None) if each.is_change]
    assert [(each.period.code, each.submissions) for each in changed] == [("2020Q2", OWED)]


@pytest.mark.parametrize(
    ("day", "quarter"), [(date(2020, 1, 1), 1), (date(2020, 9, 30), 2), (date(2020, 10, 1), 3), (date(2022, 1, 1), 4)]
)
def test_the_current_period_is_the_latest_whose_opening_day_has_come(world: World, day: date, quarter: int) -> None:
    assert current_period(Period.objects.all(), day) == world.periods[quarter]


def test_without_periods_none_is_current() -> None:
    assert current_period([], TODAY) is None


# ---- the command


def test_the_command_says_what_it_did(world: World, today: date) -> None:
    set_period_state(world.periods[4], PeriodState.CLOSED, actor=None)
    Submission.objects.filter(period=world.periods[4]).delete()
    assert run("2020Q4", "--due", "2021-01-12") == [
        "Q4 of 2020 is open, due on 2021-01-12. 9 submissions are new.",
    ]
    assert run("2020Q4", "2020Q4", "2020Q3") == [
        "Q4 of 2020: Open already, nothing has changed.",
        "Q3 of 2020: Open already, nothing has changed.",
    ]


def test_without_a_code_the_command_opens_what_has_come(world: World, today: date) -> None:
    Submission.objects.filter(period=world.periods[3]).delete()
    assert run() == ["Q3 of 2020 is open, due on 2020-10-10. 9 submissions are new."]
    assert run() == ["No period is waiting to be opened."]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["2031Q1"], "There is no plan for 2031, so 2031Q1 cannot be opened."),
        (["Q4"], "There is no period Q4; write it like 2020Q3."),
        (["2020Q4", "--due", "12 January"], "“12 January” is no day; write it like 2021-01-12."),
        (["--due", "2021-01-12"], "--due sets the due day of one period: name exactly one."),
        (["2020Q3", "2020Q4", "--due", "2021-01-12"], "--due sets the due day of one period: name exactly one."),
    ],
)
def test_the_command_refuses_nonsense_with_a_sentence(
    world: World, today: date, arguments: list[str], sentence: str
) -> None:
    with pytest.raises(CommandError) as caught:
        run(*arguments)
    assert str(caught.value) == sentence


# ---- the admin


def test_the_admin_tells_how_many_submissions_appeared_and_how_to_undo_closing(world: World) -> None:
    client, period = manager_of(world), world.periods[4]
    closed = act(client, "close_periods", period)
    assert [str(message) for message in closed.context["messages"]] == [
        "Q4 of 2020 is closed: units can no longer fill in or submit. Opening it again undoes this."
    ]
    Submission.objects.filter(period=period).delete()
    opened = act(client, "open_periods", period)
    assert [str(message) for message in opened.context["messages"]] == [
        "Q4 of 2020 is open, due on 2021-01-10. 9 submissions are new."
    ]
    assert [row.history_user.username for row in period.history.all()[:2]] == [f"plan_manager-{CITY}"] * 2


def test_a_new_due_day_is_not_told_to_be_no_change(world: World) -> None:
    days = {"opens_on": "2020-10-01", "due_on": "2020-10-12"}
    url = reverse("admin:targets_period_change", args=[world.periods[3].pk])
    answer = manager_of(world).post(url, days, follow=True)
    assert [message.level_tag for message in answer.context["messages"]] == ["success"]
    assert Period.objects.get(pk=world.periods[3].pk).due_on == date(2020, 10, 12)


def test_who_does_not_manage_the_plan_has_no_such_actions(world: World) -> None:
    client = Client()
    client.force_login(world.account(HAISHU, Role.REPORTER))
    act(client, "close_periods", world.periods[4])
    assert states(2020)[4] == "open"
    assert client.get(reverse("admin:targets_period_add")).status_code == 403


# ---- a later day for one unit


def extend(world: World, unit: str, day: date, unit_of_actor: str, role: Role) -> DueDayExtension:
    actor = world.account(unit_of_actor, role)
    return extend_due_day(world.periods[3], world.units[unit], day, actor=actor, at=NOW, reason="台风")


def test_a_reviewer_extends_for_units_of_own_programmes_only(world: World) -> None:
    world.commitments["0704"].targets.filter(organisation__code=JIANGBEI).delete()
    reviewer, period = world.account(OTHER_LEAD, Role.REVIEWER), world.periods[3]
    assert may_extend(reviewer, period, world.units[HAISHU])
    assert not may_extend(reviewer, period, world.units[JIANGBEI])
    assert extend(world, HAISHU, date(2020, 10, 20), OTHER_LEAD, Role.REVIEWER).due_on == date(2020, 10, 20)
    with pytest.raises(PermissionDenied):
        extend(world, JIANGBEI, date(2020, 10, 20), OTHER_LEAD, Role.REVIEWER)
    with pytest.raises(PermissionDenied):
        extend(world, HAISHU, date(2020, 10, 20), HAISHU, Role.ENDORSER)
    assert DueDayExtension.objects.count() == 1


def test_the_history_names_who_opened_closed_and_extended_without_a_request(world: World) -> None:
    manager, period = world.account(CITY, Role.PLAN_MANAGER), world.periods[3]
    set_period_state(period, PeriodState.CLOSED, actor=manager)
    open_periods(["2020Q3"], today=TODAY, actor=manager)
    set_period_state(period, PeriodState.CLOSED, actor=None)
    history = Period.history.filter(id=period.pk).order_by("history_id")
    assert list(history.values_list("state", "history_user"))[1:] == [
        ("closed", manager.pk), ("open", manager.pk), ("closed", None),
    ]  # fmt: skip
    row = extend(world, HAISHU, date(2020, 10, 20), LEAD, Role.REVIEWER)
    assert row.history.get().history_user == world.account(LEAD, Role.REVIEWER)


def test_a_second_extension_moves_the_first(world: World) -> None:
    extend(world, HAISHU, date(2020, 10, 20), CITY, Role.PLAN_MANAGER)
    extend(world, HAISHU, date(2020, 10, 22), LEAD, Role.REVIEWER)
    row = DueDayExtension.objects.get()
    assert (row.due_on, row.granted_by.organisation.code, row.history.count()) == (date(2020, 10, 22), LEAD, 2)


@pytest.mark.parametrize(
    ("unit", "day", "sentence"),
    [
        (HAISHU, date(2020, 10, 10), "An extension must be later than the due day 2020-10-10."),
        (CITY, date(2020, 10, 20), "宁波市民政局 has nothing to report for Q3 of 2020."),
    ],
)
def test_an_extension_without_use_is_refused_by_domain_and_form(
    world: World, unit: str, day: date, sentence: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        extend(world, unit, day, CITY, Role.PLAN_MANAGER)
    assert caught.value.messages == [sentence]
    data = {"period": world.periods[3].pk, "organisation": world.units[unit].pk, "due_on": str(day), "reason": "x"}
    answer = manager_of(world).post(reverse("admin:targets_duedayextension_add"), data)
    assert [str(error) for errors in answer.context["errors"] for error in errors] == [sentence]
    assert not DueDayExtension.objects.exists()


def test_the_form_tells_a_reviewer_of_another_programme(world: World) -> None:
    world.commitments["0704"].targets.filter(organisation__code=JIANGBEI).delete()
    client = Client()
    client.force_login(world.account(OTHER_LEAD, Role.REVIEWER))
    data = {
        "period": world.periods[3].pk, "organisation": world.units[JIANGBEI].pk, "due_on": "2020-10-20", "reason": "x",
    }  # fmt: skip
    answer = client.post(reverse("admin:targets_duedayextension_add"), data)
    assert [str(error) for errors in answer.context["errors"] for error in errors] == [
        "Only the city extends due days, a department those of its own programmes."
    ]
    row = extend(world, JIANGBEI, date(2020, 10, 20), CITY, Role.PLAN_MANAGER)
    for name in ("change", "delete"):
        url = reverse(f"admin:targets_duedayextension_{name}", args=[row.pk])
        assert client.post(url, {"due_on": "2020-10-25", "reason": "x", "post": "yes"}).status_code == 403
    row.refresh_from_db()
    assert row.due_on == date(2020, 10, 20)


def test_a_reporter_extends_nothing(world: World) -> None:
    client = Client()
    client.force_login(world.account(HAISHU, Role.REPORTER))
    assert client.get(reverse("admin:targets_duedayextension_add")).status_code == 403


def test_the_form_of_an_extension_tells_the_day_that_the_unit_has_now(world: World) -> None:
    client, period, unit = manager_of(world), world.periods[3].pk, world.units[HAISHU].pk
    url = reverse("admin:targets_duedayextension_add")

    def told(address: str) -> str:
        return str(client.get(address).context["adminform"].form.fields["due_on"].help_text)

    filled = f"{url}?period={period}&organisation={unit}"
    with translation.override("en"):
        assert told(filled) == "The unit's due day now: 10/10."
        manager = world.account(CITY, Role.PLAN_MANAGER)
        row = extend_due_day(world.periods[3], world.units[HAISHU], TODAY, actor=manager, at=NOW, reason="台风")
        assert told(filled) == "The unit's due day now: 10/12."
        assert told(reverse("admin:targets_duedayextension_change", args=[row.pk])) == "The unit's due day now: 10/12."
        assert [told(each) for each in (url, f"{url}?period=x&organisation=²", f"{url}?period={'9' * 30}")] == [""] * 3
