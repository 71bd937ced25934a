# ruff: noqa: F811  the fixtures of tests/doors.py are arguments here
"""Who may change what submissions rest on: periods, later days, targets, plans, indicators, units, accounts.

The tables are read like those of tests/test_who_may.py. What stands elsewhere and is not repeated here:

* opening and closing by command and timer, and what an extension is good for: tests/targets/test_periods.py
* the grid of the decomposition by its content, and who finds it: tests/targets/test_decomposition*.py
* which lists and forms each role is shown, and what a form leaves alone: tests/targets/test_admin.py
* reasons, roles that exclude each other, the own rights: tests/organisations/test_accounts.py, test_organisations.py
"""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.urls import reverse

from organisations.choices import OrganisationKind
from organisations.locks import unlock_account
from targets.choices import Origin, PeriodState
from targets.domain.decomposition import TargetEntry, set_targets, version_of
from targets.domain.periods import extend_due_day, open_periods, set_period_state
from targets.models import Section, Target
from tests.doors import PERSONS, City, Deed, built, city, db, lines_of_tables, tried  # noqa: F401
from tests.world import CITY, HAISHU, JIANGBEI, NOW, TODAY, add_indicator, add_unit

LATER = date(2020, 10, 20)
EXTENSION, PERIOD = "targets_duedayextension", "targets_period"
PASSWORD = "a long password 7"


# ---- the states


def partly(city: City) -> None:
    """海曙 reports in 养老 alone: the reviewers of the other programme have nothing to do with it."""
    Target.objects.filter(commitment__code="0704", organisation__code=HAISHU).delete()


def extended(city: City) -> None:
    way = {"actor": city.accounts["man"], "at": NOW, "reason": "台风"}
    city.rows["extension"] = extend_due_day(city.world.periods[3], city.world.units[HAISHU], LATER, **way)


def partly_extended(city: City) -> None:
    partly(city)
    extended(city)


def unused(city: City) -> None:
    """Rows that nothing rests on yet, so that they can be deleted."""
    world = city.world
    section = Section.objects.create(plan=world.plan, number="九", title="其他", position=9)
    unit = add_unit("330299", world.units[CITY], OrganisationKind.DISTRICT, "某区民政局", "某区", 99)
    programme = world.commitments["0902"].indicator.programme
    city.rows |= {"section": section, "organisation": unit, "indicator": add_indicator("YL-99", programme, "新指标")}


def locked(city: City) -> None:
    account = city.accounts["rep2"]
    AccessAttempt.objects.create(username=account.username, ip_address="10.0.0.1", failures_since_start=5)


STATES: Mapping[str, Callable[[City], Any]] = {
    "open": lambda city: None,
    "closed": lambda city: set_period_state(city.world.periods[3], PeriodState.CLOSED, actor=None),
    "draft": lambda city: None,
    "approved": lambda city: city.world.approve(HAISHU, 3),
    "both": lambda city: None,
    "one": partly,
    "both+day": extended,
    "one+day": partly_extended,
    "used": lambda city: None,
    "unused": unused,
    "locked": locked,
    "free": lambda city: None,
}


# ---- the deeds


def extension(city: City) -> dict[str, object]:
    unit, period = city.world.units[HAISHU], city.world.periods[3]
    return {"period": period.pk, "organisation": unit.pk, "due_on": "2020-10-20", "reason": "台风"}


def extend(city: City, person: str) -> Any:
    way = {"actor": city.accounts[person], "at": NOW, "reason": "台风"}
    return extend_due_day(city.world.periods[3], city.world.units[HAISHU], LATER, **way)


def beds(city: City) -> Target:
    return Target.objects.get(commitment__code="0902", organisation__code=HAISHU)


def save_grid(city: City, person: str) -> Any:
    cell = f"0902:{HAISHU}"
    fields = {"plan": city.world.plan.code, "programme": "eldercare", "reason": "分解"}
    return city.post(person, "decomposition_save", **fields, **{f"t:{cell}": "420", f"b:{cell}": "0:"})


def change_target(city: City, person: str) -> Any:
    row = beds(city)
    fields = {"reports": "on", "numerator": "420", "reason": "分解", "based_on": version_of(row)}
    return city.post(person, "targets_target_change", row.pk, **fields)


def add_target(city: City, person: str) -> Any:
    fields = {"commitment": city.world.commitments["0902"].pk, "organisation": city.world.units["3302-YLFW"].pk}
    return city.post(person, "targets_target_add", **fields, numerator="7", reason="补充")


def set_target(city: City, person: str) -> Any:
    way = {"actor": city.accounts[person], "at": NOW, "origin": Origin.FORM, "reason": "分解"}
    return set_targets(city.world.plan, [TargetEntry("0902", HAISHU, Decimal(420))], **way)


def row_of(city: City, model: str) -> Any:
    """The row that a rule about reference data is tried on."""
    commitment = city.world.commitments["0902"]
    rows = {
        "plan": city.world.plan, "section": commitment.item.section, "workitem": commitment.item,
        "commitment": commitment, "indicator": commitment.indicator, "programme": commitment.item.programme,
        "organisation": city.world.units[HAISHU],
    }  # fmt: skip
    return rows[model]


