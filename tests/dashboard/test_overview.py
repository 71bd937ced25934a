"""The overview against numbers worked out by hand from the city of conftest.py."""

import pytest
from django.test import Client

from dashboard.overview import Overview
from organisations.choices import Role
from targets.choices import Action, Origin
from targets.domain import review
from tests.dashboard.conftest import Get
from tests.world import (
    BEDS,
    CITY,
    COVERAGE,
    HAISHU,
    JIANGBEI,
    LEAD,
    NOW,
    XIANGSHAN,
    ZONE,
    World,
    add_indicator,
)  # fmt: skip

STATE = "?period=2020Q3&scope=approved"


def overview(get: Get, city: World, query: str = "") -> Overview:
    return get(city, "/" + query).context["page"]


def test_the_head_counts_by_status(city: World, get: Get) -> None:
    page = overview(get, city)
    assert page.title == "2020年工作要点: progress at Q3"
    assert [(each.badge.key, each.count) for each in page.counts] == [("running", 1), ("far_behind", 1)]
    assert page.sentence == "0 of 2 indicators met or on pace; 1 of 5 units fully approved for Q3"
    assert page.as_of == "data as of 10/8 10:30"
    assert [(each.key, each.width) for each in page.segments] == [
        ("running", "50.00%"),
        ("far_behind", "50.00%"),
    ]


def test_a_quarter_that_is_not_over_is_said_to_be_unfinished(city: World, get: Get) -> None:
    for path in ("/", f"/indicators/{BEDS}/", f"/organisations/{HAISHU}/"):
        for period, unfinished in (("2020Q4", True), ("2020Q3", False)):
            html = get(city, f"{path}?period={period}").content.decode()
            assert ("This quarter is not over yet" in html) is unfinished


def test_each_commitment_has_a_line_with_its_numbers(city: World, get: Get) -> None:
    (section,) = overview(get, city).sections
    coverage, beds = section.numbers
    assert section.subtitle == "items 7–9 · indicators: 2 · tasks: 1"
    assert (beds.code, beds.name, beds.value, beds.target) == ("0902", "新建养老床位", "1,900", "4,000 张")
    assert (beds.completion, beds.badge.key, beds.coverage) == ("47.5%", "far_behind", "2/4")
    assert (beds.bar.fill, beds.bar.mark) == ("47.50%", "75.00%")
    assert beds.remark == "2 missing before"
    assert len(beds.spark.dots) == 3
    assert beds.spark.title == "Q1 600, Q2 1,300, Q3 1,900"
    assert (coverage.value, coverage.target, coverage.completion) == ("27.3%", "30%", "90.8%")
    assert (coverage.badge.key, coverage.bar.mark, coverage.coverage) == ("running", "", "1/4")
    assert coverage.remark == "1 carried forward"


def test_the_wider_scope_counts_what_is_submitted(city: World, get: Get) -> None:
    page = overview(get, city, "?scope=submitted")
    beds = page.sections[0].numbers[1]
    assert (beds.value, beds.completion, beds.coverage) == ("1,950", "48.8%", "3/4")
    assert page.coverage_label == "Reported"


def test_no_task_is_invisible(city: World, get: Get) -> None:
    (group,) = overview(get, city).sections[0].groups
    assert group.title == "Milestones: 1"
    assert [(each.badge.key, each.count) for each in group.counts] == [("far_behind", 1)]
    (row,) = group.rows
    assert (row.code, row.statement, str(row.badge.word)) == ("0905", "任务0905", "Blocked")
    assert row.stages == "Done 1, Blocked 1"
    assert row.freshness == "2 of 5 units reported this quarter"


def test_programmes_say_what_they_hold(city: World, get: Get) -> None:
    children, eldercare = overview(get, city).programmes
    assert (children.name, children.numbers, children.duties) == (
        "儿童福利",
        "indicators: 1, met or on pace: 0",
        "",
    )
    assert (eldercare.sections, eldercare.duties) == ("三", "tasks: 1, done: 0, blocked: 1")
    assert [each.key for each in eldercare.segments] == ["running", "far_behind"]
    assert eldercare.url == "#section-1"


def test_attention_begins_with_the_worst(city: World, get: Get) -> None:
    beds, silent, blocked, carried = overview(get, city).attention.first
    assert (beds.badge.key, beds.title) == ("far_behind", "0902 新建养老床位")
    assert beds.sentence == (
        "47.5% done, 27.5 points behind the pace; "
        "forecast for the year's end 2,533 of 4,000 张; 700 张 needed each month"
    )
    assert beds.names == "Largest gaps: 象山, 江北"
    assert silent.title == "Units without a report for Q3: 4"
    assert silent.sentence == (
        "养老服务处 (2 days late), 江北 (儿童福利, 2 days late), 象山 (儿童福利, 2 days late), 大榭 (2 days late)"
    )
    assert (blocked.title, blocked.sentence, blocked.names) == (
        "0905 任务0905",
        "Blocked in 1 of 5 units",
        "江北",
    )
    assert carried.sentence == "江北 (indicators: 1)"


def test_before_the_due_day_nobody_is_late(city: World, get: Get, settings) -> None:
    settings.TODAY = settings.TODAY.replace(day=9)
    silent = overview(get, city).attention.first[1]
    assert "大榭 (due on 10/10)" in silent.sentence
    assert "late" not in silent.sentence


