"""Transaction numbers after a restore into another server."""

from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.utils import Error

from audit.models import AuditEntry
from core import roles
from members.models import Member
from tests.timeline.facts import AT, NOW, act
from timeline.models import Interaction
from timeline.services import adopt_cluster, make_months

pytestmark = [pytest.mark.servers, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def member() -> Member:
    make_months(today=AT.date())
    return Member.objects.create()


@pytest.fixture(autouse=True)
def _own_cluster_again() -> Iterator[None]:
    yield
    plant("DELETE FROM timeline_cluster")
    plant("INSERT INTO timeline_cluster SELECT system_identifier, 0 FROM pg_control_system()")


def plant(statement: str) -> None:
    with roles.as_owner(), connection.cursor() as cursor:
        cursor.execute(statement)


def numbers() -> tuple[int, int]:
    connection.close()
    with connection.cursor() as cursor:
        cursor.execute("SELECT timeline_xid(), timeline_horizon()")
        xid, horizon = cursor.fetchone()
    return xid, horizon


def test_a_server_that_is_known_is_left_alone() -> None:
    before = numbers()
    assert adopt_cluster(by=None, now=NOW).new is False
    assert numbers() >= before
    assert not AuditEntry.objects.exists()


def test_a_database_from_another_server_refuses_facts_until_it_is_adopted(member: Member) -> None:
    act(member.pk, AT)
    plant("UPDATE timeline_cluster SET system_identifier = 1")
    connection.close()
    with pytest.raises(Error, match="adopt_cluster"):
        act(member.pk, AT, key="later")
    call_command("adopt_cluster", verbosity=0)
    act(member.pk, AT, key="later")
    assert Interaction.objects.count() == 2


def test_numbers_continue_above_all_that_is_stored(member: Member) -> None:
    act(member.pk, AT)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE timeline_interaction SET xid = 1000000000")
    plant("UPDATE timeline_cluster SET system_identifier = 1")
    call_command("adopt_cluster", verbosity=0)
    xid, horizon = numbers()
    assert xid > 1_000_000_000
    assert horizon > 1_000_000_000
    act(member.pk, AT, key="later")
    assert Interaction.objects.order_by("-xid").values_list("source", "xid")[0][1] > 1_000_000_000
    assert list(AuditEntry.objects.values_list("action", flat=True)) == ["timeline.adopt_cluster"]
