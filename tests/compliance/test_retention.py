"""Nothing is kept longer than its rule says; a legal hold spares, a reason is asked, a report is left."""

from datetime import timedelta

import pytest

from audit.models import AuditEntry
from compliance.enums.consent import Channel
from compliance.errors.rights import NobodyThere, RetentionNotValid
from compliance.models import ContactEvent, ContactStatus, Erasure, RetentionRun
from compliance.selectors.retention import rules_in_force
from compliance.services import retention
from compliance.services.retention import change_rule, lift_hold, place_hold, purge_all
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
    assert ContactStatus.objects.get(pk=who.pk).restricted_at == EVENING
    assert [(run.rows, run.held) for run in purge_all(now=EVENING) if run.code == "interactions"] == [(0, 1)]
    assert lift_hold(hold=hold, reason="settled", by=by, now=EVENING)
    assert not lift_hold(hold=hold, reason="settled", by=by, now=EVENING)
    assert [run.rows for run in purge_all(now=EVENING) if run.code == "interactions"] == [1]


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
