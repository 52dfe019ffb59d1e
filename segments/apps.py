"""RFM scores, the five tiers, their history, and tags."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from core.registries import grant

PROGRAM = ("view_tier", "view_tierchange", "view_memberstanding", "view_tag", "view_membertag", "change_membertag")


class SegmentsConfig(AppConfig):
    name = "segments"
    verbose_name = _("Tiers and tags")

    def ready(self) -> None:
        """What programs may do here; each of their keys opens only its scopes of it."""
        grant("segments", "api_client", *PROGRAM)
