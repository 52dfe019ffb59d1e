"""What rows were before they were changed: event tables filled by triggers, insert-only like the audit."""

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
        ("accounts", "0002_row_history"),
        ("members", "0002_cities"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="IdentityHistory",
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
                    "type",
                    models.CharField(
                        choices=[
                            ("external_id", "Customer number"),
                            ("phone", "Phone"),
                            ("email", "E-mail"),
                            ("unionid", "WeChat unionid"),
                            ("openid", "WeChat openid"),
                            ("external_userid", "WeCom customer id"),
                            ("card", "Membership card"),
                        ],
                        max_length=20,
                        verbose_name="type",
                    ),
                ),
                ("source", models.CharField(blank=True, max_length=40, verbose_name="source")),
                ("verified_at", models.DateTimeField(blank=True, null=True, verbose_name="verified")),
            ],
            options={
                "verbose_name": "history",
                "verbose_name_plural": "history",
                "abstract": False,
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="MemberHistory",
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
                    "registered_at",
                    models.DateTimeField(
                        blank=True, help_text="Unknown: the first fact counts.", null=True, verbose_name="registered"
                    ),
                ),
                ("channel", models.CharField(blank=True, max_length=40, verbose_name="channel of origin")),
            ],
            options={
                "verbose_name": "history",
                "verbose_name_plural": "history",
                "abstract": False,
                "default_permissions": (),
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="identity",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."member_id" IS DISTINCT FROM (NEW."member_id") OR OLD."source" IS DISTINCT FROM (NEW."source") OR OLD."type" IS DISTINCT FROM (NEW."type") OR OLD."verified_at" IS DISTINCT FROM (NEW."verified_at"))',
                    func='INSERT INTO "members_identityhistory" ("member_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "source", "type", "verified_at") VALUES (OLD."member_id", NOW(), \'update\', OLD."id", OLD."source", OLD."type", OLD."verified_at"); RETURN NULL;',
                    hash="8eda4a051e9ca94f9444ed2e45b77f65cf0a0bd7",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_5716f",
                    table="members_identity",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="identity",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "members_identityhistory" ("member_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "source", "type", "verified_at") VALUES (OLD."member_id", NOW(), \'delete\', OLD."id", OLD."source", OLD."type", OLD."verified_at"); RETURN NULL;',
                    hash="cf274f5e7039ac4af38389b6045ff947d2a18307",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_b83f4",
                    table="members_identity",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="member",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."channel" IS DISTINCT FROM (NEW."channel") OR OLD."city_id" IS DISTINCT FROM (NEW."city_id") OR OLD."guide_id" IS DISTINCT FROM (NEW."guide_id") OR OLD."home_store_id" IS DISTINCT FROM (NEW."home_store_id") OR OLD."merged_into_id" IS DISTINCT FROM (NEW."merged_into_id") OR OLD."registered_at" IS DISTINCT FROM (NEW."registered_at"))',
                    func='INSERT INTO "members_memberhistory" ("channel", "city_id", "guide_id", "home_store_id", "merged_into_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "registered_at") VALUES (OLD."channel", OLD."city_id", OLD."guide_id", OLD."home_store_id", OLD."merged_into_id", NOW(), \'update\', OLD."id", OLD."registered_at"); RETURN NULL;',
                    hash="157957f49bf1a8964f39c071c37824ee76093b60",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_b1bc1",
                    table="members_member",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="member",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "members_memberhistory" ("channel", "city_id", "guide_id", "home_store_id", "merged_into_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "registered_at") VALUES (OLD."channel", OLD."city_id", OLD."guide_id", OLD."home_store_id", OLD."merged_into_id", NOW(), \'delete\', OLD."id", OLD."registered_at"); RETURN NULL;',
                    hash="1825f5355fcb51e53668625920bcdd4921c48c97",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_925fb",
                    table="members_member",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddField(
            model_name="identityhistory",
            name="member",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="members.member",
                verbose_name="member",
            ),
        ),
        migrations.AddField(
            model_name="identityhistory",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="history",
                related_query_name="history_query",
                to="members.identity",
            ),
        ),
        migrations.AddField(
            model_name="memberhistory",
            name="city",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="members.city",
                verbose_name="city",
            ),
        ),
        migrations.AddField(
            model_name="memberhistory",
            name="guide",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="guide",
            ),
        ),
        migrations.AddField(
            model_name="memberhistory",
            name="home_store",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="accounts.store",
                verbose_name="home store",
            ),
        ),
        migrations.AddField(
            model_name="memberhistory",
            name="merged_into",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="members.member",
            ),
        ),
        migrations.AddField(
            model_name="memberhistory",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="history",
                related_query_name="history_query",
                to="members.member",
            ),
        ),
        migrations.AddIndex(
            model_name="identityhistory",
            index=models.Index(fields=["pgh_obj", "-pgh_id"], name="members_identity_past"),
        ),
        migrations.AddIndex(
            model_name="memberhistory",
            index=models.Index(fields=["pgh_obj", "-pgh_id"], name="members_member_past"),
        ),
        keep_as_evidence("members_identityhistory"),
        keep_as_evidence("members_memberhistory"),
    ]
