"""KOC scores of everybody in groups, against the bare aggregates that they need."""

# the text of the SQL comes from this project alone; every value is a bound parameter

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.utils import timezone

from community.models import KocScore
from community.services.koc_scoring import MEMORY, score_everybody
from scrm.bench.database import analyze, as_owner, empty, execute, fetch
from scrm.bench.figures import Figure, Spent, ratios, spent_in_turns, spent_on
from scrm.bench.options import Options

PARTICIPANTS, OF_A_GROUP, DAYS = 100_000, 200, 90
FILL = (
    """
INSERT INTO members_member (id, name, name_key, gender, channel)
SELECT n, '会员', '', '', '' FROM generate_series(1, %(people)s) AS n
""",
    """
INSERT INTO community_group (id, name, type_id, owner_id, state, opened_on, capacity, source, external_id, note,
    created_at, changed_at)
SELECT n, '群', (SELECT min(id) FROM community_grouptype), %(owner)s, 'active', %(day)s - 400, 500, '', '', '', %(now)s, %(now)s
FROM generate_series(1, %(groups)s) AS n
""",
    """
INSERT INTO community_groupparticipant (id, group_id, speaker_key, nickname, member_id, linked_at, role, created_at)
SELECT n, 1 + (n - 1) / %(of_group)s, n::text, '', n, %(now)s, 'ordinary', %(now)s FROM generate_series(1, %(people)s) AS n
""",
    """
INSERT INTO community_stay (participant_id, group_id, joined_at, joined_how, invited_by_id, left_how)
SELECT n, 1 + (n - 1) / %(of_group)s, %(now)s - (n %% 300) * interval '1 day', 'invited',
    CASE WHEN n %% 4 = 0 THEN n - 1 - n %% 3 END, ''
FROM generate_series(1, %(people)s) AS n
""",
    # Most say little, some much: a participant speaks on up to 40 of 120 days.
    """
INSERT INTO community_participantday (participant_id, group_id, day, messages, mentioned)
SELECT n, 1 + (n - 1) / %(of_group)s, %(day)s - 1 - ((hashint8extended(n, 1) & 63) + 3 * k)::int %% 120,
    1 + (hashint8extended(n * 100 + k, 2) & 15)::int, (hashint8extended(n * 100 + k, 3) & 3)::int
FROM generate_series(1, %(people)s) AS n CROSS JOIN LATERAL generate_series(1, 1 + (hashint8extended(n, 4) & 31)) AS k
ON CONFLICT DO NOTHING
""",
    """
INSERT INTO community_talkedge (group_id, day, from_participant_id, to_participant_id, count)
SELECT 1 + (n - 1) / %(of_group)s, %(day)s - 1 - ((hashint8extended(n, 1) & 63) + 3 * k)::int %% 120, n,
    1 + (n - 1) / %(of_group)s * %(of_group)s + (hashint8extended(n * 100 + k, 5) & 127), 1
FROM generate_series(1, %(people)s) AS n CROSS JOIN LATERAL generate_series(1, 1 + (hashint8extended(n, 4) & 31)) AS k
ON CONFLICT DO NOTHING
""",
    """
INSERT INTO timeline_purchaseday (member_id, day, orders, coupon_orders, amount)
SELECT n, %(day)s - 1 - ((hashint8extended(n, 6) & 63) + 9 * k)::int %% 365, 1, 0, 50 + n %% 400
FROM generate_series(1, %(people)s) AS n CROSS JOIN LATERAL generate_series(1, 1 + (hashint8extended(n, 7) & 15)) AS k
ON CONFLICT DO NOTHING
""",
    """
INSERT INTO timeline_touch (member_id, occurred_at, source, inviter_id)
SELECT n, %(now)s - (n %% 200) * interval '1 day', 'bench', CASE WHEN n %% 3 = 0 THEN 1 + (n * 7919) %% %(people)s END
FROM generate_series(1, %(people)s) AS n
""",
)
TABLES = (
    *("community_stay", "community_groupparticipant", "community_group", "community_participantday"),
    *("community_talkedge", "timeline_purchaseday", "timeline_touch", "members_member"),
)
# What the scores are counted from, each aggregate by itself, as somebody would write it who wants the figures only.
BARE = (
    """
SELECT participant_id, sum(messages) AS messages, sum(mentioned) AS answered, count(DISTINCT (%(day)s - day - 1) / 7)
FROM community_participantday WHERE day >= %(since)s AND day < %(day)s GROUP BY 1
""",
    """
SELECT me, count(DISTINCT other) FROM (
    SELECT from_participant_id AS me, to_participant_id AS other FROM community_talkedge
    WHERE day >= %(since)s AND day < %(day)s
    UNION ALL
    SELECT to_participant_id, from_participant_id FROM community_talkedge WHERE day >= %(since)s AND day < %(day)s
) AS edge GROUP BY 1
""",
    """
SELECT member_id, sum(orders) AS orders, sum(amount) AS amount FROM timeline_purchaseday WHERE day >= %(since)s AND day < %(day)s GROUP BY 1
""",
    """
SELECT inviter_id, count(DISTINCT member_id) FROM timeline_touch
WHERE inviter_id IS NOT NULL AND occurred_at >= %(since)s AND occurred_at < %(day)s GROUP BY 1
""",
    """
SELECT invited_by_id, count(*) FROM community_stay
WHERE invited_by_id IS NOT NULL AND joined_at >= %(since)s AND joined_at < %(day)s GROUP BY 1
""",
)


