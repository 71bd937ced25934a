"""Writing targets: nobody's change is overwritten unseen, every problem at once, and figures stay what they are."""

from decimal import Decimal
from fractions import Fraction

import pytest

from organisations.choices import OrganisationKind, Role
from targets.choices import CommitmentKind, Origin
from targets.domain.decomposition import TargetEntry, newest_changes, set_targets, version_of
from targets.domain.splitting import Basis, propose_split
from targets.models import Commitment, Plan, Revision, Section, Target, WorkItem
from targets.problems import Place, Problem, Refused
from targets.rollup import roll_up
from tests.world import (
    BEDS,
    CITY,
    HAISHU,
    JIANGBEI,
    LEAD,
    NOW,
    TODAY,
    UNITS,
    XIANGSHAN,
    ZONE,
    World,
    add_indicator,
    add_unit,
)  # fmt: skip

D, F = Decimal, Fraction


def row_of(unit: str, commitment: str = "0902") -> Target:
    rows = Target.objects.select_related("commitment__plan", "commitment__indicator", "organisation")
    return rows.get(commitment__code=commitment, organisation__code=unit)


def save(world: World, *entries: TargetEntry, role: Role = Role.PLAN_MANAGER, unit: str = CITY, **more: object) -> int:
    values = {"at": NOW, "origin": Origin.FORM, "reason": "按上年占比", **more}
    return set_targets(world.plan, entries, actor=world.account(unit, role), **values)


def refused(world: World, *entries: TargetEntry, **more: object) -> list[Problem]:
    before = list(Target.objects.order_by("pk").values())
    revisions = Revision.objects.count()
    with pytest.raises(Refused) as caught:
        save(world, *entries, **more)
    assert list(Target.objects.order_by("pk").values()) == before
    assert Revision.objects.count() == revisions
    return list(caught.value.problems)


# ---- nobody overwrites anybody


def test_a_save_based_on_what_is_there_is_written(world: World) -> None:
    assert version_of(row_of(HAISHU)) == 0
    assert save(world, TargetEntry("0902", HAISHU, D(5), based_on=0)) == 1
    version = version_of(row_of(HAISHU))
    assert version == Revision.objects.get(kind="target").pk
    assert save(world, TargetEntry("0902", HAISHU, D(6), based_on=version)) == 1
    assert row_of(HAISHU).numerator == 6


def test_a_save_based_on_an_older_version_is_refused_with_both_versions(world: World) -> None:
    save(world, TargetEntry("0902", HAISHU, D(5), based_on=0), role=Role.REVIEWER, unit=LEAD, reason="按街道数")
    problems = refused(world, TargetEntry("0902", HAISHU, D(7), place=Place(cell="0902:330203"), based_on=0))
    name = f"reviewer@{LEAD}"
    assert [(each.code, each.place.cell) for each in problems] == [("stale", "0902:330203")]
    message = problems[0].message
    assert all(part in message for part in ("海曙", "0902", name, "“5”", "“7”", "按街道数", "10:30")), message


def test_only_the_cell_that_changed_is_stale(world: World) -> None:
    save(world, TargetEntry("0902", HAISHU, D(5)))
    entries = [TargetEntry("0902", unit, D(7), based_on=0) for unit in UNITS]
    assert [each.code for each in refused(world, *entries)] == ["stale"]
    assert save(world, *entries[1:]) == 3


def test_who_typed_the_same_as_the_colleague_has_no_conflict(world: World) -> None:
    save(world, TargetEntry("0902", HAISHU, D(5)))
    assert save(world, TargetEntry("0902", HAISHU, D(5), based_on=0)) == 0


def test_a_cleared_target_is_a_change_like_any_other(world: World) -> None:
    save(world, TargetEntry("0902", HAISHU, D(5)))
    save(world, TargetEntry("0902", HAISHU, None))
    assert [each.code for each in refused(world, TargetEntry("0902", HAISHU, D(6), based_on=0))] == ["stale"]


def test_a_change_that_came_after_reading_is_not_in_the_version(world: World) -> None:
    save(world, TargetEntry("0902", HAISHU, D(5)))
    read = row_of(HAISHU)
    first = version_of(read)
    save(world, TargetEntry("0902", HAISHU, D(6)))
    assert version_of(read) == first
    assert version_of(row_of(HAISHU)) > first


def test_an_invalid_target_for_a_stale_row_is_told_and_no_server_error(world: World) -> None:
    save(world, TargetEntry("0902", HAISHU, D(5)))
    for numbers in ((D(1), D(0)), (D("NaN"), None)):
        problems = refused(world, TargetEntry("0902", HAISHU, *numbers, based_on=0))
        assert {each.code for each in problems} == {"stale", "invalid"}


