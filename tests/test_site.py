import pytest
from django.contrib import admin
from django.core.files.base import ContentFile
from django.test import Client

from ningbo_plan.site import GROUPS, SUBMISSION_VIEWS
from organisations.choices import Role
from tests.world import CITY, HAISHU, World


@pytest.fixture(autouse=True)
def english(settings) -> None:
    settings.LANGUAGE_CODE = "en"


@pytest.fixture
def reporter(world: World) -> Client:
    client = Client()
    client.force_login(world.account(HAISHU, Role.REPORTER))
    return client


def test_every_model_of_the_admin_has_its_place_in_a_group() -> None:
    """A model that is registered but in no group would have no link anywhere."""
    grouped = [name for _title, names in GROUPS for name in names]
    assert sorted(grouped) == sorted(model.__name__ for model in admin.site._registry)


ADDRESSES = [
    *((f"/admin/submissions/7/{name}/", "/admin/targets/submission/7/change/") for name in SUBMISSION_VIEWS),
    *((f"/admin/decomposition/{name}/", "/admin/decomposition/") for name in ("save", "split", "check", "balances")),
    ("/admin/upload/7/confirm/", "/admin/upload/"),
    ("/admin/upload/7/discard/", "/admin/upload/"),
    ("/admin/evidence/7/remove/", "/admin/"),
    ("/logout/", "/"),
]


@pytest.mark.parametrize(("address", "page"), ADDRESSES)
def test_an_address_that_takes_only_what_is_sent_says_so_and_leads_to_its_page(
    reporter: Client, address: str, page: str
) -> None:
    answer = reporter.get(address)
    text = answer.content.decode()
    assert (answer.status_code, "POST" in answer["Allow"].split(", ")) == (405, True)
    assert "<h1>This address is no page</h1>" in text
    assert f'<a class="button" href="{page}">' in text
    assert f"reporter@{HAISHU}" in text  # the page's own head: one is logged in still


def test_a_script_is_told_the_same_as_json(reporter: Client) -> None:
    answer = reporter.get("/admin/submissions/7/save/", headers={"X-Requested-With": "fetch"})
    assert (answer.status_code, answer["Allow"], answer.json()["code"]) == (405, "POST", "method_not_allowed")


def test_a_file_with_a_name_that_no_header_holds_is_refused_in_words(world: World, reporter: Client) -> None:
    evidence = f"/admin/submissions/{world.submission(HAISHU, 3).pk}/evidence/0902/"
    for page in ("/admin/upload/", evidence):
        answer = reporter.post(page, {"file": ContentFile(b"x", name="验" * 400 + ".pdf")})
        assert answer.status_code == 400
        assert "A file must not have a very long name: shorten it first." in answer.content.decode()


def test_the_interface_answers_for_itself(reporter: Client) -> None:
    answer = reporter.post("/api/v1/progress/")
    assert (answer.status_code, answer["Content-Type"]) == (405, "application/problem+json")


def test_a_stranger_to_the_page_is_led_there_all_the_same(world: World) -> None:
    """The refusal looks at nothing: what the page says to who may not see it is the page's matter."""
    client = Client()
    client.force_login(world.account(CITY, Role.LEADER))
    assert client.get("/admin/submissions/7/approve/").status_code == 405
