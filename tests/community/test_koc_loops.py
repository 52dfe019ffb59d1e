"""What KOC do by the clock: one worker at a time, and a row that fails holds up no other."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import DataError, connection, transaction
from django.utils import timezone, translation

from accounts.models import InAppNotice
from community import tasks
from community.enums.koc import KocState
from community.enums.ugc import UgcState
from community.models import EffectRun, KocScore, KocSettings, LedgerBalance, LevelProposal, ScoreRun
from community.services import benefits, koc_effects, koc_keeping, koc_merging, koc_scoring, ugc
from community.services.koc_effects import ask_to_measure, measure_if_due
from community.services.koc_keeping import TASK as KEEP
from community.services.koc_keeping import keep_kocs
from community.services.koc_scoring import ask_for_scores, score_everybody, score_if_due
from community.services.sharing import SETTLE, settle_due
from community.services.ugc import sweep_rights
from compliance.enums.consent import Channel, ConsentAction, ConsentSource, Purpose
from compliance.errors.registers import AssessmentMissing
from compliance.services.consent import choose
from compliance.services.explaining import explanations_for
from core.roles import as_owner
from loyalty.models import CouponGrant
from members.models import Member
from tests.assessments import assess
from tests.community import earnings
from tests.community import koc_cast as cast
from tests.community.koc_cast import DAY, NOW
from tests.community.test_tasks_of_koc import benefit
from tests.rivals import claimed_elsewhere

ALONE = pytest.mark.django_db
TOGETHER = pytest.mark.django_db(transaction=True)


def failing(work: Any, when: Callable[[dict[str, Any]], bool]) -> Any:
    """The work itself, with a statement that the database refuses before it where `when` says so."""

    def planted(*given: Any, **values: Any) -> Any:
        if when(values):
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SELECT 1 / 0")
        return work(*given, **values)

    return planted


def says_no(member_id: int | None) -> None:
    assert member_id is not None
    values: dict[str, Any] = {"purpose": Purpose.PUBLISH, "channel": Channel.ANY, "source": ConsentSource.PAGE}
    choose(member_id=member_id, granted=False, by=None, now=NOW + DAY, **values)


# --- keeping ---


@ALONE
def test_koc_whose_end_fails_holds_up_no_other_and_no_invitation(monkeypatch: pytest.MonkeyPatch) -> None:
    bad, good, asked = cast.active(), cast.active(), cast.invited()
    for koc in (bad, good):
        says_no(koc.member_id)
    monkeypatch.setattr(koc_keeping, "leave", failing(koc_keeping.leave, lambda given: given["koc"] == bad))
    with pytest.raises(DataError):
        keep_kocs(now=NOW + 20 * DAY)
    for koc in (bad, good, asked):
        koc.refresh_from_db()
    assert (bad.state, good.state, asked.state) == (KocState.ACTIVE, KocState.LEFT, KocState.DECLINED)


@ALONE
def test_record_that_cannot_be_followed_holds_up_no_withdrawal(monkeypatch: pytest.MonkeyPatch) -> None:
    merged, other, gone = cast.active(), cast.active(), cast.active()
    owners = cast.people(2)
    for koc, owner in zip((merged, other), owners, strict=True):
        Member.objects.filter(pk=koc.member_id).update(merged_into=owner)
    says_no(gone.member_id)
    note = koc_merging.note_step
    planted = failing(note, lambda given: False)

    def for_the_first(koc: Any, *given: Any, **values: Any) -> Any:
        work = failing(note, lambda _given: True) if koc.pk == merged.pk else planted
        return work(koc, *given, **values)

    monkeypatch.setattr(koc_merging, "note_step", for_the_first)
    with pytest.raises(DataError):
        keep_kocs(now=NOW + DAY)
    for koc in (merged, other, gone):
        koc.refresh_from_db()
    assert (other.member, gone.state) == (owners[1], KocState.LEFT)
    assert merged.member != owners[0], "nothing half-saved"


@TOGETHER
def test_second_worker_leaves_keeping_and_settling_to_the_first() -> None:
    earnings.months()
    koc = cast.invited()
    with claimed_elsewhere(KEEP):
        assert keep_kocs(now=NOW + 20 * DAY) == 0
    earnings.rule()
    her, (buyer,) = earnings.koc(), earnings.people(1)
    assert her.member is not None
    earnings.agree(her.member)
    earnings.buy(buyer, "A1", code=her.referral_code)
    earnings.share_everybody(by=None, now=NOW)
    with claimed_elsewhere(SETTLE):
        assert settle_due(now=earnings.later(15)) == 0
    assert (keep_kocs(now=NOW + 20 * DAY), settle_due(now=earnings.later(15))) == (1, 1)
    koc.refresh_from_db()
    assert koc.state == KocState.DECLINED


# --- scores and effect ---


@TOGETHER
def test_sums_of_a_score_hold_no_transaction_that_others_wait_for() -> None:
    """Followers read facts up to the oldest transaction with a number: the sums must not hold one."""
    cast.joined(cast.group(), cast.people(1)[0])
    held: list[object] = []

    def look(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if "INSERT INTO community_kocscore AS held" in sql:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_current_xact_id_if_assigned()")
                held.extend(cursor.fetchone())
        return execute(sql, params, many, context)

    with connection.execute_wrapper(look):
        run = score_everybody(by=None, now=NOW)
    assert held == [None]
    assert (run.members, KocScore.objects.get().run) == (1, ScoreRun.objects.get())


@ALONE
def test_scores_stand_though_proposing_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    cast.joined(cast.group(), cast.people(1)[0])
    monkeypatch.setattr(koc_scoring, "propose", failing(koc_scoring.propose, lambda _given: True))
    with pytest.raises(DataError):
        score_if_due(now=NOW)
    assert (KocScore.objects.count(), ScoreRun.objects.count(), LevelProposal.objects.count()) == (1, 1, 0)
    assert score_if_due(now=NOW) is None


@ALONE
def test_scores_that_fail_are_told_to_whoever_asked_and_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    cast.joined(cast.group(), cast.people(1)[0])
    assess("koc_scoring", now=NOW - DAY)
    ask_for_scores(by=cast.marketer(), now=NOW)
    with monkeypatch.context() as planted, pytest.raises(DataError):
        planted.setattr(koc_scoring, "_write", failing(koc_scoring._write, lambda _given: True))
        score_if_due(now=NOW)
    assert KocSettings.objects.get().score_asked_at is None
    assert InAppNotice.objects.filter(recipient=cast.marketer(), key__startswith="koc-scores-failed").count() == 1
    assert KocScore.objects.count() == 0
    run = score_if_due(now=NOW)
    assert run is not None
    assert run.by is None


@ALONE
def test_measurement_that_fails_is_told_to_whoever_asked_and_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    ask_to_measure(by=cast.marketer(), now=NOW)
    with monkeypatch.context() as planted, pytest.raises(DataError):
        planted.setattr(koc_effects, "_facts", failing(koc_effects._facts, lambda _given: True))
        measure_if_due(now=NOW)
    assert KocSettings.objects.get().effect_asked_at is None
    assert InAppNotice.objects.filter(recipient=cast.marketer(), key__startswith="koc-effect-failed").count() == 1
    assert EffectRun.objects.count() == 0
    assert measure_if_due(now=NOW) is not None


@TOGETHER
def test_second_worker_leaves_scores_and_effect_to_the_first() -> None:
    cast.joined(cast.group(), cast.people(1)[0])
    with claimed_elsewhere(koc_scoring.TASK), claimed_elsewhere(koc_effects.TASK):
        assert (score_if_due(now=NOW), measure_if_due(now=NOW)) == (None, None)
    assert score_if_due(now=NOW) is not None


# --- shares ---


@TOGETHER
def test_books_that_refuse_a_settlement_hold_up_nobody_elses() -> None:
    """The balance of one KOC was taken away behind the back of the ledger."""
    earnings.months()
    earnings.rule()
    bad, good, (buyer,) = earnings.koc(), earnings.koc(), earnings.people(1)
    for number, koc in enumerate((bad, good)):
        earnings.buy(buyer, f"A{number}", code=koc.referral_code)
    earnings.share_everybody(by=None, now=NOW)
    with as_owner("flush"):
        LedgerBalance.objects.filter(koc=bad, book="pending").update(amount=0)
    with pytest.raises(Exception, match="community_balance_side"):
        settle_due(now=earnings.later(15))
    assert earnings.books(good) == {"payable": 10, "cost": -10}
    with as_owner("flush"):
        LedgerBalance.objects.filter(koc=bad, book="pending").update(amount=10)
    assert settle_due(now=earnings.later(15)) == 1
    assert earnings.books(bad) == {"payable": 10, "cost": -10}


# --- rights and benefits ---


@ALONE
def test_piece_that_cannot_be_taken_out_holds_up_no_other(
    monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    authors = earnings.people(3)
    for author in authors:
        earnings.agree(author)
    bad, good = (earnings.approved(earnings.piece(author)) for author in authors[:2])
    late = earnings.approved(earnings.piece(authors[2], until=date(2026, 11, 30)))
    for author in authors[:2]:
        earnings.agree(author, NOW, ConsentAction.WITHDRAW)
    monkeypatch.setattr(ugc, "drop", failing(ugc.drop, lambda given: given["object_id"] == bad.pk))
    with pytest.raises(DataError):
        sweep_rights(now=earnings.later(30))
    for piece in (bad, good, late):
        piece.refresh_from_db()
    assert (bad.state, good.state, late.state) == (UgcState.APPROVED, UgcState.WITHDRAWN, UgcState.ENDED)


@ALONE
def test_benefit_that_fails_holds_up_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    earnings.koc("priority")
    bad, good = benefit(name="坏"), benefit(name="好")
    monkeypatch.setattr(benefits, "give", failing(benefits.give, lambda given: given["coupon"] == bad.coupon))
    with pytest.raises(DataError):
        benefits.give_due(now=earnings.NOW)
    assert set(CouponGrant.objects.values_list("coupon", flat=True)) == {good.coupon_id}


@TOGETHER
def test_benefit_that_another_worker_gives_is_left_to_it() -> None:
    earnings.koc("priority")
    made = benefit()
    with claimed_elsewhere(benefits.TASK, made.pk):
        assert benefits.give_due(now=earnings.NOW) == 0
    assert benefits.give_due(now=earnings.NOW) == 1


# --- the assessment that scores wait for ---


@ALONE
def test_without_an_assessment_nobody_is_scored_by_the_clock_nor_by_the_button() -> None:
    cast.joined(cast.group(), cast.people(1)[0])
    with pytest.raises(AssessmentMissing):
        ask_for_scores(by=cast.marketer(), now=NOW)
    assert tasks.score_koc() == {"skipped": AssessmentMissing.code}
    assert (ScoreRun.objects.count(), KocSettings.objects.get().score_asked_at) == (0, None)
    assess("koc_scoring", now=timezone.now() - DAY)
    assert tasks.score_koc() == {"scored": 1}


@ALONE
def test_assessment_that_has_run_out_stops_the_scores() -> None:
    cast.joined(cast.group(), cast.people(1)[0])
    assess("koc_scoring", now=timezone.now() - 60 * DAY, months=1)
    assert tasks.score_koc() == {"skipped": AssessmentMissing.code}


@ALONE
@translation.override("en")
def test_score_is_explained_with_her_own_values_and_says_who_decides() -> None:
    who = cast.joined(cast.group(), cast.people(1)[0])
    assert who.member is not None
    assert ("KOC score", []) not in explanations_for(who.member.pk)
    cast.spoke(who, messages=60)
    row = cast.scored(who.member)
    (sentences,) = [said for label, said in explanations_for(who.member.pk) if label == "KOC score"]
    assert sentences[0] == (
        f"KOC score {row.total} of 100, from the 90 days before 2026-11-20; of a chat that was brought to us earlier, from "
        "the days before that."
    )
    assert len(sentences) == 7
    assert "Messages in groups 60 (60 give 50 points)" in sentences[1]
    assert "decided by a person" in sentences[-1]
