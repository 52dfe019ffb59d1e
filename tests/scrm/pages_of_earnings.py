"""Addresses of tasks, the ledger and UGC, for `pages_of_the_admin`: of a KOC who is the brand's first member."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils import timezone

from accounts.enums import Role
from accounts.models import User
from community.enums.ledger import Book, Booking
from community.models import Delivery, Koc, Payout, PayoutLine, Task, Ugc
from community.services.benefits import add_benefit
from community.services.booking import book
from community.services.handing_in import Piece, accept_task, deliver
from community.services.payouts import make_payout
from community.services.tasks_of_koc import TaskIn, create_task, open_task
from community.services.ugc import UgcIn, offer_ugc
from members.models import Member
from tests.community import earnings as cast
from tests.loyalty import offers

Row = tuple[Any, ...]
SEES, KEEPS = "community.view_task", "community.change_task"


@dataclass(frozen=True)
class Made:
    """One of everything."""

    koc: Koc
    task: Task
    delivery: Delivery
    ugc: Ugc
    line: PayoutLine
    benefit: int


def a_koc(member: Member) -> Koc:
    return Koc.objects.filter(member=member).first() or cast.koc(since=timezone.now() - cast.DAY, member=member)


def a_task(**values: Any) -> Task:
    """An open one, at this moment."""
    now, by = timezone.now(), cast.marketer()
    given: dict[str, Any] = {"title": "试用", "brief": "三句真实感受。", "wish": "text", "level": "co_creation"}
    task = TaskIn(**{**given, "owner_id": by.pk, "due_at": now + 7 * cast.DAY, **values})
    return open_task(task=create_task(task=task, by=by, now=now), by=by, now=now)


def a_delivery(member: Member, **values: Any) -> Delivery:
    """Handed in, and waiting."""
    now = timezone.now()
    seat = accept_task(task=a_task(**values), koc=a_koc(member), by=None, now=now)
    return deliver(delivery=seat, piece=Piece(text="很好用。"), by=None, now=now)


def a_piece(member: Member) -> Ugc:
    piece = UgcIn(kind="text", title="护肤日记", text="两周记录。", source="staff")
    return offer_ugc(member=member, piece=piece, by=cast.marketer(), now=timezone.now())


def owed(member: Member, amount: str = "12.50") -> Koc:
    """A KOC to whom something can be paid."""
    koc, given = a_koc(member), Decimal(amount)
    sides = {Book.PAYABLE: given, Book.COST: -given}
    book(kind=Booking.CORRECT, koc=koc, sides=sides, by=None, now=timezone.now())
    return koc


def a_payout(member: Member, by: User | None = None) -> Payout:
    owed(member)
    return make_payout(by=by or cast.marketer(), now=timezone.now())


def a_benefit() -> int:
    now = timezone.now()
    coupon = offers.live(starts_at=now - cast.DAY, ends_at=now + 9 * cast.DAY)
    given = {"name": "优先券", "level": "co_creation", "coupon": coupon, "period": "once"}
    return add_benefit(**given, by=cast.marketer(), now=now).pk


def make(member: Member) -> Made:
    delivery = a_delivery(member)
    line = a_payout(member).lines.get()
    return Made(a_koc(member), delivery.task, delivery, a_piece(member), line, a_benefit())


def looked_at(made: Made) -> Iterator[tuple[str, str, bool, Row]]:
    """(name, permission, whether it is about the member, arguments) of pages that a GET shows."""
    for name, permission, about_her, *args in (
        ("tasks", SEES, False),
        ("task_new", "community.add_task", False),
        ("task", SEES, False, made.task.pk),
        ("task_edit", KEEPS, False, made.task.pk),
        ("deliveries", "community.decide_delivery", False),
        ("delivery", "community.view_delivery", True, made.delivery.pk),
        ("benefits", "community.view_prioritybenefit", False),
        ("ledger", "community.view_ledgertransaction", False),
        ("account", "community.view_ledgertransaction", True, made.koc.pk),
        ("share_rules", "community.view_sharerule", False),
        ("payouts", "community.view_payout", False),
        ("payout", "community.view_payout", False, made.line.payout_id),
        ("ugc", "community.view_ugc", False),
        ("ugc_new", "community.add_ugc", False),
        ("ugc_piece", "community.view_ugc", True, made.ugc.pk),
    ):
        yield f"community:{name}", permission, about_her, tuple(args)


def without_file(made: Made) -> Iterator[tuple[str, str, Row]]:
    """A text has no file."""
    yield "community:delivery_file", "community.view_delivery", (made.delivery.pk,)
    yield "community:ugc_file", "community.view_ugc", (made.ugc.pk,)


def posted_to(made: Made) -> Iterator[Row]:
    """Addresses that take a POST only."""
    task, delivery, ugc = made.task.pk, made.delivery.pk, made.ugc.pk
    yield from ((f"community:task_{verb}", KEEPS, task) for verb in ("open", "close", "cancel"))
    yield from (
        (f"community:delivery_{verb}", "community.decide_delivery", delivery) for verb in ("approve", "return", "drop")
    )
    yield from (
        (f"community:ugc_{verb}", "community.change_ugc", ugc) for verb in ("submit", "use", "put_away", "rights")
    )
    yield from (
        ("community:task_take", "community.add_delivery", task),
        ("community:benefit_give", "community.change_prioritybenefit", made.benefit),
        ("community:benefit_switch", "community.change_prioritybenefit", made.benefit),
        ("community:account_correct", "community.correct_ledger", made.koc.pk),
        ("community:payout_make", "community.add_payout"),
        ("community:payout_confirm", "community.confirm_payout", made.line.payout_id),
        ("community:payout_cancel", "community.add_payout", made.line.payout_id),
        ("community:payment_return", "community.add_payout", made.line.pk),
    )


def somebody_else() -> User:
    return cast.person("payer", Role.MARKETER)
