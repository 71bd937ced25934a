"""Trying out a decomposition (nothing is written), the way to the grid, and the form for a single target."""

from fractions import Fraction
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from organisations.choices import Role
from targets.models import Target
from tests.targets.decomposition_page import as_role, beds, codes, divide, post, show, stored, texts
from tests.world import (
    CITY,
    HAISHU,
    UNITS,
    ZONE,
    World,
    add_indicator,
)


@pytest.fixture
def divided(world: World) -> World:
    return divide(world)


# ---- trying out


def test_a_split_fills_the_inputs_and_writes_nothing(divided: World) -> None:
    client, before = as_role(divided), stored()
    page = show(client)
    answer = post(client, "split", page, 200, "分解", split="equally:0902", **beds(HAISHU="7"))
    assert texts(answer) == ["1000", "1000", "1000", "1000"]
    assert [cell.shown for cell in answer.context["grid"].cells] == ["1500", "1500", "1000", ""]
    assert (answer.context["grid"].rows[0].balance.key, answer.context["reason"]) == ("even", "分解")
    assert answer.context["notice"]
    assert stored() == before
    post(client, "save", answer, 302)
    assert set(stored().values()) == {1000}


def test_a_split_keeps_what_was_typed_elsewhere(divided: World) -> None:
    programme = divided.commitments["0902"].indicator.programme
    divided.add_commitment("0906", add_indicator("YL-21", programme, "另一项"))
    for unit in UNITS:
        divided.target("0906", unit, reports=True)
    client = as_role(divided)
    more = {f"t:0906:{HAISHU}": "3", f"t:0906:{ZONE}": "abc", "split": "equally:0902"}
    answer = post(client, "split", show(client), 200, **more)
    assert texts(answer) == ["1000"] * 4 + ["3", "", "", "abc"]
    assert codes(answer) == [(f"0906:{ZONE}", "not_a_number")]


def test_the_citys_own_target_for_all(world: World) -> None:
    world.target("0704", CITY, 100, 3)
    client = as_role(world)
    answer = post(client, "split", show(client, "children"), 200, split="equally:0704")
    assert texts(answer) == ["1/3"] * 4
    post(client, "save", answer, 302)
    assert set(stored("0704").values()) == {Fraction(100, 3)}


def test_without_a_last_year_a_sentence_says_so_and_the_typing_is_kept(divided: World) -> None:
    client = as_role(divided)
    answer = post(client, "split", show(client), 422, split="last_year:0902", **beds(HAISHU="1400"))
    assert ["2019" in remark.message for remark in answer.context["grid"].remarks] == [True]
    assert texts(answer)[0] == "1400"


@pytest.mark.parametrize("split", ["", "equally", "equally:9999", "equally:0704", "by_mood:0902", ":0902"])
def test_there_is_no_other_split(divided: World, split: str) -> None:
    client = as_role(divided)
    post(client, "split", show(client), 404, split=split)


def test_without_scripts_a_button_checks_the_balance(divided: World) -> None:
    client, before = as_role(divided), stored()
    answer = post(client, "check", show(client), 200, reason="", **beds(HAISHU="1495", ZONE="?"))
    assert (texts(answer), codes(answer)) == (["1495", "1500", "1000", "?"], [(f"0902:{ZONE}", "not_a_number")])
    answer = post(client, "check", answer, 200, reason="", **beds(ZONE="10"))
    balance = answer.context["grid"].rows[0].balance
    assert (balance.key, "5 张" in balance.text) == ("over", True)
    assert stored() == before


def test_the_balance_while_typing_comes_from_the_server(divided: World) -> None:
    client, before = as_role(divided), stored()
    page = show(client)
    answer = post(client, "balances", page, 200, **beds(HAISHU="1497", JIANGBEI="1,500")).json()
    assert (answer["balances"]["0902"]["key"], answer["changed"], answer["faults"]) == (
        "short", [f"0902:{HAISHU}"], {},
    )  # fmt: skip
    assert "3 张" in answer["balances"]["0902"]["text"]
    answer = post(client, "balances", page, 200, **beds(HAISHU="x")).json()
    assert (answer["balances"]["0902"]["key"], list(answer["faults"])) == ("unknown", [f"0902:{HAISHU}"])
    assert stored() == before


def test_the_list_of_targets_leads_to_the_grid(world: World) -> None:
    link = b'href="/admin/decomposition/"'
    for role, unit, there in ((Role.PLAN_MANAGER, CITY, True), (Role.REPORTER, HAISHU, False)):
        page = as_role(world, role, unit).get(reverse("admin:targets_target_changelist"))
        assert (link in page.content) is there


# ---- the form for a single target


def single(client: Client, row: Target, **fields: str) -> Any:
    data = {"reports": "on", "numerator": "", "denominator": "", "baseline": "", "reason": "调整", **fields}
    return client.post(reverse("admin:targets_target_change", args=[row.pk]), data)


def test_the_single_form_overwrites_nobody_either(divided: World) -> None:
    row = Target.objects.get(commitment__code="0902", organisation__code=HAISHU)
    client = as_role(divided)
    page = client.get(reverse("admin:targets_target_change", args=[row.pk]))
    version = str(page.context["adminform"].form["based_on"].value())
    divided.target("0902", HAISHU, 1450)
    answer = single(client, row, numerator="1300", based_on=version)
    form = answer.context["adminform"].form
    assert "1450" in str(form.errors)
    assert "1300" in str(form.errors)
    assert stored()[HAISHU] == 1450
    assert form["numerator"].value() == "1300"
    answer = single(client, row, numerator="1300", based_on=str(form["based_on"].value()))
    assert answer.status_code == 302
    assert stored()[HAISHU] == 1300


@pytest.mark.parametrize("version", ["", "x"])
def test_the_single_form_does_not_save_without_its_version(divided: World, version: str) -> None:
    row = Target.objects.get(commitment__code="0902", organisation__code=HAISHU)
    assert single(as_role(divided), row, numerator="1300", based_on=version).status_code == 200
    assert stored()[HAISHU] == 1500


def test_who_only_looks_at_a_single_target_sees_neither_reason_nor_version(divided: World) -> None:
    row = Target.objects.get(commitment__code="0902", organisation__code=HAISHU)
    page = as_role(divided, Role.AUDITOR).get(reverse("admin:targets_target_change", args=[row.pk]))
    assert page.status_code == 200
    assert b"based_on" not in page.content
