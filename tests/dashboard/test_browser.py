"""The pages in Chromium: no sideways scrolling, no other host, no word from the policy, no JavaScript."""

import pytest
from playwright.sync_api import Page

from organisations.choices import Role
from tests.conftest import Open
from tests.world import BEDS, CITY, HAISHU, World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PAGES = ["/", f"/indicators/{BEDS}/", f"/organisations/{HAISHU}/", f"/organisations/{CITY}/"]


@pytest.fixture
def page(city: World, open_page: Open) -> Page:
    """The first page of a leader, with JavaScript off."""
    page = open_page(city.account(CITY, Role.LEADER), java_script_enabled=False)
    page.goto("/")
    return page


@pytest.mark.parametrize("width", [1440, 1024, 390])
def test_pages_do_not_scroll_sideways(page: Page, faults: list[str], width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    for path in PAGES:
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    assert faults == []  # no other host either


def test_a_number_can_be_followed_without_javascript(page: Page) -> None:
    assert page.inner_text("h1").startswith("2020年工作要点")
    page.click("table.numbers td a.figure >> text=1,900")
    assert page.inner_text("h1") == "新建养老床位"
    page.click("table.ranking a.figure >> text=800")
    assert page.inner_text("h1") == "海曙区民政局"


def test_the_pickers_open_and_choose_without_javascript(page: Page) -> None:
    page.click("details.picker >> nth=1")
    page.click("details.picker >> nth=1 >> a >> nth=1")
    assert page.url.endswith("?period=2020Q3&scope=submitted")


def test_focus_is_visible_and_begins_at_the_skip_link(page: Page) -> None:
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip-link"
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
