"""The web process: `gunicorn scrm.wsgi:application`."""

import os

from django.conf import settings
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "scrm.settings")

application = get_wsgi_application()

if settings.SCRM_ENV == "production":
    call_command("check", tags=["production"])
