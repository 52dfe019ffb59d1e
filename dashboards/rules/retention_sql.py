"""Who came when, and whether she was back after 30 days: one definition for metrics, cohorts and the team.

A member came on the local day of her registration, or of her first fact where that is unknown. She is back if anything
was recorded of her from the 30th to the 36th day after; a day later it can be told. What was recorded of a member who
was merged into her is hers, and a merged one came as another.
"""

# ruff: noqa: S608  # the text of the SQL comes from this project alone; every value is a bound parameter

from typing import Final

from members.rules.persons import of_absorbed, owner_of

RETURN_AFTER: Final = 30
RETURN_DAYS: Final = 7
RETURN_TOLD: Final = RETURN_AFTER + RETURN_DAYS - 1
_REGISTERED: Final = """
    SELECT id AS member_id, (registered_at AT TIME ZONE %(zone)s)::date AS day{more} FROM members_member
    WHERE merged_into_id IS NULL
        AND registered_at >= ({first})::timestamp AT TIME ZONE %(zone)s
        AND registered_at < ({last} + 1)::timestamp AT TIME ZONE %(zone)s
"""
# Whoever bought before `first` is left out at once: most are, and nothing more is looked up of them. OFFSET 0 keeps what
# is looked up apart: else it would be looked up anew wherever it is named.
_APPEARED: Final = f"""
    SELECT member.id, first.day{{more}}
    FROM members_member AS member
    LEFT JOIN (
        SELECT {owner_of("came")} AS member_id,
            min((came.occurred_at AT TIME ZONE %(zone)s)::date) AS day
        FROM timeline_touch AS came
        {of_absorbed("came")}
        GROUP BY 1
    ) AS touch ON touch.member_id = member.id
    LEFT JOIN (
        SELECT gone.merged_into_id AS member_id, min(least(
            (SELECT min(day) FROM timeline_purchaseday WHERE member_id = gone.id),
            (SELECT min(day) FROM timeline_interactionday WHERE member_id = gone.id)
        )) AS day
        FROM members_member AS gone WHERE gone.merged_into_id IS NOT NULL GROUP BY 1
    ) AS merged ON merged.member_id = member.id
    CROSS JOIN LATERAL (
        SELECT (SELECT min(day) FROM timeline_purchaseday WHERE member_id = member.id) AS day OFFSET 0
    ) AS bought
    CROSS JOIN LATERAL (
        SELECT least(
            bought.day, (SELECT min(day) FROM timeline_interactionday WHERE member_id = member.id), touch.day, merged.day
        ) AS day
        WHERE coalesce(bought.day >= {{first}}, true) OFFSET 0
    ) AS first
    WHERE member.merged_into_id IS NULL AND member.registered_at IS NULL AND first.day BETWEEN {{first}} AND {{last}}
"""
# The days are limited outside: tables without a condition of their own are read as they are, one with it hands on each row.
_FACTS: Final = """
    SELECT told.member_id, told.day FROM (
        SELECT member_id, day FROM timeline_purchaseday
        UNION ALL SELECT member_id, day FROM timeline_interactionday
        UNION ALL SELECT member_id, (occurred_at AT TIME ZONE %(zone)s)::date FROM timeline_touch
            WHERE occurred_at >= ({first})::timestamp AT TIME ZONE %(zone)s
                AND occurred_at < ({last} + 1)::timestamp AT TIME ZONE %(zone)s
    ) AS told WHERE told.day BETWEEN {first} AND {last}
"""
_SEEN: Final = f"""
    SELECT {owner_of("fact")} AS owner, fact.day FROM ({_FACTS}) AS fact
    {of_absorbed("fact")}
"""


def arrivals(first: str, last: str, *columns: str) -> str:
    """SELECT of member_id, day and more `columns` of the member for those who came from `first` to `last` (SQL of days)."""
    more = "".join(f", {column}" for column in columns)
    return f"{_REGISTERED} UNION ALL {_APPEARED}".format(first=first, last=last, more=more)


def facts(first: str, last: str) -> str:
    """SELECT of member_id (the record) and day, a row for each sum or touch from `first` to `last`."""
    return _FACTS.format(first=first, last=last)


def seen(first: str, last: str) -> str:
    """The same with the `owner` of the record."""
    return _SEEN.format(first=first, last=last)


def came_back(first: str, last: str, activity: str) -> str:
    """SELECT of member_id, the day on which it is told, and is_back, of those who came from `first` to `last`.

    `activity`: a relation of owner and day that reaches from 30 days after `first` to 36 days after `last`. Those who
    came are few beside it: they are the ones who are hashed.
    """
    return f"""
        WITH came AS MATERIALIZED ({arrivals(first, last)}), back AS (
            SELECT DISTINCT came.member_id FROM came JOIN {activity} AS seen ON seen.owner = came.member_id
                AND seen.day BETWEEN came.day + {RETURN_AFTER} AND came.day + {RETURN_TOLD}
            WHERE seen.day >= {first} + {RETURN_AFTER}
        )
        SELECT came.member_id, came.day + {RETURN_TOLD} AS day, back.member_id IS NOT NULL AS is_back
        FROM came LEFT JOIN back ON back.member_id = came.member_id
    """
