"""System checks of core, in every environment."""

from typing import Any

from django.core import checks
from django.core.exceptions import ImproperlyConfigured

from core.keys import key_ring, key_ring_path


def register() -> None:
    checks.register(usable_keys)


def usable_keys(app_configs: Any, **_: Any) -> list[checks.CheckMessage]:
    """A ring that is there has to be one; where none is yet, `keys create` makes it."""
    if not key_ring_path().exists():
        return []
    try:
        key_ring()
    except ImproperlyConfigured as error:
        return [checks.Error(str(error), id="core.E001")]
    return []
