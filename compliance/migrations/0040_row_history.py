"""What settings, notices and restrictions were before each change: event tables filled by triggers, insert-only."""

import datetime as dt

import django.core.validators
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

import audit.models.history
from core.models.evidence import keep_as_evidence


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0002_seals"),
        ("compliance", "0032_register_defaults"),
    ]

    operations = [
        migrations.CreateModel(
            name="ChannelRuleHistory",
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
                ("is_used", models.BooleanField(default=True, verbose_name="in use")),
                (
                    "most",
                    models.PositiveIntegerField(
                        default=4,
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(1000),
                        ],
                        verbose_name="messages at most",
                    ),
                ),
                (
                    "days",
                    models.PositiveIntegerField(
                        default=30,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(366),
                        ],
                        verbose_name="in so many days",
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
        migrations.CreateModel(
            name="ContactSettingsHistory",
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
                ("quiet_from", models.TimeField(default=dt.time(22, 0), verbose_name="quiet from")),
                ("quiet_to", models.TimeField(default=dt.time(7, 0), verbose_name="quiet until")),
                ("timezone", models.CharField(default="Asia/Shanghai", max_length=60, verbose_name="time zone")),
                (
                    "cap_messages",
                    models.PositiveIntegerField(
                        default=4,
                        help_text="Individually addressed marketing messages, all channels together.",
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(1000),
                        ],
                        verbose_name="messages per member",
                    ),
                ),
                (
                    "cap_days",
                    models.PositiveIntegerField(
                        default=30,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(366),
                        ],
                        verbose_name="in so many days",
                    ),
                ),
                (
                    "reask_days",
                    models.PositiveIntegerField(
                        default=90,
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(3660),
                        ],
                        verbose_name="days before asking again",
                    ),
                ),
                (
                    "guardian_age",
                    models.PositiveIntegerField(
                        default=14,
                        help_text="PIPL Art. 31 asks for 14; it may be set higher, not lower.",
                        validators=[
                            django.core.validators.MinValueValidator(14),
                            django.core.validators.MaxValueValidator(21),
                        ],
                        verbose_name="guardian's consent under the age of",
                    ),
                ),
                (
                    "marketing_age",
                    models.PositiveIntegerField(
                        default=18,
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(21),
                        ],
                        verbose_name="no marketing under the age of",
                    ),
                ),
                (
                    "link_days",
                    models.PositiveIntegerField(
                        default=30,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(366),
                        ],
                        verbose_name="days that a privacy link works",
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
        migrations.CreateModel(
            name="ContactStatusHistory",
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
                ("restricted_at", models.DateTimeField(null=True, verbose_name="restricted")),
                ("erased_at", models.DateTimeField(null=True, verbose_name="erased")),
            ],
            options={
                "verbose_name": "history",
                "verbose_name_plural": "history",
                "abstract": False,
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="LegalHoldHistory",
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
                ("lifted_at", models.DateTimeField(null=True, verbose_name="lifted")),
            ],
            options={
                "verbose_name": "history",
                "verbose_name_plural": "history",
                "abstract": False,
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="NoticeHistory",
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
                    "state",
                    models.CharField(
                        choices=[("draft", "Draft"), ("published", "Published")],
                        default="draft",
                        max_length=12,
                        verbose_name="state",
                    ),
                ),
                ("texts", models.JSONField(default=dict, verbose_name="texts")),
                (
                    "material",
                    models.BooleanField(
                        default=False,
                        help_text="Purpose, method or kind of data changed: consents given before are due anew (PIPL Art. 14).",
                        verbose_name="material change",
                    ),
                ),
                ("summary", models.CharField(blank=True, max_length=300, verbose_name="what changed")),
            ],
            options={
                "verbose_name": "history",
                "verbose_name_plural": "history",
                "abstract": False,
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="RetentionRuleHistory",
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
                    "days",
                    models.PositiveIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(36500),
                        ],
                        verbose_name="kept for days",
                    ),
                ),
                ("is_active", models.BooleanField(default=True, verbose_name="in use")),
            ],
            options={
                "verbose_name": "history",
                "verbose_name_plural": "history",
                "abstract": False,
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="RightsSettingsHistory",
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
                    "answer_days",
                    models.PositiveIntegerField(
                        default=15,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(60),
                        ],
                        verbose_name="working days to answer",
                    ),
                ),
                (
                    "warn_days",
                    models.PositiveIntegerField(
                        default=3,
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(30),
                        ],
                        verbose_name="days before the end to remind",
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
            model_name="channelrule",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."days" IS DISTINCT FROM (NEW."days") OR OLD."is_used" IS DISTINCT FROM (NEW."is_used") OR OLD."most" IS DISTINCT FROM (NEW."most"))',
                    func='INSERT INTO "compliance_channelrulehistory" ("days", "is_used", "most", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (OLD."days", OLD."is_used", OLD."most", NOW(), \'update\', OLD."channel"); RETURN NULL;',
                    hash="1f89d4ccc1c1a5cdb10db60301d1131f1ff66eff",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_88b75",
                    table="compliance_channelrule",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="channelrule",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "compliance_channelrulehistory" ("days", "is_used", "most", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (OLD."days", OLD."is_used", OLD."most", NOW(), \'delete\', OLD."channel"); RETURN NULL;',
                    hash="a72be465fc5677c650aae5f02ad8cf5cbfd9235b",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_ef20e",
                    table="compliance_channelrule",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="contactsettings",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."cap_days" IS DISTINCT FROM (NEW."cap_days") OR OLD."cap_messages" IS DISTINCT FROM (NEW."cap_messages") OR OLD."guardian_age" IS DISTINCT FROM (NEW."guardian_age") OR OLD."link_days" IS DISTINCT FROM (NEW."link_days") OR OLD."marketing_age" IS DISTINCT FROM (NEW."marketing_age") OR OLD."quiet_from" IS DISTINCT FROM (NEW."quiet_from") OR OLD."quiet_to" IS DISTINCT FROM (NEW."quiet_to") OR OLD."reask_days" IS DISTINCT FROM (NEW."reask_days") OR OLD."timezone" IS DISTINCT FROM (NEW."timezone"))',
                    func='INSERT INTO "compliance_contactsettingshistory" ("cap_days", "cap_messages", "guardian_age", "link_days", "marketing_age", "pgh_created_at", "pgh_label", "pgh_obj_id", "quiet_from", "quiet_to", "reask_days", "timezone") VALUES (OLD."cap_days", OLD."cap_messages", OLD."guardian_age", OLD."link_days", OLD."marketing_age", NOW(), \'update\', OLD."id", OLD."quiet_from", OLD."quiet_to", OLD."reask_days", OLD."timezone"); RETURN NULL;',
                    hash="30c6f640f56812549e14a69911ef33a7cfe663bc",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_baef4",
                    table="compliance_contactsettings",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="contactsettings",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "compliance_contactsettingshistory" ("cap_days", "cap_messages", "guardian_age", "link_days", "marketing_age", "pgh_created_at", "pgh_label", "pgh_obj_id", "quiet_from", "quiet_to", "reask_days", "timezone") VALUES (OLD."cap_days", OLD."cap_messages", OLD."guardian_age", OLD."link_days", OLD."marketing_age", NOW(), \'delete\', OLD."id", OLD."quiet_from", OLD."quiet_to", OLD."reask_days", OLD."timezone"); RETURN NULL;',
                    hash="d9b751e43668564715da5e92a5fdb7ed3b53f298",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_4085b",
                    table="compliance_contactsettings",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="contactstatus",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."erased_at" IS DISTINCT FROM (NEW."erased_at") OR OLD."restricted_at" IS DISTINCT FROM (NEW."restricted_at"))',
                    func='INSERT INTO "compliance_contactstatushistory" ("erased_at", "pgh_created_at", "pgh_label", "pgh_obj_id", "restricted_at") VALUES (OLD."erased_at", NOW(), \'update\', OLD."member_id", OLD."restricted_at"); RETURN NULL;',
                    hash="8877e24da924b0d029690ec9862e643f373bcd2b",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_3ced7",
                    table="compliance_contactstatus",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="contactstatus",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "compliance_contactstatushistory" ("erased_at", "pgh_created_at", "pgh_label", "pgh_obj_id", "restricted_at") VALUES (OLD."erased_at", NOW(), \'delete\', OLD."member_id", OLD."restricted_at"); RETURN NULL;',
                    hash="f6cf39d123f3fcb22f4ec0063b1870063d9f7a2c",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_1a48d",
                    table="compliance_contactstatus",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="legalhold",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."lifted_at" IS DISTINCT FROM (NEW."lifted_at"))',
                    func='INSERT INTO "compliance_legalholdhistory" ("lifted_at", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (OLD."lifted_at", NOW(), \'update\', OLD."id"); RETURN NULL;',
                    hash="fdba392a89c25e5814ee1339fb95c56567242abb",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_9b110",
                    table="compliance_legalhold",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="legalhold",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "compliance_legalholdhistory" ("lifted_at", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (OLD."lifted_at", NOW(), \'delete\', OLD."id"); RETURN NULL;',
                    hash="ad7810d7094a6791ee94a5c0d7a1cef9168f59d6",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_2ba58",
                    table="compliance_legalhold",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="notice",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."material" IS DISTINCT FROM (NEW."material") OR OLD."state" IS DISTINCT FROM (NEW."state") OR OLD."summary" IS DISTINCT FROM (NEW."summary") OR OLD."texts" IS DISTINCT FROM (NEW."texts"))',
                    func='INSERT INTO "compliance_noticehistory" ("material", "pgh_created_at", "pgh_label", "pgh_obj_id", "state", "summary", "texts") VALUES (OLD."material", NOW(), \'update\', OLD."id", OLD."state", OLD."summary", OLD."texts"); RETURN NULL;',
                    hash="5480e17a46ad08cf76aa03cc9e1ea98c58e6e88f",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_1a15f",
                    table="compliance_notice",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="notice",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "compliance_noticehistory" ("material", "pgh_created_at", "pgh_label", "pgh_obj_id", "state", "summary", "texts") VALUES (OLD."material", NOW(), \'delete\', OLD."id", OLD."state", OLD."summary", OLD."texts"); RETURN NULL;',
                    hash="0d9f0f9418d6cf9733d07fae47219d9e8ec06eac",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_38ea7",
                    table="compliance_notice",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="retentionrule",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."days" IS DISTINCT FROM (NEW."days") OR OLD."is_active" IS DISTINCT FROM (NEW."is_active"))',
                    func='INSERT INTO "compliance_retentionrulehistory" ("days", "is_active", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (OLD."days", OLD."is_active", NOW(), \'update\', OLD."code"); RETURN NULL;',
                    hash="21ec5d3e955f129617edab36638437cb2b89ba95",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_7cc7a",
                    table="compliance_retentionrule",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="retentionrule",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "compliance_retentionrulehistory" ("days", "is_active", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (OLD."days", OLD."is_active", NOW(), \'delete\', OLD."code"); RETURN NULL;',
                    hash="cb9a5abee6665442e1a1d2dbb06329382cfb76d1",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_4c3cc",
                    table="compliance_retentionrule",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="rightssettings",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."answer_days" IS DISTINCT FROM (NEW."answer_days") OR OLD."warn_days" IS DISTINCT FROM (NEW."warn_days"))',
                    func='INSERT INTO "compliance_rightssettingshistory" ("answer_days", "pgh_created_at", "pgh_label", "pgh_obj_id", "warn_days") VALUES (OLD."answer_days", NOW(), \'update\', OLD."id", OLD."warn_days"); RETURN NULL;',
                    hash="fe9fb04ff05e73533cc8ea25387eb33ae4e12bcc",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_c43e8",
                    table="compliance_rightssettings",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="rightssettings",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "compliance_rightssettingshistory" ("answer_days", "pgh_created_at", "pgh_label", "pgh_obj_id", "warn_days") VALUES (OLD."answer_days", NOW(), \'delete\', OLD."id", OLD."warn_days"); RETURN NULL;',
                    hash="b14e62be709099f944191e1ba6e25ef4b68e495c",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_3b034",
                    table="compliance_rightssettings",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddField(
            model_name="channelrulehistory",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="history",
                related_query_name="history_query",
                to="compliance.channelrule",
            ),
        ),
        migrations.AddField(
            model_name="contactsettingshistory",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="history",
                related_query_name="history_query",
                to="compliance.contactsettings",
            ),
        ),
        migrations.AddField(
            model_name="contactstatushistory",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="history",
                related_query_name="history_query",
                to="compliance.contactstatus",
            ),
        ),
        migrations.AddField(
            model_name="legalholdhistory",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="history",
                related_query_name="history_query",
                to="compliance.legalhold",
            ),
        ),
        migrations.AddField(
            model_name="noticehistory",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="history",
                related_query_name="history_query",
                to="compliance.notice",
            ),
        ),
        migrations.AddField(
            model_name="retentionrulehistory",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="history",
                related_query_name="history_query",
                to="compliance.retentionrule",
            ),
        ),
        migrations.AddField(
            model_name="rightssettingshistory",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="history",
                related_query_name="history_query",
                to="compliance.rightssettings",
            ),
        ),
        migrations.AddIndex(
            model_name="channelrulehistory",
            index=models.Index(fields=["pgh_obj", "-pgh_id"], name="compliance_channelrule_past"),
        ),
        migrations.AddIndex(
            model_name="contactsettingshistory",
            index=models.Index(fields=["pgh_obj", "-pgh_id"], name="compliance_contactsettings_pas"),
        ),
        migrations.AddIndex(
            model_name="contactstatushistory",
            index=models.Index(fields=["pgh_obj", "-pgh_id"], name="compliance_contactstatus_past"),
        ),
        migrations.AddIndex(
            model_name="legalholdhistory",
            index=models.Index(fields=["pgh_obj", "-pgh_id"], name="compliance_legalhold_past"),
        ),
        migrations.AddIndex(
            model_name="noticehistory",
            index=models.Index(fields=["pgh_obj", "-pgh_id"], name="compliance_notice_past"),
        ),
        migrations.AddIndex(
            model_name="retentionrulehistory",
            index=models.Index(fields=["pgh_obj", "-pgh_id"], name="compliance_retentionrule_past"),
        ),
        migrations.AddIndex(
            model_name="rightssettingshistory",
            index=models.Index(fields=["pgh_obj", "-pgh_id"], name="compliance_rightssettings_past"),
        ),
        keep_as_evidence("compliance_channelrulehistory"),
        keep_as_evidence("compliance_contactsettingshistory"),
        keep_as_evidence("compliance_contactstatushistory"),
        keep_as_evidence("compliance_legalholdhistory"),
        keep_as_evidence("compliance_noticehistory"),
        keep_as_evidence("compliance_retentionrulehistory"),
        keep_as_evidence("compliance_rightssettingshistory"),
    ]
