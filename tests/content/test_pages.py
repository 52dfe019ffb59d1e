"""The pages: what is shown to whom, what is refused with a sentence, how much is asked of the database."""

import json
import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Role
from accounts.models import User
from content.models import CadenceRule, Festival, FestivalTemplate, LiveReport, MaterialVersion, Slot
from content.services.materials import Body, add_version
from content.services.slots import move_slot
from core.registries import work
from tests import api
from tests.campaigns.activities import audience
from tests.content.people import DAY, approved, marketer, review_of, slot, type_of, version

pytestmark = [pytest.mark.django_db]


@pytest.fixture
def client() -> Client:
    made = Client(headers={"accept-language": "zh-hans"})
    made.force_login(marketer())
    return made


def soon(days: float = 2) -> "object":
    return (timezone.now() + days * DAY).replace(minute=0, second=0, microsecond=0)


def form_of(made: Slot, **values: object) -> dict[str, object]:
    at = timezone.localtime(made.planned_at)
    kept = {"type": made.type_id, "title": made.title, "day": at.date().isoformat(), "time": f"{at:%H:%M}"}
    return {**kept, "minutes": made.minutes, "owner": made.owner_id, "seen": made.changed_at.isoformat(), **values}


def planned(code: str = "article", days: float = 2, **values: object) -> Slot:
    return slot(code, at=soon(days), now=timezone.now(), allow_overlap=True, **values)  # type: ignore[arg-type]


def fill(count: int) -> None:
    """That many slots this month and the next two weeks, each with a material."""
    first, now = planned(given=version(now=timezone.now())), timezone.now()
    start = timezone.localtime(now).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    Slot.objects.bulk_create(
        Slot(
            type=first.type,
            title=f"攻略 {number}",
            version=first.version,
            owner=first.owner,
            planned_at=start + timedelta(minutes=80 * number),
            created_at=now,
            changed_at=now,
        )
        for number in range(count)
    )


@pytest.mark.parametrize("view", ["month", "week", "list"])
def test_calendar_of_500_slots_takes_at_most_12_queries(client: Client, view: str) -> None:
    fill(500)
    client.get("/admin/calendar/")
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(f"/admin/calendar/?view={view}")
    assert answer.status_code == 200
    assert len(captured) <= 12
    if view == "month":
        assert answer.content.count(b'class="cal-slot"') >= 500


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?view=week",
        "?view=list&at=2026-02-01",
        "?view=x&at=99999-01-01&type=a&owner=-1",
        "?at=2026-02-30",
        "?at=0001-01-01",
        "?type=99999999999999",
    ],
)
def test_calendar_answers_whatever_is_asked(client: Client, query: str) -> None:
    planned()
    assert client.get(f"/admin/calendar/{query}").status_code == 200


def test_strip_says_what_is_missing_and_leads_to_suggestions(client: Client) -> None:
    page = client.get("/admin/calendar/").content.decode()
    assert all(name in page for name in ("干货", "直播", "粉丝节", "补齐"))
    rule = CadenceRule.objects.get(name_zh="粉丝节")
    assert f"/admin/calendar/gaps/{rule.pk}/" in page
    shown = client.get(f"/admin/calendar/gaps/{rule.pk}/")
    best = shown.context["suggestions"][0][0]
    answer = client.post(f"/admin/calendar/gaps/{rule.pk}/", {"planned_at": best.at.isoformat(), "title": "冬日粉丝节"})
    made = Slot.objects.get()
    assert answer["Location"] == f"/admin/calendar/slots/{made.pk}/"
    assert (made.title, made.planned_at, made.type) == ("冬日粉丝节", best.at, type_of("fan_festival"))


@pytest.mark.parametrize("moment", ["", "gestern", "2020-01-01T20:00:00+08:00", "2026-13-01T00:00"])
def test_gap_refuses_a_moment_that_cannot_be(client: Client, moment: str) -> None:
    rule = CadenceRule.objects.get(name_zh="干货")
    answer = client.post(f"/admin/calendar/gaps/{rule.pk}/", {"planned_at": moment, "title": "留着"})
    assert answer.status_code == 422
    assert "留着" in answer.content.decode()
    assert Slot.objects.count() == 0


