"""Taking turns: a message is judged before a refusal commits, or after it, never at the same time.

Whoever sends holds the persons' turns, shared, from before the gate is asked until "sending" commits; whoever records a
refusal holds them alone until it commits. So no message begins on a consent that was taken back before: what the gate
read still stands when the message begins. Turns are advisory locks of the transaction: no row is written, a killed
process holds nobody up, and they are few, for many persons share one.
"""

from collections.abc import Sequence

from django.db import connection

from core.models.relations import Relation, as_relation

#: The first number of PostgreSQL's two; nobody else's locks have it.
SPACE = 7_190_611
#: So many locks at most, however many workers hold however many persons: the server's table of locks is small.
SHARES = 1_024
LIST, CAPS = SHARES, SHARES + 1

# Always in the order of their numbers, so that nobody waits for somebody who waits for her.
_OF_MEMBERS = """
SELECT pg_advisory_xact_lock{shared}(%(space)s, share) FROM (
    SELECT DISTINCT (coalesce(merged_into_id, id) %% %(shares)s)::int AS share FROM members_member
    WHERE id = ANY (%(ids)s) ORDER BY 1
) AS turn
"""
_OF_RELATION = """
SELECT count(pg_advisory_xact_lock(%s, share)) FROM (
    SELECT DISTINCT (coalesce(member.merged_into_id, member.id) %% %s)::int AS share
    FROM {relation} AS given JOIN members_member AS member ON member.id = given.member_id
    WHERE given.action IN ('refuse', 'withdraw') ORDER BY 1
) AS turn
"""


def hold_for_judging(member_ids: Sequence[int]) -> None:
    """Until the end of the transaction nobody's refusal commits. Call it before the gate is asked, in its transaction."""
    _take(_OF_MEMBERS.format(shared="_shared"), member_ids)
    _one("pg_advisory_xact_lock_shared", LIST)


def hold_for_caps(*, alone: bool) -> None:
    """Before the gate counts contacts, in the transaction that adds to them; behind `hold_for_judging`.

    Two who may count the same person must not both find room for one more: one of them at least is `alone`. Those
    who know that they have different persons need not wait for each other.
    """
    _one("pg_advisory_xact_lock" if alone else "pg_advisory_xact_lock_shared", CAPS)


def hold_for_refusal(member_ids: Sequence[int]) -> None:
    """Wait for those who judge these persons now; until the end of the transaction nobody else begins to."""
    _take(_OF_MEMBERS.format(shared=""), member_ids)


def hold_for_list() -> None:
    """The same for the list of numbers that are left alone. Take the members' turns first, if both are needed."""
    _one("pg_advisory_xact_lock", LIST)


def hold_for_history(relation: Relation) -> None:
    """The same for everybody who refuses in a relation of consents."""
    with connection.cursor() as cursor:
        text = as_relation(relation).replace("%", "%%")
        cursor.execute(_OF_RELATION.format(relation=text), [SPACE, SHARES])


def _take(statement: str, member_ids: Sequence[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"space": SPACE, "shares": SHARES, "ids": sorted(set(member_ids))})


def _one(function: str, turn: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s, %s)", [SPACE, turn])
