"""The pages of an import; every act is a POST to a service."""

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, StreamingHttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.pages import staff_of
from core.admin import EvidenceAdmin, sentence
from core.errors import ScrmError
from core.files import UnreadableFile
from core.registries import MenuEntry, menu
from intake import services
from intake.admin.forms import ReadingForm, UploadForm, mapping_from
from intake.admin.guides import guide_of, in_chinese
from intake.enums import UNFINISHED, ImportKind, ImportState
from intake.errors import ImportStateWrong
from intake.models import ImportJob, reason_label
from intake.rules.fields import FIELDS, needs_of
from intake.rules.samples import sample_rows
from intake.selectors import file_is_kept, imports_visible_to, preview_import, reject_report, rejected_rows

SHOWN_ROWS = 6
SHOWN_REJECTS = 10
STATES = {
    ImportState.UPLOADED: "watch",
    ImportState.QUEUED: "busy",
    ImportState.STAGING: "busy",
    ImportState.APPLYING: "busy",
    ImportState.DONE: "good",
    ImportState.FAILED: "act",
    ImportState.CANCELLED: "none",
}

menu.register(
    MenuEntry(
        code="imports",
        group="members",
        title=gettext_lazy("Import"),
        url_name="admin:intake_importjob_changelist",
        icon="upload_file",
        permission="intake.view_importjob",
        order=90,
    )
)


class Line:
    """What csv writes is handed on at once."""

    def write(self, text: str) -> str:
        return text


