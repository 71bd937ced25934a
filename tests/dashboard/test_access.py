"""Own unit, other unit, no rights; periods and scopes of the address; login and logout."""

from datetime import date

import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client

from organisations.choices import OrganisationKind, Role
from targets.models import Plan
from tests.dashboard.conftest import Get
from tests.world import BEDS, CITY, COVERAGE, HAISHU, JIANGBEI, LEAD, World, add_unit

PAGES = ["/", f"/indicators/{BEDS}/", f"/organisations/{HAISHU}/"]


@pytest.mark.parametrize("path", PAGES)
def test_login_is_asked_for_and_comes_back(client: Client, db: None, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 302
    assert response["Location"] == f"/login/?next={path}"


@pytest.mark.parametrize("path", PAGES)
def test_pages_cannot_be_posted_to(city: World, client: Client, path: str) -> None:
    client.force_login(city.account(CITY, Role.LEADER))
    assert client.post(path).status_code == 405


@pytest.mark.parametrize("role", [Role.REPORTER, Role.ENDORSER])
def test_a_unit_is_led_from_the_first_page_to_its_own(city: World, get: Get, role: Role) -> None:
    response = get(city, "/?period=2020Q2&scope=all", HAISHU, role)
    assert response.status_code == 302
    assert response["Location"] == f"/organisations/{HAISHU}/?period=2020Q2&scope=all"


def test_a_unit_sees_itself_and_nothing_beside_or_above(city: World, get: Get) -> None:
    own, other, above = (
        get(city, f"/organisations/{code}/", HAISHU, Role.REPORTER) for code in (HAISHU, JIANGBEI, CITY)
    )
    assert (own.status_code, other.status_code, above.status_code) == (200, 404, 404)
    assert "There is no such unit, or it is not open to you." in other.content.decode()
    assert "海曙" not in other.content.decode().replace("reporter@330203", "").split("<main")[1]


def test_an_indicators_page_shows_a_unit_its_own_number_only(city: World, get: Get) -> None:
    page = get(city, f"/indicators/{BEDS}/", HAISHU, Role.REPORTER).content.decode()
    assert "<b>800</b> / 1,000 张" in page
    assert "1,900" not in page
    assert "江北" not in page


def test_an_indicator_that_the_unit_does_not_report_is_404(city: World, get: Get) -> None:
    assert get(city, f"/indicators/{BEDS}/", LEAD, Role.REPORTER).status_code == 404
    assert get(city, "/indicators/NO-1/").status_code == 404


def test_a_reviewer_sees_the_own_programmes(city: World, get: Get) -> None:
    page = get(city, "/", LEAD, Role.REVIEWER).content.decode()
    assert "新建养老床位" in page
    assert "儿童之家覆盖率" not in page
    assert get(city, f"/indicators/{COVERAGE}/", LEAD, Role.REVIEWER).status_code == 404


def test_a_system_administrator_sees_no_figures(city: World, get: Get) -> None:
    first = get(city, "/", CITY, Role.SYSTEM_ADMINISTRATOR)
    assert (first.status_code, first["Location"]) == (302, "/admin/")
    for path in PAGES[1:]:
        response = get(city, path, CITY, Role.SYSTEM_ADMINISTRATOR)
        assert response.status_code == 403
        assert "Your account has no role" in response.content.decode()


def test_an_account_without_a_role_is_refused(city: World, client: Client) -> None:
    account = city.account(HAISHU, Role.REPORTER)
    account.reporter = False
    account.save()
    client.force_login(account)
    assert client.get("/").status_code == 403


@pytest.mark.parametrize(
    ("unit", "role", "scope", "status"),
    [
        (CITY, Role.LEADER, "approved", 200),
        (CITY, Role.LEADER, "submitted", 200),
        (CITY, Role.LEADER, "all", 404),
        (CITY, Role.PLAN_MANAGER, "all", 200),
        (CITY, Role.AUDITOR, "all", 200),
        (LEAD, Role.REVIEWER, "all", 200),
        (CITY, Role.LEADER, "everything", 404),
    ],
)
def test_a_scope_beyond_ones_reach_is_not_guessed(
    city: World, get: Get, unit: str, role: Role, scope: str, status: int
) -> None:
    response = get(city, f"/?scope={scope}", unit, role)
    assert response.status_code == status
    assert (f"not open to you: {scope}." in response.content.decode()) is (status == 404)


@pytest.mark.parametrize("period", ["2020Q5", "2019Q1", "x", "2020"])
def test_an_unknown_period_is_404(city: World, get: Get, period: str) -> None:
    response = get(city, f"/?period={period}")
    assert response.status_code == 404
    assert f"This period does not exist: {period}." in response.content.decode()


@pytest.mark.parametrize(
    ("day", "quarter"),
    [
        (date(2020, 2, 1), "Q1 of 2020"),
        (date(2020, 3, 31), "Q1 of 2020"),
        (date(2020, 7, 1), "Q2 of 2020"),
        (date(2020, 10, 12), "Q3 of 2020"),
        (date(2020, 12, 31), "Q3 of 2020"),
        (date(2021, 1, 1), "Q4 of 2020"),
        (date(2019, 12, 31), "Q1 of 2020"),
    ],
)
def test_the_period_is_the_latest_that_has_ended(world: World, get: Get, settings, day: date, quarter: str) -> None:
    settings.TODAY = day
    assert get(world, "/").context["frame"].period_label == quarter


def test_the_plan_of_the_account_s_own_city_is_shown(world: World, get: Get) -> None:
    other = add_unit("3303", None, OrganisationKind.CITY, "别处民政局", "别处", 90)
    Plan.objects.create(code="a-other", year=2020, title="别处", issuer=other, issued_on=date(2020, 1, 1))
    assert get(world, "/?period=2020Q3").context["frame"].plan == world.plan


# ---- nothing there


def test_without_a_plan_the_page_says_so(client: Client, world: World) -> None:
    other = add_unit("3303", None, OrganisationKind.CITY, "别处民政局", "别处", 90)
    world.units["3303"] = other
    client.force_login(world.account("3303", Role.LEADER))
    response = client.get("/")
    assert response.status_code == 200
    assert "No plan has been loaded yet." in response.content.decode()


def test_without_periods_the_page_says_so(world: World, get: Get) -> None:
    Plan.objects.update(year=2021)
    assert "The plan has no reporting periods yet." in get(world, "/").content.decode()


def test_without_figures_the_page_says_so(world: World, get: Get) -> None:
    page = get(world, "/").content.decode()
    assert "Nothing has been reported in this scope yet." in page
    assert "新建养老床位" in page


def test_a_unit_without_commitments_is_told_so(city: World, get: Get) -> None:
    city.units["330299"] = add_unit("330299", city.units[CITY], OrganisationKind.DEPARTMENT, "空处", "空处", 9)
    page = get(city, "/organisations/330299/", "330299", Role.REPORTER).content.decode()
    assert "Nothing is assigned to this unit" in page


# ---- login


def test_login_leads_on_and_logout_is_a_post(city: World, client: Client) -> None:
    account = city.account(CITY, Role.LEADER)
    account.password = make_password("a-good-password")
    account.save()
    fields = {"username": account.username, "password": "a-good-password", "next": f"/indicators/{BEDS}/"}
    assert client.post("/login/", fields)["Location"] == f"/indicators/{BEDS}/"
    assert client.get("/logout/").status_code == 405
    assert client.post("/logout/")["Location"] == "/login/"
    assert client.get("/").status_code == 302


def test_a_wrong_password_is_told_without_saying_which(city: World, client: Client) -> None:
    page = client.post("/login/", {"username": "nobody", "password": "wrong"}).content.decode()
    assert "User name and password do not match" in page


def test_login_does_not_lead_to_another_host(city: World, client: Client) -> None:
    account = city.account(CITY, Role.LEADER)
    account.password = make_password("a-good-password")
    account.save()
    fields = {"username": account.username, "password": "a-good-password", "next": "https://example.com/"}
    assert client.post("/login/", fields)["Location"] == "/"
