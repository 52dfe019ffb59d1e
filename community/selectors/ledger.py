"""The ledger, read: balances, what was booked, orders that earn a share; and whether all of it holds together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import connection
from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, QuerySet, Sum
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from community.enums.ledger import Book
from community.models import Koc, LedgerBalance, LedgerEntry, LedgerTransaction, ShareOrder, ShareRule
from core.registries import Verification, Verified, verifications
from members.models import Member

NOTHING = Decimal(0)
MOST_FAULTS = 5


@dataclass(frozen=True, kw_only=True)
class Balances:
    """What stands in each book; `owed` is what the brand owes now, less what is to be taken back."""

    pending: Decimal = NOTHING
    payable: Decimal = NOTHING
    claw_back: Decimal = NOTHING
    transit: Decimal = NOTHING
    paid: Decimal = NOTHING
    cost: Decimal = NOTHING

    @property
    def to_take_back(self) -> Decimal:
        """As it is said: an amount, and no sign before it."""
        return abs(self.claw_back)

    @property
    def owed(self) -> Decimal:
        return self.pending + self.payable + self.claw_back + self.transit


def balances_of(koc: Sequence[Koc]) -> Mapping[int, Balances]:
    """By number of the KOC, by one query; nothing booked is nothing everywhere."""
    found: dict[int, dict[str, Decimal]] = {each.pk: {} for each in koc}
    for number, book, amount in LedgerBalance.objects.filter(koc__in=koc).values_list("koc", "book", "amount"):
        found[number][book] = amount
    return {number: Balances(**books) for number, books in found.items()}


def totals(user: User) -> Balances:
    """Over all KOC that `user` may see."""
    rows = LedgerBalance.objects.filter(koc__in=Koc.objects.visible_to(user)).values("book").annotate(all=Sum("amount"))
    return Balances(**{row["book"]: row["all"] for row in rows.order_by()})


def people_in(user: User) -> int:
    """How many KOC that `user` may see have anything booked."""
    return LedgerBalance.objects.filter(book=Book.COST, koc__in=Koc.objects.visible_to(user)).count()


def accounts(user: User) -> QuerySet[Koc]:
    """KOC with anything booked, the newest first."""
    booked = LedgerBalance.objects.filter(book=Book.COST).values("koc")
    return Koc.objects.visible_to(user).filter(pk__in=booked).select_related("member").order_by("-pk")


def transactions(user: User, *, koc: Koc | None = None) -> QuerySet[LedgerTransaction]:
    """The latest first, with their sides. `buyer_seen`: an order names its buyer, whom not everybody may see."""
    sides = Prefetch("entries", LedgerEntry.objects.order_by("book"))
    rows: QuerySet[LedgerTransaction] = LedgerTransaction.objects.visible_to(user)
    if koc is not None:
        rows = rows.filter(koc=koc)
    of_one = ShareOrder.objects.filter(purchase_id=OuterRef("purchase_id"), member__in=_buyers(user))
    rows = rows.annotate(buyer_seen=Q(purchase_id=None) | Exists(of_one))
    return rows.select_related("koc__member", "by").prefetch_related(sides).order_by("-pk")


def shared_orders(user: User, *, koc: Koc | None = None) -> QuerySet[ShareOrder]:
    """What earns a share, the latest first; of buyers whom `user` may not see (`buyer_seen`) no number is shown."""
    rows = ShareOrder.objects.visible_to(user)
    if koc is not None:
        rows = rows.filter(koc=koc)
    hers = Member.objects.visible_to(user).filter(pk=OuterRef("member_id"))
    found: QuerySet[ShareOrder] = rows.annotate(buyer_seen=Exists(hers)).select_related("rule").order_by("-purchase_id")
    return found


def _buyers(user: User) -> QuerySet[Member, int]:
    return Member.objects.visible_to(user).order_by().values_list("pk", flat=True)


def due_until(moment: datetime, user: User) -> tuple[int, Decimal]:
    """Orders whose return window ends by then, and their shares."""
    rows = ShareOrder.objects.visible_to(user).filter(settled__lt=F("share"), due_at__lte=moment)
    found = rows.aggregate(orders=Count("pk"), share=Sum(F("share")), settled=Sum("settled"))
    return found["orders"], (found["share"] or NOTHING) - (found["settled"] or NOTHING)


def rule_at(moment: datetime) -> ShareRule | None:
    """The rule in force then."""
    return ShareRule.objects.filter(valid_from__lte=moment).order_by("-valid_from").first()


def rules() -> list[ShareRule]:
    return list(ShareRule.objects.select_related("by"))


BALANCES = """
SELECT 'balance', coalesce(held.koc_id, summed.koc_id), coalesce(held.book, summed.book), coalesce(held.amount, 0),
    coalesce(summed.amount, 0)
FROM community_ledgerbalance AS held FULL JOIN (
    SELECT koc_id, book, sum(amount) AS amount FROM community_ledgerentry GROUP BY 1, 2
) AS summed USING (koc_id, book)
WHERE coalesce(held.amount, 0) <> coalesce(summed.amount, 0) LIMIT %s
"""
SIDES = """
SELECT 'sides', min(koc_id), transaction_id::text, 0, sum(amount) FROM community_ledgerentry
GROUP BY transaction_id HAVING sum(amount) <> 0 OR count(*) < 2 LIMIT %s
"""
ORDERS = """
SELECT figure.code, held.koc_id, held.purchase_id::text, figure.said, figure.found
FROM community_shareorder AS held LEFT JOIN (
    SELECT booked.purchase_id, sum(entry.amount) FILTER (WHERE entry.book <> 'cost') AS share,
        coalesce(sum(entry.amount) FILTER (WHERE entry.book = 'pending'), 0) AS pending
    FROM community_ledgertransaction AS booked JOIN community_ledgerentry AS entry ON entry.transaction_id = booked.id
    WHERE booked.purchase_id IS NOT NULL GROUP BY 1
) AS summed USING (purchase_id)
CROSS JOIN LATERAL (VALUES
    ('share', held.share, coalesce(summed.share, 0)), ('pending', held.share - held.settled, coalesce(summed.pending, 0))
) AS figure (code, said, found)
WHERE figure.said <> figure.found LIMIT %s
"""
WORDS: dict[str, Promise] = {
    "balance": _("KOC %(koc)s: the balance of “%(what)s” says %(said)s; its entries sum to %(found)s."),
    "sides": _("KOC %(koc)s: transaction %(what)s is not balanced; its entries sum to %(found)s."),
    "share": _("KOC %(koc)s: order %(what)s has a share of %(said)s; %(found)s is booked."),
    "pending": _("KOC %(koc)s: of order %(what)s %(said)s waits for its return window; %(found)s is booked."),
}


def verify_ledger() -> Verified:
    """Balances are the sums of their entries, transactions balance, and shares are what was booked for them."""
    faults: list[str] = []
    with connection.cursor() as cursor:
        for statement in (BALANCES, SIDES, ORDERS):
            cursor.execute(statement, [MOST_FAULTS])
            faults += [
                str(WORDS[code]) % {"koc": koc, "what": what, "said": said, "found": found}
                for code, koc, what, said, found in cursor.fetchall()
            ]
    return Verified(looked_at=LedgerTransaction.objects.count(), faults=tuple(faults[:MOST_FAULTS]))


verifications.register(Verification(code="community.ledger", label=_("Ledger of KOC"), find=verify_ledger, order=110))
