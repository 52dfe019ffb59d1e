"""What messaging knows of a member: given out on request, and what goes with her.

That a message went and how it ended stays as a number of the send; to whom, where to and with which values is taken out.
"""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from core.enums import Ending
from core.registries import PersonPath, PrivacyHandler, Purge, classify, privacy, purges
from core.services.erasing import count_older, purge_older, run
from messaging.models import Delivery

PATHS = (
    PersonPath(
        "messaging_delivery.member_id",
        Ending.MASK,
        _(
            "That a message went and how it ended is kept as a count of its send; she, address and values are taken out."
        ),
    ),
)
#: What waits for her never goes; what may be on its way is in doubt for nobody any more.
_FORGET = """
UPDATE messaging_delivery SET
    member_id = NULL, address = '', variables = NULL, external_id = '', event_id = NULL,
    state = CASE WHEN state IN ('pending', 'claimed') THEN 'skipped' ELSE state END,
    reason = CASE WHEN state IN ('pending', 'claimed') THEN 'erased' ELSE reason END,
    ended_at = CASE WHEN state IN ('pending', 'claimed') THEN now() ELSE ended_at END,
    lease = CASE WHEN state = 'claimed' THEN NULL ELSE lease END,
    lease_until = CASE WHEN state = 'claimed' THEN NULL ELSE lease_until END
WHERE member_id = %(id)s
"""


def export_messages(member_id: int) -> Mapping[str, Any]:
    """Every message that was meant for her: when, by which way, what became of it and why."""
    rows = Delivery.objects.filter(member=member_id).select_related("send").order_by("pk")
    return {
        "messages": [
            {
                "send": row.send.title,
                "channel": row.send.channel,
                "state": row.state,
                "why": row.reason,
                "begun_at": row.begun_at.isoformat() if row.begun_at else None,
                "values": row.variables or {},
            }
            for row in rows
        ]
    }


def erase_messages(member_id: int) -> int:
    return run(_FORGET, id=member_id)


privacy.register(
    PrivacyHandler(
        code="messaging",
        label=_("Messages"),
        subject_kind="member",
        export=export_messages,
        erase=erase_messages,
        paths=PATHS,
        order=35,
    )
)
OLD = {"table": "messaging_delivery", "moment": "ended_at", "member": "member_id"}
purges.register(
    Purge(
        code="messages",
        label=_("Messages in the ledger"),
        days=1_096,
        count=count_older(**OLD),
        purge=purge_older(**OLD, key="id"),
        order=16,
    )
)
classify(
    "messaging_gateway",
    sensitive="secret",
    none="id code name adapter channel sender refusal settings is_active per_second daily_limit by_id created_at "
    "changed_at",
)
classify("messaging_gatewayday", none="id gateway_id day begun")
classify(
    "messaging_messagetemplate",
    none="id name channel subject text given text_approved by_id created_at changed_at",
)
classify(
    "messaging_send",
    none="id source_kind source_id step title channel gateway_id purpose template_id subject text given not_before "
    "not_after state is_open_ended recipients wake_at by_id created_at frozen_at started_at ended_at",
)
classify(
    "messaging_delivery",
    identifier="address external_id variables",
    quasi="id member_id event_id",
    behavioural="send_id state due_at attempts reason judged_at begun_at ended_at error receipt receipt_at",
    none="lease lease_until",
)
