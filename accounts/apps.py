"""Staff, stores, roles, data scope, API keys and in-app notices."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from core.registries import grant


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("Staff and access")

    def ready(self) -> None:
        """What programs may do here; each of their keys opens only its scopes of it."""
        grant("accounts", "api_client", "view_store")
