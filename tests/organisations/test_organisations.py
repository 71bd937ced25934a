"""The tree, the accounts, and who sees which rows."""

import io
from datetime import date

import pytest
from django.contrib.auth import authenticate
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.http import HttpRequest

from organisations.checks import check_no_demo_accounts
from organisations.choices import OrganisationKind, Role
from organisations.domain import load_organisations, save_organisation
from organisations.models import Account, Organisation
from targets.models import Figure, Submission
from tests.world import BEDS, CITY, COVERAGE, HAISHU, JIANGBEI, LEAD, OTHER_LEAD, World, add_unit


def test_paths_follow_a_unit_that_moves(world: World) -> None:
    haishu = world.units[HAISHU]
    add_unit("330203001", haishu, OrganisationKind.TOWNSHIP, "南门街道", "南门街道", 9)
    haishu.parent = world.units[JIANGBEI]
    save_organisation(haishu)
    assert Organisation.objects.get(code="330203001").path == "3302/330205/330203/330203001/"
    assert Organisation.objects.get(code="330203001").history.count() == 2


def test_a_file_that_moves_a_unit_and_what_stands_above_it_leaves_no_stale_path(db: None) -> None:
    head = "code,parent,kind,name,short_name,aliases,communities,villages\n1,,city,市,市,,,\n"
    before = "A,1,district,A,A,,,\nB,1,district,B,B,,,\nC,1,district,C,C,,,\nk,A,township,k,k,,,\nx,k,township,x,x,,,\n"
    load_organisations(head + before)
    load_organisations(head + "B,1,district,B,B,,,\nC,1,district,C,C,,,\nA,B,district,A,A,,,\nk,C,township,k,k,,,\n")
    paths = dict(Organisation.objects.values_list("code", "path"))
    assert (paths["A"], paths["k"], paths["x"]) == ("1/B/A/", "1/C/k/", "1/C/k/x/")


def test_who_sees_which_units(world: World) -> None:
    def seen(unit: str, role: Role) -> int:
        return Organisation.objects.visible_to(world.account(unit, role)).count()

    assert [seen(HAISHU, role) for role in (Role.REPORTER, Role.ENDORSER)] == [1, 1]
    assert [seen(CITY, role) for role in (Role.LEADER, Role.AUDITOR, Role.SYSTEM_ADMINISTRATOR)] == [7, 7, 7]


def test_a_unit_cannot_stand_below_itself(world: World) -> None:
    haishu = world.units[HAISHU]
    haishu.parent = add_unit("330203001", haishu, OrganisationKind.TOWNSHIP, "南门街道", "南门街道", 9)
    with pytest.raises(ValidationError):
        save_organisation(haishu)


def test_below_is_the_unit_and_its_descendants(world: World) -> None:
    add_unit("330203001", world.units[HAISHU], OrganisationKind.TOWNSHIP, "南门街道", "南门街道", 9)
    below = Organisation.objects.below(world.units[HAISHU])
    assert set(below.values_list("code", flat=True)) == {HAISHU, "330203001"}


@pytest.mark.parametrize("alone", [Role.SYSTEM_ADMINISTRATOR, Role.AUDITOR])
@pytest.mark.parametrize("other", list(Role))
def test_some_roles_stand_alone_in_form_and_database(world: World, alone: Role, other: Role) -> None:
    if other == alone:
        pytest.skip("a role beside itself")
    account = Account(
        username="x", name="x", organisation=world.units[CITY], password="x", **{alone: True, other: True}
    )
    with pytest.raises(ValidationError):
        account.full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        account.save()


def test_other_roles_can_be_held_together(world: World) -> None:
    account = Account(
        username="x", name="x", organisation=world.units[LEAD], password="x", reporter=True, reviewer=True
    )
    account.full_clean()
    account.save()
    assert account.roles == [Role.REPORTER, Role.REVIEWER]


