"""Wiring: settings, addresses, the broker, the schedule and the programs that run it all."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from scrm import checks
from scrm.celery import app


class ScrmConfig(AppConfig):
    name = "scrm"
    verbose_name = _("Operation")

    def ready(self) -> None:
        checks.register()
        app.set_default()
