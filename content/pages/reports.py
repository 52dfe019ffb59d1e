"""Reports of live sessions and of platform accounts: read and shown first, stored when that is wished."""

import tempfile
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from accounts.pages import StaffRequest
from content.enums import ReportKind
from content.errors import ReportNotRead
from content.models import LiveReport, PlatformReport
from content.rules.reports import LABELS
from content.services.measuring import measure_all
from content.services.reports import ReportRead, read_report, store_report
from core.errors import ScrmError
from core.pages import in_frame, page

LARGEST = 10_000_000
LATEST = 20


@page("content.view_livereport")
@require_http_methods(["GET", "POST"])
def show(request: StaffRequest) -> HttpResponse:
    """POST: `act=try` shows what the file holds and stores nothing, `act=store` stores the rows that can be read."""
    if request.method == "GET":
        return _show(request, "live")
    if not request.user.has_perm("content.add_livereport"):
        raise PermissionDenied
    kind = request.POST.get("kind", "")
    try:
        read = _read(kind, request.FILES.get("file"))
        if request.POST.get("act") != "store":
            return _show(request, kind, read=read)
        stored = store_report(read=read, by=request.user, now=timezone.now())
        measure_all(now=timezone.now())
    except ScrmError as refused:
        faults = [str(fault) for faults in refused.fields.values() for fault in faults]
        return _show(request, kind, said=" ".join(faults or [str(refused)]), status=refused.status)
    words = ngettext("%(count)d row of the report imported.", "%(count)d rows of the report imported.", stored)
    messages.success(request, words % {"count": stored})
    if read.refused:
        skipped = ngettext("%(count)d row was skipped.", "%(count)d rows were skipped.", read.refused)
        messages.warning(request, skipped % {"count": read.refused})
    return redirect("content:reports")


def _read(kind: str, file: UploadedFile | None) -> ReportRead:
    if file is None:
        raise ReportNotRead(_("Choose a file."))
    if (file.size or 0) > LARGEST:
        raise ReportNotRead(_("At most %(size)d MB.") % {"size": LARGEST // 1_000_000})
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "report"
        with path.open("wb") as target:
            for chunk in file.chunks():
                target.write(chunk)
        return read_report(kind=kind, path=path)


def _show(
    request: StaffRequest, kind: str, *, read: ReportRead | None = None, said: str = "", status: int = 200
) -> HttpResponse:
    context: dict[str, Any] = {
        "title": _("Reports of platforms"),
        "kind": kind if kind in ReportKind.values else "live",
        "kinds": ReportKind.choices,
        "read": read,
        "columns": [(LABELS[name], title) for name, title in read.columns.items()] if read else [],
        "said": said,
        "live": LiveReport.objects.select_related("slot")[:LATEST],
        "platform": PlatformReport.objects.order_by("-day", "account")[:LATEST],
        "can_add": request.user.has_perm("content.add_livereport"),
    }
    return in_frame(request, "content/reports.html", context, status=status)
