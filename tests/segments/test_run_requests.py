"""Runs that somebody asks for: one at a time, computed by a worker, followed on the page."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from accounts.models import User
from audit.models import AuditEntry
from segments.models import MemberStanding, RunRequest, Tier, TierRun
from segments.selectors.progress import is_running, progress_of
from segments.services.requests import MAX_ATTEMPTS, TASK, perform_request, request_run
from segments.services.retier import retier
from segments.tasks import run_request, take_up
from tests.brand import administrator, signed_in
from tests.rivals import claimed_elsewhere
from tests.segments.facts import Order, add_orders, make_members

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("assessed")]

DAY = timedelta(days=1)
TIERS, RUN = "/admin/tiers/", "/admin/tiers/run/"


@pytest.fixture
def boss() -> User:
    now = timezone.now()
    members = make_members([now - 200 * DAY] * 2, created_at=now - 200 * DAY)
    add_orders([Order(members[0], now - 3 * DAY, Decimal("812.50"))])
    return administrator()


@pytest.fixture
def client(boss: User) -> Client:
    return signed_in(boss)


def last_expires() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT message->'headers'->>'expires' FROM pgmq.q_bulk
            WHERE message->'headers'->>'task' = 'segments.run_request' ORDER BY msg_id DESC LIMIT 1
            """
        )
        return cursor.fetchone()[0] is not None


def waiting_messages() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pgmq.q_bulk WHERE message->'headers'->>'task' = 'segments.run_request'")
        return int(cursor.fetchone()[0])


