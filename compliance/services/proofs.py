"""Proof for warned phrases: brought by one person, accepted by another."""

import hashlib
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from compliance.enums.content import ReviewState
from compliance.errors.content import ReviewNotReady, ReviewStateWrong
from compliance.models import Proof, Review
from compliance.selectors.reviews import check_parts, warned_in
from core.keys import derived_sealer

PURPOSE = "compliance.proof"
LARGEST_FILE = 5_000_000
LONGEST_TEXT = 2000
KINDS = (b"%PDF-", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"PK\x03\x04")  # PDF, PNG, JPEG, Office
OPEN = (ReviewState.SCANNED, ReviewState.RETURNED, ReviewState.EXPIRED, ReviewState.IN_REVIEW)


@transaction.atomic
def add_proof(
    *, review: Review, key: str, text: str, by: User, now: datetime, file: bytes | None = None, file_name: str = ""
) -> Proof:
    """Put proof beside a warned phrase of the text, in place of what was there. Raises ReviewNotReady."""
    review = Review.objects.select_for_update().get(pk=review.pk)
    if review.state not in OPEN:
        raise ReviewStateWrong
    phrase = next((each.found.phrase for each in warned_in(check_parts(review.parts), {}) if each.found.key == key), "")
    if not phrase:
        raise ReviewNotReady(_("The text no longer holds this phrase."))
    _check(text, file)
    digest = hashlib.sha256(file).hexdigest() if file else ""
    proof, _new = Proof.objects.update_or_create(
        review=review,
        key=key,
        defaults={
            "phrase": phrase,
            "text": text.strip().replace("\x00", ""),
            "file": derived_sealer(PURPOSE).seal(file, _place(review.pk, digest)) if file else None,
            "file_name": file_name[-120:].replace("\x00", "") if file else "",
            "file_digest": digest,
            "by": by,
            "at": now,
            "accepted_by": None,
        },
    )
    changes = {"phrase": [None, phrase], "file": [None, digest or None]}
    record(by=by, action="compliance.add_proof", obj=review, reason=text, changes=changes, at=now)
    return proof


def open_proof(proof: Proof) -> bytes:
    """The file in clear; it lies sealed, for it may show people."""
    return derived_sealer(PURPOSE).open(bytes(proof.file or b""), _place(proof.review_id, proof.file_digest))


def _place(review_id: int, digest: str) -> bytes:
    return f"{PURPOSE}|{review_id}|{digest}".encode()


def _check(text: str, file: bytes | None) -> None:
    if not text.strip() and not file:
        raise ReviewNotReady(fields={"proof": [_("Write what proves it, or add a file.")]})
    if len(text) > LONGEST_TEXT:
        raise ReviewNotReady(fields={"proof": [_("At most %(limit)d characters.") % {"limit": LONGEST_TEXT}]})
    if file and len(file) > LARGEST_FILE:
        raise ReviewNotReady(fields={"file": [_("At most 5 MB.")]})
    if file and not file.startswith(KINDS):
        raise ReviewNotReady(fields={"file": [_("A PDF, a picture (PNG, JPEG) or an Office file.")]})
