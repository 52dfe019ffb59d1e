"""What activities know of a member: given out on request, and what goes with her.

Orders that were credited stay as sums of the brand, without her: her row is gone, and the order number is replaced.
"""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from campaigns.models import ActivityMember, Attribution, LinkClick, Participation
from core.enums import Ending
from core.registries import PersonPath, PrivacyHandler, Purge, classify, privacy, purges
from core.services.erasing import count_older, delete_by, purge_older, run

PATHS = (
    PersonPath("campaigns_activitymember.member_id", Ending.DELETE),
    PersonPath("campaigns_participation.member_id", Ending.DELETE),
    PersonPath(
        "campaigns_linkclick.member_id", Ending.MASK, _("That a link was followed stays; who did is taken out.")
    ),
    PersonPath(
        "campaigns_attribution.member_id",
        Ending.MASK,
        _("Amount and day are kept without the person; the order number is taken out."),
    ),
)
_FORGET_CLICKS = "UPDATE campaigns_linkclick SET member_id = NULL WHERE member_id = %(id)s"
_FORGET_ORDERS = """
UPDATE campaigns_attribution SET order_no = 'erased-' || purchase_id
WHERE member_id = %(id)s AND order_no <> 'erased-' || purchase_id
"""
_delete = delete_by(PATHS)


def export_campaigns(member_id: int) -> Mapping[str, Any]:
    """Activities that were meant for her, in which she took part, whose orders are hers; links that she followed."""
    meant = ActivityMember.objects.filter(member=member_id).select_related("activity").order_by("activity")
    took = Participation.objects.filter(member=member_id).select_related("activity").order_by("occurred_at", "id")
    orders = Attribution.objects.filter(member=member_id).select_related("activity").order_by("occurred_at")
    clicks = LinkClick.objects.filter(member=member_id).select_related("link").order_by("at", "id")
    return {
        "activities": [{"activity": row.activity.name} for row in meant],
        "participations": [
            {"activity": row.activity.name, "how": row.kind, "at": row.occurred_at.isoformat()} for row in took
        ],
        "credited_orders": [{"activity": row.activity.name, "order": row.order_no, "rule": row.rule} for row in orders],
        "clicks": [{"link": row.link.name, "at": row.at.isoformat()} for row in clicks],
    }


def erase_campaigns(member_id: int) -> int:
    return run(_FORGET_CLICKS, id=member_id) + run(_FORGET_ORDERS, id=member_id) + _delete(member_id)


privacy.register(
    PrivacyHandler(
        code="campaigns",
        label=_("Activities and links"),
        subject_kind="member",
        export=export_campaigns,
        erase=erase_campaigns,
        paths=PATHS,
        order=60,
    )
)
OLD_CLICKS = {"table": "campaigns_linkclick", "moment": "at", "member": "member_id"}
purges.register(
    Purge(
        code="clicks",
        label=_("Clicks of links"),
        days=396,
        count=count_older(**OLD_CLICKS),
        purge=purge_older(**OLD_CLICKS, key="id"),
        order=15,
    )
)
classify("campaigns_band", none="id level measure low high")
classify("campaigns_activitysettings", none="id budget_limit window_days")
classify("campaigns_linkhost", none="host note is_active")
classify(
    "campaigns_trackedlink",
    none="id code name target host_id destination channel utm_source utm_medium utm_campaign utm_content utm_term "
    "activity_id slot_id by_id created_at closed_at",
)
classify("campaigns_linkclick", quasi="id member_id", behavioural="link_id at bot", none="xid")
classify("campaigns_linkday", none="link_id day humans known bots last_at")
classify(
    "campaigns_activity",
    none="id name level form title rules_text owner_id audience_id budget channel window_days starts_at ends_at state "
    "text_approved budget_approved_by_id budget_approved_at started_at ended_at frozen_at audience_size blocked "
    "budget_limit audience_rule harvested_at credit_asked_at launch_asked_at "
    "launch_by_id source_id by_id created_at changed_at",
)
classify("campaigns_activitymember", quasi="member_id", behavioural="activity_id")
classify("campaigns_activitycode", none="code activity_id")
classify("campaigns_activityoffer", none="id activity_id coupon_id draw_id giving_asked_at giving_by_id given_at")
classify("campaigns_festivalplan", none="id activity_id template_id year slots")
classify(
    "campaigns_participation",
    quasi="id member_id",
    behavioural="activity_id kind day occurred_at in_audience source",
    none="xid",
)
classify("campaigns_cost", none="id activity_id kind amount day note by_id at taken_back_at")
classify(
    "campaigns_attribution",
    identifier="order_no",
    quasi="purchase_id member_id",
    behavioural="activity_id rule occurred_at amount refunded net",
)
