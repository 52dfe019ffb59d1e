"""What an object was before each of its changes, with who changed it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import models

from audit.models import AuditEntry, RowHistory

SHOWN = 20


@dataclass(frozen=True, kw_only=True)
class Past:
    """One state that is over: until when it stood, its fields by name, and the act that ended it (None: by raw SQL)."""

    until: datetime
    fields: dict[str, Any]
    entry: AuditEntry | None


def past_of(entry: AuditEntry, *, limit: int = SHOWN) -> list[Past]:
    """The former states of the object of this entry, the latest first; of others than tracked tables none."""
    events = _events_of(entry.object_type)
    key = None if events is None else _key_of(events, entry.object_id)
    if events is None or key is None:
        return []
    rows = list(events.objects.filter(pgh_obj_id=key).order_by("-pgh_id")[:limit])
    acts = _acts([row.pgh_xid for row in rows], entry)
    return [Past(until=row.pgh_created_at, fields=dict(_kept(row)), entry=acts.get(row.pgh_xid)) for row in rows]


def _acts(xids: list[int], about: AuditEntry) -> dict[int, AuditEntry]:
    """One act per transaction; the one about this very object goes before others."""
    acts: dict[int, AuditEntry] = {}
    for act in AuditEntry.objects.filter(xid__in=xids).order_by("id"):
        same = (act.object_type, act.object_id) == (about.object_type, about.object_id)
        if same or act.xid not in acts:
            acts[act.xid] = act
    return acts


def _events_of(object_type: str) -> Any:
    try:
        model = apps.get_model(object_type)
    except (LookupError, ValueError):
        return None
    relation = getattr(model, "history", None)
    events = relation.field.model if relation is not None and hasattr(relation, "field") else None
    return events if events is not None and issubclass(events, RowHistory) else None


def _key_of(events: Any, text: str) -> Any:
    """The number or code of the object, or None for what cannot be one."""
    try:
        return events.pgh_tracked_model._meta.pk.to_python(text)
    except ValidationError:
        return None


def _kept(row: models.Model) -> Iterator[tuple[str, Any]]:
    for field in row._meta.concrete_fields:
        if not field.name.startswith("pgh_"):
            yield field.name, getattr(row, field.attname)
