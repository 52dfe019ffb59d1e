"""A slot: its panel with material, review and results; making, changing, moving it; its steps."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from accounts.pages import StaffRequest
from accounts.selectors import latest_acts
from compliance.models import Review
from compliance.selectors.reviews import check_parts, hits_in, may_be_submitted
from content.enums import ShownOn
from content.errors import SlotChanged, SlotNotSaved, SlotsOverlap
from content.models import ContentType, MaterialVersion, Slot, slot_owners
from content.models.slots import PUBLISHED
from content.pages.calendar import day_from, number
from content.pages.people import planners
from content.pages.waiting import FIELDS, leave_for_material
from content.pages.words import HIT_MARKS, MARKS, STEP_DONE, STEP_LABELS
from content.rules.states import may, steps_from
from content.selectors.materials import choices, latest_version
from content.selectors.results import reason_in_words, results_of
from content.selectors.slots import KIND, overlapping
from content.services import slots as services
from core.errors import ScrmError
from core.moments import read_moment
from core.pages import in_frame, page
from core.templatetags.scrm import moment_text
from segments.models import Audience

HOUR = 20
STEPS: Mapping[str, Callable[..., Slot]] = {
    "submit": services.submit_slot,
    "schedule": services.schedule_slot,
    "withdraw": services.withdraw_slot,
    "cancel": services.cancel_slot,
    "restore": services.restore_slot,
}


@page("content.view_slot")
@require_safe
def show(request: StaffRequest, slot_id: int) -> HttpResponse:
    return _panel(request, _slot(slot_id), {})


@page("content.add_slot")
@require_http_methods(["GET", "POST"])
def create(request: StaffRequest) -> HttpResponse:
    """`?day=2026-11-22&type=3&version=…` fills the form."""
    if request.method == "GET":
        return _form(request, None, _beginning(request))
    typed = _typed(request)
    if "to_material" in request.POST:
        return leave_for_material(None, typed)
    values, errors = _read(typed)
    if errors:
        return _form(request, None, typed, errors, status=422)
    values.pop("seen_at")
    try:
        slot = services.create_slot(**values, by=request.user, now=timezone.now())
    except ScrmError as refused:
        return _form(request, None, typed, _faults(refused), status=refused.status)
    messages.success(request, _("“%(title)s” stands in the calendar.") % {"title": slot.title})
    return redirect("content:slot", slot.pk)


@page("content.change_slot")
@require_http_methods(["GET", "POST"])
def edit(request: StaffRequest, slot_id: int) -> HttpResponse:
    slot = _slot(slot_id)
    if not may("edit", slot.state):
        messages.warning(request, _("What was published or cancelled is not changed any more."))
        return redirect("content:slot", slot.pk)
    if request.method == "GET":
        asked = {name: request.GET[name].replace("\x00", "") for name in FIELDS if name in request.GET}
        return _form(request, slot, _kept(slot) | asked)
    typed = _typed(request)
    return leave_for_material(slot, typed) if "to_material" in request.POST else _saved(request, slot, typed)


def _saved(request: StaffRequest, slot: Slot, typed: dict[str, str]) -> HttpResponse:
    values, errors = _read(typed)
    if errors:
        return _form(request, slot, typed, errors, status=422)
    try:
        _save(slot, values, by=request.user)
    except SlotChanged as refused:
        typed["seen"] = _slot(slot.pk).changed_at.isoformat()
        return _form(request, slot, typed, {"changed": [str(refused)]}, status=refused.status)
    except ScrmError as refused:
        return _form(request, slot, typed, _faults(refused), status=refused.status)
    messages.success(request, _("“%(title)s” saved.") % {"title": values["title"]})
    return redirect("content:slot", slot.pk)


def _save(slot: Slot, values: Mapping[str, Any], *, by: User) -> None:
    given = {name: values[name] for name in ("title", "minutes", "account", "shown_on", "note")}
    for name in ("type", "version", "owner", "audience"):
        given[f"{name}_id"] = values[name].pk if values[name] else None
    if _may_change_hands(slot):
        given["source_kind"], given["source_id"] = values["source"] or ("", None)
    same_minute = values["planned_at"] == _minute(slot.planned_at)
    services.replan_slot(
        slot=slot,
        values=given,
        planned_at=slot.planned_at if same_minute else values["planned_at"],
        seen_at=values["seen_at"],
        by=by,
        now=timezone.now(),
        allow_overlap=values["allow_overlap"],
    )


@page("content.change_slot")
@require_POST
def move(request: StaffRequest, slot_id: int) -> HttpResponse:
    """Move it to `at`, from where it was seen (`seen`). Answers JSON: words, and how to undo it."""
    slot = _slot(slot_id)
    at, seen = read_moment(request.POST.get("at", "")), read_moment(request.POST.get("seen", ""))
    if at is None:
        return JsonResponse({"words": _("This is not a moment.")}, status=422)
    was = slot.planned_at
    try:
        moved = services.move_slot(
            slot=slot,
            planned_at=at,
            seen_at=seen,
            by=request.user,
            now=timezone.now(),
            allow_overlap=request.POST.get("allow_overlap") == "1",
        )
    except ScrmError as refused:
        body = {"words": str(refused), "may_insist": isinstance(refused, SlotsOverlap)}
        return JsonResponse(body, status=refused.status)
    now = timezone.now()
    words = _("“%(title)s” moved to %(moment)s.") % {"title": moved.title, "moment": moment_text(at, now)}
    return JsonResponse({"words": words, "at": at.isoformat(), "was": was.isoformat()})


@page("content.view_slot")
@require_POST
def take_step(request: StaffRequest, slot_id: int, step: str) -> HttpResponse:
    """One verb. What is refused comes back on the slot's page, with what was typed."""
    slot = _slot(slot_id)
    if step not in STEPS and step != "publish":
        raise Http404
    if not request.user.has_perm("content.publish_slot" if step == "publish" else "content.change_slot"):
        raise PermissionDenied
    typed = {name: request.POST.get(name, "").strip() for name in ("link", "published_at", "reason")}
    now = timezone.now()
    try:
        if step == "publish":
            services.publish_slot(
                slot=slot,
                link=typed["link"],
                published_at=_when_published(slot, typed["published_at"]),
                by=request.user,
                now=now,
            )
        elif step in {"withdraw", "cancel"}:
            STEPS[step](slot=slot, reason=typed["reason"], by=request.user, now=now)
        elif step == "restore":
            insisted = request.POST.get("allow_overlap") == "1"
            services.restore_slot(slot=slot, allow_overlap=insisted, by=request.user, now=now)
        else:
            STEPS[step](slot=slot, by=request.user, now=now)
    except SlotsOverlap as refused:
        return _panel(request, _slot(slot_id), typed, refused=refused, may_insist=step)
    except ScrmError as refused:
        return _panel(request, _slot(slot_id), typed, refused=refused)
    messages.success(request, STEP_DONE[step] % {"title": _slot(slot_id).title})
    return redirect("content:slot", slot.pk)


