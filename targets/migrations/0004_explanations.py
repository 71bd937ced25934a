import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("targets", "0003_evidence")]
    operations = [
        migrations.CreateModel(
            name="Explanation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=30, verbose_name="warning")),
                ("basis", models.CharField(blank=True, max_length=100, verbose_name="said about")),
                ("text", models.CharField(max_length=500, verbose_name="explanation")),
                (
                    "commitment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="explanations",
                        to="targets.commitment",
                        verbose_name="commitment",
                    ),
                ),
                (
                    "submission",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="explanations",
                        to="targets.submission",
                        verbose_name="submission",
                    ),
                ),
            ],
            options={
                "verbose_name": "explanation",
                "verbose_name_plural": "explanations",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("submission", "commitment", "code"),
                        name="explanation_once",
                        violation_error_message="This warning has an explanation already.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("text", ""), _negated=True),
                        name="explanation_says_something",
                        violation_error_message="An explanation without words says nothing.",
                    ),
                ],
            },
        ),
    ]
