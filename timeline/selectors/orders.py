"""Purchases of one member, with their lines; purchases by their number."""

from collections import defaultdict
from collections.abc import Sequence

from django.db.models import QuerySet

from members.models import Member
from members.selectors.persons import records_of_person, told_under
from timeline.models import OrderKey, Purchase, PurchaseLine

MOST = 200


def purchases_of(member: Member) -> QuerySet[Purchase]:
    """All orders and refunds of a member, by every record of hers; the caller orders and cuts."""
    return Purchase.objects.filter(member__in=records_of_person(member.pk)).select_related("store")


def order_facts(*, member_id: int, order_no: str, source: str) -> list[Purchase]:
    """The order of that number and its refund, whichever are stored, found by their keys under any record of the person."""
    records = told_under(member_id)
    keys = OrderKey.objects.filter(member_id__in=records, order_no=order_no, source=source).values_list(
        "purchase_id", "occurred_at"
    )
    found = dict(keys)
    facts = Purchase.objects.filter(member_id__in=records, occurred_at__in=set(found.values()), pk__in=found)
    return list(facts.select_related("store").order_by("kind"))


def numbered(purchases: QuerySet[Purchase], order_no: str) -> QuerySet[Purchase]:
    """Those of that order number, whichever source and member they are of; the first so many where it is no number."""
    keys = list(
        OrderKey.objects.filter(order_no=order_no).values_list("purchase_id", "occurred_at", "member_id")[:MOST]
    )
    numbers, moments, members = (set(values) for values in zip(*keys, strict=True)) if keys else (set(), set(), set())
    return purchases.filter(pk__in=numbers, occurred_at__in=moments, member__in=members)


def with_lines(purchases: Sequence[Purchase]) -> Sequence[Purchase]:
    """The same purchases with `lines` filled, by one query that touches their months only."""
    lines: dict[int, list[PurchaseLine]] = defaultdict(list)
    if purchases:
        found = PurchaseLine.objects.filter(
            member__in={purchase.member_id for purchase in purchases},
            occurred_at__in={purchase.occurred_at for purchase in purchases},
            purchase_id__in=[purchase.pk for purchase in purchases],
        )
        for line in found.select_related("product").order_by("line_at", "id"):
            lines[line.purchase_id].append(line)
    for purchase in purchases:
        purchase.lines = lines[purchase.pk]  # type: ignore[attr-defined]
    return purchases
