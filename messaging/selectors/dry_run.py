"""Before anything goes: how many would get it, who would not and why, when, what is left of the limits; and how it reads."""

# the text of the SQL comes from this project alone; every value is a bound parameter

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from compliance.enums.consent import Purpose, Reason
from compliance.rules.gate import next_loud
from compliance.selectors.gate import first_reason, gate_sql, judge, may_contact, positional, terms_for
from compliance.selectors.settings import current_policy
from members.enums import IdentityType
from members.models import Member
from messaging.channels.contract import Message
from messaging.channels.registered import adapter_of
from messaging.enums import Withheld
from messaging.models import Gateway, GatewayDay
from messaging.rules.texts import OF_MEMBER, names_in, render
from messaging.selectors.recipients import addresses_of, values_of
from messaging.selectors.setups import setup_of

_WITHOUT_ADDRESS = """
SELECT count(*) FROM facts WHERE ({reason}) = 'allowed' AND NOT EXISTS (
    SELECT FROM members_identity WHERE members_identity.member_id = facts.member_id AND type = %(kind)s
)
"""


@dataclass(frozen=True, kw_only=True)
class DryRun:
    """As of `at`, the first moment that the send may begin. `withheld` are members by reason, each counted once.

    `left_today` is None without a limit; `days` is how many days the limit makes of the send, `seconds` how long the
    gateway's own pace takes, None where it has none.
    """

    at: datetime
    members: int
    reached: int
    withheld: Mapping[str, int]
    left_today: int | None
    days: int
    seconds: int | None


def dry_run(
    *,
    members: QuerySet[Member],
    gateway: Gateway,
    not_before: datetime,
    now: datetime,
    purpose: str = Purpose.MARKETING,
) -> DryRun:
    """What would become of a send to these members. Nothing is stored; two statements over them.

    Quiet hours are no reason here: the send waits for their end, which is `at`.
    """
    policy = current_policy()
    at = next_loud(policy, max(now, not_before))
    judged = judge(members, purpose=purpose, channel=gateway.channel, at=at)
    kind = adapter_of(gateway.adapter).identity
    homeless = _without_address(members, gateway.channel, purpose, kind, at) if kind else 0
    withheld = {reason: count for reason, count in judged.first.items() if reason != Reason.ALLOWED}
    if homeless:
        withheld[Withheld.NO_ADDRESS.value] = homeless
    reached = judged.allowed - homeless
    left = _left_today(gateway, at, policy.timezone)
    return DryRun(
        at=at,
        members=judged.members,
        reached=reached,
        withheld=withheld,
        left_today=left,
        days=_days(reached, left, gateway.daily_limit),
        seconds=math.ceil(reached / gateway.per_second) if gateway.per_second else None,
    )


def _without_address(members: QuerySet[Member], channel: str, purpose: str, kind: IdentityType, at: datetime) -> int:
    terms = terms_for(purpose=purpose, channel=channel, at=at)
    sql, values = gate_sql(members, terms)
    with connection.cursor() as cursor:
        statement = sql + _WITHOUT_ADDRESS.format(reason=first_reason(terms))
        cursor.execute(*positional(statement, {**values, "kind": kind.value}))
        return int(cursor.fetchone()[0])


def _left_today(gateway: Gateway, at: datetime, timezone: str) -> int | None:
    if gateway.daily_limit is None:
        return None
    day = GatewayDay.objects.filter(gateway=gateway, day=at.astimezone(ZoneInfo(timezone)).date()).first()
    return max(0, gateway.daily_limit - (day.begun if day else 0))


def _days(reached: int, left: int | None, limit: int | None) -> int:
    """Days on which messages go, the first one with what is left of it."""
    if left is None or limit is None or reached <= left:
        return 1
    return 1 + math.ceil((reached - left) / limit) if limit else 0


@dataclass(frozen=True, kw_only=True)
class Preview:
    """How a message would read for one member, with everything that stands around it; `obstacle` says why she gets none."""

    subject: str
    text: str
    obstacle: str


def preview(
    *,
    member: Member,
    gateway: Gateway,
    subject: str,
    text: str,
    at: datetime,
    given: Mapping[str, str] | None = None,
    purpose: str = Purpose.MARKETING,
) -> Preview:
    """Composed by the adapter itself: what is shown is what goes."""
    adapter, setup = adapter_of(gateway.adapter), setup_of(gateway)
    names = [name for name in names_in(subject, text) if name in OF_MEMBER]
    values = {**values_of([member.pk], names).get(member.pk, {}), **(given or {})}
    filled = render(subject, values), render(text, values)
    message = Message(key="", reference=0, member_id=member.pk, subject=filled[0].text, text=filled[1].text)
    composed = adapter.compose(setup, message)
    missing = [*filled[0].missing, *filled[1].missing]
    return Preview(
        subject=composed.subject,
        text=composed.text,
        obstacle=_obstacle(member, gateway, missing, at=at, purpose=purpose),
    )


def _obstacle(member: Member, gateway: Gateway, missing: list[str], *, at: datetime, purpose: str) -> str:
    verdict = may_contact(member.pk, purpose=purpose, channel=gateway.channel, at=at)
    if not verdict.allowed:
        return str(verdict.reason.label)
    kind = adapter_of(gateway.adapter).identity
    if kind and member.pk not in addresses_of([member.pk], kind):
        return str(Withheld.NO_ADDRESS.label)
    if missing:
        return _("Not known of her: %(names)s. Give the place a stand-in, such as {name|friend}, or leave her out.") % {
            "names": ", ".join(dict.fromkeys(missing))
        }
    return ""
