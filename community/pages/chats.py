"""Imports of chats: the list, the upload, how far one came, and the rows that were rejected."""

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.enums import Reach
from accounts.pages import StaffRequest
from community.enums.messages import UNFINISHED, ChatKind
from community.models import ChatImport, Group
from community.pages.words import IMPORTS
from community.rules.chat_fields import MESSAGE_NAMES, ROSTER_NAMES
from community.selectors.chats import chats_visible_to
from community.services.chats import cancel_chat, group_of_import, receive_chat
from core.admin.base import sentence
from core.errors import ScrmError
from core.files.writing import safe_text
from core.pages import as_csv, in_frame, page
from core.rules.whole import INTEGER, whole_in

PAGE = 50
FIRST_REJECTS = 20
MOST_GROUPS = 500


@page("community.view_chatimport")
@require_safe
def listing(request: StaffRequest) -> HttpResponse:
    rows = chats_visible_to(request.user)
    before = whole_in(request.GET.get("before", ""))
    if before is not None:
        rows = rows.filter(pk__lt=before)
    jobs = list(rows.order_by("-pk")[: PAGE + 1])
    context = {
        "title": _("Chat imports"),
        "rows": [(job, IMPORTS[job.state]) for job in jobs[:PAGE]],
        "older": jobs[PAGE - 1].pk if len(jobs) > PAGE else None,
        "can_add": request.user.has_perm("community.add_chatimport"),
    }
    return in_frame(request, "community/chats.html", context)


@page("community.add_chatimport")
@require_http_methods(["GET", "POST"])
def create(request: StaffRequest) -> HttpResponse:
    """A file, what it holds, and of which group it is."""
    given = request.POST if request.method == "POST" else request.GET
    typed = {"kind": given.get("kind", ChatKind.MESSAGES), "group": given.get("group", "")}
    refused: ScrmError | None = None
    if request.method == "POST":
        try:
            job = _receive(request, typed)
        except ScrmError as error:
            refused = error
        else:
            if job is not None:
                return redirect("community:chat", job.pk)
            messages.error(request, _("Choose a file first."))
    groups = Group.objects.visible_to(request.user).select_related("type").order_by("state", "name")[:MOST_GROUPS]
    context: dict[str, Any] = {
        "title": _("Import a chat"),
        "typed": typed,
        "refused": refused,
        "kinds": ChatKind.choices,
        "groups": groups,
        "must_choose": request.user.reach != Reach.ALL,
        "names": [(_("Messages"), _known(MESSAGE_NAMES)), (_("Participants"), _known(ROSTER_NAMES))],
    }
    return in_frame(request, "community/chat_new.html", context, status=refused.status if refused else 200)


@page("community.view_chatimport")
@require_safe
def detail(request: StaffRequest, job_id: int) -> HttpResponse:
    job = _job(request, job_id)
    rejects = list(job.rejects.order_by("line", "pk")[: FIRST_REJECTS + 1])
    context = {
        "title": job.file_name,
        "job": job,
        "mark": IMPORTS[job.state],
        "rejects": rejects[:FIRST_REJECTS],
        "more": len(rejects) > FIRST_REJECTS,
        "can_add": request.user.has_perm("community.add_chatimport"),
        "is_open": job.state in UNFINISHED,
    }
    return in_frame(request, "community/chat.html", context)


@page("community.view_chatimport")
@require_safe
def progress(request: StaffRequest, job_id: int) -> HttpResponse:
    """The part of the page that is asked for again and again; when it is over, the whole page is."""
    job = _job(request, job_id)
    response = render(request, "community/chat_progress.html", {"job": job, "is_open": job.state in UNFINISHED})
    if job.state not in UNFINISHED:
        response["HX-Refresh"] = "true"
    return response


@page("community.view_chatimport")
@require_safe
def rejects_csv(request: StaffRequest, job_id: int) -> HttpResponse:
    """Where and why; what the rows said is not kept, so it is not in the file."""
    job = _job(request, job_id)
    return as_csv(f"rejected-{job.pk}", (_("Line"), _("Column"), _("Why")), _rejects(job))


@page("community.add_chatimport")
@require_POST
def cancel(request: StaffRequest, job_id: int) -> HttpResponse:
    job = _job(request, job_id)
    try:
        cancel_chat(job=job, by=request.user, now=timezone.now())
    except ScrmError as refused:
        messages.error(request, sentence(refused))
    else:
        messages.success(request, _("The import is called off. What was stored stays."))
    return redirect("community:chat", job_id)


def _receive(request: StaffRequest, typed: dict[str, str]) -> ChatImport | None:
    upload = request.FILES.get("file")
    if upload is None:
        return None
    group = group_of_import(_number(typed["group"]), by=request.user)
    kind = typed["kind"] if typed["kind"] in ChatKind.values else ChatKind.MESSAGES
    return receive_chat(
        kind=kind,
        chunks=upload.chunks(),
        file_name=upload.name or "",
        group=group,
        by=request.user,
        now=timezone.now(),
    )


def _job(request: HttpRequest, job_id: int) -> ChatImport:
    found = chats_visible_to(request.user).filter(pk=job_id).first()  # type: ignore[arg-type]  # behind `page`
    if found is None:
        raise Http404
    return found


def _rejects(job: ChatImport) -> Iterator[tuple[object, ...]]:
    titles = job.facts.get("columns", {})
    for reject in job.rejects.order_by("line", "pk").iterator(chunk_size=5_000):
        yield reject.line, safe_text(titles.get(reject.column, reject.column)), reject.reason_label


def _number(text: str) -> int | None:
    return whole_in(text, most=INTEGER)


def _known(names: Any) -> list[str]:
    """The first Chinese and the first English name of each field."""
    return [
        " / ".join(dict.fromkeys((known[0], next((name for name in known if not name.isascii()), known[0]))))
        for known in names.values()
    ]
