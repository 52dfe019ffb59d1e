"""Nothing is kept longer than its rule says; a legal hold spares, a reason is asked, a report is left."""

import re
from datetime import timedelta

import pytest

from audit.models import AuditEntry
from compliance.enums.consent import Channel, Reason
from compliance.enums.rights import ErasureReason
from compliance.errors.rights import ErasureRunning, NobodyThere, RetentionNotValid
from compliance.models import (
    ContactEvent,
    ContactStatus,
    Erasure,
    LegalHold,
    Notice,
    ProcessingActivity,
    RetentionRun,
)
from compliance.selectors.gate import may_contact
from compliance.selectors.retention import rules_in_force
from compliance.services import retention
from compliance.services.erasure import begin, proceed
from compliance.services.retention import change_rule, lift_hold, place_hold, purge_all
from compliance.services.status import lift_restriction, restrict
from members.models import Member
from tests.brand import administrator, signed_in
from tests.compliance.people import EVENING, member
from timeline.enums import InteractionKind
from timeline.models import Interaction
from timeline.services import InteractionIn, record_interactions

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def clicked(who: Member, days_ago: int) -> None:
    click = InteractionIn(
        line_no=1,
        member_id=who.pk,
        source="shop",
        kind=InteractionKind.CLICK,
        occurred_at=EVENING - days_ago * DAY,
        subject=f"{days_ago}",
    )
    record_interactions(rows=[click], now=EVENING)


def test_what_is_too_old_goes_in_batches_and_what_is_not_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    who = member()
    for days in (1, 395, 397, 400, 500):
        clicked(who, days)
    reports = {report.code: report for report in purge_all(now=EVENING)}
    assert sorted(Interaction.objects.values_list("subject", flat=True)) == ["1", "395"]
    assert (reports["interactions"].rows, reports["contacts"].rows) == (3, 0)
    assert RetentionRun.objects.get(code="interactions").rows == 3
    assert AuditEntry.objects.filter(action="compliance.purge").count() == 1


def test_contacts_of_thirteen_months_ago_go() -> None:
    who = member()
    for days in (1, 397):
        ContactEvent.objects.create(
            member=who, occurred_at=EVENING - days * DAY, purpose="marketing", channel=Channel.SMS
        )
    purge_all(now=EVENING)
    assert ContactEvent.objects.count() == 1


def test_a_hold_restricts_and_spares_until_it_is_lifted() -> None:
    by, who = administrator(), member()
    clicked(who, 500)
    hold = place_hold(member_id=who.pk, reason="court order", by=by, now=EVENING)
    assert place_hold(member_id=who.pk, reason="court order", by=by, now=EVENING) == hold
    assert gate_reason(who) == Reason.RESTRICTED
    assert not ContactStatus.objects.filter(pk=who.pk).exists(), "nobody asked for that"
    assert [(run.rows, run.held) for run in purge_all(now=EVENING) if run.code == "interactions"] == [(0, 1)]
    assert lift_hold(hold=hold, reason="settled", by=by, now=EVENING)
    assert not lift_hold(hold=hold, reason="settled", by=by, now=EVENING)
    assert gate_reason(who) == Reason.NO_CONSENT
    assert [run.rows for run in purge_all(now=EVENING) if run.code == "interactions"] == [1]


def gate_reason(who: Member) -> Reason:
    return may_contact(who.pk, purpose="marketing", channel=Channel.SMS, at=EVENING).reason


def test_a_hold_leaves_what_she_asked_for_herself_and_lifting_that_leaves_the_hold() -> None:
    by, who = administrator(), member()
    restrict(member_id=who.pk, reason="she asked (Art. 44)", by=by, now=EVENING)
    hold = place_hold(member_id=who.pk, reason="court", by=by, now=EVENING)
    lift_hold(hold=hold, reason="settled", by=by, now=EVENING)
    assert gate_reason(who) == Reason.RESTRICTED
    place_hold(member_id=who.pk, reason="court", by=by, now=EVENING)
    assert lift_restriction(member_id=who.pk, reason="she took it back", by=by, now=EVENING)
    assert gate_reason(who) == Reason.RESTRICTED
    assert not lift_restriction(member_id=who.pk, reason="again", by=by, now=EVENING)


def test_a_hold_spares_every_record_of_the_person() -> None:
    by, who, merged = administrator(), member(), member()
    clicked(merged, 500)
    Member.objects.filter(pk=merged.pk).update(merged_into=who)
    place_hold(member_id=who.pk, reason="court", by=by, now=EVENING)
    assert [run.rows for run in purge_all(now=EVENING) if run.code == "interactions"] == [0]


def test_a_hold_comes_too_late_for_an_erasure_that_has_begun() -> None:
    by, who, merged = administrator(), member(), member()
    Member.objects.filter(pk=merged.pk).update(merged_into=who)
    one = begin(member_id=who.pk, why=ErasureReason.REQUEST, by=by, now=EVENING)
    for each in (who, merged):
        with pytest.raises(ErasureRunning):
            place_hold(member_id=each.pk, reason="court", by=by, now=EVENING)
    LegalHold.objects.create(member=merged, reason="by another way")
    assert proceed(one, now=EVENING).waits_for == "under_legal_hold"
    assert Member.objects.filter(pk=who.pk).exists()


