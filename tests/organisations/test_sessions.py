"""Whoever has been idle too long is logged out by the server, whatever the browser does."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from organisations.choices import Role
from organisations.sessions import SEEN
from tests.organisations.conftest import PASSWORD, give_password
from tests.world import CITY, HAISHU, World

MINUTE = 60.0


def idle_for(client: Client, seconds: float) -> None:
    """As if the account had last done something so long ago."""
    session = client.session
    session[SEEN] = timezone.now().timestamp() - seconds
    session.save()


def last_seen(client: Client) -> float:
    return timezone.now().timestamp() - client.session[SEEN]


@pytest.fixture
def clerk(as_account: Callable[..., Client]) -> Client:
    client = as_account(HAISHU, Role.REPORTER)
    client.get("/admin/")
    return client


@pytest.mark.parametrize(("minutes", "kept"), [(29, True), (30.5, True), (31.5, False), (600, False)])
def test_a_session_ends_after_the_idle_time(clerk: Client, minutes: float, kept: bool) -> None:
    """The minute between two notes of activity is given: a click in the last second still counts."""
    idle_for(clerk, minutes * MINUTE)
    assert clerk.get("/admin/").status_code == (200 if kept else 302)
    assert ("_auth_user_id" in clerk.session) == kept
    assert (SEEN in clerk.session) == kept


def test_the_idle_time_is_a_setting(clerk: Client, settings) -> None:
    settings.IDLE_MINUTES = 5
    idle_for(clerk, 6 * MINUTE)
    assert clerk.get("/admin/").status_code == 302


def test_the_login_page_says_why_and_leads_back(clerk: Client) -> None:
    idle_for(clerk, 40 * MINUTE)
    answer = clerk.get("/admin/upload/?a=1&b=2", follow=True)
    assert answer.redirect_chain == [("/login/?why=idle&next=%2Fadmin%2Fupload%2F%3Fa%3D1%26b%3D2", 302)]
    assert b"logged out after 30 minutes without activity" in answer.content
    assert b'name="next" value="/admin/upload/?a=1&amp;b=2"' in answer.content


def test_the_login_page_says_so_to_nobody_who_is_logged_in(clerk: Client) -> None:
    assert b"without activity" not in clerk.get("/login/?why=idle").content
    assert b"without activity" not in Client().get("/login/").content


@pytest.mark.parametrize(
    ("referer", "address"),
    [
        ("http://testserver/admin/x/?q=1", "/login/?why=idle&next=%2Fadmin%2Fx%2F%3Fq%3D1"),
        ("http://testserver/admin/x/", "/login/?why=idle&next=%2Fadmin%2Fx%2F"),
        ("http://elsewhere.example/", "/login/?why=idle"),
        ("", "/login/?why=idle"),
    ],
)
def test_what_was_sent_too_late_leads_back_to_its_page(clerk: Client, referer: str, address: str) -> None:
    idle_for(clerk, 40 * MINUTE)
    assert clerk.post("/admin/upload/", headers={"Referer": referer}).url == address


@pytest.mark.parametrize("path", ["/admin/submissions/1/return/", "/admin/upload/", "/password/"])
def test_what_is_sent_without_a_session_leads_back_to_its_page_after_the_login(world: World, path: str) -> None:
    """Not to the address itself: that may take nothing but what is sent."""
    page = "http://testserver/admin/targets/submission/1/change/"
    assert Client().post(path, headers={"Referer": page}).url == "/login/?next=/admin/targets/submission/1/change/"
    assert Client().post(path, headers={"Referer": "http://elsewhere.example/x/"}).url == "/login/"
    assert Client().post(path).url == "/login/"
    answer = Client().post(path, headers={"X-Requested-With": "fetch"})
    assert (answer.status_code, answer.json()["code"]) == (401, "logged_out")


def test_after_the_login_one_is_where_one_sent_from(world: World) -> None:
    give_password(world.account(HAISHU, Role.ENDORSER))
    page = f"/admin/targets/submission/{world.submission(HAISHU, 3).pk}/change/"
    client = Client()
    login = client.post("/admin/submissions/1/return/", headers={"Referer": f"http://testserver{page}"}).url
    answer = client.post(
        "/login/", {"username": f"endorser-{HAISHU}", "password": PASSWORD, "next": login.partition("next=")[2]}
    )
    assert (answer.url, client.get(answer.url).status_code) == (page, 200)


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/admin/upload/", {"X-Requested-With": "fetch"}),
        ("/admin/upload/", {"X-Requested-With": "XMLHttpRequest"}),
        ("/session/alive/", {"Accept": "application/json"}),
        ("/api/v1/progress/", {}),
    ],
)
def test_programs_get_401_in_json(clerk: Client, path: str, headers: dict[str, str]) -> None:
    idle_for(clerk, 40 * MINUTE)
    answer = clerk.post(path, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "logged_out")
    assert answer.json()["title"] == "You have been logged out after a time without activity."


def test_a_login_or_a_logout_that_comes_too_late_goes_on(clerk: Client) -> None:
    for path, status in (("/login/", 200), ("/logout/", 302), ("/healthz", 200)):
        idle_for(clerk, 40 * MINUTE)
        answer = clerk.post(path, {"username": "x", "password": "y"})
        assert (path, answer.status_code) == (path, status)
        assert "why=idle" not in answer.get("Location", "")


def test_activity_is_noted_at_most_once_a_minute(clerk: Client) -> None:
    for seconds, noted in ((50, False), (70, True)):
        idle_for(clerk, seconds)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            clerk.get("/admin/upload/")
        writes = [each["sql"] for each in queries if each["sql"].startswith('UPDATE "django_session"')]
        assert (len(writes) > 0) == noted
        assert (last_seen(clerk) < 5) == noted


def test_a_clock_that_was_ahead_does_not_keep_the_session(clerk: Client) -> None:
    idle_for(clerk, -3600)
    clerk.get("/admin/")
    assert 0 <= last_seen(clerk) < 5


def test_a_session_that_was_never_noted_counts_from_the_login(world: World, clerk: Client) -> None:
    def forget(login: datetime) -> None:
        session = clerk.session
        session.pop(SEEN, None)
        session.save()
        account = world.account(HAISHU, Role.REPORTER)
        account.last_login = login
        account.save()

    forget(timezone.now() - timedelta(minutes=20))
    assert clerk.get("/admin/").status_code == 200
    forget(timezone.now() - timedelta(minutes=50))
    assert clerk.get("/admin/").status_code == 302


def test_a_login_begins_the_time_of_its_own_session(world: World) -> None:
    """It is noted with the login, so that the pages right after it write nothing."""
    give_password(world.account(HAISHU, Role.REPORTER))
    client = Client()
    client.post("/login/", {"username": f"reporter-{HAISHU}", "password": PASSWORD})
    assert last_seen(client) < 5
    with CaptureQueriesContext(connection) as queries:
        client.get("/admin/upload/")
    assert not [each for each in queries if "UPDATE" in each["sql"]]


def test_the_page_tells_the_server_that_somebody_works(clerk: Client) -> None:
    idle_for(clerk, 20 * MINUTE)
    assert clerk.post("/session/alive/").status_code == 204
    assert last_seen(clerk) < 5
    assert clerk.get("/session/alive/").status_code == 405
    answer = Client().post("/session/alive/", headers={"X-Requested-With": "fetch"})
    assert (answer.status_code, answer.json()["code"]) == (401, "logged_out")


def test_who_has_not_logged_in_gets_no_session(db: None) -> None:
    Client().get("/login/")
    assert Session.objects.count() == 0


@pytest.mark.parametrize(("unit", "role", "path"), [(CITY, Role.LEADER, "/"), (HAISHU, Role.REPORTER, "/admin/")])
def test_every_page_carries_the_warning(world: World, as_account, unit: str, role: Role, path: str) -> None:
    client = as_account(unit, role)
    page = client.get(path).content.decode()
    assert 'data-seconds="1800"' in page
    assert f'data-login="/login/?why=idle&amp;next={path.replace("/", "%2F")}"' in page
    assert "js/idle.js" in page
    assert 'id="idle"' not in Client().get("/login/").content.decode()


def test_the_session_ends_with_the_browser(clerk: Client) -> None:
    assert clerk.session.get_expire_at_browser_close()
