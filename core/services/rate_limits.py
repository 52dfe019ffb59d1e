"""How fast one caller may ask: token buckets in the database, the same for every process on every host."""

import math
from dataclasses import dataclass

from django.db import connection


@dataclass(frozen=True)
class Rate:
    """`burst` requests at once, `per_second` in the long run."""

    burst: float
    per_second: float


_FILLED = (
    "least(%(burst)s, bucket.tokens + %(rate)s"
    " * greatest(0, extract(epoch FROM clock_timestamp() - bucket.updated_at)))"
)
# One statement on one row, by the database's clock: two requests at once cannot both take the last token.
_TAKE = f"""
INSERT INTO core_ratebucket AS bucket (key, tokens, updated_at)
VALUES (%(key)s, %(burst)s::float8 - %(count)s, clock_timestamp())
ON CONFLICT (key) DO UPDATE SET
    tokens = {_FILLED} - %(count)s, updated_at = clock_timestamp()
WHERE {_FILLED} >= %(count)s
RETURNING tokens
"""  # noqa: S608  # put together from constants
_WAIT = """
SELECT (%(count)s - tokens) / %(rate)s - extract(epoch FROM clock_timestamp() - updated_at)
FROM core_ratebucket WHERE key = %(key)s
"""
_PURGE = "DELETE FROM core_ratebucket WHERE updated_at < clock_timestamp() - interval '1 hour'"


def take(key: str, rate: Rate, *, count: int = 1) -> int:
    """Take so many tokens, at most the burst; 0 if they were there, else the whole seconds to wait.

    Call it outside of a transaction.
    """
    values: dict[str, str | float] = {"key": key, "burst": rate.burst, "rate": rate.per_second, "count": count}
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, values)
        if cursor.fetchone():
            return 0
        cursor.execute(_WAIT, values)
        found = cursor.fetchone()
    return max(1, math.ceil(found[0])) if found else 1


def purge_buckets() -> int:
    """Forget callers who have not asked for an hour; their bucket would be full."""
    with connection.cursor() as cursor:
        cursor.execute(_PURGE)
        return int(cursor.rowcount)
