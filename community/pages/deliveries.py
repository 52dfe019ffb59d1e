"""What KOC hand in: the queue of what waits, one delivery, what is decided about it."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.pages import StaffRequest
from accounts.selectors import latest_acts
from community.enums.work import OWING, DeliveryState
from community.models import Delivery, WorkFile
from community.pages.earning_words import DELIVERY_MARKS, posted, refuse
from community.selectors.shown_koc import shown_koc
from community.selectors.tasks_of_koc import late_deliveries, waiting_deliveries
from community.services.handing_in import (
    Piece,
    approve_delivery,
    deliver,
    drop_delivery,
    return_delivery,
)
from community.services.work_files import place_of, read_work_file
from content.rules.files import INLINE
from core.errors import ScrmError
from core.pages import in_frame, page

MOST = 100
PIECE = ("text", "link")


@page("community.decide_delivery")
@require_safe
def queue(request: StaffRequest) -> HttpResponse:
    """What waits longest first; below it the seats for which nothing came in time."""
    now = timezone.now()
    waiting = list(waiting_deliveries(request.user)[: MOST + 1])
    late = list(late_deliveries(request.user, now)[: MOST + 1])
    people = shown_koc(request.user, (row.koc_id for row in [*waiting, *late]))
    context = {
        "title": _("Deliveries to look at"),
        "waiting": [(row, people.get(row.koc_id)) for row in waiting[:MOST]],
        "late": [(row, people.get(row.koc_id)) for row in late[:MOST]],
        "more": len(waiting) > MOST or len(late) > MOST,
        "now": now,
    }
    return in_frame(request, "community/deliveries.html", context)


@page("community.view_delivery")
@require_http_methods(["GET", "POST"])
def detail(request: StaffRequest, delivery_id: int) -> HttpResponse:
    """GET: what she handed in. POST: hand something in for her, and again after it was returned."""
    delivery = _found(request, delivery_id)
    if request.method == "GET":
        return _show(request, delivery, {"text": delivery.text, "link": delivery.link})
    if not request.user.has_perm("community.add_delivery"):
        return redirect("community:delivery", delivery.pk)
    typed = posted(request.POST, PIECE)
    piece = Piece(text=typed["text"], link=typed["link"], file=request.FILES.get("file"))
    try:
        deliver(delivery=delivery, piece=piece, by=request.user, now=timezone.now())
    except ScrmError as refused:
        if not refused.fields:
            refuse(request, refused)
        return _show(request, delivery, typed, refused.fields, status=refused.status)
    messages.success(request, _("Handed in. It waits to be looked at."))
    return redirect("community:delivery", delivery.pk)


@page("community.decide_delivery")
@require_POST
def decide(request: StaffRequest, delivery_id: int, verb: str) -> HttpResponse:
    """Approve, return, or free the seat; the next one that waits is shown after it."""
    delivery = _found(request, delivery_id)
    reason, now = request.POST.get("reason", "").replace("\x00", ""), timezone.now()
    try:
        if verb == "approve":
            approve_delivery(delivery=delivery, by=request.user, now=now)
        elif verb == "return":
            return_delivery(delivery=delivery, reason=reason, by=request.user, now=now)
        else:
            drop_delivery(delivery=delivery, reason=reason, by=request.user, now=now)
    except ScrmError as refused:
        refuse(request, refused)
        return _show(request, delivery, {"reason": reason}, status=refused.status)
    messages.success(request, _SAID[verb]())
    return redirect("community:delivery", delivery.pk)


@page("community.view_delivery")
@require_safe
def file(request: StaffRequest, delivery_id: int) -> Any:
    """The file that she handed in: shown where a browser can, handed out otherwise."""
    delivery = _found(request, delivery_id)
    return as_answer(delivery.file)


def as_answer(kept: WorkFile | None) -> HttpResponseBase:
    """Raises Http404 where there is none, or none any more."""
    if kept is None or not place_of(kept).exists():
        raise Http404
    answer = StreamingHttpResponse(read_work_file(kept), content_type=kept.mime)
    how = "inline" if kept.mime in INLINE else "attachment"
    suffix = kept.mime.rpartition("/")[2]
    answer["Content-Disposition"] = f'{how}; filename="file-{kept.pk}.{suffix}"'
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


_SAID = {
    "approve": lambda: _("Approved. The reward is booked, and what she made is in the UGC library."),
    "return": lambda: _("Returned. She can hand it in again."),
    "drop": lambda: _("The seat is free again."),
}


def _found(request: StaffRequest, delivery_id: int) -> Delivery:
    rows = Delivery.objects.visible_to(request.user).select_related("task__reward_coupon", "koc", "file", "decided_by")
    found: Delivery = get_object_or_404(rows, pk=delivery_id)
    return found


def _show(
    request: StaffRequest, delivery: Delivery, typed: dict[str, str], errors: Any = None, *, status: int = 200
) -> HttpResponse:
    context = {
        "title": delivery.task.title,
        "delivery": delivery,
        "task": delivery.task,
        "koc": shown_koc(request.user, [delivery.koc_id]).get(delivery.koc_id),
        "mark": DELIVERY_MARKS[delivery.state],
        "inline": delivery.file is not None and delivery.file.mime.startswith("image/"),
        "overdue": delivery.state in OWING and delivery.task.due_at < timezone.now(),
        "owing": delivery.state in OWING,
        "waits": delivery.state == DeliveryState.DELIVERED,
        "ugc": getattr(delivery, "ugc", None),
        "typed": typed,
        "errors": errors or {},
        "history": latest_acts(delivery),
        "may": {
            "decide": request.user.has_perm("community.decide_delivery"),
            "deliver": request.user.has_perm("community.add_delivery"),
        },
    }
    return in_frame(request, "community/delivery.html", context, status=status)
