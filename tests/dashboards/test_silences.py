"""Silences counted and members flagged, each against pandas over the facts themselves."""

from datetime import date, datetime, timedelta
from typing import Any

import pandas as pd
import pytest
from django.utils import timezone

from audit.models import AuditEntry
from compliance.models import ContactStatus
from dashboards.errors import ChurnRuleNotValid
from dashboards.models import ChurnFlag, ChurnRule, InsightSettings, SilenceCurve
from dashboards.rules.silence_sql import LONGEST
from dashboards.services.settings import set_churn_days
from dashboards.services.silences import count_silences, flag_silent
from dashboards.tasks import flag_silent as flag_task
from members.models import Member
from segments.models import Audience, MemberStanding
from segments.services.audiences import create
from tests.dashboards import lively
from timeline.models import InteractionDay, PurchaseDay

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def last_day(now: datetime) -> pd.Timestamp:
    return pd.Timestamp(timezone.localdate(now)) - DAY


def gaps(now: datetime, *, days: int = 365) -> pd.DataFrame:
    """Every silence of the window: member, day on which it began, its length, and whether it ended."""
    last = last_day(now)
    known = lively.signs()
    known = known[(known["day"] <= last) & (known["day"] > last - days * DAY)].copy()
    known["after"] = known.groupby("member")["day"].shift(-1)
    known["returned"] = known["after"].notna()
    known["length"] = (known["after"].fillna(last) - known["day"]).dt.days
    too_long = known["length"] > LONGEST
    known.loc[too_long, "returned"] = False
    known["length"] = known["length"].clip(upper=LONGEST)
    return known[known["length"] > 0]


def as_lists(silences: pd.DataFrame) -> tuple[list[int], list[int]]:
    def counted(rows: pd.DataFrame) -> list[int]:
        by_length = rows["length"].value_counts()
        return [int(by_length.get(days, 0)) for days in range(1, LONGEST + 1)]

    return counted(silences[silences["returned"]]), counted(silences[~silences["returned"]])


def kept(scope: str) -> tuple[list[int], list[int]]:
    curve = SilenceCurve.objects.get(scope=scope)
    return curve.returned, curve.unended


def test_silences_equal_pandas_for_everybody_each_store_and_an_audience() -> None:
    brand = lively.found()
    audience = create(name="杭州", rule={"filter": {"city": ["杭州"]}}, by=None, now=brand.now)
    count_silences(now=brand.now)
    silences = gaps(brand.now)
    assert len(silences) > 1000
    assert kept("all") == as_lists(silences)
    home = {member.pk: member.home_store_id for member in brand.members}
    stores = silences["member"].map(home)
    for store in brand.stores:
        assert kept(f"store:{store.pk}") == as_lists(silences[stores == store.pk])
    assert kept("store:") == as_lists(silences[stores.isna()])
    chosen = set(Member.objects.filter(city__name="杭州").values_list("pk", flat=True))
    assert kept(f"audience:{audience.pk}") == as_lists(silences[silences["member"].isin(chosen)])
    known = lively.signs()
    within = known[(known["day"] <= last_day(brand.now)) & (known["day"] > last_day(brand.now) - 365 * DAY)]
    assert SilenceCurve.objects.get(scope="all").members == within["member"].nunique()


def test_silences_of_merged_members_are_those_of_one() -> None:
    brand = lively.found()
    lively.merge_some(brand)
    audience = create(name="杭州", rule={"filter": {"city": ["杭州"]}}, by=None, now=brand.now)
    count_silences(now=brand.now)
    silences = gaps(brand.now)
    assert kept("all") == as_lists(silences)
    home = silences["member"].map({member.pk: member.home_store_id for member in brand.members})
    for store in brand.stores:
        assert kept(f"store:{store.pk}") == as_lists(silences[home == store.pk])
    chosen = set(Member.objects.active().filter(city__name="杭州").values_list("pk", flat=True))
    assert kept(f"audience:{audience.pk}") == as_lists(silences[silences["member"].isin(chosen)])


def test_silences_of_a_tier_are_those_that_began_in_it() -> None:
    """By the history as it stood, not by where members came to lie: silence itself moves them."""
    brand = lively.found()
    count_silences(now=brand.now)
    moves = lively.frame("SELECT member_id AS member, at, to_tier AS tier FROM segments_tierchange ORDER BY at, id")
    moves["since"] = lively.local_days(moves["at"])
    silences = gaps(brand.now).sort_values("day")
    found = pd.merge_asof(
        silences, moves.sort_values("since")[["member", "since", "tier"]], left_on="day", right_on="since", by="member"
    )
    for tier in ("regular", "potential"):
        assert kept(f"tier:{tier}") == as_lists(found[found["tier"] == tier])
    assert not SilenceCurve.objects.filter(scope="tier:silent").exists()


