"""Texts in review: what waits, what is approved, what is found in them."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from accounts.models import User
from compliance.enums.content import ReviewState, Severity
from compliance.models import Proof, Review
from compliance.rules.scanner import marked
from compliance.selectors.lexicon import Checked, Found, Lexicon, current_lexicon

#: Where an author may hand a text to the reviewers.
WITH_ITS_AUTHOR = (ReviewState.SCANNED, ReviewState.RETURNED, ReviewState.EXPIRED)


@dataclass(frozen=True)
class CheckedPart:
    """One part with what was found in it; `pieces` is its text cut at the hits."""

    name: str
    text: str
    checked: Checked

    @property
    def pieces(self) -> list[tuple[str, Found | None]]:
        return list(marked(self.text, self.checked.found))


@dataclass(frozen=True)
class Warned:
    """A warned phrase of a text, how often it occurs, and its proof if it has one."""

    found: Found
    times: int
    proof: Proof | None


@dataclass(frozen=True)
class Standing:
    """What the lexicon of this moment says to a text; each phrase once. While something is open it cannot go on."""

    forbidden: Sequence[Found]
    warned: Sequence[Warned]

    @property
    def unproven(self) -> list[Found]:
        return [each.found for each in self.warned if each.proof is None]

    @property
    def open(self) -> int:
        return len(self.forbidden) + len(self.unproven)


def standing_of(checked: Sequence[CheckedPart], proofs: Mapping[str, Proof]) -> Standing:
    """The one place that says what is open: pages, services and the API ask here."""
    forbidden = {found.key: found for found in blocks_in(checked)}
    return Standing(list(forbidden.values()), warned_in(checked, proofs))


def may_be_submitted(review: Review) -> bool:
    """Whether its author may hand it on now. `submit` refuses what this denies."""
    return review.state in WITH_ITS_AUTHOR and not with_standings([review])[0].standing.open


def refused_as_read(review: Review | None, parts: Sequence[Mapping[str, str]]) -> bool:
    """Whether `submit` would refuse this text of an object by its phrases, as far as exactly it has been read."""
    if review is None or review.state not in WITH_ITS_AUTHOR or review.digest != digest_of_parts(parts):
        return False
    return bool(with_standings([review])[0].standing.open)


def with_standings(reviews: Sequence[Review]) -> Sequence[Review]:
    """The same reviews, each that its author has with its `standing`; three queries, however many they are."""
    wanted = [review for review in reviews if review.state in WITH_ITS_AUTHOR and review.standing is None]
    if not wanted:
        return reviews
    numbers, lexicon = [review.pk for review in wanted], current_lexicon()
    parts = dict(Review.objects.filter(pk__in=numbers).values_list("pk", "parts"))
    proofs: dict[int, dict[str, Proof]] = {number: {} for number in numbers}
    for proof in Proof.objects.filter(review__in=numbers, replaced_at=None).defer("file"):
        proofs[proof.review_id][proof.key] = proof
    for review in wanted:
        review.standing = standing_of(check_parts(parts[review.pk], lexicon), proofs[review.pk])
    return reviews


def digest_of_parts(parts: Sequence[Mapping[str, str]]) -> str:
    """SHA-256 of the exact text, names and order of the parts included."""
    plain = [[part["name"], part["text"]] for part in parts]
    return hashlib.sha256(json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def digest_to_approve(review: Review) -> str:
    """What a reviewer puts her name to: the text, and the proofs beside it. Of a text without proofs its own digest."""
    proofs = proof_prints(review)
    if not proofs:
        return review.digest
    plain = json.dumps([review.digest, proofs], ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return hashlib.sha256(plain.encode()).hexdigest()


def proof_prints(review: Review) -> list[dict[str, Any]]:
    """Number, phrase and fingerprints of each proof that counts now; no word of what it says."""
    return [
        {
            "proof": proof.pk,
            "phrase": proof.phrase,
            "text": hashlib.sha256(proof.text.encode()).hexdigest() if proof.text else "",
            "file": proof.file_digest,
            "by": proof.by_id,
        }
        for proof in sorted(proofs_of(review).values(), key=lambda each: each.pk)
    ]


def check_parts(parts: Sequence[Mapping[str, str]], lexicon: Lexicon | None = None) -> list[CheckedPart]:
    lexicon = lexicon or current_lexicon()
    return [CheckedPart(part["name"], part["text"], lexicon.check(part["text"])) for part in parts]


def blocks_in(parts: Sequence[CheckedPart]) -> list[Found]:
    return [found for part in parts for found in part.checked.blocks]


def hits_in(parts: Sequence[CheckedPart]) -> list[Found]:
    """What is forbidden or warned of, each phrase once, in the order of the text."""
    found: dict[str, Found] = {}
    for part in parts:
        for hit in part.checked.found:
            if hit.severity != Severity.ALLOW:
                found.setdefault(hit.key, hit)
    return list(found.values())


def warned_in(parts: Sequence[CheckedPart], proofs: Mapping[str, Proof]) -> list[Warned]:
    """Each warned phrase once, in the order of the text."""
    by_key: dict[str, list[Found]] = {}
    for part in parts:
        for found in part.checked.warnings:
            by_key.setdefault(found.key, []).append(found)
    return [Warned(found[0], len(found), proofs.get(key)) for key, found in by_key.items()]


def proofs_of(review: Review) -> dict[str, Proof]:
    """Those that count now, by key; without the bytes of the files."""
    return {
        proof.key: proof
        for proof in review.proofs.filter(replaced_at=None)
        .defer("file")
        .select_related("by", "accepted_by")
        .prefetch_related("persons")
    }


def waiting_reviews() -> QuerySet[Review]:
    """The longest waiting first."""
    return Review.objects.filter(state=ReviewState.IN_REVIEW).order_by("submitted_at")


def waiting_for(user: User) -> QuerySet[Review]:
    """What this person may decide: not her own texts."""
    return waiting_reviews().exclude(author=user).exclude(submitted_by=user)


def is_approved(*, kind: str, object_id: int, parts: Sequence[Mapping[str, str]], at: datetime) -> bool:
    """Whether exactly this text of the object is approved at that moment; the question that a sender asks."""
    approved = Review.objects.filter(kind=kind, object_id=object_id, state=ReviewState.APPROVED, valid_until__gt=at)
    return approved.filter(digest=digest_of_parts(parts)).exists()


def as_evidence(parts: Sequence[CheckedPart]) -> list[dict[str, Any]]:
    """The warned phrases for the record of an approval."""
    return [
        {"part": part.name, "start": found.start, "end": found.end, "phrase": found.phrase, "pack": found.pack}
        for part in parts
        for found in part.checked.warnings
    ]
