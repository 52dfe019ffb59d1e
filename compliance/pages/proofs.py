"""Proof beside a warned phrase: added, and read by the reviewer."""

import re

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.pages import StaffRequest
from compliance.errors.content import ReviewNotReady
from compliance.models import Proof, Review
from compliance.pages.reviews import show
from compliance.services.proofs import LARGEST_FILE, add_proof, open_proof
from core.errors import ScrmError
from core.pages import page


@page("compliance.add_review")
@require_POST
def add(request: StaffRequest, review_id: int) -> HttpResponse:
    review = get_object_or_404(Review, pk=review_id)
    key, file = request.POST.get("key", ""), request.FILES.get("file")
    try:
        proof = add_proof(
            review=review,
            key=key,
            text=request.POST.get("text", ""),
            shows=_numbers(request.POST.get("shows", "")),
            file=file.read(LARGEST_FILE + 1) if file else None,
            file_name=str(file.name) if file else "",
            by=request.user,
            now=timezone.now(),
        )
    except ScrmError as refused:
        said = [str(text) for texts in refused.fields.values() for text in texts] or [str(refused)]
        return show(request, review, {key: said}, given={key: request.POST}, status=refused.status)
    messages.success(request, _("Proof for “%(phrase)s” added.") % {"phrase": proof.phrase})
    return redirect("compliance:review", review.pk)


def _numbers(text: str) -> list[int]:
    """Member numbers as people write them: `12, #15 27`. Raises ReviewNotReady."""
    words = [word for word in re.split(r"[\s,，、;；#]+", text) if word]
    if not all(re.fullmatch(r"[0-9]{1,18}", word) for word in words):
        raise ReviewNotReady(fields={"shows": [_("Numbers of members, with commas between them.")]})
    return [int(word) for word in words]


@page("compliance.view_review")
@require_safe
def download(request: StaffRequest, review_id: int, proof_id: int) -> HttpResponse:
    """Always as a download: what somebody uploaded is never shown as a page of ours."""
    del request
    proof = get_object_or_404(Proof.objects.exclude(file=None), pk=proof_id, review=review_id)
    response = HttpResponse(open_proof(proof), content_type="application/octet-stream")
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=proof.file_name) or ""
    response["X-Content-Type-Options"] = "nosniff"
    return response
