"""Legal review: four eyes, forbidden words, proof for warned ones, exact text, expiry."""

import hashlib
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from accounts.enums import Role
from accounts.models import InAppNotice, User
from audit.models import AuditEntry
from compliance.admin.content_law import to_decide, to_reword
from compliance.errors.content import ReviewNotReady, ReviewStateWrong, SamePerson, WarningsOpen, WordsForbidden
from compliance.models import Approval, Proof, Review, Wording
from compliance.selectors.lexicon import latest_version
from compliance.selectors.reviews import digest_to_approve, is_approved, proofs_of
from compliance.services import reviews as services
from compliance.services.lexicon import save_entry
from compliance.services.proofs import add_proof, open_proof
from compliance.services.reviewables import Part, Reviewable, reviewables
from compliance.services.wordings import save_wording

pytestmark = pytest.mark.django_db
CLEAN, WARNED, FORBIDDEN = "第一步洁面，第二步爽肤。", "全网最低价，限三天。", "国家级实验室，全网最低价。"
PDF = b"%PDF-1.7 proof"


@pytest.fixture
def author() -> User:
    return User.objects.create_user("author", role=Role.MARKETER, display_name="林可")


@pytest.fixture
def legal() -> User:
    return User.objects.create_user("legal", role=Role.LEGAL, display_name="方正言")


def write(by: User, text: str = CLEAN, review: Review | None = None) -> Review:
    wording = Wording.objects.get(pk=review.object_id) if review else None
    return save_wording(title="海报", text=text, by=by, now=timezone.now(), wording=wording)


def submit(review: Review, by: User) -> Review:
    return services.submit(review=review, by=by, now=timezone.now())


def approve(review: Review, by: User, **more: int) -> Review:
    return services.approve(review=review, digest=digest_to_approve(review), by=by, now=timezone.now(), **more)


def prove(review: Review, by: User, key: str = "全网最低价", text: str = "比价记录 2026-11") -> Proof:
    return add_proof(review=review, key=key, text=text, by=by, now=timezone.now())


def approved(author: User, legal: User, text: str = CLEAN) -> Review:
    return approve(submit(write(author, text), author), legal)


def test_text_goes_from_draft_to_approved_with_the_lexicon_version(author: User, legal: User) -> None:
    review = write(author)
    assert (review.state, review.blocks, review.warnings, review.lexicon) == ("scanned", 0, 0, 1)
    review = approve(submit(review, author), legal, valid_days=30)
    assert (review.state, review.decided_by, review.lexicon) == ("approved", legal, latest_version().number)
    kept = Approval.objects.get()
    assert (kept.parts, kept.digest, kept.lexicon, kept.by) == (
        [{"name": "text", "text": CLEAN}],
        review.digest,
        1,
        legal,
    )
    assert kept.valid_until - kept.at == timedelta(days=30)
    entries = AuditEntry.objects.filter(object_type="compliance.review").order_by("id")
    assert [(entry.action, entry.actor_id) for entry in entries] == [
        ("compliance.check_text", author.pk),
        ("compliance.submit_text", author.pk),
        ("compliance.approve_text", legal.pk),
    ]
    assert InAppNotice.objects.get().recipient == author


def test_forbidden_phrase_cannot_be_submitted_proven_or_approved(author: User, legal: User) -> None:
    review = write(author, FORBIDDEN)
    assert (review.blocks, review.warnings) == (1, 1)
    with pytest.raises(WordsForbidden):
        submit(review, author)
    with pytest.raises(ReviewNotReady):
        prove(review, author, key="国家级")
    Review.objects.filter(pk=review.pk).update(state="in_review", submitted_by=author)
    with pytest.raises(WordsForbidden):
        approve(review, legal)
    with pytest.raises(IntegrityError), transaction.atomic():
        Review.objects.filter(pk=review.pk).update(state="approved")


def test_warned_phrase_needs_proof_that_another_person_accepts(author: User, legal: User) -> None:
    review = write(author, WARNED)
    with pytest.raises(WarningsOpen):
        submit(review, author)
    proof = prove(review, author)
    review = approve(submit(review, author), legal)
    proof.refresh_from_db()
    assert (review.state, proof.accepted_by) == ("approved", legal)
    assert [hit["phrase"] for hit in Approval.objects.get().hits] == ["全网最低价"]


