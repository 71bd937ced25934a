"""What holds for every page: few queries, a strict policy, no inline code, words for what is wrong."""

import re
from itertools import count

import pytest
from django.db import connection
from django.template.loader import render_to_string
from django.test import Client
from django.test.utils import CaptureQueriesContext

from organisations.choices import OrganisationKind, Role
from targets.models import Plan, Target
from tests.dashboard.conftest import Get
from tests.world import BEDS, CITY, COVERAGE, HAISHU, LEAD, UNITS, ZONE, World, add_unit

PAGES = [
    "/",
    f"/indicators/{BEDS}/",
    f"/indicators/{COVERAGE}/",
    f"/organisations/{HAISHU}/",
    f"/organisations/{CITY}/",
]
INLINE = re.compile(r"<style|<script(?![^>]*\ssrc=)|\sstyle=|\son\w+=|javascript:", re.IGNORECASE)
numbers = count(100)


def queries(client: Client, path: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(path).status_code == 200
    return len(captured)


def add_districts(city: World, how_many: int) -> None:
    for _each in range(how_many):
        number = next(numbers)
        code = f"33{number}"
        unit = add_unit(code, city.units[CITY], OrganisationKind.DISTRICT, f"新区{number}", f"新{number}", number)
        city.units[code] = unit
        for commitment in ("0902", "0704", "0905"):
            city.target(commitment, code, reports=True)
        city.report(code, BEDS, 3, 5)


@pytest.mark.parametrize(("path", "only"), [(path, HAISHU if HAISHU in path else ZONE) for path in PAGES])
def test_the_number_of_queries_does_not_grow_with_the_units(city: World, client: Client, path: str, only: str) -> None:
    client.force_login(city.account(CITY, Role.LEADER))
    others = [code for code in UNITS if code != only]
    Target.objects.filter(organisation__code__in=others).update(reports=False)
    with_one = queries(client, path)
    Target.objects.filter(organisation__code__in=UNITS).update(reports=True)
    add_districts(city, 10)
    assert queries(client, path) == with_one


@pytest.mark.parametrize(("unit", "role", "most"), [(CITY, Role.LEADER, 10), (LEAD, Role.REVIEWER, 11)])
def test_the_overview_takes_at_most_twelve_queries(
    city: World, client: Client, unit: str, role: Role, most: int
) -> None:
    client.force_login(city.account(unit, role))
    assert queries(client, "/") == most <= 12


@pytest.mark.parametrize("path", PAGES)
def test_pages_have_a_strict_policy_and_nothing_inline(city: World, get: Get, path: str) -> None:
    response = get(city, path)
    policy = response["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert not INLINE.search(response.content.decode())


@pytest.mark.parametrize("path", PAGES)
def test_links_carry_the_state(city: World, get: Get, path: str) -> None:
    html = get(city, path + "?period=2020Q2&scope=submitted").content.decode()
    links = re.findall(r'href="(/(?:indicators|organisations)/[^"]*)"', html)
    assert links
    assert all("period=2020Q" in link and "scope=" in link for link in links)
    assert sum("period=2020Q2&amp;scope=submitted" in link for link in links) >= len(links) - 6


@pytest.mark.parametrize("path", PAGES)
def test_headings_are_in_order(city: World, get: Get, path: str) -> None:
    levels = [int(level) for level in re.findall(r"<h(\d)", get(city, path).content.decode())]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later <= earlier + 1 for earlier, later in zip(levels, levels[1:], strict=False))


@pytest.mark.parametrize("path", PAGES)
def test_drawings_and_tables_have_names(city: World, get: Get, path: str) -> None:
    html = get(city, path).content.decode()
    drawings = re.findall(r"<svg[^>]*>\s*(.{7})", html, re.DOTALL)
    assert all(start == "<title>" for start in drawings if not start.startswith("<a"))
    assert html.count("<table") == html.count("<caption")
    assert "<html lang=" in html
    assert 'class="skip-link" href="#content"' in html


@pytest.mark.parametrize("path", ["/", f"/indicators/{BEDS}/", f"/organisations/{HAISHU}/", "/login/", "/?period=x"])
def test_invented_figures_are_said_to_be_invented(city: World, get: Get, path: str) -> None:
    words = "all figures on these pages are invented"
    assert words not in get(city, path).content.decode()
    Plan.objects.update(invented=True)
    assert words in get(city, path).content.decode()


def test_the_page_that_does_not_exist_has_our_look_without_debug(client: Client, db: None) -> None:
    response = client.get("/nowhere/")
    assert response.status_code == 404
    assert "This page does not exist" in response.content.decode()


def test_a_forged_form_is_told_in_words(city: World) -> None:
    response = Client(enforce_csrf_checks=True).post("/login/", {"username": "x", "password": "y"})
    assert response.status_code == 403
    assert "The form could not be accepted" in response.content.decode()


def test_the_page_of_an_error_needs_neither_account_nor_database() -> None:
    assert "Something went wrong on our side" in render_to_string("500.html")


def test_text_from_the_data_is_escaped(city: World, get: Get) -> None:
    indicator = city.commitments["0902"].indicator
    indicator.name = "<b>beds</b>"
    indicator.save()
    html = get(city, "/").content.decode()
    assert "<b>beds</b>" not in html
    assert "&lt;b&gt;beds&lt;/b&gt;" in html
