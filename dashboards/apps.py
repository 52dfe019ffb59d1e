"""What happened, whether it is healthy, and what to do next."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.enums import Role
from core.registries import MenuEntry, api_scope, grant, menu

LOOKS_AT_RESULTS = (Role.MARKETER, Role.STORE_MANAGER, Role.ANALYST, Role.AUDITOR)
HAS_A_TODAY = (*LOOKS_AT_RESULTS, Role.GUIDE, Role.JUNIOR_SERVICE, Role.EXPERT, Role.LEGAL)
SEES_WARNINGS = (*LOOKS_AT_RESULTS, Role.GUIDE, Role.JUNIOR_SERVICE, Role.EXPERT, Role.API_CLIENT)
BESIDES = {
    Role.MARKETER: ("view_team", "change_insightsettings", "view_metricdefinition", "change_metricdefinition"),
    Role.STORE_MANAGER: ("view_team", "add_followup"),
    Role.GUIDE: ("view_team", "add_followup"),
    Role.ANALYST: ("view_team", "view_metricdefinition"),
    Role.AUDITOR: ("view_team", "view_metricdefinition"),
    Role.API_CLIENT: ("view_results", "view_metricdefinition", "view_snapshot"),
}


def permissions_of(role: Role) -> list[str]:
    """Results in sums are for some; that a member of hers went silent is for whoever looks after her."""
    return [
        *(["view_today"] if role in HAS_A_TODAY else []),
        *(["view_results"] if role in LOOKS_AT_RESULTS else []),
        *(["view_churnflag"] if role in SEES_WARNINGS else []),
        *BESIDES.get(role, ()),
    ]


class DashboardsConfig(AppConfig):
    name = "dashboards"
    verbose_name = _("Results")

    def ready(self) -> None:
        for role in {*HAS_A_TODAY, *SEES_WARNINGS}:
            grant("dashboards", role, *permissions_of(role))
        api_scope("insights:read", _("Read who has gone silent, and what was measured of silences and preferences"))
        api_scope("metrics:read", _("Read metrics and what they were day by day"))
        menu.register_all(
            (
                MenuEntry(
                    code="today",
                    group="today",
                    title=pgettext_lazy("menu", "Today"),
                    url_name="dashboards:today",
                    icon="wb_sunny",
                    permission="dashboards.view_today",
                ),
                MenuEntry(
                    code="results",
                    group="results",
                    title=_("Three levels"),
                    url_name="dashboards:results",
                    icon="monitoring",
                    permission="dashboards.view_results",
                    order=10,
                ),
                MenuEntry(
                    code="cohorts",
                    group="results",
                    title=_("Cohorts"),
                    url_name="dashboards:cohorts",
                    icon="grid_on",
                    permission="dashboards.view_results",
                    order=20,
                ),
                MenuEntry(
                    code="insights",
                    group="results",
                    title=_("Insights"),
                    url_name="dashboards:churn",
                    icon="psychology_alt",
                    permission="dashboards.view_results",
                    order=30,
                ),
                MenuEntry(
                    code="team",
                    group="results",
                    title=_("Team"),
                    url_name="dashboards:team",
                    icon="leaderboard",
                    permission="dashboards.view_team",
                    order=40,
                ),
            )
        )
