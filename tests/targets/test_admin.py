"""The admin for every role: what shows, which rows, and that its doors lead to the domain."""

from datetime import date
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from organisations.choices import Role
from organisations.models import Account
from targets.domain.periods import extend_due_day
from targets.models import DueDayExtension, Period, Revision, Submission, Target, Transition
from tests.world import BEDS, CITY, COVERAGE, HAISHU, JIANGBEI, LEAD, NOW, World

MODELS = [f"{model._meta.app_label}_{model._meta.model_name}" for model in admin.site._registry]
EVERYWHERE = {model for model in MODELS if model != "organisations_account"}
STARTING = {
    Role.REPORTER: HAISHU, Role.ENDORSER: HAISHU, Role.REVIEWER: LEAD, Role.LEADER: CITY, Role.PLAN_MANAGER: CITY,
    Role.SYSTEM_ADMINISTRATOR: CITY, Role.AUDITOR: CITY,
}  # fmt: skip
SHOWN = {
    **dict.fromkeys(Role, EVERYWHERE),
    Role.AUDITOR: EVERYWHERE | {"organisations_account"},
    Role.SYSTEM_ADMINISTRATOR: {"organisations_account", "organisations_organisation"},
}
EDITED = {
    **dict.fromkeys(Role, set()),
    Role.SYSTEM_ADMINISTRATOR: {"organisations_account"},
    Role.REVIEWER: {"targets_target", "targets_duedayextension"},
    Role.PLAN_MANAGER: {
        "organisations_organisation", "targets_programme", "targets_plan", "targets_section", "targets_workitem",
        "targets_commitment", "targets_indicator", "targets_target", "targets_period", "targets_duedayextension",
    },
}  # fmt: skip


@pytest.fixture
def filled(world: World) -> World:
    for unit in (HAISHU, JIANGBEI):
        world.record(world.entry(unit, BEDS, 3, 1), world.entry(unit, COVERAGE, 3, 1, 2))
    return world


def as_role(world: World, role: Role, unit: str | None = None) -> Client:
    client = Client()
    client.force_login(world.account(unit or STARTING[role], role))
    return client


def page(client: Client, name: str, *args: object, status: int = 200, **params: object) -> Any:
    answer = client.get(reverse(f"admin:{name}", args=args), params)
    assert answer.status_code == status, (name, answer.status_code)
    return answer


def act(client: Client, action: str, *rows: Submission, **more: object) -> Any:
    data = {"action": action, "_selected_action": [row.pk for row in rows], **more}
    return client.post(reverse("admin:targets_submission_changelist"), data, follow=True)


@pytest.mark.parametrize("role", list(Role))
def test_what_each_role_sees_and_edits(filled: World, role: Role) -> None:
    client = as_role(filled, role)
    page(client, "index")
    for model in MODELS:
        page(client, f"{model}_changelist", status=200 if model in SHOWN[role] else 403)
        page(client, f"{model}_add", status=200 if model in EDITED[role] else 403)


@pytest.mark.parametrize("model", MODELS)
def test_every_list_searches_and_takes_a_constant_number_of_queries(
    filled: World, model: str, django_assert_max_num_queries
) -> None:
    role = Role.SYSTEM_ADMINISTRATOR if model == "organisations_account" else Role.PLAN_MANAGER
    client = as_role(filled, role)
    page(client, f"{model}_changelist", q="海曙")

    def queries() -> int:
        with django_assert_max_num_queries(40) as context:
            page(client, f"{model}_changelist")
        return len(context)

    filled.account(JIANGBEI, Role.REPORTER)
    first = queries()
    for unit in ("330225", "3302-DX"):
        filled.record(filled.entry(unit, BEDS, 3, 5), filled.entry(unit, COVERAGE, 3, 1, 3))
        filled.account(unit, Role.ENDORSER)
    filled.submit("330225", 3)
    assert queries() == first


