"""The law as part of the machine: consent, the contact gate, content law and review, requests, registers."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from compliance.rules.content_roles import grant_content_law


class ComplianceConfig(AppConfig):
    name = "compliance"
    verbose_name = _("Compliance")

    def ready(self) -> None:
        """What each role may do here, part by part."""
        grant_content_law()
