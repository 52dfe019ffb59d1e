"""The SQL that turns the rows of a staging relation into members, new and known.

A row is whoever any of its identities belongs to. Rows of one delivery that share an identity are one person: the
first row counts, an equal one is a repetition, a different one is refused. Nothing is taken away: an empty value
leaves what is stored, a filled one replaces it, a new identity is added.

`{relation}` has `RECORD_COLUMNS`; phone and e-mail are blind indexes (hexadecimal) beside their sealed values, and
`member_id` is the member the values were sealed for: the one that was known then, or a number taken from the sequence.
"""

# ruff: noqa: S608  # the text of the SQL comes from this project alone; every value is a bound parameter

from collections.abc import Mapping

RECORD_COLUMNS: Mapping[str, str] = {
    "line": "bigint NOT NULL",
    "member_id": "bigint NOT NULL",
    "content": "uuid NOT NULL",
    "registered_at": "timestamptz",
    "home_store_id": "bigint",
    "guide_id": "bigint",
    "birthday": "date",
    "gender": "varchar(8) NOT NULL DEFAULT ''",
    "name": "varchar(100) NOT NULL DEFAULT ''",
    "name_key": "varchar(200) NOT NULL DEFAULT ''",
    "city": "varchar(80) NOT NULL DEFAULT ''",
    "channel": "varchar(40) NOT NULL DEFAULT ''",
    "external_id": "varchar(128) NOT NULL DEFAULT ''",
    "phone": "varchar(128) NOT NULL DEFAULT ''",
    "phone_sealed": "bytea",
    "email": "varchar(128) NOT NULL DEFAULT ''",
    "email_sealed": "bytea",
    "unionid": "varchar(128) NOT NULL DEFAULT ''",
    "openid": "varchar(128) NOT NULL DEFAULT ''",
    "external_userid": "varchar(128) NOT NULL DEFAULT ''",
    "card": "varchar(128) NOT NULL DEFAULT ''",
}

OFFERED = "members_offered"
KEYS = "members_offered_key"
REPEATED, DUPLICATE, CONFLICTING = "repeated", "duplicate_member", "conflicting_identities"
NOT_SEALED, ERASED = "not_sealed", "member_erased"
#: Stands for a sealed value in a dry run, which is not to make keys for members who will not be.
UNSEALED_MARK = b"\0"

READ_KEYS = f"""
CREATE TEMP TABLE {KEYS} ON COMMIT DROP AS
SELECT key.*, coalesce(member.merged_into_id, identity.member_id) AS known_id
FROM (
    SELECT given.line, given.content, one.type, one.lookup, one.sealed
    FROM {{relation}} AS given CROSS JOIN LATERAL (VALUES
        ('external_id', given.external_id, NULL::bytea), ('phone', given.phone, given.phone_sealed),
        ('email', given.email, given.email_sealed), ('unionid', given.unionid, NULL), ('openid', given.openid, NULL),
        ('external_userid', given.external_userid, NULL), ('card', given.card, NULL)
    ) AS one (type, lookup, sealed)
    WHERE one.lookup <> ''
) AS key
LEFT JOIN members_identity AS identity ON identity.lookup = key.lookup AND identity.type = key.type
LEFT JOIN members_member AS member ON member.id = identity.member_id
"""

# `earlier` is the first line that shares an identity with this one, or means the same known member. `unsealed` are the
# lines with a protected value that could be stored only without its seal, or under a key that nobody has: its identity
# belonged to somebody when it was read and to nobody now, the key is lost, or one of the two members has been erased.
DECIDE = f"""
CREATE TEMP TABLE {OFFERED} ON COMMIT DROP AS
WITH person AS (
    SELECT line, min(known_id) AS known_id, min(known_id) <> max(known_id) AS conflicting FROM {KEYS} GROUP BY line
), shared AS (
    SELECT type, lookup, min(line) AS line FROM {KEYS} GROUP BY type, lookup HAVING count(*) > 1
), meant AS (
    SELECT known_id, min(line) AS line FROM person
    WHERE known_id IS NOT NULL AND NOT conflicting GROUP BY known_id HAVING count(*) > 1
), earlier AS (
    SELECT line, min(first) AS first FROM (
        SELECT key.line, shared.line AS first FROM {KEYS} AS key
        JOIN shared ON shared.type = key.type AND shared.lookup = key.lookup AND shared.line < key.line
        UNION ALL
        SELECT person.line, meant.line FROM person
        JOIN meant ON meant.known_id = person.known_id AND meant.line < person.line
    ) AS found GROUP BY line
), unsealed AS (
    SELECT key.line, CASE WHEN bool_or(own.destroyed_at IS NOT NULL OR theirs.destroyed_at IS NOT NULL)
        THEN '{ERASED}' ELSE '{NOT_SEALED}' END AS reason
    FROM {KEYS} AS key JOIN {{relation}} AS given USING (line) JOIN person USING (line)
    LEFT JOIN core_datakey AS own ON own.subject_kind = 'member' AND own.subject_id = given.member_id
    LEFT JOIN core_datakey AS theirs ON theirs.subject_kind = 'member' AND theirs.subject_id = person.known_id
    WHERE key.known_id IS NULL AND key.type IN ('phone', 'email')
      AND key.sealed IS DISTINCT FROM '\\x{UNSEALED_MARK.hex()}'::bytea
      AND (key.sealed IS NULL OR own.wrapped IS NULL OR theirs.destroyed_at IS NOT NULL)
    GROUP BY key.line
)
SELECT given.line, coalesce(person.known_id, given.member_id) AS target_id,
    NOT EXISTS (
        SELECT FROM members_member AS member WHERE member.id = coalesce(person.known_id, given.member_id)
    ) AS is_new, earlier.first,
    CASE WHEN person.conflicting THEN '{CONFLICTING}'
        WHEN unsealed.reason IS NOT NULL THEN unsealed.reason
        WHEN earlier.first IS NOT NULL AND original.content = given.content THEN '{REPEATED}'
        WHEN earlier.first IS NOT NULL THEN '{DUPLICATE}' ELSE '' END AS reason
FROM {{relation}} AS given JOIN person USING (line)
LEFT JOIN unsealed USING (line)
LEFT JOIN earlier USING (line)
LEFT JOIN {{relation}} AS original ON original.line = earlier.first
"""

