"""Registers: entries move by verbs, on the record; recipients wait for their assessment; thresholds and rules are watched."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import ProgrammingError
from django.utils import timezone

from accounts.enums import Role
from accounts.models import User
from audit.models import AuditEntry
from compliance.admin import registers as today
from compliance.errors.registers import AssessmentMissing, EntryNotValid, EntryStateWrong
from compliance.models import PersonCount, ProcessingActivity, Recipient, WatchedRule
from compliance.rules.thresholds import THRESHOLDS, is_near_an_edge, state_of
from compliance.selectors.thresholds import estimated_persons, watched_thresholds
from compliance.services import registers
from compliance.services.thresholds import count_persons
from core.registries import evidence
from tests.assessments import assess
from tests.compliance.people import member

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 4, tzinfo=UTC)
DAY = timedelta(days=1)
CLOUD: dict[str, Any] = {
    "name": "云商",
    "contact": "安全部",
    "kind": "entrusted",
    "country": "CN",
    "purpose": "托管",
    "categories": "全部，加密",
    "method": "云主机",
    "measures": "加密",
    "contract": "Y-1",
    "starts_on": date(2026, 1, 1),
    "ends_on": date(2027, 1, 1),
}
ACTIVITY = {
    "name_zh": "抽奖",
    "purpose": "活动",
    "method": "小程序",
    "categories": "手机号",
    "retention": "两年",
    "legal_basis": "contract",
    "basis_note": "活动规则",
}


@pytest.fixture
def legal() -> User:
    return User.objects.create(username="legal", role=Role.LEGAL)


def acts() -> list[str]:
    return list(AuditEntry.objects.order_by("id").values_list("action", flat=True))


def test_what_the_product_does_ships_as_drafts_and_a_basis_that_is_not_consent_says_which() -> None:
    shipped = ProcessingActivity.objects.all()
    assert {each.state for each in shipped} == {"draft"}
    assert len(shipped) == 11
    with pytest.raises(EntryNotValid) as refused:
        registers.save_activity(activity=None, values={**ACTIVITY, "basis_note": " "}, by=None, now=NOW)
    assert set(refused.value.fields) == {"basis_note"}


def test_an_activity_is_entered_put_in_force_changed_and_ended(legal: User) -> None:
    row = registers.save_activity(activity=None, values=ACTIVITY, by=legal, now=NOW)
    registers.put_activity_in_force(activity=row, by=legal, now=NOW)
    with pytest.raises(EntryStateWrong):
        registers.put_activity_in_force(activity=row, by=legal, now=NOW)
    registers.save_activity(activity=row, values={"retention": "三年"}, by=legal, now=NOW)
    registers.save_activity(activity=row, values={"retention": "三年"}, by=legal, now=NOW)  # nothing differs
    with pytest.raises(EntryNotValid):
        registers.end_activity(activity=row, reason="", by=legal, now=NOW)
    registers.end_activity(activity=row, reason="活动结束", by=legal, now=NOW)
    with pytest.raises(EntryStateWrong):
        registers.save_activity(activity=row, values={"retention": "一年"}, by=legal, now=NOW)
    assert acts() == [f"compliance.{verb}_activity" for verb in ("add", "begin", "change", "end")]


@pytest.mark.parametrize(
    ("values", "needs"),
    [
        ({}, ["entrusting"]),
        ({"kind": "independent"}, ["providing"]),
        ({"country": "SG"}, ["entrusting", "abroad"]),
        ({"kind": "independent", "country": "US"}, ["providing", "abroad"]),
    ],
)
def test_a_recipient_gets_nothing_before_its_assessments(legal: User, values: dict[str, str], needs: list[str]) -> None:
    row = registers.save_recipient(recipient=None, values={**CLOUD, **values}, by=legal, now=NOW)
    for code in needs:
        with pytest.raises(AssessmentMissing):
            registers.put_recipient_in_force(recipient=row, by=legal, now=NOW)
        assess(code, now=NOW)
    assert registers.put_recipient_in_force(recipient=row, by=legal, now=NOW).state == "in_force"


def test_in_force_the_terms_stay_and_after_the_end_a_proof_is_owed(legal: User) -> None:
    assess("entrusting", now=NOW)
    row = registers.save_recipient(recipient=None, values=CLOUD, by=legal, now=NOW)
    registers.put_recipient_in_force(recipient=row, by=legal, now=NOW)
    with pytest.raises(EntryNotValid) as refused:
        registers.save_recipient(recipient=row, values={**CLOUD, "country": "US"}, by=legal, now=NOW)
    assert set(refused.value.fields) == {"country"}
    registers.save_recipient(recipient=row, values={**CLOUD, "ends_on": date(2028, 1, 1)}, by=legal, now=NOW)
    with pytest.raises(EntryStateWrong):
        registers.prove_deletion(recipient=row, proof="证明", by=legal, now=NOW)
    registers.end_recipient(recipient=row, reason="换商", by=legal, now=NOW)
    (owed,) = [item for item in today.rules(None, WatchedRule.objects.earliest("pk").created_at) if item.state == "act"]
    assert "云商" in str(owed.title)
    registers.prove_deletion(recipient=row, proof="删除证明 2026-11，法务柜", by=legal, now=NOW)
    row.refresh_from_db()
    assert (row.owes_proof, row.proved_at) == (False, NOW)


@pytest.mark.parametrize(
    ("values", "field"),
    [({"country": "cn"}, "country"), ({"ends_on": date(2025, 1, 1)}, "ends_on"), ({"kind": "friend"}, "kind")],
)
def test_a_recipient_that_makes_no_sense_is_refused(values: dict[str, Any], field: str) -> None:
    with pytest.raises(EntryNotValid) as refused:
        registers.save_recipient(recipient=None, values={**CLOUD, **values}, by=None, now=NOW)
    assert set(refused.value.fields) == {field}


def test_the_database_keeps_a_recipient_for_three_years_after_its_end(legal: User) -> None:
    assess("entrusting", now=NOW)
    row = registers.save_recipient(recipient=None, values=CLOUD, by=legal, now=NOW)
    draft = registers.save_recipient(recipient=None, values={**CLOUD, "name": "草稿"}, by=legal, now=NOW)
    registers.put_recipient_in_force(recipient=row, by=legal, now=NOW)

    def delete() -> None:
        with pytest.raises(ProgrammingError, match="three years"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("DELETE FROM compliance_recipient WHERE id = %s", [row.pk])

    delete()
    registers.end_recipient(recipient=row, reason="换商", by=legal, now=timezone.now() - 1000 * DAY)
    delete()
    Recipient.objects.filter(pk=row.pk).update(ended_at=timezone.now() - 1100 * DAY)
    assert Recipient.objects.filter(pk__in=(row.pk, draft.pk)).delete()[0] == 2


def test_a_watched_rule_is_due_again_after_its_days(legal: User) -> None:
    rule = WatchedRule.objects.earliest("pk")
    assert list(today.rules(None, rule.created_at + 89 * DAY)) == []
    (item,) = today.rules(None, rule.created_at + 91 * DAY)
    assert item.state == "watch"
    with pytest.raises(EntryNotValid):
        registers.check_rule(rule=rule, finding=" ", by=legal, now=NOW)
    checked = registers.check_rule(rule=rule, finding="无变化", by=legal, now=NOW)
    assert checked.due_at == NOW + 90 * DAY
    assert acts() == ["compliance.check_rule"]


@pytest.mark.parametrize(
    ("persons", "near"),
    [(0, False), (719_000, False), (720_000, True), (800_000, True), (1_100_000, True), (1_110_000, False),
     (7_300_000, True), (12_000_000, False)],
)  # fmt: skip
def test_an_estimate_near_an_edge_is_counted_exactly(persons: int, near: bool) -> None:
    assert is_near_an_edge(persons) is near


@pytest.mark.parametrize(
    ("persons", "done", "state"),
    [(799_999, None, "good"), (800_000, None, "watch"), (1_000_000, None, "act"), (1_000_000, NOW, "good")],
)
def test_a_threshold_warns_at_four_fifths_and_begins_its_duty(persons: int, done: Any, state: str) -> None:
    assert state_of(THRESHOLDS[0], persons, done_at=done) == state


def test_persons_are_counted_at_night_and_the_duty_is_noted_once(legal: User) -> None:
    assert count_persons(now=NOW).persons >= 0
    PersonCount.objects.create(counted_at=NOW + DAY, persons=1_000_000, is_exact=True)
    PersonCount.objects.create(counted_at=NOW + 2 * DAY, persons=1_000_200, is_exact=True)
    first, second = watched_thresholds()
    assert (first.state, first.reached_at, second.state) == ("act", NOW + DAY, "good")
    assert first.due_at is not None
    assert (first.due_at - NOW - DAY).days == 41  # thirty working days
    assert [item.state for item in today.thresholds(None, NOW + 2 * DAY)] == ["act"]
    assert [item.state for item in today.condition(None, NOW + 2 * DAY)] == ["act"]
    registers.note_duty_done(threshold=1_000_000, note="已报送", by=legal, now=NOW)
    with pytest.raises(EntryStateWrong):
        registers.note_duty_done(threshold=1_000_000, note="已报送", by=legal, now=NOW)
    assert list(today.thresholds(None, NOW)) == []


def test_before_the_first_estimate_persons_are_counted() -> None:
    member()
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples FROM pg_class WHERE oid = 'members_member'::regclass")
        (known,) = cursor.fetchone()
    persons, exact = estimated_persons()
    assert (exact, persons) == ((True, 1) if known < 0 else (False, int(known)))


def test_every_item_of_the_audit_pack_writes_rows_of_one_form_without_personal_values() -> None:
    someone = member(phone="13912345678", email="lin@example.com", name="林晓")
    ProcessingActivity.objects.update(retention="致电 13912345678")
    for item in evidence:
        rows = list(item.write(NOW))
        assert len({tuple(row) for row in rows}) <= 1, item.code
        text = str(rows)
        assert not any(value in text for value in ("13912345678", "lin@example.com", someone.name)), item.code
    ours = {item.code for item in evidence}
    assert {"processing-activities", "recipients", "assessments", "incidents", "notices", "requests"} <= ours
