"""Wiring as apps: the admin with our own site."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig as DjangoAdminConfig
from django.utils.translation import gettext_lazy as _


class ScrmConfig(AppConfig):
    name = "scrm"
    verbose_name = _("Settings")
    default = True


class AdminConfig(DjangoAdminConfig):
    """Django's admin, with `scrm.admin_site` as the site that `admin.register` means."""

    default_site = "scrm.admin_site.ScrmAdminSite"
    default = False