def _when_published(slot: Slot, typed: str) -> datetime:
    """The planned minute is the planned moment. Raises SlotNotSaved."""
    moment = read_moment(typed)
    if moment is None:
        raise SlotNotSaved(fields={"published_at": [_("Say on which day and at what time it was published.")]})
    return slot.planned_at if moment == _minute(slot.planned_at) else moment


def _slot(slot_id: int) -> Slot:
    found = Slot.objects.select_related("type", "owner", "version__material", "published_by", "series", "audience")
    return get_object_or_404(found, pk=slot_id)


def _panel(
    request: StaffRequest,
    slot: Slot,
    typed: Mapping[str, str],
    *,
    refused: ScrmError | None = None,
    may_insist: str = "",
) -> HttpResponse:
    now = timezone.now()
    review = Review.objects.filter(kind=KIND, object_id=slot.version_id).first() if slot.version_id else None
    newest = latest_version(slot.version.material_id) if slot.version else None
    parts = check_parts(review.parts) if review else []
    due = slot.planned_at - services.EARLY <= now
    context: dict[str, Any] = {
        "title": slot.title,
        "slot": slot,
        "mark": MARKS[slot.state],
        "now": now,
        "review": review,
        "parts": parts,
        "hit_states": HIT_MARKS,
        "hits": hits_in(parts),
        "can_reword": request.user.has_perm("content.change_material"),
        "newer": newest if newest is not None and newest.pk != slot.version_id else None,
        "steps": [(step, STEP_LABELS[step]) for step in steps_from(slot.state) if step in STEP_LABELS],
        "primary": {"draft": "submit", "approved": "schedule", "cancelled": "restore"}.get(slot.state, ""),
        "can_submit": _may_submit(review),
        "to_confirm": slot.version_id is not None
        and may("publish", slot.state, was_scheduled=slot.was_scheduled and due),
        "due": due,
        "published_at": typed.get("published_at") or _shown(min(slot.planned_at, now)),
        "late": slot.planned_at < now and slot.state not in PUBLISHED,
        "others": [] if slot.state in (*PUBLISHED, "cancelled", "missed") else overlapping(slot),
        "results": [(each, reason_in_words(each.result.reason)) for each in results_of([slot.pk]).get(slot.pk, [])],
        "published": slot.state in PUBLISHED,
        "history": latest_acts(slot),
        "typed": typed,
        "refused": refused,
        "may_insist": may_insist,
        "faults": [str(fault) for faults in refused.fields.values() for fault in faults] if refused else [],
        "can_change": request.user.has_perm("content.change_slot"),
        "can_edit": request.user.has_perm("content.change_slot") and may("edit", slot.state),
        "can_publish": request.user.has_perm("content.publish_slot"),
        "can_see_audience": request.user.has_perm("segments.view_audience"),
        "can_see_review": request.user.has_perm("compliance.view_review"),
    }
    return in_frame(request, "content/slot.html", context, status=refused.status if refused else 200)


