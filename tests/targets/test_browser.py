"""The staff's pages in Chromium, with the mouse: upload, the answer, the confirmation, and the steps of review."""

from typing import Any

import pytest
from playwright.sync_api import Page

from organisations.choices import Role
from organisations.models import Account
from targets.models import Figure, Submission
from tests.conftest import Enter, Open
from tests.targets.test_uploads import FIVE, ROWS, workbook
from tests.world import BEDS, HAISHU, LEAD, TODAY, World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PASSWORD = "a-good-password"


@pytest.fixture
def world(live_world: World, settings: Any) -> World:
    settings.TODAY = TODAY
    return live_world


def type_password(page: Page, account: Account) -> None:
    """Logs in as people do; the other tests begin with a session."""
    account.set_password(PASSWORD)
    account.save()
    page.goto("/admin/")
    page.fill("#id_username", account.username)
    page.fill("#id_password", PASSWORD)
    with page.expect_navigation():
        page.click("button[type=submit]")


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


def test_from_the_file_to_the_approval_with_the_mouse(
    world: World, open_page: Open, enter: Enter, faults: list[str]
) -> None:
    clerk = open_page()
    type_password(clerk, world.account(HAISHU, Role.REPORTER))
    assert clerk.url.endswith("/admin/")
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
    checker = enter(HAISHU, Role.ENDORSER)
    take(checker, submission, 1)
    reviewer = enter(LEAD, Role.REVIEWER)
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
def test_staff_pages_do_not_scroll_sideways(world: World, enter: Enter, faults: list[str], width: int) -> None:
    world.report(HAISHU, BEDS, 3, 5)
    clerk = enter(HAISHU, Role.REPORTER)
    clerk.set_viewport_size({"width": width, "height": 900})
    own = f"/admin/targets/submission/{world.submission(HAISHU, 3).pk}/change/"
    lists = [f"/admin/targets/{name}/" for name in ("submission", "figure", "target", "revision", "upload")]
    for path in ("/admin/", "/admin/upload/", own, *lists):
        clerk.goto(path)
        assert clerk.evaluate("document.documentElement.scrollWidth") <= width, path
    upload(clerk, workbook(FIVE))
    assert clerk.evaluate("document.documentElement.scrollWidth") <= width
    assert faults == []
