"""Writing a text that is checked on its own."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.pages import StaffRequest
from compliance.enums.content import ReviewState
from compliance.errors.content import ReviewNotReady
from compliance.models import Review, Wording
from compliance.services.wordings import KIND, save_wording
from core.pages import in_frame, page


@page("compliance.add_review")
@require_http_methods(["GET", "POST"])
def edit(request: StaffRequest, review_id: int | None = None) -> HttpResponse:
    """A new text, or the text of a review of this kind; one that waits for the reviewer is not changed."""
    review = get_object_or_404(Review, pk=review_id, kind=KIND) if review_id else None
    if review and review.state == ReviewState.IN_REVIEW:
        messages.warning(request, _("The text is with the reviewers and cannot be changed now."))
        return redirect("compliance:review", review.pk)
    wording = get_object_or_404(Wording, pk=review.object_id) if review else None
    if request.method == "GET":
        return _show(request, review, {"title": review.title, "text": wording.text} if review and wording else {})
    typed = {name: request.POST.get(name, "") for name in ("title", "text")}
    try:
        saved = save_wording(wording=wording, by=request.user, now=timezone.now(), **typed)
    except ReviewNotReady as refused:
        return _show(request, review, typed, refused.fields, status=422)
    return redirect("compliance:review", saved.pk)


def _show(
    request: StaffRequest, review: Review | None, typed: Mapping[str, str], errors: Any = None, *, status: int = 200
) -> HttpResponse:
    context = {"title": review.title if review else _("New text"), "review": review, "typed": typed}
    return in_frame(request, "compliance/wording.html", {**context, "errors": errors or {}}, status=status)
