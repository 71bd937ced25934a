"""Evidence in Chromium: added by choosing and by dropping, refused, removed after a question, and without scripts."""

import pytest
from playwright.sync_api import Page, expect

from organisations.choices import Role
from targets.models import Evidence, Figure, Revision
from tests.conftest import Enter
from tests.targets import files
from tests.world import BEDS, HAISHU, World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

DROP = """([cell, name, bytes]) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([new Uint8Array(bytes)], name));
    for (const type of ["dragover", "drop"])
        cell.dispatchEvent(new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer: transfer }));
}"""


def choose(page: Page, *given: tuple[str, bytes]) -> None:
    payload = [{"name": name, "mimeType": "", "buffer": data} for name, data in given]
    page.set_input_files("[data-evidence-add]", payload)


def names() -> list[str]:
    return list(Evidence.objects.values_list("name", flat=True))


@pytest.fixture
def world(live_world: World) -> World:
    return live_world


@pytest.fixture
def page(world: World, enter: Enter) -> Page:
    """The page of 海曙's beds, as its reporter sees it."""
    world.report(HAISHU, BEDS, 3, 126)
    page = enter(HAISHU, Role.REPORTER)
    page.goto(f"/admin/targets/figure/{Figure.objects.get().pk}/change/")
    return page


def test_files_are_added_after_a_login_in_another_window(page: Page, faults: list[str]) -> None:
    """The token in the page is an old one then; the cookie has the new one."""
    page.evaluate("document.querySelector('input[name=csrfmiddlewaretoken]').value = 'x'.repeat(64)")
    choose(page, ("验收单.pdf", files.PDF))
    expect(page.locator("[data-evidence-cell] li a")).to_have_text(["验收单.pdf"])
    assert faults == []


def test_files_are_added_and_removed_without_leaving_the_page(page: Page, faults: list[str]) -> None:
    page.evaluate("window.stayed = true")
    cell = page.locator("[data-evidence-cell]")
    choose(page, ("验收单.pdf", files.PDF), ("现场.png", files.PNG))
    expect(cell.locator("li a")).to_have_text(["验收单.pdf", "现场.png"])
    page.evaluate(DROP, [cell.element_handle(), "合影.jpg", list(files.JPEG)])
    expect(cell.locator("li a")).to_have_count(3)
    assert names() == ["验收单.pdf", "现场.png", "合影.jpg"]
    choose(page, ("坏.exe", b"MZ"))
    expect(cell.get_by_role("alert")).to_contain_text("坏.exe")
    assert len(names()) == 3

    page.once("dialog", lambda dialog: dialog.dismiss())
    cell.locator("[data-evidence-remove]").first.click()
    assert len(names()) == 3
    questions = []
    page.once("dialog", lambda dialog: (questions.append(dialog.message), dialog.accept()))
    cell.locator("[data-evidence-remove]").first.click()
    expect(cell.locator("li a")).to_have_text(["现场.png", "合影.jpg"])
    assert "验收单.pdf" in questions[0]
    assert "{name}" not in questions[0]
    assert names() == ["现场.png", "合影.jpg"]
    assert Revision.objects.filter(kind="evidence").count() == 4
    assert page.evaluate("window.stayed")
    assert faults == []


def test_a_lost_network_is_said_and_loses_nothing(page: Page) -> None:
    choose(page, ("验收单.pdf", files.PDF))
    cell = page.locator("[data-evidence-cell]")
    expect(cell.locator("li a")).to_have_count(1)
    page.context.set_offline(True)
    choose(page, ("现场.png", files.PNG))
    status = cell.locator("[data-evidence-status]")
    expect(status).to_have_text(page.locator("[data-evidence-texts]").get_attribute("data-failed"))
    expect(cell.locator("li a")).to_have_count(1)
    page.context.set_offline(False)
    choose(page, ("现场.png", files.PNG))
    expect(cell.locator("li a")).to_have_count(2)


def test_an_expired_login_is_not_shown_inside_the_cell(page: Page) -> None:
    page.context.clear_cookies(name="sessionid")
    choose(page, ("验收单.pdf", files.PDF))
    status = page.locator("[data-evidence-cell] [data-evidence-status]")
    expect(status).to_have_text(page.locator("[data-evidence-texts]").get_attribute("data-failed"))
    assert page.locator("[data-evidence-cell] input[type=password]").count() == 0
    assert names() == []


def test_it_works_without_scripts(world: World, enter: Enter) -> None:
    world.report(HAISHU, BEDS, 3, 126)
    page = enter(HAISHU, Role.REPORTER, java_script_enabled=False)
    page.goto(f"/admin/targets/figure/{Figure.objects.get().pk}/change/")
    assert not page.locator("[data-evidence-add]").is_visible()
    page.click("[data-evidence-page]")
    page.set_input_files("#files", [{"name": "验收单.pdf", "mimeType": "", "buffer": files.PDF}])
    page.click("form.upload-form button")
    assert names() == ["验收单.pdf"]
    page.click(".evidence-list summary")
    page.click(".evidence-list details button")
    page.wait_for_selector(".upload .empty")
    assert names() == []


@pytest.mark.parametrize("width", [1440, 390])
def test_the_pages_do_not_scroll_sideways(world: World, page: Page, faults: list[str], width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    choose(page, ("很长的文件名" * 20 + ".pdf", files.PDF))
    expect(page.locator("[data-evidence-cell] li a")).to_have_count(1)
    for path in (page.url, f"/admin/submissions/{world.submission(HAISHU, 3).pk}/evidence/0902/"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    assert faults == []
