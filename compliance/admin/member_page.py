"""The panel of consent on the member page: by which channels she may be reached now, why not, since when, and the history."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from compliance.enums.consent import Channel, ConsentAction, ConsentSource, Purpose, Reason
from compliance.models import ConsentEvent, Notice
from compliance.pages.words import channel_label, purpose_label, reason_label
from compliance.rules.consent import Held
from compliance.selectors.consent import contact_status, held, history_of, states_of
from compliance.selectors.gate import verdicts
from compliance.selectors.settings import contact_settings, used_channels
from members.admin.extension import MemberPanel, member_panels
from members.models import Member

HISTORY = 20
USES = (Purpose.PERSONALISATION, Purpose.PUBLISH, Purpose.SENSITIVE)
NOES = {ConsentAction.REFUSE, ConsentAction.WITHDRAW}
PASSING = {Reason.QUIET_HOURS}


def load_consent(request: HttpRequest, member: Member) -> Mapping[str, Any]:
    """Quiet hours are everybody's and pass by themselves: the panel says what holds apart from them."""
    now = timezone.now()
    states = states_of(member.pk)
    numbers = dict(Notice.objects.values_list("pk", "number"))
    status = contact_status(member.pk)
    channels = [
        _line(member, Purpose.MARKETING, channel, channel_label(channel), states, numbers, now)
        for channel in used_channels()
    ]
    return {
        "member": member,
        "barred": _("Restricted: her data are stored only.") if status and status.restricted_at else "",
        "channels": channels,
        "uses": [_line(member, use, Channel.ANY, purpose_label(use), states, numbers, now) for use in USES],
        "history": [_event(event) for event in history_of(member.pk, limit=HISTORY)],
        "can_link": request.user.has_perm("compliance.add_privacylink"),
        "can_withdraw": request.user.has_perm("compliance.add_consentevent")
        and any(said.is_grant for (purpose, _channel), said in states.items() if purpose == Purpose.MARKETING),
    }


def _line(
    member: Member,
    purpose: str,
    channel: str,
    label: str,
    states: Mapping[tuple[str, str], Held],
    numbers: Mapping[int, int],
    now: datetime,
) -> dict[str, Any]:
    verdict = verdicts([member.pk], purpose=purpose, channel=channel, at=now)[member.pk]
    standing = [reason for reason in verdict.refusals if reason not in PASSING]
    said = held(states, purpose, channel)
    return {
        "label": label,
        "allowed": not standing,
        "reason": reason_label(standing[0] if standing else Reason.ALLOWED),
        "since": said.occurred_at if said else None,
        "notice": numbers.get(said.notice_id) if said and said.notice_id else None,
        "ask_from": _ask_from(said, now),
    }


def _ask_from(said: Held | None, now: datetime) -> datetime | None:
    if said is None or said.action not in NOES:
        return None
    until = said.occurred_at + timedelta(days=contact_settings().reask_days)
    return until if until > now else None


def _event(event: ConsentEvent) -> dict[str, Any]:
    channel = "" if event.channel == Channel.ANY else f" · {channel_label(event.channel)}"
    return {
        "occurred_at": event.occurred_at,
        "words": f"{ConsentAction(event.action).label}: {purpose_label(event.purpose)}{channel}",
        "door": ConsentSource(event.source).label,
        "by": event.by,
        "notice": event.notice.number if event.notice else None,
    }


member_panels.register(
    MemberPanel(
        code="consent",
        template="compliance/panel_consent.html",
        load=load_consent,
        place="side",
        permission="compliance.view_consentstate",
        order=25,
    )
)
