"""WeCom (企业微信): the client of its server API, what it calls back, and a simulator of it."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WecomConfig(AppConfig):
    name = "wecom"
    verbose_name = _("WeCom")
