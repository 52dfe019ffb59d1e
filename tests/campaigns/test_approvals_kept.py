"""What was approved is what runs: the audience's rule, the limit on budgets, four eyes."""

from dataclasses import replace
from decimal import Decimal

import pytest

from accounts.enums import Role
from accounts.models import InAppNotice
from campaigns.errors import ActivityNotValid, AudienceRewritten, LimitNotYours
from campaigns.models import Activity, ActivityMember, ActivitySettings
from campaigns.selectors.approval import needs_second_person
from campaigns.selectors.settings import activity_settings
from campaigns.services import running
from campaigns.services.activities import change_activity, plan_of
from campaigns.services.approval import approve_budget
from campaigns.services.settings import change_settings
from segments.models import Audience
from segments.services.audiences import create, update
from tests.campaigns import activities as cast
from tests.campaigns.activities import HOUR, NOW, author, person

pytestmark = pytest.mark.django_db
EVERYBODY = {"all": [{"filter": {"channel": ["门店", "抖音"]}}]}


def scheduled() -> Activity:
    cast.people(2)
    cast.people(30, "抖音")
    return running.schedule(activity=cast.approved(cast.draft()), by=author(), now=NOW)


def audience_of(activity: Activity) -> Audience:
    assert activity.audience is not None
    return activity.audience


def test_audience_rewritten_after_approval_does_not_start_by_itself() -> None:
    activity = scheduled()
    update(audience=audience_of(activity), rule=EVERYBODY, by=author(), now=NOW)
    assert running.start_due(now=NOW + HOUR) == 0
    activity.refresh_from_db()
    assert (activity.state, activity.audience_size, ActivityMember.objects.count()) == ("draft", None, 0)
    assert InAppNotice.objects.filter(recipient=author(), title__contains=activity.name, level="act").count() == 1
    again = running.submit(activity=activity, by=author(), now=NOW)
    running.launch(activity=again, by=author(), now=NOW)
    assert ActivityMember.objects.count() == 32


def test_audience_behind_the_audience_counts_too() -> None:
    cast.people(1)
    behind = cast.audience()
    audience = create(name="间接人群", rule={"all": [{"audience": behind.pk}]}, by=author(), now=NOW)
    activity = cast.approved(cast.draft(audience_id=audience.pk))
    update(audience=behind, name="换个名字", by=author(), now=NOW)
    running.schedule(activity=activity, by=author(), now=NOW)
    update(audience=behind, rule=EVERYBODY, by=author(), now=NOW)
    with pytest.raises(AudienceRewritten):
        running.launch(activity=activity, by=author(), now=NOW)
    activity.refresh_from_db()
    assert (activity.state, activity.started_at) == ("draft", None)


def test_limit_on_budgets_is_not_set_by_those_who_plan() -> None:
    with pytest.raises(LimitNotYours):
        change_settings(budget_limit=Decimal(900_000), window_days=7, spans={}, reason="x", by=author(), now=NOW)
    assert activity_settings().budget_limit == Decimal(50_000)
    boss = person("root", Role.ADMINISTRATOR)
    change_settings(budget_limit=Decimal(60_000), window_days=7, spans={}, reason="x", by=boss, now=NOW)
    assert ActivitySettings.objects.get().budget_limit == 60_000
    change_settings(budget_limit=Decimal(60_000), window_days=9, spans={}, reason="x", by=author(), now=NOW)
    assert ActivitySettings.objects.get().window_days == 9


def test_limit_is_fixed_at_the_first_submit() -> None:
    cast.people(1)
    activity = cast.approved(cast.draft(budget=Decimal(900_000)))
    assert activity.state == "in_review"
    running.take_back(activity=activity, by=author(), now=NOW)
    boss = person("root", Role.ADMINISTRATOR)
    change_settings(budget_limit=Decimal(900_000), window_days=7, spans={}, reason="x", by=boss, now=NOW)
    running.submit(activity=activity, by=author(), now=NOW)
    activity.refresh_from_db()
    assert (activity.state, needs_second_person(activity)) == ("in_review", True)


def test_who_approved_the_budget_does_not_lead_the_activity() -> None:
    cast.people(1)
    activity, boss = cast.approved(cast.draft(budget=Decimal(80_000))), person("boss")
    activity = running.launch(activity=approve_budget(activity=activity, by=boss, now=NOW), by=author(), now=NOW)
    with pytest.raises(ActivityNotValid) as refused:
        change_activity(activity=activity, plan=replace(plan_of(activity), owner_id=boss.pk), by=author(), now=NOW)
    assert set(refused.value.fields) == {"owner"}
    taken_back = cast.approved(cast.draft(budget=Decimal(80_000)))
    approve_budget(activity=taken_back, by=boss, now=NOW)
    draft = running.take_back(activity=taken_back, by=author(), now=NOW)
    plan = replace(plan_of(draft), owner_id=boss.pk)
    changed = change_activity(activity=draft, plan=plan, by=author(), now=NOW)
    assert (changed.owner_id, changed.budget_approved_by) == (boss.pk, None)


def test_what_was_submitted_before_fingerprints_were_kept_starts_at_its_hour() -> None:
    """As an upgrade finds it: nobody knows what the rule said then."""
    activity = scheduled()
    Activity.objects.filter(pk=activity.pk).update(audience_rule="", budget_limit=None)
    assert running.start_due(now=NOW + HOUR) == 1
    activity.refresh_from_db()
    assert (activity.state, activity.audience_size) == ("running", 2)
