"""The pages of the three levels: figures, scope, few queries, bad input."""

from datetime import timedelta
from typing import Any

import pandas as pd
import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.enums import Role
from accounts.models import Store, User
from dashboards.models import MetricDefinition, Snapshot
from dashboards.pages.metric_words import said
from dashboards.selectors import members_behind
from dashboards.selectors.cohorts import purchase_cohorts, registration_cohorts
from dashboards.services import measuring
from dashboards.services.cohorts import count_cohorts
from dashboards.services.metrics import create_metric
from dashboards.services.snapshots import take_snapshots
from members.models import Member
from segments.errors import AudienceTooSlow
from segments.models import Audience
from tests.brand import administrator, signed_in
from tests.dashboards.brand import LAST, NOW, Brand, Pandas, found
from timeline.models import member_slices

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
RESULTS = "/admin/results/"
ARPU = "/admin/results/metrics/arpu/"
FORM = {
    "level": "conversion",
    "name_zh": "人均订单",
    "formula": "orders / active_members",
    "window_days": "30",
    "comparison": "none",
    "unit": "number",
    "good_side": "higher",
    "low": "1.5",
    "tolerance": "10",
    "position": "70",
    "is_active": "1",
}


@pytest.fixture
def brand() -> Any:
    with time_machine.travel(NOW, tick=False):
        made = found()
        days = [LAST - 7 * back * DAY for back in range(3)] + [LAST - 30 * DAY]
        for day in days:
            take_snapshots(first=day, last=day, by=None, now=NOW)
        count_cohorts(now=NOW)
        yield made


@pytest.fixture
def client() -> Client:
    return signed_in(administrator(), "en")


def lines_of(response: Any) -> dict[str, Any]:
    return {row.line.metric.code: row for _level, rows in response.context["levels"] for row in rows}


def test_results_show_what_pandas_says(brand: Brand, client: Client) -> None:
    response = client.get(RESULTS)
    told, rows = Pandas(), lines_of(response)
    assert list(rows) == list(MetricDefinition.objects.values_list("code", flat=True))
    for code, row in rows.items():
        expected = told.metric(code, LAST)
        shown = said(row.line.metric, expected)
        assert (code, row.value) == (code, shown)
        if expected is not None:
            assert f"<b>{shown}</b>" in response.content.decode()
    assert "Messages are not sent from here yet" in response.content.decode()


def queries_of(client: Client, page: str, query: dict[str, str]) -> list[str]:
    """What a page asks the database, once what a process asks but once is known."""
    client.get(page, query)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(page, query).status_code == 200
    return [each["sql"][:120] for each in captured]


def test_three_levels_take_at_most_ten_queries_and_the_page_of_a_metric_thirteen(brand: Brand, client: Client) -> None:
    """Of everybody, of a part, as a file; for a manager; each metric's own page, by whatever it is split.

    That one reads the choices of five kinds of parts.
    """
    several = Audience.objects.create(name="门店一", rule={"filter": {"store": [brand.stores[0].code]}})
    take_snapshots(first=LAST, last=LAST, by=None, now=NOW, again=True)
    store, audience = ({"by": "store", "of": str(brand.stores[0].pk)}, {"by": "audience", "of": str(several.pk)})
    manager = signed_in(brand.manager, "en")
    asked = [(who, RESULTS, query) for who in (client, manager) for query in ({}, store, {"format": "csv"})]
    asked += [(client, RESULTS, {"by": "tier", "of": "new"}), (client, RESULTS, audience)]
    for code in MetricDefinition.objects.values_list("code", flat=True):
        page = f"{RESULTS}metrics/{code}/"
        asked += [(client, page, {"split": each.code}) for each in member_slices]
        asked += [(client, page, {}), (client, page, store), (client, page, audience), (manager, page, {})]
    over = {
        (page, str(query)): queries
        for who, page, query in asked
        if len(queries := queries_of(who, page, query)) > (10 if page == RESULTS else 13)
    }
    assert over == {}


