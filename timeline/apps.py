"""Facts about members, append-only, and the roll-ups and consumers that follow them."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from core.registries import api_scope, grant

READ = ("view_purchase", "view_purchaseline", "view_interaction", "view_touch", "view_product")


class TimelineConfig(AppConfig):
    name = "timeline"
    verbose_name = _("Timeline")

    def ready(self) -> None:
        """What each role may do here; facts are only ever added, by import, API and the product itself."""
        grant("timeline", "marketer", *READ, "add_product", "change_product")
        for role in ("store_manager", "guide", "junior_service", "expert", "analyst", "auditor"):
            grant("timeline", role, *READ)
        grant("timeline", "api_client", "view_purchase", "add_purchase", "add_interaction", "add_touch")
        api_scope("purchases:read", _("Read orders and refunds with their lines"))
        api_scope("purchases:write", _("Send orders and refunds"))
        api_scope("interactions:write", _("Send interactions: browsing, clicks, messages, check-ins"))
        api_scope("touches:write", _("Send where members came from: codes, links, inviters"))
