"""The story of a submission: events and folds, what differs from what was handed in, who held it how long."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile

from organisations.choices import Role
from targets.choices import Origin, RevisionKind
from targets.domain import review
from targets.domain.entries import NoteEntry
from targets.domain.evidence import add_evidence, remove_evidence
from targets.domain.record import name_of
from targets.domain.uploads import SheetFile, import_file
from targets.lines import lines_of_one
from targets.models import Commitment, Indicator, Remark, Revision, Submission
from targets.problems import Place
from targets.reports import shown
from targets.soft_checks import CHECK_NAMES, CODES
from targets.timeline import (
    Side,
    differences_since_submitted,
    events_of,
    time_held,
)
from tests.targets import files
from tests.targets.test_uploads import ROWS, workbook
from tests.world import BEDS, CITY, HAISHU, JIANGBEI, LEAD, NOW, World

NONE = "not reported"
NUMBER = {"not_applicable": False}
STEPS = {
    "submit": (review.submit, HAISHU, Role.REPORTER, {}),
    "endorse": (review.endorse, HAISHU, Role.ENDORSER, {}),
    "approve": (review.approve, LEAD, Role.REVIEWER, {}),
    "return": (review.return_submission, LEAD, Role.REVIEWER, {"reason": "口径不符"}),
    "send back": (review.return_submission, HAISHU, Role.ENDORSER, {"reason": "请核对"}),
    "reopen": (review.reopen, LEAD, Role.REVIEWER, {"reason": "漏报"}),
}


@pytest.fixture(autouse=True)
def english(settings) -> None:
    settings.LANGUAGE_CODE = "en"


class Story:
    """What happens to 海曙's third quarter, minute by minute: `play(0, "5", 10, "submit")`."""

    def __init__(self, world: World) -> None:
        self.world = world

    @property
    def submission(self) -> Submission:
        return self.world.submission(HAISHU, 3)

    def play(self, *moves: int | str) -> "Story":
        for minute, move in zip(moves[::2], moves[1::2], strict=True):
            at = NOW + timedelta(minutes=int(minute))
            if move in STEPS:
                step, unit, role, more = STEPS[move]
                step(self.submission, actor=self.world.account(unit, role), at=at, origin=Origin.FORM, **more)
            else:
                self.save(at, str(move))
        return self

    def save(self, at: Any, number: str, **more: Any) -> None:
        amount = [number] if number != "-" else []
        self.world.record(self.world.entry(HAISHU, BEDS, 3, *amount), at=at, **more)

    def told(self) -> list[Any]:
        """Each event as its word, or as its cells' old and new; the oldest first."""
        events = events_of(self.submission)[::-1]
        return [[(cell.old, cell.new, len(cell.singles)) for cell in event.cells] or event.word for event in events]


@pytest.fixture
def story(world: World) -> Story:
    return Story(world)


@pytest.mark.parametrize(
    ("moves", "told"),
    [
        ((), []),
        ((0, "5"), [[(NONE, "5", 1)]]),
        ((0, "1", 1, "12", 2, "126"), [[(NONE, "126", 3)]]),
        ((0, "1", 15, "12"), [[(NONE, "12", 2)]]),
        ((0, "1", 16, "12"), [[(NONE, "1", 1)], [("1", "12", 1)]]),
        ((0, "1", 10, "2", 20, "3"), [[(NONE, "2", 2)], [("2", "3", 1)]]),
        ((0, "1", 1, "-"), [[(NONE, NONE, 2)]]),
        ((0, "1", 1, "submit", 2, "send back", 3, "2"), [[(NONE, "1", 1)], "Submit", "Return", [("1", "2", 1)]]),
        (
            (0, "1", 1, "submit", 2, "endorse", 3, "return", 4, "submit", 5, "endorse", 6, "approve", 7, "reopen"),
            [[(NONE, "1", 1)], "Submit", "Endorse", "Return", "Submitted again", "Endorse", "Approve", "Reopen"],
        ),
    ],
)
def test_what_is_told(story: Story, moves: tuple[Any, ...], told: list[Any]) -> None:
    assert story.play(*moves).told() == told


def test_a_step_in_the_same_moment_comes_after_the_change(story: Story) -> None:
    assert story.play(0, "1", 0, "submit").told() == [[(NONE, "1", 1)], "Submit"]


