"""Loading the demo brand: one transaction for the house, the members and their facts; then the history of tiers.

A kill inside the first leaves nothing behind; a kill during the history is made good by the next call, which goes on
where the last run of the tiering stands.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
from django.db import connection, transaction

from accounts.models import User
from audit import services as audit
from audit.models import AuditEntry
from core.errors import Conflict
from core.keys import create_key_ring, key_ring_path
from core.roles import as_owner
from members.models import Member
from scrm.demo import (
    activities,
    audiences,
    communities,
    consents,
    earnings,
    history,
    insights,
    interactions,
    kocs,
    moderation,
    offers,
    people,
    plan,
    purchases,
    registers,
    touches,
)
from scrm.demo.copying import NULL
from scrm.demo.facts import Ledger, record_all
from scrm.demo.interactions import Interactions
from scrm.demo.membership import enrol
from scrm.demo.people import People
from scrm.demo.purchases import Purchases
from scrm.demo.span import Span
from scrm.demo.staff import SIGN_INS, SignIn, furnish

LOADED, FINISHED = "demo.load", "demo.finish"
ANALYZED = ("members_member", "members_identity", "timeline_purchase", "timeline_purchaseline", "timeline_interaction")

Say = Callable[[str], None]


class RealMembers(Conflict):
    """The demo brand would stand beside members who are no part of it."""

    code = "real_members"


@dataclass(frozen=True)
class Loaded:
    """What lies in the database afterwards."""

    members: int
    purchases: int
    refunds: int
    lines: int
    interactions: int
    touches: int


def load(
    *, members: int, seed: int, until: datetime, now: datetime, password: str, beside_others: bool, say: Say
) -> tuple[Loaded | None, tuple[SignIn, ...]]:
    """Load everything; None and no sign-ins where the facts were there already and only the history was finished."""
    loaded: Loaded | None = None
    sign_ins: tuple[SignIn, ...] = ()
    if not AuditEntry.objects.filter(action=LOADED).exists():
        _refuse_company(beside_others=beside_others)
        loaded, sign_ins = _load_facts(Span(until), members=members, seed=seed, now=now, password=password, say=say)
        analyze()
    if not AuditEntry.objects.filter(action=FINISHED).exists():
        _live(Span(_loaded_until()), now, say)
    return loaded, sign_ins


def _live(span: Span, now: datetime, say: Say) -> None:
    """What grows from the facts; each step may be done again."""
    history.follow(now=now, say=say)
    history.retier(span, now=now, say=say)
    with transaction.atomic():
        history.furnish_views(now=now)
        consents.agree(now=now, say=say)
        registers.keep(now=now, say=say)
        offers.offer(now=now, say=say)
        plan.furnish(now=now, say=say)
        activities.run(now=now, say=say)
        communities.run(now=now, say=say)
        kocs.choose(now=now, say=say)
        kocs.go_on(now=now, say=say)
        earnings.run(now=now, say=say)
        moderation.run(now=now, say=say)
        insights.see_to_members(now=now, say=say)
        audit.record(by=None, action=FINISHED, at=now)
    history.follow(now=now, say=say)
    history.retier_at_the_end(span, now=now, say=say)
    kocs.measure(now=now, say=say)
    history.refresh_tags(now=now, say=say)
    audiences.furnish_audiences(now=now, say=say)
    plan.measure(now=now, say=say)
    history.take_snapshots(now=span.until, say=say)
    insights.measure(now=span.until, say=say)


def analyze() -> None:
    """Statistics for the planner at once, instead of whenever the database finds the time; the owner's right."""
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SET default_statistics_target = 40")
        cursor.execute(f"ANALYZE {', '.join(ANALYZED)}")


def _refuse_company(*, beside_others: bool) -> None:
    taken = User.objects.filter(username__in=[username for username, *_rest in SIGN_INS]).first()
    if taken:
        raise RealMembers(f"There is a user {taken.username!r} already: the demo brand needs a database of its own.")
    if not beside_others and Member.objects.exists():
        raise RealMembers("There are members here already: the demo brand needs a database of its own.")


def _load_facts(
    span: Span, *, members: int, seed: int, now: datetime, password: str, say: Say
) -> tuple[Loaded, tuple[SignIn, ...]]:
    everybody = people.make(span, members=members, seed=seed)
    bought = purchases.make(span, everybody, seed=seed)
    did = interactions.make(span, everybody, bought, seed=seed)
    came = touches.make(span, everybody, bought, seed=seed)
    everybody = _with_a_beginning(everybody, bought, did)
    say(f"drawn: {members:,} members, {len(bought.at):,} orders, {len(did.at):,} interactions")
    create_key_ring(key_ring_path())
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '160MB'")
        house = furnish(seed=seed, password=password, now=now)
        ids = enrol(span, everybody, house, seed=seed)
        say("written: stores, staff, products, members")
        guides = np.where(everybody.guide < 0, NULL, house.guides[everybody.guide])
        sold, acts, brought = record_all(Ledger(span, ids, guides, house, now), bought, did, came)
        loaded = Loaded(members, sold.purchases, sold.refunds, sold.stored, acts.stored, brought.stored)
        audit.record(
            by=None, action=LOADED, at=now, changes={"until": [None, span.until.isoformat()], "seed": [None, seed]}
        )
    say(f"written: {loaded.lines:,} lines, {loaded.interactions:,} interactions, {loaded.touches:,} touches")
    return loaded, house.sign_ins


def _with_a_beginning(everybody: People, bought: Purchases, did: Interactions) -> People:
    """Whose registration is unknown begins with the first fact; without any fact it has to be known."""
    active = np.zeros(len(everybody), dtype=bool)
    active[bought.member] = active[did.member] = True
    return replace(everybody, known=everybody.known | ~active)


def _loaded_until() -> datetime:
    entry = AuditEntry.objects.filter(action=LOADED).latest("at")
    return datetime.fromisoformat(entry.changes["until"][1])


def as_report(loaded: Loaded | None) -> dict[str, Any]:
    return asdict(loaded) if loaded else {}
