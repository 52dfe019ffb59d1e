"""The SQL that counts silences and finds who is silent now, from the sums per member and day.

A sign of life is a local day with an interaction or an order. The sums stand in the order of member and day, so both
tables are read along their keys and merged: nothing is sorted but the few members into whom others were merged.
"""

# ruff: noqa: S608  # the text of the SQL comes from this project alone; every value is a bound parameter

from members.rules.persons import owner_at_hand

#: Days beyond which the length of a silence is not told apart.
LONGEST = 180

_SIGNS = """
    SELECT member_id, day FROM timeline_interactionday WHERE day >= %(first)s AND day <= %(last)s{who}
    UNION ALL
    SELECT member_id, day FROM timeline_purchaseday
    WHERE orders > 0 AND day >= %(first)s AND day <= %(last)s{who}
"""
# Records that are one person's together, and whose; theirs are counted apart, so that all the others stay in order.
_MERGED = """
    SELECT id, merged_into_id AS owner FROM members_member WHERE merged_into_id IS NOT NULL
    UNION SELECT merged_into_id, merged_into_id FROM members_member WHERE merged_into_id IS NOT NULL
"""
# Two rows of one day stand beside each other: only the later one has another day after it.
_ENDS = """
    SELECT member_id, day, after IS NULL AS is_last, coalesce(after, %(last)s::date) - day AS days
    FROM (
        SELECT member_id, day, lead(day) OVER (PARTITION BY member_id ORDER BY day) AS after FROM ({signs}) AS signs
    ) AS ordered
    WHERE (after IS NULL OR after > day)
"""


def _silences(who: str, who_merged: str) -> str:
    """`who`, `who_merged`: conditions on `member_id` of those who are one record, and of those who are several."""
    several = f"""
        SELECT merged.owner AS member_id, signs.day FROM merged JOIN ({_SIGNS.format(who=who_merged)}) AS signs
            ON signs.member_id = merged.id
    """
    return f"""
        {_ENDS.format(signs=_SIGNS.format(who=who))} AND member_id NOT IN (SELECT id FROM merged)
        UNION ALL {_ENDS.format(signs=several)}
    """


_LENGTH = f"least(days, {LONGEST}) AS length, NOT is_last AND days <= {LONGEST} AS returned"
_TIERS = """
    SELECT member_id, to_tier AS tier, (at AT TIME ZONE %(zone)s)::date AS since,
        coalesce(
            (lead(at) OVER (PARTITION BY member_id ORDER BY at, id) AT TIME ZONE %(zone)s)::date, 'infinity'
        ) AS until
    FROM segments_tierchange
"""
_OF_AUDIENCE = " AND member_id IN (SELECT id FROM merged WHERE owner IN (SELECT member_id FROM audience))"
#: Home store, tier on the day on which the silence began, length, whether it ended, how many, how many members' last.
COUNT_SILENCES = f"""
WITH tiers AS ({_TIERS}), merged AS MATERIALIZED ({_MERGED}),
silences AS ({_silences("", " AND member_id IN (SELECT id FROM merged)")})
SELECT member.home_store_id, tiers.tier, {_LENGTH}, count(*), count(*) FILTER (WHERE is_last)
FROM silences JOIN members_member AS member ON member.id = silences.member_id
LEFT JOIN tiers ON tiers.member_id = silences.member_id AND tiers.since <= day AND day < tiers.until
GROUP BY 1, 2, 3, 4
"""
#: Members of an audience: its statement brings unnamed values, these here are named, so they come by a table.
AUDIENCE = "dashboards_audience"
#: The same of them, without stores and tiers.
COUNT_SILENCES_OF = f"""
WITH audience AS MATERIALIZED (SELECT member_id FROM {AUDIENCE}), merged AS MATERIALIZED ({_MERGED}),
silences AS ({_silences(" AND member_id IN (SELECT member_id FROM audience)", _OF_AUDIENCE)})
SELECT NULL, NULL, {_LENGTH}, count(*), count(*) FILTER (WHERE is_last) FROM silences GROUP BY 1, 2, 3, 4
"""

#: Everybody's last sign of life within the days that matter, those of records merged into hers too.
SEEN = "CREATE TEMP TABLE dashboards_seen (member_id bigint, seen date)"
# Sorted by what is summed, so that everything is read before the first row is written: until then the transaction has no
# number, and nobody who follows the facts waits for it.
ADD_SEEN = f"""
INSERT INTO dashboards_seen
SELECT {owner_at_hand("record")} AS member_id, max(last.seen) AS seen
FROM (SELECT member_id, max(day) AS seen FROM ({_SIGNS.format(who="")}) AS signs GROUP BY member_id) AS last
JOIN members_member AS record ON record.id = last.member_id
GROUP BY 1 ORDER BY 2
"""
#: Which rule holds for whom by an audience; filled rule by rule, the first stays.
RULED = "CREATE TEMP TABLE dashboards_ruled (member_id bigint PRIMARY KEY, rule_id bigint)"
ADD_RULED = """
INSERT INTO dashboards_ruled SELECT member_id, %s FROM ({audience}) AS audience ON CONFLICT DO NOTHING
"""
#: Who is to be flagged: silent for the days of her rule, and less than the horizon longer.
DUE = """
CREATE TEMP TABLE dashboards_due AS
SELECT seen.member_id, seen.seen, rule.days, rule.scope
FROM dashboards_seen AS seen
LEFT JOIN dashboards_ruled AS ruled ON ruled.member_id = seen.member_id
LEFT JOIN segments_memberstanding AS standing ON standing.member_id = seen.member_id
LEFT JOIN dashboards_churnrule AS of_tier ON of_tier.scope = 'tier:' || standing.tier
JOIN dashboards_churnrule AS rule ON rule.id = coalesce(
    ruled.rule_id, of_tier.id, (SELECT id FROM dashboards_churnrule WHERE scope = 'all')
)
WHERE %(last)s::date - seen.seen BETWEEN rule.days AND rule.days + %(horizon)s - 1
    AND NOT EXISTS (SELECT FROM ({restricted}) AS restricted WHERE restricted.person_id = seen.member_id)
"""
#: One who came back is flagged until her first day after; whoever else is due no more, until today.
END_FLAGS = """
UPDATE dashboards_churnflag AS flag
SET until = coalesce(back.day, seen.seen, %(today)s),
    ended = CASE WHEN coalesce(back.day, seen.seen) IS NOT NULL THEN 'returned'
        WHEN %(last)s::date - flag.seen >= flag.days + %(horizon)s THEN 'lost' ELSE 'withdrawn' END
FROM dashboards_churnflag AS open
LEFT JOIN dashboards_due AS due ON due.member_id = open.member_id AND due.seen = open.seen
LEFT JOIN dashboards_seen AS seen ON seen.member_id = open.member_id AND seen.seen > open.seen
LEFT JOIN LATERAL (
    SELECT least(
        (SELECT min(day) FROM timeline_interactionday WHERE member_id = open.member_id AND day > open.seen),
        (SELECT min(day) FROM timeline_purchaseday WHERE orders > 0 AND member_id = open.member_id AND day > open.seen)
    ) AS day
) AS back ON true
WHERE flag.id = open.id AND open.until IS NULL AND due.member_id IS NULL
"""
FLAG = """
INSERT INTO dashboards_churnflag (member_id, seen, days, scope, since, ended)
SELECT member_id, seen, days, scope, seen + days + 1, '' FROM dashboards_due AS due
WHERE NOT EXISTS (
    SELECT FROM dashboards_churnflag AS open WHERE open.member_id = due.member_id AND open.until IS NULL
)
ORDER BY member_id
"""
