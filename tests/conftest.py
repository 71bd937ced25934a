import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.test import Client, TransactionTestCase
from django.utils import translation
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from pytest_django.live_server_helper import LiveServer

from organisations.choices import Role
from organisations.models import Account
from tests.world import World, build_world

Open = Callable[..., Page]
Enter = Callable[..., Page]
EXPECTED = ("401", "409", "422")  # refusals, which the browser calls failed loads


def _flush_without_guard(test_case: TransactionTestCase) -> None:
    """Between transactional tests SQLite empties tables by DELETE, which the triggers of append-only tables refuse."""
    if connection.vendor != "sqlite":
        _flush(test_case)
        return
    with connection.cursor() as cursor:
        triggers = cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _sql in triggers:
            cursor.execute(f"DROP TRIGGER {name}")
        try:
            _flush(test_case)
        finally:
            for _name, sql in triggers:
                cursor.execute(sql)


_flush = TransactionTestCase._fixture_teardown
TransactionTestCase._fixture_teardown = _flush_without_guard


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """SQLite in a file, as in use: in memory all threads of a live server would share one connection."""
    if connection.vendor == "sqlite":
        connection.settings_dict["TEST"]["NAME"] = str(tmp_path_factory.mktemp("database") / "test.sqlite3")


@pytest.fixture
def world(db: None) -> World:
    """A small city: two departments, three districts and a zone, one plan; see tests/world.py."""
    return build_world()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks what uses a database: a second one repeats these tests and no others (script/test)."""
    for item in items:
        if item.get_closest_marker("django_db") or DATABASE_FIXTURES & set(getattr(item, "fixturenames", ())):
            item.add_marker("database")


DATABASE_FIXTURES = {"db", "transactional_db", "live_server"}


@pytest.fixture
def english() -> Iterator[None]:
    """Pages and texts in the language of their source, so that no test depends on a translation."""
    with translation.override("en"):
        yield


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The system's Chromium (CHROMIUM says which); script/test installs it where it can."""
    names = (os.environ.get("CHROMIUM"), "chromium", "chromium-browser", "google-chrome")
    path = next((found for name in names if name and (found := shutil.which(name))), None)
    if path is None:
        pytest.skip("no Chromium here")
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def media(settings, tmp_path) -> Path:
    """Uploaded files go to a folder of the test's own."""
    settings.MEDIA_ROOT = tmp_path / "uploads"
    return settings.MEDIA_ROOT


# ---- browsers

expect.set_options(timeout=20_000)  # what is waited for comes at once, unless the machine is busy with other tests


@pytest.fixture
def live_world(transactional_db: None, media: Path) -> World:
    """The small city where a browser's server can see it."""
    return build_world()


@pytest.fixture
def faults() -> list[str]:
    """What the browsers had to complain about: the policy, scripts, missing files, other hosts."""
    return []


@pytest.fixture
def open_page(live_server: LiveServer, chromium: Browser, faults: list[str]) -> Iterator[Open]:
    """open_page(account, width=1440, **options): a browser of its own, in which the account is logged in.

    Nobody is logged in where the account is None; the options are those of a browser's context.
    """
    contexts: list[BrowserContext] = []

    def open_context(account: Account | None = None, width: int = 1440, **options: object) -> Page:
        options = {"viewport": {"width": width, "height": 900}, **options}
        context = chromium.new_context(base_url=live_server.url, **options)
        contexts.append(context)
        if account is not None:
            context.add_cookies([{**_session(account), "url": live_server.url}])
        page = context.new_page()
        page.on(
            "console",
            lambda message: None if any(code in message.text for code in EXPECTED) else faults.append(message.text),
        )
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("request", lambda request: None if live_server.url in request.url else faults.append(request.url))
        return page

    yield open_context
    for context in contexts:
        context.close()


def _session(account: Account) -> dict[str, str]:
    """The cookie of a session that has just begun; that a password opens it is tried in test_browser.py."""
    client = Client()
    client.force_login(account)
    name = django_settings.SESSION_COOKIE_NAME
    return {"name": name, "value": client.cookies[name].value}


@pytest.fixture
def enter(live_world: World, open_page: Open) -> Enter:
    """enter(unit, role, width=1440, **options): the small city's account in a browser of its own."""

    def as_person(unit: str, role: Role, width: int = 1440, **options: object) -> Page:
        return open_page(live_world.account(unit, role), width, **options)

    return as_person
