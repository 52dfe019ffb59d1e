"""The figures of stores and guides, counted each night."""

from datetime import datetime, timedelta

from django.db import transaction

from dashboards.enums import NightlyCount
from dashboards.models import TeamFigures
from dashboards.rules.team_sql import COUNT_TEAMS
from dashboards.selectors.settings import insight_settings
from dashboards.services.windows import counted, done, window

KEPT = timedelta(days=400)


def count_teams(*, now: datetime) -> int:
    """Sums of each store and guide as of the end of yesterday; a second run of the day counts them anew."""
    values = window(now=now, days=insight_settings().team_days)
    given = {"day": values["last"], "window_days": values["days"], "counted_at": now}
    figures = [TeamFigures(**given, **row) for row in counted(COUNT_TEAMS, values)]
    with transaction.atomic():
        TeamFigures.objects.filter(day__lt=values["last"] - KEPT).delete()
        TeamFigures.objects.filter(day=values["last"]).delete()
        TeamFigures.objects.bulk_create(figures, batch_size=1000)
        done(NightlyCount.TEAMS, now=now)
    return len(figures)
