"""Whom the file of a proof shows; the file lies under a key of its own."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

import core.models


class Migration(migrations.Migration):
    dependencies = [("compliance", "0050_tombstones"), ("members", "0004_reveal")]

    operations = [
        migrations.RemoveConstraint("proof", "compliance_proof_filled"),
        migrations.AlterField(
            "proof",
            "file",
            core.models.EncryptedTextField(null=True, subject="pk", subject_kind="proof", verbose_name="file"),
        ),
        migrations.AddConstraint(
            "proof",
            models.CheckConstraint(condition=~Q(text="") | ~Q(file_digest=""), name="compliance_proof_filled"),
        ),
        migrations.CreateModel(
            "ProofPerson",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "proof",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="persons",
                        to="compliance.proof",
                        verbose_name="proof",
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="members.member",
                        verbose_name="member",
                    ),
                ),
            ],
            options={
                "verbose_name": "person in a proof",
                "verbose_name_plural": "persons in proofs",
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("proof", "member"), name="compliance_proof_person_once")
                ],
            },
        ),
    ]
