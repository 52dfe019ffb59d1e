"""The one exit for messages: gateways, templates, sends, and the ledger of every message."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from accounts.enums import Role
from core.registries import MenuEntry, api_scope, grant, menu

SEES = ("view_gateway", "view_messagetemplate", "view_send", "view_delivery")
KEEPS = (
    *SEES,
    *("add_gateway", "change_gateway", "add_messagetemplate", "change_messagetemplate"),
    *("add_send", "change_send", "reconcile_delivery"),
)
GRANTS = {
    Role.MARKETER: KEEPS,
    Role.LEGAL: SEES,
    Role.ANALYST: ("view_send",),
    Role.AUDITOR: SEES,
    Role.STORE_MANAGER: ("view_delivery",),
    Role.GUIDE: ("view_delivery",),
    Role.JUNIOR_SERVICE: ("view_delivery",),
    Role.EXPERT: ("view_delivery",),
    Role.API_CLIENT: ("view_send", "view_delivery"),
}
SCOPES = (("deliveries:read", _("Read sends, and what became of each message")),)


class MessagingConfig(AppConfig):
    name = "messaging"
    verbose_name = _("Messages")

    def ready(self) -> None:
        """Marketers send; whoever serves a member sees what she got."""
        for role, permissions in GRANTS.items():
            grant("messaging", role, *permissions)
        for code, sentence in SCOPES:
            api_scope(code, sentence)
        menu.register(
            MenuEntry(
                code="messages",
                group="reach",
                title=_("Messages"),
                url_name="messaging:sends",
                icon="send",
                permission="messaging.view_send",
                order=30,
            )
        )
