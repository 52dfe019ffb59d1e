"""Requests of data subjects: the clock, the identity, what is done, what is answered."""

import io
import json
import zipfile
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from accounts.enums import Role
from accounts.models import User
from audit.models import AuditEntry
from compliance.admin.rights import waiting
from compliance.enums.rights import IdentityCheck, RefusalReason, RequestKind, RequestSource, RequestState
from compliance.errors.consent import ReasonNeeded
from compliance.errors.rights import (
    AnswerNeeded,
    CopyNotMade,
    IdentityNotChecked,
    NoCopyDue,
    RequestClosed,
    RequestNotValid,
)
from compliance.models import ContactStatus, Erasure, RightsSettings, SubjectRequest
from compliance.rules.working_days import add_working_days, deadline
from compliance.selectors.consent import states_of
from compliance.services.copies import make_copy
from compliance.services.links import issue_link
from compliance.services.requests import (
    cancel,
    change_rights_settings,
    fulfil,
    open_request,
    refuse,
    verify,
)
from core.errors import TooManyRequests
from core.services.rate_limits import Rate
from core.services.sealing import ERASED, open_rows
from members.models import Member, MinorAccess
from members.services.revealing import ApprovalNeeded
from tests.brand import administrator, signed_in
from tests.compliance.people import EVENING, YEAR_AGO, member, said

PHONE = "13800138000"
WISH = SubjectRequest._meta.get_field("wish")


def asked(
    who: Member, kind: str = RequestKind.ACCESS, source: str = RequestSource.PHONE, wish: str = ""
) -> SubjectRequest:
    return open_request(member_id=who.pk, kind=kind, source=source, wish=wish, by=None, now=EVENING)


def recognised(who: Member, kind: str, by: User) -> SubjectRequest:
    return verify(request=asked(who, kind), check=IdentityCheck.CALL_BACK, by=by, now=EVENING)


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        (date(2026, 11, 20), 1, date(2026, 11, 23)),
        (date(2026, 11, 20), 15, date(2026, 12, 11)),
        (date(2026, 11, 21), 1, date(2026, 11, 23)),
        (date(2026, 11, 23), 0, date(2026, 11, 23)),
    ],
)
def test_working_days_leave_out_weekends(start: date, days: int, end: date) -> None:
    assert add_working_days(start, days) == end


def test_deadline_is_the_end_of_the_last_day_in_the_zone() -> None:
    received = datetime(2026, 11, 20, 17, tzinfo=UTC)  # Saturday 01:00 in Shanghai
    assert deadline(received, 1, zone=ZoneInfo("Asia/Shanghai")) == datetime(2026, 11, 23, 16, tzinfo=UTC)


@pytest.mark.django_db
def test_a_request_is_due_in_fifteen_working_days_and_her_words_are_sealed() -> None:
    row = asked(member(PHONE), wish="please, 王小明")
    assert (row.state, row.due_at.astimezone(ZoneInfo("Asia/Shanghai")).date()) == ("received", date(2026, 12, 12))
    assert "王小明".encode() not in bytes(row.wish)
    assert open_rows(WISH, [row]) == ["please, 王小明"]
    assert AuditEntry.objects.get(action="compliance.request_opened").object_id == str(row.pk)


@pytest.mark.django_db
def test_the_same_request_twice_is_one_while_it_is_open() -> None:
    who = member(PHONE)
    first = asked(who)
    assert asked(who) == first
    cancel(request=first, by=administrator(), now=EVENING)
    assert asked(who) != first


