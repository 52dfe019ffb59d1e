"""The POSTs of moderation, titles and value plans, for `test_acts_of_the_pages`."""

from typing import Any

from django.urls import reverse
from django.utils import timezone

from community.models import GroupType, Title, ViolationRule
from community.services.appealing import file_appeal
from content.models import ContentType
from tests.community.test_pages_of_moderation import by_machine
from tests.scrm.acts_of_the_pages import Act, Cast, Maker, about
from tests.scrm.pages_of_moderation import a_group, a_promise, a_violation, decided

RULE = {"name_zh": "外链二", "name_en": "Links", "speakers": "ordinary", "automatic_most": "2", "hosts": "a.com"}
LIMITS = {
    "scan_days": "7",
    "excerpt_days": "20",
    "appeal_days": "7",
    "mute_hours": "24",
    "repeat_least": "3",
    "repeat_days": "30",
}
SETTINGS = {**LIMITS, "share_days": "28", "share_low": "80", "share_high": "90", "reason": "更短"}
TITLE = {"name_zh": "常客", "name_en": "Regular", "kind": "title", "level": "4", "window_days": "30"}
NUMBERS = {"active_days": "3", "messages": "0", "mentioned": "0", "violations_most": "0", "reason": "新头衔"}


def first_rule(cast: Cast) -> Act:
    rule = ViolationRule.objects.filter(kind="link").earliest("pk")
    del cast
    return Act(reverse("community:moderation_rule", args=(rule.pk,)), {**RULE, "is_active": "1", "reason": "改名"})


def appealed(cast: Cast) -> Act:
    row = decided(cast.other())
    file_appeal(violation=row, text="不服", by=None, now=timezone.now())
    address = reverse("community:answer_appeal", args=(row.pk,))
    return Act(address, {"outcome": "dismissed", "note": "确是误会"})


def promised(_cast: Cast) -> Act:
    body: dict[str, Any] = {"title": "周四直播", "weekday": "3", "time": "20:00", "begins_on": "2026-01-01"}
    body["type"] = str(ContentType.objects.earliest("pk").pk)
    return Act(reverse("community:promise_new", args=(a_group().pk,)), body)


def titled(name: str, number: int) -> Act:
    return Act(reverse(f"community:{name}", args=(number,)), {**TITLE, **NUMBERS})


MODERATION_ACTS: dict[str, Maker] = {
    "community:answer_appeal": appealed,
    "community:correct_violation": about(
        "community:correct_violation", lambda _cast: by_machine().pk, {"outcome": "dismissed", "note": "玩笑"}
    ),
    "community:decide_violation": about(
        "community:decide_violation", lambda _cast: a_violation().pk, {"outcome": "warned"}
    ),
    "community:file_appeal": about("community:file_appeal", lambda cast: decided(cast.admin).pk, {"text": "不服"}),
    "community:make_slots": about("community:make_slots", lambda _cast: a_promise().group_id, {"weeks": "2"}),
    "community:moderation_rule": first_rule,
    "community:moderation_rule_new": lambda _cast: Act(
        reverse("community:moderation_rule_new", args=("link",)), {**RULE, "reason": "新规则"}
    ),
    "community:moderation_settings": lambda _cast: Act(reverse("community:moderation_settings"), SETTINGS),
    "community:promise_end": about("community:promise_end", lambda _cast: a_promise().pk),
    "community:promise_new": promised,
    "community:title": lambda _cast: titled("title", Title.objects.earliest("pk").pk),
    "community:title_new": lambda _cast: titled("title_new", GroupType.objects.earliest("pk").pk),
}
