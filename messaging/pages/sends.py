"""Sends: the list, one of them with what became of its messages, and the verbs of its life."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.pages import StaffRequest
from accounts.selectors import latest_acts
from core.errors import ScrmError, Text
from core.pages import in_frame, page
from messaging.enums import SendState
from messaging.models import Send
from messaging.pages.words import MARKS, REASONS, STATES, sentence
from messaging.selectors.sends import counts_by_state, message_counts, reasons_of, sends
from messaging.services import sends as services

PER_PAGE = 30
VERBS: dict[str, tuple[Callable[..., Send], Text]] = {
    "start": (services.start, gettext_lazy("Messages go from now on, each as the gate allows.")),
    "pause": (services.pause, gettext_lazy("No further message begins.")),
    "resume": (services.resume, gettext_lazy("Messages go on.")),
    "close": (services.close, gettext_lazy("It takes no more recipients.")),
    "cancel": (services.cancel, gettext_lazy("Cancelled. What waited does not go.")),
}
WITH_REASON = ("pause", "cancel")


@page("messaging.view_send")
@require_safe
def listing(request: StaffRequest) -> HttpResponse:
    state = request.GET.get("state", "")
    known = state if state in SendState.values else ""
    rows = sends().filter(state=known) if known else sends()
    found, counts = Paginator(rows, PER_PAGE).get_page(request.GET.get("page")), counts_by_state()
    return in_frame(
        request,
        "messaging/sends.html",
        {
            "title": _("Messages sent"),
            "tab": "sends",
            "page": found,
            "rows": [(send, MARKS[send.state]) for send in found.object_list],
            "state": known,
            "states": [(code, label, counts.get(code, 0)) for code, label in SendState.choices],
            "total": sum(counts.values()),
        },
    )


@page("messaging.view_send")
@require_safe
def detail(request: StaffRequest, send_id: int) -> HttpResponse:
    return _show(request, get_object_or_404(sends(), pk=send_id))


def _show(request: StaffRequest, send: Send, *, typed: Any = None, status: int = 200) -> HttpResponse:
    counts = message_counts(send)
    changes = request.user.has_perm("messaging.change_send")
    context = {
        "title": send.title,
        "tab": "sends",
        "send": send,
        "mark": MARKS[send.state],
        "counts": [(label, counts[code]) for code, label in STATES.items() if counts.get(code)],
        "reasons": [(REASONS.get(code, code), count) for code, count in reasons_of(send).items()],
        "doubts": counts.get("unknown", 0),
        "verbs": _verbs(send) if changes else (),
        "history": latest_acts(send),
        "typed": typed or {},
        "now": timezone.now(),
    }
    return in_frame(request, "messaging/send.html", context, status=status)


def _verbs(send: Send) -> list[str]:
    """What can be done next, the most natural first."""
    match send.state:
        case SendState.FROZEN:
            return ["start", "cancel"]
        case SendState.RUNNING | SendState.PAUSED:
            turn = "pause" if send.state == SendState.RUNNING else "resume"
            return [turn, *(["close"] if send.is_open_ended else []), "cancel"]
        case SendState.DRAFT:
            return ["cancel"]
    return []


@page("messaging.change_send")
@require_POST
def move(request: StaffRequest, send_id: int) -> HttpResponse:
    send = get_object_or_404(sends(), pk=send_id)
    name = request.POST.get("verb", "")
    verb, said = VERBS.get(name, (None, None))
    if verb is None:
        return redirect("messaging:send", send.pk)
    given = {"reason": request.POST.get("reason", "").replace("\x00", "")[:300]} if name in WITH_REASON else {}
    try:
        verb(send=send, by=request.user, now=timezone.now(), **given)
    except ScrmError as refused:
        messages.error(request, sentence(refused))
        return _show(request, send, typed=given, status=refused.status)
    messages.success(request, str(said))
    return redirect("messaging:send", send.pk)
