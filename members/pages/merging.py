"""Merging two members, with the plan shown first, and taking a merge back."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.pages import StaffRequest
from core.admin.base import sentence
from core.errors import ScrmError
from core.pages import in_frame, page
from core.rules.whole import whole_in
from members.models import Member, PlanLine
from members.pages.duplicates import MERGE
from members.selectors.masked import with_masked_identities
from members.services import merge_members, plan_merge, unmerge_member


@page(MERGE)
@require_safe
def find(request: StaffRequest, member_id: int) -> HttpResponse:
    """From the page of one member, by the number of the other, to the plan."""
    member = _seen(request, member_id)
    number = whole_in(request.GET.get("number", "").strip().removeprefix("#"))
    other = Member.objects.visible_to(request.user).filter(pk=number or 0).first()
    if other is None:
        messages.error(request, _("There is no member of that number, or none that you may see."))
        return redirect("admin:members_member_change", member.pk)
    return redirect("members:merge", member.pk, other.pk)


@page(MERGE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def merge(request: StaffRequest, keep_id: int, merge_id: int) -> HttpResponse:
    """GET: what would move. POST: it is done. Both must be members that she may see."""
    keep, goes = _seen(request, keep_id), _seen(request, merge_id)
    if request.method == "POST":
        try:
            merge_members(
                keep=keep, merge=goes, by=request.user, reason=request.POST.get("reason", ""), now=timezone.now()
            )
        except ScrmError as refused:
            messages.error(request, sentence(refused))
            return redirect("members:merge", keep.pk, goes.pk)
        messages.success(request, _("Merged. On this page the merge can be taken back."))
        return redirect("admin:members_member_change", keep.pk)
    refusal = ""
    lines: list[PlanLine] = []
    try:
        lines = plan_merge(keep=keep, merge=goes, now=timezone.now())
    except ScrmError as refused:
        refusal = sentence(refused)
    sides = with_masked_identities([keep, goes])
    context = {"title": _("Merge two members"), "keep": sides[0], "goes": sides[1], "lines": lines, "refusal": refusal}
    return in_frame(request, "members/merge.html", context)


@page(MERGE)
@require_POST
def unmerge(request: StaffRequest, member_id: int) -> HttpResponse:
    """The record stands for its person again; whoever stands for her now must be hers to see, too."""
    member = _seen(request, member_id)
    owner = _seen(request, member.owner_id)
    try:
        unmerge_member(member=member, by=request.user, reason=request.POST.get("reason", ""), now=timezone.now())
    except ScrmError as refused:
        messages.error(request, sentence(refused))
        return redirect("admin:members_member_change", owner.pk)
    messages.success(request, _("The merge was taken back: these are two members again."))
    return redirect("admin:members_member_change", member.pk)


def _seen(request: StaffRequest, member_id: int) -> Member:
    members = Member.objects.visible_to(request.user).select_related("city", "home_store")
    return get_object_or_404(members, pk=member_id)
