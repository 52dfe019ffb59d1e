"""Messages of groups: stored with their sums and scans, against the bare COPY and aggregate of the same rows.

120 groups of 200 over 90 days, within the bands of their type for a million messages; one participant in three is a member, half of whom agreed to their words being kept.
"""

# ruff: noqa: S608  # the text of the SQL comes from this project alone; every value is a bound parameter

import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import IO

from django.conf import settings
from django.db import connection, transaction

from accounts.models import User
from community.models import GroupType, ModerationSettings, batch_scans
from community.rules.message_sql import MESSAGE_COLUMNS
from community.services.storing import store_messages
from core.models.relations import column_list
from scrm.bench.database import analyze, as_owner, empty, execute, fetch
from scrm.bench.figures import Figure, Spent, ratios, spent_in_turns, spent_on
from scrm.bench.options import Options

UNTIL = datetime(2026, 11, 1, tzinfo=UTC)
GROUPS, PER_GROUP, DAYS = 120, 200, 90
PIECE = 1 << 20
COLUMNS = ", ".join(MESSAGE_COLUMNS)
WRITTEN = (
    *("community_groupmessage", "community_groupday", "community_participantday", "community_talkedge"),
    *("community_messagedigest", "community_messagetext", "community_stay", "timeline_interaction", "timeline_factkey"),
)
PEOPLE = (
    """
    INSERT INTO community_group (id, name, type_id, owner_id, state, opened_on, capacity, source, external_id, note,
        created_at, changed_at)
    SELECT n, 'group ' || n, %(type)s, %(owner)s, 'active', '2026-01-01', 500, '', '', '', %(until)s, %(until)s
    FROM generate_series(1, %(groups)s) AS n
    """,
    """
    INSERT INTO members_member (id, name, name_key, gender, channel)
    SELECT n, 'member ' || n, '', '', '' FROM generate_series(1, %(groups)s * %(people)s / 3) AS n
    """,
    """
    INSERT INTO compliance_consentstate (member_id, purpose, channel, action, occurred_at, weight, event_id)
    SELECT id, 'personalisation', 'any', 'grant', '2026-01-02', 0, id FROM members_member WHERE id %% 2 = 0
    """,
    """
    INSERT INTO community_groupparticipant (group_id, speaker_key, nickname, role, member_id, linked_at, created_at)
    SELECT 1 + n / %(people)s, 'wx' || n, 'name ' || n, 'ordinary', CASE WHEN n %% 3 = 1 THEN 1 + n / 3 END,
        CASE WHEN n %% 3 = 1 THEN %(until)s::timestamptz END, %(until)s
    FROM generate_series(0, %(groups)s * %(people)s - 1) AS n
    """,
)
# A few in each group say most; evenings are busy; one message in nine calls somebody by name.
CHATS = f"""
COPY (
    SELECT n AS line, 1 + speaker / %(people)s AS group_id,
        '{UNTIL.isoformat()}'::timestamptz - (1 - n / %(rows)s::float8) * %(days)s * interval '1 day' AS sent_at,
        CASE text WHEN '' THEN NULL ELSE md5(text)::uuid END AS digest, length(text) AS length, CASE n %% 50 WHEN 0 THEN 1 ELSE 0 END AS links,
        CASE n %% 9 WHEN 8 THEN 'image' ELSE 'text' END AS kind, 'wx' || speaker AS speaker_key,
        'name ' || speaker AS nickname, '' AS message_no, '' AS reply_key,
        CASE n %% 9 WHEN 4 THEN ARRAY['wx' || (speaker / %(people)s * %(people)s + n %% 20)] END AS mentions, text
    FROM (
        SELECT n, (hashint8(n) & 1023) %% %(groups)s * %(people)s
                + floor(power(((hashint8(n + 7) & 1048575) / 1048576.0), 2) * %(people)s)::int AS speaker,
            CASE n %% 9 WHEN 8 THEN '' ELSE '今天的面霜还有货吗，想要两瓶，晚上直播间见 ' || (hashint8(n) & 8191) END AS text
        FROM generate_series(1, %(rows)s) AS n OFFSET 0
    ) AS said ORDER BY n
) TO STDOUT
"""
AGGREGATES = (
    """
    INSERT INTO bare_hour SELECT group_id, (sent_at AT TIME ZONE '{zone}')::date,
        extract(hour FROM sent_at AT TIME ZONE '{zone}'), count(*) FROM bare_message GROUP BY 1, 2, 3
    """,
    """
    INSERT INTO bare_day SELECT group_id, speaker_key, (sent_at AT TIME ZONE '{zone}')::date, count(*)
    FROM bare_message GROUP BY 1, 2, 3
    """,
    """
    INSERT INTO bare_edge SELECT group_id, speaker_key, (sent_at AT TIME ZONE '{zone}')::date, heard, count(*)
    FROM bare_message, unnest(mentions) AS heard GROUP BY 1, 2, 3, 4
    """,
)
BARE_TABLES = f"""
CREATE TABLE bare_message ({column_list(MESSAGE_COLUMNS)}, PRIMARY KEY (group_id, sent_at, line));
CREATE TABLE bare_hour (group_id bigint, day date, hour smallint, messages bigint, PRIMARY KEY (group_id, day, hour));
CREATE TABLE bare_day (group_id bigint, speaker text, day date, messages bigint, PRIMARY KEY (group_id, speaker, day));
CREATE TABLE bare_edge (group_id bigint, speaker text, day date, heard text, times bigint,
    PRIMARY KEY (group_id, speaker, day, heard));
"""


