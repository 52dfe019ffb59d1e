"""Roles of staff and programs."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What somebody does here; what a role may do is registered by each app in `core.registries.grants`."""

    ADMINISTRATOR = "administrator", _("Administrator")
    MARKETER = "marketer", _("Marketer")
    STORE_MANAGER = "store_manager", _("Store manager")
    GUIDE = "guide", _("Store guide")
    JUNIOR_SERVICE = "junior_service", _("Junior service")
    EXPERT = "expert", _("Expert service")
    LEGAL = "legal", _("Legal reviewer")
    AUDITOR = "auditor", _("Auditor")
    ANALYST = "analyst", _("Analyst")
    API_CLIENT = "api_client", _("API client")


class Reach(models.TextChoices):
    """Which members somebody may see; `visible_to` turns it into a query."""

    ALL = "all", _("All members")
    STORES = "stores", _("Members of own stores")
    OWN = "own", _("Own members")
    NOBODY = "nobody", _("Nobody")


class NoticeLevel(models.TextChoices):
    INFO = "info", _("For information")
    WATCH = "watch", _("Watch")
    ACT = "act", _("Act")


class ExportState(models.TextChoices):
    WAITING = "waiting", _("Waits for a second person")
    QUEUED = "queued", _("Will be made")
    RUNNING = "running", _("Is being made")
    DONE = "done", _("Ready")
    REFUSED = "refused", _("Refused")
    FAILED = "failed", _("Failed")
    EXPIRED = "expired", _("Expired")
