"""Pages of activities and links: open for whom they should, what was typed stays, one number of queries for any rows."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from accounts.enums import Role
from accounts.models import User
from campaigns.admin.uses import planned_for
from campaigns.admin.work import waiting
from campaigns.models import Activity, ActivitySettings, Band, Cost, LinkHost, TrackedLink
from campaigns.pages import editing
from campaigns.pages.activities import timing
from campaigns.selectors.checks import slots_of
from campaigns.services.facts import add_cost
from campaigns.services.links import allow_host, create_link
from content.models import Slot
from tests.brand import administrator, signed_in
from tests.campaigns import activities as cast
from tests.campaigns.activities import DAY, HOUR, author, legal
from tests.content.people import type_of
from tests.loyalty import offers

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def marketer() -> Client:
    user = author()
    User.objects.filter(pk=user.pk).update(is_staff=True)
    return signed_in(User.objects.get(pk=user.pk))


def url(name: str, *args: Any) -> str:
    return reverse(f"campaigns:{name}", args=args)


def form(**values: Any) -> dict[str, Any]:
    given = {
        "name": "双11会场",
        "level": "festival",
        "form": "blind_box",
        "title": "双11 盲盒",
        "rules_text": "每人一次。",
        "owner": str(author().pk),
        "audience": str(cast.audience().pk),
        "channel": "wecom",
        "budget": "12,000.50",
        "window_days": "7",
        "starts_at": "2030-11-01T10:00",
        "ends_at": "2030-11-12T00:00",
        "codes": "D11，D11VIP",
    }
    return {**given, **values}


def running() -> Activity:
    now = timezone.now()
    return cast.running(now - HOUR, starts_at=now - HOUR, ends_at=now + 5 * DAY)


def test_form_makes_a_draft_and_changes_it(marketer: Client) -> None:
    answer = marketer.post(url("new"), form())
    activity = Activity.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, url("activity", activity.pk))
    assert (activity.budget, activity.state) == (Decimal("12000.50"), "draft")
    assert sorted(activity.codes.values_list("code", flat=True)) == ["D11", "D11VIP"]
    page = marketer.get(url("edit", activity.pk)).content.decode()
    assert 'value="2030-11-01T10:00"' in page and 'value="12000.50"' in page
    coupon = offers.draft()
    marketer.post(url("edit", activity.pk), form(name="改名", coupons=[str(coupon.pk)]))
    activity.refresh_from_db()
    assert (activity.name, activity.offers.get().coupon_id) == ("改名", coupon.pk)


def shown(page: Any) -> dict[str, Any]:
    """What the form holds, as a browser sends it back."""
    chosen = {name: [str(number) for number in numbers] for name, numbers in page.context["chosen"].items()}
    return {**page.context["typed"], **chosen}


def test_activity_that_started_before_its_hour_is_changed_on_its_page(marketer: Client) -> None:
    """It began, and ends, within a minute; the fields show whole ones."""
    cast.people(1)
    now = timezone.now().replace(second=12, microsecond=345_678)
    activity = cast.running(now - HOUR, starts_at=now, ends_at=now + 5 * DAY)
    assert (activity.starts_at, activity.ends_at) == (now - HOUR, now + 5 * DAY)

    def save(**values: str) -> Any:
        return marketer.post(url("edit", activity.pk), {**shown(marketer.get(url("edit", activity.pk))), **values})

    def minute(moment: datetime) -> str:
        return timezone.localtime(moment).strftime("%Y-%m-%dT%H:%M")

    assert save(name="改名").status_code == 302
    activity.refresh_from_db()
    assert (activity.name, activity.starts_at, activity.ends_at) == ("改名", now - HOUR, now + 5 * DAY)
    assert save(ends_at=minute(now + 6 * DAY)).status_code == 302
    activity.refresh_from_db()
    assert (activity.starts_at, activity.ends_at) == (now - HOUR, (now + 6 * DAY).replace(second=0, microsecond=0))
    refused = save(ends_at=minute(now + 4 * DAY))
    assert (refused.status_code, refused.context["refused"].code) == (409, "not_in_their_favour")


def test_save_of_a_form_that_was_opened_before_another_save_is_told_and_keeps_what_was_typed(marketer: Client) -> None:
    activity = cast.draft(codes=("D11",))
    mine, yours = (shown(marketer.get(url("edit", activity.pk))) for _each in range(2))
    assert marketer.post(url("edit", activity.pk), {**yours, "codes": "D11, VIP"}).status_code == 302
    answer = marketer.post(url("edit", activity.pk), {**mine, "title": "双11 返场"})
    assert (answer.status_code, "双11 返场" in answer.content.decode()) == (409, True)
    assert answer.context["refused"].code == "activity_changed"
    assert sorted(activity.codes.values_list("code", flat=True)) == ["D11", "VIP"]
    again = shown(answer)
    assert marketer.post(url("edit", activity.pk), again).status_code == 302
    activity.refresh_from_db()
    assert (activity.title, [row.code for row in activity.codes.all()]) == ("双11 返场", ["D11"])
    assert marketer.post(url("edit", activity.pk), again).status_code == 302, "the same twice undoes nobody's"


def test_form_never_leaves_out_the_offers_of_its_own_activity(
    marketer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many newer ones there are, nor what was chosen in the form that is refused."""
    monkeypatch.setattr(editing, "MOST_OFFERED", 2)
    coupon, other, draw = offers.draft(), offers.draft(), offers.draft_draw()
    activity = cast.draft(coupons=(coupon.pk,), draws=(draw.pk,))
    cast.draft(coupons=(offers.draft().pk,))
    newer = [offers.draft().pk for _each in range(3)]
    for _each in range(3):
        offers.draft_draw()
    page = marketer.get(url("edit", activity.pk))
    assert [row.pk for row in page.context["coupons"]] == [coupon.pk, newer[2], newer[1]]
    assert next(row.pk for row in page.context["draws"]) == draw.pk
    assert f'name="coupons" value="{coupon.pk}" checked' in page.content.decode()
    given = shown(page)
    assert marketer.post(url("edit", activity.pk), {**given, "name": "改名"}).status_code == 302
    assert set(activity.offers.values_list("coupon", "draw")) == {(coupon.pk, None), (None, draw.pk)}
    refused = marketer.post(url("new"), form(name="", coupons=[str(other.pk)]))
    assert [row.pk for row in refused.context["coupons"]] == [other.pk, newer[2], newer[1]]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"starts_at": "2030-13-45T10:00"}, "2030-13-45T10:00"),
        ({"starts_at": "0001-01-01T00:00"}, "0001-01-01T00:00"),
        ({"ends_at": "9999-12-31T23:00Z"}, "9999-12-31T23:00Z"),
        ({"budget": "十万"}, "十万"),
        ({"budget": "1e400"}, "1e400"),
        ({"window_days": "²"}, "²"),
        ({"ends_at": "2030-10-01T00:00"}, "2030-10-01T00:00"),
        ({"audience": "99999999"}, "双11会场"),
        ({"level": "<script>"}, "双11会场"),
    ],
)
def test_what_was_typed_stays_when_it_is_refused(marketer: Client, values: dict[str, str], said: str) -> None:
    answer = marketer.post(url("new"), form(**values))
    page = answer.content.decode()
    assert answer.status_code in {400, 422}
    assert said in page and "双11 盲盒" in page and "D11，D11VIP" in page
    assert not Activity.objects.exists()
    assert 'class="error"' in page
    assert Activity.objects.count() == 0


