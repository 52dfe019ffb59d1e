"""Groups: the list, the page of one."""

from collections import Counter
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.pages import StaffRequest
from accounts.selectors import latest_acts
from community.models import Group, GroupParticipant, GroupType
from community.pages.owners import owners_for
from community.pages.panels import panels_for, shown
from community.pages.people import participants_tab
from community.pages.words import BANDS, IMPORTS, busiest, chart_of, heat_rows, name_of, pulse_words
from community.selectors.activity import days_of, group_settings, heat_of, pulse_of, states_of
from community.selectors.chats import chats_visible_to
from community.selectors.people import contributors_of, figures_of, overlap_of
from community.services.chats import DEFAULT_SOURCE
from core.pages import as_csv, in_frame, page
from core.rules.whole import whole_in

PAGE = 50
WINDOWS = (30, 90, 180)
HEAT_DAYS = 28
CONTRIBUTING_DAYS = 30
TOP = 10
HISTORY = 60
STATES = ("quiet", "healthy", "noisy", "unknown")
OWN_TABS = ("participants", "rules", "imports", "log")


@page("community.view_group")
@require_safe
def listing(request: StaffRequest) -> HttpResponse:
    """Fifty at once, the newest first: how much is said beside the band, who comes, sleeps and buys."""
    show = "closed" if request.GET.get("show") == "closed" else "active"
    kind = request.GET.get("type", "")
    state = request.GET.get("state", "")
    today = timezone.localdate()
    chosen = _named(Group.objects.visible_to(request.user).filter(state=show), request.GET.get("q", "").strip()[:80])
    if kind:
        chosen = chosen.filter(type__code=kind[:20])
    limits = group_settings()
    standing = states_of(list(chosen.values_list("pk", flat=True)), today=today, window=limits.band_days)
    matching = sorted((pk for pk, found in standing.items() if state not in STATES or found == state), reverse=True)
    numbers = _older(matching, request)
    found = Group.objects.select_related("type", "store", "owner").in_bulk(numbers[:PAGE])
    groups = [found[pk] for pk in numbers[:PAGE]]
    pulses = pulse_of(groups, today=today, window=limits.band_days)
    figures = figures_of(groups, now=timezone.now(), today=today, sleeper_days=limits.sleeper_days)
    listed = [
        {
            "group": group,
            "pulse": pulses[group.pk],
            "said": pulse_words(pulses[group.pk]),
            "figures": figures[group.pk],
        }
        for group in groups
    ]
    counts = Counter(standing.values())
    context = {
        "title": _("Groups"),
        "rows": listed,
        "state": state if state in STATES else "",
        "states": [(code, *BANDS[code], counts[code]) for code in STATES],
        "show": show,
        "kind": kind,
        "q": request.GET.get("q", "").strip()[:80],
        "types": GroupType.objects.all(),
        "limits": limits,
        "older": numbers[PAGE - 1] if len(numbers) > PAGE else None,
        "may": _may(request.user),
    }
    return in_frame(request, "community/groups.html", context)


@page("community.view_group")
@require_safe
def detail(request: StaffRequest, group_id: int) -> HttpResponse:
    """Activity inside the band, hours by weekdays, who carries the talk; what others say of the group beside it."""
    group = group_or_404(request, group_id)
    now, today = timezone.now(), timezone.localdate()
    limits = group_settings()
    window = _window(request)
    pulse = pulse_of([group], today=today, window=limits.band_days)[group.pk]
    days = days_of(group, since=today - timedelta(days=window - 1), until=today)
    heat = heat_of(group, since=today - timedelta(days=HEAT_DAYS), until=today)
    tabs = [(code, label) for code, label in _tabs() if code != "imports" or _may(request.user)["see_imports"]]
    tab_panels = panels_for(request, "tab")
    tab = request.GET.get("tab", "")
    tab = tab if tab in {code for code, _label in tabs} | {panel.code for panel in tab_panels} else tabs[0][0]
    context: dict[str, Any] = {
        "title": group.name,
        "group": group,
        "pulse": pulse,
        "said": pulse_words(pulse),
        "today": today,
        "figures": figures_of([group], now=now, today=today, sleeper_days=limits.sleeper_days)[group.pk],
        "limits": limits,
        "rules": group.rules.order_by("-version").first(),
        "chart": chart_of(days[:-1], pulse),  # today is not over yet
        "days": days,
        "window": window,
        "windows": WINDOWS,
        "heat": heat_rows(heat) if any(map(any, heat)) else [],
        "busiest": busiest(heat),
        "heat_days": HEAT_DAYS,
        "contributors": _contributors(group, request.user, today),
        "contributing_days": CONTRIBUTING_DAYS,
        "overlap": overlap_of(group, Group.objects.visible_to(request.user), limit=5),
        "chat_owner": group.participants.filter(role="owner").exists(),
        "main_panels": shown(panels_for(request, "main"), group, request),
        "side_panels": shown(panels_for(request, "side"), group, request),
        "tab": tab,
        "tabs": [*tabs, *((panel.code, panel.title) for panel in tab_panels)],
        "tab_panel": next(iter(shown([panel for panel in tab_panels if panel.code == tab], group, request)), None),
        "may": _may(request.user),
        "staff": owners_for(request.user),
        **_of_tab(request, group, tab),
    }
    return in_frame(request, "community/group.html", context)


