"""Audit packs: whose, and which wait for a worker."""

from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from accounts.enums import ExportState
from accounts.models import User
from scrm.models import AuditPack

LATE = timedelta(minutes=60)


def packs_for(user: User) -> "QuerySet[AuditPack]":
    """Everybody's for those who may see packs: the newest hundred."""
    found = AuditPack.objects.select_related("asked_by")
    return (found if user.has_perm("scrm.view_auditpack") else found.none())[:100]


def packs_to_make(*, now: datetime) -> list[int]:
    """Those that wait, and those whose worker has not been heard of for an hour."""
    late = Q(state=ExportState.RUNNING, started_at__lt=now - LATE)
    found = AuditPack.objects.filter(Q(state=ExportState.QUEUED) | late).order_by("pk")
    return list(found.values_list("pk", flat=True)[:20])
