"""The SQL that turns lines about members into members and identities.

Lines that share an identity, with each other or with a member, are one person; a line whose identities belong to two
different members is refused. Empty values never overwrite; of several lines about one person the last one counts.
`{staging}` is a relation with MEMBER_COLUMNS, made by `members.services.prepare_members`.
"""

from collections.abc import Mapping

MEMBER_COLUMNS: Mapping[str, str] = {
    "line_no": "bigint NOT NULL",
    "member_id": "bigint NOT NULL",
    "source": "varchar(40) NOT NULL",
    "name": "varchar(100) NOT NULL DEFAULT ''",
    "name_key": "varchar(200) NOT NULL DEFAULT ''",
    "gender": "varchar(8) NOT NULL DEFAULT ''",
    "birthday": "date",
    "city": "varchar(80) NOT NULL DEFAULT ''",
    "registered_at": "timestamptz",
    "store_id": "bigint",
    "guide_id": "bigint",
    "channel": "varchar(40) NOT NULL DEFAULT ''",
    "external_id": "varchar(128)",
    "phone": "varchar(128)",
    "email": "varchar(128)",
    "unionid": "varchar(128)",
    "openid": "varchar(128)",
    "external_userid": "varchar(128)",
    "card": "varchar(128)",
    "phone_sealed": "bytea",
    "email_sealed": "bytea",
}
IDENTITY_COLUMNS = ("external_id", "phone", "email", "unionid", "openid", "external_userid", "card")
_VALUES = ", ".join(f"('{name}', staged.{name})" for name in IDENTITY_COLUMNS)

# Members that exist have small numbers; a line that would make a new one carries its reserved number plus this.
NEW = 1 << 62

