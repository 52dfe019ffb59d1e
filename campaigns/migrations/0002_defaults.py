"""The bands of healthy activities and the settings as the product is shipped; all of them rows that a brand changes."""

from decimal import Decimal
from typing import Any

from django.db import migrations

BANDS = (
    ("daily", "participation", "0.25", "0.40"),
    ("daily", "conversion", "0.08", "0.12"),
    ("daily", "roi", "3.5", None),
    ("festival", "participation", "0.50", "0.65"),
    ("festival", "conversion", "0.15", "0.20"),
    ("festival", "roi", "5.2", None),
    ("member", "participation", "0.15", "0.20"),
    ("member", "conversion", "0.25", "0.30"),
    ("member", "roi", "7.8", None),
)


def load(apps: Any, _editor: Any) -> None:
    apps.get_model("campaigns", "ActivitySettings").objects.get_or_create(
        id=1, defaults={"budget_limit": Decimal(50_000), "window_days": 7}
    )
    bands = apps.get_model("campaigns", "Band").objects
    for level, measure, low, high in BANDS:
        values = {"low": Decimal(low), "high": Decimal(high) if high else None}
        bands.get_or_create(level=level, measure=measure, defaults=values)


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0001_initial")]
    operations = [migrations.RunPython(load, migrations.RunPython.noop, elidable=False)]
