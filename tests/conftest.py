import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection
from django.test import TransactionTestCase
from django.utils import translation
from playwright.sync_api import Browser, sync_playwright

from tests.world import World, build_world


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


@pytest.fixture(scope="module")
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
