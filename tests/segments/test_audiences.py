"""Audiences kept: what is refused and why, what depends on what, how they are counted, where they serve."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from accounts.enums import Role
from accounts.models import Region, Store, User
from audit.models import AuditEntry
from compliance.enums.consent import ConsentSource, Reason
from compliance.models import ContactStatus, LegalHold
from compliance.selectors.gate import may_contact
from compliance.services.consent import ConsentIn, record
from members.models import Member
from members.models.filters import filter_members
from segments.enums import AudienceState
from segments.errors import (
    AudienceArchived,
    AudienceChanged,
    AudienceInUse,
    AudienceInvalid,
    AudiencesBroken,
    AudienceTooSlow,
    TagInUse,
)
from segments.models import Audience, AudienceSize, MemberTag, Tag
from segments.rules.audience_reading import read_rule
from segments.selectors import audiences as selectors
from segments.selectors.audiences import audience_statement, estimate, members_of, patient
from segments.services import audiences as services
from segments.services.tags import delete_tag, refresh_tag, save_tag, save_tag_group
from tests.segments.facts import Act, Order, add_acts, add_orders, make_members, moment

pytestmark = pytest.mark.django_db
NOW = moment("2026-06-10T09:30:00")
DAY = timedelta(days=1)
NO_ORDER = {"purchases": {"measure": "orders", "operator": "<", "value": "1", "days": 30}}
WOMEN = {"filter": {"gender": ["female"]}}


def make(name: str = "A", rule: Any = None, **values: Any) -> Audience:
    return services.create(name=name, rule=rule or {"all": [WOMEN]}, by=None, now=NOW, **values)


def faults(rule: Any) -> list[str]:
    return sorted(read_rule(rule)[1])


def deep(levels: int) -> dict[str, Any]:
    rule: dict[str, Any] = WOMEN
    for _level in range(levels):
        rule = {"all": [rule]}
    return rule


@pytest.mark.parametrize(
    ("rule", "places"),
    [
        ({}, ["rule"]),
        ([], ["rule"]),
        ({"all": []}, ["rule.all"]),
        ({"all": {}}, ["rule.all"]),
        ({"some": [WOMEN]}, ["rule"]),
        ({"all": [WOMEN], "any": [WOMEN]}, ["rule"]),
        ({"not": {"not": WOMEN}}, ["rule.not"]),
        (deep(6), ["rule.all.0.all.0.all.0.all.0.all.0.all"]),
        ({"all": [WOMEN] * 51}, ["rule.all"]),
        ({"filter": {}}, ["rule.filter"]),
        ({"filter": {"gender": []}}, ["rule.filter"]),
        ({"filter": {"gender": ["a\x00b"]}}, ["rule.filter"]),
        ({"purchases": 5}, ["rule.purchases"]),
        (
            {"purchases": {"measure": "orders", "operator": ">=", "value": "x", "days": 0}},
            ["rule.purchases.days", "rule.purchases.value"],
        ),
        ({"purchases": {"measure": "orders", "operator": ">=", "value": "1.5"}}, ["rule.purchases.value"]),
        ({"purchases": {"measure": "orders", "operator": ">=", "value": "-1"}}, ["rule.purchases.value"]),
        ({"purchases": {"measure": "spend", "operator": ">=", "value": "0.001"}}, ["rule.purchases.value"]),
        ({"purchases": {"measure": "spend", "operator": ">=", "value": "1e99"}}, ["rule.purchases.value"]),
        ({"purchases": {"measure": "orders", "operator": ">=", "value": 1, "days": 10**30}}, ["rule.purchases.days"]),
        ({"purchases": {"measure": "since_last", "operator": ">=", "value": 1, "days": 3}}, ["rule.purchases.days"]),
        ({"purchases": {"measure": "orders", "operator": "!=", "value": 1}}, ["rule.purchases.operator"]),
        ({"purchases": {"measure": "x", "operator": "=", "value": 1, "y": 1}}, ["rule.purchases.measure", "rule.purchases.y"]),
        ({"interactions": {"operator": ">=", "value": True}}, ["rule.interactions.value"]),
        ({"interactions": {"operator": ">=", "value": 1, "kinds": ["x"]}}, ["rule.interactions.kinds"]),
        ({"consent": {"purpose": "x", "is": "given"}}, ["rule.consent.purpose"]),
        ({"consent": {"purpose": "publish", "channel": "sms", "is": "given"}}, ["rule.consent.channel"]),
        ({"audience": "1"}, ["rule.audience"]),
        ({"audience": 2**63}, ["rule.audience"]),
    ],
)  # fmt: skip
def test_a_rule_that_cannot_be_understood_says_where(rule: Any, places: list[str]) -> None:
    assert faults(rule) == places


@pytest.mark.parametrize(
    "rule",
    [
        {"filter": {"nothing": ["1"]}},
        {"filter": {"gender": ["x"]}},
        {"filter": {"q": ["王"]}},
        {"filter": {"channel": ["13912345678"]}},
        {"filter": {"audience": ["1"]}},
        {"filter": {"gender": ["female"], "tier": ["new"]}},
        {"purchases": {"measure": "orders", "operator": ">=", "value": 1, "products": ["none"]}},
        {"purchases": {"measure": "orders", "operator": ">=", "value": 1, "categories": ["none"]}},
        {"purchases": {"measure": "orders", "operator": ">=", "value": 1, "stores": ["none"]}},
        {"audience": 10**9},
    ],
)
def test_a_rule_that_names_what_is_not_there_is_refused(rule: Any) -> None:
    with pytest.raises(AudienceInvalid) as caught:
        make(rule={"all": [rule]})
    assert all(path.startswith("rule.all.0.") for path in caught.value.fields)
    assert not Audience.objects.exists()


@pytest.mark.parametrize("name", ["", "  ", "a" * 10_000])
def test_an_audience_needs_a_name_of_reasonable_length(name: str) -> None:
    with pytest.raises(AudienceInvalid) as caught:
        make(name)
    assert list(caught.value.fields) == ["name"]


def test_a_name_is_taken_once() -> None:
    make("A")
    with pytest.raises(AudienceInvalid) as caught:
        make(" A ")
    assert list(caught.value.fields) == ["name"]


def test_absence_is_zero() -> None:
    never, lately, long_ago = make_members([NOW - 100 * DAY] * 3)
    add_orders([Order(lately, NOW - DAY, Decimal(5)), Order(long_ago, NOW - 31 * DAY, Decimal(5))])
    assert sorted(members_of(NO_ORDER, now=NOW).values_list("pk", flat=True)) == [never, long_ago]
    assert list(members_of({"not": NO_ORDER}, now=NOW).values_list("pk", flat=True)) == [lately]


def test_the_window_is_exact() -> None:
    first, before = make_members([None, None])
    tick = timedelta(microseconds=1)
    add_acts([Act(first, NOW - 7 * DAY), Act(first, NOW), Act(before, NOW - 7 * DAY - tick)])
    once = {"interactions": {"operator": "=", "value": 1, "days": 7}}
    assert list(members_of(once, now=NOW).values_list("pk", flat=True)) == [first]


def test_merged_members_are_in_no_audience() -> None:
    kept, gone = make_members([None, None])
    Member.objects.filter(pk=gone).update(merged_into=kept)
    assert list(members_of({"not": WOMEN}, now=NOW).values_list("pk", flat=True)) == [kept]


def test_what_merged_records_were_told_counts_for_who_stands_for_them() -> None:
    """Else somebody who bought yesterday under her other number would be told how long she has been away."""
    kept, gone, other = make_members([None] * 3)
    add_orders([Order(gone, NOW - DAY, Decimal(30)), Order(kept, NOW - 2 * DAY, Decimal(20))])
    add_acts([Act(gone, NOW - DAY), Act(gone, NOW - 2 * DAY), Act(kept, NOW - DAY)])
    spent = {"purchases": {"measure": "spend", "operator": ">=", "value": "50", "days": 7}}
    once = {"purchases": {"measure": "orders", "operator": "=", "value": 1, "days": 7}}
    acted = {"interactions": {"operator": ">=", "value": 3, "days": 7}}
    both = {"all": [spent, acted]}

    def found(rule: Any, within: Any = None) -> list[int]:
        return sorted(members_of(rule, now=NOW, within=within).values_list("pk", flat=True))

    assert (found(both), found(once)) == ([], [kept, gone])
    Member.objects.filter(pk=gone).update(merged_into=kept)
    assert (found(both), found(once)) == ([kept], [])
    assert found({"not": both}) == [other]
    for within, answer in ((Member.objects.filter(pk=kept), [kept]), (Member.objects.filter(pk=other), [])):
        assert found(both, within) == answer
    Member.objects.filter(pk=gone).update(merged_into=None)
    assert (found(both), found(once)) == ([], [kept, gone])


def test_who_is_stored_only_is_in_no_audience() -> None:
    """She asked for it, or a legal hold stands, whichever of her records it was said of."""
    free, asked, held, merged = make_members([None] * 4)
    Member.objects.filter(pk=merged).update(merged_into=held)
    ContactStatus.objects.create(member_id=asked, restricted_at=moment("2026-05-01"))
    hold = LegalHold.objects.create(member_id=merged, reason="court")
    assert sorted(members_of({"not": WOMEN}, now=NOW).values_list("pk", flat=True)) == [free]
    LegalHold.objects.filter(pk=hold.pk).update(lifted_at=moment("2026-06-01"))
    assert sorted(members_of({"not": WOMEN}, now=NOW).values_list("pk", flat=True)) == [free, held]


def test_an_audience_never_leads_back_to_itself() -> None:
    one = make("one")
    two = make("two", {"all": [{"audience": one.pk}]})
    three = make("three", {"not": {"audience": two.pk}})
    for rule in ({"audience": one.pk}, {"any": [WOMEN, {"audience": two.pk}]}, {"audience": three.pk}):
        with pytest.raises(AudienceInvalid):
            services.update(audience=one, rule=rule, by=None, now=NOW)
    Audience.objects.filter(pk=one.pk).update(rule={"audience": three.pk})  # by another door
    with pytest.raises(AudienceInvalid):
        members_of(Audience.objects.get(pk=two.pk), now=NOW)


def test_an_audience_in_an_audience_is_followed() -> None:
    woman, man = Member.objects.bulk_create([Member(gender="female"), Member(gender="male")])
    inner = make("inner")
    outer = make("outer", {"not": {"audience": inner.pk}})
    assert list(members_of(inner, now=NOW)) == [woman]
    assert list(members_of(outer, now=NOW)) == [man]


def test_refreshing_keeps_one_size_per_local_day() -> None:
    Member.objects.create(gender="female")
    audience = make()
    services.refresh(audience=audience, now=NOW)
    Member.objects.create(gender="female")
    kept = services.refresh(audience=audience, now=NOW + timedelta(hours=1))
    services.refresh(audience=audience, now=NOW + DAY)
    assert (kept.size, kept.refreshed_at) == (2, NOW + timedelta(hours=1))
    assert list(AudienceSize.objects.order_by("day").values_list("day", "size")) == [
        ((NOW + timedelta(hours=8)).date(), 2),
        ((NOW + timedelta(hours=32)).date(), 2),
    ]


def test_a_broken_audience_stops_no_other() -> None:
    tag = save_tag(group=save_tag_group(name="G", by=None), name="T", by=None)
    broken, whole = make("broken", {"filter": {"tag": [str(tag.pk)]}}), make("whole")
    Tag.objects.filter(pk=tag.pk).delete()
    with pytest.raises(AudiencesBroken) as caught:
        services.refresh_all(now=NOW)
    assert "broken" in str(caught.value)
    assert "whole" not in str(caught.value)
    assert list(AudienceSize.objects.values_list("audience", flat=True)) == [whole.pk]
    assert broken.size is None


def test_a_tag_that_an_audience_asks_for_stays() -> None:
    tag = save_tag(group=save_tag_group(name="G", by=None), name="T", by=None)
    audience = make("needs it", {"not": {"filter": {"tag": [str(tag.pk)]}}})
    with pytest.raises(TagInUse) as caught:
        delete_tag(tag=tag, by=None)
    assert "needs it" in str(caught.value)
    services.archive(audience=audience, by=None, now=NOW)
    delete_tag(tag=tag, by=None)
    with pytest.raises(AudienceInvalid):
        services.restore(audience=audience, by=None, now=NOW)


def test_what_others_depend_on_is_not_archived() -> None:
    audience = make("A")
    make("B", {"audience": audience.pk})
    save_tag(group=save_tag_group(name="G", by=None), name="T", rule={"audience": [str(audience.pk)]}, by=None)
    with pytest.raises(AudienceInUse) as caught:
        services.archive(audience=audience, by=None, now=NOW)
    assert "B" in str(caught.value)
    assert "T" in str(caught.value)
    assert Audience.objects.get(pk=audience.pk).is_active


def test_archived_audiences_rest() -> None:
    audience = make()
    services.archive(audience=audience, by=None, now=NOW)
    assert services.refresh_all(now=NOW) == []
    with pytest.raises(AudienceArchived):
        services.update(audience=audience, name="B", by=None, now=NOW)
    with pytest.raises(AudienceInvalid):
        make("C", {"audience": audience.pk})
    assert services.restore(audience=audience, by=None, now=NOW).state == AudienceState.ACTIVE


def test_a_change_is_refused_where_somebody_else_was_quicker() -> None:
    audience = make()
    changed = services.update(audience=audience, name="B", version=1, by=None, now=NOW)
    assert (changed.name, changed.version) == ("B", 2)
    with pytest.raises(AudienceChanged):
        services.update(audience=audience, name="C", version=1, by=None, now=NOW)


def test_a_new_rule_takes_the_size_away() -> None:
    audience = services.refresh(audience=make(), now=NOW)
    assert audience.size == 0
    assert services.update(audience=audience, name="B", by=None, now=NOW).size == 0
    assert services.update(audience=audience, rule={"not": WOMEN}, by=None, now=NOW).size is None


def test_copies_get_free_names() -> None:
    audience = make("A" * 80)
    names = [services.clone(audience=audience, by=None, now=NOW).name for _copy in range(2)]
    assert names == ["A" * 74 + " (2)", "A" * 74 + " (3)"]


def test_every_act_is_recorded() -> None:
    audience = make()
    services.update(audience=audience, name="B", by=None, now=NOW)
    services.archive(audience=audience, by=None, now=NOW)
    services.restore(audience=audience, by=None, now=NOW)
    acts = (
        AuditEntry.objects.filter(action__startswith="segments.audience")
        .order_by("id")
        .values_list("action", flat=True)
    )
    assert [act.rsplit(".", 1)[1] for act in acts] == ["create", "update", "archive", "restore"]


def test_an_estimate_counts_those_that_somebody_sees() -> None:
    region = Region.objects.create(code="r", name="R")
    store, other = (Store.objects.create(region=region, code=code, name=code) for code in ("a", "b"))
    guide = User.objects.create_user("guide", role=Role.GUIDE)
    manager = User.objects.create_user("manager", role=Role.STORE_MANAGER)
    guide.stores.add(store)
    manager.stores.add(store)
    hers = Member.objects.create(home_store=store, guide=guide)
    Member.objects.create(home_store=store)
    Member.objects.create(home_store=other)
    found = [estimate(NO_ORDER, now=NOW, by=user) for user in (None, manager, guide)]
    assert [each.size for each in found] == [3, 2, 1]
    assert found[2].sample == [hers.pk]


def test_a_count_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    slow = "WITH found AS MATERIALIZED ({found}) SELECT count(*), ARRAY[%s]::bigint[] FROM found, pg_sleep(5)"
    monkeypatch.setattr("segments.selectors.audiences._ESTIMATE", slow)
    Member.objects.create(gender="female")
    with pytest.raises(AudienceTooSlow):
        estimate(WOMEN, now=NOW, by=None, patience=timedelta(seconds=1))


def test_the_same_audience_filters_lists_and_keeps_tags() -> None:
    never, lately = make_members([None, None])
    add_orders([Order(lately, NOW - DAY, Decimal(5))])
    audience = make(rule=NO_ORDER)
    parameters = {"audience": [str(audience.pk)]}
    found = filter_members(Member.objects.all(), parameters, now=NOW)
    assert list(found.values_list("pk", flat=True)) == [never]
    everybody = make("B", {"any": [NO_ORDER, {"not": NO_ORDER}]})
    either = filter_members(Member.objects.all(), {"audience": [str(audience.pk), str(everybody.pk)]}, now=NOW)
    assert sorted(either.values_list("pk", flat=True)) == [never, lately]
    tag = save_tag(group=save_tag_group(name="G", by=None), name="T", rule=parameters, by=None, now=NOW)
    refresh_tag(tag=tag, now=NOW)
    assert list(MemberTag.objects.values_list("member", flat=True)) == [never]


def test_what_is_quick_is_counted_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "patient", lambda: patient(timedelta(seconds=1)))
    Member.objects.create(gender="female")
    kept = services.refresh_soon(audience=make(), now=NOW)
    assert (kept.size, kept.counting_since) == (1, None)


def test_what_a_page_cannot_wait_for_is_counted_by_a_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "patient", lambda: patient(timedelta(seconds=1)))
    monkeypatch.setattr(selectors, "audience_statement", slow_statement)
    Member.objects.create(gender="female")
    audience, by = make(), User.objects.create_user("asker")
    for minute in range(2):
        kept = services.refresh_soon(audience=audience, by=by, now=NOW + timedelta(minutes=minute))
        assert (kept.size, kept.counting_since) == (None, NOW)
    assert AuditEntry.objects.filter(action="segments.audience.ask_to_count", actor_id=by.pk).count() == 1
    assert services.count_asked(audience_id=audience.pk, now=NOW + timedelta(hours=1)) is True
    audience.refresh_from_db()
    assert (audience.size, audience.counting_since) == (1, None)
    assert services.count_asked(audience_id=audience.pk, now=NOW + timedelta(hours=1)) is False


def test_what_is_gone_since_ends_the_wish_to_count() -> None:
    inner = make()
    outer = make("outer", {"audience": inner.pk})
    Audience.objects.filter(pk=inner.pk).update(state="archived")
    Audience.objects.filter(pk=outer.pk).update(counting_since=NOW)
    assert services.count_asked(audience_id=outer.pk, now=NOW) is False
    outer.refresh_from_db()
    assert (outer.size, outer.counting_since) == (None, None)


def slow_statement(rule: Any, *, now: datetime) -> tuple[str, list[Any]]:
    """What an audience finds, but no sooner than after two seconds."""
    text, values = audience_statement(rule, now=now)
    return f"SELECT found.member_id FROM (SELECT pg_sleep(2)) AS asleep, ({text}) AS found", values


def test_consent_is_that_of_the_person_over_all_her_records() -> None:
    """What the gate would say of her, an audience says too: tags, exports and personalisation ask no gate."""
    who, merged = make_members([None, None])
    events = [(who, "grant", moment("2026-01-01T00:00:00")), (merged, "withdraw", moment("2026-03-01T00:00:00"))]
    for number, action, at in events:
        given = ConsentIn(member_id=number, purpose="marketing", channel="wecom", action=action, occurred_at=at)
        record(said=given, source=ConsentSource.API, by=None, now=NOW)
    Member.objects.filter(pk=merged).update(merged_into=who)
    verdict = may_contact(who, purpose="marketing", channel="wecom", at=NOW)
    assert Reason.WITHDRAWN in verdict.refusals

    def found(holds: str) -> list[int]:
        rule = {"consent": {"purpose": "marketing", "channel": "wecom", "is": holds}}
        return list(members_of(rule, now=NOW).values_list("pk", flat=True))

    assert {holds: found(holds) for holds in ("given", "withdrawn", "refused", "never")} == {
        "given": [],
        "withdrawn": [who],
        "refused": [],
        "never": [],
    }
