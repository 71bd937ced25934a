from django.db import migrations, models
from django.db.models.functions import Lower


class Migration(migrations.Migration):
    """Stops where two accounts differ in capital letters only: one of them has to be renamed first."""

    dependencies = [("organisations", "0006_history_is_append_only")]
    operations = [
        migrations.AddConstraint(
            "account",
            models.UniqueConstraint(
                Lower("username"),
                name="account_username_once",
                violation_error_message="Another account's user name differs from this one in capital letters only.",
            ),
        )
    ]