def test_verbs_go_by_post_and_say_what_they_refuse(marketer: Client) -> None:
    cast.people(3)
    activity = cast.draft(title="")
    assert marketer.get(url("submit", activity.pk)).status_code == 405
    page = marketer.post(url("submit", activity.pk), follow=True).content.decode()
    assert "请填写此项" in page or "This has to be filled in" in page
    ready = cast.approved(cast.draft(ends_at=timezone.now() + DAY * 9))
    page = marketer.get(url("estimate", ready.pk)).content.decode()
    assert "3" in page and url("launch", ready.pk) in page
    marketer.post(url("launch", ready.pk))
    ready.refresh_from_db()
    assert (ready.state, ready.audience_size) == ("running", 3)
    assert marketer.post(url("launch", ready.pk), follow=True).status_code == 200
    assert marketer.post(url("clone", ready.pk)).status_code == 302
    assert Activity.objects.filter(source=ready).count() == 1


def test_every_tab_opens_before_during_and_after(marketer: Client) -> None:
    cast.people(3)
    live, draft = running(), cast.draft(audience_id=None, starts_at=None, ends_at=None)
    add_cost(activity=live, kind="media", amount=Decimal(10), day=timezone.localdate(), by=None, now=timezone.now())
    for activity in (live, draft):
        for tab in ("", "results", "audience", "offers", "content", "log", "nonsense"):
            assert marketer.get(url("activity", activity.pk), {"tab": tab}).status_code == 200
    assert marketer.get(url("estimate", draft.pk)).status_code == 200
    assert marketer.get(url("activity", 10**9)).status_code == 404