#: What refused rows say of two members, for `rules.duplicates`; few are, so that nothing else is read.
CONFLICTS = f"""(
    SELECT key.line, key.type, key.known_id FROM {OFFERED} AS offered JOIN {KEYS} AS key USING (line)
    WHERE offered.reason = '{CONFLICTING}' AND key.known_id IS NOT NULL
)"""

CITIES = f"""
INSERT INTO members_city (name, province, tier)
SELECT DISTINCT given.city, '', '' FROM {{relation}} AS given JOIN {OFFERED} AS offered USING (line)
WHERE offered.reason = '' AND given.city <> ''
  AND NOT EXISTS (SELECT FROM members_city AS city WHERE city.name = given.city)
ORDER BY 1
ON CONFLICT (name) DO NOTHING
"""

MEMBERS = f"""
INSERT INTO members_member (id, name, name_key, gender, birthday, city_id, registered_at, home_store_id, guide_id,
    channel, created_at, updated_at)
SELECT offered.target_id, given.name, given.name_key, given.gender, given.birthday, city.id, given.registered_at,
    given.home_store_id, given.guide_id, given.channel, %(now)s, %(now)s
FROM {{relation}} AS given JOIN {OFFERED} AS offered USING (line)
LEFT JOIN members_city AS city ON city.name = given.city
WHERE offered.reason = '' AND offered.is_new
"""

_NEW_VALUES = """
    coalesce(nullif(given.name, ''), member.name), coalesce(nullif(given.name_key, ''), member.name_key),
    coalesce(nullif(given.gender, ''), member.gender), coalesce(given.birthday, member.birthday),
    coalesce(city.id, member.city_id), coalesce(given.registered_at, member.registered_at),
    coalesce(given.home_store_id, member.home_store_id), coalesce(given.guide_id, member.guide_id),
    coalesce(nullif(given.channel, ''), member.channel)
"""
_STORED_VALUES = """
    member.name, member.name_key, member.gender, member.birthday, member.city_id, member.registered_at,
    member.home_store_id, member.guide_id, member.channel
"""
# Before any member is added: to the planner a table that grew within the transaction may still be empty, and the rows
# of known members come first and once, so that the join is never a loop over two tables thought to have one row.
CHANGES = f"""
CREATE TEMP TABLE members_touched ON COMMIT DROP AS
WITH known AS MATERIALIZED (
    SELECT line, target_id FROM {OFFERED} WHERE reason = '' AND NOT is_new
), changed AS (
    UPDATE members_member AS target
    SET (name, name_key, gender, birthday, city_id, registered_at, home_store_id, guide_id, channel, updated_at)
        = (fresh.name, fresh.name_key, fresh.gender, fresh.birthday, fresh.city_id, fresh.registered_at,
           fresh.home_store_id, fresh.guide_id, fresh.channel, %(now)s)
    FROM (
        SELECT given.line, member.id, {_NEW_VALUES}
        FROM known JOIN {{relation}} AS given USING (line)
        JOIN members_member AS member ON member.id = known.target_id
        LEFT JOIN members_city AS city ON city.name = given.city
        WHERE ({_STORED_VALUES}) IS DISTINCT FROM ({_NEW_VALUES})
    ) AS fresh (line, id, name, name_key, gender, birthday, city_id, registered_at, home_store_id, guide_id, channel)
    WHERE target.id = fresh.id
    RETURNING fresh.line
)
SELECT line FROM changed
"""

IDENTITIES = f"""
INSERT INTO members_identity (member_id, type, lookup, sealed, source, created_at)
SELECT offered.target_id, key.type, key.lookup, key.sealed, %(source)s, %(now)s
FROM {KEYS} AS key JOIN {OFFERED} AS offered USING (line)
WHERE offered.reason = '' AND key.known_id IS NULL
ORDER BY key.lookup, key.type
"""

# Sealed for another number than the member has now: somebody else made or merged the member in the meantime.
MOVED = f"""
SELECT key.line, key.type, given.member_id, offered.target_id, key.sealed
FROM {KEYS} AS key JOIN {OFFERED} AS offered USING (line) JOIN {{relation}} AS given USING (line)
WHERE offered.reason = '' AND key.known_id IS NULL AND key.sealed <> '\\x{UNSEALED_MARK.hex()}'::bytea
  AND offered.target_id <> given.member_id
"""
RESEAL = f"UPDATE {KEYS} SET sealed = %s WHERE line = %s AND type = %s"

COUNTS = f"""
SELECT count(*) FILTER (WHERE reason = '' AND is_new), count(*) FILTER (WHERE reason = ''),
    count(*) FILTER (WHERE reason = '{REPEATED}'), (
        SELECT count(*) FROM (
            SELECT line FROM members_touched
            UNION
            SELECT key.line FROM {KEYS} AS key JOIN {OFFERED} AS offered USING (line)
            WHERE offered.reason = '' AND key.known_id IS NULL
        ) AS written
    )
FROM {OFFERED}
"""
