"""What compliance knows of a member: given out on request, and what goes with her.

Consent events stay after an erasure: they prove that the brand did as she wished (PIPL 14, 55, 69; kept three years by
our choice). They hold no personal value but the address, which is sealed under her key and unreadable once that is gone.
A suppressed number stays as a keyed fingerprint, so that it is left alone for good.
"""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from compliance.models import ConsentEvent, ContactEvent, PrivacyLink
from compliance.selectors.consent import contact_status
from compliance.selectors.suppression import suppressions_of_member
from compliance.services.status import mark_erased
from core.registries import PrivacyHandler, privacy
from core.services.sealing import open_rows

ADDRESS = ConsentEvent._meta.get_field("address")


def export_consent(member_id: int) -> Mapping[str, Any]:
    """Everything that she said, by which door and under which words, and what was sent to her."""
    events = list(ConsentEvent.objects.filter(member=member_id).select_related("notice").order_by("occurred_at", "id"))
    return {
        "consents": [
            {
                "purpose": event.purpose,
                "channel": event.channel,
                "action": event.action,
                "occurred_at": event.occurred_at.isoformat(),
                "notice_version": event.notice.number if event.notice else None,
                "notice_hash": event.notice_hash,
                "door": event.source,
                "page": event.page,
                "wording": event.wording,
                "address": address if isinstance(address, str) else None,
            }
            for event, address in zip(events, open_rows(ADDRESS, events), strict=True)
        ],
        "contacts": [
            {"occurred_at": at.isoformat(), "channel": channel, "purpose": purpose}
            for at, channel, purpose in ContactEvent.objects.filter(member=member_id)
            .order_by("occurred_at")
            .values_list("occurred_at", "channel", "purpose")
        ],
        "suppressed": [
            {"kind": entry.kind, "channel": entry.channel, "since": entry.created_at.isoformat(), "why": entry.reason}
            for entry in suppressions_of_member(member_id)
        ],
    }


def erase_consent(member_id: int) -> int:
    """Her link dies, what was sent to her is forgotten, and the gate is shut for good."""
    links, _each = PrivacyLink.objects.filter(pk=member_id).delete()
    contacts, _each = ContactEvent.objects.filter(member=member_id).delete()
    status = contact_status(member_id)
    if status is not None and status.erased_at is not None:
        return links + contacts
    mark_erased(member_id=member_id, by=None, now=timezone.now())
    return links + contacts + 1


privacy.register(
    PrivacyHandler(code="consent", subject_kind="member", export=export_consent, erase=erase_consent, order=40)
)