def test_costs_are_recorded_and_taken_back(marketer: Client) -> None:
    cast.people(1)
    activity = running()
    for values in (
        {"amount": "abc", "day": "2026-01-01"},
        {"amount": "5", "day": "2026-02-30"},
        {"amount": "-5", "day": "2026-01-01"},
    ):
        assert marketer.post(url("add_cost", activity.pk), {"kind": "media", **values}).status_code == 302
    assert Cost.objects.count() == 0
    marketer.post(
        url("add_cost", activity.pk), {"kind": "media", "amount": "1,250.00", "day": "2026-01-01", "note": "海报"}
    )
    cost = Cost.objects.get()
    assert (cost.amount, cost.note) == (Decimal(1250), "海报")
    marketer.post(url("take_back_cost", cost.pk), {"reason": ""})
    marketer.post(url("take_back_cost", cost.pk), {"reason": "重复"})
    cost.refresh_from_db()
    assert cost.taken_back_at is not None


def test_lists_cost_the_same_for_one_row_and_three(marketer: Client) -> None:
    cast.people(2)
    allow_host(host="shop.example.com", by=None, now=timezone.now())
    counts = []
    for rows in (1, 2):
        for number in range(rows):
            running()
            create_link(
                name=f"链接{number}", target="https://shop.example.com/", by=author(), now=timezone.now(), activity=None
            )
        marketer.get(url("activities"))
        for name in ("activities", "links"):
            with CaptureQueriesContext(connection) as queries:
                assert marketer.get(url(name)).status_code == 200
            counts.append(len(queries))
    assert counts[:2] == counts[2:]
    assert max(counts) <= 15


def test_compare_takes_two_to_four_and_bears_nonsense(marketer: Client) -> None:
    cast.people(1)
    numbers = [running().pk, running().pk]
    page = marketer.get(url("compare"), {"id": numbers})
    assert page.status_code == 200
    assert all(name in page.content.decode() for name in Activity.objects.values_list("name", flat=True))
    for wrong in ({}, {"id": ["x", "²", "99999999999999999999"]}, {"id": numbers[:1]}):
        assert marketer.get(url("compare"), wrong).status_code == 200


def test_draft_beside_another_is_not_observed(marketer: Client) -> None:
    cast.people(1)
    draft, live = cast.draft(), running()
    rows = marketer.get(url("compare"), {"id": [draft.pk, live.pk]}).context["rows"]
    cells = [(theirs[0], ours[0]) for _label, (theirs, ours) in rows]
    assert [theirs for theirs, _ours in cells] == [""] * len(rows)
    assert [ours for _theirs, ours in cells] == ["1", "0", "0.0%", "", "0", "0", "", ""]
    assert "尚未登记" in marketer.get(url("activity", live.pk), headers={"accept-language": "zh-hans"}).content.decode()
    add_cost(activity=live, kind="media", amount=Decimal(10), day=timezone.localdate(), by=None, now=timezone.now())
    rows = marketer.get(url("compare"), {"id": [draft.pk, live.pk]}).context["rows"]
    assert [cells[1][0] for _label, cells in rows][-2:] == ["10", "1 : 0.0"]


def test_time_left_is_counted_in_days_of_the_calendar() -> None:
    local = datetime(2026, 11, 20, 20, tzinfo=SHANGHAI)
    ends = {
        datetime(2026, 11, 20, 23, tzinfo=SHANGHAI): "ends today",
        datetime(2026, 11, 21, 0, tzinfo=SHANGHAI): "ends today",
        datetime(2026, 11, 21, 10, tzinfo=SHANGHAI): "ends tomorrow",
        datetime(2026, 11, 22, 10, tzinfo=SHANGHAI): "2 days left",
    }
    with translation.override("en"):
        said = [timing(Activity(state="running", ends_at=moment), local) for moment in ends]
    assert said == list(ends.values())


def test_slots_are_planned_for_an_activity_and_hold_its_links(marketer: Client) -> None:
    cast.people(1)
    activity = cast.draft()
    page = marketer.get(f"{url('activity', activity.pk)}?tab=content").content.decode()
    assert f"{reverse('content:slot_add')}?source=activity:{activity.pk}" in page
    day = timezone.localdate() + 3 * DAY
    body = {
        "type": type_of("article").pk, "title": "预热", "day": day.isoformat(), "time": "20:00", "owner": author().pk,
    }  # fmt: skip
    assert marketer.post(reverse("content:slot_add"), {**body, "source": "activity:0"}).status_code == 422
    marketer.post(reverse("content:slot_add"), {**body, "source": f"activity:{activity.pk}"})
    slot = Slot.objects.get()
    assert (slot.source_kind, slot.source_id, list(slots_of(activity))) == ("activity", activity.pk, [slot])
    edit = reverse("content:slot_edit", args=(slot.pk,))
    assert f'value="activity:{activity.pk}" selected' in marketer.get(edit).content.decode()
    marketer.post(url("link_hosts"), {"act": "allow", "host": "shop.example.com"})
    marketer.post(url("link_new"), {"name": "海报", "target": "https://shop.example.com/a", "slot": slot.pk})
    assert TrackedLink.objects.get().slot == slot
    marketer.post(edit, {**body, "source": ""})
    slot.refresh_from_db()
    assert (slot.source_kind, slot.source_id) == ("", None)