def change(model: str, field: str) -> Deed:
    """Posts the form as its editor sees it, with another text in one field."""
    name = f"{'organisations' if model == 'organisation' else 'targets'}_{model}_change"

    def deed(city: City, person: str) -> Any:
        row = row_of(city, model)
        if "form" not in city.rows:
            page = city.clients["man"].get(reverse(f"admin:{name}", args=[row.pk]))
            city.rows["form"] = page.context["adminform"].form.initial
        fields = {name: value for name, value in city.rows["form"].items() if value is not None}
        return city.post(person, name, row.pk, **{**fields, field: "改了"})

    return deed


def delete(model: str, app: str = "targets") -> Deed:
    return lambda city, person: city.post(
        person, f"{app}_{model}_delete", (city.rows.get(model) or row_of(city, model)).pk, post="yes"
    )


def add_section(city: City, person: str) -> Any:
    return city.post(person, "targets_section_add", plan=city.world.plan.pk, number="八", title="其他", position="8")


def add_organisation(city: City, person: str) -> Any:
    parent = city.world.units[CITY].pk
    fields = {"code": "330298", "kind": "district", "name": "某区民政局", "short_name": "某区", "position": "98"}
    return city.post(person, "organisations_organisation_add", **fields, parent=parent)


def new_account(city: City) -> dict[str, object]:
    return {
        "username": "wang", "name": "王敏", "organisation": city.world.units[JIANGBEI].pk, "password1": PASSWORD,
        "password2": PASSWORD, "reporter": "on", "reason": "新入职",
    }  # fmt: skip


def on_account(name: str, **fields: object) -> Deed:
    """A page of the account of another unit's reporter."""
    return lambda city, person: city.post(person, name, city.accounts["rep2"].pk, **fields)


def give_role(city: City, person: str) -> Any:
    account = city.accounts["rep2"]
    fields = {"username": account.username, "name": account.name, "organisation": account.organisation_id}
    flags = {"is_active": "on", "reporter": "on", "leader": "on", "reason": "兼任"}
    return city.post(person, "organisations_account_change", account.pk, **fields, **flags)


def unlock(city: City, person: str) -> None:
    unlock_account(city.accounts["rep2"], actor=city.accounts[person])


DEEDS: Mapping[str, Mapping[str, Deed]] = {
    "extend a due day": {
        "add": lambda city, person: city.post(person, f"{EXTENSION}_add", **extension(city)),
        "change": lambda city, person: city.post(
            person, f"{EXTENSION}_change", city.rows["extension"].pk, due_on="2020-10-22", reason="台风"
        ),
        "delete": lambda city, person: city.post(person, f"{EXTENSION}_delete", city.rows["extension"].pk, post="yes"),
        "list": lambda city, person: city.act(person, EXTENSION, "delete_selected", city.rows["extension"], post="yes"),
        "domain": extend,
    },
    "open and close periods": {
        "close": lambda city, person: city.act(person, PERIOD, "close_periods", city.world.periods[3]),
        "open": lambda city, person: city.act(person, PERIOD, "open_periods", city.world.periods[3]),
        "add": lambda city, person: city.post(
            person, f"{PERIOD}_add", year="2021", quarter="1", opens_on="2021-04-01", due_on="2021-04-10"
        ),
        "change": lambda city, person: city.post(
            person, f"{PERIOD}_change", city.world.periods[3].pk, opens_on="2020-10-01", due_on="2020-10-12"
        ),
        "delete": lambda city, person: city.post(person, f"{PERIOD}_delete", city.world.periods[3].pk, post="yes"),
        "domain": lambda city, person: set_period_state(
            city.world.periods[3], PeriodState.CLOSED, actor=city.accounts[person]
        ),
        "codes": lambda city, person: open_periods(["2020Q3"], today=TODAY, actor=city.accounts[person]),
    },
    "divide targets": {
        "page": save_grid,
        "change": change_target,
        "add": add_target,
        "delete": lambda city, person: city.post(person, "targets_target_delete", beds(city).pk, post="yes"),
        "domain": set_target,
    },
    "edit plans": {
        "plan": change("plan", "title"),
        "section": change("section", "title"),
        "item": change("workitem", "title"),
        "promise": change("commitment", "statement"),
        "measure": change("indicator", "name"),
        "branch": change("programme", "name"),
        "unit": change("organisation", "short_name"),
        "+part": add_section,
        "+unit": add_organisation,
        "-part": delete("section"),
        "-measure": delete("indicator"),
        "-unit": delete("organisation", "organisations"),
    },
    "administer accounts": {
        "look": lambda city, person: city.get(person, "organisations_account_change", city.accounts["rep2"].pk),
        "add": lambda city, person: city.post(person, "organisations_account_add", **new_account(city)),
        "roles": give_role,
        "secret": on_account(
            "auth_user_password_change", usable_password="true", password1=PASSWORD, password2=PASSWORD
        ),
        "delete": on_account("organisations_account_delete", post="yes"),
        "unlock": lambda city, person: city.act(person, "organisations_account", "unlock", city.accounts["rep2"]),
        "domain": unlock,
    },
}

