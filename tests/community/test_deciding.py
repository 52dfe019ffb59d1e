"""Violations decided by people, corrected, appealed against and answered."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from audit.models import AuditEntry
from community.errors.moderation import (
    AppealDecided,
    AppealExists,
    AppealNotValid,
    AppealNotYours,
    AppealTooLate,
    DecisionAppealed,
    DecisionNotValid,
    NotTheMachines,
    OwnViolation,
    ViolationDecided,
    ViolationOpen,
)
from community.models import Appeal, Violation
from community.selectors.moderation import (
    appeal_text,
    machine_share,
)
from community.services.appealing import answer_appeal, file_appeal
from community.services.deciding import correct, decide, decide_the_rest
from community.services.reporting import LONGEST_REPORT
from compliance.models import ProcessingActivity
from tests.community.cast import DAY, HOUR, NOW, Line, found, group, participant, reported, say, staff

pytestmark = pytest.mark.django_db
AD = "诚招代理，日赚三百"


def test_decision_is_kept_with_who_and_why() -> None:
    judge = staff()
    row = decide(violation=reported(), outcome="muted", by=judge, now=NOW, note=" 第二次 ")
    assert (row.state, row.first_outcome, row.first_by, row.outcome, row.note) == (
        *("decided", "muted", judge, "muted", "第二次"),
    )
    assert row.muted_until == NOW + timedelta(hours=24)
    entry = AuditEntry.objects.get(action="community.decide_violation")
    assert (entry.changes, entry.reason) == ({"outcome": ["", "muted"]}, "第二次")
    with pytest.raises(ViolationDecided):
        decide(violation=row, outcome="dismissed", by=judge, now=NOW)
    with pytest.raises(NotTheMachines):
        correct(violation=row, outcome="dismissed", by=judge, now=NOW, note="错")


@pytest.mark.parametrize(("outcome", "note"), [("shot", ""), ("", ""), ("warned", "长" * 301)])
def test_what_cannot_be_decided_is_said(outcome: str, note: str) -> None:
    row = reported()
    with pytest.raises(DecisionNotValid):
        decide(violation=row, outcome=outcome, by=staff(), now=NOW, note=note)
    row.refresh_from_db()
    assert row.state == "open"


def test_nobody_decides_about_herself() -> None:
    judge = staff()
    row = reported(participant(group(), "店员", staff_id=judge.pk))
    with pytest.raises(OwnViolation):
        decide(violation=row, outcome="dismissed", by=judge, now=NOW)


def test_removal_ends_the_stay() -> None:
    somebody = participant(group())
    decide(violation=reported(somebody), outcome="removed", by=staff(), now=NOW, note="屡次广告")
    (stay,) = somebody.stays.all()
    assert (stay.left_at, stay.left_how) == (NOW, "removed")
    row = decide(violation=reported(somebody), outcome="removed", by=staff(), now=NOW)
    assert row.outcome == "removed"


def test_rest_of_hers_is_decided_the_same_and_others_are_not() -> None:
    one = group()
    somebody, other = participant(one), participant(one, "别人")
    rows = [reported(somebody) for _number in range(3)]
    beside = reported(other)
    judge = staff()
    decided = decide(violation=rows[0], outcome="warned", by=judge, now=NOW, note="同一件事")
    assert decide_the_rest(violation=decided, by=judge, now=NOW) == 2
    states = {row.pk: (row.state, row.outcome, row.first_by_id, row.note) for row in Violation.objects.all()}
    assert {states[row.pk] for row in rows} == {("decided", "warned", judge.pk, "同一件事")}
    assert states[beside.pk][0] == "open"
    assert AuditEntry.objects.filter(action="community.decide_violation").count() == 3
    with pytest.raises(DecisionNotValid):
        decide_the_rest(violation=beside, by=judge, now=NOW)


def by_machine() -> Violation:
    say(Line(participant(group()), AD, NOW))
    return found()[-1]


def test_person_corrects_the_machine_and_its_decision_stays_on_record() -> None:
    row, judge = by_machine(), staff()
    with pytest.raises(DecisionNotValid):
        correct(violation=row, outcome="dismissed", by=judge, now=NOW, note="")
    with pytest.raises(DecisionNotValid):
        correct(violation=row, outcome="warned", by=judge, now=NOW, note="一样")
    row = correct(violation=row, outcome="dismissed", by=judge, now=NOW, note="是玩笑")
    assert (row.first_outcome, row.first_by, row.outcome, row.decided_by) == ("warned", None, "dismissed", judge)
    share = machine_share(judge, until=NOW + HOUR, days=28)
    assert (share.machine, share.people, share.corrected, share.upheld_share) == (1, 0, 1, None)


def test_appeal_is_answered_by_somebody_else() -> None:
    judge, other = staff(), staff()
    row = decide(violation=reported(), outcome="muted", by=judge, now=NOW)
    appeal = file_appeal(violation=row, text="我只是转发了通知", by=None, now=NOW + DAY)
    assert appeal_text(appeal) == "我只是转发了通知"
    row.refresh_from_db()
    assert row.expires_at == NOW + DAY + timedelta(days=30)
    with pytest.raises(AppealNotYours):
        answer_appeal(appeal=appeal, outcome="dismissed", by=judge, now=NOW + DAY, note="对")
    with pytest.raises(AppealNotValid):
        answer_appeal(appeal=appeal, outcome="dismissed", by=other, now=NOW + DAY, note=" ")
    answered = answer_appeal(appeal=appeal, outcome="dismissed", by=other, now=NOW + DAY, note="确是通知")
    row.refresh_from_db()
    assert (answered.outcome, row.outcome, row.first_outcome, row.muted_until) == (
        "changed",
        "dismissed",
        "muted",
        None,
    )
    assert row.decided_by == other
    with pytest.raises(AppealDecided):
        answer_appeal(appeal=appeal, outcome="muted", by=staff(), now=NOW + DAY, note="再想想")


def test_appeal_that_is_refused_leaves_the_decision() -> None:
    judge = staff()
    row = decide(violation=reported(), outcome="warned", by=judge, now=NOW)
    appeal = file_appeal(violation=row, text="不服", by=None, now=NOW)
    answered = answer_appeal(appeal=appeal, outcome="warned", by=staff(), now=NOW, note="规则第三条")
    row.refresh_from_db()
    assert (answered.outcome, row.outcome, row.decided_by) == ("upheld", "warned", judge)


def test_decision_under_appeal_is_changed_by_the_answer_alone() -> None:
    row, judge = by_machine(), staff()
    appeal = file_appeal(violation=row, text="不服", by=None, now=NOW)
    with pytest.raises(DecisionAppealed):
        correct(violation=row, outcome="dismissed", by=judge, now=NOW, note="误判")
    answered = answer_appeal(appeal=appeal, outcome="warned", by=judge, now=NOW, note="规则第三条")
    with pytest.raises(DecisionAppealed):
        correct(violation=row, outcome="dismissed", by=judge, now=NOW, note="误判")
    row.refresh_from_db()
    assert (answered.outcome, row.outcome) == ("upheld", "warned")


def test_answer_is_held_against_what_holds_now() -> None:
    row = by_machine()
    appeal = file_appeal(violation=row, text="不服", by=None, now=NOW)
    Violation.objects.filter(pk=row.pk).update(outcome="dismissed")
    answered = answer_appeal(appeal=appeal, outcome="warned", by=staff(), now=NOW, note="规则第三条")
    row.refresh_from_db()
    assert (answered.outcome, row.outcome) == ("changed", "warned")


def test_register_says_how_much_of_a_report_is_kept() -> None:
    kept = ProcessingActivity.objects.get(name_zh="客户群的秩序维护")
    assert LONGEST_REPORT == 500
    assert "举报的另存不超过五百字的情况说明" in kept.method
    assert "举报说明" in kept.categories


def test_database_too_wants_another_person() -> None:
    judge = staff()
    row = decide(violation=reported(), outcome="warned", by=judge, now=NOW)
    appeal = file_appeal(violation=row, text="不服", by=None, now=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        Appeal.objects.filter(pk=appeal.pk).update(outcome="upheld", decided_by=judge, decided_at=NOW)


def test_database_too_wants_a_person_for_what_is_sensitive() -> None:
    row = reported(sensitive=True)
    values = {"state": "decided", "first_outcome": "warned", "first_at": NOW, "outcome": "warned", "decided_at": NOW}
    with pytest.raises(IntegrityError), transaction.atomic():
        Violation.objects.filter(pk=row.pk).update(**values)


def test_appeals_that_cannot_be_made() -> None:
    judge = staff()
    with pytest.raises(ViolationOpen):
        file_appeal(violation=reported(), text="不服", by=None, now=NOW)
    dismissed = decide(violation=reported(), outcome="dismissed", by=judge, now=NOW)
    with pytest.raises(AppealNotValid):
        file_appeal(violation=dismissed, text="不服", by=None, now=NOW)
    row = decide(violation=reported(), outcome="warned", by=judge, now=NOW)
    for text in ("", " ", "长" * 1001):
        with pytest.raises(AppealNotValid):
            file_appeal(violation=row, text=text, by=None, now=NOW)
    with pytest.raises(AppealTooLate):
        file_appeal(violation=row, text="不服", by=None, now=NOW + 8 * DAY)
    file_appeal(violation=row, text="不服", by=None, now=NOW)
    with pytest.raises(AppealExists):
        file_appeal(violation=row, text="还是不服", by=None, now=NOW)


def test_removal_by_correction_and_on_appeal_ends_the_stay() -> None:
    one = group()
    for change in ("correct", "appeal"):
        who = participant(one, change)
        say(Line(who, f"低价转让面霜一瓶 {change}"))
        violation = Violation.objects.get(participant=who)
        assert violation.by_machine
        if change == "correct":
            correct(violation=violation, outcome="removed", by=staff(), now=NOW, note="屡次")
        else:
            appeal = file_appeal(violation=violation, text="不服", by=None, now=NOW)
            answer_appeal(appeal=appeal, outcome="removed", by=staff(), now=NOW, note="屡次")
        violation.refresh_from_db()
        assert (violation.outcome, violation.by_machine) == ("removed", True)
        assert not who.stays.filter(left_at=None).exists()