NUMERALS = {"三": 3, "十三": 13, "二十四": 24}
MONTHS = {"个月": 1, "年": 12}
#: Not a time that a law has the brand keep things at least for.
PERIOD = re.compile("(?<!不少于)([一二三四五六七八九十]+)(个月|年)(?!以上)")
#: What the stock texts promise a time for, and the purge that keeps the promise.
PROMISED = {
    "互动记录（浏览、点击、签到、参与活动）": "interactions",
    "互动与来源记录": "interactions",
    "营销触达": "contacts",
    "个人权利请求的受理与答复": "requests",
    "名单导入与导出": "export-lists",
    "客户群的秩序维护": "violations",
}


def broken_promises(texts: dict[str, str]) -> set[str]:
    """Which of them name a time that no purge in use keeps."""
    broken = set()
    for place, text in texts.items():
        for number, unit in PERIOD.findall(text):
            months = NUMERALS[number] * MONTHS[unit]
            rule = {each.purge.code: each for each in rules_in_force()}.get(PROMISED.get(place, ""))
            if rule is None or not rule.is_active or rule.days > months * 31:
                broken.add(place)
    return broken


def stock_texts() -> dict[str, str]:
    notice = Notice.objects.get(number=1).texts["zh-hans"]
    lines = {line.split(" ｜ ")[0]: line for line in notice["collected"].splitlines()}
    register = {row.name_zh: row.retention for row in ProcessingActivity.objects.all()}
    return {**lines, **register, "retention": notice["retention"]}


def test_every_time_that_the_stock_texts_promise_is_kept_by_a_purge() -> None:
    texts = stock_texts()
    assert PROMISED.keys() <= texts.keys()
    assert broken_promises(texts) == set()
    assert broken_promises({"retention": "连续二十四个月没有交易的会员，我们将删除其信息。"}) == {"retention"}
    change_rule(code="contacts", days=396, is_active=False, reason="off", by=administrator(), now=EVENING)
    assert broken_promises(texts) == {"营销触达"}


def test_a_hold_needs_a_member_and_a_reason() -> None:
    by, who = administrator(), member()
    with pytest.raises(RetentionNotValid):
        place_hold(member_id=who.pk, reason=" ", by=by, now=EVENING)
    with pytest.raises(NobodyThere):
        place_hold(member_id=4711, reason="court order", by=by, now=EVENING)


def test_inactive_members_are_erased_only_where_the_brand_switched_it_on() -> None:
    by, quiet, active = administrator(), member("13800138000"), member("13900139000")
    Member.objects.update(created_at=EVENING - 900 * DAY)
    clicked(active, 10)
    purge_all(now=EVENING)
    assert Member.objects.count() == 2
    change_rule(code="inactive-members", days=731, is_active=True, reason="house rule", by=by, now=EVENING)
    assert [run.rows for run in purge_all(now=EVENING) if run.code == "inactive-members"] == [1]
    assert list(Member.objects.values_list("pk", flat=True)) == [active.pk]
    assert Erasure.objects.get().member_id == quiet.pk


def test_whoever_was_active_by_a_merged_record_is_not_inactive() -> None:
    """What she did before the merge stands with the record that was merged; erasing her would take it along."""
    by, who, merged = administrator(), member(), member()
    Member.objects.update(created_at=EVENING - 900 * DAY)
    clicked(merged, 10)
    Member.objects.filter(pk=merged.pk).update(merged_into=who)
    change_rule(code="inactive-members", days=731, is_active=True, reason="house rule", by=by, now=EVENING)
    purge_all(now=EVENING)
    assert not Erasure.objects.exists()
    purge_all(now=EVENING + 800 * DAY)
    assert Erasure.objects.get().subject_ids == [merged.pk, who.pk]


def test_a_rule_is_changed_with_a_reason_and_recorded() -> None:
    by = administrator()
    with pytest.raises(RetentionNotValid):
        change_rule(code="interactions", days=90, is_active=True, reason="", by=by, now=EVENING)
    with pytest.raises(RetentionNotValid):
        change_rule(code="interactions", days=0, is_active=True, reason="why", by=by, now=EVENING)
    change_rule(code="interactions", days=90, is_active=True, reason="shorter", by=by, now=EVENING)
    assert {rule.purge.code: rule.days for rule in rules_in_force()}["interactions"] == 90
    row = AuditEntry.objects.get(action="compliance.change_retention")
    assert (row.reason, row.changes) == ("shorter", {"days": [396, 90]})


def test_the_page_shows_rules_and_takes_changes_and_holds() -> None:
    browser, who = signed_in(administrator(), "en"), member()
    clicked(who, 500)
    assert "Interactions" in browser.get("/admin/compliance/retention/").content.decode()
    browser.post("/admin/compliance/retention/interactions/", {"days": "90", "is_active": "1", "reason": "shorter"})
    browser.post("/admin/compliance/retention/hold/", {"member": f"#{who.pk}", "reason": "court order"})
    page = browser.get("/admin/compliance/retention/").content.decode()
    assert "court order" in page
    assert {rule.purge.code: rule.days for rule in rules_in_force()}["interactions"] == 90
