"""Recording what members say: append-only events; the database keeps the state with them."""

# ruff: noqa: S608  # the text of the SQL comes from this project alone; every value is a bound parameter

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from audit.services import Target, record_many
from compliance.enums.consent import GRANTS, NOES, Channel, ConsentAction, ConsentSource
from compliance.errors.consent import ConsentNotRecorded, MemberErased, ReaskTooSoon
from compliance.models import ConsentEvent, ContactStatus, Notice
from compliance.rules.consent import event_key, faults_of
from compliance.selectors.consent import ask_again_from, handed_out_by, held, latest_of_persons, states_of
from compliance.selectors.notices import notice_in_force
from compliance.services.turns import hold_for_refusal
from core.context import current_origin
from core.errors import Text
from core.rules.masking import mask_text
from core.services.sealing import SubjectErased, subject_keys

ADDRESS = ConsentEvent._meta.get_field("address")
NOTE = ConsentEvent._meta.get_field("note")
COLUMNS = (
    "member_id, purpose, channel, action, occurred_at, received_at, notice_id, notice_hash, language, source, page,"
    " wording, preset, note, address, by_id, link_by_id, key"
)
INSERT = (
    f"INSERT INTO compliance_consentevent ({COLUMNS}) VALUES {{rows}}"
    " ON CONFLICT (member_id, key) DO NOTHING RETURNING member_id, key, id"
)
BATCH = 1_000
INSTANT = timedelta(microseconds=1)
#: Doors through which she speaks herself, now: what she says there is never older than what she said before.
LIVE = frozenset({ConsentSource.PAGE, ConsentSource.KEYWORD})
ACTS: Mapping[str, Collection[str]] = {
    "compliance.give_consent": GRANTS,
    "compliance.refuse_consent": (ConsentAction.REFUSE,),
    "compliance.withdraw_consent": (ConsentAction.WITHDRAW,),
}
SAID: Mapping[str, Text] = {
    "purpose": _("There is no such purpose."),
    "channel": _("Only marketing is asked for by channel; everything else for all at once."),
    "action": _("A consent is given, refused or withdrawn."),
    "preset": _("A box that was ticked beforehand is no consent (PIPL Art. 14)."),
    "occurred_at": _("This lies in the future."),
}


@dataclass(frozen=True, kw_only=True)
class ConsentIn:
    """One thing that a member said. `key` is the sender's own; without it equal content is the same event."""

    member_id: int
    purpose: str
    channel: str = Channel.ANY
    action: ConsentAction | str
    occurred_at: datetime
    notice_hash: str = ""
    language: str = ""
    page: str = ""
    wording: str = ""
    preset: bool = False
    note: str = ""
    key: str = ""


@dataclass(frozen=True, kw_only=True)
class Kept:
    """One event as it will be stored, with what only the service knows of it."""

    said: ConsentIn
    address: bytes | None
    note: bytes | None
    notice_id: int | None
    link_by: int | None


@dataclass(frozen=True, kw_only=True)
class ConsentsRecorded:
    """`offered` = `stored` + `already_stored`."""

    offered: int
    stored: int

    @property
    def already_stored(self) -> int:
        return self.offered - self.stored


@transaction.atomic
def record(*, said: ConsentIn, source: ConsentSource, by: User | None, now: datetime) -> bool:
    """Record one event; False if it is stored already. Raises ConsentNotRecorded or MemberErased."""
    return bool(record_all(said=[said], source=source, by=by, now=now).stored)


