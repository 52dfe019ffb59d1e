"""The contact gate: whether a member may be contacted, for a purpose, on a channel, at a moment.

Two forms with the same answers, from one table of rules (`compliance.rules.gate`): `may_contact` for one member, and
for an audience one SQL statement, which counts (`judge`), answers member by member (`verdicts`), or is stored by
`compliance.services.gate.freeze_verdicts`. It is asked again at the moment of sending, not only when an audience is made.
"""

# ruff: noqa: S608  # the text of the SQL comes from this project alone; every value is a bound parameter

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Count, Q, QuerySet

from compliance.enums.consent import Channel, Reason
from compliance.errors.consent import ChannelNeeded, PurposeUnknown
from compliance.models import ContactEvent
from compliance.rules.consent import is_asked_by_channel, is_purpose
from compliance.rules.consent_sql import STATE, prevailing_sql
from compliance.rules.gate import Facts, Policy, Terms, needs_channel, refusals, rules_for, terms_of
from compliance.rules.gate import judge as judge_facts
from compliance.selectors.consent import (
    contact_status,
    held,
    is_held,
    is_restricted_by_request,
    states_of_records,
)
from compliance.selectors.notices import is_outdated
from compliance.selectors.settings import current_policy
from compliance.selectors.suppression import is_suppressed
from core.errors import NotFound
from core.models.relations import as_relation
from members.models import Member
from members.rules.persons import ABSORBED
from members.selectors.persons import records_of_person, youngest_birthday

#: A queryset of members, or a relation with a column `member_id` that names each once.
Audience = QuerySet[Member] | str | Any

