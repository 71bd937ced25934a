from django.db import migrations

TABLES = ("targets_revision", "targets_transition")
EVENTS = ("UPDATE", "DELETE")
MESSAGE = "the record is append-only"


def add_triggers(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    if vendor == "postgresql":
        schema_editor.execute(
            "CREATE FUNCTION targets_refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{MESSAGE}' USING ERRCODE = 'integrity_constraint_violation'; END $$"
        )
    for table in TABLES:
        for event in EVENTS:
            name = f"{table}_no_{event.lower()}"
            if vendor == "postgresql":
                schema_editor.execute(
                    f"CREATE TRIGGER {name} BEFORE {event} ON {table} "
                    "FOR EACH ROW EXECUTE FUNCTION targets_refuse_change()"
                )
            else:
                schema_editor.execute(
                    f"CREATE TRIGGER {name} BEFORE {event} ON {table} BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
                )


def drop_triggers(apps, schema_editor):
    on_table = schema_editor.connection.vendor == "postgresql"
    for table in TABLES:
        for event in EVENTS:
            schema_editor.execute(f"DROP TRIGGER {table}_no_{event.lower()}" + (f" ON {table}" if on_table else ""))
    if on_table:
        schema_editor.execute("DROP FUNCTION targets_refuse_change()")


class Migration(migrations.Migration):
    dependencies = [("targets", "0001_plan_figures_and_record")]
    operations = [migrations.RunPython(add_triggers, drop_triggers)]
