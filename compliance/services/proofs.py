"""Proof for warned phrases: brought by one person, accepted by another; its file goes with whom it shows."""

import base64
import hashlib
from collections.abc import Collection, Iterator
from datetime import datetime
from pathlib import PurePath
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from compliance.enums.content import ReviewState
from compliance.errors.content import ReviewNotReady, ReviewStateWrong
from compliance.models import Proof, ProofPerson, Review
from compliance.selectors.reviews import check_parts, warned_in
from compliance.services.reviewables import named
from core.services.sealing import destroy_keys, open_rows, seal
from members.models import Member

FILE = Proof._meta.get_field("file")
FORGOTTEN = "—"
LARGEST_FILE = 5_000_000
LONGEST_TEXT = 2000
KINDS = (b"%PDF-", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"PK\x03\x04")  # PDF, PNG, JPEG, Office
OPEN = (ReviewState.SCANNED, ReviewState.RETURNED, ReviewState.EXPIRED, ReviewState.IN_REVIEW)


@transaction.atomic
def add_proof(
    *,
    review: Review,
    key: str,
    text: str,
    by: User,
    now: datetime,
    file: bytes | None = None,
    file_name: str = "",
    shows: Collection[int] = (),
) -> Proof:
    """Put proof beside a warned phrase of the text; what was there counts no more, and is kept. Raises ReviewNotReady.

    `shows` are the numbers of the members whom the file shows or names, among those that `by` may see.
    """
    review = Review.objects.select_for_update().get(pk=review.pk)
    if review.state not in OPEN:
        raise ReviewStateWrong
    phrase = next((each.found.phrase for each in warned_in(check_parts(review.parts), {}) if each.found.key == key), "")
    if not phrase:
        raise ReviewNotReady(_("The text no longer holds this phrase."))
    _check(text, file)
    _check_persons(shows, by)
    digest = hashlib.sha256(file).hexdigest() if file else ""
    _set_aside(review, key, now)
    proof: Proof = Proof.objects.create(
        review=review,
        key=key,
        phrase=phrase,
        text=text.strip().replace("\x00", ""),
        file_name=file_name[-120:].replace("\x00", "") if file else "",
        file_digest=digest,
        by=by,
        at=now,
    )
    _keep(proof, file, shows)
    changes: dict[str, list[Any]] = {"phrase": [None, phrase], "file": [None, digest or None]}
    changes["members"] = [None, sorted(shows)]
    # Without the text: it may name somebody, and a row here outlives what the proof forgets of her.
    record(by=by, action="compliance.add_proof", obj=named(review), changes=changes, at=now)
    return proof


def open_proof(proof: Proof) -> bytes:
    """The file in clear; it lies sealed, for it may show people. Empty where it has been forgotten."""
    (text,) = open_rows(FILE, [proof])
    return base64.b64decode(text) if isinstance(text, str) else b""


def files_showing(member_id: int) -> Iterator[tuple[str, bytes]]:
    """Name and content of every file that shows her."""
    for proof in Proof.objects.filter(persons__member=member_id).exclude(file=None).order_by("pk"):
        yield f"proof-{proof.pk}-{PurePath(proof.file_name.replace(chr(92), '/')).name}", open_proof(proof)


def forget_in_proofs(member_id: int, *, now: datetime) -> int:
    """Files that show her are unreadable from now on, in backups too, and what was written beside them is taken out."""
    ids = list(ProofPerson.objects.filter(member=member_id).values_list("proof", flat=True))
    destroy_keys("proof", ids, now=now)
    Proof.objects.filter(pk__in=ids).update(file=None, file_name="", text=FORGOTTEN)
    ProofPerson.objects.filter(proof__in=ids).delete()
    return len(ids)


def _set_aside(review: Review, key: str, now: datetime) -> None:
    """What was there counts no more. An approval may rest on it if it was accepted; else its file is forgotten."""
    old = review.proofs.filter(key=key, replaced_at=None)
    unused = list(old.filter(accepted_by=None).values_list("pk", flat=True))
    destroy_keys("proof", unused, now=now)
    Proof.objects.filter(pk__in=unused).update(file=None)
    old.update(replaced_at=now)


def _keep(proof: Proof, file: bytes | None, shows: Collection[int]) -> None:
    if file:
        proof.file = seal(FILE, subject_id=proof.pk, text=base64.b64encode(file).decode())
        proof.save(update_fields=["file"])
    ProofPerson.objects.bulk_create(ProofPerson(proof=proof, member_id=number) for number in sorted(set(shows)))


def _check_persons(shows: Collection[int], by: User) -> None:
    known = Member.objects.visible_to(by).filter(pk__in=shows).values_list("pk", flat=True)
    if unknown := sorted(set(shows) - set(known)):
        said = _("There is no member %(number)s that you may see.") % {"number": f"#{unknown[0]}"}
        raise ReviewNotReady(fields={"shows": [said]})


def _check(text: str, file: bytes | None) -> None:
    if not text.strip() and not file:
        raise ReviewNotReady(fields={"proof": [_("Write what proves it, or add a file.")]})
    if len(text) > LONGEST_TEXT:
        raise ReviewNotReady(fields={"proof": [_("At most %(limit)d characters.") % {"limit": LONGEST_TEXT}]})
    if file and len(file) > LARGEST_FILE:
        raise ReviewNotReady(fields={"file": [_("At most 5 MB.")]})
    if file and not file.startswith(KINDS):
        raise ReviewNotReady(fields={"file": [_("A PDF, a picture (PNG, JPEG) or an Office file.")]})