def test_more_metrics_and_stores_take_no_more_queries(brand: Brand, client: Client) -> None:
    few = queries_of(client, RESULTS, {})
    for number in range(20):
        values = {"level": "operations", "name_zh": f"指标{number}", "formula": "orders", "window_days": 7}
        create_metric(code=f"more{number}", values=values, by=None, now=NOW)
        Store.objects.create(region=brand.stores[0].region, code=f"more{number}", name=f"更多{number}")
    take_snapshots(first=LAST, last=LAST, by=None, now=NOW)
    assert len(queries_of(client, RESULTS, {})) == len(few)


def test_manager_sees_the_sum_of_her_stores_alone(brand: Brand) -> None:
    client, told = signed_in(brand.manager, "en"), Pandas()
    own = told.of_store(*(store.pk for store in brand.stores[:2]))
    rows = lines_of(client.get(RESULTS))
    metric = MetricDefinition.objects.get(code="arpu")
    assert rows["arpu"].value == said(metric, told.metric("arpu", LAST, own))
    one = lines_of(client.get(RESULTS, {"by": "store", "of": str(brand.stores[0].pk)}))
    assert one["arpu"].value == said(metric, told.metric("arpu", LAST, told.of_store(brand.stores[0].pk)))
    for query in ({"by": "store", "of": str(brand.stores[2].pk)}, {"by": "tier", "of": "new"}, {"by": "x", "of": "y"}):
        for page in (RESULTS, ARPU, f"{ARPU}members/"):
            assert client.get(page, query).status_code == 404
    page = client.get(ARPU)
    assert [row.name for row in page.context["rows"]] == [store.name for store in brand.stores[:2]] or len(
        page.context["rows"]
    ) == 2
    assert [each.code for each in page.context["splits"]] == ["store"]


def test_metric_page_and_files_show_the_same_figures(brand: Brand, client: Client) -> None:
    response = client.get(ARPU, {"split": "store"})
    row = Snapshot.objects.get(metric__code="arpu", day=LAST, slice="all")
    assert response.context["value"] == said(row.metric, row.value)
    assert {row.name for row in response.context["rows"]} == {store.name for store in brand.stores}
    trend = client.get(ARPU, {"format": "csv", "chart": "trend"}).content.decode("utf-8-sig").splitlines()
    assert len(trend) == 1 + 4
    assert trend[-1].split(",")[:3] == [str(LAST), str(row.value), str(row.sample)]
    split = (
        client.get(ARPU, {"format": "csv", "chart": "split", "split": "store"}).content.decode("utf-8-sig").splitlines()
    )
    assert len(split) == 4
    everything = client.get(RESULTS, {"format": "csv"}).content.decode("utf-8-sig").splitlines()
    assert len(everything) == 7


def test_members_behind_a_figure_are_those_that_pandas_finds(brand: Brand, client: Client) -> None:
    told, month = Pandas(), LAST - 29 * DAY
    spent = told.within(told.orders, month, LAST).groupby("owner")["amount"].sum()
    expected = sorted(((value, -owner) for owner, value in spent.items() if value), reverse=True)
    response = client.get(f"{ARPU}members/", {"fact": "revenue"})
    shown = [member.pk for member, _value, _negative in response.context["rows"]]
    assert shown == [-owner for _value, owner in expected][:50]
    following = client.get(f"{ARPU}members/", {"fact": "revenue", "after": response.context["after"]})
    assert [member.pk for member, _value, _negative in following.context["rows"]] == [
        -owner for _value, owner in expected
    ][50:]