@pytest.mark.django_db
def test_by_her_own_link_she_is_recognised() -> None:
    row = asked(member(PHONE), source=RequestSource.CENTRE)
    assert (row.state, row.identity_check) == (RequestState.VERIFIED, IdentityCheck.LINK)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "state"),
    [("access", "received"), ("delete", "received"), ("close", "received"), ("restrict", "verified")],
)
def test_by_a_link_that_staff_handed_out_she_is_not_recognised_for_copy_and_erasure(kind: str, state: str) -> None:
    by, who = administrator(), member(PHONE)
    issue_link(member_id=who.pk, by=by, now=EVENING)
    row = asked(who, kind, source=RequestSource.CENTRE)
    assert (row.state, row.link_by) == (state, by)
    issue_link(member_id=who.pk, by=None, now=EVENING)
    cancel(request=row, by=None, now=EVENING)
    again = asked(who, kind, source=RequestSource.CENTRE)
    assert (again.state, again.link_by) == (RequestState.VERIFIED, None)


@pytest.mark.django_db
def test_staff_cannot_say_that_her_link_recognised_her() -> None:
    with pytest.raises(RequestNotValid):
        verify(request=asked(member(PHONE)), check=IdentityCheck.LINK, by=administrator(), now=EVENING)


@pytest.mark.django_db
@pytest.mark.parametrize("kind", RequestKind.values)
def test_nothing_is_done_for_a_stranger(kind: str) -> None:
    row = asked(member(PHONE), kind)
    with pytest.raises(IdentityNotChecked):
        fulfil(request=row, answer="done", by=administrator(), now=EVENING)
    with pytest.raises(IdentityNotChecked):
        make_copy(request=row, by=administrator("two"), now=EVENING)


@pytest.mark.django_db
def test_a_refusal_says_why_and_what_was_answered() -> None:
    by, row = administrator(), asked(member(PHONE))
    with pytest.raises(RequestNotValid):
        refuse(request=row, reason="", answer="no", by=by, now=EVENING)
    with pytest.raises(AnswerNeeded):
        refuse(request=row, reason=RefusalReason.NO_DATA, answer=" ", by=by, now=EVENING)
    refused = refuse(request=row, reason=RefusalReason.NO_DATA, answer="no", by=by, now=EVENING)
    assert (refused.state, refused.refusal) == (RequestState.REFUSED, RefusalReason.NO_DATA)
    with pytest.raises(RequestClosed):
        cancel(request=row, by=by, now=EVENING)


@pytest.mark.django_db
def test_restricting_shuts_the_gate_and_withdrawing_ends_consents() -> None:
    by, who = administrator(), member(PHONE)
    said(who, "grant")
    fulfil(request=recognised(who, RequestKind.WITHDRAW, by), answer="done", by=by, now=EVENING)
    assert {state.action for state in states_of(who.pk).values()} == {"withdraw"}
    fulfil(request=recognised(who, RequestKind.RESTRICT, by), answer="done", by=by, now=EVENING)
    assert ContactStatus.objects.get(pk=who.pk).restricted_at == EVENING


@pytest.mark.django_db
@pytest.mark.parametrize("kind", [RequestKind.DELETE, RequestKind.CLOSE])
def test_deleting_and_closing_erase_her(kind: str) -> None:
    by, who = administrator(), member(PHONE)
    row = recognised(who, kind, by)
    erasure = fulfil(request=row, answer="done", by=by, now=EVENING)
    assert erasure is not None
    assert erasure.state == "done"
    assert not Member.objects.exists()
    row.refresh_from_db()
    assert row.state == RequestState.DONE
    assert open_rows(SubjectRequest._meta.get_field("answer"), [row]) == [ERASED]


@pytest.mark.django_db
def test_the_copy_holds_everything_as_page_and_as_data() -> None:
    by, who = administrator(), member(PHONE, name="王小明")
    said(who, "grant", YEAR_AGO)
    archive = zipfile.ZipFile(
        io.BytesIO(make_copy(request=recognised(who, RequestKind.ACCESS, by), by=by, now=EVENING))
    )
    data = json.loads(archive.read("copy.json"))["data"]
    assert data["members"]["profile"][0]["name"] == "王小明"
    assert data["members"]["identities"][0]["value"] == PHONE
    assert [event["action"] for event in data["consent"]["consents"]] == ["grant"]
    page = archive.read("copy.html").decode()
    assert "王小明" in page
    assert PHONE in page
    assert AuditEntry.objects.filter(action="compliance.copy_made").count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("kind", [kind for kind in RequestKind.values if kind != RequestKind.ACCESS])
