"""Nothing unlogged (T21): every write of the API and of the admin leaves one audit row with who, what and from where."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib import admin
from django.db import models
from django.test import RequestFactory
from django.utils import timezone

from audit.admin import RecordedAdmin
from audit.enums import ActorType
from audit.models import AuditEntry
from campaigns.services.links import allow_host, create_link
from core.admin import ScrmModelAdmin
from loyalty.models import Coupon, CouponGrant, Draw
from loyalty.selectors.codes import codes_of
from loyalty.services.coupons import claim, redeem
from members.models import Member
from scrm import api as root
from segments.models import Tag, TagGroup
from segments.services.audiences import create as create_audience
from tests import api
from tests.brand import administrator
from tests.campaigns import activities as cast
from tests.scrm.pages_of_campaigns import an_offer
from tests.scrm.pages_of_moderation import decided, somebody
from tests.scrm.writes_of_content import CONTENT_WRITES, OF_SEVERAL
from tests.scrm.writes_of_earnings import EARNINGS_WRITES
from tests.scrm.writes_of_groups import GROUP_WRITES
from tests.scrm.writes_of_koc import KOC_OF_SEVERAL, KOC_WRITES
from timeline.services import make_months

pytestmark = pytest.mark.django_db
ADDRESS = "203.0.113.9"
MEMBER = {"name": "林晓"}


@pytest.fixture(autouse=True)
def _months() -> None:
    make_months(today=api.datetime.fromisoformat(api.YESTERDAY).date())


def fact(member: Member, **values: Any) -> dict[str, Any]:
    return {"items": [{"member": {"id": member.pk}, "occurred_at": api.YESTERDAY, **values}]}


def consent(member: Member) -> dict[str, Any]:
    said = {"purpose": "marketing", "action": "grant", "occurred_at": api.YESTERDAY}
    return {"items": [{"member": {"id": member.pk}, **said}]}


def tag() -> Tag:
    return Tag.objects.create(group=TagGroup.objects.create(name="肤质"), name="敏感肌")


def give_first(client: Any, member: Member) -> tuple[str, Any]:
    made = tag()
    body = {"items": [{"id": member.pk}]}
    client.post(f"/api/v1/tags/{made.pk}/give/", body)
    return f"/api/v1/tags/{made.pk}/take/", body


def coupon() -> Coupon:
    """One that is open now."""
    now, day = timezone.now(), timedelta(days=1)
    times = {"starts_at": now - day, "ends_at": now + day, "launched_at": now, "created_at": now}
    return Coupon.objects.create(name="券", kind="amount", amount=5, state="live", **times)


def order_of(member: Member) -> dict[str, Any]:
    """The body that uses a coupon of hers."""
    claimed = claim(coupon=coupon(), member=member, by=None, now=timezone.now())
    (code,) = codes_of([CouponGrant.objects.select_related("code").get(pk=claimed.grant_id)]).values()
    return {"code": code, "order_no": "A1", "amount": "10.00"}


def release_of(_client: Any, member: Member) -> tuple[str, Any]:
    body = order_of(member)
    redeem(code=body["code"], member=member, order_no="A1", amount=Decimal(10), store=None, by=None, now=timezone.now())
    return "/api/v1/coupons/release/", {"code": body["code"], "order_no": "A1"}


def draw() -> Draw:
    now, day = timezone.now(), timedelta(days=1)
    times = {"opens_at": now - day, "closes_at": now + day, "draws_at": now + day, "created_at": now}
    return Draw.objects.create(name="抽奖", state="published", seed_hash="0" * 64, published_at=now, **times)


WOMEN = {"name": "女性会员", "rule": {"filter": {"gender": ["female"]}}}
ACTIVITY = {"name": "周年庆", "level": "daily", "form": "gift"}


def take_part(member: Member) -> tuple[str, Any]:
    now = timezone.now()
    cast.people(1)
    live = cast.running(now - cast.HOUR, starts_at=now - cast.HOUR, ends_at=now + cast.DAY)
    item = {"member": {"id": member.pk}, "kind": "sign_up", "occurred_at": (now - cast.HOUR / 2).isoformat()}
    return f"/api/v1/activities/{live.pk}/participations/", {"items": [item]}


def link() -> dict[str, str]:
    allow_host(host="shop.example.com", by=None, now=timezone.now())
    return {"name": "海报", "target": "https://shop.example.com/"}


def give_to_audience() -> tuple[str, Any]:
    offer = an_offer()
    return f"/api/v1/activities/{offer.activity_id}/give/", {"coupon": offer.coupon_id}


# Every write of the API, as (address, body) that succeeds. A write that is not here fails the first test.
WRITES: dict[str, Callable[[Any, Member], tuple[str, Any]]] = {
    "post member create": lambda _client, _member: ("/api/v1/members/", MEMBER),
    "patch member partial_update": lambda _client, member: (f"/api/v1/members/{member.pk}/", {"channel": "douyin"}),
    "post member identities": lambda _client, member: (
        f"/api/v1/members/{member.pk}/identities/",
        {"type": "card", "value": "V2"},
    ),
    "post purchase create": lambda _client, member: ("/api/v1/purchases/", api.order(member)),
    "post purchase batch": lambda _client, member: ("/api/v1/purchases/batch/", {"items": [api.order(member)]}),
    "post interaction batch": lambda _client, member: ("/api/v1/interactions/batch/", fact(member, kind="browse")),
    "post touch batch": lambda _client, member: ("/api/v1/touches/batch/", fact(member, utm_source="douyin")),
    "post tag create": lambda _client, _member: ("/api/v1/tags/", {"group": tag().group.name, "name": "干性肌"}),
    "post tag give": lambda _client, member: (f"/api/v1/tags/{tag().pk}/give/", {"items": [{"id": member.pk}]}),
    "post tag take": give_first,
    "post consent batch": lambda _client, member: ("/api/v1/consents/batch/", consent(member)),
    "post audience create": lambda _client, _member: ("/api/v1/audiences/", WOMEN),
    "patch audience partial_update": lambda _client, _member: (
        f"/api/v1/audiences/{create_audience(**WOMEN, by=None, now=timezone.now()).pk}/",
        {"name": "女性"},
    ),
    "post coupon claim": lambda _client, member: (
        f"/api/v1/coupons/{coupon().pk}/claim/",
        {"member": {"id": member.pk}},
    ),
    "post coupon redeem": lambda _client, member: ("/api/v1/coupons/redeem/", order_of(member)),
    "post coupon release": release_of,
    "post draw enter": lambda _client, member: (f"/api/v1/draws/{draw().pk}/enter/", {"member": {"id": member.pk}}),
    "post activity create": lambda _client, _member: ("/api/v1/activities/", ACTIVITY),
    "patch activity partial_update": lambda _client, _member: (
        f"/api/v1/activities/{cast.draft(title='', rules_text='').pk}/",
        {"name": "b"},
    ),
    "post activity participations": lambda _client, member: take_part(member),
    "post activity give": lambda _client, _member: give_to_audience(),
    "post activity record_cost": lambda _client, _member: (
        f"/api/v1/activities/{cast.draft().pk}/costs/",
        {"kind": "media", "amount": "9.90", "day": "2026-01-01"},
    ),
    "post link create": lambda _client, _member: ("/api/v1/links/", link()),
    "post link addresses": lambda _client, member: (
        f"/api/v1/links/{create_link(**link(), by=None, now=timezone.now()).pk}/addresses/",
        {"items": [{"id": member.pk}]},
    ),
    **CONTENT_WRITES,
    **EARNINGS_WRITES,
    **KOC_WRITES,
    **GROUP_WRITES,
    "post violation create": lambda _client, _member: (
        "/api/v1/violations/",
        {"participant": somebody().pk, "text": "发广告", "occurred_at": timezone.now().isoformat()},
    ),
    "post violation appeal": lambda _client, _member: (
        f"/api/v1/violations/{decided(administrator()).pk}/appeal/",
        {"text": "不服"},
    ),
}
READS = {
    "post member lookup": "looks up by an exact value that must not stand in an address",
    "post audience estimate": "counts, and keeps nothing",
    "post gate check": "asks, and keeps nothing",
    "post gate check_batch": "asks, and keeps nothing",
    "post content create": "marks a text that is not kept",
}
# Admins whose forms are not the way to write: the verbs behind their pages record.
OWN_VERBS = {
    "members.Member": "pages of its own hand every form to members.services",
    "wecom.Corp": "its form is handed to wecom.services.corps",
    "wecom.CorpApp": "its form is handed to wecom.services.corps",
}


def writes() -> set[str]:
    found = set()
    for pattern in root.operations:
        for method, action in (getattr(pattern.callback, "actions", None) or {}).items():
            if method not in {"get", "head"}:  # Django adds HEAD when an address is first asked
                found.add(f"{method} {pattern.name.split('-')[0]} {action}")
    return found


def unlogged(admins: dict[type[models.Model], Any]) -> list[str]:
    """Models whose admin lets an administrator write without leaving an audit row."""
    request = RequestFactory().get("/")
    request.user = administrator()
    return sorted(
        model._meta.label
        for model, made in admins.items()
        if not isinstance(made, RecordedAdmin)
        and model._meta.label not in OWN_VERBS
        and (
            made.has_add_permission(request)
            or made.has_change_permission(request)
            or made.has_delete_permission(request)
        )
    )


def test_every_write_of_the_api_is_tried_here() -> None:
    assert writes() == set(WRITES) | set(READS)


@pytest.mark.parametrize("name", sorted(WRITES))
def test_write_of_the_api_leaves_one_row_for_each_object(name: str) -> None:
    client, member = api.client(), api.member()
    address, body = WRITES[name](client, member)
    before = set(AuditEntry.objects.values_list("pk", flat=True))
    answer = getattr(client, name.split(maxsplit=1)[0])(address, body, REMOTE_ADDR=ADDRESS)
    assert answer.status_code < 300, answer.content
    entries = AuditEntry.objects.exclude(pk__in=before).order_by("pk")
    assert [entry.action for entry in entries] == {**OF_SEVERAL, **KOC_OF_SEVERAL}.get(
        name, [entry.action for entry in entries[:1]]
    )
    assert entries
    assert {(entry.actor_type, entry.address) for entry in entries} == {(ActorType.API_KEY, ADDRESS)}
    assert all(entry.actor_id is not None and entry.request_id for entry in entries)
    assert all(entry.action.count(".") >= 1 for entry in entries)
    assert len({entry.xid for entry in entries}) == 1


@pytest.mark.parametrize("name", sorted(WRITES))
def test_write_that_is_refused_leaves_none(name: str) -> None:
    client, member = api.client("accounts:read"), api.member()
    address, body = WRITES[name](client, member)
    before = AuditEntry.objects.count()
    assert getattr(client, name.split(maxsplit=1)[0])(address, body).status_code == 403
    assert AuditEntry.objects.count() == before


def test_write_of_two_objects_leaves_a_row_for_each() -> None:
    body = {**MEMBER, "identities": [{"type": "card", "value": "V1"}]}
    client = api.client()
    before = set(AuditEntry.objects.values_list("pk", flat=True))
    client.post("/api/v1/members/", body)
    entries = AuditEntry.objects.exclude(pk__in=before).order_by("pk")
    assert [entry.action for entry in entries] == ["members.create", "members.add_identity"]
    assert len({entry.xid for entry in entries}) == 1


def test_every_admin_that_writes_records() -> None:
    assert unlogged(admin.site._registry) == []


def test_an_admin_that_writes_in_silence_is_found() -> None:
    class SilentAdmin(ScrmModelAdmin):
        """Planted."""

    assert unlogged({Tag: SilentAdmin(Tag, admin.site)}) == ["segments.Tag"]


def test_no_admin_has_bulk_actions_of_its_own() -> None:
    """Django's and Unfold's list actions run outside a transaction; acts on many members are pages."""
    assert [model._meta.label for model, made in admin.site._registry.items() if made.actions] == []