def test_members_behind_stay_within_the_scope_and_masked(brand: Brand) -> None:
    rows = signed_in(brand.manager).get(f"{ARPU}members/").context["rows"]
    stores = {store.pk for store in brand.stores[:2]}
    assert rows
    assert {member.home_store_id for member, _value, _negative in rows} <= stores
    analyst = User.objects.create_user("analyst", role=Role.ANALYST, is_staff=True)
    rows = signed_in(analyst).get(f"{ARPU}members/").context["rows"]
    assert rows
    assert all(member.masks_name for member, _value, _negative in rows)
    of_store = signed_in(analyst).get(f"{ARPU}members/", {"by": "store", "of": str(brand.stores[2].pk)}).context["rows"]
    assert {member.home_store_id for member, _value, _negative in of_store} == {brand.stores[2].pk}


@pytest.mark.parametrize(
    "query", [{"after": "x:y"}, {"after": "1:9999999999999999999"}, {"fact": "nonsense"}, {"after": "NaN:1"}]
)
def test_members_behind_take_nonsense_as_the_first_page(brand: Brand, client: Client, query: dict[str, str]) -> None:
    assert client.get(f"{ARPU}members/", query).status_code == 200


def test_pages_without_any_day_say_what_to_do(client: Client) -> None:
    assert "No day has been measured yet" in client.get(RESULTS).content.decode()
    assert "No day has been measured yet" in client.get(ARPU).content.decode()
    assert "No month has been measured to its end yet" in client.get(f"{RESULTS}report/").content.decode()
    assert client.get(f"{ARPU}members/").status_code == 404
    assert client.get("/admin/results/metrics/none/").status_code == 404


def test_metric_is_looked_at_before_it_is_kept(brand: Brand, client: Client) -> None:
    page, typed = f"{RESULTS}new-metric/", {**FORM, "code": "orders_each", "act": "preview"}
    response = client.post(page, typed)
    seen = response.context["seen"]
    told = Pandas()
    orders = told.within(told.orders, LAST - 29 * DAY, LAST)
    count = ((orders["kind"] == "order") & orders["sold"]).sum()
    active = told.within(told.seen, LAST - 29 * DAY, LAST)["owner"].nunique()
    assert (len(seen.days), seen.days[0][0], seen.days[0][1]) == (30, LAST, f"{count / active:.1f}")
    assert seen.formula == "orders ÷ members with a fact"
    assert not MetricDefinition.objects.filter(code="orders_each").exists()
    assert client.post(page, {**typed, "act": ""}).status_code == 302
    kept = MetricDefinition.objects.get(code="orders_each")
    assert (kept.formula, str(kept.low), kept.name_zh) == ("orders / active_members", "1.5000", "人均订单")


@pytest.mark.parametrize(
    ("typed", "said_"),
    [
        ({"formula": "orders / actve_members"}, "Do you mean “active_members”?"),
        ({"window_days": "x"}, "A whole number is expected here."),
        ({"window_days": "9" * 5000}, "A whole number is expected here."),
        ({"low": "many"}, "A number is expected here."),
        ({"low": "NaN"}, "A number is expected here."),
        ({"level": "other"}, "Choose one of these."),
        ({"owner": "0"}, "Choose one of these."),
        ({"formula": "1" * 400}, "A formula has at most 300 characters."),
        ({"position": "-1"}, "A whole number is expected here."),
    ],
)
def test_form_keeps_what_was_typed_and_says_what_is_wrong(client: Client, typed: dict[str, str], said_: str) -> None:
    for act in ("", "preview"):
        response = client.post(
            f"{RESULTS}new-metric/", {**FORM, "code": "mine", "name_en": "My own", "act": act, **typed}
        )
        assert response.status_code == 400
        assert said_ in response.content.decode()
        assert 'value="My own"' in response.content.decode()
    assert MetricDefinition.objects.count() == 6


