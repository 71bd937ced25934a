"""Loading the plan and the organisations: the real 2020 files, running again, clear errors, nothing dropped."""

from pathlib import Path

import pytest
import yaml
from django.conf import settings
from django.core.management import CommandError, call_command

from organisations.domain import RowErrors, load_organisations
from organisations.models import Organisation
from targets.domain.plans import load_plan
from targets.models import Indicator, Plan
from targets.problems import Refused
from tests.world import NOW

FIXTURES = Path(settings.BASE_DIR) / "fixtures"
ORGANISATIONS = (FIXTURES / "organisations-2020.csv").read_text("utf-8")
PLAN = (FIXTURES / "plan-2020.yaml").read_text("utf-8")
# The plan's published text stands beside the repository on the authors' machines, never in it.
PUBLISHED = Path(settings.BASE_DIR).parent / "shared" / "data" / "ningbo-2020-work-points.txt"


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


@pytest.mark.parametrize(
    "content",
    [
        "",
        "- 1",
        "plan: 5",
        "plan: {code: [",
        "sections: []",
        "\x00",
        "plan: {code: x}",
        "plan: {code: x, issuer: 3302}\nprogrammes: [x]\nindicators: [1]\nsections: [y]",
    ],
)
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