def test_proof_of_the_reviewer_herself_is_not_accepted(author: User, legal: User) -> None:
    review = write(author, WARNED)
    prove(review, legal)
    submit(review, author)
    with pytest.raises(SamePerson):
        approve(review, legal)
    assert Review.objects.get().state == "in_review"
    with pytest.raises(IntegrityError), transaction.atomic():
        Proof.objects.update(accepted_by=legal)


@pytest.mark.parametrize("who", ["author", "submitter"])
def test_author_and_submitter_do_not_decide(author: User, legal: User, who: str) -> None:
    other = User.objects.create_user("other", role=Role.LEGAL)
    review = submit(write(author), other)
    deciding = author if who == "author" else other
    with pytest.raises(SamePerson):
        approve(review, deciding)
    with pytest.raises(SamePerson):
        services.send_back(review=review, reason="x", by=deciding, now=timezone.now())
    with pytest.raises(IntegrityError), transaction.atomic():
        Review.objects.update(decided_by=deciding, decided_at=timezone.now())


def test_returned_text_goes_round_again(author: User, legal: User) -> None:
    review = submit(write(author), author)
    with pytest.raises(ReviewNotReady):
        services.send_back(review=review, reason=" ", by=legal, now=timezone.now())
    review = services.send_back(review=review, reason="写明期限", by=legal, now=timezone.now())
    assert (review.state, review.decision) == ("returned", "写明期限")
    assert [item.detail for item in to_reword(author, timezone.now())] == ["写明期限"]
    review = approve(submit(write(author, f"{CLEAN}七天内有效。", review), author), legal)
    assert (review.state, Review.objects.count()) == ("approved", 1)


def test_change_after_approval_sends_it_back(author: User, legal: User) -> None:
    review, now = approved(author, legal), timezone.now()
    parts = [{"name": "text", "text": CLEAN}]
    assert is_approved(kind="wording", object_id=review.object_id, parts=parts, at=now)
    same = write(author, CLEAN, review)
    assert (same.state, same.decided_by) == ("approved", legal)
    changed = write(author, f"{CLEAN}！", review)
    assert (changed.state, changed.decided_by, changed.valid_until) == ("scanned", None, None)
    assert not is_approved(kind="wording", object_id=review.object_id, parts=parts, at=now)


def test_text_that_was_not_read_is_not_approved(author: User, legal: User) -> None:
    review = submit(write(author), author)
    with pytest.raises(ReviewStateWrong):
        services.approve(review=review, digest="0" * 64, by=legal, now=timezone.now())
    Wording.objects.update(text="背着改了")
    with pytest.raises(ReviewStateWrong):
        approve(review, legal)


def test_approval_holds_for_that_text_and_time_only(author: User, legal: User) -> None:
    review = approved(author, legal)
    parts, at = [{"name": "text", "text": CLEAN}], timezone.now()
    of = {"kind": "wording", "object_id": review.object_id}
    assert is_approved(**of, parts=parts, at=at)
    assert not is_approved(**of, parts=[{"name": "text", "text": f"{CLEAN} "}], at=at)
    assert not is_approved(**of, parts=parts, at=at + timedelta(days=181))
    assert not is_approved(kind="wording", object_id=review.object_id + 1, parts=parts, at=at)


def test_approvals_run_out(author: User, legal: User) -> None:
    review = approved(author, legal)
    assert services.expire_reviews(now=timezone.now()) == 0
    assert services.expire_reviews(now=timezone.now() + timedelta(days=180)) == 1
    review.refresh_from_db()
    assert (review.state, review.valid_until) == ("expired", None)
    assert approve(submit(review, author), legal).state == "approved"


def test_new_forbidden_phrase_ends_the_approvals_that_hold_it(author: User, legal: User) -> None:
    review, other = approved(author, legal), approved(author, legal, "周三见。")
    values = {"phrase": "第二步爽肤", "pack": "general", "severity": "block", "law": "测试"}
    save_entry(values=values, reason="新规", by=legal, now=timezone.now())
    assert services.expire_reviews(now=timezone.now()) == 1
    review.refresh_from_db()
    other.refresh_from_db()
    assert (review.state, other.state) == ("expired", "approved")
    assert "第二步爽肤" in AuditEntry.objects.get(action="compliance.expire_text").reason


