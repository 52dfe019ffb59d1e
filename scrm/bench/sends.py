"""The exit for messages against its bare statements: freezing recipients, and the whole path to a sink that answers at once."""

# the text of the SQL comes from this project alone; every value is a bound parameter

import time
import tracemalloc
import uuid
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from messaging.channels.contract import Connection, Message, Result, Setup, adapters
from messaging.enums import Idempotency, Outcome
from messaging.models import Gateway, Send
from messaging.rules.promises import Promise
from messaging.services.freezing import Recipients, freeze_rows
from messaging.services.working import Pace, work
from scrm.bench.database import analyze, as_owner, empty, execute, fetch
from scrm.bench.dataset import Dataset, fill
from scrm.bench.figures import Figure, Spent, at_most, ratios, seconds_of, spent_in_turns, spent_on
from scrm.bench.options import Options

CONSENTS = """
INSERT INTO compliance_consentevent (member_id, purpose, channel, action, occurred_at, received_at, notice_hash, language,
        source, page, wording, preset, note, key)
    SELECT id, 'marketing', 'any', 'grant', %(at)s - interval '200 days', %(at)s, '', '', 'import', '', '', false, '',
        gen_random_uuid() FROM members_member
"""
BARE_FREEZE = "INSERT INTO messaging_delivery (send_id, member_id, due_at) SELECT %s, id, %s FROM members_member"
#: What somebody would write by hand for a batch: claim, judge, begin, count, end.
BARE_CLAIM = """
UPDATE messaging_delivery SET state = 'claimed', lease = %(lease)s, lease_until = %(until)s WHERE id IN (
    SELECT id FROM messaging_delivery WHERE send_id = %(send)s AND state = 'pending' AND due_at <= %(now)s
    ORDER BY due_at, id LIMIT 200 FOR UPDATE SKIP LOCKED
) RETURNING id, member_id
"""
BARE_GATE = """
SELECT member.id, said.action, said.event_id, listed.id IS NOT NULL, standing.restricted_at, member.birthday, (
    SELECT count(*) FROM compliance_contactevent AS contact
    WHERE contact.member_id = member.id AND counts AND occurred_at > %(since)s
) FROM members_member AS member
LEFT JOIN compliance_contactstatus AS standing ON standing.member_id = member.id
LEFT JOIN LATERAL (
    SELECT action, event_id FROM compliance_consentstate AS state
    WHERE state.member_id = member.id AND purpose = 'marketing' AND channel IN ('any', 'sms')
    ORDER BY occurred_at DESC LIMIT 1
) AS said ON true
LEFT JOIN LATERAL (
    SELECT entry.id FROM members_identity AS identity JOIN compliance_suppression AS entry USING (lookup)
    WHERE identity.member_id = member.id AND entry.lifted_at IS NULL LIMIT 1
) AS listed ON true
WHERE member.id = ANY (%(members)s)
"""
BARE_BEGIN = """
UPDATE messaging_delivery SET state = 'sending', begun_at = %(now)s, judged_at = %(now)s, attempts = attempts + 1,
    reason = 'allowed', lease_until = %(until)s WHERE id = ANY (%(ids)s)
"""
BARE_CONTACT = """
INSERT INTO compliance_contactevent (member_id, occurred_at, purpose, channel, counts, reference)
SELECT member_id, %(now)s, 'marketing', 'sms', true, 'delivery:' || id FROM messaging_delivery WHERE id = ANY (%(ids)s)
"""
BARE_END = """
UPDATE messaging_delivery SET state = 'sent', ended_at = %(now)s, lease_until = NULL, external_id = 'x'
WHERE id = ANY (%(ids)s)
"""


SLOW = 0.02  # seconds of a call
CALLS = 4_000
CAP = 4


class Sink:
    """Answers in the worker's own process: at once, or after `seconds`, several calls side by side."""

    label = "sink"
    order = 900
    channels = ("sms",)
    identity = None
    links_refusal = False

    def __init__(self, code: str, seconds: float = 0.0, parallel: int = 1) -> None:
        self.code, self.seconds, self.parallel = code, seconds, parallel

    def faults(self, setup: Setup) -> Mapping[str, Any]:
        del setup
        return {}

    def promise(self, setup: Setup) -> Promise:
        del setup
        return Promise(kind=Idempotency.KEY, window=timedelta(days=1))

    def open(self, setup: Setup) -> Connection:
        del setup
        return self

    def compose(self, setup: Setup, message: Message) -> Message:
        del setup
        return message

    def send(self, message: Message) -> Result:
        del message
        if self.seconds:
            time.sleep(self.seconds)
        return Result(outcome=Outcome.SENT, external_id="x")

    def ask(self, message: Message) -> Result | None:
        del message
        return None

    def close(self) -> None:
        """Nothing is open."""


