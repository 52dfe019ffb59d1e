"""The members behind a figure, as far as somebody may see them."""

from decimal import Decimal, InvalidOperation
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.pages import StaffRequest
from core.pages import in_frame, page
from core.rules.whole import whole_in
from dashboards.errors import CountTooSlow, FormulaNotValid
from dashboards.models import MetricDefinition
from dashboards.pages.metric_words import amount, label_of
from dashboards.pages.results import whose
from dashboards.rules.measuring import Slot
from dashboards.selectors.board import latest_day, part_of
from dashboards.selectors.members_behind import After, members_behind
from dashboards.selectors.telling import asked
from timeline.models import facts


@page("dashboards.view_results")
@require_safe
def members(request: StaffRequest, code: str) -> HttpResponse:
    """Of one fact of the formula (`?fact=…`), of everybody or of a part (`?by=…&of=…`), page by page (`?after=…`)."""
    found = get_object_or_404(MetricDefinition, code=code)
    part = part_of(request.user, request.GET.get("by", ""), request.GET.get("of", ""))
    slots = _slots(found)
    day = latest_day()
    if part is None or day is None or not slots:
        raise Http404
    chosen = next((slot for slot in slots if slot.fact == request.GET.get("fact")), slots[-1])
    context: dict[str, Any] = {
        "title": _("Who is behind it?"),
        "metric": found,
        "part": part,
        "whose": whose(part),
        "day": day,
        "window": chosen.window,
        "facts": [(slot.fact, label_of(slot.fact)) for slot in slots],
        "fact": chosen.fact,
        "unit": facts.get(chosen.fact).unit,
        "now": timezone.now(),
    }
    try:
        rows, following = members_behind(
            chosen, part, day, user=request.user, after=_after(request.GET.get("after", ""))
        )
    except CountTooSlow as refused:
        return in_frame(request, "dashboards/metric_members.html", {**context, "refused": refused})
    context |= {
        "rows": [(row.member, amount(abs(row.value)), row.value < 0) for row in rows],
        "after": f"{following.value}:{following.member_id}" if following else "",
    }
    return in_frame(request, "dashboards/metric_members.html", context)


def _slots(found: MetricDefinition) -> list[Slot]:
    """The facts of the formula in its own window; not those beside them, of people who are not known."""
    try:
        ready = asked(found)
    except FormulaNotValid:
        return []
    named = {fact.code for fact in ready.named}
    own = [slot for slot in ready.slots() if slot.window == ready.windows[0] and slot.fact in named]
    return [] if ready.lacks else own


def _after(text: str) -> After | None:
    """Nonsense begins at the first page."""
    value, _colon, number = text.partition(":")
    try:
        given = Decimal(value)
    except InvalidOperation:
        return None
    last = whole_in(number)
    return After(given, last) if last is not None and given.is_finite() and abs(given) < 10**15 else None
