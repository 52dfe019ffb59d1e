"""Other processes over the database of the test."""

import os

from django.conf import settings
from django.db import connection

from core import roles
from scrm.databases import url_of


def same_database(**more: str) -> dict[str, str]:
    """The environment of a process that works on the same rows with the same keys."""
    name = {"NAME": connection.settings_dict["NAME"]}
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "DATABASE_URL": url_of({**connection.settings_dict, **roles.parameters("app"), **name}),
        "DATABASE_OWNER_URL": url_of({**connection.settings_dict, **roles.parameters("owner"), **name}),
        "SCRM_MASTER_KEYS": str(settings.SCRM_MASTER_KEYS),
        **more,
    }
