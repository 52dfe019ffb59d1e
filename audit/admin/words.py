"""Acts and objects as the product calls them; as they were written where those words are gone."""

from collections.abc import Sequence

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist

from audit.models import AuditEntry
from core.registries import acts, change_words


def act_words(code: str) -> str:
    return str(acts.get(code).words) if code in acts else code


def acts_named(text: str) -> list[str]:
    """Codes of the acts whose words hold this text, in the language of the reader."""
    return [act.code for act in acts if text.casefold() in str(act.words).casefold()]


def kind_words(object_type: str) -> str:
    try:
        return str(apps.get_model(object_type)._meta.verbose_name)
    except (LookupError, ValueError):
        return object_type


def kinds_named(text: str) -> list[str]:
    """Object types whose name holds this text."""
    names = {model._meta.label_lower: str(model._meta.verbose_name) for model in apps.get_models()}
    return [label for label, name in names.items() if text.casefold() in name.casefold()]


def field_words(object_type: str, field: str) -> str:
    """The field as forms call it, where the object still has one of that name."""
    try:
        return str(getattr(apps.get_model(object_type)._meta.get_field(field), "verbose_name", field))
    except (LookupError, ValueError, FieldDoesNotExist):
        return field


def change_in_words(entry: AuditEntry, name: str, values: Sequence[object]) -> list[str]:
    """The name of a change, what was before and what came after."""
    code = f"{entry.action}.{name}"
    if code not in change_words:
        return [field_words(entry.object_type, name), *map(value_words, values)]
    said = change_words.get(code)
    return [str(said.words), *(said.say(value) if isinstance(value, str) else value_words(value) for value in values)]


def value_words(value: object) -> str:
    return "—" if value in (None, "", []) else str(value)


def object_words(entry: AuditEntry) -> str:
    """What kind of thing, and its name, or its number where its name would name a person."""
    name = entry.object_label or (entry.object_id and f"#{entry.object_id}")
    return " ".join(filter(None, (kind_words(entry.object_type), name)))
