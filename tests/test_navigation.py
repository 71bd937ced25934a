"""The admin's sidebar and its first page for every role."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from ningbo_plan.navigation import MENU, Navigation
from organisations.choices import Role
from organisations.models import Account
from targets.choices import PeriodState
from targets.domain.periods import set_period_state
from targets.models import Submission
from tests.world import BEDS, CITY, COVERAGE, HAISHU, JIANGBEI, LEAD, TODAY, XIANGSHAN, World

HOME = {
    Role.REPORTER: HAISHU, Role.ENDORSER: HAISHU, Role.REVIEWER: LEAD, Role.LEADER: CITY, Role.PLAN_MANAGER: CITY,
    Role.SYSTEM_ADMINISTRATOR: CITY, Role.AUDITOR: CITY,
}  # fmt: skip
WORK = {
    Role.REPORTER: {"Reporting": ["My reports", "Upload a spreadsheet", "Past reports"]},
    Role.ENDORSER: {"Reporting": ["To endorse", "Past reports"]},
    Role.REVIEWER: {
        "Reporting": ["To approve for the city", "Past reports"],
        "Management": ["Reporting state", "Decomposition", "Extensions"],
    },
    Role.LEADER: {},
    Role.PLAN_MANAGER: {
        "Management": ["Reporting state", "All submissions", "Decomposition", "Periods", "Extensions"]
    },
    Role.SYSTEM_ADMINISTRATOR: {"Accounts and units": ["Accounts", "Units"]},
    Role.AUDITOR: {"The record": ["All changes", "All steps of review"]},
}  # fmt: skip


@pytest.fixture(autouse=True)
def english(settings: Any) -> Iterator[None]:
    settings.TODAY = TODAY
    with translation.override("en"):
        yield


def as_role(world: World, role: Role, unit: str | None = None) -> Client:
    client = Client()
    client.force_login(world.account(unit or HOME[role], role))
    return client


def navigation(client: Client, url: str = "/admin/") -> Navigation:
    answer = client.get(url)
    assert answer.status_code == 200, url
    found: Navigation = answer.context["navigation"]
    return found


def current(sidebar: Navigation) -> list[str]:
    groups = [*sidebar.work, *sidebar.data]
    return [str(item.title) for group in groups for item in group.items if item.current]


@pytest.mark.parametrize("role", list(Role))
def test_each_role_has_its_own_groups_and_every_link_answers(world: World, role: Role) -> None:
    client = as_role(world, role)
    sidebar = navigation(client)
    found = {str(group.title): [str(item.title) for item in group.items] for group in sidebar.work}
    assert found == WORK[role]
    for group in (*sidebar.work, *sidebar.data):
        for item in group.items:
            assert client.get(item.url).status_code == 200, item.url


def test_every_stock_list_that_may_be_opened_has_one_link(world: World) -> None:
    for role in Role:
        client = as_role(world, role)
        sidebar = navigation(client)
        links = [item.url.partition("#")[0] for group in (*sidebar.work, *sidebar.data) for item in group.items]
        for model in admin.site._registry:
            url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
            assert links.count(url) == (1 if client.get(url).status_code == 200 else 0), (role, url)


def test_combined_roles_have_the_items_of_both(world: World) -> None:
    account = world.account(HAISHU, Role.REPORTER)
    Account.objects.filter(pk=account.pk).update(endorser=True)
    client = as_role(world, Role.REPORTER)
    titles = [str(item.title) for group in navigation(client).work for item in group.items]
    assert titles == ["My reports", "To endorse", "Upload a spreadsheet", "Past reports"]
    home = client.get("/admin/").context["home"]
    assert (home.reporting is not None, home.endorsing, home.approving, home.standing) == (True, (), None, None)


def test_counts_stand_beside_what_waits(world: World) -> None:
    world.report(HAISHU, BEDS, 3, 5)
    world.submit(HAISHU, 3)
    world.report(JIANGBEI, BEDS, 3, 5)
    world.endorse(JIANGBEI, 3)

    def counts(role: Role) -> tuple[list[int], int]:
        sidebar = navigation(as_role(world, role))
        return [item.count for group in sidebar.work for item in group.items if item.count], sidebar.waiting

    assert counts(Role.REPORTER) == ([5], 5)
    assert counts(Role.ENDORSER) == ([1], 1)
    assert counts(Role.REVIEWER) == ([1], 1)
    assert counts(Role.PLAN_MANAGER) == ([], 0)
    text = as_role(world, Role.ENDORSER).get("/admin/upload/", follow=True)
    assert text.status_code == 403
    page = as_role(world, Role.REPORTER).get("/admin/upload/").content.decode()
    assert '<span class="side-count"><span class="visually-hidden">waiting: </span>5</span>' in page


@pytest.mark.parametrize(
    ("role", "page", "title"),
    [
        (Role.REPORTER, "index", "My reports"),
        (Role.REPORTER, "targets_submission_change", "My reports"),
        (Role.REPORTER, "targets_submission_changelist", "Past reports"),
        (Role.REPORTER, "upload", "Upload a spreadsheet"),
        (Role.REPORTER, "targets_figure_changelist", "Figures"),
        (Role.REVIEWER, "index", "To approve for the city"),
        (Role.REVIEWER, "targets_submission_change", "To approve for the city"),
        (Role.REVIEWER, "targets_duedayextension_add", "Extensions"),
        (Role.PLAN_MANAGER, "index", "Reporting state"),
        (Role.PLAN_MANAGER, "targets_submission_change", "All submissions"),
        (Role.PLAN_MANAGER, "targets_target_add", "Targets"),
        (Role.PLAN_MANAGER, "targets_commitment_changelist", "Commitments"),
    ],
)
def test_the_present_page_is_marked_once(world: World, role: Role, page: str, title: str) -> None:
    arguments = [world.submission(HAISHU, 3).pk] if page.endswith("submission_change") else []
    client = as_role(world, role)
    sidebar = navigation(client, reverse(f"admin:{page}", args=arguments))
    assert current(sidebar) == [title]
    assert sidebar.shows_data == (title in ("Figures", "Commitments", "Targets"))
    assert client.get("/admin/").content.decode().count('aria-current="page"') == 2  # beside the page, and folded


def test_pages_without_an_item_mark_none(world: World) -> None:
    assert current(navigation(as_role(world, Role.LEADER))) == []


def test_every_item_of_the_menu_leads_somewhere() -> None:
    for _title, entries in MENU:
        for entry in entries:
            assert reverse(entry.view).startswith("/admin/"), entry.view


def queries(client: Client, url: str) -> list[str]:
    with CaptureQueriesContext(connection) as context:
        client.get(url)
    return [query["sql"] for query in context]


def test_the_sidebar_takes_one_query_on_pages_of_the_admin_and_none_elsewhere(world: World) -> None:
    def counting(role: Role, url: str) -> int:
        return sum('AS "reporting"' in sql for sql in queries(as_role(world, role), url))

    assert counting(Role.REPORTER, "/admin/") == 1
    assert counting(Role.REPORTER, "/admin/targets/figure/") == 1
    assert counting(Role.REPORTER, "/organisations/330203/") == 0
    assert counting(Role.LEADER, "/admin/") == 0


@pytest.mark.parametrize("role", [Role.REPORTER, Role.ENDORSER, Role.REVIEWER, Role.PLAN_MANAGER])
def test_the_first_page_takes_the_same_queries_for_one_row_and_for_three(world: World, role: Role) -> None:
    client = as_role(world, role)
    Submission.objects.exclude(period=world.periods[3], organisation__code__in=(HAISHU, JIANGBEI)).delete()
    world.report(HAISHU, BEDS, 3, 5)
    world.submit(HAISHU, 3)
    world.report(JIANGBEI, BEDS, 3, 5)
    world.endorse(JIANGBEI, 3)
    first = len(queries(client, "/admin/"))
    for quarter in (1, 2):
        set_period_state(world.periods[quarter], PeriodState.OPEN, actor=None)
        for unit in (HAISHU, XIANGSHAN):
            world.report(unit, BEDS, quarter, 5)
            world.report(unit, COVERAGE, quarter, 1, 2)
            world.submit(unit, quarter)
        world.endorse(XIANGSHAN, quarter, "children")
    assert len(queries(client, "/admin/")) == first


# ---- what the first page says


def first_page(world: World, role: Role, unit: str | None = None, query: str = "") -> str:
    answer = as_role(world, role, unit).get(f"/admin/{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def test_empty_lists_say_so(world: World) -> None:
    Submission.objects.all().delete()
    assert "Nothing is left to fill in." in first_page(world, Role.REPORTER)
    assert "Nothing waits for your check." in first_page(world, Role.ENDORSER)
    page = first_page(world, Role.REVIEWER)
    assert "Nothing waits for your approval." in page
    assert "There are no submissions for this period: it has not been opened yet." in page


def test_rows_link_to_the_submission(world: World) -> None:
    url = reverse("admin:targets_submission_change", args=[world.submission(HAISHU, 3).pk])
    other = reverse("admin:targets_submission_change", args=[world.submission(JIANGBEI, 3).pk])
    world.report(HAISHU, BEDS, 3, 5)
    own = first_page(world, Role.REPORTER)
    assert (url in own, other in own) == (True, False)
    world.endorse(HAISHU, 3)
    assert url in first_page(world, Role.REVIEWER)
    everything = first_page(world, Role.PLAN_MANAGER)
    assert (url in everything, other in everything) == (True, True)


def test_another_period_can_be_chosen_and_an_unknown_one_is_missing(world: World) -> None:
    client = as_role(world, Role.PLAN_MANAGER)
    assert client.get("/admin/").context["home"].period == world.periods[3]
    assert client.get("/admin/?period=2020Q1").context["home"].period == world.periods[1]
    assert client.get("/admin/?period=2031Q1").status_code == 404
    assert client.get("/admin/?period=x").status_code == 404


def test_leaders_auditors_and_administrators_find_their_ways(world: World) -> None:
    overview, record = reverse("overview"), reverse("admin:targets_revision_changelist")
    accounts = reverse("admin:organisations_account_changelist")
    shown = {
        role: [url in first_page(world, role) for url in (f'shortcut" href="{overview}"', record, accounts)]
        for role in (Role.LEADER, Role.AUDITOR, Role.SYSTEM_ADMINISTRATOR)
    }
    assert shown == {
        Role.LEADER: [True, True, False],
        Role.AUDITOR: [True, True, True],
        Role.SYSTEM_ADMINISTRATOR: [False, False, True],
    }


def test_without_a_period_the_first_page_still_answers(world: World) -> None:
    Submission.objects.all().delete()
    for period in world.periods.values():
        period.delete()
    assert "There is no period yet; load a plan first." in first_page(world, Role.PLAN_MANAGER)
    assert "Nothing waits for your approval." in first_page(world, Role.REVIEWER)


def test_the_balance_links_to_lists_that_answer(world: World) -> None:
    client = as_role(world, Role.PLAN_MANAGER)
    divisions = client.get("/admin/").context["home"].divisions
    assert [client.get(each.url).status_code for each in divisions] == [200, 200]
    assert as_role(world, Role.REVIEWER).get("/admin/").context["home"].divisions is None


def test_the_link_to_extend_fills_in_unit_and_period(world: World) -> None:
    client = as_role(world, Role.REVIEWER)
    row = client.get("/admin/").context["home"].standing.rows[1]
    form = client.get(row.extension_url).context["adminform"].form
    assert (form.initial["period"], form.initial["organisation"]) == (
        str(world.periods[3].pk), str(world.units[HAISHU].pk),
    )  # fmt: skip


def test_an_apps_own_page_lists_its_models(world: World) -> None:
    answer = as_role(world, Role.PLAN_MANAGER).get("/admin/targets/")
    assert answer.status_code == 200
    assert "app-targets" in answer.content.decode()
