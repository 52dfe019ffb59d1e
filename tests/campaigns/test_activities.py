"""Activities: what may be kept, who approves, starting and ending exactly once, changes in the members' favour."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts.models import InAppNotice
from audit.models import AuditEntry
from campaigns.enums import ActivityState
from campaigns.errors import (
    ActivityNotReady,
    ActivityNotValid,
    ActivityStateWrong,
    AudienceEmpty,
    NotInTheirFavour,
    SecondPersonNeeded,
)
from campaigns.models import Activity, ActivityMember
from campaigns.services import running
from campaigns.services.activities import change_activity, clone_activity, create_activity, plan_of
from campaigns.services.approval import approve_budget
from compliance.errors.content import WordsForbidden
from compliance.models import Review
from compliance.services.reviews import send_back
from tests.campaigns import activities as cast
from tests.campaigns.activities import DAY, HOUR, NOW, author, legal, person
from tests.loyalty import offers

pytestmark = pytest.mark.django_db


def state(activity: Activity) -> str:
    return Activity.objects.values_list("state", flat=True).get(pk=activity.pk)


def test_activity_goes_from_draft_to_running_by_verbs() -> None:
    members = cast.people(3)
    cast.people(2, "抖音")
    activity = cast.draft()
    assert activity.state == ActivityState.DRAFT
    cast.approved(activity)
    assert state(activity) == ActivityState.APPROVED
    running.schedule(activity=activity, by=author(), now=NOW)
    assert running.start_due(now=NOW + HOUR / 2) == 0
    assert (running.start_due(now=NOW + HOUR), running.start_due(now=NOW + HOUR)) == (1, 0)
    activity.refresh_from_db()
    assert (activity.state, activity.audience_size, activity.started_at) == ("running", 3, NOW + HOUR)
    assert set(ActivityMember.objects.values_list("activity", "member")) == {(activity.pk, each.pk) for each in members}
    assert sum(activity.blocked.values()) == 3
    assert running.end_due(now=NOW + 10 * DAY - HOUR) == 0
    assert (running.end_due(now=NOW + 10 * DAY), running.end_due(now=NOW + 10 * DAY)) == (1, 0)
    running.archive(activity=activity, by=author(), now=NOW + 11 * DAY)
    said = AuditEntry.objects.filter(object_type="campaigns.activity", object_id=str(activity.pk)).order_by("id")
    assert [entry.action.partition(".")[2] for entry in said] == [
        "create_activity", "submit_activity", "approve_activity", "schedule_activity", "start_activity",
        "end_activity", "archive_activity",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": "  "}, "name"),
        ({"name": "名" * 81}, "name"),
        ({"level": "weekly"}, "level"),
        ({"channel": "any"}, "channel"),
        ({"budget": Decimal(-1)}, "budget"),
        ({"window_days": 0}, "window_days"),
        ({"ends_at": NOW}, "ends_at"),
        ({"ends_at": NOW + 400 * DAY}, "ends_at"),
        ({"codes": ("A" * 65,)}, "codes"),
        ({"audience_id": 10**9}, "audience"),
        ({"owner_id": 10**9}, "owner"),
        ({"coupons": (10**9,)}, "coupons"),
        ({"rules_text": "字" * 3001}, "rules_text"),
    ],
)
def test_plan_that_cannot_work_names_its_field_and_leaves_nothing(values: dict[str, Any], field: str) -> None:
    with pytest.raises(ActivityNotValid) as refused:
        cast.draft(**values)
    assert list(refused.value.fields) == [field]
    assert Activity.objects.count() == 0


def test_draft_may_be_open_but_not_submitted() -> None:
    activity = cast.draft(title="", audience_id=None, starts_at=None, ends_at=None)
    with pytest.raises(ActivityNotReady) as refused:
        running.submit(activity=activity, by=author(), now=NOW)
    assert list(refused.value.fields) == ["title", "audience", "starts_at", "ends_at"]
    past = cast.draft(starts_at=NOW - 2 * DAY, ends_at=NOW - DAY)
    with pytest.raises(ActivityNotReady):
        running.submit(activity=past, by=author(), now=NOW)


def test_audience_of_nobody_is_refused_and_found_again_at_the_start() -> None:
    with pytest.raises(AudienceEmpty):
        running.submit(activity=cast.draft(), by=author(), now=NOW)
    (member,) = cast.people(1)
    activity = cast.approved(cast.draft())
    running.schedule(activity=activity, by=author(), now=NOW)
    member.delete()
    assert running.start_due(now=NOW + HOUR) == 0
    assert state(activity) == ActivityState.APPROVED
    assert InAppNotice.objects.filter(recipient=author(), title__contains=activity.name, level="act").count() == 1
    assert ActivityMember.objects.count() == 0
    with pytest.raises(AudienceEmpty):
        running.launch(activity=activity, by=author(), now=NOW + HOUR)


def test_forbidden_words_are_not_submitted() -> None:
    cast.people(1)
    activity = cast.draft(rules_text="国家级品质，全网第一。")
    with pytest.raises(WordsForbidden):
        running.submit(activity=activity, by=author(), now=NOW)
    assert state(activity) == ActivityState.DRAFT


def test_budget_above_the_limit_takes_a_second_person() -> None:
    cast.people(1)
    activity = cast.approved(cast.draft(budget=Decimal(50_001)))
    assert state(activity) == ActivityState.IN_REVIEW
    with pytest.raises(SecondPersonNeeded):
        approve_budget(activity=activity, by=author(), now=NOW)
    approve_budget(activity=activity, by=person("boss"), now=NOW)
    assert state(activity) == ActivityState.APPROVED
    with pytest.raises(ActivityStateWrong):
        approve_budget(activity=activity, by=person("boss"), now=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        Activity.objects.filter(pk=activity.pk).update(budget_approved_by=author())
    running.take_back(activity=activity, by=author(), now=NOW)
    plan = replace(plan_of(activity), budget=Decimal(90_000))
    change_activity(activity=activity, plan=plan, by=author(), now=NOW)
    assert running.submit(activity=activity, by=author(), now=NOW).state == ActivityState.IN_REVIEW


def test_withdrawn_text_sends_it_back_before_the_start_and_tells_after() -> None:
    cast.people(1)
    waiting = cast.approved(cast.draft())
    running.schedule(activity=waiting, by=author(), now=NOW)
    live = cast.running()
    with pytest.raises(NotInTheirFavour):
        running.stop(activity=live, reason="卖完了", by=author(), now=NOW + DAY)
    for activity in (waiting, live):
        review = Review.objects.get(kind="activity", object_id=activity.pk)
        send_back(review=review, reason="规则不清楚", by=legal(), now=NOW)
    assert [state(waiting), state(live)] == [ActivityState.DRAFT, ActivityState.RUNNING]
    assert InAppNotice.objects.filter(title__contains=live.name, level="act").count() >= 1
    running.stop(activity=live, reason="文案被撤回", by=author(), now=NOW + DAY)
    assert state(live) == ActivityState.ENDED


def test_after_the_start_changes_are_in_the_members_favour() -> None:
    cast.people(2)
    coupon = offers.live()
    activity = cast.running(coupons=(coupon.pk,), codes=("JUBILEE",))
    plan = plan_of(activity)
    for worse, field in (
        ({"ends_at": plan.ends_at - HOUR}, "ends_at"),
        ({"rules_text": "名额减半。"}, "rules_text"),
        ({"audience_id": cast.audience().pk}, "audience"),
        ({"coupons": ()}, "coupons"),
        ({"codes": ()}, "codes"),
        ({"window_days": 1}, "window_days"),
    ):
        with pytest.raises(NotInTheirFavour) as refused:
            change_activity(activity=activity, plan=replace(plan, **worse), by=author(), now=NOW)
        assert list(refused.value.fields) == [field]
    with pytest.raises(SecondPersonNeeded):
        change_activity(activity=activity, plan=replace(plan, budget=Decimal(60_000)), by=author(), now=NOW)
    assert plan_of(Activity.objects.get(pk=activity.pk)) == plan
    better = replace(plan, ends_at=plan.ends_at + DAY, coupons=(coupon.pk, offers.live().pk))
    assert plan_of(change_activity(activity=activity, plan=better, by=author(), now=NOW)) == better


def test_change_waits_for_a_draft() -> None:
    cast.people(1)
    activity = cast.approved(cast.draft())
    with pytest.raises(ActivityStateWrong):
        change_activity(activity=activity, plan=plan_of(activity), by=author(), now=NOW)


def test_offer_and_code_belong_to_one_activity() -> None:
    coupon = offers.draft()
    first = cast.draft(coupons=(coupon.pk,), codes=("JUBILEE",))
    with pytest.raises(ActivityNotValid) as refused:
        cast.draft(coupons=(coupon.pk,), codes=("JUBILEE",))
    assert set(refused.value.fields) == {"coupons", "codes"}
    change_activity(activity=first, plan=replace(plan_of(first), coupons=(), codes=()), by=author(), now=NOW)
    assert cast.draft(coupons=(coupon.pk,), codes=("JUBILEE",)).offers.count() == 1


def test_start_launches_coupons_that_are_ready_and_names_the_others() -> None:
    cast.people(1)
    ready, not_ready = offers.approved(offers.draft()), offers.draft(name="未审核券")
    cast.running(coupons=(ready.pk, not_ready.pk))
    ready.refresh_from_db(), not_ready.refresh_from_db()
    assert (ready.state, not_ready.state) == ("live", "draft")
    assert InAppNotice.objects.filter(body__contains="未审核券").count() == 1


def test_copy_has_the_plan_without_what_belongs_to_one() -> None:
    cast.people(1)
    activity = cast.running(coupons=(offers.live().pk,), codes=("JUBILEE",))
    copy = clone_activity(activity=activity, by=person("other"), now=NOW)
    plan = plan_of(copy)
    assert (copy.state, copy.source_id, plan.starts_at, plan.coupons, plan.codes) == (
        "draft",
        activity.pk,
        None,
        (),
        (),
    )
    assert (plan.audience_id, plan.title, plan.owner_id) == (activity.audience_id, activity.title, person("other").pk)


def test_cancelled_only_before_the_start() -> None:
    cast.people(1)
    activity = cast.approved(cast.draft())
    with pytest.raises(ActivityNotReady):
        running.cancel(activity=activity, reason=" ", by=author(), now=NOW)
    running.cancel(activity=activity, reason="改期", by=author(), now=NOW)
    assert state(activity) == ActivityState.CANCELLED
    live = cast.running()
    with pytest.raises(ActivityStateWrong):
        running.cancel(activity=live, reason="改期", by=author(), now=NOW)


def test_cancelled_one_lets_its_codes_and_offers_go_and_says_so_on_the_record() -> None:
    cast.people(1)
    coupon, draw = offers.draft(), offers.draft_draw()
    held: dict[str, Any] = {"codes": ("D11", "VIP"), "coupons": (coupon.pk,), "draws": (draw.pk,)}
    activity = cast.approved(cast.draft(**held))
    with pytest.raises(ActivityNotReady):
        running.cancel(activity=activity, reason=" ", by=author(), now=NOW)
    assert activity.offers.count() == activity.codes.count() == 2
    running.cancel(activity=activity, reason="改期", by=author(), now=NOW)
    said = AuditEntry.objects.get(action="campaigns.cancel_activity")
    assert said.changes == {
        "state": ["approved", "cancelled"],
        "codes": ["D11, VIP", ""],
        "coupons": [str(coupon.pk), ""],
        "draws": [str(draw.pk), ""],
    }
    assert plan_of(cast.draft(**held)).codes == ("D11", "VIP")


@pytest.mark.parametrize("change", [{"state": "running"}, {"state": "scheduled", "starts_at": None}, {"budget": -1}])
def test_database_itself_keeps_activities_whole(change: dict[str, Any]) -> None:
    activity = cast.draft()
    with pytest.raises(IntegrityError), transaction.atomic():
        Activity.objects.filter(pk=activity.pk).update(**change)


def test_schedule_in_the_past_is_refused(now: datetime = NOW) -> None:
    cast.people(1)
    activity = cast.approved(cast.draft(starts_at=now - HOUR))
    with pytest.raises(ActivityNotReady):
        running.schedule(activity=activity, by=author(), now=now)
    assert create_activity(plan=cast.plan(), by=author(), now=now).state == ActivityState.DRAFT
