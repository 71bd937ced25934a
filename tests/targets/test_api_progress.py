"""GET /api/v1/progress/: the roll-up as decimal texts, who may ask for what, and faults as problem documents."""

from typing import Any

import pytest
from django.test import Client

from organisations.choices import Role
from targets.domain.entries import NoteEntry
from tests.world import BEDS, CITY, COVERAGE, HAISHU, JIANGBEI, LEAD, OTHER_LEAD, TODAY, XIANGSHAN, ZONE, World


@pytest.fixture
def manager(world: World, client: Client) -> Client:
    client.force_login(world.account(CITY, Role.PLAN_MANAGER))
    return client


def get(client: Client, status: int = 200, **params: object) -> dict[str, Any]:
    answer = client.get("/api/v1/progress/", {"period": "2020Q3", **params})
    assert answer.status_code == status, answer.content.decode()
    kind = "application/json" if status == 200 else "application/problem+json"
    assert answer["Content-Type"] == kind
    return answer.json()


def row(body: dict[str, Any], commitment: str, unit: str = CITY) -> dict[str, Any]:
    (found,) = [each for each in body["results"] if (each["commitment"], each["organisation"]) == (commitment, unit)]
    return found


def test_a_flow_row_is_exact_and_complete(world: World, manager: Client) -> None:
    world.record(*(world.entry(HAISHU, BEDS, quarter, beds) for quarter, beds in ((1, 610), (2, 1110), (3, 1173))))
    for quarter in (1, 2, 3):
        world.approve(HAISHU, quarter)
    assert row(get(manager), "0902") == {
        "commitment": "0902", "kind": "quantified", "organisation": CITY, "period": "2020Q3", "indicator": BEDS,
        "numerator": "2893", "denominator": None, "value": "2893", "unit": "张", "target": "4000", "baseline": None,
        "completion": "0.72325", "expected": "0.75", "gap": "0.02675", "status": "behind", "kept": None,
        "forecast": "3857.33", "reported": 1, "approved": 1, "assigned": 4, "not_applicable": 0,
        "carried_forward": [], "missing": [JIANGBEI, XIANGSHAN, ZONE],
        "gaps": [
            {"organisation": unit, "period": period}
            for unit in (JIANGBEI, XIANGSHAN, ZONE)
            for period in ("2020Q1", "2020Q2")
        ],
    }  # fmt: skip


def test_a_ratio_row_is_unrounded_to_ten_decimals(world: World, manager: Client) -> None:
    world.report(HAISHU, COVERAGE, 3, 88, 275)
    world.report(JIANGBEI, COVERAGE, 2, 30, 158)
    world.report(XIANGSHAN, COVERAGE, 3, not_applicable=True, note="无村")
    body = get(manager, scope="all", by="organisation")
    city = row(body, "0704")
    assert (city["numerator"], city["denominator"], city["value"]) == ("118", "433", "27.2517321016")
    assert (city["status"], city["expected"], city["gap"]) == ("running", None, None)
    assert (city["carried_forward"], city["missing"], city["not_applicable"]) == ([JIANGBEI], [JIANGBEI, ZONE], 1)
    assert row(body, "0704", JIANGBEI)["carried_forward"] == [JIANGBEI]
    assert row(body, "0704", XIANGSHAN)["status"] is None
    assert row(body, "0704", HAISHU)["value"] == "32"
    assert row(body, "0704", HAISHU)["target"] is None


def test_a_milestone_row_counts_stages(world: World, manager: Client, settings) -> None:
    settings.TODAY = TODAY
    world.record(NoteEntry(HAISHU, "0905", "2020Q3", stage="done"))
    assert row(get(manager, scope="all"), "0905") == {
        "commitment": "0905", "kind": "milestone", "organisation": CITY, "period": "2020Q3",
        "stages": {"not_started": 0, "in_progress": 0, "done": 1, "blocked": 0},
        "due_on": "2020-12-31", "status": "running", "reported": 1, "assigned": 5,
    }  # fmt: skip


