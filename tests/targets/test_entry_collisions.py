"""Two people, two windows, a slow network, an ended session at one entry form: nobody's typing is lost or changed."""

import pytest
from playwright.sync_api import Page, expect

from organisations.choices import Role
from targets.models import Explanation, Figure, ProgressNote, Revision, Submission
from tests.conftest import Enter
from tests.world import BEDS, COVERAGE, HAISHU, NOW, World, add_indicator

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def in_october(settings) -> None:
    settings.TODAY = NOW.date()


@pytest.fixture
def world(live_world: World) -> World:
    return live_world


def url(submission: Submission) -> str:
    return f"/admin/targets/submission/{submission.pk}/change/"


def number(page: Page, code: str = "0902"):
    return page.locator(f"input[name='{code}.numerator']")


def is_all_saved(page: Page) -> None:
    expect(page.locator("tr.unsaved")).to_have_count(0, timeout=10_000)


def history() -> list[str]:
    rows = Revision.objects.filter(kind="figure").order_by("pk")
    return [each.new["numerator"] if each.new else "" for each in rows]


def test_handing_in_an_old_page_puts_back_nothing_that_nobody_typed(world: World, enter: Enter) -> None:
    world.report(HAISHU, BEDS, 3, 5)
    world.account(HAISHU, Role.REPORTER)
    submission = world.submission(HAISHU, 3)
    page = enter(HAISHU, Role.REPORTER)
    page.goto(url(submission))
    world.report(HAISHU, BEDS, 3, 12)
    for _time in range(2):
        with page.expect_navigation():
            page.get_by_role("button", name="提交审核").click()
    assert history() == ["5", "12"]
    assert world.submission(HAISHU, 3).state == "submitted"


def test_a_conflict_waits_for_a_decision_whatever_button_was_pressed(world: World, enter: Enter) -> None:
    submission = world.submission(HAISHU, 3)
    page = enter(HAISHU, Role.REPORTER)
    page.goto(url(submission))
    world.report(HAISHU, BEDS, 3, 12)
    number(page).fill("13")
    page.get_by_role("button", name="提交审核").click()
    expect(page.locator("tr.clash")).to_have_count(1)
    page.wait_for_timeout(1500)
    assert history() == ["12"]
    page.locator(".take-theirs").click()
    page.locator(".keep-mine").click()
    expect(number(page)).to_have_value("12")
    page.wait_for_timeout(500)
    assert history() == ["12"]


def test_a_page_made_by_the_server_with_both_versions_waits_too(world: World, enter: Enter) -> None:
    """As after a form sent without scripts: the same buttons, and nothing is saved before one is pressed."""
    submission = world.submission(HAISHU, 3)
    page = enter(HAISHU, Role.REPORTER)
    page.goto(url(submission))
    world.report(HAISHU, BEDS, 3, 12)
    number(page).fill("13")
    with page.expect_navigation():
        page.evaluate("HTMLFormElement.prototype.submit.call(document.getElementById('entry'))")
    expect(page.locator("tr.clash")).to_have_count(1)
    page.wait_for_timeout(1500)
    assert history() == ["12"]
    page.locator(".keep-mine").click()
    is_all_saved(page)
    assert history() == ["12", "13"]


def test_saving_while_a_save_is_under_way_is_no_conflict_with_oneself(world: World, enter: Enter) -> None:
    page = enter(HAISHU, Role.REPORTER)
    page.goto(url(world.submission(HAISHU, 3)))
    page.route("**/save/", lambda route: (page.wait_for_timeout(700), route.continue_()))
    number(page).fill("12")
    number(page).blur()
    page.locator("textarea[name='0902.progress']").fill("已开工")
    page.locator("textarea[name='0902.progress']").blur()
    page.select_option("select[name='0905.stage']", "in_progress")
    page.locator("h1").click()
    is_all_saved(page)
    expect(page.locator(".conflict")).to_have_count(0)
    assert (Figure.objects.get().numerator, ProgressNote.objects.count()) == (12, 2)


def test_loading_the_page_anew_while_typing_is_no_conflict_either(world: World, enter: Enter) -> None:
    page = enter(HAISHU, Role.REPORTER)
    page.goto(url(world.submission(HAISHU, 3)))
    number(page).fill("12")
    page.wait_for_timeout(300)
    page.reload()
    expect(number(page)).to_have_value("12")
    page.wait_for_timeout(1500)
    expect(page.locator(".conflict")).to_have_count(0)
    number(page).fill("13")
    number(page).blur()
    is_all_saved(page)
    assert Figure.objects.get().numerator == 13


def test_two_people_in_two_rows_are_not_asked_anything(world: World, enter: Enter) -> None:
    first, second = enter(HAISHU, Role.REPORTER), enter(HAISHU, Role.REPORTER)
    for page in (first, second):
        page.goto(url(world.submission(HAISHU, 3)))
    number(first).fill("12")
    number(first).blur()
    is_all_saved(first)
    second.select_option("select[name='0905.stage']", "done")
    second.locator("h1").click()
    is_all_saved(second)
    expect(second.locator(".conflict")).to_have_count(0)
    expect(number(second)).to_have_value("12")
    assert (Figure.objects.get().numerator, ProgressNote.objects.get().stage) == (12, "done")


