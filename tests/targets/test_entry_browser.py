"""The entry form in Chromium: from the first number to the approval, and what happens when things go wrong."""

import re
from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect

from organisations.choices import Role
from targets.models import Explanation, Figure, ProgressNote, Revision, Submission, Transition
from tests.conftest import Enter
from tests.world import BEDS, CITY, HAISHU, LEAD, NOW, World, add_indicator

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


def is_saved(page: Page, version: int) -> None:
    expect(page.locator("[data-saved]")).to_contain_text(f"第 {version} 版", timeout=10_000)


def press(page: Page, words: str) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name=words, exact=True).click()


def test_from_the_first_number_to_the_approval(world: World, enter: Enter, faults: list[str]) -> None:
    world.target("0902", HAISHU, 100)
    world.report(HAISHU, BEDS, 1, 20)
    world.report(HAISHU, BEDS, 2, 5)
    for quarter in (1, 2):
        world.approve(HAISHU, quarter)
    submission = world.submission(HAISHU, 3)

    clerk = enter(HAISHU, Role.REPORTER)
    clerk.goto("/admin/")
    clerk.locator(f"a[href='{url(submission)}']").first.click()
    row = clerk.locator("tr[data-row='0902']")
    expect(row.locator("[data-status]")).to_contain_text("未报")
    number(clerk).fill("60")  # judged by the server while it is typed, not saved yet
    expect(row.locator("[data-total]")).to_contain_text("85")
    expect(row.locator("[data-status]")).to_contain_text("正常")
    expect(row.locator("line.bar-mark")).to_have_attribute("x1", "75.00%")
    cautions = clerk.locator("[data-cautions]")
    expect(cautions).to_contain_text("提交前请核对 1 处")
    expect(cautions).to_contain_text("达到上季 5 的 10 倍以上")
    number(clerk).blur()
    is_saved(clerk, 1)
    assert Figure.objects.get(submission=submission).numerator == 60

    press(clerk, "提交审核")  # not without a word on the leap
    expect(clerk.locator("tr[data-row='0902'] .fault")).to_contain_text("10 倍以上")
    assert world.submission(HAISHU, 3).state == "draft"
    clerk.fill("input[name='0902.why-leapt']", "上季受疫情影响,本季集中交付")
    press(clerk, "提交审核")
    assert world.submission(HAISHU, 3).state == "submitted"
    assert Explanation.objects.get(submission=submission).text == "上季受疫情影响,本季集中交付"

    expect(clerk.locator("button", has_text="审核通过")).to_have_count(0)
    checker = enter(HAISHU, Role.ENDORSER)
    checker.goto(url(submission))
    expect(checker.locator(".cautions")).to_contain_text("上季受疫情影响,本季集中交付")
    press(checker, "审核通过")

    reviewer = enter(LEAD, Role.REVIEWER)
    reviewer.goto("/admin/")
    reviewer.locator(f"a[href='{url(submission)}']").first.click()
    expect(reviewer.locator("tr[data-row='0902'] .quarters")).to_contain_text("二季度 5")
    reviewer.fill("input[name='0902.remark']", "请扣除护理院床位")
    reviewer.fill("#reason", "新增数请核对")
    press(reviewer, "退回")

    clerk.goto(url(submission))
    expect(clerk.locator(".returned")).to_contain_text("新增数请核对")
    expect(clerk.locator("tr[data-row='0902'] .remark")).to_contain_text("请扣除护理院床位")
    number(clerk).fill("58")
    number(clerk).blur()
    expect(clerk.locator("[data-cautions]")).to_contain_text("10 倍以上")
    clerk.fill("input[name='0902.why-leapt']", "已扣除护理院床位")
    press(clerk, "提交审核")
    expect(clerk.locator(".pill-round")).to_contain_text("第 2 轮")

    checker.goto(url(submission))
    press(checker, "审核通过")
    reviewer.goto(url(submission))
    expect(reviewer.locator(".changes-since")).to_contain_text(re.compile(r"60\s*58"))
    expect(reviewer.locator(".timeline")).to_contain_text("再次提交")
    press(reviewer, "核定")
    submission.refresh_from_db()
    assert (submission.state, submission.round) == ("approved", 2)
    leader = enter(CITY, Role.LEADER)
    leader.goto("/?period=2020Q3")
    expect(leader.get_by_role("link", name="新建养老床位").first).to_be_visible()
    assert "83" in leader.locator("body").inner_text()  # 20 + 5 + 58
    assert [step.action for step in Transition.objects.filter(submission=submission).order_by("pk")] == [
        "submit", "endorse", "return", "submit", "endorse", "approve",
    ]  # fmt: skip
    assert faults == []


