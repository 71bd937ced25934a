"""Five failed logins lock a user name, whether it exists or not; time or the system administrator unlocks it."""

import re
from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from organisations.choices import Role
from organisations.locks import locked_until, refusal_text
from organisations.models import Account
from tests.organisations.conftest import PASSWORD, give_password
from tests.world import CITY, HAISHU, JIANGBEI, World

NAME = f"reporter-{HAISHU}"
LIST = "admin:organisations_account_changelist"


def enter(username: str, password: str, **more: str) -> HttpResponse:
    """A try to log in from a fresh browser of the same office."""
    client = Client(headers={"Accept-Language": "en", **more})
    return client.post("/login/", {"username": username, "password": password})


def refusals(answer: HttpResponse) -> list[str]:
    return re.findall(r'<p class="error" role="alert">(.*?)</p>', answer.content.decode())


def let_pass(time: timedelta) -> None:
    """As if the failed logins had been made so much earlier."""
    for attempt in AccessAttempt.objects.all():
        AccessAttempt.objects.filter(pk=attempt.pk).update(attempt_time=attempt.attempt_time - time)


@pytest.fixture
def clerk(world: World) -> Account:
    return give_password(world.account(HAISHU, Role.REPORTER))


@pytest.mark.parametrize("name", [NAME, "nobody"])
def test_the_fifth_failure_locks_and_each_answer_says_how_far_it_is(clerk: Account, name: str) -> None:
    answers = [enter(name, "wrong") for _try in range(6)]
    wrong = "User name and password do not match, or the account may not log in. "
    locked = (
        "This user name is locked after 5 failed logins. Try again in 30 minutes, or have the system administrator"
        " unlock it at once."
    )
    assert [answer.status_code for answer in answers] == [200, 200, 200, 200, 429, 429]
    assert [refusals(answer) for answer in answers] == [
        [f"{wrong}After 4 more failed logins this user name is locked."],
        [f"{wrong}After 3 more failed logins this user name is locked."],
        [f"{wrong}After 2 more failed logins this user name is locked."],
        [f"{wrong}After 1 more failed login this user name is locked."],
        [locked],
        [locked],
    ]


def test_a_locked_name_does_not_open_with_the_right_password(clerk: Account) -> None:
    for _try in range(5):
        enter(NAME, "wrong")
    assert enter(NAME, PASSWORD).status_code == 429
    clerk.refresh_from_db()
    assert clerk.last_login is None


def test_failures_from_any_browser_count_for_the_name_and_not_for_the_office(world: World, clerk: Account) -> None:
    other = give_password(world.account(JIANGBEI, Role.REPORTER))
    for number in range(5):
        enter(NAME, "wrong", **{"User-Agent": f"browser {number}"})
    assert enter(NAME, PASSWORD).status_code == 429
    assert enter(other.username, PASSWORD).status_code == 302


def test_a_login_forgets_the_failures_before_it(clerk: Account) -> None:
    for _round in range(2):
        for _try in range(4):
            assert enter(NAME, "wrong").status_code == 200
        assert enter(NAME, PASSWORD).status_code == 302


def test_time_unlocks_and_tries_while_locked_do_not_prolong_it(clerk: Account, settings) -> None:
    settings.AXES_COOLOFF_TIME = timedelta(minutes=10)
    for _try in range(5):
        enter(NAME, "wrong")
    let_pass(timedelta(minutes=6))
    assert "Try again in 4 minutes" in refusals(enter(NAME, "wrong"))[0]
    let_pass(timedelta(minutes=4, seconds=1))
    assert enter(NAME, PASSWORD).status_code == 302


def test_the_lock_ends_when_enough_failures_are_old(db: None) -> None:
    now = timezone.now()
    for browser, minutes, failures in (("a", 29, 1), ("b", 20, 3), ("c", 5, 2)):
        attempt = AccessAttempt.objects.create(username="x", user_agent=browser, failures_since_start=failures)
        AccessAttempt.objects.filter(pk=attempt.pk).update(attempt_time=now - timedelta(minutes=minutes))
    assert locked_until("x", now) == now + timedelta(minutes=10)
    assert locked_until("x", now + timedelta(minutes=10)) is None
    assert locked_until("y", now) is None
    assert "Try again in 1 minute," in refusal_text("x", 5, now + timedelta(minutes=9, seconds=1))


