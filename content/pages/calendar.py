"""The content calendar: month, week and list, under the strip of the cadence."""

from datetime import date, datetime, timedelta
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.pages import StaffRequest
from content.enums import SlotState
from content.models import ContentType, stretches
from content.pages.words import MARKS, PERIODS, WEEKDAYS
from content.rules.states import may
from content.selectors import calendar as selectors
from content.selectors.cadence import RuleStanding, standings
from content.selectors.slots import WAITING
from core.moments import read_day
from core.pages import in_frame, page
from core.rules.whole import INTEGER, whole_in

READS = {"month": selectors.month, "week": selectors.week, "list": selectors.agenda}


@page("content.view_slot")
@require_safe
def show(request: StaffRequest) -> HttpResponse:
    """`?view=month|week|list&at=2026-11-22&type=…&owner=…`; whatever is not understood is today's month."""
    now = timezone.now()
    today = timezone.localdate(now)
    view = request.GET.get("view", "month")
    view = view if view in READS else "month"
    at = day_from(request.GET.get("at", ""), today)
    chosen = {"type": number(request.GET.get("type", "")), "owner": number(request.GET.get("owner", ""))}
    sources = [source for source in stretches if request.user.has_perm(source.permission)]
    calendar = READS[view](at=at, type_id=chosen["type"], owner_id=chosen["owner"], sources=sources)
    people = {slot.owner_id: slot.owner for slot in calendar.slots}
    shown_at = now if calendar.first <= today <= calendar.last else selectors.midnight(calendar.first)
    context: dict[str, Any] = {
        "title": _("Content calendar"),
        "calendar": calendar,
        "view": view,
        "views": {
            "month": pgettext("calendar", "Month"),
            "week": pgettext("calendar", "Week"),
            "list": pgettext("calendar", "List"),
        },
        "at": at,
        "today": today,
        "now": now,
        "heading": heading(calendar, at),
        "weekdays": WEEKDAYS,
        "marks": MARKS,
        "cards": {slot.pk: card_of(slot, calendar, now) for slot in calendar.slots},
        "types": ContentType.objects.filter(is_active=True),
        "owners": sorted(people.values(), key=str) if chosen["owner"] is None else _owners(chosen["owner"], people),
        "chosen": chosen,
        "strip": [_strip_of(each, now) for each in standings(at=shown_at)],
        "can_plan": request.user.has_perm("content.add_slot"),
        "can_move": request.user.has_perm("content.change_slot"),
        "can_set": request.user.has_perm("content.view_cadencerule"),
        "can_report": request.user.has_perm("content.view_livereport"),
        "current": calendar.first < today <= calendar.last,
        "empty": not calendar.slots,
    }
    return in_frame(request, "content/calendar.html", context)


def card_of(slot: Any, calendar: selectors.Calendar, now: datetime) -> dict[str, Any]:
    """What the calendar says of a slot beside its title and time."""
    review = calendar.reviews.get(slot.version_id or 0)
    late = slot.state in WAITING and slot.planned_at <= now
    return {
        "mark": "act" if late else MARKS[slot.state],
        "words": _("Waits to be published") if late and slot.state == SlotState.SCHEDULED else slot.get_state_display(),
        "movable": may("move", slot.state),
        "returned": review is not None and review.state in {"returned", "expired"},
    }


def heading(calendar: selectors.Calendar, at: date) -> str:
    """November 2026; a week by its first and last day."""
    if calendar.view == "week":
        return f"{date_format(calendar.first, _('M j, Y'))} – {date_format(calendar.last, _('M j'))}"
    return date_format(at, _("F Y"))


def day_from(text: str, otherwise: date) -> date:
    return read_day(text) or otherwise


def number(text: str) -> int | None:
    return whole_in(text, most=INTEGER)


def _owners(chosen: int, people: dict[int, User]) -> list[User]:
    return list(people.values()) or list(User.objects.filter(pk=chosen))


def _strip_of(each: RuleStanding, now: datetime) -> dict[str, Any]:
    over = each.span.end <= now
    current = each.span.first <= now < each.span.end
    last = timezone.localtime(each.last_day)
    return {
        "rule": each.rule,
        "have": each.standing.have,
        "published": each.standing.published,
        "planned": each.standing.planned,
        "missing": each.missing,
        "period": PERIODS[each.rule.period] if current else _span_words(each),
        "state": "good" if not each.missing else "none" if over else "watch",
        "until": last,
        "days_left": max((each.span.end - now) // timedelta(days=1), 0),
        "url": "" if over or not each.missing else _gap_url(each),
    }


def _span_words(each: RuleStanding) -> str:
    first = timezone.localtime(each.span.first)
    return f"{date_format(first, _('M j'))} – {date_format(timezone.localtime(each.last_day), _('M j'))}"


def _gap_url(each: RuleStanding) -> str:
    first = timezone.localdate(each.span.first)
    return f"{reverse('content:gap', args=(each.rule.pk,))}?at={first.isoformat()}"
