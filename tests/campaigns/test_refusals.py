"""What would be refused is said before a button is pressed, and the button is grey until then."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from campaigns.models import Activity
from campaigns.services import running
from compliance.errors.content import WarningsOpen, WordsForbidden
from compliance.models import Review
from tests.brand import signed_in
from tests.campaigns import activities as cast
from tests.campaigns.activities import author

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def looked_at(activity: Activity) -> str:
    User.objects.filter(pk=author().pk).update(is_staff=True)
    browser = signed_in(User.objects.get(pk=author().pk), "en")
    return str(browser.get(reverse("campaigns:activity", args=(activity.pk,))).content.decode())


def is_grey(page: str, verb: str) -> bool:
    button = re.search(rf'<form method="post" action="[^"]*/{verb}/">.*?<button ([^>]*)>', page, re.DOTALL)
    assert button is not None
    return " disabled " in f" {button[1]} "


def soon() -> dict[str, object]:
    now = timezone.now()
    return {"starts_at": now + DAY, "ends_at": now + 9 * DAY}


def test_draft_that_lacks_something_is_not_offered_to_be_submitted() -> None:
    cast.people(1)
    page = looked_at(cast.draft(title="", audience_id=None, **soon()))
    assert is_grey(page, "submit")
    assert "Title that members see: This has to be filled in." in page
    assert "Audience: This has to be filled in." in page
    whole = looked_at(cast.draft(**soon()))
    assert not is_grey(whole, "submit")
    assert 'id="refusals"' not in whole


@pytest.mark.parametrize(("text", "error"), [("国家级品质，全网第一。", WordsForbidden), ("三天见效。", WarningsOpen)])
def test_refused_text_stays_read_and_greys_the_button_until_it_is_reworded(text: str, error: type[Exception]) -> None:
    cast.people(1)
    activity = cast.draft(rules_text=text, **soon())
    with pytest.raises(error):
        running.submit(activity=activity, by=author(), now=timezone.now())
    review = Review.objects.get(kind="activity", object_id=activity.pk)
    assert review.state == "scanned"
    page = looked_at(activity)
    assert is_grey(page, "submit")
    assert reverse("compliance:review", args=(review.pk,)) in page
    Activity.objects.filter(pk=activity.pk).update(rules_text="满 200 减 20。")
    assert not is_grey(looked_at(activity), "submit")


def test_text_that_was_handed_on_from_its_review_is_no_obstacle() -> None:
    cast.people(1)
    activity = cast.draft(rules_text="国家级。", **soon())
    with pytest.raises(WordsForbidden):
        running.submit(activity=activity, by=author(), now=timezone.now())
    Activity.objects.filter(pk=activity.pk).update(rules_text="满 200 减 20。")
    activity.refresh_from_db()
    sent = running.submit(activity=activity, by=author(), now=timezone.now())
    running.take_back(activity=sent, by=author(), now=timezone.now())
    assert Review.objects.get(kind="activity", object_id=activity.pk).state == "in_review"
    assert running.submit(activity=activity, by=author(), now=timezone.now()).state == "in_review"


def test_start_whose_time_has_passed_is_not_offered_to_be_scheduled() -> None:
    cast.people(1)
    activity = cast.approved(cast.draft(**soon()), timezone.now())
    assert not is_grey(looked_at(activity), "schedule")
    Activity.objects.filter(pk=activity.pk).update(starts_at=timezone.now() - DAY)
    page = looked_at(activity)
    assert is_grey(page, "schedule")
    assert "Its time has passed" in page
