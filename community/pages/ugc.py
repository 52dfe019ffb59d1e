"""The UGC library: what is there, one piece with its rights and uses, a new piece."""

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.pages import StaffRequest
from accounts.selectors import latest_acts
from community.enums.ugc import OUT_OF_USE, Scope, UgcKind, UgcSource, UgcState
from community.models import Ugc
from community.pages.deliveries import as_answer
from community.pages.earning_words import UGC_MARKS, day_in, number_in, posted, refuse
from community.selectors.shown_koc import koc_named, shown_members
from community.selectors.ugc import LIVE, consent_to_publish, counts, is_over, library, uses_of
from community.services.ugc import KIND, UgcIn, change_rights, offer_ugc, put_away, submit_ugc, use_ugc
from compliance.models import Review
from compliance.selectors.reviews import check_parts, refused_as_read
from compliance.services.reviewables import plain_parts
from content.pages.words import HIT_MARKS
from core.errors import ScrmError
from core.pages import in_frame, page
from members.models import Member

PAGE = 48
FIELDS = ("author", "kind", "title", "text", "link", "scope", "until")
RIGHTS = ("scope", "until")


@page("community.view_ugc")
@require_safe
def listing(request: StaffRequest) -> HttpResponse:
    """The newest first, by state and kind."""
    state, kind = request.GET.get("state", ""), request.GET.get("kind", "")
    state = state if state in UgcState.values else ""
    kind = kind if kind in UgcKind.values else ""
    before = number_in(request.GET.get("before", ""))
    found = library(request.user, state=state, kind=kind)
    rows = list((found.filter(pk__lt=before) if before else found)[: PAGE + 1])
    names = shown_members(request.user, (row.member_id for row in rows if row.member_id))
    pieces = counts(request.user)
    context = {
        "title": _("UGC library"),
        "rows": [(row, UGC_MARKS[row.state], names.get(row.member_id or 0, "")) for row in rows[:PAGE]],
        "older": rows[PAGE - 1].pk if len(rows) > PAGE else None,
        "state": state,
        "kind": kind,
        "states": [(code, label, pieces.get(code, 0)) for code, label in UgcState.choices],
        "total": sum(pieces.values()),
        "kinds": UgcKind.choices,
        "can_add": request.user.has_perm("community.add_ugc"),
    }
    return in_frame(request, "community/ugc.html", context)


@page("community.add_ugc")
@require_http_methods(["GET", "POST"])
def create(request: StaffRequest) -> HttpResponse:
    if request.method == "GET":
        typed = {"kind": UgcKind.PICTURE.value, "scope": Scope.PRIVATE.value, "author": request.GET.get("author", "")}
        return _form(request, typed)
    typed = posted(request.POST, FIELDS)
    faults: dict[str, list[str]] = {}
    until = day_in("until", typed["until"], faults)
    member = author_of(request, typed["author"])
    if member is None:
        faults["author"] = [_("Name the code of a KOC, or the number of a member whom you may see.")]
    if faults or member is None:
        return _form(request, typed, faults, status=422)
    values = {name: typed[name] for name in ("kind", "title", "text", "link", "scope")}
    piece = UgcIn(**values, file=request.FILES.get("file"), until=until, source=UgcSource.STAFF)
    try:
        made = offer_ugc(member=member, piece=piece, by=request.user, now=timezone.now())
    except ScrmError as refused:
        return _form(request, typed, refused.fields, refused, status=refused.status)
    messages.success(request, _("In the library. Submit it for legal review before it is used."))
    return redirect("community:ugc_piece", made.pk)


@page("community.view_ugc")
@require_safe
def detail(request: StaffRequest, ugc_id: int) -> HttpResponse:
    """What she made, what may be done with it, where it was used."""
    return _show(request, _found(request, ugc_id))


@page("community.change_ugc")
@require_POST
def rights(request: StaffRequest, ugc_id: int) -> HttpResponse:
    piece = _found(request, ugc_id)
    typed = posted(request.POST, RIGHTS)
    faults: dict[str, list[str]] = {}
    until = day_in("until", typed["until"], faults)
    if faults:
        return _show(request, piece, typed, faults, status=422)
    try:
        change_rights(ugc=piece, scope=typed["scope"], until=until, by=request.user, now=timezone.now())
    except ScrmError as refused:
        if not refused.fields:
            refuse(request, refused)
        return _show(request, piece, typed, refused.fields, status=refused.status)
    messages.success(request, _("Saved."))
    return redirect("community:ugc_piece", piece.pk)