def test_form_of_a_metric_changes_it_with_a_reason(client: Client) -> None:
    page = f"{ARPU}edit/"
    typed = client.get(page).context["typed"]
    assert client.post(page, {**typed, "low": "160"}).status_code == 400
    assert client.post(page, {**typed, "low": "160", "reason": "提价"}).status_code == 302
    assert MetricDefinition.objects.get(code="arpu").low == 160
    stale = client.post(page, {**typed, "low": "170", "reason": "提价"})
    assert stale.status_code == 409
    assert "Somebody changed this metric since you opened it." in stale.content.decode()
    share = client.get(f"{RESULTS}metrics/retention_30d/edit/").context["typed"]
    assert (share["low"], share["tolerance"]) == ("45", "10")
    assert (
        client.post(f"{RESULTS}metrics/retention_30d/edit/", {**share, "low": "50", "reason": "更高"}).status_code
        == 302
    )
    assert str(MetricDefinition.objects.get(code="retention_30d").low) == "0.5000"


def test_settings_are_for_who_sets_metrics(client: Client) -> None:
    page = client.get(f"{RESULTS}metrics/").content.decode()
    assert "net revenue ÷ members with a fact" in page
    assert "credited_orders" in page
    for role, expected in ((Role.ANALYST, (200, 403)), (Role.STORE_MANAGER, (403, 403)), (Role.MARKETER, (200, 200))):
        user = signed_in(User.objects.create_user(role, role=role, is_staff=True))
        assert (user.get(f"{RESULTS}metrics/").status_code, user.get(f"{ARPU}edit/").status_code) == expected


def test_report_of_a_month_says_what_changed_and_what_to_do(brand: Brand, client: Client) -> None:
    take_snapshots(first=LAST.replace(day=1) - DAY, last=LAST.replace(day=1) - DAY, by=None, now=NOW)
    response = client.get(f"{RESULTS}report/")
    assert str(response.context["month"]) == "2026-09"
    told = Pandas()
    orders = told.within(told.orders, LAST.replace(day=1), LAST)
    totals = {str(label): value for label, value, _change in response.context["totals"]}
    assert totals["Net revenue (¥)"] == sum(orders["amount"])
    assert totals["Members who bought"] == orders[(orders["kind"] == "order") & orders["sold"]]["owner"].nunique()
    assert [str(month) for month in response.context["months"]][:2] == ["2026-09", "2026-08"]
    entries = {each.metric.code: each for _level, found_ in response.context["levels"] for each in found_}
    for code, entry in entries.items():
        assert entry.value == said(entry.metric, told.metric(code, LAST))
    page = response.content.decode()
    assert "Report of September 2026" in page or "Report of Sep" in page
    assert "by the nightly run" in page
    outside = [each.metric.code for each in response.context["outside"]]
    assert set(outside) <= set(entries)
    assert client.get(f"{RESULTS}report/", {"month": "2026-08"}).context["month"].first.month == 8
    for month in ("2026-10", "1999-01", "x", "2026-13"):
        answer = client.get(f"{RESULTS}report/", {"month": month})
        assert answer.status_code == 404
        assert "There is no report of" in answer.content.decode()


def test_manager_reads_the_report_of_her_stores(brand: Brand) -> None:
    response = signed_in(brand.manager, "en").get(f"{RESULTS}report/", {"month": "2026-09"})
    told = Pandas()
    own = told.of_store(*(store.pk for store in brand.stores[:2]))
    orders = told.within(told.orders, LAST.replace(day=1), LAST)
    bought = orders[orders["owner"].isin(own)]
    assert response.context["totals"][0][1] == sum(bought["amount"])
    assert response.context["lifetime"] is None
    assert Member.objects.visible_to(brand.manager).count() == len(own)


def test_cohort_page_shows_registrations_in_all_its_forms(brand: Brand, client: Client) -> None:
    for query in ({"show": "registered"}, {"show": "registered", "by": "day"}, {"show": "value"}, {}, {"show": "?"}):
        response = client.get(f"{RESULTS}cohorts/", query)
        assert response.status_code == 200
        assert response.context["rows"]
        assert client.get(f"{RESULTS}cohorts/", {**query, "format": "csv"}).status_code == 200
    assert signed_in(brand.manager).get(f"{RESULTS}cohorts/", {"show": "registered"}).context["rows"]


