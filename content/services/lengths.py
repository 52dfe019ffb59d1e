"""Texts that do not fit into their columns, said before the database says it."""

from collections.abc import Mapping

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model
from django.utils.translation import gettext as _


def too_long(model: type[Model], texts: Mapping[str, object]) -> dict[str, list[str]]:
    """Field by field, by the names of the model's own fields; other names and values that are no text are passed over."""
    faults: dict[str, list[str]] = {}
    for name, text in texts.items():
        limit = _limit(model, name)
        if limit is not None and isinstance(text, str) and len(text.strip()) > limit:
            faults[name] = [_("At most %(limit)d characters.") % {"limit": limit}]
    return faults


def _limit(model: type[Model], name: str) -> int | None:
    try:
        return getattr(model._meta.get_field(name), "max_length", None)
    except FieldDoesNotExist:
        return None