TABLES = {
    "extend a due day": """
                            rep  end  both rev  desk rev2 mix  lead man  sys  aud  rep2 end2 top
        add      both       403  403  403  done done done done 403  done 403  403  403  403  403
        add      one        403  403  403  done done says says 403  done 403  403  403  403  403
        change   both+day   403  403  403  done done done done 403  done 403  403  403  403  403
        change   one+day    403  403  403  done done 403  403  403  done 403  403  403  403  403
        delete   both+day   403  403  403  done done done done 403  done 403  403  403  403  403
        delete   one+day    403  403  403  done done 403  403  403  done 403  403  403  403  403
        list     both+day   403  403  403  done done done done 403  done 403  403  404  404  403
        list     one+day    403  403  403  done done 403  403  403  done 403  403  404  404  403
        domain   both       403  403  403  done done done done 403  done 403  403  403  403  403
        domain   one        403  403  403  done done 403  403  403  done 403  403  403  403  403
        """,
    "open and close periods": """
                            rep  end  both rev  desk rev2 mix  lead man  sys  aud  rep2 end2 top
        close    open       403  403  403  403  403  403  403  403  done 403  403  403  403  403
        close    closed     403  403  403  403  403  403  403  403  says 403  403  403  403  403
        open     closed     403  403  403  403  403  403  403  403  done 403  403  403  403  403
        add      open       403  403  403  403  403  403  403  403  done 403  403  403  403  403
        change   open       403  403  403  403  403  403  403  403  done 403  403  403  403  403
        delete   open       403  403  403  403  403  403  403  403  403  403  403  403  403  403
        domain   open       403  403  403  403  403  403  403  403  done 403  403  403  403  403
        codes    closed     403  403  403  403  403  403  403  403  done 403  403  403  403  403
        """,
    "divide targets": """
                            rep  end  both rev  desk rev2 mix  lead man  sys  aud  rep2 end2 top
        page     draft      403  403  403  done done 404  404  403  done 403  403  403  403  403
        change   draft      403  403  403  done done 404  403  403  done 403  403  403  403  403
        add      draft      403  403  403  done done says says 403  done 403  403  403  403  403
        delete   draft      403  403  403  403  403  403  403  403  403  403  403  403  403  403
        domain   draft      403  403  403  done done 403  403  403  done 403  403  403  403  403
        domain   approved   403  403  403  done done 403  403  403  done 403  403  403  403  403
        """,
    "edit plans": """
                            rep  end  both rev  desk rev2 mix  lead man  sys  aud  rep2 end2 top
        plan     used       403  403  403  403  403  403  403  403  done 403  403  403  403  403
        section  used       403  403  403  403  403  403  403  403  done 403  403  403  403  403
        item     used       403  403  403  403  403  403  403  403  done 403  403  403  403  403
        promise  used       403  403  403  403  403  403  403  403  done 403  403  403  403  403
        measure  used       403  403  403  403  403  403  403  403  done 403  403  403  403  403
        branch   used       403  403  403  403  403  403  403  403  done 403  403  403  403  403
        unit     used       403  403  403  403  403  403  403  403  done 403  403  403  403  403
        +part    used       403  403  403  403  403  403  403  403  done 403  403  403  403  403
        +unit    used       403  403  403  403  403  403  403  403  done 403  403  403  403  403
        -part    unused     403  403  403  403  403  403  403  403  done 403  403  403  403  403
        -measure used       403  403  403  403  403  403  403  403  says 403  403  403  403  403
        -measure unused     403  403  403  403  403  403  403  403  done 403  403  403  403  403
        -unit    used       403  403  403  403  403  403  403  403  says 403  403  403  403  403
        -unit    unused     403  403  403  403  403  403  403  403  done 403  403  403  403  403
        """,
    "administer accounts": """
                            rep  end  both rev  desk rev2 mix  lead man  sys  aud  rep2 end2 top
        look     free       403  403  403  403  403  403  403  403  403  sees sees 403  403  403
        add      free       403  403  403  403  403  403  403  403  403  done 403  403  403  403
        roles    free       403  403  403  403  403  403  403  403  403  done 403  403  403  403
        secret   free       403  403  403  403  403  403  403  403  403  done 403  403  403  403
        delete   free       403  403  403  403  403  403  403  403  403  403  403  403  403  403
        unlock   locked     403  403  403  403  403  403  403  403  403  done 403  403  403  403
        unlock   free       403  403  403  403  403  403  403  403  403  says 403  403  403  403
        domain   locked     403  403  403  403  403  403  403  403  403  done 403  403  403  403
        domain   free       403  403  403  403  403  403  403  403  403  none 403  403  403  403
        """,
}  # fmt: skip


@pytest.mark.parametrize(("rule", "door", "state", "expected"), lines_of_tables(TABLES))
def test_who_may(city: City, rule: str, door: str, state: str, expected: dict[str, str]) -> None:
    STATES[state](city)
    assert tried(city, DEEDS[rule][door]) == expected