def test_links_are_made_and_hosts_listed(marketer: Client) -> None:
    marketer.post(url("link_hosts"), {"act": "allow", "host": "shop.example.com", "note": "商城"})
    answer = marketer.post(url("link_new"), {"name": "海报", "target": "https://evil.net/", "utm_source": "a" * 10_240})
    page = answer.content.decode()
    assert answer.status_code == 400 and "https://evil.net/" in page and page.count('class="error"') == 2
    marketer.post(url("link_new"), {"name": "海报", "target": "https://shop.example.com/a", "utm_source": "海报"})
    link = TrackedLink.objects.get()
    page = marketer.get(url("link", link.pk)).content.decode()
    assert link.path in page and "<svg" in page
    assert marketer.get(url("link_picture", link.pk))["Content-Type"] == "image/svg+xml"
    marketer.post(url("link_hosts"), {"act": "refuse", "host": "shop.example.com"})
    assert LinkHost.objects.get().is_active is False
    marketer.post(url("link_hosts"), {"act": "allow", "host": "http://x"})
    assert LinkHost.objects.count() == 1
    for wrong in ({"activity": "9" * 5_000}, {"slot": "9" * 5_000}, {"slot": "x"}, {"activity": "99999999"}):
        answer = marketer.post(url("link_new"), {"name": "海报", "target": "https://shop.example.com/a", **wrong})
        assert (answer.status_code, set(answer.context["errors"])) == (400, set(wrong))
    marketer.post(url("link_close", link.pk))
    link.refresh_from_db()
    assert link.closed_at is not None


def test_bands_are_changed_with_a_reason(marketer: Client) -> None:
    page = marketer.get(url("settings"))
    values = {f"{band.level}.{band.measure}.{end}": "" for band in Band.objects.all() for end in ("low", "high")}
    for name in values:
        values[name] = page.context["typed"][name]
    given = {**values, "budget_limit": "60,000", "window_days": "5", "daily.participation.low": "30"}
    bands_alone = {name: value for name, value in given.items() if name != "budget_limit"}
    assert marketer.post(url("settings"), bands_alone).status_code == 400
    assert marketer.post(url("settings"), {**bands_alone, "reason": "新一年", "daily.roi.low": "x"}).status_code == 400
    assert Band.objects.get(level="daily", measure="participation").low == Decimal("0.25")
    refused = marketer.post(url("settings"), {**given, "reason": "新一年"})
    assert (refused.status_code, set(refused.context["errors"])) == (403, {"budget_limit"})
    assert marketer.post(url("settings"), {**bands_alone, "reason": "新一年"}).status_code == 302
    assert Band.objects.get(level="daily", measure="participation").low == Decimal("0.3")
    assert "disabled" in page.content.decode()
    boss = signed_in(administrator())
    assert boss.post(url("settings"), {**given, "reason": "新一年"}).status_code == 302
    assert ActivitySettings.objects.get().budget_limit == 60_000


@pytest.mark.parametrize("role", [Role.GUIDE, Role.STORE_MANAGER, Role.JUNIOR_SERVICE])
def test_whoever_serves_members_sees_no_sums_of_everybody(role: str) -> None:
    user = User.objects.create_user("guide", role=role, is_staff=True)
    client = signed_in(user)
    for name in ("activities", "links", "new", "compare", "settings"):
        assert client.get(url(name)).status_code == 403


def test_legal_reviewer_reads_and_changes_nothing() -> None:
    cast.people(1)
    activity = cast.draft()
    User.objects.filter(pk=legal().pk).update(is_staff=True)
    client = signed_in(User.objects.get(pk=legal().pk))
    assert client.get(url("activity", activity.pk)).status_code == 200
    for name in ("submit", "clone", "add_cost", "approve_budget"):
        assert client.post(url(name, activity.pk)).status_code == 403


def test_member_page_shows_her_activities() -> None:
    (member,) = cast.people(1)
    activity = running()
    cast.take_part(activity, [member], timezone.now() - HOUR / 2)
    part = signed_in(administrator()).get(reverse("admin:members_member_part", args=(member.pk, "activities")))
    assert activity.name in part.content.decode()


def test_today_and_audiences_know_of_activities() -> None:
    cast.people(1)
    activity, live = cast.approved(cast.draft(budget=Decimal(10))), cast.running(ends_at=cast.NOW + DAY)
    titles = [item.title for item in waiting(administrator(), cast.NOW)]
    assert [name in title for name, title in zip((activity.name, live.name), titles, strict=True)] == [True, True]
    found = planned_for([activity.audience_id or 0, live.audience_id or 0])
    assert [use.label for uses in found.values() for use in uses] == [activity.name]
