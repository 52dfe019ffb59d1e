"""Data keys, answers given under idempotency keys, rate limits."""

import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("core", "0001_roles"),
    ]

    operations = [
        migrations.CreateModel(
            name="RateBucket",
            fields=[
                ("key", models.CharField(max_length=100, primary_key=True, serialize=False, verbose_name="key")),
                ("tokens", models.FloatField(verbose_name="tokens")),
                ("updated_at", models.DateTimeField(verbose_name="updated at")),
            ],
            options={
                "verbose_name": "rate limit",
                "verbose_name_plural": "rate limits",
            },
        ),
        migrations.CreateModel(
            name="DataKey",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "subject_kind", "subject_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("subject_kind", models.CharField(max_length=32, verbose_name="kind of subject")),
                ("subject_id", models.BigIntegerField(verbose_name="subject")),
                ("number", models.SmallIntegerField(default=1, verbose_name="number of the key")),
                ("wrapped", models.BinaryField(null=True, verbose_name="wrapped key")),
                ("master_version", models.IntegerField(verbose_name="version of the master key")),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), verbose_name="created at"
                    ),
                ),
                ("destroyed_at", models.DateTimeField(null=True, verbose_name="destroyed at")),
            ],
            options={
                "verbose_name": "data key",
                "verbose_name_plural": "data keys",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("destroyed_at__isnull", True), ("wrapped__isnull", False)),
                            models.Q(("destroyed_at__isnull", False), ("wrapped__isnull", True)),
                            _connector="OR",
                        ),
                        name="core_datakey_destroyed_is_gone",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="IdempotencyRecord",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("actor", models.CharField(max_length=64, verbose_name="who asked")),
                ("key", models.CharField(max_length=200, verbose_name="key")),
                ("fingerprint", models.BinaryField(max_length=32, verbose_name="fingerprint of the request")),
                ("status", models.SmallIntegerField(verbose_name="status")),
                ("answer", models.BinaryField(verbose_name="sealed answer")),
                ("created_at", models.DateTimeField(verbose_name="created at")),
                ("expires_at", models.DateTimeField(verbose_name="expires at")),
            ],
            options={
                "verbose_name": "stored answer",
                "verbose_name_plural": "stored answers",
                "indexes": [models.Index(fields=["expires_at"], name="core_idempotency_expiry")],
                "constraints": [models.UniqueConstraint(fields=("actor", "key"), name="core_idempotency_key")],
            },
        ),
        migrations.RunSQL("ALTER TABLE core_ratebucket SET UNLOGGED", "ALTER TABLE core_ratebucket SET LOGGED"),
    ]
