"""The statements that store a batch of messages, with its sums per day, once each.

They run in this order, in one transaction, under a lock on each group of the batch: nobody else stores messages of these
groups meanwhile, so that what is not there stays away until it is written.
"""

# ruff: noqa: S608  # the text of the SQL comes from this project alone; every value is a bound parameter

from collections.abc import Mapping

from members.rules.persons import owner_at_hand

#: What a staging relation must have. `mentions` and `reply_key` are names or keys as the chat has them; `digest` is the
#: keyed fingerprint of the folded text; `line` tells rows apart, and earlier from later.
MESSAGE_COLUMNS: Mapping[str, str] = {
    "line": "bigint NOT NULL",
    "group_id": "bigint NOT NULL",
    "sent_at": "timestamptz NOT NULL",
    "digest": "uuid",
    "length": "integer NOT NULL",
    "links": "smallint NOT NULL",
    "kind": "varchar(12) NOT NULL",
    "speaker_key": "varchar(128) NOT NULL",
    "nickname": "varchar(100) NOT NULL DEFAULT ''",
    "message_no": "varchar(128) NOT NULL DEFAULT ''",
    "reply_key": "varchar(128) NOT NULL DEFAULT ''",
    "mentions": "text[]",
    "text": "text NOT NULL DEFAULT ''",
}
BATCH = "community_batch"
TURNED = "community_turned"

