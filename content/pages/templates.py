"""One festival template: its names, its festival, and its slots line by line."""

from collections.abc import Mapping
from datetime import time
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.pages import StaffRequest
from content.models import ContentType, Festival, FestivalTemplate
from content.pages.calendar import number
from content.services.template_keeping import MOST_ITEMS, Item, save_template
from core.errors import ScrmError
from core.pages import in_frame, page

SPARE = 4
TEXTS = ("name_zh", "name_en", "festival")
CELLS = ("days", "time", "type", "zh", "en")
Line = dict[str, Any]


@page("content.change_cadencerule")
@require_http_methods(["GET", "POST"])
def edit(request: StaffRequest, template_id: int | None = None) -> HttpResponse:
    """A line without titles is no slot: clearing one takes it out of the template."""
    template = get_object_or_404(FestivalTemplate, pk=template_id) if template_id else None
    if request.method == "GET":
        return _show(request, template, _kept(template), _lines_of(template))
    typed = {name: request.POST.get(name, "").replace("\x00", "").strip() for name in TEXTS}
    typed["is_active"] = "1" if template is None or request.POST.get("is_active") else ""
    lines = _lines_in(request)
    festival = Festival.objects.filter(pk=number(typed["festival"]) or 0).first()
    items = [_read(line) for line in lines]
    if festival is None or any(line["errors"] for line in lines):
        errors = {} if festival else {"festival": [_("Choose a festival.")]}
        return _show(request, template, typed, lines, errors, status=422)
    try:
        saved = save_template(
            template=template,
            name_zh=typed["name_zh"],
            name_en=typed["name_en"],
            festival=festival,
            items=[item for item in items if item is not None],
            is_active=bool(typed["is_active"]),
            by=request.user,
            now=timezone.now(),
        )
    except ScrmError as refused:
        for place, line in enumerate(lines):
            line["errors"] = [*refused.fields.get(f"item_{place}", ())]
        return _show(request, template, typed, lines, refused.fields, status=refused.status)
    messages.success(request, _("“%(name)s” saved.") % {"name": saved.name})
    return redirect("content:plans")


def _lines_in(request: StaffRequest) -> list[Line]:
    """The lines of the form that name a slot."""
    lines = []
    for place in range(MOST_ITEMS + SPARE):
        cells = {cell: request.POST.get(f"{cell}_{place}", "").replace("\x00", "").strip() for cell in CELLS}
        if cells["zh"] or cells["en"]:
            lines.append({**cells, "errors": []})
    return lines


def _read(line: Line) -> Item | None:
    days, at = _days(line["days"]), _time(line["time"])
    type_ = ContentType.objects.filter(pk=number(line["type"]) or 0).first()
    if days is None:
        line["errors"].append(_("Days before the festival as −7, after it as 2."))
    if at is None:
        line["errors"].append(_("Write times as 20:00."))
    if type_ is None:
        line["errors"].append(_("Choose a type."))
    if days is None or at is None or type_ is None:
        return None
    return Item(days=days, time=at, type=type_, title_zh=line["zh"], title_en=line["en"])


def _days(text: str) -> int | None:
    plain = text.replace("−", "-").removeprefix("+")
    days = number(plain.removeprefix("-"))
    return None if days is None else -days if plain.startswith("-") else days


def _time(text: str) -> time | None:
    try:
        return time.fromisoformat(text).replace(second=0, microsecond=0, tzinfo=None)
    except ValueError:
        return None


def _kept(template: FestivalTemplate | None) -> dict[str, str]:
    if template is None:
        return {"is_active": "1"}
    kept = {"name_zh": template.name_zh, "name_en": template.name_en, "festival": str(template.festival_id or "")}
    return kept | {"is_active": "1" if template.is_active else ""}


def _lines_of(template: FestivalTemplate | None) -> list[Line]:
    return [
        {
            "days": str(item.days),
            "time": f"{item.time:%H:%M}",
            "type": str(item.type_id),
            "zh": item.title_zh,
            "en": item.title_en,
            "errors": [],
        }
        for item in (template.items.all() if template else ())
    ]


def _show(
    request: StaffRequest,
    template: FestivalTemplate | None,
    typed: Mapping[str, str],
    lines: list[Line],
    errors: Any = None,
    *,
    status: int = 200,
) -> HttpResponse:
    empty: Line = {"days": "", "time": "20:00", "type": "", "zh": "", "en": "", "errors": []}
    context = {
        "title": template.name if template else _("New festival template"),
        "template": template,
        "typed": typed,
        "lines": [*lines, *({**empty} for _spare in range(SPARE))],
        "errors": errors or {},
        "types": ContentType.objects.filter(is_active=True),
        "festivals": Festival.objects.order_by("-is_active", "kind", "id"),
    }
    return in_frame(request, "content/template.html", context, status=status)
