"""People and their identities."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from core.registries import grant


class MembersConfig(AppConfig):
    name = "members"
    verbose_name = _("Members")

    def ready(self) -> None:
        """What programs may do here; each of their keys opens only its scopes of it."""
        grant("members", "api_client", "view_member", "add_member", "change_member")
