"""Imports of chats."""

from django.db.models import Q, QuerySet

from accounts.enums import Reach
from accounts.models import User
from community.enums.messages import UNFINISHED
from community.models import ChatImport, Group


def unfinished_chats() -> list[int]:
    """Imports that wait for a worker or have lost theirs, the oldest first."""
    return list(ChatImport.objects.filter(state__in=UNFINISHED).order_by("pk").values_list("pk", flat=True))


def chats_visible_to(user: User) -> QuerySet[ChatImport]:
    """All of them for whoever sees every group; else those of groups that she sees, and her own."""
    jobs = ChatImport.objects.select_related("group", "by")
    if not user.has_perm("community.view_chatimport"):
        return jobs.none()
    if user.reach == Reach.ALL:
        return jobs
    return jobs.filter(Q(group__in=Group.objects.visible_to(user)) | Q(by=user))
