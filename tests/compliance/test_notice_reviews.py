"""A notice goes into force only when a second person has read exactly its words."""

import pytest
from django.urls import reverse

from accounts.enums import Role
from accounts.models import User
from compliance.enums.content import ReviewState
from compliance.errors.consent import NoticeNotReviewed
from compliance.errors.content import SamePerson, WordsForbidden
from compliance.models import Notice, Review
from compliance.services.notice_reviews import review_of, submit_notice
from compliance.services.notices import begin_version, discard_draft, publish, save_draft
from compliance.services.reviews import approve
from tests.brand import signed_in
from tests.compliance.people import EVENING, WHOLE, approve_notice, published

pytestmark = pytest.mark.django_db


def written(word: str = "") -> Notice:
    draft = Notice.objects.get(state="draft")
    texts = {"zh-hans": {**WHOLE, "changes": f"正文{word}"}}
    return save_draft(notice=draft, texts=texts, material=False, summary="", by=None, now=EVENING)


def legal(name: str = "fang") -> User:
    return User.objects.create_user(name, role=Role.LEGAL, is_staff=True)


def test_unread_notice_is_not_published() -> None:
    draft, author = written(), legal()
    with pytest.raises(NoticeNotReviewed):
        publish(notice=draft, by=author, now=EVENING)
    submit_notice(notice=draft, by=author, now=EVENING)
    with pytest.raises(NoticeNotReviewed):
        publish(notice=draft, by=author, now=EVENING)
    assert not Notice.objects.get(pk=draft.pk).is_published


def test_author_does_not_approve_her_own_notice() -> None:
    author = legal()
    review = submit_notice(notice=written(), by=author, now=EVENING)
    with pytest.raises(SamePerson):
        approve(review=review, digest=review.digest, by=author, now=EVENING)


def test_words_changed_after_the_approval_are_not_published() -> None:
    draft = written()
    approve_notice(draft, EVENING)
    changed = written("，改过")
    with pytest.raises(NoticeNotReviewed):
        publish(notice=changed, by=None, now=EVENING)
    written()
    assert publish(notice=draft, by=None, now=EVENING).is_published


def test_forbidden_words_are_shown_with_the_text_that_holds_them() -> None:
    draft, author = written("国家级"), legal()
    with pytest.raises(WordsForbidden):
        submit_notice(notice=draft, by=author, now=EVENING)
    review = review_of(draft)
    assert review is not None
    assert (review.state, review.blocks) == (ReviewState.SCANNED, 1)
    browser = signed_in(author, "en")
    answer = browser.post(reverse("compliance:notice_submit", args=(draft.pk,)))
    assert answer["Location"] == reverse("compliance:review", args=(review.pk,))


def test_draft_that_is_thrown_away_waits_for_nobody() -> None:
    published()
    draft = begin_version(by=None, now=EVENING)
    review = submit_notice(notice=draft, by=legal(), now=EVENING)
    discard_draft(notice=draft, by=None, now=EVENING)
    assert Review.objects.get(pk=review.pk).state == ReviewState.EXPIRED
    page = signed_in(legal("other"), "en").get(reverse("compliance:review", args=(review.pk,)))
    assert page.status_code == 200


def test_page_leads_from_the_draft_to_the_reviewer_to_publishing() -> None:
    draft = written()
    author, reader = legal(), legal("shen")
    address = reverse("compliance:notice", args=(draft.pk,))
    browser = signed_in(author, "en")
    assert 'form="submit-notice"' in browser.get(address).content.decode()
    browser.post(reverse("compliance:notice_submit", args=(draft.pk,)))
    review = Review.objects.get()
    page = browser.get(address).content.decode()
    assert "In legal review" in page
    assert 'data-open="publish"' not in page
    browser.post(reverse("compliance:notice_publish", args=(draft.pk,)))
    assert not Notice.objects.get(pk=draft.pk).is_published
    body = {"digest": review.digest, "valid_days": "30"}
    signed_in(reader).post(reverse("compliance:review_approve", args=(review.pk,)), body)
    assert 'data-open="publish"' in browser.get(address).content.decode()
    browser.post(reverse("compliance:notice_publish", args=(draft.pk,)))
    assert Notice.objects.get(pk=draft.pk).is_published
