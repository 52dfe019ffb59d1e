"""Reads the environment: every value is checked on the way in, and a wrong one is refused with a sentence."""

from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

TRUE = frozenset({"1", "true", "yes", "on"})
FALSE = frozenset({"0", "false", "no", "off", ""})
PROXIED = ("SCRM_TRUSTED_PROXIES", "SCRM_TRUSTED_ORIGINS")


class Environment:
    """The process environment with typed reads; an empty value counts as not set."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values

    def text(self, name: str, default: str = "") -> str:
        return self._values.get(name, "").strip() or default

    def flag(self, name: str, *, default: bool = False) -> bool:
        value = self._values.get(name, "1" if default else "0").strip().lower()
        if value in TRUE:
            return True
        if value in FALSE:
            return False
        raise ImproperlyConfigured(f"{name} must be 1 or 0, not {value!r}.")

    def number(self, name: str, default: int, *, least: int = 0, most: int = 2**31) -> int:
        value = self.text(name, str(default))
        if not value.isascii() or not value.isdigit() or not least <= int(value) <= most:
            raise ImproperlyConfigured(f"{name} must be a whole number from {least} to {most}, not {value!r}.")
        return int(value)

    def choice(self, name: str, choices: tuple[str, ...]) -> str:
        """One of `choices`; the first is the default."""
        value = self.text(name, choices[0])
        if value not in choices:
            raise ImproperlyConfigured(f"{name} must be one of {', '.join(choices)}, not {value!r}.")
        return value

    def items(self, name: str, default: str = "") -> list[str]:
        return [item.strip() for item in self.text(name, default).split(",") if item.strip()]


def outward(environment: Environment, *, database_host: str, embedded: Path) -> str:
    """The variable that tells an installation others reach from one to try out on this machine; empty for the latter.

    `embedded` is the folder of the embedded server's socket; a process may have been handed its address.
    """
    if not all(map(_is_local, environment.items("SCRM_ALLOWED_HOSTS"))):
        return "SCRM_ALLOWED_HOSTS"
    for name in PROXIED:
        if environment.text(name):
            return name
    if environment.flag("SCRM_BEHIND_PROXY"):
        return "SCRM_BEHIND_PROXY"
    return "" if database_host == str(embedded) else "DATABASE_URL"


def _is_local(host: str) -> bool:
    name = host.lower().removeprefix("[").removesuffix("]")
    try:
        return ip_address(name).is_loopback
    except ValueError:  # a name
        return name == "localhost" or name.endswith(".localhost")
