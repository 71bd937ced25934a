"""The sidebar, the work lists and the way to an extension in Chromium, on a wide and on a narrow screen."""

from typing import Any

import pytest

from organisations.choices import Role
from targets.models import DueDayExtension
from tests.conftest import Enter
from tests.world import BEDS, CITY, HAISHU, JIANGBEI, LEAD, TODAY, World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PEOPLE = ((HAISHU, Role.REPORTER), (HAISHU, Role.ENDORSER), (LEAD, Role.REVIEWER), (CITY, Role.PLAN_MANAGER))


@pytest.fixture
def busy(live_world: World, settings: Any) -> World:
    """Something waits for everybody: at 海曙's endorser and, from 江北, at the reviewer."""
    settings.TODAY = TODAY
    live_world.report(HAISHU, BEDS, 3, 5)
    live_world.submit(HAISHU, 3)
    live_world.report(JIANGBEI, BEDS, 3, 5)
    live_world.endorse(JIANGBEI, 3)
    return live_world


@pytest.mark.parametrize("width", [1440, 768, 390])
def test_no_page_scrolls_sideways_and_the_sidebar_leaves_room(
    busy: World, enter: Enter, faults: list[str], width: int
) -> None:
    for unit, role in PEOPLE:
        page = enter(unit, role)
        page.set_viewport_size({"width": width, "height": 800})
        for path in ("/admin/", "/admin/targets/submission/", "/admin/targets/figure/"):
            page.goto(path)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (role, path)
            assert page.locator(".side").is_visible() == (width >= 960)
            assert page.locator("#content h1").bounding_box()["y"] < 260, (role, path)  # type: ignore[index]
    assert faults == []


def test_on_a_narrow_screen_the_menu_unfolds_and_leads_on(busy: World, enter: Enter, faults: list[str]) -> None:
    page = enter(HAISHU, Role.ENDORSER)
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto("/admin/")
    links = page.locator(".side-menu-box .side-items a")
    assert not links.first.is_visible()
    assert page.locator(".side-menu > summary .side-count").inner_text().endswith("1")
    page.click(".side-menu > summary")
    assert links.first.is_visible()
    assert links.first.get_attribute("aria-current") == "page"
    with page.expect_navigation():
        links.nth(1).click()
    assert page.url.endswith("/admin/targets/submission/")
    assert faults == []


def test_the_data_is_folded_and_opens_with_the_keyboard(busy: World, enter: Enter, faults: list[str]) -> None:
    page = enter(HAISHU, Role.REPORTER)
    page.goto("/admin/")
    figures = page.locator(".side a[href='/admin/targets/figure/']")
    assert not figures.is_visible()
    page.focus(".side .side-data > summary")
    page.keyboard.press("Enter")
    figures.click()
    page.wait_for_url("**/admin/targets/figure/")
    assert page.locator(".side a[aria-current=page]").get_attribute("href") == "/admin/targets/figure/"
    assert figures.is_visible()
    assert faults == []


def test_from_the_reporting_state_to_an_extension(busy: World, enter: Enter, faults: list[str]) -> None:
    page = enter(CITY, Role.PLAN_MANAGER)
    page.goto("/admin/")
    with page.expect_navigation():
        page.locator("table.standing tbody tr", has_text="海曙").locator("td.extension a").click()
    page.fill("#id_due_on", "2020-10-20")
    page.fill("#id_reason", "台风")
    with page.expect_navigation():
        page.click("input[name=_save]")
    row = DueDayExtension.objects.get()
    assert (row.organisation.code, row.period.code, str(row.due_on)) == (HAISHU, "2020Q3", "2020-10-20")
    page.goto("/admin/")
    assert page.locator("table.standing tbody tr", has_text="海曙").locator(".tag").count() == 1
    assert faults == []


def test_another_period_is_chosen_from_the_list(busy: World, enter: Enter, faults: list[str]) -> None:
    page = enter(CITY, Role.PLAN_MANAGER)
    page.goto("/admin/")
    page.click(".choice > summary")
    with page.expect_navigation():
        page.click(".choice a[href='?period=2020Q1#reporting-state']")
    assert "2020Q1" in page.url
    assert page.locator(".choice a[aria-current]").get_attribute("href") == "?period=2020Q1#reporting-state"
    assert faults == []


def test_work_is_reached_with_one_click(busy: World, enter: Enter, faults: list[str]) -> None:
    page = enter(LEAD, Role.REVIEWER)
    page.goto("/admin/")
    with page.expect_navigation():
        page.click("#to-approve .task-link")
    assert page.url.endswith(f"/admin/targets/submission/{busy.submission(JIANGBEI, 3).pk}/change/")
    assert faults == []
