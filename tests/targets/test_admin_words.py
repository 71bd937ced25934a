"""What single pages of the admin say and ask: the list of submissions, a target's form, a period's history."""

import pytest
from django.test import Client
from django.urls import reverse

from organisations.choices import Role
from targets.choices import Origin
from targets.domain import review
from targets.models import Submission, Target
from tests.world import BEDS, CITY, HAISHU, LEAD, NOW, TODAY, World


@pytest.fixture(autouse=True)
def english(settings) -> None:
    settings.LANGUAGE_CODE, settings.TODAY = "en", TODAY


@pytest.fixture
def manager(world: World) -> Client:
    client = Client()
    client.force_login(world.account(CITY, Role.PLAN_MANAGER))
    return client


def test_the_list_of_submissions_says_what_the_work_lists_say(world: World, manager: Client) -> None:
    world.report(HAISHU, BEDS, 3, 5)
    submission, reviewer = world.endorse(HAISHU, 3), world.account(LEAD, Role.REVIEWER)
    review.return_submission(submission, actor=reviewer, at=NOW, origin=Origin.FORM, reason="请核对")
    Submission.objects.exclude(pk=submission.pk).filter(period=world.periods[3]).exclude(
        organisation__code=LEAD
    ).delete()
    url = f"{reverse('admin:targets_submission_changelist')}?period__id__exact={world.periods[3].pk}"
    page = manager.get(url).content.decode()
    for key, sign, word in (("behind", "◐", "Returned"), ("missing", "–", "Not reported")):
        assert f'<span class="badge s-{key}"><span aria-hidden="true">{sign}</span> {word}</span>' in page


def fields(client: Client, commitment: str) -> list[str]:
    row = Target.objects.get(commitment__code=commitment, organisation__code=HAISHU)
    return list(client.get(reverse("admin:targets_target_change", args=[row.pk])).context["adminform"].form.fields)


def test_a_milestones_target_asks_for_no_numbers(world: World, manager: Client) -> None:
    assert fields(manager, "0902") == ["reports", "numerator", "denominator", "baseline", "reason", "based_on"]
    assert fields(manager, "0905") == ["reports", "reason", "based_on"]
    row = Target.objects.get(commitment__code="0905", organisation__code=HAISHU)
    url = reverse("admin:targets_target_change", args=[row.pk])
    assert manager.post(url, {"reason": "不再填报", "based_on": "0"}).status_code == 302
    row.refresh_from_db()
    assert (row.reports, row.numerator) == (False, None)


def test_a_history_has_no_column_for_what_its_rows_do_not_keep(world: World, manager: Client) -> None:
    period = reverse("admin:targets_period_history", args=[world.periods[3].pk])
    unit = reverse("admin:organisations_organisation_history", args=[world.units[HAISHU].pk])
    assert ["By which way" in manager.get(url).content.decode() for url in (period, unit)] == [False, True]
