"""The pages of tags."""

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from accounts.enums import Role
from accounts.models import User
from members.models import Member, SavedView
from segments.models import MemberTag, Tag, TagGroup
from segments.pages import tags as pages
from segments.pages.tags import rule_in_words
from segments.selectors import tags as selectors
from segments.services.tags import save_tag, save_tag_group, tag_members
from tests.brand import administrator, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin() -> User:
    return administrator()


@pytest.fixture
def client(admin: User) -> Client:
    return signed_in(admin)


def add_tags(admin: User, count: int, start: int = 0) -> None:
    for number in range(start, start + count):
        group = save_tag_group(name=f"组{number}", by=admin)
        tag = save_tag(group=group, name=f"标签{number}", by=admin)
        save_tag(group=group, name=f"规则{number}", rule={"gender": ["female"]}, by=admin)
        Member.objects.create()
        tag_members(members=Member.objects.all(), tag=tag, by=admin)


def test_listing_counts_holders_with_the_same_queries_for_more_tags(admin: User, client: Client) -> None:
    add_tags(admin, 1)
    client.get(reverse("segments:tags"))
    with CaptureQueriesContext(connection) as few:
        client.get(reverse("segments:tags"))
    add_tags(admin, 2, start=1)
    with CaptureQueriesContext(connection) as many:
        rows = [row for _group, rows in client.get(reverse("segments:tags")).context["groups"] for row in rows]
    assert {row["tag"].name: row["count"] for row in rows if row["tag"].rule is None} == {
        "标签0": 1,
        "标签1": 2,
        "标签2": 3,
    }
    assert len(many) == len(few) <= 10


@pytest.mark.parametrize(
    ("holders", "shown", "said"),
    [
        (None, "2+", "counted within the hour"),
        (2, "2+", "counted within the hour"),
        (5, "5", "counted hourly, "),
    ],
)
def test_count_of_a_large_tag_says_from_when_it_is(
    admin: User, monkeypatch: pytest.MonkeyPatch, holders: int | None, shown: str, said: str
) -> None:
    """What everybody who looks counts up to `COUNTED` says nothing."""
    add_tags(admin, 3)
    browser = signed_in(admin, "en")
    few = browser.get(reverse("segments:tags")).content.decode()
    assert ("counted hourly" in few, "counted within" in few) == (False, False)
    monkeypatch.setattr(selectors, "COUNTED", 2)
    monkeypatch.setattr(pages, "COUNTED", 2)
    counted_at = datetime(2020, 3, 4, 2, 20, tzinfo=UTC) if holders else None
    tag = Tag.objects.get(name="标签0")
    MemberTag.objects.filter(tag=tag).delete()
    tag_members(members=Member.objects.all(), tag=tag, by=admin)
    Tag.objects.filter(pk=tag.pk).update(holders=holders, counted_at=counted_at)
    rows = [row for row in browser.get(reverse("segments:tags")).content.decode().split("<tr>") if "标签0" in row]
    assert [(f">{shown}</a>" in row, said in row) for row in rows] == [(True, True)]
    assert ("2020" in rows[0] and "10:20" in rows[0]) == (holders == 5)


@pytest.mark.parametrize(
    ("rule", "english", "chinese"),
    [
        ({"registered_from": ["-30d"]}, "in the last 30 days", "最近 30 天内"),
        ({"registered_to": ["-60d"]}, "60 days ago or earlier", "60 天前或更早"),
        ({"registered_from": ["-60d"], "registered_to": ["-30d"]}, "30 to 60 days ago", "30 至 60 天前"),
        (
            {"registered_from": ["2026-01-01"], "registered_to": ["-30d"]},
            "2026-01-01 – 30 days ago",
            "2026-01-01 – 30 天前",
        ),
        ({"registered_from": ["2026-01-01"]}, "since 2026-01-01", "自2026-01-01"),
        ({"registered_to": ["2026-01-01"]}, "until 2026-01-01", "至 2026-01-01"),
    ],
)
def test_rule_is_read_as_words(rule: dict[str, list[str]], english: str, chinese: str) -> None:
    said = []
    for language in ("en", "zh-hans"):
        with translation.override(language):
            said += [text for _label, text in rule_in_words(rule)]
    assert said == [english, chinese]


