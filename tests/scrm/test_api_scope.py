"""T11: nobody reads or writes a member of another store by any operation, parameter or reference in a body.

Three callers who may not know of the victim try every operation. Three gates: no answer of success where the victim
was named, the victim's sentinel in no answer, no row changed. Canaries prove that each gate fires.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from accounts.enums import Role
from accounts.models import Store, User
from campaigns.models import Activity, Participation, TrackedLink
from campaigns.services.links import allow_host, create_link
from community.models import Delivery, Group, GroupMessage, GroupParticipant, Koc, KocAcceptance, KocEvent, Ugc
from compliance.models import ConsentEvent, ConsentState
from content.models import Slot
from dashboards.models import ChurnFlag
from loyalty.models import Coupon, CouponGrant, CouponRedemption, Draw, DrawEntry
from members.models import Identity, Member, Merging
from members.services import add_identity
from segments.models import Audience, MemberStanding, MemberTag, MemberTagEvent, Tag, TagGroup, TierChange, TierRun
from tests import api
from tests.campaigns import activities as cast
from tests.content.people import slot as plan_slot
from tests.scrm.pages_of_earnings import a_delivery, a_piece, owed
from tests.scrm.probes_of_groups import probes_of_groups
from tests.scrm.probes_of_koc import probes_of_koc
from tests.scrm.probes_of_messages import probes_of_messages
from tests.scrm.probes_of_moderation import probes_of_moderation
from tests.scrm.test_api_access import OPERATIONS
from tests.scrm.test_nothing_unlogged import coupon as open_coupon
from tests.scrm.test_nothing_unlogged import draw as open_draw
from tests.scrm.test_nothing_unlogged import order_of
from timeline.models import FactKey, Interaction, OrderKey, Purchase, PurchaseLine, Touch

pytestmark = [pytest.mark.django_db]

SENTINEL = "SENTINEL-7F3A"
PHONE = "13911112222"
STEPS_OF_SLOTS = ("edit", "move", "submit", "schedule", "withdraw", "publish", "cancel", "restore")
# Operations that hold nothing of any member, each with the reason.
NOT_PERSONAL = {
    "/api/v1/tiers/": "definitions, the same for everybody",
    "/api/v1/tiers/new/": "definitions, the same for everybody",
    "/api/v1/key/": "tells the caller of herself",
    "/api/v1/audiences/": "definitions; sizes are kept from keys that are held to stores",
    "/api/v1/audiences/1/": "definitions; sizes are kept from keys that are held to stores",
    "/api/v1/tags/": "names of tags, the same for everybody",
    "/api/v1/tags/1/": "names of tags, the same for everybody",
    "/api/v1/content-checks/": "holds a text against the lexicon and keeps nothing",
    "/api/v1/coupons/": "rules; sums are kept from keys that are held to stores",
    "/api/v1/coupons/1/": "rules; sums are kept from keys that are held to stores",
    "/api/v1/draws/": "published rules, the same for everybody",
    "/api/v1/draws/1/": "published rules, the same for everybody",
    "/api/v1/draws/1/result/": "numbers of entries, which tell nobody's name",
    "/api/v1/activities/": "plans of the brand; sizes are kept from keys that are held to stores",
    "/api/v1/activities/1/": "plans of the brand; sizes are kept from keys that are held to stores",
    "/api/v1/content-types/": "definitions, the same for everybody",
    "/api/v1/materials/": "texts and files of the brand",
    "/api/v1/materials/1/versions/": "texts and files of the brand",
    "/api/v1/materials/1/add-version/": "texts and files of the brand",
    "/api/v1/slots/": "plans of the brand",
    "/api/v1/slots/1/": "plans of the brand",
    **{f"/api/v1/slots/1/{step}/": "plans of the brand" for step in STEPS_OF_SLOTS},
    "/api/v1/cadence/": "plans of the brand",
    "/api/v1/cadence/1/suggestions/": "moments, from the sums of everybody's interactions by hour",
    "/api/v1/metrics/": "definitions, the same for everybody",
    "/api/v1/metrics/new/": "definitions, the same for everybody",
    "/api/v1/snapshots/": "sums; a key that is held to stores sees those of its stores alone: test_metrics_api.py",
    "/api/v1/links/": "addresses of the brand",
    "/api/v1/links/1/": "addresses of the brand",
    "/api/v1/koc/texts/": "texts of the brand, the same for everybody",
    "/api/v1/koc-tasks/": "briefs of the brand",
    "/api/v1/koc-tasks/1/": "briefs of the brand",
    "/api/v1/churn-curve/": "counts of silences; a key that is held to stores is told those of its stores",
    "/api/v1/preferences/": "sums over buyers; a key that is held to stores is told those of its stores",
}
# A probe that is refused for another reason than the reference in it would prove nothing.
REFERENCES = {"home_store", "guide", "store", "participant"}
WATCHED = (
    Group,
    GroupParticipant,
    GroupMessage,
    Participation,
    Member,
    Merging,
    Identity,
    Purchase,
    PurchaseLine,
    OrderKey,
    Interaction,
    Touch,
    FactKey,
    MemberStanding,
    MemberTag,
    MemberTagEvent,
    TierChange,
    ChurnFlag,
    ConsentEvent,
    ConsentState,
    CouponGrant,
    CouponRedemption,
    DrawEntry,
    Delivery,
    Ugc,
    Koc,
    KocEvent,
    KocAcceptance,
)


@dataclass
class Case:
    """The victim in a store of her own, and a member of the caller."""

    victim: Member
    own: Member
    store: Store
    home: Store
    guide: User
    tag: Tag
    coupon: Coupon
    code: str
    draw: Draw
    activity: Activity
    link: TrackedLink
    slot: Slot


@pytest.fixture
def case() -> Case:
    theirs, ours = api.store(f"{SENTINEL}-store"), api.store("OURS")
    guide = User.objects.create(username=f"{SENTINEL}-guide", role=Role.GUIDE)
    guide.stores.add(theirs)
    victim = api.member(f"{SENTINEL}-card", home_store=theirs, guide=guide, name=f"{SENTINEL} 林")
    add_identity(member=victim, type="phone", value=PHONE, by=None, now=timezone.now())
    api.client().post("/api/v1/purchases/", api.order(victim, f"{SENTINEL}-order"))
    _stand(victim)
    tag = Tag.objects.create(group=TagGroup.objects.create(name="group"), name="tag")
    MemberTag.objects.create(tag=Tag.objects.create(group=tag.group, name=SENTINEL), member=victim, source="manual")
    coupon, draw = open_coupon(), open_draw()
    code = order_of(victim)["code"]
    own = api.member("ours", home_store=ours)
    return Case(victim, own, theirs, ours, guide, tag, coupon, code, draw, _activity(), _link(), _slot())


def _activity() -> Activity:
    """One that runs, made without the victim in its audience."""
    now = timezone.now()
    cast.people(1)
    return cast.running(now - cast.HOUR, starts_at=now - cast.HOUR, ends_at=now + cast.DAY)


def _link() -> TrackedLink:
    now = timezone.now()
    allow_host(host="shop.example.com", by=None, now=now)
    return create_link(name="海报", target="https://shop.example.com/", by=None, now=now)


def _slot() -> Slot:
    now = timezone.now()
    return plan_slot(at=now + cast.DAY, now=now)


def _stand(victim: Member) -> None:
    """A tier named by the sentinel, as if a run had found it."""
    now, tier = timezone.now(), SENTINEL[:20]
    numbers = {"horizon": 1, "ceiling": 1, "members": 1, "moved": 1, "seconds": 1}
    texts = {"kind": "full", "definitions": {}, "cutoffs": {}, "by_tier": {}}
    run = TierRun.objects.create(as_of=now, started_at=now, **numbers, **texts)
    TierChange.objects.create(member=victim, at=now, to_tier=tier, run=run)
    MemberStanding.objects.create(member=victim, tier=tier, tier_since=now, known_at=now)
    day = timezone.localdate(now)
    ChurnFlag.objects.create(member=victim, seen=day, days=3, scope=f"tier:{tier}", since=day)


def callers(home: Store, own: Member) -> Iterator[tuple[str, Any]]:
    """A program held to one store, the manager of that store, a guide of it."""
    yield "program", api.client(user=api.program(stores=[home]))
    yield "manager", api.client(user=api.program(stores=[home], role=Role.STORE_MANAGER))
    guide = api.program(stores=[home], role=Role.GUIDE)
    Member.objects.filter(pk=own.pk).update(guide=guide)
    yield "guide", api.client(user=guide)


def references(victim: Member) -> list[dict[str, Any]]:
    """All ways to mean the victim."""
    return [
        {"id": victim.pk},
        {"type": "external_id", "value": f"{SENTINEL}-card"},
        {"type": "phone", "value": PHONE},
    ]


def probes_of_consent(who: Any, fact: dict[str, Any]) -> Iterator[tuple[str, str, Any, bool]]:
    consent = {**fact, "purpose": "marketing", "action": "grant"}
    yield "post", "/api/v1/consents/batch/", {"items": [consent]}, True
    yield "post", "/api/v1/gate/check/", {"member": who, "channel": "sms"}, True
    yield "post", "/api/v1/gate/check-batch/", {"members": [who], "channel": "sms"}, True


def probes_of_audiences() -> Iterator[tuple[str, str, Any, bool]]:
    everybody = {"all": [{"purchases": {"measure": "orders", "operator": ">=", "value": "0"}}]}
    audience, _new = Audience.objects.get_or_create(name="everybody", defaults={"rule": everybody})
    yield "get", f"/api/v1/audiences/{audience.pk}/members/", None, False
    yield "post", "/api/v1/audiences/estimate/", {"rule": everybody}, False


def probes_of_offers(case: Case, who: Any) -> Iterator[tuple[str, str, Any, bool]]:
    coupon, draw = case.coupon.pk, case.draw.pk
    yield "post", f"/api/v1/coupons/{coupon}/claim/", {"member": who}, True
    yield "post", f"/api/v1/draws/{draw}/enter/", {"member": who}, True
    for whose in ({}, {"member": who}):
        yield "post", "/api/v1/coupons/redeem/", {"code": case.code, "order_no": "A1", "amount": "1", **whose}, True
    yield "post", "/api/v1/coupons/release/", {"code": case.code, "order_no": "A1"}, True


def probes_of_earnings(case: Case) -> Iterator[tuple[str, str, Any, bool]]:
    """The victim is a KOC who handed something in, made something, and is owed something."""
    delivery = Delivery.objects.filter(koc__member=case.victim).first() or a_delivery(case.victim, title="task")
    piece = Ugc.objects.filter(member=case.victim).first() or a_piece(case.victim)
    owed(case.victim)
    for address in ("koc-deliveries/", "koc-ledger/", "koc-orders/", "ugc/"):
        yield "get", f"/api/v1/{address}", None, False
    yield "get", f"/api/v1/koc-ledger/?koc={delivery.koc_id}", None, False
    yield "get", f"/api/v1/koc-deliveries/{delivery.pk}/", None, True
    yield "post", f"/api/v1/koc-deliveries/{delivery.pk}/hand-in/", {"text": "stolen"}, True
    yield "get", f"/api/v1/ugc/{piece.pk}/", None, True
    for who in references(case.victim):
        yield "post", f"/api/v1/koc-tasks/{delivery.task_id}/take/", {"member": who}, True
        yield "post", "/api/v1/ugc/", {"member": who, "key": "7", "kind": "text", "title": "x", "text": "x"}, True
    yield from probes_of_koc(case.victim, references(case.victim), sign=PHONE[-4:])


def probes_of_reaching(case: Case) -> Iterator[tuple[str, str, Any, bool]]:
    yield from probes_of_activities(case)
    yield from probes_of_messages(case.victim, sign=SENTINEL)
    yield from probes_of_communities(case)


def probes_of_communities(case: Case) -> Iterator[tuple[str, str, Any, bool]]:
    yield from probes_of_groups(case.victim, references(case.victim), case.store, case.home)
    yield from probes_of_moderation(case.store, sign=PHONE[-4:])
    yield from probes_of_earnings(case)


def probes(case: Case) -> Iterator[tuple[str, str, Any, bool]]:
    """(method, address, body, whether success would be a fault) of every attempt."""
    victim, own = case.victim, case.own
    base = f"/api/v1/members/{victim.pk}/"
    for name in ("", "purchases/", "tags/", "tier-history/", "standing/", "consents/"):
        yield "get", base + name, None, True
    yield "patch", base, {"name": "stolen"}, True
    yield "patch", base, {"home_store": case.home.code}, True
    yield "post", f"{base}identities/", {"type": "card", "value": "stolen"}, True
    yield from probes_of_merging(case)
    yield "get", "/api/v1/tiers/flow/?since=2026-01-01&until=2026-01-02", None, True
    for store in (case.store.code, None):
        yield "patch", f"/api/v1/members/{own.pk}/", {"home_store": store}, True
        yield "post", "/api/v1/members/", {"name": "x", "home_store": store}, True
    yield "patch", f"/api/v1/members/{own.pk}/", {"guide": case.guide.username}, True
    yield "post", "/api/v1/members/", {"home_store": case.home.code, "guide": case.guide.username}, True
    yield from probes_of_lists(case)
    for who, act in itertools.product(references(victim), ("give", "take")):
        yield "post", f"/api/v1/tags/{case.tag.pk}/{act}/", {"items": [who]}, True
    yield from probes_of_reaching(case)
    for who in references(victim):
        fact = {"member": who, "occurred_at": api.YESTERDAY}
        yield "post", "/api/v1/purchases/", api.order(who), True
        yield "post", "/api/v1/purchases/batch/", {"items": [api.order(who)]}, True
        yield "post", "/api/v1/interactions/batch/", {"items": [{**fact, "kind": "browse"}]}, True
        yield "post", "/api/v1/touches/batch/", {"items": [fact]}, True
        yield from probes_of_consent(who, fact)
        yield from probes_of_offers(case, who)
        inviter = {"member": {"id": own.pk}, "occurred_at": api.YESTERDAY, "inviter": who}
        yield "post", "/api/v1/touches/batch/", {"items": [inviter]}, True
    here = {"member": {"id": own.pk}, "occurred_at": api.YESTERDAY, "store": case.store.code}
    yield "post", "/api/v1/interactions/batch/", {"items": [{**here, "kind": "visit"}]}, True
    yield "post", "/api/v1/purchases/", api.order(own, store=case.store.code), True
    yield "post", "/api/v1/purchases/batch/", {"items": [api.order(own, store=case.store.code)]}, True


def probes_of_merging(case: Case) -> Iterator[tuple[str, str, Any, bool]]:
    """The victim merged into a member of the caller's or the other way, and let go by whoever sees one of the two."""
    why = {"reason": "同一个手机号码"}
    for who in references(case.victim):
        yield "post", f"/api/v1/members/{case.own.pk}/merge/", {"member": who, **why}, True
    yield "post", f"/api/v1/members/{case.victim.pk}/merge/", {"member": {"id": case.own.pk}, **why}, True
    yield "post", f"/api/v1/members/{case.victim.pk}/unmerge/", why, True
    merged, _new = Member.objects.get_or_create(name="merged", home_store=case.home, merged_into=case.victim)
    yield "post", f"/api/v1/members/{merged.pk}/unmerge/", why, True