SPANS = """
SELECT group_id, min(sent_at), max(sent_at), count(*), bool_or(mentions IS NOT NULL OR reply_key <> '')
FROM {staging} AS given GROUP BY group_id ORDER BY group_id
"""
MONTHS = """
SELECT community_ensure_months(months), timeline_ensure_months(months) FROM (
    SELECT array(SELECT DISTINCT date_trunc('month', day, 'UTC')::date FROM (
        SELECT DISTINCT date_bin('1 day', sent_at, timestamptz '2000-01-01T00:00Z') AS day FROM {staging} AS given
    ) AS days) AS months
) AS found
"""
LOCK_GROUPS = "SELECT id FROM community_group WHERE id = ANY (%(groups)s) ORDER BY id FOR NO KEY UPDATE"
# Most exports bring what lies behind everything known, and then no row need be looked for.
OVERLAPS = """
SELECT EXISTS (
    SELECT FROM unnest(%(groups)s::bigint[], %(since)s::timestamptz[], %(until)s::timestamptz[])
        AS span (group_id, since, until)
    WHERE EXISTS (
        SELECT FROM community_groupmessage AS known
        WHERE known.group_id = span.group_id AND known.sent_at BETWEEN span.since AND span.until
    )
)
"""
# Two equal rows without a number are two messages; the nth has a key of its own, so that the same file once more brings
# nothing. With a number the first of them is the message.
_NUMBERED = """
SELECT given.*, row_number() OVER (PARTITION BY group_id, sent_at, content ORDER BY line) AS nth FROM (
    SELECT line, group_id, sent_at, digest, length, links, kind, speaker_key, nickname, message_no, text, hashtextextended(CASE WHEN message_no <> '' THEN 'n' || message_no
        ELSE concat_ws(E'\\x1f', 'c', speaker_key, kind, length, digest) END, 0) AS content
    FROM {staging} AS staged {where}
) AS given
"""
KEYED = f"""
SELECT *, CASE nth WHEN 1 THEN content ELSE hashtextextended(nth::text, content) END AS key
FROM ({_NUMBERED}) AS numbered WHERE nth = 1 OR message_no = ''
"""
NOT_STORED = """
NOT EXISTS (
    SELECT FROM community_groupmessage AS known
    WHERE known.group_id = keyed.group_id AND known.sent_at = keyed.sent_at AND known.key = keyed.key
)
"""
UNKNOWN = """
WHERE NOT EXISTS (
    SELECT FROM community_groupparticipant AS known
    WHERE known.group_id = staged.group_id AND known.speaker_key = staged.speaker_key
)
"""
# Somebody is made known by a message that is new: what an erased person said long ago brings nobody back.
ADD_SPEAKERS = """
INSERT INTO community_groupparticipant (group_id, speaker_key, nickname, role, created_at)
SELECT DISTINCT ON (group_id, speaker_key) group_id, speaker_key, nickname, 'ordinary', %(now)s
FROM ({keyed}) AS keyed WHERE {fresh}
ORDER BY group_id, speaker_key, sent_at DESC, line DESC
"""
# Rows come in the order of the window, which is that of the table's key: nothing is sorted again.
MAKE_BATCH = f"""
CREATE TEMP TABLE {BATCH} ON COMMIT DROP AS
WITH speaker AS MATERIALIZED (
    SELECT known.id, known.group_id, known.speaker_key, known.staff_id,
        {owner_at_hand("person")} AS member_id
    FROM community_groupparticipant AS known LEFT JOIN members_member AS person ON person.id = known.member_id
    WHERE known.group_id = ANY (%(groups)s) AND known.speaker_key IS NOT NULL
)
SELECT nextval('community_groupmessage_id_seq') AS message_id, group_id, participant_id, member_id, staff_id, sent_at, key,
    local::date AS day, extract(hour FROM local)::smallint AS hour, length, links, kind, digest, mentions, reply_to_id, text
FROM (
    SELECT keyed.*, speaker.id AS participant_id, speaker.member_id, speaker.staff_id,
        keyed.sent_at AT TIME ZONE %(zone)s AS local, {{turned}}
    FROM ({{keyed}}) AS keyed
    JOIN speaker ON speaker.group_id = keyed.group_id AND speaker.speaker_key = keyed.speaker_key
    {{joined}} WHERE {{fresh}} OFFSET 0
) AS said
"""
LOOK_AT_BATCH = f"ANALYZE {BATCH} (group_id, participant_id, member_id, day, sent_at)"
# A name that two people of the group bear is nobody's.
FIND_TURNED = f"""
CREATE TEMP TABLE {TURNED} ON COMMIT DROP AS
WITH called AS (
    SELECT line, group_id, name, false AS is_reply
    FROM {{staging}} AS given, unnest(mentions) AS name WHERE mentions IS NOT NULL
    UNION ALL SELECT line, group_id, reply_key, true FROM {{staging}} AS given WHERE reply_key <> ''
), names AS (
    SELECT DISTINCT group_id, name FROM called
), found AS (
    SELECT names.group_id, names.name, coalesce(
        (SELECT id FROM community_groupparticipant AS known
            WHERE known.group_id = names.group_id AND known.speaker_key = names.name),
        (SELECT CASE count(*) WHEN 1 THEN min(id) END FROM community_groupparticipant AS known
            WHERE known.group_id = names.group_id AND known.nickname = names.name AND names.name <> '')
    ) AS participant_id FROM names
)
SELECT line, array_agg(DISTINCT participant_id) FILTER (WHERE NOT is_reply) AS mentions,
    min(participant_id) FILTER (WHERE is_reply) AS reply_to_id
FROM called JOIN found USING (group_id, name) WHERE participant_id IS NOT NULL GROUP BY line
"""
NOBODY_TURNED = ("NULL::bigint[] AS mentions, NULL::bigint AS reply_to_id", "")
SOMEBODY_TURNED = ("turned.mentions, turned.reply_to_id", f"LEFT JOIN {TURNED} AS turned ON turned.line = keyed.line")