def test_reporters_see_their_own_rows_and_others_are_404(filled: World) -> None:
    client = as_role(filled, Role.REPORTER)
    own, other = filled.submission(HAISHU, 3), filled.submission(JIANGBEI, 3)
    page(client, "targets_submission_change", own.pk)
    page(client, "targets_submission_change", other.pk, status=404)
    rows = page(client, "targets_figure_changelist").context["cl"].queryset
    assert {row.submission.organisation.code for row in rows} == {HAISHU}


def test_the_way_through_review_by_admin_actions(filled: World) -> None:
    submission = filled.submission(HAISHU, 3)
    act(as_role(filled, Role.REPORTER), "submit", submission)
    act(as_role(filled, Role.ENDORSER), "endorse", submission)
    act(as_role(filled, Role.REVIEWER), "approve", submission)
    submission.refresh_from_db()
    assert submission.state == "approved"
    assert list(Transition.objects.order_by("pk").values_list("action", "origin")) == [
        ("submit", "admin"), ("endorse", "admin"), ("approve", "admin"),
    ]  # fmt: skip


def test_returning_asks_for_a_reason_on_a_page_of_its_own(filled: World) -> None:
    submission = filled.endorse(HAISHU, 3)
    reviewer = as_role(filled, Role.REVIEWER)
    asked = act(reviewer, "send_back", submission)
    assert asked.context["form"].fields["reason"].required
    empty = act(reviewer, "send_back", submission, reason="  ")
    assert empty.context["form"].errors["reason"]
    assert filled.submission(HAISHU, 3).state == "endorsed"
    act(reviewer, "send_back", submission, reason="口径不符")
    assert filled.submission(HAISHU, 3).state == "draft"
    assert Transition.objects.get(action="return").reason == "口径不符"


def test_a_refused_action_says_why_and_the_others_go_on(filled: World) -> None:
    ready, empty = filled.submission(HAISHU, 3), filled.submission(HAISHU, 2)
    answer = act(as_role(filled, Role.REPORTER), "submit", ready, empty)
    levels = sorted(message.level_tag for message in answer.context["messages"])
    assert levels == ["error", "success"]
    assert filled.submission(HAISHU, 3).state == "submitted"
    assert filled.submission(HAISHU, 2).state == "draft"


def test_actions_belong_to_roles(filled: World) -> None:
    def offered(role: Role) -> set[str]:
        client = as_role(filled, role)
        choices = page(client, "targets_submission_changelist").context["action_form"]
        return {name for name, _label in choices.fields["action"].choices if name} if choices else set()

    assert offered(Role.REPORTER) == {"submit"}
    assert offered(Role.ENDORSER) == {"endorse", "send_back"}
    assert offered(Role.REVIEWER) == {"approve", "send_back", "reopen"}
    assert offered(Role.LEADER) == offered(Role.AUDITOR) == set()
    act(as_role(filled, Role.REPORTER), "approve", filled.endorse(HAISHU, 3))
    assert filled.submission(HAISHU, 3).state == "endorsed"


def test_a_target_changes_through_the_domain(filled: World) -> None:
    row = Target.objects.get(commitment__code="0902", organisation__code=HAISHU)
    client = as_role(filled, Role.REVIEWER)
    url = reverse("admin:targets_target_change", args=[row.pk])
    data = {"reports": "on", "numerator": "420", "denominator": "", "baseline": ""}
    assert client.post(url, data).context["adminform"].form.errors["reason"]
    assert client.post(url, {**data, "denominator": "0", "reason": "分解"}).status_code == 200
    assert client.post(url, {**data, "reason": "按上年占比分解"}).status_code == 302
    row.refresh_from_db()
    assert row.numerator == 420
    revision = Revision.objects.filter(kind="target").order_by("-pk")[0]
    assert (revision.new["numerator"], revision.origin, revision.reason) == ("420", "admin", "按上年占比分解")
    other = Target.objects.get(commitment__code="0704", organisation__code=HAISHU)
    other_url = reverse("admin:targets_target_change", args=[other.pk])
    assert client.post(other_url, {**data, "reason": "x"}).status_code == 404
    other.refresh_from_db()
    assert other.numerator is None


