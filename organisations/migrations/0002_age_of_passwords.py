from django.db import migrations, models

FIELDS = (
    ("must_change_password", models.BooleanField(default=False, verbose_name="must change the password")),
    ("password_changed_at", models.DateTimeField(blank=True, null=True, verbose_name="password set")),
)


class Migration(migrations.Migration):
    dependencies = [("organisations", "0001_organisations_and_accounts")]
    operations = [
        migrations.AddField(model_name=model, name=name, field=field)
        for model in ("account", "historicalaccount")
        for name, field in FIELDS
    ]
