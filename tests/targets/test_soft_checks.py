"""What the soft checks say of a line, as a table; nothing here needs a database."""

from datetime import date
from decimal import Decimal

import pytest

from organisations.models import Organisation
from targets.amounts import Amount
from targets.lines import Line, Said, Words
from targets.models import Commitment, Evidence, Explanation, Indicator, Period, Plan, Programme, Submission, Target
from targets.soft_checks import CODES, Caution, basis_of, cautions_of, unexplained

pytestmark = pytest.mark.usefixtures("english")

DAY = date(2020, 10, 8)
UNIT = Organisation(code="330203", name="海曙区民政局", kind="district")
PLAN = Plan(code="nb-2020", year=2020, tolerance=Decimal(0), red_gap=Decimal(15))
BEDS = Indicator(code="YL-09", name="新建养老床位", unit="张", form="number", time_rule="sum", decimals=0)
STOCK = Indicator(code="YL-20", name="在册机构", unit="家", form="number", time_rule="latest", decimals=0)
ROUNDS = Indicator(code="DJ-02", name="廉政教育", unit="次", form="number", time_rule="every", decimals=0)
SHARE = Indicator(
    code="ET-01", name="覆盖率", unit="%", form="ratio", time_rule="latest", per=100, bounded=True,
    numerator_label="已建", denominator_label="村总数", decimals=0,
)  # fmt: skip
WORDS = Words("", "", "用地未落实", "报街道协调")


def said(*parts: int | str, note: str = "") -> Said:
    return Said(Amount(*(Decimal(part) for part in parts)), note)


def line_of(
    indicator: Indicator | None,
    *quarters: Said | None,
    target: int | None = None,
    before: Said | None = None,
    **more: object,
) -> Line:
    kind = "quantified" if indicator else more.pop("kind", "milestone")
    commitment = Commitment(
        pk=1, plan=PLAN, code="0902", kind=kind, statement="任务", indicator=indicator,
        evidence_required=more.pop("evidence_required", False), due_on=more.pop("due_on", None),
    )  # fmt: skip
    row = Target(commitment=commitment, organisation=UNIT, numerator=None if target is None else Decimal(target))
    submission = Submission(
        organisation=UNIT, programme=Programme(code="eldercare"), period=Period(year=2020, quarter=len(quarters) or 3)
    )
    words = more.pop("words", WORDS)
    return Line(
        submission, commitment, row, quarters, before, words, stage_before=more.pop("stage_before", ""),
        evidence=more.pop("evidence", ()), explanations=more.pop("explanations", {}), entered_at=commitment,
    )  # fmt: skip


def codes_of(line: Line) -> list[str]:
    return [caution.code for caution in cautions_of([line], DAY)]


NA = Said(None, "辖区内没有")

