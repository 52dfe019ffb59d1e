"""The two roles of the database: the owner of the schema, and the run-time role that cannot touch evidence.

One alias serves both. Everything runs as the run-time role; the schema commands and the few named maintenance
commands switch to the owner for their duration and back.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.transaction import TransactionManagementError

MAINTENANCE = "scrm.maintenance"


def parameters(role: str) -> dict[str, Any]:
    """What a connection of this role ("owner" or "app") differs in: user, password, host, port, options."""
    return {key: value for key, value in settings.DATABASE_ROLES[role].items() if key != "NAME"}


def runtime_role() -> str:
    """Name of the role that web, worker and beat connect as."""
    return str(settings.DATABASE_ROLES["app"]["USER"])


def owner_role() -> str:
    return str(settings.DATABASE_ROLES["owner"]["USER"])


def has_two_roles() -> bool:
    """False on an installation that gave only DATABASE_URL: there the owner does everything."""
    return runtime_role() != owner_role()


def switch(role: str, *, using: str = DEFAULT_DB_ALIAS, maintenance: str = "") -> None:
    """From now on the alias connects as this role; an open connection is closed."""
    connection = connections[using]
    if connection.in_atomic_block:
        raise TransactionManagementError("The database role cannot change in the middle of a transaction.")
    connection.close()
    chosen = parameters(role)
    if maintenance:
        said = chosen["OPTIONS"].get("options", "")
        chosen["OPTIONS"] = {**chosen["OPTIONS"], "options": f"{said} -c {MAINTENANCE}={maintenance}".strip()}
    connection.settings_dict.update(chosen)


@contextmanager
def as_owner(maintenance: str = "", *, using: str = DEFAULT_DB_ALIAS) -> Iterator[None]:
    """Connect as the owner inside the block.

    `maintenance` (one word, such as "flush" or "retention") lets the owner past the triggers that guard evidence;
    without it they refuse even the owner.
    """
    settings_dict = connections[using].settings_dict
    before = {key: settings_dict[key] for key in parameters("owner")}
    switch("owner", using=using, maintenance=maintenance)
    try:
        yield
    finally:
        connections[using].close()
        settings_dict.update(before)


class AsOwner:
    """Mix-in of a management command that changes the schema or does named maintenance."""

    maintenance = ""

    def execute(self, *args: Any, **options: Any) -> Any:
        with as_owner(self.maintenance, using=options.get("database") or DEFAULT_DB_ALIAS):
            return super().execute(*args, **options)  # type: ignore[misc]
