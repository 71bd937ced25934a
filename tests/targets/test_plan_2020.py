"""The real 2020 plan: complete, exact, loaded again without harm, and nothing dropped that was reported."""

from collections.abc import Callable, Iterator

import pytest
import yaml
from django.core.exceptions import ValidationError
from django.db import transaction

from organisations.domain import load_organisations
from organisations.models import Organisation
from targets.choices import CommitmentKind, Pace, ReportedBy
from targets.domain.entries import NoteEntry
from targets.domain.plans import load_plan
from targets.models import Commitment, Indicator, Period, Plan, Revision, Section, Submission, Target, WorkItem
from tests.targets.test_plans import ORGANISATIONS, PLAN, commitment_of, load
from tests.world import HAISHU, NOW, World

pytestmark = pytest.mark.database


@pytest.fixture(scope="module")
def files_loaded(django_db_setup, django_db_blocker) -> Iterator[None]:
    """Loaded once for all tests here, and taken back after them."""
    with django_db_blocker.unblock(), transaction.atomic():
        load_organisations(ORGANISATIONS)
        load_plan(PLAN, at=NOW)
        yield
        transaction.set_rollback(True)


@pytest.fixture
def loaded(files_loaded: None, django_db_blocker) -> Iterator[Plan]:
    with django_db_blocker.unblock(), transaction.atomic():
        yield Plan.objects.get()
        transaction.set_rollback(True)


def test_the_plan_of_2020_is_complete(loaded: Plan) -> None:
    counts = [model.objects.count() for model in (Section, WorkItem, Commitment, Indicator, Period)]
    assert counts == [4, 10, 64, 19, 4]
    assert Commitment.objects.filter(kind=CommitmentKind.QUANTIFIED).count() == 19
    assert Organisation.objects.reporting().count() == 14
    assert Organisation.objects.filter(kind="township").count() == 156
    assert not Commitment.objects.filter(targets=None).exists()


def test_promises_are_exact(loaded: Plan) -> None:
    city = {
        row.commitment.code: row
        for row in Target.objects.filter(organisation__code="3302").select_related("commitment")
    }
    assert len(city) == 19
    assert not any(row.reports for row in city.values())
    assert city["0801"].value == 46
    assert city["1006"].value * 3 == 100
    assert city["1006"].value != 33


def test_who_reports_is_as_the_file_says(loaded: Plan) -> None:
    def reporters(code: str) -> set[str]:
        rows = Target.objects.reporting().filter(commitment__code=code)
        return set(rows.values_list("organisation__code", flat=True))

    assert len(reporters("0902")) == 14
    assert reporters("0401") == {"3302-JGDW"}
    assert reporters("0906") == {"330203", "330211", "3302-MKYY"}
    assert Commitment.objects.get(code="0906").reported_by == ReportedBy.LISTED
    assert Submission.objects.filter(programme__code="party").count() == 3


def test_statements_with_commas_are_whole(loaded: Plan) -> None:
    assert Commitment.objects.get(code="0102").statement == "巩固主题教育成果,深化“三服务”"


def test_loading_again_changes_nothing(loaded: Plan) -> None:
    before = (Revision.objects.count(), Commitment.history.count(), Organisation.history.count())
    report = load_plan(PLAN, at=NOW)
    assert (report.created, report.updated, report.removed, report.targets) == (0, 0, 0, 0)
    assert load_organisations(ORGANISATIONS) == {"created": 0, "updated": 0, "unchanged": 183}
    assert (Revision.objects.count(), Commitment.history.count(), Organisation.history.count()) == before


def test_loading_again_keeps_the_decomposition(loaded: Plan) -> None:
    World(loaded, {}, {}).target("0902", HAISHU, 420)
    load_plan(PLAN, at=NOW)
    assert Target.objects.get(commitment__code="0902", organisation__code=HAISHU).numerator == 420


def test_a_changed_statement_is_updated_and_kept_in_history(loaded: Plan) -> None:
    data = yaml.safe_load(PLAN)
    commitment_of(data, "0902")["statement"] = "新建养老床位4000张以上"
    report = load_plan(yaml.safe_dump(data, allow_unicode=True), at=NOW)
    assert (report.updated, report.created) == (1, 0)
    assert Commitment.objects.get(code="0902").history.count() == 2