def scores(options: Options) -> Iterator[Figure]:
    """The first run writes every row; the next one, which is what each night does, puts new ones in their place."""
    now = timezone.now()
    values = _fill(options, now)
    base, first = spent_in_turns(options.rounds, lambda: _bare(values), lambda: _first(now))
    yield from ratios("KOC scores, first run / bare aggregates", first, base, 3)
    score_everybody(by=None, now=now)
    days = iter(range(1, options.rounds + 1))
    base, later = spent_in_turns(options.rounds, lambda: _bare(values), lambda: _later(now, next(days)))
    scored = KocScore.objects.count()
    yield from ratios("KOC scores, each night / bare aggregates", later, base, 3, members=scored)


def _fill(options: Options, now: Any) -> dict[str, Any]:
    people = min(PARTICIPANTS, options.members)
    day = timezone.localtime(now).date()
    with as_owner():
        execute(
            "INSERT INTO accounts_user (username, password, role, is_superuser, is_staff, is_active, first_name, last_name,"
            " email, date_joined, display_name, session_epoch)"
            " VALUES ('bench', '', 'marketer', false, false, true, '', '', '', now(), '', 0)"
        )
        ((owner,),) = fetch("SELECT id FROM accounts_user WHERE username = 'bench'")
        values: dict[str, Any] = {
            "people": people,
            "of_group": OF_A_GROUP,
            "groups": -(-people // OF_A_GROUP),
            "owner": owner,
        }
        values |= {"day": day, "since": day - timedelta(days=DAYS), "now": now}
        execute(
            "SELECT timeline_ensure_months(ARRAY(SELECT (%(day)s - 27 * n)::date FROM generate_series(0, 9) AS n))",
            values,
        )
        for statement in FILL:
            execute(statement, values)
    analyze(*TABLES)
    ((spoken, edges),) = fetch(
        "SELECT (SELECT count(*) FROM community_participantday), (SELECT count(*) FROM community_talkedge)"
    )
    options.say(f"{people:,} participants, {spoken:,} days on which they spoke, {edges:,} edges of talk")
    return values


def _bare(values: dict[str, Any]) -> Spent:
    with as_owner():
        execute(f"SET work_mem = '{MEMORY}'")
        spent = spent_on(
            lambda: [execute(f"CREATE TABLE bench_koc_{n} AS {sql}", values) for n, sql in enumerate(BARE)]
        )
        for number in range(len(BARE)):
            execute(f"DROP TABLE bench_koc_{number}")
    return spent


def _first(now: Any) -> Spent:
    empty("community_kocscore", "community_scorerun")
    return spent_on(lambda: score_everybody(by=None, now=now))


def _later(now: Any, day: int) -> Spent:
    """As autovacuum leaves the table within a day."""
    analyze("community_kocscore")
    return spent_on(lambda: score_everybody(by=None, now=now + timedelta(days=day)))
