"""What the timeline knows of a person.

Purchases stay as sums of the brand, without her: her row is gone, the number of the member leads nowhere, and the order
number, by which the shop's own system would lead back to her, is replaced.
"""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from core.enums import Ending
from core.registries import PersonPath, PrivacyHandler, Purge, classify, privacy, purges
from core.services.erasing import count_older, delete_by, purge_older, run
from timeline.models import Interaction, Purchase, PurchaseLine, Touch

WITHOUT_PERSON = _("Sums of the brand are kept without the person; nothing leads from them to her.")
PATHS = (
    PersonPath("timeline_interaction.member_id", Ending.DELETE),
    PersonPath("timeline_touch.member_id", Ending.DELETE),
    PersonPath("timeline_orderkey.member_id", Ending.DELETE),
    PersonPath("timeline_rebuild.member_id", Ending.DELETE),
    PersonPath("timeline_touch.inviter_id", Ending.MASK, _("Whom she invited stays; that it was she is taken out.")),
    PersonPath(
        "timeline_purchase.member_id",
        Ending.MASK,
        _("Amount and day are kept without the person; order number, coupon and referral code are taken out."),
    ),
    PersonPath("timeline_purchaseline.member_id", Ending.KEEP, WITHOUT_PERSON),
    PersonPath("timeline_purchaseday.member_id", Ending.KEEP, WITHOUT_PERSON),
    PersonPath("timeline_interactionday.member_id", Ending.KEEP, WITHOUT_PERSON),
)
_FORGET_ORDERS = """
UPDATE timeline_purchase SET order_no = 'erased-' || id, coupon_code = '', referral_code = ''
WHERE member_id = %(id)s AND order_no <> 'erased-' || id
"""
_FORGET_INVITER = "UPDATE timeline_touch SET inviter_id = NULL WHERE inviter_id = %(id)s"
_delete = delete_by(PATHS)


def export_timeline(member_id: int) -> Mapping[str, Any]:
    """What she bought, line by line, what she did, and where she came from."""
    orders = dict(Purchase.objects.filter(member=member_id).values_list("id", "order_no"))
    lines = PurchaseLine.objects.filter(member=member_id).select_related("product").order_by("line_at", "id")
    return {
        "purchases": [
            {
                "order": orders.get(line.purchase_id, ""),
                "at": line.line_at.isoformat(),
                "product": line.product.name or line.product.code,
                "quantity": str(line.quantity),
                "amount": str(line.amount),
            }
            for line in lines
        ],
        "interactions": [
            {
                "at": row.occurred_at.isoformat(),
                "kind": row.kind,
                "what": row.subject,
                "channel": row.channel,
                "properties": row.properties,
            }
            for row in Interaction.objects.filter(member=member_id).order_by("occurred_at", "id")
        ],
        "touches": [
            {
                "at": row.occurred_at.isoformat(),
                "channel": row.channel,
                "campaign": row.utm_campaign,
                "code": row.code,
                "source": row.source,
            }
            for row in Touch.objects.filter(member=member_id).order_by("occurred_at", "id")
        ],
    }


def erase_timeline(member_id: int) -> int:
    return run(_FORGET_INVITER, id=member_id) + run(_FORGET_ORDERS, id=member_id) + _delete(member_id)


privacy.register(
    PrivacyHandler(
        code="timeline",
        label=_("Purchases and interactions"),
        subject_kind="member",
        export=export_timeline,
        erase=erase_timeline,
        paths=PATHS,
        order=50,
    )
)
OLD_INTERACTIONS = {"table": "timeline_interaction", "moment": "occurred_at", "member": "member_id"}
purges.register(
    Purge(
        code="interactions",
        label=_("Interactions"),
        days=396,
        count=count_older(**OLD_INTERACTIONS),
        purge=purge_older(**OLD_INTERACTIONS, key="member_id, occurred_at, id"),
        order=10,
    )
)
FACT = "occurred_at received_at source channel"
classify(
    "timeline_purchase",
    identifier="order_no",
    quasi="id member_id store_id",
    behavioural=f"{FACT} amount sold kind coupon_code referral_code",
    none="xid",
)
classify(
    "timeline_purchaseline",
    quasi="id member_id purchase_id line_key",
    behavioural="occurred_at line_at product_id quantity unit_price amount",
)
classify(
    "timeline_interaction",
    identifier="properties",
    quasi="id member_id store_id",
    behavioural=f"{FACT} kind subject",
    none="xid",
)
classify(
    "timeline_touch",
    identifier="code",
    quasi="id member_id inviter_id",
    behavioural=f"{FACT} utm_source utm_medium utm_campaign utm_content utm_term",
    none="xid",
)
classify("timeline_purchaseday", quasi="member_id", behavioural="day orders coupon_orders amount")
classify("timeline_interactionday", quasi="member_id", behavioural="day kind count")
classify(
    "timeline_orderkey", identifier="order_no", quasi="member_id purchase_id", behavioural="occurred_at kind source"
)
classify("timeline_factkey", quasi="key")
classify("timeline_rebuild", quasi="id member_id", none="reason xid")
classify("timeline_product", none="id code name category cycle_days")
classify("timeline_cursor", none="consumer xid last_id moved_at")
classify("timeline_cluster", none="system_identifier xid_offset")
