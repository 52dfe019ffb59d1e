"""Where a slot is shown: chosen in its form, told by the API, and read again on its page."""

import pytest
from django.test import Client
from django.utils import timezone

from content.models import Slot
from tests import api
from tests.content.people import DAY, marketer, slot

pytestmark = [pytest.mark.django_db]


def typed(made: Slot, place: str) -> dict[str, object]:
    at = timezone.localtime(made.planned_at)
    kept = {"type": made.type_id, "title": made.title, "day": at.date().isoformat(), "time": f"{at:%H:%M}"}
    return {**kept, "minutes": made.minutes, "owner": made.owner_id, "shown_on": place}


@pytest.mark.parametrize(("place", "status", "kept"), [("public", 302, "public"), ("", 302, ""), ("moon", 400, "own")])
def test_form_keeps_the_place_or_says_what_is_wrong(client: Client, place: str, status: int, kept: str) -> None:
    client.force_login(marketer())
    now = timezone.now()
    made = slot(at=now + 2 * DAY, now=now, shown_on="own")
    answer = client.post(f"/admin/calendar/slots/{made.pk}/edit/", typed(made, place))
    made.refresh_from_db()
    assert (answer.status_code, made.shown_on) == (status, kept)


def test_page_of_a_slot_says_where_it_is_shown(client: Client) -> None:
    client.force_login(marketer())
    now = timezone.now()
    made = slot(at=now + 2 * DAY, now=now, shown_on="own")
    page = client.get(f"/admin/calendar/slots/{made.pk}/").content.decode()
    assert "自有渠道：社群、企业微信、小程序、公众号" in page
    form = client.get(f"/admin/calendar/slots/{made.pk}/edit/").content.decode()
    assert '<option value="own" selected>' in form


def test_api_tells_the_place_and_changes_it() -> None:
    now = timezone.now()
    made = slot(at=now + 2 * DAY, now=now)
    caller = api.client()
    address = f"/api/v1/slots/{made.pk}/edit/"
    assert caller.post(address, {"title": "改名"}, format="json").json()["shown_on"] == ""
    assert caller.post(address, {"shown_on": "ads"}, format="json").json()["shown_on"] == "ads"
    refused = caller.post(address, {"shown_on": "moon"}, format="json")
    assert (refused.status_code, list(api.errors(refused)["fields"])) == (400, ["shown_on"])
