"""Reading the record of acts."""

from typing import Any

from django.db.models import Model, QuerySet

from audit.models import AuditEntry
from audit.rules import canonical_bytes


def entries_about(obj: Model) -> QuerySet[AuditEntry]:
    """What was done to this object, the latest first."""
    return AuditEntry.objects.filter(object_type=obj._meta.label_lower, object_id=str(obj.pk))


def entry_bytes(entry: AuditEntry) -> bytes:
    """The row as bytes, every column of it: what a seal signs."""
    fields: dict[str, Any] = {field.attname: getattr(entry, field.attname) for field in entry._meta.concrete_fields}
    return canonical_bytes(fields)
