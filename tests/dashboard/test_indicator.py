"""An indicator's page against numbers worked out by hand from the city of conftest.py."""

import pytest

from dashboard.indicator import Promise
from organisations.choices import Role
from targets.choices import Comparator
from targets.models import Commitment
from tests.dashboard.conftest import Get
from tests.world import BEDS, CITY, COVERAGE, HAISHU, LEAD, XIANGSHAN, ZONE, World, add_indicator

STATE = "?period=2020Q3&scope=approved"


def promise(get: Get, city: World, code: str, query: str = "", **account: object) -> Promise:
    (only,) = get(city, f"/indicators/{code}/{query}", **account).context["page"].promises
    return only


def facts(shown: Promise) -> dict[str, tuple[str, ...]]:
    return {fact.term: fact.sentences for fact in shown.facts}


def test_the_head_says_where_it_stands(city: World, get: Get) -> None:
    beds = promise(get, city, BEDS)
    assert (beds.code, beds.section, beds.item) == ("0902", "三. 养老服务", "item 9, 机构养老")
    assert (beds.figure, beds.target, beds.badge.key) == ("1,900", "4,000 张", "far_behind")
    assert beds.sentence.startswith("47.5% done, 27.5 points behind the pace; forecast")
    assert beds.section_url == f"/{STATE}#section-1"


def test_the_table_holds_the_same_numbers_as_the_drawing(city: World, get: Get) -> None:
    beds = promise(get, city, BEDS)
    assert [(row.reported, row.value, row.pace, row.forecast) for row in beds.quarters] == [
        ("600", "600", "1,000", ""),
        ("700", "1,300", "2,000", ""),
        ("600", "1,900", "3,000", ""),
        ("", "", "4,000", "2,533"),
    ]
    assert [dot.text for dot in beds.chart.dots] == ["600", "1,300", "1,900"]
    assert [label.text for label in beds.chart.ends] == ["Target 4,000", "Forecast 2,533"]
    assert (len(beds.chart.pace), len(beds.chart.actual), len(beds.chart.forecast)) == (4, 3, 1)


def test_a_quarter_that_nobody_reported_is_blank_and_not_zero(city: World, get: Get) -> None:
    own = promise(get, city, BEDS, unit=XIANGSHAN, role=Role.REPORTER)
    assert [row.reported for row in own.quarters] == ["100", "100", "–", ""]
    city.report(XIANGSHAN, BEDS, 4, 0)
    at_q4 = promise(get, city, BEDS, "?period=2020Q4&scope=all", unit=XIANGSHAN, role=Role.REPORTER)
    assert [row.reported for row in at_q4.quarters] == ["100", "100", "50", "0"]


def test_a_stock_shows_its_parts_and_a_flat_target(city: World, get: Get) -> None:
    coverage = promise(get, city, COVERAGE)
    assert coverage.reported_label == "Numerator / denominator"
    assert [(row.reported, row.value, row.pace) for row in coverage.quarters] == [
        ("–", "–", ""),
        ("30 / 158", "19.0%", ""),
        ("118 / 433", "27.3%", ""),
        ("", "", "30%"),
    ]
    assert [(line.x1, line.x2) for line in coverage.chart.pace] == [("0.00%", "100.00%")]
    assert coverage.chart.forecast == ()
    assert not coverage.has_forecast


def test_units_are_ranked_by_completion(city: World, get: Get) -> None:
    units = promise(get, city, BEDS).units
    assert [(unit.rank, unit.name, unit.value, unit.target, unit.completion, unit.badge.key) for unit in units] == [
        ("1", "海曙", "800", "1,000 张", "80.0%", "on_pace"),
        ("2", "江北", "900", "1,500 张", "60.0%", "behind"),
        ("3", "象山", "200", "1,000 张", "20.0%", "far_behind"),
        ("–", "大榭", "–", "张", "", "missing"),
    ]
    assert units[2].remark == "this quarter not reported"
    assert units[3].remark == "earlier quarters missing: 2"
    assert units[0].url == f"/organisations/{HAISHU}/{STATE}#c-0902"


def test_ties_share_a_rank(city: World, get: Get) -> None:
    city.target("0902", HAISHU, 1600)
    city.target("0902", "330205", 1800)
    assert [unit.rank for unit in promise(get, city, BEDS).units] == ["1", "1", "3", "–"]


def test_ratios_show_numerator_and_denominator_of_each_unit(city: World, get: Get) -> None:
    units = {unit.name: unit for unit in promise(get, city, COVERAGE).units}
    assert (units["海曙"].parts, units["海曙"].value) == ("88 / 275", "32.0%")
    assert (units["江北"].parts, units["江北"].remark) == ("30 / 158", "carried forward")
    assert units["海曙"].rank == "–"


