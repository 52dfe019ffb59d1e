"""Draws: published rules stand, entries come in time, the result comes out again from the revealed seed."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, connection, connections, transaction

from audit.models import AuditEntry
from compliance.models import Review
from compliance.services.reviews import approve, send_back
from core.errors import ScrmError
from loyalty.errors import (
    ChancesUsed,
    DrawClosed,
    DrawInvalid,
    DrawTooEarly,
    OfferStateWrong,
    PrizeInvalid,
    PrizesShort,
    TextNotApproved,
)
from loyalty.models import Draw, DrawEntry, DrawWinner, Prize
from loyalty.rules.drawing import Entry, hash_of_prizes, hash_of_seed, winners_of
from loyalty.selectors.draws import FITS, promised_by, verify
from loyalty.selectors.prizes import mix
from loyalty.selectors.verifying import prizes
from loyalty.services.draws import enter, prove_draw, publish_draw, run_draw, run_due_draws, save_draw, submit_draw
from loyalty.services.prizes import save_prize
from loyalty.services.reviewing import text_is_approved
from loyalty.services.settings import change_offer_settings
from members.models import Member
from tests import api
from tests.loyalty import offers
from tests.loyalty.offers import DAY, NOW

pytestmark = pytest.mark.django_db


def proof(draw: Draw) -> dict[str, Any]:
    out = StringIO()
    call_command("verify_draw", draw.pk, "--json", stdout=out)
    return dict(json.loads(out.getvalue()))


def test_draw_goes_from_rules_to_a_proof() -> None:
    first, second = offers.prize(stock=1), offers.prize(kind="virtual", stock=5)
    draw = offers.published(prizes=((first.pk, 1), (second.pk, 3)))
    assert len(draw.seed_hash) == 64
    assert draw.seed == ""
    members = [api.member() for _number in range(6)]
    for member in members:
        enter(draw=draw, member=member, by=None, now=NOW)
    draw = run_draw(draw=draw, by=None, now=draw.draws_at)
    assert (draw.state, draw.entries_count, hash_of_seed(draw.seed)) == ("drawn", 6, draw.seed_hash)
    assert list(draw.winners.values_list("prize_id", flat=True)) == [first.pk, *[second.pk] * 3]
    assert draw.winners.values("entry__member").distinct().count() == 4
    said = proof(draw)
    assert (said["holds"], len(said["winners"])) == (True, 4)
    with pytest.raises(OfferStateWrong):
        run_draw(draw=draw, by=None, now=draw.draws_at)


def test_winners_follow_from_the_seed_alone() -> None:
    entries = [Entry(number, 1 if number < 50 else number) for number in range(1, 101)]
    found = winners_of(seed="ab" * 32, draw=7, entries=reversed(entries), prizes=[(5, 2), (6, 60)])
    assert found == winners_of(seed="ab" * 32, draw=7, entries=entries, prizes=[(5, 2), (6, 60)])
    assert len(found) == 52  # one who holds 49 chances wins once
    assert [each.prize for each in found[:3]] == [5, 5, 6]
    assert found != winners_of(seed="ac" * 32, draw=7, entries=entries, prizes=[(5, 2), (6, 60)])


def test_late_and_early_entries_are_refused() -> None:
    draw, member = offers.published(), api.member()
    for moment in (draw.opens_at - timedelta(seconds=1), draw.closes_at):
        with pytest.raises(DrawClosed):
            enter(draw=draw, member=member, by=None, now=moment)
    with pytest.raises(DrawClosed):
        enter(draw=offers.draft_draw(), member=member, by=None, now=NOW)
    with pytest.raises(DrawTooEarly):
        run_draw(draw=draw, by=None, now=draw.draws_at - timedelta(seconds=1))
    assert not DrawEntry.objects.exists()


def test_chances_are_one_for_each_reason_up_to_the_rule() -> None:
    draw, member = offers.published(max_chances=2), api.member()
    first = enter(draw=draw, member=member, by=None, now=NOW)
    assert enter(draw=draw, member=member, by=None, now=NOW).new is False
    assert enter(draw=draw, member=member, reason="order:A1", by=None, now=NOW).new is True
    with pytest.raises(ChancesUsed):
        enter(draw=draw, member=member, reason="order:A2", by=None, now=NOW)
    assert set(DrawEntry.objects.values_list("participant", flat=True)) == {first.entry_id}


def test_draw_without_entries_ends_as_such_and_frees_its_prizes() -> None:
    prize = offers.prize(stock=3)
    draw = offers.published(prizes=((prize.pk, 3),))
    assert Prize.objects.get().reserved == 3
    assert run_due_draws(now=draw.draws_at) == 1
    draw.refresh_from_db()
    assert (draw.state, draw.entries_count, DrawWinner.objects.count()) == ("empty", 0, 0)
    assert Prize.objects.get().reserved == 0
    assert proof(draw)["holds"] is True
    assert run_due_draws(now=draw.draws_at) == 0


def test_published_rules_do_not_change() -> None:
    draw = offers.published()
    with pytest.raises(OfferStateWrong):
        save_draw(rules=offers.rules(name="另一个"), draw=draw, by=offers.author(), now=NOW)
    for change in ({"seed_hash": "0" * 64}, {"closes_at": NOW + 7.5 * DAY}, {"max_chances": 9}):
        with pytest.raises(DatabaseError, match="are published"), transaction.atomic():
            Draw.objects.update(**change)


@pytest.mark.parametrize("moment", ["0001-01-01 00:00:00+00 BC", "1999-12-31 23:59:59+00", "2101-01-01 00:00:00+00"])
def test_year_that_no_page_could_show_is_not_kept(moment: str) -> None:
    rows = {"coupon": offers.draft().pk, "draw": offers.draft_draw().pk}
    times = {"coupon": ("starts_at", "ends_at"), "draw": ("opens_at", "closes_at", "draws_at")}
    for table, number in rows.items():
        moved = ", ".join(f"{name} = '{moment}'::timestamptz + interval '{n} s'" for n, name in enumerate(times[table]))
        with pytest.raises(IntegrityError, match=f"loyalty_{table}_years"), transaction.atomic():
            connection.cursor().execute(f"UPDATE loyalty_{table} SET {moved} WHERE id = {number}")


@pytest.mark.parametrize(
    ("changed", "field"), [({"name": "贴纸"}, "name"), ({"kind": "virtual"}, "kind"), ({"value": Decimal(1)}, "value")]
)
def test_prize_of_published_rules_is_not_swapped(changed: dict[str, Any], field: str) -> None:
    prize = offers.prize("手机", value=Decimal(4999), stock=3)
    kept: dict[str, Any] = {
        "name": "手机",
        "kind": "physical",
        "value": Decimal(4999),
        "cost": Decimal(120),
        "stock": 3,
    }
    draft = offers.draft_draw(prizes=((prize.pk, 1),))
    save_prize(prize=prize, by=None, now=NOW, **{**kept, "name": "手机壳"})
    save_prize(prize=prize, by=None, now=NOW, **kept)
    draw = offers.published(prizes=((prize.pk, 1),))
    with pytest.raises(PrizeInvalid) as refused:
        save_prize(prize=prize, by=None, now=NOW + DAY, **{**kept, **changed})
    assert list(refused.value.fields) == [field]
    with pytest.raises(DatabaseError, match="published rules name"), transaction.atomic():
        Prize.objects.filter(pk=prize.pk).update(**changed)
    with pytest.raises(DatabaseError, match="are published"), transaction.atomic():
        draw.prizes.update(**changed)
    with pytest.raises(DatabaseError, match="are published"), transaction.atomic():
        draw.prizes.all().delete()
    with pytest.raises(DatabaseError, match="are published"), transaction.atomic():
        draft.prizes.update(draw=draw)
    dearer: dict[str, Any] = {**kept, "value": Decimal(5999), "cost": Decimal(0), "stock": 9}
    save_prize(prize=prize, by=None, now=NOW + DAY, **dearer)
    assert text_is_approved(kind="draw", object_id=draw.pk, at=NOW + DAY)
    enter(draw=draw, member=api.member(), by=None, now=NOW)
    said = proof(run_draw(draw=draw, by=None, now=draw.draws_at))
    assert (said["holds"], [(each["name"], each["value"]) for each in said["prizes"]]) == (True, [("手机", "4999.00")])


def test_prizes_have_a_fingerprint_of_everything_that_was_published() -> None:
    draw = offers.published(prizes=((offers.prize("手机", value=Decimal(4999)).pk, 1), (offers.prize().pk, 3)))
    promised = promised_by(draw)
    assert hash_of_prizes(promised) == draw.prizes_hash
    changes: tuple[dict[str, Any], ...] = (
        {"name": "贴纸"},
        {"kind": "virtual"},
        {"value": Decimal(1)},
        {"quantity": 2},
    )
    others = [[replace(promised[0], **change), promised[1]] for change in changes]
    assert draw.prizes_hash not in {hash_of_prizes(each) for each in (*others, promised[::-1], promised[:1])}


def test_legal_review_stops_a_published_draw_until_the_same_rules_are_approved_again() -> None:
    draw, member = offers.published(), api.member()
    review = Review.objects.get(kind="draw", object_id=draw.pk)
    send_back(review=review, reason="奖品说明不实", by=offers.legal(), now=NOW)
    draw.refresh_from_db()
    assert draw.state == "stopped"
    with pytest.raises(DrawClosed):
        enter(draw=draw, member=member, by=None, now=NOW)
    assert run_due_draws(now=draw.draws_at) == 0
    with pytest.raises(OfferStateWrong):
        run_draw(draw=draw, by=None, now=draw.draws_at)
    assert prizes().faults == ()
    review = submit_draw(draw=draw, by=offers.author(), now=NOW)
    approve(review=review, digest=review.digest, by=offers.legal(), now=NOW)
    draw.refresh_from_db()
    assert draw.state == "published"
    assert enter(draw=draw, member=member, by=None, now=NOW).new is True
    acts = AuditEntry.objects.filter(action__in=("loyalty.stop_draw", "loyalty.resume_draw"))
    assert list(acts.order_by("pk").values_list("action", flat=True)) == ["loyalty.stop_draw", "loyalty.resume_draw"]


@pytest.mark.parametrize("statement", ["UPDATE loyalty_drawwinner SET place = 9", "DELETE FROM loyalty_drawwinner"])
def test_winners_are_evidence(statement: str) -> None:
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_tampering_is_found() -> None:
    draw = offers.published()
    for _number in range(3):
        enter(draw=draw, member=api.member(), by=None, now=NOW)
    draw = run_draw(draw=draw, by=None, now=draw.draws_at)
    DrawEntry.objects.create(draw=draw, member=None, participant=1, ordinal=1, reason="x", entered_at=NOW)
    found = verify(draw)
    assert found is not None
    assert (found.seed_fits, found.entries_fit, found.holds) == (True, False, False)
    assert draw.proof == dict.fromkeys(FITS, True), "of the hour of the draw"
    draw = prove_draw(draw=draw, by=offers.author(), now=NOW + 9 * DAY)
    assert (draw.proof["seed_fits"], draw.proof["entries_fit"], draw.proved_at) == (True, False, NOW + 9 * DAY)
    act = AuditEntry.objects.get(action="loyalty.prove_draw")
    assert act.changes["entries_fit"] == [True, False]
    with pytest.raises(CommandError, match="does not come out again"):
        call_command("verify_draw", draw.pk, stdout=StringIO())
    with pytest.raises(CommandError, match="no draw"):
        call_command("verify_draw", draw.pk + 1)
    with pytest.raises(CommandError, match="not revealed"):
        call_command("verify_draw", offers.published().pk)


def test_unreviewed_and_unlawful_draws_are_not_published() -> None:
    with pytest.raises(TextNotApproved):
        publish_draw(draw=offers.draft_draw(), by=None, now=NOW)
    with pytest.raises(PrizesShort):
        offers.published(prizes=((offers.prize(stock=2).pk, 3),))
    with pytest.raises(DrawInvalid):
        offers.published(opens_at=NOW - 2 * DAY, closes_at=NOW - DAY)
    dear = offers.prize(value=Decimal(50_000))
    change_offer_settings(values={"prize_cap": Decimal(40_000)}, reason="内部规定", by=None, now=NOW)
    with pytest.raises(DrawInvalid) as refused:
        offers.published(prizes=((dear.pk, 1),))
    assert list(refused.value.fields) == ["prizes"]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": " "}, "name"),
        ({"closes_at": NOW}, "closes_at"),
        ({"draws_at": NOW + DAY}, "draws_at"),
        ({"max_chances": 0}, "max_chances"),
        ({"prizes": ()}, "prizes"),
        ({"prizes": ((1, 0),)}, "prizes"),
        ({"prizes": ((999_999, 1),)}, "prizes"),
    ],
)
def test_rules_that_cannot_work_are_said_by_field(values: dict[str, Any], field: str) -> None:
    with pytest.raises(DrawInvalid) as refused:
        offers.draft_draw(**values)
    assert list(refused.value.fields) == [field]
    assert not Draw.objects.exists()


def test_prize_above_the_cap_is_refused_and_the_mix_is_measured() -> None:
    with pytest.raises(PrizeInvalid) as refused:
        offers.prize(value=Decimal("50000.01"))
    assert list(refused.value.fields) == ["value"]
    assert mix().state == "none"
    offers.prize(kind="virtual", stock=30)
    kept = offers.prize(kind="physical", stock=70)
    assert (mix().share, mix().state) == (30.0, "good")
    save_prize(prize=kept, name="a", kind="physical", value=Decimal(1), cost=Decimal(1), stock=10, by=None, now=NOW)
    assert mix().state == "watch"
    offers.published(prizes=((kept.pk, 10),))
    with pytest.raises(PrizeInvalid):
        save_prize(prize=kept, name="a", kind="physical", value=Decimal(1), cost=Decimal(1), stock=9, by=None, now=NOW)


@pytest.mark.chaos
@pytest.mark.django_db(transaction=True)
def test_rivals_enter_once_and_a_run_waits_for_them() -> None:
    draw, member = offers.published(max_chances=3), api.member()
    others = [api.member() for _number in range(10)]

    def attempt(who: tuple[Member, str]) -> str:
        try:
            return "new" if enter(draw=draw, member=who[0], reason=who[1], by=None, now=NOW).new else "again"
        except ScrmError as refused:
            return refused.code
        finally:
            connections.close_all()

    tries = [(member, f"order:{number % 8}") for number in range(40)] + [(other, "entry") for other in others]
    with ThreadPoolExecutor(10) as pool:
        said = list(pool.map(attempt, tries))
    assert said.count("new") == 13
    assert DrawEntry.objects.filter(member=member).count() == 3
    draw = run_draw(draw=draw, by=None, now=draw.draws_at)
    found = verify(draw)
    assert found is not None
    assert found.holds
