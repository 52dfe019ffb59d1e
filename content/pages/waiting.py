"""A slot that waits while its material is written: what was typed of it goes along and comes back."""

from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.pages import StaffRequest
from content.models import MaterialVersion, Slot
from content.rules.states import may
from content.services.slots import edit_slot
from core.errors import ScrmError
from core.rules.whole import INTEGER, whole_in

#: What the form of a slot asks for.
FIELDS = (
    *("type", "title", "day", "time", "minutes", "version", "owner", "audience", "source", "account", "note"),
    *("shown_on", "allow_overlap", "seen"),
)
LONGEST_DRAFT = 4000
SEPARATELY = ("version", "allow_overlap")


def leave_for_material(slot: Slot | None, typed: Mapping[str, str]) -> HttpResponse:
    """From the form of a slot to that of a material; what was typed goes along in the address."""
    draft = urlencode({name: value for name, value in typed.items() if value and name not in SEPARATELY})
    waiting = {"draft": draft} | ({"slot": str(slot.pk)} if slot else {})
    return redirect(f"{reverse('content:material_add')}?{urlencode(waiting)}")


def waiting_in(request: HttpRequest) -> dict[str, str]:
    """`slot` and `draft`, as far as they can be: what the form of a material hands on."""
    asked = request.POST if request.method == "POST" else request.GET
    slot, draft = asked.get("slot", ""), asked.get("draft", "").replace("\x00", "")[:LONGEST_DRAFT]
    found = {"slot": "" if whole_in(slot, most=INTEGER) is None else slot, "draft": draft}
    return {name: value for name, value in found.items() if value}


def kept_of(draft: str) -> dict[str, str]:
    return {name: value for name, value in parse_qsl(draft) if name in FIELDS}


def back_to_slot(request: StaffRequest, version: MaterialVersion, waiting: Mapping[str, str]) -> HttpResponse | None:
    """Put the new material into the slot that waits for it, or back into its form; None if no slot waits.

    A slot that got another material meanwhile is asked about in its form.
    """
    draft = kept_of(waiting.get("draft", ""))
    chosen = urlencode({**draft, "version": version.pk})
    if "slot" not in waiting:
        able = draft and request.user.has_perm("content.add_slot")
        return redirect(f"{reverse('content:slot_add')}?{chosen}") if able else None
    slot = Slot.objects.filter(pk=waiting["slot"]).first()
    if slot is None or not may("edit", slot.state) or not request.user.has_perm("content.change_slot"):
        return None
    if draft or slot.version_id:
        return redirect(f"{reverse('content:slot_edit', args=(slot.pk,))}?{chosen}")
    return _put(request, slot, version)


def _put(request: StaffRequest, slot: Slot, version: MaterialVersion) -> HttpResponse:
    try:
        values = {"version_id": version.pk}
        edit_slot(slot=slot, values=values, by=request.user, now=timezone.now(), seen_at=slot.changed_at)
    except ScrmError as refused:
        messages.error(request, str(refused))
    else:
        words = _("“%(material)s” is in the library and in this slot. Submit it for legal review.")
        messages.success(request, words % {"material": version.title})
    return redirect("content:slot", slot.pk)
