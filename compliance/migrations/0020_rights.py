"""Requests of data subjects, erasures, retention."""

import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import core.models.encrypted


class Migration(migrations.Migration):
    dependencies = [
        ("compliance", "0011_lexicon"),
        ("members", "0002_cities"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="RetentionRule",
            fields=[
                ("code", models.CharField(max_length=40, primary_key=True, serialize=False, verbose_name="data")),
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
                "verbose_name": "retention rule",
                "verbose_name_plural": "retention rules",
                "ordering": ("code",),
                "default_permissions": ("view", "change"),
            },
        ),
        migrations.CreateModel(
            name="RetentionRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=40, verbose_name="data")),
                ("before", models.DateTimeField(verbose_name="older than")),
                ("started_at", models.DateTimeField(verbose_name="started")),
                ("finished_at", models.DateTimeField(null=True, verbose_name="finished")),
                ("rows", models.BigIntegerField(default=0, verbose_name="rows")),
                ("held", models.BigIntegerField(default=0, verbose_name="kept by a legal hold")),
            ],
            options={
                "verbose_name": "purge",
                "verbose_name_plural": "purges",
                "ordering": ("-id",),
                "default_permissions": ("view",),
            },
        ),
        migrations.CreateModel(
            name="Erasure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("member_id", models.BigIntegerField(unique=True, verbose_name="member")),
                (
                    "subject_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), size=None, verbose_name="numbers of her records"
                    ),
                ),
                (
                    "why",
                    models.CharField(
                        choices=[
                            ("request", "She asked for it"),
                            ("closed", "The account was closed"),
                            ("withdrawn", "The consent was withdrawn"),
                            ("purpose_over", "The purpose is reached or out of reach"),
                            ("retention", "The retention period is over"),
                            ("unlawful", "Collected against law or agreement"),
                        ],
                        max_length=16,
                        verbose_name="why",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("running", "In progress"), ("done", "Done")],
                        default="running",
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                ("waits_for", models.CharField(blank=True, max_length=60, verbose_name="waits for")),
                ("started_at", models.DateTimeField(verbose_name="started")),
                ("finished_at", models.DateTimeField(null=True, verbose_name="finished")),
                ("vacuumed_at", models.DateTimeField(null=True, verbose_name="storage cleaned")),
                (
                    "by",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "erasure",
                "verbose_name_plural": "erasures",
                "ordering": ("-id",),
                "default_permissions": ("view", "add"),
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "running")), fields=["id"], name="compliance_erasure_running"
                    ),
                    models.Index(
                        condition=models.Q(("state", "done"), ("vacuumed_at", None)),
                        fields=["finished_at"],
                        name="compliance_erasure_unclean",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("finished_at", None), ("state", "running")),
                            models.Q(("finished_at__isnull", False), ("state", "done")),
                            _connector="OR",
                        ),
                        name="compliance_erasure_finished",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ErasureStep",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField(verbose_name="order")),
                ("code", models.CharField(max_length=40, verbose_name="part")),
                ("subject_id", models.BigIntegerField(verbose_name="number")),
                ("rows", models.IntegerField(null=True, verbose_name="rows")),
                ("done_at", models.DateTimeField(null=True, verbose_name="done")),
                (
                    "erasure",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="steps",
                        to="compliance.erasure",
                        verbose_name="erasure",
                    ),
                ),
            ],
            options={
                "verbose_name": "part of an erasure",
                "verbose_name_plural": "parts of an erasure",
                "ordering": ("position",),
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("erasure", "position"), name="compliance_erasure_step")
                ],
            },
        ),
        migrations.CreateModel(
            name="LegalHold",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason", models.CharField(max_length=300, verbose_name="why")),
                (
                    "since",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="since"),
                ),
                ("lifted_at", models.DateTimeField(null=True, verbose_name="lifted")),
                (
                    "by",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="members.member",
                        verbose_name="member",
                    ),
                ),
            ],
            options={
                "verbose_name": "legal hold",
                "verbose_name_plural": "legal holds",
                "default_permissions": ("view", "add", "change"),
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("lifted_at", None)), fields=("member",), name="compliance_hold_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RightsSettings",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, editable=False, primary_key=True, serialize=False)),
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
                "verbose_name": "settings of requests",
                "verbose_name_plural": "settings of requests",
                "default_permissions": ("view", "change"),
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("id", 1)), name="compliance_rights_one_row")
                ],
            },
        ),
        migrations.CreateModel(
            name="SubjectRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("access", "See and copy"),
                            ("correct", "Correct"),
                            ("delete", "Delete"),
                            ("restrict", "Restrict"),
                            ("withdraw", "Withdraw consent"),
                            ("explain", "Explain a decision"),
                            ("close", "Close the account"),
                        ],
                        max_length=12,
                        verbose_name="what",
                    ),
                ),
                (
                    "requester",
                    models.CharField(
                        choices=[
                            ("self", "The member herself"),
                            ("guardian", "Parent or guardian"),
                            ("relative", "Near relative of a deceased member"),
                            ("agent", "Someone she authorised"),
                        ],
                        default="self",
                        max_length=12,
                        verbose_name="who asks",
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("centre", "Privacy centre"),
                            ("phone", "Telephone"),
                            ("email", "E-mail"),
                            ("store", "In a store"),
                            ("letter", "Letter"),
                        ],
                        max_length=12,
                        verbose_name="came by",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("received", "Received"),
                            ("verified", "Identity checked"),
                            ("done", "Done"),
                            ("refused", "Refused"),
                            ("cancelled", "Taken back"),
                        ],
                        default="received",
                        max_length=12,
                        verbose_name="state",
                    ),
                ),
                (
                    "language",
                    models.CharField(
                        choices=[("zh-hans", "Simplified Chinese"), ("en", "English")],
                        default="zh-hans",
                        max_length=12,
                        verbose_name="language of the answer",
                    ),
                ),
                (
                    "wish",
                    core.models.encrypted.EncryptedTextField(
                        null=True, subject="member_id", subject_kind="member", verbose_name="in her words"
                    ),
                ),
                ("received_at", models.DateTimeField(verbose_name="received")),
                ("due_at", models.DateTimeField(verbose_name="due")),
                (
                    "identity_check",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("link", "Signed link sent to her"),
                            ("code", "Code sent to her phone or e-mail"),
                            ("call_back", "Called back on the stored number"),
                            ("papers", "Identity card seen in a store"),
                            ("proof", "Written authority or proof of kinship seen"),
                        ],
                        max_length=12,
                        verbose_name="identity",
                    ),
                ),
                ("verified_at", models.DateTimeField(null=True, verbose_name="identity checked")),
                ("copied_at", models.DateTimeField(null=True, verbose_name="copy made")),
                (
                    "refusal",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("not_identified", "Who asks could not be identified"),
                            ("not_entitled", "Who asks has no authority to ask for her"),
                            ("legal_duty", "A law demands that the data are kept"),
                            ("no_data", "There are no such data"),
                            ("excessive", "Repeated clearly more often than needed"),
                            ("others", "It would disclose somebody else's data"),
                        ],
                        max_length=16,
                        verbose_name="refused because",
                    ),
                ),
                (
                    "answer",
                    core.models.encrypted.EncryptedTextField(
                        null=True, subject="member_id", subject_kind="member", verbose_name="answer"
                    ),
                ),
                ("closed_at", models.DateTimeField(null=True, verbose_name="closed")),
                (
                    "closed_by",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="members.member",
                        verbose_name="member",
                    ),
                ),
                (
                    "verified_by",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "request of a data subject",
                "verbose_name_plural": "requests of data subjects",
                "ordering": ("due_at", "id"),
                "default_permissions": ("view", "add", "change"),
                "indexes": [
                    models.Index(
                        condition=models.Q(("closed_at", None)), fields=["due_at"], name="compliance_request_open"
                    ),
                    models.Index(fields=["member", "-received_at"], name="compliance_request_of"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "refused"), models.Q(("refusal", ""), _negated=True)),
                            models.Q(models.Q(("state", "refused"), _negated=True), ("refusal", "")),
                            _connector="OR",
                        ),
                        name="compliance_request_refused_why",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("closed_at", None), ("state__in", ["received", "verified"])),
                            models.Q(("closed_at__isnull", False), ("state__in", ["done", "refused", "cancelled"])),
                            _connector="OR",
                        ),
                        name="compliance_request_closed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["verified", "done"]), _negated=True),
                            ("verified_at__isnull", False),
                            _connector="OR",
                        ),
                        name="compliance_request_identified",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "access"), ("state", "done"), _negated=True),
                            ("copied_at__isnull", False),
                            _connector="OR",
                        ),
                        name="compliance_request_copied",
                    ),
                ],
            },
        ),
    ]
