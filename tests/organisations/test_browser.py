"""Idle logout in Chromium: warned, gone on, and at the end the draft saved and logged out."""

from collections.abc import Callable, Iterator

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from organisations.choices import Role
from tests.organisations.conftest import PASSWORD, give_password
from tests.world import CITY, HAISHU, World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SECONDS = 6
ADMIN, LEADER = ("/admin/", HAISHU, Role.REPORTER), ("/", CITY, Role.LEADER)
Enter = Callable[[World, str, str, Role], Page]

# What the page of a form does: it saves, which takes a while, and says so where the next page can read it.
SAVES_A_DRAFT = """document.addEventListener("plan:leaving", (event) => event.detail.waitFor(
    new Promise((done) => setTimeout(() => { localStorage.setItem("draft", "kept"); done(); }, 1500))))"""
NEVER_DONE = """document.addEventListener("plan:leaving", (event) => event.detail.waitFor(new Promise(() => {})))"""


@pytest.fixture(autouse=True)
def short_time(settings) -> None:
    settings.IDLE_MINUTES = SECONDS / 60


@pytest.fixture
def window(live_server: LiveServer, chromium: Browser, faults: list[str]) -> Iterator[BrowserContext]:
    window = chromium.new_context(base_url=live_server.url, locale="en")
    window.on("console", lambda message: faults.append(message.text))
    window.on("weberror", lambda error: faults.append(str(error.error)))
    yield window
    window.close()


@pytest.fixture
def enter(window: BrowserContext) -> Enter:
    def log_in(world: World, path: str, unit: str, role: Role) -> Page:
        account = give_password(world.account(unit, role))
        page = window.new_page()
        page.goto(f"/login/?next={path}")
        page.fill("#id_username", account.username)
        page.fill("#id_password", PASSWORD)
        with page.expect_navigation():
            page.click("button[type=submit]")
        return page

    return log_in


def expect_logged_out(page: Page, path: str) -> None:
    page.wait_for_url(f"**/login/?why=idle&next={path.replace('/', '%2F')}", timeout=20_000)
    assert page.locator(".hint").count() == 1
    assert page.input_value("input[name=next]") == path


@pytest.mark.parametrize("place", [ADMIN, LEADER], ids=["admin", "leader"])
def test_warned_gone_on_and_at_last_logged_out(
    world: World, enter: Enter, faults: list[str], place: tuple[str, str, Role]
) -> None:
    page = enter(world, *place)
    page.evaluate(SAVES_A_DRAFT)
    dialog = page.locator("dialog#idle")
    expect(dialog).to_be_hidden()
    for _time in range(2):
        expect(dialog).to_be_visible(timeout=SECONDS * 1000)
        assert any(f" {second} " in dialog.locator(".idle-left").inner_text() for second in (1, 2, 3))
        assert page.evaluate("document.activeElement.className") == "idle-go-on"
        page.keyboard.press("Enter")
        expect(dialog).to_be_hidden()
    assert page.evaluate("localStorage.getItem('draft')") is None
    assert Session.objects.count() == 1
    expect_logged_out(page, place[0])
    assert page.evaluate("localStorage.getItem('draft')") == "kept"
    assert Session.objects.count() == 0
    assert faults == []


def test_work_on_a_page_that_asks_for_nothing_keeps_the_session(world: World, enter: Enter) -> None:
    page = enter(world, *ADMIN)
    for _second in range(SECONDS + 4):
        page.keyboard.press("Shift")
        page.wait_for_timeout(1000)
    expect(page.locator("dialog#idle")).to_be_hidden()
    assert page.goto("/admin/upload/").url.endswith("/admin/upload/")


def test_escape_goes_on(world: World, enter: Enter) -> None:
    page = enter(world, *LEADER)
    dialog = page.locator("dialog#idle")
    expect(dialog).to_be_visible(timeout=SECONDS * 1000)
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.wait_for_timeout(SECONDS * 400)
    expect(dialog).to_be_hidden()


def test_a_save_that_never_ends_is_not_waited_for(world: World, enter: Enter) -> None:
    page = enter(world, *LEADER)
    page.evaluate(NEVER_DONE)
    page.locator("dialog#idle").wait_for(timeout=SECONDS * 1000)
    expect_logged_out(page, "/")


def test_tabs_go_on_together_and_leave_together(world: World, enter: Enter, window: BrowserContext) -> None:
    first = enter(world, *ADMIN)
    second = window.new_page()
    second.goto("/admin/upload/")
    second.evaluate(SAVES_A_DRAFT)
    for page in (first, second):
        page.locator("dialog#idle").wait_for(timeout=SECONDS * 1000)
    first.click(".idle-go-on")
    for page in (first, second):
        expect(page.locator("dialog#idle")).to_be_hidden()
    first.locator("dialog#idle").wait_for(timeout=SECONDS * 1000)
    first.click(".idle-leave")
    expect_logged_out(first, "/admin/")
    expect_logged_out(second, "/admin/upload/")
    assert second.evaluate("localStorage.getItem('draft')") == "kept"


def test_a_session_that_ended_elsewhere_is_noticed_while_working(world: World, enter: Enter) -> None:
    page = enter(world, *ADMIN)
    Session.objects.all().delete()
    page.wait_for_timeout(1500)
    page.mouse.move(30, 30)
    expect_logged_out(page, "/admin/")


@pytest.mark.parametrize("width", [1440, 390])
def test_the_warning_fits_the_screen(world: World, enter: Enter, width: int) -> None:
    page = enter(world, *ADMIN)
    page.set_viewport_size({"width": width, "height": 800})
    page.locator("dialog#idle").wait_for(timeout=SECONDS * 1000)
    box = page.locator("dialog#idle").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_first_login_leads_through_a_new_password(world: World, enter: Enter, settings, faults: list[str]) -> None:
    settings.IDLE_MINUTES = 30
    account = world.account(HAISHU, Role.REPORTER)
    account.must_change_password = True
    page = enter(world, "/admin/upload/", HAISHU, Role.REPORTER)
    assert page.locator(".hint").count() == 1
    for field, text in (("old_password", PASSWORD), ("new_password1", "another-good-one")):
        page.fill(f"#id_{field}", text)
    page.fill("#id_new_password2", "another-good-one")
    with page.expect_navigation():
        page.click(".password button[type=submit]")
    assert page.url.endswith("/admin/upload/")
    assert page.locator(".messagelist .success").count() == 1
    assert faults == []
