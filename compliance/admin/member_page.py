"""The panel of consent on the member page: by which channels she may be reached now, why not, since when, and the history."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from compliance.enums.consent import NOES, Channel, ConsentAction, ConsentSource, Purpose, Reason
from compliance.models import ConsentEvent, Notice
from compliance.pages.words import channel_label, purpose_label, reason_label
from compliance.rules.consent import Held
from compliance.selectors.consent import (
    States,
    held,
    history_of,
    is_restricted_by_request,
    states_of,
)
from compliance.selectors.gate import Verdict, answers, terms_for
from compliance.selectors.settings import current_policy, used_channels
from members.admin.extension import MemberPanel, member_panels
from members.models import Member
from members.selectors.persons import records_of_person

HISTORY = 20
USES = (Purpose.PERSONALISATION, Purpose.PUBLISH, Purpose.SENSITIVE)
PASSING = {Reason.QUIET_HOURS}


def load_consent(request: HttpRequest, member: Member) -> Mapping[str, Any]:
    """Quiet hours are everybody's and pass by themselves: the panel says what holds apart from them."""
    now, policy = timezone.now(), current_policy()
    ways = used_channels(policy)
    asked = [*((Purpose.MARKETING, way) for way in ways), *((use, Channel.ANY) for use in USES)]
    said = Said(
        states=states_of(member.pk),
        numbers=dict(Notice.objects.values_list("pk", "number")),
        reask_days=policy.reask_days,
        now=now,
    )
    questions = [terms_for(purpose=purpose, channel=channel, at=now, policy=policy) for purpose, channel in asked]
    verdicts = [found[member.pk] for found in answers([member.pk], questions)]
    lines = [_line(said, *each, verdict) for each, verdict in zip(asked, verdicts, strict=True)]
    return {
        "member": member,
        "barred": _("Restricted: her data are stored only.") if Reason.RESTRICTED in verdicts[-1].refusals else "",
        "channels": lines[: len(ways)],
        "uses": lines[len(ways) :],
        "history": [_event(event) for event in history_of(member.pk, limit=HISTORY)],
        "restricted": is_restricted_by_request(records_of_person(member.pk)),
        "can_restrict": request.user.has_perm("compliance.change_contactstatus"),
        "can_link": request.user.has_perm("compliance.add_privacylink"),
        "can_withdraw": request.user.has_perm("compliance.add_consentevent")
        and any(each.is_grant for (purpose, _channel), each in said.states.items() if purpose == Purpose.MARKETING),
    }


@dataclass(frozen=True, kw_only=True)
class Said:
    """What the lines of the panel are made from, read once."""

    states: States
    numbers: Mapping[int, int]
    reask_days: int
    now: datetime


def _line(said: Said, purpose: str, channel: str, verdict: Verdict) -> dict[str, Any]:
    standing = [reason for reason in verdict.refusals if reason not in PASSING]
    event = held(said.states, purpose, channel)
    return {
        "label": purpose_label(purpose) if channel == Channel.ANY else channel_label(channel),
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
        "link_by": event.link_by,
        "notice": event.notice.number if event.notice else None,
    }


member_panels.register(
    MemberPanel(
        code="consent",
        template="compliance/panel_consent.html",
        load=load_consent,
        place="side",
        permission="compliance.view_consentstate",
        later=True,
        order=25,
    )
)
