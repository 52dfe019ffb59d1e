"""Dull makers of KOC, orders, tasks and UGC, at one evening."""

import itertools
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from accounts.enums import Role
from accounts.models import User
from community.enums.koc import KocLevel, KocState, KocVerb
from community.models import Delivery, Koc, KocEvent, LedgerBalance, ShareOrder, ShareRule, Task, Ugc
from community.rules.referral import new_code
from community.selectors.ledger import verify_ledger
from community.services.handing_in import accept_task
from community.services.sharing import RuleIn, add_rule, share_everybody
from community.services.tasks_of_koc import TaskIn, create_task, open_task
from community.services.ugc import UgcIn, offer_ugc, submit_ugc
from compliance.enums.consent import ConsentAction, ConsentSource
from compliance.models import Review
from compliance.services.consent import ConsentIn
from compliance.services.consent import record as record_consent
from compliance.services.reviews import approve
from members.models import Member
from tests.campaigns.activities import DAY, HOUR, NOW, people, person
from timeline.services import PurchaseLineIn, TouchIn, make_months, record_purchases, record_touches

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 40
_numbers = itertools.count(1)

__all__ = ["DAY", "HOUR", "NOW", "people", "person"]


def marketer() -> User:
    return person("earner")


def second() -> User:
    return person("second")


def months() -> None:
    make_months(today=NOW.date())


def rule(rate: str = "0.10", now: datetime = NOW - 30 * DAY, **values: Any) -> ShareRule:
    caps = {name: Decimal(values.pop(name)) for name in ("order_cap", "month_cap") if name in values}
    given = {"valid_from": now, "reason": "试行", **caps, **values}
    return add_rule(rule=RuleIn(rate=Decimal(rate), **given), by=marketer(), now=now)


def koc(level: str = KocLevel.REVENUE_SHARE, since: datetime = NOW - 20 * DAY, member: Member | None = None) -> Koc:
    """An active one since then, with a code."""
    member = member or people(1)[0]
    made = Koc.objects.create(
        member=member,
        state=KocState.ACTIVE,
        level=level,
        referral_code=new_code(),
        invited_at=since,
        invited_until=since + DAY,
        since=since,
        level_since=since,
    )
    step(made, KocVerb.ACCEPT, since)
    return made


def step(koc: Koc, what: str, at: datetime, **changes: Any) -> None:
    """She stands otherwise from then on."""
    for name, value in changes.items():
        setattr(koc, name, value)
    koc.save()
    KocEvent.objects.create(koc=koc, what=what, to_state=koc.state, to_level=koc.level, at=at)


def leave(koc: Koc, at: datetime) -> None:
    step(koc, KocVerb.LEAVE, at, state=KocState.LEFT, ended_at=at)


def agree(member: Member, at: datetime = NOW - 20 * DAY, action: str = ConsentAction.GRANT) -> None:
    said = ConsentIn(member_id=member.pk, purpose="publish", action=action, occurred_at=at, key=str(next(_numbers)))
    record_consent(said=said, source=ConsentSource.STAFF, by=marketer(), now=max(at, NOW))


def buy(
    member: Member, order_no: str, at: datetime = NOW, price: str = "100", *, code: str | None = "", quantity: int = 1
) -> None:
    """One line of an order; with a quantity below 0 of its refund."""
    row = PurchaseLineIn(
        line_no=1,
        member_id=member.pk,
        source="shop",
        order_no=order_no,
        line_at=at,
        product_code="P",
        quantity=Decimal(quantity),
        unit_price=Decimal(price),
        referral_code=code or "",
    )
    record_purchases(rows=[row], now=at)


def refund(member: Member, order_no: str, at: datetime, price: str = "100") -> None:
    buy(member, order_no, at, price, quantity=-1)


def invited(member: Member, inviter: Member, at: datetime) -> None:
    row = TouchIn(line_no=1, member_id=member.pk, source="app", occurred_at=at, inviter_id=inviter.pk)
    record_touches(rows=[row], now=at)


def book(now: datetime = NOW) -> None:
    """Everybody's orders, and whatever the database checks at the end of a transaction."""
    share_everybody(by=None, now=now)
    check()


def check() -> None:
    connection.check_constraints()
    assert verify_ledger().faults == ()


def books(koc: Koc) -> dict[str, Decimal]:
    """What is not nothing."""
    rows = LedgerBalance.objects.filter(koc=koc).exclude(amount=0)
    return dict(rows.values_list("book", "amount"))


def shares() -> list[tuple[str, int, str, Decimal]]:
    rows = ShareOrder.objects.order_by("order_no")
    return [(row.order_no, row.koc_id, row.way, row.share) for row in rows]


def task(**values: Any) -> Task:
    given: dict[str, Any] = {
        "title": f"新品试用{next(_numbers)}",
        "brief": "拍一张使用前后的照片，写三句真实感受。",
        "wish": "picture",
        "level": KocLevel.CO_CREATION,
        "owner_id": marketer().pk,
        "due_at": NOW + 7 * DAY,
    }
    return create_task(task=TaskIn(**{**given, **values}), by=marketer(), now=NOW)


def opened(**values: Any) -> Task:
    return open_task(task=task(**values), by=marketer(), now=NOW)


def seat(koc: Koc, **values: Any) -> Delivery:
    return accept_task(task=opened(**values), koc=koc, by=None, now=NOW)


def picture(name: str = "照片.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, PNG, content_type="image/png")


def piece(member: Member, **values: Any) -> Ugc:
    given: dict[str, Any] = {
        "kind": "text",
        "title": "我的护肤日记",
        "text": "用了两周，皮肤不再紧绷。",
        "source": "staff",
    }
    return offer_ugc(member=member, piece=UgcIn(**{**given, **values}), by=marketer(), now=NOW)


def approved(ugc: Ugc, now: datetime = NOW) -> Ugc:
    submit_ugc(ugc=ugc, by=marketer(), now=now)
    review = Review.objects.get(kind="ugc", object_id=ugc.pk)
    approve(review=review, digest=review.digest, by=person("legal", Role.LEGAL), now=now)
    ugc.refresh_from_db()
    return ugc


def later(days: float) -> datetime:
    return NOW + timedelta(days=days)
