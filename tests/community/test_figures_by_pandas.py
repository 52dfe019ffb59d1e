"""Figures of groups against the same in pandas, from what was said, joined and bought: none of our SQL, none of our sums."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from community.models import Group, GroupParticipant
from community.selectors.activity import days_of, heat_of, pulse_of, states_of
from community.selectors.people import Figures, asleep_in, contributors_of, figures_of, overlap_of
from community.services.participants import leave
from tests.community import chats
from tests.community.chats import DAY, NOW
from tests.community.test_storing import message, stored
from timeline.models import PurchaseDay

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("Asia/Shanghai")
TODAY = date(2026, 11, 20)
SEED = 20261123
WHO = ["group", "key"]


@dataclass(frozen=True)
class Truth:
    """What happened: one row for each message, stay, order and person. Times are local."""

    said: pd.DataFrame
    stays: pd.DataFrame
    bought: pd.DataFrame
    people: pd.DataFrame


@pytest.fixture
def groups() -> list[Group]:
    return [chats.a_group(type_id=chats.kind(code).pk) for code in ("welfare", "interest", "honour", "interest")]


@pytest.fixture
def truth(groups: Sequence[Group]) -> Truth:
    """Four groups over eighty days: told and seen joinings, people who leave and come back, staff, members in several."""
    chance = random.Random(SEED)
    members = [chats.member() for _number in range(25)]
    people, stays = _joined(groups[:3], members, chance)
    said = _talk(people, stays, chance)
    known = {(row.group_id, row.speaker_key): row for row in GroupParticipant.objects.all()}
    for group, key, at in said[["group", "key", "at"]].itertuples(index=False):
        if (group, key) not in {(each["group"], each["key"]) for each in stays}:
            first = said[(said.group == group) & (said.key == key)]["at"].min()
            stays.append({"group": group, "key": key, "joined": first, "left": None, "how": "seen"})
            assert at >= first
    people += [
        {"group": group, "key": key, "member": None, "staff": False}
        for (group, key), row in known.items()
        if row.member_id is None and key.startswith("stranger")
    ]
    bought = [
        {"member": member.pk, "day": TODAY - timedelta(days=chance.randrange(0, 60))}
        for member in members
        if chance.random() < 0.5
    ]
    PurchaseDay.objects.bulk_create(
        PurchaseDay(member_id=each["member"], day=each["day"], orders=1, coupon_orders=0, amount=99) for each in bought
    )
    frame = pd.DataFrame(stays)
    frame["left"] = pd.to_datetime(frame["left"], utc=True).dt.tz_convert(ZONE)
    frame["joined"] = pd.to_datetime(frame["joined"], utc=True).dt.tz_convert(ZONE)
    return Truth(said, frame, pd.DataFrame(bought), pd.DataFrame(people))


def _joined(
    groups: Sequence[Group], members: Sequence[Any], chance: random.Random
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    people: list[dict[str, Any]] = []
    stays: list[dict[str, Any]] = []
    for group in groups:
        hers = chance.sample(list(members), 15)
        for place in range(22):
            key = f"wx{group.pk}-{place}"
            member = hers[place].pk if place < len(hers) else None
            staff = chats.person(f"guide{group.pk}").pk if place == 21 else None
            at = NOW - timedelta(days=chance.uniform(1, 80))
            one = chats.somebody(group, key, speaker_key=key, member_id=member, staff_id=staff, joined_at=at)
            left = None
            if place % 4 == 3:
                left = min(at + timedelta(days=chance.uniform(0.5, 40)), NOW - timedelta(hours=1))
                leave(participant=one, at=left, how="left", by=None, now=NOW)
            people.append({"group": group.pk, "key": key, "member": member, "staff": staff is not None})
            stays.append({"group": group.pk, "key": key, "joined": at, "left": left, "how": "unknown"})
    return people, stays


def _talk(people: list[dict[str, Any]], stays: list[dict[str, Any]], chance: random.Random) -> pd.DataFrame:
    """Nobody speaks after she left; strangers speak whose joining nobody told. The same day by day and hour by hour."""
    rows: list[dict[str, Any]] = []
    spans = {(each["group"], each["key"]): (each["joined"], each["left"] or NOW) for each in stays}
    for each in people:
        since, until = spans[each["group"], each["key"]]
        moments = (since + (until - since) * chance.random() for _n in range(chance.choice((0, 0, 1, 3, 12))))
        rows.extend({**each, "at": at} for at in moments)
    for group in sorted({each["group"] for each in people}):
        for place in range(6):
            for _number in range(chance.choice((1, 2, 5))):
                at = NOW - timedelta(days=chance.uniform(0.1, 70 if place else 20))
                rows.append({"group": group, "key": f"stranger{place}", "at": at})
    for place, row in enumerate(rows):
        row["at"] = row["at"].replace(microsecond=0) + timedelta(microseconds=place)
    batches = [rows[place::3] for place in range(3)]
    for batch in batches:
        stored(*(message(row["group"], row["key"], f"第{n}句话", at=row["at"]) for n, row in enumerate(batch)))
    said = pd.DataFrame(rows)
    said["at"] = pd.to_datetime(said["at"], utc=True).dt.tz_convert(ZONE)
    said["day"] = said["at"].dt.date
    said["hour"] = said["at"].dt.hour
    return said


def expected(truth: Truth, group: Group, *, sleeper_days: int) -> Figures:
    """By the words on the page."""
    now = pd.Timestamp(NOW)
    stays = truth.stays[truth.stays.group == group.pk].merge(truth.people, on=WHO)
    here = stays[(stays.joined <= now) & (stays.left.isna() | (stays.left > now))]
    customers = here[~here.staff.astype(bool)]
    said = truth.said[truth.said.group == group.pk]
    spoke_7 = set(said[said.day > TODAY - timedelta(days=7)].key)
    spoke_asleep = set(said[said.day > TODAY - timedelta(days=sleeper_days)].key)
    could = customers[customers.joined <= now - pd.Timedelta(days=sleeper_days)]
    told = stays[stays.how != "seen"]
    month = now - pd.Timedelta(days=30)
    cohort = told[~told.staff.astype(bool) & (told.joined > month - pd.Timedelta(days=30)) & (told.joined <= month)]
    stayed = cohort[cohort.left.isna() | (cohort.left >= cohort.joined + pd.Timedelta(days=30))]
    members = set(customers.member.dropna())
    buyers = set(truth.bought[truth.bought.day > TODAY - timedelta(days=30)].member)
    return Figures(
        present=len(here),
        customers=len(customers),
        told=int((~stays.staff.astype(bool) & ((stays.how != "seen") | stays.left.notna())).sum()),
        joined=int((told.joined > month).sum()),
        seen=int(((stays.how == "seen") & (stays.joined > month)).sum()),
        left=int((stays.left > month).sum()),
        speakers=int(here.key.isin(spoke_7).sum()),
        could_sleep=len(could),
        sleepers=int((~could.key.isin(spoke_asleep)).sum()),
        members=len(members),
        buyers=len(members & buyers),
        cohort=len(cohort),
        retained=len(stayed),
    )


@pytest.mark.parametrize("sleeper_days", [30, 3, 45])
def test_people_of_groups_are_those_of_pandas(groups: list[Group], truth: Truth, sleeper_days: int) -> None:
    found = figures_of(groups, now=NOW, today=TODAY, sleeper_days=sleeper_days)
    for group in groups[:3]:
        whole = expected(truth, group, sleeper_days=sleeper_days)
        assert found[group.pk] == whole
        assert min(whole.cohort, whole.buyers, whole.seen, whole.left, whole.speakers) > 0, "it says something"
        asleep = asleep_in(group, now=NOW, today=TODAY, sleeper_days=sleeper_days)
        assert asleep.count() == whole.sleepers
    empty = found[groups[3].pk]
    assert empty == Figures()
    assert (empty.growth, empty.sleeping, empty.retention, empty.buying) == (None, None, None, None)


@pytest.mark.parametrize("window", [7, 30])
def test_activity_beside_the_band_is_that_of_pandas(groups: list[Group], truth: Truth, window: int) -> None:
    chosen = list(Group.objects.select_related("type").filter(pk__in=[group.pk for group in groups]))
    found = pulse_of(chosen, today=TODAY, window=window)
    for group in chosen:
        said = truth.said[truth.said.group == group.pk]
        pulse = found[group.pk]
        if said.empty:
            assert (pulse.average, pulse.state, pulse.is_heard) == (None, "unknown", False)
            continue
        since = max(TODAY - timedelta(days=window), said.day.min())
        days = (TODAY - since).days
        average = len(said[(said.day >= since) & (said.day < TODAY)]) / days
        low, high = group.type.messages_low, group.type.messages_high
        state = "quiet" if average < low else "noisy" if average > high else "healthy"
        assert (pulse.average, pulse.days, pulse.state, pulse.last_day) == (average, days, state, said.day.max())
        assert pulse.today == len(said[said.day == TODAY])


def test_days_and_hours_are_those_of_pandas(groups: list[Group], truth: Truth) -> None:
    since = TODAY - timedelta(days=60)
    for group in groups[:3]:
        said = truth.said[truth.said.group == group.pk]
        told = truth.stays[(truth.stays.group == group.pk) & (truth.stays.how != "seen")]
        for each in days_of(group, since=since, until=TODAY):
            of_day = said[said.day == each.day]
            came, went = (int((told[name].dt.date == each.day).sum()) for name in ("joined", "left"))
            assert (each.messages, each.speakers) == (len(of_day), of_day.key.nunique())
            assert (each.joined, each.left) == (came, went)
        four_weeks = said[(said.day >= TODAY - timedelta(days=28)) & (said.day < TODAY)]
        heat = heat_of(group, since=TODAY - timedelta(days=28), until=TODAY)
        counted = four_weeks.groupby([four_weeks["at"].dt.day_of_week, "hour"]).size()
        for weekday in range(7):
            for hour in range(24):
                assert heat[weekday][hour] == counted.get((weekday, hour), 0) / 4


def test_overlap_is_that_of_pandas(groups: list[Group], truth: Truth) -> None:
    now = pd.Timestamp(NOW)
    here = truth.stays[truth.stays.left.isna() | (truth.stays.left > now)].merge(truth.people, on=WHO)
    members = {pk: set(rows.member.dropna()) for pk, rows in here.groupby("group")}
    for group in groups[:3]:
        found = {each.group.pk: (each.members, each.share) for each in overlap_of(group, Group.objects.all(), limit=9)}
        own = members[group.pk]
        shared = {
            other: (len(own & theirs), len(own & theirs) / min(len(own), len(theirs)))
            for other, theirs in members.items()
            if other != group.pk and own & theirs
        }
        assert found == shared
        assert shared, "it says something"


def test_who_carries_the_talk_is_that_of_pandas(groups: list[Group], truth: Truth) -> None:
    for group in groups[:3]:
        lately = truth.said[(truth.said.group == group.pk) & (truth.said.day > TODAY - timedelta(days=30))]
        counted = lately.groupby("key").agg(messages=("at", "size"), days=("day", "nunique"), last=("day", "max"))
        found = {
            each.participant.speaker_key: (each.messages, each.days, each.last_day)
            for each in contributors_of(group, today=TODAY, days=30, limit=100)
        }
        assert found == {key: tuple(row) for key, row in zip(counted.index, counted.to_numpy(), strict=True)}


def test_chat_that_was_imported_long_ago_is_not_said_to_be_silent(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    group = chats.a_group()
    job = chats.imported(
        chats.said(*((f"2026-11-{day:02} 19:00", "小雨", f"第{day}天") for day in range(1, 16))), group
    )
    for days, average, known in ((0, 1.0, 7), (3, 1.0, 4), (9, None, 0)):
        type(job).objects.filter(pk=job.pk).update(created_at=datetime(2026, 11, 16, 4, tzinfo=ZONE))
        today = date(2026, 11, 16) + timedelta(days=days)
        (pulse,) = pulse_of([Group.objects.select_related("type").get(pk=group.pk)], today=today, window=7).values()
        assert (pulse.average, pulse.days, pulse.known_to) == (average, known, date(2026, 11, 16))
        assert pulse.is_heard == (days <= 7)
    assert pulse.state == "unknown"


def test_who_only_spoke_has_not_joined_and_who_comes_back_has() -> None:
    group = chats.a_group()
    stored(message(group.pk, "stranger", at=NOW - 3 * DAY))
    silent = figures_of([group], now=NOW, today=TODAY, sleeper_days=30)[group.pk]
    assert (silent.present, silent.seen, silent.growth) == (1, 1, None)
    one = chats.somebody(group, speaker_key="wx1", joined_at=NOW - 20 * DAY)
    leave(participant=one, at=NOW - 10 * DAY, how="left", by=None, now=NOW)
    stored(message(group.pk, "wx1", at=NOW - 2 * DAY))
    found = figures_of([group], now=NOW, today=TODAY, sleeper_days=30)[group.pk]
    assert (found.joined, found.left, found.growth, found.seen) == (2, 1, 1, 1)
    assert sum(each.joined for each in days_of(group, since=TODAY - timedelta(days=30), until=TODAY)) == 2


def test_purchases_of_an_absorbed_record_are_hers_and_two_records_are_one_member() -> None:
    group, owner = chats.a_group(), chats.member()
    absorbed = chats.member(merged_into=owner)
    for member in (owner, absorbed):
        person = chats.somebody(group)
        GroupParticipant.objects.filter(pk=person.pk).update(member=member, linked_at=NOW)
    PurchaseDay.objects.create(member=absorbed, day=TODAY, orders=1, coupon_orders=0, amount=99)
    found = figures_of([group], now=NOW, today=TODAY, sleeper_days=30)[group.pk]
    assert (found.customers, found.members, found.buyers) == (2, 1, 1)


def test_states_of_many_groups_are_those_of_each(groups: list[Group], truth: Truth) -> None:
    assert not truth.said.empty
    chosen = list(Group.objects.select_related("type").filter(pk__in=[group.pk for group in groups]))
    one_by_one = {pk: pulse.state for pk, pulse in pulse_of(chosen, today=TODAY, window=7).items()}
    assert states_of([group.pk for group in groups], today=TODAY, window=7) == one_by_one
