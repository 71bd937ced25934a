"""Loading the plan and the organisations: the real 2020 files, running again, clear errors, nothing dropped."""

from pathlib import Path

import pytest
import yaml
from django.conf import settings
from django.core.management import CommandError, call_command

from organisations.domain import RowErrors, load_organisations
from organisations.models import Organisation
from targets.choices import CommitmentKind, Pace, ReportedBy
from targets.domain.plans import load_plan
from targets.models import Commitment, Indicator, Period, Plan, Revision, Section, Submission, Target, WorkItem
from targets.problems import Refused
from tests.world import HAISHU, NOW, World

FIXTURES = Path(settings.BASE_DIR) / "fixtures"
ORGANISATIONS = (FIXTURES / "organisations-2020.csv").read_text("utf-8")
PLAN = (FIXTURES / "plan-2020.yaml").read_text("utf-8")
# The plan's published text stands beside the repository on the authors' machines, never in it.
PUBLISHED = Path(settings.BASE_DIR).parent / "shared" / "data" / "ningbo-2020-work-points.txt"


@pytest.fixture
def loaded(db: None) -> Plan:
    load_organisations(ORGANISATIONS)
    load_plan(PLAN, at=NOW)
    return Plan.objects.get()


def load(change: object) -> list[tuple[str, str]]:
    """Loads the changed file; the places and messages of the refusal."""
    data = yaml.safe_load(PLAN)
    change(data)
    with pytest.raises(Refused) as caught:
        load_plan(yaml.safe_dump(data, allow_unicode=True), at=NOW)
    return [(str(problem.place), problem.message) for problem in caught.value.problems]


def commitment_of(data: dict, code: str) -> dict:
    return next(
        row
        for section in data["sections"]
        for item in section["items"]
        for row in item["commitments"]
        if row["code"] == code
    )


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
    assert Submission.objects.filter(programme__code="party").count() == 4


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


def spoil(data: dict) -> None:
    commitment_of(data, "0902")["target"] = "四千"
    commitment_of(data, "0801")["indicator"] = "YL-77"
    commitment_of(data, "0102")["kind"] = "eternal"
    data["indicators"][0]["unknown"] = 1


def test_all_errors_are_told_at_once_with_their_places(db: None) -> None:
    load_organisations(ORGANISATIONS)
    problems = load(spoil)
    places = [place for place, _message in problems]
    assert [place.split()[-1] for place in places] == ["DJ-01", "0102", "0801", "0902"], problems
    assert not Plan.objects.exists()
    assert not Indicator.objects.exists()


def test_a_programme_without_its_app_is_told_once(db: None) -> None:
    load_organisations(ORGANISATIONS)
    ((place, message),) = load(lambda data: data["programmes"][3].update(app="nothing"))
    assert "eldercare" in place
    assert "nothing" in message


@pytest.mark.parametrize("content", ["", "- 1", "plan: 5", "plan: {code: [", "sections: []", "\x00", "plan: {code: x}"])
def test_no_plan_at_all_is_refused_with_a_sentence(db: None, content: str) -> None:
    with pytest.raises(Refused):
        load_plan(content, at=NOW)


def test_the_command_says_what_is_wrong(db: None, tmp_path: Path) -> None:
    file = tmp_path / "plan.yaml"
    file.write_text("plan: {", "utf-8")
    with pytest.raises(CommandError):
        call_command("load_plan", file)
    with pytest.raises(CommandError, match="missing.csv"):
        call_command("load_organisations", tmp_path / "missing.csv")


HEAD = "code,parent,kind,name,short_name,aliases,communities,villages\n"


@pytest.mark.parametrize(
    ("rows", "lines"),
    [
        ("", 1),
        ("1,,city,市,市,,,\n1,,city,市,市,,,\n", 1),
        ("1,,planet,市,市,,,\n", 1),
        ("1,,city,市,市,,,\n2,9,district,区,区,,,\n", 1),
        ("1,,district,区,区,,,\n", 1),
        ("1,,city,市,市,,1.5,x\n2,1,district,,区,,,\n", 2),
    ],
)
def test_bad_organisations_are_refused_line_by_line(db: None, rows: str, lines: int) -> None:
    with pytest.raises(RowErrors) as caught:
        load_organisations(HEAD + rows)
    assert len(caught.value.messages) >= lines
    assert not Organisation.objects.exists()


def test_missing_columns_are_named(db: None) -> None:
    with pytest.raises(RowErrors, match="villages"):
        load_organisations("code,parent,kind,name,short_name,aliases,communities\n")


@pytest.mark.skipif(not PUBLISHED.exists(), reason="the plan's published text is not here")
@pytest.mark.parametrize("figure", ["46", "41", "25", "1000", "4000", "60%", "50%", "30%", "1.9万人次", "三分之一"])
def test_the_promised_figures_stand_in_the_published_text(figure: str) -> None:
    assert figure in PUBLISHED.read_text("utf-8")
