"""Addresses of the three levels and their metrics: (name, permission, *arguments), for `pages_of_the_admin`."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone

from dashboards.services.snapshots import take_snapshots
from tests.scrm.acts_of_the_pages import Act, Cast, Maker

Row = tuple[Any, ...]
SEES, SETS = "dashboards.view_results", "dashboards.change_metricdefinition"


def looked_at() -> Iterator[Row]:
    """Pages that a GET shows, of the metrics as shipped on a day that was measured."""
    yesterday = timezone.localdate() - timedelta(days=1)
    take_snapshots(first=yesterday, last=yesterday, by=None, now=timezone.now())
    yield from (
        ("dashboards:results", SEES),
        ("dashboards:report", SEES),
        ("dashboards:metrics", "dashboards.view_metricdefinition"),
        ("dashboards:metric_new", SETS),
        ("dashboards:metric", SEES, "arpu"),
        ("dashboards:metric_members", SEES, "arpu"),
        ("dashboards:metric_edit", SETS, "arpu"),
    )


def changed(cast: Cast) -> Act:
    page = reverse("dashboards:metric_edit", args=("arpu",))
    return Act(page, {**cast.client.get(page).context["typed"], "low": "160", "reason": "提价"})


def made(cast: Cast) -> Act:
    page = reverse("dashboards:metric_new")
    typed = cast.client.get(page).context["typed"]
    return Act(page, {**typed, "code": "orders_each", "name_zh": "人均订单", "formula": "orders / active_members"})


RESULTS_ACTS: dict[str, Maker] = {"dashboards:metric_edit": changed, "dashboards:metric_new": made}
