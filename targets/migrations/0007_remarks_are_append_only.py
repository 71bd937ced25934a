from django.db import migrations

EVENTS = ("UPDATE", "DELETE")
MESSAGE = "the record is append-only"


def add_triggers(apps, schema_editor):
    act = f"BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
    if schema_editor.connection.vendor == "postgresql":
        act = "FOR EACH ROW EXECUTE FUNCTION targets_refuse_change()"
    for event in EVENTS:
        schema_editor.execute(
            f"CREATE TRIGGER targets_remark_no_{event.lower()} BEFORE {event} ON targets_remark {act}"
        )


def drop_triggers(apps, schema_editor):
    on_table = " ON targets_remark" if schema_editor.connection.vendor == "postgresql" else ""
    for event in EVENTS:
        schema_editor.execute(f"DROP TRIGGER targets_remark_no_{event.lower()}{on_table}")


class Migration(migrations.Migration):
    dependencies = [("targets", "0006_record_of_evidence_and_explanations")]
    operations = [migrations.RunPython(add_triggers, drop_triggers)]
