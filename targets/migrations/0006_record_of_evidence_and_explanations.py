from importlib import import_module

from django.db import migrations, models

guard = import_module("targets.migrations.0002_record_is_append_only")


def restore_triggers(apps, schema_editor):
    """SQLite builds a changed table anew, and the triggers on the old one are gone."""
    if schema_editor.connection.vendor == "sqlite":
        for table in guard.TABLES:
            for event in guard.EVENTS:
                schema_editor.execute(f"DROP TRIGGER IF EXISTS {table}_no_{event.lower()}")
        guard.add_triggers(apps, schema_editor)


class Migration(migrations.Migration):
    dependencies = [("targets", "0005_remarks")]
    operations = [
        migrations.RunPython(migrations.RunPython.noop, restore_triggers),
        migrations.RemoveConstraint(
            model_name="revision",
            name="revision_names_its_subject",
        ),
        migrations.AlterField(
            model_name="revision",
            name="kind",
            field=models.CharField(
                choices=[
                    ("figure", "Figure"),
                    ("note", "Progress note"),
                    ("target", "Target"),
                    ("evidence", "Evidence"),
                    ("explanation", "Explanation"),
                ],
                max_length=11,
                verbose_name="what",
            ),
        ),
        migrations.AddConstraint(
            model_name="revision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("commitment__isnull", True),
                        ("indicator__isnull", False),
                        ("kind", "figure"),
                        ("submission__isnull", False),
                    ),
                    models.Q(
                        ("commitment__isnull", False),
                        ("indicator__isnull", True),
                        ("kind__in", ["note", "evidence", "explanation"]),
                        ("submission__isnull", False),
                    ),
                    models.Q(
                        ("commitment__isnull", False),
                        ("indicator__isnull", True),
                        ("kind", "target"),
                        ("submission__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="revision_names_its_subject",
            ),
        ),
        migrations.RunPython(restore_triggers, migrations.RunPython.noop),
    ]
