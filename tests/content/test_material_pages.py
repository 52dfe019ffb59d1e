"""The library on its pages: materials, their versions, and slots that wait for one."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from content.models import MaterialVersion
from content.services.materials import Body, add_version
from tests import api
from tests.content.people import approved, marketer, review_of, type_of, version
from tests.content.slot_forms import form_of, planned

pytestmark = [pytest.mark.django_db]


@pytest.fixture
def client() -> Client:
    made = Client(headers={"accept-language": "zh-hans"})
    made.force_login(marketer())
    return made


@pytest.mark.parametrize(
    ("text", "words", "may"),
    [
        ("国家级实验室", "1 处用语待处理", False),
        ("全网最低价", "1 处用语待处理", False),
        ("一夜见效，医生推荐", "2 处用语待处理", False),
        ("三步整理护肤步骤。", "未检出问题用语，未提交", True),
    ],
)
def test_a_material_is_submitted_only_without_open_phrases(client: Client, text: str, words: str, may: bool) -> None:
    """On its page, on the slot's page, by the service and by the API alike."""
    given = version(text, now=timezone.now())
    review, made = review_of(given), planned(given=given)
    for page in (reverse("content:material", args=(given.material_id,)), reverse("content:slot", args=(made.pk,))):
        shown = client.get(page).content.decode()
        button = re.search(r"<button[^>]*>提交法务审核</button>", shown)
        assert button is not None, page
        assert ("disabled" not in button[0]) is may, page
        assert words in shown, page
    client.post(reverse("compliance:review_submit", args=(review.pk,)))
    review.refresh_from_db()
    assert (review.state == "in_review") is may
    answer = api.client("content:read", "content:write").post(f"/api/v1/slots/{made.pk}/submit/", {}, format="json")
    assert (answer.status_code == 200) is may


def test_the_page_of_a_version_shows_its_own_uses_and_the_fingerprint_of_its_review(client: Client) -> None:
    first = approved(now=timezone.now())
    second = add_version(
        material=first.material, body=Body(title="护肤指南", text="四步。"), by=marketer(), now=timezone.now()
    )
    made = planned(given=second)
    page, use = reverse("content:material", args=(first.material_id,)), reverse("content:slot", args=(made.pk,))
    assert use in client.get(page).content.decode()
    old = client.get(f"{page}?version=1").content.decode()
    assert use not in old
    assert "其他版本用在 1 个排期里" in old
    assert review_of(first).digest in old
    assert first.digest not in old


def test_library_lists_makes_and_versions_materials(client: Client) -> None:
    answer = client.post("/admin/materials/new/", {"kind": "text", "title": "文案", "text": "周三见"})
    assert answer.status_code == 302
    address = answer["Location"]
    assert client.get(address).status_code == 200
    assert client.get("/admin/materials/?kind=text&q=文").content.decode().count("s-rowlink") == 1
    assert client.get("/admin/materials/?kind=x&page=77").status_code == 200
    assert client.post(f"{address}version/", {"title": "文案", "text": "周四见"}).status_code == 302
    assert client.get(f"{address}?version=1").context["shown"].text == "周三见"
    refused = client.post(
        "/admin/materials/new/", {"kind": "link", "title": "链接", "link": "javascript:alert(1)", "text": "留着"}
    )
    assert refused.status_code == 400
    assert "留着" in refused.content.decode()
    assert client.post(f"{address}archive/", {"archived": "1"}).status_code == 302


@pytest.mark.parametrize(
    ("values", "field"), [({"app_id": "w" * 41, "app_path": "p"}, 40), ({"app_id": "w", "app_path": "p" * 301}, 300)]
)
def test_mini_program_that_fits_no_column_is_refused_in_words(
    client: Client, values: dict[str, str], field: int
) -> None:
    response = client.post("/admin/materials/new/", {"kind": "mini_program", "title": "小程序", **values})
    assert response.status_code == 400
    assert f"最多 {field} 个字符。" in response.content.decode()
    assert not MaterialVersion.objects.exists()


def test_new_material_of_an_empty_slot_goes_into_it(client: Client) -> None:
    made = planned()
    page = client.get(f"/admin/calendar/slots/{made.pk}/").content.decode()
    address = f"/admin/materials/new/?slot={made.pk}"
    assert f'href="{address}"' in page
    shown = client.get(address).content.decode()
    assert f'<input type="hidden" name="slot" value="{made.pk}">' in shown
    assert f'href="?kind=link&amp;slot={made.pk}"' in shown
    refused = client.post("/admin/materials/new/", {"kind": "text", "title": "", "text": "护手霜", "slot": made.pk})
    assert refused.status_code == 400
    assert f'<input type="hidden" name="slot" value="{made.pk}">' in refused.content.decode()
    sent = {"kind": "text", "title": "护手", "text": "冬天护手霜", "slot": made.pk}
    saved = client.post("/admin/materials/new/", sent)
    assert (saved.status_code, saved["Location"]) == (302, f"/admin/calendar/slots/{made.pk}/")
    made.refresh_from_db()
    assert made.version is not None
    assert made.version.title == "护手"


def test_slot_with_a_material_is_asked_about_before_it_takes_a_new_one(client: Client) -> None:
    made = planned(given=version(now=timezone.now()))
    sent = {"kind": "text", "title": "护手", "text": "冬天护手霜", "slot": made.pk}
    saved = client.post("/admin/materials/new/", sent)
    fresh = MaterialVersion.objects.get(title="护手")
    assert saved["Location"] == f"/admin/calendar/slots/{made.pk}/edit/?version={fresh.pk}"
    assert f'value="{fresh.pk}" selected' in client.get(saved["Location"]).content.decode()


def test_slot_that_is_being_made_waits_with_what_was_typed_while_its_material_is_written(client: Client) -> None:
    typed = {
        "type": type_of("article").pk,
        "title": "护手 & 润唇",
        "day": "2027-01-05",
        "time": "09:30",
        "account": "甲",
    }
    left = client.post("/admin/calendar/slots/new/", {**typed, "to_material": "1"})
    assert left["Location"].startswith("/admin/materials/new/?draft=")
    draft = client.get(left["Location"]).context["waiting"]["draft"]
    sent = {"kind": "text", "title": "护手", "text": "冬天护手霜", "draft": draft}
    again = client.post("/admin/materials/new/", {**sent, "title": ""})
    assert again.context["waiting"]["draft"] == draft
    back = client.post("/admin/materials/new/", sent)
    form = client.get(back["Location"]).context["typed"]
    assert {name: form[name] for name in typed} == {**typed, "type": str(typed["type"])}
    assert form["version"] == str(MaterialVersion.objects.get(title="护手").pk)


def test_slot_that_is_being_changed_waits_too_and_others_are_not_touched(client: Client) -> None:
    made = planned()
    left = client.post(f"/admin/calendar/slots/{made.pk}/edit/", form_of(made, title="新标题", to_material="1"))
    waiting = client.get(left["Location"]).context["waiting"]
    back = client.post("/admin/materials/new/", {"kind": "text", "title": "护手", "text": "冬天护手霜", **waiting})
    form = client.get(back["Location"]).context["typed"]
    assert (form["title"], form["seen"]) == ("新标题", made.changed_at.isoformat())
    assert form["version"] == str(MaterialVersion.objects.get(title="护手").pk)
    lost = {"kind": "text", "title": "润唇", "text": "润唇膏", "slot": "999999"}
    assert client.post("/admin/materials/new/", lost)["Location"].startswith("/admin/materials/")
