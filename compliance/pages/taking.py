"""Taking a request down for somebody who telephones, writes or stands in a store: who she is, then what she asks for.

Whoever sees no members (the legal reviewer) finds one person by what names exactly her, and takes down for her alone.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.enums import Reach
from accounts.models import User
from accounts.pages import StaffRequest
from compliance.enums.rights import Requester, RequestKind, RequestSource
from compliance.services import requests as services
from compliance.services.finding import find_person
from core.admin.base import sentence
from core.errors import ScrmError
from core.pages import in_frame, page
from members.models import Member, filter_members
from members.selectors.masked import with_masked_identities

ADD = "compliance.add_subjectrequest"
MOST = 20
FOUND = "compliance.person_found"


def takes_down(user: User) -> bool:
    return user.has_perm(ADD)


def choices_of_form() -> Mapping[str, Any]:
    """What the form offers; by her privacy centre she asks herself."""
    return {
        "kinds": RequestKind.choices,
        "requesters": Requester.choices,
        "sources": [(code, label) for code, label in RequestSource.choices if code != RequestSource.CENTRE],
        "languages": settings.LANGUAGES,
    }


@page(ADD)
@never_cache
@require_http_methods(["GET", "POST"])
def find(request: StaffRequest) -> HttpResponse:
    """Search by name or number; posted, so that no log keeps what was typed."""
    text, refused = request.POST.get("q", "").strip(), ""
    found: Sequence[Member] = []
    try:
        found = _found(request, text) if text else []
    except ScrmError as error:
        refused = sentence(error)
    context = {
        "title": _("Take down a request"),
        "q": text,
        "found": found[:MOST],
        "more": len(found) > MOST,
        "most": MOST,
        "refused": refused,
        "exact": _sees_nobody(request.user),
        "known": request.user.has_perm("members.view_identity"),
    }
    return in_frame(request, "compliance/request_find.html", context)


@page(ADD)
@never_cache
@require_http_methods(["GET", "POST"])
def open_one(request: StaffRequest, member_id: int) -> HttpResponse:
    """She asked by telephone, in a store, by letter: taken down by staff."""
    member = _member(request, member_id)
    if request.method == "GET":
        return _form(request, member)
    given = {name: request.POST.get(name, "") for name in ("kind", "source", "requester", "wish")}
    given["language"] = request.POST.get("language", settings.LANGUAGE_CODE)
    if given["source"] == RequestSource.CENTRE:
        raise Http404  # that way is her own
    try:
        row = services.open_request(member_id=member.pk, by=request.user, now=timezone.now(), **given)
    except ScrmError as error:
        messages.error(request, sentence(error))
        return _form(request, member, status=error.status)
    messages.success(
        request, _("The request is taken; the answer is due on %(day)s.") % {"day": f"{row.due_at:%Y-%m-%d}"}
    )
    if request.user.has_perm("compliance.view_subjectrequest"):
        return redirect("compliance:request", row.pk)
    return redirect("admin:members_member_change", member.pk)


def _member(request: StaffRequest, member_id: int) -> Member:
    """One whom she sees; or the one whom she has found by what names exactly her, and nobody else by a number."""
    if not _sees_nobody(request.user):
        return get_object_or_404(Member.objects.visible_to(request.user), pk=member_id)
    if request.session.get(FOUND) != member_id:
        raise Http404
    member = get_object_or_404(Member.objects.active(), pk=member_id)
    member.masks_name = True
    return member


def _sees_nobody(user: User) -> bool:
    return user.reach == Reach.NOBODY


def _form(request: StaffRequest, member: Member, *, status: int = 200) -> HttpResponse:
    context = {"title": _("Take down a request"), "member": member, "form": choices_of_form()}
    return in_frame(request, "compliance/request_open.html", context, status=status)


def _found(request: StaffRequest, text: str) -> Sequence[Member]:
    user = request.user
    if _sees_nobody(user):
        person = find_person(text=text, by=user, now=timezone.now())
        request.session[FOUND] = person.pk if person else None
        return [person] if person else []
    members = filter_members(Member.objects.visible_to(user).active(), {"q": [text]}, now=timezone.now())
    shown = list(members.select_related("city", "home_store", "guide").order_by("-id")[: MOST + 1])
    return with_masked_identities(shown) if user.has_perm("members.view_identity") else shown
