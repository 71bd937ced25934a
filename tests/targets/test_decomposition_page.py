"""The grid of the decomposition as each role sees it, and what happens to what is saved there."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from organisations.choices import OrganisationKind, Role
from targets.choices import Comparator
from targets.models import Revision, Target
from tests.targets.decomposition_page import as_role, beds, codes, divide, post, show, stored, texts
from tests.world import (
    BEDS,
    CITY,
    HAISHU,
    JIANGBEI,
    LEAD,
    OTHER_LEAD,
    UNITS,
    XIANGSHAN,
    ZONE,
    World,
    add_indicator,
    add_unit,
)

ACTIONS = ("save", "split", "check", "balances")


@pytest.fixture
def divided(world: World) -> World:
    return divide(world)


# ---- who sees what


@pytest.mark.parametrize(
    ("role", "unit", "own", "other"),
    [
        (Role.PLAN_MANAGER, CITY, 200, 200),
        (Role.AUDITOR, CITY, 200, 200),
        (Role.REVIEWER, LEAD, 200, 404),
        (Role.REVIEWER, OTHER_LEAD, 404, 200),
        (Role.REVIEWER, XIANGSHAN, 404, 404),
        (Role.LEADER, CITY, 403, 403),
        (Role.REPORTER, HAISHU, 403, 403),
        (Role.ENDORSER, HAISHU, 403, 403),
        (Role.SYSTEM_ADMINISTRATOR, CITY, 403, 403),
    ],
)
def test_who_sees_which_programme(world: World, role: Role, unit: str, own: int, other: int) -> None:
    client = as_role(world, role, unit)
    show(client, "eldercare", own)
    show(client, "children", other)


@pytest.mark.parametrize(
    ("role", "unit", "status"),
    [
        (Role.AUDITOR, CITY, 403), (Role.REVIEWER, OTHER_LEAD, 404), (Role.LEADER, CITY, 403),
        (Role.REPORTER, HAISHU, 403),
    ],
)  # fmt: skip
@pytest.mark.parametrize("action", ACTIONS)
def test_who_may_not_write_writes_nothing(world: World, role: Role, unit: str, status: int, action: str) -> None:
    page = show(as_role(world))
    changed = {**beds(HAISHU="5"), "split": "equally:0902"}
    post(as_role(world, role, unit), action, page, status, **changed)
    assert set(stored().values()) == {None}
    assert not Revision.objects.exists()


def test_a_stranger_is_sent_to_the_login(world: World, client: Client) -> None:
    assert client.get(reverse("admin:decomposition")).url == "/admin/login/?next=/admin/decomposition/"


@pytest.mark.parametrize("action", ACTIONS)
def test_actions_take_only_posts(world: World, action: str) -> None:
    assert as_role(world).get(reverse(f"admin:decomposition_{action}")).status_code == 405


def test_an_auditor_looks_and_has_no_inputs(divided: World) -> None:
    page = show(as_role(divided, Role.AUDITOR))
    assert b"1500" in page.content
    assert b'name="t:' not in page.content
    assert b'name="split"' not in page.content
    assert b'name="reason"' not in page.content


def test_without_a_choice_the_first_own_programme_is_shown(world: World) -> None:
    assert show(as_role(world), None).context["frame"].programme.code == "children"
    own = show(as_role(world, Role.REVIEWER, LEAD), None).context["frame"]
    assert (own.programme.code, [each.code for each in own.programmes]) == ("eldercare", ["eldercare"])
    show(as_role(world), "none", 404)
    show(as_role(world), None, 404, plan="nb-1999")


# ---- what the grid shows


def test_the_grid_shows_targets_balance_and_the_last_change(divided: World) -> None:
    page = show(as_role(divided))
    grid = page.context["grid"]
    assert [unit.code for unit in grid.units] == list(UNITS)
    (row,) = grid.rows
    assert (row.commitment.code, row.city_text, row.balance.key) == ("0902", "4,000 张", "even")
    assert texts(page) == ["1500", "1500", "1000", ""]
    last = row.last
    assert (last.reason, last.new["numerator"]) == ("test", "1000")
    record = as_role(divided).get(row.record_url)
    assert record.context["cl"].result_count == 3
    assert last.actor_name in page.content.decode()


def test_a_fraction_is_shown_as_it_is_kept(divided: World) -> None:
    divided.target("0704", CITY, 100, 3)
    divided.target("0704", HAISHU, 100, 3)
    grid = show(as_role(divided), "children").context["grid"]
    assert (grid.rows[0].city_text, grid.rows[0].cells[0].text) == ("1/3", "1/3")


def test_a_unit_that_does_not_report_has_no_cell(divided: World) -> None:
    other = add_indicator("YL-01", divided.commitments["0902"].indicator.programme, "新建中心")
    divided.add_commitment("0801", other)
    divided.target("0801", CITY, 10)
    divided.target("0801", JIANGBEI, 4, reports=True)
    rows = show(as_role(divided)).context["grid"].rows
    assert [[cell.text if cell else None for cell in row.cells] for row in rows] == [
        [None, "4", None, None],
        ["1500", "1500", "1000", ""],
    ]
    assert [row.balance.key for row in rows] == ["short", "even"]


@pytest.mark.parametrize(
    ("numbers", "comparator", "key", "names"),
    [
        ([30, 30, 30, 30], Comparator.AT_LEAST, "even", ""),
        ([30, 29, 40, 30], Comparator.AT_LEAST, "short", "江北"),
        ([30, 29, 40, 30], Comparator.AT_MOST, "short", "象山"),
        ([30, None, 40, 30], Comparator.AT_LEAST, "short", ""),
    ],
)
def test_ratios_are_compared_and_not_added(
    world: World, numbers: list[int | None], comparator: Comparator, key: str, names: str
) -> None:
    commitment = world.commitments["0704"]
    commitment.comparator = comparator
    commitment.save()
    for unit, number in zip(UNITS, numbers, strict=True):
        world.target("0704", unit, number)
    balance = show(as_role(world), "children").context["grid"].rows[0].balance
    assert (balance.key, balance.text.partition("：")[2] or balance.text.partition(": ")[2]) == (key, names)


def test_a_city_without_a_target_has_no_balance(world: World) -> None:
    Target.objects.filter(commitment__code="0902", organisation__code=CITY).delete()
    row = show(as_role(world)).context["grid"].rows[0]
    assert (row.city_text, row.balance.key) == ("–", "unknown")


def test_the_number_of_queries_does_not_depend_on_the_size(world: World, django_assert_num_queries) -> None:
    client = as_role(world)
    show(client)
    with django_assert_num_queries(8):
        show(client)
    programme = world.commitments["0902"].indicator.programme
    for number in (1, 2):
        code = f"090{number + 5}"
        world.add_commitment(code, add_indicator(f"YL-2{number}", programme, f"指标{number}"))
        for unit in UNITS:
            world.target(code, unit, number, reports=True)
    for number in (8, 9):
        unit = add_unit(
            f"33029{number}", world.units[CITY], OrganisationKind.DISTRICT, f"区{number}", f"区{number}", number
        )
        world.units[unit.code] = unit
        world.target("0902", unit.code, 1, reports=True)
    with django_assert_num_queries(8):
        page = show(client)
    assert (len(page.context["grid"].rows), len(page.context["grid"].units)) == (3, 6)


# ---- saving


@pytest.mark.parametrize(("role", "unit"), [(Role.PLAN_MANAGER, CITY), (Role.REVIEWER, LEAD)])
def test_all_changed_cells_are_saved_with_one_reason(divided: World, role: Role, unit: str) -> None:
    client = as_role(divided, role, unit)
    before = Revision.objects.count()
    typed = beds(HAISHU=" 1,400张", JIANGBEI="", XIANGSHAN="１０００", ZONE="5")
    answer = post(client, "save", show(client), 302, "按床位缺口调整", **typed)
    assert answer.url == "/admin/decomposition/?plan=nb-2020&programme=eldercare"
    assert stored() == {HAISHU: 1400, JIANGBEI: None, XIANGSHAN: 1000, ZONE: 5}
    revisions = Revision.objects.order_by("pk")[before:]
    assert [(each.organisation.code, each.old["numerator"], each.new["numerator"]) for each in revisions] == [
        (HAISHU, "1500", "1400"), (JIANGBEI, "1500", None), (ZONE, None, "5"),
    ]  # fmt: skip
    assert {(each.reason, each.origin, each.actor.organisation.code) for each in revisions} == {
        ("按床位缺口调整", "form", unit)
    }


def test_a_fraction_of_a_percentage_is_saved_exactly(world: World) -> None:
    client = as_role(world)
    typed = {f"t:0704:{HAISHU}": "1/3", f"t:0704:{JIANGBEI}": "100/3", f"t:0704:{ZONE}": "33.33%"}
    post(client, "save", show(client, "children"), 302, **typed)
    assert stored("0704") == {
        HAISHU: Fraction(100, 3), JIANGBEI: Fraction(100, 3), XIANGSHAN: None, ZONE: Fraction("33.33"),
    }  # fmt: skip
    row = Target.objects.get(commitment__code="0704", organisation__code=HAISHU)
    assert (row.numerator, row.denominator) == (100, 3)


def test_a_save_without_changes_needs_no_reason_and_writes_nothing(divided: World) -> None:
    client, before = as_role(divided), Revision.objects.count()
    answer = post(client, "save", show(client), 302, reason="", **beds(HAISHU="1,500 "))
    assert [message.level_tag for message in get_messages(answer.wsgi_request)] == ["info"]
    assert Revision.objects.count() == before


def test_a_baseline_stays_when_the_target_changes(divided: World) -> None:
    divided.target("0902", HAISHU, 1500, baseline=Decimal(100))
    client = as_role(divided)
    post(client, "save", show(client), 302, **beds(HAISHU="1600"))
    row = Target.objects.get(commitment__code="0902", organisation__code=HAISHU)
    assert (row.numerator, row.baseline) == (1600, 100)


def test_a_number_that_is_cleared_takes_its_baseline_along(divided: World) -> None:
    divided.target("0902", HAISHU, 1500, baseline=Decimal(100))
    client = as_role(divided)
    post(client, "save", show(client), 302, **beds(HAISHU=""))
    row = Target.objects.get(commitment__code="0902", organisation__code=HAISHU)
    assert (row.numerator, row.baseline) == (None, None)


@pytest.mark.parametrize(("haishu", "zone", "fault"), [("1505", "-5", ZONE), ("1487.5", "12.5", ZONE)])
def test_the_live_balance_calls_no_impossible_number_sound(divided: World, haishu: str, zone: str, fault: str) -> None:
    client = as_role(divided)
    answer = post(client, "balances", show(client), 200, **beds(HAISHU=haishu, ZONE=zone)).json()
    assert answer["balances"]["0902"]["key"] == "unknown"
    assert f"0902:{fault}" in answer["faults"]


def test_all_problems_are_shown_at_their_cells_and_the_typing_is_kept(divided: World) -> None:
    client, before = as_role(divided), stored()
    page = show(client)
    typed = beds(HAISHU="约1400", JIANGBEI="2.5", XIANGSHAN="-1", ZONE="7")
    answer = post(client, "save", page, 422, reason=" ", **typed)
    assert codes(answer) == [
        (f"0902:{HAISHU}", "approximate"), (f"0902:{JIANGBEI}", "not_whole"), (f"0902:{XIANGSHAN}", "negative"),
    ]  # fmt: skip
    assert [(remark.name, remark.label) for remark in answer.context["grid"].remarks] == [
        (f"0902:{HAISHU}", "0902 · 海曙"), (f"0902:{JIANGBEI}", "0902 · 江北"), (f"0902:{XIANGSHAN}", "0902 · 象山"),
        ("", ""),
    ]  # fmt: skip
    assert texts(answer) == ["约1400", "2.5", "-1", "7"]
    assert answer.context["grid"].rows[0].balance.key == "unknown"
    assert stored() == before
    mended = post(client, "save", answer, 302, **beds(HAISHU="1400", JIANGBEI="2", XIANGSHAN="1"))
    assert mended.status_code == 302
    assert stored() == {HAISHU: 1400, JIANGBEI: 2, XIANGSHAN: 1, ZONE: 7}


def test_a_stale_grid_overwrites_nobody_and_loses_nothing(divided: World) -> None:
    mine, theirs = as_role(divided), as_role(divided, Role.REVIEWER, LEAD)
    page = show(mine)
    post(theirs, "save", show(theirs), 302, "同事调整", **beds(HAISHU="1450", JIANGBEI="1550"))
    answer = post(mine, "save", page, 422, "我的调整", **beds(HAISHU="1300", ZONE="200"))
    assert stored() == {HAISHU: 1450, JIANGBEI: 1550, XIANGSHAN: 1000, ZONE: None}
    assert codes(answer) == [(f"0902:{HAISHU}", "stale")]
    cells = {cell.target.organisation.code: cell for cell in answer.context["grid"].cells}
    assert (cells[HAISHU].text, cells[HAISHU].theirs) == ("1300", "1450")
    assert (cells[JIANGBEI].text, cells[JIANGBEI].theirs) == ("1550", "")  # not touched here: it shows their change
    assert (cells[ZONE].text, answer.context["reason"]) == ("200", "我的调整")
    content = answer.content.decode()
    assert all(part in content for part in (f"reviewer@{LEAD}", "同事调整", "1450", "1300"))
    post(mine, "save", answer, 302, "我的调整")
    assert stored() == {HAISHU: 1300, JIANGBEI: 1550, XIANGSHAN: 1000, ZONE: 200}
    newest = Revision.objects.filter(organisation__code=HAISHU).latest("pk")
    assert (newest.old["numerator"], newest.new["numerator"]) == ("1450", "1300")


def test_a_third_person_in_between_is_not_overwritten_either(divided: World) -> None:
    client = as_role(divided)
    page = show(client)
    divided.target("0902", HAISHU, 1450)
    answer = post(client, "save", page, 422, **beds(HAISHU="1300"))
    divided.target("0902", HAISHU, 1460)
    again = post(client, "save", answer, 422)
    assert codes(again) == [(f"0902:{HAISHU}", "stale")]
    assert stored()[HAISHU] == 1460


def test_a_cell_with_a_fault_keeps_what_it_was_based_on(divided: World) -> None:
    """It is not told as stale while it cannot be read; once mended it is, and not written over their change."""
    client = as_role(divided)
    page = show(client)
    divided.target("0902", HAISHU, 1450)
    answer = post(client, "save", page, 422, **beds(HAISHU="abc"))
    mended = post(client, "save", answer, 422, **beds(HAISHU="1300"))
    assert codes(mended) == [(f"0902:{HAISHU}", "stale")]
    assert stored()[HAISHU] == 1450


def test_what_was_typed_for_a_unit_that_has_been_taken_out_is_told(divided: World) -> None:
    client = as_role(divided)
    page = show(client)
    divided.target("0902", ZONE, reports=False)
    answer = post(client, "save", page, 422, **beds(ZONE="77", HAISHU="1400"))
    assert "77" in answer.context["grid"].remarks[0].message
    assert stored()[HAISHU] == 1500
    post(client, "save", answer, 302)
    assert stored() == {HAISHU: 1400, JIANGBEI: 1500, XIANGSHAN: 1000}


def test_another_programmes_cells_are_out_of_reach(divided: World) -> None:
    client = as_role(divided, Role.REVIEWER, LEAD)
    foreign = f"0704:{HAISHU}"
    post(client, "save", show(client), 422, **{f"t:{foreign}": "30", f"b:{foreign}": "0:"})
    assert set(stored("0704").values()) == {None}


@pytest.mark.parametrize("base", ["", "x", ":", "-1:1500", "²:1500", "9" * 30 + ":1500", "\x00:1500"])
def test_a_forged_version_is_an_old_one(divided: World, base: str) -> None:
    client = as_role(divided)
    forged = {f"b:0902:{HAISHU}": base}
    answer = post(client, "save", show(client), 422, **beds(HAISHU="1"), **forged)
    assert codes(answer) == [(f"0902:{HAISHU}", "stale")]
    assert stored()[HAISHU] == 1500


def test_the_overview_follows_a_change_after_approval(divided: World, settings) -> None:
    settings.TODAY = date(2020, 10, 12)
    divided.report(HAISHU, BEDS, 3, 750)
    divided.approve(HAISHU, 3)
    leader, client = as_role(divided, Role.LEADER), as_role(divided)

    def cell() -> str:
        matrix = leader.get("/?period=2020Q3").context["page"].matrix
        row = next(row for row in matrix.rows if BEDS in row.url)
        return row.cells[0].text

    def completion() -> str:
        rows = client.get("/api/v1/progress/?period=2020Q3&by=organisation").json()["results"]
        return next(row["completion"] for row in rows if (row["commitment"], row["organisation"]) == ("0902", HAISHU))

    assert (cell(), Decimal(completion())) == ("50", Decimal("0.5"))
    post(client, "save", show(client), 302, "年中调整", **beds(HAISHU="1000", JIANGBEI="2000"))
    assert (cell(), Decimal(completion())) == ("75", Decimal("0.75"))
