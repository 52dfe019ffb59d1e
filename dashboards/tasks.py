"""What results do by themselves: measuring at night."""

from typing import Any

from celery import shared_task
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.errors import ScrmError
from core.registries import Schedule, schedules
from core.services.features import require_feature
from core.services.surprises import each_by_itself
from dashboards import consumers
from dashboards.errors import SnapshotsRunning
from dashboards.services import cohorts, preferences, silences, teams
from dashboards.services.snapshots import TASK, take_due
from segments.enums import TIERING

__all__ = ["consumers"]


@shared_task(name=TASK)
def take_snapshots() -> dict[str, Any]:
    """Yesterday, what came late, and whatever an outage left out. A run that is under way does the same work."""
    try:
        taken = take_due(now=timezone.now())
    except SnapshotsRunning as refused:
        return {"skipped": refused.code}
    return {"days": taken.days, "figures": taken.figures, "metrics_skipped": list(taken.skipped)}


@shared_task(name="dashboards.measure_insights")
def measure_insights() -> dict[str, int]:
    """Preferences, the figures of the team, silences and cohorts, as of the end of yesterday; one that fails stops no other."""
    now = timezone.now()
    counts = {
        "preferences": preferences.count_preferences,
        "teams": teams.count_teams,
        "curves": silences.count_silences,
        "cohorts": cohorts.count_cohorts,
    }
    done = each_by_itself(counts, lambda code: counts[code](now=now))
    return dict(zip(counts, done, strict=True))


@shared_task(name="dashboards.flag_silent")
def flag_silent() -> dict[str, int | str]:
    """Flags of who is silent. A person is judged: without an approved assessment of automatic tiers nothing is done."""
    now = timezone.now()
    try:
        require_feature(TIERING, now=now)
    except ScrmError as refused:
        return {"skipped": refused.code}
    found = silences.flag_silent(now=now)
    return {"flagged": found.flagged, "ended": found.ended, "now": found.now}


schedules.register_all(
    [
        Schedule(
            code=TASK,
            task=TASK,
            description=_("Computes each metric as of yesterday, and what is missing of 13 weeks"),
            crontab="50 2 * * *",
            queue="bulk",
        ),
        Schedule(
            code="dashboards.measure_insights",
            task="dashboards.measure_insights",
            description=_("Measures silences, preferences, cohorts and the figures of stores and guides"),
            crontab="10 4 * * *",
            queue="bulk",
        ),
        Schedule(
            code="dashboards.flag_silent",
            task="dashboards.flag_silent",
            description=_("Flags members who have gone silent"),
            crontab="40 4 * * *",
            queue="bulk",
        ),
    ]
)
