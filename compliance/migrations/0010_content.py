"""Content law: the lexicon in versions, reviews, proofs; versions and approvals are evidence."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from core.models.evidence import keep_as_evidence


class Migration(migrations.Migration):
    dependencies = [("compliance", "0003_defaults"), ("accounts", "0001_initial"), ("core", "0001_roles")]

    operations = [
        migrations.CreateModel(
            name="Wording",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.TextField(verbose_name="text")),
            ],
            options={
                "verbose_name": "wording",
                "verbose_name_plural": "wordings",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="LexiconEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("phrase", models.CharField(max_length=40, verbose_name="phrase")),
                ("key", models.CharField(editable=False, max_length=120)),
                (
                    "pack",
                    models.CharField(
                        choices=[
                            ("statutory", "Statutory"),
                            ("general", "General claims"),
                            ("promotion", "Promotions and sharing"),
                            ("medical", "Medicine and treatment"),
                            ("cosmetics", "Cosmetics"),
                            ("health_food", "Health food"),
                            ("food", "Food and infant formula"),
                            ("finance", "Finance"),
                            ("education", "Education"),
                            ("alcohol", "Alcohol and tobacco"),
                            ("property", "Property"),
                            ("brand", "Own words"),
                        ],
                        max_length=12,
                        verbose_name="pack",
                    ),
                ),
                (
                    "severity",
                    models.CharField(
                        choices=[("block", "Forbidden"), ("warn", "Warning"), ("allow", "Allowed")],
                        max_length=5,
                        verbose_name="effect",
                    ),
                ),
                ("law", models.CharField(blank=True, max_length=200, verbose_name="law")),
                ("suggestion", models.CharField(blank=True, max_length=300, verbose_name="lawful wording")),
                ("note", models.CharField(blank=True, max_length=300, verbose_name="note")),
                ("since", models.PositiveIntegerField(verbose_name="since version")),
                ("until", models.PositiveIntegerField(null=True, verbose_name="until version")),
            ],
            options={
                "verbose_name": "phrase of the lexicon",
                "verbose_name_plural": "lexicon",
                "default_permissions": ("view", "change"),
                "indexes": [models.Index(fields=["until", "since"], name="compliance_lexicon_versions")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("until", None)), fields=("pack", "key"), name="compliance_lexicon_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("until", None), ("until__gt", models.F("since")), _connector="OR"),
                        name="compliance_lexicon_span",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("key", ""), _negated=True), name="compliance_lexicon_key"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("severity__in", ["block", "warn", "allow"])),
                        name="compliance_lexicon_severity",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LexiconVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField(unique=True, verbose_name="version")),
                ("packs", models.JSONField(default=list, verbose_name="packs switched on")),
                ("reason", models.CharField(max_length=300, verbose_name="reason")),
                ("at", models.DateTimeField(verbose_name="when")),
                ("added", models.PositiveIntegerField(default=0, verbose_name="added")),
                ("removed", models.PositiveIntegerField(default=0, verbose_name="removed")),
                ("entries", models.PositiveIntegerField(default=0, verbose_name="phrases")),
                ("digest", models.CharField(max_length=64, verbose_name="fingerprint")),
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
                "verbose_name": "version of the lexicon",
                "verbose_name_plural": "versions of the lexicon",
                "ordering": ("-number",),
                "default_permissions": ("view",),
            },
        ),
        migrations.CreateModel(
            name="Review",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=40, verbose_name="kind")),
                ("object_id", models.BigIntegerField()),
                ("title", models.CharField(max_length=120, verbose_name="title")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("scanned", "Not submitted"),
                            ("in_review", "In legal review"),
                            ("approved", "Approved"),
                            ("returned", "Returned"),
                            ("expired", "Expired"),
                        ],
                        default="draft",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("parts", models.JSONField(default=list, verbose_name="text")),
                ("digest", models.CharField(blank=True, max_length=64, verbose_name="fingerprint of the text")),
                ("lexicon", models.PositiveIntegerField(null=True, verbose_name="version of the lexicon")),
                ("blocks", models.PositiveIntegerField(default=0, verbose_name="forbidden")),
                ("warnings", models.PositiveIntegerField(default=0, verbose_name="warnings")),
                ("created_at", models.DateTimeField(verbose_name="made")),
                ("changed_at", models.DateTimeField(verbose_name="changed")),
                ("submitted_at", models.DateTimeField(null=True, verbose_name="submitted")),
                ("decided_at", models.DateTimeField(null=True, verbose_name="decided")),
                ("decision", models.CharField(blank=True, max_length=500, verbose_name="reason given")),
                ("valid_until", models.DateTimeField(null=True, verbose_name="valid until")),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="author",
                    ),
                ),
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
                    "submitted_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="submitted by",
                    ),
                ),
            ],
            options={
                "verbose_name": "legal review",
                "verbose_name_plural": "legal reviews",
                "permissions": (("decide_review", "Can approve and return texts"),),
                "default_permissions": ("view", "add"),
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "in_review")),
                        fields=["submitted_at"],
                        name="compliance_review_queue",
                    ),
                    models.Index(
                        condition=models.Q(("state", "approved")),
                        fields=["valid_until"],
                        name="compliance_review_expiry",
                    ),
                    models.Index(fields=["-changed_at"], name="compliance_review_changed"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("kind", "object_id"), name="compliance_review_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("decided_by", None),
                            models.Q(
                                models.Q(("decided_by", models.F("author")), _negated=True),
                                models.Q(("decided_by", models.F("submitted_by")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="compliance_review_four_eyes",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_at", None), ("decided_by", None)),
                            models.Q(("decided_at__isnull", False), ("decided_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="compliance_review_decided",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "approved"), _negated=True),
                            models.Q(
                                ("blocks", 0),
                                ("decided_by__isnull", False),
                                ("lexicon__isnull", False),
                                ("submitted_by__isnull", False),
                                ("valid_until__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="compliance_review_approved",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Proof",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=120)),
                ("phrase", models.CharField(max_length=40, verbose_name="phrase")),
                ("text", models.CharField(blank=True, max_length=2000, verbose_name="proof")),
                ("file", models.BinaryField(null=True, verbose_name="file")),
                ("file_name", models.CharField(blank=True, max_length=120, verbose_name="file name")),
                ("file_digest", models.CharField(blank=True, max_length=64, verbose_name="fingerprint of the file")),
                ("at", models.DateTimeField(verbose_name="when")),
                (
                    "accepted_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="accepted by",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
                (
                    "review",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="proofs",
                        to="compliance.review",
                        verbose_name="review",
                    ),
                ),
            ],
            options={
                "verbose_name": "proof",
                "verbose_name_plural": "proofs",
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("review", "key"), name="compliance_proof_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("text", ""), _negated=True), ("file__isnull", False), _connector="OR"
                        ),
                        name="compliance_proof_filled",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("accepted_by", None),
                            models.Q(("accepted_by", models.F("by")), _negated=True),
                            _connector="OR",
                        ),
                        name="compliance_proof_four_eyes",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Approval",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("parts", models.JSONField(verbose_name="text")),
                ("digest", models.CharField(max_length=64, verbose_name="fingerprint of the text")),
                ("lexicon", models.PositiveIntegerField(verbose_name="version of the lexicon")),
                ("hits", models.JSONField(default=list, verbose_name="warned phrases")),
                ("author_label", models.CharField(max_length=150, verbose_name="author")),
                ("at", models.DateTimeField(verbose_name="when")),
                ("valid_until", models.DateTimeField(verbose_name="valid until")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="approved by",
                    ),
                ),
                (
                    "review",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="approvals",
                        to="compliance.review",
                        verbose_name="review",
                    ),
                ),
            ],
            options={
                "verbose_name": "approval",
                "verbose_name_plural": "approvals",
                "default_permissions": (),
            },
        ),
        keep_as_evidence("compliance_lexiconversion"),
        keep_as_evidence("compliance_approval"),
    ]
