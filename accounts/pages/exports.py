"""The page of exports: what one asked for, what waits for one's decision, and the file."""

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.enums import ExportState
from accounts.models import Export
from accounts.pages import staff_of
from accounts.selectors import exports_for, rows_taken_alone
from accounts.services import exports as making
from accounts.services.exports import decide_export, export_kinds, open_export, request_export
from core.admin import sentence
from core.errors import ScrmError
from core.pages import in_frame
from core.registries import MenuEntry, menu

MIME = {"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
STATES = {
    "waiting": "watch", "queued": "busy", "running": "busy", "done": "good", "refused": "act", "failed": "act",
    "expired": "none",
}  # fmt: skip

menu.register(
    MenuEntry(
        code="exports",
        group="compliance",
        title=gettext_lazy("Exports"),
        url_name="accounts:exports",
        icon="file_export",
        order=80,
    )
)


def exports(request: HttpRequest) -> HttpResponse:
    person = staff_of(request)
    found = [(_titled(export), STATES[export.state]) for export in exports_for(person)]
    may_decide = person.has_perm("accounts.approve_export")
    context = {
        "title": _("Exports"),
        "exports": found,
        "may_decide": may_decide,
        "kinds": export_kinds,
        "alone": making.ALONE,
        "day": settings.SCRM_EXPORT_ROWS_A_DAY,
    }
    return in_frame(request, "accounts/exports.html", context)


def _titled(export: Export) -> Export:
    """With the words of its kind and, while it waits, of its filters; a kind no app offers any more keeps its code."""
    kind = export_kinds.get(export.kind) if export.kind in export_kinds else None
    export.title = kind.title if kind else export.kind  # type: ignore[attr-defined]
    waits = kind is not None and export.state == ExportState.WAITING
    export.filters = kind.filters(export.asked_by, export.parameters) if kind and waits else None  # type: ignore[attr-defined]
    return export


def new(request: HttpRequest) -> HttpResponse:
    """What will be in the file and how many rows; asks for the format and the reason."""
    person = staff_of(request)
    code = request.GET.get("kind", "")
    if code not in export_kinds:
        raise Http404
    kind = export_kinds.get(code)
    if not person.has_perm(kind.permission):
        raise PermissionDenied
    parameters = {name: values for name, values in request.GET.lists() if name not in {"kind", "page", "sort"}}
    problem = ""
    if request.method == "POST":
        layout = request.POST.get("layout", "")
        try:
            request_export(
                kind=code, layout=layout if layout in MIME else "csv", parameters=parameters,
                reason=request.POST.get("reason", ""), by=person, now=timezone.now(),
            )  # fmt: skip
        except ScrmError as error:
            problem = sentence(error)
        else:
            return redirect("accounts:exports")
    count = kind.count(person, parameters)
    context = {
        "title": _("Export: %(what)s") % {"what": kind.title},
        "kind": kind,
        "count": count,
        "taken": rows_taken_alone(person, now=timezone.now()),
        "large": making.needs_second(by=person, rows=count, now=timezone.now()),
        "problem": problem,
    }
    return in_frame(request, "accounts/export_new.html", context, status=400 if problem else 200)


def decide(request: HttpRequest, export_id: int) -> HttpResponse:
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    person = staff_of(request)
    if not person.has_perm("accounts.approve_export"):
        raise PermissionDenied
    allow = request.POST.get("decision") == "allow"
    try:
        decide_export(export=get_object_or_404(Export, pk=export_id), allow=allow, by=person, now=timezone.now())
    except ScrmError as error:
        messages.error(request, sentence(error))
    return redirect("accounts:exports")


def download(request: HttpRequest, export_id: int) -> HttpResponse | StreamingHttpResponse:
    """By POST, because it leaves a record."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    export = get_object_or_404(Export, pk=export_id, asked_by=staff_of(request))
    try:
        pieces = open_export(export=export, by=staff_of(request), now=timezone.now())
    except ScrmError as error:
        messages.error(request, sentence(error))
        return redirect("accounts:exports")
    answer = StreamingHttpResponse(pieces, content_type=MIME[export.layout])
    answer["Content-Disposition"] = f'attachment; filename="scrm-{export.kind}-{export.pk}.{export.layout}"'
    answer["Cache-Control"] = "no-store"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