def test_a_copy_is_made_for_a_request_for_one_alone(kind: str) -> None:
    by = administrator()
    with pytest.raises(NoCopyDue):
        make_copy(request=recognised(member(PHONE), kind, by), by=by, now=EVENING)


@pytest.mark.django_db
def test_a_copy_can_be_made_a_few_days_after_the_answer_and_never_after_a_refusal() -> None:
    by, who = administrator(), member(PHONE)
    row = recognised(who, RequestKind.ACCESS, by)
    make_copy(request=row, by=by, now=EVENING)
    fulfil(request=row, answer="sent", by=by, now=EVENING)
    row.refresh_from_db()
    assert make_copy(request=row, by=by, now=EVENING + timedelta(days=7))
    with pytest.raises(NoCopyDue):
        make_copy(request=row, by=by, now=EVENING + timedelta(days=8))
    refused = recognised(who, RequestKind.ACCESS, by)
    refuse(request=refused, reason=RefusalReason.EXCESSIVE, answer="no", by=by, now=EVENING)
    refused.refresh_from_db()
    with pytest.raises(NoCopyDue):
        make_copy(request=refused, by=by, now=EVENING)


@pytest.mark.django_db
def test_a_request_for_a_copy_is_done_when_a_copy_was_made_for_it() -> None:
    by, who = administrator(), member(PHONE)
    row = recognised(who, RequestKind.ACCESS, by)
    with pytest.raises(CopyNotMade):
        fulfil(request=row, answer="sent", by=by, now=EVENING)
    with pytest.raises(IntegrityError), transaction.atomic():
        SubjectRequest.objects.update(state="done", closed_at=EVENING)
    browser, address = signed_in(by), f"/admin/compliance/requests/{row.pk}/"
    assert (
        "还没有为这个请求制作副本" in browser.post(f"{address}fulfil/", {"answer": "好"}, follow=True).content.decode()
    )
    assert browser.post(f"{address}copy/")["Content-Type"] == "application/zip"
    browser.post(f"{address}fulfil/", {"answer": "好"})
    row.refresh_from_db()
    assert (row.state, row.copied_at is None) == (RequestState.DONE, False)
    again = recognised(who, RequestKind.ACCESS, by)
    with pytest.raises(CopyNotMade):
        fulfil(request=again, answer="sent", by=by, now=EVENING)


@pytest.mark.django_db
def test_she_is_answered_in_her_language_whatever_the_staff_reads() -> None:
    by, who = administrator(), member(PHONE)
    row = recognised(who, RequestKind.ACCESS, by)
    address = f"/admin/compliance/requests/{row.pk}/"
    page = signed_in(by, "en").get(address).content.decode()
    assert "您申请查阅、复制个人信息" in page
    assert "You asked to see" not in page
    assert "我们无法满足您的请求" in page, "refusals too"
    copy = zipfile.ZipFile(io.BytesIO(signed_in(by, "en").post(f"{address}copy/").content)).read("copy.html").decode()
    assert '<html lang="zh-hans"' in copy
    SubjectRequest.objects.update(language="en")
    assert "You asked to see" in signed_in(by).get(address).content.decode()
    path, browser = issue_link(member_id=who.pk, by=None, now=timezone.now()), Client()
    browser.post(f"{path}requests/", {"kind": "correct"}, headers={"accept-language": "en"})
    assert SubjectRequest.objects.get(kind="correct").language == "en"