def test_curves_of_what_is_gone_go_and_a_second_count_changes_nothing() -> None:
    brand = lively.found(members=60)
    audience = create(name="全部", rule={"not": {"filter": {"channel": ["nowhere"]}}}, by=None, now=brand.now)
    assert count_silences(now=brand.now) == SilenceCurve.objects.count()
    before = dict(SilenceCurve.objects.values_list("scope", "returned"))
    assert kept(f"audience:{audience.pk}") == kept("all")
    count_silences(now=brand.now + timedelta(minutes=1))
    assert dict(SilenceCurve.objects.values_list("scope", "returned")) == before
    Audience.objects.update(state="archived")
    count_silences(now=brand.now + timedelta(minutes=2))
    assert not SilenceCurve.objects.filter(audience=audience).exists()


def expected_flags(now: datetime, rules: dict[int, int], horizon: int = 30) -> dict[int, tuple[date, int]]:
    """Member → last sign of life and threshold, by the words of the definition."""
    today = pd.Timestamp(timezone.localdate(now))
    known = lively.signs()
    seen = known[known["day"] <= today].groupby("member")["day"].max()
    silent = (today - seen).dt.days - 1
    return {
        int(member): (seen[member].date(), rules[int(member)])
        for member in seen.index
        if rules[int(member)] <= silent[member] < rules[int(member)] + horizon
    }


def open_flags() -> dict[int, tuple[date, int]]:
    return {flag.member_id: (flag.seen, flag.days) for flag in ChurnFlag.objects.filter(until=None)}


def test_flags_equal_pandas_and_follow_the_first_rule_that_fits() -> None:
    brand = lively.found()
    numbers = [member.pk for member in brand.members]
    flag_silent(now=brand.now)
    plain = expected_flags(brand.now, dict.fromkeys(numbers, 3))
    assert len(plain) > 15
    assert open_flags() == plain
    MemberStanding.objects.bulk_create(
        MemberStanding(member=member, tier="silent", tier_since=brand.now) for member in brand.members[::4]
    )
    audience = create(name="杭州", rule={"filter": {"city": ["杭州"]}}, by=None, now=brand.now)
    set_churn_days(scope="tier:silent", days=12, reason="看曲线", by=None, now=brand.now)
    set_churn_days(scope=f"audience:{audience.pk}", days=20, reason="看曲线", by=None, now=brand.now)
    chosen = set(Member.objects.filter(city__name="杭州").values_list("pk", flat=True))
    tiered = {member.pk for member in brand.members[::4]}
    rules = {number: 20 if number in chosen else 12 if number in tiered else 3 for number in numbers}
    flag_silent(now=brand.now)
    due = expected_flags(brand.now, rules)
    assert {number: seen for number, (seen, _days) in open_flags().items()} == {
        number: seen for number, (seen, _days) in due.items()
    }
    assert set(ChurnFlag.objects.exclude(until=None).values_list("ended", flat=True)) <= {"withdrawn"}
    fresh = {flag.member_id: flag.days for flag in ChurnFlag.objects.filter(until=None).exclude(scope="all")}
    assert all(rules[number] == days for number, days in fresh.items())


NOON = datetime(2026, 11, 22, 12, tzinfo=timezone.get_default_timezone())
TODAY = date(2026, 11, 22)


def member(*days_ago: int, **more: Any) -> Member:
    made = Member.objects.create(registered_at=NOON - 300 * DAY, **more)
    InteractionDay.objects.bulk_create(
        InteractionDay(member=made, day=TODAY - days * DAY, kind="browse", count=1) for days in days_ago
    )
    return made


@pytest.mark.parametrize(("ago", "flagged"), [(0, False), (3, False), (4, True), (33, True), (34, False)])
def test_flag_begins_after_three_whole_days_and_ends_with_the_horizon(ago: int, flagged: bool) -> None:
    """Last seen four days ago: three whole days without a sign; 33 are the last of 3 and 30."""
    one = member(ago)
    assert (flag_silent(now=NOON).flagged == 1) is flagged
    if flagged:
        assert ChurnFlag.objects.get(member=one).since == TODAY - (ago - 4) * DAY


