"""The SQL that sums what members bought by the tier of their city and by category."""

# ruff: noqa: S608  # the text of the SQL comes from this project alone; every value is a bound parameter

from members.rules.persons import of_absorbed, owner_of

# A category counts as bought where a line was sold; its spend is net of refunds. What a merged member bought is hers
# into whom she was merged.
COUNT_PREFERENCES = f"""
WITH parts AS (
    SELECT {owner_of("line")} AS member_id, product.category, sum(line.amount) AS spend,
        bool_or(line.quantity > 0) AS bought
    FROM timeline_purchaseline AS line JOIN timeline_product AS product ON product.id = line.product_id
    {of_absorbed("line")}
    WHERE line.occurred_at >= %(since)s AND line.occurred_at < %(until)s
    GROUP BY 1, product.category
), wholes AS (
    SELECT member_id, sum(spend) AS spend, bool_or(bought) AS bought FROM parts GROUP BY member_id
), people AS (
    SELECT wholes.*, member.home_store_id, coalesce(city.tier, '') AS tier
    FROM wholes JOIN members_member AS member ON member.id = wholes.member_id
    LEFT JOIN members_city AS city ON city.id = member.city_id
)
SELECT people.home_store_id AS store_id, people.tier AS city_tier, false AS whole, parts.category,
    count(*) FILTER (WHERE parts.bought) AS buyers, sum(parts.spend) AS spend,
    sum(parts.spend * parts.spend) AS squares, sum(parts.spend * people.spend) AS products
FROM people JOIN parts USING (member_id) GROUP BY 1, 2, 4
UNION ALL
SELECT home_store_id, tier, true, '', count(*) FILTER (WHERE bought), sum(spend), sum(spend * spend),
    sum(spend * spend)
FROM people GROUP BY 1, 2
"""
