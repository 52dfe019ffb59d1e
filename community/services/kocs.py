"""What happens to a KOC, step by step: each verb moves one row, leaves a `KocEvent` and an audit row, all in one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from community.enums.koc import (
    STANDING,
    AgreementKind,
    AnswerSource,
    KocLevel,
    KocState,
    KocVerb,
    ProposalState,
)
from community.errors.koc import (
    AgreementMissing,
    AnswerNotValid,
    InvitationOver,
    KocStateWrong,
    NotInvitable,
    ReasonMissing,
)
from community.models import GroupParticipant, Koc, KocAcceptance, KocAgreement, KocEvent, KocScore, LevelProposal
from community.rules.referral import new_code
from community.selectors.koc_scores import adult_born_by, barred, koc_settings
from community.selectors.kocs import agreement_in_force, has_agreed
from compliance.enums.consent import Channel, ConsentSource, Purpose
from compliance.selectors.consent import held, states_of
from compliance.selectors.gate import may_contact
from compliance.selectors.settings import contact_settings
from compliance.services.consent import choose
from core.errors import ScrmError
from core.rules.masking import mask_text
from core.templatetags.scrm import day_text
from members.models import Member
from members.selectors.persons import of_person, records_of_person, youngest_birthday

LONGEST_REASON = 300
TURNS = 5
DOORS = {AnswerSource.STAFF: ConsentSource.STAFF, AnswerSource.API: ConsentSource.API}
LEVELS = tuple(KocLevel)


@dataclass(frozen=True, kw_only=True)
class Invited:
    """What came of inviting several: whom, and who not, with the reason in words."""

    kocs: Sequence[Koc]
    refused: Sequence[tuple[Member, str]]


@transaction.atomic
def invite(*, member: Member, by: User | None, now: datetime, reason: str = "") -> Koc:
    """Ask a member whether she wants to be a KOC; she answers within the days of the settings. Raises NotInvitable.

    The message itself goes by the ways of contact, each behind its own gate; this is the record that she is asked.
    """
    member = Member.objects.select_for_update(of=("self",)).get(pk=member.pk)
    koc = Koc.objects.select_for_update().filter(member=member).first()
    require_invitable(member, koc, now=now)
    settings = koc_settings()
    score = KocScore.objects.filter(pk=member.pk).values_list("total", flat=True).first()
    before = koc.state if koc else ""
    koc = koc or Koc(member=member)
    koc.state, koc.level, koc.reason = KocState.INVITED, KocLevel.CO_CREATION, _said(reason)
    koc.invited_at, koc.invited_by, koc.invited_score = now, by, score
    koc.invited_until = now + timedelta(days=settings.invite_days)
    koc.since = koc.level_since = koc.ended_at = None
    koc.save()
    return _note(koc, KocVerb.INVITE, from_state=before, by=by, now=now, reason=reason)


def invite_all(*, members: Iterable[Member], by: User | None, now: datetime, reason: str = "") -> Invited:
    """Invite each who may be; one who may not stops no other."""
    kocs: list[Koc] = []
    refused: list[tuple[Member, str]] = []
    for member in members:
        try:
            kocs.append(invite(member=member, by=by, now=now, reason=reason))
        except ScrmError as error:
            refused.append((member, str(error)))
    return Invited(kocs=kocs, refused=refused)


def require_invitable(member: Member, koc: Koc | None, *, now: datetime) -> None:
    """Raises NotInvitable, saying why."""
    if koc is not None and koc.state in (*STANDING, KocState.INVITED):
        raise NotInvitable(_("She is a KOC or has been invited already."))
    born = youngest_birthday(records_of_person(member.pk))
    if born is not None and born > adult_born_by(timezone.localtime(now).date()):
        raise NotInvitable(_("She is under 18: no agreement of this kind is made with a minor."))
    refusal = barred(may_contact(member.pk, purpose=Purpose.PUBLISH, channel=Channel.ANY, at=now).refusals)
    if refusal is not None:
        raise NotInvitable(_("She may not be asked: %(reason)s.") % {"reason": refusal.label})
    again = rests_until(koc)
    if again is not None and again > now:
        raise NotInvitable(_("She may be asked again from %(day)s.") % {"day": day_text(again, now)})
    if not GroupParticipant.objects.filter(of_person(member.pk), stays__left_at=None, stays__isnull=False).exists():
        raise NotInvitable(_("She is in no group now."))


def rests_until(koc: Koc | None) -> datetime | None:
    """When somebody who was asked or was a KOC before may be asked again."""
    if koc is None or koc.ended_at is None:
        return None
    days = contact_settings().reask_days if koc.state == KocState.DECLINED else koc_settings().rest_days
    return koc.ended_at + timedelta(days=days)


@transaction.atomic
def accept(*, koc: Koc, version: int, source: AnswerSource, by: User | None, now: datetime) -> Koc:
    """She says yes to the text of that version: consent to publishing, agreement and referral code come with it.

    Raises KocStateWrong, InvitationOver, AnswerNotValid where the text is another one by now, NotInvitable where she
    may not be asked any more, or what recording a consent raises.
    """
    koc = _locked(koc, KocState.INVITED)
    if koc.invited_until <= now:
        raise InvitationOver
    agreement = agreement_in_force(AgreementKind.PROGRAMME)
    _require_version(agreement, version)
    member_id = _member_id(koc)
    refusal = barred(may_contact(member_id, purpose=Purpose.PUBLISH, channel=Channel.ANY, at=now).refusals)
    if refusal is not None:
        raise NotInvitable(_("She may not be asked: %(reason)s.") % {"reason": refusal.label})
    event = _consent(member_id, agreement, source=source, by=by, now=now)
    koc.state, koc.level, koc.since, koc.level_since = KocState.ACTIVE, KocLevel.CO_CREATION, now, now
    koc.reason = ""
    _save_with_code(koc)
    _keep_acceptance(koc, agreement, source=source, by=by, now=now, consent_event=event)
    changes = {"agreement": [None, str(agreement)], "hash": [None, agreement.hash]}
    return _note(koc, KocVerb.ACCEPT, from_state=KocState.INVITED, by=by, now=now, changes=changes)


@transaction.atomic
def decline(*, koc: Koc, by: User | None, now: datetime, reason: str = "") -> Koc:
    """She says no; for a while nobody asks again. Raises KocStateWrong."""
    return _end(koc, KocVerb.DECLINE, KocState.DECLINED, (KocState.INVITED,), by=by, now=now, reason=reason)


@transaction.atomic
def take_back(*, koc: Koc, by: User | None, now: datetime, reason: str) -> Koc:
    """The brand takes an invitation back. Raises KocStateWrong, ReasonMissing."""
    _require_reason(reason)
    return _end(koc, KocVerb.TAKE_BACK, KocState.DECLINED, (KocState.INVITED,), by=by, now=now, reason=reason)


@transaction.atomic
def lapse(*, koc: Koc, now: datetime) -> Koc:
    """Nobody answered in time. Raises KocStateWrong."""
    return _end(koc, KocVerb.LAPSE, KocState.DECLINED, (KocState.INVITED,), by=None, now=now, reason="")


@transaction.atomic
def pause(*, koc: Koc, by: User | None, now: datetime, reason: str) -> Koc:
    """No new tasks for a while; what she has earned stays. Raises KocStateWrong, ReasonMissing."""
    _require_reason(reason)
    koc = _locked(koc, KocState.ACTIVE)
    koc.state, koc.reason = KocState.PAUSED, _said(reason)
    koc.save(update_fields=["state", "reason"])
    return _note(koc, KocVerb.PAUSE, from_state=KocState.ACTIVE, by=by, now=now, reason=reason)


@transaction.atomic
def resume(*, koc: Koc, by: User | None, now: datetime) -> Koc:
    """Raises KocStateWrong; NotInvitable where her data are restricted."""
    koc = _locked(koc, KocState.PAUSED)
    refusals = may_contact(_member_id(koc), purpose=Purpose.PUBLISH, channel=Channel.ANY, at=now).refusals
    refusal = barred(refusals)
    if refusal is not None:
        raise NotInvitable(_("She may not be asked: %(reason)s.") % {"reason": refusal.label})
    koc.state, koc.reason = KocState.ACTIVE, ""
    koc.save(update_fields=["state", "reason"])
    return _note(koc, KocVerb.RESUME, from_state=KocState.PAUSED, by=by, now=now)


@transaction.atomic
def leave(*, koc: Koc, by: User | None, now: datetime, reason: str) -> Koc:
    """She goes, or withdrew her consent. Raises KocStateWrong, ReasonMissing."""
    _require_reason(reason)
    return _end(koc, KocVerb.LEAVE, KocState.LEFT, STANDING, by=by, now=now, reason=reason)


@transaction.atomic
def demote(*, koc: Koc, by: User | None, now: datetime, reason: str) -> Koc:
    """The brand ends it. Raises KocStateWrong, ReasonMissing."""
    _require_reason(reason)
    return _end(koc, KocVerb.DEMOTE, KocState.DEMOTED, STANDING, by=by, now=now, reason=reason)


@transaction.atomic
def agree_to_share(*, koc: Koc, version: int, source: AnswerSource, by: User | None, now: datetime) -> Koc:
    """She agrees to the text on revenue share. Raises KocStateWrong, AnswerNotValid."""
    koc = _locked(koc, *STANDING)
    agreement = agreement_in_force(AgreementKind.REVENUE_SHARE)
    _require_version(agreement, version)
    if not has_agreed(koc, agreement):
        _keep_acceptance(koc, agreement, source=source, by=by, now=now, consent_event=None)
        changes = {"agreement": [None, str(agreement)], "hash": [None, agreement.hash]}
        _note(koc, KocVerb.AGREE, from_state=koc.state, by=by, now=now, changes=changes)
    return koc


@transaction.atomic
def set_level(*, koc: Koc, level: str, by: User | None, now: datetime, reason: str) -> Koc:
    """Move to another level, up or down. Raises KocStateWrong, ReasonMissing, AgreementMissing for the revenue share."""
    _require_reason(reason)
    koc = _locked(koc, *STANDING)
    if level not in KocLevel.values or level == koc.level:
        raise KocStateWrong
    if level == KocLevel.REVENUE_SHARE and not has_agreed(koc, agreement_in_force(AgreementKind.REVENUE_SHARE)):
        raise AgreementMissing
    before, up = koc.level, LEVELS.index(KocLevel(level)) > LEVELS.index(KocLevel(koc.level))
    koc.level, koc.level_since = level, now
    koc.save(update_fields=["level", "level_since"])
    _outdate(koc, now)
    verb = KocVerb.PROMOTE if up else KocVerb.LOWER
    return _note(koc, verb, from_state=koc.state, from_level=before, by=by, now=now, reason=reason)


def note_step(koc: Koc, verb: KocVerb, *, from_state: str, by: User | None, now: datetime, reason: str = "") -> Koc:
    """For steps that the product takes by itself."""
    return _note(koc, verb, from_state=from_state, by=by, now=now, reason=reason)


def _end(
    koc: Koc, verb: KocVerb, to: KocState, expected: Iterable[str], *, by: User | None, now: datetime, reason: str
) -> Koc:
    koc = _locked(koc, *expected)
    before, koc.state, koc.ended_at, koc.reason = koc.state, to, now, _said(reason)
    koc.save(update_fields=["state", "ended_at", "reason"])
    _outdate(koc, now)
    return _note(koc, verb, from_state=before, by=by, now=now, reason=reason)


def _locked(koc: Koc, *expected: str) -> Koc:
    found = Koc.objects.select_for_update(of=("self",)).get(pk=koc.pk)
    if found.state not in expected:
        raise KocStateWrong
    return found


def _member_id(koc: Koc) -> int:
    if koc.member_id is None:
        raise KocStateWrong
    return koc.member_id


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise ReasonMissing(fields={"reason": [ReasonMissing.message]})


def _require_version(agreement: KocAgreement, version: int) -> None:
    if agreement.version != version:
        said = _("The text in force is version %(version)s: ask her about that one.") % {"version": agreement.version}
        raise AnswerNotValid(said, fields={"version": [said]})


def _consent(member_id: int, agreement: KocAgreement, *, source: AnswerSource, by: User | None, now: datetime) -> int:
    """The event of her consent to publishing, given under the notice in force, with the text named beside it."""
    choose(
        member_id=member_id,
        purpose=Purpose.PUBLISH,
        channel=Channel.ANY,
        granted=True,
        source=DOORS[source],
        by=by,
        now=now,
        page="KOC",
        wording=f"KOC {agreement} {agreement.hash}",
    )
    state = held(states_of(member_id), Purpose.PUBLISH, Channel.ANY)
    if state is None or not state.is_grant:
        raise AnswerNotValid(_("A later answer of hers says no to publishing."))
    return state.event_id


def _save_with_code(koc: Koc) -> None:
    """A code once given stays hers; a new one that meets another is drawn again."""
    if koc.referral_code:
        koc.save()
        return
    for _turn in range(TURNS):
        koc.referral_code = new_code()
        try:
            with transaction.atomic():
                koc.save()
        except IntegrityError:
            if not Koc.objects.filter(referral_code=koc.referral_code).exists():
                raise
        else:
            return
    raise KocStateWrong


def _keep_acceptance(
    koc: Koc,
    agreement: KocAgreement,
    *,
    source: AnswerSource,
    by: User | None,
    now: datetime,
    consent_event: int | None,
) -> None:
    KocAcceptance.objects.create(
        koc=koc,
        agreement=agreement,
        hash=agreement.hash,
        accepted_at=now,
        recorded_at=now,
        source=source,
        by=by,
        consent_event=consent_event,
    )


def _outdate(koc: Koc, now: datetime) -> None:
    LevelProposal.objects.filter(koc=koc, state=ProposalState.OPEN).update(state=ProposalState.OUTDATED, decided_at=now)


def _note(
    koc: Koc,
    verb: KocVerb,
    *,
    from_state: str,
    by: User | None,
    now: datetime,
    reason: str = "",
    from_level: str | None = None,
    changes: dict[str, list[Any]] | None = None,
) -> Koc:
    level = koc.level if from_level is None else from_level
    KocEvent.objects.create(
        koc=koc,
        what=verb,
        from_state=from_state,
        to_state=koc.state,
        from_level=level if from_state else "",
        to_level=koc.level,
        reason=_said(reason),
        by=by,
        at=now,
    )
    moved = {"state": [from_state, koc.state]} if from_state != koc.state else {}
    moved |= {"level": [level, koc.level]} if level != koc.level else {}
    who = {"member": [None, koc.member_id]} if verb == KocVerb.INVITE else {}
    record(
        by=by,
        action=f"community.koc_{verb}",
        obj=koc,
        reason=reason,
        changes={**moved, **who, **(changes or {})},
        at=now,
    )
    return koc


def _said(reason: str) -> str:
    return mask_text(reason).replace("\x00", "").strip()[:LONGEST_REASON]
