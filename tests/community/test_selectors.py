"""What groups are told by: band, hours, growth, sleepers, buyers, overlap, contributors."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from accounts.enums import Role
from community.models import Group, GroupDay, GroupParticipant, ParticipantDay
from community.rules.bands import Band, judge, share
from community.rules.chat_fields import MESSAGE_NAMES, columns_of, folded, kind_of, links_in, mentions_in
from community.selectors.activity import days_of, group_settings, heat_of, pulse_of
from community.selectors.chats import chats_visible_to
from community.selectors.people import asleep_in, contributors_of, figures_of, overlap_of
from community.services.participants import leave
from community.services.storing import hear
from tests.community import chats
from tests.community.chats import DAY, NOW
from timeline.models import PurchaseDay

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 20)


def day_of(group: Group, back: int, messages: int, **values: Any) -> GroupDay:
    hours = [0] * 24
    hours[20] = messages
    return GroupDay.objects.create(
        group=group, day=TODAY - timedelta(days=back), messages=messages, speakers=1, hours=hours, **values
    )


def spoke(person: GroupParticipant, back: int, messages: int = 1, mentioned: int = 0) -> None:
    ParticipantDay.objects.create(
        participant=person,
        group=person.group,
        day=TODAY - timedelta(days=back),
        messages=messages,
        mentioned=mentioned,
    )


def pulse(group: Group) -> Any:
    group = Group.objects.select_related("type").get(pk=group.pk)
    return pulse_of([group], today=TODAY, window=7)[group.pk]


def figures(group: Group) -> Any:
    return figures_of([group], now=NOW, today=TODAY, sleeper_days=30)[group.pk]


@pytest.mark.parametrize(
    ("average", "state"),
    [(None, "unknown"), (49.9, "quiet"), (50, "healthy"), (80, "healthy"), (80.1, "noisy"), (0, "quiet")],
)
def test_a_band_holds_both_ends(average: float | None, state: str) -> None:
    assert judge(average, Band(50, 80)) == state


def test_a_share_of_nobody_is_none() -> None:
    assert share(0, 0) is None
    assert share(1, 4) == 0.25


def test_the_average_is_over_whole_days_since_the_first_message() -> None:
    group = chats.a_group()
    day_of(group, 0, 999)
    day_of(group, 1, 60)
    day_of(group, 3, 90)

    found = pulse(group)

    assert (found.average, found.days, found.today, found.state) == (50.0, 3, 999, "healthy")
    assert found.last_day == TODAY


def test_a_group_of_which_nothing_is_known_is_not_observed() -> None:
    group = chats.a_group()
    assert (pulse(group).average, pulse(group).state) == (None, "unknown")
    day_of(group, 0, 12)
    assert (pulse(group).average, pulse(group).state) == (None, "unknown")


def test_a_silence_beyond_the_last_delivery_may_be_that_of_the_feed() -> None:
    group = chats.a_group()
    for back in range(4, 20):
        day_of(group, back, 60)
    hear(groups=[group.pk], until=NOW - 4 * DAY)
    told = pulse(group)
    assert (told.average, told.state, told.days, told.known_to) == (60.0, "healthy", 3, TODAY - 4 * DAY)
    hear(groups=[group.pk], until=NOW - 9 * DAY)  # what was heard stays heard
    assert pulse(group).known_to == TODAY - 4 * DAY
    Group.objects.filter(pk=group.pk).update(heard_until=NOW - 9 * DAY)
    assert (pulse(group).average, pulse(group).state, pulse(group).is_heard) == (None, "unknown", False)
    hear(groups=[group.pk], until=NOW)
    assert (pulse(group).state, pulse(group).is_heard) == ("quiet", True)


def test_a_group_that_fell_silent_is_quiet() -> None:
    group = chats.a_group()
    day_of(group, 40, 70)
    assert (pulse(group).average, pulse(group).state) == (0.0, "quiet")


def test_days_without_a_message_are_days() -> None:
    group = chats.a_group()
    day_of(group, 1, 5, joined=2)
    days = days_of(group, since=TODAY - timedelta(days=2), until=TODAY)
    assert [(each.messages, each.joined) for each in days] == [(0, 0), (5, 2), (0, 0)]


def test_the_heat_is_an_average_hour_of_each_weekday() -> None:
    group = chats.a_group()
    for back in (1, 8):  # two Thursdays
        day_of(group, back, 10 * back)
    heat = heat_of(group, since=TODAY - timedelta(days=14), until=TODAY)
    assert heat[3][20] == 45.0
    assert sum(map(sum, heat)) == 45.0


def test_figures_count_who_came_went_speaks_and_sleeps() -> None:
    group = chats.a_group()
    old, silent = chats.somebody(group), chats.somebody(group)
    fresh = chats.somebody(group, joined_at=NOW - 3 * DAY)
    gone = chats.somebody(group, joined_at=NOW - 45 * DAY)
    leave(participant=gone, at=NOW - 2 * DAY, how="left", by=None, now=NOW)
    chats.somebody(group, staff_id=chats.person().pk)
    spoke(old, 2)
    spoke(silent, 31)

    found = figures(group)

    assert (found.present, found.customers, found.joined, found.left, found.growth) == (4, 3, 1, 1, 0)
    assert (found.speakers, found.could_sleep, found.sleepers, found.sleeping) == (1, 2, 1, 0.5)
    asleep = asleep_in(group, now=NOW, today=TODAY, sleeper_days=30)
    assert list(asleep) == [silent]
    assert fresh not in asleep


def test_nobody_sleeps_on_days_that_nobody_told_of(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    group = chats.a_group()
    awake, asleep = chats.somebody(group), chats.somebody(group)
    chats.somebody(group, joined_at=NOW - 32 * DAY)
    spoke(awake, 31)
    spoke(asleep, 36)
    chats.brought(group, NOW - 5 * DAY)
    found = figures(group)
    assert (found.could_sleep, found.sleepers) == (2, 1)
    assert list(asleep_in(group, now=NOW, today=TODAY, sleeper_days=30)) == [asleep]


def test_retention_is_of_those_whose_joining_is_known() -> None:
    group = chats.a_group()
    chats.somebody(group, joined_at=NOW - 40 * DAY)
    left = chats.somebody(group, joined_at=NOW - 50 * DAY)
    leave(participant=left, at=NOW - 45 * DAY, how="left", by=None, now=NOW)
    late = chats.somebody(group, joined_at=NOW - 45 * DAY)
    leave(participant=late, at=NOW - 5 * DAY, how="left", by=None, now=NOW)
    chats.somebody(group, joined_at=NOW - 35 * DAY, joined_how="seen")

    found = figures(group)

    assert (found.cohort, found.retained, found.retention) == (3, 2, 2 / 3)


def test_who_buys_is_told_of_known_members_only() -> None:
    group = chats.a_group()
    buyer, other = chats.member(), chats.member()
    for member in (buyer, other):
        chats.somebody(group, member_id=member.pk)
    chats.somebody(group)
    PurchaseDay.objects.create(member=buyer, day=TODAY, orders=1, coupon_orders=0, amount=99)
    PurchaseDay.objects.create(member=other, day=TODAY - timedelta(days=31), orders=1, coupon_orders=0, amount=99)

    found = figures(group)

    assert (found.members, found.buyers, found.buying) == (2, 1, 0.5)
    assert figures(chats.a_group()).buying is None


def test_contributors_are_ordered_by_what_they_said() -> None:
    group = chats.a_group()
    much, little = chats.somebody(group, "多"), chats.somebody(group, "少")
    for back in (0, 3):
        spoke(much, back, 5, mentioned=1)
    spoke(little, 1, 2)
    spoke(little, 40, 500)

    found = contributors_of(group, today=TODAY, days=30, limit=5)

    assert [(row.participant, row.messages, row.mentioned, row.days) for row in found] == [
        (much, 10, 2, 2),
        (little, 2, 0, 1),
    ]


def test_overlap_is_of_the_smaller_group_and_of_those_one_may_see() -> None:
    one, two, three = chats.a_group(), chats.a_group(), chats.a_group()
    both, alone = chats.member(), chats.member()
    for group in (one, two, three):
        chats.somebody(group, member_id=both.pk)
    chats.somebody(one, member_id=alone.pk)

    found = overlap_of(one, Group.objects.filter(pk__in=(two.pk, one.pk)), limit=5)

    assert [(row.group, row.members, row.share) for row in found] == [(two, 1, 1.0)]


def test_settings_that_are_missing_read_as_defaults() -> None:
    assert (group_settings().sleeper_days, group_settings().band_days) == (30, 7)


def test_imports_are_seen_with_their_group() -> None:
    here = chats.store()
    manager = chats.person("manager", Role.STORE_MANAGER, here)
    hers, other = chats.a_group(store_id=here.pk), chats.a_group()
    jobs = [chats.received(chats.said(("2026-11-20 19:00", "小雨", group.name)), group) for group in (hers, other)]
    assert list(chats_visible_to(manager)) == [jobs[0]]
    assert set(chats_visible_to(chats.person())) == set(jobs)
    assert not chats_visible_to(chats.person("service", Role.JUNIOR_SERVICE))


@pytest.fixture(autouse=True)
def uploads(settings: Any, tmp_path: Any) -> Iterator[None]:
    settings.MEDIA_ROOT = tmp_path
    return None


def test_columns_are_known_by_many_names() -> None:
    header = ("消息ID", "Sender_ID", "发送者", "发送时间", "内容", "别的")
    assert columns_of(header, MESSAGE_NAMES) == {
        "sent_at": "发送时间",
        "speaker_key": "Sender_ID",
        "nickname": "发送者",
        "text": "内容",
        "message_no": "消息ID",
    }


@pytest.mark.parametrize(
    ("given", "text", "kind"),
    [
        ("", "早", "text"),
        ("1", "[图片]", "image"),
        ("图片", "", "image"),
        ("10000", "x", "system"),
        ("量子", "x", "other"),
    ],
)
def test_kinds_are_known_by_many_names(given: str, text: str, kind: str) -> None:
    assert kind_of(given, text) == kind


def test_texts_are_looked_at() -> None:
    assert links_in("看 https://a.example/x 和 www.b.example") == 2
    assert links_in("面霜") == 0
    assert mentions_in("@小雨 在吗 @阿梅\u2005好的 a@") == ["小雨", "阿梅"]
    assert folded("Ａbc，面 霜！") == "abc面霜"