def test_a_fold_opens_to_each_change(story: Story) -> None:
    (event,) = events_of(story.play(0, "1", 1, "12", 2, "126").submission)
    (cell,) = event.cells
    assert (cell.code, cell.subject, cell.what, cell.differs) == (
        "0902",
        "新建养老床位",
        str(RevisionKind.FIGURE.label),
        True,
    )
    assert [(each.at - NOW, each.old, each.new) for each in cell.singles] == [
        (timedelta(0), NONE, "1"), (timedelta(minutes=1), "1", "12"), (timedelta(minutes=2), "12", "126"),
    ]  # fmt: skip
    assert (event.since, event.at) == (NOW, NOW + timedelta(minutes=2))
    assert event.who == name_of(story.world.account(HAISHU, Role.REPORTER))


def test_another_person_another_way_and_another_reason_are_told_apart(story: Story) -> None:
    world = story.world
    colleague = world.account(CITY, Role.REPORTER)
    story.save(NOW, "1")
    story.save(NOW + timedelta(minutes=1), "2", actor=colleague)
    story.save(NOW + timedelta(minutes=2), "3")
    story.save(NOW + timedelta(minutes=3), "4", origin=Origin.API)
    story.save(NOW + timedelta(minutes=4), "5", origin=Origin.API)
    story.save(NOW + timedelta(minutes=5), "6", reason="更正")
    events = events_of(story.submission)
    assert [(event.who, event.way, event.reason) for event in events] == [
        (name_of(world.account(HAISHU, Role.REPORTER)), "Form", "更正"),
        (name_of(world.account(HAISHU, Role.REPORTER)), "REST interface", ""),
        (name_of(world.account(HAISHU, Role.REPORTER)), "REST interface", ""),
        (name_of(world.account(HAISHU, Role.REPORTER)), "Form", ""),
        (name_of(colleague), "Form", ""),
        (name_of(world.account(HAISHU, Role.REPORTER)), "Form", ""),
    ]


def test_an_upload_is_one_event_with_its_file_and_cells(world: World, media) -> None:
    reporter = world.account(HAISHU, Role.REPORTER)
    import_file(SheetFile(workbook(ROWS), "海曙.xlsx"), actor=reporter, at=NOW)
    (event,) = events_of(world.submission(HAISHU, 3))
    assert (event.way, event.upload.name) == ("Spreadsheet", "海曙.xlsx")
    assert [(cell.code, cell.new, cell.singles[0].place) for cell in event.cells] == [
        ("0902", "126", "养老!E4"),
        ("0905", "In progress · 已动员 · 继续", "养老!H6"),
    ]
    (single,) = event.cells[0].singles
    assert (single.old, single.new, single.place, single.upload) == (NONE, "126", "养老!E4", event.upload)


def test_a_step_is_told_with_reason_remarks_and_round(story: Story) -> None:
    story.play(0, "1", 1, "submit", 2, "endorse", 3, "return")
    transition = story.submission.transitions.get(action="return")
    Remark.objects.create(transition=transition, commitment=story.world.commitments["0902"], text="请附验收单")
    event = events_of(story.submission)[0]
    assert (event.word, event.action, event.round, event.reason) == ("Return", "return", 1, "口径不符")
    assert [(remark.commitment.code, remark.text) for remark in event.remarks] == [("0902", "请附验收单")]
    assert events_of(story.play(4, "submit").submission)[0].round == 2


def explain(
    world: World, minute: int, old: str | None, new: str | None, code: str = "fell", basis: tuple[str, str] = ("5", "5")
) -> None:
    """Writes an explanation's revision as the domain does."""
    values = [text and {"code": code, "basis": of, "text": text} for text, of in zip((old, new), basis, strict=True)]
    actor = world.account(HAISHU, Role.REPORTER)
    Revision.objects.create(
        kind=RevisionKind.EXPLANATION, submission=world.submission(HAISHU, 3), organisation=world.units[HAISHU],
        commitment=world.commitments["0902"], old=values[0], new=values[1], actor=actor, actor_name=name_of(actor),
        at=NOW + timedelta(minutes=minute), origin=Origin.FORM,
    )  # fmt: skip


