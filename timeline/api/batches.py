"""From checked bodies to rows of a delivery: members, inviters and stores found all at once, within the caller's scope."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import User
from accounts.selectors import stores_by_code
from core.api.batches import Batch
from members.api.references import Resolver
from timeline.services import InteractionIn, PurchaseLineIn, TouchIn

LINE_FIELDS = ("product_code", "product_name", "quantity", "unit_price")
ORDER_FIELDS = ("source", "order_no", "channel", "coupon_code", "referral_code")
INTERACTION_FIELDS = ("source", "occurred_at", "kind", "channel", "subject", "properties")
TOUCH_FIELDS = (
    "source",
    "occurred_at",
    "channel",
    "utm_source",
    "utm_medium",
    "utm_campaign",
    "utm_content",
    "utm_term",
    "code",
)


def resolve(batch: Batch, user: User) -> None:
    """Put numbers for references: `member_id`, `inviter_id`, `store_id`. What `user` may not know of is not found."""
    items = batch.good
    found = Resolver(
        (item[name] for item in items.values() for name in ("member", "inviter") if item.get(name)), user=user
    )
    stores = stores_by_code({item["store"] for item in items.values() if item.get("store")}, user=user)
    for index, item in list(items.items()):
        for name in ("member", "inviter"):
            if item.get(name):
                item[f"{name}_id"] = found.member_id(item[name])
                if item[f"{name}_id"] is None:
                    batch.reject(index, name, "member_not_found", _("There is no such member."))
        if item.get("store"):
            item["store_id"] = stores.get(item["store"])
            if item["store_id"] is None:
                batch.reject(index, "store", "store_not_found", _("There is no such store."))


def order_lines(orders: Iterable[dict[str, Any]]) -> Iterator[PurchaseLineIn]:
    """One row per line; a line without a time of its own has the order's."""
    lines = ((order, line) for order in orders for line in order["lines"])
    for number, (order, line) in enumerate(lines, 1):
        yield PurchaseLineIn(
            line_no=number,
            member_id=order["member_id"],
            store_id=order.get("store_id"),
            line_at=line["at"] or order["occurred_at"],
            **{name: order[name] for name in ORDER_FIELDS},
            **{name: line[name] for name in LINE_FIELDS},
        )


def interaction_rows(items: Iterable[dict[str, Any]]) -> Iterator[InteractionIn]:
    for number, item in enumerate(items, 1):
        yield InteractionIn(
            line_no=number,
            member_id=item["member_id"],
            store_id=item.get("store_id"),
            key=item["key"] or None,
            **{name: item[name] for name in INTERACTION_FIELDS},
        )


def touch_rows(items: Iterable[dict[str, Any]]) -> Iterator[TouchIn]:
    for number, item in enumerate(items, 1):
        yield TouchIn(
            line_no=number,
            member_id=item["member_id"],
            inviter_id=item.get("inviter_id"),
            key=item["key"] or None,
            **{name: item[name] for name in TOUCH_FIELDS},
        )