def test_two_browsers_at_one_draft_lose_neither(world: World, enter: Enter, faults: list[str]) -> None:
    submission = world.submission(HAISHU, 3)
    first, second = enter(HAISHU, Role.REPORTER), enter(HAISHU, Role.REPORTER)
    for page in (first, second):
        page.goto(url(submission))
    number(first).fill("12")
    first.fill("textarea[name='0905.progress']", "甲的说明")
    first.select_option("select[name='0905.stage']", "in_progress")
    number(first).blur()
    is_saved(first, 1)
    number(second).fill("13")
    number(second).blur()
    conflict = second.locator(".conflict")
    expect(conflict).to_contain_text("没有覆盖任何内容")
    clash = conflict.locator("tr.clash")
    expect(clash).to_have_count(1)
    expect(clash).to_contain_text(re.compile(r"13\s*12"))
    expect(second.locator("textarea[name='0905.progress']")).to_have_value("甲的说明")
    expect(number(second)).to_have_value("13")
    assert Figure.objects.get().numerator == 12
    second.get_by_role("button", name="按我填写的保存").click()
    is_saved(second, 2)
    assert Figure.objects.get().numerator == 13
    assert ProgressNote.objects.get().progress == "甲的说明"
    number(first).fill("14")
    number(first).blur()
    first.locator(".take-theirs").click()
    expect(number(first)).to_have_value("13")
    assert [(each.old and each.old["numerator"], each.new["numerator"]) for each in
            Revision.objects.filter(kind="figure").order_by("pk")] == [(None, "12"), ("12", "13")]  # fmt: skip
    assert faults == []


def test_a_faulty_cell_is_told_and_does_not_hold_up_the_others(world: World, enter: Enter) -> None:
    page = enter(HAISHU, Role.REPORTER)
    page.goto(url(world.submission(HAISHU, 3)))
    number(page).fill("约50")
    page.select_option("select[name='0905.stage']", "done")
    page.locator("h1").click()
    expect(page.locator("tr[data-row='0902'] .fault")).to_contain_text("约50")
    expect(page.locator("[data-saved]")).to_contain_text("请先改正标红处")
    assert ProgressNote.objects.get().stage == "done"
    assert not Figure.objects.exists()
    number(page).fill("50")
    number(page).blur()
    expect(page.locator("tr[data-row='0902'] .fault")).to_have_count(0)
    expect(page.locator("[data-saved]")).to_contain_text("保存 · 第")
    assert Figure.objects.get().numerator == 50


def test_nothing_typed_is_lost_while_the_network_is_down(world: World, enter: Enter) -> None:
    page = enter(HAISHU, Role.REPORTER)
    page.goto(url(world.submission(HAISHU, 3)))
    page.context.set_offline(True)
    number(page).fill("12")
    number(page).blur()
    expect(page.locator("[data-saved]")).to_contain_text("网络中断")
    page.context.set_offline(False)
    is_saved(page, 1)
    assert Figure.objects.get().numerator == 12


def test_nothing_typed_is_lost_when_the_session_ends(world: World, enter: Enter) -> None:
    page = enter(HAISHU, Role.REPORTER)
    address = url(world.submission(HAISHU, 3))
    page.goto(address)
    cookies = page.context.cookies()
    page.context.clear_cookies(name="sessionid")
    number(page).fill("12")
    page.locator("textarea[name='0902.progress']").fill("已开工")
    page.locator("h1").click()
    expect(page.locator("[data-saved]")).to_contain_text("登录已失效")
    assert not Figure.objects.exists()
    page.goto("about:blank")
    page.context.add_cookies(cookies)
    page.goto(address)  # logged in again, on the same computer
    expect(number(page)).to_have_value("12")
    expect(page.locator("[data-restored-note]")).to_contain_text("已恢复上次未保存的内容 2 处")
    is_saved(page, 1)
    assert (Figure.objects.get().numerator, ProgressNote.objects.get().progress) == (Decimal(12), "已开工")
    page.reload()
    expect(page.locator("[data-restored-note]")).to_be_hidden()