def stored(options: Options) -> Iterator[Figure]:
    """As many messages as --members says, a million unless told."""
    rows = options.members
    with as_owner():
        _people()
        execute(BARE_TABLES)
        execute("GRANT ALL ON bare_message, bare_hour, bare_day, bare_edge TO PUBLIC")
    analyze("community_group", "community_groupparticipant", "members_member", "compliance_consentstate")
    counts: list[int] = []
    with tempfile.TemporaryFile() as file:
        _copy_out(file, rows)

        def by_service() -> Spent:
            empty(*WRITTEN)
            return spent_on(lambda: counts.append(_store(file)))

        def by_hand() -> Spent:
            empty("bare_message", "bare_hour", "bare_day", "bare_edge")
            return spent_on(lambda: _by_hand(file))

        service, bare = spent_in_turns(options.rounds, by_service, by_hand)
    parts = {"messages": counts[-1], "scans": len(batch_scans)}
    yield from ratios("messages stored / bare COPY and aggregate", service, bare, 3, **parts)
    whole = set(counts) == {rows} and _agree()
    yield Figure(name="the sums are those of the bare statements", value=float(whole), unit="", target="1", holds=whole)


def _people() -> None:
    owner = User.objects.create(username="bench", is_staff=True)
    ModerationSettings.objects.update(scan_days=DAYS + 1)
    values = {
        "type": GroupType.objects.get(code="interest").pk,
        "owner": owner.pk,
        "groups": GROUPS,
        "people": PER_GROUP,
        "until": UNTIL,
    }
    for statement in PEOPLE:
        execute(statement, values)


def _copy_out(file: IO[bytes], rows: int) -> None:
    values = {"rows": rows, "groups": GROUPS, "people": PER_GROUP, "days": DAYS}
    with connection.cursor() as cursor, cursor.copy(CHATS % values) as copy:
        for piece in copy:
            file.write(piece)


def _store(file: IO[bytes]) -> int:
    """COPY into a staging table, then the service."""
    with transaction.atomic():
        execute(f"CREATE TEMP TABLE bench_staging ({column_list(MESSAGE_COLUMNS)}) ON COMMIT DROP")
        _copy_in(file, "bench_staging")
        execute("ANALYZE bench_staging")
        return store_messages(now=UNTIL, staging="bench_staging").stored


def _by_hand(file: IO[bytes]) -> None:
    with transaction.atomic():
        _copy_in(file, "bare_message")
        for statement in AGGREGATES:
            execute(statement.format(zone=settings.TIME_ZONE))


def _copy_in(file: IO[bytes], table: str) -> None:
    file.seek(0)
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({COLUMNS}) FROM STDIN") as copy:
        while piece := file.read(PIECE):
            copy.write(piece)


def _agree() -> bool:
    return all(fetch(ours) == fetch(bare) for ours, bare in _SAME)


_SAME: tuple[tuple[str, str], ...] = (
    (
        "SELECT group_id, day, messages, speakers FROM community_groupday WHERE messages > 0 ORDER BY 1, 2",
        "SELECT group_id, day, sum(messages), count(*) FROM bare_day GROUP BY 1, 2 ORDER BY 1, 2",
    ),
    (
        "SELECT sum(value), count(*) FILTER (WHERE value > 0) FROM community_groupday, unnest(hours) AS value",
        "SELECT sum(messages), count(*) FROM bare_hour",
    ),
    (
        "SELECT sum(count), count(*) FROM community_talkedge",
        "SELECT sum(times), count(*) FROM bare_edge WHERE heard <> speaker",
    ),
)
