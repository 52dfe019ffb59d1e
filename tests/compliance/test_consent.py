"""Consent events are evidence, and the state that follows from them is right whatever the order they come in."""

import itertools
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError, ProgrammingError
from django.utils import translation

from audit.admin.words import act_words, change_in_words
from audit.models import AuditEntry
from compliance.enums.consent import Channel, ConsentAction, ConsentSource, Purpose, Reason
from compliance.errors.consent import ConsentNotRecorded, MemberErased, ReaskTooSoon
from compliance.models import ConsentEvent, ConsentState
from compliance.privacy import erase_consent, export_consent
from compliance.selectors.consent import ask_again_from, held, history_of, states_of
from compliance.selectors.gate import may_contact, verdicts
from compliance.services.consent import ConsentIn, choose, record, require_askable, withdraw_all
from compliance.services.gate import freeze_verdicts
from compliance.services.status import lift_restriction, restrict
from core.context import Origin, acting_from
from core.services.sealing import ERASED, destroy_keys, open_rows
from members.models import Member
from tests.compliance.people import EVENING, YEAR_AGO, member, published, said

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def answer(who: Member, channel: str = Channel.SMS, purpose: str = Purpose.MARKETING) -> str:
    return may_contact(who.pk, purpose=purpose, channel=channel, at=EVENING).reason


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_state_is_the_latest_event_in_any_order(order: tuple[int, ...]) -> None:
    who = member()
    events = [("grant", YEAR_AGO), ("withdraw", YEAR_AGO + DAY), ("grant", YEAR_AGO + 2 * DAY)]
    for place in order:
        said(who, *events[place])
    state = ConsentState.objects.get(member=who)
    assert (state.action, state.occurred_at) == ("grant", YEAR_AGO + 2 * DAY)


@pytest.mark.parametrize("order", list(itertools.permutations(["grant", "refuse", "withdraw"])))
def test_withdrawal_wins_at_the_same_moment(order: tuple[str, ...]) -> None:
    who = member()
    for action in order:
        said(who, action)
    assert ConsentState.objects.get(member=who).action == "withdraw"


def test_same_event_offered_twice_is_stored_once() -> None:
    who = member()
    assert [said(who, "grant"), said(who, "grant")] == [True, False]
    assert [said(who, "grant", EVENING, key="7"), said(who, "grant", EVENING - DAY, key="7")] == [True, False]
    assert ConsentEvent.objects.filter(member=who).count() == 2
    assert AuditEntry.objects.filter(action="compliance.give_consent", object_id=str(who.pk)).count() == 2


@pytest.mark.parametrize(
    ("action", "act", "names"),
    [
        ("grant", "compliance.give_consent", "登记同意"),
        ("guardian_grant", "compliance.give_consent", "登记同意"),
        ("refuse", "compliance.refuse_consent", "登记拒绝同意"),
        ("withdraw", "compliance.withdraw_consent", "登记撤回同意"),
    ],
)
def test_record_of_acts_names_a_yes_a_no_and_a_withdrawal(action: str, act: str, names: str) -> None:
    who = member()
    said(who, action)
    (entry,) = AuditEntry.objects.filter(object_id=str(who.pk), action__endswith="consent")
    assert entry.action == act
    with translation.override("zh-hans"):
        assert act_words(act) == names
        answers = {"grant": "同意", "guardian_grant": "监护人同意", "refuse": "已拒绝", "withdraw": "撤回"}
        assert change_in_words(entry, "consent", entry.changes["consent"]) == [
            "所作选择",
            "—",
            f"营销消息 · 全部渠道 · {answers[action]}",
        ]
        assert change_in_words(entry, "door", ["staff", None]) == ["登记途径", "员工登记", "—"]
        assert change_in_words(entry, "another", [1, ["x"]]) == ["another", "1", "['x']"]
        old = AuditEntry(action="compliance.consent", object_type="members.member")
        assert change_in_words(old, "consent", [None, "sms"]) == ["所作选择", "—", "sms"]
        assert act_words(old.action) == "登记同意选择"


