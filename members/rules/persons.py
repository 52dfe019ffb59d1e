"""Whose record it is, as SQL: a record that was merged into another is its person's, and so is all that is told of it.

The record that stands for a person is her *owner*; a record is never merged into one that was merged itself. Nearly
everybody is one record, so a row is asked first whether its member was merged at all: that is the small relation
`ABSORBED`, which a partial index holds, and not a join of all members.
"""

# ruff: noqa: S608  # the text of the SQL comes from this project alone; every value is a bound parameter

#: From every record that was merged away to the one that stands for the person.
ABSORBED = (
    "SELECT id AS member_id, merged_into_id AS person_id, birthday FROM members_member WHERE merged_into_id IS NOT NULL"
)


def of_absorbed(rows: str) -> str:
    """The join that tells of `rows`, which have a `member_id`, which were told of a merged record; for `owner_of`."""
    return f"""LEFT JOIN ({ABSORBED}) AS absorbed
        ON absorbed.member_id = {rows}.member_id"""


def owner_of(rows: str) -> str:
    """The owner of a row, after `of_absorbed`."""
    return f"coalesce(absorbed.person_id, {rows}.member_id)"


def owner_at_hand(member: str) -> str:
    """The same where the statement has the row of the record at hand anyway: it costs nothing."""
    return f"coalesce({member}.merged_into_id, {member}.id)"


def owned(rows: str, records: str = "") -> str:
    """The rows with their `owner`; of some `records` alone (SQL)."""
    only = f"WHERE told.member_id IN ({records})" if records else ""
    return f"""
        SELECT {owner_of("told")} AS owner, told.* FROM ({rows}) AS told
        {of_absorbed("told")} {only}
    """


def records_of(persons: str) -> str:
    """All records of those owners (SQL of `member_id`): theirs and those that were merged into them."""
    return f"""
        SELECT member_id FROM ({persons}) AS person UNION ALL
        SELECT id FROM members_member WHERE merged_into_id IN (SELECT member_id FROM ({persons}) AS person)
    """


#: The latest birthday that the merged records of each person give; it is hers where her own record gives none.
BORN = (
    f"SELECT absorbed.person_id, max(absorbed.birthday) AS birthday FROM ({ABSORBED}) AS absorbed"
    " WHERE absorbed.birthday IS NOT NULL GROUP BY absorbed.person_id"
)

#: Whether anybody is, or was, merged: where nobody is, nothing need be asked about other records.
ANYBODY = """
SELECT EXISTS (SELECT FROM members_member WHERE merged_into_id IS NOT NULL) OR EXISTS (SELECT FROM members_merging)
"""


def kin_of(persons: str) -> str:
    """Under which records something may be stored that is told of these owners (SQL of `member_id`) now.

    Rows of `member_id, record_id, since, until`. Her own records, without bounds; and those that stood for one of hers
    from `since` until it was un-merged: what was told meanwhile stayed there. Only owners who were ever touched by a merge.
    """
    return f"""
        WITH RECURSIVE asked AS MATERIALIZED (
            SELECT DISTINCT member_id FROM ({persons}) AS person WHERE member_id IN (
                SELECT merged_into_id FROM members_member WHERE merged_into_id IS NOT NULL
                UNION ALL SELECT member_id FROM members_merging
            )
        ), hers AS MATERIALIZED (
            SELECT member_id, member_id AS record_id FROM asked UNION ALL
            SELECT asked.member_id, record.id FROM asked JOIN members_member AS record
                ON record.merged_into_id = asked.member_id
        ), led AS (
            SELECT hers.member_id, step.into_id AS record_id, step.at AS since, step.undone_at AS until
            FROM hers JOIN members_merging AS step ON step.member_id = hers.record_id
            UNION
            SELECT led.member_id, step.into_id, greatest(led.since, step.at), least(led.until, step.undone_at)
            FROM led JOIN members_merging AS step ON step.member_id = led.record_id
                AND step.at <= coalesce(led.until, 'infinity') AND coalesce(step.undone_at, 'infinity') >= led.since
        )
        SELECT member_id, record_id, NULL::timestamptz AS since, NULL::timestamptz AS until FROM hers
        UNION SELECT member_id, record_id, since, until FROM led
    """