def probes_of_lists(case: Case) -> Iterator[tuple[str, str, Any, bool]]:
    for query in ("", f"?store={case.store.code}", f"?guide={case.guide.username}", "?registered_from=2020-01-01"):
        yield "get", f"/api/v1/members/{query}", None, False
    for query in ("", "?r=1", f"?tier={SENTINEL[:20]}"):
        yield "get", f"/api/v1/standings/{query}", None, False
    yield "get", "/api/v1/stores/", None, False
    for query in ("", "?open=true"):
        yield "get", f"/api/v1/churn-flags/{query}", None, False
    yield from probes_of_audiences()
    for kind, value in (("external_id", f"{SENTINEL}-card"), ("phone", PHONE)):
        yield "post", "/api/v1/members/lookup/", {"type": kind, "value": value}, True


def probes_of_activities(case: Case) -> Iterator[tuple[str, str, Any, bool]]:
    """Sums of everybody, and the victim as somebody who took part or is given an address."""
    for part in ("results", "costs"):
        yield "get", f"/api/v1/activities/{case.activity.pk}/{part}/", None, True
    spent = {"kind": "media", "amount": "1", "day": "2026-01-01"}
    yield "post", f"/api/v1/activities/{case.activity.pk}/costs/", spent, True
    yield "get", f"/api/v1/links/{case.link.pk}/clicks/", None, True
    yield "get", f"/api/v1/slots/{case.slot.pk}/results/", None, True
    yield "post", f"/api/v1/activities/{case.activity.pk}/give/", {"coupon": 1}, True
    moment = str(case.activity.started_at.isoformat()) if case.activity.started_at else ""
    for who in references(case.victim):
        took = {"member": who, "kind": "sign_up", "occurred_at": moment}
        yield "post", f"/api/v1/activities/{case.activity.pk}/participations/", {"items": [took]}, True
        yield "post", f"/api/v1/links/{case.link.pk}/addresses/", {"items": [who]}, True


