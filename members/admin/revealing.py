"""The page on which a member's identities are shown in full, one at a time, each with its reason."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from accounts.models import User
from accounts.pages import staff_of
from core.admin.base import sentence
from core.errors import ScrmError
from core.pages import in_frame
from core.registries import WorkItem, WorkSource, work
from core.rules.whole import whole_in
from members.admin.extension import MemberPart, member_parts
from members.admin.panels import masked
from members.models import Identity, Member, MinorAccess
from members.rules.identities import MASKS
from members.selectors.persons import records_of_person, records_with, youngest_birthday
from members.services.revealing import decide, is_minor, may_see_now, reveal

CODE = "reveal"
MOST = 3


@never_cache
def reveal_page(request: HttpRequest, member_id: int) -> HttpResponse:
    """GET: masked, with the questions that wait for an answer. POST: one value in full, or one question decided."""
    user = staff_of(request)
    member = get_object_or_404(Member.objects.visible_to(user), pk=member_id)
    if request.method == "POST" and request.POST.get("access"):
        return _decide(request, user, member)
    shown: dict[int, str] = {}
    status = 200
    if request.method == "POST":
        try:
            shown = _reveal(request, user, member)
        except ScrmError as refused:
            messages.error(request, sentence(refused))
            status = refused.status
    identities = list(
        Identity.objects.filter(member__in=records_with([member.pk]), type__in=MASKS).order_by("type", "id")
    )
    lines = masked(identities)
    context = {
        "title": _("Identities in full"),
        "member": member,
        "lines": [
            {**line, "pk": row.pk, "shown": shown.get(row.pk)} for row, line in zip(identities, lines, strict=True)
        ],
        "minor": is_minor(youngest_birthday(records_of_person(member.pk)), today=timezone.localdate()),
        "may_see": may_see_now(member, by=user, now=timezone.now()),
        "questions": _questions(user, member),
        "back": reverse("admin:members_member_change", args=(member.pk,)),
    }
    return in_frame(request, "members/reveal.html", context, status=status)


def _reveal(request: HttpRequest, user: User, member: Member) -> dict[int, str]:
    number = whole_in(request.POST.get("identity", ""))
    if number is None:
        raise Http404
    hers = Identity.objects.select_related("member").filter(member__in=records_with([member.pk]))
    identity = get_object_or_404(hers, pk=number)
    reason = request.POST.get("reason", "")
    return {identity.pk: reveal(identity=identity, reason=reason, by=user, now=timezone.now())}


def _decide(request: HttpRequest, user: User, member: Member) -> HttpResponse:
    number = whole_in(request.POST["access"])
    if number is None or not user.has_perm("members.change_minoraccess"):
        raise Http404
    access = get_object_or_404(MinorAccess, pk=number, member__in=records_of_person(member.pk))
    try:
        decide(access=access, granted=request.POST.get("granted") == "1", by=user, now=timezone.now())
    except ScrmError as refused:
        messages.error(request, sentence(refused))
    else:
        messages.success(request, _("Your decision has been recorded."))
    return redirect(request.path)


def _questions(user: User, member: Member) -> list[MinorAccess]:
    if not user.has_perm("members.change_minoraccess"):
        return []
    waiting = MinorAccess.objects.filter(member__in=records_of_person(member.pk), decided_at=None).exclude(
        asked_by=user
    )
    return list(waiting.select_related("asked_by").order_by("asked_at"))


def questions_waiting(user: Any, now: datetime) -> Iterator[WorkItem]:
    """Questions about minors that somebody has to decide, the oldest first."""
    del now
    visible = MinorAccess.objects.filter(decided_at=None, member__in=Member.objects.visible_to(user))
    for access in visible.exclude(asked_by=user).select_related("asked_by").order_by("asked_at")[:MOST]:
        yield WorkItem(
            state="act",
            title=_("%(name)s asks to see the data of a minor") % {"name": access.asked_by},
            detail=access.reason,
            url=reverse("admin:members_member_part", args=(access.member_id, CODE)),
            act=gettext_lazy("Decide"),
        )


member_parts.register(MemberPart(code=CODE, view=reveal_page, permission="members.reveal_identity"))
work.register(
    WorkSource(code="minor_access", items=questions_waiting, permission="members.change_minoraccess", order=15)
)
