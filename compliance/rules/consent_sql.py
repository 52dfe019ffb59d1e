"""Which consent holds for a person over all her records, as SQL: the order of `rules.consent`, for everybody at once.

`STATE` joins one row at most for each person, as if there were a table of what persons say. Nearly everybody is one
record and has her own state (`…_one`); only for whom others were merged into is the latest sought among all of these
(`…_all`). The first is the table itself, as its statistics tell the planner that there is one row at most: a union of
both hid that, and a million members went through nested loops.
"""

# ruff: noqa: S608  # the text of the SQL comes from this project alone; every value is a bound parameter

_COLUMNS = ("action", "occurred_at", "weight", "notice_id", "event_id")
_ONE_OR_ALL = ", ".join(
    f"CASE WHEN {{alias}}_all.person_id IS NULL THEN {{alias}}_one.{name} ELSE {{alias}}_all.{name} END AS {name}"
    for name in _COLUMNS
)
#: What those say into whom others were merged: for each channel the latest of all their records; at the same moment the
#: stricter, then the later row. `absorbed` is `(ABSORBED)` of `members` or a part of it, `more` a further condition.
OF_MERGED = f"""
        SELECT DISTINCT ON (absorbed.person_id, state.channel)
            absorbed.person_id, {", ".join(f"state.{name}" for name in _COLUMNS)}
        FROM {{absorbed}} AS absorbed
        CROSS JOIN LATERAL (VALUES (absorbed.member_id), (absorbed.person_id)) AS record (record_id)
        JOIN compliance_consentstate AS state
            ON state.member_id = record.record_id AND state.purpose = {{purpose}}{{more}}
        ORDER BY absorbed.person_id, state.channel, state.occurred_at DESC, state.weight DESC, state.event_id DESC"""
#: What a person says for a purpose and channel.
STATE = f"""
    LEFT JOIN compliance_consentstate AS {{alias}}_one
        ON {{alias}}_one.member_id = {{person}} AND {{alias}}_one.purpose = {{purpose}}
        AND {{alias}}_one.channel = {{channel}}
    LEFT JOIN ({OF_MERGED.replace("{more}", " AND state.channel = {channel}")}
    ) AS {{alias}}_all ON {{alias}}_all.person_id = {{person}}
    CROSS JOIN LATERAL (SELECT {_ONE_OR_ALL}) AS {{alias}}"""


def prevailing_sql(column: str, *, general: str, own: str) -> str:
    """A column of the later of two states; at the same moment the stricter, then what was said for the channel."""
    return f"""CASE WHEN {general}.action IS NOT NULL AND ({own}.action IS NULL
        OR ({general}.occurred_at, {general}.weight) > ({own}.occurred_at, {own}.weight))
        THEN {general}.{column} ELSE {own}.{column} END"""
