"""The roll-up on the test city, and against a slow, obvious oracle on random trees."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import product

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from organisations.choices import OrganisationKind
from organisations.models import Organisation
from targets.absences import Gap, find_absences
from targets.choices import Scope, Stage, SubmissionState
from targets.domain.entries import NoteEntry
from targets.domain.periods import create_periods
from targets.models import Figure, Period, Plan, Programme, Section, Submission, Target, WorkItem
from targets.progress import Status
from targets.rollup import Progress, RollUp, roll_up
from tests.world import (
    BEDS,
    CITY,
    COVERAGE,
    HAISHU,
    JIANGBEI,
    TODAY,
    XIANGSHAN,
    ZONE,
    World,
    add_indicator,
    add_unit,
)  # fmt: skip

D = Decimal


def rolled(world: World, quarter: int = 3, scope: Scope = Scope.ALL, unit: str = CITY, **more: object) -> RollUp:
    return roll_up(world.plan, world.units[unit], quarter, today=TODAY, scope=scope, **more)


def row_of(roll: RollUp, commitment: str) -> Progress:
    return next(row for row in roll.numbers if row.commitment.code == commitment)


def test_worked_example_1_a_gap_does_not_change_the_sum(world: World) -> None:
    world.record(world.entry(HAISHU, BEDS, 1, 2), world.entry(HAISHU, BEDS, 2, 0), world.entry(HAISHU, BEDS, 3, 1))
    assert row_of(rolled(world, unit=HAISHU), "0902").verdict.value == 3
    world.record(world.entry(HAISHU, BEDS, 2))  # withdrawn
    at_q3, at_q2 = (row_of(rolled(world, quarter, unit=HAISHU), "0902") for quarter in (3, 2))
    assert at_q3.verdict.value == 3
    assert at_q3.tally.completeness == 1
    assert (at_q2.tally.reported, at_q2.tally.assigned) == (0, 1)
    absences = find_absences(rolled(world, unit=HAISHU))
    assert absences[at_q3.commitment.pk, HAISHU].gaps == (Gap(HAISHU, 2),)


def test_worked_example_2_a_stock_is_carried_forward(world: World) -> None:
    for code in (XIANGSHAN, ZONE):
        Target.objects.filter(organisation__code=code).update(reports=False)
    world.report(HAISHU, COVERAGE, 3, 88, 275)
    world.report(JIANGBEI, COVERAGE, 2, 30, 158)
    roll = rolled(world)
    row = row_of(roll, "0704")
    assert row.verdict.value == Fraction(11800, 433)
    assert (row.tally.reported, row.tally.assigned, row.tally.carried_forward) == (1, 2, 1)
    absences = find_absences(roll)[row.commitment.pk, CITY]
    assert absences.carried_forward == absences.missing == (JIANGBEI,)
    assert absences.gaps == ()


def test_not_applicable_ends_the_carrying(world: World) -> None:
    world.report(HAISHU, COVERAGE, 1, 88, 275)
    world.report(HAISHU, COVERAGE, 2, not_applicable=True, note="并入")
    row = row_of(rolled(world, unit=HAISHU), "0704")
    assert row.verdict.value is None
    assert row.tally.carried_forward == 0
    at_q2 = row_of(rolled(world, 2, unit=HAISHU), "0704")
    assert at_q2.is_not_applicable
    assert at_q2.verdict.status is None


@pytest.mark.parametrize(("scope", "value"), [(Scope.APPROVED, 1), (Scope.SUBMITTED, 111), (Scope.ALL, 1111)])
def test_scopes_count_by_the_state_of_the_submission(world: World, scope: Scope, value: int) -> None:
    for unit, beds in ((HAISHU, 1), (JIANGBEI, 10), (XIANGSHAN, 100), (ZONE, 1000)):
        world.report(unit, BEDS, 3, beds)
    world.approve(HAISHU, 3)
    world.endorse(JIANGBEI, 3)
    world.submit(XIANGSHAN, 3)
    row = row_of(rolled(world, scope=scope), "0902")
    assert row.verdict.value == value
    assert row.tally.approved == 1
    assert row.tally.reported == {1: 1, 111: 3, 1111: 4}[value]


def test_figures_of_a_unit_that_is_no_longer_assigned_do_not_count(world: World) -> None:
    world.report(HAISHU, BEDS, 3, 5)
    world.report(JIANGBEI, BEDS, 3, 7)
    Target.objects.filter(commitment__code="0902", organisation__code=JIANGBEI).update(reports=False)
    assert row_of(rolled(world), "0902").verdict.value == 5


def test_another_years_figures_do_not_count(world: World) -> None:
    world.report(HAISHU, BEDS, 3, 5)
    last_year = Period.objects.create(year=2019, quarter=3, opens_on="2019-10-01", due_on="2019-10-10")
    submission = world.submission(HAISHU, 3)
    old = Submission.objects.create(
        organisation=submission.organisation, programme=submission.programme, period=last_year
    )
    Figure.objects.create(submission=old, indicator=submission.figures.get().indicator, numerator=100)
    row = row_of(rolled(world, unit=HAISHU), "0902")
    assert (row.verdict.value, row.gap_count) == (5, 2)


def test_notes_count_by_the_state_of_their_submission(world: World) -> None:
    world.record(NoteEntry(HAISHU, "0905", "2020Q3", stage=Stage.DONE))
    assert rolled(world, scope=Scope.SUBMITTED).narratives[0].stages == {}
    world.submit(HAISHU, 3)
    assert rolled(world, scope=Scope.SUBMITTED).narratives[0].stages == {"done": 1}
    assert rolled(world, scope=Scope.APPROVED).narratives[0].stages == {}


def test_townships_report_for_their_district(world: World) -> None:
    district = world.units[HAISHU]
    for number in (1, 2):
        code = f"33020300{number}"
        world.units[code] = add_unit(
            code, district, OrganisationKind.TOWNSHIP, f"街道{number}", f"街道{number}", number
        )
    world.target("0902", HAISHU, 10, reports=False)
    for number in (1, 2):
        world.target("0902", f"33020300{number}", 5, reports=True)
        world.report(f"33020300{number}", BEDS, 3, number * 3)
    world.report(JIANGBEI, BEDS, 3, 1)
    row = row_of(rolled(world), "0902")
    by_unit = {unit.organisation.code: unit for unit in row.units}
    assert by_unit[HAISHU].verdict.value == 9
    assert by_unit[HAISHU].verdict.completion == Fraction(9, 10)
    assert by_unit[HAISHU].tally.assigned == 2
    assert row.verdict.value == 10
    below = row_of(rolled(world, unit=HAISHU), "0902")
    assert [(unit.organisation.code, unit.verdict.value) for unit in below.units] == [
        ("330203001", 3),
        ("330203002", 6),
    ]
    every = row_of(rolled(world, every_unit=True), "0902")
    assert [unit.organisation.code for unit in every.units] == ["330203001", "330203002", JIANGBEI, XIANGSHAN, ZONE]


def test_milestones_count_the_latest_note_of_each_unit(world: World) -> None:
    world.record(
        NoteEntry(HAISHU, "0905", "2020Q1", stage=Stage.IN_PROGRESS),
        NoteEntry(HAISHU, "0905", "2020Q3", stage=Stage.DONE),
    )
    world.record(NoteEntry(JIANGBEI, "0905", "2020Q2", stage=Stage.BLOCKED))
    narrative = rolled(world).narratives[0]
    assert narrative.stages == {"done": 1, "blocked": 1}
    assert (narrative.reported, narrative.assigned, narrative.status) == (1, 5, Status.RUNNING)
    assert narrative.units[-1].status == Status.MISSING
    late = roll_up(world.plan, world.units[CITY], 3, today=date(2021, 1, 1), scope=Scope.ALL).narratives[0]
    assert late.status == Status.BEHIND


def test_programmes_limit_the_rows(world: World) -> None:
    children = Programme.objects.filter(code="children")
    assert [row.commitment.code for row in rolled(world, programmes=children).numbers] == ["0704"]
    assert rolled(world, programmes=[]).numbers == ()


def test_the_same_number_of_queries_for_one_unit_and_for_all(world: World, django_assert_num_queries) -> None:
    Target.objects.exclude(organisation__code__in=(CITY, HAISHU)).update(reports=False)
    world.report(HAISHU, BEDS, 3, 5)
    with django_assert_num_queries(5):
        rolled(world)
    Target.objects.exclude(organisation__code=CITY).update(reports=True)
    for unit in (HAISHU, JIANGBEI, XIANGSHAN):
        world.report(unit, BEDS, 3, 7)
        world.report(unit, COVERAGE, 3, 5, 10)
    with django_assert_num_queries(5):
        roll = rolled(world)
    with django_assert_num_queries(1):
        find_absences(roll)


def test_sums_are_exact_where_doubles_are_not(world: World) -> None:
    indicator = add_indicator("YL-99", Programme.objects.get(code="eldercare"), "金额", decimals=4)
    world.add_commitment("0999", indicator)
    units = (HAISHU, JIANGBEI, XIANGSHAN)
    for unit, amount in zip(units, ("10000000000.0001", "0.1", "0.2"), strict=True):
        world.target("0999", unit, reports=True)
        world.report(unit, "YL-99", 3, amount)
    assert row_of(rolled(world), "0999").amount.numerator == D("10000000000.3001")


# ---- random plans against an oracle that looks at one cell after the other

RULES = ("sum", "latest", "every")
STATES = tuple(SubmissionState)


@dataclass
class Cell:
    numerator: Decimal | None
    denominator: Decimal | None
    state: SubmissionState

    @property
    def not_applicable(self) -> bool:
        return self.numerator is None


@st.composite
def plans(draw: st.DrawFn) -> dict[str, object]:
    """Two districts with up to two townships each; who reports; figures with gaps, 不适用 and states."""
    townships = {parent: draw(st.integers(0, 2)) for parent in ("A", "B")}
    reporters = []
    for parent, count in townships.items():
        if count and draw(st.booleans()):
            reporters += [f"{parent}{number}" for number in range(count) if draw(st.booleans())]
        elif draw(st.booleans()):
            reporters.append(parent)
    states = {key: draw(st.sampled_from(STATES)) for key in product(reporters, (1, 2, 3, 4))}
    cells = {}
    for rule, is_ratio in product(RULES, (False, True)):
        for unit, quarter in states:
            kind = draw(st.sampled_from(("none", "number", "number", "not_applicable")))
            if kind == "none":
                continue
            number = D(draw(st.integers(0, 99999))).scaleb(-draw(st.integers(0, 4))) if kind == "number" else None
            denominator = D(draw(st.integers(1, 500))) if kind == "number" and is_ratio else None
            cells[rule, is_ratio, unit, quarter] = Cell(number, denominator, states[unit, quarter])
    return {
        "townships": townships, "reporters": reporters, "states": states, "cells": cells,
        "quarter": draw(st.integers(1, 4)), "scope": draw(st.sampled_from(tuple(Scope))),
        "at": draw(st.sampled_from(("C", "A", "B", "A0"))),
    }  # fmt: skip


def build(case: dict[str, object]) -> tuple[Plan, dict[str, Organisation]]:
    city = add_unit("C", None, OrganisationKind.CITY, "市", "市", 0)
    units = {"C": city}
    for parent, count in case["townships"].items():
        units[parent] = add_unit(parent, city, OrganisationKind.DISTRICT, parent, parent, len(units))
        for number in range(count):
            code = f"{parent}{number}"
            units[code] = add_unit(code, units[parent], OrganisationKind.TOWNSHIP, code, code, len(units))
    plan = Plan.objects.create(code="p", year=2020, title="p", issuer=city, issued_on=date(2020, 1, 1))
    programme = Programme.objects.create(code="eldercare", name="养老", lead=city)
    section = Section.objects.create(plan=plan, number="一", title="s")
    item = WorkItem.objects.create(section=section, number=9, title="i", programme=programme)
    world = World(plan, units, {period.quarter: period for period in create_periods(2020)})
    submissions = Submission.objects.bulk_create(
        Submission(
            organisation=units[unit], programme=programme, period=world.periods[quarter], state=state,
            submitted_by=None if state == "draft" else world.account("C", "reporter"),
            first_submitted_at=None if state == "draft" else "2020-10-01T00:00:00Z",
        )
        for (unit, quarter), state in case["states"].items()
    )  # fmt: skip
    of = {(each.organisation.code, each.period.quarter): each for each in submissions}
    for rule, is_ratio in product(RULES, (False, True)):
        more = {"form": "ratio", "per": 100, "numerator_label": "n", "denominator_label": "d"} if is_ratio else {}
        code = f"{rule}-{'ratio' if is_ratio else 'number'}"
        indicator = add_indicator(code, programme, code, time_rule=rule, decimals=None, **more)
        commitment = world.add_commitment(code[:6] + ("r" if is_ratio else "n"), indicator, item=item)
        Target.objects.bulk_create(
            Target(commitment=commitment, organisation=units[unit], reports=True) for unit in case["reporters"]
        )
        Figure.objects.bulk_create(
            Figure(
                submission=of[unit, quarter], indicator=indicator, numerator=cell.numerator,
                denominator=cell.denominator, not_applicable=cell.not_applicable, note="x",
            )
            for (a_rule, a_ratio, unit, quarter), cell in case["cells"].items()
            if (a_rule, a_ratio) == (rule, is_ratio)
        )  # fmt: skip
    return plan, units


def oracle(case: dict[str, object], rule: str, is_ratio: bool, top: str) -> dict[str, object]:
    """Everything the roll-up says about one indicator, by looking at one cell after the other."""
    quarter, scope = case["quarter"], case["scope"]
    units = [unit for unit in case["reporters"] if top == "C" or unit.startswith(top)]

    def cell(unit: str, at: int) -> Cell | None:
        found = case["cells"].get((rule, is_ratio, unit, at))
        return found if found and found.state in scope.states else None

    result: dict[str, object] = defaultdict(int, assigned=len(units), missing=[], carried=[], gaps=[])
    numerator, denominator, counted = D(0), D(0), 0
    for unit in units:
        now = cell(unit, quarter)
        result["reported"] += now is not None and not now.not_applicable
        result["approved"] += now is not None and not now.not_applicable and now.state == "approved"
        result["not_applicable"] += now is not None and now.not_applicable
        if now is None:
            result["missing"].append(unit)
        if rule == "sum":
            used = [each for at in range(1, quarter + 1) if (each := cell(unit, at))]
            result["gaps"] += [(unit, at) for at in range(1, quarter) if cell(unit, at) is None]
        elif rule == "every":
            used = [now] if now else []
        else:
            said = [(at, each) for at in range(1, quarter + 1) if (each := cell(unit, at))]
            used = [said[-1][1]] if said else []
            if said and said[-1][0] < quarter and not said[-1][1].not_applicable:
                result["carried"].append(unit)
        for each in used:
            if not each.not_applicable:
                numerator, denominator, counted = (
                    numerator + each.numerator,
                    denominator + (each.denominator or 0),
                    counted + 1,
                )
    result["amount"] = (numerator, denominator if is_ratio else None) if counted else None
    return result


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(case=plans())
def test_against_the_oracle(db: None, case: dict[str, object]) -> None:
    with transaction.atomic():
        plan, units = build(case)
        if case["at"] in units:
            check(case, plan, units[case["at"]])
        transaction.set_rollback(True)


def check(case: dict[str, object], plan: Plan, top: Organisation) -> None:
    roll = roll_up(plan, top, case["quarter"], today=TODAY, scope=case["scope"])
    absences = find_absences(roll)
    rows = {row.commitment.indicator.code: row for row in roll.numbers}
    for rule, is_ratio in product(RULES, (False, True)):
        expected = oracle(case, rule, is_ratio, top.code)
        row = rows.get(f"{rule}-{'ratio' if is_ratio else 'number'}")
        assert (row is None) == (expected["assigned"] == 0)
        if row is None:
            continue
        assert says(row) == wanted(expected)
        lists = absences[row.commitment.pk, top.code]
        assert sorted(lists.missing) == sorted(expected["missing"])
        assert sorted(lists.carried_forward) == sorted(expected["carried"])
        assert sorted(lists.gaps) == sorted(expected["gaps"])
        assert row.gap_count == len(expected["gaps"])
        for unit in row.units:
            assert says(unit) == wanted(oracle(case, rule, is_ratio, unit.organisation.code))


def says(row: Progress) -> tuple[object, ...]:
    amount = row.amount and (row.amount.numerator, row.amount.denominator)
    tally = row.tally
    return (
        amount,
        tally.assigned,
        tally.reported,
        tally.approved,
        tally.not_applicable,
        tally.missing,
        tally.carried_forward,
    )


def wanted(expected: dict[str, object]) -> tuple[object, ...]:
    keys = ("amount", "assigned", "reported", "approved", "not_applicable")
    return (*(expected[key] for key in keys), len(expected["missing"]), len(expected["carried"]))
