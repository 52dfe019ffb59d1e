"""What a KOC made and earned: given out on request, masked where accounts must stay."""

import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from community.models import (
    Delivery,
    LedgerTransaction,
    PayoutLine,
    ShareOrder,
    Ugc,
    WorkFile,
)
from community.services.forgetting import forget_person
from community.services.work_files import read_work_file
from core.enums import Ending
from core.registries import KnownNames, PersonPath, PrivacyHandler, classify, known_names, privacy
from core.rules.whole import whole_in

log = logging.getLogger(__name__)

EARNINGS = (
    PersonPath("community_workfile.member_id", Ending.DELETE),
    PersonPath(
        "community_ugc.member_id",
        Ending.MASK,
        _("What she made is taken out; that a piece was used, and when it was taken down, stays without her."),
    ),
    PersonPath(
        "community_shareorder.member_id",
        Ending.MASK,
        _("Amount and day are kept without the person, as accounts must be; the order number is taken out."),
    ),
)


def export_earnings(member_id: int) -> Mapping[str, Any]:
    """Tasks she took, what she made, what was booked for her; orders of hers of which a KOC got a share."""
    deliveries = Delivery.objects.filter(koc__member=member_id).select_related("task").order_by("pk")
    booked = LedgerTransaction.objects.filter(koc__member=member_id).prefetch_related("entries").order_by("pk")
    pieces = Ugc.objects.filter(member=member_id).prefetch_related("uses__material").order_by("pk")
    orders = ShareOrder.objects.filter(member=member_id).order_by("occurred_at", "purchase_id")
    return {
        "tasks": [
            {
                "task": row.task.title,
                "state": row.state,
                "accepted": row.accepted_at.isoformat(),
                "handed_in": row.delivered_at.isoformat() if row.delivered_at else None,
                "text": row.text,
                "link": row.link,
                "reason": row.reason,
            }
            for row in deliveries
        ],
        "earned": [
            {"what": row.kind, "at": row.at.isoformat(), "where": entry.book, "amount": str(entry.amount)}
            for row in booked
            for entry in row.entries.all()
        ],
        "made": [
            {
                "title": row.title,
                "kind": row.kind,
                "text": row.text,
                "link": row.link,
                "state": row.state,
                "scope": row.scope,
                "until": row.until.isoformat() if row.until else None,
                "used_in": [use.material.title for use in row.uses.all()],
            }
            for row in pieces
        ],
        "shared_orders": [{"order": row.order_no, "at": row.occurred_at.isoformat(), "how": row.way} for row in orders],
    }


def earnings_files(member_id: int) -> Iterable[tuple[str, bytes]]:
    """What she handed in as files; one that is lost keeps her from no other, and is in the log."""
    for kept in WorkFile.objects.filter(member=member_id).order_by("pk"):
        try:
            content = b"".join(read_work_file(kept))
        except FileNotFoundError:
            log.warning("the file of community.workfile %s is not there", kept.pk)
            continue
        yield f"{kept.pk}-{kept.name}", content


def names_behind(rows: QuerySet[Any], path: str) -> Callable[[Iterable[str]], dict[str, str]]:
    """Whom a row is about, for reasons that outlive her; `path` leads to her name."""

    def names(numbers: Iterable[str]) -> dict[str, str]:
        wanted = [number for number in map(whole_in, numbers) if number is not None]
        return {str(pk): name for pk, name in rows.filter(pk__in=wanted).values_list("pk", path) if name}

    return names


def names_of_payouts(numbers: Iterable[str]) -> dict[str, list[str]]:
    """Everybody whom the pay-out pays."""
    wanted = [number for number in map(whole_in, numbers) if number is not None]
    found: dict[str, list[str]] = {}
    paid = PayoutLine.objects.filter(payout__in=wanted, koc__member__isnull=False)
    for payout, name in paid.values_list("payout_id", "koc__member__name"):
        found.setdefault(str(payout), []).append(name)
    return found


def erase_earnings(member_id: int) -> int:
    return forget_person(member_id=member_id, now=timezone.now())


known_names.register_all(
    (
        KnownNames(code="community.delivery", names=names_behind(Delivery.objects.all(), "koc__member__name")),
        KnownNames(code="community.ugc", names=names_behind(Ugc.objects.all(), "member__name")),
        KnownNames(code="community.payout", names=names_of_payouts),
    )
)
privacy.register(
    PrivacyHandler(
        code="community_earnings",
        label=_("Tasks, UGC and earnings of KOC"),
        subject_kind="member",
        export=export_earnings,
        erase=erase_earnings,
        paths=EARNINGS,
        beside=(
            *("community_delivery", "community_ugcuse", "content_material", "content_materialversion"),
            *("compliance_review", "compliance_approval"),
        ),
        files=earnings_files,
        order=55,
    )
)
classify(
    "community_task",
    none="id title brief wish level owner_id due_at seats taken reward_amount reward_coupon_id state by_id created_at "
    "changed_at opened_at ended_at",
)
classify(
    "community_delivery",
    identifier="link",
    quasi="id koc_id file_id",
    behavioural="task_id state accepted_at text times delivered_at late decided_at reason",
    none="decided_by_id by_id",
)
classify(
    "community_workfile",
    identifier="name key",
    quasi="id member_id digest",
    behavioural="mime size at",
)
classify("community_prioritybenefit", none="id name level coupon_id period is_active given_at by_id created_at")
classify(
    "community_sharerule",
    none="id rate order_cap month_cap return_days inviter_days valid_from reason by_id made_at",
)
classify(
    "community_shareorder",
    identifier="order_no",
    quasi="purchase_id koc_id decided_for_id member_id",
    behavioural="source way rule_id occurred_at month due_at amount refunded share settled is_own",
    none="step",
)
classify("community_payout", none="id state total lines_count made_by_id made_at reference closed_by_id closed_at")
classify("community_payoutline", quasi="id koc_id", behavioural="payout_id payable offset amount state")
classify(
    "community_ledgertransaction",
    quasi="id koc_id key purchase_id delivery_id",
    behavioural="kind payout_id at",
    none="by_id booked_at xid",
)
classify("community_ledgerentry", quasi="id transaction_id koc_id", behavioural="book amount")
classify("community_ledgerbalance", quasi="koc_id", behavioural="book amount")
classify(
    "community_ugc",
    identifier="link source_key",
    quasi="id member_id koc_id delivery_id file_id consent_event",
    behavioural="source kind title text scope until state offered_at changed_at ended_at",
    none="by_id",
)
classify("community_ugcuse", quasi="id ugc_id", behavioural="material_id scope at taken_out_at", none="by_id")