def test_metric_of_a_fact_that_is_gone_is_left_out_and_said(brand: Brand, client: Client) -> None:
    metric = create_metric(
        code="gone", values={"level": "operations", "name_zh": "旧", "formula": "revenue"}, by=None, now=NOW
    )
    MetricDefinition.objects.filter(pk=metric.pk).update(formula="revenu")
    take_snapshots(first=LAST, last=LAST, by=None, now=NOW)
    assert "The formula names a fact that there is no more." in client.get(f"{RESULTS}metrics/gone/").content.decode()
    MetricDefinition.objects.filter(pk=metric.pk).update(formula="((")
    assert take_snapshots(first=LAST, last=LAST, by=None, now=NOW, again=True).skipped == ("gone",)
    assert client.get(RESULTS).status_code == 200
    assert client.get(f"{RESULTS}metrics/gone/").status_code == 200


def test_metric_that_divides_by_nothing_is_said_on_every_page(brand: Brand, client: Client) -> None:
    odd = {**FORM, "code": "odd", "formula": "revenue / (orders - orders)"}
    seen = client.post(f"{RESULTS}new-metric/", {**odd, "act": "preview"})
    assert (seen.status_code, {row[3] for row in seen.context["seen"].days}) == (200, {"Nothing to measure"})
    assert client.post(f"{RESULTS}new-metric/", odd).status_code == 302
    take_snapshots(first=LAST, last=LAST, by=None, now=NOW)
    row = lines_of(client.get(RESULTS))["odd"]
    assert (row.value, row.unknown) == ("", "There is nothing in the window to divide by.")
    for page in (RESULTS, f"{RESULTS}metrics/odd/", f"{RESULTS}report/"):
        response = client.get(page)
        assert response.status_code == 200
        assert "There is nothing in the window to divide by." in response.content.decode(), page
    trend = client.get(f"{RESULTS}metrics/odd/", {"format": "csv", "chart": "trend"}).content.decode("utf-8-sig")
    assert trend.splitlines()[-1].split(",")[1] == ""
    assert client.get(f"{RESULTS}metrics/odd/members/").context["rows"]


def test_day_of_a_brand_without_facts_has_reasons_on_the_page_and_no_zero(client: Client) -> None:
    with time_machine.travel(NOW, tick=False):
        take_snapshots(first=LAST, last=LAST, by=None, now=NOW)
        rows = lines_of(client.get(RESULTS))
        assert {row.value for row in rows.values()} == {""}
        assert rows["arpu"].unknown == "No such fact has been recorded yet."
        page = client.get(ARPU).content.decode()
        assert "No such fact has been recorded yet." in page
        assert "¥0" not in page
        assert client.get(f"{ARPU}members/").context["rows"] == []
        assert "Nobody registered in this time" in client.get(f"{RESULTS}cohorts/?show=registered").content.decode()


def test_day_that_was_not_computed_is_a_gap_and_says_so(brand: Brand, client: Client) -> None:
    Snapshot.objects.filter(metric__code="arpu", day__gt=LAST - 10 * DAY).delete()
    row = lines_of(client.get(RESULTS))["arpu"]
    assert (row.value, row.unknown) == ("", "The figures of this day have not been computed yet.")
    trend = client.get(ARPU).context["table"]
    assert [day for day, _figure, _value in trend] == [LAST - 14 * DAY, LAST - 30 * DAY]


@pytest.mark.parametrize("version", ["", "x", "²", "9" * 5000])
def test_version_that_is_none_is_taken_for_an_old_one(client: Client, version: str) -> None:
    page = f"{ARPU}edit/"
    typed = {**client.get(page).context["typed"], "low": "160", "reason": "提价", "version": version}
    assert client.post(page, typed).status_code == 409


