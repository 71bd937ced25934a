"""The staff's pages in Chromium, with the mouse: upload, the answer, the confirmation, and the steps of review."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.contrib.auth.hashers import make_password
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from organisations.choices import Role
from targets.models import Figure, Submission
from tests.targets.test_uploads import FIVE, ROWS, workbook
from tests.world import BEDS, HAISHU, LEAD, World, build_world

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PASSWORD = "a-good-password"
Login = Callable[[str, Role], Page]


@pytest.fixture
def world(transactional_db: None, media: Path) -> World:
    return build_world()


@pytest.fixture
def faults() -> list[str]:
    """What the browser had to complain about: the policy, missing files, other hosts."""
    return []


@pytest.fixture
def login(world: World, live_server: LiveServer, chromium: Browser, faults: list[str]) -> Iterator[Login]:
    contexts = []

    def enter(unit: str, role: Role) -> Page:
        account = world.account(unit, role)
        account.password = make_password(PASSWORD)
        account.save()
        context = chromium.new_context(base_url=live_server.url, viewport={"width": 1440, "height": 900})
        contexts.append(context)
        page = context.new_page()
        expected = "422"  # a refused file is answered with 422, which the browser calls a failed load
        page.on("console", lambda message: faults.append(message.text) if expected not in message.text else None)
        page.on("request", lambda request: faults.append(request.url) if live_server.url not in request.url else None)
        page.goto("/admin/")
        page.fill("#id_username", account.username)
        page.fill("#id_password", PASSWORD)
        with page.expect_navigation():
            page.click("button[type=submit]")
        return page

    yield enter
    for context in contexts:
        context.close()


def upload(page: Page, content: bytes) -> None:
    page.goto("/admin/upload/")
    page.set_input_files("input[type=file]", {"name": "海曙.xlsx", "mimeType": "", "buffer": content})
    with page.expect_navigation():
        page.click("form.upload-form button[type=submit]")


def take(page: Page, submission: Submission, number: int) -> None:
    """Chooses the submission and the action of this number, and runs it."""
    page.goto("/admin/targets/submission/")
    page.check(f"input.action-select[value='{submission.pk}']")
    page.select_option("select[name=action]", index=number)
    with page.expect_navigation():
        page.click("button[name=index]")


def test_from_the_file_to_the_approval_with_the_mouse(world: World, login: Login, faults: list[str]) -> None:
    clerk = login(HAISHU, Role.REPORTER)
    upload(clerk, workbook(FIVE))
    assert clerk.locator(".answer-refused tbody tr").count() == 5
    assert not Figure.objects.exists()
    upload(clerk, workbook(ROWS))
    assert clerk.locator("td.new").all_inner_texts()[0].startswith("126")
    assert not Figure.objects.exists()
    with clerk.expect_navigation():
        clerk.click("form[action$=confirm\\/] button")
    assert Figure.objects.get(indicator__code=BEDS).numerator == 126
    submission = world.submission(HAISHU, 3)
    take(clerk, submission, 1)
    checker = login(HAISHU, Role.ENDORSER)
    take(checker, submission, 1)
    reviewer = login(LEAD, Role.REVIEWER)
    take(reviewer, submission, 2)
    reviewer.fill("textarea[name=reason]", "请核对")
    with reviewer.expect_navigation():
        reviewer.click("button.button-primary")
    assert world.submission(HAISHU, 3).state == "draft"
    take(clerk, submission, 1)
    take(checker, submission, 1)
    take(reviewer, submission, 1)
    submission.refresh_from_db()
    assert (submission.state, submission.round) == ("approved", 2)
    assert faults == []


@pytest.mark.parametrize("width", [1440, 390])
def test_staff_pages_do_not_scroll_sideways(world: World, login: Login, faults: list[str], width: int) -> None:
    world.report(HAISHU, BEDS, 3, 5)
    clerk = login(HAISHU, Role.REPORTER)
    clerk.set_viewport_size({"width": width, "height": 900})
    own = f"/admin/targets/submission/{world.submission(HAISHU, 3).pk}/change/"
    lists = [f"/admin/targets/{name}/" for name in ("submission", "figure", "target", "revision", "upload")]
    for path in ("/admin/", "/admin/upload/", own, *lists):
        clerk.goto(path)
        assert clerk.evaluate("document.documentElement.scrollWidth") <= width, path
    upload(clerk, workbook(FIVE))
    assert clerk.evaluate("document.documentElement.scrollWidth") <= width
    assert faults == []
