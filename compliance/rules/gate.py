"""May this member be contacted? One table of rules, each in two forms: over facts in Python, and over columns in SQL.

The order is the gate's order; the first rule that refuses gives the reason. `compliance.selectors.gate` brings the
facts, of one member or of a million.
"""

# ruff: noqa: S608  # the text of the SQL comes from this project alone; every value is a bound parameter

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from compliance.enums.consent import GRANTS, Channel, ConsentAction, Purpose, Reason
from members.rules.persons import owner_at_hand

#: No birthday lies after it: an age limit that bars nobody.
NEVER = date.max
ALWAYS_FULL = 0


@dataclass(frozen=True, kw_only=True)
class Policy:
    """What the brand has set. `limits` maps a channel to (messages, days); one that is not in it lets nothing through."""

    quiet_from: time
    quiet_to: time
    timezone: str
    cap_messages: int
    cap_days: int
    reask_days: int
    guardian_age: int
    marketing_age: int
    limits: Mapping[str, tuple[int, int]]


@dataclass(frozen=True, kw_only=True)
class Terms:
    """The policy for one purpose, channel and moment: everything that is the same for all members."""

    purpose: str
    channel: str
    at: datetime
    is_message: bool
    quiet: bool
    guardian_after: date
    barred_after: date
    cap: int
    cap_from: datetime
    limit: int
    limit_from: datetime

    @property
    def contacts_from(self) -> datetime:
        """Before it no contact matters."""
        return min(self.cap_from, self.limit_from)


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What is known of one member at that moment, for that purpose and channel."""

    erased: bool = False
    merged: bool = False
    restricted: bool = False
    birthday: date | None = None
    suppressed: bool = False
    action: str | None = None
    outdated: bool = False
    contacts: int = 0
    channel_contacts: int = 0


@dataclass(frozen=True, kw_only=True)
class Rule:
    """`refuses(facts, terms)` and `sql` say the same; the SQL names the columns of facts and the values of terms."""

    reason: Reason
    refuses: Callable[[Facts, Terms], bool]
    sql: str
    messages_only: bool = False


def _is_minor(facts: Facts, terms: Terms) -> bool:
    if facts.birthday is None:
        return False
    if facts.birthday > terms.barred_after:
        return True
    return facts.birthday > terms.guardian_after and facts.action != ConsentAction.GUARDIAN_GRANT


RULES = (
    Rule(reason=Reason.ERASED, refuses=lambda facts, _terms: facts.erased, sql="erased"),
    Rule(reason=Reason.MERGED, refuses=lambda facts, _terms: facts.merged, sql="merged"),
    Rule(reason=Reason.RESTRICTED, refuses=lambda facts, _terms: facts.restricted, sql="restricted"),
    Rule(
        reason=Reason.MINOR,
        refuses=_is_minor,
        sql="birthday > %(barred_after)s"
        " OR (birthday > %(guardian_after)s AND action IS DISTINCT FROM 'guardian_grant')",
    ),
    Rule(
        reason=Reason.SUPPRESSED,
        refuses=lambda facts, _terms: facts.suppressed,
        sql="suppressed",
        messages_only=True,
    ),
    Rule(
        reason=Reason.NO_CONSENT,
        refuses=lambda facts, _terms: facts.action in {None, ConsentAction.REFUSE},
        sql="action IS NULL OR action = 'refuse'",
    ),
    Rule(
        reason=Reason.WITHDRAWN,
        refuses=lambda facts, _terms: facts.action == ConsentAction.WITHDRAW,
        sql="action = 'withdraw'",
    ),
    Rule(
        reason=Reason.RECONSENT_DUE,
        refuses=lambda facts, _terms: facts.action in GRANTS and facts.outdated,
        sql="action IN ('grant', 'guardian_grant') AND outdated",
    ),
    Rule(
        reason=Reason.QUIET_HOURS,
        refuses=lambda _facts, terms: terms.quiet,
        sql="%(quiet)s",
        messages_only=True,
    ),
    Rule(
        reason=Reason.FREQUENCY_CAP,
        refuses=lambda facts, terms: facts.contacts >= terms.cap,
        sql="contacts >= %(cap)s",
        messages_only=True,
    ),
    Rule(
        reason=Reason.CHANNEL_LIMIT,
        refuses=lambda facts, terms: facts.channel_contacts >= terms.limit,
        sql="channel_contacts >= %(limit)s",
        messages_only=True,
    ),
)


#: The persons whose data are stored only (PIPL Art. 44): she asked for it, or a legal hold stands, on any of her records.
RESTRICTED_PERSONS = f"""
SELECT {owner_at_hand("record")} AS person_id
FROM (
    SELECT member_id FROM compliance_contactstatus WHERE restricted_at IS NOT NULL
    UNION ALL SELECT member_id FROM compliance_legalhold WHERE lifted_at IS NULL
) AS standing JOIN members_member AS record ON record.id = standing.member_id
"""


def rules_for(terms: Terms) -> tuple[Rule, ...]:
    """A use of data that reaches nobody has no quiet hours and no caps."""
    return tuple(rule for rule in RULES if terms.is_message or not rule.messages_only)


def judge(facts: Facts, terms: Terms) -> Reason:
    """The first rule that refuses, else `allowed`."""
    return next((rule.reason for rule in rules_for(terms) if rule.refuses(facts, terms)), Reason.ALLOWED)


def refusals(facts: Facts, terms: Terms) -> list[Reason]:
    """Every rule that refuses, in the gate's order."""
    return [rule.reason for rule in rules_for(terms) if rule.refuses(facts, terms)]


def terms_of(policy: Policy, *, purpose: str, channel: str, at: datetime) -> Terms:
    """The constants of one question. A channel that the brand does not use is full from the start."""
    at = at.astimezone(UTC)
    most, days = policy.limits.get(channel, (ALWAYS_FULL, 1))
    local = at.astimezone(ZoneInfo(policy.timezone))
    return Terms(
        purpose=purpose,
        channel=channel,
        at=at,
        is_message=purpose == Purpose.MARKETING,
        quiet=is_quiet(local.time(), policy.quiet_from, policy.quiet_to),
        guardian_after=years_before(local.date(), policy.guardian_age),
        barred_after=years_before(local.date(), policy.marketing_age) if purpose == Purpose.MARKETING else NEVER,
        cap=policy.cap_messages,
        cap_from=at - timedelta(days=policy.cap_days),
        limit=most,
        limit_from=at - timedelta(days=days),
    )


def needs_channel(purpose: str, channel: str) -> bool:
    """A message goes by one channel; asking for all of them at once has no answer."""
    return purpose == Purpose.MARKETING and channel == Channel.ANY


def is_quiet(local: time, start: time, end: time) -> bool:
    """From `start` (included) to `end` (excluded), over midnight where the start is later; equal ends: never."""
    if start <= end:
        return start <= local < end
    return local >= start or local < end


def next_loud(policy: Policy, at: datetime) -> datetime:
    """The end of the quiet hours that `at` lies in, or `at` itself."""
    zone = ZoneInfo(policy.timezone)
    local = at.astimezone(zone)
    if not is_quiet(local.time(), policy.quiet_from, policy.quiet_to):
        return at
    day = local.date() if local.time() < policy.quiet_to else local.date() + timedelta(days=1)
    return datetime.combine(day, policy.quiet_to, tzinfo=zone).astimezone(UTC)


def years_before(day: date, years: int) -> date:
    """Whoever was born after it is younger than that. Born on 29 February, one is a year older on 1 March."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)
