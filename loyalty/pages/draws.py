"""Draws: rules written and published, entries counted, the draw run and proved."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.pages import StaffRequest
from accounts.selectors import latest_acts
from compliance.selectors.reviews import may_be_submitted
from core.errors import ScrmError
from core.pages import in_frame, page
from core.rules.masking import mask_name
from core.rules.whole import INTEGER, whole_in
from loyalty.enums import DrawState
from loyalty.errors import OfferChanged
from loyalty.models import Draw, Prize
from loyalty.pages import words
from loyalty.pages.coupons import sentence
from loyalty.pages.reading import Reader, typed_moment, typed_plain
from loyalty.selectors.coupons import review_of
from loyalty.selectors.draws import (
    RUN,
    VOIDABLE,
    draws_with_figures,
    names_of_prizes,
    participants,
    prizes_of,
    promised_by,
    winners,
)
from loyalty.services import draws as services
from loyalty.services.reviewing import DRAW
from members.models import Member

PER_PAGE = 30
SHOWN_WINNERS = 200
TEXTS = {"name": 60, "conditions": 2000, "handing_over": 1000, "organiser": 200}
MOMENTS = ("opens_at", "closes_at", "draws_at")
LINES = 5
#: What is done, the permissions of which one is needed, what is said then.
VERBS: dict[str, tuple[Any, tuple[str, ...], Any]] = {
    "submit": (services.submit_draw, ("change_draw",), gettext_lazy("The text is now with the legal reviewers.")),
    "publish": (
        services.publish_draw,
        ("run_draw",),
        gettext_lazy("The rules and the fingerprint of the seed stand now."),
    ),
    "run": (services.run_draw, ("run_draw",), gettext_lazy("The seed is open and the winners stand.")),
    "prove": (services.prove_draw, ("run_draw",), gettext_lazy("Computed again: what came out stands in the proof.")),
    "ask_void": (
        services.ask_to_void,
        ("run_draw",),
        gettext_lazy("Asked. The draw is void when a second person has confirmed it."),
    ),
    "void": (
        services.void_draw,
        ("void_draw",),
        gettext_lazy("The draw is void: members read the notice, and its prizes are free."),
    ),
    "keep": (services.keep_draw, ("run_draw", "void_draw"), gettext_lazy("The draw goes on as it stands.")),
}
#: Texts of the form that a verb is given.
SAID = {"ask_void": ("reason", "notice")}


@page("loyalty.view_draw")
@require_safe
def listing(request: StaffRequest) -> HttpResponse:
    found = Paginator(draws_with_figures(), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "title": _("Offers"),
        "tab": "draws",
        "page": found,
        "rows": [(draw, words.MARKS[DrawState(draw.state)]) for draw in found.object_list],
        "can_add": request.user.has_perm("loyalty.add_draw"),
    }
    return in_frame(request, "loyalty/draws.html", context)


@page("loyalty.view_draw")
@require_safe
def detail(request: StaffRequest, draw_id: int) -> HttpResponse:
    return _show(request, _draw(draw_id))


def _draw(draw_id: int) -> Draw:
    return get_object_or_404(Draw.objects.select_related("void_asked_by", "voided_by"), pk=draw_id)


def _show(
    request: StaffRequest, draw: Draw, *, typed: Mapping[str, str] | None = None, status: int = 200
) -> HttpResponse:
    review = review_of(DRAW, draw.pk)
    context = {
        "title": draw.name,
        "tab": "draws",
        "draw": draw,
        "mark": words.MARKS[DrawState(draw.state)],
        "prizes": promised_by(draw),
        "entries": draw.entries.count(),
        "participants": participants(draw),
        "review": review,
        "may_submit": review is None or may_be_submitted(review),
        "run": draw.state in RUN,
        "can_prove": draw.state in RUN and _may(request, "prove"),
        "holds": all(draw.proof.values()),
        "given": draw.winners.count(),
        "winners": _winners(request, draw),
        "history": latest_acts(draw),
        "now": timezone.now(),
        "verb": _verb(request, draw, review.state if review else ""),
        "can_change": draw.state == DrawState.DRAFT and request.user.has_perm("loyalty.change_draw"),
        "void": _void(request, draw),
        "typed": typed or {},
    }
    return in_frame(request, "loyalty/draw.html", context, status=status)


def _void(request: StaffRequest, draw: Draw) -> dict[str, bool]:
    """What this person may do towards its being void."""
    open_, asked = draw.state in VOIDABLE, draw.void_asked_at is not None
    own = request.user.pk == draw.void_asked_by_id
    return {
        "ask": open_ and not asked and _may(request, "ask_void"),
        "asked": open_ and asked,
        "own": own,
        "confirm": open_ and asked and not own and _may(request, "void"),
        "keep": open_ and asked and _may(request, "keep"),
    }


def _verb(request: StaffRequest, draw: Draw, review: str) -> str:
    """The one thing to do next, if this person may."""
    verb = ""
    if draw.state in {DrawState.DRAFT, DrawState.STOPPED}:
        verb = (
            "publish"
            if review == "approved" and draw.state == DrawState.DRAFT
            else "submit"
            if review in {"scanned", "returned", "expired"}
            else ""
        )
    elif draw.state == DrawState.PUBLISHED and draw.draws_at <= timezone.now():
        verb = "run"
    return verb if verb and _may(request, verb) else ""


def _may(request: StaffRequest, verb: str) -> bool:
    return any(request.user.has_perm(f"loyalty.{permission}") for permission in VERBS[verb][1])


def _winners(request: StaffRequest, draw: Draw) -> list[dict[str, Any]]:
    """Names masked, for a list of winners is read over shoulders; whom one may see has a link to her page."""
    rows = list(winners(draw)[:SHOWN_WINNERS])
    prizes = names_of_prizes(draw)
    numbers = [row.entry.member_id for row in rows if row.entry.member_id]
    seen = set(Member.objects.visible_to(request.user).filter(pk__in=numbers).values_list("pk", flat=True))
    return [
        {
            "row": row,
            "prize": prizes[row.prize_id],
            "member": row.entry.member if row.entry.member_id in seen else None,
            "name": mask_name(row.entry.member.name) if row.entry.member_id in seen and row.entry.member else "",
        }
        for row in rows
    ]


@page("loyalty.view_draw")
@require_POST
def move(request: StaffRequest, draw_id: int) -> HttpResponse:
    draw, name = _draw(draw_id), request.POST.get("verb", "")
    name = name if name in VERBS else "submit"
    verb, _permissions, said = VERBS[name]
    if not _may(request, name):
        raise PermissionDenied
    typed = {field: request.POST.get(field, "") for field in SAID.get(name, ())}
    given = {"version": whole_in(request.POST.get("version", ""), most=INTEGER) or 0} if name == "void" else typed
    try:
        verb(draw=draw, by=request.user, now=timezone.now(), **given)
    except ScrmError as refused:
        messages.error(request, sentence(refused))
        return _show(request, _draw(draw.pk), typed=typed, status=refused.status)
    messages.success(request, str(said))
    return redirect("loyalty:draw", draw.pk)


@page("loyalty.view_draw")
@require_http_methods(["GET", "POST"])
def edit(request: StaffRequest, draw_id: int | None = None) -> HttpResponse:
    draw = get_object_or_404(Draw, pk=draw_id) if draw_id else None
    if not request.user.has_perm("loyalty.change_draw" if draw else "loyalty.add_draw"):
        raise PermissionDenied
    if request.method == "GET":
        return _form(request, draw, _typed(draw), {})
    typed = {name: request.POST.get(name, "") for name in request.POST}
    reader = Reader(typed)
    moments = {name: reader.moment(name, getattr(draw, name, None)) for name in MOMENTS}
    texts = {name: reader.text(name, limit) for name, limit in TEXTS.items()}
    chances = reader.whole("max_chances")
    prizes = _prizes(reader)
    if reader.faults:
        return _form(request, draw, typed, reader.faults, status=422)
    rules = services.Rules(**texts, **moments, max_chances=1 if chances is None else chances, prizes=prizes)  # type: ignore[arg-type]  # a missing moment is a fault
    version = (whole_in(typed.get("version", ""), most=INTEGER) or 0) if draw else None
    try:
        saved = services.save_draw(rules=rules, draw=draw, version=version, by=request.user, now=timezone.now())
    except OfferChanged as refused:
        typed["version"] = str(Draw.objects.values_list("version", flat=True).get(pk=draw_id or 0))
        return _form(request, draw, typed, {"": []}, refused, status=refused.status)
    except ScrmError as refused:
        return _form(request, draw, typed, refused.fields or {"name": [str(refused)]}, status=refused.status)
    messages.success(request, _("Draw “%(draw)s” saved.") % {"draw": saved.name})
    return redirect("loyalty:draw", saved.pk)


def _prizes(reader: Reader) -> list[tuple[int, int]]:
    """The lines that name a prize, in their order."""
    lines = [(reader.whole(f"prize_{line}"), reader.whole(f"pieces_{line}")) for line in range(1, LINES + 1)]
    return [(prize, pieces or 0) for prize, pieces in lines if prize]


def _typed(draw: Draw | None) -> dict[str, str]:
    if draw is None:
        return {"max_chances": "1"}
    typed = {name: typed_plain(getattr(draw, name)) for name in (*TEXTS, "max_chances", "version")}
    typed |= {name: typed_moment(getattr(draw, name)) for name in MOMENTS}
    for line, (prize, pieces) in enumerate(prizes_of(draw), 1):
        typed |= {f"prize_{line}": str(prize), f"pieces_{line}": str(pieces)}
    return typed


def _form(
    request: StaffRequest,
    draw: Draw | None,
    typed: Mapping[str, str],
    errors: Mapping[str, Any],
    refused: ScrmError | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    lines = [
        {"number": line, "prize": typed.get(f"prize_{line}", ""), "pieces": typed.get(f"pieces_{line}", "")}
        for line in range(1, LINES + 1)
    ]
    context = {
        "title": draw.name if draw else _("New draw"),
        "tab": "draws",
        "draw": draw,
        "typed": typed,
        "errors": errors,
        "refused": refused,
        "lines": lines,
        "prizes": Prize.objects.order_by("name")[:500],
    }
    return in_frame(request, "loyalty/draw_form.html", context, status=status)
