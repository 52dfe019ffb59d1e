"""Cohorts by registration, and by first order, against pandas; a manager's are those of her stores."""

from datetime import date, timedelta

import pandas as pd
import pytest

from accounts.models import User
from dashboards.enums import CohortKind
from dashboards.models import CohortCount
from dashboards.rules.cohorts import last_day_of
from dashboards.selectors.cohorts import counted_until, purchase_cohorts, registration_cohorts
from dashboards.services.cohorts import count_cohorts
from tests.brand import administrator
from tests.dashboards.brand import LAST, NOW, Brand, Pandas, found

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def brand() -> Brand:
    made = found()
    count_cohorts(now=NOW)
    return made


@pytest.fixture(params=["administrator", "manager"])
def reader(request: pytest.FixtureRequest, brand: Brand) -> User:
    return brand.manager if request.param == "manager" else administrator()


def seen_by(told: Pandas, brand: Brand, reader: User) -> set[int]:
    own = told.of_store(*(store.pk for store in brand.stores[:2]))
    return own if reader == brand.manager else set(told.people["owner"])


def share_back(told: Pandas, came: "pd.DataFrame", step: int) -> float:
    back = 0
    for owner, on in zip(came["owner"], came["day"], strict=True):
        days = told.seen[told.seen["owner"] == owner]["day"]
        first = on + timedelta(days=30 * step)
        back += bool(((days >= first) & (days <= first + 6 * DAY)).any())
    return back / len(came)


def test_registration_cohorts_by_month_are_what_pandas_says(brand: Brand, reader: User) -> None:
    told = Pandas()
    table = registration_cohorts(reader, until=LAST)
    people = told.people[told.people["day"].notna() & told.people["owner"].isin(seen_by(told, brand, reader))]
    months = people.groupby(people["day"].map(lambda day: day.replace(day=1)))
    assert table.size.to_dict() == months.size().to_dict()
    for month, came in months:
        for step in table.retention.columns:
            cell = table.retention.loc[month, step]
            if last_day_of(month) + timedelta(days=30 * step + 6) <= LAST:
                assert cell == pytest.approx(share_back(told, came, step))
            else:
                assert pd.isna(cell)
    assert list(table.retention.columns) == [1, 2, 3, 4, 5]


def test_registration_cohorts_by_day_are_what_pandas_says(brand: Brand, reader: User) -> None:
    told = Pandas()
    last = LAST - 36 * DAY
    table = registration_cohorts(reader, until=LAST, by_day=True)
    came = told.within(told.people, last - 59 * DAY, last, seen_by(told, brand, reader))
    assert table.size.to_dict() == came.groupby("day").size().to_dict()
    for day, those in came.groupby("day"):
        assert table.retention.loc[day, 1] == pytest.approx(share_back(told, those, 1))


def test_purchase_cohorts_are_what_pandas_says(brand: Brand, reader: User) -> None:
    told = Pandas()
    table = purchase_cohorts(reader, until=LAST)
    orders = told.orders.assign(month=[pd.Period(day, freq="M") for day in told.orders["day"]])
    orders = orders[orders["owner"].isin(seen_by(told, brand, reader))]
    sold = orders[(orders["kind"] == "order") & orders["sold"]]
    cohort = sold.groupby("owner")["month"].min()
    assert table.size.to_dict() == cohort.value_counts().sort_index().to_dict()
    for month in table.size.index:
        hers = cohort[cohort == month].index
        for age in table.retention.columns:
            then = month + age
            if then > pd.Period(LAST, freq="M"):
                continue
            bought = sold[(sold["owner"].isin(hers)) & (sold["month"] == then)]["owner"].nunique()
            assert table.retention.loc[month, age] == pytest.approx(bought / len(hers))
            brought = orders[(orders["owner"].isin(hers)) & (orders["month"] >= month) & (orders["month"] <= then)]
            assert table.value.loc[month, age] == pytest.approx(float(brought["amount"].sum()) / len(hers))


def test_cohorts_of_nobody_are_empty() -> None:
    found()
    count_cohorts(now=NOW)
    lost = User.objects.create_user("lost", role="store_manager", is_staff=True)
    table = registration_cohorts(lost, until=LAST)
    assert table.size.empty
    assert table.retention.empty
    assert purchase_cohorts(lost, until=LAST).size.empty


def test_cohorts_are_counted_anew_each_night() -> None:
    assert (count_cohorts(now=NOW), counted_until(CohortKind.ORDER)) == (0, None)
    found()
    rows = count_cohorts(now=NOW)
    assert count_cohorts(now=NOW) == rows == CohortCount.objects.count()
    count_cohorts(now=NOW + DAY)
    assert set(CohortCount.objects.values_list("day", flat=True)) == {LAST + DAY}
    assert {counted_until(kind) for kind in CohortKind} == {LAST + DAY}


def test_months_are_the_last_24_and_a_running_one_is_no_whole_one() -> None:
    found()
    count_cohorts(now=NOW - DAY)  # of September, all but its last day
    admin = administrator()
    table = purchase_cohorts(admin, until=LAST - DAY)
    assert table.retention.loc["2026-03"].notna().sum() == 6  # March to August
    assert registration_cohorts(admin, until=LAST - DAY).size.index[-1] == date(2026, 9, 1)
    count_cohorts(now=NOW + 731 * DAY)
    later = registration_cohorts(admin, until=LAST + 731 * DAY)
    assert not len(later.size)
