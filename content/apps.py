"""Materials, the content calendar and its cadence."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from accounts.enums import Role
from core.registries import api_scope, grant

SEES = ("view_slot", "view_material", "view_cadencerule", "view_livereport")
PLANS = (
    *(*SEES, "add_slot", "change_slot", "publish_slot", "add_material", "change_material"),
    *("change_cadencerule", "add_livereport"),
)
GRANTS = {
    Role.MARKETER: PLANS,
    Role.LEGAL: ("view_slot", "view_material"),
    Role.ANALYST: (*SEES, "add_livereport"),
    Role.AUDITOR: SEES,
    Role.API_CLIENT: (*SEES, "add_slot", "change_slot", "publish_slot", "add_material", "change_material"),
}


class ContentConfig(AppConfig):
    name = "content"
    verbose_name = _("Content")

    def ready(self) -> None:
        """Marketers plan and publish; the legal reviewer, analysts and auditors read."""
        for role, permissions in GRANTS.items():
            grant("content", role, *permissions)
        api_scope("content:read", _("Read the content calendar, its gaps, materials and results"))
        api_scope("content:write", _("Plan slots, add materials, confirm what was published"))
