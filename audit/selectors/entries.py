"""Reading the record of acts."""

from typing import Literal

from django.db import connection
from django.db.models import Model, QuerySet

from audit.models import AuditEntry

_STEPS = """
WITH RECURSIVE step AS (
    (SELECT {column} AS value FROM audit_auditentry ORDER BY {column} LIMIT 1)
    UNION ALL
    SELECT (SELECT {column} FROM audit_auditentry WHERE {column} > step.value ORDER BY {column} LIMIT 1)
    FROM step WHERE step.value IS NOT NULL
)
SELECT value FROM step WHERE value IS NOT NULL
"""


def entries_about(obj: Model) -> QuerySet[AuditEntry]:
    """What was done to this object, the latest first."""
    return AuditEntry.objects.filter(object_type=obj._meta.label_lower, object_id=str(obj.pk))


def recorded_values(column: Literal["action", "object_type"]) -> list[str]:
    """The different values of an indexed column, by one step of its index each, however many rows there are."""
    with connection.cursor() as cursor:
        cursor.execute(_STEPS.replace("{column}", column))
        return [value for (value,) in cursor.fetchall()]
