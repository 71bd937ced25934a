"""A unit's page against numbers worked out by hand from the city of conftest.py."""

from datetime import date

from dashboard.organisation import OrganisationPage
from organisations.choices import OrganisationKind, Role
from targets.choices import PeriodState, Stage
from targets.domain.entries import NoteEntry
from targets.domain.periods import extend_due_day, set_period_state
from tests.dashboard.conftest import Get
from tests.world import BEDS, CITY, HAISHU, JIANGBEI, LEAD, NOW, XIANGSHAN, World, add_unit

STATE = "?period=2020Q3&scope=approved"


def unit_page(get: Get, city: World, code: str, query: str = "", **account: object) -> OrganisationPage:
    return get(city, f"/organisations/{code}/{query}", **account).context["page"]


def test_a_unit_s_own_numbers(city: World, get: Get) -> None:
    page = unit_page(get, city, HAISHU)
    coverage, beds = page.numbers
    assert page.sentence == "indicators: 2, tasks: 1; met or on pace: 1 of 1 that can be judged"
    assert (page.name, page.parent, page.parent_url) == (
        "海曙区民政局",
        "市局",
        f"/organisations/{CITY}/{STATE}",
    )
    assert (beds.value, beds.target, beds.completion, beds.badge.key) == (
        "800",
        "1,000 张",
        "80.0%",
        "on_pace",
    )
    assert beds.coverage == "Approved"
    assert (coverage.value, coverage.target, coverage.completion) == ("32.0%", "", "")
    assert str(coverage.badge.word) == "No target of its own"
    assert beds.url == f"/indicators/{BEDS}/{STATE}"


def test_what_a_unit_has_not_reported_is_told(city: World, get: Get) -> None:
    beds = unit_page(get, city, XIANGSHAN).numbers[1]
    assert (beds.value, beds.coverage) == ("200", "Not reported")
    assert unit_page(get, city, XIANGSHAN, "?scope=submitted").numbers[1].coverage == "Reported"
    assert unit_page(get, city, JIANGBEI).numbers[0].coverage == "carried forward"


def test_tasks_come_with_stage_and_latest_words(city: World, get: Get) -> None:
    (group,) = unit_page(get, city, JIANGBEI, unit=JIANGBEI, role=Role.REPORTER).groups
    (row,) = group.rows
    assert str(row.badge.word) == "Blocked"
    assert (row.words.source, row.words.progress, row.words.problems) == ("Q3", "no site", "land")
    assert row.freshness == "Reported this quarter"


def test_words_beyond_the_scope_or_the_quarter_are_not_shown(city: World, get: Get) -> None:
    city.record(NoteEntry(XIANGSHAN, "0905", "2020Q4", stage=Stage.IN_PROGRESS, progress="draft words"))
    mine = {"unit": XIANGSHAN, "role": Role.REPORTER}
    (row,) = unit_page(get, city, XIANGSHAN, "?period=2020Q4&scope=approved", **mine).groups[0].rows
    assert row.words is None
    (row,) = unit_page(get, city, XIANGSHAN, "?period=2020Q3&scope=all", **mine).groups[0].rows
    assert row.words is None
    (row,) = unit_page(get, city, XIANGSHAN, "?period=2020Q4&scope=all", **mine).groups[0].rows
    assert row.words.progress == "draft words"


def test_a_leader_reads_no_words_that_are_not_approved(city: World, get: Get) -> None:
    note = NoteEntry(XIANGSHAN, "0905", "2020Q4", stage=Stage.IN_PROGRESS, progress="not yet approved")
    city.record(note)
    city.submit(XIANGSHAN, 4)
    (row,) = unit_page(get, city, XIANGSHAN, "?period=2020Q4&scope=submitted").groups[0].rows
    assert str(row.badge.word) == "In progress"
    assert row.words is None


def test_submissions_with_their_state_and_lateness(city: World, get: Get) -> None:
    children, eldercare = unit_page(get, city, XIANGSHAN).dues
    assert [(str(cell.badge.word), cell.late) for cell in eldercare.cells] == [
        ("Approved", "181 days late"),
        ("Approved", "90 days late"),
        ("Awaiting the unit's check", ""),
        ("Not due yet", "due on 1/10"),
    ]
    assert [(str(cell.badge.word), cell.late) for cell in children.cells] == [
        ("Not reported", "185 days late"),
        ("Not reported", "94 days late"),
        ("Not reported", "2 days late"),
        ("Not due yet", "due on 1/10"),
    ]


def test_an_extension_makes_no_day_earlier_than_a_periods_that_was_moved(city: World, get: Get) -> None:
    manager, period = city.account(CITY, Role.PLAN_MANAGER), city.periods[4]
    extend_due_day(period, city.units[XIANGSHAN], date(2021, 1, 12), actor=manager, at=NOW, reason="台风")
    assert [row.cells[3].late for row in unit_page(get, city, XIANGSHAN).dues] == ["due on 1/12"] * 2
    set_period_state(period, PeriodState.OPEN, actor=manager, due_on=date(2021, 1, 20))
    assert [row.cells[3].late for row in unit_page(get, city, XIANGSHAN).dues] == ["due on 1/20"] * 2


def test_units_below_are_listed_with_links(city: World, get: Get) -> None:
    page = unit_page(get, city, CITY)
    rows = {row.name: row for row in page.children}
    assert list(rows) == ["养老服务处", "海曙", "江北", "象山", "大榭"]
    assert (rows["海曙"].on_track, rows["海曙"].approved, rows["海曙"].late) == ("1/1", "2/2", "")
    assert (rows["江北"].on_track, rows["江北"].approved, rows["江北"].late) == ("0/1", "1/2", "2 days late")
    assert (rows["养老服务处"].on_track, rows["养老服务处"].url) == ("–", f"/organisations/{LEAD}/{STATE}")
    assert page.dues == ()


def test_a_unit_between_shows_the_sum_of_those_below(city: World, get: Get) -> None:
    town = add_unit("330203001", city.units[HAISHU], OrganisationKind.TOWNSHIP, "南门街道", "南门街道", 20)
    city.units[town.code] = town
    indicator = city.commitments["0902"].indicator
    city.add_commitment("0999", indicator)
    city.target("0999", town.code, reports=True)
    city.report(town.code, BEDS, 3, 7)
    row = unit_page(get, city, HAISHU, "?scope=all", role=Role.PLAN_MANAGER).numbers[-1]
    assert (row.code, row.value) == ("0999", "7")
    child = unit_page(get, city, town.code, unit=HAISHU, role=Role.REPORTER)
    assert (child.name, child.parent) == ("南门街道", "海曙")