def _shown(moment: datetime) -> str:
    return timezone.localtime(moment).strftime("%Y-%m-%dT%H:%M")


def _may_submit(review: Review | None) -> bool:
    """What is with the reviewers or approved already moves the slot on; what its author has, only without open phrases."""
    return review is not None and (review.state in {"in_review", "approved"} or may_be_submitted(review))


def _form(
    request: StaffRequest, slot: Slot | None, typed: Mapping[str, str], errors: Any = None, *, status: int = 200
) -> HttpResponse:
    context: dict[str, Any] = {
        "title": slot.title if slot else _("New slot"),
        "slot": slot,
        "typed": typed,
        "errors": errors or {},
        "types": ContentType.objects.filter(is_active=True),
        "versions": choices(with_version=slot.version_id if slot else None),
        "owners": planners(),
        "audiences": Audience.objects.filter(Q(state="active") | Q(pk=slot.audience_id if slot else None)),
        "sources": _sources(slot) if _may_change_hands(slot) else [],
        "places": ShownOn.choices,
        "today": timezone.localdate(),
    }
    return in_frame(request, "content/slot_form.html", context, status=status)


def _beginning(request: HttpRequest) -> dict[str, str]:
    day = day_from(request.GET.get("day", ""), timezone.localdate())
    typed = {name: request.GET.get(name, "").replace("\x00", "") for name in FIELDS}
    beginning = {"time": f"{HOUR}:00", "owner": str(request.user.pk)}
    return {**typed, **{name: typed[name] or value for name, value in beginning.items()}, "day": day.isoformat()}