@pytest.mark.parametrize("name", ["n" * 61, "n" * 300])
def test_a_name_that_no_account_can_have_is_refused_and_not_counted(clerk: Account, name: str) -> None:
    answer = enter(name, "wrong")
    assert refusals(answer) == ["User name and password do not match, or the account may not log in."]
    assert AccessAttempt.objects.count() == 0


def test_the_attempts_hold_no_password(clerk: Account) -> None:
    enter(NAME, "the-secret-I-mistyped")
    kept = str(AccessAttempt.objects.values().get())
    assert "the-secret-I-mistyped" not in kept


def test_the_administrator_sees_who_is_locked_and_unlocks(world: World, clerk: Account, as_account) -> None:
    for _try in range(5):
        enter(NAME, "wrong")
    administrator = as_account(CITY, Role.SYSTEM_ADMINISTRATOR)
    found = administrator.get(reverse(LIST), {"locked": "1"}).context["cl"]
    assert [account.username for account in found.result_list] == [NAME]
    assert found.model_admin.locked(found.result_list[0]) == "locked"
    assert len(administrator.get(reverse(LIST)).context["cl"].result_list) == 2
    change = administrator.get(reverse("admin:organisations_account_change", args=[clerk.pk]))
    assert b'<div class="readonly">locked</div>' in change.content
    other = world.account(CITY, Role.SYSTEM_ADMINISTRATOR)
    data = {"action": "unlock", "_selected_action": [clerk.pk, other.pk]}
    answer = administrator.post(reverse(LIST), data, follow=True)
    assert sorted(str(message) for message in answer.context["messages"]) == [
        f"reporter@{HAISHU} ({NAME}) is unlocked and can log in at once.",
        f"system_administrator@{CITY} (system_administrator-{CITY}) was not locked.",
    ]
    assert enter(NAME, PASSWORD).status_code == 302


def test_the_others_stay_locked(world: World, clerk: Account, as_account) -> None:
    other = give_password(world.account(JIANGBEI, Role.REPORTER))
    for _try in range(5):
        enter(NAME, "wrong")
        enter(other.username, "wrong")
    data = {"action": "unlock", "_selected_action": [clerk.pk]}
    as_account(CITY, Role.SYSTEM_ADMINISTRATOR).post(reverse(LIST), data)
    assert (enter(NAME, PASSWORD).status_code, enter(other.username, PASSWORD).status_code) == (302, 429)


def test_old_failures_are_not_shown_as_a_lock(clerk: Account, as_account) -> None:
    for _try in range(5):
        enter(NAME, "wrong")
    let_pass(timedelta(minutes=31))
    found = as_account(CITY, Role.AUDITOR).get(reverse(LIST), {"locked": "1"}).context["cl"]
    assert list(found.result_list) == []


def test_unlocking_is_recorded(world: World, clerk: Account, as_account) -> None:
    for _try in range(5):
        enter(NAME, "wrong")
    data = {"action": "unlock", "_selected_action": [clerk.pk]}
    as_account(CITY, Role.SYSTEM_ADMINISTRATOR).post(reverse(LIST), data)
    row = clerk.history.latest()
    administrator = world.account(CITY, Role.SYSTEM_ADMINISTRATOR)
    assert (row.history_user, row.actor_name, row.way, row.history_change_reason) == (
        administrator, str(administrator), "admin", "Unlocked after failed logins",
    )  # fmt: skip


def test_an_auditor_sees_locks_and_cannot_unlock(world: World, clerk: Account, as_account) -> None:
    for _try in range(5):
        enter(NAME, "wrong")
    auditor = as_account(CITY, Role.AUDITOR)
    assert len(auditor.get(reverse(LIST), {"locked": "1"}).context["cl"].result_list) == 1
    auditor.post(reverse(LIST), {"action": "unlock", "_selected_action": [clerk.pk]})
    assert enter(NAME, PASSWORD).status_code == 429
    assert as_account(HAISHU, Role.ENDORSER).get(reverse(LIST)).status_code == 403
