"""The record of acts; from the second operation on its rows are evidence."""

from django.db import migrations, models

import core.models.xid
from core.models.evidence import keep_as_evidence


class Migration(migrations.Migration):
    initial = True

    dependencies = [("core", "0001_roles")]

    operations = [
        migrations.CreateModel(
            name="AuditEntry",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField(verbose_name="when")),
                (
                    "actor_type",
                    models.CharField(
                        choices=[("user", "staff"), ("api_key", "API key"), ("system", "system")],
                        max_length=16,
                        verbose_name="kind of actor",
                    ),
                ),
                ("actor_id", models.BigIntegerField(null=True, verbose_name="actor number")),
                ("actor_label", models.CharField(blank=True, max_length=200, verbose_name="actor")),
                ("action", models.CharField(max_length=80, verbose_name="action")),
                ("object_type", models.CharField(blank=True, max_length=80, verbose_name="kind of object")),
                ("object_id", models.CharField(blank=True, max_length=64, verbose_name="object number")),
                ("object_label", models.CharField(blank=True, max_length=200, verbose_name="object")),
                ("reason", models.CharField(blank=True, max_length=500, verbose_name="reason")),
                ("address", models.GenericIPAddressField(null=True, verbose_name="address")),
                ("user_agent", models.CharField(blank=True, max_length=200, verbose_name="browser")),
                ("request_id", models.CharField(blank=True, max_length=64, verbose_name="request")),
                ("changes", models.JSONField(default=dict, verbose_name="changes")),
                ("xid", core.models.xid.Xid8Field(editable=False, verbose_name="transaction")),
            ],
            options={
                "verbose_name": "audit entry",
                "verbose_name_plural": "audit entries",
                "ordering": ("-id",),
                "default_permissions": ("view",),
                "indexes": [
                    models.Index(fields=["object_type", "object_id", "-id"], name="audit_object"),
                    models.Index(fields=["actor_id", "-id"], name="audit_actor"),
                    models.Index(fields=["action", "-id"], name="audit_action"),
                    models.Index(fields=["-at"], name="audit_at"),
                    models.Index(fields=["xid", "id"], name="audit_xid"),
                ],
            },
        ),
        keep_as_evidence("audit_auditentry"),
    ]
