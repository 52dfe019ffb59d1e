"""A draw that cannot or shall not be drawn: asked by one, confirmed by another; its prizes are free, members read why."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, connections, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from accounts.enums import Role
from accounts.models import User
from audit.models import AuditEntry
from compliance.errors.content import WordsForbidden
from compliance.models import Review
from compliance.services.reviews import approve, send_back
from core.errors import ScrmError
from core.registries import privacy, purges, work
from loyalty.errors import DrawClosed, OfferStateWrong, OtherPersonVoids, VoidChanged, VoidNotSaid
from loyalty.models import Draw, DrawEntry, DrawPrize, DrawWinner, Prize
from loyalty.selectors import verifying
from loyalty.services.draws import (
    ask_to_void,
    enter,
    keep_draw,
    prove_draw,
    run_draw,
    run_due_draws,
    submit_draw,
    void_draw,
)
from tests import api
from tests.brand import signed_in
from tests.campaigns import activities
from tests.loyalty import offers
from tests.loyalty.offers import DAY, NOW

pytestmark = pytest.mark.django_db
NOTICE = "因奖品供应中断，本次抽奖作废，参与会员各补发一张满减券。"


def stopped(**values: Any) -> Draw:
    """Published, then sent back by legal review."""
    draw = offers.published(**values)
    send_back(
        review=Review.objects.get(kind="draw", object_id=draw.pk), reason="奖品说明不实", by=offers.legal(), now=NOW
    )
    draw.refresh_from_db()
    return draw


def asked(draw: Draw, **said: str) -> Draw:
    texts = {"reason": "供应商停产", "notice": NOTICE, **said}
    return ask_to_void(draw=draw, **texts, by=offers.author(), now=NOW)


def voided(draw: Draw, now: Any = NOW) -> Draw:
    return void_draw(draw=draw, version=asked(draw).version, by=offers.legal(), now=now)


@pytest.mark.parametrize("make", [offers.published, stopped])
def test_void_draw_frees_its_prizes_and_takes_no_entries(make: Callable[..., Draw]) -> None:
    prize = offers.prize(stock=3)
    draw, member = make(prizes=((prize.pk, 3),)), api.member()
    was = draw.state
    waiting = asked(draw)
    prize.refresh_from_db()
    assert (waiting.state, prize.reserved) == (was, 3)
    draw = void_draw(draw=draw, version=waiting.version, by=offers.legal(), now=NOW)
    prize.refresh_from_db()
    assert (draw.state, draw.voided_by, draw.voided_at, draw.seed, prize.reserved) == (
        "voided", offers.legal(), NOW, "", 0,
    )  # fmt: skip
    assert offers.published(prizes=((prize.pk, 3),)).state == "published"
    assert verifying.prizes().faults == verifying.draws().faults == ()
    with pytest.raises(DrawClosed):
        enter(draw=draw, member=member, by=None, now=NOW)
    assert run_due_draws(now=draw.draws_at - timedelta(seconds=1)) == 0
    for act in (run_draw, prove_draw, keep_draw, submit_draw):
        with pytest.raises(OfferStateWrong):
            act(draw=draw, by=offers.author(), now=draw.draws_at)
    with pytest.raises(OfferStateWrong):
        asked(draw)
    acts = AuditEntry.objects.filter(action__in=("loyalty.ask_void_draw", "loyalty.void_draw")).order_by("pk")
    assert list(acts.values_list("actor_id", "reason")) == [
        (offers.author().pk, "供应商停产"),
        (offers.legal().pk, "供应商停产"),
    ]
    assert acts[1].changes["state"] == [was, "voided"]
    with pytest.raises(CommandError, match="is void"):
        call_command("verify_draw", draw.pk)


def test_draw_that_was_run_or_is_a_draft_is_not_made_void() -> None:
    run = run_draw(draw=offers.published(), by=None, now=NOW + 8 * DAY)
    for draw in (run, offers.draft_draw()):
        with pytest.raises(OfferStateWrong):
            asked(draw)


def test_whoever_asked_does_not_confirm_and_nobody_confirms_what_she_did_not_read() -> None:
    draw = stopped()
    with pytest.raises(OfferStateWrong):
        void_draw(draw=draw, version=draw.version, by=offers.legal(), now=NOW)
    read = asked(draw).version
    with pytest.raises(OtherPersonVoids):
        void_draw(draw=draw, version=read, by=offers.author(), now=NOW)
    with pytest.raises(OfferStateWrong):
        asked(draw)
    kept = keep_draw(draw=draw, by=offers.author(), now=NOW)
    assert (kept.state, kept.void_reason, kept.void_notice, kept.void_asked_by) == ("stopped", "", "", None)
    again = asked(draw, notice="本次抽奖作废，不予补偿。").version
    with pytest.raises(VoidChanged):
        void_draw(draw=draw, version=read, by=offers.legal(), now=NOW)
    assert void_draw(draw=draw, version=again, by=offers.legal(), now=NOW).state == "voided"


@pytest.mark.parametrize(
    ("said", "fields"),
    [
        ({"reason": " "}, ["reason"]),
        ({"notice": "\x00 \r\n"}, ["notice"]),
        ({"reason": "x" * 301, "notice": "x" * 1001}, ["reason", "notice"]),
    ],
)
def test_reason_and_notice_are_needed(said: dict[str, str], fields: list[str]) -> None:
    with pytest.raises(VoidNotSaid) as refused:
        asked(offers.published(), **said)
    assert list(refused.value.fields) == fields
    assert not Draw.objects.filter(void_asked_at__isnull=False).exists()


def test_notice_holds_nothing_that_the_law_forbids() -> None:
    with pytest.raises(WordsForbidden) as refused:
        asked(offers.published(), notice="本次抽奖作废，欢迎选购全网第一的国家级精华。")
    assert list(refused.value.fields) == ["notice"]


def test_draw_whose_hour_comes_first_is_drawn_and_the_request_is_gone() -> None:
    draw = asked(offers.published())
    assert run_due_draws(now=draw.draws_at) == 1
    draw.refresh_from_db()
    assert (draw.state, draw.void_notice, draw.void_asked_at) == ("empty", "", None)
    with pytest.raises(OfferStateWrong):
        void_draw(draw=draw, version=draw.version, by=offers.legal(), now=draw.draws_at)
    assert AuditEntry.objects.get(action="loyalty.run_draw").changes["void_notice"] == [NOTICE, None]


def test_approval_lets_a_stopped_draw_go_on_beside_the_request_and_not_after_it() -> None:
    draw = asked(stopped())
    review = submit_draw(draw=draw, by=offers.author(), now=NOW)
    approve(review=review, digest=review.digest, by=offers.legal(), now=NOW)
    draw.refresh_from_db()
    assert (draw.state, draw.void_notice) == ("published", NOTICE)
    draw = void_draw(draw=draw, version=draw.version, by=offers.legal(), now=NOW)
    send_back(review=Review.objects.get(kind="draw", object_id=draw.pk), reason="另有问题", by=offers.legal(), now=NOW)
    draw.refresh_from_db()
    assert draw.state == "voided"


CHANGES: dict[str, dict[str, Any]] = {
    "state": {"state": "published"},
    "notice": {"void_notice": "x"},
    "by": {"voided_by": None, "voided_at": None},
    "seed": {"seed": "0" * 64},
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_is_void_stays_void_whoever_sends_the_statement(name: str) -> None:
    draw = voided(offers.published())
    with pytest.raises(DatabaseError, match="is over"), transaction.atomic():
        Draw.objects.filter(pk=draw.pk).update(**CHANGES[name])


def test_drawn_draw_is_not_opened_again_by_a_statement() -> None:
    draw = run_draw(draw=offers.published(), by=None, now=NOW + 8 * DAY)
    for change in ({"state": "published"}, {"entries_hash": "0" * 64}, {"entries_count": 9}, {"drawn_at": NOW}):
        with pytest.raises(DatabaseError, match="is over"), transaction.atomic():
            Draw.objects.filter(pk=draw.pk).update(**change)


def test_database_wants_a_second_person_too() -> None:
    draw, her = asked(offers.published()), offers.author()
    for change, name in (
        ({"state": "voided"}, "loyalty_draw_voided"),
        ({"voided_by": offers.legal(), "voided_at": NOW}, "loyalty_draw_voided"),
        ({"state": "voided", "voided_by": her, "voided_at": NOW}, "loyalty_draw_four_eyes"),
        ({"void_notice": ""}, "loyalty_draw_void_asked"),
    ):
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            Draw.objects.filter(pk=draw.pk).update(**change)


def test_winner_of_a_void_draw_is_found_by_the_verification() -> None:
    draw = offers.published()
    entry = enter(draw=draw, member=api.member(), by=None, now=NOW).entry_id
    draw = voided(draw)
    DrawWinner.objects.create(draw=draw, place=1, entry_id=entry, prize=Prize.objects.get())
    with override("en"):
        assert verifying.draws().faults == ("The draw “周年抽奖” is void and has winners.",)


@pytest.mark.django_db(transaction=True)
def test_kept_proof_is_not_edited_without_an_act_that_says_the_same() -> None:
    draw = offers.published()
    enter(draw=draw, member=api.member(), by=None, now=NOW)
    draw = run_draw(draw=draw, by=None, now=draw.draws_at)
    DrawEntry.objects.create(draw=draw, member=None, participant=1, ordinal=1, reason="x", entered_at=NOW)
    found = prove_draw(draw=draw, by=offers.author(), now=NOW + 9 * DAY).proof
    assert found["entries_fit"] is False
    rows = Draw.objects.filter(pk=draw.pk)
    for change in ({"proof": {**found, "entries_fit": True}}, {"proof": {}}, {"proved_at": NOW + 10 * DAY}):
        with pytest.raises(DatabaseError, match="no act says this"):
            rows.update(**change)
    with pytest.raises(DatabaseError, match="no act says this"), transaction.atomic():
        prove_draw(draw=draw, by=offers.author(), now=NOW + 9 * DAY)
        rows.update(proof={**found, "entries_fit": True})
    assert rows.get().proof == found


def test_who_entered_a_void_draw_is_forgotten_after_the_same_time() -> None:
    draw = offers.published()
    enter(draw=draw, member=api.member(), by=None, now=NOW)
    voided(draw, NOW + DAY)
    purge = purges.get("draw_entries")
    assert (purge.count(NOW + DAY, []), purge.count(NOW + DAY + timedelta(seconds=1), [])) == (0, 1)
    assert purge.purge(NOW + 2 * DAY, [], 100) == 1
    assert list(DrawEntry.objects.values_list("member", "reason")) == [(None, "")]


def test_members_read_the_notice_once_it_is_confirmed() -> None:
    draw, member = offers.published(), api.member()
    enter(draw=draw, member=member, by=None, now=NOW)
    address = f"/api/v1/draws/{draw.pk}/"
    client = api.client()
    asked(draw)
    before = client.get(address).json()
    assert (before["state"], before["voided_at"], before["void_notice"]) == ("published", None, "")
    draw.refresh_from_db()
    void_draw(draw=draw, version=draw.version, by=offers.legal(), now=NOW)
    after = client.get(address).json()
    assert (after["state"], after["void_notice"]) == ("voided", NOTICE)
    answer = client.get(f"{address}result/")
    assert (answer.status_code, "void" in answer.json()["error"]["message"]) == (404, True)
    copy = privacy.get("loyalty").export(member.pk)
    assert [row["void"] for row in copy["draw_entries"]] == [NOTICE]


@pytest.fixture
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(offers, "NOW", timezone.now())
    monkeypatch.setattr(activities, "NOW", timezone.now())


def staff(name: str, role: Role) -> User:
    return User.objects.create_user(name, role=role, is_staff=True, display_name=name)


@pytest.mark.usefixtures("today")
def test_two_people_make_a_draw_void_on_its_page() -> None:
    draw = stopped()
    page, move = (reverse(f"loyalty:{name}", args=(draw.pk,)) for name in ("draw", "draw_move"))
    first, second = staff("林可", Role.MARKETER), staff("周宁", Role.LEGAL)
    hers, other = signed_in(first, "en"), signed_in(second, "en")
    looks = signed_in(staff("何敏", Role.ANALYST), "en")
    assert "Void the draw…" in hers.get(page).content.decode()
    assert "Void the draw…" not in other.get(page).content.decode()
    short = hers.post(move, {"verb": "ask_void", "reason": "供应商停产", "notice": " "})
    assert short.status_code == 400
    assert "供应商停产</textarea>" in short.content.decode()
    body = {"verb": "ask_void", "reason": "供应商停产", "notice": NOTICE}
    assert looks.post(move, body).status_code == 403
    assert hers.post(move, body).status_code == 302
    assert not [item for item in items(first) if "second person" in item]
    assert [item for item in items(second) if "second person" in item]
    own = hers.get(page).content.decode()
    assert "somebody else confirms it" in own
    assert "Confirm that it is void…" not in own
    shown = other.get(page).content.decode()
    assert "Confirm that it is void…" in shown
    assert NOTICE in shown
    version = Draw.objects.get().version
    assert looks.post(move, {"verb": "keep"}).status_code == 403
    assert hers.post(move, {"verb": "void", "version": str(version)}).status_code == 403
    assert other.post(move, {"verb": "void"}).status_code == 409
    assert other.post(move, {"verb": "void", "version": str(version)}).status_code == 302
    assert hers.post(move, {"verb": "keep"}).status_code == 409
    text = looks.get(page).content.decode()
    assert "What members read:" in text
    assert NOTICE in text


@pytest.mark.usefixtures("today")
def test_notice_stands_wherever_staff_see_the_draw() -> None:
    draw, (member,) = stopped(), activities.people(1)
    DrawEntry.objects.create(draw=draw, member=member, participant=1, ordinal=1, reason="entry", entered_at=NOW)
    activity, hers = activities.running(draws=(draw.pk,)), signed_in(staff("林可", Role.MARKETER), "en")
    voided(draw)
    assert NOTICE in hers.get(f"{reverse('campaigns:activity', args=(activity.pk,))}?tab=offers").content.decode()
    assert NOTICE in hers.get(reverse("admin:members_member_part", args=(member.pk, "offers"))).content.decode()
    assert "Void" in hers.get(reverse("loyalty:draws")).content.decode()


def items(user: User) -> list[str]:
    with override("en"):
        return [str(item.title) for item in work.get("loyalty.waiting").items(user, timezone.now())]


def both_save(client: Client, address: str, first: dict[str, str], second: dict[str, str], marker: str) -> None:
    """Two people open a form; the second one to save is told, keeps what she typed, and may then insist."""
    assert client.post(address, first).status_code == 302
    answer = client.post(address, second)
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "Somebody else has changed this meanwhile." in text
    assert marker in text
    assert 'name="version" value="2"' in text
    assert client.post(address, {**second, "version": "2"}).status_code == 302


COUPON = {
    "name": "周年满减券", "terms": "每位会员限领一张。", "kind": "amount", "amount": "20", "min_spend": "100",
    "code_source": "claim", "stock": "50", "per_member": "1", "stacking": "exclusive", "act": "save", "version": "1",
}  # fmt: skip
DRAW = {
    "name": "年终抽奖", "conditions": "会员均可参与。", "handing_over": "七日内发放。", "organiser": "悦肤会",
    "opens_at": "2026-11-01T00:00", "closes_at": "2030-11-08T00:00", "draws_at": "2030-11-09T00:00",
    "max_chances": "1", "pieces_1": "2", "version": "1",
}  # fmt: skip


@pytest.mark.usefixtures("today")
def test_two_people_at_one_coupon_do_not_undo_each_other() -> None:
    coupon, client = offers.live(), signed_in(staff("林可", Role.MARKETER), "en")
    moments = {
        name: timezone.localtime(getattr(coupon, name)).strftime("%Y-%m-%dT%H:%M") for name in ("starts_at", "ends_at")
    }
    address = reverse("loyalty:coupon_edit", args=(coupon.pk,))
    assert 'name="version" value="1"' in client.get(address).content.decode()
    assert client.post(address, {**COUPON, **moments}).status_code == 302
    coupon.refresh_from_db()
    assert coupon.version == 1, "nothing was changed: the minutes of the form mean the stored moments"
    first, second = ({**COUPON, **moments, "stock": stock} for stock in ("60", "70"))
    both_save(client, address, first, second, 'value="70"')
    coupon.refresh_from_db()
    assert (coupon.stock, coupon.version) == (70, 3)
    assert client.post(address, {**second, "version": ""}).status_code == 302, "the same again changes nothing"
    assert client.post(address, {**second, "stock": "80", "version": "x"}).status_code == 409


@pytest.mark.usefixtures("today")
def test_two_people_at_one_draw_do_not_undo_each_other() -> None:
    draw, client = offers.draft_draw(), signed_in(staff("林可", Role.MARKETER), "en")
    prize = str(DrawPrize.objects.get().prize_id)
    address = reverse("loyalty:draw_edit", args=(draw.pk,))
    first, second = ({**DRAW, "prize_1": prize, "pieces_1": pieces} for pieces in ("3", "4"))
    both_save(client, address, first, second, 'value="4"')
    draw.refresh_from_db()
    assert (draw.version, DrawPrize.objects.get().quantity) == (3, 4)


@pytest.mark.chaos
@pytest.mark.django_db(transaction=True)
def test_of_a_run_and_two_who_confirm_at_once_one_wins_and_the_prizes_add_up() -> None:
    prize = offers.prize(stock=3)
    draw = offers.published(prizes=((prize.pk, 3),))
    for _number in range(4):
        enter(draw=draw, member=api.member(), by=None, now=NOW)
    version = asked(draw).version
    legal, third = offers.legal(), activities.person("third")
    tries: list[Callable[[], Draw]] = [
        lambda: void_draw(draw=draw, version=version, by=legal, now=draw.draws_at),
        lambda: void_draw(draw=draw, version=version, by=third, now=draw.draws_at),
        lambda: run_draw(draw=draw, by=None, now=draw.draws_at),
    ]

    def attempt(act: Callable[[], Draw]) -> str:
        try:
            return act().state
        except ScrmError as refused:
            return refused.code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(3) as pool:
        said = sorted(pool.map(attempt, tries))
    draw.refresh_from_db()
    prize.refresh_from_db()
    assert said == sorted([draw.state, "offer_state_wrong", "offer_state_wrong"])
    assert (draw.state, prize.reserved) in {("voided", 0), ("drawn", 3)}
    assert verifying.prizes().faults == verifying.draws().faults == ()