def test_a_target_is_added_through_the_domain(filled: World) -> None:
    client = as_role(filled, Role.PLAN_MANAGER)
    data = {
        "commitment": filled.commitments["0902"].pk, "organisation": filled.units[LEAD].pk, "reports": "",
        "numerator": "7", "reason": "补充",
    }  # fmt: skip
    assert client.post(reverse("admin:targets_target_add"), data).status_code == 302
    assert Target.objects.get(commitment__code="0902", organisation__code=LEAD).numerator == 7
    assert (
        client.post(
            reverse("admin:targets_target_add"), {**data, "reports": "on", "organisation": filled.units[CITY].pk}
        ).status_code
        == 200
    )


def test_periods_close_and_due_days_are_extended(filled: World) -> None:
    client = as_role(filled, Role.PLAN_MANAGER)
    period = filled.periods[3]
    data = {"action": "close_periods", "_selected_action": [period.pk]}
    client.post(reverse("admin:targets_period_changelist"), data)
    assert Period.objects.get(pk=period.pk).state == "closed"
    assert period.history.count() == 2
    data = {"period": period.pk, "organisation": filled.units[HAISHU].pk, "due_on": "2020-10-20", "reason": "台风"}
    assert client.post(reverse("admin:targets_duedayextension_add"), data).status_code == 302
    extension = DueDayExtension.objects.get()
    assert (extension.granted_by, extension.reason) == (filled.account(CITY, Role.PLAN_MANAGER), "台风")


def test_a_unit_is_renamed_but_not_moved_by_the_form(filled: World) -> None:
    client = as_role(filled, Role.PLAN_MANAGER)
    unit = filled.units["3302-DX"]
    url = reverse("admin:organisations_organisation_change", args=[unit.pk])
    form = client.get(url).context["adminform"].form
    data = {name: value for name, value in form.initial.items() if value is not None}
    moved = {**data, "name": "大榭民政局", "parent": filled.units[HAISHU].pk, "code": "X"}
    assert client.post(url, moved).status_code == 302
    unit.refresh_from_db()
    assert (unit.name, unit.path, unit.code) == ("大榭民政局", "3302/3302-DX/", "3302-DX")


LOCKED = {
    "plan": {"year": "2019", "issuer": HAISHU, "code": "x"},
    "period": {"year": "2021", "quarter": "1", "state": "closed"},
    "workitem": {"programme": None},
    "commitment": {"kind": "standing", "indicator": None, "code": "9"},
    "indicator": {"unit": "%", "form": "ratio", "bounded": "on", "code": "x", "per": "100"},
}


@pytest.mark.parametrize("model", LOCKED)
def test_what_figures_rest_on_cannot_be_changed_by_a_form(filled: World, model: str) -> None:
    """Whatever is posted, what reported figures belong to and what they mean stays."""
    rows = {
        "plan": filled.plan, "period": filled.periods[3], "workitem": filled.commitments["0902"].item,
        "commitment": filled.commitments["0902"], "indicator": filled.commitments["0902"].indicator,
    }  # fmt: skip
    row, client = rows[model], as_role(filled, Role.PLAN_MANAGER)
    url = reverse(f"admin:targets_{model}_change", args=[row.pk])
    before = type(row).objects.filter(pk=row.pk).values(*LOCKED[model]).get()
    initial = client.get(url).context["adminform"].form.initial
    posted = {name: value for name, value in {**initial, **LOCKED[model]}.items() if value is not None}
    assert client.post(url, posted).status_code == 302
    assert type(row).objects.filter(pk=row.pk).values(*LOCKED[model]).get() == before


def test_a_commitments_code_stands_once_in_the_plan(filled: World) -> None:
    client = as_role(filled, Role.PLAN_MANAGER)
    data = {
        "item": filled.commitments["0902"].item_id, "code": "0902", "kind": "standing", "statement": "重复",
        "comparator": "at_least", "pace": "linear", "reported_by": "lead",
    }  # fmt: skip
    assert client.post(reverse("admin:targets_commitment_add"), data).status_code == 200
    assert client.post(reverse("admin:targets_commitment_add"), {**data, "code": "0999"}).status_code == 302


