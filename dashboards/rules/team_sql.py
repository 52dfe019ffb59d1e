"""The SQL that sums what came of the members of each store and guide."""

# ruff: noqa: S608  # the text of the SQL comes from this project alone; every value is a bound parameter

from dashboards.rules.retention_sql import RETURN_DAYS, RETURN_TOLD, arrivals, came_back, seen
from members.rules.persons import of_absorbed, owner_of

SEEN = f"({seen(f'%(first)s::date - {RETURN_DAYS - 1}', '%(last)s::date')})"
_HERS = f"{owner_of('fact')} AS member_id"
_ABSORBED = of_absorbed("fact")
#: A row for each home store and guide.
COUNT_TEAMS = f"""
WITH bought AS (
    SELECT {_HERS}, bool_or(day < %(first)s) AS before, bool_or(day >= %(first)s) AS since
    FROM timeline_purchaseday AS fact {_ABSORBED}
    WHERE orders > 0 AND day >= %(first)s::date - 365 AND day <= %(last)s
    GROUP BY 1
), paid AS (
    SELECT {_HERS}, sum(amount) AS gmv FROM timeline_purchase AS fact {_ABSORBED}
    WHERE kind = 'order' AND occurred_at >= %(since)s AND occurred_at < %(until)s GROUP BY 1
), did AS (
    SELECT {_HERS}, sum(count) AS times FROM timeline_interactionday AS fact {_ABSORBED}
    WHERE day >= %(first)s AND day <= %(last)s GROUP BY 1
), arrived AS ({arrivals("%(first)s::date", "%(last)s::date")}
), kept AS ({came_back(f"%(first)s::date - {RETURN_TOLD}", f"%(last)s::date - {RETURN_TOLD}", SEEN)}
), seen_to AS (
    SELECT {_HERS}, count(*) AS times FROM dashboards_followup AS fact {_ABSORBED}
    WHERE at >= %(since)s AND at < %(until)s GROUP BY 1
)
SELECT member.home_store_id AS store_id, member.guide_id, count(*) AS members,
    count(kept.member_id) AS joined_then, count(*) FILTER (WHERE kept.is_back) AS retained,
    count(*) FILTER (WHERE bought.before) AS bought_before,
    count(*) FILTER (WHERE bought.before AND bought.since) AS bought_again,
    coalesce(sum(paid.gmv), 0) AS gmv, coalesce(sum(did.times), 0) AS interactions,
    count(arrived.member_id) AS joined, coalesce(sum(seen_to.times), 0) AS follow_ups
FROM members_member AS member
LEFT JOIN bought ON bought.member_id = member.id
LEFT JOIN paid ON paid.member_id = member.id
LEFT JOIN did ON did.member_id = member.id
LEFT JOIN arrived ON arrived.member_id = member.id
LEFT JOIN kept ON kept.member_id = member.id
LEFT JOIN seen_to ON seen_to.member_id = member.id
WHERE member.merged_into_id IS NULL
GROUP BY member.home_store_id, member.guide_id
"""
