"""Which database, and as whom: the addresses of the two roles."""

from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from psycopg.conninfo import make_conninfo

from scrm.environment import Environment
from scrm.postgres import configuration, system_user
from scrm.postgres.place import PORT, place
from scrm.postgres.server import Server

Parameters = dict[str, Any]


def roles(environment: Environment, *, home: Path) -> dict[str, Parameters]:
    """Connection settings of "app" (web, worker, beat) and "owner" (schema and named maintenance).

    Without DATABASE_OWNER_URL both are the same role; without DATABASE_URL both are on the embedded server.
    """
    url, owner_url = environment.text("DATABASE_URL"), environment.text("DATABASE_OWNER_URL")
    if owner_url and not url:
        raise ImproperlyConfigured("DATABASE_OWNER_URL is set but DATABASE_URL is not: set both, or neither.")
    if not url:
        return _embedded_roles(environment, home)
    app = from_url(url, name="DATABASE_URL")
    owner = from_url(owner_url, name="DATABASE_OWNER_URL") if owner_url else app
    if owner["NAME"] != app["NAME"]:
        raise ImproperlyConfigured("DATABASE_URL and DATABASE_OWNER_URL must name the same database.")
    return {"app": app, "owner": owner}


def from_url(url: str, *, name: str) -> Parameters:
    """Connection settings from an address such as postgresql://user:password@host:5432/base?sslmode=require.

    A socket folder goes into the query: postgresql://user@/base?host=/run/postgresql.
    """
    wrong = f"{name} must look like postgresql://user:password@host:5432/base"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ImproperlyConfigured(f"{wrong} ({error}).") from error
    base = unquote(parts.path.strip("/"))
    if parts.scheme not in {"postgres", "postgresql"} or not base:
        raise ImproperlyConfigured(f"{wrong}.")
    options = dict(parse_qsl(parts.query))
    return {
        "NAME": base,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", unquote(parts.hostname or "")),
        "PORT": options.pop("port", str(port or "")),
        "OPTIONS": options,
    }


@cache
def embedded() -> Server | None:
    """The embedded server of this installation; None when it was given an address."""
    if not settings.EMBEDDED_POSTGRES:
        return None
    return Server(
        settings.SCRM_HOME,
        user=settings.SCRM_POSTGRES_USER,
        may_create_user=settings.SCRM_POSTGRES_CREATE_USER,
        unsafe=settings.SCRM_POSTGRES_UNSAFE,
    )


def conninfo(parameters: Parameters) -> str:
    """Libpq's connection string of Django's parameters."""
    words = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD", "dbname": "NAME"}
    given = {word: parameters[key] for word, key in words.items() if parameters[key]}
    return make_conninfo("", **given, **parameters["OPTIONS"])


def url_of(parameters: Parameters) -> str:
    """The address that `from_url` reads as these parameters; it holds the password."""
    login = quote(parameters["USER"], safe="")
    if parameters["PASSWORD"]:
        login += ":" + quote(parameters["PASSWORD"], safe="")
    places = {"host": parameters["HOST"], "port": parameters["PORT"], **parameters["OPTIONS"]}
    query = urlencode({name: value for name, value in places.items() if value})
    return f"postgresql://{login}@/{quote(parameters['NAME'], safe='')}?{query}"


def libpq_environment(parameters: Parameters) -> dict[str, str]:
    """What a program of PostgreSQL reads instead of arguments."""
    words = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD", "database": "NAME"}
    given = {f"PG{word.upper()}": str(parameters[key]) for word, key in words.items() if parameters[key]}
    return given | {f"PG{word.upper()}": str(value) for word, value in parameters["OPTIONS"].items()}


def _embedded_roles(environment: Environment, home: Path) -> dict[str, Parameters]:
    here = place(home, user=environment.text("SCRM_POSTGRES_USER", system_user.DEFAULT))
    common = {"NAME": configuration.DATABASE, "PASSWORD": "", "HOST": str(here.run), "PORT": PORT}
    names = {"app": configuration.APP, "owner": configuration.OWNER}
    return {role: {**common, "USER": name, "OPTIONS": {}} for role, name in names.items()}
