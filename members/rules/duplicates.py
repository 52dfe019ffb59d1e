"""The SQL that finds records which may be one person's."""

# ruff: noqa: S608  # the text of the SQL comes from this project alone; every value is a bound parameter

from typing import Final

#: A name, a birthday and a city that more records share than this are a default that somebody typed, and no sign.
MOST_ALIKE: Final = 5

# One pass over those whose birthday is known; equal ones stand side by side.
ALIKE: Final = f"""
    SELECT one.id AS first_id, other.id AS second_id, %(weak)s::varchar AS sign
    FROM (
        SELECT array_agg(id ORDER BY id) AS ids FROM members_member
        WHERE merged_into_id IS NULL AND birthday IS NOT NULL AND name <> '' AND city_id IS NOT NULL
        GROUP BY name, birthday, city_id HAVING count(*) BETWEEN 2 AND {MOST_ALIKE}
    ) AS alike
    CROSS JOIN LATERAL unnest(alike.ids) AS one (id) JOIN LATERAL unnest(alike.ids) AS other (id) ON one.id < other.id
"""
# A line that means two members by two of what they are known by. Its customer number is how it calls itself; what else
# it brings is said of that member and held by another.
CLAIMS: Final = """
    SELECT DISTINCT least(one.known_id, other.known_id) AS first_id, greatest(one.known_id, other.known_id) AS second_id,
        other.type::varchar AS sign
    FROM {relation} AS one JOIN {relation} AS other ON other.line = one.line AND other.known_id <> one.known_id
    WHERE other.type <> 'external_id'
"""
# A pair that somebody decided stays decided, and one that is known gets what else speaks for it.
KEEP: Final = """
WITH found AS (
    SELECT first_id, second_id, array_agg(DISTINCT sign ORDER BY sign) AS signs FROM ({found}) AS sign GROUP BY 1, 2
), kept AS (
    INSERT INTO members_duplicatepair AS pair (first_id, second_id, signs, is_strong, found_at)
    SELECT first_id, second_id, signs, signs <> ARRAY[%(weak)s::varchar], %(now)s FROM found
    ON CONFLICT (first_id, second_id) DO UPDATE SET is_strong = pair.is_strong OR excluded.is_strong,
        signs = ARRAY(SELECT DISTINCT unnest(pair.signs || excluded.signs) ORDER BY 1)
    WHERE pair.decided_at IS NULL AND NOT pair.signs @> excluded.signs
    RETURNING xmax = 0 AS fresh
)
SELECT count(*) FILTER (WHERE fresh) FROM kept
"""