def _kept(slot: Slot) -> dict[str, str]:
    local = timezone.localtime(slot.planned_at)
    return {
        "type": str(slot.type_id),
        "title": slot.title,
        "day": local.date().isoformat(),
        "time": local.strftime("%H:%M"),
        "minutes": str(slot.minutes),
        "version": str(slot.version_id or ""),
        "owner": str(slot.owner_id),
        "audience": str(slot.audience_id or ""),
        "source": f"{slot.source_kind}:{slot.source_id}" if slot.source_kind else "",
        "account": slot.account,
        "shown_on": slot.shown_on,
        "note": slot.note,
        "seen": slot.changed_at.isoformat(),
    }


def _typed(request: HttpRequest) -> dict[str, str]:
    return {name: request.POST.get(name, "").replace("\x00", "").strip() for name in FIELDS}


def _read(typed: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, list[str]]]:
    """Values for the services, and what could not be read."""
    chosen = _chosen(typed)
    moment, type_ = read_moment(f"{typed['day']}T{typed['time']}"), chosen["type"]
    needed = {"type": _("Choose a type."), "owner": _("Choose an owner.")}
    unknown = {"version": _("There is no such material."), "audience": _("There is no such audience.")}
    errors = {
        name: [words]
        for name, words in {**needed, **unknown}.items()
        if chosen[name] is None and (name in needed or typed[name])
    }
    source = _source(typed["source"])
    if typed["source"] and source is None:
        errors["source"] = [_("There is no such activity.")]
    if moment is None:
        errors["planned_at"] = [_("Choose a day and a time.")]
    minutes = number(typed["minutes"]) if typed["minutes"] else (type_.minutes if type_ else 0)
    values: dict[str, Any] = {**chosen, "planned_at": moment, "minutes": minutes or 0, "source": source}
    values |= {name: typed[name] for name in ("title", "account", "shown_on", "note")}
    return values | {"allow_overlap": typed["allow_overlap"] == "1", "seen_at": read_moment(typed["seen"])}, errors


def _chosen(typed: Mapping[str, str]) -> dict[str, Any]:
    """Rows by their numbers, None for what is not there."""
    rows: dict[str, Any] = {
        "type": ContentType.objects,
        "owner": User.objects,
        "version": MaterialVersion.objects.select_related("material"),
        "audience": Audience.objects,
    }
    return {name: found.filter(pk=number(typed[name]) or 0).first() for name, found in rows.items()}


def _may_change_hands(slot: Slot | None) -> bool:
    """A slot that a festival's template laid stays the template's."""
    return slot is None or not slot.source_kind or any(slot.source_kind == entry.code for entry in slot_owners)


def _sources(slot: Slot | None) -> list[tuple[Any, list[tuple[str, str]]]]:
    """By what they are: what a slot may be planned for, and what it is planned for already."""
    found = []
    for entry in slot_owners:
        rows = list(entry.choices())
        own = entry.find(slot.source_id or 0) if slot and slot.source_kind == entry.code else None
        if own is not None and own not in rows:
            rows.append(own)
        if rows:
            found.append((entry.label, [(f"{entry.code}:{row.number}", row.name) for row in rows]))
    return found


def _source(text: str) -> tuple[str, int] | None:
    """“activity:12” as kind and number, of something that there is."""
    code, _colon, written = text.partition(":")
    chosen = number(written)
    known = chosen is not None and any(entry.code == code and entry.find(chosen) for entry in slot_owners)
    return (code, chosen) if known and chosen is not None else None


def _minute(moment: datetime) -> datetime:
    """As a form shows and sends it."""
    return moment.replace(second=0, microsecond=0)


def _faults(refused: ScrmError) -> dict[str, list[str]]:
    if isinstance(refused, SlotsOverlap):
        return {"overlap": [str(refused)]}
    return {name: [str(fault) for fault in faults] for name, faults in refused.fields.items()} or {
        "planned_at": [str(refused)]
    }
