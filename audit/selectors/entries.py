"""Reading the record of acts."""

from django.db.models import Model, QuerySet

from audit.models import AuditEntry


def entries_about(obj: Model) -> QuerySet[AuditEntry]:
    """What was done to this object, the latest first."""
    return AuditEntry.objects.filter(object_type=obj._meta.label_lower, object_id=str(obj.pk))
