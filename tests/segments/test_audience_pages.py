"""The pages of audiences: the builder loses nothing, the count is masked and scoped, acts are for those who may."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.translation import override

from accounts.enums import Role
from accounts.models import Region, Store, User
from audit.models import AuditEntry
from members.models import Member
from segments.enums import AudienceState
from segments.models import Audience
from segments.pages.audience_draft import change, from_rule
from segments.pages.audience_words import phrase_of
from segments.rules.audience_reading import read_rule
from tests.segments.facts import Order, add_orders

pytestmark = pytest.mark.django_db
WOMEN = {"filter": {"gender": ["female"]}}
EVERY_KIND: dict[str, Any] = {
    "all": [
        WOMEN,
        {"not": {"filter": {"registered_from": ["-30d"]}}},
        {"any": [{"filter": {"spend_from": ["5"], "spend_to": ["9"]}}, {"filter": {"registered_to": ["2026-01-31"]}}]},
        {"not": {"any": [{"interactions": {"operator": ">=", "value": "3", "days": 7, "kinds": ["browse", "click"]}}]}},
        {"not": {"all": [{"consent": {"purpose": "marketing", "channel": "wecom", "is": "given"}}]}},
        {"purchases": {"measure": "spend", "operator": ">=", "value": "500", "days": 30, "channels": ["a", "b"]}},
        {"filter": {"said_no": ["1"]}},
    ]
}


def sign_in(role: str = Role.MARKETER, **values: Any) -> Client:
    user = User.objects.create_user(f"user-{role}", role=role, is_staff=True, **values)
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(user)
    return client


def form(rule: Any, **values: str) -> dict[str, Any]:
    """What the page would send for a rule."""
    posted: dict[str, Any] = {"node": [], **values}
    for part in from_rule(rule).walk():
        kind = "group" if part.is_group else "leaf"
        posted["node"].append(f"{part.number}:{part.parent}:{kind}")
        prefix = f"n{part.number}."
        posted |= {f"{prefix}{name}": texts for name, texts in part.fields.items()}
        posted |= {f"{prefix}mode": part.kind} if part.is_group else {f"{prefix}what": part.what}
        posted |= {f"{prefix}not": "1"} if part.negated else {}
    return posted


def test_every_kind_of_part_goes_to_the_form_and_back() -> None:
    assert read_rule(EVERY_KIND)[1] == {}
    assert read_rule(from_rule(EVERY_KIND).as_json()) == read_rule(EVERY_KIND)
    response = sign_in().post("/admin/audiences/add/", form(EVERY_KIND, name="A", description="d", act="save"))
    assert response.status_code == 302
    kept = Audience.objects.get()
    assert (kept.rule, kept.name, kept.size) == (EVERY_KIND, "A", 0)


def test_a_faulty_rule_is_shown_again_with_all_that_was_typed() -> None:
    rule = {"all": [{"purchases": {"measure": "orders", "operator": ">=", "value": "many", "days": "14"}}]}
    response = sign_in().post("/admin/audiences/add/", form(rule, name="Mine", act="save"))
    page = response.content.decode()
    assert response.status_code == 422
    assert "A whole number from 0 on is expected here." not in page
    assert "A number is expected here." in page
    assert 'value="many"' in page
    assert 'value="14"' in page
    assert 'value="Mine"' in page
    assert not Audience.objects.exists()


@pytest.mark.parametrize(
    "posted",
    [
        {},
        {"node": ["x", "0:-1:group", "1:9:leaf", "2:0:what", "0:0:leaf"]},
        {"node": ["0:-1:leaf"], "n0.what": "filter:gender"},
        {"node": ["0:-1:group", "1:0:leaf"], "n1.what": "filter:nothing", "n1.not": "1"},
        {"node": ["0:-1:group", "1:0:leaf"], "n1.what": "audience", "n1.audience": "9" * 30},
        {"node": ["0:-1:group", "1:0:leaf"], "n1.what": "consent"},
        {"node": ["0:-1:group"] + [f"{number}:0:leaf" for number in range(1, 300)]},
        {"node": ["0:-1:group", "1:0:leaf"], "n1.what": "filter:registered", "n1.how": "last", "n1.days": "x"},
    ],
)
def test_nonsense_is_answered_by_a_sentence(posted: dict[str, Any]) -> None:
    client = sign_in()
    assert client.post("/admin/audiences/add/", {**posted, "name": "A", "act": "save"}).status_code == 422
    assert client.post("/admin/audiences/draft/", {**posted, "act": "add:0"}).status_code == 200
    assert client.post("/admin/audiences/estimate/", posted).status_code == 200
    assert not Audience.objects.exists()


def test_parts_are_added_and_taken_out() -> None:
    tree = change(from_rule({"all": [WOMEN]}), "group:0")
    assert [part.kind for part in tree.walk()] == ["all", "leaf", "any", "leaf"]
    tree = change(change(tree, "add:2"), "remove:3")
    assert [part.number for part in tree.walk()] == [0, 1, 2, 3]
    assert change(tree, "remove:1").as_json() == {"all": [{"any": [{"?": None}]}]}
    assert change(tree, "remove:0") is tree


def test_a_fresh_page_reads_as_an_empty_group() -> None:
    page = sign_in().get("/admin/audiences/add/")
    assert page.status_code == 200
    assert b'value="0:-1:group"' in page.content


def test_the_count_shows_masked_members_that_the_user_sees() -> None:
    store = Store.objects.create(region=Region.objects.create(code="r", name="R"), code="s", name="S")
    client = sign_in(Role.GUIDE)
    guide = User.objects.get()
    guide.stores.add(store)
    Member.objects.create(name="王小明", gender="female", guide=guide, home_store=store)
    Member.objects.create(name="李大山", gender="female")
    audience = Audience.objects.create(name="A", rule=WOMEN, size=2)
    page = client.get(f"/admin/audiences/{audience.pk}/count/").content.decode()
    assert "<strong>1</strong>" in page
    assert "王*明" in page
    assert "王小明" not in page
    assert "李" not in page
    assert ">2<" not in client.get("/admin/audiences/").content.decode()
    assert client.get("/admin/audiences/add/").status_code == 403
    assert client.post(f"/admin/audiences/{audience.pk}/archive/").status_code == 403


def test_page_of_one_that_a_worker_counts_asks_again_and_shows_the_last_size() -> None:
    client, now = sign_in(), timezone.now()
    audience = Audience.objects.create(name="A", rule=WOMEN, size=7, refreshed_at=now, counting_since=now)
    address = f"/admin/audiences/{audience.pk}/count/"
    page = client.get(address).content.decode()
    assert "data-again" in page and "<strong>7</strong>" in page
    Audience.objects.update(counting_since=None)
    assert "data-again" not in client.get(address).content.decode()


def test_nobody_matching_is_said_and_may_be_saved() -> None:
    client = sign_in()
    assert "Nobody matches now." in client.post("/admin/audiences/estimate/", form(WOMEN)).content.decode()
    assert client.post("/admin/audiences/add/", form(WOMEN, name="A", act="save")).status_code == 302


def test_acts_copy_archive_and_take_back() -> None:
    client, audience = sign_in(), Audience.objects.create(name="A", rule=WOMEN)
    at = f"/admin/audiences/{audience.pk}/"
    assert client.post(f"{at}clone/").status_code == 302
    assert sorted(Audience.objects.values_list("name", flat=True)) == ["A", "A (2)"]
    client.post(f"{at}archive/")
    assert Audience.objects.get(pk=audience.pk).state == AudienceState.ARCHIVED
    assert client.get("/admin/audiences/?state=archived").status_code == 200
    client.post(f"{at}restore/")
    client.post(f"{at}refresh/")
    assert (Audience.objects.get(pk=audience.pk).size, client.post(f"{at}explode/").status_code) == (0, 404)
    recorded = AuditEntry.objects.filter(action__startswith="segments.audience.").order_by("pk")
    assert [entry.action.rpartition(".")[2] for entry in recorded] == ["create", "archive", "restore", "refresh"]
    assert client.get(f"{at}refresh/").status_code == 405


def test_a_tag_is_kept_by_an_audience_from_its_page() -> None:
    client, audience = sign_in(), Audience.objects.create(name="A", rule=WOMEN)
    Member.objects.create(gender="female")
    values = {"name": "T", "new_group": "G", "rule": f"audience:{audience.pk}"}
    assert client.post("/admin/tags/count/", {"view": values["rule"]}).json()["text"] == "1 member matches now."
    assert client.post("/admin/tags/add/", values).status_code == 302
    page = client.get("/admin/audiences/").content.decode()
    assert "T</a>" in page
    assert client.post("/admin/tags/add/", {**values, "name": "U", "rule": "audience:99"}).status_code == 404


@pytest.mark.parametrize("query", ["?page=1", "?sort=-registered"])
def test_the_member_list_opens_an_audience(query: str) -> None:
    now = timezone.now()
    buyer, other = (
        Member.objects.create(name="买家", registered_at=now),
        Member.objects.create(name="路人", registered_at=now),
    )
    add_orders([Order(buyer.pk, now - timedelta(days=1), Decimal(5))])
    rule = {"purchases": {"measure": "orders", "operator": ">=", "value": "1", "days": 7}}
    audience = Audience.objects.create(name="A", rule=rule)
    page = sign_in().get(f"/admin/members/member/{query}&audience={audience.pk}").content.decode()
    assert buyer.name in page
    assert other.name not in page


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "all of these hold: gender: Female; not: no order in the last 60 days; (none of these holds: tier: Silent; net spend (¥) since the beginning ≥ 500)"),
        ("zh-hans", "满足以下全部：性别：女；非：最近 60 天内无订单；(以下都不满足：层级：沉默用户；历史累计净消费（¥） ≥ 500)"),
    ],
)  # fmt: skip
def test_a_rule_is_said_in_words(language: str, words: str) -> None:
    none = {"purchases": {"measure": "orders", "operator": "<", "value": "1", "days": 60}}
    spend = {"purchases": {"measure": "spend", "operator": ">=", "value": "500"}}
    rule = {"all": [WOMEN, {"not": none}, {"not": {"any": [{"filter": {"tier": ["silent"]}}, spend]}}]}
    with override(language):
        assert str(phrase_of(rule)) == words


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"registered_from": ["-30d"]}, "registered: in the last 30 days"),
        ({"registered_to": ["-30d"]}, "registered: more than 30 days ago"),
        ({"registered_from": ["2026-01-01"], "registered_to": ["2026-01-31"]}, "registered: 2026-01-01 – 2026-01-31"),
        ({"registered_to": ["2026-01-31"]}, "registered: ≤ 2026-01-31"),
    ],
)
def test_a_span_of_days_is_said_in_words(given: Any, words: str) -> None:
    with override("en"):
        assert str(phrase_of({"filter": given})) == words
