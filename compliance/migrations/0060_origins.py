"""Who handed out the link by which she came, proofs that stay, notes under her key, and indexes for erasing."""

import django.contrib.postgres.indexes
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import core.models


def handed_out_by(name: str) -> models.ForeignKey:  # type: ignore[type-arg]
    return models.ForeignKey(
        settings.AUTH_USER_MODEL,
        django.db.models.deletion.DO_NOTHING,
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
        verbose_name=name,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("compliance", "0051_proof_persons"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField("privacylink", "issued_by", handed_out_by("handed out by")),
        migrations.AddField("consentevent", "link_by", handed_out_by("link handed out by")),
        migrations.AddField("subjectrequest", "link_by", handed_out_by("link handed out by")),
        migrations.RemoveField("consentevent", "note"),
        migrations.AddField(
            "consentevent",
            "note",
            core.models.EncryptedTextField(
                editable=False, null=True, subject="member_id", subject_kind="member", verbose_name="note"
            ),
        ),
        migrations.RemoveConstraint("proof", "compliance_proof_once"),
        migrations.AddField("proof", "replaced_at", models.DateTimeField(null=True, verbose_name="replaced")),
        migrations.AddConstraint(
            "proof",
            models.UniqueConstraint(
                condition=models.Q(("replaced_at", None)), fields=("review", "key"), name="compliance_proof_once"
            ),
        ),
        migrations.AddField("approval", "proofs", models.JSONField(default=list, verbose_name="proofs")),
        migrations.AddIndex(
            "contactevent",
            django.contrib.postgres.indexes.BrinIndex(fields=["occurred_at"], name="compliance_contact_age"),
        ),
        migrations.AddIndex(
            "erasure",
            django.contrib.postgres.indexes.GinIndex(fields=["subject_ids"], name="compliance_erasure_records"),
        ),
    ]
