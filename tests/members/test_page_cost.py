"""What the pages of members cost: fifteen queries at most, the same with more members, long lists along an index."""

import json

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Store, User
from core.reading import one_reading, read_once
from core.selectors import estimated_count
from members.admin import member_list
from members.admin.extension import member_columns
from members.models import Member
from segments.models import MemberStanding, Tag
from tests.brand import PHONE, add_another, found_brand, signed_in

pytestmark = pytest.mark.django_db
LIST = "/admin/members/member/"
MOST = 15
LOOKS = {
    "all": "",
    "tier": "?tier=high_value",
    "phone": f"?q={PHONE}",
    "by spend": "?sort=-spend",
    "every filter": "?tier=high_value&tag={tag}&city=杭州&city_tier=new_first&store={store}&guide=guide1&channel=-&r=5&orders_from=1",
    "misunderstood": "?spend_from=much&tier=high_value",
}


@pytest.fixture
def members() -> list[Member]:
    return found_brand(3)


@pytest.fixture
def client(members: list[Member]) -> Client:
    return signed_in(User.objects.get(username="admin"))


def queries(client: Client, address: str) -> int:
    answer = client.get(address, follow=True)  # a search in clear is moved to a sealed address first
    assert answer.status_code == 200
    address = answer.redirect_chain[-1][0] if answer.redirect_chain else address
    with CaptureQueriesContext(connection) as captured:
        client.get(address)
    return len(captured)


@pytest.mark.parametrize("look", LOOKS)
def test_list_takes_few_queries_however_many_members(client: Client, look: str) -> None:
    known = {"tag": Tag.objects.latest("pk").pk, "store": Store.objects.earliest("pk").code}
    address = LIST + LOOKS[look].format(**known)
    before = queries(client, address)
    for number in (4, 5):
        add_another(number)
    assert queries(client, address) == before
    assert before <= MOST


def test_list_of_a_guide_takes_few_queries(members: list[Member]) -> None:
    assert queries(signed_in(User.objects.get(username="guide1")), LIST) <= MOST


def test_page_takes_few_queries(client: Client, members: list[Member]) -> None:
    taken = [queries(client, reverse("admin:members_member_change", args=(member.pk,))) for member in members]
    assert max(taken) <= MOST


@pytest.mark.parametrize("code", [column.code for column in member_columns if column.sort])
@pytest.mark.parametrize("sign", ["", "-"])
def test_sorted_list_walks_an_index(members: list[Member], code: str, sign: str) -> None:
    found = member_list.Sort.read(sign + code).apply(Member.objects.active())
    plan = plan_of(str(found.values("pk")[:50].query))
    assert "Sort" not in nodes(plan)


@pytest.mark.parametrize("code", [column.code for column in member_columns if column.sort])
def test_equal_values_keep_their_places(members: list[Member], code: str) -> None:
    """Whoever leafs through a list sees everybody once."""
    Member.objects.update(name_key="same", registered_at=members[0].registered_at)
    MemberStanding.objects.update(monetary=1, last_order_at=members[0].registered_at)
    for sign, numbers in (("", sorted), ("-", lambda found: sorted(found, reverse=True))):
        found = member_list.Sort.read(sign + code).apply(Member.objects.active()).values_list("pk", flat=True)
        assert list(found) == numbers([member.pk for member in members])


def test_counting_a_long_list_walks_an_index(members: list[Member]) -> None:
    with CaptureQueriesContext(connection) as captured:
        assert estimated_count(Member.objects.active()) == (3, True)
    assert "Seq Scan" not in nodes(plan_of(captured[0]["sql"]))


def plan_of(sql: str) -> list[dict[str, object]]:
    """As the planner would for a large table."""
    with connection.cursor() as cursor:
        for setting in ("enable_sort", "enable_seqscan", "enable_hashjoin", "enable_bitmapscan"):
            cursor.execute(f"SET LOCAL {setting} = off")
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}")
        (plan,) = cursor.fetchone()
    found: list[dict[str, object]] = json.loads(plan) if isinstance(plan, str) else plan
    return found


def nodes(plan: object) -> set[str]:
    if isinstance(plan, list):
        return set().union(*(nodes(each) for each in plan)) if plan else set()
    if isinstance(plan, dict):
        own = {str(plan["Node Type"])} if "Node Type" in plan else set()
        return own.union(*(nodes(each) for each in plan.values()))
    return set()


def test_list_says_who_is_left_out_by_its_order_and_where_leafing_ends(
    client: Client, members: list[Member], monkeypatch: pytest.MonkeyPatch
) -> None:
    Member.objects.filter(pk=members[0].pk).update(registered_at=None)
    page = client.get(LIST, {"sort": "-registered"})
    assert [row.member.name for row in page.context["rows"]] == ["林晓2", "林晓3"]
    assert "不含入会时间未知的会员" in page.content.decode()
    monkeypatch.setattr(member_list, "PER_PAGE", 1)
    monkeypatch.setattr(member_list, "LAST_PAGE", 2)
    last = client.get(LIST, {"page": "7"})
    assert [row.member.name for row in last.context["rows"]] == ["林晓2"]
    assert last.context["next"] == 0
    assert "翻页到第 10,000 位会员为止" in last.content.decode()
    assert "翻页到第 10,000 位会员为止" not in client.get(LIST).content.decode()


def test_reading_asks_once_and_forgets_afterwards() -> None:
    asked: list[int] = []

    @read_once
    def question(number: int) -> int:
        asked.append(number)
        return number * 2

    with one_reading():
        assert (question(1), question(1), question(2)) == (2, 2, 4)
    assert asked == [1, 2]
    assert question(1) == question(1) == 2
    assert asked == [1, 2, 1, 1]
