"""Notices: versions, the editor with the checklist of what the law asks for, and publishing."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.pages import StaffRequest
from compliance.enums.consent import GRANTS
from compliance.errors.consent import NoticeNotReviewed
from compliance.models import ConsentState, Notice
from compliance.rules.notices import BLOCKS, LANGUAGES, Block, lacks_of
from compliance.selectors.notices import notices
from compliance.services.notice_reviews import require_reviewed, review_of, submit_notice
from compliance.services.notices import begin_version, discard_draft, lack_words, publish, save_draft
from core.admin import sentence
from core.errors import ScrmError
from core.pages import in_frame, page

NAMES = {"zh-hans": "中文", "en": "English"}


@page("compliance.view_notice")
@require_safe
def listing(request: StaffRequest) -> HttpResponse:
    """Every version; how many consents stand on it."""
    rows = notices()
    standing = dict(
        ConsentState.objects.filter(action__in=GRANTS, notice__isnull=False)
        .values_list("notice")
        .annotate(Count("event_id"))
        .order_by()
    )
    context = {
        "title": _("Privacy notices"),
        "rows": [(notice, standing.get(notice.pk, 0)) for notice in rows],
        "can_begin": request.user.has_perm("compliance.add_notice") and all(row.is_published for row in rows),
    }
    return in_frame(request, "compliance/notices.html", context)


@page("compliance.add_notice")
@require_POST
def begin(request: StaffRequest) -> HttpResponse:
    """Begin the next version with the words of the last."""
    try:
        draft = begin_version(by=request.user, now=timezone.now())
    except ScrmError as refused:
        messages.warning(request, str(refused))
        return redirect("compliance:notices")
    return redirect("compliance:notice", notice_id=draft.pk)


@page("compliance.view_notice")
@require_http_methods(["GET", "POST"])
def detail(request: StaffRequest, notice_id: int) -> HttpResponse:
    """A version to read, or a draft to write; POST keeps the draft."""
    notice = get_object_or_404(Notice, pk=notice_id)
    if request.method == "GET":
        return _show(request, notice)
    if not request.user.has_perm("compliance.change_notice"):
        raise PermissionDenied
    try:
        save_draft(
            notice=notice,
            texts=_texts(request.POST),
            material="material" in request.POST,
            summary=request.POST.get("summary", "").strip(),
            by=request.user,
            now=timezone.now(),
        )
    except ScrmError as refused:
        messages.warning(request, str(refused))
    else:
        messages.success(request, _("Draft saved."))
    return redirect("compliance:notice", notice_id=notice.pk)


@page("compliance.change_notice")
@require_POST
def submit(request: StaffRequest, notice_id: int) -> HttpResponse:
    """Hand the draft to a second person, as it was saved last; what stops it is shown beside the text."""
    notice = get_object_or_404(Notice, pk=notice_id)
    try:
        review = submit_notice(notice=notice, by=request.user, now=timezone.now())
    except ScrmError as refused:
        messages.error(request, sentence(refused))
        held = review_of(notice)
        return redirect("compliance:review", held.pk) if held else redirect("compliance:notice", notice.pk)
    messages.success(request, _("“%(title)s” is now with the legal reviewers.") % {"title": review.title})
    return redirect("compliance:notice", notice_id=notice.pk)


@page("compliance.change_notice")
@require_POST
def publish_notice(request: StaffRequest, notice_id: int) -> HttpResponse:
    """Put a draft in force, as it was saved last."""
    notice = get_object_or_404(Notice, pk=notice_id)
    try:
        done = publish(notice=notice, by=request.user, now=timezone.now())
    except ScrmError as refused:
        sentences = [str(refused), *(str(each) for said in refused.fields.values() for each in said)]
        messages.error(request, " ".join(sentences))
        return redirect("compliance:notice", notice_id=notice.pk)
    words = _("Version %(number)s is in force; its fingerprint begins with %(hash)s.")
    messages.success(request, words % {"number": done.number, "hash": done.hash[:12]})
    return redirect("compliance:notices")


@page("compliance.change_notice")
@require_POST
def discard(request: StaffRequest, notice_id: int) -> HttpResponse:
    notice = get_object_or_404(Notice, pk=notice_id)
    try:
        discard_draft(notice=notice, by=request.user, now=timezone.now())
    except ScrmError as refused:
        messages.warning(request, str(refused))
    else:
        messages.success(request, _("The draft was thrown away."))
    return redirect("compliance:notices")


def _texts(post: Mapping[str, str]) -> dict[str, dict[str, str]]:
    return {
        language: {block.code: post.get(f"{language}.{block.code}", "") for block in BLOCKS} for language in LANGUAGES
    }


def _show(request: StaffRequest, notice: Notice) -> HttpResponse:
    lacks = [] if notice.is_published else lacks_of(notice.texts)
    wrong = {(lack.language, lack.block): lack_words(lack) for lack in lacks}
    standing = ConsentState.objects.filter(action__in=GRANTS).exclude(notice=notice).count()
    review = review_of(notice)
    context: dict[str, Any] = {
        "title": _("Privacy notice, version %(number)s") % {"number": notice.number},
        "notice": notice,
        "languages": [(language, NAMES[language], _parts(notice, language, wrong)) for language in LANGUAGES],
        "checklist": [(block, wrong.get(("zh-hans", block.code))) for block in BLOCKS],
        "others": [sentence for (language, _block), sentence in wrong.items() if language != "zh-hans"],
        "lacks": len(lacks),
        "review": review,
        "can_publish": not lacks and _is_approved(notice),
        "due": standing,
        "can_change": request.user.has_perm("compliance.change_notice") and not notice.is_published,
    }
    return in_frame(request, "compliance/notice.html", context)


def _is_approved(notice: Notice) -> bool:
    try:
        require_reviewed(notice, now=timezone.now())
    except NoticeNotReviewed:
        return False
    return True


def _parts(notice: Notice, language: str, wrong: Mapping[tuple[str, str], str]) -> list[dict[str, Any]]:
    texts = notice.texts.get(language, {})
    return [
        {
            "block": block,
            "title": _title(block, language),
            "name": f"{language}.{block.code}",
            "text": texts.get(block.code, ""),
            "error": wrong.get((language, block.code)),
        }
        for block in BLOCKS
    ]


def _title(block: Block, language: str) -> str:
    """As it will stand in the notice, whatever the language of the editor."""
    with translation.override(language):
        return str(block.title)
