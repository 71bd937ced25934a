"""What a submission consists of, read from the database."""

from dataclasses import asdict
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from targets.amounts import Amount
from targets.choices import Scope
from targets.domain.entries import NoteEntry
from targets.domain.periods import create_periods, create_submissions
from targets.lines import Line, Said, Words, lines_of, lines_of_one, overlay
from targets.models import Figure, Indicator, Plan, Submission, Target
from targets.rollup import roll_up
from tests.world import BEDS, COVERAGE, HAISHU, JIANGBEI, TODAY, UNITS, World, add_indicator

pytestmark = pytest.mark.django_db


def line(world: World, unit: str, quarter: int, code: str, programme: str = "eldercare") -> Line:
    lines = lines_of_one(world.submission(unit, quarter, programme))
    return next(each for each in lines if each.commitment.code == code)


def numbers(line: Line) -> list[str | None]:
    return [None if said is None else "n/a" if said.amount is None else str(said.amount.numerator.normalize())
            for said in line.quarters]  # fmt: skip


def test_a_line_for_each_assigned_commitment_of_the_programme(world: World) -> None:
    lines = lines_of_one(world.submission(HAISHU, 3))
    assert [each.commitment.code for each in lines] == ["0902", "0905"]
    assert [each.commitment.code for each in lines_of_one(world.submission(HAISHU, 3, "children"))] == ["0704"]


def test_a_line_knows_the_years_quarters_up_to_its_own(world: World) -> None:
    world.report(HAISHU, BEDS, 1, 2)
    world.report(HAISHU, BEDS, 2, 0)
    world.report(HAISHU, BEDS, 3, 1)
    world.report(HAISHU, BEDS, 4, 7)
    world.report(JIANGBEI, BEDS, 3, 99)
    assert numbers(line(world, HAISHU, 3, "0902")) == ["2", "0", "1"]
    assert numbers(line(world, HAISHU, 1, "0902")) == ["2"]
    assert line(world, HAISHU, 3, "0902").said_before == Said(Amount(Decimal(0)))


def test_what_was_said_last_december_is_before_the_first_quarter(world: World) -> None:
    before = create_periods(2019)[3]
    own = world.submission(HAISHU, 1)
    last = Submission.objects.create(organisation=own.organisation, programme=own.programme, period=before)
    Figure.objects.create(submission=last, indicator=Indicator.objects.get(code=BEDS), numerator=40)
    first = line(world, HAISHU, 1, "0902")
    assert first.said_before == first.level_before == Said(Amount(Decimal(40)))
    assert first.progress_before() is None


def test_not_applicable_and_words_and_the_stage_before(world: World) -> None:
    world.report(HAISHU, BEDS, 2, not_applicable=True, note="无机构")
    world.record(NoteEntry(HAISHU, "0905", "2020Q1", stage="not_started"))
    world.record(NoteEntry(HAISHU, "0905", "2020Q2", stage="in_progress", progress="已动员"))
    assert line(world, HAISHU, 2, "0902").said == Said(None, "无机构")
    second, third = line(world, HAISHU, 2, "0905"), line(world, HAISHU, 3, "0905")
    assert (second.words, second.stage_before) == (Words("in_progress", "已动员", "", ""), "not_started")
    assert (third.words, third.stage_before, third.stage) == (Words(), "in_progress", "in_progress")


def test_a_shared_indicator_is_filled_in_at_the_first_commitment(world: World) -> None:
    beds = Indicator.objects.get(code=BEDS)
    world.add_commitment("0909", beds)
    world.target("0909", HAISHU, reports=True)
    world.report(HAISHU, BEDS, 3, 12)
    first, second = line(world, HAISHU, 3, "0902"), line(world, HAISHU, 3, "0909")
    assert (first.is_entered_here, second.is_entered_here) == (True, False)
    assert second.entered_at.code == "0902"
    assert first.said == second.said


def test_withdrawn_and_unassigned_commitments_have_no_line(world: World) -> None:
    world.target("0905", HAISHU, reports=False)
    commitment = world.commitments["0902"]
    commitment.withdrawn = True
    commitment.save()
    assert lines_of_one(world.submission(HAISHU, 3)) == []


def test_a_line_is_judged_as_the_roll_up_judges_the_unit(world: World) -> None:
    world.target("0902", HAISHU, 100, reports=True)
    world.report(HAISHU, BEDS, 1, 30)
    world.report(HAISHU, BEDS, 3, 20)
    world.report(HAISHU, COVERAGE, 2, 30, 158)
    plan = Plan.objects.get()
    rolled = roll_up(plan, world.units[HAISHU], 3, today=TODAY, scope=Scope.ALL)
    rows = {row.commitment.code: row for row in rolled.numbers}
    for code, programme in (("0902", "eldercare"), ("0704", "children")):
        own = line(world, HAISHU, 3, code, programme).progress()
        assert asdict(own.verdict) == asdict(rows[code].verdict)
        assert (own.amounts, own.tally.reported) == (rows[code].amounts, rows[code].tally.reported)


def test_the_overlay_changes_what_it_names_and_nothing_else(world: World) -> None:
    world.report(HAISHU, BEDS, 2, 5)
    lines = lines_of_one(world.submission(HAISHU, 3))
    key = HAISHU, BEDS, "2020Q3"
    changed = overlay(lines, {key: Said(Amount(Decimal(7)))}, {(HAISHU, "0905", "2020Q3"): Words("done")})
    assert changed[0].quarters == (None, Said(Amount(Decimal(5))), Said(Amount(Decimal(7))))
    assert changed[1].words == Words("done")
    earlier = overlay(lines, {(HAISHU, BEDS, "2020Q2"): None})
    assert earlier[0].quarters == (None, None, None)
    assert overlay(lines, {}) == lines


def test_five_queries_for_one_submission_and_for_all(world: World) -> None:
    create_submissions(2020)
    for unit in UNITS:
        world.report(unit, BEDS, 3, 5)
    every = list(Submission.objects.with_parts())
    for submissions in ([world.submission(HAISHU, 3)], every):
        with CaptureQueriesContext(connection) as queries:
            lines_of(submissions)
        assert len(queries) == 5
    assert len(every) > 20


def test_targets_of_units_without_a_number_give_no_status(world: World) -> None:
    Target.objects.filter(commitment__code="0902", organisation__code=HAISHU).update(numerator=None)
    world.report(HAISHU, BEDS, 3, 5)
    assert line(world, HAISHU, 3, "0902").progress().verdict.status is None


def test_an_indicator_of_another_programme_does_not_appear(world: World) -> None:
    other = add_indicator("ET-02", Indicator.objects.get(code=COVERAGE).programme, "其他")
    world.add_commitment("0705", other, item=world.commitments["0704"].item)
    world.target("0705", HAISHU, reports=True)
    assert [each.commitment.code for each in lines_of_one(world.submission(HAISHU, 3))] == ["0902", "0905"]
