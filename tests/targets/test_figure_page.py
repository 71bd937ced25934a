"""The page of one figure: its value, the files behind it, its other quarters and its story, for everybody."""

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse

from organisations.choices import Role
from targets.choices import Origin
from targets.domain import review
from targets.domain.evidence import add_evidence
from targets.models import Figure
from tests.targets import files
from tests.world import BEDS, CITY, COVERAGE, HAISHU, JIANGBEI, LEAD, NOW, OTHER_LEAD, TODAY, World

pytestmark = pytest.mark.usefixtures("media")


@pytest.fixture(autouse=True)
def english(settings) -> None:
    settings.LANGUAGE_CODE, settings.TODAY = "en", TODAY


@pytest.fixture
def figure(world: World) -> Figure:
    world.record(world.entry(HAISHU, BEDS, 3, 126), reason="首次填报")
    attach(world, "验收单.pdf", files.PDF)
    return Figure.objects.get()


def attach(world: World, name: str, data: bytes) -> None:
    add_evidence(
        world.submission(HAISHU, 3), world.commitments["0902"], [ContentFile(data, name=name)],
        actor=world.account(HAISHU, Role.REPORTER), at=NOW, origin=Origin.FORM,
    )  # fmt: skip


def look(world: World, figure: Figure, unit: str, role: Role, status: int = 200):
    client = Client()
    client.force_login(world.account(unit, role))
    answer = client.get(reverse("admin:targets_figure_change", args=[figure.pk]))
    assert answer.status_code == status, (unit, role)
    return answer


def test_it_shows_the_figure_its_evidence_and_its_story(world: World, figure: Figure) -> None:
    world.report(HAISHU, BEDS, 2, 40)
    submission = world.endorse(HAISHU, 3)
    reviewer = world.account(LEAD, Role.REVIEWER)
    review.return_submission(submission, actor=reviewer, at=NOW, origin=Origin.FORM, reason="请核对床位")
    answer = look(world, figure, HAISHU, Role.REPORTER)
    page = answer.content.decode()
    for text in ("126", "首次填报", "验收单.pdf", "请核对床位", "not reported"):
        assert text in page
    assert [each["value"] for each in answer.context["quarters"]] == ["126", "40"]
    assert [each.code for each in answer.context["commitments"]] == ["0902"]
    assert answer.context["may_edit"]
    assert "<textarea" not in page


def test_a_ratio_is_shown_as_what_it_comes_to_with_its_parts_beside(world: World) -> None:
    world.report(HAISHU, COVERAGE, 2, 1, 3)
    world.report(HAISHU, COVERAGE, 3, 1200, 2400)
    answer = look(world, Figure.objects.get(submission__period=world.periods[3]), HAISHU, Role.REPORTER)
    value = '<p class="figure-value">50.0% <span class="timeline-who">1,200 / 2,400</span></p>'
    assert value in answer.content.decode()
    assert [(each["rate"], each["value"]) for each in answer.context["quarters"]] == [
        ("50.0%", "1,200 / 2,400"), ("33.3%", "1 / 3"),
    ]  # fmt: skip
    assert [cell.new for event in answer.context["events"] for cell in event.cells] == ["1,200 / 2,400"]


def test_a_number_is_shown_with_its_unit(world: World, figure: Figure) -> None:
    page = look(world, figure, HAISHU, Role.REPORTER).content.decode()
    assert '<p class="figure-value">126 <span class="timeline-who">张</span></p>' in page


def test_a_ratio_that_is_not_applicable_says_so(world: World) -> None:
    world.record(world.entry(HAISHU, COVERAGE, 3, not_applicable=True, note="没有村"))
    page = look(world, Figure.objects.get(), HAISHU, Role.REPORTER).content.decode()
    assert '<p class="figure-value">not applicable</p>' in page


def test_who_sees_it_and_who_may_add(world: World, figure: Figure) -> None:
    assert look(world, figure, HAISHU, Role.REPORTER).context["may_edit"]
    assert not look(world, figure, HAISHU, Role.ENDORSER).context["may_edit"]
    assert not look(world, figure, LEAD, Role.REVIEWER).context["may_edit"]
    for unit, role in ((JIANGBEI, Role.REPORTER), (OTHER_LEAD, Role.REVIEWER), (CITY, Role.LEADER)):
        look(world, figure, unit, role, status=404)
    look(world, figure, CITY, Role.SYSTEM_ADMINISTRATOR, status=404)


def test_a_leader_sees_approved_quarters_alone(world: World, figure: Figure) -> None:
    world.report(HAISHU, BEDS, 2, 40)
    world.approve(HAISHU, 3)
    answer = look(world, figure, CITY, Role.LEADER)
    assert [each["value"] for each in answer.context["quarters"]] == ["126"]
    assert 'type="file"' not in answer.content.decode()


def test_nothing_can_be_posted_to_it(world: World, figure: Figure) -> None:
    client = Client()
    client.force_login(world.account(HAISHU, Role.REPORTER))
    url = reverse("admin:targets_figure_change", args=[figure.pk])
    assert client.post(url, {"numerator": "999"}).status_code == 405
    assert Figure.objects.get().numerator == 126


def test_what_is_typed_is_shown_as_text(world: World, figure: Figure) -> None:
    world.record(world.entry(HAISHU, BEDS, 3, 127, note="<script>1</script>"), reason="<b>急</b>")
    attach(world, "<img src=x>.pdf", files.PNG)
    page = look(world, figure, HAISHU, Role.REPORTER).content.decode()
    assert "<script>1" not in page
    assert "<b>急" not in page
    assert "<img src=x" not in page
    assert "&lt;img src=x&gt;.pdf" in page


def test_the_number_of_queries_does_not_depend_on_how_much_there_is(
    world: World, figure: Figure, django_assert_max_num_queries
) -> None:
    world.report(HAISHU, BEDS, 2, 40)

    def queries() -> int:
        with django_assert_max_num_queries(40) as context:
            look(world, figure, HAISHU, Role.REPORTER)
        return len(context)

    queries()
    first = queries()
    attach(world, "现场.png", files.PNG)
    attach(world, "现场.gif", files.GIF)
    for quarter, number in ((1, 7), (4, 8), (3, 130), (3, 140)):
        world.record(world.entry(HAISHU, BEDS, quarter, number), reason=str(number))
    assert queries() == first
