"""The material library: list, one material with its versions, new versions, files."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.pages import StaffRequest
from accounts.selectors import latest_acts
from compliance.selectors.reviews import WITH_ITS_AUTHOR, check_parts, hits_in, may_be_submitted, with_standings
from content.enums import MaterialKind
from content.models import Material, MaterialVersion, Slot
from content.pages.waiting import back_to_slot, waiting_in
from content.pages.words import HIT_MARKS, MARKS
from content.rules.files import INLINE
from content.selectors.materials import latest_version, library, uses_of, uses_of_others
from content.selectors.slots import reviews_of
from content.services.files import place_of
from content.services.materials import Body, add_version, archive_material, create_material
from core.errors import ScrmError
from core.pages import in_frame, page

PER_PAGE = 50
FIELDS = ("title", "text", "link", "app_id", "app_path")
MOST_USES = 20
WITH_FILE = ("picture", "video", "file")


@page("content.view_material")
@require_safe
def listing(request: StaffRequest) -> HttpResponse:
    kind = request.GET.get("kind", "")
    kind = kind if kind in MaterialKind.values else ""
    term = request.GET.get("q", "").replace("\x00", "").strip()[:80]
    archived = request.GET.get("archived") == "1"
    shown = Paginator(library(kind=kind, term=term, archived=archived), PER_PAGE).get_page(request.GET.get("page"))
    latest = {material.pk: getattr(material, "latest_id", None) or 0 for material in shown}
    reviews = reviews_of(latest.values())
    with_standings(list(reviews.values()))
    context = {
        "title": _("Materials"),
        "page": shown,
        "rows": [(material, reviews.get(latest[material.pk])) for material in shown],
        "kinds": MaterialKind.choices,
        "kind": kind,
        "term": term,
        "archived": archived,
        "can_add": request.user.has_perm("content.add_material"),
    }
    return in_frame(request, "content/materials.html", context)


@page("content.add_material")
@require_http_methods(["GET", "POST"])
def create(request: StaffRequest) -> HttpResponse:
    kind = request.POST.get("kind") or request.GET.get("kind") or MaterialKind.TEXT
    kind = kind if kind in MaterialKind.values else MaterialKind.TEXT
    waiting = waiting_in(request)
    if request.method == "GET":
        return _form(request, None, kind, {}, waiting=waiting)
    typed = _typed(request)
    try:
        version = create_material(kind=kind, body=_body(request, typed), by=request.user, now=timezone.now())
    except ScrmError as refused:
        return _form(request, None, kind, typed, refused=refused, waiting=waiting)
    if back := back_to_slot(request, version, waiting):
        return back
    messages.success(
        request, _("“%(title)s” is in the library. Submit it for legal review.") % {"title": version.title}
    )
    return redirect("content:material", version.material_id)


@page("content.change_material")
@require_http_methods(["GET", "POST"])
def add(request: StaffRequest, material_id: int) -> HttpResponse:
    material = get_object_or_404(Material, pk=material_id)
    latest = latest_version(material.pk)
    if request.method == "GET":
        return _form(request, material, material.kind, {name: getattr(latest, name, "") for name in FIELDS})
    typed = _typed(request)
    try:
        version = add_version(material=material, body=_body(request, typed), by=request.user, now=timezone.now())
    except ScrmError as refused:
        return _form(request, material, material.kind, typed, refused=refused)
    if latest and version.pk == latest.pk:
        messages.info(request, _("Nothing was changed: the version stays."))
    else:
        messages.success(
            request, _("Version %(number)d made. It needs its own legal review.") % {"number": version.number}
        )
    return redirect("content:material", material.pk)


@page("content.view_material")
@require_safe
def show(request: StaffRequest, material_id: int) -> HttpResponse:
    """One material; `?version=` shows an older version."""
    material = get_object_or_404(Material.objects.select_related("owner"), pk=material_id)
    versions = list(material.versions.select_related("by").order_by("-number"))
    asked = request.GET.get("version", "")
    shown = next((version for version in versions if str(version.number) == asked), versions[0])
    reviews = reviews_of(version.pk for version in versions)
    review = reviews.get(shown.pk)
    with_standings(list(reviews.values()))
    uses = uses_of(shown)
    parts = check_parts(review.parts) if review else []
    context: dict[str, Any] = {
        "title": material.title,
        "material": material,
        "shown": shown,
        "versions": [(version, reviews.get(version.pk)) for version in versions],
        "review": review,
        "marks": MARKS,
        "parts": parts,
        "hit_states": HIT_MARKS,
        "hits": hits_in(parts),
        "inline": shown.file_type in INLINE,
        "uses": list(uses[:MOST_USES]),
        "elsewhere": uses_of_others(shown).count(),
        "history": latest_acts(material),
        "can_change": request.user.has_perm("content.change_material"),
        "can_plan": request.user.has_perm("content.add_slot"),
        "can_submit": request.user.has_perm("compliance.add_review"),
        "may_submit": review is not None and may_be_submitted(review),
        "with_author": review is not None and review.state in WITH_ITS_AUTHOR,
        "can_see_review": request.user.has_perm("compliance.view_review"),
        "now": timezone.now(),
    }
    return in_frame(request, "content/material.html", context)


@page("content.change_material")
@require_POST
def archive(request: StaffRequest, material_id: int) -> HttpResponse:
    material = get_object_or_404(Material, pk=material_id)
    archived = request.POST.get("archived") == "1"
    archive_material(material=material, archived=archived, by=request.user, now=timezone.now())
    words = _("“%(title)s” is archived.") if archived else _("“%(title)s” is back in the library.")
    messages.success(request, words % {"title": material.title})
    return redirect("content:material", material.pk)


@page("content.view_material")
@require_safe
def file(request: StaffRequest, version_id: int) -> HttpResponse:
    """Pictures and videos may be shown in a page; everything else is handed out as a file, whatever it is called."""
    version = get_object_or_404(MaterialVersion, pk=version_id)
    place = place_of(version.file_digest) if version.file_digest else None
    if place is None or not place.is_file():
        raise Http404
    inline = version.file_type in INLINE and request.GET.get("download") != "1"
    mime = version.file_type if version.file_type in INLINE else "application/octet-stream"
    response = FileResponse(place.open("rb"), as_attachment=not inline, filename=version.file_name, content_type=mime)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, max-age=3600"
    return response  # type: ignore[return-value]  # a streamed answer is one too


def _typed(request: StaffRequest) -> dict[str, str]:
    return {name: request.POST.get(name, "") for name in FIELDS}


def _body(request: StaffRequest, typed: Mapping[str, str]) -> Body:
    return Body(**typed, file=request.FILES.get("file"))


def _form(
    request: StaffRequest,
    material: Material | None,
    kind: str,
    typed: Mapping[str, str],
    *,
    refused: ScrmError | None = None,
    waiting: Mapping[str, str] | None = None,
) -> HttpResponse:
    waiting = waiting or {}
    context: dict[str, Any] = {
        "waiting": waiting,
        "kinds_query": urlencode(waiting),
        "for_slot": Slot.objects.filter(pk=waiting["slot"]).first() if "slot" in waiting else None,
        "title": _("New version of “%(title)s”") % {"title": material.title} if material else _("New material"),
        "material": material,
        "kind": kind,
        "kinds": MaterialKind.choices,
        "with_file": kind in WITH_FILE,
        "typed": typed,
        "errors": refused.fields if refused else {},
        "refused": "" if refused is None or refused.fields else str(refused),
    }
    return in_frame(request, "content/material_form.html", context, status=refused.status if refused else 200)
