"""Showing a protected value in full: with a reason, not too often, on the record; a minor's only if a second person agrees."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from audit.services import Target, record
from core.errors import Gone, NotAllowed, TooManyRequests, ValidationFailed
from core.registries import Feature, features
from core.rules.masking import mask_text
from core.services.features import require_feature
from core.services.rate_limits import Rate, take
from core.services.sealing import open_rows
from members.enums import PROTECTED_TYPES
from members.models import Identity, Member, MinorAccess
from members.selectors.persons import records_of_person, youngest_birthday

SEALED = Identity._meta.get_field("sealed")
PER_HOUR = Rate(burst=50, per_second=50 / 3600)
SHORTEST_REASON = 4
ADULT = 18
APPROVAL_HOLDS = timedelta(hours=24)
MINORS = features.register(
    Feature(
        code="minors",
        label=_("Showing protected data of minors"),
        why=_("Data of children under fourteen are sensitive; the product holds all minors to the same."),
        article=_("PIPL Art. 55 (1): sensitive personal information"),
        order=30,
    )
)


class ApprovalNeeded(NotAllowed):
    """The question was noted; somebody else decides."""

    code = "approval_needed"
    message = _("She is a minor: a second person has to agree first. Your question has been passed on.")


class OwnQuestion(NotAllowed):
    code = "own_question"
    message = _("Somebody else than the one who asked has to decide.")


def reveal(*, identity: Identity, reason: str, by: User, now: datetime) -> str:
    """The value in full. Call it outside of a transaction.

    Raises ValidationFailed without a reason, TooManyRequests above fifty an hour, ApprovalNeeded for a minor.
    """
    words = reason.strip()
    if len(words) < SHORTEST_REASON:
        raise ValidationFailed(fields={"reason": [_("Say what you need it for; it is kept in the audit log.")]})
    require_approval(member=identity.member, reason=words, by=by, now=now)
    wait = take(f"reveal:{by.pk}", PER_HOUR)
    if wait:
        raise TooManyRequests(retry_after=wait)
    text = open_rows(SEALED, [identity])[0] if identity.type in PROTECTED_TYPES else identity.lookup
    if not isinstance(text, str):
        raise Gone
    with transaction.atomic():
        target = Target(
            object_type="members.member", object_id=identity.member_id, changes={"type": [None, str(identity.type)]}
        )
        record(by=by, action="members.reveal_identity", obj=target, reason=words, at=now)
    return text


def require_approval(*, member: Member, reason: str, by: User, now: datetime) -> None:
    """Call it before a minor's data are shown or given out; the question is passed on. Raises ApprovalNeeded."""
    if not may_see_now(member, by=by, now=now):
        _ask(member, reason, by=by, now=now)
        raise ApprovalNeeded


def is_minor(birthday: date | None, *, today: date) -> bool:
    """Under eighteen on that day; not known counts as grown up."""
    if birthday is None:
        return False
    before = (today.month, today.day) < (birthday.month, birthday.day)
    return today.year - birthday.year - before < ADULT


def may_see_now(member: Member, *, by: User, now: datetime) -> bool:
    """Whether no approval is needed, or one holds for this person."""
    records = records_of_person(member.pk)
    if not is_minor(youngest_birthday(records), today=now.date()):
        return True
    return MinorAccess.objects.filter(member__in=records, asked_by=by, granted=True, until__gt=now).exists()


@transaction.atomic
def decide(*, access: MinorAccess, granted: bool, by: User, now: datetime) -> bool:
    """Let the one who asked see a minor's data for a day, or not. False if it was decided before.

    Raises OwnQuestion; granting raises what `require_feature` raises, for data of children are sensitive (PIPL Art. 28).
    """
    locked = MinorAccess.objects.select_for_update().get(pk=access.pk)
    if locked.asked_by_id == by.pk:
        raise OwnQuestion
    if locked.decided_at is not None:
        return False
    if granted:
        require_feature(MINORS.code, now=now)
    locked.granted, locked.decided_by, locked.decided_at = granted, by, now
    locked.until = now + APPROVAL_HOLDS if granted else None
    locked.save()
    _record("members.grant_minor_access" if granted else "members.refuse_minor_access", locked, by=by, now=now)
    return True


@transaction.atomic
def _ask(member: Member, reason: str, *, by: User, now: datetime) -> None:
    access, made = MinorAccess.objects.get_or_create(
        member=member, asked_by=by, decided_at=None, defaults={"reason": mask_text(reason)[:300], "asked_at": now}
    )
    if made:
        _record("members.ask_minor_access", access, by=by, now=now)


def _record(action: str, access: MinorAccess, *, by: User, now: datetime) -> None:
    target = Target(
        object_type="members.member", object_id=access.member_id, changes={"asked_by": [None, access.asked_by_id]}
    )
    record(by=by, action=action, obj=target, reason=access.reason, at=now)
