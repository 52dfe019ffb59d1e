"""The settings of offers with their defaults; published rules and winners do not change.

The trigger holds whoever sends the statement: what was promised to everybody stands once the draw is published.
"""

from typing import Any

from django.db import migrations

from core.models.evidence import keep_as_evidence

PUBLISHED = """
CREATE FUNCTION loyalty_keep_published() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the rules of draw % are published', OLD.id USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER loyalty_keep_published BEFORE UPDATE ON loyalty_draw FOR EACH ROW
    WHEN (OLD.state <> 'draft' AND (
        OLD.name, OLD.conditions, OLD.handing_over, OLD.organiser, OLD.max_chances, OLD.opens_at, OLD.closes_at,
        OLD.draws_at, OLD.seed_hash, OLD.sealed_seed
    ) IS DISTINCT FROM (
        NEW.name, NEW.conditions, NEW.handing_over, NEW.organiser, NEW.max_chances, NEW.opens_at, NEW.closes_at,
        NEW.draws_at, NEW.seed_hash, NEW.sealed_seed
    )) EXECUTE FUNCTION loyalty_keep_published();
"""
DROP = """
DROP TRIGGER loyalty_keep_published ON loyalty_draw;
DROP FUNCTION loyalty_keep_published();
"""


def load(apps: Any, _editor: Any) -> None:
    apps.get_model("loyalty", "OfferSettings").objects.get_or_create(pk=1)


class Migration(migrations.Migration):
    dependencies = [("loyalty", "0001_initial")]

    operations = [
        migrations.RunPython(load, migrations.RunPython.noop),
        migrations.RunSQL(PUBLISHED, DROP),
        keep_as_evidence("loyalty_drawwinner"),
    ]
