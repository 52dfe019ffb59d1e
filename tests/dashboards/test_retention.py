"""30-day retention is one figure, wherever it stands: metric, cohorts, team; and each page says what it counts."""

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db.models import Sum

from accounts.enums import Role
from accounts.models import User
from dashboards.models import MetricDefinition, Snapshot, TeamFigures
from dashboards.selectors.cohorts import registration_cohorts
from dashboards.services.cohorts import count_cohorts
from dashboards.services.snapshots import take_snapshots
from dashboards.services.teams import count_teams
from tests.brand import administrator, signed_in
from tests.dashboards.brand import LAST, NOW, Pandas, found

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
#: The 30 days of coming whose 36th day after lies in the window of the metric.
FIRST_CAME, LAST_CAME = LAST - 65 * DAY, LAST - 36 * DAY


def of_metric(store: int | None = None) -> tuple[int, int]:
    row = Snapshot.objects.get(
        metric__code="retention_30d", day=LAST, slice="store" if store else "all", slice_id=f"{store or ''}"
    )
    return int(row.facts["matured_members"]), int(row.facts["returned_members"])


def of_cohorts(store: int | None = None) -> tuple[int, int]:
    reader = User.objects.create_user(f"of{store}", role=Role.STORE_MANAGER if store else Role.ADMINISTRATOR)
    reader.stores.set([store] if store else [])
    table = registration_cohorts(reader, until=LAST, by_day=True)
    size = table.size.loc[FIRST_CAME:LAST_CAME]
    return int(size.sum()), round(float((table.retention[1].loc[FIRST_CAME:LAST_CAME] * size).sum()))


def of_team(store: int | None = None) -> tuple[int, int]:
    rows = TeamFigures.objects.filter(day=LAST, **({"store": store} if store else {}))
    sums = rows.aggregate(came=Sum("joined_then"), back=Sum("retained"))
    return sums["came"], sums["back"]


def test_retention_is_one_figure_in_metric_cohorts_and_team() -> None:
    brand = found()
    take_snapshots(first=LAST, last=LAST, by=None, now=NOW)
    count_teams(now=NOW)
    count_cohorts(now=NOW)
    told = Pandas()
    for store in (None, *(shop.pk for shop in brand.stores)):
        came, back = of_metric(store)
        assert of_cohorts(store) == of_team(store) == (came, back)
        only = told.of_store(store) if store else None
        assert told.retention(LAST, only) == Decimal(back) / came
    assert of_metric()[1] > 5


def test_each_page_says_what_it_counts() -> None:
    with time_machine.travel(NOW, tick=False):
        found()
        take_snapshots(first=LAST, last=LAST, by=None, now=NOW)
        count_teams(now=NOW)
        client = signed_in(administrator(), "en")
        metric = MetricDefinition.objects.get(code="retention_30d")
        pages = {
            "/admin/results/metrics/retention_30d/": metric.words_en,
            "/admin/results/cohorts/?show=registered": "how many had a purchase, an interaction or a touch 30 to 36 days",
            "/admin/results/cohorts/": "After the first order, by month",
            "/admin/results/team/": "the share with a purchase, an interaction or a touch 30 to 36 days after.",
        }
        for page, words in pages.items():
            assert words in client.get(page).content.decode(), page
