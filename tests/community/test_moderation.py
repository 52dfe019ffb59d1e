"""Violations: found in batches, decided by rule, measured, kept for their time."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.models import AuditEntry
from community.admin.work import waiting as work_of
from community.enums.moderation import Outcome, ViolationKind
from community.errors.moderation import (
    ReportNotValid,
)
from community.models import Appeal, ModerationSettings, Violation, ViolationRule
from community.privacy.moderation import erase_moderation, export_moderation, purge_texts, purge_violations
from community.selectors.moderation import (
    excerpts_of,
    machine_share,
    record_of,
    repeat_offenders,
    waiting,
)
from community.services.appealing import answer_appeal, file_appeal
from community.services.deciding import decide
from community.services.participants import link_member
from core.services.sealing import ERASED
from members.models import Member
from tests.community import cast
from tests.community.cast import DAY, HOUR, MINUTE, NOW, Line, found, group, participant, reported, say, staff

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)
AD = "诚招代理，日赚三百"


def kinds() -> list[str]:
    return [each.kind for each in found()]


def test_what_is_sensitive_waits_and_the_rest_goes_by_rule() -> None:
    somebody = participant(group())
    say(
        Line(somebody, "今天的面霜真好用", NOW),
        Line(somebody, AD, NOW + MINUTE),
        Line(somebody, "有人刷单吗", NOW + 2 * MINUTE),
        Line(somebody, "加 我 微 信 聊", NOW + 3 * MINUTE),
    )
    ad, banned, poached = found()
    assert (ad.kind, ad.state, ad.outcome, ad.by_machine) == ("ad", "decided", "warned", True)
    assert (banned.kind, banned.state, banned.sensitive) == ("lexicon", "open", True)
    assert (poached.kind, poached.state, poached.sensitive) == ("poaching", "open", False)
    assert excerpts_of([poached]) == {poached.pk: "加 我 微 信 聊"}
    assert poached.expires_at == NOW + timedelta(days=30)
    entry = AuditEntry.objects.get(action="community.find_violations")
    assert entry.changes == {"found": [0, 3], "by_machine": [0, 1]}


def test_one_message_is_one_case_claimed_by_the_sensitive_rule() -> None:
    say(Line(participant(group()), "刷单加我微信 13812345678 https://evil.net", NOW))
    (only,) = found()
    assert (only.kind, only.also, only.state) == ("lexicon", ["poaching", "link"], "open")


def test_staff_is_held_to_the_law_and_not_to_the_rules_for_participants() -> None:
    one = group()
    seller, guest = participant(one, "店员", staff_id=staff().pk), participant(one)
    say(Line(seller, "扫码进群 https://mall.example.com", NOW), Line(seller, "国家级配方，最佳选择", NOW + MINUTE))
    say(Line(guest, "国家级配方，最佳选择", NOW + 2 * MINUTE))
    (only,) = found()
    assert (only.participant, only.kind, only.sensitive) == (seller, "lexicon", True)


def test_same_messages_once_more_find_nothing_new() -> None:
    somebody = participant(group())
    one = group()
    other = participant(one)
    say(Line(somebody, AD, NOW))
    before = [each.pk for each in found()]
    say(Line(other, "你好", NOW))
    assert [each.pk for each in found()] == before


def test_rule_that_is_off_finds_nothing() -> None:
    ViolationRule.objects.update(is_active=False)
    say(Line(participant(group()), f"{AD} 加我微信 刷单", NOW))
    assert found() == []


def test_flood_is_told_once_and_found_across_two_batches() -> None:
    somebody = participant(group())
    first = [Line(somebody, f"第{place}句", NOW + place * SECOND) for place in range(8)]
    second = [Line(somebody, f"第{place}句", NOW + place * SECOND) for place in range(8, 20)]
    say(*first)
    assert found() == []
    say(*second)
    (flood,) = found()
    assert (flood.kind, flood.counted, flood.occurred_at) == ("flood", 12, NOW + 11 * SECOND)
    assert flood.excerpt is None
    say(*(Line(somebody, f"又{place}", NOW + 5 * MINUTE + place * SECOND) for place in range(15)))
    assert len(found()) == 1
    say(*(Line(somebody, f"再{place}", NOW + 2 * HOUR + place * SECOND) for place in range(15)))
    assert kinds() == ["flood", "flood"]


def test_many_people_at_once_are_no_flood() -> None:
    one = group()
    people = [participant(one, f"友{place}") for place in range(4)]
    say(*(Line(people[place % 4], f"话{place}", NOW + place * SECOND) for place in range(32)))
    assert found() == []


def test_repeated_text_is_found_across_batches_however_it_is_dressed_up() -> None:
    somebody = participant(group())
    say(Line(somebody, "今晚八点直播间抽奖，快来", NOW), Line(somebody, "今晚 八点 直播间抽奖 快来！", NOW + HOUR))
    assert found() == []
    say(Line(somebody, "今晚八点，直播间抽奖快来～～", NOW + 2 * HOUR))
    (only,) = found()
    assert (only.kind, only.counted, only.outcome) == ("duplicate", 3, "muted")
    assert only.muted_until == NOW + timedelta(hours=2 + 24), "from the message on"
    assert excerpts_of([only])[only.pk] == "今晚八点，直播间抽奖快来～～"


@pytest.mark.parametrize("text", ["收到", "好的好的"])
def test_short_answers_may_be_repeated(text: str) -> None:
    somebody = participant(group())
    say(*(Line(somebody, text, NOW + place * MINUTE) for place in range(5)))
    assert found() == []


def test_text_that_many_say_is_not_repeated() -> None:
    one = group()
    say(*(Line(participant(one, f"友{place}"), "恭喜小雨拿到本周的小样", NOW + place * MINUTE) for place in range(5)))
    assert found() == []


def test_machine_warns_twice_and_then_a_person_looks() -> None:
    somebody = participant(group())
    say(*(Line(somebody, f"{AD}{place}", NOW + place * MINUTE) for place in range(4)))
    assert [each.state for each in found()] == ["decided", "decided", "open", "open"]
    decide(violation=found()[0], outcome="dismissed", by=staff(), now=NOW) if found()[0].state == "open" else None
    say(Line(somebody, AD, NOW + 40 * DAY), now=NOW + 40 * DAY)
    assert found()[-1].state == "decided"


def test_many_messages_cost_the_same_number_of_queries() -> None:
    somebody = participant(group())

    def cost(count: int, start: int) -> int:
        lines = [Line(somebody, f"{AD}{start + place}", NOW + (start + place) * HOUR) for place in range(count)]
        with CaptureQueriesContext(
            connection,
        ) as queries:
            say(*lines)
        return len(queries)

    cost(1, 0)
    assert cost(1, 100) == cost(30, 200)


def by_machine() -> Violation:
    say(Line(participant(group()), AD, NOW))
    return found()[-1]


def test_share_of_the_machine_over_a_window() -> None:
    judge = staff()
    row = by_machine()
    appeal = file_appeal(violation=row, text="不服", by=None, now=NOW)
    answer_appeal(appeal=appeal, outcome="warned", by=judge, now=NOW, note="广告")
    decide(violation=reported(), outcome="warned", by=judge, now=NOW)
    decide(violation=reported(at=NOW - 40 * DAY), outcome="warned", by=judge, now=NOW - 40 * DAY)
    share = machine_share(judge, until=NOW + HOUR, days=28)
    assert (share.machine, share.people, share.share, share.appealed, share.upheld_share) == (1, 1, 0.5, 1, 1.0)
    nothing = machine_share(judge, until=NOW - 100 * DAY, days=28)
    assert (nothing.share, nothing.upheld_share, nothing.decided) == (None, None, 0)


def test_repeat_offenders_are_those_upheld_often() -> None:
    judge, one = staff(), group()
    often, seldom = participant(one, "常客"), participant(one, "偶尔")
    for place in range(3):
        decide(violation=reported(often, at=NOW - place * DAY), outcome="warned", by=judge, now=NOW)
        decide(violation=reported(seldom, at=NOW - place * DAY), outcome="dismissed", by=judge, now=NOW)
    decide(violation=reported(often, at=NOW - 50 * DAY, now=NOW), outcome="muted", by=judge, now=NOW)
    (only,) = repeat_offenders(judge, now=NOW + HOUR)
    assert (only.participant, only.upheld, only.kinds, only.heaviest) == (often, 3, (("report", 3),), "warned")


def test_usual_next_step_grows_with_the_record() -> None:
    judge, somebody = staff(), participant(group())
    usual = []
    for place in range(4):
        row = reported(somebody, at=NOW + place * MINUTE)
        usual.append(record_of(row).usual)
        decide(violation=row, outcome="warned", by=judge, now=NOW + DAY)
    assert usual == [Outcome.WARNED, Outcome.MUTED, Outcome.MUTED, Outcome.REMOVED]


def test_queue_is_scoped_to_the_groups_of_whoever_looks() -> None:
    here = cast.store()
    manager = staff("store_manager", stores=[here])
    guide = staff("guide")
    mine, hers, far = group(store_id=here.pk), group(owner=guide), group()
    rows = [reported(participant(each)) for each in (mine, hers, far)]
    assert [list(waiting(user)) for user in (manager, guide)] == [[rows[0]], [rows[1]]]
    assert list(waiting(staff("api_client"))) == rows
    nobody = staff("legal")
    assert list(waiting(nobody)) == []


def test_today_names_what_waits_and_not_ones_own_decisions() -> None:
    judge, other = staff(), staff()
    row = decide(violation=reported(), outcome="warned", by=judge, now=NOW)
    file_appeal(violation=row, text="不服", by=None, now=NOW)
    reported(sensitive=True)
    assert [item.state for item in work_of(judge, NOW)] == ["act"]
    assert [item.state for item in work_of(other, NOW)] == ["act", "act"]


@pytest.mark.parametrize(
    "values", [{"text": " "}, {"text": "长" * 501}, {"at": NOW + DAY, "now": NOW}, {"at": NOW - 91 * DAY, "now": NOW}]
)
def test_report_that_cannot_be_taken(values: dict[str, Any]) -> None:
    with pytest.raises(ReportNotValid):
        reported(**values)
    assert found() == []


def test_excerpts_go_when_their_time_is_over_and_an_open_appeal_keeps_its_own() -> None:
    judge = staff()
    old = decide(violation=reported(), outcome="warned", by=judge, now=NOW)
    appealed = decide(violation=reported(), outcome="warned", by=judge, now=NOW)
    file_appeal(violation=appealed, text="不服", by=None, now=NOW)
    later = NOW + 60 * DAY
    assert purge_texts(later, [], 100) == 1
    assert excerpts_of([Violation.objects.get(pk=old.pk)])[old.pk] is None
    assert Violation.objects.get(pk=appealed.pk).excerpt is not None
    assert purge_violations(later, [], 100) == 2
    assert (Violation.objects.count(), Appeal.objects.count()) == (0, 0)


def test_her_copy_holds_what_was_found_and_erasure_takes_the_words() -> None:
    member = Member.objects.create(name="林晓")
    somebody = participant(group())
    link_member(participant=somebody, member=member, by=None, now=NOW)
    row = decide(violation=reported(somebody, text="请加我"), outcome="warned", by=staff(), now=NOW, note="她第二次")
    file_appeal(violation=row, text="不服", by=None, now=NOW)
    copy = export_moderation(member.pk)
    assert [(each["excerpt"], each["decision"]) for each in copy["violations"]] == [("请加我", "warned")]
    assert [each["text"] for each in copy["appeals"]] == ["不服"]
    assert erase_moderation(member.pk) == 2
    row.refresh_from_db()
    assert (row.excerpt, row.note, row.outcome) == (None, "", "warned")
    assert erase_moderation(member.pk) == 0


def test_messages_of_an_erased_participant_are_still_looked_at() -> None:
    member = Member.objects.create(name="林晓")
    somebody = participant(group())
    link_member(participant=somebody, member=member, by=None, now=NOW)
    erase_moderation(member.pk)
    say(Line(somebody, "刷单吗", NOW))
    (only,) = found()
    assert (only.kind, only.excerpt) == (ViolationKind.LEXICON, None)
    with pytest.raises(ReportNotValid):
        reported(somebody)
    assert ERASED.value == "erased"


def test_old_chat_that_is_imported_today_warns_and_mutes_nobody() -> None:
    who = participant(group(), joined_at=NOW - 300 * DAY)
    say(*(Line(who, "全网低价转让，清仓甩卖，看这里", at=NOW - 8 * DAY + n * MINUTE) for n in range(4)))
    assert found() == []
    say(Line(who, "全网低价转让，清仓甩卖，看那里", at=NOW - 6 * DAY))
    assert len(found()) == 1
    ModerationSettings.objects.update(scan_days=30)
    say(Line(who, "低价转让面霜一瓶", at=NOW - 20 * DAY))
    assert len(found()) == 2


def test_mute_by_the_machine_is_from_the_message_on() -> None:
    who, begun = participant(group()), NOW - 3 * DAY
    say(*(Line(who, "今晚八点直播间有秋季护肤套装", at=begun + n * MINUTE) for n in range(3)))
    (muted,) = found()
    assert (muted.outcome, muted.muted_until) == ("muted", begun + 2 * MINUTE + DAY)