@pytest.mark.parametrize("role", list(Role))
def test_nobody_writes_through_a_history_page(filled: World, role: Role) -> None:
    """The history package's own view would save what is posted by anybody who may look."""
    account = filled.account(STARTING[role], role)
    client = as_role(filled, role)
    for row in (filled.plan, filled.periods[1], filled.units[HAISHU], filled.commitments["0902"].indicator, account):
        history = row.history.first() or row.history.create(
            **{"history_date": "2020-01-01T00:00Z", "history_type": "~"}
        )
        name = f"admin:{row._meta.app_label}_{row._meta.model_name}_simple_history"
        before = type(row).objects.filter(pk=row.pk).values().get()
        answer = client.post(reverse(name, args=[row.pk, history.pk]), {"title": "x", "name": "x", "leader": "on"})
        assert answer.status_code == 405
        assert type(row).objects.filter(pk=row.pk).values().get() == before


def test_an_administrator_keeps_the_own_right(filled: World) -> None:
    account = filled.account(CITY, Role.SYSTEM_ADMINISTRATOR)
    client = as_role(filled, Role.SYSTEM_ADMINISTRATOR)
    data = {"username": account.username, "name": "改名", "organisation": account.organisation_id}
    assert client.post(reverse("admin:organisations_account_change", args=[account.pk]), data).status_code == 302
    account.refresh_from_db()
    assert (account.name, account.system_administrator, account.is_active) == ("改名", True, True)


def test_an_extension_is_later_and_stays_with_its_unit(filled: World) -> None:
    client = as_role(filled, Role.PLAN_MANAGER)
    data = {
        "period": filled.periods[3].pk,
        "organisation": filled.units[HAISHU].pk,
        "due_on": "2020-10-10",
        "reason": "x",
    }
    url = reverse("admin:targets_duedayextension_add")
    assert client.post(url, data).context["errors"]
    assert client.post(url, {**data, "due_on": "2020-10-20"}).status_code == 302
    change = reverse("admin:targets_duedayextension_change", args=[DueDayExtension.objects.get().pk])
    moved = {**data, "organisation": filled.units[JIANGBEI].pk, "due_on": "2020-10-21"}
    assert client.post(change, moved).status_code == 302
    extension = DueDayExtension.objects.get()
    assert (extension.organisation, str(extension.due_on)) == (filled.units[HAISHU], "2020-10-21")


@pytest.mark.parametrize("key", ["abc", "9" * 30, "1\0", "NaN"])
def test_forged_keys_are_no_server_errors(filled: World, key: str) -> None:
    client = as_role(filled, Role.PLAN_MANAGER)
    data = {"action": "close_periods", "_selected_action": [key]}
    assert client.post(reverse("admin:targets_period_changelist"), data).status_code == 400
    answer = client.post(
        reverse("admin:targets_section_add"), {"plan": key, "number": "五", "title": "x", "position": "1"}
    )
    assert answer.context["errors"]


def test_what_the_record_names_is_never_deleted(filled: World) -> None:
    rows = (
        (Role.PLAN_MANAGER, "targets_target", Target.objects.filter(organisation__code=HAISHU)[0]),
        (Role.PLAN_MANAGER, "targets_period", filled.periods[3]),
        (Role.SYSTEM_ADMINISTRATOR, "organisations_account", filled.account(HAISHU, Role.REPORTER)),
    )
    for role, name, row in rows:
        page(as_role(filled, role), f"{name}_delete", row.pk, status=403)


def test_what_belongs_to_others_has_no_history_page(filled: World) -> None:
    client = as_role(filled, Role.REPORTER)
    manager = filled.account(CITY, Role.PLAN_MANAGER)
    extend_due_day(filled.periods[3], filled.units[JIANGBEI], date(2020, 10, 20), actor=manager, at=NOW, reason="台风")
    page(client, "targets_submission_history", filled.submission(JIANGBEI, 3).pk, status=404)
    page(client, "organisations_organisation_history", filled.units[JIANGBEI].pk, status=404)
    page(client, "targets_duedayextension_history", DueDayExtension.objects.get().pk, status=404)
    assert not page(client, "targets_duedayextension_changelist").context["cl"].queryset.exists()


