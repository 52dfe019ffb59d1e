"""Two records of one person, each a KOC: one stands for both, and what the other earned is moved to her by bookings."""

from datetime import datetime
from decimal import Decimal

from django.db import connection, transaction
from django.utils.translation import gettext as _

from audit.services import record
from community.enums.koc import STANDING, KocLevel, KocState, KocVerb, ProposalState
from community.enums.ledger import Book, Booking
from community.models import Delivery, Koc, LedgerBalance, LevelProposal, ShareOrder, Ugc
from community.services.booking import alone, book
from community.services.kocs import note_step
from community.services.sharing import share_of_one

MOVED = (Book.PENDING, Book.PAYABLE, Book.CLAW_BACK)
LEVELS = tuple(KocLevel)


def moved_records() -> list[int]:
    """KOC whose record was merged into another since."""
    rows = Koc.objects.filter(member__merged_into__isnull=False, merged_into=None)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def stranded_accounts() -> list[int]:
    """KOC who gave way and on whose account something came in afterwards: a reward, a payment that came back."""
    rows = LedgerBalance.objects.filter(koc__merged_into__isnull=False, book__in=MOVED).exclude(amount=0)
    return list(rows.order_by("koc").values_list("koc", flat=True).distinct())


@transaction.atomic
def follow_merge(*, koc_id: int, now: datetime) -> int:
    """She goes with the record that stands for her; where that one is a KOC too, the higher in `_rank` keeps the place.

    What two records hid is made up for: orders that name a code of hers, and her own.
    """
    _alone()
    koc = Koc.objects.select_for_update(of=("self",)).select_related("member").get(pk=koc_id)
    if koc.member is None or koc.member.merged_into_id is None or koc.merged_into_id is not None:
        return 0
    owner = koc.member.merged_into_id
    rival = Koc.objects.select_for_update(of=("self",)).filter(member=owner).first()
    stays = koc
    if rival is None:
        koc.member_id = owner
        koc.save(update_fields=["member"])
        note_step(koc, KocVerb.MERGE, from_state=koc.state, by=None, now=now)
    elif _rank(koc) > _rank(rival):
        _give_way(rival, koc, now)
        _swap(koc, rival)
    else:
        stays = rival
        _give_way(koc, rival, now)
    share_of_one(koc=stays, now=now)
    return 1


@transaction.atomic
def bring_over(*, koc_id: int, now: datetime) -> int:
    """What came in on the account of a KOC who gave way."""
    _alone()
    goes = Koc.objects.select_related("merged_into").get(pk=koc_id)
    if goes.merged_into is None:
        return 0
    _move_books(goes, goes.merged_into, now)
    return 1


def _alone() -> None:
    """Before any row is locked, as every booking does."""
    with connection.cursor() as cursor:
        alone(cursor)


def _rank(koc: Koc) -> tuple[int, int, bool, float]:
    """Who is a KOC, of two the one of the higher level, so that nobody loses what she has by being recognised."""
    if koc.state not in STANDING or koc.since is None:
        return int(koc.state == KocState.INVITED), 0, False, 0.0
    return 2, LEVELS.index(KocLevel(koc.level)), koc.state == KocState.ACTIVE, -koc.since.timestamp()


def _swap(stays: Koc, goes: Koc) -> None:
    """The record that stands belongs to the KOC who does; the other one, who has given way, has the one that was merged."""
    owner, absorbed = goes.member_id, stays.member_id
    for koc, member in ((goes, None), (stays, owner), (goes, absorbed)):
        koc.member_id = member
        koc.save(update_fields=["member"])


def _give_way(goes: Koc, stays: Koc, now: datetime) -> None:
    """Her record stays known, so that she can be found, told and erased; her code goes on to earn, for the other."""
    before, goes.merged_into = goes.state, stays
    goes.ended_at, goes.reason = goes.ended_at or now, _("The record was merged into one that has a KOC of its own.")
    if goes.state in (*STANDING, KocState.INVITED):
        goes.state = KocState.LEFT
    goes.save(update_fields=["merged_into", "state", "ended_at", "reason"])
    Koc.objects.filter(merged_into=goes).update(merged_into=stays)
    LevelProposal.objects.filter(koc=goes, state=ProposalState.OPEN).update(
        state=ProposalState.OUTDATED, decided_at=now
    )
    Delivery.objects.filter(koc=goes).exclude(task__in=Delivery.objects.filter(koc=stays).values("task")).update(
        koc=stays
    )
    Ugc.objects.filter(koc=goes).update(koc=stays)
    note_step(goes, KocVerb.MERGE, from_state=before, by=None, now=now, reason=goes.reason)
    _move_books(goes, stays, now)


def _move_books(goes: Koc, stays: Koc, now: datetime) -> None:
    """Two bookings that mirror each other; what stands in a pay-out already is paid from there."""
    ShareOrder.objects.filter(koc=goes).update(koc=stays)
    held = LedgerBalance.objects.filter(koc=goes, book__in=MOVED).exclude(amount=0)
    amounts = {Book(where): amount for where, amount in held.values_list("book", "amount")}
    if not amounts:
        return
    total = sum(amounts.values(), Decimal(0))
    away = {where: -amount for where, amount in amounts.items()}
    book(kind=Booking.MOVE, koc=goes, sides={**away, Book.COST: total}, by=None, now=now)
    book(kind=Booking.MOVE, koc=stays, sides={**amounts, Book.COST: -total}, by=None, now=now)
    changes = {where.value: [None, str(amount)] for where, amount in amounts.items()}
    record(by=None, action="community.join_accounts", obj=stays, changes={**changes, "from": [None, goes.pk]}, at=now)
