"""Tasks and deliveries, read."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db.models import Case, Count, Q, QuerySet, When

from accounts.models import User
from community.enums.koc import KocState
from community.enums.work import OWING, DeliveryState, TaskState
from community.models import Delivery, Koc, Task
from community.rules.levels import from_level
from core.rules.whole import whole_in

SHOWN = {
    "open": Q(state__in=(TaskState.DRAFT, TaskState.OPEN)),
    "ended": Q(state__in=(TaskState.CLOSED, TaskState.CANCELLED)),
}


def tasks(show: str) -> QuerySet[Task]:
    return Task.objects.filter(SHOWN[show]).select_related("owner", "reward_coupon").order_by("-pk")


def counts_of(tasks: Sequence[Task], *, user: User) -> Mapping[int, Mapping[str, int]]:
    """Deliveries of each task by state, of the KOC that `user` may see; one query."""
    found: dict[int, dict[str, int]] = {task.pk: {} for task in tasks}
    rows = Delivery.objects.visible_to(user).filter(task__in=[task.pk for task in tasks]).order_by()
    for task, state, pieces in rows.values_list("task", "state").annotate(pieces=Count("pk")):
        found[task][state] = pieces
    return found


def deliveries_of(task: Task, *, user: User) -> QuerySet[Delivery]:
    """What waits first, then the latest."""
    rows = Delivery.objects.visible_to(user).filter(task=task).select_related("koc", "decided_by")
    waits = Case(When(state=DeliveryState.DELIVERED, then=0), default=1)
    found: QuerySet[Delivery] = rows.annotate(place=waits).order_by("place", "-pk")
    return found


def after(rows: QuerySet[Delivery], mark: str) -> QuerySet[Delivery]:
    """Those behind `mark` ("1.27", see `mark_of`) in that order; all where it is none."""
    place, _dot, number = mark.partition(".")
    at, last = whole_in(place, most=1), whole_in(number)
    if at is None or last is None:
        return rows
    return rows.filter(Q(place=at, pk__lt=last) | Q(place__gt=at))


def mark_of(delivery: Delivery) -> str:
    return f"{0 if delivery.state == DeliveryState.DELIVERED else 1}.{delivery.pk}"


def waiting_deliveries(user: User) -> QuerySet[Delivery]:
    """What was handed in and nobody has looked at, the longest waiting first."""
    rows = Delivery.objects.visible_to(user).filter(state=DeliveryState.DELIVERED)
    return rows.select_related("task", "koc").order_by("delivered_at", "pk")


def late_deliveries(user: User, now: datetime) -> QuerySet[Delivery]:
    """Seats whose task was due and for which nothing came."""
    rows = Delivery.objects.visible_to(user).filter(state__in=OWING, task__due_at__lt=now)
    return rows.select_related("task", "koc").order_by("task__due_at", "pk")


def deliveries_of_koc(koc: Koc, *, most: int) -> list[Delivery]:
    return list(Delivery.objects.filter(koc=koc).select_related("task").order_by("-pk")[:most])


def may_take(task: Task, user: User) -> int:
    """How many active KOC of its level `user` may see."""
    rows = Koc.objects.visible_to(user).filter(state=KocState.ACTIVE, level__in=from_level(task.level))
    return rows.count()
