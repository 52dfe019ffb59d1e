"""How Unfold is set up, and the sidebar built from `core.registries.menu`."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.registries import MenuEntry, menu

GROUPS = {
    "today": pgettext_lazy("menu", "Today"),
    "members": _("Members"),
    "plan": _("Plan"),
    "reach": _("Reach"),
    "community": _("Communities"),
    "results": _("Results"),
    "compliance": _("Compliance"),
    "settings": _("Settings"),
}


def entries_for(request: HttpRequest) -> list[MenuEntry]:
    """What this person may open, group by group. A group that is not in GROUPS is a mistake, and fails."""
    order = list(GROUPS)
    allowed = [entry for entry in menu if not entry.permission or request.user.has_perm(entry.permission)]
    return sorted(allowed, key=lambda entry: order.index(entry.group))


def first_page(request: HttpRequest) -> str | None:
    entries = entries_for(request)
    return reverse(entries[0].url_name) if entries else None


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The sidebar in Unfold's form; the entry whose address is the longest beginning of this page's is the active one."""
    entries = [(entry, reverse(entry.url_name)) for entry in entries_for(request)]
    here = max((link for _entry, link in entries if request.path.startswith(link)), key=len, default="")
    groups: dict[str, list[dict[str, Any]]] = {}
    for entry, link in entries:
        groups.setdefault(entry.group, []).append(_item(entry, link, request, active=link == here))
    return [{"title": GROUPS[code], "items": items} for code, items in groups.items()]


def _item(entry: MenuEntry, link: str, request: HttpRequest, *, active: bool) -> dict[str, Any]:
    item = {"title": entry.title, "icon": entry.icon, "link": link, "active": active}
    badge = entry.badge(request) if entry.badge else None
    return {**item, "badge": badge, "badge_variant": "info"} if badge else item


def asset(path: str) -> Callable[[HttpRequest], str]:
    """A static file's address, asked for when a page is made: settings are read before static files are set up."""
    return lambda _request: static(path)


UNFOLD = {
    "SITE_TITLE": _("SCRM"),
    "SITE_HEADER": _("SCRM"),
    "SITE_URL": None,
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_LANGUAGES": True,
    "SHOW_BACK_BUTTON": False,
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": asset("core/mark.svg")},
    ],
    "ACCOUNT": {
        "navigation": [
            {"title": _("Change password"), "link": reverse_lazy("admin:password_change")},
            {"title": _("Second step"), "link": reverse_lazy("accounts:second_factor_own")},
        ]
    },
    "STYLES": [asset("core/scrm.css")],
    "SCRIPTS": [asset("core/scrm.js")],
    "BORDER_RADIUS": "8px",
    "COLORS": {
        "base": {
            "50": "oklch(98.4% .003 85)",
            "100": "oklch(96.4% .004 85)",
            "200": "oklch(91.6% .005 85)",
            "300": "oklch(84.5% .007 82)",
            "400": "oklch(70% .009 80)",
            "500": "oklch(52% .01 75)",
            "600": "oklch(43.5% .01 70)",
            "700": "oklch(36.5% .009 65)",
            "800": "oklch(27% .008 60)",
            "900": "oklch(20.5% .007 60)",
            "950": "oklch(14.5% .006 60)",
        },
        "primary": {
            "50": "oklch(97.3% .012 272)",
            "100": "oklch(94% .027 272)",
            "200": "oklch(88% .052 272)",
            "300": "oklch(80% .085 272)",
            "400": "oklch(72% .11 272)",
            "500": "oklch(65% .125 272)",
            "600": "oklch(43% .13 272)",
            "700": "oklch(37% .12 272)",
            "800": "oklch(31% .1 272)",
            "900": "oklch(26% .08 272)",
            "950": "oklch(20% .06 272)",
        },
        "font": {
            "subtle-light": "oklch(49% .01 75)",
            "subtle-dark": "oklch(71% .009 80)",
            "default-light": "oklch(36.5% .009 65)",
            "default-dark": "oklch(86% .006 85)",
            "important-light": "oklch(20.5% .007 60)",
            "important-dark": "oklch(95.5% .004 85)",
        },
    },
    "COMMAND": {"search_models": False, "show_history": False},
    "SIDEBAR": {
        "show_search": False,
        "command_search": False,
        "show_all_applications": False,
        "navigation": navigation,
    },
}