def test_notes_files_and_explanations_are_told_in_words(world: World, media) -> None:
    reporter = world.account(HAISHU, Role.REPORTER)
    world.record(NoteEntry(HAISHU, "0905", "2020Q3", stage="in_progress", progress="已动员"), at=NOW)
    world.record(NoteEntry(HAISHU, "0905", "2020Q3", stage="done"), at=NOW + timedelta(hours=1))
    details = {"actor": reporter, "at": NOW + timedelta(hours=2), "origin": Origin.FORM}
    given = [ContentFile(files.PDF, name="验收单.pdf"), ContentFile(files.PNG, name="现场.png")]
    rows = add_evidence(world.submission(HAISHU, 3), world.commitments["0902"], given, **details)
    remove_evidence(rows[0], **{**details, "at": NOW + timedelta(hours=3)})
    explain(world, 240, None, "拆除重建")
    events = events_of(world.submission(HAISHU, 3))[::-1]
    assert [[(cell.what, cell.code, cell.old, cell.new) for cell in event.cells] for event in events] == [
        [("Progress note", "0905", NONE, "In progress · 已动员")],
        [("Progress note", "0905", "In progress", "Done")],
        [
            ("Evidence", "0902", "–", f"验收单.pdf ({len(files.PDF)}\xa0bytes)"),
            ("Evidence", "0902", "–", f"现场.png ({len(files.PNG)}\xa0bytes)"),
        ],
        [("Evidence", "0902", f"验收单.pdf ({len(files.PDF)}\xa0bytes)", "–")],
        [("Explanation", "0902", "–", "拆除重建")],
    ]


def test_an_explanation_says_which_warning_it_answers(world: World) -> None:
    explain(world, 0, None, "拆除重建", code="stock_fell")
    explain(world, 0, None, "本季集中验收", code="leapt")
    (event,) = events_of(world.submission(HAISHU, 3))
    assert [(cell.what, cell.new) for cell in event.cells] == [
        ("Explanation (the stock fell)", "拆除重建"), ("Explanation (ten times as much)", "本季集中验收"),
    ]  # fmt: skip
    assert set(CHECK_NAMES) == set(CODES)


def test_an_explanation_that_only_holds_for_another_figure_is_no_change(story: Story) -> None:
    explain(story.world, 0, None, "拆除重建")
    story.play(1, "5", 10, "submit", 20, "endorse", 30, "return", 40, "6")
    explain(story.world, 41, "拆除重建", "拆除重建", basis=("5", "6"))
    explain(story.world, 42, "拆除重建", "扩建", basis=("6", "6"))
    explain(story.world, 43, "扩建", "拆除重建", basis=("6", "7"))
    assert [(cell.what, cell.old, cell.new) for cell in differences_since_submitted(story.submission)] == [
        ("Figure", "5", "6")
    ]
    cells = events_of(story.submission)[0].cells
    assert [(cell.what, cell.new, len(cell.singles), cell.differs) for cell in cells] == [
        ("Figure", "6", 1, True), ("Explanation", "拆除重建", 2, False),
    ]  # fmt: skip
    explain(story.world, 90, "拆除重建", "拆除重建", basis=("7", "8"))
    assert events_of(story.submission)[0].at == NOW + timedelta(minutes=43)


def test_a_figure_has_the_code_of_the_row_in_which_the_form_asks_for_it(story: Story) -> None:
    """An indicator that two commitments share is filled in at the plan's first of them."""
    story.world.add_commitment("0901", Indicator.objects.get(code=BEDS))
    story.world.target("0901", HAISHU, reports=True)
    story.play(*ROUND_ONE, 40, "6")
    entered_at = next(line.entered_at.code for line in lines_of_one(story.submission) if line.commitment.indicator)
    (cell,) = events_of(story.submission)[0].cells
    assert (cell.code, entered_at) == ("0901", "0901")
    assert [cell.code for cell in differences_since_submitted(story.submission)] == ["0901"]
    Commitment.objects.update(withdrawn=True)
    assert events_of(story.submission)[0].cells[0].code == BEDS


def test_only_a_spreadsheet_has_places(story: Story) -> None:
    place = Place("", "0902.numerator")
    story.world.record(story.world.entry(HAISHU, BEDS, 3, 5, place=place))
    places = [single.place for event in events_of(story.submission) for cell in event.cells for single in cell.singles]
    assert set(places) == {""}


