"""The revenue share: rules, orders that earn it, and what is booked for them, computed anew for whomever a fact concerns."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import F
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import Target, record
from community.errors.ledger import RuleNotValid
from community.models import Koc, ShareOrder, ShareRule
from community.rules import share_sql
from community.services.booking import alone
from core.services.claims import claimed
from core.services.surprises import Surprises, each_by_itself

LONGEST_REASON = 300
MOST_RETURN_DAYS, MOST_INVITER_DAYS = 180, 365
LOT = 20_000
SETTLE = "community.settle_shares"


@dataclass(frozen=True, kw_only=True)
class RuleIn:
    """`rate` is a share from 0 to 1; no cap is None."""

    rate: Decimal
    order_cap: Decimal | None = None
    month_cap: Decimal | None = None
    return_days: int = 15
    inviter_days: int = 30
    valid_from: datetime
    reason: str


@dataclass(frozen=True, kw_only=True)
class Booked:
    """Orders with a new or larger share and its sum; sums taken back before and after settlement."""

    orders: int = 0
    accrued: Decimal = Decimal(0)
    reversed: Decimal = Decimal(0)
    clawed: Decimal = Decimal(0)


@transaction.atomic
def add_rule(*, rule: RuleIn, by: User | None, now: datetime) -> ShareRule:
    """A rule for orders from its moment on; orders before keep theirs. Raises RuleNotValid with every field at fault."""
    faults = _faults(rule, now)
    if faults:
        raise RuleNotValid(fields=faults)
    made = ShareRule.objects.create(
        rate=rule.rate,
        order_cap=rule.order_cap,
        month_cap=rule.month_cap,
        return_days=rule.return_days,
        inviter_days=rule.inviter_days,
        valid_from=rule.valid_from,
        reason=rule.reason.replace("\x00", "").strip(),
        by=by,
        made_at=now,
    )
    names = ("rate", "order_cap", "month_cap", "return_days", "inviter_days", "valid_from")
    changes = {name: [None, str(getattr(made, name))] for name in names}
    record(by=by, action="community.add_share_rule", obj=made, changes=changes, reason=rule.reason, at=now)
    return made


def share_people(cursor: CursorWrapper, *, batch: str, now: datetime) -> Booked:
    """For the people of a batch of facts, in the transaction of whoever follows them. Safe to repeat."""
    return _share(cursor, share_sql.BY_BATCH.format(batch=batch), now=now, by=None)


def share_invited(cursor: CursorWrapper, *, batch: str, now: datetime) -> Booked:
    """For those of a batch of touches whom a KOC invited."""
    return _share(cursor, share_sql.BY_INVITATIONS.format(batch=batch), now=now, by=None)


def share_of_one(*, koc: Koc, now: datetime) -> Booked:
    """After another record turned out to be hers, in the transaction of whoever found out."""
    with connection.cursor() as cursor:
        return _share(cursor, share_sql.BY_KOC, now=now, by=None, koc=koc.pk)


@transaction.atomic
def share_everybody(*, by: User | None, now: datetime) -> Booked:
    """All orders since the first rule, from the facts; books only what is missing."""
    with connection.cursor() as cursor:
        return _share(cursor, share_sql.BY_ALL, now=now, by=by)


def settle_due(*, now: datetime) -> int:
    """Let the share of every order whose return window is over become payable; answers how many orders.

    A lot that the database refuses is done again KOC by KOC, so that the books of one hold up nobody else's.
    """
    with claimed(SETTLE) as mine:
        surprises, done = Surprises(), 0
        with surprises.kept("a lot of shares"):
            done = _settle_lots(now) if mine else 0
        return done if surprises.first is None else _settle_each(now)


def _settle_each(now: datetime) -> int:
    due = (
        ShareOrder.objects.filter(settled__lt=F("share"), due_at__lte=now).order_by("koc").values_list("koc", flat=True)
    )
    return sum(each_by_itself(due.distinct(), lambda koc: _settle_lots(now, koc)))


def _settle_lots(now: datetime, koc: int | None = None) -> int:
    _let_go_own(now, koc)
    done = 0
    while lot := _settle_lot(now, koc):
        done += lot
    return done


@transaction.atomic
def _let_go_own(now: datetime, koc: int | None) -> None:
    """Nobody tells when a buyer turns out to be the KOC: whoever settles looks once more."""
    with connection.cursor() as cursor:
        _share(cursor, share_sql.BY_OWN, now=now, by=None, koc=koc)


@transaction.atomic
def _settle_lot(now: datetime, koc: int | None) -> int:
    with connection.cursor() as cursor:
        alone(cursor)
        cursor.execute(share_sql.SETTLE, {"now": now, "by": None, "lot": LOT, "koc": koc})
        orders, amount = cursor.fetchone()
    if orders:
        changes = {"orders": [None, orders], "amount": [None, str(amount)]}
        record(by=None, action="community.settle_shares", obj=_all_orders(changes), at=now)
    return int(orders)


def _share(cursor: CursorWrapper, people: str, *, now: datetime, by: User | None, koc: int | None = None) -> Booked:
    """Without a rule nothing is shared, and nothing that came before the first one ever will be."""
    if not ShareRule.objects.exists():
        return Booked()
    alone(cursor)
    cursor.execute("DROP TABLE IF EXISTS pg_temp.community_touched, pg_temp.community_moved")
    cursor.execute(share_sql.RECORDS.format(people=people), {"now": now, "koc": koc})
    if not cursor.rowcount:
        return Booked()
    cursor.execute(share_sql.INDEX)
    cursor.execute("ANALYZE community_touched")
    cursor.execute(share_sql.FIND, {"zone": settings.TIME_ZONE})
    cursor.execute(share_sql.REFRESH)
    cursor.execute(share_sql.OWN)
    cursor.execute(share_sql.MOVED)
    if not cursor.rowcount:
        return Booked()
    cursor.execute(share_sql.SUMS)
    orders, accrued, back, clawed = cursor.fetchone()
    cursor.execute(share_sql.BOOK, {"now": now, "by": by.pk if by else None})
    booked = Booked(orders=orders, accrued=accrued, reversed=back, clawed=clawed)
    changes: dict[str, list[object]] = {
        name: [None, str(getattr(booked, name))] for name in ("orders", "accrued", "reversed", "clawed")
    }
    record(by=by, action="community.book_shares", obj=_all_orders(changes), at=now)
    return booked


def _all_orders(changes: dict[str, list[object]]) -> Target:
    return Target(object_type="community.shareorder", object_id="", changes=changes)


def _faults(rule: RuleIn, now: datetime) -> dict[str, list[str]]:
    """Field by field, in words."""
    spans = {
        "return_days": (rule.return_days, MOST_RETURN_DAYS),
        "inviter_days": (rule.inviter_days, MOST_INVITER_DAYS),
    }
    faults = {
        name: [_("Between 0 and %(most)d days.") % {"most": most}]
        for name, (value, most) in spans.items()
        if not 0 <= value <= most
    }
    if not 0 < rule.rate <= 1 or rule.rate != round(rule.rate, 4):
        faults["rate"] = [_("More than 0 and at most 100 percent, with two decimals at most.")]
    for name, cap in (("order_cap", rule.order_cap), ("month_cap", rule.month_cap)):
        if cap is not None and not 0 < cap < Decimal(10) ** 10:
            faults[name] = [_("An amount above 0, or nothing for no limit.")]
    if rule.valid_from < now:
        faults["valid_from"] = [_("A rule is for orders to come: choose a moment that has not passed.")]
    elif ShareRule.objects.filter(valid_from=rule.valid_from).exists():
        faults["valid_from"] = [_("Another rule begins at this very moment.")]
    if not 0 < len(rule.reason.strip()) <= LONGEST_REASON:
        faults["reason"] = [_("Say why, in %(limit)d characters at most.") % {"limit": LONGEST_REASON}]
    return faults
