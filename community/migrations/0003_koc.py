"""KOC: scores, people, agreements, levels, effects."""

import django.contrib.postgres.fields
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

import audit.models.history


class Migration(migrations.Migration):
    dependencies = [
        ("community", "0002_moderation"),
        ("members", "0004_reveal"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="KocScore",
            fields=[
                (
                    "member",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="koc_score",
                        serialize=False,
                        to="members.member",
                        verbose_name="member",
                    ),
                ),
                ("total", models.DecimalField(decimal_places=1, max_digits=4, verbose_name="score")),
                (
                    "parts",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.DecimalField(decimal_places=1, max_digits=4), size=None, verbose_name="parts"
                    ),
                ),
                (
                    "facts",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), size=None, verbose_name="facts"
                    ),
                ),
                ("groups", models.PositiveSmallIntegerField(verbose_name="groups")),
                ("before_total", models.DecimalField(decimal_places=1, max_digits=4, null=True)),
                (
                    "before_parts",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.DecimalField(decimal_places=1, max_digits=4), null=True, size=None
                    ),
                ),
                (
                    "before_facts",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), null=True, size=None
                    ),
                ),
            ],
            options={
                "verbose_name": "KOC score",
                "verbose_name_plural": "KOC scores",
                "default_permissions": ("view",),
            },
        ),
        migrations.CreateModel(
            name="LevelRuleHistory",
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
                    "level",
                    models.CharField(
                        choices=[
                            ("co_creation", "Co-creation"),
                            ("priority", "Priority benefits"),
                            ("revenue_share", "Revenue share"),
                        ],
                        max_length=16,
                        verbose_name="level",
                    ),
                ),
                (
                    "enter_score",
                    models.DecimalField(decimal_places=1, max_digits=4, verbose_name="proposed from score"),
                ),
                ("enter_days", models.PositiveSmallIntegerField(verbose_name="after so many days at the level below")),
                (
                    "keep_score",
                    models.DecimalField(decimal_places=1, max_digits=4, verbose_name="questioned below score"),
                ),
                ("keep_days", models.PositiveSmallIntegerField(verbose_name="for so many days in a row")),
            ],
            options={
                "verbose_name": "history",
                "verbose_name_plural": "history",
                "abstract": False,
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="ScoreRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("as_of", models.DateTimeField(verbose_name="as of")),
                ("members", models.IntegerField(verbose_name="members scored")),
                ("strangers", models.IntegerField(verbose_name="participants who are no member")),
                ("started_at", models.DateTimeField(verbose_name="started")),
                ("seconds", models.FloatField(verbose_name="seconds")),
            ],
            options={
                "verbose_name": "run of scores",
                "verbose_name_plural": "runs of scores",
                "ordering": ("-id",),
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="ScoreScale",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "fact",
                    models.CharField(
                        choices=[
                            ("messages", "Messages in groups"),
                            ("answered", "Times others answered or mentioned her"),
                            ("reached", "People she talked with"),
                            ("pieces", "Approved pieces of UGC"),
                            ("used", "Times her UGC was used"),
                            ("orders", "Her orders"),
                            ("spend", "Her net spend, ¥"),
                            ("invited", "Members she invited"),
                            ("brought", "People she brought into groups"),
                            ("referred", "Orders of others with her code"),
                            ("weeks", "Weeks in which she spoke"),
                        ],
                        max_length=10,
                        verbose_name="fact",
                    ),
                ),
                ("half", models.DecimalField(decimal_places=2, max_digits=10, verbose_name="gives 50 points")),
                ("share", models.PositiveSmallIntegerField(verbose_name="weight within its part")),
            ],
            options={
                "verbose_name": "scale of a fact",
                "verbose_name_plural": "scales of facts",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="ScoreWeights",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(unique=True, verbose_name="version")),
                ("influence", models.PositiveSmallIntegerField(verbose_name="influence")),
                ("ugc", models.PositiveSmallIntegerField(verbose_name="UGC")),
                ("purchases", models.PositiveSmallIntegerField(verbose_name="purchases")),
                ("referrals", models.PositiveSmallIntegerField(verbose_name="referrals")),
                ("consistency", models.PositiveSmallIntegerField(verbose_name="consistency")),
                ("window_days", models.PositiveSmallIntegerField(default=90, verbose_name="window in days")),
                (
                    "share_low",
                    models.DecimalField(
                        decimal_places=1, default=10, max_digits=4, verbose_name="least share of KOC, %"
                    ),
                ),
                (
                    "share_high",
                    models.DecimalField(
                        decimal_places=1, default=15, max_digits=4, verbose_name="greatest share of KOC, %"
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=300, verbose_name="why")),
                ("at", models.DateTimeField(verbose_name="set")),
            ],
            options={
                "verbose_name": "weights of scores",
                "verbose_name_plural": "weights of scores",
                "ordering": ("-version",),
                "default_permissions": ("view", "add"),
            },
        ),
        migrations.CreateModel(
            name="EffectRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("as_of", models.DateTimeField(verbose_name="as of")),
                ("days", models.PositiveSmallIntegerField(verbose_name="days before and after")),
                ("observed", models.IntegerField(verbose_name="KOC with both times over")),
                ("not_due", models.IntegerField(verbose_name="KOC whose time after is not over")),
                ("seconds", models.FloatField(verbose_name="seconds")),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
            ],
            options={
                "verbose_name": "measurement of the effect",
                "verbose_name_plural": "measurements of the effect",
                "ordering": ("-id",),
                "default_permissions": ("view",),
            },
        ),
        migrations.CreateModel(
            name="EffectFigure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "treated",
                    models.CharField(
                        choices=[("koc", "KOC themselves"), ("groups", "Other members of their groups")],
                        max_length=8,
                        verbose_name="whose change",
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("spend", "Net spend per member, ¥"),
                            ("orders", "Orders per member"),
                            ("conversion", "Share who bought"),
                            ("ugc", "Pieces of UGC per member"),
                        ],
                        max_length=12,
                        verbose_name="outcome",
                    ),
                ),
                ("people", models.IntegerField(verbose_name="members measured")),
                ("matched", models.IntegerField(verbose_name="of them with matched members")),
                ("controls", models.IntegerField(verbose_name="matched members")),
                ("before", models.FloatField(null=True, verbose_name="before")),
                ("after", models.FloatField(null=True, verbose_name="after")),
                ("control_before", models.FloatField(null=True, verbose_name="matched, before")),
                ("control_after", models.FloatField(null=True, verbose_name="matched, after")),
                ("effect", models.FloatField(null=True, verbose_name="effect")),
                ("low", models.FloatField(null=True, verbose_name="from")),
                ("high", models.FloatField(null=True, verbose_name="to")),
                ("reason", models.CharField(blank=True, max_length=20, verbose_name="why not observed")),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="figures",
                        to="community.effectrun",
                        verbose_name="measurement",
                    ),
                ),
            ],
            options={
                "verbose_name": "effect",
                "verbose_name_plural": "effects",
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("run", "treated", "outcome"), name="community_effect_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("effect", None), ("reason__gt", "")),
                            models.Q(
                                ("effect__isnull", False),
                                ("high__isnull", False),
                                ("low__isnull", False),
                                ("reason", ""),
                            ),
                            _connector="OR",
                        ),
                        name="community_effect_or_reason",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Koc",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("invited", "Invited"),
                            ("declined", "Declined"),
                            ("active", "Active"),
                            ("paused", "Paused"),
                            ("left", "Left"),
                            ("demoted", "Demoted"),
                        ],
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                (
                    "level",
                    models.CharField(
                        choices=[
                            ("co_creation", "Co-creation"),
                            ("priority", "Priority benefits"),
                            ("revenue_share", "Revenue share"),
                        ],
                        default="co_creation",
                        max_length=16,
                        verbose_name="level",
                    ),
                ),
                (
                    "referral_code",
                    models.CharField(max_length=16, null=True, unique=True, verbose_name="referral code"),
                ),
                ("invited_at", models.DateTimeField(verbose_name="invited")),
                ("invited_until", models.DateTimeField(verbose_name="answer expected until")),
                (
                    "invited_score",
                    models.DecimalField(decimal_places=1, max_digits=4, null=True, verbose_name="score when invited"),
                ),
                ("since", models.DateTimeField(null=True, verbose_name="KOC since")),
                ("level_since", models.DateTimeField(null=True, verbose_name="at this level since")),
                ("ended_at", models.DateTimeField(null=True, verbose_name="ended")),
                ("reason", models.CharField(blank=True, max_length=300, verbose_name="why it stands so")),
                (
                    "merged_into",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="community.koc",
                    ),
                ),
                (
                    "invited_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="invited by",
                    ),
                ),
                (
                    "member",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="koc",
                        to="members.member",
                        verbose_name="member",
                    ),
                ),
            ],
            options={
                "verbose_name": "KOC",
                "verbose_name_plural": "KOC",
                "ordering": ("-id",),
                "permissions": (("measure_koc", "Can have scores and effects of KOC computed"),),
                "indexes": [models.Index(fields=["state", "-id"], name="community_koc_by_state")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ("active", "paused")), _negated=True),
                            models.Q(
                                ("ended_at", None),
                                ("member__isnull", False),
                                ("referral_code__isnull", False),
                                ("since__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="community_koc_standing_whole",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ("left", "demoted")), _negated=True),
                            ("ended_at__isnull", False),
                            _connector="OR",
                        ),
                        name="community_koc_ended_when",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("referral_code", None), ("referral_code__regex", "^[2-9A-HJKMNP-Z]{8}$"), _connector="OR"
                        ),
                        name="community_koc_code",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="KocAgreement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("programme", "Taking part and publishing"), ("revenue_share", "Revenue share")],
                        max_length=16,
                        verbose_name="about",
                    ),
                ),
                ("version", models.PositiveIntegerField(verbose_name="version")),
                ("text", models.TextField(max_length=10000, verbose_name="text")),
                ("hash", models.CharField(max_length=64, verbose_name="fingerprint")),
                ("published_at", models.DateTimeField(verbose_name="published")),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="published by",
                    ),
                ),
            ],
            options={
                "verbose_name": "text for KOC",
                "verbose_name_plural": "texts for KOC",
                "ordering": ("kind", "-version"),
                "default_permissions": ("view", "add"),
                "constraints": [models.UniqueConstraint(fields=("kind", "version"), name="community_agreement_once")],
            },
        ),
        migrations.CreateModel(
            name="KocAcceptance",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("hash", models.CharField(max_length=64, verbose_name="fingerprint")),
                ("accepted_at", models.DateTimeField(verbose_name="agreed")),
                ("recorded_at", models.DateTimeField(verbose_name="recorded")),
                (
                    "source",
                    models.CharField(
                        choices=[("staff", "Told to staff"), ("api", "By the API")], max_length=8, verbose_name="door"
                    ),
                ),
                ("consent_event", models.BigIntegerField(editable=False, null=True)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="recorded by",
                    ),
                ),
                (
                    "koc",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="acceptances",
                        to="community.koc",
                        verbose_name="KOC",
                    ),
                ),
                (
                    "agreement",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="acceptances",
                        to="community.kocagreement",
                        verbose_name="text for KOC",
                    ),
                ),
            ],
            options={
                "verbose_name": "agreement of a KOC",
                "verbose_name_plural": "agreements of KOC",
                "default_permissions": ("view",),
                "indexes": [models.Index(fields=["koc", "-id"], name="community_acceptance_of")],
            },
        ),
        migrations.CreateModel(
            name="KocEffect",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("spend", "Net spend per member, ¥"),
                            ("orders", "Orders per member"),
                            ("conversion", "Share who bought"),
                            ("ugc", "Pieces of UGC per member"),
                        ],
                        max_length=12,
                        verbose_name="outcome",
                    ),
                ),
                ("controls", models.PositiveSmallIntegerField(verbose_name="matched members")),
                ("before", models.FloatField(verbose_name="before")),
                ("after", models.FloatField(verbose_name="after")),
                ("control_before", models.FloatField(verbose_name="matched, before")),
                ("control_after", models.FloatField(verbose_name="matched, after")),
                (
                    "koc",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="effects",
                        to="community.koc",
                        verbose_name="KOC",
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="community.effectrun",
                    ),
                ),
            ],
            options={
                "verbose_name": "effect beside one KOC",
                "verbose_name_plural": "effects beside each KOC",
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("run", "koc", "outcome"), name="community_koceffect_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="KocEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "what",
                    models.CharField(
                        choices=[
                            ("invite", "Invited"),
                            ("accept", "Accepted"),
                            ("decline", "Declined"),
                            ("take_back", "Invitation taken back"),
                            ("lapse", "Invitation ran out"),
                            ("pause", "Paused"),
                            ("resume", "Resumed"),
                            ("promote", "Promoted"),
                            ("lower", "Moved to a lower level"),
                            ("demote", "Demoted"),
                            ("leave", "Left"),
                            ("agree", "Agreed"),
                            ("merge", "Merged into another member"),
                        ],
                        max_length=12,
                        verbose_name="what",
                    ),
                ),
                ("from_state", models.CharField(blank=True, max_length=10)),
                (
                    "to_state",
                    models.CharField(
                        choices=[
                            ("invited", "Invited"),
                            ("declined", "Declined"),
                            ("active", "Active"),
                            ("paused", "Paused"),
                            ("left", "Left"),
                            ("demoted", "Demoted"),
                        ],
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("from_level", models.CharField(blank=True, max_length=16)),
                (
                    "to_level",
                    models.CharField(
                        choices=[
                            ("co_creation", "Co-creation"),
                            ("priority", "Priority benefits"),
                            ("revenue_share", "Revenue share"),
                        ],
                        max_length=16,
                        verbose_name="level",
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=300, verbose_name="reason")),
                ("at", models.DateTimeField(verbose_name="when")),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
                (
                    "koc",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="events",
                        to="community.koc",
                        verbose_name="KOC",
                    ),
                ),
            ],
            options={
                "verbose_name": "step of a KOC",
                "verbose_name_plural": "steps of KOC",
                "default_permissions": (),
                "indexes": [models.Index(fields=["koc", "-at", "-id"], name="community_kocevent_of")],
            },
        ),
        migrations.CreateModel(
            name="KocHistory",
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
                        choices=[
                            ("invited", "Invited"),
                            ("declined", "Declined"),
                            ("active", "Active"),
                            ("paused", "Paused"),
                            ("left", "Left"),
                            ("demoted", "Demoted"),
                        ],
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                (
                    "level",
                    models.CharField(
                        choices=[
                            ("co_creation", "Co-creation"),
                            ("priority", "Priority benefits"),
                            ("revenue_share", "Revenue share"),
                        ],
                        default="co_creation",
                        max_length=16,
                        verbose_name="level",
                    ),
                ),
                ("since", models.DateTimeField(null=True, verbose_name="KOC since")),
                ("level_since", models.DateTimeField(null=True, verbose_name="at this level since")),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="history",
                        related_query_name="history_query",
                        to="community.koc",
                    ),
                ),
            ],
            options={
                "verbose_name": "history",
                "verbose_name_plural": "history",
                "abstract": False,
                "default_permissions": (),
                "indexes": [models.Index(fields=["pgh_obj", "-pgh_id"], name="community_koc_past")],
            },
        ),
        migrations.CreateModel(
            name="KocScoreDay",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "member_id", "day", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("day", models.DateField(verbose_name="day")),
                ("total", models.DecimalField(decimal_places=1, max_digits=4, verbose_name="score")),
                (
                    "parts",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.DecimalField(decimal_places=1, max_digits=4), size=None, verbose_name="parts"
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="members.member",
                    ),
                ),
            ],
            options={
                "verbose_name": "KOC score of a day",
                "verbose_name_plural": "KOC scores of days",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="KocSettings",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, editable=False, primary_key=True, serialize=False)),
                (
                    "invite_days",
                    models.PositiveSmallIntegerField(
                        default=14, verbose_name="days in which an invitation is answered"
                    ),
                ),
                (
                    "rest_days",
                    models.PositiveSmallIntegerField(
                        default=90, verbose_name="days before somebody who was KOC is invited again"
                    ),
                ),
                (
                    "effect_days",
                    models.PositiveSmallIntegerField(
                        default=30, verbose_name="days before and after that are compared"
                    ),
                ),
                (
                    "lift_low",
                    models.DecimalField(
                        decimal_places=1,
                        default=18,
                        max_digits=5,
                        verbose_name="hoped for: conversion of members around them, from %",
                    ),
                ),
                (
                    "lift_high",
                    models.DecimalField(decimal_places=1, default=25, max_digits=5, verbose_name="to %"),
                ),
                (
                    "ugc_low",
                    models.DecimalField(
                        decimal_places=1, default=3, max_digits=5, verbose_name="hoped for: UGC, from times"
                    ),
                ),
                (
                    "ugc_high",
                    models.DecimalField(decimal_places=1, default=5, max_digits=5, verbose_name="to times"),
                ),
                ("score_asked_at", models.DateTimeField(editable=False, null=True)),
                (
                    "score_asked_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("effect_asked_at", models.DateTimeField(editable=False, null=True)),
                (
                    "effect_asked_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "settings of KOC",
                "verbose_name_plural": "settings of KOC",
                "default_permissions": ("view", "change"),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("effect_days__gte", 14),
                            ("effect_days__lte", 180),
                            ("id", 1),
                            ("invite_days__gte", 1),
                            ("invite_days__lte", 90),
                            ("lift_high__gte", models.F("lift_low")),
                            ("ugc_high__gte", models.F("ugc_low")),
                        ),
                        name="community_kocsettings_one",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="LevelProposal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("promote", "Promote"), ("lower", "To a lower level"), ("demote", "End as KOC")],
                        max_length=10,
                        verbose_name="what",
                    ),
                ),
                (
                    "from_level",
                    models.CharField(
                        choices=[
                            ("co_creation", "Co-creation"),
                            ("priority", "Priority benefits"),
                            ("revenue_share", "Revenue share"),
                        ],
                        max_length=16,
                        verbose_name="from level",
                    ),
                ),
                (
                    "to_level",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("co_creation", "Co-creation"),
                            ("priority", "Priority benefits"),
                            ("revenue_share", "Revenue share"),
                        ],
                        max_length=16,
                        verbose_name="to level",
                    ),
                ),
                ("facts", models.JSONField(verbose_name="figures")),
                ("made_at", models.DateTimeField(verbose_name="proposed")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "Open"),
                            ("confirmed", "Confirmed"),
                            ("dismissed", "Dismissed"),
                            ("outdated", "Outdated"),
                        ],
                        default="open",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("decided_at", models.DateTimeField(null=True, verbose_name="decided")),
                ("note", models.CharField(blank=True, max_length=300, verbose_name="note")),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="decided by",
                    ),
                ),
                (
                    "koc",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="proposals",
                        to="community.koc",
                        verbose_name="KOC",
                    ),
                ),
            ],
            options={
                "verbose_name": "proposal for a KOC",
                "verbose_name_plural": "proposals for KOC",
                "default_permissions": (),
                "indexes": [
                    models.Index(fields=["koc", "-id"], name="community_proposal_of"),
                    models.Index(
                        condition=models.Q(("state", "open")), fields=["-made_at"], name="community_proposal_open"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "open")), fields=("koc",), name="community_proposal_one_open"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_at", None), ("state", "open")),
                            models.Q(models.Q(("state", "open"), _negated=True), ("decided_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="community_proposal_decided",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LevelRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "level",
                    models.CharField(
                        choices=[
                            ("co_creation", "Co-creation"),
                            ("priority", "Priority benefits"),
                            ("revenue_share", "Revenue share"),
                        ],
                        max_length=16,
                        unique=True,
                        verbose_name="level",
                    ),
                ),
                (
                    "enter_score",
                    models.DecimalField(decimal_places=1, max_digits=4, verbose_name="proposed from score"),
                ),
                ("enter_days", models.PositiveSmallIntegerField(verbose_name="after so many days at the level below")),
                (
                    "keep_score",
                    models.DecimalField(decimal_places=1, max_digits=4, verbose_name="questioned below score"),
                ),
                ("keep_days", models.PositiveSmallIntegerField(verbose_name="for so many days in a row")),
            ],
            options={
                "verbose_name": "rule of a level",
                "verbose_name_plural": "rules of levels",
                "ordering": ("enter_score",),
                "default_permissions": ("view", "change"),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("enter_score__gte", 0),
                            ("enter_score__lte", 100),
                            ("keep_days__gte", 1),
                            ("keep_score__gte", 0),
                            ("keep_score__lte", models.F("enter_score")),
                        ),
                        name="community_levelrule_span",
                    )
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="levelrule",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."enter_days" IS DISTINCT FROM (NEW."enter_days") OR OLD."enter_score" IS DISTINCT FROM (NEW."enter_score") OR OLD."keep_days" IS DISTINCT FROM (NEW."keep_days") OR OLD."keep_score" IS DISTINCT FROM (NEW."keep_score") OR OLD."level" IS DISTINCT FROM (NEW."level"))',
                    func='INSERT INTO "community_levelrulehistory" ("enter_days", "enter_score", "keep_days", "keep_score", "level", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (OLD."enter_days", OLD."enter_score", OLD."keep_days", OLD."keep_score", OLD."level", NOW(), \'update\', OLD."id"); RETURN NULL;',
                    hash="f98958934566aa4a46fc606c8b5052a729f22bf7",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_887d8",
                    table="community_levelrule",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="levelrule",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "community_levelrulehistory" ("enter_days", "enter_score", "keep_days", "keep_score", "level", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (OLD."enter_days", OLD."enter_score", OLD."keep_days", OLD."keep_score", OLD."level", NOW(), \'delete\', OLD."id"); RETURN NULL;',
                    hash="10e20417bdaa2ee397586d771c52b3c977cea608",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_84ce1",
                    table="community_levelrule",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddField(
            model_name="levelrulehistory",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="history",
                related_query_name="history_query",
                to="community.levelrule",
            ),
        ),
        migrations.AddField(
            model_name="scorerun",
            name="by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="by",
            ),
        ),
        migrations.AddField(
            model_name="kocscore",
            name="before_run",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="community.scorerun",
            ),
        ),
        migrations.AddField(
            model_name="kocscore",
            name="run",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="community.scorerun",
            ),
        ),
        migrations.AddField(
            model_name="scoreweights",
            name="by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="set by",
            ),
        ),
        migrations.AddField(
            model_name="scorescale",
            name="weights",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="scales",
                to="community.scoreweights",
                verbose_name="weights",
            ),
        ),
        migrations.AddField(
            model_name="scorerun",
            name="weights",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="community.scoreweights",
                verbose_name="weights",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="koc",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."level" IS DISTINCT FROM (NEW."level") OR OLD."level_since" IS DISTINCT FROM (NEW."level_since") OR OLD."since" IS DISTINCT FROM (NEW."since") OR OLD."state" IS DISTINCT FROM (NEW."state"))',
                    func='INSERT INTO "community_kochistory" ("level", "level_since", "pgh_created_at", "pgh_label", "pgh_obj_id", "since", "state") VALUES (OLD."level", OLD."level_since", NOW(), \'update\', OLD."id", OLD."since", OLD."state"); RETURN NULL;',
                    hash="245d7a8c18b5aff83320fb00ac61541ec4c023fb",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_b1f40",
                    table="community_koc",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="koc",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "community_kochistory" ("level", "level_since", "pgh_created_at", "pgh_label", "pgh_obj_id", "since", "state") VALUES (OLD."level", OLD."level_since", NOW(), \'delete\', OLD."id", OLD."since", OLD."state"); RETURN NULL;',
                    hash="061a9c81d7b9e700594bb19287ca5b743bef4ba1",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_6a3c8",
                    table="community_koc",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="levelrulehistory",
            index=models.Index(fields=["pgh_obj", "-pgh_id"], name="community_levelrule_past"),
        ),
        migrations.AddIndex(
            model_name="kocscore",
            index=models.Index(fields=["-total", "member"], name="community_score_best"),
        ),
        migrations.AddConstraint(
            model_name="scoreweights",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("influence__gt", 0),
                    ("ugc__gt", 0),
                    ("purchases__gt", 0),
                    ("referrals__gt", 0),
                    ("consistency__gt", 0),
                    _connector="OR",
                ),
                name="community_weights_not_nothing",
            ),
        ),
        migrations.AddConstraint(
            model_name="scoreweights",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("share_high__gte", models.F("share_low")), ("share_high__lte", 100), ("share_low__gt", 0)
                ),
                name="community_weights_share",
            ),
        ),
        migrations.AddConstraint(
            model_name="scoreweights",
            constraint=models.CheckConstraint(
                condition=models.Q(("window_days__gte", 7), ("window_days__lte", 365)), name="community_weights_days"
            ),
        ),
        migrations.AddConstraint(
            model_name="scorescale",
            constraint=models.UniqueConstraint(fields=("weights", "fact"), name="community_scale_once"),
        ),
        migrations.AddConstraint(
            model_name="scorescale",
            constraint=models.CheckConstraint(condition=models.Q(("half__gt", 0)), name="community_scale_half"),
        ),
    ]
