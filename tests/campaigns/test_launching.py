"""A large audience is frozen by a worker; its owner is told what came of it."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import InAppNotice, User
from campaigns.models import Activity
from campaigns.services import launching
from campaigns.services.launching import launch_asked
from campaigns.services.running import take_back
from tests.brand import signed_in
from tests.campaigns import activities as cast
from tests.campaigns.activities import DAY, author

pytestmark = pytest.mark.django_db


@pytest.fixture
def marketer(monkeypatch: pytest.MonkeyPatch) -> Client:
    monkeypatch.setattr(launching, "LARGE", 2)
    User.objects.filter(pk=author().pk).update(is_staff=True)
    return signed_in(User.objects.get(pk=author().pk))


def approved() -> Activity:
    return cast.approved(cast.draft(ends_at=timezone.now() + 9 * DAY))


def test_large_audience_is_frozen_by_a_worker(marketer: Client) -> None:
    cast.people(3)
    activity = approved()
    address = reverse("campaigns:launch", args=(activity.pk,))
    for _again in range(2):
        assert marketer.post(address).status_code == 302
    activity.refresh_from_db()
    assert (activity.state, activity.launch_by) == ("approved", author())
    assert activity.launch_asked_at is not None
    assert 'role="status"' in marketer.get(reverse("campaigns:activity", args=(activity.pk,))).content.decode()
    assert (launch_asked(now=timezone.now()), launch_asked(now=timezone.now())) == (1, 0)
    activity.refresh_from_db()
    assert (activity.state, activity.audience_size, activity.launch_asked_at) == ("running", 3, None)
    assert InAppNotice.objects.filter(recipient=author(), title__contains=activity.name, level="info").count() >= 1


def test_small_audience_starts_at_once(marketer: Client) -> None:
    cast.people(2)
    activity = approved()
    marketer.post(reverse("campaigns:launch", args=(activity.pk,)))
    activity.refresh_from_db()
    assert (activity.state, activity.launch_asked_at) == ("running", None)


def test_start_that_is_refused_meanwhile_is_told(marketer: Client) -> None:
    cast.people(3)
    activity = approved()
    marketer.post(reverse("campaigns:launch", args=(activity.pk,)))
    take_back(activity=activity, by=author(), now=timezone.now())
    assert launch_asked(now=timezone.now()) == 0
    activity.refresh_from_db()
    assert (activity.state, activity.launch_asked_at) == ("draft", None)
    assert InAppNotice.objects.filter(recipient=author(), title__contains=activity.name, level="act").count() == 1