def rows() -> str:
    """Everything in the watched tables, as one text."""
    found = []
    with connection.cursor() as cursor:
        for model in WATCHED:
            cursor.execute(f"SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {model._meta.db_table} t")
            found.append(f"{model._meta.db_table}: {cursor.fetchone()[0]}")
    return "\n".join(found)


def faults(who: str, answer: Any, attempt: tuple[str, str, Any, bool], before: str) -> list[str]:
    """Which gates fire."""
    method, address, _body, named = attempt
    found = []
    if named and answer.status_code < 400:
        found.append("success")
    if SENTINEL in answer.content.decode() or PHONE[-4:] in answer.content.decode():
        found.append("sentinel")
    if rows() != before:
        found.append("mutation")
    return [f"{who} {method} {address}: {gate} ({answer.status_code})" for gate in found]


def test_no_operation_reaches_a_member_of_another_store(case: Case) -> None:
    found = []
    for (who, client), attempt in itertools.product(list(callers(case.home, case.own)), list(probes(case))):
        before = rows()
        answer = getattr(client, attempt[0])(attempt[1], attempt[2])
        assert answer.status_code != 400 or set(api.errors(answer)["fields"]) <= REFERENCES, attempt
        found += faults(who, answer, attempt, before)
    assert found == []


def test_every_operation_is_probed_or_has_a_reason(case: Case) -> None:
    tried = {(method, _shape(address)) for method, address, _body, _named in probes(case)}
    all_of_them = {(method, _shape(address)) for address, method, _callback in OPERATIONS}
    skipped = {(method, shape) for method, shape in all_of_them if shape in set(map(_shape, NOT_PERSONAL))}
    assert all_of_them - tried == skipped
    assert tried <= all_of_them


