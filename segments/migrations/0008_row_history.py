"""What rows were before they were changed: event tables filled by triggers, insert-only like the audit."""

import django.contrib.postgres.fields
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

import audit.models.history
from core.models.evidence import keep_as_evidence


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0002_seals"),
        ("segments", "0007_request_attempts"),
    ]

    operations = [
        migrations.CreateModel(
            name="RfmConfigHistory",
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
                ("window_days", models.PositiveSmallIntegerField(default=365, verbose_name="window in days")),
                (
                    "method",
                    models.CharField(
                        choices=[("quintile", "Quintiles of all members with an order"), ("fixed", "Fixed thresholds")],
                        default="quintile",
                        max_length=10,
                        verbose_name="method",
                    ),
                ),
                (
                    "recency_days",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.IntegerField(),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="recency, days",
                    ),
                ),
                (
                    "frequency",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.IntegerField(),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="frequency, orders",
                    ),
                ),
                (
                    "monetary",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.DecimalField(decimal_places=2, max_digits=14),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="monetary, ¥",
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
            name="TierCriterionHistory",
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
                ("alternative", models.PositiveSmallIntegerField(default=1, verbose_name="alternative")),
                (
                    "measure",
                    models.CharField(
                        choices=[
                            ("orders", "Orders"),
                            ("coupon_orders", "Orders with a coupon"),
                            ("spend", "Net spend (¥)"),
                            ("interactions", "Interactions"),
                            ("browses", "Browse events"),
                            ("coupon_claims", "Coupon claims"),
                            ("coupon_share", "Share of orders with a coupon (%)"),
                            ("registered_days", "Days since registration"),
                            ("r", "R score"),
                            ("f", "F score"),
                            ("m", "M score"),
                        ],
                        max_length=20,
                        verbose_name="measure",
                    ),
                ),
                (
                    "window_days",
                    models.PositiveSmallIntegerField(
                        blank=True, help_text="Empty: since the beginning.", null=True, verbose_name="window in days"
                    ),
                ),
                (
                    "operator",
                    models.CharField(
                        choices=[(">=", "≥"), (">", ">"), ("<=", "≤"), ("<", "<"), ("=", "=")],
                        max_length=2,
                        verbose_name="comparison",
                    ),
                ),
                ("value", models.DecimalField(decimal_places=2, max_digits=14, verbose_name="value")),
            ],
            options={
                "verbose_name": "history",
                "verbose_name_plural": "history",
                "abstract": False,
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="TierHistory",
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
                ("code", models.SlugField(db_index=False, max_length=20, verbose_name="code")),
                ("name_zh", models.CharField(max_length=40, verbose_name="name (Chinese)")),
                ("name_en", models.CharField(max_length=60, verbose_name="name (English)")),
                ("position", models.PositiveSmallIntegerField(verbose_name="order")),
                ("strategy_zh", models.CharField(blank=True, max_length=200, verbose_name="strategy (Chinese)")),
                ("strategy_en", models.CharField(blank=True, max_length=200, verbose_name="strategy (English)")),
                (
                    "goal",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("first_purchase", "First-purchase rate within 30 days of registration"),
                            ("order_value", "Average order value, 30 days against the 30 before"),
                            ("conversion", "Conversion rate, 30 days against the 30 before"),
                            ("repurchase", "Repurchase rate of those in the tier 30 days ago"),
                            ("marginal_cost", "Marginal cost, 30 days against the 30 before"),
                        ],
                        max_length=20,
                        verbose_name="goal",
                    ),
                ),
                (
                    "goal_target",
                    models.DecimalField(
                        blank=True, decimal_places=2, max_digits=6, null=True, verbose_name="target (%)"
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
        pgtrigger.migrations.AddTrigger(
            model_name="rfmconfig",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."frequency" IS DISTINCT FROM (NEW."frequency") OR OLD."method" IS DISTINCT FROM (NEW."method") OR OLD."monetary" IS DISTINCT FROM (NEW."monetary") OR OLD."recency_days" IS DISTINCT FROM (NEW."recency_days") OR OLD."window_days" IS DISTINCT FROM (NEW."window_days"))',
                    func='INSERT INTO "segments_rfmconfighistory" ("frequency", "method", "monetary", "pgh_created_at", "pgh_label", "pgh_obj_id", "recency_days", "window_days") VALUES (OLD."frequency", OLD."method", OLD."monetary", NOW(), \'update\', OLD."id", OLD."recency_days", OLD."window_days"); RETURN NULL;',
                    hash="a69ee108d61a42668d4ab7c5653803a101855be2",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_c6d44",
                    table="segments_rfmconfig",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="rfmconfig",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "segments_rfmconfighistory" ("frequency", "method", "monetary", "pgh_created_at", "pgh_label", "pgh_obj_id", "recency_days", "window_days") VALUES (OLD."frequency", OLD."method", OLD."monetary", NOW(), \'delete\', OLD."id", OLD."recency_days", OLD."window_days"); RETURN NULL;',
                    hash="3660cb3ed1295415a72cf6e85d0cd06cfa8daa8d",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_95cf4",
                    table="segments_rfmconfig",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="tier",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."code" IS DISTINCT FROM (NEW."code") OR OLD."goal" IS DISTINCT FROM (NEW."goal") OR OLD."goal_target" IS DISTINCT FROM (NEW."goal_target") OR OLD."is_active" IS DISTINCT FROM (NEW."is_active") OR OLD."name_en" IS DISTINCT FROM (NEW."name_en") OR OLD."name_zh" IS DISTINCT FROM (NEW."name_zh") OR OLD."position" IS DISTINCT FROM (NEW."position") OR OLD."strategy_en" IS DISTINCT FROM (NEW."strategy_en") OR OLD."strategy_zh" IS DISTINCT FROM (NEW."strategy_zh"))',
                    func='INSERT INTO "segments_tierhistory" ("code", "goal", "goal_target", "is_active", "name_en", "name_zh", "pgh_created_at", "pgh_label", "pgh_obj_id", "position", "strategy_en", "strategy_zh") VALUES (OLD."code", OLD."goal", OLD."goal_target", OLD."is_active", OLD."name_en", OLD."name_zh", NOW(), \'update\', OLD."id", OLD."position", OLD."strategy_en", OLD."strategy_zh"); RETURN NULL;',
                    hash="2481f825b79e74813349311d965cbceb2494b206",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_36ac2",
                    table="segments_tier",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="tier",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "segments_tierhistory" ("code", "goal", "goal_target", "is_active", "name_en", "name_zh", "pgh_created_at", "pgh_label", "pgh_obj_id", "position", "strategy_en", "strategy_zh") VALUES (OLD."code", OLD."goal", OLD."goal_target", OLD."is_active", OLD."name_en", OLD."name_zh", NOW(), \'delete\', OLD."id", OLD."position", OLD."strategy_en", OLD."strategy_zh"); RETURN NULL;',
                    hash="45aa13eafc8dfcd327de7152688a6535fcf65d62",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_669ea",
                    table="segments_tier",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="tiercriterion",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."alternative" IS DISTINCT FROM (NEW."alternative") OR OLD."measure" IS DISTINCT FROM (NEW."measure") OR OLD."operator" IS DISTINCT FROM (NEW."operator") OR OLD."tier_id" IS DISTINCT FROM (NEW."tier_id") OR OLD."value" IS DISTINCT FROM (NEW."value") OR OLD."window_days" IS DISTINCT FROM (NEW."window_days"))',
                    func='INSERT INTO "segments_tiercriterionhistory" ("alternative", "measure", "operator", "pgh_created_at", "pgh_label", "pgh_obj_id", "tier_id", "value", "window_days") VALUES (OLD."alternative", OLD."measure", OLD."operator", NOW(), \'update\', OLD."id", OLD."tier_id", OLD."value", OLD."window_days"); RETURN NULL;',
                    hash="8a1ff83f8217e307a818831f3b0c25327796b2f0",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_0927d",
                    table="segments_tiercriterion",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="tiercriterion",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "segments_tiercriterionhistory" ("alternative", "measure", "operator", "pgh_created_at", "pgh_label", "pgh_obj_id", "tier_id", "value", "window_days") VALUES (OLD."alternative", OLD."measure", OLD."operator", NOW(), \'delete\', OLD."id", OLD."tier_id", OLD."value", OLD."window_days"); RETURN NULL;',
                    hash="80b5150375651d0b2369016d312bd489fe21c015",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_90f2f",
                    table="segments_tiercriterion",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddField(
            model_name="rfmconfighistory",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="history",
                related_query_name="history_query",
                to="segments.rfmconfig",
            ),
        ),
        migrations.AddField(
            model_name="tiercriterionhistory",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="history",
                related_query_name="history_query",
                to="segments.tiercriterion",
            ),
        ),
        migrations.AddField(
            model_name="tiercriterionhistory",
            name="tier",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="segments.tier",
                verbose_name="tier",
            ),
        ),
        migrations.AddField(
            model_name="tierhistory",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="history",
                related_query_name="history_query",
                to="segments.tier",
            ),
        ),
        migrations.AddIndex(
            model_name="rfmconfighistory",
            index=models.Index(fields=["pgh_obj", "-pgh_id"], name="segments_rfmconfig_past"),
        ),
        migrations.AddIndex(
            model_name="tiercriterionhistory",
            index=models.Index(fields=["pgh_obj", "-pgh_id"], name="segments_tiercriterion_past"),
        ),
        migrations.AddIndex(
            model_name="tierhistory",
            index=models.Index(fields=["pgh_obj", "-pgh_id"], name="segments_tier_past"),
        ),
        keep_as_evidence("segments_rfmconfighistory"),
        keep_as_evidence("segments_tiercriterionhistory"),
        keep_as_evidence("segments_tierhistory"),
    ]
