"""Activities, their audiences and results; tracked links."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from accounts.enums import Role
from core.registries import MenuEntry, api_scope, grant, menu

SEES = ("view_activity", "view_trackedlink", "view_cost", "view_attribution", "view_linkhost")
KEEPS = (
    *SEES,
    *("add_activity", "change_activity", "approve_budget", "add_cost", "add_participation"),
    *("add_trackedlink", "change_trackedlink", "change_linkhost", "change_activitysettings", "view_participation"),
)
SERVES = ("view_participation",)
PROGRAM = (
    *("view_activity", "add_activity", "add_participation", "add_cost", "view_cost"),
    *("view_trackedlink", "add_trackedlink"),
)
GRANTS = {
    Role.MARKETER: KEEPS,
    Role.LEGAL: SEES,
    Role.ANALYST: SEES,
    Role.AUDITOR: SEES,
    Role.STORE_MANAGER: SERVES,
    Role.GUIDE: SERVES,
    Role.JUNIOR_SERVICE: SERVES,
    Role.EXPERT: SERVES,
    Role.API_CLIENT: PROGRAM,
}
SCOPES = (
    ("activities:read", _("Read activities, their results and costs")),
    ("activities:write", _("Make activities as drafts, and send who took part and what it cost")),
    ("links:read", _("Read tracked links and their clicks")),
    ("links:write", _("Make tracked links, and personal addresses of members")),
)
MENU = (
    ("activities", _("Activities"), "celebration", "view_activity", 20),
    ("links", _("Tracked links"), "link", "view_trackedlink", 60),
)


class CampaignsConfig(AppConfig):
    name = "campaigns"
    verbose_name = _("Activities")

    def ready(self) -> None:
        """Marketers run activities; whoever serves members sees what a member took part in."""
        for role, permissions in GRANTS.items():
            grant("campaigns", role, *permissions)
        for code, sentence in SCOPES:
            api_scope(code, sentence)
        menu.register_all(
            MenuEntry(
                code=f"campaigns_{code}",
                group="plan",
                title=title,
                url_name=f"campaigns:{code}",
                icon=icon,
                permission=f"campaigns.{permission}",
                order=order,
            )
            for code, title, icon, permission, order in MENU
        )
