"""Incidents: four hours, the list out of the record of acts, two decisions, the end."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import ProgrammingError
from django.utils import timezone

from accounts.enums import Role
from accounts.models import Export, ExportSubject, User
from audit.services import Target, record
from compliance.admin import registers as today
from compliance.enums.registers import Audience
from compliance.errors.registers import EntryNotValid, IncidentClosed, IncidentOpen
from compliance.models import Incident, IncidentMember
from compliance.selectors.incidents import affected_by_exposure, affected_persons, clock_of
from compliance.services import incidents
from members.models import Member
from tests.compliance.people import member

pytestmark = pytest.mark.django_db
NOW = timezone.now()
HOUR = timedelta(hours=1)
FACTS: dict[str, Any] = {
    "title": "导购账号被盗",
    "categories": "手机号",
    "cause": "弱口令",
    "harm": "骚扰电话",
    "measures": "已停用账号",
    "advice": "留意陌生来电",
    "contact": "0571-0000 0000",
    "happened_from": NOW - 10 * HOUR,
    "happened_to": NOW - 5 * HOUR,
    "found_at": NOW - 2 * HOUR,
    "grade": "general",
}


@pytest.fixture
def legal() -> User:
    return User.objects.create(username="legal", role=Role.LEGAL)


@pytest.fixture
def thief() -> User:
    return User.objects.create(username="thief", role=Role.GUIDE)


def opened(by: User, **values: Any) -> Incident:
    return incidents.open_incident(values={**FACTS, **values}, by=by, now=NOW)


def revealed(who: Member, by: User, hours: int) -> None:
    target = Target(object_type="members.member", object_id=who.pk)
    with transaction.atomic():
        record(by=by, action="members.reveal_identity", obj=target, at=NOW - hours * HOUR)


def exported(people: list[Member], by: User, *, made: int, fetched: int) -> None:
    export = Export.objects.create(kind="members", layout="csv", reason="x", asked_by=by, asked_at=NOW - made * HOUR)
    for who in people:
        ExportSubject.objects.create(export=export, subject_id=who.pk, at=NOW - made * HOUR)
    with transaction.atomic():
        record(by=by, action="accounts.make_export", obj=export, at=NOW - made * HOUR)
        record(by=by, action="accounts.download_export", obj=export, at=NOW - fetched * HOUR)


def test_the_list_is_who_was_shown_exported_or_copied_within_the_window(legal: User, thief: User) -> None:
    seen, early, both, filed, other = (member() for _each in range(5))
    revealed(seen, thief, 6)
    revealed(seen, thief, 7)
    revealed(early, thief, 11)
    revealed(both, thief, 6)
    exported([both, filed], thief, made=20, fetched=6)
    exported([early], thief, made=20, fetched=19)
    revealed(other, legal, 6)
    with transaction.atomic():
        copied = {"member": [None, filed.pk]}
        record(by=thief, action="compliance.copy_made", changes=copied, at=NOW - 6 * HOUR)
    row = opened(legal)
    assert incidents.list_affected(incident=row, actor=thief, by=legal, now=NOW) == 3
    found = set(IncidentMember.objects.values_list("member_id", "exposure"))
    assert found == {
        (seen.pk, "revealed"), (both.pk, "revealed"), (both.pk, "exported"), (filed.pk, "exported"), (filed.pk, "copied"),
    }  # fmt: skip
    assert [count for _words, count in affected_by_exposure(row)] == [2, 2, 1]
    assert incidents.list_affected(incident=row, actor=None, by=legal, now=NOW) == affected_persons(row) == 4


def test_the_clock_runs_from_when_it_was_found(legal: User) -> None:
    row = opened(legal)
    assert clock_of(row, now=NOW) == ("watch", 120)
    assert clock_of(row, now=NOW + 1.5 * HOUR) == ("act", 30)
    assert clock_of(row, now=NOW + 3 * HOUR) == ("act", -60)
    (item,) = today.running(None, NOW)
    assert "导购账号被盗" in str(item.title)


def test_drafts_have_the_three_blocks_and_say_what_is_missing(legal: User) -> None:
    whole, lacking = opened(legal), opened(legal, advice="", title="第二起")
    words = incidents.notice_draft(whole, Audience.AUTHORITY)
    assert all(text in words for text in ("弱口令", "骚扰电话", "已停用账号", "留意陌生来电", "0571-0000 0000"))
    assert "【" not in words
    assert "【" in incidents.notice_draft(lacking, Audience.MEMBERS)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"decision": "notified", "words": ""}, "words"),
        ({"decision": "notified", "words": "你可以：【待填写】"}, "words"),
        ({"decision": "not_notified", "reason": " "}, "reason"),
        ({"decision": "perhaps", "reason": "x"}, "decision"),
    ],
)
def test_a_decision_needs_its_words_or_its_reason(legal: User, values: dict[str, str], field: str) -> None:
    given = {"words": "", "reason": "", **values}
    with pytest.raises(EntryNotValid) as refused:
        incidents.decide_telling(incident=opened(legal), audience="members", by=legal, now=NOW, **given)
    assert set(refused.value.fields) == {field}


@pytest.mark.parametrize(
    ("grade", "drill", "refused"), [("larger", False, True), ("larger", True, False), ("general", False, False)]
)
def test_from_larger_on_the_authority_is_told(legal: User, grade: str, drill: bool, refused: bool) -> None:
    row = opened(legal, grade=grade, is_drill=drill)
    given = {"audience": "authority", "decision": "not_notified", "words": "", "reason": "危害已避免"}
    if refused:
        with pytest.raises(EntryNotValid):
            incidents.decide_telling(incident=row, by=legal, now=NOW, **given)
    else:
        incidents.decide_telling(incident=row, by=legal, now=NOW, **given)
    assert row.decisions.count() == (0 if refused else 1)


def test_it_closes_when_all_is_decided_and_its_record_stays(legal: User) -> None:
    row = opened(legal)
    with pytest.raises(IncidentOpen) as refused:
        incidents.close_incident(incident=row, lessons="换口令", by=legal, now=NOW)
    assert len(refused.value.fields["close"]) == 3
    incidents.list_affected(incident=row, actor=None, by=legal, now=NOW)
    for audience in Audience:
        incidents.decide_telling(
            incident=row, audience=audience, decision="notified", words="已告知", reason="", by=legal, now=NOW
        )
    incidents.close_incident(incident=row, lessons="换口令", by=legal, now=NOW)
    with pytest.raises(IncidentClosed):
        incidents.change_incident(incident=row, values={"grade": "major"}, by=legal, now=NOW)
    for statement in (
        "UPDATE compliance_incident SET grade = 'general' WHERE id = %s",
        "DELETE FROM compliance_incident WHERE id = %s",
        "DELETE FROM compliance_incidentdecision WHERE incident_id = %s",
        "DELETE FROM compliance_incidentmember WHERE incident_id = %s",
    ):
        with (
            pytest.raises(ProgrammingError, match=r"refused|denied"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement, [row.pk])


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"happened_to": NOW - 20 * HOUR}, "happened_to"),
        ({"found_at": NOW + HOUR}, "found_at"),
        ({"title": " "}, "title"),
    ],
)
def test_facts_that_make_no_sense_are_refused(legal: User, values: dict[str, Any], field: str) -> None:
    with pytest.raises(EntryNotValid) as refused:
        opened(legal, **values)
    assert set(refused.value.fields) == {field}
    assert not Incident.objects.exists()