@page("community.change_ugc")
@require_POST
def act(request: StaffRequest, ugc_id: int, verb: str) -> HttpResponse:
    """Submit, use, or put away; what refuses it is said on the page of the piece."""
    piece = _found(request, ugc_id)
    if verb == "use" and not request.user.has_perm("content.add_material"):
        messages.error(request, _("Making materials is for those who keep the material library."))
        return redirect("community:ugc_piece", piece.pk)
    try:
        said = VERBS[verb](request, piece)
    except ScrmError as refused:
        refuse(request, refused)
        return _show(request, piece, {"reason": request.POST.get("reason", "")}, status=refused.status)
    messages.success(request, said)
    return redirect("community:ugc_piece", piece.pk)


@page("community.view_ugc")
@require_safe
def file(request: StaffRequest, ugc_id: int) -> Any:
    return as_answer(_found(request, ugc_id).file)


def author_of(request: StaffRequest, text: str) -> Member | None:
    """By the code of a KOC or the number of a member, within what may be seen."""
    seen = Member.objects.visible_to(request.user).active()
    koc = koc_named(request.user, text)
    number = koc.member_id if koc else number_in(text.strip())
    return seen.filter(pk=number).first() if number else None


def _submit(request: StaffRequest, piece: Ugc) -> str:
    submit_ugc(ugc=piece, by=request.user, now=timezone.now())
    return _("Submitted. Somebody else looks at it under Legal review.")


def _use(request: StaffRequest, piece: Ugc) -> str:
    material = use_ugc(ugc=piece, by=request.user, now=timezone.now())
    return _("“%(title)s” is in the material library. Submit it for legal review there.") % {"title": material.title}


def _put_away(request: StaffRequest, piece: Ugc) -> str:
    reason = request.POST.get("reason", "").replace("\x00", "")
    put_away(ugc=piece, reason=reason, by=request.user, now=timezone.now())
    return _("Put away. Whatever was planned with it is a draft again.")


VERBS: dict[str, Callable[[StaffRequest, Ugc], str]] = {"submit": _submit, "use": _use, "put_away": _put_away}


def _found(request: StaffRequest, ugc_id: int) -> Ugc:
    rows = Ugc.objects.visible_to(request.user).select_related("file", "koc", "delivery__task")
    found: Ugc = get_object_or_404(rows, pk=ugc_id)
    return found


def _show(
    request: StaffRequest,
    piece: Ugc,
    typed: Mapping[str, str] | None = None,
    errors: Any = None,
    *,
    status: int = 200,
) -> HttpResponse:
    review = Review.objects.filter(kind=KIND, object_id=piece.pk).first()
    keeps = request.user.has_perm("community.change_ugc")
    context = {
        "title": piece.title or _("UGC without its author"),
        "piece": piece,
        "mark": UGC_MARKS[piece.state],
        "author": shown_members(request.user, [piece.member_id or 0]).get(piece.member_id or 0, ""),
        "agreed": consent_to_publish(piece.member_id) is not None if piece.member_id else False,
        "out": piece.state in OUT_OF_USE,
        "refusals": _refusals(piece, review),
        "inline": piece.file is not None and piece.file.mime.startswith("image/"),
        "uses": uses_of([piece]).get(piece.pk, []),
        "review": review,
        "parts": check_parts(review.parts) if review and review.parts else [],
        "hit_states": HIT_MARKS,
        "scopes": Scope.choices,
        "typed": typed or {"scope": piece.scope, "until": piece.until.isoformat() if piece.until else ""},
        "errors": errors or {},
        "history": latest_acts(piece),
        "may": {
            "rights": keeps and piece.state in (*LIVE, UgcState.ENDED),
            "submit": keeps and piece.state in {UgcState.OFFERED, UgcState.RETURNED},
            "use": keeps and piece.state == UgcState.APPROVED and request.user.has_perm("content.add_material"),
            "put_away": keeps and piece.state in LIVE,
        },
    }
    return in_frame(request, "community/ugc_piece.html", context, status=status)


def _refusals(piece: Ugc, review: Review | None) -> list[str]:
    """Why submitting it, or making a material of it, would be refused; that she has not agreed is said already."""
    if is_over(piece, timezone.localdate()):
        return [_("Its last day has passed: agree on another with her first.")]
    if piece.state in {UgcState.OFFERED, UgcState.RETURNED} and refused_as_read(review, plain_parts(KIND, piece.pk)):
        return [_("Phrases of its text are forbidden or lack proof: add the proof in its review, or put it away.")]
    return []


def _form(
    request: StaffRequest,
    typed: Mapping[str, str],
    errors: Any = None,
    refused: ScrmError | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    context = {
        "title": _("New UGC"),
        "typed": typed,
        "errors": errors or {},
        "refused": refused,
        "kinds": UgcKind.choices,
        "scopes": Scope.choices,
    }
    return in_frame(request, "community/ugc_form.html", context, status=status)
