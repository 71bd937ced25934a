"""Tables to which rows are only added: the database itself refuses UPDATE and DELETE on them.

SQLite makes a table anew to alter it, and the triggers go with the old one: a migration that alters such a table is
followed by `refuse_changes` for it again.
"""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

EVENTS = ("UPDATE", "DELETE")
MESSAGE = "the record is append-only"


def refuse_changes(*tables: str) -> migrations.RunPython:
    """The operation of a migration that guards the tables, on PostgreSQL and on SQLite; undone, it lets go of them.

    Run again for a table that is guarded already, it changes nothing.
    """

    def guard(apps: object, editor: BaseDatabaseSchemaEditor) -> None:
        for table in tables:
            _let_go(editor, table)
            _guard(editor, table)

    def let_go(apps: object, editor: BaseDatabaseSchemaEditor) -> None:
        for table in tables:
            _let_go(editor, table)

    return migrations.RunPython(guard, let_go)


def _guard(editor: BaseDatabaseSchemaEditor, table: str) -> None:
    if editor.connection.vendor == "postgresql":
        editor.execute(
            f"CREATE FUNCTION {table}_refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{MESSAGE}' USING ERRCODE = 'integrity_constraint_violation'; END $$"
        )
    for event in EVENTS:
        head = f"CREATE TRIGGER {table}_no_{event.lower()} BEFORE {event} ON {table}"
        if editor.connection.vendor == "postgresql":
            editor.execute(f"{head} FOR EACH ROW EXECUTE FUNCTION {table}_refuse_change()")
        else:
            editor.execute(f"{head} BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END")


def _let_go(editor: BaseDatabaseSchemaEditor, table: str) -> None:
    on_table = f" ON {table}" if editor.connection.vendor == "postgresql" else ""
    for event in EVENTS:
        editor.execute(f"DROP TRIGGER IF EXISTS {table}_no_{event.lower()}{on_table}")
    if on_table:
        editor.execute(f"DROP FUNCTION IF EXISTS {table}_refuse_change()")
