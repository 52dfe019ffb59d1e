"""Pages of offers: who may open them, what they cost, what they say, and that nothing typed is lost."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.enums import Role
from accounts.models import User
from audit.models import AuditEntry
from core.registries import permissions_of
from loyalty.models import Coupon, CouponCode, CouponGrant, Draw, DrawEntry, OfferSettings, Prize
from loyalty.pages import codes
from loyalty.services.coupons import claim
from loyalty.services.coupons.codes import MOST_AT_ONCE
from loyalty.services.draws import enter, run_draw
from tests import api
from tests.brand import administrator, signed_in
from tests.loyalty import offers

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(offers, "NOW", timezone.now())


@pytest.fixture
def marketer() -> Client:
    return signed_in(staff(Role.MARKETER), "en")


def staff(role: str) -> User:
    return User.objects.create_user(f"the-{role}", role=role, is_staff=True, display_name="林可")


def pages() -> list[tuple[str, str]]:
    """Address and permission of every page, with one of everything."""
    coupon, draw, prize = offers.live(), offers.published(), Prize.objects.first() or offers.prize()
    return [
        (reverse("loyalty:coupons"), "loyalty.view_coupon"),
        (reverse("loyalty:coupon", args=(coupon.pk,)), "loyalty.view_coupon"),
        (reverse("loyalty:coupon_add"), "loyalty.add_coupon"),
        (reverse("loyalty:coupon_edit", args=(coupon.pk,)), "loyalty.change_coupon"),
        (reverse("loyalty:prizes"), "loyalty.view_prize"),
        (f"{reverse('loyalty:prizes')}?edit={prize.pk}", "loyalty.view_prize"),
        (reverse("loyalty:draws"), "loyalty.view_draw"),
        (reverse("loyalty:draw", args=(draw.pk,)), "loyalty.view_draw"),
        (reverse("loyalty:draw_add"), "loyalty.add_draw"),
        (reverse("loyalty:draw_edit", args=(draw.pk,)), "loyalty.change_draw"),
    ]


@pytest.mark.parametrize("role", [role for role in Role.values if role != Role.API_CLIENT])
def test_pages_open_by_the_grants_alone(role: str) -> None:
    client = signed_in(staff(role) if role != Role.ADMINISTRATOR else administrator(), "zh-hans")
    for address, permission in pages():
        allowed = role == Role.ADMINISTRATOR or permission in permissions_of(role)
        assert client.get(address).status_code == (200 if allowed else 403), address


@pytest.mark.parametrize("name", ["coupons", "draws", "prizes", "coupon", "draw"])
def test_page_costs_the_same_with_more_rows(
    name: str, marketer: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    coupon, draw = offers.live(), offers.published()

    def grow(count: int) -> None:
        for _number in range(count):
            claim(coupon=coupon, member=api.member(), by=None, now=timezone.now())
            enter(draw=draw, member=api.member(), by=None, now=draw.opens_at)
            offers.draft()
            offers.draft_draw()

    args = {"coupon": (coupon.pk,), "draw": (draw.pk,)}.get(name, ())
    address = reverse(f"loyalty:{name}", args=args)
    grow(1)
    marketer.get(address)
    with django_assert_max_num_queries(40) as first:
        marketer.get(address)
    grow(3)
    with django_assert_max_num_queries(len(first)):
        assert marketer.get(address).status_code == 200


def form(**values: Any) -> dict[str, Any]:
    given = {
        "name": "周年满减券",
        "kind": "amount",
        "amount": "20",
        "min_spend": "100",
        "code_source": "claim",
        "stock": "50",
        "per_member": "1",
        "starts_at": "2026-11-01T00:00",
        "ends_at": "2030-11-30T00:00",
        "stacking": "exclusive",
        "terms": "每人一张。",
    }
    return {**given, **values}


def test_coupon_is_made_on_a_page_submitted_launched_and_ended(marketer: Client) -> None:
    cost = marketer.post(reverse("loyalty:coupon_add"), form(act="cost"))
    assert cost.status_code == 200
    assert "¥1,000" in cost.content.decode()
    assert not Coupon.objects.exists()
    saved = marketer.post(reverse("loyalty:coupon_add"), form(act="save"), follow=True)
    coupon = Coupon.objects.get()
    assert "Submit for legal review" in saved.content.decode()
    move = reverse("loyalty:coupon_move", args=(coupon.pk,))
    assert marketer.post(move, {"verb": "launch"}).status_code == 422
    offers.approved(coupon)
    for verb, state in (("launch", "live"), ("pause", "paused"), ("launch", "live"), ("end", "ended")):
        if verb != "launch":
            assert marketer.post(move, {"verb": verb, "reason": " "}).status_code == 400
        assert marketer.post(move, {"verb": verb, "reason": "库存核对"}).status_code == 302
        coupon.refresh_from_db()
        assert coupon.state == state
    assert marketer.post(move, {"verb": "launch"}).status_code == 409
    assert marketer.post(move, {"verb": "?"}).status_code == 302


def test_words_that_legal_would_refuse_are_not_offered_for_review(marketer: Client) -> None:
    for terms, offered in (("国家级抗衰，一次见效。", False), ("每人一张。", True)):
        marketer.post(reverse("loyalty:coupon_add"), form(act="save", terms=terms, name=f"立减{offered}"))
        text = marketer.get(reverse("loyalty:coupon", args=(Coupon.objects.latest("pk").pk,))).content.decode()
        assert ('name="verb" value="submit">' in text, "have no proof yet" in text) == (offered, not offered)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"stock": "0"}, "Between 1 and"),
        ({"kind": "percent", "percent": "101"}, "Between 1 and 100 percent."),
        ({"percent": "ten"}, "A whole number from 0 to 999,999,999 is expected."),
        ({"amount": "1.234"}, "at most two decimals"),
        ({"amount": "1e400"}, "at most two decimals"),
        ({"starts_at": "yesterday"}, "Say the day and the time"),
        ({"starts_at": "9999-99-99T00:00"}, "Say the day and the time"),
        ({"starts_at": "0001-01-01T00:00"}, "in the years 2000 to 2100."),
        ({"ends_at": "9999-12-31T23:00Z"}, "in the years 2000 to 2100."),
        ({"name": "x" * 61}, "Between 1 and 60 characters."),
        ({"ends_at": "2020-01-01T00:00"}, "The end lies after the beginning."),
    ],
)
def test_wrong_coupon_comes_back_as_typed(marketer: Client, values: dict[str, str], said: str) -> None:
    answer = marketer.post(reverse("loyalty:coupon_add"), form(**values, terms="只此一句"))
    text = answer.content.decode()
    assert answer.status_code in {400, 422}
    assert said in text
    assert "只此一句" in text
    assert not Coupon.objects.exists()


def test_worse_rules_after_the_start_are_said(marketer: Client) -> None:
    coupon = offers.live()
    answer = marketer.post(reverse("loyalty:coupon_edit", args=(coupon.pk,)), form(amount="10", version="1"))
    assert answer.status_code == 409
    assert "favour only" in answer.content.decode()


def test_codes_are_added_and_wrong_ones_said(marketer: Client) -> None:
    generated, imported = offers.draft(code_source="generated"), offers.draft(code_source="imported")
    address = reverse("loyalty:coupon_codes", args=(generated.pk,))
    assert marketer.post(address, {"count": "x"}).status_code == 400
    assert marketer.post(address, {"count": "3"}).status_code == 302
    address = reverse("loyalty:coupon_codes", args=(imported.pk,))
    assert marketer.post(address, {"codes": "ABCD-1\nAB\n"}).status_code == 400
    assert marketer.post(address, {"codes": "ABCD-1\nABCD-2\n"}).status_code == 302
    assert CouponCode.objects.count() == 5


def code_file(size: int) -> SimpleUploadedFile:
    """One code, blanks for the rest."""
    return SimpleUploadedFile("codes.txt", b"ABCD-1".ljust(size))


def test_file_of_codes_is_taken_or_refused_with_its_limit(marketer: Client) -> None:
    assert codes.LARGEST_MB * 1_000_000 >= 200 * MOST_AT_ONCE
    address = reverse("loyalty:coupon_codes", args=(offers.draft(code_source="imported").pk,))
    answer = marketer.post(address, {"codes": "ABCD-2", "file": code_file(20_000_001)})
    text = answer.content.decode()
    assert answer.status_code == 400
    assert "larger than 20 MB" in text
    assert "ABCD-2</textarea>" in text
    assert not CouponCode.objects.exists()
    assert marketer.post(address, {"codes": "ABCD-2", "file": code_file(5_000_001)}).status_code == 302
    assert CouponCode.objects.count() == 2


def test_code_is_shown_to_whoever_serves_her_and_recorded() -> None:
    store = api.store()
    service = staff(Role.EXPERT)
    near, far = api.member(home_store=store), api.member(home_store=api.store())
    service.stores.add(store)
    coupon = offers.live()
    hers, others = (claim(coupon=coupon, member=who, by=None, now=timezone.now()).grant_id for who in (near, far))
    client = signed_in(service, "en")
    visible = {member.pk for member in type(near).objects.visible_to(service)}
    for grant_id, member in ((hers, near), (others, far)):
        expected = 200 if member.pk in visible else 404
        assert client.post(reverse("loyalty:code", args=(grant_id,))).status_code == expected
    assert client.get(reverse("loyalty:code", args=(hers,))).status_code == 405
    assert AuditEntry.objects.filter(action="loyalty.read_code").count() == len(visible & {near.pk, far.pk})


def test_member_page_shows_her_coupons_masked(marketer: Client) -> None:
    member = api.member()
    grant = claim(coupon=offers.live(), member=member, by=None, now=timezone.now()).grant_id
    text = marketer.get(reverse("admin:members_member_part", args=(member.pk, "offers"))).content.decode()
    code = offers.code_of(grant)
    assert "周年满减券" in text
    assert code[-4:] in text
    assert code not in text
    assert CouponGrant.objects.count() == 1


def test_prizes_are_kept_and_the_cap_is_said(marketer: Client) -> None:
    address = reverse("loyalty:prize_save")
    prize = {"name": "修护精华", "kind": "physical", "value": "399", "cost": "130", "stock": "20"}
    assert marketer.post(address, prize).status_code == 302
    answer = marketer.post(address, {**prize, "value": "50001"})
    assert answer.status_code == 400
    assert "¥50,000 at most" in answer.content.decode()
    assert marketer.post(address, {**prize, "value": "x"}).status_code == 422
    assert marketer.post(address, {**prize, "prize": "999999"}).status_code == 404
    assert marketer.post(address, {**prize, "prize": str(Prize.objects.get().pk), "stock": "30"}).status_code == 302
    assert Prize.objects.get().stock == 30
    settings = {"prize_cap": "40000", "virtual_share": "30", "mix_tolerance": "5", "reason": ""}
    assert marketer.post(reverse("loyalty:prize_settings"), settings).status_code == 400
    assert marketer.post(reverse("loyalty:prize_settings"), {**settings, "reason": "内部"}).status_code == 302
    assert OfferSettings.objects.get().prize_cap == 40_000


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"prize_cap": "4万"}, "at most two decimals"),
        ({"prize_cap": ""}, "Say a number."),
        ({"virtual_share": "30%"}, "A whole number from 0 to 999,999,999 is expected."),
        ({"mix_tolerance": ""}, "Say a number."),
        ({"virtual_share": "101"}, "100"),
    ],
)
def test_setting_that_cannot_be_read_is_said_and_nothing_is_saved(
    marketer: Client, values: dict[str, str], said: str
) -> None:
    typed = {"prize_cap": "40000", "virtual_share": "31", "mix_tolerance": "5", "reason": "内部规定", **values}
    answer = marketer.post(reverse("loyalty:prize_settings"), typed)
    text = answer.content.decode()
    assert answer.status_code in {400, 422}
    assert said in text
    assert "Nothing was saved." in text
    assert '<dialog class="s-dialog" id="settings" data-opened' in text
    (name,) = values
    assert f'value="{typed[name]}" aria-invalid="true"><span class="error">' in text
    assert all(f'value="{typed[name]}"' in text for name in ("prize_cap", "virtual_share", "mix_tolerance"))
    held = OfferSettings.objects.get()
    assert (held.prize_cap, held.virtual_share, held.mix_tolerance) == (50_000, 30, 10)


def test_draw_is_made_published_and_run_on_pages(marketer: Client) -> None:
    prize = offers.prize()
    body = {
        "name": "年终抽奖",
        "conditions": "会员均可参与。",
        "handing_over": "七日内发放。",
        "organiser": "悦肤会",
        "opens_at": "2026-11-01T00:00",
        "closes_at": "2030-11-08T00:00",
        "draws_at": "2030-11-09T00:00",
        "max_chances": "1",
        "prize_1": str(prize.pk),
        "pieces_1": "2",
    }
    wrong = marketer.post(reverse("loyalty:draw_add"), {**body, "pieces_1": "0", "organiser": "x" * 201})
    assert wrong.status_code == 422
    assert "会员均可参与。" in wrong.content.decode()
    assert marketer.post(reverse("loyalty:draw_add"), body).status_code == 302
    draw = Draw.objects.get()
    changed = {**body, "pieces_1": "3", "version": "1"}
    assert marketer.post(reverse("loyalty:draw_edit", args=(draw.pk,)), changed).status_code == 302
    move = reverse("loyalty:draw_move", args=(draw.pk,))
    assert marketer.post(move, {"verb": "publish"}).status_code == 422
    assert marketer.post(move, {"verb": "submit"}).status_code == 302
    assert marketer.post(move, {"verb": "run"}).status_code == 409
    assert draw.prizes.get().quantity == 3


def never(**_values: Any) -> Any:
    raise AssertionError("computed anew by a look")


def test_look_at_a_drawn_draw_computes_nothing_and_a_button_does(
    marketer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw = offers.published()
    enter(draw=draw, member=api.member(), by=None, now=draw.opens_at)
    draw = run_draw(draw=draw, by=None, now=draw.draws_at)
    DrawEntry.objects.create(draw=draw, member=None, participant=1, ordinal=1, reason="x", entered_at=draw.opens_at)
    address = reverse("loyalty:draw", args=(draw.pk,))
    with monkeypatch.context() as patch:
        patch.setattr("loyalty.selectors.draws.winners_of", never)
        assert "seed, prizes, entries and winners come out again" in marketer.get(address).content.decode()
        assert api.client().get(f"/api/v1/draws/{draw.pk}/result/").json()["entries_fit"] is True
        with pytest.raises(AssertionError, match="computed anew"):
            marketer.post(reverse("loyalty:draw_move", args=(draw.pk,)), {"verb": "prove"})
    assert marketer.post(reverse("loyalty:draw_move", args=(draw.pk,)), {"verb": "prove"}).status_code == 302
    assert "does not come out again" in marketer.get(address).content.decode()
    assert api.client().get(f"/api/v1/draws/{draw.pk}/result/").json()["entries_fit"] is False


def test_draw_of_which_no_proof_was_kept_is_computed_by_whoever_asks(
    marketer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw = offers.published()
    with monkeypatch.context() as patch:
        patch.setattr("loyalty.services.draws.running._prove", lambda draw, **_values: draw)
        run_draw(draw=draw, by=None, now=draw.draws_at)
    assert "not yet" in marketer.get(reverse("loyalty:draw", args=(draw.pk,))).content.decode()
    assert api.client().get(f"/api/v1/draws/{draw.pk}/result/").json()["entries_fit"] is True
