"""City tiers and what they buy: against pandas over the lines, at small samples, and where the difference is certain."""

import csv
from datetime import timedelta
from math import isclose, sqrt
from typing import Any

import pandas as pd
import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Role
from accounts.models import User
from dashboards.models import InsightSettings, PreferenceCell
from dashboards.rules.preferences import BUYERS, SPEND, Sums, preference
from dashboards.selectors.preferences import preferences_for
from dashboards.services.preferences import count_preferences
from tests.brand import administrator, signed_in
from tests.dashboards import lively

DAY = timedelta(days=1)
LINES = """
    SELECT m.id AS member, p.category, l.amount, l.quantity, l.occurred_at AS at, coalesce(c.tier, '') AS tier,
        m.home_store_id AS store
    FROM timeline_purchaseline l JOIN timeline_product p ON p.id = l.product_id
    JOIN members_member r ON r.id = l.member_id JOIN members_member m ON m.id = coalesce(r.merged_into_id, r.id)
    LEFT JOIN members_city c ON c.id = m.city_id
"""


def lines(brand: lively.Brand) -> pd.DataFrame:
    """Of the last 365 whole days, in the amounts of floats."""
    known = lively.frame(LINES)
    known["day"] = lively.local_days(known["at"])
    last = pd.Timestamp(timezone.localdate(brand.now)) - DAY
    known["amount"] = known["amount"].astype(float)
    return known[(known["day"] <= last) & (known["day"] > last - 365 * DAY)]


def marketer() -> User:
    return User.objects.create_user("m", role=Role.MARKETER, is_staff=True)


@pytest.mark.django_db
@pytest.mark.parametrize("merged", [False, True])
def test_every_share_equals_pandas(merged: bool) -> None:
    brand = lively.found()
    if merged:
        lively.merge_some(brand)
    count_preferences(now=brand.now)
    known = lines(brand)
    buyers = known.groupby("tier")["member"].nunique()
    for of in (BUYERS, SPEND):
        found = preferences_for(marketer() if of == BUYERS else User.objects.get(username="m"), of=of, least=1)
        assert found is not None
        assert {tier: found.bases[tier].buyers for tier in found.tiers} == buyers.to_dict()
        assert set(found.categories) == set(lively.CATEGORIES)
        for (tier, category), cell in found.cells.items():
            of_tier = known[known["tier"] == tier]
            of_cell = of_tier[of_tier["category"] == category]
            assert cell.buyers == of_cell["member"].nunique()
            assert isclose(cell.spend, of_cell["amount"].sum())
            whole = of_tier["member"].nunique() if of == BUYERS else of_tier["amount"].sum()
            part = of_cell["member"].nunique() if of == BUYERS else of_cell["amount"].sum()
            assert isclose(cell.share or 0, part / whole)
            everybody = known[known["category"] == category]
            average = (
                everybody["member"].nunique() / known["member"].nunique()
                if of == BUYERS
                else everybody["amount"].sum() / known["amount"].sum()
            )
            assert isclose(cell.index or 0, 100 * part / whole / average)


@pytest.mark.django_db
def test_spread_of_a_share_of_spend_equals_that_over_members() -> None:
    brand = lively.found()
    count_preferences(now=brand.now)
    found = preferences_for(marketer(), of=SPEND, least=1)
    assert found is not None
    known = lines(brand)
    tier, category = found.tiers[0], "面霜"
    of_tier = known[known["tier"] == tier]
    x = of_tier.groupby("member")["amount"].sum()
    y = of_tier[of_tier["category"] == category].groupby("member")["amount"].sum().reindex(x.index, fill_value=0.0)
    ratio = y.sum() / x.sum()
    half = 1.959964 * sqrt(((y - ratio * x) ** 2).sum()) / x.sum()
    interval = found.cells[tier, category].interval
    assert interval is not None
    assert interval == pytest.approx((ratio - half, ratio + half))


@pytest.mark.django_db
def test_few_buyers_are_a_word() -> None:
    brand = lively.found(members=60)
    count_preferences(now=brand.now)
    least = InsightSettings.objects.get().least_buyers
    found = preferences_for(marketer(), of=BUYERS, least=least)
    assert found is not None
    for tier in found.tiers:
        shown = {found.cells[tier, category].share is not None for category in found.categories}
        assert shown == {found.bases[tier].buyers >= least}


@pytest.mark.django_db
def test_manager_sees_her_stores_and_a_guide_nothing() -> None:
    brand = lively.found()
    count_preferences(now=brand.now)
    manager = User.objects.create_user("sm", role=Role.STORE_MANAGER, is_staff=True)
    manager.stores.add(brand.stores[1])
    found = preferences_for(manager, of=BUYERS, least=1)
    assert found is not None
    known = lines(brand)
    own = known[known["store"] == brand.stores[1].pk]
    assert {tier: sums.buyers for tier, sums in found.bases.items()} == own.groupby("tier")[
        "member"
    ].nunique().to_dict()
    assert preferences_for(brand.guides[0], of=BUYERS, least=1) is None


@pytest.mark.django_db
def test_counting_again_replaces() -> None:
    brand = lively.found(members=60)
    rows = count_preferences(now=brand.now)
    assert count_preferences(now=brand.now) == rows == PreferenceCell.objects.count()


def sums(buyers: int) -> Sums:
    return Sums(buyers=buyers, spend=float(buyers), squares=float(buyers), products=float(buyers))


def test_difference_is_marked_only_where_it_is_no_chance() -> None:
    """60 of 100 here, 300 of 1,000 in all: certain. 33 of 100: may be chance."""
    certain = preference(sums(60), sums(100), sums(300), sums(1000), of=BUYERS, least=30)
    assert (certain.index, certain.differs) == (pytest.approx(200), 1)
    assert preference(sums(33), sums(100), sums(300), sums(1000), of=BUYERS, least=30).differs == 0
    assert preference(sums(5), sums(100), sums(300), sums(1000), of=BUYERS, least=30).differs == -1


def test_there_is_no_difference_without_others_to_differ_from() -> None:
    alone = preference(sums(50), sums(100), sums(50), sums(100), of=BUYERS, least=30)
    assert (alone.index, alone.differs) == (100, 0)


def test_nothing_spent_has_no_share() -> None:
    given_back = Sums(buyers=40, spend=-5.0, squares=1.0, products=1.0)
    assert preference(given_back, given_back, sums(50), sums(100), of=SPEND, least=30).share is None


@pytest.mark.django_db
@pytest.mark.parametrize("show", ["buyers", "spend"])
def test_page_and_file_show_the_same(show: str) -> None:
    brand = lively.found()
    InsightSettings.objects.update(least_buyers=5)
    client = signed_in(administrator(), "en")
    page = reverse("dashboards:preferences")
    assert "No preferences counted yet" in client.get(page).content.decode()
    assert client.get(page, {"format": "csv"}).content.decode("utf-8-sig").count("\n") == 1
    count_preferences(now=brand.now)
    response = client.get(page, {"show": show})
    rows: list[Any] = response.context["rows"]
    assert len(rows) == len(response.context["found"].tiers)
    text = client.get(page, {"show": show, "format": "csv"}).content.decode("utf-8-sig")
    file = list(csv.DictReader(text.splitlines()))
    shares = [cell.found.share for row in rows for cell in row.cells]
    assert [float(line["Share"]) for line in file if line["Share"] != "too few"] == [
        round(share, 4) for share in shares if share is not None
    ]
    assert len(file) == len(shares)
