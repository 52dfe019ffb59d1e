"""Files in: purchases, members and interactions become facts, with a report of every rejected row."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IntakeConfig(AppConfig):
    name = "intake"
    verbose_name = _("Import")
