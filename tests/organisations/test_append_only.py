"""The database itself refuses to change or delete what has been recorded."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.migrations.state import ProjectState

from organisations.append_only import MESSAGE, refuse_changes
from organisations.choices import Role
from organisations.models import Account, Organisation
from tests.world import HAISHU, World

TABLES = {"organisations_historicalaccount": Account, "organisations_historicalorganisation": Organisation}
STATEMENTS = [
    "UPDATE {} SET history_change_reason = 'another'",
    "UPDATE {} SET name = 'another' WHERE history_id = (SELECT max(history_id) FROM {})",
    "DELETE FROM {}",
]


@pytest.fixture
def changed(world: World) -> World:
    """A unit and an account that have changed since they were created."""
    for row in (world.units[HAISHU], world.account(HAISHU, Role.REPORTER)):
        row.name = "changed"
        row.save()
    return world


@pytest.mark.parametrize("statement", STATEMENTS)
@pytest.mark.parametrize("table", TABLES)
def test_the_history_refuses_sql(changed: World, table: str, statement: str) -> None:
    rows = TABLES[table].history.order_by("history_id")
    before = list(rows.values())
    assert before
    with pytest.raises(IntegrityError, match=MESSAGE), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.replace("{}", table))
    assert list(rows.values()) == before


def test_the_history_refuses_the_product_as_well(changed: World) -> None:
    account = changed.account(HAISHU, Role.REPORTER)
    row = account.history.latest()
    row.reporter, row.leader = False, True
    for attempt in (row.save, row.delete, account.history.all().delete, lambda: account.history.update(name="x")):
        with pytest.raises(IntegrityError, match=MESSAGE), transaction.atomic():
            attempt()
    assert (account.history.count(), account.history.latest().leader) == (2, False)


def test_an_account_that_the_history_names_cannot_vanish(changed: World) -> None:
    account, unit = changed.account(HAISHU, Role.REPORTER), changed.units[HAISHU]
    unit._history_user = account
    unit.save()
    with pytest.raises(IntegrityError, match=MESSAGE), transaction.atomic():
        account.delete()
    assert unit.history.latest().history_user == account


@pytest.mark.django_db(transaction=True)
def test_a_migration_guards_a_table_and_lets_go_of_it() -> None:
    operation, state = refuse_changes("append_only_try"), ProjectState()

    def migrate(step: str) -> None:
        with connection.schema_editor() as editor:
            getattr(operation, f"database_{step}")("organisations", editor, state, state)

    def run(statement: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement)

    run("CREATE TABLE append_only_try (number integer)")
    try:
        migrate("forwards")
        migrate("forwards")  # again, as after an alteration on SQLite
        run("INSERT INTO append_only_try VALUES (1)")
        for statement in ("UPDATE append_only_try SET number = 2", "DELETE FROM append_only_try"):
            with pytest.raises(IntegrityError, match=MESSAGE):
                run(statement)
        migrate("backwards")
        run("UPDATE append_only_try SET number = 2")
        run("DELETE FROM append_only_try WHERE number = 2")
    finally:
        run("DROP TABLE append_only_try")


@pytest.mark.django_db(transaction=True)
def test_the_guard_survives_the_emptying_between_tests(world: World) -> None:
    """Runs after a test that emptied the tables: their triggers must be back."""
    world.account(HAISHU, Role.REPORTER)
    with pytest.raises(IntegrityError, match=MESSAGE):
        Account.history.all().delete()