def test_the_newest_changes_take_one_query(world: World, django_assert_num_queries) -> None:
    for number in (5, 6):
        save(world, *[TargetEntry("0902", unit, D(number)) for unit in UNITS])
    with django_assert_num_queries(1):
        newest = newest_changes(list(world.commitments.values()))
    assert {cell: change.new["numerator"] for cell, change in newest.items()} == {("0902", unit): "6" for unit in UNITS}


# ---- all problems at once


def test_all_problems_are_told_at_once_and_nothing_is_written(world: World) -> None:
    world.target("0902", JIANGBEI, 1)
    unread = Problem("not_a_number", "no number", Place(cell="0902:3302-DX"))
    problems = refused(
        world,
        TargetEntry("0902", HAISHU, D("2.5")),
        TargetEntry("0902", XIANGSHAN, D(-1)),
        TargetEntry("0902", JIANGBEI, D(2), based_on=0),
        TargetEntry("0905", HAISHU, D(1)),
        TargetEntry("9999", HAISHU, D(1)),
        TargetEntry("0704", HAISHU, D(30)),
        reason=" ",
        faults=[unread],
    )
    assert [each.code for each in problems] == [
        "not_a_number", "reason_missing", "not_whole", "negative", "stale", "not_quantified", "unknown_commitment",
    ]  # fmt: skip
    assert problems[0] == unread


@pytest.mark.parametrize(
    ("reason", "code"), [("", "reason_missing"), ("字" * 201, "too_long"), ("a\x00b", "control_character")]
)
def test_a_reason_that_cannot_be_kept(world: World, reason: str, code: str) -> None:
    assert [each.code for each in refused(world, TargetEntry("0902", HAISHU, D(5)), reason=reason)] == [code]


@pytest.mark.parametrize(
    ("commitment", "numbers", "codes"),
    [
        ("0902", (D("2.5"), None), ["not_whole"]),
        ("0902", (D(5), D(2)), ["not_whole"]),
        ("0902", (D(6), D(2)), []),
        ("0704", (D("33.5"), None), []),
        ("0704", (D(100), D(3)), []),
    ],
)
def test_whole_things_have_whole_targets(
    world: World, commitment: str, numbers: tuple[D, D | None], codes: list[str]
) -> None:
    entry = TargetEntry(commitment, HAISHU, *numbers)
    if codes:
        assert [each.code for each in refused(world, entry)] == codes
    else:
        assert save(world, entry) == 1


# ---- after figures were approved


def test_a_target_changes_after_approval_and_the_numbers_follow(world: World) -> None:
    world.target("0902", HAISHU, 1000)
    world.report(HAISHU, BEDS, 3, 500)
    world.approve(HAISHU, 3)

    def completion() -> Fraction | None:
        rolled = roll_up(world.plan, world.plan.issuer, 3, today=TODAY)
        row = next(row for row in rolled.numbers if row.commitment.code == "0902")
        return next(unit.verdict.completion for unit in row.units if unit.organisation.code == HAISHU)

    assert completion() == F(1, 2)
    assert save(world, TargetEntry("0902", HAISHU, D(800), based_on=version_of(row_of(HAISHU)))) == 1
    assert completion() == F(5, 8)
    assert world.submission(HAISHU, 3).state == "approved"
    revision = Revision.objects.filter(kind="target").latest("pk")
    assert (revision.old["numerator"], revision.new["numerator"], revision.reason, revision.origin) == (
        "1000", "800", "按上年占比", "form",
    )  # fmt: skip


# ---- a start for dividing


@pytest.fixture
def last_year(world: World) -> World:
    """The plan of 2020 is last year's; a plan of 2021 promises the same beds again."""
    plan = Plan.objects.create(
        code="nb-2021", year=2021, title="2021年工作要点", issuer=world.plan.issuer, issued_on="2021-03-30"
    )
    section = Section.objects.create(plan=plan, number="三", title="养老服务", position=1)
    beds = world.commitments["0902"]
    item = WorkItem.objects.create(section=section, number=9, title="机构养老", programme=beds.item.programme)
    again = Commitment.objects.create(
        item=item, code="0901", kind=CommitmentKind.QUANTIFIED, statement="新建养老床位", indicator=beds.indicator,
        reported_by="districts",
    )  # fmt: skip
    Target.objects.create(commitment=again, organisation=world.units[CITY], reports=False, numerator=D(100))
    return world


def proposal(world: World, basis: Basis, commitment: str = "0901", units: tuple[str, ...] = UNITS) -> object:
    return propose_split(row_of(CITY, commitment), [world.units[unit] for unit in units], basis)