# An entry of member_id, birthday and merged_into_id for each of the audience. What is known of any record of a person
# counts for her: `absorbed` leads from a record that was merged away to the one that stands for her, and {said} brings the
# consent that holds over all of them. {few_absorbed}, {records}, {among_identities} and {among_contacts} keep a small
# audience from reading everybody's records, numbers and contacts; over everybody they are empty.
FACTS = """
WITH asked (member_id, birthday, merged_into_id) AS (
    {audience}
), audience AS (
    SELECT *, coalesce(merged_into_id, member_id) AS person_id FROM asked
), absorbed AS (
    {absorbed}{few_absorbed}
){records}, youngest AS (
    SELECT absorbed.person_id, greatest(max(absorbed.birthday), max(hers.birthday)) AS birthday
    FROM absorbed JOIN members_member AS hers ON hers.id = absorbed.person_id GROUP BY 1
), suppressed AS (
    SELECT DISTINCT coalesce(absorbed.person_id, identity.member_id) AS person_id
    FROM compliance_suppression AS entry
    JOIN members_identity AS identity ON identity.lookup = entry.lookup AND identity.type = entry.kind
    LEFT JOIN absorbed ON absorbed.member_id = identity.member_id
    WHERE entry.lifted_at IS NULL AND entry.channel IN ('any', %(channel)s){among_identities}
), contacted AS (
    SELECT coalesce(absorbed.person_id, contact.member_id) AS person_id,
        count(*) FILTER (WHERE occurred_at > %(cap_from)s) AS contacts,
        count(*) FILTER (WHERE occurred_at > %(limit_from)s AND channel = %(channel)s) AS channel_contacts
    FROM compliance_contactevent AS contact
    LEFT JOIN absorbed ON absorbed.member_id = contact.member_id
    WHERE counts AND occurred_at > %(contacts_from)s AND occurred_at <= %(at)s{among_contacts}
    GROUP BY 1
), bound AS (
    SELECT DISTINCT coalesce(absorbed.person_id, standing.member_id) AS person_id
    FROM (
        SELECT member_id FROM compliance_contactstatus WHERE restricted_at IS NOT NULL
        UNION ALL SELECT member_id FROM compliance_legalhold WHERE lifted_at IS NULL
    ) AS standing LEFT JOIN absorbed ON absorbed.member_id = standing.member_id
), said AS (
    SELECT audience.*, {action} AS action, {event_id} AS event_id, {notice_id} AS notice_id
    FROM audience{said}
), facts AS (
    SELECT said.member_id, greatest(said.birthday, youngest.birthday) AS birthday,
        standing.erased_at IS NOT NULL AS erased, said.merged_into_id IS NOT NULL AS merged,
        bound.person_id IS NOT NULL AS restricted, suppressed.person_id IS NOT NULL AS suppressed,
        said.action, said.event_id,
        coalesce(said.notice_id, 0) = ANY (ARRAY(
            SELECT older.id FROM compliance_notice AS older JOIN compliance_notice AS newer USING (code)
            WHERE newer.number > older.number AND newer.material AND newer.published_at <= %(at)s
            UNION ALL
            SELECT 0 FROM compliance_notice WHERE code = 'privacy' AND material AND published_at <= %(at)s
        )) AS outdated,
        coalesce(contacted.contacts, 0) AS contacts, coalesce(contacted.channel_contacts, 0) AS channel_contacts
    FROM said
    LEFT JOIN compliance_contactstatus AS standing ON standing.member_id = said.member_id
    LEFT JOIN youngest ON youngest.person_id = said.person_id
    LEFT JOIN suppressed ON suppressed.person_id = said.person_id
    LEFT JOIN bound ON bound.person_id = said.person_id
    LEFT JOIN contacted ON contacted.person_id = said.person_id
)
"""
_SAID = {"purpose": "%(purpose)s", "person": "audience.person_id", "absorbed": "absorbed"}
_GENERAL = STATE.format(alias="general", channel="'any'", **_SAID)
_OWN = STATE.format(alias="own", channel="%(own_channel)s", **_SAID)
_HOLDS = {name: prevailing_sql(name, general="general", own="own") for name in ("action", "event_id", "notice_id")}
FEW = {
    "few_absorbed": " AND merged_into_id IN (SELECT person_id FROM audience)",
    "records": """, record AS (
    SELECT person_id AS member_id FROM audience UNION SELECT member_id FROM absorbed
)""",
    "among_identities": " AND identity.member_id IN (SELECT member_id FROM record)",
    "among_contacts": " AND contact.member_id IN (SELECT member_id FROM record)",
}
ALL = {"few_absorbed": "", "records": "", "among_identities": "", "among_contacts": ""}
OF_RELATION = """
SELECT member.id, member.birthday, member.merged_into_id
FROM {relation} AS wanted JOIN members_member AS member ON member.id = wanted.member_id
"""
OF_IDS = "SELECT id, birthday, merged_into_id FROM members_member WHERE id = ANY (%(member_ids)s)"
_COUNTED = """
WITH record AS (
    SELECT id AS member_id, id AS record_id FROM members_member WHERE id = ANY (%(ids)s)
    UNION ALL SELECT merged_into_id, id FROM members_member WHERE merged_into_id = ANY (%(ids)s)
)
SELECT record.member_id, contact.occurred_at, contact.channel
FROM record JOIN compliance_contactevent AS contact ON contact.member_id = record.record_id
WHERE contact.counts AND contact.occurred_at > %(since)s AND contact.occurred_at <= %(at)s
"""
_NAMED = re.compile(r"%\((\w+)\)s")
_PLACE = re.compile(r"%%|%s")


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """The answer for one member: `reason` is the first that refuses (or allowed), `refusals` are all of them."""

    member_id: int
    reason: Reason
    refusals: tuple[Reason, ...] = ()
    event_id: int | None = None

    @property
    def allowed(self) -> bool:
        return self.reason == Reason.ALLOWED


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """An audience judged: members by their first reason, and by every reason that applies to them."""

    terms: Terms
    first: Mapping[str, int]
    every: Mapping[str, int]

    @property
    def members(self) -> int:
        return sum(self.first.values())

    @property
    def allowed(self) -> int:
        return self.first.get(Reason.ALLOWED, 0)