def test_tag_by_a_saved_view_is_counted_first_and_given_at_once(admin: User, client: Client) -> None:
    Member.objects.create(gender="female")
    Member.objects.create(gender="male")
    view = SavedView.objects.create(name="女性", owner=admin, filters={"gender": ["female"]})
    answer = client.post(reverse("segments:tag_count"), {"view": view.pk}).json()
    assert answer == {"text": "目前有 1 位会员符合。"}
    response = client.post(reverse("segments:tag_add"), {"name": "女性会员", "new_group": "画像", "rule": str(view.pk)})
    assert response.status_code == 302
    tag = Tag.objects.get()
    assert (tag.name, tag.group.name, tag.rule, MemberTag.objects.filter(tag=tag).count()) == (
        "女性会员",
        "画像",
        {"gender": ["female"]},
        1,
    )


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"name": ""}, "name"),
        ({"new_group": "", "group": ""}, "group"),
        ({"lasts_days": "0"}, "lasts_days"),
        ({"lasts_days": "soon"}, "lasts_days"),
    ],
)
def test_faults_stand_beside_their_fields(client: Client, typed: dict[str, str], field: str) -> None:
    response = client.post(reverse("segments:tag_add"), {"name": "A", "new_group": "B", "rule": "", **typed})
    assert (response.status_code, list(response.context["errors"]), Tag.objects.count()) == (422, [field], 0)


def test_view_of_somebody_else_is_no_rule(client: Client) -> None:
    other = User.objects.create_user("other", role=Role.MARKETER)
    view = SavedView.objects.create(name="theirs", owner=other, filters={"gender": ["female"]})
    assert client.post(reverse("segments:tag_count"), {"view": view.pk}).json() == {"text": ""}
    response = client.post(reverse("segments:tag_add"), {"name": "A", "new_group": "B", "rule": str(view.pk)})
    assert (response.status_code, Tag.objects.count()) == (404, 0)


def test_tag_is_changed_and_deleted(admin: User, client: Client) -> None:
    add_tags(admin, 1)
    tag = Tag.objects.get(name="规则0")
    sent = {"name": "改名", "group": tag.group_id, "rule": "keep", "lasts_days": "", "is_active": "1"}
    assert client.post(reverse("segments:tag", args=(tag.pk,)), sent).status_code == 302
    tag.refresh_from_db()
    assert (tag.name, tag.rule) == ("改名", {"gender": ["female"]})
    assert client.get(reverse("segments:tag", args=(tag.pk,))).status_code == 200
    assert client.post(reverse("segments:tag_delete", args=(tag.pk,))).status_code == 302
    assert not Tag.objects.filter(pk=tag.pk).exists()


def test_deleting_shows_what_depends_on_the_tag_first(admin: User, client: Client) -> None:
    add_tags(admin, 1)
    tag = Tag.objects.get(name="标签0")
    SavedView.objects.create(name="按标签", owner=admin, filters={"tag": [str(tag.pk)]})
    page = client.get(reverse("segments:tag", args=(tag.pk,))).content.decode()
    assert "有 1 个已保存的视图" in page
    dependent = save_tag(group=tag.group, name="依赖它", rule={"tag": [str(tag.pk)]}, by=admin)
    page = client.get(reverse("segments:tag", args=(tag.pk,))).content.decode()
    assert "依赖它" in page
    assert reverse("segments:tag", args=(dependent.pk,)) in page
    answer = client.post(reverse("segments:tag_delete", args=(tag.pk,)), follow=True)
    assert "依赖它" in answer.content.decode()
    sent = {"name": "标签0", "group": tag.group_id, "rule": "", "lasts_days": ""}
    answer = client.post(reverse("segments:tag", args=(tag.pk,)), sent)
    assert (answer.status_code, list(answer.context["errors"])) == (409, ["is_active"])
    assert Tag.objects.get(pk=tag.pk).is_active


def test_a_rule_with_a_search_is_refused_beside_its_field(admin: User, client: Client) -> None:
    view = SavedView.objects.create(name="老", owner=admin, filters={"q": ["13800138000"]})
    answer = client.post(reverse("segments:tag_add"), {"name": "A", "new_group": "B", "rule": str(view.pk)})
    assert (answer.status_code, list(answer.context["errors"])) == (422, ["rule"])
    assert not Tag.objects.exists()


def test_analyst_reads_and_a_guide_does_not(admin: User) -> None:
    add_tags(admin, 1)
    tag, groups = Tag.objects.first(), TagGroup.objects.count()
    analyst = signed_in(User.objects.create_user("analyst", role=Role.ANALYST, is_staff=True))
    guide = signed_in(User.objects.create_user("guide", role=Role.GUIDE, is_staff=True))
    assert tag is not None
    page = reverse("segments:tag", args=(tag.pk,))
    assert [analyst.get(reverse("segments:tags")).status_code, analyst.get(page).status_code] == [200, 200]
    assert analyst.post(page, {"name": "x"}).status_code == 403
    assert analyst.post(reverse("segments:tag_add"), {"name": "x", "new_group": "y"}).status_code == 403
    assert analyst.post(reverse("segments:tag_delete", args=(tag.pk,))).status_code == 403
    assert [guide.get(reverse("segments:tags")).status_code, guide.get(page).status_code] == [403, 403]
    assert (Tag.objects.count(), TagGroup.objects.count()) == (2, groups)