def test_equally_is_whole_and_adds_up(world: World) -> None:
    city = row_of(CITY)
    city.numerator = D(4001)
    found = propose_split(city, [world.units[unit] for unit in UNITS], Basis.EQUALLY)
    assert found.parts == (1001, 1000, 1000, 1000)


def test_a_share_of_nothing_is_no_target(world: World) -> None:
    city = row_of(CITY)
    city.numerator = D(2)
    found = propose_split(city, [world.units[unit] for unit in UNITS], Basis.EQUALLY)
    assert found.parts == (1, 1, None, None)


def test_decimals_follow_the_indicator(world: World) -> None:
    city = row_of(CITY)
    city.numerator, city.commitment.indicator.decimals = D(10), None
    found = propose_split(city, [world.units[unit] for unit in UNITS[:3]], Basis.EQUALLY)
    assert found.parts == (F("3.3334"), F("3.3333"), F("3.3333"))


def test_ratios_are_not_divided(world: World) -> None:
    for basis in Basis:
        found = proposal(world, basis, "0704")
        assert found.parts == (30,) * 4


def test_without_a_target_of_the_city_there_is_nothing_to_divide(world: World) -> None:
    with pytest.raises(Refused) as caught:
        propose_split(None, [world.units[HAISHU]], Basis.EQUALLY)
    assert [each.code for each in caught.value.problems] == ["no_city_target"]


def test_by_last_years_approved_results(last_year: World) -> None:
    for unit, quarters in ((HAISHU, (10, 20)), (JIANGBEI, (30, 0)), (XIANGSHAN, (5, -7))):
        for quarter, amount in enumerate(quarters, start=1):
            last_year.report(unit, BEDS, quarter, amount, note="扣除")
            last_year.approve(unit, quarter)
    last_year.report(ZONE, BEDS, 1, 500)  # never approved
    found = proposal(last_year, Basis.LAST_YEAR)
    assert found.parts == (50, 50, None, None)
    assert "2020" in found.basis


def test_by_last_years_targets_where_nothing_is_approved(last_year: World) -> None:
    last_year.report(HAISHU, BEDS, 1, 7)
    last_year.target("0902", JIANGBEI, 300)
    last_year.target("0902", ZONE, 100)
    found = proposal(last_year, Basis.LAST_YEAR)
    assert found.parts == (None, 75, None, 25)
    assert "2020" in found.basis


def test_nothing_of_last_year_is_said_in_a_sentence(last_year: World) -> None:
    for commitment in ("0901", "0902"):  # 2020 has neither figures nor targets, and 2019 has no plan
        with pytest.raises(Refused) as caught:
            proposal(last_year, Basis.LAST_YEAR, commitment)
        assert [each.code for each in caught.value.problems] == ["nothing_of_last_year"]
        assert "新建养老床位" in caught.value.problems[0].message


def test_a_stock_goes_by_its_latest_level(last_year: World) -> None:
    indicator = row_of(CITY, "0901").commitment.indicator
    indicator.time_rule = "latest"
    indicator.save()
    for unit, levels in ((HAISHU, (10, 30)), (JIANGBEI, (60, 70))):
        for quarter, level in enumerate(levels, start=1):
            last_year.report(unit, BEDS, quarter, level)
            last_year.approve(unit, quarter)
    assert proposal(last_year, Basis.LAST_YEAR).parts == (30, 70, None, None)


def test_what_townships_reached_last_year_counts_for_their_district(last_year: World) -> None:
    town = add_unit("330205001", last_year.units[JIANGBEI], OrganisationKind.TOWNSHIP, "庄桥街道", "庄桥", 9)
    last_year.units[town.code] = town
    last_year.target("0902", JIANGBEI, reports=False)
    last_year.target("0902", town.code, 40, reports=True)
    last_year.target("0902", HAISHU, 10)
    assert proposal(last_year, Basis.LAST_YEAR).parts == (20, 80, None, None)


def test_a_proposal_writes_nothing_and_takes_a_constant_number_of_queries(
    last_year: World, django_assert_max_num_queries
) -> None:
    last_year.target("0902", HAISHU, 10)
    item = row_of(CITY).commitment.item
    last_year.add_commitment("0910", add_indicator("YL-20", item.programme, "另一项"), item=item)
    revisions = Revision.objects.count()
    city, units = row_of(CITY, "0901"), [last_year.units[unit] for unit in UNITS]
    with django_assert_max_num_queries(9):
        propose_split(city, units[:1], Basis.LAST_YEAR)
    with django_assert_max_num_queries(9):
        propose_split(city, units, Basis.LAST_YEAR)
    assert Revision.objects.count() == revisions
