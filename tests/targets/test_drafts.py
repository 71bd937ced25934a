"""Saving a draft on top of a version, with the explanations of what the soft checks ask."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from organisations.choices import Role
from targets.choices import Origin, PeriodState
from targets.domain.drafts import Draft, check_draft, save_draft
from targets.domain.entries import NoteEntry
from targets.domain.explanations import ExplanationEntry
from targets.domain.periods import set_period_state
from targets.lines import lines_of_one
from targets.models import Explanation, Figure, ProgressNote, Revision
from targets.problems import Refused
from targets.soft_checks import cautions_of, unexplained
from tests.world import BEDS, CITY, HAISHU, JIANGBEI, LEAD, NOW, TODAY, World

pytestmark = pytest.mark.django_db


def draft(world: World, *beds: int, version: int = 0, unit: str = HAISHU, **more: object) -> Draft:
    figures = [world.entry(unit, BEDS, 3, number) for number in beds]
    return Draft(world.submission(unit, 3), version, figures, **more)


def save(world: World, given: Draft, unit: str = HAISHU, role: Role = Role.REPORTER):
    return save_draft(given, actor=world.account(unit, role), at=NOW, origin=Origin.FORM)


def refused(world: World, given: Draft) -> list[str]:
    with pytest.raises(Refused) as caught:
        save(world, given)
    return [problem.code for problem in caught.value.problems]


def test_a_draft_is_saved_on_top_of_its_version_and_gets_the_next(world: World) -> None:
    given = draft(world, 12, notes=[NoteEntry(HAISHU, "0905", "2020Q3", stage="in_progress")])
    outcome = save(world, given)
    assert len(outcome.changes) == 2
    assert given.submission.version == 1
    assert Figure.objects.get().numerator == 12
    assert len(save(world, draft(world, 12, version=1)).changes) == 0
    assert world.submission(HAISHU, 3).version == 1


def test_a_save_on_an_older_version_changes_nothing(world: World) -> None:
    save(world, draft(world, 12))
    assert refused(world, draft(world, 13)) == ["changed_meanwhile"]
    assert Figure.objects.get().numerator == 12
    assert Revision.objects.count() == 1


def test_an_explanation_is_kept_with_its_figure_and_recorded(world: World) -> None:
    world.report(HAISHU, BEDS, 2, 5)
    given = draft(world, 60, explanations=[ExplanationEntry("0902", "leapt", " 集中完成 ")])
    save(world, given)
    row = Explanation.objects.get()
    assert (row.code, row.basis, row.text) == ("leapt", "60", "集中完成")
    record = Revision.objects.get(kind="explanation")
    assert (record.old, record.new) == (None, {"code": "leapt", "basis": "60", "text": "集中完成"})
    assert world.submission(HAISHU, 3).version == 2
    assert unexplained(cautions_of(lines_of_one(given.submission), TODAY)) == []


def test_saying_the_same_again_changes_nothing_and_an_empty_text_takes_it_back(world: World) -> None:
    save(world, draft(world, 60, explanations=[ExplanationEntry("0902", "leapt", "集中完成")]))
    save(world, draft(world, version=2, explanations=[ExplanationEntry("0902", "leapt", "集中完成")]))
    assert (world.submission(HAISHU, 3).version, Revision.objects.filter(kind="explanation").count()) == (2, 1)
    save(world, draft(world, version=2, explanations=[ExplanationEntry("0902", "leapt", "")]))
    assert not Explanation.objects.exists()
    assert Revision.objects.filter(kind="explanation").order_by("pk").last().new is None


def test_another_figure_needs_another_word(world: World) -> None:
    world.report(HAISHU, BEDS, 2, 5)
    save(world, draft(world, 60, explanations=[ExplanationEntry("0902", "leapt", "集中完成")]))
    save(world, draft(world, 600, version=2))
    submission = world.submission(HAISHU, 3)
    assert [each.code for each in unexplained(cautions_of(lines_of_one(submission), TODAY))] == ["leapt"]


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        (ExplanationEntry("9999", "leapt", "x"), "unknown_commitment"),
        (ExplanationEntry("0704", "leapt", "x"), "unknown_commitment"),  # of the other programme
        (ExplanationEntry("0902", "odd", "x"), "unknown_check"),
        (ExplanationEntry("0902", "leapt", "长" * 501), "too_long"),
        (ExplanationEntry("0902", "leapt", "a\0b"), "control_character"),
    ],
)
def test_a_faulty_explanation_keeps_the_whole_draft_from_being_saved(
    world: World, entry: ExplanationEntry, code: str
) -> None:
    assert refused(world, draft(world, 12, explanations=[entry])) == [code]
    assert not Figure.objects.exists()
    assert not Revision.objects.exists()


def test_all_hard_faults_are_told_at_once_and_nothing_is_saved(world: World) -> None:
    given = draft(world, notes=[NoteEntry(HAISHU, "0905", "2020Q3", progress="无阶段")])
    figures = [world.entry(HAISHU, BEDS, 3, "1.5"), world.entry(HAISHU, BEDS, 3, -2)]
    given = Draft(given.submission, 0, figures, given.notes)
    codes = ["not_whole", "repeated", "stage_missing"]
    assert refused(world, given) == codes
    assert [problem.code for problem in check_draft(given, actor=world.account(HAISHU, Role.REPORTER), at=NOW)] == codes
    assert not ProgressNote.objects.exists()


@pytest.mark.parametrize(("unit", "role"), [(HAISHU, Role.ENDORSER), (LEAD, Role.REVIEWER), (CITY, Role.PLAN_MANAGER)])
def test_only_a_reporter_saves(world: World, unit: str, role: Role) -> None:
    with pytest.raises(PermissionDenied):
        save(world, draft(world, 12), unit, role)
    with pytest.raises(PermissionDenied):
        check_draft(draft(world, 12), actor=world.account(unit, role), at=NOW)


def test_a_reporter_of_another_unit_is_refused(world: World) -> None:
    with pytest.raises(PermissionDenied) as caught:
        save(world, draft(world, explanations=[ExplanationEntry("0902", "leapt", "x")]), JIANGBEI)
    assert "江北区民政局" in str(caught.value)
    assert not Explanation.objects.exists()


def test_what_is_submitted_or_closed_takes_no_words_either(world: World) -> None:
    words = [ExplanationEntry("0902", "leapt", "x")]
    world.report(HAISHU, BEDS, 3, 5)
    world.submit(HAISHU, 3)
    count = Explanation.objects.count()
    assert refused(world, Draft(world.submission(HAISHU, 3), 3, explanations=words)) == ["not_draft"]
    set_period_state(world.periods[3], PeriodState.CLOSED, actor=world.account(CITY, Role.PLAN_MANAGER))
    assert refused(world, draft(world, unit=HAISHU, version=3, explanations=words)) == ["period_closed", "not_draft"]
    assert Explanation.objects.count() == count


def test_saving_takes_the_same_queries_for_one_row_and_for_two(world: World) -> None:
    world.account(HAISHU, Role.REPORTER)
    counts = []
    for number, codes in ((1, ("0905",)), (2, ("0905", "0906"))):
        if "0906" in codes:
            world.add_commitment("0906")
            world.target("0906", HAISHU, reports=True)
        notes = [NoteEntry(HAISHU, code, "2020Q3", stage="done", progress=f"第{number}次") for code in codes]
        given = draft(world, number, version=world.submission(HAISHU, 3).version, notes=notes)
        with CaptureQueriesContext(connection) as queries:
            save(world, given)
        counts.append(len(queries))
    # Rows that are new are inserted in one statement more, whatever their number.
    assert counts[1] <= counts[0] + 1, counts
