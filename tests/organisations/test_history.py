"""The history of accounts and units: who, when, old, new, by which way, and why."""

import io
import re
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from simple_history.models import HistoricalRecords

from organisations.choices import Role
from organisations.domain import load_organisations
from organisations.history import actor_name_now, way_now
from organisations.models import Account, Organisation
from tests.organisations.conftest import PASSWORD, give_password
from tests.world import CITY, HAISHU, JIANGBEI, World


def account_data(account: Account, **changes: Any) -> dict[str, Any]:
    """What the account's form sends, unchanged but for the changes."""
    data = {"username": account.username, "name": account.name, "organisation": account.organisation_id}
    data |= {"is_active": "on", **{role.value: "on" for role in account.roles}}
    return {name: value for name, value in {**data, **changes}.items() if value is not None}


def save(client: Client, account: Account, **changes: Any) -> Any:
    url = reverse("admin:organisations_account_change", args=[account.pk])
    return client.post(url, account_data(account, **changes))


def history_rows(client: Client, account: Account) -> list[list[str]]:
    """The history page's table as its visible words, without the times."""
    page = client.get(reverse("admin:organisations_account_history", args=[account.pk])).content.decode()
    body = page.split("<tbody>")[1].split("</tbody>")[0]
    rows = [re.findall(r"<td[^>]*>(.*?)</td>", row, re.S) for row in body.split("<tr>")[1:]]
    return [[" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in row[1:]] for row in rows]


def test_the_history_page_tells_who_what_by_which_way_and_why(world: World, as_account) -> None:
    clerk, boss = world.account(HAISHU, Role.REPORTER), world.account(CITY, Role.SYSTEM_ADMINISTRATOR)
    administrator = as_account(CITY, Role.SYSTEM_ADMINISTRATOR)
    changes = {"endorser": "on", "organisation": world.units[JIANGBEI].pk, "reason": "调岗"}
    assert save(administrator, clerk, **changes).status_code == 302
    assert history_rows(administrator, clerk) == [
        [
            str(boss), "Changed",
            "Endorser no → yes Organisation 海曙区民政局 → 江北区民政局",
            "Admin", "调岗",
        ],
        [
            actor_name_now(), "Created",
            f"Person&#x27;s name – → reporter@{HAISHU} Organisation – → 海曙区民政局 Reporter no → yes"
            f" User name – → reporter-{HAISHU}",
            "Command line", "–",
        ],
    ]  # fmt: skip


def test_the_history_of_before_names_the_account_that_acted(world: World, as_account) -> None:
    """Rows from before the name and the way were kept."""
    clerk, boss = world.account(HAISHU, Role.REPORTER), world.account(CITY, Role.SYSTEM_ADMINISTRATOR)
    extra = {"actor_name": "", "way": ""}
    clerk.history.bulk_history_create([clerk], update=True, default_user=boss, custom_historical_attrs=extra)
    clerk.history.bulk_history_create([clerk], update=True, custom_historical_attrs=extra)
    rows = history_rows(as_account(CITY, Role.AUDITOR), clerk)
    assert [row[0] for row in rows[:2]] == ["–", str(boss)]
    assert rows[0][2:] == ["–", "–", "–"]


def test_each_door_has_its_name(world: World) -> None:
    boss = world.account(CITY, Role.SYSTEM_ADMINISTRATOR)
    found = {}
    try:
        for path in ("/admin/organisations/", "/password/", "/api/v1/progress/"):
            HistoricalRecords.context.request = request = RequestFactory().get(path)
            request.user = boss
            found[path] = (way_now(), actor_name_now())
    finally:
        del HistoricalRecords.context.request
    assert [way for way, _name in found.values()] == ["admin", "page", "api"]
    assert {name for _way, name in found.values()} == {str(boss)}
    assert (way_now(), actor_name_now()[:14]) == ("command", "command line (")


def test_logging_in_leaves_no_row_and_changing_the_password_does(world: World) -> None:
    account = give_password(world.account(HAISHU, Role.REPORTER))
    before = account.history.count()
    client = Client()
    assert client.post("/login/", {"username": account.username, "password": PASSWORD}).status_code == 302
    account.refresh_from_db()
    assert account.last_login is not None
    assert account.history.count() == before
    data = {"old_password": PASSWORD, "new_password1": "another-good-one", "new_password2": "another-good-one"}
    assert client.post("/password/", data).status_code == 302
    row, former = account.history.order_by("-history_id")[:2]
    assert (row.way, row.actor_name, row.history_user) == ("page", str(account), account)
    assert row.password_changed_at > former.password_changed_at
    assert not hasattr(row, "password")


def test_commands_name_the_operator(world: World, monkeypatch) -> None:
    monkeypatch.setenv("LOGNAME", "operator")
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\n"))
    call_command(
        "create_account", "zhang", "--name", "张三", "--organisation", CITY, "--role", "auditor", "--password-stdin",
        stdout=io.StringIO(),
    )  # fmt: skip
    row = Account.objects.get(username="zhang").history.get()
    assert (row.way, row.actor_name, row.history_user, row.auditor) == (
        "command",
        "command line (operator)",
        None,
        True,
    )


def test_units_tell_the_way_too(world: World, as_account, monkeypatch) -> None:
    monkeypatch.setenv("LOGNAME", "operator")
    unit = world.units[HAISHU]
    manager = as_account(CITY, Role.PLAN_MANAGER)
    url = reverse("admin:organisations_organisation_change", args=[unit.pk])
    initial = manager.get(url).context["adminform"].form.initial
    data = {name: value for name, value in initial.items() if value is not None}
    assert manager.post(url, {**data, "short_name": "海曙区"}).status_code == 302
    head = "code,parent,kind,name,short_name,aliases,communities,villages\n"
    load_organisations(f"{head}{CITY},,city,宁波市民政局,宁波,,,\n")
    assert (unit.history.latest().way, unit.history.latest().history_user.plan_manager) == ("admin", True)
    city = Organisation.objects.get(code=CITY).history.latest()
    assert (city.way, city.actor_name) == ("command", "command line (operator)")


@pytest.mark.parametrize("count", [2, 5])
def test_the_history_page_takes_a_constant_number_of_queries(world: World, as_account, count: int) -> None:
    clerk, auditor = world.account(HAISHU, Role.REPORTER), as_account(CITY, Role.AUDITOR)
    auditor.get("/admin/")
    url = reverse("admin:organisations_account_history", args=[clerk.pk])

    def queries() -> int:
        with CaptureQueriesContext(connection) as context:
            auditor.get(url)
        return len(context)

    first = queries()
    for number in range(count):
        clerk.organisation = world.units[JIANGBEI if number % 2 else CITY]
        clerk.save()
    assert queries() == first
