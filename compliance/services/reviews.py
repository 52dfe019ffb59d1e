"""Legal review: draft → checked → in review → approved, returned, expired. Four eyes; what is forbidden never passes."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.enums import NoticeLevel
from accounts.models import User
from accounts.services import send_notice
from audit.services import record
from compliance.enums.content import ReviewState
from compliance.errors.content import ReviewNotReady, ReviewStateWrong, SamePerson, WarningsOpen, WordsForbidden
from compliance.models import Approval, Review
from compliance.selectors.lexicon import Found, latest_version
from compliance.selectors.reviews import (
    WITH_ITS_AUTHOR,
    CheckedPart,
    as_evidence,
    blocks_in,
    check_parts,
    digest_of_parts,
    digest_to_approve,
    proof_prints,
    proofs_of,
    standing_of,
    warned_in,
)
from compliance.services.reviewables import named, plain_parts, reviewables

VALID_DAYS = 180
LONGEST_VALID_DAYS = 365
LONGEST_TITLE = 120
REASON_LENGTH = 500


@transaction.atomic
def read_text(*, kind: str, object_id: int, title: str, by: User, now: datetime) -> Review:
    """Call it whenever an object's text was made or changed: the text is read and checked against the lexicon.

    A changed text goes back to `scanned` from wherever it stood, and is its last editor's; an unchanged one stays.
    """
    parts = plain_parts(kind, object_id)
    review = Review.objects.select_for_update().filter(kind=kind, object_id=object_id).first()
    digest = digest_of_parts(parts)
    if review is not None and review.digest == digest and review.title == title:
        return review
    was = review.state if review else ""
    if review is None:
        review = Review(kind=kind, object_id=object_id, created_at=now)
    review.title, review.author, review.changed_at = title[:LONGEST_TITLE], by, now
    review.submitted_at = review.submitted_by = None
    _undecide(review)
    _take(review, parts, digest)
    record(
        by=by, action="compliance.check_text", obj=named(review), changes={"state": [was or None, review.state]}, at=now
    )
    if was == ReviewState.APPROVED:
        reviewables.get(kind).withdrawn(object_id)
    return review


@transaction.atomic
def submit(*, review: Review, by: User, now: datetime) -> Review:
    """Hand the text to the reviewers. Raises WordsForbidden or WarningsOpen with the phrases at fault."""
    review = _locked(review, *WITH_ITS_AUTHOR)
    checked = _checked_anew(review)
    _require_clean(review, checked)
    review.submitted_at, review.submitted_by = now, by
    _undecide(review)
    _move(review, ReviewState.IN_REVIEW, action="compliance.submit_text", by=by, now=now)
    return review


@transaction.atomic
def approve(
    *, review: Review, digest: str, by: User, now: datetime, valid_days: int = VALID_DAYS, note: str = ""
) -> Review:
    """`digest` is `digest_to_approve` of what the reviewer has read: any other text or proof is refused.

    The text is checked once more, against the lexicon of this moment, whose version is kept with the exact text.
    Approving accepts the proof of every warned phrase.
    """
    review = _locked(review, ReviewState.IN_REVIEW)
    _require_other_person(review, by)
    if not 1 <= valid_days <= LONGEST_VALID_DAYS:
        raise ReviewNotReady(fields={"valid_days": [_("Between 1 and %(most)d days.") % {"most": LONGEST_VALID_DAYS}]})
    if _plain_digest(review) != review.digest or digest_to_approve(review) != digest:
        raise ReviewStateWrong(_("The text or a proof was changed while you read it. Read it again."))
    checked = _checked_anew(review)
    _require_clean(review, checked)
    _accept_proofs(review, checked, by)
    review.valid_until = now + timedelta(days=valid_days)
    _decide(review, by=by, now=now, decision=note)
    _move(review, ReviewState.APPROVED, action="compliance.approve_text", by=by, now=now, reason=note)
    Approval.objects.create(
        review=review,
        parts=review.parts,
        digest=review.digest,
        lexicon=review.lexicon or 0,  # never 0: the database has just taken the row as approved
        hits=as_evidence(checked),
        proofs=proof_prints(review),
        author_label=str(review.author),
        by=by,
        at=now,
        valid_until=review.valid_until,
    )
    reviewables.get(review.kind).approved(review.object_id)
    _tell(review, _("Approved: %(title)s"), NoticeLevel.INFO, now=now)
    return review


@transaction.atomic
def send_back(*, review: Review, reason: str, by: User, now: datetime) -> Review:
    """Return a text to its author, before its approval or after. Raises ReviewNotReady without a reason."""
    review = _locked(review, ReviewState.IN_REVIEW, ReviewState.APPROVED)
    _require_other_person(review, by)
    if not reason.strip():
        raise ReviewNotReady(fields={"reason": [_("Say what has to be changed.")]})
    _decide(review, by=by, now=now, decision=reason)
    review.valid_until = None
    _move(review, ReviewState.RETURNED, action="compliance.return_text", by=by, now=now, reason=reason)
    reviewables.get(review.kind).withdrawn(review.object_id)
    _tell(review, _("Returned: %(title)s"), NoticeLevel.ACT, now=now)
    return review


@transaction.atomic
def drop(*, kind: str, object_id: int, by: User | None, now: datetime) -> None:
    """The object is gone: a text that waits waits no longer, an approval ends; what was approved stays on record."""
    review = Review.objects.select_for_update().filter(kind=kind, object_id=object_id).first()
    if review is None or review.state not in {ReviewState.IN_REVIEW, ReviewState.APPROVED}:
        return
    review.valid_until = review.submitted_at = review.submitted_by = None
    _undecide(review)
    _move(review, ReviewState.EXPIRED, action="compliance.drop_text", by=by, now=now)


def expire_reviews(*, now: datetime) -> int:
    """End approvals whose time is over, and those whose text the lexicon has come to forbid. Answers how many."""
    late = Review.objects.filter(state=ReviewState.APPROVED, valid_until__lte=now)
    ended = _each(late.order_by("pk"), lambda review: _expire(review, _("The approval has run out."), now))
    older = Review.objects.filter(state=ReviewState.APPROVED, lexicon__lt=latest_version().number)
    return ended + _each(older.order_by("pk"), lambda review: _expire_if_forbidden(review, now))


def _each(reviews: QuerySet[Review], act: Callable[[Review], bool]) -> int:
    """One transaction per review: what one of them runs into does not hold up the others' rows."""
    ended = 0
    for pk in list(reviews.values_list("pk", flat=True)):
        with transaction.atomic():
            review = Review.objects.select_for_update(skip_locked=True).filter(pk=pk, state=ReviewState.APPROVED)
            ended += sum(act(each) for each in review)
    return ended


