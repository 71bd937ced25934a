"""The pages in Chromium: no sideways scrolling, no other host, no word from the policy, no JavaScript."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from django.contrib.auth.hashers import make_password
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from organisations.choices import Role
from tests.world import BEDS, CITY, HAISHU, World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PASSWORD = "a-good-password"
PAGES = ["/", f"/indicators/{BEDS}/", f"/organisations/{HAISHU}/", f"/organisations/{CITY}/"]


@dataclass
class Visit:
    """A page and what the browser had to say about it."""

    page: Page
    messages: list[str] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)


@pytest.fixture
def visit(city: World, live_server: LiveServer, chromium: Browser) -> Iterator[Visit]:
    """A leader who has logged in, with JavaScript off."""
    leader = city.account(CITY, Role.LEADER)
    leader.password = make_password(PASSWORD)
    leader.save()
    context = chromium.new_context(java_script_enabled=False, base_url=live_server.url)
    result = Visit(context.new_page())
    result.page.on("console", lambda message: result.messages.append(message.text))
    result.page.on("request", lambda request: result.hosts.add(request.url.split("/")[2]))
    result.page.goto("/")
    result.page.fill("#id_username", leader.username)
    result.page.fill("#id_password", PASSWORD)
    with result.page.expect_navigation():
        result.page.click("button[type=submit]")
    yield result
    context.close()


@pytest.mark.parametrize("width", [1440, 1024, 390])
def test_pages_do_not_scroll_sideways(visit: Visit, live_server: LiveServer, width: int) -> None:
    visit.page.set_viewport_size({"width": width, "height": 900})
    for path in PAGES:
        visit.page.goto(path)
        assert visit.page.evaluate("document.documentElement.scrollWidth") <= width, path
    assert visit.messages == []
    assert visit.hosts == {live_server.url.split("/")[2]}


def test_a_number_can_be_followed_without_javascript(visit: Visit) -> None:
    page = visit.page
    assert page.inner_text("h1").startswith("2020年工作要点")
    page.click("table.numbers td a.figure >> text=1,900")
    assert page.inner_text("h1") == "新建养老床位"
    page.click("table.ranking a.figure >> text=800")
    assert page.inner_text("h1") == "海曙区民政局"


def test_the_pickers_open_and_choose_without_javascript(visit: Visit) -> None:
    page = visit.page
    page.click("details.picker >> nth=1")
    page.click("details.picker >> nth=1 >> a >> nth=1")
    assert page.url.endswith("?period=2020Q3&scope=submitted")


def test_focus_is_visible_and_begins_at_the_skip_link(visit: Visit) -> None:
    visit.page.keyboard.press("Tab")
    assert visit.page.evaluate("document.activeElement.className") == "skip-link"
    assert visit.page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