def test_slot_is_made_changed_and_cancelled_on_its_pages(client: Client) -> None:
    at = timezone.localtime(soon(3))  # type: ignore[arg-type]
    form = {
        "type": type_of("live").pk,
        "title": "周末直播",
        "day": at.date().isoformat(),
        "time": "20:00",
        "owner": marketer().pk,
    }
    answer = client.post("/admin/calendar/slots/new/", form)
    made = Slot.objects.get()
    assert answer["Location"] == f"/admin/calendar/slots/{made.pk}/"
    assert (made.minutes, timezone.localtime(made.planned_at).hour) == (90, 20)
    client.post(
        f"/admin/calendar/slots/{made.pk}/edit/", {**form, "title": "周日直播", "time": "21:00", "minutes": "60"}
    )
    made.refresh_from_db()
    assert (made.title, made.minutes, timezone.localtime(made.planned_at).hour) == ("周日直播", 60, 21)
    page = client.get(f"/admin/calendar/slots/{made.pk}/").content.decode()
    assert "还没有素材" in page
    client.post(f"/admin/calendar/slots/{made.pk}/cancel/", {"reason": "主播请假"})
    made.refresh_from_db()
    assert made.state == "cancelled"
    assert client.get(f"/admin/calendar/slots/{made.pk}/edit/").status_code == 302


def test_audience_is_chosen_for_a_slot_and_kept(client: Client) -> None:
    chosen, made = audience(), planned()
    address = f"/admin/calendar/slots/{made.pk}/edit/"
    assert client.post(address, {**client.get(address).context["typed"], "audience": chosen.pk}).status_code == 302
    made.refresh_from_db()
    assert made.audience == chosen
    assert (
        f'<a class="s-link" href="/admin/audiences/{chosen.pk}/">{chosen.name}</a>'
        in client.get(f"/admin/calendar/slots/{made.pk}/").content.decode()
    )
    assert f'<option value="{chosen.pk}" selected>{chosen.name}' in client.get(address).content.decode()
    client.post(address, {**client.get(address).context["typed"], "audience": ""})
    made.refresh_from_db()
    assert made.audience is None


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"title": ""}, 400),
        ({"type": "x"}, 422),
        ({"day": "2026-02-30"}, 422),
        ({"day": "2020-01-01"}, 422),
        ({"minutes": "9999"}, 400),
        ({"owner": ""}, 422),
        ({"version": "77"}, 422),
        ({"audience": "77"}, 422),
        ({"time": "25:00"}, 422),
    ],
)
def test_wrong_slot_comes_back_with_what_was_typed(client: Client, wrong: dict[str, str], status: int) -> None:
    at = timezone.localtime(soon(3))  # type: ignore[arg-type]
    form = {
        "type": type_of("live").pk,
        "title": "周末直播",
        "day": at.date().isoformat(),
        "time": "20:00",
        "owner": marketer().pk,
        "note": "记得带样品",
    }
    answer = client.post("/admin/calendar/slots/new/", form | wrong)
    assert answer.status_code == status
    assert "记得带样品" in answer.content.decode()
    assert Slot.objects.count() == 0


def test_overlap_is_asked_about_and_may_be_meant(client: Client) -> None:
    first = planned()
    at = timezone.localtime(first.planned_at)
    form = {
        "type": first.type_id,
        "title": "同时",
        "day": at.date().isoformat(),
        "time": at.strftime("%H:%M"),
        "owner": marketer().pk,
    }
    refused = client.post("/admin/calendar/slots/new/", form)
    assert refused.status_code == 409
    assert first.title in refused.content.decode()
    assert client.post("/admin/calendar/slots/new/", {**form, "allow_overlap": "1"}).status_code == 302


