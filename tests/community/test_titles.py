"""Titles: given and lost by what was done, with the reason."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from audit.models import AuditEntry
from community.errors.titles import TitleNotValid
from community.models import GroupParticipant, GroupType, ParticipantDay, Title, TitleHolding, Violation
from community.selectors.titles import holders, moves_of, title_counts
from community.services.deciding import decide
from community.services.participants import leave
from community.services.titles import FIELDS, Kept, keep_titles, save_title
from tests.community.cast import DAY, HOUR, NOW, group, participant, reported, staff
from tests.community.chats import brought

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate(NOW)


def spoke(who: GroupParticipant, *, days: int, messages: int = 3, mentioned: int = 0, until: int = 1) -> None:
    """On so many days, the last of them `until` days ago."""
    ParticipantDay.objects.bulk_create(
        ParticipantDay(
            participant_id=who.pk,
            group_id=who.group_id,
            day=TODAY - timedelta(days=until + place),
            messages=messages,
            mentioned=mentioned,
        )
        for place in range(days)
    )


def held(who: GroupParticipant) -> list[str]:
    rows = TitleHolding.objects.filter(participant=who, lost_on=None).select_related("title")
    return sorted(row.title.name_zh for row in rows)


def test_title_is_given_to_whoever_did_all_of_it() -> None:
    one = group()
    rising, expert, quiet = (participant(one, name) for name in ("新秀", "达人", "路人"))
    spoke(rising, days=5, messages=3)
    spoke(expert, days=12, messages=5, mentioned=1)
    spoke(quiet, days=5, messages=2)
    assert keep_titles(now=NOW) == Kept(given=3, lost=0)
    assert [held(who) for who in (rising, expert, quiet)] == [["话题新秀"], ["话题新秀", "话题达人"], []]
    row = TitleHolding.objects.get(participant=rising)
    assert (row.since, row.active_days, row.messages, row.mentioned) == (TODAY, 5, 15, 0)
    assert keep_titles(now=NOW + HOUR) == Kept(given=0, lost=0)
    assert AuditEntry.objects.filter(action="community.keep_titles").count() == 1


def test_today_does_not_count_and_the_window_ends() -> None:
    one = group(type_code="honour")
    who, long_ago = participant(one), participant(one, "旧友")
    spoke(who, days=6, until=0)
    spoke(long_ago, days=6, until=26)
    assert keep_titles(now=NOW).given == 0
    assert keep_titles(now=NOW + DAY).given == 1
    assert (held(who), held(long_ago)) == (["荣誉新星"], [])


def test_title_is_lost_with_the_reason_and_given_again() -> None:
    who = participant(group(type_code="honour"))
    spoke(who, days=6)
    keep_titles(now=NOW)
    assert keep_titles(now=NOW + 40 * DAY) == Kept(given=0, lost=1)
    row = TitleHolding.objects.get()
    assert (row.lost_why, row.lost_active_days, row.lost_on) == ("inactive", 0, TODAY + timedelta(days=40))
    spoke(who, days=6, until=-39)
    assert keep_titles(now=NOW + 40 * DAY + HOUR) == Kept(given=1, lost=0)
    assert TitleHolding.objects.count() == 2


def test_title_stays_while_nobody_brings_the_chat(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    one = group(type_code="honour")
    who, silent = participant(one), participant(one, "旧友")
    spoke(who, days=6)
    spoke(silent, days=6, until=26)
    brought(one, NOW)
    assert keep_titles(now=NOW).given == 1
    assert keep_titles(now=NOW + 40 * DAY) == Kept(given=0, lost=0)
    decide(violation=reported(who, at=NOW + 39 * DAY), outcome="warned", by=staff(), now=NOW + 39 * DAY)
    assert keep_titles(now=NOW + 40 * DAY).lost == 1, "a violation counts on a day that nobody told of too"
    TitleHolding.objects.update(
        lost_on=None, lost_why="", lost_active_days=None, lost_messages=None, lost_mentioned=None
    )
    Violation.objects.update(outcome="dismissed")
    brought(one, NOW + 40 * DAY)
    assert keep_titles(now=NOW + 40 * DAY).lost == 1
    assert (TitleHolding.objects.get().lost_why, held(who)) == ("inactive", [])


def test_violation_that_is_upheld_costs_the_title() -> None:
    who = participant(group(type_code="honour"))
    spoke(who, days=6)
    keep_titles(now=NOW)
    decide(violation=reported(who, at=NOW - HOUR), outcome="dismissed", by=staff(), now=NOW)
    assert keep_titles(now=NOW + DAY).lost == 0
    decide(violation=reported(who, at=NOW - HOUR), outcome="warned", by=staff(), now=NOW)
    assert keep_titles(now=NOW + DAY).lost == 1
    assert TitleHolding.objects.get().lost_why == "violations"


def test_who_leaves_loses_it_and_staff_gets_none() -> None:
    one = group(type_code="honour")
    who, seller = participant(one), participant(one, "店员", staff_id=staff().pk)
    spoke(who, days=6)
    spoke(seller, days=6)
    assert keep_titles(now=NOW).given == 1
    leave(participant=who, at=NOW, how="left", by=None, now=NOW)
    assert keep_titles(now=NOW + DAY).lost == 1
    assert TitleHolding.objects.get().lost_why == "left"


def values(title: Title, **changes: Any) -> dict[str, Any]:
    return {name: getattr(title, name) for name in FIELDS} | changes


def test_stricter_rule_takes_what_the_old_one_gave() -> None:
    who = participant(group(type_code="honour"))
    spoke(who, days=6)
    keep_titles(now=NOW)
    title = Title.objects.get(name_zh="荣誉新星")
    save_title(
        title=title, group_type=title.type, values=values(title, active_days=8), reason="太容易", by=None, now=NOW
    )
    assert keep_titles(now=NOW + HOUR).lost == 1
    assert TitleHolding.objects.get().lost_why == "changed"
    save_title(title=title, group_type=title.type, values=values(title, active_days=5), reason="太难", by=None, now=NOW)
    assert keep_titles(now=NOW + HOUR).given == 1
    ended = values(title, active_days=5, is_active=False)
    save_title(title=title, group_type=title.type, values=ended, reason="换新", by=None, now=NOW)
    keep_titles(now=NOW + HOUR)
    assert TitleHolding.objects.latest("pk").lost_why == "ended"


def test_group_of_another_type_gives_other_titles() -> None:
    one = group(type_code="honour")
    who = participant(one)
    spoke(who, days=6)
    keep_titles(now=NOW)
    one.type = GroupType.objects.get(code="welfare")
    one.save()
    assert keep_titles(now=NOW + HOUR) == Kept(given=1, lost=1)
    assert held(who) == ["活跃群友"]


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"name_zh": ""}, "name_zh"),
        ({"level": 0}, "level"),
        ({"messages": None}, "messages"),
        ({"kind": "crown"}, "kind"),
        ({"active_days": 0, "messages": 0, "mentioned": 0}, "active_days"),
        ({"active_days": 20, "window_days": 10}, "active_days"),
    ],
)
def test_title_that_cannot_be_saved_says_why(changes: dict[str, Any], wrong: str) -> None:
    title = Title.objects.get(name_zh="荣誉新星")
    with pytest.raises(TitleNotValid) as refused:
        save_title(title=title, group_type=title.type, values=values(title, **changes), reason="试", by=None, now=NOW)
    assert wrong in refused.value.fields


def test_title_needs_a_reason_and_nothing_different_leaves_no_trace() -> None:
    title = Title.objects.get(name_zh="荣誉新星")
    with pytest.raises(TitleNotValid):
        save_title(title=title, group_type=title.type, values=values(title), reason=" ", by=None, now=NOW)
    save_title(title=title, group_type=title.type, values=values(title), reason="不变", by=None, now=NOW)
    assert not AuditEntry.objects.filter(action="community.change_title").exists()
    made = save_title(title=None, group_type=title.type, values=values(title, level=4), reason="新", by=None, now=NOW)
    assert (made.type, made.level) == (title.type, 4)


def test_many_participants_cost_the_same_number_of_queries() -> None:
    one = group()

    def cost(count: int) -> int:
        for _number in range(count):
            spoke(participant(one, f"友{_number}"), days=5, messages=4)
        with CaptureQueriesContext(connection) as queries:
            keep_titles(now=NOW)
        return len(queries)

    assert cost(1) == cost(12)


def test_figures_of_titles_are_those_of_the_groups_asked_for() -> None:
    one, other = group(type_code="honour"), group(type_code="honour")
    for each in (one, other):
        spoke(participant(each), days=6)
    keep_titles(now=NOW)
    title = Title.objects.get(name_zh="荣誉新星")
    visible = type(one).objects.filter(pk=one.pk)
    counts = title_counts(visible, since=TODAY)[title.pk]
    assert (counts.held, counts.given, counts.lost) == (1, 1, 0)
    assert [row.group for row in moves_of(visible, most=9)] == [one]
    assert [row.title for row in holders(one, most=9)] == [title]
