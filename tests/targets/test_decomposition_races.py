"""Two people save the same target at once, on a database that locks rows."""

from collections.abc import Callable, Iterator
from decimal import Decimal

import pytest
from django.db import connection

from organisations.choices import Role
from targets.choices import Origin
from targets.domain.decomposition import TargetEntry, set_targets
from targets.models import Revision, Target
from targets.problems import Refused
from tests.targets.test_concurrency import at_once
from tests.world import CITY, HAISHU, NOW, World, build_world

pytestmark = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="an in-memory SQLite has one writer and no rows to lock"
)


@pytest.fixture
def world(transactional_db: None) -> Iterator[World]:
    return build_world()


def test_the_slower_of_two_saves_is_refused_and_shown_the_faster(world: World) -> None:
    manager = world.account(CITY, Role.PLAN_MANAGER)

    def save(number: int) -> Callable[[], object]:
        entry = TargetEntry("0902", HAISHU, Decimal(number), based_on=0)
        return lambda: set_targets(world.plan, [entry], actor=manager, at=NOW, origin=Origin.FORM, reason="分解")

    results = at_once(*[save(number) for number in (5, 6, 7, 8)])
    assert results.count(1) == 1
    refused = [each for each in results if isinstance(each, Refused)]
    assert [[problem.code for problem in each.problems] for each in refused] == [["stale"]] * 3
    written = Target.objects.get(commitment__code="0902", organisation__code=HAISHU).numerator
    assert Revision.objects.get(kind="target").new["numerator"] == f"{written:.0f}"
