"""Tags: groups, rules, who has them; a tag's own page with its rule, its end and its history."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.pages import StaffRequest
from core.errors import ScrmError, ValidationFailed
from core.pages import in_frame, page
from core.rules.whole import INTEGER, whole_in
from core.selectors import estimated_count
from core.templatetags.scrm import figure
from members.admin.filter_form import chips_for, controls_for
from members.errors import FilterNotValid
from members.models import Member, SavedView
from members.models.filters import filter_members
from segments.enums import AudienceState
from segments.errors import TagInUse
from segments.models import Audience, Tag, TagGroup
from segments.pages.tiers import members_link
from segments.selectors.tags import COUNTED, groups_with_tags, holders, tag_days, tags_depending_on, views_naming
from segments.services import tags as services

LONGEST_TERM = 3_650
KEEP, BY_HAND = "keep", ""
OF_AUDIENCE = "audience:"


@page("segments.view_tag")
@require_safe
def listing(request: StaffRequest) -> HttpResponse:
    """Groups with their tags: how each is kept, and how many have it."""
    groups = groups_with_tags()
    counts = holders([tag for group in groups for tag in group.tags.all()])
    context = {
        "title": _("Tags"),
        "groups": [(group, [_row(tag, counts) for tag in group.tags.all()]) for group in groups],
        "can_add": request.user.has_perm("segments.add_tag"),
    }
    return in_frame(request, "segments/tags.html", context)


def _row(tag: Tag, counts: Mapping[int, int]) -> dict[str, Any]:
    count = counts.get(tag.pk, 0)
    at_least = count > COUNTED and count != tag.holders
    return {
        "tag": tag,
        "count": count,
        "shown": f"{figure(COUNTED)}+" if at_least else figure(count),
        "hourly": count > COUNTED,
        "at_least": at_least,
        "link": members_link({"tag": str(tag.pk)}),
        "rule": rule_in_words(tag.rule) if tag.rule else [],
    }


@page("segments.view_tag")
@require_http_methods(["GET", "POST"])
def detail(request: StaffRequest, tag_id: int | None = None) -> HttpResponse:
    """One tag, or a new one; POST saves it by `save_tag`."""
    tag = get_object_or_404(Tag.objects.select_related("group"), pk=tag_id) if tag_id else None
    needed = "segments.change_tag" if tag else "segments.add_tag"
    if request.method == "GET":
        if tag is None and not request.user.has_perm(needed):
            raise PermissionDenied
        return _show(request, tag, _typed(tag))
    if not request.user.has_perm(needed):
        raise PermissionDenied
    return _save(request, tag)


@page("segments.change_tag")
@require_POST
def count(request: StaffRequest) -> JsonResponse:
    """How many members a saved view or an audience finds now, over everybody: that is what a rule gives the tag to."""
    chosen = request.POST.get("view", "")
    rule = _rule_of(request, chosen)
    if rule is None:
        return JsonResponse({"text": ""})
    try:
        found, exact = estimated_count(filter_members(Member.objects.active(), rule, now=timezone.now()))
    except ValidationFailed as refused:
        return JsonResponse({"text": str(refused)})
    words = _("About %(count)s members match now.")
    if exact:
        words = ngettext("%(count)s member matches now.", "%(count)s members match now.", found)
    return JsonResponse({"text": words % {"count": figure(found)}})


@page("segments.delete_tag")
@require_POST
def delete(request: StaffRequest, tag_id: int) -> HttpResponse:
    tag = get_object_or_404(Tag, pk=tag_id)
    try:
        had = services.delete_tag(tag=tag, by=request.user)
    except ScrmError as refused:
        messages.error(request, str(refused))
        return redirect("segments:tag", tag.pk)
    words = ngettext(
        "Tag “%(tag)s” deleted; %(count)s member had it.", "Tag “%(tag)s” deleted; %(count)s members had it.", had
    )
    messages.success(request, words % {"tag": tag.name, "count": figure(had)})
    return redirect("segments:tags")


def rule_in_words(rule: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Label and value of each filter."""
    params = QueryDict(mutable=True)
    for name, values in rule.items():
        params.setlist(name, [str(value) for value in values] if isinstance(values, list) else [str(values)])
    return [(chip.label, chip.text) for chip in chips_for(controls_for(params, {}, given_only=True), params)]


