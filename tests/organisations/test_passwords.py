"""What a password must be, when it must be changed, and that nothing else is open until then."""

import io
from datetime import timedelta

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from organisations.choices import Role
from organisations.forms import OwnPasswordForm, PasswordForm
from organisations.models import Account
from tests.organisations.conftest import PASSWORD, give_password
from tests.world import CITY, HAISHU, JIANGBEI, World

NEW = "another-good-one"


def due(account: Account) -> Account:
    """The account, as if an administrator had just set its password."""
    account.must_change_password = True
    account.save()
    return account


def change(client: Client, new: str, old: str = PASSWORD, again: str | None = None, **more: str):
    fields = {"old_password": old, "new_password1": new, "new_password2": new if again is None else again}
    return client.post(reverse("password_change"), {**fields, **more})


@pytest.mark.parametrize(
    ("password", "codes"),
    [
        ("good-words", []),
        ("good-word", ["password_too_short"]),
        ("password123", ["password_too_common"]),
        ("7301945286", ["password_entirely_numeric"]),
        ("12345", ["password_too_short", "password_too_common", "password_entirely_numeric"]),
        ("reporter-330203", ["password_too_similar"]),
        (PASSWORD, ["password_used_before"]),
    ],
)
def test_a_password_is_long_uncommon_and_new(world: World, password: str, codes: list[str]) -> None:
    account = give_password(world.account(HAISHU, Role.REPORTER))
    found: list[str] = []
    try:
        validate_password(password, account)
    except ValidationError as error:
        found = [each.code for each in error.error_list]
    assert found == codes


def test_the_last_five_passwords_are_refused_and_older_ones_are_forgotten(world: World) -> None:
    account = world.account(HAISHU, Role.REPORTER)
    words = [f"good-password-{letter}" for letter in "abcdef"]
    for word in words:
        give_password(account, word)
    for word in words[1:]:
        with pytest.raises(ValidationError):
            validate_password(word, account)
    validate_password(words[0], account)
    kept = list(account.password_records.values_list("password", flat=True))
    assert len(kept) == 5
    assert not set(kept) & set(words)
    assert kept[0] == account.password


def test_another_account_may_have_the_same_password(world: World) -> None:
    give_password(world.account(HAISHU, Role.REPORTER))
    validate_password(PASSWORD, world.account(JIANGBEI, Role.REPORTER))


def test_a_password_from_before_the_records_is_not_taken_again(world: World) -> None:
    account = give_password(world.account(HAISHU, Role.REPORTER))
    account.password_records.all().delete()
    with pytest.raises(ValidationError):
        validate_password(PASSWORD, account)


@pytest.mark.parametrize(("days", "max_days", "expected"), [(89, 90, False), (90, 90, True), (4000, 0, False)])
def test_a_password_grows_old_by_setting(world: World, settings, days: int, max_days: int, expected: bool) -> None:
    settings.PASSWORD_MAX_DAYS = max_days
    account = give_password(world.account(HAISHU, Role.REPORTER))
    at = account.password_changed_at + timedelta(days=days)
    assert (account.password_is_too_old(at), account.must_choose_password(at)) == (expected, expected)


@pytest.mark.parametrize("path", ["/", f"/organisations/{HAISHU}/", "/admin/", "/admin/upload/", "/admin/nothing/"])
def test_every_page_leads_to_the_change(world: World, as_account, path: str) -> None:
    due(world.account(HAISHU, Role.REPORTER))
    answer = as_account(HAISHU, Role.REPORTER).get(path, {"a": "1"})
    assert (answer.status_code, answer.url.split("?")[0]) == (302, "/password/")
    assert answer.url.endswith("?next=" + path.replace("/", "%2F") + "%3Fa%3D1")


def test_programs_are_told_in_json(world: World, as_account) -> None:
    due(world.account(HAISHU, Role.REPORTER))
    client = as_account(HAISHU, Role.REPORTER)
    for answer in (
        client.get("/api/v1/progress/"),
        client.post("/admin/upload/", headers={"X-Requested-With": "fetch"}),
    ):
        body = answer.json()
        assert (answer.status_code, answer["Content-Type"]) == (403, "application/problem+json")
        assert (body["status"], body["code"]) == (403, "password_change_required")


