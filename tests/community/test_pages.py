"""Pages of groups: what they show, to whom, and what a POST does."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Role
from community.models import ChatImport, Group, GroupParticipant, Stay
from community.pages import groups
from community.services.importing import run_chat
from tests.community import chats

pytestmark = pytest.mark.django_db
FORM = {
    "name": "新群",
    "opened_on": "2026-01-05",
    "capacity": "200",
    "source": "",
    "external_id": "",
    "note": "",
    "store": "",
}


@pytest.fixture(autouse=True)
def uploads(settings: Any, tmp_path: Path) -> Iterator[None]:
    settings.MEDIA_ROOT = tmp_path
    yield


def signed_in(role: str = Role.MARKETER, name: str = "author", *stores: Any) -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(chats.person(name, role, *stores))
    return client


def page(client: Client, name: str, *arguments: Any, **query: str) -> str:
    answer = client.get(reverse(f"community:{name}", args=arguments), query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_group_is_opened_by_its_form() -> None:
    client = signed_in()
    given = {**FORM, "type": str(chats.kind().pk), "owner": str(chats.person().pk)}

    answer = client.post(reverse("community:group_new"), given)

    group = Group.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, reverse("community:group", args=(group.pk,)))
    assert group.name in page(client, "groups")


def test_what_was_typed_stays_where_it_is_refused() -> None:
    client = signed_in()
    given = {**FORM, "name": "无主群", "type": str(chats.kind().pk), "owner": "", "capacity": "many"}
    answer = client.post(reverse("community:group_new"), given)
    assert answer.status_code == 400
    assert 'value="无主群"' in answer.content.decode()
    assert 'value="many"' in answer.content.decode()
    given["capacity"] = "200"
    refused = client.post(reverse("community:group_new"), given).content.decode()
    assert "A group needs somebody who answers for it." in refused
    assert not Group.objects.exists()


def test_a_file_is_uploaded_and_its_result_shown() -> None:
    group, client = chats.a_group(), signed_in()
    data = chats.said(("2026-11-20 19:00", "小雨", "面霜"), ("昨天", "小雨", "?"))
    upload = SimpleUploadedFile("群聊.csv", data)

    answer = client.post(reverse("community:chat_new"), {"kind": "messages", "group": str(group.pk), "file": upload})
    job = ChatImport.objects.get()
    assert answer["Location"] == reverse("community:chat", args=(job.pk,))
    assert "A worker takes it up at once." in page(client, "chat", job.pk)
    run_chat(job_id=job.pk, now=timezone.now())

    shown = page(client, "chat", job.pk)
    assert "Not a date" in shown
    assert "Not a date" in page(client, "chat_rejects", job.pk)
    assert "小雨" in page(client, "group", group.pk)


def test_a_file_that_is_no_chat_is_refused_on_the_page() -> None:
    client = signed_in()
    upload = SimpleUploadedFile("x.csv", "内容,备注\n早,x\n".encode())
    answer = client.post(
        reverse("community:chat_new"), {"kind": "messages", "group": str(chats.a_group().pk), "file": upload}
    )
    assert answer.status_code == 400
    assert "No column tells when a message was sent" in answer.content.decode()
    assert client.post(reverse("community:chat_new"), {"kind": "messages"}).status_code == 200


def test_who_works_with_no_person_sees_no_name() -> None:
    group = chats.a_group()
    person = chats.somebody(group, "林小雨")
    client = signed_in(Role.ANALYST, "analyst")
    assert "林小雨" not in page(client, "group", group.pk)
    assert "林小雨" not in page(client, "participant", person.pk)
    assert "林小雨" in page(signed_in(), "group", group.pk)


def test_a_guide_sees_groups_that_are_hers() -> None:
    guide = chats.person("guide", Role.GUIDE)
    hers, other = chats.a_group(owner_id=guide.pk), chats.a_group()
    client = signed_in(Role.GUIDE, "guide")
    assert hers.name in page(client, "groups")
    assert other.name not in page(client, "groups")
    for name in ("group", "group_days", "group_rules"):
        assert client.get(reverse(f"community:{name}", args=(other.pk,))).status_code == 404
    assert client.post(reverse("community:group_join", args=(other.pk,))).status_code == 404


def test_somebody_joins_is_known_and_leaves() -> None:
    group, client, member = chats.a_group(), signed_in(), chats.member("林晓")
    now = timezone.localtime().strftime("%Y-%m-%dT%H:%M")
    client.post(
        reverse("community:group_join", args=(group.pk,)), {"nickname": "小雨", "joined_at": now, "joined_how": "code"}
    )
    person = GroupParticipant.objects.get()

    client.post(reverse("community:participant_link", args=(person.pk,)), {"member": f"#{member.pk}"})
    client.post(reverse("community:participant_role", args=(person.pk,)), {"role": "owner"})
    client.post(reverse("community:participant_leave", args=(person.pk,)), {"at": now, "how": "left"})

    person.refresh_from_db()
    assert (person.member, person.role) == (member, "owner")
    assert Stay.objects.get().left_how == "left"
    refused = client.post(
        reverse("community:participant_leave", args=(person.pk,)), {"at": "soon", "how": "left", "reason": "搬家"}
    )
    assert refused.status_code == 400
    assert_shown(refused, "in the years 2000 to 2100.", 'value="soon"', ">搬家</textarea>")


def assert_shown(answer: Any, *words: str) -> None:
    text = answer.content.decode()
    assert [each for each in words if each not in text] == []


@pytest.mark.parametrize("typed", ["0001-01-01T00:00", "9999-12-31T23:59", "9999-12-31T23:00Z", "soon", ""])
def test_somebody_who_joined_in_no_possible_year_is_not_taken(typed: str) -> None:
    """Refused in words above the form as it was sent."""
    group = chats.a_group()
    given = {"nickname": "小雨", "speaker_key": "k1", "joined_at": typed, "joined_how": "code"}
    answer = signed_in().post(reverse("community:group_join", args=(group.pk,)), given)
    assert answer.status_code == 400
    assert_shown(answer, "in the years 2000 to 2100.", 'value="小雨"', 'value="k1"', '<option value="code" selected>')
    assert typed in answer.content.decode()
    assert not Stay.objects.exists()


@pytest.mark.parametrize("typed", ["0001-01-01", "9999-12-31", "soon"])
def test_group_opened_in_no_possible_year_is_not_saved(typed: str) -> None:
    group = chats.a_group()
    form = {"name": "新群", "type": group.type_id, "owner": group.owner_id, "opened_on": typed, "capacity": "200"}
    answer = signed_in().post(reverse("community:group_edit", args=(group.pk,)), form)
    assert answer.status_code == 400
    assert_shown(answer, "in the years 2000 to 2100.", f'value="{typed}"', 'value="新群"')
    assert Group.objects.get() == group
    assert Group.objects.get().name == group.name


def test_a_group_is_handed_over_and_closed() -> None:
    group, client, to = chats.a_group(), signed_in(), chats.person("other")
    client.post(reverse("community:group_hand_over", args=(group.pk,)), {"owner": str(to.pk), "reason": "换人"})
    client.post(reverse("community:group_close", args=(group.pk,)), {"reason": "合并"})
    group.refresh_from_db()
    assert (group.owner, group.state) == (to, "closed")


def test_rules_are_published_and_shown() -> None:
    group, client = chats.a_group(), signed_in()
    answer = client.post(reverse("community:group_rules", args=(group.pk,)), {"text": " "})
    assert answer.status_code == 400
    client.post(reverse("community:group_rules", args=(group.pk,)), {"text": "友善交流"})
    assert "友善交流" in page(client, "group", group.pk, tab="rules")


def test_bands_are_changed_with_a_reason() -> None:
    client, kind = signed_in(), chats.kind()
    given = {"sleeper_days": "30", "band_days": "7", "reason": "旺季"}
    for code in ("welfare", "interest", "honour"):
        each = chats.kind(code)
        given |= {f"{each.pk}.low": str(each.messages_low), f"{each.pk}.high": str(each.messages_high)}
    given[f"{kind.pk}.high"] = "many"
    assert client.post(reverse("community:settings"), given).status_code == 400
    given[f"{kind.pk}.high"] = "95"
    assert client.post(reverse("community:settings"), given).status_code == 302
    kind.refresh_from_db()
    assert kind.messages_high == 95


@pytest.mark.parametrize("number", [1, 3])
def test_a_list_asks_as_much_for_three_groups_as_for_one(number: int, django_assert_max_num_queries: Any) -> None:
    for _group in range(number):
        chats.a_group()
    client = signed_in()
    page(client, "groups")
    with django_assert_max_num_queries(14):
        page(client, "groups")


def test_every_group_is_listed_page_by_page_and_counted_by_its_state(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(groups, "PAGE", 2)
    made = [chats.a_group() for _number in range(5)]
    client = signed_in()
    seen: list[str] = []
    query: dict[str, str] = {}
    for _page in range(3):
        answer = client.get(reverse("community:groups"), query)
        context = answer.context
        assert [count for _code, _mark, _word, count in context["states"]] == [0, 0, 0, 5]
        seen += [row["group"].name for row in context["rows"]]
        query = {"before": str(context["older"])}
    assert seen == [group.name for group in reversed(made)]
    assert client.get(reverse("community:groups"), {"state": "quiet"}).context["rows"] == []


@pytest.mark.parametrize("weeks", ["008000000", "0", "9", "²", "-1", "1" * 5_000, "2"])
def test_weeks_ahead_are_read_whatever_is_typed(weeks: str) -> None:
    client, group = signed_in(), chats.a_group()
    answer = client.get(reverse("community:value_plan", args=(group.pk,)), {"weeks": weeks})
    assert answer.status_code == 200


def test_nobody_is_called_asleep_in_a_chat_that_nobody_brought() -> None:
    group = chats.a_group()
    chats.somebody(group, "林小雨", joined_at=timezone.now() - timedelta(days=90))
    shown = page(signed_in(), "group", group.pk, tab="participants", who="asleep")
    assert "Who sleeps is not observed" in shown
    assert "林小雨" not in shown
    assert "no chat of the last 7 days is known" in shown