QUICK, PATIENT = Sink("bench_sink"), Sink("bench_slow_sink", SLOW, 8)
adapters.register_all((QUICK, PATIENT))


def through_the_exit(options: Options) -> Iterator[Figure]:
    """Everybody of a brand who all agreed, in an evening."""
    dataset = Dataset(members=options.members, purchases=0, interactions=0)
    now = dataset.until.replace(hour=4)
    with as_owner():
        fill(dataset)
        execute(CONSENTS, {"at": now})
    analyze("members_member", "compliance_consentstate", "members_identity", "compliance_suppression")
    send = _send(QUICK, now)
    yield from _freezing(options, send, now)
    yield from _path(options, send, now)
    yield from _slow(_send(PATIENT, now), now)


def _send(sink: Sink, now: datetime) -> Send:
    gateway = Gateway.objects.create(
        code=sink.code,
        name="sink",
        adapter=sink.code,
        channel="sms",
        sender="x",
        is_active=True,
        created_at=now,
        changed_at=now,
    )
    return Send.objects.create(
        source_kind="bench", source_id=sink.code, title="bench", channel="sms", gateway=gateway, text="x", state="running",
        is_open_ended=True, not_before=now, not_after=now + timedelta(days=1), created_at=now, frozen_at=now, started_at=now,
    )  # fmt: skip


def _freezing(options: Options, send: Send, now: datetime) -> Iterator[Figure]:
    everybody = Recipients("SELECT id AS member_id FROM members_member")
    counts: list[int] = []

    def spent(act: Callable[[], int]) -> Spent:
        empty("messaging_delivery")

        def once() -> None:
            with transaction.atomic():
                counts.append(act())

        return spent_on(once)

    frozen, bare = spent_in_turns(
        options.rounds,
        lambda: spent(lambda: freeze_rows(send=send, recipients=everybody, due_at=now)),
        lambda: spent(lambda: execute(BARE_FREEZE, [send.pk, now])),
    )
    yield from ratios("freeze / bare INSERT … SELECT", frozen, bare, 2, members=max(counts))
    empty("messaging_delivery")
    tracemalloc.start()
    freeze_rows(send=send, recipients=everybody, due_at=now)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    yield at_most("memory of freezing everybody", peak / 1e6, 1, unit="MB", members=options.members)


def _path(options: Options, send: Send, now: datetime) -> Iterator[Figure]:
    everybody = Recipients("SELECT id AS member_id FROM members_member")

    def spent(act: Callable[[], object]) -> Spent:
        empty("messaging_delivery", "compliance_contactevent")
        freeze_rows(send=send, recipients=everybody, due_at=now)
        analyze("messaging_delivery")
        return spent_on(act)

    pace = Pace(spell=timedelta(hours=1))
    ended: list[int] = []

    def send_all() -> None:
        ended.append(work(send_id=send.pk, clock=lambda: now, pace=pace))

    ours, bare = spent_in_turns(
        options.rounds,
        lambda: spent(send_all),
        lambda: spent(lambda: _by_hand(send, now)),
    )
    rate = round(options.members / ours.wall)
    yield from ratios("send / bare statements in batches", ours, bare, 3, members=options.members, messages_s=rate)
    whole = set(ended) == {options.members}
    yield Figure(name="everybody got it", value=float(whole), unit="", target="1", holds=whole, parts={"ended": ended})


def _slow(send: Send, now: datetime) -> Iterator[Figure]:
    """The same with calls that take their time: it is they who decide how long it takes."""
    empty("messaging_delivery", "compliance_contactevent")
    some = Recipients("SELECT id AS member_id FROM members_member ORDER BY id LIMIT %s", [CALLS])
    count = freeze_rows(send=send, recipients=some, due_at=now)
    analyze("messaging_delivery")
    took = seconds_of(lambda: work(send_id=send.pk, clock=lambda: now, pace=Pace(spell=timedelta(hours=1))))
    alone = count * SLOW / PATIENT.parallel
    yield at_most(
        "send to a sink of 20 ms / its calls alone", took / alone, 1.3, wall_s=took, calls_s=alone, messages=count
    )


def _by_hand(send: Send, now: datetime) -> int:
    done = 0
    while True:
        values = {"send": send.pk, "now": now, "lease": uuid.uuid4(), "until": now + timedelta(minutes=2)}
        rows = fetch(BARE_CLAIM, values)
        if not rows:
            return done
        members = [row[1] for row in rows]
        judged = fetch(BARE_GATE, {"members": members, "since": now - timedelta(days=30)})
        allowed = {row[0] for row in judged if row[1] == "grant" and not row[3] and row[6] < CAP}
        values["ids"] = [row[0] for row in rows if row[1] in allowed]
        with transaction.atomic():
            execute(BARE_BEGIN, values)
            execute(BARE_CONTACT, values)
        execute(BARE_END, values)
        done += len(rows)