def test_after_logging_in_again_elsewhere_the_page_goes_on(world: World, enter: Enter) -> None:
    page = enter(HAISHU, Role.REPORTER)
    page.goto(url(world.submission(HAISHU, 3)))
    page.context.clear_cookies(name="sessionid")
    number(page).fill("12")
    number(page).blur()
    expect(page.locator("[data-saved]")).to_contain_text("登录已失效")
    account = world.account(HAISHU, Role.REPORTER)
    account.set_password("a-good-password")
    account.save()
    other = page.context.new_page()
    other.goto("/login/")
    other.fill("#id_username", account.username)
    other.fill("#id_password", "a-good-password")
    with other.expect_navigation():
        other.click("button[type=submit]")
    is_saved(page, 1)
    assert Figure.objects.get().numerator == 12


def test_what_is_kept_in_the_browser_is_for_one_person(world: World, enter: Enter) -> None:
    page = enter(HAISHU, Role.REPORTER)
    address = url(world.submission(HAISHU, 3))
    page.goto(address)
    page.context.set_offline(True)
    number(page).fill("12")
    keys = page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('plan:draft'))")
    account = world.account(HAISHU, Role.REPORTER)
    assert keys == [f"plan:draft:{account.pk}:{world.submission(HAISHU, 3).pk}"]
    page.context.set_offline(False)
    number(page).blur()
    is_saved(page, 1)
    assert page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('plan:draft'))") == []


def test_the_keyboard_moves_down_the_column_and_a_pasted_column_fills_down(world: World, enter: Enter) -> None:
    programme = world.commitments["0902"].indicator.programme
    for code in ("0906", "0907"):
        world.add_commitment(code, add_indicator(f"YL-{code}", programme, f"指标{code}"))
        world.target(code, HAISHU, reports=True)
    page = enter(HAISHU, Role.REPORTER)
    page.goto(url(world.submission(HAISHU, 3)))
    number(page).focus()
    page.keyboard.type("1")
    page.keyboard.press("Enter")
    page.keyboard.type("2")
    page.keyboard.press("ArrowDown")
    expect(number(page, "0907")).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    page.evaluate(
        """() => { const data = new DataTransfer(); data.setData("text/plain", "11\\n12\\n13\\n");
        document.activeElement.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true,
        cancelable: true})); }"""
    )
    for code, value in (("0902", "11"), ("0906", "12"), ("0907", "13")):
        expect(number(page, code)).to_have_value(value)
    page.locator("h1").click()
    expect(page.locator("tr.unsaved")).to_have_count(0, timeout=10_000)
    figures = dict(Figure.objects.values_list("indicator__code", "numerator"))
    assert figures == {"YL-09": 11, "YL-0906": 12, "YL-0907": 13}


def test_the_draft_is_saved_when_the_session_is_about_to_end(world: World, enter: Enter) -> None:
    page = enter(HAISHU, Role.REPORTER)
    page.goto(url(world.submission(HAISHU, 3)))
    number(page).fill("12")
    page.evaluate(
        """() => { const waits = []; document.dispatchEvent(new CustomEvent("plan:leaving",
        {detail: {waitFor: (promise) => waits.push(promise)}})); return Promise.all(waits); }"""
    )
    assert Figure.objects.get().numerator == 12


def test_evidence_is_added_beside_the_number(world: World, enter: Enter, faults: list[str]) -> None:
    commitment = world.commitments["0902"]
    commitment.evidence_required = True
    commitment.save()
    world.report(HAISHU, BEDS, 3, 12)
    page = enter(HAISHU, Role.REPORTER)
    page.goto(url(world.submission(HAISHU, 3)))
    expect(page.locator("[data-cautions]")).to_contain_text("须附佐证材料")
    pdf = {"name": "验收单.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4\n%%EOF\n"}
    page.set_input_files("tr[data-row='0902'] input[type=file]", pdf)
    expect(page.locator("tr[data-row='0902'] .evidence")).to_contain_text("验收单.pdf")
    expect(page.locator("[data-cautions]")).not_to_contain_text("须附佐证材料")
    assert world.submission(HAISHU, 3).version == 1
    assert faults == []


@pytest.mark.parametrize("width", [1440, 1024, 390])
@pytest.mark.parametrize("role", [Role.REPORTER, Role.ENDORSER])
def test_the_page_never_scrolls_sideways(world: World, enter: Enter, width: int, role: Role) -> None:
    commitment = world.commitments["0902"]
    commitment.indicator.name = "新建养老床位" * 8
    commitment.indicator.save()
    world.target("0902", HAISHU, 12_000_000)
    world.report(HAISHU, BEDS, 2, 1_000_000)
    world.report(HAISHU, BEDS, 3, 99_000_000)
    page = enter(HAISHU, role, width)
    page.goto(url(world.submission(HAISHU, 3)))
    assert page.evaluate("document.documentElement.scrollWidth") <= width
