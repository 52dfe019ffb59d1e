"""Tracked links: made, closed, personal addresses given out; the hosts to which they may lead."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.core import signing
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from campaigns.enums import STARTED
from campaigns.errors import HostNotValid, LinkClosed, LinkNotValid
from campaigns.models import Activity, ActivityCode, LinkHost, TrackedLink
from campaigns.rules.addresses import LONGEST_TARGET, LONGEST_UTM, UTM, host_of, new_code, target_host, with_utm
from campaigns.rules.codes import folded
from campaigns.services.attribution import ask_for_credit
from content.models import Slot
from core.rules.whole import whole_in

LONGEST_NAME, LONGEST_CHANNEL = 80, 40
TRIES = 5


@transaction.atomic
def create_link(
    *,
    name: str,
    target: str,
    by: User | None,
    now: datetime,
    channel: str = "",
    utm: Mapping[str, str] | None = None,
    activity: Activity | None = None,
    slot: Slot | None = None,
) -> TrackedLink:
    """A new short link; with a `slot`, the one inside of that content. Raises LinkNotValid, which names every value at fault; nothing is cut off to fit."""
    name, target, channel = name.strip(), target.strip(), channel.strip()
    given = {key: (utm or {}).get(key, "").strip() for key in UTM}
    host = _allowed_host(target)
    faults = _faults(name, target, channel, given)
    if host is None and "target" not in faults:
        faults["target"] = [_("Links lead to https addresses on the hosts of the list only.")]
    if faults or host is None:
        raise LinkNotValid(fields=faults)
    link = _with_free_code(
        TrackedLink(
            name=name,
            target=target,
            host=host,
            destination=with_utm(target, given),
            channel=channel,
            activity=activity,
            slot=slot,
            by=by,
            created_at=now,
            **given,
        )
    )
    if activity is not None:
        _ask_for_credit(activity, now=now)
    record(by=by, action="campaigns.create_link", obj=link, changes={"target": [None, target]}, at=now)
    return link


@transaction.atomic
def close_link(*, link: TrackedLink, by: User | None, now: datetime) -> TrackedLink:
    """From now on it leads nowhere. Raises LinkClosed if it is closed already."""
    if not TrackedLink.objects.filter(pk=link.pk, closed_at=None).update(closed_at=now):
        raise LinkClosed
    link.refresh_from_db()
    record(by=by, action="campaigns.close_link", obj=link, changes={"closed_at": [None, now]}, at=now)
    return link


@transaction.atomic
def allow_host(*, host: str, note: str = "", by: User | None, now: datetime) -> LinkHost:
    """Links may lead there from now on. Raises HostNotValid for anything but a host's name."""
    plain = host_of(host)
    if plain is None:
        raise HostNotValid(fields={"host": [_("A host's name alone, such as shop.example.com.")]})
    row, made = LinkHost.objects.select_for_update().get_or_create(host=plain, defaults={"note": note.strip()[:80]})
    if not made and not row.is_active:
        LinkHost.objects.filter(pk=plain).update(is_active=True)
    if made or not row.is_active:
        row.is_active = True
        record(by=by, action="campaigns.allow_host", obj=row, at=now)
    return row


@transaction.atomic
def refuse_host(*, host: LinkHost, by: User | None, now: datetime) -> LinkHost:
    """Take a host off the list: its links lead nowhere until it is back."""
    if LinkHost.objects.filter(pk=host.pk, is_active=True).update(is_active=False):
        record(by=by, action="campaigns.refuse_host", obj=host, at=now)
    host.is_active = False
    return host


@transaction.atomic
def give_addresses(*, link: TrackedLink, member_ids: Iterable[int], by: User | None, now: datetime) -> dict[int, str]:
    """`personal_paths` for somebody outside, with a record of how many. Raises LinkClosed."""
    if link.closed_at is not None:
        raise LinkClosed
    paths = personal_paths(link, member_ids)
    record(by=by, action="campaigns.give_addresses", obj=link, changes={"members": [None, len(paths)]}, at=now)
    return paths


def personal_paths(link: TrackedLink, member_ids: Iterable[int]) -> dict[int, str]:
    """The address of the link that is known to be each member's. Whoever she passes it on to is taken for her."""
    signer = _signer(link.code)
    return {number: f"{link.path}/{signer.sign(str(number)).replace(':', '.', 1)}" for number in member_ids}


def member_of(code: str, token: str) -> int | None:
    """Whose address it is; None for a token that is not ours, or another link's."""
    try:
        number = _signer(code).unsign(token.replace(".", ":", 1))
    except signing.BadSignature:
        return None
    return whole_in(number)


def _signer(code: str) -> signing.Signer:
    return signing.Signer(salt=f"campaigns.link.{code}")


def _allowed_host(target: str) -> LinkHost | None:
    host = target_host(target)
    return LinkHost.objects.filter(pk=host, is_active=True).first() if host else None


def _faults(name: str, target: str, channel: str, utm: Mapping[str, str]) -> dict[str, list[Any]]:
    faults: dict[str, list[Any]] = {}
    if not name:
        faults["name"] = [_("A link needs a name.")]
    for field, text, most in (
        ("name", name, LONGEST_NAME),
        ("target", target, LONGEST_TARGET),
        ("channel", channel, LONGEST_CHANNEL),
        *((key, value, LONGEST_UTM) for key, value in utm.items()),
    ):
        if len(text) > most:
            faults[field] = [_("At most %(most)d characters.") % {"most": most}]
        elif not text.isprintable():
            faults[field] = [_("It holds a character that cannot be shown.")]
    return faults


def _ask_for_credit(activity: Activity, *, now: datetime) -> None:
    """Of one that has started: an order may carry the code before the link is known here."""
    locked = Activity.objects.select_for_update().get(pk=activity.pk)
    if locked.state in STARTED:
        ask_for_credit(locked, now=now)
        locked.save(update_fields=["credit_asked_at"])


def _with_free_code(link: TrackedLink) -> TrackedLink:
    for _try in range(TRIES):
        link.code = new_code()
        if ActivityCode.objects.filter(code=folded(link.code)).exists():
            continue
        try:
            with transaction.atomic():
                link.save(force_insert=True)
        except IntegrityError as error:
            if "code" not in str(error):
                raise
        else:
            return link
    raise LinkNotValid
