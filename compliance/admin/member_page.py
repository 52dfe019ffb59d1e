"""The panel of consent on the member page: by which channels she may be reached now, why not, since when, and the history."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from compliance.enums.consent import Channel, ConsentAction, ConsentSource, Purpose, Reason
from compliance.models import ConsentEvent, Notice
from compliance.pages.words import channel_label, purpose_label, reason_label
from compliance.rules.consent import Held
from compliance.rules.gate import Policy
from compliance.selectors.consent import States, contact_status, held, history_of, states_of
from compliance.selectors.gate import verdicts
from compliance.selectors.settings import contact_settings, current_policy, used_channels
from members.admin.extension import MemberPanel, member_panels
from members.models import Member

HISTORY = 20
USES = (Purpose.PERSONALISATION, Purpose.PUBLISH, Purpose.SENSITIVE)
NOES = {ConsentAction.REFUSE, ConsentAction.WITHDRAW}
PASSING = {Reason.QUIET_HOURS}


def load_consent(request: HttpRequest, member: Member) -> Mapping[str, Any]:
    """Quiet hours are everybody's and pass by themselves: the panel says what holds apart from them."""
    status = contact_status(member.pk)
    said = Said(
        member_id=member.pk,
        states=states_of(member.pk),
        numbers=dict(Notice.objects.values_list("pk", "number")),
        policy=current_policy(),
        reask_days=contact_settings().reask_days,
        now=timezone.now(),
    )
    return {
        "member": member,
        "barred": _("Restricted: her data are stored only.") if status and status.restricted_at else "",
        "channels": [_line(said, Purpose.MARKETING, channel, channel_label(channel)) for channel in used_channels()],
        "uses": [_line(said, use, Channel.ANY, purpose_label(use)) for use in USES],
        "history": [_event(event) for event in history_of(member.pk, limit=HISTORY)],
        "can_link": request.user.has_perm("compliance.add_privacylink"),
        "can_withdraw": request.user.has_perm("compliance.add_consentevent")
        and any(each.is_grant for (purpose, _channel), each in said.states.items() if purpose == Purpose.MARKETING),
    }


@dataclass(frozen=True, kw_only=True)
class Said:
    """What the lines of the panel are made from, read once."""

    member_id: int
    states: States
    numbers: Mapping[int, int]
    policy: Policy
    reask_days: int
    now: datetime


def _line(said: Said, purpose: str, channel: str, label: str) -> dict[str, Any]:
    asked = verdicts([said.member_id], purpose=purpose, channel=channel, at=said.now, policy=said.policy)
    standing = [reason for reason in asked[said.member_id].refusals if reason not in PASSING]
    event = held(said.states, purpose, channel)
    return {
        "label": label,
        "allowed": not standing,
        "reason": reason_label(standing[0] if standing else Reason.ALLOWED),
        "since": event.occurred_at if event else None,
        "notice": said.numbers.get(event.notice_id) if event and event.notice_id else None,
        "ask_from": _ask_from(said, event),
    }


def _ask_from(said: Said, event: Held | None) -> datetime | None:
    if event is None or event.action not in NOES:
        return None
    until = event.occurred_at + timedelta(days=said.reask_days)
    return until if until > said.now else None


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