def test_revisions_are_seen_by_who_sees_their_subject(filled: World) -> None:
    filled.target("0902", HAISHU, 5)
    filled.target("0704", JIANGBEI, 5)

    def seen(unit: str, role: Role) -> set[tuple[str, str]]:
        rows = Revision.objects.visible_to(filled.account(unit, role))
        return {(row.kind, row.organisation.code) for row in rows}

    assert seen(HAISHU, Role.REPORTER) == {("figure", HAISHU), ("target", HAISHU)}
    assert seen(LEAD, Role.REVIEWER) == {("figure", HAISHU), ("figure", JIANGBEI), ("target", HAISHU)}
    assert seen(CITY, Role.LEADER) == set()


def test_a_new_period_and_a_reopened_one_have_their_drafts(filled: World) -> None:
    client = as_role(filled, Role.PLAN_MANAGER)
    Submission.objects.filter(period=filled.periods[1]).delete()
    for action in ("close_periods", "open_periods"):
        client.post(
            reverse("admin:targets_period_changelist"), {"action": action, "_selected_action": [filled.periods[1].pk]}
        )
    assert Submission.objects.filter(period=filled.periods[1]).count() == 9


def test_lateness_counts_from_the_extended_day(filled: World) -> None:
    manager = filled.account(CITY, Role.PLAN_MANAGER)
    submission = filled.submit(HAISHU, 3)
    Submission.objects.filter(pk=submission.pk).update(first_submitted_at="2020-10-15T02:00:00Z")
    rows = page(as_role(filled, Role.REPORTER), "targets_submission_changelist").context["cl"].queryset
    row = rows.get(pk=submission.pk)
    assert row.days_late(row.due_day, date(2020, 10, 30)) == 5
    extend_due_day(filled.periods[3], filled.units[HAISHU], date(2020, 10, 20), actor=manager, at=NOW, reason="台风")
    row = rows.get(pk=submission.pk)
    assert row.days_late(row.due_day, date(2020, 10, 30)) == 0


def test_history_buttons_lead_to_the_record(filled: World) -> None:
    client = as_role(filled, Role.PLAN_MANAGER)
    target = Target.objects.get(commitment__code="0902", organisation__code=HAISHU)
    figure = filled.submission(HAISHU, 3).figures.get()
    for name, row in (("submission", figure.submission), ("figure", figure), ("target", target)):
        answer = client.get(reverse(f"admin:targets_{name}_history", args=[row.pk]), follow=True)
        assert answer.status_code == 200
        assert answer.redirect_chain[-1][0].startswith("/admin/targets/revision/?")


def test_accounts_are_made_by_the_system_administrator_with_roles_that_fit(filled: World) -> None:
    client = as_role(filled, Role.SYSTEM_ADMINISTRATOR)
    data = {
        "username": "wang", "name": "王敏", "organisation": filled.units[HAISHU].pk, "password1": "a long password 7",
        "password2": "a long password 7", "reporter": "on", "auditor": "on",
        "reason": "新入职",
    }  # fmt: skip
    url = reverse("admin:organisations_account_add")
    assert client.post(url, data).context["errors"]
    del data["auditor"]
    assert client.post(url, data).status_code == 302
    account = Account.objects.get(username="wang")
    assert (account.roles, account.check_password("a long password 7")) == ([Role.REPORTER], True)
    change = reverse("admin:organisations_account_change", args=[account.pk])
    assert client.get(change).status_code == 200
    assert client.get(reverse("admin:auth_user_password_change", args=[account.pk])).status_code == 200
    assert account.history.count() == 1


def test_history_pages_of_reference_data(filled: World) -> None:
    client = as_role(filled, Role.PLAN_MANAGER)
    page(client, "targets_plan_history", filled.plan.pk)
    page(client, "targets_plan_change", filled.plan.pk)


def test_the_login_page_is_one_for_all(client: Client, db: None) -> None:
    answer = client.get(reverse("admin:index"), follow=True)
    assert answer.redirect_chain[-1][0] == "/login/?next=/admin/"
