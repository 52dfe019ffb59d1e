"""What rows were before they were changed: event tables filled by triggers, insert-only like the audit."""

import django.contrib.postgres.fields
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

import audit.models.history
from core.models.evidence import keep_as_evidence


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0002_seals"),
        ("accounts", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="ApiKeyHistory",
            fields=[
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("pgh_id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "pgh_xid",
                    models.BigIntegerField(
                        db_default=audit.models.history.AuditTransaction(), editable=False, verbose_name="transaction"
                    ),
                ),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                (
                    "scopes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=60), default=list, size=None, verbose_name="scopes"
                    ),
                ),
                ("expires_at", models.DateTimeField(blank=True, null=True, verbose_name="expires")),
                ("revoked_at", models.DateTimeField(blank=True, null=True, verbose_name="revoked")),
            ],
            options={
                "verbose_name": "history",
                "verbose_name_plural": "history",
                "abstract": False,
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="UserHistory",
            fields=[
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("pgh_id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "pgh_xid",
                    models.BigIntegerField(
                        db_default=audit.models.history.AuditTransaction(), editable=False, verbose_name="transaction"
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("administrator", "Administrator"),
                            ("marketer", "Marketer"),
                            ("store_manager", "Store manager"),
                            ("guide", "Store guide"),
                            ("junior_service", "Junior service"),
                            ("expert", "Expert service"),
                            ("legal", "Legal reviewer"),
                            ("auditor", "Auditor"),
                            ("analyst", "Analyst"),
                            ("api_client", "API client"),
                        ],
                        default="guide",
                        max_length=20,
                        verbose_name="role",
                    ),
                ),
                (
                    "is_active",
                    models.BooleanField(
                        default=True,
                        help_text="Designates whether this user should be treated as active. Unselect this instead of deleting accounts.",
                        verbose_name="active",
                    ),
                ),
                (
                    "is_staff",
                    models.BooleanField(
                        default=False,
                        help_text="Designates whether the user can log into this admin site.",
                        verbose_name="staff status",
                    ),
                ),
                (
                    "is_superuser",
                    models.BooleanField(
                        default=False,
                        help_text="Designates that this user has all permissions without explicitly assigning them.",
                        verbose_name="superuser status",
                    ),
                ),
            ],
            options={
                "verbose_name": "history",
                "verbose_name_plural": "history",
                "abstract": False,
                "default_permissions": (),
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="apikey",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."expires_at" IS DISTINCT FROM (NEW."expires_at") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."revoked_at" IS DISTINCT FROM (NEW."revoked_at") OR OLD."scopes" IS DISTINCT FROM (NEW."scopes") OR OLD."user_id" IS DISTINCT FROM (NEW."user_id"))',
                    func='INSERT INTO "accounts_apikeyhistory" ("expires_at", "name", "pgh_created_at", "pgh_label", "pgh_obj_id", "revoked_at", "scopes", "user_id") VALUES (OLD."expires_at", OLD."name", NOW(), \'update\', OLD."id", OLD."revoked_at", OLD."scopes", OLD."user_id"); RETURN NULL;',
                    hash="8ea07b27a70fd68aee19ea49282d3ba9b9a06361",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_1c34c",
                    table="accounts_apikey",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="apikey",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "accounts_apikeyhistory" ("expires_at", "name", "pgh_created_at", "pgh_label", "pgh_obj_id", "revoked_at", "scopes", "user_id") VALUES (OLD."expires_at", OLD."name", NOW(), \'delete\', OLD."id", OLD."revoked_at", OLD."scopes", OLD."user_id"); RETURN NULL;',
                    hash="562d1a2493dd11b17f40b8663c8c4e661e67388b",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_18c5d",
                    table="accounts_apikey",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="user",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."is_active" IS DISTINCT FROM (NEW."is_active") OR OLD."is_staff" IS DISTINCT FROM (NEW."is_staff") OR OLD."is_superuser" IS DISTINCT FROM (NEW."is_superuser") OR OLD."region_id" IS DISTINCT FROM (NEW."region_id") OR OLD."role" IS DISTINCT FROM (NEW."role"))',
                    func='INSERT INTO "accounts_userhistory" ("is_active", "is_staff", "is_superuser", "pgh_created_at", "pgh_label", "pgh_obj_id", "region_id", "role") VALUES (OLD."is_active", OLD."is_staff", OLD."is_superuser", NOW(), \'update\', OLD."id", OLD."region_id", OLD."role"); RETURN NULL;',
                    hash="891e11e10bd1f49a6313fce1aec47c2013fd76b6",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_0e890",
                    table="accounts_user",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="user",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "accounts_userhistory" ("is_active", "is_staff", "is_superuser", "pgh_created_at", "pgh_label", "pgh_obj_id", "region_id", "role") VALUES (OLD."is_active", OLD."is_staff", OLD."is_superuser", NOW(), \'delete\', OLD."id", OLD."region_id", OLD."role"); RETURN NULL;',
                    hash="687b6165c52bd19eacaa2dbc017a2c1b30482f23",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_19f14",
                    table="accounts_user",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddField(
            model_name="apikeyhistory",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="history",
                related_query_name="history_query",
                to="accounts.apikey",
            ),
        ),
        migrations.AddField(
            model_name="apikeyhistory",
            name="user",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="API client",
            ),
        ),
        migrations.AddField(
            model_name="userhistory",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="history",
                related_query_name="history_query",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="userhistory",
            name="region",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                help_text="A manager with a region sees all of its stores.",
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="accounts.region",
                verbose_name="region",
            ),
        ),
        migrations.AddIndex(
            model_name="apikeyhistory",
            index=models.Index(fields=["pgh_obj", "-pgh_id"], name="accounts_apikey_past"),
        ),
        migrations.AddIndex(
            model_name="userhistory",
            index=models.Index(fields=["pgh_obj", "-pgh_id"], name="accounts_user_past"),
        ),
        keep_as_evidence("accounts_apikeyhistory"),
        keep_as_evidence("accounts_userhistory"),
    ]
