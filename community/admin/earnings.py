"""What tasks, ledger and UGC add to other pages: to the page of a KOC, to "Today", to exports."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, cast

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from accounts.pages import StaffRequest
from accounts.services.exports import ExportKind, Parameters, export_kinds
from community.enums.ledger import Book, PayoutState
from community.enums.ugc import UgcState
from community.models import Koc, LedgerTransaction, Payout, Ugc
from community.pages.earning_words import DELIVERY_MARKS, UGC_MARKS, number_in
from community.pages.koc_panels import KocPanel, koc_panels
from community.selectors.benefits import benefits_of_level
from community.selectors.ledger import balances_of, transactions
from community.selectors.payouts import lines_of, plan_of_payout
from community.selectors.shown_koc import shown_koc
from community.selectors.tasks_of_koc import deliveries_of_koc, late_deliveries, waiting_deliveries
from community.selectors.ugc import ending_soon
from core.files.writing import Cell
from core.registries import WorkItem, WorkSource, work
from core.templatetags.scrm import figure, money

SHOWN = 6
SOON = timedelta(days=14)
BATCH = 500


# --- the page of a KOC


def load_ledger(_request: StaffRequest, koc: Koc) -> Mapping[str, Any] | None:
    """Hidden before she has a code."""
    if koc.referral_code is None:
        return None
    return {"koc": koc, "balances": balances_of([koc])[koc.pk]}


def load_tasks(_request: StaffRequest, koc: Koc) -> Mapping[str, Any] | None:
    rows = deliveries_of_koc(koc, most=SHOWN)
    if koc.referral_code is None:
        return None
    return {
        "rows": [(row, DELIVERY_MARKS[row.state]) for row in rows],
        "benefits": benefits_of_level(koc.level),
    }


def load_ugc(request: StaffRequest, koc: Koc) -> Mapping[str, Any] | None:
    """Hers, the newest first, whether she made it as a KOC or before."""
    if koc.member_id is None:
        return None
    rows = Ugc.objects.visible_to(request.user).filter(member=koc.member_id).order_by("-pk")[:SHOWN]
    return {
        "koc": koc,
        "rows": [(row, UGC_MARKS[row.state]) for row in rows],
        "may_add": request.user.has_perm("community.add_ugc"),
    }


koc_panels.register_all(
    (
        KocPanel(
            code="tasks",
            template="community/panel_tasks.html",
            load=load_tasks,
            permission="community.view_delivery",
            order=20,
        ),
        KocPanel(
            code="ugc", template="community/panel_ugc.html", load=load_ugc, permission="community.view_ugc", order=30
        ),
        KocPanel(
            code="ledger",
            template="community/panel_ledger.html",
            load=load_ledger,
            place="side",
            permission="community.view_ledgertransaction",
            order=10,
        ),
    )
)


# --- Today


def deliveries_waiting(user: Any, now: datetime) -> Iterator[WorkItem]:
    """What was handed in; seats for which nothing came."""
    waiting, late = waiting_deliveries(user).count(), late_deliveries(user, now).count()
    if waiting:
        said = ngettext("%(count)s delivery to look at", "%(count)s deliveries to look at", waiting)
        yield _item("act", said, waiting, "community:deliveries", _("Look and decide"))
    if late:
        said = ngettext("%(count)s KOC is late with a task", "%(count)s KOC are late with a task", late)
        yield _item("watch", said, late, "community:deliveries", _("See who is late"))


def money_waiting(user: Any, _now: datetime) -> Iterator[WorkItem]:
    """Settled shares that nobody has paid; pay-outs that somebody else made and nobody has confirmed."""
    plan = plan_of_payout(user)
    if plan.total:
        yield WorkItem(
            state="watch",
            title=_("¥%(total)s are settled and not paid to %(count)s KOC")
            % {"total": money(plan.total, 2), "count": figure(plan.koc)},
            url=reverse("community:payouts"),
            act=_("Make a pay-out"),
        )
    if user.has_perm("community.confirm_payout"):
        for payout in Payout.objects.filter(state=PayoutState.OPEN).exclude(made_by=user).order_by("pk")[:SHOWN]:
            yield WorkItem(
                state="act",
                title=_("A pay-out waits for a second person: #%(number)d") % {"number": payout.pk},
                detail=f"¥{money(payout.total, 2)}",
                url=reverse("community:payout", args=(payout.pk,)),
                act=_("Confirm or cancel"),
            )


def rights_ending(user: Any, now: datetime) -> Iterator[WorkItem]:
    """UGC whose last day comes within two weeks; pieces whose authors have withdrawn within the last two."""
    today = timezone.localdate(now)
    soon = ending_soon(user, today=today, until=today + SOON).count()
    if soon:
        said = ngettext(
            "The rights to %(count)s piece of UGC end soon", "The rights to %(count)s pieces of UGC end soon", soon
        )
        yield _item("watch", said, soon, "community:ugc", _("See the library"), "?state=approved")
    gone = Ugc.objects.visible_to(user).filter(state=UgcState.WITHDRAWN, ended_at__gte=now - SOON).count()
    if gone:
        said = ngettext(
            "Consent to %(count)s piece of UGC was withdrawn", "Consent to %(count)s pieces of UGC was withdrawn", gone
        )
        yield _item("act", said, gone, "community:ugc", _("See where it was used"), "?state=withdrawn")


def _item(  # noqa: PLR0917  # the parts of one sentence
    state: str, said: str, count: int, address: str, act: str, query: str = ""
) -> WorkItem:
    return WorkItem(state=state, title=said % {"count": figure(count)}, url=reverse(address) + query, act=act)


work.register_all(
    (
        WorkSource(
            code="community.deliveries", items=deliveries_waiting, permission="community.decide_delivery", order=62
        ),
        WorkSource(code="community.money", items=money_waiting, permission="community.add_payout", order=64),
        WorkSource(code="community.rights", items=rights_ending, permission="community.change_ugc", order=66),
    )
)


# --- exports


def _first(parameters: Parameters, name: str) -> int | None:
    values = parameters.get(name) or [""]
    return number_in(values[0])


def payout_of(parameters: Parameters) -> Payout | None:
    return Payout.objects.filter(pk=_first(parameters, "payout") or 0).first()


def count_lines(user: User, parameters: Parameters) -> int:
    payout = payout_of(parameters)
    return len(lines_of(payout, user=user)) if payout else 0


def line_rows(user: User, parameters: Parameters) -> Iterator[Sequence[Cell]]:
    """One KOC a row, the name as this person may see it; the bank knows the rest."""
    yield [
        _("member"),
        _("code"),
        _("name"),
        _("to be paid"),
        _("taken back of it"),
        _("paid out"),
        _("state"),
    ]
    payout = payout_of(parameters)
    after = 0
    while payout and (lines := lines_of(payout, user=user, after=after, most=BATCH)):
        people = shown_koc(user, (line.koc_id for line in lines))
        for line in lines:
            koc = people.get(line.koc_id)
            who: list[Cell] = [koc.member_id or 0, koc.code, koc.name] if koc else [0, "", ""]
            yield [*who, line.payable, line.offset, line.amount, line.get_state_display()]
        after = lines[-1].koc_id


def said_of_payout(_user: User, parameters: Parameters) -> list[str]:
    payout = payout_of(parameters)
    return [_("Pay-out #%(number)d") % {"number": payout.pk}] if payout else []


def _booked(user: User, parameters: Parameters) -> Any:
    number = _first(parameters, "koc")
    rows = transactions(user)
    return rows.filter(koc=number) if number else rows


def count_bookings(user: User, parameters: Parameters) -> int:
    return int(_booked(user, parameters).order_by().count())


def booking_rows(user: User, parameters: Parameters) -> Iterator[Sequence[Cell]]:
    """One booking a row, the oldest first, each side in a column of its own."""
    books = [book.value for book in Book if book != Book.COST]
    labels = [str(Book(book).label) for book in books]
    yield [_("member"), _("code"), _("name"), _("booking"), _("when"), _("number of the booking"), *labels]
    after = 0
    found = _booked(user, parameters).order_by("pk")
    while batch := list(found.filter(pk__gt=after)[:BATCH]):
        people = shown_koc(user, (row.koc_id for row in batch))
        for row in batch:
            koc = people.get(row.koc_id)
            who: list[Cell] = [koc.member_id or 0, koc.code, koc.name] if koc else [0, "", ""]
            yield [*who, *_booking(row, books)]
        after = batch[-1].pk


def _booking(row: LedgerTransaction, books: Sequence[str]) -> list[Cell]:
    amounts: dict[str, Decimal] = {entry.book: entry.amount for entry in row.entries.all()}
    at = timezone.localtime(row.at).replace(tzinfo=None)
    key = row.key if getattr(row, "buyer_seen", False) else ""
    return [row.get_kind_display(), at, key, *(amounts.get(book, Decimal(0)) for book in books)]


def said_of_bookings(user: User, parameters: Parameters) -> list[str]:
    number = _first(parameters, "koc")
    koc = shown_koc(user, [number]).get(number) if number else None
    return [f"KOC {koc.code}"] if koc else []


def member_of(row: Sequence[Cell]) -> int:
    """Her number, the first cell."""
    return cast("int", row[0])


export_kinds.register_all(
    (
        ExportKind(
            code="koc_payout",
            title=gettext_lazy("Pay-out to KOC"),
            permission="community.export_payout",
            count=count_lines,
            rows=line_rows,
            filters=said_of_payout,
            subject=member_of,
        ),
        ExportKind(
            code="koc_ledger",
            title=gettext_lazy("Ledger of KOC"),
            permission="community.export_payout",
            count=count_bookings,
            rows=booking_rows,
            filters=said_of_bookings,
            subject=member_of,
        ),
    )
)