def test_move_answers_with_words_and_the_way_back(client: Client) -> None:
    made = planned()
    address = f"/admin/calendar/slots/{made.pk}/move/"
    local = timezone.localtime(made.planned_at + 3 * DAY)
    moved = client.post(address, {"at": local.strftime("%Y-%m-%dT%H:%M"), "seen": made.planned_at.isoformat()})
    body = json.loads(moved.content)
    assert (moved.status_code, body["was"]) == (200, made.planned_at.isoformat())
    back = client.post(address, {"at": body["was"], "seen": body["at"]})
    assert back.status_code == 200
    again = Slot.objects.get(pk=made.pk)
    assert again.planned_at == made.planned_at
    stale = client.post(address, {"at": local.isoformat(), "seen": local.isoformat()})
    assert stale.status_code == 409
    for wrong in ("", "x", "2020-01-01T20:00", "9999-12-31T23:59:59+00:00"):
        assert client.post(address, {"at": wrong}).status_code == 422
    assert client.get(address).status_code == 405


def test_move_onto_another_slot_may_be_insisted_on(client: Client) -> None:
    first, second = planned(), planned(days=4)
    address = f"/admin/calendar/slots/{second.pk}/move/"
    refused = client.post(address, {"at": first.planned_at.isoformat()})
    assert (refused.status_code, json.loads(refused.content)["may_insist"]) == (409, True)
    assert client.post(address, {"at": first.planned_at.isoformat(), "allow_overlap": "1"}).status_code == 200


def test_slot_that_comes_back_into_anothers_place_is_asked_about(client: Client) -> None:
    made = planned()
    client.post(f"/admin/calendar/slots/{made.pk}/cancel/")
    planned()
    address = f"/admin/calendar/slots/{made.pk}/restore/"
    refused = client.post(address)
    assert refused.status_code == 409
    assert '<input type="hidden" name="allow_overlap" value="1">' in refused.content.decode()
    assert client.post(address, {"allow_overlap": "1"}).status_code == 302
    made.refresh_from_db()
    assert made.state == "draft"


def test_steps_are_taken_and_refused_on_the_page(client: Client) -> None:
    now = timezone.now()
    made = planned(given=approved(now=now))
    for step, state in (
        ("submit", "approved"),
        ("schedule", "scheduled"),
        ("withdraw", "draft"),
        ("submit", "approved"),
        ("schedule", "scheduled"),
    ):
        assert client.post(f"/admin/calendar/slots/{made.pk}/{step}/").status_code == 302
        made.refresh_from_db()
        assert made.state == state
    when = timezone.localtime(now).strftime("%Y-%m-%dT%H:%M")
    refused = client.post(f"/admin/calendar/slots/{made.pk}/publish/", {"link": "kein Link", "published_at": when})
    assert refused.status_code == 400
    assert "kein Link" in refused.content.decode()
    assert f'value="{when}"' in refused.content.decode()
    confirmed = {"link": "https://example.com/a", "published_at": when}
    early = client.post(f"/admin/calendar/slots/{made.pk}/publish/", confirmed)
    assert early.status_code == 409
    for moment in ("", "gestern", "9999-12-31T23:59"):
        sent = {**confirmed, "published_at": moment}
        assert client.post(f"/admin/calendar/slots/{made.pk}/publish/", sent).status_code == 400
    assert client.post(f"/admin/calendar/slots/{made.pk}/measure/").status_code == 404
    assert client.get(f"/admin/calendar/slots/{made.pk}/submit/").status_code == 405
    again = client.post(f"/admin/calendar/slots/{made.pk}/schedule/")
    assert again.status_code == 409


@pytest.mark.parametrize("state", ["scheduled", "missed"])
def test_time_of_publishing_is_asked_for_and_kept(client: Client, state: str) -> None:
    """Also where nobody confirmed it in time: 30 hours late it is recorded as published on time."""
    now = timezone.now()
    made = planned(given=approved(now=now - 5 * DAY))
    planned_at = (now - timedelta(hours=30)).replace(second=7, microsecond=8)
    Slot.objects.filter(pk=made.pk).update(state=state, planned_at=planned_at)
    address = f"/admin/calendar/slots/{made.pk}/"
    local = timezone.localtime(planned_at)
    assert f'value="{local:%Y-%m-%dT%H:%M}"' in client.get(address).content.decode()
    later = local + timedelta(minutes=5)
    for moment, kept in ((local, planned_at), (later, later.replace(second=0, microsecond=0))):
        Slot.objects.filter(pk=made.pk).update(state=state, published_at=None, published_by=None, link="")
        sent = {"link": "https://example.com/a", "published_at": f"{moment:%Y-%m-%dT%H:%M}"}
        assert client.post(f"{address}publish/", sent).status_code == 302
        made.refresh_from_db()
        assert (made.state, made.published_at) == ("published", kept)


