"""Addresses of groups: (name, permission, *arguments), for `pages_of_the_admin`."""

from collections.abc import Iterator
from typing import Any

from django.utils import timezone

from community.models import ChatImport, Group
from community.pages.people import VERBS
from tests.community import chats

Row = tuple[Any, ...]
SEES, CHANGES, IMPORTS = "community.view_group", "community.change_group", "community.view_chatimport"


def looked_at() -> Iterator[Row]:
    """Pages that a GET shows and that are nobody's."""
    yield from (
        ("community:groups", SEES),
        ("community:group_new", "community.add_group"),
        ("community:settings", "community.change_groupsettings"),
        ("community:chats", IMPORTS),
        ("community:chat_new", "community.add_chatimport"),
    )


def of_a_group() -> Iterator[Row]:
    """(name, permission, group, whether it takes a POST only, *arguments): with somebody in it and one import."""
    group = chats.a_group()
    person, job = chats.somebody(group), a_job(group)
    yield from (
        ("community:group", SEES, group, False, group.pk),
        ("community:group_days", SEES, group, False, group.pk),
        ("community:group_edit", CHANGES, group, False, group.pk),
        ("community:group_rules", "community.add_grouprules", group, False, group.pk),
        ("community:participant", "community.view_groupparticipant", group, False, person.pk),
        ("community:chat", IMPORTS, group, False, job.pk),
        ("community:chat_progress", IMPORTS, group, False, job.pk),
        ("community:chat_rejects", IMPORTS, group, False, job.pk),
        ("community:group_close", CHANGES, group, True, group.pk),
        ("community:group_hand_over", "community.hand_over_group", group, True, group.pk),
        ("community:group_join", "community.add_groupparticipant", group, True, group.pk),
        ("community:chat_cancel", "community.add_chatimport", group, True, job.pk),
    )
    yield from (
        (f"community:participant_{verb}", "community.change_groupparticipant", group, True, person.pk) for verb in VERBS
    )


def a_job(group: Group) -> ChatImport:
    """One that has ended, without a file."""
    now = timezone.now()
    return ChatImport.objects.create(
        kind="messages",
        layout="csv",
        group=group,
        state="done",
        file_name="群聊.csv",
        file_size=1,
        source="chat",
        timezone="Asia/Shanghai",
        by=chats.person(),
        created_at=now,
        finished_at=now,
    )