STORE = f"""
INSERT INTO community_groupmessage
    (id, group_id, sent_at, key, participant_id, reply_to_id, job_id, length, links, kind, mentions)
SELECT message_id, group_id, sent_at, key, participant_id, reply_to_id, %(job)s, length, links, kind, mentions
FROM {BATCH}
"""
COUNT_EDGES = f"""
WITH turned AS (
    SELECT group_id, day, participant_id AS speaker, heard FROM {BATCH}, unnest(mentions || reply_to_id) AS heard
    WHERE mentions IS NOT NULL OR reply_to_id IS NOT NULL
), counted AS (
    SELECT group_id, day, speaker, heard, count(*) AS times FROM turned
    WHERE heard IS NOT NULL AND heard <> speaker GROUP BY 1, 2, 3, 4
), stored AS (
    INSERT INTO community_talkedge AS known (group_id, day, from_participant_id, to_participant_id, count)
    SELECT group_id, day, speaker, heard, times FROM counted ORDER BY 1, 2, 3, 4
    ON CONFLICT (group_id, day, from_participant_id, to_participant_id) DO UPDATE SET count = known.count + excluded.count
)
INSERT INTO community_participantday AS known (participant_id, group_id, day, messages, mentioned)
SELECT heard, min(group_id), day, 0, sum(times) FROM counted GROUP BY heard, day ORDER BY heard, day
ON CONFLICT (participant_id, day) DO UPDATE SET mentioned = known.mentioned + excluded.mentioned
"""
# Who spoke on a day for the first time is told from the sums as they were before the statement.
COUNT_SPOKEN = f"""
WITH spoken AS MATERIALIZED (
    SELECT group_id, participant_id, day, count(*) AS messages FROM {BATCH} GROUP BY 1, 2, 3
), first AS (
    SELECT group_id, day, count(*) AS speakers FROM spoken WHERE NOT EXISTS (
        SELECT FROM community_participantday AS known
        WHERE known.participant_id = spoken.participant_id AND known.day = spoken.day AND known.messages > 0
    ) GROUP BY 1, 2
), stored AS (
    INSERT INTO community_participantday AS known (participant_id, group_id, day, messages, mentioned)
    SELECT participant_id, group_id, day, messages, 0 FROM spoken ORDER BY participant_id, day
    ON CONFLICT (participant_id, day) DO UPDATE SET messages = known.messages + excluded.messages
), hourly AS (
    SELECT group_id, day, hour, count(*) AS messages FROM {BATCH} GROUP BY 1, 2, 3
), daily AS (
    SELECT group_id, day, sum(messages) AS messages, array(
        SELECT coalesce(each.messages, 0)::integer FROM generate_series(0, 23) AS hour
        LEFT JOIN unnest(array_agg(hourly.hour), array_agg(hourly.messages)) AS each (hour, messages) USING (hour)
        ORDER BY hour
    ) AS hours FROM hourly GROUP BY group_id, day
)
INSERT INTO community_groupday AS known (group_id, day, messages, speakers, hours, joined, "left")
SELECT group_id, day, daily.messages, coalesce(first.speakers, 0), hours, 0, 0
FROM daily LEFT JOIN first USING (group_id, day) ORDER BY 1, 2
ON CONFLICT (group_id, day) DO UPDATE SET messages = known.messages + excluded.messages,
    speakers = known.speakers + excluded.speakers,
    hours = array(
        SELECT was + more FROM unnest(known.hours, excluded.hours) WITH ORDINALITY AS each (was, more, place) ORDER BY place
    )
"""
# Her stay begins with her first message where nobody told when she joined; who speaks after she left has come back.
SEEN = f"""
WITH spoke AS (
    SELECT participant_id, group_id, min(sent_at) AS since, max(sent_at) AS until FROM {BATCH} GROUP BY 1, 2
), known AS (
    SELECT spoke.*, (
        SELECT max(coalesce(stay.left_at, 'infinity')) FROM community_stay AS stay
        WHERE stay.participant_id = spoke.participant_id
    ) AS gone_at FROM spoke
), earlier AS (
    UPDATE community_stay AS stay SET joined_at = known.since FROM known
    WHERE stay.participant_id = known.participant_id AND stay.joined_how = 'seen' AND known.since < stay.joined_at
        AND NOT EXISTS (
            SELECT FROM community_stay AS other
            WHERE other.participant_id = stay.participant_id AND other.joined_at < stay.joined_at
        )
), fresh AS (
    INSERT INTO community_stay (participant_id, group_id, joined_at, joined_how, left_how)
    SELECT participant_id, group_id, CASE WHEN gone_at IS NULL THEN since ELSE (
            SELECT min(said.sent_at) FROM {BATCH} AS said
            WHERE said.participant_id = known.participant_id AND said.sent_at > gone_at
        ) END, 'seen', ''
    FROM known WHERE gone_at IS NULL OR until > gone_at ORDER BY participant_id
)
SELECT EXISTS (SELECT FROM known WHERE until > gone_at)
"""
# The days on which somebody of these groups came or went, anew from the stays. Who spoke for the first time has not come then,
# unless she had left before.
COUNT_FLOW = """
WITH flow AS (
    SELECT group_id, (joined_at AT TIME ZONE %(zone)s)::date AS day, 1 AS came, 0 AS went FROM community_stay AS stay
    WHERE group_id = ANY (%(groups)s) AND (joined_how <> 'seen' OR EXISTS (
        SELECT FROM community_stay AS before
        WHERE before.participant_id = stay.participant_id AND before.joined_at < stay.joined_at
    ))
    UNION ALL
    SELECT group_id, (left_at AT TIME ZONE %(zone)s)::date, 0, 1 FROM community_stay
    WHERE group_id = ANY (%(groups)s) AND left_at IS NOT NULL
), daily AS (
    SELECT group_id, day, sum(came) AS came, sum(went) AS went FROM flow GROUP BY 1, 2
), emptied AS (
    UPDATE community_groupday AS known SET joined = 0, "left" = 0
    WHERE known.group_id = ANY (%(groups)s) AND (known.joined > 0 OR known."left" > 0)
        AND NOT EXISTS (SELECT FROM daily WHERE daily.group_id = known.group_id AND daily.day = known.day)
)
INSERT INTO community_groupday AS known (group_id, day, messages, speakers, hours, joined, "left")
SELECT group_id, day, 0, 0, array_fill(0, ARRAY[24]), came, went FROM daily ORDER BY 1, 2
ON CONFLICT (group_id, day) DO UPDATE SET joined = excluded.joined, "left" = excluded."left"
WHERE (known.joined, known."left") IS DISTINCT FROM (excluded.joined, excluded."left")
"""
KEEP_DIGESTS = f"""
INSERT INTO community_messagedigest (message_id, group_id, participant_id, digest, sent_at)
SELECT message_id, group_id, participant_id, digest, sent_at FROM {BATCH}
WHERE digest IS NOT NULL AND sent_at >= %(since)s ORDER BY message_id
"""
# One contact a day: the timeline counts days on which a member spoke, the sums per participant count messages.
CONTACTS = "community_contacts"
INTERACTIONS = f"""
CREATE TEMP TABLE {CONTACTS} ON COMMIT DROP AS
SELECT row_number() OVER (ORDER BY member_id, min(sent_at)) AS line_no, member_id, 'community'::varchar(40) AS source,
    ('group:' || batch.group_id || ':' || day)::varchar(200) AS key, min(sent_at) AS occurred_at,
    'message'::varchar(20) AS kind, 'group'::varchar(40) AS channel, chat.name::varchar(200) AS subject, chat.store_id,
    jsonb_build_object('group', batch.group_id) AS properties
FROM {BATCH} AS batch JOIN community_group AS chat ON chat.id = batch.group_id
WHERE member_id IS NOT NULL GROUP BY member_id, batch.group_id, day, chat.name, chat.store_id
"""
# What participants have said so far, for the members that they turn out to be.
INTERACTIONS_OF = f"""
SELECT row_number() OVER (ORDER BY speaker.id, said.day) AS line_no,
    {owner_at_hand("person")} AS member_id, 'community'::varchar(40) AS source,
    ('group:' || said.group_id || ':' || said.day)::varchar(200) AS key, (
        SELECT min(sent_at) FROM community_groupmessage AS message
        WHERE message.group_id = said.group_id AND message.participant_id = said.participant_id
            AND message.sent_at >= said.day::timestamp AT TIME ZONE {{zone}}
            AND message.sent_at < (said.day + 1)::timestamp AT TIME ZONE {{zone}}
    ) AS occurred_at, 'message'::varchar(20) AS kind, 'group'::varchar(40) AS channel, chat.name::varchar(200) AS subject,
    chat.store_id, jsonb_build_object('group', said.group_id) AS properties
FROM community_groupparticipant AS speaker
JOIN community_participantday AS said ON said.participant_id = speaker.id AND said.messages > 0
JOIN community_group AS chat ON chat.id = said.group_id
JOIN members_member AS person ON person.id = speaker.member_id
WHERE speaker.id = ANY ({{participants}})
"""
# When they joined, where somebody told.
JOININGS_OF = f"""
SELECT row_number() OVER (ORDER BY stay.id) AS line_no,
    {owner_at_hand("person")} AS member_id, 'community'::varchar(40) AS source,
    ('group-join:' || stay.group_id || ':' || extract(epoch FROM stay.joined_at))::varchar(200) AS key,
    stay.joined_at AS occurred_at, 'join'::varchar(20) AS kind, 'group'::varchar(40) AS channel,
    chat.name::varchar(200) AS subject, chat.store_id, jsonb_build_object('group', stay.group_id) AS properties
FROM community_groupparticipant AS speaker
JOIN community_stay AS stay ON stay.participant_id = speaker.id AND stay.joined_how <> 'seen'
JOIN community_group AS chat ON chat.id = stay.group_id
JOIN members_member AS person ON person.id = speaker.member_id
WHERE speaker.id = ANY ({{participants}})
"""
