"""Messages in doubt: somebody looks at the gateway's own records and says what became of them."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.pages import StaffRequest
from core.errors import ScrmError, Text
from core.pages import in_frame, page
from core.templatetags.scrm import figure
from messaging.enums import Idempotency
from messaging.models import Delivery
from messaging.pages.words import REASONS
from messaging.selectors.doubts import doubts
from messaging.selectors.setups import promise_of
from messaging.services.asking import ask_about
from messaging.services.settling import settle

PER_PAGE = 50
LARGEST = 2**63 - 1
#: What may be said, with what it means for the ledger: (arrived, again).
WORDS: dict[str, tuple[Text, bool, bool]] = {
    "delivered": (gettext_lazy("They arrived"), True, False),
    "failed": (gettext_lazy("They did not arrive"), False, False),
    "again": (gettext_lazy("They did not arrive: send them again"), False, True),
}


@page("messaging.reconcile_delivery")
@require_safe
def listing(request: StaffRequest) -> HttpResponse:
    found = Paginator(doubts(request.user), PER_PAGE).get_page(request.GET.get("page", "1"))
    rows = [{"row": row, "why": REASONS.get(row.reason, ""), "asks": _answers(row)} for row in found.object_list]
    return in_frame(
        request,
        "messaging/doubts.html",
        {
            "title": _("Messages in doubt"),
            "tab": "doubts",
            "page": found,
            "rows": rows,
            "words": [(code, label) for code, (label, _arrived, _again) in WORDS.items()],
        },
    )


@page("messaging.reconcile_delivery")
@require_POST
def say(request: StaffRequest) -> HttpResponse:
    """What became of the chosen ones."""
    chosen = [int(text) for text in request.POST.getlist("delivery") if text.isdecimal() and int(text) <= LARGEST]
    known = list(doubts(request.user).filter(pk__in=chosen).values_list("pk", flat=True))
    word = request.POST.get("word", "")
    if not known or word not in WORDS:
        messages.error(request, _("Choose the messages and say what became of them."))
        return redirect("messaging:doubts")
    _label, delivered, again = WORDS[word]
    try:
        count = settle(
            delivery_ids=known,
            delivered=delivered,
            again=again,
            reason=request.POST.get("reason", ""),
            by=request.user,
            now=timezone.now(),
        )
    except ScrmError as refused:
        messages.error(request, f"{refused} {refused.hint}".strip())
    else:
        words = ngettext("Recorded for %(count)s message.", "Recorded for %(count)s messages.", count)
        messages.success(request, words % {"count": figure(count)})
    return redirect("messaging:doubts")


@page("messaging.reconcile_delivery")
@require_POST
def ask(request: StaffRequest, delivery_id: int) -> HttpResponse:
    """Ask the gateway now."""
    row = get_object_or_404(doubts(request.user), pk=delivery_id)
    if ask_about(delivery=row, by=request.user, now=timezone.now()):
        messages.success(request, _("The gateway knows: it is recorded."))
    else:
        messages.warning(request, _("The gateway does not say. Ask again later, or look into its own records."))
    return redirect("messaging:doubts")


def _answers(row: Delivery) -> bool:
    """Whether its gateway answers such questions."""
    return promise_of(row.send.gateway).kind == Idempotency.QUERYABLE