def terms_for(*, purpose: str, channel: str, at: datetime, policy: Policy | None = None) -> Terms:
    """The settings of now, for one question. Raises PurposeUnknown or ChannelNeeded.

    Who asks several questions reads the policy once.
    """
    if not is_purpose(purpose):
        raise PurposeUnknown(fields={"purpose": [PurposeUnknown.message]})
    if needs_channel(purpose, channel) or channel not in Channel.values:
        raise ChannelNeeded(fields={"channel": [ChannelNeeded.message]})
    own = channel if is_asked_by_channel(purpose) else Channel.ANY
    return terms_of(policy or current_policy(), purpose=purpose, channel=own, at=at)


def may_contact(member_id: int, *, purpose: str, channel: str, at: datetime, terms: Terms | None = None) -> Verdict:
    """The gate for one member. Raises NotFound where there is no such member."""
    terms = terms or terms_for(purpose=purpose, channel=channel, at=at)
    member = Member.objects.filter(pk=member_id).only("pk", "merged_into_id").first()
    if member is None:
        raise NotFound
    facts, event_id = _facts(member, terms)
    return Verdict(
        member_id=member_id,
        reason=judge_facts(facts, terms),
        refusals=tuple(refusals(facts, terms)),
        event_id=event_id,
    )


def judge(audience: Audience, *, purpose: str, channel: str, at: datetime) -> Judgement:
    """Count an audience by reason. One statement; nothing is stored.

    Each rule is asked once of a member, each leaves a bit, and members with the same bits are counted together: both
    counts follow from these few rows.
    """
    terms = terms_for(purpose=purpose, channel=channel, at=at)
    rules = rules_for(terms)
    refused = " + ".join(f"CASE WHEN {rule.sql} THEN {1 << place} ELSE 0 END" for place, rule in enumerate(rules))
    sql, values = gate_sql(audience, terms)
    # OFFSET 0 keeps the facts apart: else each of them would be worked out anew wherever a rule names it.
    sql = f"{sql} SELECT {refused} AS refused, count(*) FROM (SELECT * FROM facts OFFSET 0) AS facts GROUP BY 1"
    with connection.cursor() as cursor:
        cursor.execute(*positional(sql, values))
        rows = cursor.fetchall()
    first: Counter[str] = Counter()
    every: dict[str, int] = {rule.reason: 0 for rule in rules}
    for bits, people in rows:
        reasons = [rule.reason for place, rule in enumerate(rules) if bits >> place & 1]
        first[(reasons or [Reason.ALLOWED])[0].value] += people
        for reason in reasons:
            every[reason] += people
    return Judgement(terms=terms, first=first, every=every)


def verdicts(member_ids: Sequence[int], *, purpose: str, channel: str, at: datetime) -> Mapping[int, Verdict]:
    """The gate for some members at once, such as the next batch of a send. One statement; no row for an unknown number."""
    return answers(member_ids, [terms_for(purpose=purpose, channel=channel, at=at)])[0]


def answers(member_ids: Sequence[int], questions: Sequence[Terms]) -> list[dict[int, Verdict]]:
    """Several questions about the same members, in their order, by one statement."""
    parts, values = [], []
    for place, terms in enumerate(questions):
        conditions = ", ".join(f"coalesce({rule.sql}, false)" for rule in rules_for(terms))
        sql = _facts_sql(OF_IDS, FEW)
        sql = f"(SELECT * FROM ({sql} SELECT {place}, member_id, event_id, ARRAY[{conditions}] FROM facts) AS answer)"
        text, given = positional(sql, {**_values(terms), "member_ids": list(member_ids)})
        parts.append(text)
        values += given
    found: list[dict[int, Verdict]] = [{} for _each in questions]
    if parts:
        with connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(parts), values)
            for place, member_id, event_id, holds in cursor.fetchall():
                found[place][member_id] = _verdict(member_id, event_id, holds, questions[place])
    return found


