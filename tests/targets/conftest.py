from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page
from pytest_django.live_server_helper import LiveServer

from organisations.choices import Role
from organisations.models import Account
from tests.world import World, build_world

Open = Callable[..., Page]
EXPECTED = ("401", "409", "422")  # refusals, which the browser calls failed loads


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
    """open_page(account, width=1440): a browser of its own, in which the account is logged in."""
    contexts: list[BrowserContext] = []

    def log_in(account: Account, width: int = 1440) -> Page:
        client = Client()
        client.force_login(account)
        context = chromium.new_context(base_url=live_server.url, viewport={"width": width, "height": 900})
        cookie = client.cookies[django_settings.SESSION_COOKIE_NAME].value
        context.add_cookies([{"name": django_settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
        contexts.append(context)
        page = context.new_page()
        page.on(
            "console",
            lambda message: None if any(code in message.text for code in EXPECTED) else faults.append(message.text),
        )
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("request", lambda request: None if live_server.url in request.url else faults.append(request.url))
        return page

    yield log_in
    for context in contexts:
        context.close()


@pytest.fixture
def enter(live_world: World, open_page: Open) -> Callable[..., Page]:
    """enter(unit, role): the small city's account in a browser of its own."""

    def as_person(unit: str, role: Role, width: int = 1440) -> Page:
        return open_page(live_world.account(unit, role), width)

    return as_person