def _expire_if_forbidden(review: Review, now: datetime) -> bool:
    found = blocks_in(check_parts(review.parts))
    if not found:
        return False
    words = _("The lexicon now forbids: %(phrases)s") % {"phrases": _phrases(found)}
    return _expire(review, words, now)


def _expire(review: Review, reason: str, now: datetime) -> bool:
    review.valid_until = None
    _move(review, ReviewState.EXPIRED, action="compliance.expire_text", by=None, now=now, reason=reason)
    reviewables.get(review.kind).withdrawn(review.object_id)
    _tell(review, _("No longer approved: %(title)s"), NoticeLevel.ACT, now=now)
    return True


def _locked(review: Review, *states: ReviewState) -> Review:
    locked = Review.objects.select_for_update().get(pk=review.pk)
    if locked.state not in states:
        raise ReviewStateWrong
    return locked


def _checked_anew(review: Review) -> list[CheckedPart]:
    checked = check_parts(review.parts)
    _count(review, checked)
    return checked


def _take(review: Review, parts: list[dict[str, str]], digest: str) -> None:
    review.parts, review.digest, review.state = parts, digest, ReviewState.SCANNED
    if not any(part["text"].strip() for part in parts):
        review.state = ReviewState.DRAFT
    _count(review, check_parts(parts))
    review.save()


def _count(review: Review, checked: Sequence[CheckedPart]) -> None:
    review.blocks = len(blocks_in(checked))
    review.warnings = sum(len(part.checked.warnings) for part in checked)
    review.lexicon = checked[0].checked.version if checked else latest_version().number


def _require_clean(review: Review, checked: Sequence[CheckedPart]) -> None:
    standing = standing_of(checked, proofs_of(review))
    if standing.forbidden:
        raise WordsForbidden(fields={"text": [_phrases(standing.forbidden)]})
    if standing.unproven:
        raise WarningsOpen(fields={"text": [_phrases(standing.unproven)]})


def _accept_proofs(review: Review, checked: Sequence[CheckedPart], by: User) -> None:
    proofs = [warned.proof for warned in warned_in(checked, proofs_of(review)) if warned.proof is not None]
    if any(proof.by_id == by.pk for proof in proofs):
        raise SamePerson
    review.proofs.filter(pk__in=[proof.pk for proof in proofs]).update(accepted_by=by)


def _require_other_person(review: Review, by: User) -> None:
    if by.pk in {review.author_id, review.submitted_by_id}:
        raise SamePerson


def _decide(review: Review, *, by: User, now: datetime, decision: str) -> None:
    review.decided_by, review.decided_at, review.decision = by, now, decision.strip()[:REASON_LENGTH]


def _undecide(review: Review) -> None:
    review.decided_by = review.decided_at = review.valid_until = None
    review.decision = ""


def _move(review: Review, state: ReviewState, *, action: str, by: User | None, now: datetime, reason: str = "") -> None:
    changes: dict[str, list[Any]] = {"state": [review.state, state.value], "lexicon": [None, review.lexicon]}
    changes["digest"] = [None, review.digest]
    review.state, review.changed_at = state, now
    review.save()
    record(by=by, action=action, obj=named(review), reason=reason, changes=changes, at=now)


def _plain_digest(review: Review) -> str:
    """Of the object's text as it stands now, not as it was last read."""
    return digest_of_parts(plain_parts(review.kind, review.object_id))


def _phrases(found: Sequence[Found]) -> str:
    return "、".join(dict.fromkeys(each.text.strip() for each in found))


def _tell(review: Review, words: str, level: NoticeLevel, *, now: datetime) -> None:
    send_notice(
        to=[review.author],
        key=f"review-{review.pk}-{review.state}-{now.isoformat()}",
        title=(words % {"title": review.title})[:LONGEST_TITLE],
        body=review.decision,
        url=reverse("compliance:review", args=(review.pk,)),
        level=level,
        now=now,
    )