def test_an_explanation_survives_the_end_of_the_session(world: World, enter: Enter) -> None:
    world.report(HAISHU, BEDS, 2, 5)
    page = enter(HAISHU, Role.REPORTER)
    address = url(world.submission(HAISHU, 3))
    page.goto(address)
    cookies = page.context.cookies()
    number(page).fill("60")
    why = page.locator("input[name='0902.why-leapt']")
    expect(why).to_be_visible()
    page.context.clear_cookies(name="sessionid")
    why.fill("集中完成")
    page.locator("h1").click()
    expect(page.locator("[data-saved]")).to_contain_text("登录已失效")
    page.goto("about:blank")
    page.context.add_cookies(cookies)
    page.goto(address)
    expect(page.locator("input[name='0902.why-leapt']")).to_have_value("集中完成")
    is_all_saved(page)
    page.wait_for_timeout(500)
    assert Explanation.objects.get().text == "集中完成"


def test_an_explanation_of_another_figure_is_shown_and_said_anew(world: World, enter: Enter) -> None:
    world.report(HAISHU, BEDS, 2, 5)
    page = enter(HAISHU, Role.REPORTER)
    page.goto(url(world.submission(HAISHU, 3)))
    number(page).fill("60")
    page.locator("input[name='0902.why-leapt']").fill("集中完成")
    page.locator("h1").click()
    is_all_saved(page)
    number(page).fill("6000")
    number(page).blur()
    expect(page.locator(".cautions")).to_contain_text("针对修改前数据的说明: 集中完成")
    expect(page.locator("input[name='0902.why-leapt']")).to_have_value("")
    with page.expect_navigation():
        page.get_by_role("button", name="提交审核").click()
    expect(page.locator("[data-general]")).to_contain_text("未提交")
    assert world.submission(HAISHU, 3).state == "draft"


def test_what_one_person_typed_is_not_saved_as_anothers(world: World, enter: Enter) -> None:
    page = enter(HAISHU, Role.REPORTER)
    page.goto(url(world.submission(HAISHU, 3)))
    other = world.account(HAISHU, Role.ENDORSER)
    other.reporter = True
    other.save()
    theirs = enter(HAISHU, Role.ENDORSER).context.cookies()
    page.context.clear_cookies(name="sessionid")
    page.context.add_cookies([each for each in theirs if each["name"] == "sessionid"])
    number(page).fill("12")
    number(page).blur()
    expect(page.locator("[data-saved]")).to_contain_text("登录已失效")
    assert not Figure.objects.exists()


def test_typing_that_a_colleagues_submission_overtook_is_shown(world: World, enter: Enter) -> None:
    world.report(HAISHU, BEDS, 3, 5)
    world.account(HAISHU, Role.REPORTER)
    page = enter(HAISHU, Role.REPORTER)
    address = url(world.submission(HAISHU, 3))
    page.goto(address)
    page.context.set_offline(True)
    number(page).fill("12")
    page.context.set_offline(False)
    world.submit(HAISHU, 3)
    page.goto("about:blank")
    page.goto(address)
    expect(page.locator(".restored")).to_contain_text("0902: 12")
    page.get_by_role("button", name="清除").click()
    page.reload()
    expect(page.locator(".restored")).to_have_count(0)


def test_a_fraction_becomes_two_numbers_and_later_words_are_saved(world: World, enter: Enter) -> None:
    world.report(HAISHU, COVERAGE, 2, 30, 158)
    page = enter(HAISHU, Role.REPORTER)
    page.goto(url(world.submission(HAISHU, 3, "children")))
    number(page, "0704").fill("88/275")
    page.locator("h1").click()
    is_all_saved(page)
    expect(number(page, "0704")).to_have_value("88")
    expect(page.locator("input[name='0704.denominator']")).to_have_value("275")
    page.locator("textarea[name='0704.progress']").fill("已开工")
    page.locator("h1").click()
    is_all_saved(page)
    assert ProgressNote.objects.get().progress == "已开工"


def test_a_pasted_column_passes_no_row_by_and_tells_what_is_left(world: World, enter: Enter) -> None:
    beds = world.commitments["0902"].indicator
    world.add_commitment("0903", beds)
    world.add_commitment("0906", add_indicator("YL-0906", beds.programme, "指标0906"))
    for code in ("0903", "0906"):
        world.target(code, HAISHU, reports=True)
    page = enter(HAISHU, Role.REPORTER)
    page.goto(url(world.submission(HAISHU, 3)))
    number(page).focus()
    page.evaluate(
        """() => { const data = new DataTransfer(); data.setData("text/plain", "11\\n12\\n13\\n14\\n");
        document.activeElement.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true,
        cancelable: true})); }"""
    )
    expect(number(page, "0906")).to_have_value("13")
    expect(page.locator("[data-saved]")).to_contain_text("有 2 个没有对应的行")


def test_long_words_are_saved_too(world: World, enter: Enter) -> None:
    page = enter(HAISHU, Role.REPORTER)
    page.goto(url(world.submission(HAISHU, 3)))
    for name in ("progress", "problems", "next_steps"):
        page.evaluate(
            "name => { document.querySelector(`[name='0902.${name}']`).closest('details')?.setAttribute('open', '') }",
            name,
        )
        page.locator(f"textarea[name='0902.{name}']").fill("长" * 1900)
    page.locator("textarea[name='0905.progress']").fill("长" * 1900)
    page.select_option("select[name='0905.stage']", "done")
    page.locator("h1").click()
    is_all_saved(page)
    assert {len(note.progress) for note in ProgressNote.objects.all()} == {1900}
