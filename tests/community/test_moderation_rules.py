"""Rules and settings of moderation: changed with a reason, refused in words."""

from typing import Any

import pytest

from audit.models import AuditEntry
from community.errors.moderation import (
    ModerationRuleNotValid,
    ModerationSettingsNotValid,
)
from community.models import ModerationSettings, ViolationRule
from community.selectors.moderation import (
    active_rules,
    excerpts_of,
    moderation_settings,
)
from community.services.moderation_rules import FIELDS, LIMITS, change_moderation_settings, save_rule
from tests.community.cast import NOW, Line, found, group, participant, say

pytestmark = pytest.mark.django_db
AD = "诚招代理，日赚三百"


def rule_values(rule: ViolationRule, **changes: Any) -> dict[str, Any]:
    return {name: getattr(rule, name) for name in FIELDS} | changes


def test_rule_is_changed_with_a_reason_and_works_at_once() -> None:
    rule = ViolationRule.objects.get(kind="ad")
    values = rule_values(rule, parameters={"phrases": "拼团吗", "least": "1"})
    with pytest.raises(ModerationRuleNotValid):
        save_rule(rule=rule, kind="ad", values=values, reason=" ", by=None, now=NOW)
    save_rule(rule=rule, kind="ad", values=values, reason="拼团广告多", by=None, now=NOW)
    say(Line(participant(group()), f"{AD} 拼团吗", NOW))
    assert excerpts_of(found())[found()[0].pk].startswith("诚招代理")  # type: ignore[union-attr]
    entry = AuditEntry.objects.get(action="community.change_rule")
    assert entry.reason == "拼团广告多"
    assert save_rule(rule=rule, kind="ad", values=values, reason="不变", by=None, now=NOW).pk == rule.pk
    assert AuditEntry.objects.filter(action="community.change_rule").count() == 1


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"name_zh": ""}, "name_zh"),
        ({"speakers": "martians"}, "speakers"),
        ({"automatic": "removed"}, "automatic"),
        ({"automatic": "warned", "sensitive": True}, "automatic"),
        ({"automatic_most": 0}, "automatic_most"),
        ({"automatic_most": None}, "automatic_most"),
        ({"parameters": {"least": "1"}}, "phrases"),
    ],
)
def test_rule_that_cannot_be_saved_says_why(changes: dict[str, Any], wrong: str) -> None:
    rule = ViolationRule.objects.get(kind="ad")
    with pytest.raises(ModerationRuleNotValid) as refused:
        save_rule(rule=rule, kind="ad", values=rule_values(rule, **changes), reason="试", by=None, now=NOW)
    assert wrong in refused.value.fields


def test_new_rule_stands_behind_the_others() -> None:
    rule = ViolationRule.objects.get(kind="link")
    made = save_rule(rule=None, kind="link", values=rule_values(rule, name_zh="二"), reason="试", by=None, now=NOW)
    assert made.position == max(each.position for each in active_rules())
    with pytest.raises(ModerationRuleNotValid):
        save_rule(rule=None, kind="report", values=rule_values(rule), reason="试", by=None, now=NOW)


def settings_values(**changes: Any) -> dict[str, Any]:
    row = moderation_settings()
    return {name: getattr(row, name) for name in (*LIMITS, "share_low", "share_high")} | changes


def test_settings_are_changed_with_a_reason() -> None:
    change_moderation_settings(values=settings_values(excerpt_days=7), reason="更短", by=None, now=NOW)
    assert ModerationSettings.objects.get().excerpt_days == 7
    for wrong in ({"excerpt_days": 0}, {"appeal_days": None}, {"share_low": 1, "share_high": 0}):
        with pytest.raises(ModerationSettingsNotValid):
            change_moderation_settings(values=settings_values(**wrong), reason="试", by=None, now=NOW)
    with pytest.raises(ModerationSettingsNotValid):
        change_moderation_settings(values=settings_values(mute_hours=2), reason="", by=None, now=NOW)
