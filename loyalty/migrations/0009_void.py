"""Draws that are made void by two people; versions, by which two people at one form do not undo each other.

The triggers hold whoever sends the statement. What is over does not change. What came out when a draw was computed again is
kept only in a transaction that puts the same on the record: an edited proof without its act is refused.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q

STATES = [
    ("draft", "Draft"),
    ("published", "Rules published"),
    ("stopped", "Stopped"),
    ("drawn", "Drawn"),
    ("empty", "Ended without entries"),
    ("voided", "Void"),
]
GUARDS = """
CREATE FUNCTION loyalty_keep_ended() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'draw % is over', OLD.id USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER loyalty_keep_ended BEFORE UPDATE ON loyalty_draw FOR EACH ROW
    WHEN (OLD.state IN ('drawn', 'empty', 'voided') AND (
        OLD.state, OLD.published_at, OLD.seed, OLD.entries_hash, OLD.entries_count, OLD.drawn_at, OLD.void_reason,
        OLD.void_notice, OLD.void_asked_by_id, OLD.void_asked_at, OLD.voided_by_id, OLD.voided_at
    ) IS DISTINCT FROM (
        NEW.state, NEW.published_at, NEW.seed, NEW.entries_hash, NEW.entries_count, NEW.drawn_at, NEW.void_reason,
        NEW.void_notice, NEW.void_asked_by_id, NEW.void_asked_at, NEW.voided_by_id, NEW.voided_at
    )) EXECUTE FUNCTION loyalty_keep_ended();

CREATE FUNCTION loyalty_keep_proof() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM audit_auditentry
        WHERE xid = audit_xid()::text::xid8 AND object_type = 'loyalty.draw' AND object_id = NEW.id::text
            AND action IN ('loyalty.run_draw', 'loyalty.prove_draw')
            AND NEW.proof = (
                SELECT coalesce(jsonb_object_agg(said.key, said.value -> 1), '{}') FROM jsonb_each(changes) AS said
                WHERE said.key IN ('seed_fits', 'prizes_fit', 'entries_fit', 'winners_fit')
            )
    ) THEN
        RAISE EXCEPTION 'no act says this of the proof of draw %', OLD.id USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER loyalty_keep_proof BEFORE UPDATE ON loyalty_draw FOR EACH ROW
    WHEN ((OLD.proof, OLD.proved_at) IS DISTINCT FROM (NEW.proof, NEW.proved_at))
    EXECUTE FUNCTION loyalty_keep_proof();
"""
DROP = """
DROP TRIGGER loyalty_keep_proof ON loyalty_draw;
DROP FUNCTION loyalty_keep_proof();
DROP TRIGGER loyalty_keep_ended ON loyalty_draw;
DROP FUNCTION loyalty_keep_ended();
"""
BY = {"null": True, "db_index": False, "related_name": "+", "editable": False, "to": settings.AUTH_USER_MODEL}


class Migration(migrations.Migration):
    dependencies = [
        ("loyalty", "0008_proof_kept"),
        ("audit", "0004_offset_from_the_table"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            "draw",
            {
                "ordering": ("-id",),
                "permissions": (("run_draw", "Can run draws"), ("void_draw", "Can confirm that draws are void")),
                "verbose_name": "draw",
                "verbose_name_plural": "draws",
            },
        ),
        migrations.AlterField(
            "draw", "state", models.CharField("state", max_length=10, choices=STATES, default="draft")
        ),
        migrations.AddField(
            "draw",
            "void_reason",
            models.CharField("why it is to be void", max_length=300, blank=True, editable=False, default=""),
            preserve_default=False,
        ),
        migrations.AddField(
            "draw",
            "void_notice",
            models.TextField("notice to members", max_length=1000, blank=True, editable=False, default=""),
            preserve_default=False,
        ),
        migrations.AddField(
            "draw",
            "void_asked_by",
            models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, verbose_name="asked by", **BY),
        ),
        migrations.AddField("draw", "void_asked_at", models.DateTimeField("asked", null=True, editable=False)),
        migrations.AddField(
            "draw",
            "voided_by",
            models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, verbose_name="made void by", **BY),
        ),
        migrations.AddField("draw", "voided_at", models.DateTimeField("made void", null=True, editable=False)),
        migrations.AddField("draw", "version", models.PositiveIntegerField(default=1, editable=False)),
        migrations.AddField("coupon", "version", models.PositiveIntegerField(default=1, editable=False)),
        migrations.AddConstraint(
            "draw",
            models.CheckConstraint(
                condition=Q(void_reason="", void_notice="", void_asked_by=None, void_asked_at=None)
                | (
                    ~Q(void_reason="")
                    & ~Q(void_notice="")
                    & Q(void_asked_by__isnull=False, void_asked_at__isnull=False)
                ),
                name="loyalty_draw_void_asked",
            ),
        ),
        migrations.AddConstraint(
            "draw",
            models.CheckConstraint(
                condition=(~Q(state="voided") & Q(voided_by=None, voided_at=None))
                | Q(state="voided", voided_by__isnull=False, voided_at__isnull=False),
                name="loyalty_draw_voided",
            ),
        ),
        migrations.AddConstraint(
            "draw",
            models.CheckConstraint(
                condition=Q(voided_by=None) | (Q(void_asked_by__isnull=False) & ~Q(voided_by=F("void_asked_by"))),
                name="loyalty_draw_four_eyes",
            ),
        ),
        migrations.RunSQL(GUARDS, DROP),
    ]
