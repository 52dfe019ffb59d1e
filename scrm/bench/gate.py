"""The contact gate over everybody, against the statement that somebody would write by hand for the same answer."""

from collections.abc import Iterator
from datetime import timedelta

from compliance.enums.consent import Channel, Purpose
from compliance.selectors.gate import judge
from members.models import Member
from scrm.bench.database import as_owner, execute, fetch
from scrm.bench.dataset import Dataset, fill
from scrm.bench.figures import Figure, at_most, in_turns, seconds_of
from scrm.bench.options import Options

PEOPLE = """
UPDATE members_member SET birthday = date '1960-01-01' + (id * 7919 %% 20000)::int WHERE id %% 3 = 0;
INSERT INTO members_identity (member_id, type, lookup, sealed, source, created_at)
    SELECT id, 'phone', md5(id::text), '\\x00', 'bench', %(at)s FROM members_member;
INSERT INTO compliance_consentevent (member_id, purpose, channel, action, occurred_at, received_at, notice_hash, language,
        source, page, wording, preset, note, key)
    SELECT id, 'marketing', 'any', CASE WHEN id %% 10 < 7 THEN 'grant' ELSE 'refuse' END, %(at)s - interval '200 days',
        %(at)s, '', '', 'import', '', '', false, '', gen_random_uuid() FROM members_member WHERE id %% 20 > 0;
INSERT INTO compliance_consentevent (member_id, purpose, channel, action, occurred_at, received_at, notice_hash, language,
        source, page, wording, preset, note, key)
    SELECT id, 'marketing', 'sms', CASE WHEN id %% 4 = 0 THEN 'withdraw' ELSE 'grant' END, %(at)s - interval '90 days',
        %(at)s, '', '', 'import', '', '', false, '', gen_random_uuid() FROM members_member WHERE id %% 5 < 2;
INSERT INTO compliance_suppression (kind, lookup, channel, reason, source, note, created_at, lifted_reason)
    SELECT 'phone', md5(id::text), 'any', 'opt_out', '', '', %(at)s, '' FROM members_member WHERE id %% 100 = 3;
INSERT INTO compliance_contactstatus (member_id, restricted_at) SELECT id, %(at)s FROM members_member WHERE id %% 1000 = 9;
INSERT INTO compliance_contactevent (member_id, occurred_at, purpose, channel, counts, reference)
    SELECT id, %(at)s - (n * 9 + id %% 9) * interval '1 day', 'marketing', CASE WHEN n %% 2 = 0 THEN 'sms' ELSE 'wecom' END,
        true, '' FROM members_member, generate_series(0, 4) AS n WHERE (id + n) %% 2 = 0;
"""
ANALYZE = """
VACUUM ANALYZE members_member, members_identity, compliance_consentstate, compliance_suppression,
    compliance_contactstatus, compliance_contactevent
"""
BY_HAND = """
SELECT CASE
        WHEN standing.erased_at IS NOT NULL THEN 'erased' WHEN member.merged_into_id IS NOT NULL THEN 'merged'
        WHEN standing.restricted_at IS NOT NULL THEN 'restricted' WHEN member.birthday > %(barred)s THEN 'minor'
        WHEN listed.member_id IS NOT NULL THEN 'suppressed'
        WHEN said.action IS NULL OR said.action = 'refuse' THEN 'no_consent'
        WHEN said.action = 'withdraw' THEN 'withdrawn'
        WHEN counted.everywhere >= 4 THEN 'frequency_cap' WHEN counted.here >= 2 THEN 'channel_limit'
        ELSE 'allowed'
    END AS reason, count(*)
FROM members_member AS member
LEFT JOIN compliance_contactstatus AS standing ON standing.member_id = member.id
LEFT JOIN (
    SELECT DISTINCT ON (member_id) member_id, action FROM compliance_consentstate
    WHERE purpose = 'marketing' AND channel IN ('any', 'sms') ORDER BY member_id, occurred_at DESC, weight DESC
) AS said ON said.member_id = member.id
LEFT JOIN (
    SELECT DISTINCT member_id FROM members_identity JOIN compliance_suppression USING (lookup) WHERE lifted_at IS NULL
) AS listed ON listed.member_id = member.id
LEFT JOIN (
    SELECT member_id, count(*) AS everywhere, count(*) FILTER (WHERE channel = 'sms') AS here
    FROM compliance_contactevent WHERE counts AND occurred_at > %(since)s AND occurred_at <= %(at)s GROUP BY member_id
) AS counted ON counted.member_id = member.id
GROUP BY 1
"""


def over_everybody(options: Options) -> Iterator[Figure]:
    """Without storing verdicts; ours counts every reason besides the first."""
    dataset = Dataset(members=options.members, purchases=0, interactions=0)
    at = dataset.until.replace(hour=4)
    with as_owner():
        took = seconds_of(lambda: fill(dataset))
        for statement in PEOPLE.split(";\n")[:-1]:
            took += seconds_of(lambda sql=statement: execute(sql, {"at": at}))  # type: ignore[misc]
        execute(ANALYZE)
    options.say(f"{options.members:,} members with consents and contacts generated in {took:.0f} s")
    values = {"at": at, "since": at - timedelta(days=30), "barred": at.date().replace(year=at.year - 18)}
    answers: list[dict[str, int]] = [{}, {}]

    def by_hand() -> None:
        answers[0] = dict(fetch(BY_HAND, values))

    def by_gate() -> None:
        found = judge(Member.objects.all(), purpose=Purpose.MARKETING, channel=Channel.SMS, at=at)
        answers[1] = dict(found.first)

    hand_s, gate_s = in_turns(options.rounds, lambda: seconds_of(by_hand), lambda: seconds_of(by_gate))
    same = answers[0] == answers[1]
    yield at_most("gate / statement by hand", gate_s / hand_s, 2, gate_s=gate_s, by_hand_s=hand_s, same_answer=same)
    yield Figure(name="both answer the same", value=float(same), unit="", target="1", holds=same, parts=answers[1])