@transaction.atomic
def record_all(*, said: Sequence[ConsentIn], source: ConsentSource, by: User | None, now: datetime) -> ConsentsRecorded:
    """Record several events, all or none; an audit row for each that is new.

    The address of the request that is being served is kept with what she says herself, sealed, as every note is; so
    is who handed out the link by which she came. A time that lies a little ahead (another clock) is taken for now.
    Raises ConsentNotRecorded or MemberErased.
    """
    for each in said:
        _require_whole(each, now)
    refusing = [each.member_id for each in said if each.action in NOES]
    if refusing:
        hold_for_refusal(refusing)
    given = [replace(each, occurred_at=min(each.occurred_at, now)) for each in said]
    if source in LIVE:
        given, now = _after_what_was_said(given, now)
    _require_not_erased(given)
    notices = _notices({each.notice_hash for each in given if each.notice_hash})
    people = {each.member_id for each in given}
    addresses = _sealed_addresses(people) if source in LIVE else {}
    handed = handed_out_by(people) if source == ConsentSource.PAGE else {}
    notes = _sealed_notes(given)
    rows = {
        (each.member_id, _key(each, source)): Kept(
            said=each,
            address=addresses.get(each.member_id),
            note=note,
            notice_id=notices.get(each.notice_hash),
            link_by=handed.get(each.member_id),
        )
        for each, note in zip(given, notes, strict=True)
    }
    stored: set[tuple[int, uuid.UUID]] = set()
    ordered = sorted(rows)
    for start in range(0, len(ordered), BATCH):
        block = ordered[start : start + BATCH]
        stored |= _insert([_values(known, rows[known], source=source, by=by, now=now) for known in block])
    _audit([rows[known] for known in ordered if known in stored], source=source, by=by, now=now)
    return ConsentsRecorded(offered=len(said), stored=len(stored))


@transaction.atomic
def choose(
    *,
    member_id: int,
    purpose: str,
    channel: str,
    granted: bool,
    source: ConsentSource,
    by: User | None,
    now: datetime,
    page: str = "",
    wording: str = "",
    language: str = "",
) -> None:
    """A switch turned on or off under the notice in force, by herself or by staff in her name.

    Turning off what was never on is a refusal. Raises ConsentNotRecorded where no notice has been published: nobody
    can agree to words that do not exist (PIPL Art. 14); saying no is always possible.
    """
    notice = notice_in_force()
    if granted and notice is None:
        raise ConsentNotRecorded(_("Publish a privacy notice first: nobody can agree to words that do not exist."))
    said = ConsentIn(
        member_id=member_id,
        purpose=purpose,
        channel=channel,
        action=ConsentAction.GRANT if granted else _no(member_id, purpose, channel),
        occurred_at=now,
        notice_hash=notice.hash if notice else "",
        language=language,
        page=page,
        wording=wording,
        key=uuid.uuid4().hex,
    )
    record(said=said, source=source, by=by, now=now)


@transaction.atomic
def withdraw_all(
    *,
    member_id: int,
    source: ConsentSource,
    by: User | None,
    now: datetime,
    page: str = "",
    wording: str = "",
    purposes: Iterable[str] | None = None,
) -> int:
    """Take back everything that holds now, on all channels; answers for how many purposes. Nothing given: nothing stored."""
    states = states_of(member_id)
    wanted = None if purposes is None else set(purposes)
    held_now = sorted(
        {
            purpose
            for purpose, channel in states
            if (wanted is None or purpose in wanted)
            and (said := held(states, purpose, channel)) is not None
            and said.is_grant
        }
    )
    said_all = [
        ConsentIn(
            member_id=member_id,
            purpose=purpose,
            channel=Channel.ANY,
            action=ConsentAction.WITHDRAW,
            occurred_at=now,
            page=page,
            wording=wording,
            key=uuid.uuid4().hex,
        )
        for purpose in held_now
    ]
    if said_all:
        record_all(said=said_all, source=source, by=by, now=now)
    return len(held_now)


def require_askable(*, member_id: int, purpose: str, channel: str, now: datetime) -> None:
    """Call it before a member is asked for a consent. Raises ReaskTooSoon after a no within the cool-down."""
    until = ask_again_from(member_id, purpose, channel, now=now)
    if until is not None:
        raise ReaskTooSoon


def _no(member_id: int, purpose: str, channel: str) -> ConsentAction:
    said = held(states_of(member_id), purpose, channel)
    return ConsentAction.WITHDRAW if said and said.is_grant else ConsentAction.REFUSE


def _require_whole(said: ConsentIn, now: datetime) -> None:
    faults = faults_of(
        purpose=said.purpose,
        channel=said.channel,
        action=said.action,
        preset=said.preset,
        occurred_at=said.occurred_at,
        now=now,
    )
    if faults:
        raise ConsentNotRecorded(fields={name: [SAID[name]] for name in sorted(faults)})


