"""Addresses of moderation, titles and value plans: (name, permission, *arguments), for `pages_of_the_admin`."""

from collections.abc import Iterator
from datetime import time, timedelta
from typing import Any

from django.utils import timezone

from accounts.models import User
from community.models import Group, GroupParticipant, GroupType, Title, ValuePlan, Violation, ViolationRule
from community.services.deciding import decide
from community.services.participants import ParticipantIn, join
from community.services.reporting import report_violation
from community.services.value_plans import Promised, add_promise
from content.models import ContentType
from tests.community.cast import group

Row = tuple[Any, ...]
SEES, DECIDES = "community.view_violation", "community.decide_violation"
RULES, TITLES, PLANS = "community.change_violationrule", "community.change_title", "community.change_valueplan"
HOUR = timedelta(hours=1)


def looked_at() -> Iterator[Row]:
    """Pages that a GET shows and that are nobody's."""
    yield from (
        ("community:moderation", SEES),
        ("community:moderation_rules", "community.view_violationrule"),
        ("community:moderation_rule", RULES, ViolationRule.objects.earliest("pk").pk),
        ("community:moderation_rule_new", RULES, "link"),
        ("community:moderation_settings", "community.change_moderationsettings"),
        ("community:titles", "community.view_title"),
        ("community:title", TITLES, Title.objects.earliest("pk").pk),
        ("community:title_new", TITLES, GroupType.objects.earliest("pk").pk),
    )


def of_a_group() -> Iterator[Row]:
    """(name, permission, group, whether it takes a POST only, *arguments): of a violation that waits, and of a promise."""
    violation, plan = a_violation(), a_promise()
    number, of = violation.pk, plan.group_id
    yield from (
        ("community:violation", SEES, violation.group, False, number),
        ("community:decide_violation", DECIDES, violation.group, True, number),
        ("community:correct_violation", DECIDES, violation.group, True, number),
        ("community:file_appeal", "community.add_appeal", violation.group, True, number),
        ("community:answer_appeal", "community.decide_appeal", violation.group, True, number),
        ("community:value_plan", "community.view_valueplan", plan.group, False, of),
        ("community:promise_new", PLANS, plan.group, True, of),
        ("community:make_slots", PLANS, plan.group, True, of),
        ("community:promise_end", PLANS, plan.group, True, plan.pk),
    )


def a_group() -> Group:
    return Group.objects.filter(state="active").first() or group()


def somebody() -> GroupParticipant:
    now = timezone.now()
    given = ParticipantIn(nickname="小雨", joined_at=now - 9 * HOUR)
    return join(group=a_group(), given=given, by=None, now=now)


def a_violation() -> Violation:
    now = timezone.now()
    return report_violation(participant=somebody(), text="在群里吵架", occurred_at=now - HOUR, by=None, now=now)


def decided(by: User, outcome: str = "warned") -> Violation:
    return decide(violation=a_violation(), outcome=outcome, by=by, now=timezone.now())


def a_promise() -> ValuePlan:
    found = ValuePlan.objects.filter(ended_on=None).first()
    given = Promised(
        weekday=2,
        time=time(20),
        type=ContentType.objects.earliest("pk"),
        title="护肤课堂",
        begins_on=timezone.localdate(),
    )
    return found or add_promise(group=a_group(), promised=given, by=None, now=timezone.now())
