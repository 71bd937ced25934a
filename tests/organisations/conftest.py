from collections.abc import Callable, Iterator

import pytest
from django.test import Client
from django.utils import translation

from organisations.choices import Role
from organisations.models import Account
from tests.world import World

PASSWORD = "a-good-password"


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """The pages in the language of their source, so that no test depends on a translation."""
    with translation.override("en"):
        yield


@pytest.fixture(autouse=True)
def quick_hashes(settings) -> None:
    """Hashing is slow by design; what is tried here does not depend on that."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def as_account(world: World) -> Callable[..., Client]:
    """as_account(unit, role): a browser in which this account has logged in."""

    def enter(unit: str, role: Role) -> Client:
        client = Client(headers={"Accept-Language": "en"})
        client.force_login(world.account(unit, role))
        return client

    return enter


def give_password(account: Account, password: str = PASSWORD) -> Account:
    account.set_password(password)
    account.save()
    return account
