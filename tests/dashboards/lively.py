"""A brand of a few hundred members with a year of facts drawn by chance, and the facts as frames for pandas."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

import numpy as np
import pandas as pd
from django.db import connection
from django.utils import timezone

from accounts.enums import Role
from accounts.models import Region, Store, User
from members.models import City, Member
from segments.models import TierChange, TierRun
from segments.rules.definitions import to_json
from segments.selectors.definitions import current_definitions
from tests.segments.facts import Act, Order, add_acts, add_orders, add_touch
from timeline.models import Product
from timeline.rules.rollups import INTERACTION_DAYS, PURCHASE_DAYS
from timeline.services import PurchaseLineIn, record_purchases
from timeline.services.rollups import compute_everything

DAY = timedelta(days=1)
ZONE = "Asia/Shanghai"
CITIES = ("上海", "杭州", "无锡", "洛阳")
CATEGORIES = ("面霜", "精华", "")


@dataclass(frozen=True)
class Brand:
    now: datetime
    stores: list[Store]
    guides: list[User]
    members: list[Member]


def found(*, members: int = 240, seed: int = 5, now: datetime | None = None) -> Brand:
    """Facts up to `now`, their sums per day, and two tiers between which half of the members moved."""
    now = now or timezone.now()
    draw = np.random.default_rng(seed)
    region = Region.objects.create(code="r", name="区")
    stores = [Store.objects.create(region=region, code=f"s{place}", name=f"店{place}") for place in range(3)]
    guides = [_guide(place, stores[place // 2]) for place in range(4)]
    cities = list(City.objects.filter(name__in=CITIES))
    assert len(cities) == len(CITIES)
    people = Member.objects.bulk_create(
        Member(
            name=f"会员{place}",
            registered_at=None if place % 11 == 10 else now - timedelta(minutes=int(draw.integers(1440, 580_000))),
            city=cities[place % 5] if place % 5 < len(cities) else None,
            home_store=stores[place % 3] if place % 7 else None,
            guide=guides[place % 4] if place % 5 else None,
        )
        for place in range(members)
    )
    _live(people, draw, now)
    _move(people, draw, now)
    with connection.cursor() as cursor:
        for rollup in (PURCHASE_DAYS, INTERACTION_DAYS):
            compute_everything(cursor, rollup)
    return Brand(now, stores, guides, people)


def merge_some(brand: Brand) -> None:
    """Ten members turn out to be ten others, of other stores, cities and guides."""
    for gone, kept in zip(brand.members[20:30], brand.members[41:51], strict=True):
        Member.objects.filter(pk=gone.pk).update(merged_into=kept)


def _guide(place: int, store: Store) -> User:
    guide = User.objects.create_user(f"g{place}", role=Role.GUIDE, is_staff=True, display_name=f"导购{place}")
    guide.stores.add(store)
    return guide


def _live(people: list[Member], draw: np.random.Generator, now: datetime) -> None:
    """Members of very different keenness; one in ten does nothing, one in five stops for good."""
    acts, lines = [], []
    for place, member in enumerate(people):
        keen = 0 if place % 10 == 9 else int(draw.integers(1, 60))
        stops = int(draw.integers(20, 300)) if place % 5 == 0 else 0
        for _time in range(keen):
            back = stops + draw.random() ** 2 * 380
            acts.append(Act(member.pk, now - back * DAY, ("browse", "click", "open")[int(draw.integers(0, 3))]))
        for number in range(keen // 12):
            at = now - (stops + draw.random() * 380) * DAY
            lines += [
                PurchaseLineIn(
                    line_no=len(lines) + 1,
                    member_id=member.pk,
                    source="pos",
                    order_no=f"{member.pk}-{number}",
                    line_at=at,
                    product_code=f"P{code}",
                    product_name=f"P{code}",
                    quantity=Decimal(1),
                    unit_price=Decimal(int(draw.integers(20, 400))),
                )
                for code in sorted(draw.choice(3, size=int(draw.integers(1, 3)), replace=False).tolist())
            ]
    add_acts(acts)
    for member in people[::6]:
        add_touch(member.pk, now - draw.random() * 200 * DAY)
    record_purchases(rows=lines, now=now)
    for code, category in enumerate(CATEGORIES):
        Product.objects.filter(code=f"P{code}").update(category=category)
    buyer = next(line.member_id for line in lines)
    add_orders([Order(buyer, now - 3 * DAY, Decimal("-50.25"), sold=False)])


def _move(people: list[Member], draw: np.random.Generator, now: datetime) -> None:
    run = TierRun.objects.create(
        as_of=now, kind="full", horizon=0, ceiling=0, definitions=to_json(current_definitions()), cutoffs={},
        members=1, moved=0, by_tier={}, started_at=now, seconds=1.0,
    )  # fmt: skip
    changes = []
    for place, member in enumerate(people):
        first = now - 300 * DAY
        changes.append(TierChange(member=member, at=first, to_tier="regular", run=run))
        if place % 2:
            later = first + float(draw.integers(10, 280)) * DAY
            changes.append(TierChange(member=member, at=later, from_tier="regular", to_tier="potential", run=run))
    TierChange.objects.bulk_create(changes)


def frame(sql: str) -> pd.DataFrame:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return pd.DataFrame(cursor.fetchall(), columns=[column.name for column in cursor.description or ()])


def local_days(moments: pd.Series) -> pd.Series:
    return pd.to_datetime(moments, utc=True).dt.tz_convert(ZONE).dt.normalize().dt.tz_localize(None)


def signs() -> pd.DataFrame:
    """Member and local day of every interaction and order, each once, from the facts themselves."""
    acts = frame("SELECT member_id AS member, occurred_at AS at FROM timeline_interaction")
    orders = frame("SELECT member_id AS member, occurred_at AS at FROM timeline_purchase WHERE kind = 'order' AND sold")
    both = pd.concat([acts, orders])
    owners = frame("SELECT id AS member, coalesce(merged_into_id, id) AS owner FROM members_member")
    both["member"] = both["member"].map(owners.set_index("member")["owner"])
    both["day"] = local_days(both["at"])
    return both[["member", "day"]].drop_duplicates().sort_values(["member", "day"]).reset_index(drop=True)
