"""Base classes, errors, encryption, outgoing HTTP and registries; knows no domain word."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _

from core import checks


class CoreConfig(AppConfig):
    name = "core"
    verbose_name = _("Core")

    def ready(self) -> None:
        """Import what registers itself; the admin's own discovery does the same for `admin`."""
        autodiscover_modules("tasks", "privacy", "events", "handlers")
        checks.register()
