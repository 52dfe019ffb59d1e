"""The pages: what is shown to whom, what is refused with a sentence, how much is asked of the database."""

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.enums import Role
from accounts.models import User
from content.models import CadenceRule, Slot
from content.services.slots import move_slot
from core.registries import work
from tests.campaigns.activities import audience
from tests.content.people import DAY, approved, marketer, slot, type_of, version
from tests.content.slot_forms import form_of, planned, soon

pytestmark = [pytest.mark.django_db]


@pytest.fixture
def client() -> Client:
    made = Client(headers={"accept-language": "zh-hans"})
    made.force_login(marketer())
    return made


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
        *(f"?view={view}&at={day}" for view in ("month", "week", "list") for day in ("2000-01-01", "2100-12-31")),
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


@pytest.mark.parametrize(
    "moment",
    [
        "",
        "gestern",
        "2020-01-01T20:00:00+08:00",
        "2026-13-01T00:00",
        "0001-01-01T00:00+08:00",
        "9999-12-31T23:59-08:00",
    ],
)
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


@pytest.mark.parametrize("state", ["scheduled", "missed", "draft"])
def test_time_of_publishing_is_asked_for_and_kept(client: Client, state: str) -> None:
    """Also where nobody confirmed it in time: 30 hours late it is recorded as published on time."""
    now = timezone.now()
    made = planned(given=approved(now=now - 5 * DAY))
    planned_at = (now - timedelta(hours=30)).replace(second=7, microsecond=8)
    Slot.objects.filter(pk=made.pk).update(state=state, planned_at=planned_at, was_scheduled=True)
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
    assert client.post(f"/admin/calendar/slots/{made.pk}/publish/", sent).status_code == 409


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


def test_calendar_marks_types_in_the_language_of_the_reader(client: Client) -> None:
    slot("live", now=timezone.now())
    assert '<i class="cal-mark" title="直播互动">播</i>' in client.get("/admin/calendar/").content.decode()
    english = client.get("/admin/calendar/", headers={"accept-language": "en"}).content.decode()
    assert '<i class="cal-mark" title="Live session">L</i>' in english