CLAIMS = f"""
CREATE TEMP TABLE members_claims ON COMMIT DROP AS
SELECT staged.line_no, claim.type, claim.lookup
FROM {{staging}} AS staged, LATERAL (VALUES {_VALUES}) AS claim (type, lookup)
WHERE claim.lookup <> ''
"""
# `owner`: the member that the line's identities name already. `label`: whom the line is about, so far.
LINES = f"""
CREATE TEMP TABLE members_lines ON COMMIT DROP AS
SELECT staged.line_no, staged.member_id AS reserved, known.owner, known.owners,
    coalesce(known.owner, staged.member_id + {NEW}) AS label
FROM {{staging}} AS staged
LEFT JOIN (
    SELECT claim.line_no, min(coalesce(member.merged_into_id, member.id)) AS owner,
        count(DISTINCT coalesce(member.merged_into_id, member.id)) AS owners
    FROM members_claims AS claim
    JOIN members_identity AS identity ON identity.lookup = claim.lookup AND identity.type = claim.type
    JOIN members_member AS member ON member.id = identity.member_id
    GROUP BY claim.line_no
) AS known ON known.line_no = staged.line_no
WHERE staged.line_no IN (SELECT line_no FROM members_claims)
"""
SHARED = """
CREATE TEMP TABLE members_shared ON COMMIT DROP AS
SELECT type, lookup FROM members_claims GROUP BY type, lookup HAVING count(*) > 1
"""
# Repeated until nothing moves: each line takes the smallest label among the lines it shares an identity with.
SPREAD = """
UPDATE members_lines AS line SET label = nearest.label
FROM (
    SELECT claim.line_no, min(shared.label) AS label
    FROM members_claims AS claim
    JOIN (
        SELECT type, lookup, min(line.label) AS label
        FROM members_claims JOIN members_shared USING (type, lookup) JOIN members_lines AS line USING (line_no)
        GROUP BY type, lookup
    ) AS shared USING (type, lookup)
    GROUP BY claim.line_no
) AS nearest
WHERE nearest.line_no = line.line_no AND nearest.label < line.label
"""
REFUSED = """
CREATE TEMP TABLE members_refused ON COMMIT DROP AS
SELECT line_no, 'identity_conflict' AS reason FROM members_lines WHERE owners > 1 OR owner <> label
UNION ALL
SELECT staged.line_no, 'no_identity' FROM {staging} AS staged
WHERE staged.line_no NOT IN (SELECT line_no FROM members_lines)
"""
# Which member each good line is about, and whether the line makes that member.
TARGETS = f"""
CREATE TEMP TABLE members_targets ON COMMIT DROP AS
SELECT line_no, reserved, label % {NEW} AS member_id,
    label >= {NEW} AND line_no = min(line_no) OVER (PARTITION BY label) AS makes
FROM members_lines WHERE line_no NOT IN (SELECT line_no FROM members_refused)
"""
CITIES = """
INSERT INTO members_city (name, province, tier)
SELECT DISTINCT city, '', '' FROM {staging} AS staged
WHERE city <> '' AND NOT EXISTS (SELECT FROM members_city AS known WHERE known.name = staged.city)
ORDER BY city
ON CONFLICT (name) DO NOTHING
"""
CREATE = """
INSERT INTO members_member (id, name, name_key, gender, birthday, city_id, registered_at, home_store_id, guide_id,
    channel, created_at, updated_at)
SELECT target.member_id, staged.name, staged.name_key, staged.gender, staged.birthday, city.id, staged.registered_at,
    staged.store_id, staged.guide_id, staged.channel, %(now)s, %(now)s
FROM members_targets AS target
JOIN {staging} AS staged USING (line_no)
LEFT JOIN members_city AS city ON city.name = staged.city
WHERE target.makes
ORDER BY target.member_id
"""
_LAST = "(array_agg({0} ORDER BY staged.line_no DESC) FILTER (WHERE {1}))[1] AS {2}"
_NEWS = ",\n        ".join(
    [_LAST.format(f"staged.{name}", f"staged.{name} <> ''", name) for name in ("name", "name_key", "gender", "channel")]
    + [
        _LAST.format(f"staged.{name}", f"staged.{name} IS NOT NULL", name)
        for name in ("birthday", "registered_at", "store_id", "guide_id")
    ]
    + [_LAST.format("city.id", "city.id IS NOT NULL", "city_id")]
)
UPDATE = f"""
UPDATE members_member AS member
SET name = coalesce(news.name, member.name), name_key = coalesce(news.name_key, member.name_key),
    gender = coalesce(news.gender, member.gender), channel = coalesce(news.channel, member.channel),
    birthday = coalesce(news.birthday, member.birthday), city_id = coalesce(news.city_id, member.city_id),
    registered_at = coalesce(news.registered_at, member.registered_at),
    home_store_id = coalesce(news.store_id, member.home_store_id), guide_id = coalesce(news.guide_id, member.guide_id),
    updated_at = %(now)s
FROM (
    SELECT target.member_id,
        {_NEWS}
    FROM members_targets AS target
    JOIN {{staging}} AS staged USING (line_no)
    LEFT JOIN members_city AS city ON city.name = staged.city
    WHERE NOT target.makes
    GROUP BY target.member_id
) AS news
WHERE member.id = news.member_id AND (
    coalesce(news.name, member.name), coalesce(news.gender, member.gender), coalesce(news.channel, member.channel),
    coalesce(news.birthday, member.birthday), coalesce(news.city_id, member.city_id),
    coalesce(news.registered_at, member.registered_at), coalesce(news.store_id, member.home_store_id),
    coalesce(news.guide_id, member.guide_id)
) IS DISTINCT FROM (
    member.name, member.gender, member.channel, member.birthday, member.city_id, member.registered_at,
    member.home_store_id, member.guide_id
)
"""
# Which identities are new. A protected one whose line was sealed for another member must be sealed again.
FRESH = """
CREATE TEMP TABLE members_fresh ON COMMIT DROP AS
SELECT DISTINCT ON (claim.type, claim.lookup) claim.type, claim.lookup, claim.line_no, target.member_id,
    target.reserved <> target.member_id AS moved
FROM members_claims AS claim
JOIN members_targets AS target USING (line_no)
WHERE NOT EXISTS (
    SELECT FROM members_identity AS known WHERE known.lookup = claim.lookup AND known.type = claim.type
)
ORDER BY claim.type, claim.lookup, target.reserved <> target.member_id, claim.line_no
"""
MOVED = """
SELECT fresh.type, fresh.lookup, target.reserved, fresh.member_id,
    CASE fresh.type WHEN 'phone' THEN staged.phone_sealed ELSE staged.email_sealed END
FROM members_fresh AS fresh JOIN members_targets AS target USING (line_no) JOIN {staging} AS staged USING (line_no)
WHERE fresh.moved AND fresh.type IN ('phone', 'email')
"""
IDENTITIES = """
INSERT INTO members_identity (member_id, type, lookup, sealed, source, created_at)
SELECT fresh.member_id, fresh.type, fresh.lookup,
    CASE WHEN fresh.type IN ('phone', 'email') AND fresh.moved THEN again.sealed
        WHEN fresh.type = 'phone' THEN staged.phone_sealed WHEN fresh.type = 'email' THEN staged.email_sealed END,
    staged.source, %(now)s
FROM members_fresh AS fresh
JOIN {staging} AS staged USING (line_no)
LEFT JOIN members_resealed AS again ON again.type = fresh.type AND again.lookup = fresh.lookup
ORDER BY fresh.type, fresh.lookup
"""
UNUSED_KEYS = """
DELETE FROM core_datakey AS key USING members_unused AS unused
WHERE key.subject_kind = 'member' AND key.subject_id = unused.reserved
"""
UNUSED = """
CREATE TEMP TABLE members_unused ON COMMIT DROP AS
SELECT staged.member_id AS reserved FROM {staging} AS staged
WHERE NOT EXISTS (SELECT FROM members_member AS member WHERE member.id = staged.member_id)
"""
TEMPORARY = (
    "members_claims", "members_lines", "members_shared", "members_refused", "members_targets", "members_fresh",
    "members_resealed", "members_unused",
)  # fmt: skip
