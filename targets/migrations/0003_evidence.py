import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("targets", "0002_record_is_append_only")]
    operations = [
        migrations.AddField(
            model_name="commitment",
            name="evidence_required",
            field=models.BooleanField(
                default=False,
                help_text="A submission without a file for this commitment has to say why.",
                verbose_name="evidence required",
            ),
        ),
        migrations.AddField(
            model_name="historicalcommitment",
            name="evidence_required",
            field=models.BooleanField(
                default=False,
                help_text="A submission without a file for this commitment has to say why.",
                verbose_name="evidence required",
            ),
        ),
        migrations.CreateModel(
            name="Evidence",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("file", models.FileField(upload_to="", verbose_name="file")),
                ("name", models.CharField(max_length=255, verbose_name="original name")),
                ("media_type", models.CharField(max_length=100, verbose_name="kind of file")),
                ("size", models.PositiveIntegerField(verbose_name="size in bytes")),
                ("sha256", models.CharField(max_length=64, verbose_name="SHA-256")),
                ("added_at", models.DateTimeField(verbose_name="added at")),
                (
                    "added_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="added by",
                    ),
                ),
                (
                    "commitment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="evidence",
                        to="targets.commitment",
                        verbose_name="commitment",
                    ),
                ),
                (
                    "submission",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="evidence",
                        to="targets.submission",
                        verbose_name="submission",
                    ),
                ),
            ],
            options={
                "verbose_name": "evidence",
                "verbose_name_plural": "evidence",
                "ordering": ["added_at", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("submission", "commitment", "sha256"),
                        name="evidence_once",
                        violation_error_message="This very file is there already.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("size__gt", 0)),
                        name="evidence_not_empty",
                        violation_error_message="The file is empty.",
                    ),
                ],
            },
        ),
    ]
