"""The life of a request: received, its maker recognised, done or refused; each step on the record, each only once."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from compliance.enums.consent import ConsentSource
from compliance.enums.rights import (
    ERASING,
    OPEN_STATES,
    ErasureReason,
    IdentityCheck,
    RefusalReason,
    Requester,
    RequestKind,
    RequestSource,
    RequestState,
)
from compliance.errors.rights import (
    AnswerNeeded,
    CopyNotMade,
    IdentityNotChecked,
    NobodyThere,
    RequestClosed,
    RequestNotValid,
)
from compliance.models import Erasure, RightsSettings, SubjectRequest
from compliance.rules.working_days import deadline
from compliance.selectors.consent import handed_out_by
from compliance.selectors.requests import rights_settings
from compliance.services.consent import withdraw_all
from compliance.services.erasure import begin, proceed
from compliance.services.status import restrict
from core.services.sealing import seal
from members.models import Member

WISH = SubjectRequest._meta.get_field("wish")
ANSWER = SubjectRequest._meta.get_field("answer")
#: How staff recognise somebody; the link recognises her by itself, or not at all.
BY_STAFF = tuple(check for check in IdentityCheck if check != IdentityCheck.LINK)
LONGEST = 5_000


@transaction.atomic
def open_request(
    *,
    member_id: int,
    kind: RequestKind | str,
    source: RequestSource | str,
    by: User | None,
    now: datetime,
    requester: Requester | str = Requester.SELF,
    wish: str = "",
    language: str = settings.LANGUAGE_CODE,
) -> SubjectRequest:
    """Take a request; the clock runs from now. One of the same kind that is still open is answered instead.

    `language` is the one that she reads: she is answered in it, whatever the staff reads.

    From her own privacy centre she is recognised by her link; but for a copy or an erasure not by one that staff
    handed out, for whoever handed it out could use it. Raises NobodyThere or RequestNotValid.
    """
    _require_choices(kind, source, requester, language)
    if not Member.objects.select_for_update(of=("self",)).filter(pk=member_id).exists():
        raise NobodyThere
    same = SubjectRequest.objects.filter(member=member_id, kind=kind, requester=requester, state__in=OPEN_STATES)
    present: SubjectRequest | None = same.first()
    if present is not None:
        return present
    link_by = handed_out_by([member_id]).get(member_id) if source == RequestSource.CENTRE else None
    recognised = source == RequestSource.CENTRE and not (link_by and kind in (RequestKind.ACCESS, *ERASING))
    days = rights_settings().answer_days
    words = wish.strip()[:LONGEST]
    request: SubjectRequest = SubjectRequest.objects.create(
        member_id=member_id,
        kind=kind,
        requester=requester,
        source=source,
        state=RequestState.VERIFIED if recognised else RequestState.RECEIVED,
        link_by_id=link_by,
        language=language,
        wish=seal(WISH, subject_id=member_id, text=words) if words else None,
        received_at=now,
        due_at=deadline(now, days, zone=timezone.get_default_timezone()),
        identity_check=IdentityCheck.LINK if recognised else "",
        verified_at=now if recognised else None,
    )
    door = {"kind": str(kind), "source": str(source), "link_by": str(link_by or "")}
    _record("compliance.request_opened", request, by=by, now=now, **door)
    return request


@transaction.atomic
def verify(*, request: SubjectRequest, check: IdentityCheck | str, by: User, now: datetime) -> SubjectRequest:
    """Note how the one who asks was recognised. Raises RequestClosed or RequestNotValid."""
    locked = _locked(request)
    if check not in BY_STAFF:
        raise RequestNotValid(fields={"check": [_("Say how the one who asks was recognised.")]})
    locked.state, locked.identity_check = RequestState.VERIFIED, IdentityCheck(check)
    locked.verified_at, locked.verified_by = now, by
    locked.save()
    _record("compliance.request_verified", locked, by=by, now=now, check=str(check))
    return locked


@transaction.atomic
def refuse(
    *, request: SubjectRequest, reason: RefusalReason | str, answer: str, by: User, now: datetime
) -> SubjectRequest:
    """Refuse, with the reason and the words she gets (Art. 50). Raises RequestClosed, RequestNotValid, AnswerNeeded."""
    locked = _locked(request)
    if reason not in RefusalReason.values:
        raise RequestNotValid(fields={"reason": [_("A refusal says why.")]})
    locked.refusal = RefusalReason(reason)
    return _close(locked, RequestState.REFUSED, answer, by=by, now=now)


@transaction.atomic
def cancel(*, request: SubjectRequest, by: User | None, now: datetime) -> SubjectRequest:
    """She took it back. Raises RequestClosed."""
    return _close(_locked(request), RequestState.CANCELLED, "-", by=by, now=now)


def fulfil(*, request: SubjectRequest, answer: str, by: User, now: datetime) -> Erasure | None:
    """Do what was asked for and close the request; deleting answers the erasure, which may have to wait for an import.

    A copy was made before, correcting and explaining were done by hand: here the answer is kept. Call it outside of
    a transaction. Raises RequestClosed, IdentityNotChecked, CopyNotMade, AnswerNeeded, UnderLegalHold.
    """
    with transaction.atomic():
        locked = _locked(request)
        if locked.state != RequestState.VERIFIED:
            raise IdentityNotChecked
        if locked.lacks_copy:
            raise CopyNotMade
        _close(locked, RequestState.DONE, answer, by=by, now=now)
        erasure = _act(locked, by=by, now=now)
    return None if erasure is None else proceed(erasure, now=now)


@transaction.atomic
def change_rights_settings(*, answer_days: int, warn_days: int, reason: str, by: User, now: datetime) -> RightsSettings:
    """How many working days an answer may take, and when to remind. Raises RequestNotValid."""
    row, _made = RightsSettings.objects.select_for_update().get_or_create(pk=1)
    before = {"answer_days": row.answer_days, "warn_days": row.warn_days}
    after = {"answer_days": answer_days, "warn_days": warn_days}
    if not reason.strip():
        raise RequestNotValid(fields={"reason": [_("Say why; it is kept in the audit log.")]})
    if not (1 <= answer_days <= 60 and 0 <= warn_days <= 30):  # noqa: PLR2004  # as the fields say
        raise RequestNotValid(
            fields={"answer_days": [_("Between 1 and 60 working days; remind at most 30 days before.")]}
        )
    row.answer_days, row.warn_days = answer_days, warn_days
    row.save()
    changes = {name: [before[name], after[name]] for name in before if before[name] != after[name]}
    record(by=by, action="compliance.change_rights_settings", obj=row, reason=reason, changes=changes, at=now)
    return row


def _act(request: SubjectRequest, *, by: User, now: datetime) -> Erasure | None:
    """What follows from the kind; an erasure is only begun here, in the transaction that closes the request."""
    words = _("Request %(number)s") % {"number": request.pk}
    if request.kind in ERASING:
        why = ErasureReason.ACCOUNT_CLOSED if request.kind == RequestKind.CLOSE else ErasureReason.REQUEST
        return begin(member_id=request.member_id, why=why, by=by, now=now, note=words)
    if request.kind == RequestKind.RESTRICT:
        restrict(member_id=request.member_id, reason=words, by=by, now=now)
    if request.kind == RequestKind.WITHDRAW:
        withdraw_all(member_id=request.member_id, source=ConsentSource.STAFF, by=by, now=now, page=words)
    return None


def _require_choices(kind: str, source: str, requester: str, language: str) -> None:
    given: dict[str, tuple[str, Collection[str]]] = {
        "kind": (kind, RequestKind.values),
        "source": (source, RequestSource.values),
        "requester": (requester, Requester.values),
        "language": (language, dict(settings.LANGUAGES)),
    }
    wrong = [name for name, (value, choices) in given.items() if value not in choices]
    if wrong:
        raise RequestNotValid(fields={name: [_("Choose one of the list.")] for name in wrong})


def _locked(request: SubjectRequest) -> SubjectRequest:
    locked: SubjectRequest = SubjectRequest.objects.select_for_update().get(pk=request.pk)
    if not locked.is_open:
        raise RequestClosed
    return locked


def _close(
    request: SubjectRequest, state: RequestState, answer: str, *, by: User | None, now: datetime
) -> SubjectRequest:
    words = answer.strip()[:LONGEST]
    if not words:
        raise AnswerNeeded(fields={"answer": [AnswerNeeded.message]})
    request.state, request.closed_at, request.closed_by = state, now, by
    if state != RequestState.CANCELLED:
        request.answer = seal(ANSWER, subject_id=request.member_id, text=words)
    request.save()
    _record(f"compliance.request_{state}", request, by=by, now=now, refusal=str(request.refusal))
    return request


def _record(action: str, request: SubjectRequest, *, by: User | None, now: datetime, **said: str) -> None:
    changes: dict[str, list[Any]] = {
        "member": [None, request.member_id],
        **{name: [None, value] for name, value in said.items() if value},
    }
    record(by=by, action=action, obj=request, changes=changes, at=now)
