"""The review queue, and the page of one text with its hits marked."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.pages import StaffRequest
from accounts.selectors import latest_acts
from compliance.enums.content import ReviewState
from compliance.models import Review
from compliance.pages.lexicon import STATES
from compliance.selectors.lexicon import Found, latest_version
from compliance.selectors.reviews import (
    WITH_ITS_AUTHOR,
    CheckedPart,
    check_parts,
    digest_to_approve,
    may_be_submitted,
    proofs_of,
    standing_of,
    waiting_for,
    waiting_reviews,
    with_standings,
)
from compliance.services import reviews as services
from compliance.services.reviewables import part_label, part_words, reviewables
from core.admin import sentence
from core.errors import ScrmError, Text
from core.pages import in_frame, page
from core.rules.whole import INTEGER, whole_in

PER_PAGE = 30
TABS = {
    "waiting": pgettext_lazy("reviews", "Waiting"),
    "mine": pgettext_lazy("reviews", "Mine"),
    "approved": pgettext_lazy("reviews", "Approved"),
    "all": pgettext_lazy("reviews", "All"),
}
ACTS = {
    "compliance.check_text": pgettext_lazy("act", "Written and checked"),
    "compliance.add_proof": pgettext_lazy("act", "Proof added"),
    "compliance.submit_text": pgettext_lazy("act", "Submitted"),
    "compliance.approve_text": pgettext_lazy("act", "Approved"),
    "compliance.return_text": pgettext_lazy("act", "Returned"),
    "compliance.expire_text": pgettext_lazy("act", "Expired"),
    "compliance.drop_text": pgettext_lazy("act", "Thrown away by its author"),
}
VALID_CHOICES = (30, 90, 180, 365)


@page("compliance.view_review")
@require_safe
def listing(request: StaffRequest) -> HttpResponse:
    """Reviewers find what waits, authors their own texts."""
    decides = request.user.has_perm("compliance.decide_review")
    tab = request.GET.get("tab", "")
    tab = tab if tab in TABS else "waiting" if decides else "mine"
    rows = Paginator(_rows(request, tab).select_related("author").defer("parts"), PER_PAGE)
    shown = rows.get_page(request.GET.get("page"))
    with_standings(list(shown))
    context = {
        "title": _("Legal review"),
        "tabs": TABS,
        "tab": tab,
        "page": shown,
        "waiting": waiting_reviews().count(),
        "kinds": _kinds(),
        "can_add": request.user.has_perm("compliance.add_review"),
        "decides": decides,
    }
    return in_frame(request, "compliance/reviews.html", context)


def _rows(request: StaffRequest, tab: str) -> Any:
    if tab == "waiting":
        return waiting_reviews()
    newest = Review.objects.order_by("-changed_at", "-pk")
    if tab == "mine":
        return newest.filter(author=request.user)
    return newest.filter(state=ReviewState.APPROVED) if tab == "approved" else newest


def _kinds() -> dict[str, Any]:
    return {kind.code: kind.label for kind in reviewables}


@page("compliance.view_review")
@require_safe
def detail(request: StaffRequest, review_id: int) -> HttpResponse:
    return show(
        request, get_object_or_404(Review.objects.select_related("author", "submitted_by", "decided_by"), pk=review_id)
    )


def show(
    request: StaffRequest, review: Review, errors: Any = None, *, given: Any = None, status: int = 200
) -> HttpResponse:
    """The text as it was last read, with what the lexicon of this moment finds in it, and what was typed by phrase."""
    checked = check_parts(review.parts)
    review.standing = standing = standing_of(checked, proofs_of(review))
    user = request.user
    own = user.pk in {review.author_id, review.submitted_by_id}
    writes = user.has_perm("compliance.add_review")
    context = {
        "title": review.title,
        "review": review,
        "parts": [(part_label(review.kind, part.name), _pieces(review.kind, part)) for part in checked],
        "several": len(checked) > 1,
        "blocks": standing.forbidden,
        "warned": standing.warned,
        "open_warnings": len(standing.unproven),
        "open": standing.open,
        "version": latest_version().number,
        "digest": digest_to_approve(review),
        "states": STATES,
        "kind": _kinds().get(review.kind, review.kind),
        "object_url": _object_url(review),
        "history": [(ACTS.get(done.entry.action, done.words), done) for done in latest_acts(review)],
        "own": own,
        "errors": errors or {},
        "given": given or {},
        "can_edit": writes and review.state != ReviewState.IN_REVIEW,
        "can_prove": writes and review.state in (*WITH_ITS_AUTHOR, ReviewState.IN_REVIEW),
        "can_submit": writes and review.state in WITH_ITS_AUTHOR,
        "may_submit": may_be_submitted(review),
        "decides": user.has_perm("compliance.decide_review"),
        "valid_choices": VALID_CHOICES,
        "valid_days": services.VALID_DAYS,
        "next": _next(request, review),
        "now": timezone.now(),
    }
    return in_frame(request, "compliance/review.html", context, status=status)


def _pieces(kind: str, part: CheckedPart) -> Sequence[tuple[Text, Found | None]]:
    """The text cut at what was found in it; a code is told in words."""
    words = part_words(kind, part.name, part.text)
    return part.pieces if words == part.text else [(words, None)]


def _object_url(review: Review) -> str:
    return reviewables.get(review.kind).url(review.object_id) if review.kind in reviewables else ""


def _next(request: StaffRequest, review: Review) -> int | None:
    """The next text that this reviewer may decide."""
    if not request.user.has_perm("compliance.decide_review"):
        return None
    return waiting_for(request.user).exclude(pk=review.pk).values_list("pk", flat=True).first()


@page("compliance.add_review")
@require_POST
def submit(request: StaffRequest, review_id: int) -> HttpResponse:
    review = get_object_or_404(Review, pk=review_id)
    try:
        services.submit(review=review, by=request.user, now=timezone.now())
    except ScrmError as refused:
        messages.error(request, sentence(refused))
        return show(request, review, status=refused.status)
    messages.success(request, _("“%(title)s” is now with the legal reviewers.") % {"title": review.title})
    return redirect("compliance:review", review.pk)


@page("compliance.decide_review")
@require_POST
def approve(request: StaffRequest, review_id: int) -> HttpResponse:
    """Approve the text that was on the page: its fingerprint comes along."""
    review = get_object_or_404(Review, pk=review_id)
    try:
        services.approve(
            review=review,
            digest=request.POST.get("digest", ""),
            valid_days=whole_in(request.POST.get("valid_days", ""), most=INTEGER) or 0,
            note=request.POST.get("note", ""),
            by=request.user,
            now=timezone.now(),
        )
    except ScrmError as refused:
        messages.error(request, sentence(refused))
        return show(request, review, status=refused.status)
    messages.success(request, _("“%(title)s” is approved.") % {"title": review.title})
    return _onwards(request, review)


@page("compliance.decide_review")
@require_POST
def send_back(request: StaffRequest, review_id: int) -> HttpResponse:
    review = get_object_or_404(Review, pk=review_id)
    try:
        services.send_back(review=review, reason=request.POST.get("reason", ""), by=request.user, now=timezone.now())
    except ScrmError as refused:
        messages.error(request, sentence(refused))
        return show(request, review, status=refused.status)
    messages.success(request, _("“%(title)s” was returned to its author.") % {"title": review.title})
    return _onwards(request, review)


def _onwards(request: StaffRequest, review: Review) -> HttpResponse:
    """To the next text that waits, or to the queue."""
    following = _next(request, review)
    return redirect("compliance:review", following) if following else redirect("compliance:reviews")
