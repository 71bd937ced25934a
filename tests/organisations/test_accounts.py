"""Accounts in the admin site: who may edit them, for which reason, and which roles go together."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from organisations.choices import Role
from organisations.models import Account
from tests.organisations.conftest import PASSWORD, give_password
from tests.organisations.test_history import save
from tests.world import CITY, HAISHU, JIANGBEI, World

ADD = "admin:organisations_account_add"
CHANGE = "admin:organisations_account_change"
SET_PASSWORD = "admin:auth_user_password_change"


@pytest.fixture
def administrator(as_account) -> Client:
    return as_account(CITY, Role.SYSTEM_ADMINISTRATOR)


def errors(answer: Any) -> dict[str, list[str]]:
    return {name: list(texts) for name, texts in answer.context["adminform"].form.errors.items()}


def new_account(world: World, **changes: Any) -> dict[str, Any]:
    data = {
        "username": "wang", "name": "王敏", "organisation": world.units[HAISHU].pk, "password1": PASSWORD,
        "password2": PASSWORD, "reporter": "on", "reason": "新入职",
    }  # fmt: skip
    return {name: value for name, value in {**data, **changes}.items() if value is not None}


@pytest.mark.parametrize(
    "change", [{"leader": "on"}, {"reporter": None, "endorser": "on"}, {"organisation": JIANGBEI}, {"is_active": None}]
)
def test_what_decides_on_rights_changes_for_a_reason_only(
    world: World, administrator: Client, change: dict[str, Any]
) -> None:
    clerk = world.account(HAISHU, Role.REPORTER)
    if "organisation" in change:
        change = {"organisation": world.units[JIANGBEI].pk}
    for reason in ("", "   "):
        answer = save(administrator, clerk, reason=reason, **change)
        assert errors(answer) == {"reason": ["Say why roles, organisation or “may log in” change."]}
    assert clerk.history.count() == 1
    assert save(administrator, clerk, reason="工作调整", **change).status_code == 302
    row = clerk.history.latest()
    assert (row.history_change_reason, row.way) == ("工作调整", "admin")


def test_a_name_is_corrected_without_a_reason(world: World, administrator: Client) -> None:
    clerk = world.account(HAISHU, Role.REPORTER)
    assert save(administrator, clerk, name="李明").status_code == 302
    clerk.refresh_from_db()
    assert (clerk.name, clerk.history.latest().history_change_reason) == ("李明", "")


def test_a_reason_is_no_longer_than_the_history_holds(world: World, administrator: Client) -> None:
    clerk = world.account(HAISHU, Role.REPORTER)
    assert list(errors(save(administrator, clerk, leader="on", reason="因" * 101))) == ["reason"]
    assert save(administrator, clerk, leader="on", reason="因" * 100).status_code == 302
    assert clerk.history.latest().history_change_reason == "因" * 100


@pytest.mark.parametrize(
    ("roles", "sentences"),
    [
        (("reporter", "system_administrator"), ["A system administrator cannot hold any other role."]),
        (("auditor", "leader"), ["An auditor cannot hold any other role."]),
        (
            ("auditor", "system_administrator"),
            ["A system administrator cannot hold any other role.", "An auditor cannot hold any other role."],
        ),
    ],
)
def test_roles_that_exclude_each_other_are_refused_in_words(
    world: World, administrator: Client, roles: tuple[str, ...], sentences: list[str]
) -> None:
    clerk = world.account(HAISHU, Role.REPORTER)
    chosen = {"reporter": None, **dict.fromkeys(roles, "on")}
    assert errors(save(administrator, clerk, reason="x", **chosen)) == {"__all__": sentences}
    answer = administrator.post(reverse(ADD), new_account(world, **chosen))
    assert errors(answer) == {"__all__": sentences}
    clerk.refresh_from_db()
    assert (clerk.roles, Account.objects.filter(username="wang").exists()) == ([Role.REPORTER], False)


def test_a_new_account_changes_its_password_first(world: World, administrator: Client) -> None:
    assert errors(administrator.post(reverse(ADD), new_account(world, reason=None))) == {
        "reason": ["This field is required."]
    }
    assert administrator.post(reverse(ADD), new_account(world)).status_code == 302
    account = Account.objects.get(username="wang")
    row = account.history.get()
    assert (account.must_change_password, account.roles) == (True, [Role.REPORTER])
    assert (row.history_type, row.way, row.history_change_reason) == ("+", "admin", "新入职")
    clerk = Client()
    assert clerk.post("/login/", {"username": "wang", "password": PASSWORD}).url == "/"
    assert clerk.get("/").url == "/password/?next=%2F"


def test_a_password_that_the_administrator_sets_is_changed_first(world: World, administrator: Client) -> None:
    clerk = give_password(world.account(HAISHU, Role.REPORTER))
    page = administrator.get(reverse(CHANGE, args=[clerk.pk]))
    url = reverse(SET_PASSWORD, args=[clerk.pk])
    assert f'href="{url}"' in page.content.decode()
    data = {"usable_password": "true", "password1": "given-by-another", "password2": "given-by-another"}
    short = administrator.post(url, {**data, "password1": "short", "password2": "short"})
    assert "password2" in short.context["form"].errors
    assert administrator.post(url, data).status_code == 302
    clerk.refresh_from_db()
    assert (clerk.must_change_password, clerk.check_password("given-by-another")) == (True, True)
    assert clerk.history.latest().history_user == world.account(CITY, Role.SYSTEM_ADMINISTRATOR)
    state = administrator.get(reverse(CHANGE, args=[clerk.pk])).content.decode()
    assert "set by somebody else, must be changed at the next login" in state


def test_user_names_that_differ_in_capitals_only_are_one(world: World, administrator: Client) -> None:
    assert administrator.post(reverse(ADD), new_account(world, username="wang")).status_code == 302
    sentence = "Another account's user name differs from this one in capital letters only."
    assert errors(administrator.post(reverse(ADD), new_account(world, username="Wang"))) == {"__all__": [sentence]}
    clerk = world.account(HAISHU, Role.REPORTER)
    assert errors(save(administrator, clerk, username="WANG")) == {"__all__": [sentence]}
    with pytest.raises(ValidationError, match=sentence):
        Account.objects.create_user("WaNG", PASSWORD, name="王", organisation=world.units[HAISHU])
    assert Account.objects.filter(username__iexact="wang").count() == 1


def test_nobody_changes_the_own_roles(world: World, administrator: Client) -> None:
    boss = world.account(CITY, Role.SYSTEM_ADMINISTRATOR)
    changes = {"system_administrator": None, "reporter": "on", "is_active": None, "reason": "x"}
    changes["organisation"] = world.units[HAISHU].pk
    assert save(administrator, boss, **changes).status_code == 302
    boss.refresh_from_db()
    assert (boss.roles, boss.is_active) == ([Role.SYSTEM_ADMINISTRATOR], True)
    assert boss.organisation == world.units[CITY]
    assert (
        reverse(SET_PASSWORD, args=[boss.pk]) not in administrator.get(reverse(CHANGE, args=[boss.pk])).content.decode()
    )


def test_an_auditor_looks_and_changes_nothing(world: World, as_account) -> None:
    clerk, auditor = world.account(HAISHU, Role.REPORTER), as_account(CITY, Role.AUDITOR)
    page = auditor.get(reverse(CHANGE, args=[clerk.pk])).content.decode()
    assert ("State of the password" in page, 'name="reason"' in page) == (True, False)
    assert reverse(SET_PASSWORD, args=[clerk.pk]) not in page
    assert save(auditor, clerk, leader="on", reason="x").status_code == 403
    assert auditor.post(reverse(SET_PASSWORD, args=[clerk.pk]), {"password1": "x"}).status_code == 403
    assert auditor.post(reverse(ADD), new_account(world)).status_code == 403


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.SYSTEM_ADMINISTRATOR, Role.AUDITOR}))
def test_who_has_to_do_with_figures_sees_no_account(world: World, as_account, role: Role) -> None:
    clerk, client = world.account(JIANGBEI, Role.REPORTER), as_account(HAISHU, role)
    for name, args in ((ADD, []), (CHANGE, [clerk.pk]), (SET_PASSWORD, [clerk.pk])):
        assert client.get(reverse(name, args=args)).status_code == 403
