from django.db import migrations

from organisations.append_only import refuse_changes


class Migration(migrations.Migration):
    dependencies = [("organisations", "0005_history_tells_the_way")]
    operations = [refuse_changes("organisations_historicalaccount", "organisations_historicalorganisation")]
