"""Staff's pages: who may open them, what they change, and that each change is on the record."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.db.utils import ProgrammingError
from django.test import Client
from django.utils import timezone

from accounts.enums import Role
from accounts.models import User
from audit.models import AuditEntry
from compliance.enums.consent import Channel, Purpose, Reason
from compliance.models import ChannelRule, ConsentEvent, ContactSettings, ContactStatus, Notice, Suppression
from compliance.selectors.gate import may_contact
from compliance.services.gate import ContactIn, record_contacts
from compliance.services.suppression import suppress, take_reply
from members.models import Member
from tests.brand import PASSWORD, found_brand, signed_in
from tests.compliance.people import EVENING, WHOLE, YEAR_AGO, approve_notice, member, published, said

pytestmark = pytest.mark.django_db
PAGES = ("gate/", "gate/?channel=sms", "settings/", "notices/", "suppression/")


def staff(role: str) -> Client:
    user = User.objects.create_user(f"a-{role}", password=PASSWORD, role=role, is_staff=True)
    return signed_in(user, "en")


@pytest.mark.parametrize(
    ("role", "status"), [(Role.LEGAL, 200), (Role.MARKETER, 200), (Role.ADMINISTRATOR, 200), (Role.GUIDE, 403)]
)
def test_pages_open_for_those_who_run_the_gate(role: str, status: int) -> None:
    browser = staff(role)
    assert [browser.get(f"/admin/compliance/{page}").status_code for page in PAGES] == [status] * len(PAGES)


def test_dry_run_counts_and_keeps_nothing() -> None:
    who, other = member(), member()
    said(who, "grant")
    restricted = AuditEntry.objects.count()
    page = staff(Role.LEGAL).get(
        "/admin/compliance/gate/?purpose=marketing&channel=sms&at=2026-11-20T20:00&audience=all"
    )
    found = page.context["found"]
    assert (dict(found.first), found.members) == ({"allowed": 1, "no_consent": 1}, 2)
    assert AuditEntry.objects.count() == restricted
    assert other.pk != who.pk


@pytest.mark.parametrize("at", ["x", "2026-02-30T10:00", "0001-01-01T00:00", "9999-12-31T23:59"])
def test_dry_run_refuses_a_time_that_is_none(at: str) -> None:
    page = staff(Role.LEGAL).get("/admin/compliance/gate/", {"channel": "sms", "at": at})
    assert page.context["error"] == "Say the day and the time, in the years 2000 to 2100."
    assert f'value="{at}"' in page.content.decode()


def settings_form(**values: str) -> dict[str, str]:
    form = {
        "quiet_from": "22:00", "quiet_to": "07:00", "timezone": "Asia/Shanghai", "cap_messages": "4", "cap_days": "30",
        "reask_days": "90", "guardian_age": "14", "marketing_age": "18", "link_days": "30",
    }  # fmt: skip
    for rule in ChannelRule.objects.all():
        form |= {f"{rule.pk}.is_used": "1", f"{rule.pk}.most": str(rule.most), f"{rule.pk}.days": str(rule.days)}
    return {**form, **values}


def test_settings_change_with_a_reason_only() -> None:
    browser = staff(Role.LEGAL)
    assert browser.post("/admin/compliance/settings/", settings_form(cap_messages="2")).status_code == 422
    assert ContactSettings.objects.get().cap_messages == 4
    form = settings_form(cap_messages="2", reason="fewer complaints", **{"sms.most": "1"})
    assert browser.post("/admin/compliance/settings/", form).status_code == 302
    assert ContactSettings.objects.get().cap_messages == 2
    entry = AuditEntry.objects.get(action="compliance.change_settings")
    assert (entry.reason, entry.changes) == ("fewer complaints", {"cap_messages": ["4", "2"], "sms.most": ["2", "1"]})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("guardian_age", "13"),
        ("quiet_from", "25:00"),
        ("timezone", "Mars/Olympus"),
        ("sms.most", "-1"),
        ("cap_days", ""),
    ],
)
def test_settings_that_cannot_be_are_refused(field: str, value: str) -> None:
    form = settings_form(reason="x", **{field: value})
    assert staff(Role.LEGAL).post("/admin/compliance/settings/", form).status_code == 422
    assert AuditEntry.objects.filter(action="compliance.change_settings").count() == 0


def test_marketer_reads_the_settings_and_changes_none() -> None:
    assert staff(Role.MARKETER).post("/admin/compliance/settings/", settings_form(reason="x")).status_code == 403


def test_notice_is_published_only_whole_and_never_changed() -> None:
    browser = staff(Role.LEGAL)
    draft = Notice.objects.get(state="draft")
    browser.post(f"/admin/compliance/notices/{draft.pk}/publish/")
    assert not Notice.objects.get(pk=draft.pk).is_published
    texts = {f"zh-hans.{code}": text for code, text in WHOLE.items()}
    browser.post(f"/admin/compliance/notices/{draft.pk}/", texts)
    approve_notice(draft, timezone.now())
    browser.post(f"/admin/compliance/notices/{draft.pk}/publish/")
    notice = Notice.objects.get(pk=draft.pk)
    assert notice.is_published
    browser.post(f"/admin/compliance/notices/{draft.pk}/", {**texts, "zh-hans.rights": "other"})
    assert Notice.objects.get(pk=draft.pk).texts == notice.texts
    with pytest.raises(ProgrammingError), transaction.atomic():
        Notice.objects.filter(pk=draft.pk).update(texts={})
    with pytest.raises(ProgrammingError), transaction.atomic():
        Notice.objects.filter(pk=draft.pk).delete()
    browser.post("/admin/compliance/notices/begin/")
    second = Notice.objects.get(state="draft")
    assert (second.number, second.texts) == (2, notice.texts)
    browser.post(f"/admin/compliance/notices/{second.pk}/discard/")
    assert not Notice.objects.filter(state="draft").exists()


@pytest.mark.parametrize("block", ["controller", "collected", "rights"])
def test_publishing_names_the_missing_block(block: str) -> None:
    draft = Notice.objects.get(state="draft")
    browser = staff(Role.LEGAL)
    texts = {f"zh-hans.{code}": text for code, text in WHOLE.items() if code != block}
    browser.post(f"/admin/compliance/notices/{draft.pk}/", texts)
    page = browser.get(f"/admin/compliance/notices/{draft.pk}/")
    assert [entry.code for entry, wrong in page.context["checklist"] if wrong] == [block]
    assert not Notice.objects.get(pk=draft.pk).is_published


def test_suppression_outlives_the_member_and_finds_her_again() -> None:
    first = member("13912345678")
    said(first, "grant")
    assert suppress(kind="phone", value="+86 139-1234-5678", reason="opt_out", by=None, now=EVENING)
    first.identities.all().delete()
    again = member("13912345678")
    said(again, "grant")
    asked: dict[str, Any] = {"purpose": Purpose.MARKETING, "channel": Channel.WECOM, "at": EVENING}
    assert may_contact(again.pk, **asked).reason == Reason.SUPPRESSED
    assert not suppress(kind="phone", value="13912345678", reason="opt_out", by=None, now=EVENING)
    assert (
        may_contact(again.pk, purpose=Purpose.PERSONALISATION, channel=Channel.ANY, at=EVENING).reason == "no_consent"
    )


def test_suppression_page_takes_a_list_and_shows_no_number() -> None:
    browser = staff(Role.LEGAL)
    values = "13912345678\n13912345679,林晓\n\nnot a number\n13912345678"
    form = {"kind": "phone", "channel": "any", "reason": "complaint", "values": values}
    page = browser.post("/admin/compliance/suppression/add/", form, follow=True).content.decode()
    assert "2 added, 0 stood there already; lines that are no such value: 1. Lines not taken: 4." in page
    assert not re.search(r"139\d{8}", page)
    asked = {"kind": "phone", "value": "139 1234 5678"}
    assert len(browser.post("/admin/compliance/suppression/find/", asked).context["found"]) == 1
    assert "139" not in str(AuditEntry.objects.latest("id").changes)
    entry = Suppression.objects.latest("id")
    browser.post(f"/admin/compliance/suppression/{entry.pk}/lift/", {"reason": " "})
    assert Suppression.objects.filter(lifted_at=None).count() == 2
    browser.post(f"/admin/compliance/suppression/{entry.pk}/lift/", {"reason": "she asked"})
    assert Suppression.objects.filter(lifted_at=None).count() == 1


def test_reply_to_an_sms_ends_marketing_and_suppresses_the_number() -> None:
    who = member("13912345678")
    said(who, "grant")
    assert not take_reply(member_id=who.pk, channel=Channel.SMS, text="T恤有货吗", now=EVENING)
    assert take_reply(member_id=who.pk, channel=Channel.SMS, text="回T退订", now=EVENING)
    verdict = may_contact(who.pk, purpose=Purpose.MARKETING, channel=Channel.SMS, at=EVENING)
    assert verdict.refusals == (Reason.SUPPRESSED, Reason.WITHDRAWN)
    assert ConsentEvent.objects.latest("id").wording == "回T退订"


def test_caps_count_over_all_channels_and_by_channel() -> None:
    who = member()
    said(who, "grant")
    asked: dict[str, Any] = {"purpose": Purpose.MARKETING, "channel": Channel.SMS, "at": EVENING}
    sms = ContactIn(member_id=who.pk, channel=Channel.SMS)
    wecom = ContactIn(member_id=who.pk, channel=Channel.WECOM)
    group = ContactIn(member_id=who.pk, channel=Channel.WECOM, counts=False)
    record_contacts(contacts=[sms, sms, group, group], now=EVENING - timedelta(days=29))
    assert may_contact(who.pk, **asked).refusals == (Reason.CHANNEL_LIMIT,)
    record_contacts(contacts=[wecom, wecom], now=EVENING)
    assert may_contact(who.pk, **asked).refusals == (Reason.FREQUENCY_CAP, Reason.CHANNEL_LIMIT)
    later = {**asked, "at": EVENING + timedelta(days=1)}
    assert may_contact(who.pk, **later).allowed


def test_guide_gives_her_own_member_a_link_and_no_other() -> None:
    hers, other = found_brand(2)
    published()
    browser = signed_in(User.objects.get(username="guide1"), "en")
    page = browser.post(f"/admin/compliance/members/{hers.pk}/link/")
    assert page.status_code == 200
    assert browser.post(f"/admin/compliance/members/{other.pk}/link/").status_code == 404
    assert browser.post(f"/admin/compliance/members/{other.pk}/withdraw/").status_code == 404
    assert browser.get(page.context["address"].replace("http://testserver", "")).status_code == 200
    said(hers, "grant")
    browser.post(f"/admin/compliance/members/{hers.pk}/withdraw/")
    event = ConsentEvent.objects.latest("id")
    assert (event.action, event.source, event.by) == ("withdraw", "staff", User.objects.get(username="guide1"))
    panel = browser.get(f"/admin/members/member/{hers.pk}/part/consent/").content.decode()
    assert "Consent withdrawn" in panel


def test_list_shows_reachable_channels() -> None:
    found_brand(1)
    said(Member.objects.get(), "grant")
    page = signed_in(User.objects.get(username="admin"), "en").get("/admin/members/member/").content.decode()
    assert page.count('data-on="1"') == 6


@pytest.mark.parametrize(
    ("query", "names"),
    [("agreed=sms", {"a"}), ("agreed=wecom", {"a", "b"}), ("said_no=1", {"b", "c"}), ("suppressed=1", {"d"})],
)
def test_members_are_filtered_by_what_they_said(query: str, names: set[str]) -> None:
    said(member(name="a"), "grant")
    b = member(name="b")
    said(b, "grant")
    said(b, "withdraw", YEAR_AGO + timedelta(days=1), channel=Channel.SMS)
    said(member(name="c"), "refuse")
    member("13912345678", name="d")
    suppress(kind="phone", value="13912345678", reason="other", by=None, now=EVENING)
    page = staff(Role.MARKETER).get(f"/admin/members/member/?{query}")
    found = {row.member.name for row in page.context["rows"]}
    assert found == names


@pytest.mark.parametrize(("query", "names"), [("agreed=sms", {"a"}), ("said_no=1", {"b", "c"})])
def test_what_a_record_merged_into_hers_said_later_holds_in_the_filters(query: str, names: set[str]) -> None:
    for name, first, later in (("a", "refuse", "grant"), ("b", "grant", "refuse"), ("c", "grant", "")):
        who, other = member(name=name), member(name=f"{name} of old")
        said(who, first)
        said(other, later or "refuse", YEAR_AGO + timedelta(days=1), **({} if later else {"channel": Channel.SMS}))
        Member.objects.filter(pk=other.pk).update(merged_into=who)
    page = staff(Role.MARKETER).get(f"/admin/members/member/?{query}")
    assert {row.member.name for row in page.context["rows"]} == names


def test_a_suppressed_number_of_a_record_merged_into_hers_finds_her() -> None:
    who, other = member(name="a"), member("13912345678", name="b")
    suppress(kind="phone", value="13912345678", reason="other", by=None, now=EVENING)
    Member.objects.filter(pk=other.pk).update(merged_into=who)
    page = staff(Role.MARKETER).get("/admin/members/member/?suppressed=1")
    assert [row.member.name for row in page.context["rows"]] == ["a"]


def test_restriction_is_set_and_lifted_on_the_member_page_with_a_reason() -> None:
    who, browser = member("13912345678"), staff(Role.ADMINISTRATOR)
    address = f"/admin/compliance/members/{who.pk}/restrict/"
    browser.post(address, {"reason": " "})
    assert not ContactStatus.objects.filter(pk=who.pk, restricted_at__isnull=False).exists()
    browser.post(address, {"reason": "she asked by letter"})
    assert ContactStatus.objects.get(pk=who.pk).restricted_at is not None
    browser.post(address, {"reason": "settled", "lift": "1"})
    assert ContactStatus.objects.get(pk=who.pk).restricted_at is None
    acts = AuditEntry.objects.filter(object_id=str(who.pk), action__contains="restrict").order_by("pk")
    assert [(act.action, act.reason) for act in acts] == [
        ("compliance.restrict", "she asked by letter"),
        ("compliance.lift_restriction", "settled"),
    ]
    refused = {role: staff(role).post(address, {"reason": "x"}).status_code for role in (Role.MARKETER, Role.LEGAL)}
    assert refused == {Role.MARKETER: 403, Role.LEGAL: 404}
