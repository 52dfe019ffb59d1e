"""What metrics tell the page "Today": those outside their range, with the advice, to whoever answers for them."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.enums import Reach
from accounts.models import User
from core.registries import WorkItem, WorkSource, work
from dashboards.enums import Health
from dashboards.models import MetricDefinition
from dashboards.pages.metric_words import range_words, said
from dashboards.selectors.board import Figure, Part, figures, latest_day, metrics_in_use

MOST = 6
OUTSIDE = (Health.ACT, Health.WATCH)


def outside(user: Any, now: datetime) -> Iterator[WorkItem]:
    """Of the latest day; a metric without an owner is everybody's who sets metrics."""
    del now
    hers = [metric for metric in metrics_in_use() if _answers(user, metric)]
    day = latest_day() if hers else None
    if day is None:
        return
    found = figures(hers, Part(), [day]).values()
    worst_first = sorted(found, key=lambda figure: (figure.health != Health.ACT, figure.metric.position))
    yield from (_item(figure) for figure in worst_first[:MOST] if figure.health in OUTSIDE)


def _answers(user: User, metric: MetricDefinition) -> bool:
    if user.reach != Reach.ALL:
        return False
    if metric.owner_id is not None:
        return metric.owner_id == user.pk
    return user.has_perm("dashboards.change_metricdefinition")


def _item(figure: Figure) -> WorkItem:
    metric = figure.metric
    facts = {"metric": metric, "value": said(metric, figure.value), "range": range_words(metric)}
    return WorkItem(
        state=figure.health.value,
        title=_("%(metric)s: %(value)s, healthy is %(range)s") % facts,
        detail=metric.advice,
        url=reverse("dashboards:metric", args=(metric.code,)),
        act=_("See where it is lost"),
    )


work.register(WorkSource(code="dashboards.metrics", items=outside, permission="dashboards.view_results", order=60))
