"""What members of each kind of city prefer, counted each night."""

from datetime import datetime

from django.db import transaction

from dashboards.enums import NightlyCount
from dashboards.models import PreferenceCell
from dashboards.rules.preference_sql import COUNT_PREFERENCES
from dashboards.selectors.settings import insight_settings
from dashboards.services.windows import counted, done, window


def count_preferences(*, now: datetime) -> int:
    """Sums of what was bought in the window that ends with yesterday, in place of the former; answers how many rows."""
    values = window(now=now, days=insight_settings().preference_days)
    given = {"first_day": values["first"], "last_day": values["last"], "counted_at": now}
    cells = [PreferenceCell(**given, **row) for row in counted(COUNT_PREFERENCES, values)]
    with transaction.atomic():
        PreferenceCell.objects.all().delete()
        PreferenceCell.objects.bulk_create(cells, batch_size=1000)
        done(NightlyCount.PREFERENCES, now=now)
    return len(cells)
