"""What an activity consists of before it starts, and which changes are in the members' favour afterwards."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

LONGEST_WINDOW = 90
LARGEST_BUDGET = Decimal("999999999.99")
LONGEST_DAYS = 366
#: What members were promised; never changed after the start.
PROMISED = ("level", "title", "rules_text", "audience_id", "channel", "window_days", "starts_at")
#: What may be added to, but not taken from, after the start.
GROWING = ("codes", "coupons", "draws")


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Everything about an activity that a marketer writes. Numbers of audience, owner, coupons and draws."""

    name: str
    level: str
    form: str
    owner_id: int
    channel: str
    window_days: int
    title: str = ""
    rules_text: str = ""
    audience_id: int | None = None
    budget: Decimal | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    codes: tuple[str, ...] = ()
    coupons: tuple[int, ...] = ()
    draws: tuple[int, ...] = ()


@dataclass(frozen=True)
class Problem:
    """A field and a code; the words are found elsewhere."""

    field: str
    code: str


def problems_of(plan: Plan) -> Iterator[Problem]:
    """What cannot be kept even in a draft."""
    if not plan.name:
        yield Problem("name", "missing")
    if plan.budget is not None and not 0 <= plan.budget <= LARGEST_BUDGET:
        yield Problem("budget", "amount")
    if not 1 <= plan.window_days <= LONGEST_WINDOW:
        yield Problem("window_days", "window")
    if plan.starts_at and plan.ends_at:
        if plan.ends_at <= plan.starts_at:
            yield Problem("ends_at", "order")
        elif (plan.ends_at - plan.starts_at).days > LONGEST_DAYS:
            yield Problem("ends_at", "long")
    if any(not code.isprintable() or len(code) > 64 for code in plan.codes):  # noqa: PLR2004  # what an order holds
        yield Problem("codes", "code")


def lacks(plan: Plan, now: datetime) -> Iterator[Problem]:
    """What has to be there before anybody approves it."""
    for field in ("title", "rules_text", "audience_id", "starts_at", "ends_at"):
        if not getattr(plan, field):
            yield Problem(field, "missing")
    if plan.ends_at and plan.ends_at <= now:
        yield Problem("ends_at", "past")


def against_members(before: Plan, after: Plan) -> Iterator[Problem]:
    """What takes from members what they were promised."""
    for field in PROMISED:
        if getattr(before, field) != getattr(after, field):
            yield Problem(field, "promised")
    if before.ends_at and (after.ends_at is None or after.ends_at < before.ends_at):
        yield Problem("ends_at", "earlier")
    for field in GROWING:
        if not set(getattr(before, field)) <= set(getattr(after, field)):
            yield Problem(field, "taken")
