"""Everybody who works here, every door that leads somewhere, and in one word what came of knocking at it.

done  it has happened: the answer is 200 or 302, and the database is another one
sees  the page is shown, and the database is as it was
403   forbidden, with a sentence
404   nothing there for this person
405   a page to look at, which takes nothing
says  refused with a sentence: 409 or 422, the errors of a form, a message, or the domain's Refused
none  an answer without a word, and nothing has happened
A mark behind the word tells what is wrong with it: "!" something was changed all the same, "?" no sentence.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.messages import constants, get_messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.http.response import HttpResponseBase
from django.test import Client
from django.urls import reverse

from organisations.choices import Role
from organisations.models import Account, Organisation
from targets.models import (
    Commitment,
    DueDayExtension,
    Evidence,
    Explanation,
    Figure,
    Indicator,
    Period,
    Plan,
    Programme,
    ProgressNote,
    Remark,
    Revision,
    Section,
    Submission,
    Target,
    Transition,
    Upload,
    WorkItem,
)
from targets.problems import Refused
from tests.world import BEDS, CITY, HAISHU, JIANGBEI, LEAD, OTHER_LEAD, TODAY, World, build_world

PERSONS = {  # the columns of the tables: the unit, and the roles there
    "rep": (HAISHU, Role.REPORTER),
    "end": (HAISHU, Role.ENDORSER),
    "both": (HAISHU, Role.REPORTER, Role.ENDORSER),
    "rev": (LEAD, Role.REVIEWER),  # of the programme 养老
    "desk": (LEAD, Role.REVIEWER, Role.REPORTER),
    "rev2": (OTHER_LEAD, Role.REVIEWER),  # of another programme
    "mix": (OTHER_LEAD, Role.REVIEWER, Role.LEADER),
    "lead": (CITY, Role.LEADER),
    "man": (CITY, Role.PLAN_MANAGER),
    "sys": (CITY, Role.SYSTEM_ADMINISTRATOR),
    "aud": (CITY, Role.AUDITOR),
    "rep2": (JIANGBEI, Role.REPORTER),  # of another unit
    "end2": (JIANGBEI, Role.ENDORSER),
    "top": (CITY, Role.REPORTER),  # of a unit above
}
WATCHED = (
    Account, Organisation, Commitment, DueDayExtension, Evidence, Explanation, Figure, Indicator, Period, Plan,
    Programme, ProgressNote, Remark, Revision, Section, Submission, Target, Transition, Upload, WorkItem,
    Account.history.model,
)  # fmt: skip
Deed = Callable[["City", str], Any]


@dataclass
class City:
    """The small city with everybody in it, each with a browser in which the person is logged in."""

    world: World
    accounts: dict[str, Account] = field(default_factory=dict)
    clients: dict[str, Client] = field(default_factory=dict)
    sessions: dict[str, str] = field(default_factory=dict)
    subject: tuple[str, int] = (HAISHU, 3)  # whose submission of 养老 the tables are about, and of which quarter
    rows: dict[str, Any] = field(default_factory=dict)  # what a state has prepared for its deeds

    def __post_init__(self) -> None:
        for person, (unit, *roles) in PERSONS.items():
            account = self.world.account(unit, roles[0]) if len(roles) == 1 else self._combined(person, unit, roles)
            self.accounts[person] = account
            self.clients[person] = Client(headers={"Accept-Language": "en"})
            self.clients[person].force_login(account)
            self.sessions[person] = self.clients[person].cookies[settings.SESSION_COOKIE_NAME].value

    def _combined(self, person: str, unit: str, roles: Iterable[Role]) -> Account:
        account = Account(
            username=person, name=person, organisation=self.world.units[unit], **dict.fromkeys(roles, True)
        )
        account.set_unusable_password()
        account.save()
        return account

    @property
    def submission(self) -> Submission:
        return self.world.submission(*self.subject)

    def get(self, person: str, name: str, /, *arguments: object) -> HttpResponseBase:
        return self._ask(person, "get", reverse(f"admin:{name}", args=arguments), {})

    def post(self, person: str, name: str, /, *arguments: object, **fields: object) -> HttpResponseBase:
        return self._ask(person, "post", reverse(f"admin:{name}", args=arguments), fields)

    def act(self, person: str, model: str, action: str, row: Any, **fields: object) -> HttpResponseBase:
        """Runs an action of the stock admin's list on one row."""
        return self.post(person, f"{model}_changelist", action=action, _selected_action=[row.pk], **fields)

    def _ask(self, person: str, method: str, url: str, data: Mapping[str, object]) -> HttpResponseBase:
        client = self.clients[person]
        # As after the login: what an answer before has set was about a session that has been taken back.
        client.cookies = SimpleCookie({settings.SESSION_COOKIE_NAME: self.sessions[person]})
        return getattr(client, method)(url, data)


