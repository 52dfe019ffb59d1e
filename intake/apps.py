"""Files in: purchases, members and interactions become facts, with a report of every rejected row."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from core.registries import grant

PERMISSIONS = ("view_importjob", "add_importjob", "change_importjob", "view_importreject")


class IntakeConfig(AppConfig):
    name = "intake"
    verbose_name = _("Import")

    def ready(self) -> None:
        """Marketers import; auditors and analysts see what was imported."""
        grant("intake", "marketer", *PERMISSIONS)
        grant("intake", "auditor", "view_importjob")
        grant("intake", "analyst", "view_importjob", "view_importreject")
