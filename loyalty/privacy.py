"""What offers know of a person.

Coupons, their uses and entries stay as counts of the brand, without her: stock, cost and the proof of a draw rest on them.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

from core.enums import Ending
from core.registries import PersonPath, PrivacyHandler, Purge, classify, privacy, purges
from core.services.erasing import delete_by, run
from loyalty.models import CouponGrant, CouponRedemption, DrawEntry, DrawWinner

# ruff: noqa: S608  # the text of the SQL comes from this project alone; every value is a bound parameter

PATHS = (
    PersonPath("loyalty_uncreditedcode.member_id", Ending.DELETE),
    PersonPath(
        "loyalty_coupongrant.member_id",
        Ending.MASK,
        _("That a coupon was given is kept, so that its stock stays right; that it was she is taken out."),
    ),
    PersonPath(
        "loyalty_couponredemption.member_id",
        Ending.MASK,
        _("That a coupon was used is kept with the amount; she and the order number are taken out."),
    ),
    PersonPath(
        "loyalty_drawentry.member_id",
        Ending.MASK,
        _("Entries prove that a draw was fair and stay as numbers; that it was she is taken out."),
    ),
)
_FORGET = (
    "UPDATE loyalty_couponredemption SET member_id = NULL, order_no = 'erased-' || id WHERE member_id = %(id)s",
    "UPDATE loyalty_coupongrant SET member_id = NULL, key = '' WHERE member_id = %(id)s",
    "UPDATE loyalty_drawentry SET member_id = NULL, reason = '' WHERE member_id = %(id)s",
)
_OLD_ENTRIES = """
FROM loyalty_drawentry AS entry JOIN loyalty_draw AS draw ON draw.id = entry.draw_id
WHERE coalesce(draw.drawn_at, draw.voided_at) < %(before)s AND entry.member_id IS NOT NULL AND NOT entry.member_id = ANY(%(held)s::bigint[])
"""
_FORGET_OLD = f"""
UPDATE loyalty_drawentry SET member_id = NULL, reason = ''
WHERE id IN (SELECT entry.id {_OLD_ENTRIES} LIMIT %(batch)s)
"""
_delete = delete_by(PATHS)


def export_offers(member_id: int) -> Mapping[str, Any]:
    """Her coupons, what she used them for, and the draws that she took part in."""
    grants = CouponGrant.objects.filter(member=member_id).select_related("coupon").order_by("pk")
    uses = CouponRedemption.objects.filter(member=member_id).select_related("grant__coupon").order_by("pk")
    entries = DrawEntry.objects.filter(member=member_id).select_related("draw").order_by("pk")
    won = dict(DrawWinner.objects.filter(entry__member=member_id).values_list("entry_id", "prize__name"))
    return {
        "coupons": [
            {
                "coupon": row.coupon.name,
                "claimed": row.claimed_at.isoformat(),
                "valid_until": (row.valid_until or row.coupon.ends_at).isoformat(),
                "redeemed": row.redeemed_at.isoformat() if row.redeemed_at else None,
            }
            for row in grants
        ],
        "coupon_uses": [
            {
                "coupon": row.grant.coupon.name,
                "order": row.order_no,
                "amount": str(row.amount),
                "at": row.redeemed_at.isoformat(),
                "given_back": row.released_at.isoformat() if row.released_at else None,
            }
            for row in uses
        ],
        "draw_entries": [
            {
                "draw": row.draw.name,
                "entry": row.pk,
                "at": row.entered_at.isoformat(),
                "chance_for": row.reason,
                "won": won.get(row.pk),
                "void": row.draw.void_notice if row.draw.voided_at else None,
            }
            for row in entries
        ],
    }


def erase_offers(member_id: int) -> int:
    return sum(run(statement, id=member_id) for statement in _FORGET) + _delete(member_id)


def count_old_entries(before: datetime, held: Sequence[int]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) {_OLD_ENTRIES}", {"before": before, "held": list(held)})
        return int(cursor.fetchone()[0])


def forget_old_entries(before: datetime, held: Sequence[int], batch: int) -> int:
    """The entry stays, as a number that the draw's proof rests on; whose it was goes."""
    return run(_FORGET_OLD, before=before, held=list(held), batch=batch)


purges.register(
    Purge(
        code="draw_entries",
        label=_("Who entered draws that were run or made void"),
        days=730,
        count=count_old_entries,
        purge=forget_old_entries,
        order=70,
    )
)
privacy.register(
    PrivacyHandler(
        code="loyalty",
        label=_("Coupons and draws"),
        subject_kind="member",
        export=export_offers,
        erase=erase_offers,
        paths=PATHS,
        order=65,
    )
)
classify(
    "loyalty_coupon",
    none="id name terms kind amount percent most gift gift_cost min_spend code_source stock per_member starts_at ends_at"
    " valid_days stacking stack_group state granted redeemed launched_at version created_at",
)
classify("loyalty_couponcode", quasi="lookup", none="id coupon_id sealed taken_at")
classify(
    "loyalty_coupongrant",
    quasi="id member_id lookup code_id nonce key",
    behavioural="coupon_id ordinal source_kind source_id claimed_at valid_until redeemed_at",
    none="xid",
)
classify(
    "loyalty_couponredemption",
    identifier="order_no",
    quasi="id member_id grant_id",
    behavioural="amount stack_group store_id redeemed_at released_at",
    none="xid",
)
classify("loyalty_uncreditedcode", quasi="purchase_id member_id lookup", behavioural="fault occurred_at")
classify("loyalty_prize", none="id name kind value cost stock reserved")
classify(
    "loyalty_draw",
    none="id name conditions handing_over organiser max_chances opens_at closes_at draws_at source_kind source_id state"
    " prizes_hash seed_hash sealed_seed seed entries_hash entries_count published_at drawn_at proof proved_at created_at"
    " void_reason void_notice void_asked_by_id void_asked_at voided_by_id voided_at version",
)
classify("loyalty_drawprize", none="id draw_id prize_id position quantity name kind value")
classify(
    "loyalty_drawentry", quasi="id member_id participant", behavioural="draw_id ordinal reason entered_at", none="xid"
)
classify("loyalty_drawwinner", quasi="entry_id", none="id draw_id place prize_id")
classify("loyalty_offersettings", none="id prize_cap virtual_share mix_tolerance")
