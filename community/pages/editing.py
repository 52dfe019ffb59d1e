"""The form of a group, and what is done to one. What was typed is shown again, whatever was wrong with it."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from accounts.pages import StaffRequest
from community.errors.groups import GroupNotValid
from community.models import Group, GroupType
from community.pages.groups import group_or_404
from community.pages.owners import owners_for, stores_for
from community.services import groups as services
from community.services.group_rules import publish_rules
from core.admin.base import sentence
from core.errors import ScrmError
from core.moments import NO_DAY, read_day
from core.pages import in_frame, page
from core.rules.whole import INTEGER, whole_in

TYPED = ("name", "type", "store", "owner", "opened_on", "capacity", "source", "external_id", "note")


@page("community.add_group")
@require_http_methods(["GET", "POST"])
def create(request: StaffRequest) -> HttpResponse:
    if request.method == "GET":
        typed = {"owner": str(request.user.pk), "capacity": "200", "opened_on": timezone.localdate().isoformat()}
        return _show(request, None, typed)
    return _save(request, None)


@page("community.change_group")
@require_http_methods(["GET", "POST"])
def edit(request: StaffRequest, group_id: int) -> HttpResponse:
    group = group_or_404(request, group_id)
    if not group.is_active:
        messages.info(request, _("This group is closed."))
        return redirect("community:group", group.pk)
    return _show(request, group, _typed(group)) if request.method == "GET" else _save(request, group)


@page("community.change_group")
@require_POST
def close(request: StaffRequest, group_id: int) -> HttpResponse:
    group = group_or_404(request, group_id)
    try:
        services.close_group(group=group, reason=request.POST.get("reason", ""), by=request.user, now=timezone.now())
    except ScrmError as refused:
        messages.error(request, sentence(refused))
    else:
        messages.success(request, _("The group is closed. What was said and counted stays."))
    return redirect("community:group", group_id)


@page("community.hand_over_group")
@require_POST
def hand_over(request: StaffRequest, group_id: int) -> HttpResponse:
    group = group_or_404(request, group_id)
    to = get_object_or_404(owners_for(request.user), pk=_whole(request.POST.get("owner", "")) or 0)
    try:
        services.hand_over(
            group=group, to=to, reason=request.POST.get("reason", ""), by=request.user, now=timezone.now()
        )
    except ScrmError as refused:
        said = [str(fault) for faults in refused.fields.values() for fault in faults]
        messages.error(request, " ".join(said) or sentence(refused))
    else:
        messages.success(request, _("%(name)s answers for the group now.") % {"name": to})
    visible = Group.objects.visible_to(request.user).filter(pk=group_id).exists()
    return redirect("community:group", group_id) if visible else redirect("community:groups")


@page("community.add_grouprules")
@require_http_methods(["GET", "POST"])
def rules(request: StaffRequest, group_id: int) -> HttpResponse:
    """A version beside the one that holds; published, it never changes."""
    group = group_or_404(request, group_id)
    latest = group.rules.order_by("-version").first()
    text, refused = latest.text if latest else "", None
    if request.method == "POST":
        text = request.POST.get("text", "")
        try:
            published = publish_rules(group=group, text=text, by=request.user, now=timezone.now())
        except ScrmError as error:
            refused = error
        else:
            messages.success(request, _("Version %(version)d holds from now on.") % {"version": published.version})
            return redirect("community:group", group_id)
    context = {
        "title": _("Group rules"),
        "group": group,
        "latest": latest,
        "text": text,
        "refused": refused,
        "errors": refused.fields if refused else {},
    }
    return in_frame(request, "community/rules_form.html", context, status=refused.status if refused else 200)


def _save(request: StaffRequest, group: Group | None) -> HttpResponse:
    typed = {name: request.POST.get(name, "") for name in TYPED}
    try:
        given = _read(typed, group, request.user)
        now = timezone.now()
        if group is None:
            group = services.open_group(given=given, by=request.user, now=now)
        else:
            group = services.change_group(group=group, given=given, by=request.user, now=now)
    except ScrmError as refused:
        return _show(request, group, typed, refused, status=refused.status)
    messages.success(request, _("Saved."))
    return redirect("community:group", group.pk)


def _read(typed: Mapping[str, str], group: Group | None, user: User) -> services.GroupIn:
    """Raises GroupNotValid for what is no number and no day, and for a store or owner that is not hers to choose."""
    faults: dict[str, list[str]] = {}
    opened_on = read_day(typed["opened_on"])
    if opened_on is None:
        faults["opened_on"] = [str(NO_DAY)]
    capacity = _whole(typed["capacity"].replace(",", "").strip())
    if capacity is None:
        faults["capacity"] = [_("A whole number from 1 to 100,000 is expected.")]
    store_id = _whole(typed["store"])
    if (typed["store"] or stores_only(user)) and not stores_for(user).filter(pk=store_id or 0).exists():
        faults["store"] = [_("Choose one of your stores.")]
    owner_id = group.owner_id if group else _whole(typed["owner"])
    if group is None and owner_id is not None and not owners_for(user).filter(pk=owner_id).exists():
        faults["owner"] = [_("There is no such member of staff.")]
    if faults or opened_on is None:
        raise GroupNotValid(fields=faults)
    return services.GroupIn(
        **{name: typed[name] for name in services.TEXTS},
        type_id=_whole(typed["type"]) or 0,
        store_id=store_id,
        owner_id=owner_id,
        opened_on=opened_on,
        capacity=capacity or 0,
    )


def stores_only(user: User) -> bool:
    """Whoever is held to stores opens groups of stores."""
    return bool(user.reach == "stores")


def _typed(group: Group) -> dict[str, str]:
    return {
        **{name: getattr(group, name) for name in services.TEXTS},
        "type": str(group.type_id),
        "store": str(group.store_id or ""),
        "owner": str(group.owner_id),
        "opened_on": group.opened_on.isoformat(),
        "capacity": str(group.capacity),
    }


def _show(
    request: StaffRequest,
    group: Group | None,
    typed: Mapping[str, str],
    refused: ScrmError | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    context: dict[str, Any] = {
        "title": _("Change the group") if group else _("New group"),
        "group": group,
        "typed": typed,
        "refused": refused,
        "errors": refused.fields if refused else {},
        "types": GroupType.objects.filter(is_active=True),
        "stores": stores_for(request.user),
        "owners": owners_for(request.user),
        "stores_only": stores_only(request.user),
        "today": timezone.localdate(),
    }
    return in_frame(request, "community/group_form.html", context, status=status)


def _whole(text: str) -> int | None:
    return whole_in(text, most=INTEGER)