@pytest.mark.django_db
def test_a_request_is_taken_down_from_the_inbox_for_a_member_whom_one_may_see() -> None:
    who, other = member(PHONE, name="王小明"), member("13800138001", name="李小红")
    browser, address = signed_in(administrator()), "/admin/compliance/requests/new/"
    assert address in browser.get("/admin/compliance/requests/").content.decode()
    found = browser.post(address, {"q": PHONE}).content.decode()
    form = f"/admin/compliance/members/{who.pk}/request/"
    assert form in found
    assert f"members/{other.pk}/request/" not in found
    assert PHONE not in found.replace(f'value="{PHONE}"', "")
    assert 'name="language"' in browser.get(form).content.decode()
    given = {"kind": "access", "source": "phone", "requester": "self", "language": "zh-hans", "wish": ""}
    row_page = browser.post(form, given)
    assert row_page["Location"] == f"/admin/compliance/requests/{SubjectRequest.objects.get().pk}/"
    guide = User.objects.create_user("guide", role=Role.GUIDE, is_staff=True)
    assert form not in signed_in(guide).post(address, {"q": "王小明"}).content.decode()
    assert signed_in(guide).get(form).status_code == 404
    auditor = signed_in(User.objects.create_user("auditor", role=Role.AUDITOR, is_staff=True))
    assert auditor.get(address).status_code == 403


@pytest.mark.django_db
def test_a_copy_of_a_minor_needs_a_second_person() -> None:
    by, who = administrator(), member(PHONE, birthday=date(2015, 6, 1))
    row = recognised(who, RequestKind.ACCESS, by)
    with pytest.raises(ApprovalNeeded):
        make_copy(request=row, by=by, now=EVENING)
    MinorAccess.objects.update(
        granted=True, decided_by=administrator("two"), decided_at=EVENING, until=EVENING + timedelta(hours=24)
    )
    assert make_copy(request=row, by=by, now=EVENING)


@pytest.mark.django_db
def test_copies_are_not_made_by_the_dozen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("compliance.services.copies.PER_HOUR", Rate(burst=1, per_second=0.001))
    by, who = administrator(), member(PHONE)
    row = recognised(who, RequestKind.ACCESS, by)
    assert make_copy(request=row, by=by, now=EVENING)
    with pytest.raises(TooManyRequests):
        make_copy(request=row, by=by, now=EVENING)


@pytest.mark.django_db
def test_the_deadline_is_a_setting_changed_with_a_reason() -> None:
    by = administrator()
    with pytest.raises(RequestNotValid):
        change_rights_settings(answer_days=10, warn_days=3, reason="", by=by, now=EVENING)
    change_rights_settings(answer_days=1, warn_days=2, reason="house rule", by=by, now=EVENING)
    assert RightsSettings.objects.get().answer_days == 1
    row = asked(member(PHONE))
    assert row.due_at - EVENING < timedelta(days=4)


@pytest.mark.django_db
def test_today_names_what_is_due_and_not_what_has_time() -> None:
    user = administrator()
    asked(member(PHONE))
    assert list(waiting(user, EVENING)) == []
    assert [item.state for item in waiting(user, EVENING + timedelta(days=20))] == ["watch"]
    assert [item.state for item in waiting(user, EVENING + timedelta(days=30))] == ["act"]


@pytest.mark.django_db
def test_staff_takes_down_recognises_and_erases_through_the_pages() -> None:
    who, browser = member(PHONE, name="王小明"), signed_in(administrator())
    assert "登记请求" in browser.get(f"/admin/members/member/{who.pk}/part/requests/").content.decode()
    form = {"kind": "delete", "source": "phone", "requester": "self", "wish": "please", "language": "zh-hans"}
    assert browser.post(f"/admin/compliance/members/{who.pk}/request/", form).status_code == 302
    row = SubjectRequest.objects.get()
    address = f"/admin/compliance/requests/{row.pk}/"
    assert "members_identity" in browser.get(address).content.decode(), "the dry run"
    browser.post(f"{address}verify/", {"check": "call_back"})
    browser.post(f"{address}fulfil/", {"answer": "done"})
    assert Erasure.objects.get().state == "done"
    assert browser.get(address).status_code == 200
    assert "王小明" not in browser.get("/admin/compliance/requests/?all=1").content.decode()
    assert browser.get("/admin/compliance/personal-data/").status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("role", "status"), [(Role.LEGAL, 200), (Role.AUDITOR, 200), (Role.GUIDE, 403), (Role.ANALYST, 403)]
)
def test_the_inbox_is_for_those_who_answer_and_audit(role: str, status: int) -> None:
    browser = signed_in(User.objects.create_user("somebody", role=role, is_staff=True))
    assert browser.get("/admin/compliance/requests/").status_code == status
    assert browser.get("/admin/compliance/personal-data/").status_code == status


