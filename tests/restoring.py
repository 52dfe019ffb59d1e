"""The database as the migrations left it: a test with transactions of its own ends in a flush and may make months."""

from importlib import import_module

from django.apps import apps
from django.db import connection

from core.roles import as_owner

# A table is empty after a flush, or as it was: the first of those that a migration fills stands for all of its tables.
SEEDS = {
    "members.City": "members.migrations.0002_cities",
    "compliance.LexiconVersion": "compliance.migrations.0011_lexicon",
    "segments.Tier": "segments.migrations.0002_defaults",
    "compliance.ContactSettings": "compliance.migrations.0003_defaults",
    "compliance.WatchedRule": "compliance.migrations.0032_register_defaults",
    "loyalty.OfferSettings": "loyalty.migrations.0002_guards",
    "content.ContentType": "content.migrations.0003_defaults",
    "campaigns.Band": "campaigns.migrations.0002_defaults",
    "community.ScoreWeights": "community.migrations.0004_koc_defaults",
    "community.GroupType": "community.migrations.0001_groups",
    "community.ViolationRule": "community.migrations.0002_moderation",
    "dashboards.MetricDefinition": "dashboards.migrations.0002_default_metrics",
    "dashboards.InsightSettings": "dashboards.migrations.0004_insight_defaults",
}
PARTITIONS = """
SELECT part.relname FROM pg_inherits
JOIN pg_class AS part ON part.oid = pg_inherits.inhrelid AND part.relkind = 'r'
"""


def partitions() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(PARTITIONS)
        return {name for (name,) in cursor.fetchall()}


def restore(known: set[str]) -> None:
    """Puts the migrations' rows back where they are missing, and drops the partitions that are not `known`."""
    for model, seed in SEEDS.items():
        if not apps.get_model(model)._default_manager.exists():
            import_module(seed).load(apps, None)
    if made := partitions() - known:
        with as_owner("flush"), connection.cursor() as cursor:
            cursor.execute(f"DROP TABLE {', '.join(sorted(made))}")