def test_a_second_plan_of_the_year_needs_other_codes(loaded: Plan) -> None:
    def copy(data: dict) -> None:
        data["plan"].update(code="nb-2020-b", title="补充要点")

    problems = load(copy)
    assert len(problems) == 64
    assert all(loaded.title in message for _place, message in problems)
    assert [place.split()[-1] for place, _message in problems[:2]] == ["0101", "0102"]
    assert Plan.objects.get() == loaded
    other = Plan.objects.create(code="b", year=2020, title="补充要点", issuer=loaded.issuer, issued_on=loaded.issued_on)
    item = WorkItem.objects.get(number=9)
    section = Section.objects.create(plan=other, number="一", title="一", position=1)
    own = WorkItem.objects.create(section=section, number=1, title="一", programme=item.programme)
    row = Commitment(
        item=own, code="0905", kind=CommitmentKind.MILESTONE, statement="任务", reported_by=ReportedBy.LEAD
    )
    with pytest.raises(ValidationError, match="0905"):
        row.full_clean()
    row.code = "9905"
    row.full_clean()
    Plan.objects.filter(pk=other.pk).update(year=2021)
    row.item, row.code = WorkItem.objects.get(pk=own.pk), "0905"
    row.full_clean()


def test_a_custom_pace_is_four_cumulative_shares(loaded: Plan) -> None:
    data = yaml.safe_load(PLAN)
    commitment_of(data, "0902")["pace"] = [10, 30, 60, 100]
    load_plan(yaml.safe_dump(data, allow_unicode=True), at=NOW)
    commitment = Commitment.objects.get(code="0902")
    assert (commitment.pace, commitment.pace_q2) == (Pace.CUSTOM, 30)


def test_what_has_figures_cannot_be_dropped(loaded: Plan) -> None:
    world = World(loaded, {unit.code: unit for unit in Organisation.objects.all()}, {})
    world.report(HAISHU, "YL-09", 3, 12)

    def without_beds(data: dict) -> None:
        rows = data["sections"][2]["items"][1]["commitments"]
        rows[:] = [row for row in rows if row["code"] != "0902"]

    ((place, message),) = load(without_beds)
    assert "0902" in place
    assert message


def reword(code: str, **changes: object) -> Callable[[dict], None]:
    return lambda data: commitment_of(data, code).update(changes)


@pytest.mark.parametrize(
    "change",
    [
        reword("0902", indicator="YL-01"),
        lambda data: (commitment_of(data, "0902").pop("indicator"), commitment_of(data, "0902").pop("target"),
                      commitment_of(data, "0902").update(kind="standing")),
        lambda data: data["plan"].update(year=2021),
        lambda data: data["plan"].update(issuer="330203"),
        lambda data: data["sections"][2]["items"][1].update(programme="children"),
    ],
)  # fmt: skip
def test_what_figures_rest_on_cannot_change(loaded: Plan, change: Callable[[dict], None]) -> None:
    World(loaded, {unit.code: unit for unit in Organisation.objects.all()}, {}).report(HAISHU, "YL-09", 3, 12)
    assert len(load(change)) >= 1


def test_a_commitment_with_notes_cannot_be_dropped(loaded: Plan) -> None:
    world = World(loaded, {unit.code: unit for unit in Organisation.objects.all()}, {})
    world.record(NoteEntry(HAISHU, "0901", "2020Q3", stage="in_progress"))
    assert len(load(lambda data: data["sections"][2]["items"][1]["commitments"].pop(0))) == 1


def test_a_unit_that_was_unassigned_stays_so(loaded: Plan) -> None:
    world = World(loaded, {}, {})
    world.target("0902", HAISHU, reports=False)
    assert load_plan(PLAN, at=NOW).targets == 0


def test_what_nobody_reported_can_be_dropped(loaded: Plan) -> None:
    data = yaml.safe_load(PLAN)
    data["sections"][0]["items"] = data["sections"][0]["items"][1:]
    report = load_plan(yaml.safe_dump(data, allow_unicode=True), at=NOW)
    assert report.removed == 3
    assert Commitment.objects.for_plan(loaded).count() == 61
    assert not Target.objects.reporting().filter(commitment__withdrawn=True).exists()
    again = load_plan(yaml.safe_dump(data, allow_unicode=True), at=NOW)
    assert (again.created, again.updated, again.removed, again.targets) == (0, 0, 0, 0)
    back = load_plan(PLAN, at=NOW)
    assert (back.created, back.updated, back.targets) == (0, 3, 3)
    assert Commitment.objects.for_plan(loaded).count() == 64


def test_what_a_reported_figure_means_cannot_change(loaded: Plan) -> None:
    world = World(loaded, {unit.code: unit for unit in Organisation.objects.all()}, {})
    world.report(HAISHU, "YL-09", 3, 12)

    def as_stock(data: dict) -> None:
        next(row for row in data["indicators"] if row["code"] == "YL-09")["time"] = "latest"

    ((place, _message),) = load(as_stock)
    assert "YL-09" in place
