"""KOC step by step: invited with reasons, answered with evidence, moved by verbs, ended when consent is gone."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.enums import Role
from audit.models import AuditEntry
from community.enums.koc import KocLevel, KocState, KocVerb, ProposalKind, ProposalState
from community.errors.koc import (
    AgreementMissing,
    AgreementNotValid,
    AnswerNotValid,
    InvitationOver,
    KocStateWrong,
    NotInvitable,
    ProposalDecided,
    ReasonMissing,
)
from community.models import (
    Koc,
    KocAcceptance,
    KocAgreement,
    KocEvent,
    KocScore,
    KocScoreDay,
    LevelProposal,
    LevelRule,
    ScoreRun,
)
from community.privacy.koc import erase_koc, export_koc
from community.rules.koc_levels import Rung, Standing, proposal_for
from community.rules.referral import ALPHABET, new_code
from community.selectors.koc_scores import candidates, weights_in_force
from community.services import koc_proposals, kocs
from community.services.koc_keeping import end_without_consent, keep_kocs
from community.services.koc_scoring import score_everybody
from community.services.koc_weights import publish_agreement
from compliance.enums.consent import Channel, ConsentSource, Purpose
from compliance.errors.consent import ConsentNotRecorded
from compliance.models import ConsentEvent, ContactStatus
from compliance.selectors.consent import held, states_of
from compliance.services.consent import choose
from compliance.services.copies import everything_about
from core.registries import purges
from members.models import Member
from tests.community.koc_cast import (
    DAY,
    NOW,
    active,
    group,
    invited,
    joined,
    marketer,
    notice,
    people,
    person,
    version,
)

pytestmark = pytest.mark.django_db
RUNGS = [
    Rung(level=KocLevel.CO_CREATION, enter_score=Decimal(15), enter_days=0, keep_score=Decimal(15), keep_days=28),
    Rung(level=KocLevel.PRIORITY, enter_score=Decimal(45), enter_days=30, keep_score=Decimal(30), keep_days=28),
    Rung(level=KocLevel.REVENUE_SHARE, enter_score=Decimal(60), enter_days=60, keep_score=Decimal(40), keep_days=28),
]


def acts(koc: Koc) -> list[str]:
    rows = AuditEntry.objects.filter(object_type="community.koc", object_id=str(koc.pk)).order_by("pk")
    return [row.action for row in rows]


# --- inviting ---


def test_invitation_is_a_step_with_an_end_and_a_record() -> None:
    koc = invited()
    assert (koc.state, koc.referral_code, koc.invited_until) == (KocState.INVITED, None, NOW + 14 * DAY)
    assert [(row.what, row.from_state, row.to_state) for row in KocEvent.objects.filter(koc=koc)] == [
        (KocVerb.INVITE, "", KocState.INVITED)
    ]
    assert acts(koc) == ["community.koc_invite"]


def test_nobody_is_invited_twice_or_without_a_group() -> None:
    koc = invited()
    assert koc.member is not None
    with pytest.raises(NotInvitable):
        kocs.invite(member=koc.member, by=marketer(), now=NOW)
    with pytest.raises(NotInvitable):
        kocs.invite(member=people(1)[0], by=marketer(), now=NOW)
    assert Koc.objects.count() == 1


def test_minors_and_restricted_members_are_not_invited() -> None:
    young, restricted = people(2)
    first = group()
    for member in (young, restricted):
        joined(first, member)
    Member.objects.filter(pk=young.pk).update(birthday=(NOW - 17 * 365 * DAY).date())
    ContactStatus.objects.create(member=restricted, restricted_at=NOW - DAY)
    young.refresh_from_db()
    done = kocs.invite_all(members=[young, restricted], by=marketer(), now=NOW)
    assert done.kocs == []
    assert [member for member, _why in done.refused] == [young, restricted]
    assert all(why for _member, why in done.refused)


def test_who_declined_is_left_in_peace_for_a_while() -> None:
    koc = kocs.decline(koc=invited(), by=marketer(), now=NOW, reason="太忙")
    assert koc.member is not None
    with pytest.raises(NotInvitable):
        kocs.invite(member=koc.member, by=marketer(), now=NOW + DAY)
    again = kocs.invite(member=koc.member, by=marketer(), now=NOW + 400 * DAY)
    assert (again.pk, again.state) == (koc.pk, KocState.INVITED)


# --- answering ---


def test_yes_brings_consent_agreement_and_code_together() -> None:
    koc = active()
    assert koc.member_id is not None
    said = held(states_of(koc.member_id), Purpose.PUBLISH, Channel.ANY)
    acceptance = KocAcceptance.objects.get(koc=koc)
    agreement = KocAgreement.objects.get(kind="programme")
    assert said is not None
    assert said.is_grant
    assert (acceptance.consent_event, acceptance.hash, acceptance.by) == (said.event_id, agreement.hash, marketer())
    assert agreement.hash in ConsentEvent.objects.get(pk=said.event_id).wording
    assert (koc.state, koc.level, koc.since) == (KocState.ACTIVE, KocLevel.CO_CREATION, NOW)
    assert set(koc.referral_code or "") <= set(ALPHABET)
    assert acts(koc) == ["community.koc_invite", "community.koc_accept"]


def test_yes_to_another_version_is_no_answer() -> None:
    notice()
    koc = invited()
    with pytest.raises(AnswerNotValid):
        kocs.accept(koc=koc, version=version() + 1, source="staff", by=marketer(), now=NOW)
    koc.refresh_from_db()
    assert koc.state == KocState.INVITED
    assert ConsentEvent.objects.count() == 0


def test_yes_without_a_notice_or_too_late_saves_nothing() -> None:
    koc = invited()
    with pytest.raises(ConsentNotRecorded):
        kocs.accept(koc=koc, version=version(), source="staff", by=marketer(), now=NOW)
    notice()
    with pytest.raises(InvitationOver):
        kocs.accept(koc=koc, version=version(), source="staff", by=marketer(), now=NOW + 15 * DAY)
    assert (KocAcceptance.objects.count(), ConsentEvent.objects.count()) == (0, 0)


def test_acceptances_are_evidence() -> None:
    active()
    for act in (KocAcceptance.objects.all().delete, lambda: KocAcceptance.objects.update(hash="")):
        with pytest.raises(ProgrammingError), transaction.atomic():
            act()
    assert KocAcceptance.objects.count() == 1


def test_the_database_knows_no_koc_without_a_code() -> None:
    koc = invited()
    with pytest.raises(IntegrityError), transaction.atomic():
        Koc.objects.filter(pk=koc.pk).update(state=KocState.ACTIVE, since=NOW)


def test_codes_are_new_each_time() -> None:
    assert len({new_code() for _turn in range(500)}) == 500


# --- steps ---


def test_pause_and_resume() -> None:
    koc = active()
    with pytest.raises(ReasonMissing):
        kocs.pause(koc=koc, by=marketer(), now=NOW, reason=" ")
    kocs.pause(koc=koc, by=marketer(), now=NOW, reason="休假")
    with pytest.raises(KocStateWrong):
        kocs.pause(koc=koc, by=marketer(), now=NOW, reason="再次")
    assert kocs.resume(koc=koc, by=marketer(), now=NOW).state == KocState.ACTIVE
    assert [row.what for row in KocEvent.objects.filter(koc=koc).order_by("pk")] == [
        "invite",
        "accept",
        "pause",
        "resume",
    ]


def test_revenue_share_needs_her_agreement_to_its_text() -> None:
    koc = active()
    with pytest.raises(AgreementMissing):
        kocs.set_level(koc=koc, level=KocLevel.REVENUE_SHARE, by=marketer(), now=NOW, reason="推荐多")
    kocs.agree_to_share(koc=koc, version=version("revenue_share"), source="staff", by=marketer(), now=NOW)
    kocs.agree_to_share(koc=koc, version=version("revenue_share"), source="staff", by=marketer(), now=NOW)
    moved = kocs.set_level(koc=koc, level=KocLevel.REVENUE_SHARE, by=marketer(), now=NOW, reason="推荐多")
    assert (moved.level, KocAcceptance.objects.filter(koc=koc).count()) == (KocLevel.REVENUE_SHARE, 2)
    assert KocEvent.objects.filter(koc=koc).latest("pk").what == KocVerb.PROMOTE


def test_an_ended_koc_keeps_her_code_when_she_comes_back() -> None:
    koc = active()
    kocs.demote(koc=koc, by=marketer(), now=NOW, reason="发布不实内容")
    member = koc.member
    assert member is not None
    with pytest.raises(NotInvitable):
        kocs.invite(member=member, by=marketer(), now=NOW + DAY)
    later = NOW + 100 * DAY
    back = kocs.accept(
        koc=kocs.invite(member=member, by=marketer(), now=later),
        version=version(),
        source="api",
        by=marketer(),
        now=later,
    )
    assert (back.referral_code, back.since, back.ended_at) == (koc.referral_code, later, None)


# --- what the product does by itself ---


def test_withdrawn_consent_ends_it_within_a_round() -> None:
    koc, other = active(), active()
    assert koc.member_id is not None
    assert keep_kocs(now=NOW) == 0
    choose(
        member_id=koc.member_id,
        purpose=Purpose.PUBLISH,
        channel=Channel.ANY,
        granted=False,
        source=ConsentSource.PAGE,
        by=None,
        now=NOW + DAY,
    )
    assert keep_kocs(now=NOW + DAY) == 1
    koc.refresh_from_db()
    other.refresh_from_db()
    assert (koc.state, koc.ended_at, other.state) == (KocState.LEFT, NOW + DAY, KocState.ACTIVE)
    assert koc.reason
    assert KocEvent.objects.filter(koc=koc).latest("pk").by is None


def test_restricted_data_pause_her() -> None:
    koc = active()
    ContactStatus.objects.create(member_id=koc.member_id, restricted_at=NOW)
    assert keep_kocs(now=NOW + DAY) == 1
    koc.refresh_from_db()
    assert koc.state == KocState.PAUSED
    with pytest.raises(NotInvitable):
        kocs.resume(koc=koc, by=marketer(), now=NOW + DAY)


def test_invitations_run_out() -> None:
    koc = invited()
    assert keep_kocs(now=NOW + 13 * DAY) == 0
    assert keep_kocs(now=NOW + 14 * DAY) == 1
    koc.refresh_from_db()
    assert (koc.state, koc.ended_at) == (KocState.DECLINED, NOW + 14 * DAY)


def test_who_is_in_a_group_by_a_merged_record_may_be_invited() -> None:
    notice()
    owner, absorbed = people(2)
    joined(group(), absorbed)
    with pytest.raises(NotInvitable):
        kocs.invite(member=owner, by=marketer(), now=NOW)
    Member.objects.filter(pk=absorbed.pk).update(merged_into=owner)
    score_everybody(by=None, now=NOW)
    assert KocScore.objects.get().pk == owner.pk, "a candidate"
    assert kocs.invite(member=owner, by=marketer(), now=NOW).state == KocState.INVITED


def test_a_koc_goes_with_the_record_that_stands() -> None:
    koc = active()
    owner = people(1)[0]
    Member.objects.filter(pk=koc.member_id).update(merged_into=owner)
    keep_kocs(now=NOW)
    koc.refresh_from_db()
    assert (koc.member, koc.state) == (owner, KocState.ACTIVE)


def test_of_two_records_the_merged_one_gives_way() -> None:
    stays, goes = active(), active()
    Member.objects.filter(pk=goes.member_id).update(merged_into=stays.member)
    record = goes.member
    keep_kocs(now=NOW)
    goes.refresh_from_db()
    stays.refresh_from_db()
    assert (goes.member, goes.state, stays.state) == (record, KocState.LEFT, KocState.ACTIVE)
    assert goes.merged_into == stays


# --- levels ---


@pytest.mark.parametrize(
    ("level", "score", "best", "days", "found"),
    [
        ("co_creation", 44, 44, 90, None),
        ("co_creation", 45, 45, 29, None),
        ("co_creation", 45, 45, 30, (ProposalKind.PROMOTE, "priority")),
        ("priority", 60, 60, 60, (ProposalKind.PROMOTE, "revenue_share")),
        ("priority", 10, 29, 28, (ProposalKind.LOWER, "co_creation")),
        ("priority", 10, 30, 28, None),
        ("priority", 10, 10, 27, None),
        ("co_creation", 5, 5, 28, (ProposalKind.DEMOTE, "")),
        ("revenue_share", 100, 100, 900, None),
        ("unknown", 1, 1, 1, None),
    ],
)
def test_rules_propose(level: str, score: int, best: int, days: int, found: tuple[str, str] | None) -> None:
    standing = Standing(koc_id=1, level=level, score=Decimal(score), best=Decimal(best), days=days)
    proposed = proposal_for(standing, RUNGS)
    assert (proposed and (proposed.kind, proposed.to_level)) == found


def with_score(koc: Koc, total: int) -> None:
    run = ScoreRun.objects.create(
        as_of=NOW, weights=weights_in_force(), members=1, strangers=0, started_at=NOW, seconds=0
    )
    values = {"run": run, "total": total, "parts": [total] * 5, "facts": [0] * 11, "groups": 1}
    KocScore.objects.update_or_create(pk=koc.member_id, defaults=values)


def test_a_promotion_is_proposed_confirmed_and_done() -> None:
    koc = active(now=NOW - 40 * DAY)
    with_score(koc, 70)
    assert koc_proposals.propose(now=NOW) == 1
    assert koc_proposals.propose(now=NOW + DAY) == 0
    proposal = LevelProposal.objects.get()
    assert proposal.facts == {"score": "70.0", "against": "45.0", "days": "41", "days_needed": "30"}
    koc_proposals.confirm(proposal=proposal, by=marketer(), now=NOW + DAY)
    koc.refresh_from_db()
    assert (koc.level, koc.level_since) == (KocLevel.PRIORITY, NOW + DAY)
    with pytest.raises(ProposalDecided):
        koc_proposals.confirm(proposal=proposal, by=marketer(), now=NOW + DAY)


def test_a_dismissed_proposal_does_not_come_back_at_once() -> None:
    koc = active(now=NOW - 40 * DAY)
    with_score(koc, 70)
    koc_proposals.propose(now=NOW)
    proposal = LevelProposal.objects.get()
    with pytest.raises(ReasonMissing):
        koc_proposals.dismiss(proposal=proposal, by=marketer(), now=NOW, note="")
    koc_proposals.dismiss(proposal=proposal, by=marketer(), now=NOW, note="再观察一个月")
    assert koc_proposals.propose(now=NOW + DAY) == 0
    assert koc_proposals.propose(now=NOW + 31 * DAY) == 1


def test_proposing_for_many_asks_no_more_than_for_one(django_assert_max_num_queries: Any) -> None:
    for _each in range(6):
        with_score(active(now=NOW - 40 * DAY), 70)
    with django_assert_max_num_queries(14):
        assert koc_proposals.propose(now=NOW) == 6
    with django_assert_max_num_queries(14):
        assert koc_proposals.propose(now=NOW + DAY) == 0
    assert {row.facts["days"] for row in LevelProposal.objects.all()} == {"41"}


def test_keeping_asks_the_gate_once_however_many_stand() -> None:
    for _each in range(6):
        active()
    with CaptureQueriesContext(connection) as asked:
        assert end_without_consent(now=NOW) == 0
    read = [each["sql"] for each in asked if '"community_koc"."state"' in each["sql"].partition("FROM")[0]]
    assert read == [], "nobody is read for whom nothing follows"


def test_a_proposal_that_fits_no_more_is_outdated() -> None:
    koc = active(now=NOW - 40 * DAY)
    with_score(koc, 70)
    koc_proposals.propose(now=NOW)
    with_score(koc, 40)
    koc_proposals.propose(now=NOW + DAY)
    assert LevelProposal.objects.get().state == ProposalState.OUTDATED


def test_whoever_stays_low_is_proposed_to_end() -> None:
    koc = active(now=NOW - 40 * DAY)
    with_score(koc, 5)
    KocScoreDay.objects.create(member_id=koc.member_id, day=(NOW - 3 * DAY).date(), total=16, parts=[16] * 5)
    assert koc_proposals.propose(now=NOW) == 0
    assert koc_proposals.propose(now=NOW + 30 * DAY) == 1
    proposal = LevelProposal.objects.get()
    assert (proposal.kind, proposal.to_level) == (ProposalKind.DEMOTE, "")
    koc_proposals.confirm(proposal=proposal, by=marketer(), now=NOW + 30 * DAY, note="长期沉默")
    koc.refresh_from_db()
    assert (koc.state, koc.reason) == (KocState.DEMOTED, "长期沉默")


def test_rules_of_levels_are_seeded_in_order() -> None:
    assert list(LevelRule.objects.values_list("level", flat=True)) == list(KocLevel)


# --- texts ---


def test_a_text_changes_as_a_version_and_old_yeses_stay_with_theirs() -> None:
    koc = active()
    legal = person("legal-of-koc", Role.LEGAL)
    text = "自愿参与，可随时退出。" * 10
    new = publish_agreement(kind="programme", text=text, reason="补充退出说明", by=legal, now=NOW)
    assert (new.version, version()) == (2, 2)
    assert KocAcceptance.objects.get(koc=koc).agreement.version == 1
    with pytest.raises(AgreementNotValid):
        publish_agreement(kind="programme", text=text, reason="x", by=legal, now=NOW)
    with pytest.raises(AgreementNotValid):
        publish_agreement(kind="programme", text="太短", reason="x", by=legal, now=NOW)


# --- the person ---


def test_scores_of_long_ago_are_purged_and_those_of_held_people_stay() -> None:
    one, held = people(2)
    for member, days in ((one, 401), (one, 10), (held, 401)):
        KocScoreDay.objects.create(member=member, day=(NOW - days * DAY).date(), total=16, parts=[16] * 5)
    purge, before = purges.get("koc_scores"), NOW - 400 * DAY
    assert purge.count(before, [held.pk]) == 1
    assert (purge.purge(before, [held.pk], 10), purge.purge(before, [held.pk], 10)) == (1, 0)
    assert KocScoreDay.objects.count() == 2


def test_what_is_known_of_her_is_given_out_and_goes_with_her() -> None:
    koc = active()
    assert koc.member_id is not None
    kocs.pause(koc=koc, by=marketer(), now=NOW, reason="她说要搬家")
    with_score(koc, 50)
    known = export_koc(koc.member_id)
    assert (known["koc"][0]["code"], known["score"][0]["total"]) == (koc.referral_code, "50.0")
    assert [row["what"] for row in known["steps"]] == ["invite", "accept", "pause"]
    assert known["agreed"][0]["text"]
    in_copy = {code: rows for code, _label, rows in everything_about(koc.member_id)}["community_koc"]
    assert (in_copy["score"], in_copy["steps"]) == (known["score"], known["steps"])
    assert erase_koc(koc.member_id) > 0
    assert erase_koc(koc.member_id) == 0
    koc.refresh_from_db()
    assert (koc.member_id, koc.referral_code, koc.state, koc.reason) == (None, None, KocState.LEFT, "")
    assert not KocEvent.objects.exclude(reason="").exists()
    assert KocAcceptance.objects.filter(koc=koc).count() == 1
    assert KocScore.objects.count() == 0


def test_reasons_are_recorded_without_her_name() -> None:
    koc = active()
    assert koc.member is not None
    Member.objects.filter(pk=koc.member.pk).update(name="欧阳晓晴")
    kocs.pause(koc=koc, by=marketer(), now=NOW, reason="欧阳晓晴要搬家")
    entry = AuditEntry.objects.get(action="community.koc_pause")
    assert "欧阳晓晴" not in entry.reason
    assert "搬家" in entry.reason


def test_only_whoever_sees_the_member_sees_the_koc() -> None:
    koc, gone = active(), active()
    assert gone.member_id is not None
    erase_koc(gone.member_id)
    guide = person("guide-of-another", Role.GUIDE)
    assert list(Koc.objects.visible_to(guide)) == []
    Member.objects.filter(pk=koc.member_id).update(guide=guide)
    assert list(Koc.objects.visible_to(guide)) == [koc]
    assert set(Koc.objects.visible_to(marketer())) == {koc, gone}


def test_late_invitations_are_a_day_like_any(django_assert_max_num_queries: object) -> None:
    """A round over nobody costs a handful of statements."""
    with django_assert_max_num_queries(9):  # type: ignore[operator]  # the fixture is a context manager
        assert keep_kocs(now=NOW + timedelta(days=1)) == 0


def test_minor_by_a_merged_record_is_neither_a_candidate_nor_invited() -> None:
    notice()
    owner, absorbed = people(2)
    joined(group(), owner)
    Member.objects.filter(pk=absorbed.pk).update(merged_into=owner, birthday=(NOW - 3000 * DAY).date())
    score_everybody(by=None, now=NOW)
    KocScore.objects.update(total=100)
    assert not candidates(marketer(), now=NOW).exists()
    with pytest.raises(NotInvitable, match="18"):
        kocs.invite(member=owner, by=marketer(), now=NOW)
    Member.objects.filter(pk=absorbed.pk).update(birthday=None)
    assert candidates(marketer(), now=NOW).exists()
