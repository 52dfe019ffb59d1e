"""A festival planned from a template: slots, a draft with its dates, checks counted back from the start."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from campaigns.models import Activity, FestivalPlan
from campaigns.rules.checks import DAYS_BEFORE, Standing, checks_of
from campaigns.selectors.checks import checks_for, slots_of
from campaigns.services.festivals import plan_festival
from campaigns.services.running import cancel
from content.errors import PlanNotLaid
from content.models import FestivalTemplate, Slot
from content.services.slots import cancel_slot, move_slot
from tests.brand import signed_in
from tests.campaigns import activities as cast
from tests.campaigns.activities import author

NOW = datetime(2026, 1, 5, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=60)
NOTHING = Standing(text=False, budget=True, offers=False, content=False, schedule=False)


def template() -> FestivalTemplate:
    return FestivalTemplate.objects.filter(festival__isnull=False, is_active=True).earliest("pk")


@pytest.mark.django_db
def test_template_lays_slots_and_a_draft_once_a_year() -> None:
    planned = plan_festival(template=template(), year=2027, by=author(), now=NOW)
    activity = planned.activity
    festival = template().festival
    assert festival is not None
    day = festival.day_in(2027)
    assert (activity.state, activity.level, planned.slots) == ("draft", "festival", template().items.count())
    assert activity.starts_at is not None
    assert day is not None
    assert timezone.localdate(activity.starts_at) == day - timedelta(days=3)
    assert slots_of(activity).count() == planned.slots == Slot.objects.count()
    with pytest.raises(PlanNotLaid):
        plan_festival(template=template(), year=2027, by=author(), now=NOW)
    assert (Activity.objects.count(), FestivalPlan.objects.count()) == (1, 1)
    plan_festival(template=template(), year=2028, by=author(), now=NOW)
    assert slots_of(activity).count() == planned.slots


@pytest.mark.django_db
def test_festival_whose_slots_were_moved_or_cancelled_is_not_planned_again() -> None:
    activity = plan_festival(template=template(), year=2027, by=author(), now=NOW).activity
    for number, slot in enumerate(Slot.objects.all()):
        if number:
            move_slot(
                slot=slot, planned_at=slot.planned_at + timedelta(minutes=9), by=author(), now=NOW, allow_overlap=True
            )
        else:
            cancel_slot(slot=slot, by=author(), now=NOW)
    with pytest.raises(PlanNotLaid):
        plan_festival(template=template(), year=2027, by=author(), now=NOW)
    User.objects.filter(pk=author().pk).update(is_staff=True)
    client = signed_in(User.objects.get(pk=author().pk))
    answer = client.post(reverse("campaigns:festivals"), {"template": template().pk, "year": 2027})
    assert answer.status_code == PlanNotLaid.status
    assert f'<a class="s-link" href="{reverse("campaigns:activity", args=(activity.pk,))}">' in answer.content.decode()
    assert Activity.objects.count() == 1


@pytest.mark.django_db
def test_festival_of_a_cancelled_activity_is_planned_again_with_the_slots_that_stand() -> None:
    first = plan_festival(template=template(), year=2027, by=author(), now=NOW).activity
    gone = Slot.objects.latest("planned_at")
    cancel_slot(slot=gone, by=author(), now=NOW)
    standing = set(Slot.objects.exclude(pk=gone.pk).values_list("pk", flat=True))
    cancel(activity=first, reason="改期", by=author(), now=NOW)
    second = plan_festival(template=template(), year=2027, by=author(), now=NOW)
    assert (second.activity.state, second.slots, second.past) == ("draft", len(standing), 0)
    assert set(slots_of(second.activity).values_list("pk", flat=True)) == standing
    assert (slots_of(first).count(), Slot.objects.count()) == (0, len(standing) + 1)
    with pytest.raises(PlanNotLaid):
        plan_festival(template=template(), year=2027, by=author(), now=NOW)
    for slot in Slot.objects.exclude(pk=gone.pk):
        cancel_slot(slot=slot, by=author(), now=NOW)
    cancel(activity=second.activity, reason="改期", by=author(), now=NOW)
    third = plan_festival(template=template(), year=2027, by=author(), now=NOW)
    assert slots_of(third.activity).exclude(state="cancelled").count() == third.slots == template().items.count()
    assert FestivalPlan.objects.get().activity == third.activity


@pytest.mark.django_db
def test_page_offers_the_festival_of_a_cancelled_activity_again() -> None:
    User.objects.filter(pk=author().pk).update(is_staff=True)
    client = signed_in(User.objects.get(pk=author().pk))
    address = reverse("campaigns:festivals")
    row = client.get(address).context["rows"][-1]
    chosen = {"template": row["template"].pk, "year": row["year"]}
    assert client.post(address, chosen).status_code == 302
    cancel(activity=Activity.objects.get(), reason="改期", by=author(), now=timezone.now())
    assert {row["activity"] for row in client.get(address).context["rows"]} == {None}
    assert client.post(address, chosen).status_code == 302


@pytest.mark.django_db
def test_checks_are_those_of_the_activity() -> None:
    cast.people(1)
    draft, ready = cast.draft(), cast.approved(cast.draft())
    assert {each.code for each in checks_for(draft, now=cast.NOW) if each.state == "good"} == {
        "budget",
    }
    assert [(each.code, each.state) for each in checks_for(draft, now=cast.NOW) if each.empty] == [
        ("offers", "none"),
        ("content", "none"),
    ]
    assert {each.code for each in checks_for(ready, now=cast.NOW) if each.state != "good"} == {
        "offers",
        "content",
        "schedule",
    }
    assert checks_for(cast.running(), now=cast.NOW) == []


def test_checks_are_due_on_days_counted_back_from_the_start() -> None:
    start = NOW + timedelta(days=4)
    found = {check.code: check.state for check in checks_of(NOTHING, start, NOW, made=LONG_AGO)}
    assert found == {"text": "act", "budget": "good", "offers": "watch", "content": "watch", "schedule": "none"}
    assert [check.due for check in checks_of(NOTHING, start, NOW, made=LONG_AGO)] == [
        start - timedelta(days=days) for days in DAYS_BEFORE.values()
    ]


def test_check_whose_day_was_over_before_the_activity_was_made_is_due_now_and_late_at_the_start() -> None:
    """What is due later is late on its own day."""
    start = NOW + timedelta(days=4)

    def told(now: datetime) -> dict[str, tuple[str, bool]]:
        return {each.code: (each.state, each.at_once) for each in checks_of(NOTHING, start, now, made=NOW)}

    assert told(NOW)["text"] == ("watch", True)
    assert told(NOW)["offers"] == ("watch", False)
    assert told(start - timedelta(hours=1))["text"] == ("watch", True)
    assert told(start - timedelta(hours=1))["offers"] == ("act", False)
    assert told(start)["text"] == ("act", False)


@pytest.mark.django_db
def test_page_says_what_is_due_now_and_that_no_offer_is_planned() -> None:
    User.objects.filter(pk=author().pk).update(is_staff=True)
    cast.people(1)
    draft = cast.draft()
    Activity.objects.filter(pk=draft.pk).update(
        created_at=timezone.now(),
        starts_at=timezone.now() + timedelta(days=4),
        ends_at=timezone.now() + timedelta(days=9),
    )
    page = signed_in(User.objects.get(pk=author().pk), "en").get(reverse("campaigns:activity", args=(draft.pk,)))
    text = page.content.decode()
    assert '<span class="s-state" data-state="watch">Text approved' in text
    assert "due now" in text
    assert text.count("none planned") == 2
    assert "was due" not in text


@pytest.mark.django_db
def test_page_offers_the_festivals_ahead_and_bears_nonsense() -> None:
    User.objects.filter(pk=author().pk).update(is_staff=True)
    client = signed_in(User.objects.get(pk=author().pk))
    address = reverse("campaigns:festivals")
    rows = client.get(address).context["rows"]
    assert rows
    chosen = {"template": rows[-1]["template"].pk, "year": rows[-1]["year"]}
    assert client.post(address, chosen).status_code == 302
    assert client.post(address, chosen).status_code == 400
    assert client.post(address, {**chosen, "year": "²"}).status_code == 400
    assert client.post(address, {"template": "x"}).status_code == 404
    assert Activity.objects.count() == 1
    page = client.get(reverse("campaigns:activity", args=(Activity.objects.get().pk,)), {"tab": "content"})
    assert page.status_code == 200
