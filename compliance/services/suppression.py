"""The list of numbers and addresses that are left alone."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from accounts.models import User
from audit.services import record
from compliance.enums.consent import Channel, ConsentSource, Purpose, SuppressionKind, SuppressionReason
from compliance.errors.consent import ReasonNeeded, SuppressionNotValid
from compliance.models import Suppression
from compliance.rules.keywords import asks_to_stop
from compliance.selectors.suppression import active_suppressions
from compliance.services.consent import withdraw_all
from compliance.services.turns import hold_for_list
from core.rules.masking import mask_text
from core.rules.normalise import NotNormal
from members.enums import IdentityType
from members.models import Identity
from members.rules.identities import normalise
from members.selectors import lookup_function

BATCH = 5_000
KEYWORD_SOURCE = "reply"


@dataclass(frozen=True, kw_only=True)
class ListTaken:
    """What came of a list: `already` stood there before, `invalid` are the numbers of the lines that are no value."""

    added: int
    already: int
    invalid: tuple[int, ...]


@transaction.atomic
def suppress(
    *,
    kind: SuppressionKind | str,
    value: str,
    reason: SuppressionReason | str,
    by: User | None,
    now: datetime,
    channel: Channel | str = Channel.ANY,
    source: str = "",
    note: str = "",
) -> bool:
    """Put one number or address on the list; False if it stands there. Raises SuppressionNotValid."""
    taken = suppress_list(
        kind=kind, values=[value], reason=reason, by=by, now=now, channel=channel, source=source, note=note
    )
    if taken.invalid:
        raise SuppressionNotValid(fields={"value": [SuppressionNotValid.message]})
    return bool(taken.added)


@transaction.atomic
def suppress_list(
    *,
    kind: SuppressionKind | str,
    values: Iterable[str],
    reason: SuppressionReason | str,
    by: User | None,
    now: datetime,
    channel: Channel | str = Channel.ANY,
    source: str = "",
    note: str = "",
) -> ListTaken:
    """Put a list of them there. The values themselves are kept nowhere: only their blind index."""
    known = IdentityType(kind)
    index = lookup_function(known)
    lookups: dict[str, None] = {}
    invalid: list[int] = []
    for number, text in enumerate(values, 1):
        if not text.strip():
            continue
        try:
            lookups[index(normalise(known, text))] = None
        except NotNormal:
            invalid.append(number)
    hold_for_list()
    before = set(
        active_suppressions()
        .filter(kind=kind, channel=channel, lookup__in=list(lookups))
        .values_list("lookup", flat=True)
    )
    Suppression.objects.bulk_create(
        [
            Suppression(
                kind=kind,
                lookup=lookup,
                channel=channel,
                reason=reason,
                source=source[:60],
                note=mask_text(note)[:300],
                created_at=now,
                created_by=by,
            )
            for lookup in sorted(lookups.keys() - before)
        ],
        batch_size=BATCH,
        ignore_conflicts=True,
    )
    added = len(lookups.keys() - before)
    record(
        by=by,
        action="compliance.suppress",
        reason=note,
        changes={
            "kind": [None, str(kind)],
            "channel": [None, str(channel)],
            "why": [None, str(reason)],
            "added": [None, added],
        },
        at=now,
    )
    return ListTaken(added=added, already=len(before), invalid=tuple(invalid))


@transaction.atomic
def lift(*, entry: Suppression, reason: str, by: User | None, now: datetime) -> bool:
    """Take an entry off the list, with the reason; the row stays. False if somebody did so before. Raises ReasonNeeded."""
    why = mask_text(reason.strip())[:300]
    if not why:
        raise ReasonNeeded(fields={"reason": [ReasonNeeded.message]})
    lifted = Suppression.objects.filter(pk=entry.pk, lifted_at=None).update(
        lifted_at=now, lifted_by=by, lifted_reason=why
    )
    if lifted:
        record(by=by, action="compliance.lift_suppression", obj=entry, reason=why, at=now)
    return bool(lifted)


@transaction.atomic
def take_reply(*, member_id: int, channel: Channel | str, text: str, now: datetime) -> bool:
    """Take a reply of a member on a channel: whether it asks to stop.

    If so her marketing consents end, and the number or address that the channel uses goes on the list.
    """
    if not asks_to_stop(text):
        return False
    withdraw_all(
        member_id=member_id,
        source=ConsentSource.KEYWORD,
        by=None,
        now=now,
        page=str(channel),
        wording=text[:100],
        purposes=[Purpose.MARKETING],
    )
    for kind in KINDS_OF_CHANNEL.get(Channel(channel), ()):
        _suppress_of_member(member_id, kind, channel, now)
    return True


#: What a message of a channel is sent to; the others reach a member by an id that stands for nobody else.
KINDS_OF_CHANNEL = {
    Channel.SMS: (SuppressionKind.PHONE,),
    Channel.PHONE: (SuppressionKind.PHONE,),
    Channel.EMAIL: (SuppressionKind.EMAIL,),
}


def _suppress_of_member(member_id: int, kind: SuppressionKind, channel: Channel | str, now: datetime) -> None:
    lookups = Identity.objects.filter(member=member_id, type=kind).values_list("lookup", flat=True)
    entries = [
        Suppression(
            kind=kind,
            lookup=lookup,
            channel=channel,
            reason=SuppressionReason.OPT_OUT,
            source=KEYWORD_SOURCE,
            created_at=now,
        )
        for lookup in lookups
    ]
    hold_for_list()
    Suppression.objects.bulk_create(entries, ignore_conflicts=True)
    record(
        by=None,
        action="compliance.suppress",
        changes={"kind": [None, str(kind)], "channel": [None, str(channel)], "added": [None, len(entries)]},
        at=now,
    )