def test_units_are_late_only_beyond_their_own_extension(city: World, get: Get) -> None:
    manager = city.account(CITY, Role.PLAN_MANAGER)
    city.periods[3].extensions.create(
        organisation=city.units[ZONE], due_on="2020-10-20", reason="flood", granted_by=manager, granted_at=NOW
    )
    assert "大榭 (due on 10/20)" in overview(get, city).attention.first[1].sentence


def test_a_returned_submission_is_not_missing(city: World, get: Get) -> None:
    submission = city.submission(XIANGSHAN, 3)
    endorser = city.account(XIANGSHAN, Role.ENDORSER)
    review.return_submission(submission, actor=endorser, at=NOW, origin=Origin.FORM, reason="check again")
    assert submission.transitions.filter(action=Action.RETURN).exists()
    assert "象山 (儿童福利, 2 days late)" in overview(get, city).attention.first[1].sentence


def test_the_matrix_shows_each_unit_s_own_standing(city: World, get: Get) -> None:
    matrix = overview(get, city).matrix
    assert [column.name for column in matrix.columns] == ["海曙", "江北", "象山", "大榭"]
    coverage, beds = matrix.rows
    assert [(cell.text, cell.badge.key, cell.partial) for cell in beds.cells] == [
        ("80", "on_pace", False),
        ("60", "behind", False),
        ("20", "far_behind", True),
        ("Not reported", "missing", False),
    ]
    assert [(cell.text, cell.badge.key, cell.partial) for cell in coverage.cells] == [
        ("32.0%", "none", False),
        ("19.0%", "none", True),
        ("Not reported", "missing", False),
        ("Not reported", "missing", False),
    ]
    assert matrix.has_partial


def test_not_applicable_is_neither_zero_nor_missing(city: World, get: Get) -> None:
    city.report(ZONE, BEDS, 3, not_applicable=True, note="no institution")
    city.approve(ZONE, 3)
    page = overview(get, city)
    cell = page.matrix.rows[1].cells[3]
    assert (cell.text, cell.badge.key) == ("Not applicable", "none")
    assert page.sections[0].numbers[1].coverage == "2/3"


def test_the_map_counts_what_can_be_judged(city: World, get: Get) -> None:
    tiles = overview(get, city).tile_map.tiles
    assert [(tile.name, tile.count, tile.badge.key) for tile in tiles] == [
        ("海曙", "1/1", "on_pace"),
        ("江北", "0/1", "far_behind"),
        ("象山", "0/1", "missing"),
        ("大榭", "0/0", "missing"),
    ]


def test_every_number_links_one_level_down_with_the_state(city: World, get: Get) -> None:
    page = overview(get, city)
    assert page.sections[0].numbers[1].url == f"/indicators/{BEDS}/{STATE}"
    assert page.matrix.rows[0].url == f"/indicators/{COVERAGE}/{STATE}"
    assert page.matrix.columns[0].url == f"/organisations/{HAISHU}/{STATE}"
    assert page.matrix.rows[1].cells[1].url == f"/organisations/{JIANGBEI}/{STATE}#c-0902"
    assert page.tile_map.tiles[0].url == f"/organisations/{HAISHU}/{STATE}"
    assert page.attention.first[0].url == f"/indicators/{BEDS}/{STATE}"
    wide = overview(get, city, "?period=2020Q2&scope=submitted")
    assert wide.sections[0].numbers[1].url == f"/indicators/{BEDS}/?period=2020Q2&scope=submitted"


def test_pickers_keep_the_other_half_of_the_state(city: World, get: Get) -> None:
    frame = get(city, "/?period=2020Q2&scope=submitted").context["frame"]
    assert [choice.url for choice in frame.period_choices] == [
        f"/?period=2020Q{quarter}&scope=submitted" for quarter in (1, 2, 3, 4)
    ]
    assert [choice.current for choice in frame.period_choices] == [False, True, False, False]
    assert [choice.url for choice in frame.scope_choices] == [
        "/?period=2020Q2&scope=approved",
        "/?period=2020Q2&scope=submitted",
    ]


def test_a_commitment_of_each_quarter_tells_quarters_instead_of_a_percentage(city: World, get: Get) -> None:
    indicator = add_indicator("DJ-02", city.submission(HAISHU, 3).programme, "廉政教育", unit="次", time_rule="every")
    city.add_commitment("0403", indicator)
    city.target("0403", CITY, 1)
    city.target("0403", LEAD, 1, reports=True)
    for quarter, amount in ((1, 1), (2, 0), (3, 2)):
        city.report(LEAD, "DJ-02", quarter, amount)
    row = overview_row(get(city, "/?scope=all", CITY, Role.PLAN_MANAGER).context["page"], "0403")
    assert (row.value, row.completion, row.badge.key) == ("2", "2 of 3 quarters kept", "far_behind")
    assert (row.bar.fill, row.bar.mark) == ("66.67%", "")


def overview_row(page: Overview, code: str):
    return next(row for section in page.sections for row in section.numbers if row.code == code)


@pytest.mark.parametrize("scope", ["approved", "submitted"])
def test_every_status_on_the_page_has_its_word_and_sign(city: World, client: Client, get: Get, scope: str) -> None:
    html = get(city, f"/?scope={scope}").content.decode()
    for sign, word in (
        ("▲", "Far behind"),
        ("○", "Under way"),
        ("–", "Not reported"),
        ("◐", "Behind"),
        ("●", "On pace"),
    ):
        assert f'<span aria-hidden="true">{sign}</span> {word}' in html