CASES = {
    "nothing said": (line_of(BEDS, said(1), None), ["not_reported"]),
    "a reported zero is said": (line_of(BEDS, said(1), said(0)), []),
    "not applicable is said": (line_of(BEDS, said(1), NA), []),
    # a stock fell by more than a fifth
    "a fifth less": (line_of(STOCK, said(100), said(80)), []),
    "more than a fifth less": (line_of(STOCK, said(100), said(79)), ["stock_fell"]),
    "fell since the quarter before the silent one": (line_of(STOCK, said(100), None, said(79)), ["stock_fell"]),
    "fell since last year's end": (line_of(STOCK, said(79), before=said(100)), ["stock_fell"]),
    "a flow may fall": (line_of(BEDS, said(100), said(1)), []),
    "both parts shrank alike": (line_of(SHARE, said(100, 200), said(95, 190)), []),
    "a share fell": (line_of(SHARE, said(100, 200), said(79, 200)), ["stock_fell"]),
    "from nothing": (line_of(STOCK, said(0), said(0)), []),
    "after 不适用 there is no level to fall from": (line_of(STOCK, said(100), NA, said(3)), []),
    # half above the year's target
    "half above": (line_of(BEDS, said(100), said(50), target=100), []),
    "more than half above": (line_of(BEDS, said(100), said(51), target=100), ["exceeds_target"]),
    "no target to exceed": (line_of(BEDS, said(100), said(900)), []),
    "a target of zero": (line_of(BEDS, said(0), said(5), target=0), []),
    "a stock above its target": (line_of(STOCK, said(100), said(160), target=100), []),
    # ten times the quarter before
    "nine times": (line_of(BEDS, said(10), said(99)), []),
    "ten times": (line_of(BEDS, said(10), said(100)), ["leapt"]),
    "ten times last year's fourth quarter": (line_of(BEDS, said(100), before=said(10)), ["leapt"]),
    "ten times what was two quarters before": (line_of(BEDS, said(10), None, said(100)), []),
    "from zero": (line_of(BEDS, said(0), said(100)), []),
    "a numerator leapt": (line_of(SHARE, said(5, 200), said(50, 200)), ["leapt"]),
    # the denominator changed by more than a tenth
    "a tenth more": (line_of(SHARE, said(50, 200), said(55, 220)), []),
    "more than a tenth more": (line_of(SHARE, said(50, 200), said(55, 221)), ["denominator_changed"]),
    "more than a tenth less": (line_of(SHARE, said(50, 200), said(50, 179)), ["denominator_changed"]),
    "changed since last year": (
        line_of(SHARE, said(50, 300), before=said(50, 200)), ["stock_fell", "denominator_changed"],
    ),
    # behind without words
    "behind": (line_of(BEDS, said(1), said(1), said(70), target=100, words=Words()), ["leapt", "behind"]),
    "not filled in is asked before behind": (line_of(BEDS, said(1), None, target=100, words=Words()), ["not_reported"]),
    "behind, and both said": (line_of(BEDS, said(10), said(10), said(20), target=100), []),
    "behind, and only the problem said": (
        line_of(BEDS, said(10), said(10), said(20), target=100, words=Words("", "", "用地", "")), ["behind"],
    ),
    "on pace": (line_of(BEDS, said(30), said(30), said(30), target=100, words=Words()), []),
    "a quarter fell short": (line_of(ROUNDS, said(1), said(0), said(2), target=1, words=Words()), ["behind"]),
    "a milestone past its day": (
        line_of(None, due_on=date(2020, 9, 30), words=Words("in_progress")), ["behind"],
    ),
    "a milestone past its day and done": (line_of(None, due_on=date(2020, 9, 30), words=Words("done")), []),
    "a milestone before its day": (line_of(None, words=Words("in_progress")), []),
    "blocked, without a word why": (line_of(None, words=Words("blocked")), ["behind"]),
    "blocked, and both said": (line_of(None, words=Words("blocked", "", "名单未下达", "继续对接")), []),
    "a milestone never spoken of": (line_of(None, due_on=date(2020, 9, 30), words=Words()), []),
    "a standing duty is never behind": (
        line_of(None, kind="standing", due_on=date(2020, 9, 30), words=Words("in_progress")), [],
    ),
    # evidence
    "evidence is missing": (line_of(BEDS, said(5), evidence_required=True), ["evidence_missing"]),
    "evidence is there": (line_of(BEDS, said(5), evidence_required=True, evidence=(Evidence(name="a.pdf"),)), []),
    "nothing to prove": (line_of(BEDS, NA, evidence_required=True), []),
    "a stage to prove": (line_of(None, evidence_required=True, words=Words("done")), ["evidence_missing"]),
}  # fmt: skip


@pytest.mark.parametrize(("line", "codes"), CASES.values(), ids=CASES)
def test_what_is_asked_about(line: Line, codes: list[str]) -> None:
    assert codes_of(line) == codes


def test_every_check_has_a_case() -> None:
    assert {code for _line, codes in CASES.values() for code in codes} == set(CODES)


def test_a_commitment_that_shares_its_indicator_is_asked_once() -> None:
    line = line_of(BEDS, said(10), said(100))
    other = Commitment(pk=2, plan=PLAN, code="0801", kind="quantified", statement="任务", indicator=BEDS)
    shared = Line(
        line.submission, line.commitment, line.target, line.quarters, None, WORDS, "", (), {}, entered_at=other
    )
    assert codes_of(shared) == []


def caution(line: Line) -> Caution:
    return cautions_of([line], DAY)[0]


def test_the_sentences_name_both_numbers() -> None:
    assert caution(line_of(STOCK, said(1100), said(79))).message == (
        "Fell from 1,100 to 79, by more than 20%; check the number."
    )
    assert caution(line_of(SHARE, said(50, 200), said(55, 221))).message == (
        "村总数 changed from 200 to 221, by more than 10%."
    )
    assert caution(line_of(BEDS, said(100), said(51), target=100)).message == (
        "The year so far is 151, the year's target 100 张: more than half above it."
    )


def test_an_explanation_holds_for_the_figure_that_it_was_said_about() -> None:
    explained = {"leapt": Explanation(code="leapt", basis="100", text="集中完成")}
    line = line_of(BEDS, said(10), said(100), explanations=explained)
    assert caution(line).explanation == "集中完成"
    assert unexplained(cautions_of([line], DAY)) == []
    changed = line_of(BEDS, said(10), said(1000), explanations=explained)
    assert caution(changed).explanation == ""
    assert [each.code for each in unexplained(cautions_of([changed], DAY))] == ["leapt"]


@pytest.mark.parametrize(
    ("line", "basis"),
    [
        (line_of(BEDS, said("1200.5")), "1,200.5"),
        (line_of(SHARE, said(88, 275)), "88 / 275"),
        (line_of(BEDS, NA), "n/a"),
        (line_of(BEDS, None), ""),
        (line_of(None, words=Words("blocked")), "blocked"),
    ],
)
def test_the_basis_of_an_explanation_is_the_figure_or_the_stage(line: Line, basis: str) -> None:
    assert basis_of(line) == basis
