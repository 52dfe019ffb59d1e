"""Which consent holds for a person over all her records, as SQL: the order of `rules.consent`, for everybody at once.

The joins belong to a statement with a row for each person. Nearly everybody is one record: for them two states are read
by index and nothing is sorted. `OF_SEVERAL` has only the persons into whose record others were merged, with the latest
of what any of these records says, hers among them; where it has a row, that holds. Every join names first the purpose,
then the channel, once each, so that their places can be bound in order.
"""

# ruff: noqa: S608  # the text of the SQL comes from this project alone; every value is a bound parameter

#: From every record that was merged away to the one that stands for the person.
ABSORBED = (
    "SELECT id AS member_id, merged_into_id AS person_id, birthday FROM members_member WHERE merged_into_id IS NOT NULL"
)
#: What the record that stands for the person says for a purpose and channel.
STATE = """
    LEFT JOIN compliance_consentstate AS {alias}
        ON {alias}.purpose = {purpose} AND {alias}.channel = {channel} AND {alias}.member_id = {person}"""


def _latest_of_several(each: str, channels: str = "") -> str:
    """A row for each: the latest; at the same moment the stricter, then what was said for one channel, then the later row."""
    return f"""
        SELECT DISTINCT ON ({each}) absorbed.person_id, state.action, state.event_id, state.notice_id
        FROM {{absorbed}} AS absorbed
        CROSS JOIN LATERAL (VALUES (absorbed.member_id), (absorbed.person_id)) AS record (member_id)
        JOIN compliance_consentstate AS state ON state.member_id = record.member_id
        WHERE state.purpose = {{purpose}}{channels}
        ORDER BY {each}, state.occurred_at DESC, state.weight DESC, state.channel <> 'any' DESC, state.event_id DESC"""


_OF_ALL_AND_THIS = _latest_of_several("absorbed.person_id", " AND state.channel IN ('any', {channel})")
#: Of what is said for all channels and for this one, on whichever record. `absorbed` is `ABSORBED` or a part of it.
OF_SEVERAL = f"""
    LEFT JOIN ({_OF_ALL_AND_THIS}
    ) AS {{alias}} ON {{alias}}.person_id = {{person}}"""
#: The same by itself, channel by channel: a row for each that anything was said for.
BY_CHANNEL_OF_SEVERAL = _latest_of_several("absorbed.person_id, state.channel")
_BY_GENERAL = """{general}.member_id IS NOT NULL AND ({own}.member_id IS NULL
        OR ({general}.occurred_at, {general}.weight) > ({own}.occurred_at, {own}.weight))"""


def prevailing_sql(column: str, *, several: str, general: str, own: str = "") -> str:
    """`action`, `event_id` or `notice_id` of the event that holds, from the aliases of the joins; NULL: nothing was said.

    Without `own` it was asked for all channels alone.
    """
    cases = f"WHEN {several}.person_id IS NOT NULL THEN {several}.{column}"
    if own:
        cases += f" WHEN {_BY_GENERAL.format(general=general, own=own)} THEN {general}.{column}"
    return f"CASE {cases} ELSE {own or general}.{column} END"