def _save(request: StaffRequest, tag: Tag | None) -> HttpResponse:
    typed = {name: request.POST.get(name, "").strip() for name in ("name", "group", "new_group", "rule", "lasts_days")}
    typed["is_active"] = "1" if tag is None or request.POST.get("is_active") else ""
    errors = _errors(typed)
    if errors:
        return _show(request, tag, typed, errors, status=422)
    try:
        saved = services.save_tag(
            tag=tag,
            group=_group(request, typed),
            name=typed["name"],
            rule=_rule(request, tag, typed["rule"]),
            lasts_days=_number(typed["lasts_days"]),
            is_active=bool(typed["is_active"]),
            by=request.user,
        )
        if saved.rule is not None and saved.is_active:
            services.refresh_tag(tag=saved)
    except FilterNotValid as refused:
        return _show(request, tag, typed, {"rule": [str(refused)]}, status=422)
    except ValidationFailed as refused:
        return _show(request, tag, typed, refused.fields or {"name": [str(refused)]}, status=422)
    except TagInUse as refused:
        return _show(request, tag, typed, {"is_active": [str(refused)]}, status=refused.status)
    except ScrmError as refused:
        return _show(request, tag, typed, {"name": [str(refused)]}, status=refused.status)
    messages.success(request, _("Tag “%(tag)s” saved.") % {"tag": saved.name})
    return redirect("segments:tags")


def _errors(typed: Mapping[str, str]) -> dict[str, list[str]]:
    errors: dict[str, list[str]] = {}
    if not typed["name"]:
        errors["name"] = [_("A tag needs a name.")]
    if not typed["new_group"] and not TagGroup.objects.filter(pk=_pk(typed["group"])).exists():
        errors["group"] = [_("Choose a group, or name a new one.")]
    days = _number(typed["lasts_days"])
    if typed["lasts_days"] and (days is None or not 1 <= days <= LONGEST_TERM):
        errors["lasts_days"] = [_("A number of days between 1 and 3,650, or nothing.")]
    return errors


def _group(request: StaffRequest, typed: Mapping[str, str]) -> TagGroup:
    if not typed["new_group"]:
        return TagGroup.objects.get(pk=_pk(typed["group"]))
    present = TagGroup.objects.filter(name=typed["new_group"]).first()
    position = TagGroup.objects.count()
    return present or services.save_tag_group(name=typed["new_group"][:40], position=position, by=request.user)


def _rule(request: StaffRequest, tag: Tag | None, chosen: str) -> Mapping[str, Any] | None:
    """None: by hand; `keep`: as it is; otherwise a saved view or an audience."""
    if chosen == KEEP and tag:
        return tag.rule
    if chosen == BY_HAND:
        return None
    rule = _rule_of(request, chosen)
    if rule is None:
        raise Http404
    return rule


def _rule_of(request: StaffRequest, chosen: str) -> Mapping[str, Any] | None:
    """The filters of a saved view by its number, or that of an audience as `audience:12`."""
    number = chosen.removeprefix(OF_AUDIENCE)
    if number != chosen:
        return {"audience": [number]} if _audiences().filter(pk=_pk(number)).exists() else None
    view = _views(request).filter(pk=_pk(chosen)).first()
    return None if view is None else dict(view.filters)


def _audiences() -> "QuerySet[Audience]":
    return Audience.objects.filter(state=AudienceState.ACTIVE).order_by("name")


def _views(request: StaffRequest) -> "QuerySet[SavedView]":
    return SavedView.objects.filter(Q(owner=request.user.pk) | Q(shared=True)).order_by("name")


def _pk(text: str) -> int:
    """No row has 0."""
    return _number(text) or 0


def _number(text: str) -> int | None:
    return whole_in(text, most=INTEGER)


def _typed(tag: Tag | None) -> dict[str, str]:
    if tag is None:
        return {"is_active": "1", "rule": BY_HAND}
    return {
        "name": tag.name,
        "group": str(tag.group_id),
        "rule": KEEP if tag.rule else BY_HAND,
        "lasts_days": str(tag.lasts_days or ""),
        "is_active": "1" if tag.is_active else "",
    }


def _show(
    request: StaffRequest, tag: Tag | None, typed: Mapping[str, str], errors: Any = None, *, status: int = 200
) -> HttpResponse:
    context: dict[str, Any] = {
        "title": tag.name if tag else _("New tag"),
        "tag": tag,
        "typed": typed,
        "errors": errors or {},
        "groups": TagGroup.objects.order_by("position", "name"),
        "views": _views(request),
        "audiences": _audiences(),
        "can_save": request.user.has_perm("segments.change_tag" if tag else "segments.add_tag"),
        "can_delete": tag is not None and request.user.has_perm("segments.delete_tag"),
    }
    if tag:
        context |= {
            "count": tag.assignments.count(),
            "link": members_link({"tag": str(tag.pk)}),
            "rule": rule_in_words(tag.rule) if tag.rule else [],
            "days": tag_days(tag, now=timezone.now()),
            "dependent": tags_depending_on(tag),
            "naming": views_naming(tag).count(),
        }
    return in_frame(request, "segments/tag.html", context, status=status)