def test_what_is_said_for_all_channels_holds_until_one_is_spoken_of() -> None:
    who = member()
    said(who, "grant")
    assert (answer(who), answer(who, Channel.WECOM)) == (Reason.ALLOWED, Reason.ALLOWED)
    said(who, "withdraw", YEAR_AGO + DAY, channel=Channel.SMS)
    assert (answer(who), answer(who, Channel.WECOM)) == (Reason.WITHDRAWN, Reason.ALLOWED)
    said(who, "withdraw", YEAR_AGO + 2 * DAY)
    said(who, "grant", YEAR_AGO + 3 * DAY, channel=Channel.WECOM)
    assert (answer(who), answer(who, Channel.WECOM)) == (Reason.WITHDRAWN, Reason.ALLOWED)


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("preset", {"preset": True}),
        ("purpose", {"purpose": "selling"}),
        ("purpose", {"purpose": "provide:"}),
        ("channel", {"purpose": Purpose.PUBLISH, "channel": Channel.SMS}),
        ("occurred_at", {"occurred_at": EVENING + DAY}),
    ],
)
def test_what_is_no_consent_is_refused(field: str, values: dict[str, Any]) -> None:
    given = {"purpose": Purpose.MARKETING, "action": ConsentAction.GRANT, "occurred_at": EVENING, **values}
    with pytest.raises(ConsentNotRecorded) as refused:
        record(said=ConsentIn(member_id=member().pk, **given), source=ConsentSource.API, by=None, now=EVENING)
    assert list(refused.value.fields) == [field]
    assert ConsentEvent.objects.count() == 0


def test_a_clock_a_little_ahead_is_taken_for_now() -> None:
    who = member()
    given = ConsentIn(
        member_id=who.pk, purpose=Purpose.MARKETING, action="grant", occurred_at=EVENING + timedelta(minutes=4)
    )
    record(said=given, source=ConsentSource.API, by=None, now=EVENING)
    assert ConsentEvent.objects.get().occurred_at == EVENING


def test_her_own_no_comes_after_what_another_hosts_clock_said() -> None:
    published()
    who = member()
    choose(member_id=who.pk, purpose=Purpose.MARKETING, channel=Channel.SMS, granted=True,
           source=ConsentSource.PAGE, by=None, now=EVENING + timedelta(seconds=3))  # fmt: skip
    choose(member_id=who.pk, purpose=Purpose.MARKETING, channel=Channel.SMS, granted=False,
           source=ConsentSource.PAGE, by=None, now=EVENING)  # fmt: skip
    assert answer(who) == Reason.WITHDRAWN


def test_her_own_no_comes_after_what_a_record_merged_into_hers_says() -> None:
    published()
    who, other = member(), member()
    choose(member_id=other.pk, purpose=Purpose.MARKETING, channel=Channel.SMS, granted=True,
           source=ConsentSource.PAGE, by=None, now=EVENING + timedelta(seconds=3))  # fmt: skip
    Member.objects.filter(pk=other.pk).update(merged_into=who)
    choose(member_id=who.pk, purpose=Purpose.MARKETING, channel=Channel.SMS, granted=False,
           source=ConsentSource.PAGE, by=None, now=EVENING)  # fmt: skip
    assert answer(who) == Reason.WITHDRAWN
    assert ConsentEvent.objects.get(member=who).occurred_at == EVENING + timedelta(seconds=3, microseconds=1)


def test_history_has_what_records_merged_into_hers_say() -> None:
    who, other, stranger = member(), member(), member()
    said(who, "grant", EVENING - 2 * DAY)
    said(other, "withdraw", EVENING - DAY)
    said(stranger, "refuse", EVENING)
    Member.objects.filter(pk=other.pk).update(merged_into=who)
    assert [(each.member_id, each.action) for each in history_of(who.pk)] == [
        (other.pk, "withdraw"),
        (who.pk, "grant"),
    ]
    assert [each.action for each in history_of(who.pk, limit=1)] == ["withdraw"]