@pytest.mark.parametrize("show", ["retention", "value", "registered"])
def test_cohort_page_and_file_show_what_was_measured(brand: Brand, client: Client, show: str) -> None:
    reader = User.objects.get(role=Role.ADMINISTRATOR)
    measured = (registration_cohorts if show == "registered" else purchase_cohorts)(reader, until=LAST)
    frame = measured.value if show == "value" else measured.retention
    rows = client.get(f"{RESULTS}cohorts/", {"show": show}).context["rows"]
    assert [row["size"] for row in rows] == list(measured.size)
    cells = [[None if cell is None else cell["value"] for cell in row["cells"]] for row in rows]
    assert cells == [[None if pd.isna(value) else value for value in frame.loc[key]] for key in measured.size.index]
    text = client.get(f"{RESULTS}cohorts/", {"show": show, "format": "csv"}).content.decode("utf-8-sig").splitlines()
    assert [line.split(",")[1:] for line in text[1:]] == [
        [f"{row['size']}", *("" if value is None else f"{round(value, 4)}" for value in values)]
        for row, values in zip(rows, cells, strict=True)
    ]


def test_file_of_figures_holds_no_formula(brand: Brand, client: Client) -> None:
    Store.objects.filter(pk=brand.stores[0].pk).update(name="=HYPERLINK(1)")
    text = client.get(ARPU, {"format": "csv", "chart": "split", "split": "store"}).content.decode("utf-8-sig")
    assert "\n'=HYPERLINK(1)," in text.replace("\r", "")


def test_reason_that_is_too_long_is_said(client: Client) -> None:
    page = f"{ARPU}edit/"
    typed = client.get(page).context["typed"]
    response = client.post(page, {**typed, "low": "160", "reason": "长" * 301})
    assert response.status_code == 400
    assert "At most 300 characters." in response.content.decode()
    made = client.post(f"{RESULTS}new-metric/", {**FORM, "code": "mine", "reason": "长" * 301})
    assert (made.status_code, MetricDefinition.objects.count()) == (400, 6)


def test_members_behind_a_rate_begin_with_a_fact_that_has_members(brand: Brand, client: Client) -> None:
    response = client.get(f"{RESULTS}metrics/click_to_order_rate/members/")
    assert [code for code, _label in response.context["facts"]] == ["click_orders", "tracked_clicks"]
    assert response.context["fact"] == "tracked_clicks"
    assert response.context["rows"]


def test_members_behind_read_the_facts_of_a_scope_alone(brand: Brand) -> None:
    """What is summed is limited before it is summed: a guide of few does not sum everybody's."""
    with CaptureQueriesContext(connection) as captured:
        rows = signed_in(brand.manager).get(f"{ARPU}members/", {"fact": "revenue"}).context["rows"]
    (statement,) = [query["sql"] for query in captured if "AS told" in query["sql"]]
    assert "told.member_id IN (SELECT id FROM whose)" in statement
    told = Pandas()
    own = told.of_store(*(store.pk for store in brand.stores[:2]))
    spent = told.within(told.orders, LAST - 29 * DAY, LAST, own).groupby("owner")["amount"].sum()
    assert {member.pk for member, _value, _negative in rows} == {owner for owner, value in spent.items() if value}


def test_page_that_counts_too_long_says_so(brand: Brand, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def impatient(*_given: object) -> Any:
        raise AudienceTooSlow

    monkeypatch.setattr(members_behind, "patient", impatient)
    assert "Counting took too long just now." in client.get(f"{ARPU}members/").content.decode()


def test_preview_ends_when_its_time_is_over(brand: Brand, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measuring, "PATIENCE", timedelta())
    typed = {**FORM, "code": "mine", "name_en": "My own", "act": "preview"}
    response = client.post(f"{RESULTS}new-metric/", typed)
    assert response.status_code == 409
    assert "Counting took too long just now." in response.content.decode()
    assert 'value="My own"' in response.content.decode()
