"""What a member has said, by whichever of her records: those that were merged into hers are hers."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from django.db.models import Max, Q

from compliance.enums.consent import NOES, Channel
from compliance.models import ConsentEvent, ConsentState, ContactStatus, LegalHold, PrivacyLink
from compliance.rules.consent import Held, latest, prevailing
from compliance.selectors.settings import contact_settings
from members.selectors.persons import owners_of, records_of_owners, records_of_person

States = Mapping[tuple[str, str], Held]


def latest_of_persons(member_ids: Collection[int]) -> Mapping[int, datetime]:
    """When the person behind each of the records last said anything, by any of her records; none who never did."""
    persons = owners_of(member_ids)
    owner_of = records_of_owners(set(persons.values()))
    found: dict[int, datetime] = {}
    rows = ConsentState.objects.filter(member__in=owner_of).values_list("member_id").annotate(Max("occurred_at"))
    for pk, at in rows.order_by():
        found[owner_of[pk]] = max(at, found.get(owner_of[pk], at))
    return {pk: found[owner] for pk, owner in persons.items() if owner in found}


def states_of(member_id: int) -> States:
    """(purpose, channel) → the event that holds, the latest over all records of the person."""
    return states_of_records(records_of_person(member_id))


def states_of_records(record_ids: Sequence[int]) -> States:
    """What holds for one person with these records: the later; at the same moment the stricter. One query."""
    found: dict[tuple[str, str], Held] = {}
    rows = ConsentState.objects.filter(member__in=record_ids).values_list(
        "purpose", "channel", "action", "occurred_at", "weight", "notice_id", "event_id"
    )
    for purpose, channel, *said in rows:
        found[purpose, channel] = latest(found.get((purpose, channel)), Held(*said))
    return found


def held(states: States, purpose: str, channel: str) -> Held | None:
    """What holds for a channel: what was said for it, or for all, whichever is later."""
    return prevailing(states.get((purpose, Channel.ANY)), states.get((purpose, channel)))


def history_of(member_id: int, *, limit: int | None = None) -> Sequence[ConsentEvent]:
    """The events of all her records, the latest first, each with its notice and the member of staff."""
    events = (
        ConsentEvent.objects.filter(member__in=records_of_person(member_id))
        .select_related("notice", "by", "link_by")
        .order_by("-occurred_at", "-id")
    )
    return list(events if limit is None else events[:limit])


def ask_again_from(member_id: int, purpose: str, channel: str, *, now: datetime) -> datetime | None:
    """Before this moment she may not be asked for it again (条例 Art. 22(5)); None: she may be asked now."""
    said = held(states_of(member_id), purpose, channel)
    if said is None or said.action not in NOES:
        return None
    until = said.occurred_at + timedelta(days=contact_settings().reask_days)
    return until if until > now else None


def handed_out_by(member_ids: Collection[int]) -> Mapping[int, int]:
    """Which member of staff handed out the link that works now; nobody for one that the product sent itself."""
    links = PrivacyLink.objects.filter(pk__in=member_ids, issued_by__isnull=False)
    return dict(links.values_list("pk", "issued_by"))


def contact_status(member_id: int) -> ContactStatus | None:
    return ContactStatus.objects.filter(pk=member_id).first()


def is_erased(member_id: int) -> bool:
    return ContactStatus.objects.filter(pk=member_id, erased_at__isnull=False).exists()


def is_restricted(member_id: int) -> bool:
    """Stored only: because it was asked for, or because a legal hold stands; of any record of the person."""
    records = records_of_person(member_id)
    return is_restricted_by_request(records) or is_held(records)


def is_restricted_by_request(record_ids: Sequence[int]) -> bool:
    """What `services.status` sets and lifts; a hold is no part of it."""
    return ContactStatus.objects.filter(pk__in=record_ids, restricted_at__isnull=False).exists()


def is_held(record_ids: Sequence[int]) -> bool:
    return LegalHold.objects.filter(member__in=record_ids, lifted_at=None).exists()


def restricted_or_erased(member_ids: Sequence[int]) -> Mapping[int, ContactStatus]:
    standing = Q(restricted_at__isnull=False) | Q(erased_at__isnull=False)
    return ContactStatus.objects.filter(standing, pk__in=member_ids).in_bulk()
