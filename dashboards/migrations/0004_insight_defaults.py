"""How insights are measured and weighed as the product is shipped; all of them rows that a brand changes."""

from decimal import Decimal
from typing import Any

from django.db import migrations

# Retention and repurchase weigh more than what is sold once.
WEIGHTS = (
    ("retention", "30"),
    ("repurchase", "30"),
    ("gmv", "15"),
    ("interactions", "10"),
    ("new", "10"),
    ("follow_ups", "5"),
)
THRESHOLD = 3


def load(apps: Any, _editor: Any) -> None:
    apps.get_model("dashboards", "InsightSettings").objects.get_or_create(id=1)
    apps.get_model("dashboards", "ChurnRule").objects.get_or_create(scope="all", defaults={"days": THRESHOLD})
    weights = apps.get_model("dashboards", "KpiWeight").objects
    for figure, weight in WEIGHTS:
        weights.get_or_create(figure=figure, defaults={"weight": Decimal(weight)})


class Migration(migrations.Migration):
    dependencies = [("dashboards", "0003_insight")]
    operations = [migrations.RunPython(load, migrations.RunPython.noop, elidable=False)]
