"""Facts about members, append-only, and the roll-ups and consumers that follow them."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from core.registries import grant


class TimelineConfig(AppConfig):
    name = "timeline"
    verbose_name = _("Timeline")

    def ready(self) -> None:
        """What programs may do here; each of their keys opens only its scopes of it."""
        grant("timeline", "api_client", "view_purchase", "add_purchase", "add_interaction", "add_touch")