def _shape(address: str) -> str:
    parts = address.partition("?")[0].split("/")
    return "/".join("1" if part.isdigit() else part for part in parts)


def test_caller_without_bounds_passes_where_the_others_fail(case: Case) -> None:
    """The probes would succeed if it were allowed: a test that cannot fail proves nothing."""
    client = api.client()
    reading = [attempt for attempt in probes(case) if attempt[0] == "get" and f"/{case.victim.pk}/" in attempt[1]]
    assert {client.get(attempt[1]).status_code for attempt in reading} == {200}
    writing = ("post", "/api/v1/purchases/", api.order(case.victim, "canary"), True)
    before = rows()
    answer = client.post(writing[1], writing[2])
    assert [fault.split(": ")[1].split(" ")[0] for fault in faults("canary", answer, writing, before)] == [
        "success",
        "mutation",
    ]
    listing = ("get", "/api/v1/members/", None, False)
    assert faults("canary", client.get(listing[1]), listing, rows()) == ["canary get /api/v1/members/: sentinel (200)"]


def test_canary_planted_in_the_scope_is_caught(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """A `visible_to` that forgets its user lets everything through, and every gate fires."""
    caller = dict(callers(case.home, case.own))["program"]
    monkeypatch.setattr(type(Member.objects.all()), "visible_to", lambda queryset, user: queryset)
    monkeypatch.setattr("members.models.Member.objects.visible_to", lambda user: Member.objects.all())
    gates = set()
    for attempt in probes(case):
        before = rows()
        answer = getattr(caller, attempt[0])(attempt[1], attempt[2])
        gates |= {fault.split(": ")[1].split(" ")[0] for fault in faults("canary", answer, attempt, before)}
    assert gates == {"success", "sentinel", "mutation"}
