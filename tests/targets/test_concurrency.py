"""Two people at once, on a database that locks rows."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile
from django.db import connection

from organisations.choices import Role
from targets.choices import Origin
from targets.domain import review
from targets.domain.evidence import add_evidence, remove_evidence
from targets.models import DataVersion, Evidence, Figure, Revision, Submission, Transition
from targets.problems import Refused
from tests.targets import files
from tests.world import BEDS, HAISHU, JIANGBEI, NOW, World, build_world

pytestmark = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="an in-memory SQLite has one writer and no rows to lock"
)


@pytest.fixture
def world(transactional_db: None) -> Iterator[World]:
    return build_world()


def at_once(*works: Callable[[], object]) -> list[object]:
    """Runs the works in threads that start together; what each returned or raised."""
    start = Barrier(len(works))

    def run(work: Callable[[], object]) -> object:
        start.wait()
        try:
            return work()
        except (Refused, PermissionDenied) as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def test_two_endorsers_at_once_give_one_transition(world: World) -> None:
    world.report(HAISHU, BEDS, 3, 12)
    submission = world.submit(HAISHU, 3)
    endorser = world.account(HAISHU, Role.ENDORSER)

    def endorse() -> object:
        return review.endorse(Submission.objects.get(pk=submission.pk), actor=endorser, at=NOW, origin=Origin.FORM)

    results = at_once(*[endorse] * 4)
    assert sum(isinstance(each, Transition) for each in results) == 1
    assert sum(isinstance(each, Refused) for each in results) == 3
    assert Transition.objects.filter(action="endorse").count() == 1


def test_the_same_figures_at_once_are_written_once(world: World) -> None:
    world.account(HAISHU, Role.REPORTER)
    results = at_once(*[lambda: world.report(HAISHU, BEDS, 3, 12)] * 4)
    assert sorted(len(each.changes) for each in results) == [0, 0, 0, 1]
    assert Figure.objects.count() == 1
    assert Revision.objects.filter(kind="figure").count() == 1


def test_a_first_figure_without_envelope_at_once_makes_one_envelope(world: World) -> None:
    world.submission(HAISHU, 3).delete()
    world.account(HAISHU, Role.REPORTER)
    results = at_once(*[lambda: world.report(HAISHU, BEDS, 3, 12)] * 4)
    assert sorted(len(each.changes) for each in results) == [0, 0, 0, 1]
    assert Submission.objects.filter(organisation__code=HAISHU, period__quarter=3).count() == 2


def test_a_save_based_on_an_older_version_loses_the_race_with_a_sentence(world: World) -> None:
    versions = {"330203/eldercare/2020Q3": 0}
    world.account(HAISHU, Role.REPORTER)

    def save(beds: int) -> Callable[[], object]:
        return lambda: world.record(world.entry(HAISHU, BEDS, 3, beds), versions=versions)

    results = at_once(save(1), save(2))
    assert sum(isinstance(each, Refused) for each in results) == 1
    assert Revision.objects.filter(kind="figure").count() == 1


def test_no_data_version_is_lost(world: World) -> None:
    before = DataVersion.objects.get().number
    for unit in (HAISHU, JIANGBEI):
        world.account(unit, Role.REPORTER)
    at_once(*[lambda unit=unit: world.report(unit, BEDS, 3, 12) for unit in (HAISHU, JIANGBEI)])
    assert DataVersion.objects.get().number == before + 2


def attach(world: World, commitment: str) -> list[Evidence]:
    reporter = world.account(HAISHU, Role.REPORTER)
    content = ContentFile(files.PDF, name="验收单.pdf")
    return add_evidence(
        world.submission(HAISHU, 3),
        world.commitments[commitment],
        [content],
        actor=reporter,
        at=NOW,
        origin=Origin.FORM,
    )


def test_the_same_file_at_once_is_kept_once(world: World, media: Path) -> None:
    world.account(HAISHU, Role.REPORTER)
    results = at_once(*[lambda: attach(world, "0902")] * 4)
    assert sum(isinstance(each, Refused) for each in results) == 3
    assert Evidence.objects.count() == Revision.objects.filter(kind="evidence").count() == 1


def test_a_removal_takes_no_file_from_an_addition_that_crosses_it(world: World, media: Path) -> None:
    reporter = world.account(HAISHU, Role.REPORTER)
    (row,) = attach(world, "0902")
    for other in ("0905", "0902") * 8:
        results = at_once(
            lambda row=row: remove_evidence(row, actor=reporter, at=NOW, origin=Origin.FORM),
            lambda other=other: attach(world, other),
        )
        (row,) = results[1]
        assert Path(row.file.path).read_bytes() == files.PDF
