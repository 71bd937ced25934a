"""The reporting state of all units, and how far the promises are divided among them."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from organisations.choices import Role
from targets.choices import Origin, PeriodState, TimeRule
from targets.divisions import Division, divisions_of
from targets.domain import review
from targets.domain.periods import extend_due_day, set_period_state
from targets.models import DueDayExtension, Indicator, Submission
from targets.standings import Standing, standing_of
from tests.world import (
    BEDS,
    CITY,
    COVERAGE,
    HAISHU,
    JIANGBEI,
    LEAD,
    NOW,
    OTHER_LEAD,
    TODAY,
    UNITS,
    XIANGSHAN,
    ZONE,
    World,
    add_indicator,
)


@pytest.fixture(autouse=True)
def english(settings: Any) -> Iterator[None]:
    settings.LANGUAGE_CODE, settings.TODAY = "en", TODAY
    with translation.override("en"):
        yield


def standing(
    world: World, unit: str = CITY, role: Role = Role.PLAN_MANAGER, quarter: int = 3, today: date = TODAY
) -> Standing:
    return standing_of(world.account(unit, role), world.periods[quarter], today)


def cells(table: Standing) -> dict[str, list[tuple[str, str, str] | None]]:
    """Sign and word, lateness, and holder of each cell by unit."""
    return {
        row.unit: [
            cell and (f"{cell.badge.sign} {cell.badge.word}", cell.late, cell.holder) for cell in row.cells
        ]
        for row in table.rows
    }  # fmt: skip


def extend(world: World, unit: str, day: date) -> DueDayExtension:
    manager = world.account(CITY, Role.PLAN_MANAGER)
    return extend_due_day(world.periods[3], world.units[unit], day, actor=manager, at=NOW, reason="台风")


@pytest.fixture
def underway(world: World) -> World:
    """海曙: children approved, eldercare returned; 江北: submitted, endorsed; 象山 extended; 大榭 silent; 10-12."""
    for unit in (HAISHU, JIANGBEI):
        world.report(unit, BEDS, 3, 5)
        world.report(unit, COVERAGE, 3, 1, 2)
    world.approve(HAISHU, 3, "children")
    returned, endorser = world.submit(HAISHU, 3), world.account(HAISHU, Role.ENDORSER)
    review.return_submission(returned, actor=endorser, at=NOW, origin=Origin.FORM, reason="口径不符")
    world.endorse(JIANGBEI, 3)
    world.submit(JIANGBEI, 3, "children")
    extend(world, XIANGSHAN, date(2020, 10, 20))
    return world


MISSING, DRAFT = ("– Not reported", "2 days late", ""), ("◌ Being filled in", "", "")


def test_every_unit_and_programme_with_state_lateness_and_who_has_it(underway: World) -> None:
    table = standing(underway)
    assert table.programmes == ("儿童福利", "养老服务")
    assert cells(table) == {
        "养老服务处": [None, MISSING],
        "海曙": [("✓ Approved", "", ""), ("◐ Returned", "", "the unit's reporter, for 4 days")],
        "江北": [
            ("○ Awaiting the unit's check", "", "the unit's endorser, for 4 days"),
            ("○ Awaiting the city's approval", "", "the reviewer in 养老服务处, for 4 days"),
        ],
        "象山": [DRAFT, DRAFT],
        "大榭": [MISSING, MISSING],
    }
    assert [(str(each.badge.word), each.count) for each in table.counts] == [
        ("Approved", 1), ("Awaiting the city's approval", 1), ("Awaiting the unit's check", 1),
        ("Being filled in", 2), ("Not reported", 3), ("Returned", 1),
    ]  # fmt: skip
    assert table.total == 9


def test_late_units_are_named_with_their_days_the_worst_first(underway: World) -> None:
    extend(underway, ZONE, date(2020, 10, 11))
    Submission.objects.filter(organisation__code=JIANGBEI).update(first_submitted_at="2020-10-11T02:00:00Z")
    assert standing(underway).late == "养老服务处 (2 days late), 大榭 (1 day late)"
    assert standing(underway, today=date(2020, 10, 10)).late == ""


def test_an_extension_makes_no_day_earlier_than_a_periods_that_was_moved(world: World) -> None:
    extend(world, HAISHU, date(2020, 10, 20))
    moved = date(2020, 10, 25)
    set_period_state(world.periods[3], PeriodState.OPEN, actor=None, due_on=moved)
    found = standing(world, today=date(2020, 10, 23))
    assert found.late == ""
    assert {row.extension for row in found.rows} == {""}
    assert {row.due_day for row in Submission.objects.filter(period=world.periods[3]).with_due_day()} == {moved}
    assert standing(world, today=date(2020, 10, 26)).late.count("(1 day late)") == 5
    extend(world, HAISHU, date(2020, 10, 30))
    later = {row.organisation.code: row.due_day for row in Submission.objects.with_due_day().filter(period__quarter=3)}
    assert (later[HAISHU], later[JIANGBEI]) == (date(2020, 10, 30), moved)


def test_lateness_stays_visible_when_it_is_handed_in(underway: World) -> None:
    Submission.objects.filter(organisation__code=JIANGBEI).update(first_submitted_at="2020-10-11T02:00:00Z")
    assert [cell[1] for cell in cells(standing(underway))["江北"] if cell] == ["1 day late", "1 day late"]


def test_each_unit_has_a_link_to_extend_its_day(underway: World) -> None:
    rows = {row.unit: row for row in standing(underway).rows}
    filled = f"?period={underway.periods[3].pk}&organisation={underway.units[HAISHU].pk}"
    assert rows["海曙"].extension_url == reverse("admin:targets_duedayextension_add") + filled
    row = DueDayExtension.objects.get()
    assert rows["象山"].extension == "extended to 10/20"
    assert rows["象山"].extension_url == reverse("admin:targets_duedayextension_change", args=[row.pk])


def test_each_unit_has_its_own_due_day(underway: World) -> None:
    assert {row.unit: row.due for row in standing(underway).rows} == {
        "养老服务处": "10/10", "海曙": "10/10", "江北": "10/10", "象山": "10/20", "大榭": "10/10",
    }  # fmt: skip


def test_where_everything_is_approved_no_day_is_extended(underway: World) -> None:
    underway.approve(HAISHU, 3)
    extend(underway, HAISHU, date(2020, 10, 20))
    (row,) = [each for each in standing(underway).rows if each.unit == "海曙"]
    assert (row.due, row.extension, row.extension_url) == ("10/20", "extended to 10/20", "")
    client = Client()
    client.force_login(underway.account(CITY, Role.PLAN_MANAGER))
    page = client.get("/admin/?period=2020Q3").content.decode()
    assert [page.count(f"Extend the due day of {unit}") for unit in ("海曙", "江北", "象山")] == [0, 1, 1]
    assert '<td class="extension">10/10 <a' in page
    assert '<td class="extension"><span class="tag">extended to 10/20</span></td>' in page


def test_a_reviewer_sees_the_own_programmes_and_nobody_else_any(underway: World) -> None:
    table = standing(underway, OTHER_LEAD, Role.REVIEWER)
    assert (table.programmes, table.total, "养老服务处" in cells(table)) == (("儿童福利",), 4, False)
    assert standing(underway, HAISHU, Role.REPORTER).rows == ()


def test_a_reviewer_who_fills_in_too_sees_no_other_programme(underway: World) -> None:
    account = underway.account(LEAD, Role.REVIEWER)
    account.leader = True
    assert standing_of(account, underway.periods[3], TODAY).programmes == ("养老服务",)


def test_a_period_that_was_not_opened_has_no_rows(world: World) -> None:
    set_period_state(world.periods[4], PeriodState.CLOSED, actor=None)
    Submission.objects.filter(period=world.periods[4]).delete()
    assert standing(world, quarter=4) == Standing((), (), (), 0, "")


def test_the_table_takes_three_queries(world: World, django_assert_num_queries: Any) -> None:
    manager = world.account(CITY, Role.PLAN_MANAGER)
    for unit in (HAISHU, JIANGBEI, XIANGSHAN):
        world.report(unit, BEDS, 3, 5)
        world.submit(unit, 3)
        with django_assert_num_queries(3):
            standing_of(manager, world.periods[3], TODAY)


# ---- the balance of the decomposition


def balance(programme: str) -> Division:
    return next(each for each in divisions_of(2020) if each.programme == programme)


def counts(programme: str) -> tuple[int, int, int, int, int]:
    each = balance(programme)
    return each.divided, each.short, each.over, each.compared, each.lower


@pytest.mark.parametrize(
    ("parts", "found", "worst"),
    [
        ((), (0, 1, 0), ("0902 新建养老床位: 4,000 张 not divided",)),
        ((1000, 1000, 1000, 997), (0, 1, 0), ("0902 新建养老床位: 3 张 not divided",)),
        ((1000, 1000, 1000, 1000), (1, 0, 0), ()),
        ((1000, 1000, 1000, 1002), (0, 0, 1), ("0902 新建养老床位: 2 张 too many",)),
    ],
)
def test_targets_of_units_are_held_against_the_promise(
    world: World, parts: tuple[int, ...], found: tuple[int, ...], worst: tuple[str, ...]
) -> None:
    for unit, part in zip(UNITS, parts, strict=False):
        world.target("0902", unit, part)
    assert counts("养老服务") == (*found, 0, 0)
    assert balance("养老服务").worst == worst


def test_ratios_are_compared_and_never_added(world: World) -> None:
    for unit in UNITS:
        world.target("0704", unit, 30)
    assert counts("儿童福利") == (0, 0, 0, 1, 0)
    world.target("0704", HAISHU, 20)
    assert counts("儿童福利") == (0, 0, 0, 1, 1)
    assert balance("儿童福利").worst == ()


def test_what_is_due_each_quarter_is_compared_too(world: World) -> None:
    world.commitments["0902"].indicator.time_rule = TimeRule.EVERY
    world.commitments["0902"].indicator.save()
    assert counts("养老服务") == (0, 0, 0, 1, 1)


def test_a_limit_asks_for_less_where_it_is_higher(world: World) -> None:
    commitment = world.commitments["0704"]
    commitment.comparator = "at_most"
    commitment.save()
    for unit in UNITS:
        world.target("0704", unit, 20)
    assert counts("儿童福利") == (0, 0, 0, 1, 0)
    world.target("0704", HAISHU, 31)
    assert counts("儿童福利") == (0, 0, 0, 1, 1)


def test_rows_between_and_withdrawn_commitments_are_left_out(world: World) -> None:
    for unit in UNITS:
        world.target("0902", unit, 1000)
    world.target("0902", LEAD, 500, reports=False)
    assert counts("养老服务") == (1, 0, 0, 0, 0)
    world.commitments["0902"].withdrawn = True
    world.commitments["0902"].save()
    assert [each.programme for each in divisions_of(2020)] == ["儿童福利"]


def test_the_worst_are_those_that_lack_the_largest_share(world: World) -> None:
    eldercare = world.commitments["0902"].item.programme
    for number, (code, whole, part) in enumerate((("0908", 10, 1), ("0909", 100, 99), ("0910", 8, 16)), start=1):
        world.add_commitment(code, add_indicator(f"YL-9{number}", eldercare, f"指标{number}"))
        world.target(code, CITY, whole, reports=False)
        world.target(code, HAISHU, part, reports=True)
    for unit in UNITS:
        world.target("0902", unit, 1000)
    assert balance("养老服务").worst == ("0910 指标3: 8 个 too many", "0908 指标1: 9 个 not divided")


def test_a_third_is_divided_exactly(world: World) -> None:
    Indicator.objects.filter(code=BEDS).update(decimals=None)
    world.target("0902", CITY, 100, 3, reports=False)
    for unit in UNITS:
        world.target("0902", unit, 25, 3)
    assert counts("养老服务")[:3] == (1, 0, 0)


def test_the_balance_takes_one_query_and_leads_to_the_targets(world: World, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        found = divisions_of(2020)
    assert found[-1].url == f"{reverse('admin:decomposition')}?plan=nb-2020&programme=eldercare"
