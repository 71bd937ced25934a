from django.db import migrations, models

import organisations.history

WAYS = [("admin", "Admin"), ("page", "Page"), ("api", "REST interface"), ("command", "Command line")]


def actor_name(default):
    return models.CharField(default=default, max_length=130, verbose_name="name at the time")


def way(default):
    return models.CharField(choices=WAYS, default=default, max_length=7, verbose_name="by which way")


class Migration(migrations.Migration):
    """Of the rows that are there already the way is not known, and stays empty."""

    dependencies = [("organisations", "0004_former_passwords")]
    operations = [
        operation(model_name=model, name=name, field=field)
        for model in ("historicalaccount", "historicalorganisation")
        for operation, name, field in (
            (migrations.AddField, "actor_name", actor_name("")),
            (migrations.AddField, "way", way("")),
            (migrations.AlterField, "actor_name", actor_name(organisations.history.actor_name_now)),
            (migrations.AlterField, "way", way(organisations.history.way_now)),
        )
    ]
