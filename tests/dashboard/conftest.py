from collections.abc import Callable
from datetime import date

import pytest
from django.http import HttpResponse
from django.test import Client

from organisations.choices import Role
from organisations.domain import save_organisation
from targets.choices import Stage
from targets.domain.entries import NoteEntry
from tests.world import BEDS, CITY, COVERAGE, HAISHU, JIANGBEI, XIANGSHAN, ZONE, World

PLACES = {HAISHU: (1, 2), JIANGBEI: (2, 1), XIANGSHAN: (2, 3), ZONE: (3, 1)}

Get = Callable[..., HttpResponse]


@pytest.fixture(autouse=True)
def in_english(english: None) -> None:
    """All tests here compare texts."""


@pytest.fixture
def city(world: World, settings) -> World:
    """The test city on 12 October 2020, with figures whose sums are worked out by hand.

    Beds against 4000 (75 % expected at Q3), approved: 海曙 200, 300, 300 of 1000; 江北 300, 300, 300 of 1500;
    象山 100, 100 of 1000 and 50 in Q3, not approved; 大榭 nothing, and has no target. 1900 = 47.5 %.
    Coverage against 30 %: 海曙 Q3 88/275, 江北 Q2 30/158. The milestone: 海曙 done, 江北 blocked.
    """
    settings.TODAY = date(2020, 10, 12)
    for code, (column, row) in PLACES.items():
        world.units[code].tile_column, world.units[code].tile_row = column, row
        save_organisation(world.units[code])
    for code, target in ((HAISHU, 1000), (JIANGBEI, 1500), (XIANGSHAN, 1000)):
        world.target("0902", code, target)
    for code, amounts in ((HAISHU, (200, 300, 300)), (JIANGBEI, (300, 300, 300)), (XIANGSHAN, (100, 100))):
        for quarter, amount in enumerate(amounts, start=1):
            world.report(code, BEDS, quarter, amount)
    world.record(NoteEntry(HAISHU, "0905", "2020Q3", stage=Stage.DONE, progress="pilot running"))
    world.record(NoteEntry(JIANGBEI, "0905", "2020Q3", stage=Stage.BLOCKED, progress="no site", problems="land"))
    for code, quarters in ((HAISHU, (1, 2, 3)), (JIANGBEI, (1, 2, 3)), (XIANGSHAN, (1, 2))):
        for quarter in quarters:
            world.approve(code, quarter)
    world.report(XIANGSHAN, BEDS, 3, 50)
    world.submit(XIANGSHAN, 3)
    world.report(HAISHU, COVERAGE, 3, 88, 275)
    world.approve(HAISHU, 3, "children")
    world.report(JIANGBEI, COVERAGE, 2, 30, 158)
    world.approve(JIANGBEI, 2, "children")
    return world


@pytest.fixture
def get(client: Client) -> Get:
    """get(world, path, unit, role): the answer that this account gets."""

    def answer(world: World, path: str, unit: str = CITY, role: Role = Role.LEADER) -> HttpResponse:
        client.force_login(world.account(unit, role))
        return client.get(path)

    return answer
