"""Sends with what became of their messages."""

from collections.abc import Mapping

from django.db.models import Count, QuerySet

from messaging.models import Delivery, Send


def sends() -> QuerySet[Send]:
    return Send.objects.select_related("gateway").order_by("-pk")


def counts_by_state() -> Mapping[str, int]:
    """How many sends stand where."""
    return dict(Send.objects.order_by().values_list("state").annotate(count=Count("pk")))


def message_counts(send: Send) -> Mapping[str, int]:
    """Its messages by state: numbers, nobody's data."""
    return dict(Delivery.objects.filter(send=send).order_by().values_list("state").annotate(count=Count("pk")))


def reasons_of(send: Send) -> Mapping[str, int]:
    """Why messages did not go, or wait, by the gate's word; the most frequent first."""
    rows = Delivery.objects.filter(send=send).exclude(reason__in=("", "allowed")).order_by()
    found = rows.values_list("reason").annotate(count=Count("pk"))
    return dict(sorted(found, key=lambda row: (-row[1], row[0])))