def test_missed_slot_without_material_is_not_offered_as_published(client: Client) -> None:
    made = planned()
    Slot.objects.filter(pk=made.pk).update(state="missed", planned_at=timezone.now() - 2 * DAY)
    shown = client.get(f"/admin/calendar/slots/{made.pk}/").content.decode()
    assert 'name="published_at"' not in shown
    sent = {"link": "https://example.com/a", "published_at": f"{timezone.localtime() - DAY:%Y-%m-%dT%H:%M}"}
    assert client.post(f"/admin/calendar/slots/{made.pk}/publish/", sent).status_code == 422


def test_forbidden_words_are_marked_on_the_slot(client: Client) -> None:
    made = planned(given=version("国家级品质", now=timezone.now()))
    refused = client.post(f"/admin/calendar/slots/{made.pk}/submit/")
    assert refused.status_code == 422
    assert 'class="c-hit" data-state="act"' in refused.content.decode()


def test_who_only_reads_is_offered_no_act() -> None:
    made = planned(given=version(now=timezone.now()))
    analyst = User.objects.create(username="ye", role=Role.ANALYST, is_staff=True)
    reader = Client()
    reader.force_login(analyst)
    page = reader.get(f"/admin/calendar/slots/{made.pk}/")
    assert page.status_code == 200
    assert b'<form method="post" action="/admin/calendar' not in page.content
    assert b'draggable="true"' not in reader.get("/admin/calendar/").content
    for address in (
        f"slots/{made.pk}/move/",
        f"slots/{made.pk}/cancel/",
        "slots/new/",
        "rules/settings/",
        "rules/dates/",
        "series/",
    ):
        assert reader.post(f"/admin/calendar/{address}").status_code == 403
    guide = User.objects.create(username="chen", role=Role.GUIDE, is_staff=True)
    reader.force_login(guide)
    assert reader.get("/admin/calendar/").status_code == 403


def test_plans_series_and_rules_are_laid_from_their_pages(client: Client) -> None:
    shown = client.get("/admin/calendar/plans/")
    template = shown.context["rows"][0][0]
    assert client.get(f"/admin/calendar/plans/{template.pk}/?year=2027").status_code == 200
    laid = client.post(f"/admin/calendar/plans/{template.pk}/", {"year": "2027", "owner": marketer().pk})
    assert laid.status_code == 302
    assert Slot.objects.count() == template.items.count()
    assert client.post(f"/admin/calendar/plans/{template.pk}/", {"year": "2027"}).status_code == 400
    at = timezone.localdate() + timedelta(days=1)
    form = {
        "type": type_of("live").pk,
        "title": "周播",
        "day": at.isoformat(),
        "time": "20:00",
        "every_days": "7",
        "times": "4",
        "owner": marketer().pk,
    }
    assert client.post("/admin/calendar/series/", {**form, "times": "x"}).status_code == 400
    assert client.post("/admin/calendar/series/", {**form, "day": "x"}).status_code == 422
    assert client.post("/admin/calendar/series/", form).status_code == 302
    assert Slot.objects.filter(title="周播").count() == 4


