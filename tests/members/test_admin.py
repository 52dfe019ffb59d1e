"""The member list and the member page."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.enums import Role
from accounts.models import User
from audit.models import AuditEntry
from members.admin import member_list
from members.models import Member, SavedView
from segments.models import MemberTag, Tag
from tests.brand import PHONE, found_brand, signed_in

pytestmark = pytest.mark.django_db
LIST = "admin:members_member_changelist"


@pytest.fixture
def members() -> list[Member]:
    return found_brand(3)


@pytest.fixture
def client(members: list[Member]) -> Client:
    return signed_in(User.objects.get(username="admin"))


def shown(client: Client, **parameters: Any) -> list[str]:
    page = client.post(reverse(LIST), parameters, follow=True)
    assert page.status_code == 200
    return [row.member.name for row in page.context["rows"]]


def test_list_shows_the_newest_first(client: Client) -> None:
    assert shown(client) == ["林晓3", "林晓2", "林晓1"]


def test_list_finds_by_phone_number_and_name(client: Client) -> None:
    assert shown(client, q=PHONE) == ["林晓1"]
    assert shown(client, q="139-1234-5679") == ["林晓2"]
    assert shown(client, q="C0003") == ["林晓3"]
    assert shown(client, q="晓2") == ["林晓2"]
    assert shown(client, q="nobody") == []


def test_search_by_the_last_digits_says_why_nobody_is_found(client: Client) -> None:
    for text, said in (("1234", True), ("没有此人", False), ("13900000000", False)):
        page = client.post(reverse(LIST), {"q": text}, follow=True).content.decode()
        assert ("手机号加密保存" in page) is said, text


def test_member_number_has_no_separator(client: Client) -> None:
    member = Member.objects.create(pk=20_000, name="林两万")
    page = client.get(reverse("admin:members_member_change", args=[member.pk])).content.decode()
    assert ">20000<" in page
    assert "20,000" not in page


def test_a_search_stands_in_no_address(client: Client) -> None:
    answer = client.post(reverse(LIST), {"q": PHONE, "tier": "high_value", "spend_to": ""})
    place = answer["Location"]
    assert (answer.status_code, "tier=high_value" in place, "spend_to" in place) == (302, True, False)
    page = client.get(place)
    assert [row.member.name for row in page.context["rows"]] == ["林晓1"]
    assert page.context["q"] == PHONE
    links = [chip.without for chip in page.context["chips"]] + [page.context["view_query"]]
    assert PHONE not in " ".join([place, *links])
    assert client.get(reverse(LIST), {"q": PHONE})["Location"].startswith(f"{reverse(LIST)}?q=~")


def test_pages_and_acts_carry_the_sealed_search_along(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(member_list, "PER_PAGE", 2)
    place = client.post(reverse(LIST), {"q": "林晓"})["Location"]
    assert [row.member.name for row in client.get(f"{place}&page=2").context["rows"]] == ["林晓1"]
    assert "林" not in client.get(place).content.decode().partition('rel="next" href="')[2].partition('"')[0]
    query = client.get(place).context["view_query"]
    chosen = client.post(reverse("admin:members_member_act", args=("tag",)), {"all": "1", "query": query})
    assert chosen.context["people"] == 3


def test_a_sealed_search_opens_for_who_made_it_and_for_a_day(client: Client) -> None:
    place = client.post(reverse(LIST), {"q": PHONE})["Location"]
    guide = signed_in(User.objects.get(username="guide1"))
    assert guide.get(place)["Location"] == f"{reverse(LIST)}?"
    searcher = User.objects.get(pk=client.session["_auth_user_id"])
    with time_machine.travel(datetime.now(UTC) + timedelta(days=1)):
        again = signed_in(searcher)  # her session has ended before
        assert again.get(place)["Location"] == f"{reverse(LIST)}?"
    for broken in ("~", "~AAAA", "~ä", f"{place[-8:]}"):
        assert client.get(reverse(LIST), {"q": broken}).status_code == 302


def test_a_view_keeps_no_search(client: Client) -> None:
    query = client.get(client.post(reverse(LIST), {"q": PHONE})["Location"]).context["view_query"]
    for given in (query, f"q={PHONE}", "q=林晓", f"channel={PHONE}"):
        page = client.post(reverse("admin:members_view_add"), {"name": "A", "query": given}, follow=True)
        assert "不能保存" in page.content.decode()
    assert not SavedView.objects.filter(name="A").exists()


def test_list_filters_and_says_by_what(client: Client) -> None:
    page = client.get(reverse(LIST), {"tier": ["high_value"], "spend_from": "500"})
    assert [row.member.name for row in page.context["rows"]] == ["林晓1"]
    assert [chip.text for chip in page.context["chips"]] == ["高价值活跃用户", "≥ 500"]
    assert page.context["chips"][0].without == "?spend_from=500"


def test_list_sorts_by_spend(client: Client) -> None:
    assert shown(client, sort="-spend") == ["林晓3", "林晓2", "林晓1"]
    assert shown(client, sort="spend") == ["林晓1", "林晓2", "林晓3"]
    assert shown(client, sort="nonsense") == ["林晓3", "林晓2", "林晓1"]


def test_list_opens_the_filters_where_one_is_not_understood(client: Client) -> None:
    page = client.get(reverse(LIST), {"spend_from": "much"})
    assert page.context["open_filters"] is True
    assert page.context["rows"] == []


def test_list_shows_a_guide_her_own_members_only(members: list[Member]) -> None:
    guide = signed_in(User.objects.get(username="guide2"))
    assert shown(guide) == ["林晓2"]
    assert shown(guide, q=PHONE) == []
    assert guide.get(reverse("admin:members_member_change", args=(members[1].pk,))).status_code == 200
    assert guide.get(reverse("admin:members_member_change", args=(members[0].pk,))).status_code == 404
    assert guide.get(reverse("admin:members_member_edit", args=(members[0].pk,))).status_code == 404
    assert guide.get(reverse("admin:members_member_part", args=(members[0].pk, "timeline"))).status_code == 404


def test_page_shows_no_whole_phone_number(client: Client, members: list[Member]) -> None:
    text = client.get(reverse("admin:members_member_change", args=(members[0].pk,))).content.decode()
    assert "139****5678" in text
    assert PHONE not in text


def test_page_says_why_and_what_would_change_it(client: Client, members: list[Member]) -> None:
    text = client.get(reverse("admin:members_member_change", args=(members[1].pk,))).content.decode()
    assert "沉默用户" in text
    assert "怎样会改变" in text
    assert "还差 ¥500" in text


def test_timeline_part_shows_one_kind(client: Client, members: list[Member]) -> None:
    address = reverse("admin:members_member_part", args=(members[0].pk, "timeline"))
    purchases = client.get(address, {"show": "purchase"}).content.decode()
    assert "修护精华1" in purchases
    assert "浏览" not in purchases
    assert client.get(reverse("admin:members_member_part", args=(members[0].pk, "nothing"))).status_code == 404


def test_edit_tells_whoever_comes_second_and_keeps_what_she_typed(client: Client, members: list[Member]) -> None:
    address = reverse("admin:members_member_edit", args=(members[0].pk,))
    shown = [client.get(address).context["adminform"].form for _person in range(2)]
    first, second = [_filled(form) for form in shown]
    assert client.post(address, {**first, "channel": "the first's"}).status_code == 302

    told = client.post(address, {**second, "channel": "the second's"})

    assert told.status_code == 200
    form = told.context["adminform"].form
    assert (bool(form.non_field_errors()), form["channel"].value()) == (True, "the second's")
    assert Member.objects.get(pk=members[0].pk).channel == "the first's"
    assert client.post(address, _filled(form)).status_code == 302
    assert Member.objects.get(pk=members[0].pk).channel == "the second's"


def _filled(form: Any) -> dict[str, Any]:
    """What a browser sends back of it; the moment of registration is two fields."""
    sent = {name: form[name].value() for name in form.fields if name != "registered_at"}
    return {
        **{name: value for name, value in sent.items() if value is not None},
        "registered_at_0": "2025-01-01",
        "registered_at_1": "00:00:00",
    }


def test_edit_changes_by_the_service_and_is_recorded(client: Client, members: list[Member]) -> None:
    address = reverse("admin:members_member_edit", args=(members[0].pk,))
    form = client.get(address).context["adminform"].form
    response = client.post(address, _filled(form) | {"name": "林小晓"})
    assert response.status_code == 302, response.context and response.context["adminform"].form.errors
    members[0].refresh_from_db()
    assert (members[0].name, members[0].name_key.startswith("lin")) == ("林小晓", True)
    entry = AuditEntry.objects.filter(action="members.update").latest("pk")
    assert "name" in entry.changes
    assert "林小晓" not in str(entry.changes)


def test_view_is_saved_found_again_and_deleted(client: Client) -> None:
    response = client.post(
        reverse("admin:members_view_add"), {"name": "大客户", "query": "spend_from=2500&page=3", "shared": "1"}
    )
    assert response["Location"] == f"{reverse(LIST)}?spend_from=2500"
    view = SavedView.objects.get(name="大客户")
    assert (view.filters, view.shared) == ({"spend_from": ["2500"]}, True)
    tabs = client.get(response["Location"]).context["views"]
    assert [tab["view"].name for tab in tabs if tab["current"]] == ["大客户"]
    client.post(reverse("admin:members_view_delete", args=(view.pk,)))
    assert not SavedView.objects.filter(pk=view.pk).exists()


def test_view_of_somebody_else_stays(members: list[Member]) -> None:
    view = SavedView.objects.filter(owner__username="admin").first()
    assert view is not None
    guide = signed_in(User.objects.get(username="guide1"))
    guide.post(reverse("admin:members_view_delete", args=(view.pk,)))
    assert SavedView.objects.filter(pk=view.pk).exists()


def test_tagging_shows_totals_before_it_acts(client: Client, members: list[Member]) -> None:
    address = reverse("admin:members_member_act", args=("tag",))
    tag = Tag.objects.create(group=Tag.objects.earliest("pk").group, name="敏感肌")
    chosen = {"member": [members[0].pk, members[2].pk]}
    page = client.post(address, chosen)
    assert (page.context["people"], page.context["spend"]) == (2, 4000)
    assert MemberTag.objects.filter(tag=tag).count() == 0
    client.post(address, {**chosen, "tag": tag.pk, "act": "give"})
    assert set(MemberTag.objects.filter(tag=tag).values_list("member", flat=True)) == {members[0].pk, members[2].pk}
    client.post(address, {"all": "1", "query": "tier=silent", "tag": tag.pk, "act": "give"})
    assert MemberTag.objects.filter(tag=tag).count() == 3
    client.post(address, {**chosen, "tag": tag.pk, "act": "take"})
    assert list(MemberTag.objects.filter(tag=tag).values_list("member", flat=True)) == [members[1].pk]


def test_later_panel_is_asked_for_by_itself_within_scope_and_permission(client: Client, members: list[Member]) -> None:
    address = reverse("admin:members_member_part", args=(members[0].pk, "consent"))
    page = client.get(reverse("admin:members_member_change", args=(members[0].pk,))).content.decode()
    assert f'hx-get="{address}"' in page
    assert 'id="consent"' not in page
    assert 'id="consent"' in client.get(address).content.decode()
    guide = signed_in(User.objects.get(username="guide1"))
    seen = [
        guide.get(reverse("admin:members_member_part", args=(each.pk, "consent"))).status_code for each in members[:2]
    ]
    assert sorted(seen) == [200, 404]
    analyst = signed_in(User.objects.create(username="looker", role=Role.ANALYST, is_staff=True))
    assert analyst.get(address).status_code == 403