@page("community.view_group")
@require_safe
def days_csv(request: StaffRequest, group_id: int) -> HttpResponse:
    """The figures behind the line, as a file."""
    group = group_or_404(request, group_id)
    today = timezone.localdate()
    days = days_of(group, since=today - timedelta(days=_window(request) - 1), until=today)
    header = (_("Day"), _("Messages"), _("Speakers"), pgettext("group", "Joined"), pgettext("group", "Left"))
    rows = ((day.day.isoformat(), day.messages, day.speakers, day.joined, day.left) for day in days)
    return as_csv(f"group-{group.pk}", header, rows)


def group_or_404(request: HttpRequest, group_id: int) -> Group:
    """Among those that she sees: a group of another store does not exist here."""
    if not isinstance(request.user, User):
        raise Http404
    visible = Group.objects.visible_to(request.user).select_related("type", "store", "owner")
    group = visible.filter(pk=group_id).first()
    if group is None:
        raise Http404
    return group


def _named(groups: QuerySet[Group], sought: str) -> QuerySet[Group]:
    return groups.filter(Q(name__icontains=sought) | Q(external_id=sought)) if sought else groups


def _older(numbers: list[int], request: HttpRequest) -> list[int]:
    before = whole_in(request.GET.get("before", ""))
    if before is not None:
        numbers = [number for number in numbers if number < before]
    return numbers[: PAGE + 1]


def _window(request: HttpRequest) -> int:
    return next((window for window in WINDOWS if str(window) == request.GET.get("days")), WINDOWS[0])


def _tabs() -> list[tuple[str, str]]:
    words = (_("Participants"), _("Group rules"), _("Imports"), _("Log"))
    return list(zip(OWN_TABS, words, strict=True))


def _contributors(group: Group, user: User, today: date) -> list[dict[str, Any]]:
    found = contributors_of(group, today=today, days=CONTRIBUTING_DAYS, limit=TOP)
    most = max((each.messages for each in found), default=0)
    return [
        {"each": each, "name": name_of(each.participant, user), "bar": round(100 * each.messages / most)}
        for each in found
    ]


def _of_tab(request: StaffRequest, group: Group, tab: str) -> dict[str, Any]:
    if tab == "participants":
        return participants_tab(request, group)
    if tab == "rules":
        versions = group.rules.select_related("by").annotate(seen=Count("acknowledgements")).order_by("-version")
        present = GroupParticipant.objects.filter(group=group, stays__left_at=None, stays__isnull=False)
        return {"versions": list(versions), "present": present.filter(staff=None).count()}
    if tab == "imports":
        jobs = chats_visible_to(request.user).filter(group=group)[:PAGE]
        return {"jobs": [(job, IMPORTS[job.state]) for job in jobs], "source": group.source or DEFAULT_SOURCE}
    return {"history": latest_acts(group, most=HISTORY)} if tab == "log" else {}


def _may(user: User) -> dict[str, bool]:
    return {
        "add": user.has_perm("community.add_group"),
        "change": user.has_perm("community.change_group"),
        "hand_over": user.has_perm("community.hand_over_group"),
        "rules": user.has_perm("community.add_grouprules"),
        "people": user.has_perm("community.add_groupparticipant"),
        "import": user.has_perm("community.add_chatimport"),
        "see_imports": user.has_perm("community.view_chatimport"),
        "settings": user.has_perm("community.change_groupsettings"),
    }
