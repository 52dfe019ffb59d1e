"""What happened, whether it is healthy, and what to do next."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.enums import Role
from core.registries import MenuEntry, grant, menu

LOOKS_AT_RESULTS = (Role.MARKETER, Role.STORE_MANAGER, Role.ANALYST, Role.AUDITOR)
HAS_A_TODAY = (*LOOKS_AT_RESULTS, Role.GUIDE, Role.JUNIOR_SERVICE, Role.EXPERT, Role.LEGAL)


class DashboardsConfig(AppConfig):
    name = "dashboards"
    verbose_name = _("Results")

    def ready(self) -> None:
        for role in HAS_A_TODAY:
            grant("dashboards", role, "view_today", *(["view_results"] if role in LOOKS_AT_RESULTS else []))
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
                    code="cohorts",
                    group="results",
                    title=_("Cohorts"),
                    url_name="dashboards:cohorts",
                    icon="grid_on",
                    permission="dashboards.view_results",
                    order=20,
                ),
            )
        )
