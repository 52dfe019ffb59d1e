"""A notice before the legal reviewer: only what a second person has read goes into force."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from compliance.errors.consent import NoticeNotReviewed, NoticePublished
from compliance.models import Notice, Review
from compliance.rules.notices import BLOCKS, LANGUAGES
from compliance.selectors.reviews import is_approved
from compliance.services.reviewables import Part, Reviewable, reviewables
from compliance.services.reviews import drop, read_text, submit

KIND = "notice"


def submit_notice(*, notice: Notice, by: User, now: datetime) -> Review:
    """Hand the draft, as it was saved last, to the reviewers. Raises NoticePublished, WordsForbidden or WarningsOpen.

    What was found in the text stays with its review even where that stops it.
    """
    with transaction.atomic():
        draft = Notice.objects.select_for_update(of=("self",)).get(pk=notice.pk)
        if draft.is_published:
            raise NoticePublished
        review = read_text(kind=KIND, object_id=draft.pk, title=title_of(draft), by=by, now=now)
    return submit(review=review, by=by, now=now)


def require_reviewed(notice: Notice, *, now: datetime) -> None:
    """Raises NoticeNotReviewed unless exactly these words are approved."""
    parts = [{"name": part.name, "text": part.text} for part in parts_of(notice.pk)]
    if not is_approved(kind=KIND, object_id=notice.pk, parts=parts, at=now):
        raise NoticeNotReviewed


def drop_review(notice: Notice, *, by: User | None, now: datetime) -> None:
    """The draft is thrown away, and nobody has to read it any more."""
    drop(kind=KIND, object_id=notice.pk, by=by, now=now)


def review_of(notice: Notice) -> Review | None:
    return Review.objects.filter(kind=KIND, object_id=notice.pk).first()


def title_of(notice: Notice) -> str:
    return _("Privacy notice, version %(number)s") % {"number": notice.number}


def parts_of(notice_id: int) -> Sequence[Part]:
    """Heading and words of each block, the language that binds first; of a draft that is gone nothing."""
    notice = Notice.objects.filter(pk=notice_id).first()
    if notice is None:
        return []
    found = []
    for language in LANGUAGES:
        texts = notice.texts.get(language, {})
        with translation.override(language):
            found += [Part(name=str(block.title), text=texts[block.code]) for block in BLOCKS if texts.get(block.code)]
    return found


def _page(notice_id: int) -> str:
    return reverse("compliance:notice", args=(notice_id,))


reviewables.register(Reviewable(code=KIND, label=gettext_lazy("Privacy notice"), parts=parts_of, url=_page, order=20))