@pytest.mark.django_db
def test_legal_reviewer_restricts_the_person_of_a_request_without_seeing_members() -> None:
    who = member(PHONE)
    row = asked(who, RequestKind.RESTRICT)
    legal = User.objects.create_user("reviewer", role=Role.LEGAL, is_staff=True)
    browser, page = signed_in(legal, "en"), f"/admin/compliance/requests/{row.pk}/"
    assert browser.get(f"/admin/members/member/{who.pk}/change/").status_code in {403, 302, 404}
    assert f'action="{page}restrict/"' in browser.get(page).content.decode()
    said = browser.post(f"{page}restrict/", {"reason": " "}, follow=True).content.decode()
    assert str(ReasonNeeded.message) in said
    assert not ContactStatus.objects.filter(pk=who.pk, restricted_at__isnull=False).exists()
    browser.post(f"{page}restrict/", {"reason": "she asked by letter"})
    assert ContactStatus.objects.get(pk=who.pk).restricted_at is not None
    assert "Lift the restriction" in browser.get(page).content.decode()
    browser.post(f"{page}restrict/", {"reason": "settled", "lift": "1"})
    assert ContactStatus.objects.get(pk=who.pk).restricted_at is None
    acts = AuditEntry.objects.filter(object_id=str(who.pk), action__contains="restrict").order_by("pk")
    assert [(act.action, act.reason, act.actor_id) for act in acts] == [
        ("compliance.restrict", "she asked by letter", legal.pk),
        ("compliance.lift_restriction", "settled", legal.pk),
    ]


@pytest.mark.django_db(transaction=True)
def test_nobody_is_restricted_who_is_erased() -> None:
    row = recognised(member(PHONE), RequestKind.DELETE, administrator())
    fulfil(request=row, answer="done", by=administrator("second"), now=EVENING)
    browser, page = signed_in(administrator("third"), "en"), f"/admin/compliance/requests/{row.pk}/"
    assert "restrict/" not in browser.get(page).content.decode()
    said = browser.post(f"{page}restrict/", {"reason": "late"}, follow=True).content.decode()
    assert "she may have been erased" in said


@pytest.mark.django_db
def test_an_auditor_changes_nothing() -> None:
    row = asked(member(PHONE))
    browser = signed_in(User.objects.create_user("somebody", role=Role.AUDITOR, is_staff=True))
    for path in ("verify/", "refuse/", "cancel/", "fulfil/", "copy/", "restrict/"):
        assert browser.post(f"/admin/compliance/requests/{row.pk}/{path}").status_code == 403
    assert browser.post("/admin/compliance/requests/settings/").status_code == 403


@pytest.mark.django_db
def test_she_asks_by_one_form_of_her_privacy_centre() -> None:
    who = member(PHONE)
    path, browser = issue_link(member_id=who.pk, by=None, now=timezone.now()), Client()
    assert "requests/" in browser.get(path).content.decode()
    sent = browser.post(f"{path}requests/", {"kind": "access", "wish": "all of it"})
    assert sent.status_code == 302
    row = SubjectRequest.objects.get()
    assert (row.kind, row.source, row.state) == ("access", "centre", "verified")
    assert "已收到" in browser.get(sent["Location"], headers={"accept-language": "zh-hans"}).content.decode()
    assert browser.post(f"{path}requests/", {"kind": "nonsense"}).status_code == 404
