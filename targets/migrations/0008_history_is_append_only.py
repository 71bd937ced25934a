from django.db import migrations

from organisations.append_only import refuse_changes

TABLES = ("commitment", "duedayextension", "indicator", "period", "plan", "programme", "section", "workitem")


class Migration(migrations.Migration):
    dependencies = [("targets", "0007_remarks_are_append_only")]
    operations = [refuse_changes(*(f"targets_historical{name}" for name in TABLES))]
