"""The POSTs of groups, for `test_acts_of_the_pages`."""

from collections.abc import Callable

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from community.models import ChatImport, Group, GroupParticipant, GroupType
from community.services.group_rules import publish_rules
from community.services.participants import link_member
from tests.community import chats
from tests.scrm.acts_of_the_pages import Act, Cast, Maker, about

WHY = {"reason": "演示"}


def now() -> str:
    return timezone.localtime().strftime("%Y-%m-%dT%H:%M")


def typed(cast: Cast) -> dict[str, str]:
    kind = str(chats.kind().pk)
    return {"name": "新群", "type": kind, "owner": str(cast.admin.pk), "opened_on": "2026-01-05", "capacity": "200"}


def bands(_cast: Cast) -> Act:
    given = {"sleeper_days": "21", "band_days": "7", **WHY}
    for kind in GroupType.objects.all():
        given |= {f"{kind.pk}.low": str(kind.messages_low), f"{kind.pk}.high": str(kind.messages_high)}
    return Act(reverse("community:settings"), given)


def uploaded(_cast: Cast) -> Act:
    file = SimpleUploadedFile("群聊.csv", chats.said(("2026-11-20 19:00", "小雨", "早")))
    return Act(reverse("community:chat_new"), {"kind": "messages", "group": str(chats.a_group().pk), "file": file})


def waiting(_cast: Cast) -> int:
    return ChatImport.objects.create(
        kind="messages",
        layout="csv",
        group=chats.a_group(),
        path="/nowhere/chat",
        file_name="群聊.csv",
        file_size=1,
        source="chat",
        timezone="Asia/Shanghai",
        created_at=timezone.now(),
    ).pk


def group(_cast: Cast) -> int:
    return chats.a_group().pk


def person(_cast: Cast) -> GroupParticipant:
    return chats.somebody(chats.a_group())


def known(cast: Cast) -> int:
    return link_member(participant=person(cast), member=cast.member, by=None, now=timezone.now()).pk


def under_rules(cast: Cast) -> int:
    found = person(cast)
    publish_rules(group=Group.objects.get(pk=found.group_id), text="友善", by=None, now=timezone.now())
    return found.pk


def handed_over(cast: Cast) -> Act:
    address = reverse("community:group_hand_over", args=(group(cast),))
    return Act(address, {"owner": str(cast.other().pk), **WHY})


def upon(name: str, made: Callable[[Cast], int], body: dict[str, str] | None = None) -> Maker:
    return about(f"community:{name}", made, body)


GROUP_ACTS: dict[str, Maker] = {
    "community:group_new": lambda cast: Act(reverse("community:group_new"), typed(cast)),
    "community:group_edit": lambda cast: Act(reverse("community:group_edit", args=(group(cast),)), typed(cast)),
    "community:group_close": upon("group_close", group, WHY),
    "community:group_hand_over": handed_over,
    "community:group_rules": upon("group_rules", group, {"text": "友善交流"}),
    "community:group_join": lambda cast: Act(
        reverse("community:group_join", args=(group(cast),)),
        {"nickname": "小雨", "joined_at": now(), "joined_how": "code"},
    ),
    "community:participant_leave": lambda cast: Act(
        reverse("community:participant_leave", args=(person(cast).pk,)), {"at": now(), "how": "left"}
    ),
    "community:participant_link": lambda cast: Act(
        reverse("community:participant_link", args=(person(cast).pk,)), {"member": f"#{cast.member.pk}"}
    ),
    "community:participant_unlink": upon("participant_unlink", known, WHY),
    "community:participant_forget": upon("participant_forget", lambda cast: person(cast).pk, WHY),
    "community:participant_role": upon("participant_role", lambda cast: person(cast).pk, {"role": "keeper"}),
    "community:participant_acknowledge": upon("participant_acknowledge", under_rules),
    "community:settings": bands,
    "community:chat_new": uploaded,
    "community:chat_cancel": upon("chat_cancel", waiting),
}
