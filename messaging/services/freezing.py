"""Freezing recipients: whoever is in the audience at this moment is a row of the ledger, by one statement."""

# ruff: noqa: S608  # the text of the SQL comes from this project alone; every value is a bound parameter

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

from members.models import Member
from messaging.models import Send
from messaging.rules.ledger_sql import FREEZE


@dataclass(frozen=True)
class Recipients:
    """A SELECT of `member_id`, each once, with its values; `brings_values`: also `variables` (jsonb), texts by name."""

    text: str
    values: Sequence[Any] = ()
    brings_values: bool = False


NOBODY = Recipients("SELECT NULL::bigint AS member_id WHERE false")


def recipients_of(members: QuerySet[Member]) -> Recipients:
    """A queryset of members as recipients."""
    try:
        text, values = members.order_by().values_list("pk").query.sql_with_params()
    except EmptyResultSet:  # a filter that nobody passes
        return NOBODY
    return Recipients(f"SELECT id AS member_id FROM ({text}) AS chosen (id)", values)


def freeze_rows(*, send: Send, recipients: Recipients, due_at: datetime) -> int:
    """Answers how many are new; one who is in the send already stays as she is. Inside the caller's transaction."""
    more = ", variables" if recipients.brings_values else ""
    with connection.cursor() as cursor:
        statement = FREEZE.format(audience=recipients.text, more=more)
        cursor.execute(statement, [send.pk, due_at, *recipients.values])
        return int(cursor.rowcount)