def test_database_refuses_a_state_without_its_event_and_a_changed_event() -> None:
    who = member()
    said(who, "refuse")
    for statement in (
        "UPDATE compliance_consentstate SET action = 'grant'",
        "INSERT INTO compliance_consentstate (member_id) VALUES (1)",
        "DELETE FROM compliance_consentstate",
        "UPDATE compliance_consentevent SET action = 'grant'",
        "DELETE FROM compliance_consentevent",
        "TRUNCATE compliance_consentevent",
        "ALTER TABLE compliance_consentevent DISABLE TRIGGER ALL",
    ):
        with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert ConsentState.objects.get(member=who).action == "refuse"


def test_database_refuses_a_grant_that_was_ticked_beforehand() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        ConsentEvent.objects.create(
            member=member(), purpose="marketing", channel="any", action="grant", occurred_at=YEAR_AGO,
            received_at=YEAR_AGO, source="api", preset=True, key="00000000-0000-0000-0000-000000000001",
        )  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_two_at_once_leave_the_stricter_of_the_same_moment() -> None:
    who = member()
    barrier = threading.Barrier(4)

    def speak(action: str, number: int) -> None:
        try:
            barrier.wait(10)
            for each in range(5):
                said(who, action, YEAR_AGO, key=f"{number}-{each}")
        finally:
            connection.close()

    threads = [
        threading.Thread(target=speak, args=(action, number))
        for number, action in enumerate(["grant", "withdraw", "refuse", "grant"])
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert (ConsentEvent.objects.count(), ConsentState.objects.get().action) == (20, "withdraw")


def test_material_change_makes_older_consents_due_anew() -> None:
    first = published()
    who, unknown = member(), member()
    said(who, "grant", notice_hash=first.hash)
    said(unknown, "grant")
    assert (answer(who), answer(unknown)) == (Reason.ALLOWED, Reason.ALLOWED)
    published(at=EVENING - 2 * DAY)
    assert (answer(who), answer(unknown)) == (Reason.ALLOWED, Reason.ALLOWED)
    third = published(material=True, at=EVENING - DAY)
    assert (answer(who), answer(unknown)) == (Reason.RECONSENT_DUE, Reason.RECONSENT_DUE)
    said(who, "grant", EVENING - timedelta(hours=1), notice_hash=third.hash)
    assert answer(who) == Reason.ALLOWED


def test_withdrawing_all_ends_every_purpose() -> None:
    who = member()
    said(who, "grant", channel=Channel.WECOM)
    said(who, "grant", purpose="provide:acme")
    said(who, "refuse", purpose=Purpose.PUBLISH)
    assert withdraw_all(member_id=who.pk, source=ConsentSource.PAGE, by=None, now=EVENING) == 2
    states = states_of(who.pk)
    assert held(states, "provide:acme", Channel.ANY).action == "withdraw"  # type: ignore[union-attr]
    assert (answer(who, Channel.WECOM), answer(who, Channel.SMS)) == (Reason.WITHDRAWN, Reason.WITHDRAWN)
    assert held(states, Purpose.PUBLISH, Channel.ANY).action == "refuse"  # type: ignore[union-attr]
    assert withdraw_all(member_id=who.pk, source=ConsentSource.PAGE, by=None, now=EVENING) == 0


def test_she_is_not_asked_again_within_the_cool_down() -> None:
    who = member()
    said(who, "refuse", EVENING - 10 * DAY)
    asked: dict[str, Any] = {"member_id": who.pk, "purpose": Purpose.MARKETING, "channel": Channel.SMS}
    assert ask_again_from(who.pk, Purpose.MARKETING, Channel.SMS, now=EVENING) == EVENING + 80 * DAY
    with pytest.raises(ReaskTooSoon):
        require_askable(**asked, now=EVENING)
    require_askable(**asked, now=EVENING + 80 * DAY)
    require_askable(**{**asked, "purpose": Purpose.PUBLISH}, now=EVENING)


def test_nobody_agrees_without_a_published_notice_but_everybody_can_say_no() -> None:
    who = member()
    values: dict[str, Any] = {
        "member_id": who.pk,
        "purpose": Purpose.MARKETING,
        "channel": Channel.SMS,
        "source": ConsentSource.PAGE,
        "by": None,
        "now": EVENING,
    }
    with pytest.raises(ConsentNotRecorded):
        choose(**values, granted=True)
    choose(**values, granted=False)
    assert ConsentEvent.objects.get().action == "refuse"


def test_address_is_sealed_and_goes_with_her_key() -> None:
    published()
    who = member()
    with acting_from(Origin(address="203.0.113.7")):
        choose(member_id=who.pk, purpose=Purpose.MARKETING, channel=Channel.SMS, granted=True,
               source=ConsentSource.PAGE, by=None, now=EVENING)  # fmt: skip
    event = ConsentEvent.objects.get()
    field = ConsentEvent._meta.get_field("address")
    assert b"203.0.113.7" not in bytes(event.address or b"")
    assert open_rows(field, [event]) == ["203.0.113.7"]
    assert export_consent(who.pk)["consents"][0]["address"] == "203.0.113.7"
    destroy_keys("member", [who.pk], now=EVENING)
    assert open_rows(field, [event]) == [ERASED]


def test_erased_member_is_never_contacted_and_consents_to_nothing() -> None:
    who = member()
    said(who, "grant")
    assert erase_consent(who.pk) == 1
    assert erase_consent(who.pk) == 0
    assert answer(who) == Reason.ERASED
    with pytest.raises(MemberErased):
        said(who, "grant", EVENING)
    assert said(who, "withdraw", EVENING)


def test_restriction_stands_before_every_consent() -> None:
    who = member()
    said(who, "grant")
    assert restrict(member_id=who.pk, reason="she asked", by=None, now=EVENING)
    assert not restrict(member_id=who.pk, reason="she asked", by=None, now=EVENING)
    assert answer(who) == answer(who, Channel.ANY, Purpose.PERSONALISATION) == Reason.RESTRICTED
    assert lift_restriction(member_id=who.pk, reason="she asked", by=None, now=EVENING)
    assert answer(who) == Reason.ALLOWED


def test_withdrawal_after_the_verdicts_reaches_a_queued_send() -> None:
    """T6b: the audience was frozen when she still agreed; the gate is asked again as it goes out."""
    stays, leaves = member(), member()
    for who in (stays, leaves):
        said(who, "grant")
    asked: dict[str, Any] = {"purpose": Purpose.MARKETING, "channel": Channel.SMS, "at": EVENING}
    run = freeze_verdicts(
        audience=Member.objects.filter(pk__in=[stays.pk, leaves.pk]),
        **asked,
        reference="campaign:1",
        by=None,
        now=EVENING,
    )
    assert run.counts == {"allowed": 2}
    said(leaves, "withdraw", EVENING)
    recipients = list(run.verdicts.filter(reason="allowed").values_list("member_id", flat=True))
    going = [number for number, verdict in verdicts(recipients, **asked).items() if verdict.allowed]
    assert going == [stays.pk]
    with pytest.raises(ProgrammingError), transaction.atomic():
        run.verdicts.update(reason="allowed")


def test_one_merged_into_another_is_not_contacted_and_her_noes_hold() -> None:
    published()
    winner, loser = member(), member()
    said(winner, "grant", EVENING - 2 * DAY)
    said(loser, "grant", EVENING - 2 * DAY)
    Member.objects.filter(pk=loser.pk).update(merged_into=winner)
    asked: dict[str, Any] = {"purpose": Purpose.MARKETING, "channel": Channel.SMS, "at": EVENING}

    def reasons() -> tuple[str, str]:
        found = verdicts([winner.pk, loser.pk], **asked)
        for pk, verdict in found.items():
            assert verdict == may_contact(pk, **asked)
        return found[winner.pk].reason, found[loser.pk].reason

    assert reasons() == (Reason.ALLOWED, Reason.MERGED)
    said(loser, "withdraw", EVENING - DAY, channel=Channel.SMS)
    assert reasons() == (Reason.WITHDRAWN, Reason.MERGED)
    said(winner, "grant", EVENING - DAY / 2)
    assert reasons() == (Reason.ALLOWED, Reason.MERGED)
    restrict(member_id=loser.pk, reason="asked", by=None, now=EVENING)
    assert reasons() == (Reason.RESTRICTED, Reason.MERGED)
