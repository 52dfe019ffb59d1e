"""Prizes are part of the published rules: written down with a fingerprint, and held by the database.

The triggers hold whoever sends the statement: the lines of a published draw stand, and a prize that one names keeps its
name and kind and does not lose value.
"""

from django.db import migrations, models

STATES = [
    ("draft", "Draft"),
    ("published", "Rules published"),
    ("stopped", "Stopped"),
    ("drawn", "Drawn"),
    ("empty", "Ended without entries"),
]
#: What was published before is written down as it stands now.
WRITE_DOWN = """
UPDATE loyalty_drawprize AS line SET name = prize.name, kind = prize.kind, value = prize.value
FROM loyalty_prize AS prize, loyalty_draw AS draw
WHERE prize.id = line.prize_id AND draw.id = line.draw_id AND draw.state <> 'draft';
UPDATE loyalty_draw AS draw SET prizes_hash = (
    SELECT encode(sha256(convert_to(string_agg(
        line.prize_id || ',' || line.quantity || ',' || line.kind || ',' || line.value || ',' || line.name || E'\\n', ''
        ORDER BY line.position
    ), 'UTF8')), 'hex') FROM loyalty_drawprize AS line WHERE line.draw_id = draw.id
) WHERE state <> 'draft';
"""
GUARDS = """
DROP TRIGGER loyalty_keep_published ON loyalty_draw;
CREATE TRIGGER loyalty_keep_published BEFORE UPDATE ON loyalty_draw FOR EACH ROW
    WHEN (OLD.state <> 'draft' AND (
        OLD.name, OLD.conditions, OLD.handing_over, OLD.organiser, OLD.max_chances, OLD.opens_at, OLD.closes_at,
        OLD.draws_at, OLD.seed_hash, OLD.sealed_seed, OLD.prizes_hash
    ) IS DISTINCT FROM (
        NEW.name, NEW.conditions, NEW.handing_over, NEW.organiser, NEW.max_chances, NEW.opens_at, NEW.closes_at,
        NEW.draws_at, NEW.seed_hash, NEW.sealed_seed, NEW.prizes_hash
    )) EXECUTE FUNCTION loyalty_keep_published();

CREATE FUNCTION loyalty_keep_lines() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    published bigint;
BEGIN
    SELECT id INTO published FROM loyalty_draw
    WHERE state <> 'draft' AND (
        id = CASE WHEN TG_OP <> 'INSERT' THEN OLD.draw_id END OR id = CASE WHEN TG_OP <> 'DELETE' THEN NEW.draw_id END
    ) LIMIT 1;
    IF published IS NOT NULL THEN
        RAISE EXCEPTION 'the prizes of draw % are published', published USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER loyalty_keep_lines BEFORE INSERT OR UPDATE OR DELETE ON loyalty_drawprize
    FOR EACH ROW EXECUTE FUNCTION loyalty_keep_lines();

CREATE FUNCTION loyalty_keep_prize() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM loyalty_drawprize AS line JOIN loyalty_draw AS draw ON draw.id = line.draw_id
        WHERE line.prize_id = OLD.id AND draw.state <> 'draft'
    ) THEN
        RAISE EXCEPTION 'published rules name prize %', OLD.id USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER loyalty_keep_prize BEFORE UPDATE ON loyalty_prize FOR EACH ROW
    WHEN (OLD.name <> NEW.name OR OLD.kind <> NEW.kind OR OLD.value > NEW.value)
    EXECUTE FUNCTION loyalty_keep_prize();
"""
DROP = """
DROP TRIGGER loyalty_keep_prize ON loyalty_prize;
DROP FUNCTION loyalty_keep_prize();
DROP TRIGGER loyalty_keep_lines ON loyalty_drawprize;
DROP FUNCTION loyalty_keep_lines();
DROP TRIGGER loyalty_keep_published ON loyalty_draw;
CREATE TRIGGER loyalty_keep_published BEFORE UPDATE ON loyalty_draw FOR EACH ROW
    WHEN (OLD.state <> 'draft' AND (
        OLD.name, OLD.conditions, OLD.handing_over, OLD.organiser, OLD.max_chances, OLD.opens_at, OLD.closes_at,
        OLD.draws_at, OLD.seed_hash, OLD.sealed_seed
    ) IS DISTINCT FROM (
        NEW.name, NEW.conditions, NEW.handing_over, NEW.organiser, NEW.max_chances, NEW.opens_at, NEW.closes_at,
        NEW.draws_at, NEW.seed_hash, NEW.sealed_seed
    )) EXECUTE FUNCTION loyalty_keep_published();
"""


class Migration(migrations.Migration):
    dependencies = [("loyalty", "0003_claim")]

    operations = [
        migrations.AddField(
            "draw",
            "prizes_hash",
            models.CharField("fingerprint of the prizes", max_length=64, blank=True, editable=False, default=""),
            preserve_default=False,
        ),
        migrations.AlterField(
            "draw", "state", models.CharField("state", max_length=10, choices=STATES, default="draft")
        ),
        migrations.AddField(
            "drawprize",
            "name",
            models.CharField("name", max_length=60, blank=True, editable=False, default=""),
            preserve_default=False,
        ),
        migrations.AddField(
            "drawprize",
            "kind",
            models.CharField(
                "kind",
                max_length=8,
                choices=[("virtual", "Virtual"), ("physical", "Physical")],
                blank=True,
                editable=False,
                default="",
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            "drawprize",
            "value",
            models.DecimalField("market value, ¥", max_digits=10, decimal_places=2, null=True, editable=False),
        ),
        migrations.RunSQL(WRITE_DOWN, migrations.RunSQL.noop),
        migrations.RunSQL(GUARDS, DROP),
    ]