def test_a_figures_story_leaves_out_what_is_about_others(world: World) -> None:
    world.record(world.entry(HAISHU, BEDS, 3, 1), NoteEntry(HAISHU, "0905", "2020Q3", stage="done"))
    explain(world, 30, None, "拆除重建")
    world.submit(HAISHU, 3)
    events = events_of(world.submission(HAISHU, 3), Indicator.objects.get(code=BEDS))
    assert sorted((event.word, *(cell.code for cell in event.cells)) for event in events) == [
        ("Changed", "0902"), ("Changed", "0902"), ("Submit",),
    ]  # fmt: skip


def test_a_figures_story_leaves_out_remarks_about_others(story: Story) -> None:
    story.play(0, "1", 1, "submit", 2, "send back")
    add_remark(story, "0902")
    add_remark(story, "0905")
    everything, own = (events_of(story.submission, each)[0] for each in (None, Indicator.objects.get(code=BEDS)))
    assert [sorted(each.commitment.code for each in event.remarks) for event in (everything, own)] == [
        ["0902", "0905"], ["0902"],
    ]  # fmt: skip


# ---- since it was handed in

ROUND_ONE = (0, "5", 10, "submit", 20, "endorse", 30, "return")


@pytest.mark.parametrize(
    ("moves", "changes"),
    [
        ((0, "5"), {}),
        ((0, "5", 10, "submit"), {}),
        ((0, "5", 10, "submit", 20, "endorse", 30, "approve"), {}),
        (ROUND_ONE, {}),
        ((*ROUND_ONE, 40, "6"), {"0902": ("5", "6")}),
        ((*ROUND_ONE, 40, "6", 41, "7"), {"0902": ("5", "7")}),
        ((*ROUND_ONE, 40, "6", 41, "5"), {}),
        ((*ROUND_ONE, 40, "-"), {"0902": ("5", NONE)}),
        ((*ROUND_ONE, 40, "6", 50, "submit"), {"0902": ("5", "6")}),
        ((*ROUND_ONE, 40, "6", 50, "submit", 60, "endorse", 70, "approve"), {"0902": ("5", "6")}),
        ((*ROUND_ONE, 40, "6", 50, "submit", 60, "send back"), {}),
        ((*ROUND_ONE, 40, "6", 50, "submit", 60, "send back", 70, "9"), {"0902": ("6", "9")}),
        ((*ROUND_ONE, 40, "6", 50, "submit", 60, "send back", 70, "9", 80, "submit"), {"0902": ("6", "9")}),
        ((0, "5", 10, "submit", 20, "endorse", 30, "approve", 40, "reopen", 50, "4"), {"0902": ("5", "4")}),
    ],
)
def test_changes_since_it_was_handed_in(story: Story, moves: tuple[Any, ...], changes: dict[str, Any]) -> None:
    cells = differences_since_submitted(story.play(*moves).submission)
    assert {cell.code: (cell.old, cell.new) for cell in cells} == changes


def test_words_and_files_count_as_changes_too(story: Story, media) -> None:
    world = story.world
    story.play(*ROUND_ONE)
    details = {"actor": world.account(HAISHU, Role.REPORTER), "origin": Origin.FORM}
    submission, commitment = story.submission, world.commitments["0902"]
    given = [ContentFile(files.PDF, name="a.pdf"), ContentFile(files.PNG, name="b.png")]
    rows = add_evidence(submission, commitment, given, at=NOW + timedelta(minutes=40), **details)
    remove_evidence(rows[1], at=NOW + timedelta(minutes=41), **details)
    explain(world, 42, None, "拆除重建")
    world.record(NoteEntry(HAISHU, "0905", "2020Q3", stage="done"), at=NOW + timedelta(minutes=43))
    cells = differences_since_submitted(submission)
    assert [(cell.code, cell.what, cell.old, cell.new) for cell in cells] == [
        ("0902", "Evidence", "–", f"a.pdf ({len(files.PDF)}\xa0bytes)"),
        ("0902", "Explanation", "–", "拆除重建"),
        ("0905", "Progress note", NONE, "Done"),
    ]


# ---- who held it