@pytest.mark.parametrize(
    ("text", "file", "field"),
    [
        ("", None, "proof"),
        ("x" * 2001, None, "proof"),
        ("", b"MZ program", "file"),
        ("", b"%PDF-" + b"x" * 5_000_000, "file"),
    ],
)
def test_proof_that_proves_nothing_is_refused(author: User, text: str, file: bytes | None, field: str) -> None:
    review = write(author, WARNED)
    with pytest.raises(ReviewNotReady) as refused:
        add_proof(review=review, key="全网最低价", text=text, file=file, by=author, now=timezone.now())
    assert list(refused.value.fields) == [field]


def test_new_proof_takes_the_place_of_the_old_one(author: User, legal: User) -> None:
    review = write(author, WARNED)
    prove(review, author)
    add_proof(review=review, key="全网最低价", text="", file=PDF, file_name="a.pdf", by=legal, now=timezone.now())
    proof = proofs_of(review)["全网最低价"]
    assert (proof.text, proof.file_name, proof.by) == ("", "a.pdf", legal)
    old = Proof.objects.exclude(pk=proof.pk).get()
    assert (old.text, old.replaced_at is None) == ("比价记录 2026-11", False)
    proof = Proof.objects.get(pk=proof.pk)
    assert open_proof(proof) == PDF
    assert b"PDF" not in bytes(proof.file or b"")


def test_today_names_what_waits_but_not_ones_own(author: User, legal: User) -> None:
    now = timezone.now()
    services.submit(review=write(author), by=author, now=now - timedelta(hours=30))
    submit(write(legal, "周三见。"), legal)
    assert [(item.state, "海报" in str(item.title)) for item in to_decide(legal, now)] == [("act", True)]
    assert [item.state for item in to_decide(author, now)] == ["watch"]


@pytest.fixture
def poster() -> Iterator[list[str]]:
    """A kind of object of another app, with texts of two parts and a memory of what followed."""
    followed: list[str] = []
    reviewables.register(
        Reviewable(
            code="poster",
            label="Poster",
            parts=lambda _number: [Part(name="headline", text="周三见"), Part(name="body", text="全网最低价")],
            url=lambda _number: "",
            approved=lambda number: followed.append(f"approved {number}"),
            withdrawn=lambda number: followed.append(f"withdrawn {number}"),
        )
    )
    yield followed
    del reviewables._entries["poster"]


def test_any_app_can_have_its_objects_reviewed(poster: list[str], author: User, legal: User) -> None:
    review = services.read_text(kind="poster", object_id=7, title="海报", by=author, now=timezone.now())
    assert [part["name"] for part in review.parts] == ["headline", "body"]
    prove(review, author)
    approve(submit(review, author), legal)
    services.send_back(review=review, reason="撤下", by=legal, now=timezone.now())
    assert poster == ["approved 7", "withdrawn 7"]


@pytest.mark.parametrize(
    "statement", ["UPDATE compliance_approval SET digest = 'x'", "DELETE FROM compliance_approval"]
)
def test_approvals_are_evidence(author: User, legal: User, statement: str) -> None:
    approved(author, legal)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_a_proof_that_is_exchanged_while_it_is_read_is_not_approved(author: User, legal: User) -> None:
    review = write(author, WARNED)
    first = prove(review, author)
    review = submit(review, author)
    read = digest_to_approve(review)
    second = prove(review, author, text="另一份记录")
    with pytest.raises(ReviewStateWrong):
        services.approve(review=review, digest=read, by=legal, now=timezone.now())
    approve(review, legal)
    kept = Approval.objects.get()
    assert [(each["proof"], each["text"]) for each in kept.proofs] == [
        (second.pk, hashlib.sha256("另一份记录".encode()).hexdigest())
    ]
    first.refresh_from_db()
    assert (first.text, first.accepted_by, first.replaced_at is None) == ("比价记录 2026-11", None, False)


def test_what_an_approval_rested_on_stays_when_a_new_proof_is_brought(author: User, legal: User) -> None:
    review = write(author, WARNED)
    proof = prove(review, author)
    review = approve(submit(review, author), legal, valid_days=1)
    services.expire_reviews(now=timezone.now() + timedelta(days=2))
    review.refresh_from_db()
    later = prove(review, author, text="新的记录")
    proof.refresh_from_db()
    assert (proof.text, proof.accepted_by) == ("比价记录 2026-11", legal)
    assert (later.pk != proof.pk, later.accepted_by) == (True, None)
    assert [each["proof"] for each in Approval.objects.get().proofs] == [proof.pk]
