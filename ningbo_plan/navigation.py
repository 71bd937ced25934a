"""What stands in the admin's sidebar for an account: its work with counts, and the data behind it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from organisations.choices import Role
from organisations.models import Account
from targets import clock
from targets.worklists import Counts, count_work


@dataclass(frozen=True, slots=True)
class Entry:
    """One line that the sidebar can have: for which roles, and where it leads.

    `covers`: the names of the pages that belong to it; one that ends in "_" stands for all that begin so.
    `count` names the field of Counts beside it.
    """

    title: str | Promise
    roles: tuple[Role, ...]
    view: str
    fragment: str = ""
    covers: tuple[str, ...] = ()
    count: str = ""


ENVELOPE = "targets_submission_change"  # a submission is worked on from the list that names it
STAFF = (Role.REPORTER, Role.ENDORSER, Role.REVIEWER)
MENU: tuple[tuple[str | Promise, tuple[Entry, ...]], ...] = (
    (
        _("Reporting"),
        (
            Entry(_("My reports"), (Role.REPORTER,), "admin:index", "my-reports", (ENVELOPE,), "reporting"),
            Entry(_("To endorse"), (Role.ENDORSER,), "admin:index", "to-endorse", (ENVELOPE,), "endorsing"),
            Entry(_("To approve for the city"), (Role.REVIEWER,), "admin:index", "to-approve", (ENVELOPE,),
                  "approving"),
            Entry(_("Upload a spreadsheet"), (Role.REPORTER,), "admin:upload", covers=("upload", "upload_")),
            Entry(_("Past reports"), STAFF, "admin:targets_submission_changelist", covers=("targets_submission_",)),
        ),
    ),
    (
        _("Management"),
        (
            Entry(_("Reporting state"), (Role.PLAN_MANAGER, Role.REVIEWER), "admin:index", "reporting-state"),
            Entry(_("All submissions"), (Role.PLAN_MANAGER,), "admin:targets_submission_changelist",
                  covers=("targets_submission_",)),
            Entry(_("Decomposition"), (Role.PLAN_MANAGER, Role.REVIEWER), "admin:decomposition",
                  covers=("decomposition", "decomposition_")),
            Entry(_("Periods"), (Role.PLAN_MANAGER,), "admin:targets_period_changelist", covers=("targets_period_",)),
            Entry(_("Extensions"), (Role.PLAN_MANAGER, Role.REVIEWER), "admin:targets_duedayextension_changelist",
                  covers=("targets_duedayextension_",)),
        ),
    ),
    (
        _("The record"),
        (
            Entry(_("All changes"), (Role.AUDITOR,), "admin:targets_revision_changelist",
                  covers=("targets_revision_",)),
            Entry(_("All steps of review"), (Role.AUDITOR,), "admin:targets_transition_changelist",
                  covers=("targets_transition_",)),
        ),
    ),
    (
        _("Accounts and units"),
        (
            Entry(_("Accounts"), (Role.SYSTEM_ADMINISTRATOR,), "admin:organisations_account_changelist",
                  covers=("organisations_account_", "auth_user_password_change")),
            Entry(_("Units"), (Role.SYSTEM_ADMINISTRATOR,), "admin:organisations_organisation_changelist",
                  covers=("organisations_organisation_",)),
        ),
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Item:
    """A link of the sidebar; `count` is 0 where nothing waits."""

    title: str | Promise
    url: str
    current: bool = False
    count: int = 0


@dataclass(frozen=True, slots=True)
class Group:
    title: str | Promise
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Navigation:
    """The sidebar: groups of work, and the stock lists, folded unless one of them is the present page."""

    work: tuple[Group, ...]
    data: tuple[Group, ...]

    @property
    def waiting(self) -> int:
        """How much waits altogether: what the folded menu of a narrow screen shows."""
        return sum(item.count for group in self.work for item in group.items)

    @property
    def shows_data(self) -> bool:
        return any(item.current for group in self.data for item in group.items)


def navigation_of(request: HttpRequest, app_list: Sequence[Any]) -> Navigation:
    """The sidebar of a request; at most one query. `app_list` are the stock lists that the account may open."""
    account: Any = request.user
    counts = count_work(account, clock.today())
    page = request.resolver_match.url_name or "" if request.resolver_match else ""
    work = _mark_first(_work(account, page, counts))
    linked = {item.url for group in work for item in group.items}
    return Navigation(work, tuple(_data(app_list, linked, page)))


def _work(account: Account, page: str, counts: Counts) -> Iterator[Group]:
    for title, entries in MENU:
        items = tuple(_item(entry, page, counts) for entry in entries if account.has_role(entry.roles))
        if items:
            yield Group(title, items)


def _item(entry: Entry, page: str, counts: Counts) -> Item:
    is_home = entry.view == "admin:index" and page == "index"
    return Item(
        title=entry.title,
        url=reverse(entry.view) + (f"#{entry.fragment}" if entry.fragment else ""),
        current=is_home or any(_covers(cover, page) for cover in entry.covers),
        count=getattr(counts, entry.count) if entry.count else 0,
    )


def _covers(cover: str, page: str) -> bool:
    return page.startswith(cover) if cover.endswith("_") else page == cover


def _mark_first(groups: Iterable[Group]) -> tuple[Group, ...]:
    """Of several items that the page belongs to, the first is marked: there is one present page."""
    marked, found = [], False
    for group in groups:
        items = []
        for item in group.items:
            items.append(replace(item, current=item.current and not found))
            found = found or item.current
        marked.append(replace(group, items=tuple(items)))
    return tuple(marked)


def _data(app_list: Sequence[Any], linked: set[str], page: str) -> Iterator[Group]:
    for group in app_list:
        items = tuple(
            Item(model["name"], model["admin_url"], page.startswith(_prefix(model)))
            for model in group["models"]
            if model["admin_url"] not in linked
        )
        if items:
            yield Group(group["name"], items)


def _prefix(model: Any) -> str:
    meta = model["model"]._meta
    return f"{meta.app_label}_{meta.model_name}_"
