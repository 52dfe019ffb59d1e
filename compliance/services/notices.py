"""Writing, publishing and replacing notices."""

from collections.abc import Mapping
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from audit.services import record
from compliance.enums.consent import NoticeState
from compliance.errors.consent import DraftExists, NoticeIncomplete, NoticePublished
from compliance.models import Notice
from compliance.models.notices import DEFAULT_CODE
from compliance.rules.notices import BLOCKS, Lack, Texts, clean_texts, hashes_of, lacks_of
from compliance.services.notice_reviews import drop_review, require_reviewed

TITLES = {block.code: block.title for block in BLOCKS}
WHY = {
    "missing": gettext_lazy("“%(block)s” is missing"),
    "open": gettext_lazy("“%(block)s” still has a place to fill in (【…】)"),
    "list": gettext_lazy("“%(block)s” is a list: one line each, all cells filled, parted by ｜"),
}


@transaction.atomic
def begin_version(*, by: User | None, now: datetime, code: str = DEFAULT_CODE) -> Notice:
    """A draft of the next version, beginning with the words of the last. Raises DraftExists."""
    last = Notice.objects.filter(code=code).order_by("-number").first()
    draft = Notice(
        code=code,
        number=last.number + 1 if last else 1,
        texts=last.texts if last else {},
        created_at=now,
        changed_at=now,
    )
    try:
        with transaction.atomic():
            draft.save(force_insert=True)
    except IntegrityError:
        raise DraftExists from None
    record(by=by, action="compliance.begin_notice", obj=draft, at=now)
    return draft


@transaction.atomic
def save_draft(*, notice: Notice, texts: Texts, material: bool, summary: str, by: User | None, now: datetime) -> Notice:
    """Keep what was written so far, complete or not. Raises NoticePublished."""
    draft = _locked_draft(notice)
    cleaned = clean_texts(texts)
    changed = sorted(
        f"{language}.{code}"
        for language, blocks in cleaned.items()
        for code, text in blocks.items()
        if draft.texts.get(language, {}).get(code, "") != text
    )
    draft.texts, draft.material, draft.summary, draft.changed_at = cleaned, material, summary[:300], now
    draft.save(update_fields=["texts", "material", "summary", "changed_at"])
    record(
        by=by,
        action="compliance.edit_notice",
        obj=draft,
        changes={"blocks": [None, changed], "material": [None, material]},
        at=now,
    )
    return draft


@transaction.atomic
def publish(*, notice: Notice, by: User | None, now: datetime) -> Notice:
    """Put it in force; from then on nobody can change it.

    Raises NoticeIncomplete (naming each block), NoticeNotReviewed or NoticePublished. A material version makes every consent that was given under an older one due anew from `now` on.
    """
    draft = _locked_draft(notice)
    lacks = lacks_of(draft.texts)
    if lacks:
        raise NoticeIncomplete(fields=_sentences(lacks))
    require_reviewed(draft, now=now)
    draft.hash, draft.hashes = hashes_of(code=draft.code, number=draft.number, texts=draft.texts)
    draft.state, draft.published_at, draft.published_by, draft.changed_at = NoticeState.PUBLISHED, now, by, now
    draft.save(update_fields=["hash", "hashes", "state", "published_at", "published_by", "changed_at"])
    record(
        by=by,
        action="compliance.publish_notice",
        obj=draft,
        reason=draft.summary,
        changes={"hash": [None, draft.hash], "material": [None, draft.material]},
        at=now,
    )
    return draft


@transaction.atomic
def discard_draft(*, notice: Notice, by: User | None, now: datetime) -> None:
    """Throw a draft away. Raises NoticePublished."""
    draft = _locked_draft(notice)
    record(by=by, action="compliance.discard_notice", obj=draft, at=now)
    drop_review(draft, by=by, now=now)
    draft.delete()


def lack_words(lack: Lack) -> str:
    return WHY[lack.why] % {"block": TITLES[lack.block]}


def _sentences(lacks: list[Lack]) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = {}
    for lack in lacks:
        found.setdefault(f"{lack.language}.{lack.block}", []).append(
            _("%(what)s (%(language)s).") % {"what": lack_words(lack), "language": lack.language}
        )
    return found


def _locked_draft(notice: Notice) -> Notice:
    draft = Notice.objects.select_for_update(of=("self",)).get(pk=notice.pk)
    if draft.is_published:
        raise NoticePublished
    return draft
