"""Addresses of insights, teams and follow-ups, for `pages_of_the_admin`; their POSTs, for `test_acts_of_the_pages`."""

from collections.abc import Iterator
from typing import Any

from django.urls import reverse
from django.utils import timezone

from dashboards.enums import KpiFigure
from dashboards.models import InsightSettings
from dashboards.services.settings import FIELDS
from members.models import Member
from tests.scrm.acts_of_the_pages import Act, Cast, Maker

Row = tuple[Any, ...]
SEES, CHANGES = "dashboards.view_results", "dashboards.change_insightsettings"


def looked_at() -> Iterator[Row]:
    """Pages that a GET shows."""
    yield from (
        ("dashboards:churn", SEES),
        ("dashboards:preferences", SEES),
        ("dashboards:hours", SEES),
        ("dashboards:insight_settings", CHANGES),
        ("dashboards:team", "dashboards.view_team"),
    )


def posted_to() -> Iterator[Row]:
    """Addresses that take a POST only."""
    yield ("dashboards:churn_rule", CHANGES)
    yield ("dashboards:seen_to", "dashboards.add_followup")


def settings_form(**changes: str) -> dict[str, str]:
    """As the page shows it, with some fields changed."""
    settings = InsightSettings()
    typed = {name: str(getattr(settings, name)) for name in FIELDS}
    weights = {f"weight.{figure}": "10" for figure in KpiFigure}
    return {**typed, **weights, "reason": "按季度会议", **changes}


def seen_to(cast: Cast) -> Act:
    today = timezone.localdate()
    Member.objects.filter(pk=cast.member.pk).update(birthday=today)
    body = {"member": str(cast.member.pk), "kind": "birthday", "about": today.isoformat()}
    return Act(reverse("dashboards:seen_to"), body)


INSIGHT_ACTS: dict[str, Maker] = {
    "dashboards:churn_rule": lambda _cast: Act(
        reverse("dashboards:churn_rule"), {"scope": "all", "days": "5", "reason": "看曲线"}
    ),
    "dashboards:insight_settings": lambda _cast: Act(reverse("dashboards:insight_settings"), settings_form()),
    "dashboards:seen_to": seen_to,
}