@pytest.mark.parametrize(
    ("zone", "sentence"),
    [
        (None, "3 units add up to 3,500 张: 500 张 not divided yet"),
        (500, "4 units add up to 4,000 张, the same as the whole ✓"),
        (600, "4 units add up to 4,100 张: 100 张 more than the whole"),
    ],
)
def test_the_balance_of_the_decomposition(city: World, get: Get, zone: int | None, sentence: str) -> None:
    if zone:
        city.target("0902", ZONE, zone)
    assert facts(promise(get, city, BEDS))["Decomposition"] == (sentence,)


def test_ratio_targets_are_compared_and_not_summed(city: World, get: Get) -> None:
    assert facts(promise(get, city, COVERAGE))["Decomposition"] == ("Not divided among the units yet",)
    city.target("0704", HAISHU, 30)
    city.target("0704", XIANGSHAN, 100, 3)
    whole = "2 units have a target, none lower than the whole's 30% ✓"
    assert facts(promise(get, city, COVERAGE))["Decomposition"] == (whole,)
    city.target("0704", XIANGSHAN, 25)
    lower = "2 units have a target; lower than the whole's 30%: 象山 (25%)"
    assert facts(promise(get, city, COVERAGE))["Decomposition"] == (lower,)


def test_a_limit_is_kept_by_a_lower_target(city: World, get: Get) -> None:
    Commitment.objects.filter(code="0704").update(comparator=Comparator.AT_MOST)
    city.target("0704", HAISHU, 25)
    city.target("0704", XIANGSHAN, 30)
    whole = "2 units have a target, none higher than the whole's 30% ✓"
    assert facts(promise(get, city, COVERAGE))["Decomposition"] == (whole,)
    city.target("0704", XIANGSHAN, 35)
    higher = "2 units have a target; higher than the whole's 30%: 象山 (35%)"
    assert facts(promise(get, city, COVERAGE))["Decomposition"] == (higher,)


def test_who_is_missing_is_named(city: World, get: Get) -> None:
    assert facts(promise(get, city, BEDS))["Completeness"] == (
        "2 of 4 units approved, 2 counted in this scope",
        "Not reported: 象山, 大榭",
        "Earlier quarters missing from the sum: 大榭 Q1, 大榭 Q2",
    )
    assert facts(promise(get, city, COVERAGE))["Completeness"] == (
        "1 of 4 units approved, 1 counted in this scope",
        "Not reported: 象山, 大榭",
        "Carried forward from an earlier quarter: 江北",
    )


def test_definition_and_lead_department_are_told(city: World, get: Get) -> None:
    told = facts(promise(get, city, COVERAGE))
    assert told["Definition"] == ("建有儿童之家的村数 ÷ 村总数 × 100",)
    assert told["Lead department"] == ("儿童福利处",)
    assert told["Counting rule"][0].startswith("Stock:")


def test_a_target_that_never_ends_is_a_fraction(city: World, get: Get) -> None:
    city.target("0704", CITY, 100, 3)
    coverage = promise(get, city, COVERAGE)
    assert coverage.target == "1/3"
    assert coverage.quarters[3].pace == "1/3"


def test_a_limit_that_is_broken_is_told_from_a_pace(city: World, get: Get) -> None:
    Commitment.objects.filter(code="0902").update(comparator="at_most")
    beds = promise(get, city, BEDS)
    assert (beds.badge.key, [row.pace for row in beds.quarters]) == ("on_pace", ["4,000"] * 4)


def test_two_commitments_of_one_indicator_are_both_shown(city: World, get: Get) -> None:
    city.add_commitment("0999", city.commitments["0902"].indicator)
    city.target("0999", CITY, 100)
    city.target("0999", HAISHU, 50, reports=True)
    page = get(city, f"/indicators/{BEDS}/").context["page"]
    assert [(each.code, each.figure, each.target) for each in page.promises] == [
        ("0902", "1,900", "4,000 张"),
        ("0999", "800", "100 张"),
    ]


def test_quarters_that_stand_for_themselves(city: World, get: Get) -> None:
    indicator = add_indicator("DJ-02", city.submission(HAISHU, 3).programme, "廉政教育", unit="次", time_rule="every")
    city.add_commitment("0403", indicator)
    city.target("0403", CITY, 1)
    city.target("0403", LEAD, 1, reports=True)
    city.report(LEAD, "DJ-02", 1, 1)
    city.report(LEAD, "DJ-02", 2, 0)
    city.report(LEAD, "DJ-02", 3, 2)
    shown = promise(get, city, "DJ-02", "?scope=all", role=Role.PLAN_MANAGER)
    assert shown.sentence == "2 of 3 quarters kept"
    assert shown.holders == "Fell short: 养老服务处"
    assert [(row.value, row.pace) for row in shown.quarters] == [
        ("1", "1"),
        ("0", "1"),
        ("2", "1"),
        ("", "1"),
    ]