@admin.register(ImportJob)
class ImportAdmin(EvidenceAdmin):
    ordering = ("-id",)
    list_per_page = 30
    change_list_template = "intake/jobs.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[ImportJob]:
        return imports_visible_to(staff_of(request)).order_by("-id")

    def may_import(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("intake.add_importjob"))

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("new/", view(self.new_view), name="intake_new"),
            path("sample/<str:kind>.csv", view(self.sample_view), name="intake_sample"),
            path("<int:job_id>/configure/", view(self.configure_view), name="intake_configure"),
            path("<int:job_id>/cancel/", view(self.cancel_view), name="intake_cancel"),
            path("<int:job_id>/progress/", view(self.progress_view), name="intake_progress"),
            path("<int:job_id>/rejects.csv", view(self.rejects_view), name="intake_rejects"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        more = {"title": _("Import"), "may_import": self.may_import(request), "states": STATES}
        page: HttpResponse = super().changelist_view(request, {**more, **(extra_context or {})})
        return page

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """An import begins with a file, so the address that every model has leads there."""
        del request, form_url, extra_context
        return redirect("admin:intake_new")

    def new_view(self, request: HttpRequest) -> HttpResponse:
        """Choose a file; what can be told of it is shown on the next page."""
        if not self.may_import(request):
            raise PermissionDenied
        form = UploadForm(initial={"kind": request.GET.get("kind", "")})
        if request.method == "POST":
            form = UploadForm(request.POST, request.FILES)
        if request.method == "POST" and form.is_valid():
            job = self._act(request, lambda: self._receive(request, form))
            if job is not None:
                return redirect("admin:intake_importjob_change", job.pk)
        guides = [guide_of(kind) for kind in ImportKind]
        context = {"form": form, "title": _("Import a file"), "kinds": ImportKind.choices, "guides": guides}
        return self._page(request, "intake/new.html", **context)

    def sample_view(self, request: HttpRequest, kind: str) -> StreamingHttpResponse:
        """A file that can be imported as it is, in the language of the page."""
        if not self.may_import(request):
            raise PermissionDenied
        if kind not in ImportKind:
            raise Http404
        rows = sample_rows(kind, chinese=in_chinese())
        name = _("sample file")
        return _as_file(f"{name}-{ImportKind(kind).label}.csv", rows)

    def _receive(self, request: HttpRequest, form: UploadForm) -> ImportJob:
        upload = form.cleaned_data["file"]
        return services.receive_upload(
            kind=form.cleaned_data["kind"],
            chunks=upload.chunks(),
            file_name=upload.name,
            by=staff_of(request),
            now=timezone.now(),
        )

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Where the import stands: its columns, its progress, or its result.

        The columns come with rows of the file, names and phones in clear: for those who may import only.
        """
        del form_url, extra_context
        job = self._job(request, object_id)
        may_import = self.may_import(request)
        if may_import and (job.state == ImportState.UPLOADED or ("again" in request.GET and job.may_be_configured)):
            return self._page(request, "intake/columns.html", **_about(job), may_import=True, **self._columns(job))
        kept = file_is_kept(job) if job.finished_at else False
        context = {**_about(job), "may_import": may_import, "kept": kept}
        return self._page(request, "intake/job.html", **context, **outcome(job))

    def _columns(self, job: ImportJob) -> dict[str, Any]:
        initial = {"timezone": job.timezone, "source": job.source, "date_order": job.mapping.get("date_order", "")}
        needed = [fields[0] for fields in needs_of(job.kind) if len(fields) == 1]
        context: dict[str, Any] = {
            "reading": ReadingForm(initial=initial),
            "fields": FIELDS[job.kind],
            "needed": needed,
        }
        try:
            preview = preview_import(job)
        except (UnreadableFile, OSError) as error:
            return {**context, "unreadable": str(error)}
        return {**context, "preview": preview, "rows": preview.rows[:SHOWN_ROWS]}

    def configure_view(self, request: HttpRequest, job_id: int) -> HttpResponse:
        """POST: keep what the columns mean and set the import going, as a trial or for good.

        What is refused stands on the page again, as it was chosen.
        """
        job = self._posted(request, job_id)
        if isinstance(job, HttpResponse):
            return job
        started = self._act(request, lambda: self._start(request, job))
        if started or not job.may_be_configured:
            return redirect(self._address(job))
        return self._page(request, "intake/columns.html", **_about(job), may_import=True, **self._as_sent(request, job))

    def _as_sent(self, request: HttpRequest, job: ImportJob) -> dict[str, Any]:
        """The page of columns as it was filled in, where its form was sent and the file can still be read."""
        sent, context = request.POST, self._columns(job)
        if "timezone" not in sent or "preview" not in context:
            return context
        columns = mapping_from(sent, context["preview"].columns, job.kind, job.mapping)["columns"]
        job.mapping = {**job.mapping, "columns": columns}
        return {**self._columns(job), "reading": ReadingForm(initial=sent.dict())}

    def _start(self, request: HttpRequest, job: ImportJob) -> ImportJob:
        if not job.may_be_configured:
            raise ImportStateWrong
        by, now = staff_of(request), timezone.now()
        given = request.POST
        mapping = (
            mapping_from(given, preview_import(job).columns, job.kind, job.mapping)
            if "timezone" in given
            else {**job.mapping, "columns": {field.name: "" for field in FIELDS[job.kind]} | job.mapping["columns"]}
        )
        services.configure_import(
            job_id=job.pk,
            mapping=mapping,
            by=by,
            now=now,
            timezone=given.get("timezone", ""),
            source=given.get("source", ""),
            dry_run=given.get("act") == "trial",
        )
        return services.enqueue_import(job_id=job.pk, by=by, now=now)

    def cancel_view(self, request: HttpRequest, job_id: int) -> HttpResponse:
        job = self._posted(request, job_id)
        if isinstance(job, HttpResponse):
            return job
        self._act(request, lambda: services.cancel_import(job_id=job.pk, by=staff_of(request), now=timezone.now()))
        return redirect(self._address(job))

    def progress_view(self, request: HttpRequest, job_id: int) -> HttpResponse:
        """The part of the page that is asked for again and again; when it is over, the whole page is."""
        job = self._job(request, str(job_id))
        response = TemplateResponse(
            request, "intake/progress.html", {"job": job, "may_import": self.may_import(request)}
        )
        if job.state not in UNFINISHED:
            response["HX-Refresh"] = "true"
        return response

    def rejects_view(self, request: HttpRequest, job_id: int) -> HttpResponse | StreamingHttpResponse:
        """GET: where and why every row was rejected. POST: the rows themselves, with what is personal in them.

        A file that Excel opens in Chinese: UTF-8 with a byte order mark.
        """
        job = self._job(request, str(job_id))
        if request.method != "POST":
            return _as_file(f"rejected-{job.pk}.csv", reject_report(job))
        if not self.may_import(request):
            raise PermissionDenied
        taken = self._act(
            request, lambda: services.note_rejects_taken(job_id=job_id, by=staff_of(request), now=timezone.now())
        )
        return _as_file(f"rejected-{job.pk}.csv", rejected_rows(taken)) if taken else redirect(self._address(job))

    def _posted(self, request: HttpRequest, job_id: int) -> ImportJob | HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self.may_import(request):
            raise PermissionDenied
        return self._job(request, str(job_id))

    def _job(self, request: HttpRequest, object_id: str) -> ImportJob:
        found = self.get_queryset(request).filter(pk=object_id).first() if object_id.isdecimal() else None
        if found is None:
            raise Http404(_("There is no such import."))
        return found

    def _act(self, request: HttpRequest, act: Callable[[], ImportJob]) -> ImportJob | None:
        """What a service refuses, or a file that cannot be read, becomes a sentence on the page."""
        try:
            return act()
        except ScrmError as error:
            messages.error(request, sentence(error))
        except (UnreadableFile, OSError) as error:
            messages.error(request, str(error))
        return None

    def _address(self, job: ImportJob) -> str:
        return f"{redirect('admin:intake_importjob_change', job.pk).url}"

    def _page(self, request: HttpRequest, template: str, **context: Any) -> HttpResponse:
        return TemplateResponse(request, template, {**self.admin_site.each_context(request), **context})


def _about(job: ImportJob) -> dict[str, Any]:
    return {"job": job, "title": job.file_name, "s_title": _("Import")}


def outcome(job: ImportJob) -> dict[str, Any]:
    """The result as the page shows it: figures, rejected rows by reason, the first of them."""
    rejected = job.counts.get("rejected", {})
    reasons = [(reason_label(code), rows) for code, rows in sorted(rejected.items(), key=lambda pair: -pair[1])]
    header = job.facts.get("header", [])
    lines = list(job.rejects.filter(further=False).order_by("line").values_list("line", flat=True)[:SHOWN_REJECTS])
    first = [
        {"reject": row, "column": header[row.column - 1] if row.column and row.column <= len(header) else ""}
        for row in job.rejects.filter(line__in=lines).order_by("line", "pk")
    ]
    return {
        "reasons": reasons,
        "rejected": sum(rejected.values()),
        "first_rejects": first,
        "more_rejects": job.rejected_rows > len(lines),
        "state": STATES[ImportState(job.state)],
    }


def _as_file(name: str, rows: Iterable[Sequence[object]]) -> StreamingHttpResponse:
    response = StreamingHttpResponse(_csv_lines(rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = str(content_disposition_header(as_attachment=True, filename=name))
    response["Cache-Control"] = "no-store"
    return response


def _csv_lines(rows: Iterable[Sequence[object]]) -> Iterator[str]:
    writer = csv.writer(Line())
    yield "\ufeff"
    for row in rows:
        yield writer.writerow(row)
