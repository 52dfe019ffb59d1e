"""Targets of links: what may stand in one, and how UTM parameters are added."""

import re
import secrets
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

UTM = ("utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term")
LONGEST_TARGET = 1000
LONGEST_UTM = 100  # what a touch of the timeline holds; a cut-off name would split one campaign into two
CODE_LENGTH = 7
_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # nothing that is misread from a poster
_HOST = re.compile(r"(?=.{4,120}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}\Z")


def new_code() -> str:
    return "".join(secrets.choice(_ALPHABET) for _place in range(CODE_LENGTH))


def host_of(text: str) -> str | None:
    """A host name in its plain form (ASCII, lower case); None where it is none. No port, no address in figures."""
    try:
        host = text.strip().rstrip(".").encode("idna").decode("ascii").lower()
    except UnicodeError:
        return None
    return host if _HOST.match(host) and not host.rpartition(".")[2].isdigit() else None


def target_host(target: str) -> str | None:
    """The host of an https address without a user, a port, or a character that browsers read differently."""
    if any(character.isspace() or not character.isprintable() or character == "\\" for character in target):
        return None
    try:
        parts = urlsplit(target)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme.lower() != "https" or "@" in parts.netloc or port is not None:
        return None
    return host_of(parts.hostname or "")


def with_utm(target: str, utm: Mapping[str, str]) -> str:
    """The target with the given parameters; one of the same name that stands there already is replaced."""
    given = {name: value for name, value in utm.items() if value}
    if not given:
        return target
    parts = urlsplit(target)
    kept = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name not in given]
    return urlunsplit(parts._replace(query=urlencode([*kept, *given.items()])))
