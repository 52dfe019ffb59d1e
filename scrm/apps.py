"""Wiring: settings, addresses, the admin site, the broker, the schedule and the programs that run it all."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig as DjangoAdminConfig
from django.utils.translation import gettext_lazy as _

from accounts.enums import Role
from core.registries import grant
from scrm import checks
from scrm.celery import app


class ScrmConfig(AppConfig):
    name = "scrm"
    verbose_name = _("Operation")
    default = True

    def ready(self) -> None:
        checks.register()
        app.set_default()
        for role in (Role.LEGAL, Role.AUDITOR):
            grant("scrm", role, "view_backuprun", "view_auditpack", "add_auditpack")


class AdminConfig(DjangoAdminConfig):
    """Django's admin, with `scrm.admin_site` as the site that `admin.register` means."""

    default_site = "scrm.admin_site.ScrmAdminSite"
    default = False
