"""The grid of the decomposition in Chromium: the balance while typing, the keyboard, a pasted block, three widths."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from organisations.choices import Role
from targets.models import Revision
from tests.conftest import Enter
from tests.targets.decomposition_page import divide, stored
from tests.world import CITY, HAISHU, JIANGBEI, LEAD, UNITS, XIANGSHAN, ZONE, World, add_indicator

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

BALANCE = "[data-balance='0902']"
Login = Callable[..., Page]


@pytest.fixture
def world(live_world: World) -> World:
    return divide(live_world)


@pytest.fixture
def login(world: World, enter: Enter) -> Login:
    """login(role, unit, **options): the grid of 养老 in front of this person, the plan manager by default."""

    def look(role: Role = Role.PLAN_MANAGER, unit: str = CITY, **options: object) -> Page:
        page = enter(unit, role, **options)
        page.goto("/admin/decomposition/?programme=eldercare")
        return page

    return look


def cell(unit: str, commitment: str = "0902") -> str:
    return f"[id='{commitment}:{unit}']"


def save(page: Page, reason: str) -> None:
    page.fill("#reason", reason)
    with page.expect_navigation():
        page.click(".grid-foot .button-primary")


def test_the_balance_follows_the_typing_and_nothing_is_written_before_saving(
    world: World, login: Login, faults: list[str]
) -> None:
    page = login()
    expect(page.locator(BALANCE)).to_have_class("balance balance-even")
    page.fill(cell(HAISHU), "1497")
    expect(page.locator(BALANCE)).to_have_class("balance balance-short")
    expect(page.locator(BALANCE)).to_contain_text("3 张")
    expect(page.locator(cell(HAISHU))).to_have_class("cell changed")
    page.fill(cell(HAISHU), "abc")
    expect(page.locator(BALANCE)).to_have_class("balance balance-unknown")
    expect(page.locator(cell(HAISHU))).to_have_attribute("aria-invalid", "true")
    page.fill(cell(HAISHU), "1,505")
    expect(page.locator(BALANCE)).to_have_class("balance balance-over")
    assert page.get_attribute(cell(HAISHU), "aria-invalid") is None
    assert stored()[HAISHU] == 1500
    save(page, "年中调整")
    assert stored()[HAISHU] == 1505
    assert Revision.objects.latest("pk").reason == "年中调整"
    assert page.locator(BALANCE).get_attribute("class") == "balance balance-over"
    assert faults == []


def test_a_block_from_a_sheet_is_pasted_and_enter_moves_down(world: World, login: Login, faults: list[str]) -> None:
    programme = world.commitments["0902"].indicator.programme
    world.add_commitment("0906", add_indicator("YL-21", programme, "另一项"))
    for unit in UNITS:
        world.target("0906", unit, reports=True)
    page = login()
    page.evaluate("document.querySelector('#reason').insertAdjacentHTML('afterend', '<textarea id=sheet></textarea>')")
    page.evaluate("sheet.value = '1300\\t1200\\t1100\\t400\\n1\\t2\\t3\\t4\\n9\\n'; sheet.select()")
    page.keyboard.press("Control+c")
    page.focus(cell(HAISHU))
    page.keyboard.press("Control+v")
    expect(page.locator(BALANCE)).to_have_class("balance balance-even")
    expect(page.locator(".note-dropped")).to_be_visible()
    page.focus(cell(JIANGBEI))
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == f"0906:{JIANGBEI}"
    assert page.url.endswith("/admin/decomposition/?programme=eldercare")
    save(page, "按表分解")
    assert list(stored().values()) == [1300, 1200, 1100, 400]
    assert list(stored("0906").values()) == [1, 2, 3, 4]
    assert faults == []


def test_enter_in_the_reason_saves_and_splits_nothing(world: World, login: Login) -> None:
    page = login()
    page.fill(cell(ZONE), "1")
    page.fill("#reason", "补充")
    with page.expect_navigation():
        page.press("#reason", "Enter")
    assert stored() == {HAISHU: 1500, JIANGBEI: 1500, XIANGSHAN: 1000, ZONE: 1}


def test_two_people_in_the_same_grid(world: World, login: Login, faults: list[str]) -> None:
    mine, theirs = login(), login(Role.REVIEWER, LEAD)
    theirs.fill(cell(HAISHU), "1450")
    save(theirs, "同事调整")
    mine.fill(cell(HAISHU), "1300")
    mine.fill(cell(ZONE), "200")
    save(mine, "我的调整")
    assert stored()[HAISHU] == 1450
    assert mine.locator(".theirs").inner_text().endswith("1450")
    assert (mine.input_value(cell(HAISHU)), mine.input_value(cell(ZONE)), mine.input_value("#reason")) == (
        "1300", "200", "我的调整",
    )  # fmt: skip
    with mine.expect_navigation():
        mine.click(".grid-foot .button-primary")
    assert stored() == {HAISHU: 1300, JIANGBEI: 1500, XIANGSHAN: 1000, ZONE: 200}
    assert faults == []


def test_without_an_answer_no_balance_is_shown(world: World, login: Login) -> None:
    page = login()
    page.route("**/balances/", lambda route: route.abort())
    page.fill(cell(HAISHU), "1")
    expect(page.locator(BALANCE)).to_have_class("balance balance-unknown")


def test_without_scripts_everything_can_be_done(world: World, login: Login) -> None:
    page = login(java_script_enabled=False)
    page.fill(cell(HAISHU), "1600")
    with page.expect_navigation():
        page.click("noscript button, .grid-foot .button-plain")
    assert page.get_attribute(BALANCE, "class") == "balance balance-over"
    with page.expect_navigation():
        page.click("button[value='equally:0902']")
    assert page.input_value(cell(ZONE)) == "1000"
    save(page, "平均")
    assert set(stored().values()) == {1000}


@pytest.mark.parametrize("width", [1440, 1024, 390])
def test_the_page_does_not_scroll_sideways(world: World, login: Login, width: int) -> None:
    page = login(viewport={"width": width, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.fill(cell(HAISHU), "abc")
    save(page, "x")
    assert page.locator(".note-refused li").count() == 1
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    box = page.evaluate(
        "(() => { const b = document.querySelector('.grid-box'); return [b.scrollWidth, b.clientWidth]; })()"
    )
    assert width == 1024 or box[0] <= box[1]
