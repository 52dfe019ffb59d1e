"""Tagging beside tagging."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta

import psycopg
import pytest
from django.db import connection

from members.models import Member
from segments.models import MemberTag, Tag
from segments.services.tags import save_tag, save_tag_group, tag_members, untag_members
from tests.segments.facts import make_members, moment
from tests.segments.test_runs_at_once import other

pytestmark = pytest.mark.chaos
NOW = moment("2026-11-01T16:00:00")


def is_locked(session: psycopg.Connection, member: int) -> bool:
    with suppress(psycopg.errors.LockNotAvailable), session.transaction(force_rollback=True):
        session.execute("SELECT FROM segments_membertag WHERE member_id = %s FOR UPDATE NOWAIT", [member])
        return False
    return True


@pytest.mark.parametrize("act", [tag_members, untag_members])
def test_tagging_locks_in_the_order_of_members(committed: None, act: object) -> None:
    """However the rows lie: here the last member's is the first."""
    people = make_members([NOW - timedelta(days=100)] * 20)
    tag = save_tag(group=save_tag_group(name="偏好", by=None), name="敏感肌", lasts_days=30, by=None)
    MemberTag.objects.bulk_create(MemberTag(tag=tag, member_id=member, source="manual") for member in people[::-1])

    def run() -> int:
        try:
            return act(members=Member.objects.all(), tag=Tag.objects.get(), by=None, now=NOW)  # type: ignore[operator]
        finally:
            connection.close()

    with other() as holder, other() as looker, ThreadPoolExecutor(1) as pool:
        holder.execute("SELECT FROM segments_membertag WHERE member_id = %s FOR UPDATE", [people[-1]])
        working = pool.submit(run)
        wait_for_a_lock(looker)
        assert [is_locked(looker, member) for member in people] == [True] * 20
        holder.commit()
        assert working.result(30) == (0 if act is tag_members else 20)


def wait_for_a_lock(session: psycopg.Connection) -> None:
    for _attempt in range(200):
        session.rollback()
        (waiting,) = session.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        ).fetchone() or (0,)
        if waiting:
            return
        session.execute("SELECT pg_sleep(0.05)")
    pytest.fail("nobody waited")
