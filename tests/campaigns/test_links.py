"""Tracked links: what may stand in one, the redirect, bots, and the facts behind each click."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from audit.models import AuditEntry
from campaigns.consumers import LinkClicks
from campaigns.errors import HostNotValid, LinkClosed, LinkNotValid
from campaigns.models import LinkClick, LinkDay, TrackedLink
from campaigns.rules.addresses import host_of, target_host, with_utm
from campaigns.rules.bots import bot_reason
from campaigns.services.links import allow_host, close_link, create_link, member_of, personal_paths, refuse_host
from compliance.services.status import mark_erased
from content.consumers import SlotReaches
from content.models import Slot
from content.selectors.results import people_by_act
from members.models import Member
from tests.content.people import slot as plan_slot
from tests.timeline.facts import settle
from timeline.models import Interaction, Touch
from timeline.services import follow, make_months

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
PHONE = {
    "User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 "
    "Mobile/15E148 MicroMessenger/8.0.50(0x18003233) NetType/WIFI Language/zh_CN"
}


@pytest.fixture
def phone() -> Client:
    return Client(headers=PHONE)


def link(**values: Any) -> TrackedLink:
    allow_host(host="shop.example.com", by=None, now=NOW)
    given = {"name": "双11 海报", "target": "https://shop.example.com/a?x=1#top", "utm": {"utm_source": "公众号"}}
    return create_link(**{**given, **values}, by=None, now=NOW)


@pytest.mark.django_db
def test_link_adds_its_parameters_and_keeps_the_rest() -> None:
    made = link(utm={"utm_source": "wechat", "utm_campaign": "双11"})
    assert made.destination == "https://shop.example.com/a?x=1&utm_source=wechat&utm_campaign=%E5%8F%8C11#top"
    assert (len(made.code), made.host_id) == (7, "shop.example.com")
    assert AuditEntry.objects.filter(action="campaigns.create_link", object_id=str(made.pk)).count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    "target",
    [
        "http://shop.example.com/",
        "https://evil.example.net/",
        "https://shop.example.com.evil.net/",
        "https://shop.example.com@evil.net/",
        "https://shop.example.com:8443/",
        "https://evil.net\\@shop.example.com/",
        "https://shop.example.com\\.evil.net/",
        "javascript:alert(1)",
        "//shop.example.com/",
        "https://shop.example.com/a b",
        "https://shop.example.com/\r\nSet-Cookie: a=b",
        "https://[::1/",
        "",
        "https://127.0.0.1/",
    ],
)
def test_link_to_anywhere_else_is_refused(target: str) -> None:
    with pytest.raises(LinkNotValid) as refused:
        link(target=target)
    assert list(refused.value.fields) == ["target"]
    assert TrackedLink.objects.count() == 0


@pytest.mark.django_db
def test_link_with_too_much_is_refused_whole() -> None:
    with pytest.raises(LinkNotValid) as refused:
        link(name=" ", utm={"utm_source": "a" * 10_240, "utm_term": "a\x07"}, channel="c" * 41)
    assert list(refused.value.fields) == ["name", "channel", "utm_source", "utm_term"]
    assert TrackedLink.objects.count() == 0
    assert link(utm={"utm_source": "a" * 100}).utm_source == "a" * 100


@pytest.mark.django_db
def test_host_is_a_name_alone() -> None:
    assert allow_host(host=" Mall.Example.COM. ", by=None, now=NOW).host == "mall.example.com"
    for wrong in ("", "https://shop.example.com", "shop.example.com/a", "127.0.0.1", "localhost", "a b.com"):
        with pytest.raises(HostNotValid):
            allow_host(host=wrong, by=None, now=NOW)


@pytest.mark.django_db
def test_click_leads_on_by_one_statement(phone: Client) -> None:
    made = link()
    with CaptureQueriesContext(connection) as queries:
        answer = phone.get(made.path)
    assert (answer.status_code, answer["Location"]) == (302, made.destination)
    assert "no-store" in answer["Cache-Control"]
    assert len(queries) == 1
    (click,) = LinkClick.objects.all()
    assert (click.link_id, click.member_id, click.bot) == (made.pk, None, "")


@pytest.mark.django_db
def test_link_that_is_closed_or_off_the_list_leads_nowhere(phone: Client) -> None:
    made, other = link(), link(name="另一个")
    close_link(link=made, by=None, now=NOW)
    with pytest.raises(LinkClosed):
        close_link(link=made, by=None, now=NOW)
    refuse_host(host=other.host, by=None, now=NOW)
    assert [phone.get(path).status_code for path in (made.path, other.path, "/l/nothing", "/l/x/y")] == [404] * 4
    assert LinkClick.objects.count() == 0
    allow_host(host="shop.example.com", by=None, now=NOW)
    assert phone.get(other.path).status_code == 302


@pytest.mark.django_db
def test_personal_address_is_hers_on_this_link_only(phone: Client) -> None:
    made, other, member = link(), link(name="另一个"), Member.objects.create(name="林晓")
    (path,) = personal_paths(made, [member.pk]).values()
    token = path.rpartition("/")[2]
    assert (member_of(made.code, token), member_of(other.code, token)) == (member.pk, None)
    for address in (path, f"{other.path}/{token}", f"{made.path}/{member.pk}.forged"):
        assert phone.get(address).status_code == 302
    assert list(LinkClick.objects.order_by("pk").values_list("member", flat=True)) == [member.pk, None, None]


@pytest.mark.django_db
def test_click_of_an_erased_member_is_nobodys(phone: Client) -> None:
    made, member = link(), Member.objects.create(name="林晓")
    mark_erased(member_id=member.pk, by=None, now=NOW)
    assert phone.get(personal_paths(made, [member.pk])[member.pk]).status_code == 302
    assert phone.get(personal_paths(made, [10**18])[10**18]).status_code == 302
    assert list(LinkClick.objects.values_list("member", flat=True)) == [None, None]


@pytest.mark.django_db
def test_only_get_and_head_are_answered(phone: Client) -> None:
    made = link()
    assert phone.post(made.path).status_code == 405
    assert phone.head(made.path).status_code == 302
    assert list(LinkClick.objects.values_list("bot", flat=True)) == ["head"]


@pytest.mark.parametrize(
    ("method", "headers", "reason"),
    [
        ("GET", PHONE, ""),
        ("GET", {"User-Agent": "Mozilla/5.0 (Linux; Android 13; CUBOT P80) AppleWebKit/537.36 Chrome/126 Mobile"}, ""),
        ("HEAD", PHONE, "head"),
        ("GET", {**PHONE, "Sec-Purpose": "prefetch;prerender"}, "prefetch"),
        ("GET", {**PHONE, "Purpose": "preview"}, "prefetch"),
        ("GET", {}, "no_agent"),
        ("GET", {"User-Agent": "Mozilla/5.0 (compatible; Baiduspider/2.0)"}, "agent"),
        ("GET", {"User-Agent": "Mozilla/5.0 (compatible; bingbot/2.0)"}, "agent"),
        ("GET", {"User-Agent": "curl/8.5.0"}, "agent"),
        ("GET", {"User-Agent": "python-requests/2.32"}, "agent"),
        ("GET", {"User-Agent": "Mozilla/5.0 HeadlessChrome/126"}, "agent"),
    ],
)
def test_bots_are_told_from_people(method: str, headers: dict[str, str], reason: str) -> None:
    assert bot_reason(method, headers) == reason


@pytest.mark.parametrize(
    ("target", "utm", "destination"),
    [
        ("https://a.cn/", {}, "https://a.cn/"),
        ("https://a.cn/?utm_source=x&a=1&a=2", {"utm_source": "y"}, "https://a.cn/?a=1&a=2&utm_source=y"),
        ("https://a.cn/#frag", {"utm_term": "a&b"}, "https://a.cn/?utm_term=a%26b#frag"),
    ],
)
def test_utm_is_added_beside_what_stands_there(target: str, utm: dict[str, str], destination: str) -> None:
    assert with_utm(target, utm) == destination


def test_hosts_are_read_as_browsers_do() -> None:
    assert host_of("商城.example.com") == "xn--czru2d.example.com"
    assert target_host("https://SHOP.example.com./a") == "shop.example.com"


@pytest.mark.django_db(transaction=True)
def test_facts_follow_clicks_once(phone: Client) -> None:
    make_months(today=timezone.localdate())
    made, member = link(channel="公众号"), Member.objects.create(name="林晓")
    slot = plan_slot(at=timezone.now() + timedelta(days=1), now=timezone.now())
    out = {
        "published_at": timezone.now() - timedelta(hours=1),
        "published_by": slot.owner,
        "link": "https://example.com/",
    }
    Slot.objects.filter(pk=slot.pk).update(state="published", **out)
    TrackedLink.objects.filter(pk=made.pk).update(slot=slot)
    (path,) = personal_paths(made, [member.pk]).values()
    for address in (path, path, made.path):
        phone.get(address)
    phone.head(made.path)
    settle()
    later = timezone.now() + timedelta(seconds=1)
    assert (follow(LinkClicks(), now=later), follow(LinkClicks(), now=later)) == (4, 0)
    assert (
        list(Interaction.objects.values_list("member", "kind", "channel", "subject", "source"))
        == [(member.pk, "click", "公众号", "双11 海报", "link")] * 2
    )
    settle()
    follow(SlotReaches(), now=later)
    assert people_by_act([slot.pk]) == {slot.pk: {"click": 1}}
    assert list(Touch.objects.values_list("member", "utm_source", "code")) == [(member.pk, "公众号", made.code)] * 2
    (day,) = LinkDay.objects.all()
    assert (day.humans, day.known, day.bots) == (3, 2, 1)
