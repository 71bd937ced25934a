"""The one way in: every hard check of "Checks at entry", and that a refusal changes nothing."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from organisations.choices import OrganisationKind, Role
from targets.choices import Origin, PeriodState, RevisionKind
from targets.domain.decomposition import TargetEntry, set_targets
from targets.domain.entries import FigureEntry, NoteEntry
from targets.domain.figures import record_figures
from targets.domain.periods import extend_due_day, set_period_state
from targets.models import DataVersion, Figure, ProgressNote, Revision, Submission
from targets.problems import Place, Refused
from tests.world import BEDS, COVERAGE, HAISHU, JIANGBEI, LEAD, NOW, World, add_unit

D = Decimal


def refused(world: World, *entries: FigureEntry | NoteEntry, **more: object) -> list[str]:
    """The codes of the problems; and nothing at all has changed."""
    before = snapshot()
    with pytest.raises(Refused) as caught:
        world.record(*entries, **more)
    assert snapshot() == before
    return [problem.code for problem in caught.value.problems]


def snapshot() -> list[object]:
    return [sorted(model.objects.values_list()) for model in (Figure, ProgressNote, Revision, Submission, DataVersion)]


def test_a_zero_is_a_number_and_nothing_is_not(world: World) -> None:
    world.report(HAISHU, BEDS, 3, 0)
    figure = Figure.objects.get()
    assert figure.numerator == 0
    assert figure.amount is not None
    world.report(HAISHU, BEDS, 3)
    assert not Figure.objects.exists()
    written = [
        (each.old and each.old["numerator"], each.new and each.new["numerator"])
        for each in Revision.objects.filter(kind="figure").order_by("pk")
    ]
    assert written == [(None, "0"), ("0", None)]


def test_the_same_entry_again_changes_nothing(world: World) -> None:
    world.report(HAISHU, BEDS, 3, 12)
    before = snapshot()
    outcome = world.report(HAISHU, BEDS, 3, "12.0")
    assert (outcome.changes, outcome.unchanged) == ((), 1)
    assert snapshot() == before


def test_a_change_is_recorded_with_who_when_old_new_way_place_and_reason(world: World) -> None:
    world.report(HAISHU, BEDS, 3, 12)
    entry = world.entry(HAISHU, BEDS, 3, 13, place=Place("养老", "D9"))
    outcome = world.record(entry, origin=Origin.UPLOAD, reason="漏报一张")
    assert [(change.old["numerator"], change.new["numerator"]) for change in outcome.changes] == [("12", "13")]
    revision = Revision.objects.order_by("-pk")[0]
    reporter = world.account(HAISHU, Role.REPORTER)
    assert (revision.kind, revision.actor, revision.actor_name, revision.at) == (
        RevisionKind.FIGURE, reporter, str(reporter), NOW,
    )  # fmt: skip
    assert (revision.origin, revision.sheet, revision.cell, revision.reason) == ("upload", "养老", "D9", "漏报一张")
    assert revision.old == {"numerator": "12", "denominator": None, "not_applicable": False, "note": ""}


def test_every_write_moves_the_versions_on(world: World) -> None:
    version = DataVersion.objects.get(plan=world.plan).number
    world.report(HAISHU, BEDS, 3, 12)
    assert world.submission(HAISHU, 3).version == 1
    assert DataVersion.objects.get(plan=world.plan).number == version + 1


@pytest.mark.parametrize(
    ("indicator", "amount", "more", "codes"),
    [
        (BEDS, ["12.5"], {}, ["not_whole"]),
        (BEDS, ["12.00001"], {}, ["not_whole"]),
        (BEDS, [10**11], {}, ["too_large"]),
        (BEDS, ["NaN"], {}, ["not_a_number"]),
        (BEDS, [-1], {}, ["negative_without_note"]),
        (BEDS, [5, 10], {}, ["denominator_unexpected"]),
        (BEDS, [5], {"not_applicable": True, "note": "无"}, ["number_and_not_applicable"]),
        (BEDS, [], {"not_applicable": True}, ["not_applicable_without_note"]),
        (BEDS, [], {"not_applicable": True, "note": "  "}, ["not_applicable_without_note"]),
        (BEDS, [1], {"note": "长" * 501}, ["too_long"]),
        (BEDS, [1], {"note": "a\0b"}, ["control_character"]),
        (COVERAGE, [5], {}, ["denominator_missing"]),
        (COVERAGE, [5, 0], {}, ["denominator_not_positive"]),
        (COVERAGE, [0, 0], {}, ["denominator_not_positive"]),
        (COVERAGE, [5, -3], {}, ["denominator_not_positive"]),
        (COVERAGE, [11, 10], {}, ["numerator_exceeds_denominator"]),
        (COVERAGE, [-1, 10], {"note": "更正"}, ["negative"]),
        (COVERAGE, ["1.5", "2.5"], {}, ["not_whole", "not_whole"]),
        ("XX-99", [1], {}, ["unknown_indicator"]),
    ],
)
def test_hard_checks_of_one_figure(
    world: World, indicator: str, amount: list[object], more: dict[str, object], codes: list[str]
) -> None:
    assert refused(world, world.entry(HAISHU, indicator, 3, *amount, **more)) == codes


@pytest.mark.parametrize(
    ("indicator", "amount", "more"),
    [
        (BEDS, [-1], {"note": "上季多报一张"}),
        (BEDS, ["99999999999"], {}),
        (COVERAGE, [10, 10], {}),
        (COVERAGE, [0, 10], {}),
        (COVERAGE, [], {"not_applicable": True, "note": "无村"}),
    ],
)
def test_what_the_hard_checks_let_through(
    world: World, indicator: str, amount: list[object], more: dict[str, object]
) -> None:
    assert len(world.report(HAISHU, indicator, 3, *amount, **more).changes) == 1


def test_all_problems_are_told_at_once_and_nothing_is_written(world: World) -> None:
    codes = refused(
        world,
        world.entry(HAISHU, BEDS, 3, 12),
        world.entry(HAISHU, BEDS, 2, "1.5"),
        world.entry(HAISHU, COVERAGE, 3, 5),
        world.entry(HAISHU, COVERAGE, 2, 9, 3),
    )
    assert sorted(codes) == ["denominator_missing", "not_whole", "numerator_exceeds_denominator"]


def test_the_same_figure_twice_is_refused_at_the_second_place(world: World) -> None:
    with pytest.raises(Refused) as caught:
        world.record(
            world.entry(HAISHU, BEDS, 3, 12, place=Place("养老", "D9")),
            world.entry(HAISHU, BEDS, 3, 12, place=Place("养老", "D20")),
        )
    (problem,) = caught.value.problems
    assert (problem.code, str(problem.place)) == ("repeated", "养老!D20")
    assert "养老!D9" in problem.message


def test_an_indicator_that_the_unit_is_not_assigned_is_refused(world: World) -> None:
    assert refused(world, world.entry(LEAD, BEDS, 3, 12)) == ["not_assigned"]


def test_another_units_figures_are_refused(world: World) -> None:
    actor = world.account(JIANGBEI, Role.REPORTER)
    assert refused(world, world.entry(HAISHU, BEDS, 3, 12), actor=actor) == ["foreign_unit"]


def test_a_district_fills_in_for_its_township(world: World) -> None:
    world.units["330203001"] = add_unit(
        "330203001", world.units[HAISHU], OrganisationKind.TOWNSHIP, "南门街道", "南门街道", 9
    )
    world.target("0902", HAISHU, reports=False)
    world.target("0902", "330203001", reports=True)
    world.record(world.entry("330203001", BEDS, 3, 12), actor=world.account(HAISHU, Role.REPORTER))
    assert Figure.objects.get().submission.organisation.code == "330203001"


@pytest.mark.parametrize("role", [role for role in Role if role != Role.REPORTER])
def test_only_reporters_fill_in(world: World, role: Role) -> None:
    with pytest.raises(PermissionDenied):
        world.record(world.entry(HAISHU, BEDS, 3, 12), actor=world.account(HAISHU, role))


def test_only_drafts_can_be_changed(world: World) -> None:
    world.report(HAISHU, BEDS, 3, 12)
    world.submit(HAISHU, 3)
    assert refused(world, world.entry(HAISHU, BEDS, 3, 13)) == ["not_draft"]


def test_a_closed_period_refuses_and_an_extension_opens_it_for_one_unit(world: World) -> None:
    manager = world.account("3302", Role.PLAN_MANAGER)
    set_period_state(world.periods[3], PeriodState.CLOSED, actor=manager)
    assert refused(world, world.entry(HAISHU, BEDS, 3, 13)) == ["period_closed"]
    unit, until = world.units[HAISHU], date(2020, 10, 20)
    extend_due_day(world.periods[3], unit, until, actor=manager, at=NOW, reason="台风")
    assert len(world.report(HAISHU, BEDS, 3, 13).changes) == 1
    assert refused(world, world.entry(JIANGBEI, BEDS, 3, 13)) == ["period_closed"]
    assert refused(world, world.entry(HAISHU, BEDS, 3, 14), at=NOW + timedelta(days=13)) == ["period_closed"]


def test_a_save_based_on_an_older_version_is_refused(world: World) -> None:
    seen = world.record(world.entry(HAISHU, BEDS, 3, 12), dry_run=True).versions
    assert seen == {"330203/eldercare/2020Q3": 0}
    world.report(HAISHU, BEDS, 3, 15)
    assert refused(world, world.entry(HAISHU, BEDS, 3, 12), versions=seen) == ["changed_meanwhile"]
    assert Figure.objects.get().numerator == 15


def test_a_dry_run_tells_and_writes_nothing(world: World) -> None:
    world.report(HAISHU, BEDS, 3, 12)
    before = snapshot()
    outcome = world.record(world.entry(HAISHU, BEDS, 3, 13), world.entry(HAISHU, BEDS, 2, 1), dry_run=True)
    assert [change.old is None for change in outcome.changes] == [False, True]
    assert snapshot() == before


def test_a_missing_envelope_is_made_with_the_first_figure(world: World) -> None:
    world.submission(HAISHU, 3).delete()
    world.report(HAISHU, BEDS, 3, 12)
    assert world.submission(HAISHU, 3).figures.get().numerator == 12


def test_a_note_keeps_what_the_entry_does_not_say(world: World) -> None:
    world.record(NoteEntry(HAISHU, "0905", "2020Q3", stage="in_progress", progress="已启动"))
    world.record(NoteEntry(HAISHU, "0905", "2020Q3", problems="缺地"))
    note = ProgressNote.objects.get()
    assert (note.stage, note.progress, note.problems) == ("in_progress", "已启动", "缺地")
    world.record(NoteEntry(HAISHU, "0905", "2020Q3", stage="", progress="", problems=""))
    assert not ProgressNote.objects.exists()


@pytest.mark.parametrize(
    ("unit", "commitment", "stage", "codes"),
    [
        (HAISHU, "0905", None, ["stage_missing"]),
        (HAISHU, "0905", "finished", ["unknown_stage"]),
        (HAISHU, "9999", "done", ["unknown_commitment"]),
        (LEAD, "0902", "done", ["not_assigned"]),
    ],
)
def test_hard_checks_of_a_note(world: World, unit: str, commitment: str, stage: str | None, codes: list[str]) -> None:
    assert refused(world, NoteEntry(unit, commitment, "2020Q3", stage=stage, progress="说明")) == codes


@pytest.mark.usefixtures("english")
def test_words_that_cannot_be_kept_are_refused_all_at_once(world: World) -> None:
    words = {"progress": "字" * 2001, "problems": "a\0b", "next_steps": f" {'字' * 2000} "}
    entry = NoteEntry(HAISHU, "0905", "2020Q3", stage="done", **words, place=Place("", "0905"))
    assert refused(world, entry) == ["too_long", "control_character"]
    with pytest.raises(Refused, match="0905: “progress” has 2001 characters; at most 2000 can be kept."):
        world.record(entry)
    world.record(replace(entry, progress="字" * 2000, problems=""))
    assert ProgressNote.objects.get().next_steps == "字" * 2000


def test_the_soft_checks_are_asked_only_for_who_shows_them(world: World, django_assert_num_queries) -> None:
    world.report(HAISHU, BEDS, 2, 5)
    entry = world.entry(HAISHU, BEDS, 3, 50)
    with CaptureQueriesContext(connection) as queries:
        assert world.record(entry, dry_run=True).cautions == ()
    with django_assert_num_queries(len(queries) + 5):
        asked = world.record(entry, dry_run=True, with_cautions=True)
    assert [(each.commitment.code, each.code) for each in asked.cautions] == [("0902", "leapt")]


def test_line_ends_of_a_plain_form_change_nothing(world: World) -> None:
    world.record(NoteEntry(HAISHU, "0905", "2020Q3", stage="done", progress="一\n二\n\n三"))
    again = world.record(NoteEntry(HAISHU, "0905", "2020Q3", stage="done", progress="一\r\n二\r\n\r三\r\n"))
    assert (again.changes, again.unchanged) == ((), 1)
    assert ProgressNote.objects.get().progress == "一\n二\n\n三"


def test_a_figure_that_applies_again_loses_the_note_that_said_why_not(world: World) -> None:
    world.report(HAISHU, BEDS, 3, not_applicable=True, note="无机构")
    world.report(HAISHU, BEDS, 3, 4)
    assert Figure.objects.get().note == ""


def test_the_command_line_acts_without_an_account_and_is_named(world: World) -> None:
    entries = [world.entry(HAISHU, BEDS, 3, 1), world.entry(JIANGBEI, BEDS, 3, 2)]
    record_figures(entries, actor=None, at=NOW, origin=Origin.COMMAND)
    assert Figure.objects.count() == 2
    assert all(Revision.objects.filter(kind="figure").values_list("actor_name", flat=True))


def test_the_same_number_of_queries_for_one_figure_and_for_many(world: World, django_assert_max_num_queries) -> None:
    def queries(*entries: FigureEntry) -> int:
        with django_assert_max_num_queries(40) as context:
            record_figures(entries, actor=None, at=NOW, origin=Origin.COMMAND)
        return len(context)

    one = queries(world.entry(HAISHU, BEDS, 1, 1))
    many = queries(*(world.entry(unit, BEDS, quarter, 7) for unit in (HAISHU, JIANGBEI) for quarter in (2, 3, 4)))
    assert one == many


@pytest.mark.parametrize(
    "change",
    [lambda: Revision.objects.update(reason="x"), lambda: Revision.objects.all()[0].delete()],
    ids=["update", "delete"],
)
def test_the_database_refuses_to_change_the_record(world: World, change: Callable[[], object]) -> None:
    world.report(HAISHU, BEDS, 3, 12)
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        change()


@pytest.mark.parametrize(
    "values",
    [
        {"numerator": None},
        {"numerator": 1, "not_applicable": True, "note": "x"},
        {"numerator": None, "not_applicable": True, "note": ""},
        {"numerator": 1, "denominator": 0},
        {"numerator": -1},
    ],
)
def test_the_database_itself_refuses_impossible_figures(world: World, values: dict[str, object]) -> None:
    world.report(HAISHU, BEDS, 3, 12)
    with pytest.raises(IntegrityError), transaction.atomic():
        Figure.objects.update(**values)


def test_a_minus_zero_is_a_zero(world: World) -> None:
    world.report(HAISHU, BEDS, 3, 0)
    assert world.report(HAISHU, BEDS, 3, "-0").changes == ()


def test_a_day_ends_at_local_midnight(world: World) -> None:
    manager = world.account("3302", Role.PLAN_MANAGER)
    set_period_state(world.periods[3], PeriodState.CLOSED, actor=manager)
    extend_due_day(world.periods[3], world.units[HAISHU], date(2020, 10, 20), actor=manager, at=NOW, reason="台风")
    after_midnight = datetime(2020, 10, 20, 17, 0, tzinfo=UTC)  # one o'clock of the 21st in Ningbo
    assert refused(world, world.entry(HAISHU, BEDS, 3, 1), at=after_midnight) == ["period_closed"]


def test_who_has_reported_stays_assigned(world: World) -> None:
    world.report(HAISHU, BEDS, 3, 5)
    world.record(NoteEntry(HAISHU, "0905", "2020Q3", stage="done"))
    for commitment in ("0902", "0905"):
        with pytest.raises(Refused) as caught:
            world.target(commitment, HAISHU, reports=False)
        assert [problem.code for problem in caught.value.problems] == ["has_reported"]
    assert world.target("0902", JIANGBEI, reports=False) == 1


def test_a_milestone_has_no_number_to_reach(world: World) -> None:
    with pytest.raises(Refused) as caught:
        world.target("0905", HAISHU, 5)
    assert [problem.code for problem in caught.value.problems] == ["not_quantified"]


def test_two_levels_of_the_tree_cannot_both_report(world: World) -> None:
    world.units["330203001"] = add_unit(
        "330203001", world.units[HAISHU], OrganisationKind.TOWNSHIP, "南门街道", "南门街道", 9
    )
    with pytest.raises(Refused) as caught:
        world.target("0902", "330203001", reports=True)
    assert [problem.code for problem in caught.value.problems] == ["two_levels"]


def test_a_zone_of_the_same_name_as_a_prefix_is_no_descendant(world: World) -> None:
    """3302 is a prefix of 3302-DX as text, not in the tree: paths end each code with a slash."""
    assert not world.units[HAISHU].contains(world.units["3302-DX"])
    assert world.units["3302"].contains(world.units["3302-DX"])


def test_targets_need_a_reason_and_the_right_role(world: World) -> None:
    entry = TargetEntry("0902", HAISHU, D(5))

    def as_role(unit: str, role: Role, reason: str = "分解", at: datetime = NOW) -> int:
        return set_targets(
            world.plan, [entry], actor=world.account(unit, role), at=at, origin=Origin.ADMIN, reason=reason
        )

    with pytest.raises(Refused):
        as_role("3302", Role.PLAN_MANAGER, reason="  ")
    for unit, role in ((HAISHU, Role.REPORTER), ("3302-ETFL", Role.REVIEWER), ("3302", Role.LEADER)):
        with pytest.raises(PermissionDenied):
            as_role(unit, role)
    assert as_role(LEAD, Role.REVIEWER) == 1
    assert as_role(LEAD, Role.REVIEWER) == 0
    revision = Revision.objects.filter(kind="target").order_by("-pk")[0]
    assert (revision.old["numerator"], revision.new["numerator"], revision.reason) == (None, "5", "分解")
