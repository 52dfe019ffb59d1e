"""WeCom's server API and its callbacks: several corps, their tokens, what the platform tells us. Knows no member."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from core.registries import grant

LOOK = ("view_corp", "view_corpapp", "view_callbackevent", "view_callbackrefusal")


class WecomConfig(AppConfig):
    name = "wecom"
    verbose_name = _("WeCom")

    def ready(self) -> None:
        """Who holds the secrets of a corp speaks for it: administrators only. Auditors see what is connected."""
        grant("wecom", "auditor", *LOOK)
