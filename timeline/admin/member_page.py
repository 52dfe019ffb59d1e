"""What the timeline adds to the member page: the spend curve and what happened, newest first."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from members.admin.extension import MemberPanel, MemberPart, member_panels, member_parts
from members.models import Member
from timeline.admin.words import channel_words, interaction_title, words_of
from timeline.enums import InteractionKind, PurchaseKind
from timeline.selectors import Entry, EntryKind, Mark, member_timeline, spending

PAGE = 25
ICONS: Mapping[str, str] = {
    PurchaseKind.ORDER: "shopping_bag",
    PurchaseKind.REFUND: "undo",
    InteractionKind.BROWSE: "visibility",
    InteractionKind.CLICK: "ads_click",
    InteractionKind.OPEN: "drafts",
    InteractionKind.READ: "menu_book",
    InteractionKind.WATCH: "play_circle",
    InteractionKind.SAVE: "bookmark",
    InteractionKind.SHARE: "share",
    InteractionKind.MESSAGE: "chat_bubble",
    InteractionKind.CHECK_IN: "event_available",
    InteractionKind.JOIN: "group_add",
    InteractionKind.SCAN: "qr_code_scanner",
    InteractionKind.VISIT: "storefront",
    InteractionKind.COUPON_CLAIM: "confirmation_number",
    InteractionKind.REVIEW: "rate_review",
}


def load_curve(request: HttpRequest, member: Member) -> Mapping[str, Any]:
    """Eighteen months of net spend as a chart with its table, and the totals since the beginning."""
    del request
    now = timezone.now()
    found = spending(member, now=now)
    months = found.months
    spec = {
        "type": "bar",
        "unit": "¥",
        "labels": [date_format(each.month, _("M Y")) for each in months],
        "datasets": [{"label": _("Net spend ¥"), "data": [float(each.amount) for each in months]}],
    }
    totals = found.totals
    return {"spec": spec, "months": months[::-1], "totals": totals, "bought": totals.orders or totals.refunds}


def load_timeline(request: HttpRequest, member: Member) -> Mapping[str, Any]:
    return timeline_context(request, member)


def timeline_context(request: HttpRequest, member: Member) -> dict[str, Any]:
    """A page of the stream by day; `show` and `before` come from the address."""
    now = timezone.now()
    show = request.GET.get("show", "")
    kinds = [EntryKind(show)] if show in EntryKind.values else list(EntryKind)
    page = member_timeline(member, now=now, kinds=kinds, before=Mark.read(request.GET.get("before", "")), limit=PAGE)
    return {
        "days": days_of(page.entries),
        "next": str(page.next) if page.next else "",
        "show": show if show in EntryKind.values else "",
        "kinds": EntryKind.choices,
        "address": reverse("admin:members_member_part", args=(member.pk, "timeline")),
        "first": "before" not in request.GET,
    }


def days_of(entries: Sequence[Entry]) -> list[tuple[Any, list[dict[str, Any]]]]:
    """Entries by local day, newest first."""
    by_day = groupby(entries, key=lambda entry: timezone.localtime(entry.at).date())
    return [(day, [in_words(entry) for entry in group]) for day, group in by_day]


def in_words(entry: Entry) -> dict[str, Any]:
    """What happened, in one line and a second for the details."""
    return {"entry": entry, "icon": _icon(entry), "title": _title(entry), "details": _details(entry)}


def _icon(entry: Entry) -> str:
    said = words_of(entry)
    if said:
        return said.icon
    return ICONS.get(entry.what, "login" if entry.kind == EntryKind.TOUCH else "more_horiz")


def _title(entry: Entry) -> str:
    if entry.kind == EntryKind.PURCHASE:
        return str(PurchaseKind(entry.what).label)
    if entry.kind == EntryKind.INTERACTION:
        return interaction_title(entry)
    return _("Came in")


def _details(entry: Entry) -> list[str]:
    place = [entry.store, channel_words(entry.channel)]
    if entry.kind != EntryKind.PURCHASE:
        return [text for text in (entry.subject, entry.code, *place) if text]
    coupon = _("coupon %(code)s") % {"code": entry.coupon_code} if entry.coupon_code else ""
    return [text for text in (_products(entry), *place, coupon) if text]


def _products(entry: Entry) -> str:
    names = [line.name or line.code for line in entry.lines]
    shown = _(", ").join(names[:3])
    rest = len(names) - 3
    return _("%(products)s and %(count)d more") % {"products": shown, "count": rest} if rest > 0 else shown


def timeline_part(request: HttpRequest, member_id: int) -> HttpResponse:
    """More of the stream, or the stream of one kind, for HTMX."""
    member = get_object_or_404(Member.objects.visible_to(request.user), pk=member_id)
    return TemplateResponse(request, "timeline/stream.html", {"panel": timeline_context(request, member)})


member_panels.register_all(
    [
        MemberPanel(
            code="spend",
            template="timeline/panel_spend.html",
            load=load_curve,
            permission="timeline.view_purchase",
            order=10,
        ),
        MemberPanel(
            code="timeline",
            template="timeline/panel_timeline.html",
            load=load_timeline,
            permission="timeline.view_interaction",
            order=20,
        ),
    ]
)
member_parts.register(MemberPart(code="timeline", view=timeline_part, permission="timeline.view_interaction"))