def test_two_clicks_ask_for_one_run_and_the_request_computes_nothing(
    client: Client, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks() as first:
        assert client.post(RUN)["Location"] == TIERS
    with django_capture_on_commit_callbacks() as second:
        client.post(RUN)
    assert (len(first), len(second)) == (1, 0)
    assert RunRequest.objects.count() == 1
    assert TierRun.objects.count() == 0
    assert AuditEntry.objects.filter(action="segments.run_request").count() == 1


def test_database_refuses_a_second_open_request() -> None:
    now = timezone.now()
    RunRequest.objects.create(asked_at=now, finished_at=now)
    RunRequest.objects.create(asked_at=now)
    with pytest.raises(IntegrityError, match="segments_one_open_request"), transaction.atomic():
        RunRequest.objects.create(asked_at=now)


@pytest.mark.skipif(not settings.BROKER_IS_POSTGRES, reason="the queues of another broker are not tables")
@pytest.mark.servers
@pytest.mark.django_db(transaction=True)
@pytest.mark.xdist_group("broker")
def test_message_wakes_a_worker_and_take_up_sends_it_again() -> None:
    before = waiting_messages()
    asked = request_run(by=administrator(), now=timezone.now())
    assert waiting_messages() == before + 1
    assert not last_expires()
    take_up()
    assert waiting_messages() == before + 2
    assert last_expires()
    RunRequest.objects.filter(pk=asked.pk).update(finished_at=timezone.now())
    take_up()
    assert waiting_messages() == before + 2


def test_task_computes_once_however_often_it_is_delivered(boss: User) -> None:
    asked = request_run(by=boss, now=timezone.now())
    run_request(asked.pk)
    asked.refresh_from_db()
    assert asked.run == TierRun.objects.get()
    assert (asked.error, asked.finished_at is None) == ("", False)
    assert asked.run.by_label == boss.username
    assert MemberStanding.objects.count() == 2
    run_request(asked.pk)
    assert TierRun.objects.count() == 1


def test_page_follows_the_run_and_says_what_came_of_it(client: Client, boss: User) -> None:
    asked = request_run(by=boss, now=timezone.now())
    address = reverse("segments:progress", args=(asked.pk,))
    assert f'hx-get="{address}"' in client.get(TIERS).content.decode()
    assert "即将开始计算层级" in client.get(address).content.decode()
    perform_request(request_id=asked.pk, now=timezone.now())
    assert client.get(address)["HX-Refresh"] == "true"
    text = client.get(TIERS).content.decode()
    assert "层级已重新计算：共 2 位会员" in text
    assert 'hx-trigger="every' not in text


def test_page_says_in_plain_words_that_no_worker_runs(client: Client, boss: User) -> None:
    asked = request_run(by=boss, now=timezone.now() - timedelta(seconds=20))
    text = client.get(reverse("segments:progress", args=(asked.pk,))).content.decode()
    assert "还没有后台进程接手这次计算" in text


def test_refusal_is_kept_and_shown_until_a_run_follows(client: Client, boss: User) -> None:
    now = timezone.now()
    retier(as_of=now + DAY, now=now - DAY)
    asked = request_run(by=boss, now=now)
    assert perform_request(request_id=asked.pk, now=now) is False
    asked.refresh_from_db()
    assert asked.error == "as_of_too_early"
    assert "上次要求的计算没有完成" in client.get(TIERS).content.decode()
    retier(as_of=now + 2 * DAY)
    assert "上次要求的计算没有完成" not in client.get(TIERS).content.decode()


def test_request_left_by_a_killed_worker_begins_anew(boss: User) -> None:
    asked = request_run(by=boss, now=timezone.now() - timedelta(minutes=2))
    RunRequest.objects.update(started_at=timezone.now() - timedelta(minutes=1))
    asked.refresh_from_db()
    found = progress_of(asked, now=timezone.now())
    assert (found.working, found.abandoned) == (False, True)
    assert perform_request(request_id=asked.pk, now=timezone.now()) is True


def test_request_is_closed_though_the_goals_fail(boss: User) -> None:
    Tier.objects.filter(code="new").update(goal="nonsense")
    asked = request_run(by=boss, now=timezone.now())
    with pytest.raises(ValueError, match="nonsense"):
        perform_request(request_id=asked.pk, now=timezone.now())
    asked.refresh_from_db()
    assert (asked.run, asked.error, asked.finished_at is None) == (TierRun.objects.get(), "", False)


def test_request_whose_workers_were_killed_is_given_up(boss: User) -> None:
    asked = request_run(by=boss, now=timezone.now())
    RunRequest.objects.update(started_at=timezone.now(), attempts=MAX_ATTEMPTS)
    assert perform_request(request_id=asked.pk, now=timezone.now()) is False
    asked.refresh_from_db()
    assert (asked.error, asked.finished_at is None) == ("too_many_attempts", False)
    assert TierRun.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_second_worker_leaves_the_request_to_the_first(committed: None) -> None:
    began = timezone.now()
    asked = RunRequest.objects.create(asked_at=began, started_at=began, attempts=1)
    with claimed_elsewhere(TASK, asked.pk):
        assert perform_request(request_id=asked.pk, now=timezone.now()) is False
    asked.refresh_from_db()
    assert (asked.started_at, asked.attempts, asked.finished_at) == (began, 1, None)


@pytest.mark.django_db(transaction=True)
def test_running_is_seen_by_the_lock_alone(committed: None) -> None:
    assert is_running() is False
    asked = RunRequest.objects.create(asked_at=timezone.now(), started_at=timezone.now())
    worker = connection.copy()
    try:
        worker.set_autocommit(False)
        worker.cursor().execute("LOCK TABLE segments_tierrun IN SHARE ROW EXCLUSIVE MODE")
        assert is_running() is True
        assert progress_of(asked, now=timezone.now()).working is True
        assert perform_request(request_id=asked.pk, now=timezone.now()) is False
    finally:
        worker.rollback()  # answers when the lock is gone; closing does not wait for that
        worker.close()
    assert is_running() is False


def test_analyst_may_watch_but_not_ask(boss: User) -> None:
    asked = request_run(by=boss, now=timezone.now())
    analyst = signed_in(User.objects.create_user("analyst", role="analyst", is_staff=True))
    assert analyst.get(reverse("segments:progress", args=(asked.pk,))).status_code == 200
    assert analyst.post(RUN).status_code == 403