def counted_contacts(member_ids: Sequence[int], terms: Terms) -> dict[int, list[tuple[datetime, str]]]:
    """The contacts that the caps count now: for each of the members moment and channel, over all records of the person."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNTED, {"ids": list(member_ids), "since": terms.contacts_from, "at": terms.at})
        found: dict[int, list[tuple[datetime, str]]] = {}
        for member_id, occurred_at, channel in cursor.fetchall():
            found.setdefault(member_id, []).append((occurred_at, channel))
    return found


def _verdict(member_id: int, event_id: int | None, holds: Sequence[bool], terms: Terms) -> Verdict:
    refused = tuple(rule.reason for rule, held_up in zip(rules_for(terms), holds, strict=True) if held_up)
    reason = refused[0] if refused else Reason.ALLOWED
    return Verdict(member_id=member_id, reason=reason, refusals=refused, event_id=event_id)


def gate_sql(audience: Audience, terms: Terms) -> tuple[str, dict[str, Any]]:
    """`WITH … facts AS (…)` and its values: put a SELECT over `facts` behind it (`first_reason`), run it by `positional`."""
    values = _values(terms)
    if isinstance(audience, QuerySet):
        rows = audience.order_by().values_list("pk", "birthday", "merged_into_id")
        text, given = rows.query.sql_with_params()
        names = [f"audience_{place}" for place in range(len(given))]
        values |= dict(zip(names, given, strict=True))
        places = iter(names)
        select = _PLACE.sub(lambda found: found[0] if found[0] == "%%" else f"%({next(places)})s", text)
    else:
        select = OF_RELATION.format(relation=as_relation(audience))
    return _facts_sql(select, ALL), values


def _facts_sql(audience: str, among: Mapping[str, str]) -> str:
    return FACTS.format(audience=audience, absorbed=ABSORBED, said=f"{_GENERAL}{_OWN}", **_HOLDS, **among)


def first_reason(terms: Terms) -> str:
    """The gate's order as one CASE over `facts`."""
    cases = " ".join(f"WHEN {rule.sql} THEN '{rule.reason.value}'" for rule in rules_for(terms))
    return f"CASE {cases} ELSE '{Reason.ALLOWED.value}' END"


def positional(sql: str, values: Mapping[str, Any]) -> tuple[str, list[Any]]:
    """Named parameters as a list in their order: what a queryset compiled to may hold the same name never twice."""
    return _NAMED.sub("%s", sql), [values[name] for name in _NAMED.findall(sql)]


def _values(terms: Terms) -> dict[str, Any]:
    return {**asdict(terms), "contacts_from": terms.contacts_from, "own_channel": _own_channel(terms)}


def _own_channel(terms: Terms) -> str:
    """No state has an empty channel: what is asked for once has its answer in the general one."""
    return "" if terms.channel == Channel.ANY else terms.channel


def _facts(member: Member, terms: Terms) -> tuple[Facts, int | None]:
    """The same facts by plain queries, one after the other, over all records of the person."""
    records = records_of_person(member.pk)
    said = held(states_of_records(records), terms.purpose, _own_channel(terms))
    standing = contact_status(member.pk)
    contacts = ContactEvent.objects.filter(
        member__in=records, counts=True, occurred_at__gt=terms.contacts_from, occurred_at__lte=terms.at
    ).aggregate(
        all=Count("id", filter=Q(occurred_at__gt=terms.cap_from)),
        own=Count("id", filter=Q(occurred_at__gt=terms.limit_from, channel=terms.channel)),
    )
    facts = Facts(
        erased=standing is not None and standing.erased_at is not None,
        merged=member.merged_into_id is not None,
        restricted=is_restricted_by_request(records) or is_held(records),
        birthday=youngest_birthday(records),
        suppressed=is_suppressed(records, terms.channel),
        action=said.action if said else None,
        outdated=is_outdated(said.notice_id if said else None, at=terms.at),
        contacts=contacts["all"],
        channel_contacts=contacts["own"],
    )
    return facts, said.event_id if said else None