SEES = {
    (HAISHU, Role.REPORTER): {(HAISHU, "eldercare"), (HAISHU, "children")},
    (HAISHU, Role.ENDORSER): {(HAISHU, "eldercare"), (HAISHU, "children")},
    (LEAD, Role.REVIEWER): {(HAISHU, "eldercare"), (JIANGBEI, "eldercare")},
    (OTHER_LEAD, Role.REVIEWER): {(HAISHU, "children"), (JIANGBEI, "children")},
    (CITY, Role.LEADER): {(JIANGBEI, "eldercare")},
    (CITY, Role.PLAN_MANAGER): {(unit, code) for unit in (HAISHU, JIANGBEI) for code in ("eldercare", "children")},
    (CITY, Role.AUDITOR): {(unit, code) for unit in (HAISHU, JIANGBEI) for code in ("eldercare", "children")},
    (CITY, Role.SYSTEM_ADMINISTRATOR): set(),
}


@pytest.mark.parametrize(("unit", "role"), SEES)
def test_who_sees_which_figures(world: World, unit: str, role: Role) -> None:
    for each in (HAISHU, JIANGBEI):
        world.record(world.entry(each, BEDS, 3, 1), world.entry(each, COVERAGE, 3, 1, 2))
    world.approve(JIANGBEI, 3)
    account = world.account(unit, role)
    figures = Figure.objects.visible_to(account).values_list(
        "submission__organisation__code", "submission__programme__code"
    )
    assert set(figures) == SEES[unit, role]
    filled = Submission.objects.visible_to(account).filter(figures__isnull=False)
    assert set(filled.values_list("organisation__code", "programme__code")) == SEES[unit, role]


def test_an_account_logs_in_with_its_password(world: World) -> None:
    account = world.account(HAISHU, Role.REPORTER)
    account.set_password("a long password")
    account.save()
    assert authenticate(HttpRequest(), username=account.username, password="a long password") == account
    assert authenticate(HttpRequest(), username=account.username, password="another password") is None
    assert authenticate(HttpRequest(), username="nobody", password="a long password") is None
    account.is_active = False
    account.save()
    assert authenticate(HttpRequest(), username=account.username, password="a long password") is None


def test_demo_accounts_are_refused_when_debug_is_off(world: World, settings) -> None:
    account = world.account(HAISHU, Role.REPORTER)
    account.demo = True
    account.set_password("ningbo-2020")
    account.save()
    settings.DEBUG = True
    assert check_no_demo_accounts() == []
    assert authenticate(HttpRequest(), username=account.username, password="ningbo-2020") == account
    settings.DEBUG = False
    assert [error.id for error in check_no_demo_accounts()] == ["organisations.E002"]
    assert authenticate(HttpRequest(), username=account.username, password="ningbo-2020") is None


def test_a_fixed_day_is_refused_when_debug_is_off(settings) -> None:
    settings.TODAY = date(2020, 10, 12)
    assert [error.id for error in check_no_demo_accounts()] == ["organisations.E003"]


def test_the_demo_setting_is_refused_when_debug_is_off(settings) -> None:
    settings.DEMO = "full"
    assert [error.id for error in check_no_demo_accounts()] == ["organisations.E001"]


def test_the_first_account_is_created_by_command(world: World, monkeypatch) -> None:
    def create(password: str, *more: str) -> None:
        monkeypatch.setattr("sys.stdin", io.StringIO(password + "\n"))
        call_command(
            "create_account", "admin", "--name", "王敏", "--organisation", CITY, "--password-stdin", *more,
            stdout=io.StringIO(),
        )  # fmt: skip

    for password, more in (
        ("short", ["--role", "system_administrator"]),
        ("a long password", ["--role", "auditor", "--role", "leader"]),
    ):
        with pytest.raises(CommandError):
            create(password, *more)
    create("a long password", "--role", "system_administrator")
    account = Account.objects.get(username="admin")
    assert (account.roles, account.check_password("a long password")) == ([Role.SYSTEM_ADMINISTRATOR], True)


def test_the_postgresql_driver_is_psycopg2() -> None:
    """Django prefers psycopg 3 without a word where it finds both."""
    with pytest.raises(ImportError):
        __import__("psycopg")
    import psycopg2

    assert psycopg2.__version__.startswith("2.")
