"""The SQL that digests what a source tells of each day, so that two nights can be compared.

The digest is a sum over the rows, which needs no order and tells equal rows apart from one.
"""

# ruff: noqa: S608  # the text of the SQL comes from this project alone; every value is a bound parameter

_DAYS = "generate_series(%(first)s::date, %(last)s::date, interval '1 day') AS series"
_OF_DAYS = f"""
SELECT series::date, coalesce(found.digest, 0)::text
FROM {_DAYS} LEFT JOIN (
    SELECT day, sum(hashtextextended(told::text, 0)) AS digest FROM ({{rows}}) AS told GROUP BY day
) AS found ON found.day = series::date
"""
# Of rows that hold for a time, a day tells those that have begun and not ended.
_OF_LASTING = f"""
WITH told AS (
    SELECT greatest(day, %(first)s::date) AS day, until,
        hashtextextended((to_jsonb(told) - 'day' - 'until')::text, 0)::numeric AS digest
    FROM ({{rows}}) AS told WHERE until IS NULL OR until > day
), steps AS (
    SELECT day, sum(digest) AS digest FROM (
        SELECT day, digest FROM told UNION ALL SELECT until, -digest FROM told WHERE until IS NOT NULL
    ) AS step GROUP BY day
)
SELECT series::date, coalesce(sum(steps.digest) OVER (ORDER BY series), 0)::text
FROM {_DAYS} LEFT JOIN steps ON steps.day = series::date
"""


def digests(rows: str, *, lasting: bool) -> str:
    """SELECT of each day and its digest; `rows` as a source has them."""
    return (_OF_LASTING if lasting else _OF_DAYS).format(rows=rows)
