"""The privacy centre: her own link, one tap on as off, nothing personal, nothing changed by looking."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from accounts.enums import Role
from accounts.models import User
from audit.models import AuditEntry
from compliance.enums.consent import Channel, ConsentAction, Purpose, Reason
from compliance.models import ConsentEvent, SubjectRequest
from compliance.selectors.gate import may_contact
from compliance.services.links import issue_link
from compliance.services.status import mark_erased
from core.services.rate_limits import Rate
from members.models import Member
from tests.brand import signed_in
from tests.compliance.people import EVENING, member, published, said

pytestmark = pytest.mark.django_db
PHONE, NAME = "13912345678", "林晓雨"
FORMS = re.compile(r"<form.*?</form>", re.DOTALL)
INPUTS = re.compile(r'name="(\w+)" value="([^"]*)"')


@pytest.fixture
def who() -> Member:
    published()
    return member(PHONE, name=NAME)


def client(*, checked: bool = False) -> Client:
    return Client(enforce_csrf_checks=checked, headers={"accept-language": "zh-hans"})


def tap(browser: Client, path: str, purpose: str, channel: str) -> int:
    """One tap: the switch as the page shows it, sent as a browser sends it. Answers how many requests it took."""
    page = browser.get(path).content.decode()
    for form in FORMS.findall(page):
        fields = dict(INPUTS.findall(form))
        if (fields.get("purpose"), fields.get("channel")) == (purpose, channel):
            answer = browser.post(f"{path}switch/", fields)
            assert answer.status_code == 302
            return 1
    raise AssertionError("no such switch")


def allowed(who: Member) -> bool:
    return may_contact(who.pk, purpose=Purpose.MARKETING, channel=Channel.SMS, at=EVENING).allowed


@time_machine.travel(EVENING - timedelta(hours=1), tick=False)
def test_taking_back_takes_no_more_steps_than_giving(who: Member) -> None:
    """T16: as easy, and with effect at once."""
    path, browser = issue_link(member_id=who.pk, by=None, now=EVENING - timedelta(hours=1)), client(checked=True)
    giving = tap(browser, path, Purpose.MARKETING, Channel.SMS)
    assert allowed(who)
    assert tap(browser, path, Purpose.MARKETING, Channel.SMS) <= giving
    assert may_contact(who.pk, purpose=Purpose.MARKETING, channel=Channel.SMS, at=EVENING).reason == Reason.WITHDRAWN
    event = ConsentEvent.objects.order_by("id").first()
    assert event is not None
    assert (event.source, event.language, event.wording, event.preset) == (
        "page",
        "zh-hans",
        "向我发送优惠、新品和活动邀请。",
        False,
    )
    assert event.notice is not None
    assert event.notice_hash == event.notice.hash


@time_machine.travel(EVENING, tick=False)
def test_staff_choose_nothing_in_her_place(who: Member) -> None:
    """A guide makes the link and opens it in the session of the admin: it can be read there, and no more."""
    guide = User.objects.create(username="guide", role=Role.GUIDE, is_staff=True)
    Member.objects.filter(pk=who.pk).update(guide=guide)
    browser = signed_in(guide)
    path = issue_link(member_id=who.pk, by=guide, now=EVENING)
    assert browser.get(path).status_code == 200
    for place, fields in (
        ("switch/", {"purpose": "marketing", "channel": "sms", "on": "1"}),
        ("off/", {}),
        ("requests/", {"kind": "access"}),
    ):
        assert browser.post(f"{path}{place}", fields).status_code == 403
    assert (ConsentEvent.objects.count(), SubjectRequest.objects.count()) == (0, 0)


@time_machine.travel(EVENING, tick=False)
def test_who_handed_out_her_link_is_kept_with_what_she_says(who: Member) -> None:
    guide = User.objects.create(username="guide", role=Role.GUIDE, is_staff=True)
    path = issue_link(member_id=who.pk, by=guide, now=EVENING)
    fields = {"purpose": "marketing", "channel": "sms", "on": "0"}
    assert client().post(f"{path}switch/", fields).status_code == 302
    event = ConsentEvent.objects.get()
    assert (event.source, event.by, event.link_by) == ("page", None, guide)
    assert AuditEntry.objects.get(action="compliance.refuse_consent").changes["link_by"] == [None, guide.pk]


@time_machine.travel(EVENING, tick=False)
def test_everything_goes_off_with_one_tap(who: Member) -> None:
    said(who, "grant")
    said(who, "grant", purpose="provide:acme")
    path = issue_link(member_id=who.pk, by=None, now=EVENING)
    assert client().post(f"{path}off/").status_code == 302
    assert set(ConsentEvent.objects.filter(source="page").values_list("purpose", "action")) == {
        ("marketing", ConsentAction.WITHDRAW),
        ("provide:acme", ConsentAction.WITHDRAW),
    }


@time_machine.travel(EVENING, tick=False)
def test_page_shows_nothing_personal_and_changes_nothing(who: Member) -> None:
    path = issue_link(member_id=who.pk, by=None, now=EVENING)
    answer = client().get(path)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert PHONE not in page
    assert NAME not in page
    assert "林*雨" in page
    assert "139****5678" in page
    assert (answer["Referrer-Policy"], answer["X-Robots-Tag"]) == ("same-origin", "noindex")
    assert "no-store" in answer["Cache-Control"]
    assert ConsentEvent.objects.count() == 0
    for place in ("switch/", "off/"):
        assert client().get(f"{path}{place}").status_code == 405


@time_machine.travel(EVENING, tick=False)
def test_post_without_its_token_is_refused(who: Member) -> None:
    path = issue_link(member_id=who.pk, by=None, now=EVENING)
    fields = {"purpose": "marketing", "channel": "sms", "on": "1"}
    assert client(checked=True).post(f"{path}switch/", fields).status_code == 403
    assert ConsentEvent.objects.count() == 0


@time_machine.travel(EVENING, tick=False)
@pytest.mark.parametrize(
    "fields",
    [{}, {"purpose": "x", "channel": "sms", "on": "1"}, {"purpose": "marketing", "channel": "any", "on": "2"}],
)
def test_made_up_switches_are_not_there(who: Member, fields: dict[str, str]) -> None:
    path = issue_link(member_id=who.pk, by=None, now=EVENING)
    assert client().post(f"{path}switch/", fields).status_code == 404


def test_dead_links_say_so(who: Member) -> None:
    first = issue_link(member_id=who.pk, by=None, now=EVENING)
    second = issue_link(member_id=who.pk, by=None, now=EVENING)
    with time_machine.travel(EVENING, tick=False):
        assert client().get(first).status_code == 410
        assert client().get(second).status_code == 200
        assert client().get(f"{second[:-3]}xy/").status_code == 410
    with time_machine.travel(EVENING + timedelta(days=31), tick=False):
        assert client().get(second).status_code == 410
    mark_erased(member_id=who.pk, by=None, now=EVENING)
    with time_machine.travel(EVENING, tick=False):
        assert client().get(second).status_code == 410


@time_machine.travel(EVENING, tick=False)
def test_too_many_are_slowed_down(who: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("compliance.pages.centre.RATE", Rate(burst=2, per_second=0.001))
    path = issue_link(member_id=who.pk, by=None, now=EVENING)
    browser = client()
    assert [browser.get(path).status_code for _each in range(3)] == [200, 200, 429]


def test_notice_in_force_is_public(who: Member) -> None:
    answer = client().get("/privacy/notice/")
    assert answer.status_code == 200
    assert "正文" in answer.content.decode()