def test_rows_are_limited_by_programme_and_unit(world: World, manager: Client) -> None:
    assert {each["commitment"] for each in get(manager, programme="children")["results"]} == {"0704"}
    assert {each["organisation"] for each in get(manager, organisation=HAISHU)["results"]} == {HAISHU}


def test_pages(world: World, manager: Client) -> None:
    body = get(manager, by="organisation", page_size=2)
    assert (body["count"], len(body["results"])) == (16, 2)
    assert "page=2" in body["next"]
    assert get(manager, 404, page=99)["code"] == "not_found"


@pytest.mark.parametrize(
    ("unit", "role", "params", "status"),
    [
        (HAISHU, Role.REPORTER, {}, 200),
        (HAISHU, Role.REPORTER, {"scope": "all"}, 200),
        (HAISHU, Role.REPORTER, {"organisation": HAISHU}, 200),
        (HAISHU, Role.REPORTER, {"organisation": JIANGBEI}, 404),
        (HAISHU, Role.REPORTER, {"organisation": CITY}, 404),
        (LEAD, Role.REVIEWER, {"organisation": JIANGBEI, "scope": "all"}, 200),
        (CITY, Role.LEADER, {}, 200),
        (CITY, Role.LEADER, {"scope": "submitted"}, 200),
        (CITY, Role.LEADER, {"scope": "all"}, 403),
        (CITY, Role.AUDITOR, {"scope": "all"}, 200),
        (CITY, Role.SYSTEM_ADMINISTRATOR, {}, 403),
        (CITY, Role.PLAN_MANAGER, {"organisation": "nowhere"}, 404),
        (CITY, Role.PLAN_MANAGER, {"plan": "nb-1999"}, 404),
    ],
)
def test_who_may_ask_for_what(
    world: World, client: Client, unit: str, role: Role, params: dict[str, str], status: int
) -> None:
    client.force_login(world.account(unit, role))
    get(client, status, **params)


def test_a_reviewer_sees_the_own_programmes_only(world: World, client: Client) -> None:
    client.force_login(world.account(OTHER_LEAD, Role.REVIEWER))
    assert {each["commitment"] for each in get(client)["results"]} == {"0704"}
    assert get(client, programme="eldercare")["results"] == []


def test_a_reporter_starts_at_the_own_unit(world: World, client: Client) -> None:
    client.force_login(world.account(HAISHU, Role.REPORTER))
    assert {each["organisation"] for each in get(client)["results"]} == {HAISHU}


def test_without_login_there_is_nothing(world: World, client: Client) -> None:
    assert client.get("/api/v1/progress/?period=2020Q3").status_code == 403


def test_every_fault_of_a_request_is_told_with_its_place(world: World, manager: Client) -> None:
    body = get(manager, 400, period="2020-3", scope="everything", by="district", programme="roads")
    assert (body["status"], body["code"]) == (400, "invalid")
    assert [(each["place"], each["found"]) for each in body["errors"]] == [
        ("period", "2020-3"), ("scope", "everything"), ("by", "district"), ("programme", "roads"),
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["period", "organisation", "plan", "programme", "scope", "x"])
def test_a_nul_is_a_bad_request(world: World, manager: Client, name: str) -> None:
    assert get(manager, 400, **{name: "a\0"})["code"] == "bad_request"


def test_queries_do_not_grow_with_the_units(world: World, manager: Client, django_assert_max_num_queries) -> None:
    def queries() -> int:
        with django_assert_max_num_queries(12) as context:
            get(manager, scope="all", by="organisation")
        return len(context)

    world.report(HAISHU, BEDS, 3, 1)
    one = queries()
    for unit in (JIANGBEI, XIANGSHAN, ZONE):
        world.record(world.entry(unit, BEDS, 3, 1), world.entry(unit, COVERAGE, 3, 1, 2))
    assert queries() == one
