"""A small brand with half a year of facts drawn by chance, and what its metrics are by pandas: none of our SQL."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pandas as pd
from django.db import connection

from accounts.enums import Role
from accounts.models import Region, Store, User
from campaigns.models import LinkClick, LinkHost, TrackedLink
from members.models import Member
from tests.segments.facts import Act, Order, add_acts, add_orders, add_touch, ensure_months
from timeline.rules.rollups import INTERACTION_DAYS, PURCHASE_DAYS
from timeline.services.rollups import compute_everything

ZONE = ZoneInfo("Asia/Shanghai")
FIRST, LAST = date(2026, 3, 1), date(2026, 9, 30)
NOW = datetime(2026, 10, 1, 9, tzinfo=ZONE)
DAYS = (LAST - FIRST).days + 1
KINDS = ("browse", "browse", "click", "open", "message", "check_in")


@dataclass(frozen=True)
class Brand:
    stores: list[Store]
    members: list[int]
    manager: User


def found(seed: int = 7, people: int = 90) -> Brand:
    """Facts until the last moment of LAST, some of them around midnight; registrations known, unknown, and none at all."""
    chance = random.Random(seed)
    ensure_months([FIRST - timedelta(days=1), *(FIRST + timedelta(days=27 * place) for place in range(9)), LAST])
    region = Region.objects.create(code="east", name="华东")
    stores = [Store.objects.create(region=region, code=f"s{place}", name=f"门店{place}") for place in range(3)]
    manager = User.objects.create_user("manager", role=Role.STORE_MANAGER, is_staff=True)
    manager.stores.set(stores[:2])
    members = Member.objects.bulk_create(
        Member(
            name=f"会员{place}",
            home_store=chance.choice([*stores, None]),
            registered_at=None if place % 7 == 0 else _moment(chance),
        )
        for place in range(people)
    )
    numbers = [member.pk for member in members]
    gone = Member.objects.create(name="并入", merged_into=members[0], registered_at=_moment(chance))
    everybody = [*numbers[: people - 5], gone.pk]  # five have no fact at all
    add_orders(
        [
            Order(chance.choice(everybody), _moment(chance), Decimal(chance.randint(-9000, 40_000)) / 100)
            if chance.random() > 0.1
            else Order(chance.choice(everybody), _moment(chance), -Decimal(chance.randint(1, 9000)) / 100, sold=False)
            for _number in range(700)
        ]
    )
    add_acts([Act(chance.choice(everybody), _moment(chance), chance.choice(KINDS)) for _number in range(2500)])
    for _number in range(60):
        add_touch(chance.choice(everybody), _moment(chance))
    _clicks(chance, numbers)
    roll_up()
    return Brand(stores, numbers, manager)


def roll_up() -> None:
    with connection.cursor() as cursor:
        for rollup in (PURCHASE_DAYS, INTERACTION_DAYS):
            compute_everything(cursor, rollup)


def _moment(chance: random.Random) -> datetime:
    begins = datetime.combine(FIRST, datetime.min.time(), ZONE)
    day = begins + timedelta(days=chance.randrange(DAYS))
    if chance.random() < 0.1:
        return day + timedelta(seconds=chance.choice([0, 1, 86_399]))
    return day + timedelta(seconds=chance.randrange(86_400))


def _clicks(chance: random.Random, members: Sequence[int]) -> None:
    host = LinkHost.objects.create(host="shop.example.com")
    link = TrackedLink.objects.create(
        code="abc", name="海报", target="https://shop.example.com/", host=host, destination="x", created_at=NOW
    )
    LinkClick.objects.bulk_create(
        LinkClick(
            link=link,
            member_id=None if chance.random() < 0.2 else chance.choice(members),
            at=_moment(chance),
            bot="agent" if chance.random() < 0.1 else "",
        )
        for _number in range(400)
    )


class Pandas:
    """Everything read as it stands in the tables of facts; a day is [midnight, midnight) in China."""

    def __init__(self) -> None:
        self.owners = _read("SELECT id AS member, coalesce(merged_into_id, id) AS owner FROM members_member")
        self.people = _read(
            "SELECT id AS owner, registered_at AS at, home_store_id AS store FROM members_member WHERE merged_into_id IS NULL"
        )
        self.orders = self._facts(
            "SELECT member_id AS member, occurred_at AS at, amount, sold, kind FROM timeline_purchase"
        )
        self.acts = self._facts("SELECT member_id AS member, occurred_at AS at FROM timeline_interaction")
        self.touches = self._facts("SELECT member_id AS member, occurred_at AS at FROM timeline_touch")
        self.clicks = _read("SELECT id, member_id AS member, at FROM campaigns_linkclick WHERE bot = ''")
        self.clicks["day"] = _days(self.clicks["at"])
        parts = [frame[["owner", "day"]] for frame in (self.orders, self.acts, self.touches)]
        self.seen = pd.concat(parts).drop_duplicates()
        first = self.seen.groupby("owner")["day"].min()
        known = _days(self.people["at"]).where(self.people["at"].notna())
        self.people["day"] = known.fillna(self.people["owner"].map(first))

    def _facts(self, sql: str) -> pd.DataFrame:
        frame = _read(sql).merge(self.owners, on="member")
        frame["day"] = _days(frame["at"])
        return frame

    def within(self, frame: pd.DataFrame, first: date, last: date, only: set[int] | None = None) -> pd.DataFrame:
        found = frame[(frame["day"] >= first) & (frame["day"] <= last)]
        return found if only is None else found[found["owner"].isin(only)]

    def of_store(self, *stores: int) -> set[int]:
        return set(self.people[self.people["store"].isin(stores)]["owner"])

    def metric(self, code: str, day: date, only: set[int] | None = None) -> Decimal | None:
        month = day - timedelta(days=29)
        orders = self.within(self.orders, month, day, only)
        active = self.within(self.seen, month, day, only)["owner"].nunique()
        match code:
            case "interactions_per_member":
                return ratio(len(self.within(self.acts, month, day, only)), active)
            case "arpu":
                return ratio(sum(orders["amount"]), active)
            case "average_order_value":
                before = self.within(self.orders, month - timedelta(days=30), month - timedelta(days=1), only)
                now, base = (ratio(sum(each["amount"]), int(_sold(each).sum())) for each in (orders, before))
                return None if now is None or not base or base <= 0 else now / base - 1
            case "retention_30d":
                return self.retention(day, only)
            case "click_to_order_rate":
                return self.click_to_order(day)
        return None

    def retention(self, day: date, only: set[int] | None = None) -> Decimal | None:
        """Of those who came on one of the 30 days whose 36 days are over at the end of `day`."""
        came = self.within(self.people, day - timedelta(days=65), day - timedelta(days=36), only)
        back = sum(
            bool(
                (
                    (self.seen["owner"] == owner)
                    & (self.seen["day"] >= on + timedelta(days=30))
                    & (self.seen["day"] <= on + timedelta(days=36))
                ).any()
            )
            for owner, on in zip(came["owner"], came["day"], strict=True)
        )
        return ratio(back, len(came))

    def click_to_order(self, day: date) -> Decimal | None:
        chosen = self.clicks[
            (self.clicks["day"] >= day - timedelta(days=36)) & (self.clicks["day"] <= day - timedelta(days=7))
        ]
        known = chosen[chosen["member"].notna()]
        owned = 0
        for order in self.orders[_sold(self.orders)].itertuples():
            hers = self.clicks[(self.clicks["member"] == order.member) & (self.clicks["at"] <= order.at)]
            if hers.empty:
                continue
            last = hers.sort_values(["at", "id"]).iloc[-1]
            owned += last["id"] in set(known["id"]) and order.at < last["at"] + timedelta(hours=168)
        return ratio(owned, len(known))


def ratio(above: Decimal | int, below: int) -> Decimal | None:
    return Decimal(above) / below if below else None


def _sold(orders: pd.DataFrame) -> "pd.Series[bool]":
    return (orders["kind"] == "order") & orders["sold"]


def _days(moments: "pd.Series[pd.Timestamp]") -> "pd.Series[date]":
    return pd.to_datetime(moments, utc=True).dt.tz_convert(ZONE).dt.date


def _read(sql: str) -> pd.DataFrame:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return pd.DataFrame(cursor.fetchall(), columns=[column.name for column in cursor.description])