def _after_what_was_said(given: Sequence[ConsentIn], now: datetime) -> tuple[list[ConsentIn], datetime]:
    """Two hosts' clocks differ by seconds: what she does now comes after all that stands there, on any of her records."""
    latest = latest_of_persons({each.member_id for each in given})
    moved = [
        replace(each, occurred_at=max(each.occurred_at, latest[each.member_id] + INSTANT))
        if each.member_id in latest
        else each
        for each in given
    ]
    return moved, max([now, *(each.occurred_at for each in moved)])


def _require_not_erased(given: Sequence[ConsentIn]) -> None:
    granting = {each.member_id for each in given if each.action in GRANTS}
    if granting and ContactStatus.objects.filter(pk__in=granting, erased_at__isnull=False).exists():
        raise MemberErased


def _notices(hashes: set[str]) -> Mapping[str, int]:
    return dict(Notice.objects.filter(hash__in=hashes).values_list("hash", "pk")) if hashes else {}


def _sealed_addresses(member_ids: set[int]) -> Mapping[int, bytes]:
    """Nothing where no request is served, or where her key is gone: then her address is not kept either."""
    address = current_origin().address
    if not address:
        return {}
    try:
        keys = subject_keys("member", member_ids)
    except SubjectErased:
        return {}
    pairs = [(member_id, address) for member_id in sorted(member_ids)]
    return dict(zip(sorted(member_ids), keys.seal_all(ADDRESS, pairs), strict=True))


def _sealed_notes(given: Sequence[ConsentIn]) -> list[bytes | None]:
    """What somebody noted of her may name her: it lies under her key, and is not kept where that is gone."""
    noted = [(place, each.member_id, mask_text(each.note)[:300]) for place, each in enumerate(given) if each.note]
    sealed: list[bytes | None] = [None] * len(given)
    if noted:
        try:
            keys = subject_keys("member", {member_id for _place, member_id, _text in noted})
        except SubjectErased:
            return sealed
        bodies = keys.seal_all(NOTE, [(member_id, text) for _place, member_id, text in noted])
        for (place, _member_id, _text), body in zip(noted, bodies, strict=True):
            sealed[place] = body
    return sealed


def _key(said: ConsentIn, source: str) -> uuid.UUID:
    if said.key:
        return event_key(source, "key", said.key)
    moment = said.occurred_at.timestamp()
    return event_key(source, said.purpose, said.channel, said.action, f"{moment:.6f}")


def _values(known: tuple[int, uuid.UUID], kept: Kept, *, source: str, by: User | None, now: datetime) -> list[Any]:
    said = kept.said
    return [
        said.member_id,
        said.purpose,
        said.channel,
        said.action,
        said.occurred_at,
        now,
        kept.notice_id,
        said.notice_hash[:64],
        said.language[:12],
        source,
        mask_text(said.page)[:200],
        mask_text(said.wording)[:500],
        said.preset,
        kept.note,
        kept.address,
        by.pk if by else None,
        kept.link_by,
        known[1],
    ]


def _insert(rows: Sequence[Sequence[Any]]) -> set[tuple[int, uuid.UUID]]:
    one = f"({', '.join(['%s'] * len(rows[0]))})"
    with connection.cursor() as cursor:
        cursor.execute(INSERT.format(rows=", ".join([one] * len(rows))), [value for row in rows for value in row])
        return {(member_id, key) for member_id, key, _event in cursor.fetchall()}


def _audit(stored: Sequence[Kept], *, source: str, by: User | None, now: datetime) -> None:
    """A yes, a no and a withdrawal are acts of their own: whoever looks for withdrawals finds them."""
    for action, which in ACTS.items():
        meant = [kept for kept in stored if kept.said.action in which]
        if meant:
            record_many(by=by, action=action, targets=_targets(meant, source), at=now)


def _targets(stored: Sequence[Kept], source: str) -> list[Target]:
    return [
        Target(
            object_type="members.member",
            object_id=kept.said.member_id,
            changes={
                "consent": [None, f"{kept.said.purpose} · {kept.said.channel} · {kept.said.action}"],
                "door": [None, source],
                **({"link_by": [None, kept.link_by]} if kept.link_by else {}),
            },
        )
        for kept in stored
    ]
