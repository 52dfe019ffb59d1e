"""Titles and badges by type of group: their rules, who holds them, what was given and lost lately."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.pages import StaffRequest
from community.enums.titles import TitleKind
from community.errors.titles import TitleNotValid
from community.models import Group, GroupType, Title
from community.pages.words import name_of
from community.selectors.titles import moves_of, title_counts
from community.services.titles import FIELDS, NUMBERS, TEXTS, save_title
from core.pages import in_frame, page
from core.rules.whole import whole_in

LATELY, MOVES = 30, 20


@page("community.view_title")
@require_safe
def titles(request: StaffRequest) -> HttpResponse:
    """Counts are those of the groups that she may see."""
    groups = Group.objects.visible_to(request.user)
    today = timezone.localdate()
    counts = title_counts(groups, since=today - timedelta(days=LATELY))
    types = [
        (kind, [(title, counts.get(title.pk)) for title in kind.titles.all()])
        for kind in GroupType.objects.prefetch_related("titles")
    ]
    context = {
        "title": _("Titles"),
        "types": types,
        "moves": [(row, name_of(row.participant, request.user)) for row in moves_of(groups, most=MOVES)],
        "lately": LATELY,
        "can_change": request.user.has_perm("community.change_title"),
    }
    return in_frame(request, "community/titles.html", context)


@page("community.change_title")
@require_http_methods(["GET", "POST"])
def add(request: StaffRequest, type_id: int) -> HttpResponse:
    return _edit(request, None, get_object_or_404(GroupType, pk=type_id))


@page("community.change_title")
@require_http_methods(["GET", "POST"])
def edit(request: StaffRequest, title_id: int) -> HttpResponse:
    row = get_object_or_404(Title.objects.select_related("type"), pk=title_id)
    return _edit(request, row, row.type)


def _edit(request: StaffRequest, row: Title | None, group_type: GroupType) -> HttpResponse:
    if request.method == "GET":
        shown = row or Title(type=group_type)
        return _form(request, row, group_type, {name: getattr(shown, name) for name in FIELDS} | {"reason": ""})
    typed: dict[str, Any] = {name: request.POST.get(name, "").strip() for name in (*TEXTS, *NUMBERS, "kind", "reason")}
    typed["is_active"] = request.POST.get("is_active") == "1"
    values = {**typed, **{name: _whole(typed[name]) for name in NUMBERS}}
    try:
        saved = save_title(
            title=row,
            group_type=group_type,
            values=values,
            reason=typed["reason"],
            by=request.user,
            now=timezone.now(),
        )
    except TitleNotValid as refused:
        return _form(request, row, group_type, typed, refused.fields, status=refused.status)
    messages.success(
        request, _("“%(name)s” saved. It is given and lost by this rule from tonight on.") % {"name": saved.name}
    )
    return redirect("community:titles")


def _form(
    request: StaffRequest,
    row: Title | None,
    group_type: GroupType,
    typed: Mapping[str, Any],
    errors: Any = None,
    *,
    status: int = 200,
) -> HttpResponse:
    labels = {field.name: field.verbose_name for field in Title._meta.concrete_fields}
    context = {
        "title": row.name if row else _("New title: %(type)s") % {"type": group_type.name},
        "row": row,
        "type": group_type,
        "texts": [(name, labels[name], typed[name], longest) for name, (_least, longest) in TEXTS.items()],
        "numbers": [(name, labels[name], typed[name]) for name in NUMBERS],
        "kinds": TitleKind.choices,
        "typed": typed,
        "errors": errors or {},
    }
    return in_frame(request, "community/title.html", context, status=status)


def _whole(text: str) -> int | None:
    return whole_in(text, most=999_999)  # no limit is higher