def test_changing_logging_out_and_the_health_check_stay_open(world: World, as_account) -> None:
    due(world.account(HAISHU, Role.REPORTER))
    client = as_account(HAISHU, Role.REPORTER)
    assert b"set by somebody else" in client.get("/password/").content
    assert client.get("/healthz").status_code == 200
    assert client.post("/session/alive/").status_code == 204
    assert client.get("/admin/password_change/").url == "/password/"
    assert client.post("/logout/").url == "/login/"


def test_an_old_password_leads_there_too_and_says_so(world: World, as_account, settings) -> None:
    account = give_password(world.account(CITY, Role.LEADER))
    account.password_changed_at = timezone.now() - timedelta(days=91)
    account.save()
    client = as_account(CITY, Role.LEADER)
    page = client.get("/", follow=True)
    assert page.redirect_chain == [("/password/?next=%2F", 302)]
    assert b"at most 90 days" in page.content
    settings.PASSWORD_MAX_DAYS = 0
    assert client.get("/").status_code == 200


def test_a_new_password_opens_the_way_back_and_keeps_the_session(world: World, as_account) -> None:
    account = due(give_password(world.account(HAISHU, Role.REPORTER)))
    client = as_account(HAISHU, Role.REPORTER)
    answer = change(client, NEW, next="/admin/upload/")
    assert answer.url == "/admin/upload/"
    account.refresh_from_db()
    assert (account.must_change_password, account.check_password(NEW)) == (False, True)
    assert client.get("/admin/upload/").status_code == 200


def test_a_new_password_does_not_bring_back_what_was_changed_meanwhile(world: World) -> None:
    account = due(give_password(world.account(HAISHU, Role.REPORTER)))
    for form in (
        OwnPasswordForm(account, {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}),
        PasswordForm(account, {"usable_password": "true", "password1": "a-third-one", "password2": "a-third-one"}),
    ):
        assert form.is_valid()
        other = Account.objects.get(pk=account.pk)
        other.reporter, other.is_active = False, False
        other.save()
        form.save()
        other.refresh_from_db()
        assert (other.reporter, other.is_active, other.password) == (False, False, account.password)
    assert account.password_records.count() == 3


def test_a_way_back_to_another_host_is_not_taken(world: World, as_account) -> None:
    give_password(world.account(CITY, Role.LEADER))
    assert change(as_account(CITY, Role.LEADER), NEW, next="https://elsewhere.example/").url == "/"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"old": "not the old one", "new": NEW}, "old_password"),
        ({"new": NEW, "again": "something else"}, "new_password2"),
        ({"new": PASSWORD}, "new_password2"),
        ({"new": ""}, "new_password1"),
    ],
)
def test_a_refused_change_says_where_and_changes_nothing(world: World, as_account, wrong: dict, field: str) -> None:
    account = due(give_password(world.account(HAISHU, Role.REPORTER)))
    answer = change(as_account(HAISHU, Role.REPORTER), **wrong)
    assert (answer.status_code, field in answer.context["form"].errors) == (200, True)
    account.refresh_from_db()
    assert (account.must_change_password, account.check_password(PASSWORD)) == (True, True)


def test_the_page_is_for_who_has_logged_in(client: Client, db: None) -> None:
    assert client.get("/password/").url == "/login/?next=/password/"


@pytest.mark.parametrize(("options", "expected"), [([], True), (["--keep-password"], False)])
def test_whose_account_was_made_by_command_changes_the_password(
    world: World, monkeypatch, options: list[str], expected: bool
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\n"))
    call_command(
        "create_account", "zhang", "--name", "张三", "--organisation", CITY, "--role", "system_administrator",
        "--password-stdin", *options, stdout=io.StringIO(),
    )  # fmt: skip
    account = Account.objects.get(username="zhang")
    assert account.must_change_password == expected
    assert account.password_records.count() == 1
    assert timezone.now() - account.password_changed_at < timedelta(minutes=1)
