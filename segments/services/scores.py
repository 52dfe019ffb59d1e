"""Scores and tiers as of any moment, computed from the facts and given out without being kept."""

# ruff: noqa: S608  # the text of the SQL comes from this project alone; every value is a bound parameter

from collections.abc import Iterator
from datetime import UTC, datetime

from django.db import connection

from segments.rules.assign_sql import assigned_sql
from segments.rules.cutoffs import DAY
from segments.rules.definitions import FALLBACK
from segments.rules.metrics_sql import start_of
from segments.rules.slots import slots_of
from segments.rules.statement import Values
from segments.selectors.definitions import current_definitions
from segments.services.measuring import FRESH, Question, find_cutoffs, measure_all, one_view

# What a member without a number of the source is called: m and our own number, with as many m as no such number has.
_OWN_PREFIX = """repeat('m', 1 + coalesce((
            SELECT max(length(lookup) - length(ltrim(lookup, 'm'))) FROM members_identity
            WHERE type = 'external_id' AND lookup >= 'm' AND lookup < 'n' AND lookup ~ '^m+[0-9]+$'
        ), 0))"""


def stream_scores(*, as_of: datetime) -> Iterator[bytes]:
    """Every member as CSV with a header, in blocks as the database makes them; nothing is kept.

    Columns: external_id, recency_days, frequency, monetary, r, f, m, tier. Whoever has no number of the source is
    called by our own behind an m, which nobody else is called. Without an order in the window the scores
    and the recency are empty. Whoever is not known yet at that moment has no facts either: regular, without scores.
    """
    definitions = current_definitions()
    question = Question(definitions=definitions, slots=slots_of(definitions), as_of=as_of.astimezone(UTC))
    with one_view(lock=False):
        measure_all(question)
        sql, values = _rows(question)
        with connection.cursor() as cursor, cursor.copy(f"COPY ({sql}) TO STDOUT (FORMAT csv, HEADER)", values) as copy:
            yield from (bytes(block) for block in copy)


def _rows(question: Question) -> tuple[str, Values]:
    values = Values()
    slots, window = question.slots, question.definitions.rfm.window_days
    assigned = assigned_sql(
        FRESH,
        definitions=question.definitions,
        slots=slots,
        cutoffs=find_cutoffs(question, FRESH),
        as_of=question.as_of,
        bind=values.bind,
    )
    since, as_of, day = values.bind(start_of(question.as_of, window)), values.bind(question.as_of), values.bind(DAY)
    sql = f"""
        SELECT coalesce(i.lookup, own.prefix || m.id) AS external_id,
            CASE WHEN n.last_order_at >= {since}
                THEN floor(extract(epoch FROM {as_of} - n.last_order_at) / extract(epoch FROM {day}))::integer
            END AS recency_days,
            coalesce(n.sums[{slots.at("orders", window) + 1}], 0) AS frequency,
            (coalesce(n.sums[{slots.at("spend", window) + 1}], 0)::numeric / 100)::numeric(14, 2) AS monetary,
            n.r, n.f, n.m, coalesce(n.tier, {values.bind(FALLBACK)}) AS tier
        FROM members_member m CROSS JOIN (SELECT {_OWN_PREFIX} AS prefix) AS own
        LEFT JOIN ({assigned}) n ON n.member_id = m.id
        LEFT JOIN (
            SELECT DISTINCT ON (member_id) member_id, lookup FROM members_identity
            WHERE type = 'external_id' ORDER BY member_id, id
        ) i ON i.member_id = m.id
        ORDER BY m.id
    """
    return sql, values