def test_rules_are_changed_and_wrong_ones_come_back(client: Client) -> None:
    rule = CadenceRule.objects.get(name_zh="干货")
    form = {
        "name_zh": "干货",
        "name_en": "Posts",
        "type": rule.type_id,
        "count": "4",
        "period": "week",
        "week_starts": "6",
        "time_zone": "Asia/Shanghai",
        "is_active": "1",
    }
    assert client.post(f"/admin/calendar/rules/cadence/{rule.pk}/", form).status_code == 302
    rule.refresh_from_db()
    assert (rule.count, rule.week_starts) == (4, 6)
    contradiction = client.post(
        "/admin/calendar/rules/cadence/", {**form, "name_zh": "月度", "count": "2", "period": "month"}
    )
    assert contradiction.status_code == 422
    assert "月度" in contradiction.content.decode()
    type_ = type_of("article")
    page = client.get(f"/admin/calendar/rules/types/{type_.pk}/")
    typed = dict(page.context["typed"]) | {"target_read_through": "70 %", "target_save_rate": ""}
    assert client.post(f"/admin/calendar/rules/types/{type_.pk}/", typed).status_code == 302
    assert [(target.metric, str(target.least)) for target in type_.targets.all()] == [("read_through", "0.7000")]
    assert client.post(f"/admin/calendar/rules/types/{type_.pk}/", typed | {"target_gmv": "viel"}).status_code == 422
    assert (
        client.post(f"/admin/calendar/rules/types/{type_.pk}/", typed | {"target_save_rate": "120"}).status_code == 400
    )
    windows = {"begins0": "08:00", "ends0": "09:00", "warn_days": "5", "missed_hours": "12"}
    assert client.post("/admin/calendar/rules/settings/", windows).status_code == 302
    assert client.post("/admin/calendar/rules/settings/", windows | {"ends0": "07:00"}).status_code == 400
    assert client.post("/admin/calendar/rules/settings/", windows | {"begins0": "x"}).status_code == 422
    assert (
        client.post(
            "/admin/calendar/rules/dates/", {"name_zh": "品牌日", "day": "2026-12-01", "yearly": "1"}
        ).status_code
        == 302
    )
    assert client.post("/admin/calendar/rules/dates/", {"name_zh": "品牌日", "day": "x"}).status_code == 422
    festival = Festival.objects.get(name_zh="品牌日")
    client.post(f"/admin/calendar/rules/dates/{festival.pk}/", {"is_active": "0"})
    festival.refresh_from_db()
    assert not festival.is_active


def test_report_is_looked_at_then_imported(client: Client) -> None:
    text = "场次ID,开播时间,成交金额\nL1,2026-11-24 20:05,100\nL2,gestern,1\n"

    def send(act: str, content: bytes = text.encode()) -> "object":
        return client.post(
            "/admin/calendar/reports/", {"kind": "live", "act": act, "file": SimpleUploadedFile("r.csv", content)}
        )

    looked = send("try")
    assert (looked.status_code, looked.context["read"].refused, LiveReport.objects.count()) == (200, 1, 0)  # type: ignore[attr-defined]
    assert send("store").status_code == 302  # type: ignore[attr-defined]
    assert LiveReport.objects.get().session == "L1"
    assert send("store", b"\xff\xfe\x00\xd8").status_code in {400, 422}  # type: ignore[attr-defined]
    assert client.post("/admin/calendar/reports/", {"kind": "live"}).status_code == 400


def test_today_names_what_is_due_and_what_is_missing() -> None:
    now = timezone.now()
    due = planned(given=approved(now=now))
    Slot.objects.filter(pk=due.pk).update(state="scheduled", planned_at=now - timedelta(minutes=5))
    missed = planned(days=5)
    Slot.objects.filter(pk=missed.pk).update(state="missed", planned_at=now - DAY)
    items = list(work.get("content.due").items(marketer(), now))
    assert [item.state for item in items] == ["act", "watch"]
    assert items[0].url == f"/admin/calendar/slots/{due.pk}/"
    gaps = [str(item.title) for item in work.get("content.gaps").items(marketer(), now)]
    assert len(gaps) == 3
    move_slot(slot=missed, planned_at=now + 4 * DAY, by=marketer(), now=now, allow_overlap=True)


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


def test_account_that_fits_no_column_is_refused_in_words(client: Client) -> None:
    made = planned()
    response = client.post("/admin/calendar/slots/new/", form_of(made, account="a" * 61, time="08:00"))
    assert response.status_code == 400
    assert "最多 60 个字符。" in response.content.decode()
    response = client.post(f"/admin/calendar/slots/{made.pk}/edit/", form_of(made, account="a" * 61))
    assert (response.status_code, Slot.objects.get().account) == (400, "")


