"""System checks: what a production installation must not begin with.

`manage.py check --deploy` shows them anywhere; with SCRM_ENV=production every command and the web process refuse to
begin while one of them stands (`scrm.wsgi` runs them too).
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core import checks

from core import roles

TAG = "production"
SECRET_LENGTH = 50


def register() -> None:
    production = settings.SCRM_ENV == "production"
    for check in (secret_key, debug, hosts, https, database, master_keys, second_factor):
        checks.register(check, TAG, deploy=not production)
    checks.register(two_roles, checks.Tags.database, deploy=not production)


def refuse(number: int, sentence: str, *, hint: str) -> checks.Error:
    return checks.Error(sentence, hint=hint, id=f"scrm.E{number:03}")


def secret_key(app_configs: Any, **_: Any) -> list[checks.CheckMessage]:
    key = settings.SECRET_KEY
    if key != settings.DEMO_SECRET_KEY and len(key) >= SECRET_LENGTH and len(set(key)) > 5:  # noqa: PLR2004
        return []
    hint = 'Make one: python3 -c "import secrets; print(secrets.token_urlsafe(64))"'
    return [refuse(1, "SCRM_SECRET_KEY is missing, the demo's, or too short.", hint=hint)]


def debug(app_configs: Any, **_: Any) -> list[checks.CheckMessage]:
    if not settings.DEBUG:
        return []
    return [refuse(2, "SCRM_DEBUG shows the insides of the program to everybody.", hint="Unset SCRM_DEBUG.")]


def hosts(app_configs: Any, **_: Any) -> list[checks.CheckMessage]:
    if settings.ALLOWED_HOSTS and "*" not in settings.ALLOWED_HOSTS:
        return []
    return [refuse(3, "SCRM_ALLOWED_HOSTS lets any name in.", hint="List the names under which the SCRM is reached.")]


def https(app_configs: Any, **_: Any) -> list[checks.CheckMessage]:
    if settings.SESSION_COOKIE_SECURE and settings.CSRF_COOKIE_SECURE and settings.SECURE_HSTS_SECONDS:
        return []
    return [refuse(4, "Sign-ins would travel without HTTPS.", hint="Set SCRM_HTTPS=1 and serve over HTTPS.")]


def database(app_configs: Any, **_: Any) -> list[checks.CheckMessage]:
    if not settings.EMBEDDED_POSTGRES:
        return []
    return [
        refuse(
            5,
            "DATABASE_URL is missing: the embedded PostgreSQL is for trying out.",
            hint="Set DATABASE_URL and DATABASE_OWNER_URL to a PostgreSQL 15 or newer.",
        )
    ]


def master_keys(app_configs: Any, **_: Any) -> list[checks.CheckMessage]:
    path = Path(settings.SCRM_MASTER_KEYS)
    if path.is_file() and not path.stat().st_mode & 0o077:
        return []
    return [
        refuse(
            6,
            f"The master keys at {path} are missing, or others can read them.",
            hint="`manage.py keys create` makes them (SCRM_MASTER_KEYS says where); mode 0600.",
        )
    ]


def second_factor(app_configs: Any, **_: Any) -> list[checks.CheckMessage]:
    if settings.SCRM_SECOND_FACTOR:
        return []
    return [refuse(7, "A password alone would open the SCRM.", hint="Unset SCRM_SECOND_FACTOR, or set it to 1.")]


def two_roles(app_configs: Any, databases: Sequence[str] | None = None, **_: Any) -> list[checks.CheckMessage]:
    if roles.has_two_roles():
        return []
    return [
        checks.Warning(
            "DATABASE_URL connects as the owner of the schema: only triggers guard evidence.",
            hint="Set DATABASE_OWNER_URL to the owner and DATABASE_URL to a role that may not change the schema.",
            id="scrm.W001",
        )
    ]
