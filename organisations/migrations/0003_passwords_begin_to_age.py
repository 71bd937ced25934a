from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import migrations
from django.utils import timezone


def begin(apps, schema_editor):
    """The passwords that are there count as set today: nobody is sent to change one at the next click."""
    Account = apps.get_model("organisations", "Account")
    there = Account.objects.filter(password_changed_at=None, demo=False)
    there.exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX).update(password_changed_at=timezone.now())


class Migration(migrations.Migration):
    dependencies = [("organisations", "0002_age_of_passwords")]
    operations = [migrations.RunPython(begin, migrations.RunPython.noop)]
