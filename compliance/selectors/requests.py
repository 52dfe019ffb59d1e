"""Reads of the requests of data subjects."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import QuerySet

from accounts.models import User
from compliance.enums.rights import OPEN_STATES
from compliance.models import RightsSettings, SubjectRequest


def rights_settings() -> RightsSettings:
    """The one row; one that is missing reads as the defaults."""
    return RightsSettings.objects.first() or RightsSettings()


def requests_seen_by(user: User) -> QuerySet[SubjectRequest]:
    """The most urgent first. Whoever may read requests reads all: the legal reviewer answers without seeing members."""
    seen = (
        SubjectRequest.objects.all()
        if user.has_perm("compliance.view_subjectrequest")
        else SubjectRequest.objects.none()
    )
    return seen.order_by("due_at", "id")


def open_requests(requests: QuerySet[SubjectRequest]) -> QuerySet[SubjectRequest]:
    return requests.filter(state__in=OPEN_STATES)


def urgent_requests(user: User, *, now: datetime) -> QuerySet[SubjectRequest]:
    """Open ones whose time is over or almost over."""
    near = now + timedelta(days=rights_settings().warn_days)
    return open_requests(requests_seen_by(user)).filter(due_at__lte=near)


def requests_of_member(member_id: int) -> Sequence[SubjectRequest]:
    return list(SubjectRequest.objects.filter(member=member_id).order_by("-received_at", "-id"))
