"""Words of the audit."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ActorType(models.TextChoices):
    USER = "user", _("staff")
    API_KEY = "api_key", _("API key")
    SYSTEM = "system", _("system")
