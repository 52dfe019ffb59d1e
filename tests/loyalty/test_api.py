"""Coupons and draws for programs."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from loyalty.models import Coupon, CouponGrant, CouponRedemption, Draw
from loyalty.services.coupons import claim
from loyalty.services.draws import enter, run_draw
from tests import api
from tests.loyalty import offers

pytestmark = pytest.mark.django_db
BASE = "/api/v1/coupons/"


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(offers, "NOW", timezone.now())


def send(path: str, body: dict[str, Any], **headers: str) -> Any:
    return api.client().post(f"{BASE}{path}", body, headers=headers)


def test_coupon_is_listed_claimed_redeemed_and_given_back() -> None:
    coupon, member = offers.live(), api.member()
    listed = api.client().get(BASE, {"state": "live"}).json()["results"]
    assert [(row["id"], row["left"], row["amount"]) for row in listed] == [(coupon.pk, 50, "20.00")]
    answer = send(f"{coupon.pk}/claim/", {"member": {"id": member.pk}, "key": "welcome"})
    claimed = answer.json()
    assert (answer.status_code, claimed["new"]) == (201, True)
    again = send(f"{coupon.pk}/claim/", {"member": {"id": member.pk}, "key": "welcome"})
    assert (again.status_code, again.json()) == (200, {**claimed, "new": False})
    body = {"code": claimed["code"], "member": {"id": member.pk}, "order_no": "A1", "amount": "150.00"}
    redeemed = send("redeem/", body).json()
    assert (redeemed["benefit"], redeemed["kind"], redeemed["new"]) == ("20.00", "amount", True)
    assert send("redeem/", body).json() == {**redeemed, "new": False}
    refused = send("redeem/", {**body, "order_no": "A2"})
    assert (refused.status_code, api.errors(refused)["code"]) == (409, "coupon_code_used")
    for _time in range(3):
        back = send("release/", {"code": claimed["code"], "order_no": "A1"})
        assert (back.status_code, back.json()["redeemed"]) == (200, False)
    assert api.client().get(f"{BASE}{coupon.pk}/").json()["redeemed"] == 0


def test_idempotency_key_claims_once() -> None:
    coupon, member = offers.live(per_member=5), api.member()
    client = api.client()
    answers = [
        client.post(f"{BASE}{coupon.pk}/claim/", {"member": {"id": member.pk}}, headers={"Idempotency-Key": "one"})
        for _time in range(3)
    ]
    assert [answer.status_code for answer in answers] == [201, 201, 201]
    assert len({answer.content for answer in answers}) == 1
    assert CouponGrant.objects.count() == 1


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("999999/claim/", {"member": {"id": 1}}, 404, "not_found"),
        ("{coupon}/claim/", {"member": {"id": 999_999}}, 404, "not_found"),
        ("{coupon}/claim/", {}, 400, "invalid"),
        ("redeem/", {"code": "ABCDEFGH2345", "order_no": "A1", "amount": "1"}, 404, "coupon_code_unknown"),
        ("redeem/", {"code": "ABCDEFGH2345", "order_no": "A1", "amount": "-1"}, 400, "invalid"),
        ("redeem/", {"code": "ABCDEFGH2345", "order_no": "A1", "amount": "1", "store": "?"}, 400, "invalid"),
        ("release/", {"code": "ABCDEFGH2345", "order_no": "A1"}, 404, "coupon_code_unknown"),
    ],
)
def test_wrong_request_is_said(path: str, body: dict[str, Any], status: int, code: str) -> None:
    answer = send(path.format(coupon=offers.live().pk), body)
    assert (answer.status_code, api.errors(answer)["code"]) == (status, code)


def test_code_of_a_member_out_of_reach_is_no_code() -> None:
    ours, theirs = api.store(), api.store()
    coupon, member = offers.live(), api.member(home_store=theirs)
    code = send(f"{coupon.pk}/claim/", {"member": {"id": member.pk}}).json()["code"]
    near = api.client(stores=[ours])
    body = {"code": code, "order_no": "A1", "amount": "150.00"}
    assert near.post(f"{BASE}redeem/", body).status_code == 404
    assert near.post(f"{BASE}release/", {"code": code, "order_no": "A1"}).status_code == 404
    assert near.post(f"{BASE}{coupon.pk}/claim/", {"member": {"id": member.pk}}).status_code == 404
    assert not CouponRedemption.objects.exists()


def test_draw_is_entered_and_its_result_proves_itself() -> None:
    draw, member, client = offers.published(opens_at=timezone.now() - timedelta(minutes=1)), api.member(), api.client()
    base = f"/api/v1/draws/{draw.pk}/"
    assert client.get(base).json()["seed_hash"] == draw.seed_hash
    first = client.post(f"{base}enter/", {"member": {"id": member.pk}})
    again = client.post(f"{base}enter/", {"member": {"id": member.pk}})
    assert (first.status_code, again.status_code, again.json()["entry"]) == (201, 200, first.json()["entry"])
    more = client.post(f"{base}enter/", {"member": {"id": member.pk}, "reason": "order:A1"})
    assert (more.status_code, api.errors(more)["code"]) == (422, "chances_used")
    assert client.get(f"{base}result/").status_code == 404
    run_draw(draw=draw, by=None, now=draw.draws_at)
    result = client.get(f"{base}result/").json()
    assert result["winners"] == [{"place": 1, "entry": first.json()["entry"], "prize": draw.prizes.get().prize_id}]
    assert (result["seed_fits"], result["entries_fit"], result["winners_fit"]) == (True, True, True)


def test_key_held_to_stores_is_not_told_the_sums_of_everybody() -> None:
    coupon, draw = offers.live(), offers.published(opens_at=timezone.now() - timedelta(minutes=1))
    enter(draw=draw, member=api.member(), by=None, now=timezone.now())
    claim(coupon=coupon, member=api.member(), by=None, now=timezone.now())
    run_draw(draw=draw, by=None, now=draw.draws_at)
    free, held = api.client(), api.client(stores=[api.store()])
    sums = ("granted", "redeemed", "left")
    for client, expected, entries in ((free, [1, 0, 49], 1), (held, [None] * 3, None)):
        one = client.get(f"{BASE}{coupon.pk}/").json()
        assert ([one[name] for name in sums], one["stock"]) == (expected, 50)
        assert [client.get(BASE).json()["results"][0][name] for name in sums] == expected
        assert client.get(f"/api/v1/draws/{draw.pk}/result/").json()["entries"] == entries


def test_draft_is_not_told_to_programs() -> None:
    draw, coupon, member = offers.draft_draw(), offers.draft(), api.member()
    for address, number in (("/api/v1/draws/", draw.pk), (BASE, coupon.pk)):
        assert api.client().get(address).json()["results"] == []
        assert api.client().get(f"{address}{number}/").status_code == 404
    assert send(f"{coupon.pk}/claim/", {"member": {"id": member.pk}}).status_code == 404
    assert (Draw.objects.count(), Coupon.objects.count()) == (1, 1)