@pytest.mark.parametrize(
    ("moves", "now", "unit", "checker", "city", "holder"),
    [
        ((), 60, 60, 0, 0, Side.UNIT),
        ((10, "5"), 60, 60, 0, 0, Side.UNIT),
        ((10, "5", 20, "submit"), 60, 20, 40, 0, Side.CHECKER),
        ((10, "5", 20, "submit", 30, "endorse"), 60, 20, 10, 30, Side.CITY),
        ((10, "5", 20, "submit", 30, "endorse", 45, "approve"), 60, 20, 10, 15, None),
        ((10, "5", 20, "submit", 30, "endorse", 45, "return"), 60, 35, 10, 15, Side.UNIT),
        ((10, "5", 20, "submit", 30, "endorse", 45, "return", 50, "submit"), 60, 25, 20, 15, Side.CHECKER),
        ((10, "5", 20, "submit", 30, "endorse", 45, "approve", 50, "reopen"), 60, 30, 10, 15, Side.UNIT),
        ((), -60, 0, 0, 0, Side.UNIT),
        ((-30, "5"), 60, 90, 0, 0, Side.UNIT),
    ],
)
def test_how_long_each_side_has_held_it(
    story: Story, moves: tuple[Any, ...], now: int, unit: int, checker: int, city: int, holder: Side | None
) -> None:
    """In minutes from the opening of the quarter, which stands at midnight."""
    story.world.periods[3].opens_on = NOW.date()
    story.world.periods[3].save()
    midnight = NOW.replace(hour=0, minute=0)
    since = int((NOW - midnight).total_seconds()) // 60
    story.play(*(each - since if isinstance(each, int) else each for each in moves))
    held = time_held(story.submission, midnight + timedelta(minutes=now))
    assert [(each.side, each.time) for each in held] == [
        (Side.UNIT, timedelta(minutes=unit)), (Side.CHECKER, timedelta(minutes=checker)),
        (Side.CITY, timedelta(minutes=city)),
    ]  # fmt: skip
    assert [each.side for each in held if each.holds] == ([holder] if holder else [])


def test_a_departments_submission_goes_to_the_city_at_once(world: World) -> None:
    world.record(NoteEntry(LEAD, "0905", "2020Q3", stage="done"))
    submission = world.submit(LEAD, 3)
    held = time_held(submission, NOW + timedelta(hours=3))
    assert [(each.side, each.holds) for each in held] == [(Side.UNIT, False), (Side.CITY, True)]
    assert (held[1].time, held[1].text) == (timedelta(hours=3), "3 hours")


def test_the_number_of_queries_does_not_depend_on_how_much_happened(story: Story, django_assert_num_queries) -> None:
    story.play(0, "5", 1, "submit", 2, "send back")
    add_remark(story, "0902")
    submission = story.submission

    def look() -> None:
        with django_assert_num_queries(4):
            events_of(submission)
        with django_assert_num_queries(3):
            differences_since_submitted(submission)
        with django_assert_num_queries(2):
            time_held(submission, NOW)

    look()
    story.play(3, "6", 30, "7", 31, "submit", 32, "send back", 50, "8", 51, "submit", 52, "send back")
    add_remark(story, "0905")
    submission = story.submission
    look()


def add_remark(story: Story, code: str) -> None:
    transition = story.submission.transitions.filter(action="return").first()
    Remark.objects.create(transition=transition, commitment=Commitment.objects.get(code=code), text="请核对")


def test_other_submissions_are_another_story(story: Story) -> None:
    story.world.report(JIANGBEI, BEDS, 3, 9)
    assert story.told() == []


@pytest.mark.parametrize(
    ("values", "kind", "text"),
    [
        (None, RevisionKind.FIGURE, "not reported"),
        (None, RevisionKind.NOTE, "not reported"),
        (None, RevisionKind.TARGET, "none"),
        (None, RevisionKind.EVIDENCE, "–"),
        ({"numerator": "1200.5", "denominator": None, "note": "更正", **NUMBER}, RevisionKind.FIGURE, "1,200.5 · 更正"),
        ({"numerator": "88", "denominator": "275", "note": "", **NUMBER}, RevisionKind.FIGURE, "88 / 275"),
        ({"numerator": "100", "denominator": "3", "reports": True}, RevisionKind.TARGET, "100 / 3"),
        ({"numerator": "0", "denominator": None, "reports": True}, RevisionKind.TARGET, "0"),
        ({"numerator": None, "denominator": None, "reports": True}, RevisionKind.TARGET, "no number to reach"),
    ],
)
def test_what_the_record_keeps_is_shown_as_the_other_pages_write_it(values: Any, kind: str, text: str) -> None:
    assert shown(values, kind) == text
