"""Staff, stores, roles, data scope, API keys and in-app notices."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from core.registries import api_scope, grant

LOOK_UP = ("view_store", "view_region")


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("Staff and access")

    def ready(self) -> None:
        """What each role may do here; an administrator may do everything."""
        grant("accounts", "marketer", *LOOK_UP, "view_user")
        grant("accounts", "store_manager", *LOOK_UP)
        grant("accounts", "analyst", *LOOK_UP)
        grant("accounts", "auditor", *LOOK_UP, "view_user", "view_apikey", "audit.view_auditentry")
        grant("accounts", "legal", "approve_export")
        grant("accounts", "api_client", "view_store")
        api_scope("accounts:read", _("Read the stores, and what the key itself may do"))