def test_edit_of_a_slot_is_saved_whole_or_not_at_all(client: Client) -> None:
    made = planned()
    later = timezone.localtime(made.planned_at + DAY).date().isoformat()
    address = f"/admin/calendar/slots/{made.pk}/edit/"
    assert client.post(address, form_of(made, title="长" * 121, day=later)).status_code == 400
    assert client.post(address, form_of(made, title="改名", day="2020-01-01")).status_code == 422
    kept = Slot.objects.get()
    assert (kept.title, kept.planned_at) == (made.title, made.planned_at)
    assert client.post(address, form_of(made, title="改名", day=later)).status_code == 302
    kept = Slot.objects.get()
    assert (kept.title, kept.planned_at) == ("改名", made.planned_at + DAY)


def test_two_editors_of_a_slot_do_not_overwrite_each_other(client: Client) -> None:
    made = planned()
    address = f"/admin/calendar/slots/{made.pk}/edit/"
    page = client.get(address).content.decode()
    assert f'name="seen" value="{made.changed_at.isoformat()}"' in page
    assert client.post(address, form_of(made, note="先来的")).status_code == 302
    response = client.post(address, form_of(made, note="后来的"))
    now = Slot.objects.get()
    assert (response.status_code, now.note) == (409, "先来的")
    page = response.content.decode()
    assert "后来的" in page
    assert f'value="{now.changed_at.isoformat()}"' in page
    assert client.post(address, form_of(now, note="后来的")).status_code == 302
    assert Slot.objects.get().note == "后来的"


def test_template_is_edited_line_by_line_on_its_page(client: Client) -> None:
    template = FestivalTemplate.objects.get(name_zh="妇女节")
    address = f"/admin/calendar/plans/{template.pk}/edit/"
    page = client.get(address)
    assert page.status_code == 200
    context = page.context
    lines = {f"{cell}_{n}": line[cell] for n, line in enumerate(context["lines"]) for cell in line if cell != "errors"}
    body = {**context["typed"], **lines}
    assert client.post(address, {**body, "days_0": "七天"}).status_code == 422
    assert client.post(address, {**body, "zh_0": "长" * 81}).status_code == 400
    wrong = client.post(address, {**body, "time_1": "25:00", "zh_1": "改过的标题", "days_2": "9" * 5000})
    assert (wrong.status_code, "改过的标题" in wrong.content.decode()) == (422, True)
    assert client.post(address, {**body, "festival": "0"}).status_code == 422
    before = template.items.count()
    body |= {"zh_0": "", "en_0": "", "days_9": "+2", "time_9": "12:00", "type_9": lines["type_1"], "zh_9": "晒单"}
    assert client.post(address, body).status_code == 302
    assert template.items.count() == before
    assert template.items.get(title_zh="晒单").days == 2
    assert client.post(address, {**body, "is_active": ""}).status_code == 302
    assert "妇女节" in client.get("/admin/calendar/plans/").content.decode()
    assert client.get(f"/admin/calendar/plans/{template.pk}/").status_code == 404


def test_template_is_added_on_its_page_by_marketers_alone(client: Client) -> None:
    assert client.get("/admin/calendar/plans/new/").status_code == 200
    body = {"name_zh": "店庆", "festival": Festival.objects.get(code="618").pk}
    assert client.post("/admin/calendar/plans/new/", body).status_code == 400
    body |= {"days_0": "−3", "time_0": "20:00", "type_0": type_of("live").pk, "zh_0": "预热直播"}
    assert client.post("/admin/calendar/plans/new/", body).status_code == 302
    made = FestivalTemplate.objects.get(name_zh="店庆")
    assert list(made.items.values_list("days", "title_en")) == [(-3, "预热直播")]
    client.force_login(User.objects.create_user("reader", role=Role.ANALYST, is_staff=True))
    assert client.get("/admin/calendar/plans/new/").status_code == 403
    assert "新建" not in client.get("/admin/calendar/plans/").content.decode()


def test_calendar_marks_types_in_the_language_of_the_reader(client: Client) -> None:
    slot("live", now=timezone.now())
    assert '<i class="cal-mark" title="直播互动">播</i>' in client.get("/admin/calendar/").content.decode()
    english = client.get("/admin/calendar/", headers={"accept-language": "en"}).content.decode()
    assert '<i class="cal-mark" title="Live session">L</i>' in english


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
