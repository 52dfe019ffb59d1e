"""What happened to one member, newest first: purchases, interactions and touches in one stream."""

# ruff: noqa: S608  # the text of the SQL comes from this project alone; every value is a bound parameter

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from itertools import product
from typing import Any, Self

from django.db import connection
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from members.models import Member
from members.selectors.persons import records_of_person


class EntryKind(TextChoices):
    PURCHASE = "purchase", _("Purchases")
    INTERACTION = "interaction", _("Interactions")
    TOUCH = "touch", _("Origin")


# Each branch is read by its key, newest first, and stops at the limit; their rows have one shape.
_BRANCHES = {
    EntryKind.PURCHASE: """
SELECT occurred_at, 3, id, kind, source, channel, store_id, amount, order_no, coupon_code, referral_code, NULL::jsonb
FROM timeline_purchase""",
    EntryKind.INTERACTION: """
SELECT occurred_at, 2, id, kind, source, channel, store_id, NULL::numeric, subject, '', '', properties
FROM timeline_interaction""",
    EntryKind.TOUCH: """
SELECT occurred_at, 1, id, 'touch', source, channel, NULL::bigint, NULL::numeric, utm_campaign, '', code,
    jsonb_strip_nulls(jsonb_build_object('utm_source', nullif(utm_source, ''), 'utm_medium', nullif(utm_medium, ''),
        'utm_content', nullif(utm_content, ''), 'utm_term', nullif(utm_term, ''), 'inviter_id', inviter_id))
FROM timeline_touch""",
}
_COLUMNS = "occurred_at, rank, id, what, source, channel, store_id, amount, subject, coupon_code, code, more"
_KINDS = {3: EntryKind.PURCHASE, 2: EntryKind.INTERACTION, 1: EntryKind.TOUCH}
_RANKS = {kind: rank for rank, kind in _KINDS.items()}

_LINES = """
SELECT line.purchase_id, product.code, product.name, line.quantity, line.amount
FROM timeline_purchaseline AS line JOIN timeline_product AS product ON product.id = line.product_id
WHERE line.member_id = ANY (%s) AND line.occurred_at BETWEEN %s AND %s AND line.purchase_id = ANY(%s::bigint[])
ORDER BY line.purchase_id, line.amount DESC, line.id
"""


@dataclass(frozen=True)
class Mark:
    """Where a page ended; its text goes into an address and back."""

    at: datetime
    rank: int
    number: int

    def __str__(self) -> str:
        return f"{self.at.isoformat()}_{self.rank}_{self.number}"

    @classmethod
    def read(cls, text: str) -> Self | None:
        """None for anything that is not a mark: then the stream begins at the newest."""
        try:
            at, rank, number = text.split("_")
            moment = datetime.fromisoformat(at)
            return None if moment.tzinfo is None else cls(moment, int(rank), min(int(number), 2**62))
        except (ValueError, OverflowError):
            return None


@dataclass(frozen=True)
class Product:
    """What of an order is shown: one line of it."""

    code: str
    name: str
    quantity: Decimal
    amount: Decimal


@dataclass(frozen=True)
class Entry:
    """One thing that happened. `what` is the kind of purchase or interaction; `amount` and `lines` are of purchases."""

    kind: EntryKind
    at: datetime
    number: int
    what: str
    source: str
    channel: str
    store: str
    amount: Decimal | None
    subject: str
    coupon_code: str
    code: str
    more: dict[str, Any] = field(default_factory=dict)
    lines: tuple[Product, ...] = ()


@dataclass(frozen=True)
class Timeline:
    """A page of the stream; `next` continues it, None at its end."""

    entries: list[Entry]
    next: Mark | None


def member_timeline(
    member: Member,
    *,
    now: datetime,
    kinds: Collection[EntryKind] = tuple(EntryKind),
    before: Mark | None = None,
    limit: int = 30,
) -> Timeline:
    """What happened up to `now` by every record of hers, newest first, from after `before`; as many queries however much.

    Which records are hers, the stream with the names of stores, the lines of its purchases.
    """
    records = records_of_person(member.pk)
    rows = _rows(records, [kind for kind in EntryKind if kind in kinds], before or Mark(now, 4, 0), limit + 1)
    shown = rows[:limit]
    lines = _lines_of(records, [(row[2], row[0]) for row in shown if row[1] == _RANKS[EntryKind.PURCHASE]])
    entries = [_entry(row, lines) for row in shown]
    return Timeline(entries, Mark(*shown[-1][:3]) if len(rows) > limit else None)


def _rows(records: Sequence[int], kinds: Collection[EntryKind], before: Mark, limit: int) -> list[tuple[Any, ...]]:
    if not kinds:
        return []
    branches: list[str] = []
    values: dict[str, Any] = {"at": before.at, "number": before.number, "limit": limit}
    for place, (kind, record) in enumerate(product(kinds, records)):
        rank, values[f"record{place}"] = _RANKS[kind], record
        # Of the same moment the higher rank comes first; within one kind the larger number.
        same = "true" if rank < before.rank else "false" if rank > before.rank else "id < %(number)s"
        branches.append(
            f"({_BRANCHES[kind]} WHERE member_id = %(record{place})s AND occurred_at <= %(at)s"
            f" AND (occurred_at < %(at)s OR {same}) ORDER BY occurred_at DESC, id DESC LIMIT %(limit)s)"
        )
    statement = (
        f"SELECT stream.*, coalesce(store.name, '') FROM ({' UNION ALL '.join(branches)}) AS stream ({_COLUMNS})"
        " LEFT JOIN accounts_store AS store ON store.id = stream.store_id"
        " ORDER BY occurred_at DESC, rank DESC, stream.id DESC LIMIT %(limit)s"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def _lines_of(records: Sequence[int], purchases: list[tuple[int, datetime]]) -> dict[int, list[Product]]:
    found: dict[int, list[Product]] = {}
    if purchases:
        moments = [at for _number, at in purchases]
        with connection.cursor() as cursor:
            cursor.execute(_LINES, [list(records), min(moments), max(moments), [number for number, _at in purchases]])
            for purchase, *values in cursor.fetchall():
                found.setdefault(purchase, []).append(Product(*values))
    return found


def _entry(row: tuple[Any, ...], lines: dict[int, list[Product]]) -> Entry:
    at, rank, number, what, source, channel, _store, amount, subject, coupon_code, code, more, store = row
    return Entry(
        kind=_KINDS[rank],
        at=at,
        number=number,
        what=what,
        source=source,
        channel=channel,
        store=store,
        amount=amount,
        subject=subject,
        coupon_code=coupon_code,
        code=code,
        more=json.loads(more) if more else {},
        lines=tuple(lines.get(number, ())) if rank == _RANKS[EntryKind.PURCHASE] else (),
    )
