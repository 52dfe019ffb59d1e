"""Audiences: the list with sizes, and one audience with its rule in words, its growth and what depends on it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.enums import Reach
from accounts.models import User
from accounts.pages import StaffRequest
from core.errors import ScrmError, Text
from core.pages import in_frame, page
from segments.enums import AudienceState
from segments.models import Audience, AudienceSize, Use
from segments.pages.audience_builder import count_context
from segments.pages.audience_words import Phrase, phrase_of
from segments.pages.tiers import members_link
from segments.selectors.audiences import sizes_of, uses_of
from segments.services import audiences as services


@dataclass(frozen=True, kw_only=True)
class Row:
    """One audience of the list; `trend` is the difference to the first size of the last 30 days."""

    audience: Audience
    phrase: Phrase
    uses: Sequence[Use]
    trend: int | None
    link: str


@page("segments.view_audience")
@require_safe
def listing(request: StaffRequest) -> HttpResponse:
    """Audiences in use, or the archived ones; sizes count everybody, so only those see them who see everybody."""
    archived = request.GET.get("state") == AudienceState.ARCHIVED
    state = AudienceState.ARCHIVED if archived else AudienceState.ACTIVE
    audiences = list(Audience.objects.filter(state=state).select_related("owner").order_by("name", "pk"))
    sizes, uses = sizes_of(audiences, today=timezone.localdate()), uses_of(audiences)
    names = dict(Audience.objects.values_list("pk", "name"))
    context = {
        "title": _("Audiences"),
        "rows": [_row(each, sizes.get(each.pk, []), uses.get(each.pk, []), names) for each in audiences],
        "archived": archived,
        "can_add": request.user.has_perm("segments.add_audience"),
        "sees_sizes": request.user.reach == Reach.ALL,
    }
    return in_frame(request, "segments/audiences.html", context)


@page("segments.view_audience")
@require_safe
def detail(request: StaffRequest, audience_id: int) -> HttpResponse:
    audience = get_object_or_404(Audience.objects.select_related("owner"), pk=audience_id)
    sees_all = request.user.reach == Reach.ALL
    history = sizes_of([audience], today=timezone.localdate()).get(audience.pk, [])
    context: dict[str, Any] = {
        "title": audience.name,
        "row": _row(audience, history, uses_of([audience]).get(audience.pk, [])),
        "sees_sizes": sees_all,
        "chart": _chart(history) if sees_all and len(history) > 1 else None,
        "history": history[::-1] if sees_all else [],
        "can_change": request.user.has_perm("segments.change_audience"),
        "can_add": request.user.has_perm("segments.add_audience"),
    }
    return in_frame(request, "segments/audience.html", context)


@page("segments.view_audience")
@require_safe
def counted(request: StaffRequest, audience_id: int) -> HttpResponse:
    """How many of the members that the user may see match now: asked for apart, for it may take a while."""
    audience = get_object_or_404(Audience, pk=audience_id)
    kept = audience if request.user.reach == Reach.ALL else None
    if kept is not None and kept.counting_since is not None:
        return render(request, "segments/audience_count.html", {"kept": kept})
    return render(request, "segments/audience_count.html", count_context(request, audience.rule, kept))


@page("segments.change_audience")
@require_POST
def act(request: StaffRequest, audience_id: int, verb: str) -> HttpResponse:
    """Copy, archive, take back, or count now."""
    audience = get_object_or_404(Audience, pk=audience_id)
    if verb not in ACTS:
        raise Http404
    if verb == "clone" and not request.user.has_perm("segments.add_audience"):
        raise PermissionDenied
    perform, words = ACTS[verb]
    try:
        kept = perform(audience, request.user)
    except ScrmError as refused:
        messages.error(request, " ".join([str(refused), *_fields(refused)]))
        return redirect("segments:audience", audience.pk)
    words = COUNTING if verb == "refresh" and kept.counting_since else words
    messages.success(request, str(words) % {"name": kept.name})
    return redirect("segments:audience_edit" if verb == "clone" else "segments:audience", kept.pk)


def _fields(refused: ScrmError) -> list[str]:
    return [str(sentence) for sentences in refused.fields.values() for sentence in sentences]


COUNTING = gettext_lazy("“%(name)s” is large: a worker counts it now.")
ACTS: dict[str, tuple[Callable[[Audience, User], Audience], Text]] = {
    "clone": (
        lambda audience, by: services.clone(audience=audience, by=by, now=timezone.now()),
        gettext_lazy("Copied as “%(name)s”."),
    ),
    "archive": (
        lambda audience, by: services.archive(audience=audience, by=by, now=timezone.now()),
        gettext_lazy("“%(name)s” archived."),
    ),
    "restore": (
        lambda audience, by: services.restore(audience=audience, by=by, now=timezone.now()),
        gettext_lazy("“%(name)s” is in use again."),
    ),
    "refresh": (
        lambda audience, by: services.refresh_soon(audience=audience, by=by, now=timezone.now()),
        gettext_lazy("“%(name)s” counted."),
    ),
}


def _row(
    audience: Audience, sizes: Sequence[AudienceSize], uses: Sequence[Use], names: Mapping[int, str] | None = None
) -> Row:
    return Row(
        audience=audience,
        phrase=phrase_of(audience.rule, names=names),
        uses=uses,
        trend=sizes[-1].size - sizes[0].size if len(sizes) > 1 else None,
        link=members_link({"audience": str(audience.pk)}),
    )


def _chart(history: Sequence[AudienceSize]) -> dict[str, Any]:
    return {
        "type": "line",
        "labels": [date_format(each.day, _("M j")) for each in history],
        "datasets": [{"label": _("Members"), "data": [each.size for each in history], "fill": True}],
    }
