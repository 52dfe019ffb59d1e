"""The page of audit packs: ask for one, see how far it is, fetch it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.pages import staff_of
from core.admin import sentence
from core.errors import ScrmError
from core.pages import in_frame, page
from core.registries import MenuEntry, evidence, menu
from scrm.models import AuditPack
from scrm.selectors import packs_for
from scrm.services.audit_packs import LASTS, open_pack, request_pack

STATES = {"queued": "busy", "running": "busy", "done": "good", "failed": "act", "expired": "none"}
UNFINISHED = ("queued", "running")

menu.register(
    MenuEntry(
        code="audit_packs",
        group="compliance",
        title=gettext_lazy("Audit pack"),
        url_name="scrm:audit_packs",
        icon="folder_zip",
        permission="scrm.view_auditpack",
        order=85,
    )
)


@page("scrm.view_auditpack")
def packs(request: HttpRequest, *, reason: str = "", problem: str = "") -> HttpResponse:
    person = staff_of(request)
    found = [(pack, STATES[pack.state]) for pack in packs_for(person)]
    context = {
        "title": _("Audit pack"),
        "packs": found,
        "items": list(evidence),
        "days": LASTS.days,
        "may_ask": person.has_perm("scrm.add_auditpack"),
        "busy": any(pack.state in UNFINISHED for pack, _state in found),
        "reason": reason,
        "problem": problem,
    }
    return in_frame(request, "scrm/audit_packs.html", context, status=400 if problem else 200)


@page("scrm.add_auditpack")
def ask(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    reason = request.POST.get("reason", "")
    try:
        request_pack(reason=reason, by=staff_of(request), now=timezone.now())
    except ScrmError as error:
        return packs(request, reason=reason, problem=sentence(error))
    return redirect("scrm:audit_packs")


@page("scrm.add_auditpack")
def download(request: HttpRequest, pack_id: int) -> Any:
    """By POST, because it leaves a record."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    person = staff_of(request)
    pack = get_object_or_404(AuditPack, pk=pack_id, asked_by=person)
    try:
        pieces = open_pack(pack=pack, by=person, now=timezone.now())
    except ScrmError as error:
        messages.error(request, sentence(error))
        return redirect("scrm:audit_packs")
    answer = StreamingHttpResponse(pieces, content_type="application/zip")
    answer["Content-Disposition"] = f'attachment; filename="scrm-audit-{pack.pk}.zip"'
    answer["Cache-Control"] = "no-store"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


pack_urls = [
    path("audit-packs/", packs, name="audit_packs"),
    path("audit-packs/ask/", ask, name="audit_pack_ask"),
    path("audit-packs/<int:pack_id>/download/", download, name="audit_pack_download"),
]
