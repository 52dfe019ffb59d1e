"""People and their identities."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from core.registries import grant

VIEWS = ("view_savedview", "add_savedview", "change_savedview", "delete_savedview")
SERVE = ("view_member", "add_member", "change_member", "view_identity", "add_identity", "view_city", *VIEWS)


class MembersConfig(AppConfig):
    name = "members"
    verbose_name = _("Members")

    def ready(self) -> None:
        """What each role may do here; whose members it may see is decided by `visible_to`."""
        grant("members", "marketer", *SERVE, "export_member", "delete_identity", "add_city", "change_city")
        for role in ("store_manager", "guide", "junior_service", "expert"):
            grant("members", role, *SERVE, *(["export_member"] if role == "store_manager" else []))
        grant("members", "analyst", "export_member", "view_member", "view_city", *VIEWS)
        grant("members", "auditor", "view_member", "view_city")
        grant("members", "api_client", "view_member", "add_member", "change_member")