@pytest.fixture(scope="module")
def db(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """One transaction for all tests of a module, in the place of pytest-django's one for each test."""
    with django_db_blocker.unblock(), taken_back():
        yield


@pytest.fixture(scope="module")
def built(db: None) -> City:
    """The city, made once: every test takes back what it has written."""
    city = City(build_world())
    city.world.report(HAISHU, BEDS, 3, 5)
    return city


@pytest.fixture
def city(
    built: City, english: None, media: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> Iterator[City]:
    """The city as it was made; a refusal is what is expected, and not worth a line in a log."""
    monkeypatch.setattr(settings, "TODAY", TODAY)
    caplog.set_level(logging.CRITICAL, "django.request")
    built.subject, built.rows = (HAISHU, 3), {}
    with taken_back():
        yield built


def lines_of_tables(tables: Mapping[str, str]) -> list[Any]:
    """The lines as cases of a test: the rule, the two words that a line begins with, and what comes of it for each."""
    cases = []
    for rule, table in tables.items():
        head, *lines = (line.split() for line in table.strip().splitlines())
        assert head == list(PERSONS), rule
        for door, state, *words in lines:
            expected = dict(zip(PERSONS, words, strict=True))
            cases.append(pytest.param(rule, door, state, expected, id=f"{rule}-{door}-{state}"))
    return cases


@contextmanager
def taken_back() -> Iterator[None]:
    """Whatever is written inside is gone afterwards."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def everything() -> list[list[tuple[Any, ...]]]:
    """The rows of all tables that a rule is about; when somebody was last logged in is none of its business."""
    return [list(model.objects.order_by().values_list(*_columns(model))) for model in WATCHED]


def _columns(model: type[Any]) -> list[str]:
    return [each.attname for each in model._meta.concrete_fields if each.name != "last_login"]


def tried(city: City, deed: Deed) -> dict[str, str]:
    """What comes of the deed, for each person on the city as it is now."""
    before = everything()
    results = {}
    for person in PERSONS:
        with taken_back(), _writes() as writes:
            word = _word(city, deed, person)
            changed = bool(writes) and everything() != before
        results[person] = _told(word, changed)
    return results


@contextmanager
def _writes() -> Iterator[list[str]]:
    """The statements that may have changed something: without one, no table has to be compared."""
    seen: list[str] = []

    def note(execute: Callable[..., Any], sql: str, *arguments: Any) -> Any:
        if sql.startswith(("INSERT", "UPDATE", "DELETE")) and "django_session" not in sql:
            seen.append(sql)
        return execute(sql, *arguments)

    with connection.execute_wrapper(note):
        yield seen


def _told(word: str, changed: bool) -> str:
    if word in ("ok", "told"):
        return "done" if changed else {"ok": "none", "told": "says"}[word]
    return f"{word}!" if changed else word


def _word(city: City, deed: Deed, person: str) -> str:
    try:
        answer = deed(city, person)
    except PermissionDenied as error:
        return "403" if str(error) else "403?"
    except Refused as refused:
        return "says" if all(problem.message for problem in refused.problems) else "says?"
    except ValidationError as error:
        return "says" if all(error.messages) else "says?"
    if not isinstance(answer, HttpResponseBase):
        return _returned(answer)
    if answer.streaming:
        assert answer.getvalue()  # a file that is handed out; read to its end, it is closed
    return _answered(answer)


def _answered(answer: HttpResponseBase) -> str:
    if answer.status_code in (403, 404, 405):
        return str(answer.status_code)
    if answer.status_code in (409, 422):
        return "says" if list(_sentences(answer)) else "says?"
    assert answer.status_code in (200, 302), answer.status_code
    if answer.wsgi_request.method == "GET":
        return "sees" if answer.status_code == 200 else "none"
    if list(_sentences(answer)):
        return "says"
    return "told" if _messages(answer, constants.INFO) else "ok"


def _messages(answer: HttpResponseBase, *levels: int) -> list[str]:
    return [str(each) for each in get_messages(answer.wsgi_request) if each.level in levels]


def _returned(result: Any) -> str:
    """A list of rows with their problems tells what was left alone; what is to be seen is told as a bool."""
    if isinstance(result, bool):
        return "sees" if result else "404"
    rows = result if isinstance(result, list) else []
    left_alone = [row for row in rows if isinstance(row, tuple) and row[1] is not None]
    return "says" if left_alone else "ok"


def _sentences(answer: HttpResponseBase) -> Iterator[str]:
    """What the answer says against the deed, wherever it says so."""
    yield from _messages(answer, constants.WARNING, constants.ERROR)
    context = answer.context or {}
    problems = context.get("problems") or getattr(context.get("page"), "problems", ())
    problems = [*problems, *getattr(context.get("grid"), "remarks", ())]
    yield from (problem.message for problem in problems)
    yield from (str(each) for each in context.get("protected") or ())  # what stands in the way of a deletion
    for errors in (context.get("errors") or (), *getattr(context.get("form"), "errors", {}).values()):
        yield from (str(each) for each in errors)