def test_flag_ends_on_the_day_she_came_back_or_is_lost_or_nobody_judges_her_so() -> None:
    back, lost, other, restricted = member(10), member(33), member(10), member(10)
    assert flag_silent(now=NOON).now == 4
    InteractionDay.objects.create(member=back, day=TODAY - 2 * DAY, kind="open", count=1)
    Member.objects.filter(pk=other.pk).update(merged_into=back)
    ContactStatus.objects.create(member=restricted, restricted_at=NOON)
    found = flag_silent(now=NOON + DAY)
    assert (found.flagged, found.ended, found.now) == (0, 4, 0)
    ends = {flag.member_id: (flag.ended, flag.until) for flag in ChurnFlag.objects.all()}
    assert ends == {
        back.pk: ("returned", TODAY - 2 * DAY),
        lost.pk: ("lost", TODAY + DAY),
        other.pk: ("withdrawn", TODAY + DAY),
        restricted.pk: ("withdrawn", TODAY + DAY),
    }


def test_an_order_is_a_sign_of_life_and_a_refund_is_none() -> None:
    bought, gave_back = member(10), member(10)
    PurchaseDay.objects.create(member=bought, day=TODAY - DAY, orders=1, coupon_orders=0, amount=9)
    PurchaseDay.objects.create(member=gave_back, day=TODAY - DAY, orders=0, coupon_orders=0, amount=-9)
    flag_silent(now=NOON)
    assert list(ChurnFlag.objects.values_list("member", flat=True)) == [gave_back.pk]


def test_flagging_again_changes_nothing() -> None:
    member(5)
    flag_silent(now=NOON)
    before = list(ChurnFlag.objects.values())
    found = flag_silent(now=NOON + timedelta(hours=3))
    assert (found.flagged, found.ended) == (0, 0)
    assert list(ChurnFlag.objects.values()) == before


def test_nobody_is_flagged_by_the_clock_without_an_assessment() -> None:
    member(5)
    assert "skipped" in flag_task()
    assert not ChurnFlag.objects.exists()


@pytest.mark.usefixtures("assessed")
def test_the_clock_flags_with_an_assessment() -> None:
    one = Member.objects.create()
    InteractionDay.objects.create(member=one, day=timezone.localdate() - 6 * DAY, kind="browse", count=1)
    assert flag_task() == {"flagged": 1, "ended": 0, "now": 1}


@pytest.mark.parametrize(
    ("scope", "days", "reason", "field"),
    [
        ("all", 0, "r", "days"),
        ("all", 91, "r", "days"),
        ("all", None, "r", "days"),
        ("all", 5, " ", "reason"),
        ("tier:nobody", 5, "r", "scope"),
        ("audience:999", 5, "r", "scope"),
        ("audience:x", 5, "r", "scope"),
        ("store:1", 5, "r", "scope"),
        ("", 5, "r", "scope"),
    ],
)
def test_wrong_thresholds_are_refused_by_their_field(scope: str, days: int | None, reason: str, field: str) -> None:
    with pytest.raises(ChurnRuleNotValid) as refused:
        set_churn_days(scope=scope, days=days, reason=reason, by=None, now=NOON)
    assert list(refused.value.fields) == [field]
    assert dict(ChurnRule.objects.values_list("scope", "days")) == {"all": 3}


def test_threshold_is_set_and_taken_away_on_the_record() -> None:
    set_churn_days(scope="tier:potential", days=7, reason="曲线在七天拐弯", by=None, now=NOON)
    set_churn_days(scope="tier:potential", days=7, reason="", by=None, now=NOON)
    assert ChurnRule.objects.get(scope="tier:potential").days == 7
    set_churn_days(scope="tier:potential", days=None, reason="不再需要", by=None, now=NOON)
    assert not ChurnRule.objects.filter(scope="tier:potential").exists()
    entries = AuditEntry.objects.filter(action__contains="churn_days").order_by("pk")
    assert [(entry.action, entry.changes["days"], entry.reason) for entry in entries] == [
        ("dashboards.set_churn_days", [None, 7], "曲线在七天拐弯"),
        ("dashboards.remove_churn_days", [7, None], "不再需要"),
    ]


def test_window_of_the_count_is_a_setting() -> None:
    InsightSettings.objects.update(silence_days=30)
    member(200, 190, 20, 10)
    count_silences(now=NOON)
    curve = SilenceCurve.objects.get(scope="all")
    assert (curve.first_day, curve.last_day) == (TODAY - 30 * DAY, TODAY - DAY)
    assert (curve.returned[9], sum(curve.returned), curve.unended[8], sum(curve.unended)) == (1, 1, 1, 1)
