"""Addresses of messaging for `pages_of_the_admin`, and its POSTs for `test_acts_of_the_pages`."""

from collections.abc import Iterator
from typing import Any

from django.test import Client
from django.urls import reverse

from members.models import Member
from messaging.models import Delivery
from messaging.services.beginning import refusal_path
from tests.scrm.acts_of_the_pages import Act, Cast, Maker
from tests.scrm.probes_of_messages import sent_to

Row = tuple[Any, ...]


def doubtful(member: Member) -> Delivery:
    """A message of hers of which nobody knows what became."""
    row = Delivery.objects.filter(member=member).first() or sent_to(member, "N1")
    Delivery.objects.filter(pk=row.pk).update(state="unknown")
    return row


def looked_at() -> Iterator[Row]:
    yield "messaging:doubts", "messaging.reconcile_delivery"


def posted_to(member: Member) -> Iterator[Row]:
    yield "messaging:say", "messaging.reconcile_delivery"
    yield "messaging:ask", "messaging.reconcile_delivery", doubtful(member).pk


def said(cast: Cast) -> Act:
    row = doubtful(cast.member)
    return Act(reverse("messaging:say"), {"delivery": [str(row.pk)], "word": "delivered", "reason": "通道后台已查"})


def asked(cast: Cast) -> Act:
    return Act(reverse("messaging:ask", args=(doubtful(cast.member).pk,)))


def refused(cast: Cast) -> Act:
    return Act(refusal_path(cast.member.pk, "email"), {}, Client(), by_nobody=True)


MESSAGE_ACTS: dict[str, Maker] = {"messaging:say": said, "messaging:ask": asked, "refusals:refuse": refused}
