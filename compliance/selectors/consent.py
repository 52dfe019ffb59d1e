"""What a member has said."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.db.models import Q

from compliance.enums.consent import Channel, ConsentAction
from compliance.models import ConsentEvent, ConsentState, ContactStatus
from compliance.rules.consent import Held, prevailing
from compliance.selectors.settings import contact_settings

States = Mapping[tuple[str, str], Held]
NOES = (ConsentAction.REFUSE, ConsentAction.WITHDRAW)


def states_of(member_id: int) -> States:
    """(purpose, channel) → the event that holds. One query."""
    return states_of_many([member_id])[member_id]


def states_of_many(member_ids: Sequence[int]) -> Mapping[int, States]:
    """The same for many; a member without any has an empty mapping. One query."""
    found: dict[int, dict[tuple[str, str], Held]] = defaultdict(dict)
    rows = ConsentState.objects.filter(member__in=member_ids).values_list(
        "member_id", "purpose", "channel", "action", "occurred_at", "weight", "notice_id", "event_id"
    )
    for member_id, purpose, channel, *held in rows:
        found[member_id][purpose, channel] = Held(*held)
    return found


def held(states: States, purpose: str, channel: str) -> Held | None:
    """What holds for a channel: what was said for it, or for all, whichever is later."""
    return prevailing(states.get((purpose, Channel.ANY)), states.get((purpose, channel)))


def history_of(member_id: int, *, limit: int | None = None) -> Sequence[ConsentEvent]:
    """The events, the latest first, each with its notice and the member of staff."""
    events = (
        ConsentEvent.objects.filter(member=member_id).select_related("notice", "by").order_by("-occurred_at", "-id")
    )
    return list(events if limit is None else events[:limit])


def ask_again_from(member_id: int, purpose: str, channel: str, *, now: datetime) -> datetime | None:
    """Before this moment she may not be asked for it again (条例 Art. 22(5)); None: she may be asked now."""
    said = held(states_of(member_id), purpose, channel)
    if said is None or said.action not in NOES:
        return None
    until = said.occurred_at + timedelta(days=contact_settings().reask_days)
    return until if until > now else None


def contact_status(member_id: int) -> ContactStatus | None:
    return ContactStatus.objects.filter(pk=member_id).first()


def is_erased(member_id: int) -> bool:
    return ContactStatus.objects.filter(pk=member_id, erased_at__isnull=False).exists()


def is_restricted(member_id: int) -> bool:
    return ContactStatus.objects.filter(pk=member_id, restricted_at__isnull=False).exists()


def restricted_or_erased(member_ids: Sequence[int]) -> Mapping[int, ContactStatus]:
    standing = Q(restricted_at__isnull=False) | Q(erased_at__isnull=False)
    return ContactStatus.objects.filter(standing, pk__in=member_ids).in_bulk()
