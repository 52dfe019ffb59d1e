"""Files that prove a claim and show members: they are in the copy of whom they show, and go with her."""

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone, translation

from accounts.enums import Role
from accounts.models import User
from compliance.enums.rights import ErasureReason, ErasureState, IdentityCheck, RequestKind, RequestSource
from compliance.errors.content import ReviewNotReady
from compliance.models import Proof, ProofPerson, Review
from compliance.services.copies import make_copy
from compliance.services.erasure import erase
from compliance.services.proofs import add_proof, forget_in_proofs, open_proof
from compliance.services.requests import open_request, verify
from compliance.services.wordings import save_wording
from core.keys import create_key_ring
from core.models import DataKey
from core.services.rotation import begin_rotation, rewrap_all
from members.models import Member
from tests.brand import signed_in
from tests.compliance.people import EVENING, member

pytestmark = pytest.mark.django_db
WARNED, KEY = "全网最低价，限三天。", "全网最低价"
PICTURE = b"\x89PNG\r\n\x1a\n before and after"


@pytest.fixture(autouse=True)
def _ring(tmp_path: Path, settings: Any) -> None:
    """A ring of this test's own: one of them rotates it."""
    settings.SCRM_MASTER_KEYS = tmp_path / "keys" / "master.json"
    create_key_ring(settings.SCRM_MASTER_KEYS)


@pytest.fixture
def author() -> User:
    return User.objects.create_user("author", role=Role.MARKETER, display_name="林可", is_staff=True)


@pytest.fixture
def review(author: User) -> Review:
    return save_wording(title="海报", text=WARNED, by=author, now=EVENING)


def prove(review: Review, by: User, *shown: Member, file: bytes = PICTURE, name: str = "欧阳.png") -> Proof:
    return add_proof(
        review=review, key=KEY, text="", file=file, file_name=name, shows=[who.pk for who in shown], by=by, now=EVENING
    )


def copy_of(who: Member, by: User) -> dict[str, bytes]:
    asked = open_request(
        member_id=who.pk, kind=RequestKind.ACCESS, source=RequestSource.EMAIL, by=None, now=timezone.now()
    )
    verify(request=asked, check=IdentityCheck.CODE, by=by, now=timezone.now())
    asked.refresh_from_db()
    archive = zipfile.ZipFile(io.BytesIO(make_copy(request=asked, by=by, now=timezone.now())))
    return {name: archive.read(name) for name in archive.namelist()}


def test_file_is_in_the_copy_of_whom_it_shows_and_of_nobody_else(review: Review, author: User) -> None:
    she, other = member(name="欧阳晓云"), member(name="李雷")
    proof = prove(review, author, she, name="..\\..\\欧阳.png")
    hers = copy_of(she, author)
    assert hers[f"files/proof-{proof.pk}-欧阳.png"] == PICTURE
    assert proof.file_digest in hers["copy.json"].decode()
    assert list(copy_of(other, author)) == ["copy.html", "copy.json"]


@pytest.mark.django_db(transaction=True)
def test_file_goes_with_whom_it_shows_and_its_fingerprint_stays(review: Review, author: User) -> None:
    she, other = member(name="欧阳晓云"), member(name="李雷")
    proof = prove(review, author, she, other)
    assert erase(member_id=she.pk, why=ErasureReason.REQUEST, by=None, now=EVENING).state == ErasureState.DONE
    kept = Proof.objects.get()
    assert (kept.file, kept.file_name, kept.text, kept.file_digest) == (None, "", "—", proof.file_digest)
    assert (open_proof(proof), open_proof(kept)) == (b"", b""), "the bytes of before do not open either"
    assert ProofPerson.objects.count() == 0
    assert forget_in_proofs(she.pk, now=EVENING) == 0, "safe to repeat"


def test_file_of_another_proof_is_left_alone(review: Review, author: User) -> None:
    she = member(name="欧阳晓云")
    prove(review, author)
    assert forget_in_proofs(she.pk, now=EVENING) == 0
    assert open_proof(Proof.objects.get()) == PICTURE


def test_proof_can_be_brought_again_after_it_was_forgotten(review: Review, author: User) -> None:
    she = member(name="欧阳晓云")
    prove(review, author, she)
    forget_in_proofs(she.pk, now=EVENING)
    prove(review, author, file=b"%PDF-1")
    assert open_proof(Proof.objects.get(replaced_at=None)) == b"%PDF-1"


def test_file_that_was_replaced_before_anybody_accepted_it_does_not_open_any_more(review: Review, author: User) -> None:
    old = prove(review, author)
    prove(review, author, file=b"%PDF-1")
    assert open_proof(old) == b""


def test_key_of_a_file_is_rotated(review: Review, author: User) -> None:
    prove(review, author)
    version = begin_rotation(now=EVENING)
    for _progress in rewrap_all(clock=lambda: EVENING):
        pass
    assert DataKey.objects.get(subject_kind="proof").master_version == version
    assert open_proof(Proof.objects.get()) == PICTURE


def test_only_members_whom_one_may_see_are_named(review: Review) -> None:
    she = member(name="欧阳晓云")
    guide = User.objects.create_user("guide", role=Role.GUIDE, is_staff=True)
    for number in (she.pk, she.pk + 1):
        with translation.override("en"), pytest.raises(ReviewNotReady) as refused:
            add_proof(review=review, key=KEY, text="报告", shows=[number], by=guide, now=EVENING)
        assert refused.value.fields == {"shows": [f"There is no member #{number} that you may see."]}
    assert Proof.objects.count() == 0


def test_page_takes_numbers_as_people_write_them_and_keeps_what_was_typed(review: Review, author: User) -> None:
    she, other = member(name="欧阳晓云"), member(name="李雷")
    client, page = signed_in(author, "en"), reverse("compliance:review_proof", args=[review.pk])
    typed = {"key": KEY, "text": "报告 <12>", "shows": "欧阳"}
    refused = client.post(page, typed)
    assert refused.status_code == 400
    assert "Numbers of members, with commas between them." in refused.content.decode()
    assert 'value="欧阳"' in refused.content.decode()
    assert "报告 &lt;12&gt;</textarea>" in refused.content.decode()
    file = SimpleUploadedFile("a.png", PICTURE)
    assert client.post(page, {**typed, "shows": f"#{she.pk}， {other.pk}", "file": file}).status_code == 302
    assert set(ProofPerson.objects.values_list("member", flat=True)) == {she.pk, other.pk}
    shown = client.get(reverse("compliance:review", args=[review.pk])).content.decode()
    assert "It shows 2 members." in shown
    forget_in_proofs(she.pk, now=EVENING)
    shown = client.get(reverse("compliance:review", args=[review.pk])).content.decode()
    assert "The file was erased with a member whom it showed." in shown
