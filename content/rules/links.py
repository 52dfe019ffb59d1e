"""Addresses that people type."""

from urllib.parse import urlsplit


def is_web_address(text: str) -> bool:
    """Whether a member could open it: https, for others are marked as unsafe; a host, and nothing that breaks a line."""
    if any(character.isspace() or ord(character) < 0x20 for character in text):  # noqa: PLR2004  # control characters
        return False
    try:
        parts = urlsplit(text)
        return parts.scheme == "https" and bool(parts.hostname) and "." in (parts.hostname or "")
    except ValueError:
        return False
