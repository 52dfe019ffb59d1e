"""The gate's two forms give the same answers, whatever the settings, the time and what is known of the members."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from psycopg import sql

from compliance.enums.consent import Channel, ConsentAction, ConsentSource, Purpose, Reason
from compliance.models import ChannelRule, ContactEvent, ContactSettings, ContactStatus, LegalHold, Notice, Suppression
from compliance.rules.gate import RULES
from compliance.selectors.gate import judge, may_contact, verdicts
from compliance.services.consent import ConsentIn, record_all
from compliance.services.gate import freeze_verdicts
from members.models import Identity, Member
from tests.compliance.people import EVENING, member, published, said

pytestmark = pytest.mark.django_db

START = datetime(2026, 1, 1, tzinfo=UTC)
CHANNELS = (Channel.WECOM, Channel.SMS)
PURPOSES = (Purpose.MARKETING, Purpose.PERSONALISATION, "provide:acme")

moments = st.integers(0, 60 * 24 * 40).map(lambda minutes: START + timedelta(minutes=minutes))
consents = st.fixed_dictionaries(
    {
        "purpose": st.sampled_from(PURPOSES),
        "channel": st.sampled_from((Channel.ANY, *CHANNELS)),
        "action": st.sampled_from(ConsentAction),
        "occurred_at": st.integers(0, 3).map(lambda days: START + timedelta(days=days)),
        "notice": st.integers(-1, 2),
    }
)
contacts = st.lists(st.tuples(moments, st.sampled_from(CHANNELS), st.booleans()), max_size=6)
suppressions = st.none() | st.sampled_from((Channel.ANY, *CHANNELS))
birthdays = st.none() | st.dates(date(2007, 12, 25), date(2012, 3, 5))
absorbed = st.fixed_dictionaries(
    {
        "birthday": birthdays,
        "restricted": st.booleans(),
        "held": st.booleans(),
        "suppressed": suppressions,
        "said": st.lists(consents, max_size=2),
        "contacts": contacts,
    }
)
people = st.fixed_dictionaries(
    {
        "birthday": birthdays,
        "merged": st.booleans(),
        "birthday_of_winner": birthdays,
        "restricted": st.booleans(),
        "erased": st.booleans(),
        "held": st.booleans(),
        "suppressed": suppressions,
        "lifted": st.booleans(),
        "said": st.lists(consents, max_size=5),
        "absorbed": st.lists(absorbed, max_size=2),
        "contacts": contacts,
    }
)
policies = st.fixed_dictionaries(
    {
        "quiet_from": st.times(),
        "quiet_to": st.times(),
        "timezone": st.sampled_from(("Asia/Shanghai", "UTC", "America/New_York", "Asia/Kathmandu")),
        "cap_messages": st.integers(0, 4),
        "cap_days": st.integers(1, 30),
        "guardian_age": st.integers(14, 18),
        "marketing_age": st.integers(0, 18),
    }
)
worlds = st.fixed_dictionaries(
    {
        "policy": policies,
        "limits": st.lists(st.tuples(st.booleans(), st.integers(0, 3), st.integers(1, 30)), min_size=2, max_size=2),
        "material": st.lists(st.booleans(), min_size=3, max_size=3),
        "people": st.lists(people, min_size=1, max_size=5),
        "at": moments,
        "purpose": st.sampled_from(PURPOSES),
        "channel": st.sampled_from(CHANNELS),
    }
)
QUIET_MIDNIGHT: dict[str, Any] = {
    "policy": {
        "quiet_from": time(22),
        "quiet_to": time(7),
        "timezone": "Asia/Shanghai",
        "cap_messages": 1,
        "cap_days": 30,
        "guardian_age": 14,
        "marketing_age": 18,
    },
    "limits": [(True, 1, 1), (True, 2, 30)],
    "material": [False, False, True],
    "people": [],
    "at": START + timedelta(days=3, hours=23),
    "purpose": Purpose.MARKETING,
    "channel": Channel.SMS,
}


def build(world: dict[str, Any]) -> list[Member]:
    Notice.objects.all().delete()
    ContactSettings.objects.update(**world["policy"])
    for channel, (used, most, days) in zip(CHANNELS, world["limits"], strict=True):
        ChannelRule.objects.filter(pk=channel).update(is_used=used, most=most, days=days)
    notices = [
        Notice.objects.create(
            number=number,
            state="published",
            hash=f"h{number}",
            material=material,
            published_at=START + timedelta(days=number * 10),
        )
        for number, material in enumerate(world["material"], 1)
    ]
    return [_person(place, each, notices) for place, each in enumerate(world["people"])]


def _person(place: int, facts: dict[str, Any], notices: list[Notice]) -> Member:
    """The record that is asked about, and the others of the same person: one that it was merged into, or into it."""
    winner = Member.objects.create(birthday=facts["birthday_of_winner"]) if facts["merged"] else None
    member = Member.objects.create(birthday=facts["birthday"], merged_into=winner)
    _known(member, f"{place}-0", facts, notices)
    for number, each in enumerate(facts.get("absorbed", ()), 1):
        other = Member.objects.create(merged_into=winner or member, birthday=each["birthday"])
        _known(other, f"{place}-{number}", each, notices)
    return member


def _known(member: Member, lookup: str, facts: dict[str, Any], notices: list[Notice]) -> None:
    Identity.objects.create(member=member, type="phone", lookup=f"{lookup:0>32}", sealed=b"x")
    if facts["suppressed"]:
        lifted = {"lifted_at": START, "lifted_reason": "x"} if facts.get("lifted") else {}
        Suppression.objects.create(
            kind="phone", lookup=f"{lookup:0>32}", channel=facts["suppressed"], reason="opt_out", **lifted
        )
    _say(member, facts["said"], notices)
    ContactEvent.objects.bulk_create(
        ContactEvent(member=member, occurred_at=at, purpose="marketing", channel=channel, counts=counts)
        for at, channel, counts in facts["contacts"]
    )
    if facts.get("held"):
        LegalHold.objects.create(member=member, reason="court", since=START)
    if facts["restricted"] or facts.get("erased"):
        ContactStatus.objects.create(
            member=member,
            restricted_at=START if facts["restricted"] else None,
            erased_at=START if facts.get("erased") else None,
        )


def _say(member: Member, events: list[dict[str, Any]], notices: list[Notice]) -> None:
    said = [
        ConsentIn(
            member_id=member.pk,
            purpose=each["purpose"],
            channel=each["channel"] if each["purpose"] == Purpose.MARKETING else Channel.ANY,
            action=each["action"],
            occurred_at=each["occurred_at"],
            notice_hash=notices[each["notice"]].hash if each["notice"] >= 0 else "",
            key=str(number),
        )
        for number, each in enumerate(events)
    ]
    record_all(said=said, source=ConsentSource.IMPORT, by=None, now=START + timedelta(days=30))


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(world=worlds)
@example(world=QUIET_MIDNIGHT | {"people": [{"birthday": None, "merged": False, "restricted": False, "erased": False, "held": False, "suppressed": None, "lifted": False, "said": [], "contacts": []}]})  # fmt: skip
def test_both_forms_of_the_gate_agree(world: dict[str, Any]) -> None:
    with transaction.atomic():
        members = build(world)
        asked = {name: world[name] for name in ("purpose", "channel", "at")}
        ids = [member.pk for member in members]
        one = {member.pk: may_contact(member.pk, **asked) for member in members}
        assert verdicts(ids, **asked) == one
        counted = judge(Member.objects.filter(pk__in=ids), **asked)
        assert counted.first == {
            reason.value: count
            for reason in Reason
            if (count := sum(verdict.reason == reason for verdict in one.values()))
        }
        assert {reason: count for reason, count in counted.every.items() if count} == {
            rule.reason: count
            for rule in RULES
            if (count := sum(rule.reason in verdict.refusals for verdict in one.values()))
        }
        run = freeze_verdicts(audience=Member.objects.filter(pk__in=ids), **asked, reference="test", by=None, now=START)
        assert {verdict.member_id: (verdict.reason, verdict.event_id) for verdict in run.verdicts.all()} == {
            pk: (verdict.reason, verdict.event_id) for pk, verdict in one.items()
        }
        assert run.counts == counted.first
        transaction.set_rollback(True)


def test_gate_takes_a_relation_and_a_filter_with_a_percent_sign() -> None:
    member = Member.objects.create(name="100% 林")
    asked: dict[str, Any] = {"purpose": Purpose.MARKETING, "channel": Channel.SMS, "at": START}
    assert judge(Member.objects.filter(name__contains="100%"), **asked).first == {"no_consent": 1}
    assert judge(Member.objects.extra(where=["name LIKE '100%%'"]), **asked).first == {"no_consent": 1}
    relation = sql.SQL("(SELECT {}::bigint AS member_id)").format(member.pk)
    assert judge(relation, **asked).first == {"no_consent": 1}


def test_what_is_known_of_a_record_merged_away_counts_for_her() -> None:
    """Her suppressed number, the messages she had, her restriction, and the latest of all that she said."""
    published()
    who, other = member(), member("13812349876")
    said(who, "grant", EVENING - timedelta(days=2))
    said(other, "withdraw", EVENING - timedelta(days=3))
    Member.objects.filter(pk=other.pk).update(merged_into=who)
    assert _both(who) == Reason.ALLOWED, "she agreed later than she said no"
    Suppression.objects.create(
        kind="phone", lookup=Identity.objects.get(member=other).lookup, channel="any", reason="opt_out"
    )
    assert _both(who) == Reason.SUPPRESSED
    Suppression.objects.all().delete()
    ContactEvent.objects.bulk_create(
        ContactEvent(
            member=other, occurred_at=EVENING - timedelta(hours=hour), purpose="marketing", channel="sms", counts=True
        )
        for hour in range(1, 11)
    )
    assert _both(who) == Reason.FREQUENCY_CAP
    LegalHold.objects.create(member=other, reason="court", since=EVENING)
    assert _both(who) == Reason.RESTRICTED


@pytest.mark.parametrize(
    "known", [(None, date(2015, 5, 1)), (date(1990, 1, 1), date(2015, 5, 1)), (date(2015, 5, 1), None)]
)
def test_the_youngest_birthday_of_all_her_records_counts(known: tuple[date | None, date | None]) -> None:
    """Whoever may be a child is taken for one, whichever record is asked about."""
    published()
    who, other = (member(birthday=birthday) for birthday in known)
    said(who, "grant", EVENING - timedelta(days=2))
    Member.objects.filter(pk=other.pk).update(merged_into=who)
    assert _both(who) == Reason.MINOR
    asked: dict[str, Any] = {"purpose": Purpose.MARKETING, "channel": Channel.SMS, "at": EVENING}
    assert verdicts([other.pk], **asked)[other.pk].refusals == (Reason.MERGED, Reason.MINOR)
    assert may_contact(other.pk, **asked).refusals == (Reason.MERGED, Reason.MINOR)


def test_of_one_moment_the_no_holds_whichever_record_said_it() -> None:
    published()
    at = EVENING - timedelta(days=2)
    for yes, no in ((0, 1), (1, 0)):
        pair = [member(), member()]
        said(pair[yes], "grant", at)
        said(pair[no], "refuse", at)
        Member.objects.filter(pk=pair[1].pk).update(merged_into=pair[0])
        assert _both(pair[0]) == Reason.NO_CONSENT


def _both(who: Member) -> Reason:
    asked: dict[str, Any] = {"purpose": Purpose.MARKETING, "channel": Channel.SMS, "at": EVENING}
    one = may_contact(who.pk, **asked)
    assert verdicts([who.pk], **asked)[who.pk] == one
    assert judge(Member.objects.filter(pk=who.pk), **asked).first == {one.reason: 1}
    return one.reason
