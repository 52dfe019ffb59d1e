"""Every figure of a snapshot is that of an independent computation; what is not known has a reason."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import translation

from audit.models import AuditEntry
from core.services.claims import NUMBER
from dashboards.enums import Lack, Sight
from dashboards.errors import DaysNotValid, SnapshotsRunning
from dashboards.models import ChangedDay, MetricDefinition, Snapshot
from dashboards.selectors.board import Part, figures, lines
from dashboards.services import marks
from dashboards.services import snapshots as services
from dashboards.services.marks import forget_marks, settled_marks
from dashboards.services.metrics import change_metric, create_metric
from dashboards.services.snapshots import TASK, take_due, take_snapshots
from members.models import Member
from segments.models import Audience
from tests.dashboards.brand import FIRST, LAST, NOW, Brand, Pandas, found, roll_up
from tests.segments.facts import Act, Order, add_acts, add_orders, add_touch
from timeline.models import Cursor, PurchaseDay, consumers
from timeline.services import PurchaseLineIn, record_purchases

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
SIX = (
    "interactions_per_member",
    "message_open_rate",
    "click_to_order_rate",
    "average_order_value",
    "arpu",
    "retention_30d",
)
CHECKED = (LAST, LAST - 17 * DAY, date(2026, 6, 30))


@pytest.fixture
def brand() -> Brand:
    return found()


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def metric(code: str) -> MetricDefinition:
    return MetricDefinition.objects.get(code=code)


def stored(code: str, day: date, slice_: str = "all", slice_id: str = "") -> Snapshot:
    return Snapshot.objects.get(metric__code=code, day=day, slice=slice_, slice_id=slice_id)


def close(value: Decimal | None) -> Decimal | None:
    return None if value is None else value.quantize(Decimal("0.000001"))


def test_six_metrics_are_what_pandas_says(brand: Brand) -> None:
    for day in CHECKED:
        take_snapshots(first=day, last=day, by=None, now=NOW)
    told = Pandas()
    for day in CHECKED:
        for code in SIX:
            assert (code, day, stored(code, day).value) == (code, day, close(told.metric(code, day)))
    assert stored("arpu", LAST).value and stored("retention_30d", LAST).value
    assert stored("click_to_order_rate", LAST).sight == Sight.PARTIAL  # somebody unknown clicked too


def test_stores_are_what_pandas_says_alone_and_together(brand: Brand) -> None:
    take_snapshots(first=LAST, last=LAST, by=None, now=NOW)
    told = Pandas()
    for code in ("interactions_per_member", "average_order_value", "arpu", "retention_30d"):
        for store in brand.stores:
            expected = told.metric(code, LAST, told.of_store(store.pk))
            assert stored(code, LAST, "store", str(store.pk)).value == close(expected)
        two = [store.pk for store in brand.stores[:2]]
        part = Part("store", tuple(map(str, two)))
        together = figures([metric(code)], part, [LAST])[metric(code).pk, LAST]
        assert together.value == close(told.metric(code, LAST, told.of_store(*two)))


def test_days_measured_together_are_those_measured_alone(brand: Brand) -> None:
    first = LAST - 34 * DAY
    take_snapshots(first=first, last=LAST, by=None, now=NOW)
    together = list(
        Snapshot.objects.order_by("day", "metric", "slice", "slice_id").values_list(
            "day", "metric", "slice", "slice_id", "value", "facts", "sample"
        )
    )
    Snapshot.objects.all().delete()
    for back in range(34, -1, -1):
        take_snapshots(first=LAST - back * DAY, last=LAST - back * DAY, by=None, now=NOW)
    alone = Snapshot.objects.order_by("day", "metric", "slice", "slice_id")
    assert together == list(alone.values_list("day", "metric", "slice", "slice_id", "value", "facts", "sample"))


def test_what_is_not_known_has_a_reason(brand: Brand) -> None:
    take_snapshots(first=FIRST + 5 * DAY, last=FIRST + 5 * DAY, by=None, now=NOW)
    said = {code: (stored(code, FIRST + 5 * DAY).sight, stored(code, FIRST + 5 * DAY).lack) for code in SIX}
    assert said == {
        "interactions_per_member": (Sight.PARTIAL, Lack.SHORT_WINDOW),
        "message_open_rate": (Sight.MISSING, Lack.NO_SOURCE),
        "click_to_order_rate": (Sight.NOT_DUE, Lack.TOO_YOUNG),
        "average_order_value": (Sight.EMPTY, Lack.NOTHING_TO_DIVIDE),
        "arpu": (Sight.PARTIAL, Lack.SHORT_WINDOW),
        "retention_30d": (Sight.NOT_DUE, Lack.TOO_YOUNG),
    }
    early = FIRST - 20 * DAY
    take_snapshots(first=early, last=early, by=None, now=NOW)
    assert (stored("arpu", early).sight, stored("arpu", early).lack) == (Sight.NOT_DUE, Lack.BEFORE_FACTS)
    assert stored("arpu", early).value is None


def test_brand_without_any_fact_has_reasons_and_no_zeros() -> None:
    take_snapshots(first=LAST, last=LAST, by=None, now=NOW)
    assert set(Snapshot.objects.values_list("value", "slice")) == {(None, "all")}
    assert set(Snapshot.objects.exclude(metric__code="message_open_rate").values_list("lack", flat=True)) == {
        "no_facts"
    }


def test_metric_that_divides_by_nothing_says_so(brand: Brand) -> None:
    create_metric(
        code="odd",
        values={"level": "operations", "name_zh": "怪", "formula": "revenue / (orders - orders)", "window_days": 7},
        by=None,
        now=NOW,
    )
    take_snapshots(first=LAST, last=LAST, by=None, now=NOW)
    assert (stored("odd", LAST).value, stored("odd", LAST).lack) == (None, Lack.NOTHING_TO_DIVIDE)


def test_any_metric_is_added_by_a_row(brand: Brand) -> None:
    create_metric(
        code="browsing",
        values={
            "level": "operations",
            "name_zh": "人均浏览",
            "formula": "(did_browse + did_open) / active_members",
            "window_days": 7,
        },
        by=None,
        now=NOW,
    )
    take_snapshots(first=LAST, last=LAST, by=None, now=NOW)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sum(count) FROM timeline_interactionday WHERE kind IN ('browse', 'open') AND day BETWEEN %s AND %s",
            [LAST - 6 * DAY, LAST],
        )
        (count,) = cursor.fetchone()
    told = Pandas()
    active = told.within(told.seen, LAST - 6 * DAY, LAST)["owner"].nunique()
    assert stored("browsing", LAST).value == close(Decimal(count) / active)


def test_run_goes_on_where_it_was_stopped(brand: Brand) -> None:
    first = LAST - 9 * DAY
    taken = take_snapshots(first=first, last=LAST, by=None, now=NOW)
    Snapshot.objects.filter(day__gt=LAST - 3 * DAY).delete()
    assert take_snapshots(first=first, last=LAST, by=None, now=NOW).days == 3
    assert take_snapshots(first=first, last=LAST, by=None, now=NOW).days == 0
    assert taken.figures == Snapshot.objects.count()
    assert AuditEntry.objects.filter(action="dashboards.take_snapshots").count() == 10 + 3


def test_other_formula_is_computed_anew_and_other_words_are_not(brand: Brand) -> None:
    take_snapshots(first=LAST, last=LAST, by=None, now=NOW)
    arpu = metric("arpu")
    change_metric(metric=arpu, values={"name_zh": "人均收入"}, version=1, reason="好懂", by=None, now=NOW)
    assert take_snapshots(first=LAST, last=LAST, by=None, now=NOW).days == 0
    change_metric(metric=arpu, values={"formula": "revenue / buyers"}, version=2, reason="试", by=None, now=NOW)
    assert figures([metric("arpu")], Part(), [LAST]) == {}  # the old formula's figure is no figure of the new one
    assert take_snapshots(first=LAST, last=LAST, by=None, now=NOW).days == 1
    row = stored("arpu", LAST)
    assert set(row.facts) == {"revenue", "buyers"}


def test_run_in_the_night_makes_good_what_is_missing_and_takes_what_came_late(brand: Brand) -> None:
    assert take_due(now=NOW).days == 13 * 7 + 3
    before = stored("interactions_per_member", LAST).value
    member = Member.objects.filter(merged_into=None).latest("pk").pk
    add_acts([Act(member, NOW - DAY)] * 50)
    roll_up()
    assert take_due(now=NOW).days == 3
    assert stored("interactions_per_member", LAST).value > before


def test_audience_and_tier_are_slices_too(brand: Brand) -> None:
    women = Audience.objects.create(name="门店一", rule={"filter": {"store": [brand.stores[0].code]}})
    take_snapshots(first=LAST - DAY, last=LAST, by=None, now=NOW)
    rows = Snapshot.objects.filter(slice="audience", slice_id=str(women.pk), metric__code="arpu")
    assert [row.day for row in rows] == [LAST]  # who belonged to it a day before, nobody knows
    assert rows[0].value == stored("arpu", LAST, "store", str(brand.stores[0].pk)).value


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        (LAST, NOW.date(), "A day is measured when it is over: choose days before today."),
        (LAST, LAST - DAY, "The first day lies after the last one."),
        (date(2020, 1, 1), LAST, "At most 1500 days are measured at once."),
    ],
)
def test_days_that_cannot_be_measured_are_refused(first: date, last: date, said: str) -> None:
    with pytest.raises(DaysNotValid) as refused:
        take_snapshots(first=first, last=last, by=None, now=NOW)
    assert str(refused.value) == said


def test_command_reports_and_refuses(brand: Brand) -> None:
    out = StringIO()
    call_command("snapshot", "--from", str(LAST - DAY), "--to", str(LAST), "--json", stdout=out)
    assert out.getvalue().startswith('{"from": "2026-09-29", "to": "2026-09-30", "days": 2, "figures": ')
    with pytest.raises(CommandError, match="There is no metric “nothing”"):
        call_command("snapshot", "--to", str(LAST), "--metric", "nothing")
    with pytest.raises(CommandError, match="a day such as 2026-06-18"):
        call_command("snapshot", "--to", "yesterday")


def test_day_without_data_between_others_is_measured_from_its_window(brand: Brand) -> None:
    PurchaseDay.objects.filter(day=LAST).delete()
    take_snapshots(first=LAST, last=LAST, by=None, now=NOW)
    assert stored("arpu", LAST).sight == Sight.OBSERVED


def test_second_run_at_the_same_time_is_refused(brand: Brand) -> None:
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute(f"SELECT pg_advisory_lock({NUMBER})", [f"{TASK}|0"])
            for run in (
                lambda: take_snapshots(first=LAST, last=LAST, by=None, now=NOW),
                lambda: take_due(now=NOW),
            ):
                with pytest.raises(SnapshotsRunning):
                    run()
            cursor.execute("SELECT pg_advisory_unlock_all()")  # of a closed connection the server hears when it may
    finally:
        other.close()
    assert take_snapshots(first=LAST, last=LAST, by=None, now=NOW).days == 1


def of_audience(audience: Audience, day: date) -> tuple[Decimal | None, str]:
    part = Part("audience", (str(audience.pk),), audience.name)
    line = lines([metric("arpu")], part, day)[0]
    return line.latest.value, line.latest.told.lack


def test_figure_of_an_audience_outlives_the_nights_after(brand: Brand) -> None:
    audience = Audience.objects.create(name="门店一", rule={"filter": {"store": [brand.stores[0].code]}})
    take_due(now=NOW)
    before = of_audience(audience, LAST)
    assert before[0]
    take_due(now=NOW + DAY)
    take_due(now=NOW + 2 * DAY)
    assert of_audience(audience, LAST) == before
    assert of_audience(audience, LAST + DAY)[0] is not None


def test_audience_of_a_day_on_which_nobody_counted_it_is_not_known_and_no_zero(brand: Brand) -> None:
    take_snapshots(first=LAST - DAY, last=LAST - DAY, by=None, now=NOW)
    later = Audience.objects.create(name="门店一", rule={"filter": {"store": [brand.stores[0].code]}})
    nobody = Audience.objects.create(name="无人", rule={"filter": {"channel": ["nowhere"]}})
    take_snapshots(first=LAST, last=LAST, by=None, now=NOW)
    assert of_audience(later, LAST - DAY) == (None, Lack.NOT_COMPUTED)
    assert of_audience(nobody, LAST) == (None, Lack.NOTHING_TO_DIVIDE)


def values_of(code: str) -> dict[date, Decimal | None]:
    rows = Snapshot.objects.filter(metric__code=code, slice="all").order_by("day")
    return {row.day: row.value for row in rows}


def seen_by(code: str, rows: str) -> None:
    """Let the follower see these rows, as a batch; the sums are computed as their followers do."""
    follower = consumers.get(code)
    with time_machine.travel(NOW, tick=False), connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS changed_batch")
        cursor.execute(f"CREATE TEMP TABLE changed_batch ON COMMIT DROP AS SELECT * FROM {follower.table} WHERE {rows}")
        follower.handle(cursor, "changed_batch")
    roll_up()


@pytest.mark.parametrize(
    ("code", "metric_code"),
    [
        ("dashboards.changed_interactions", "interactions_per_member"),
        ("dashboards.changed_orders", "arpu"),
        ("dashboards.changed_touches", "arpu"),
    ],
)
def test_fact_that_comes_late_changes_every_day_it_belongs_to(brand: Brand, code: str, metric_code: str) -> None:
    take_due(now=NOW)
    day, before = LAST - 50 * DAY, values_of(metric_code)
    noon = datetime.combine(day, NOW.timetz())
    late = Member.objects.create(name="迟到", registered_at=NOW - 400 * DAY)
    if code == "dashboards.changed_interactions":
        add_acts([Act(late.pk, noon)] * 40)
    elif code == "dashboards.changed_orders":
        add_orders([Order(late.pk, noon, Decimal(5000))])
    else:
        add_touch(late.pk, noon)
    seen_by(code, f"member_id = {late.pk}")
    assert list(ChangedDay.objects.values_list("day", flat=True)) == [day]
    take_due(now=NOW)
    after, told = values_of(metric_code), Pandas()
    assert {each for each, value in before.items() if after[each] != value} == {day + n * DAY for n in range(30)}
    assert all(after[each] == close(told.metric(metric_code, each)) for each in (day, day + 29 * DAY))
    assert not ChangedDay.objects.exists()


def counted(fact: str) -> dict[date, Decimal]:
    rows = Snapshot.objects.filter(slice="all", facts__has_key=fact).order_by("day")
    return {row.day: Decimal(row.facts[fact]) for row in rows}


@pytest.mark.parametrize("back", [60, 120])
@pytest.mark.parametrize("corrected", [False, True])
def test_registration_that_comes_late_changes_every_day_that_tells_of_it(
    brand: Brand, back: int, corrected: bool
) -> None:
    """Of who came the 30 days of the window, of who returned those 36 days later, as far as they are measured."""
    values = {"level": "user_value", "name_en": "Came", "formula": "new_members"}
    create_metric(code="came", values=values, by=None, now=NOW)
    member = Member.objects.create(name="迟到", registered_at=NOW - 390 * DAY)
    take_due(now=NOW)
    before = {fact: counted(fact) for fact in ("new_members", "matured_members")}
    day = LAST - back * DAY
    noon = datetime.combine(day, NOW.timetz())
    if corrected:
        Member.objects.filter(pk=member.pk).update(registered_at=noon)
    else:
        Member.objects.create(name="更迟", registered_at=noon)
    take_due(now=NOW)
    for fact, delay in (("new_members", 0), ("matured_members", 36)):
        after = counted(fact)
        told = {day + (delay + place) * DAY for place in range(30)} & before[fact].keys()
        assert {each for each, value in before[fact].items() if after[each] != value} == told
        assert all(after[each] == before[fact][each] + 1 for each in told)
    assert values_of("retention_30d")[LAST] == close(Pandas().metric("retention_30d", LAST))
    assert not ChangedDay.objects.exists()


def test_facts_of_today_mark_nothing(brand: Brand) -> None:
    member = Member.objects.create(name="今天")
    add_acts([Act(member.pk, NOW)])
    seen_by("dashboards.changed_interactions", f"member_id = {member.pk}")
    assert not ChangedDay.objects.exists()


def test_days_of_members_whose_orders_changed_are_measured_anew(brand: Brand) -> None:
    member = brand.members[1]
    days = set(PurchaseDay.objects.filter(member=member).values_list("day", flat=True))
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO timeline_rebuild (member_id, reason, xid) VALUES (%s, 'test', timeline_xid())", [member]
        )
    seen_by("dashboards.rebuilt_members", f"member_id = {member}")
    assert days
    assert days <= set(ChangedDay.objects.values_list("day", flat=True))


def bought(member: int, at: datetime, product: str) -> PurchaseLineIn:
    return PurchaseLineIn(
        line_no=1,
        member_id=member,
        source="pos",
        order_no="late",
        line_at=at,
        product_code=product,
        product_name=product,
        quantity=Decimal(1),
        unit_price=Decimal(9),
    )


@pytest.mark.parametrize(("hours", "moved"), [(0, False), (1, False), (-30, True)])
def test_completed_order_marks_its_own_day_and_one_that_moved_all_of_the_members(
    brand: Brand, *, hours: int, moved: bool
) -> None:
    """Its own days only: two hundred such members would have every day of the quarter measured anew."""
    member, at = brand.members[1], datetime.combine(LAST - 50 * DAY, NOW.timetz())
    record_purchases(rows=[bought(member, at, "P1")], now=NOW)
    roll_up()
    record_purchases(rows=[bought(member, at + timedelta(hours=hours), "P2")], now=NOW)
    seen_by("dashboards.rebuilt_members", f"member_id = {member}")
    days = set(PurchaseDay.objects.filter(member=member).values_list("day", flat=True))
    assert len(days) > 5
    before = set(ChangedDay.objects.values_list("day", flat=True))
    assert before >= {*days, at.date()} if moved else not before
    seen_by("dashboards.changed_orders", f"member_id = {member} AND order_no = 'late'")
    day = (at + timedelta(hours=min(hours, 0))).date()
    assert set(ChangedDay.objects.values_list("day", flat=True)) == {*before, day}


def test_one_night_measures_so_many_days_anew_and_the_next_one_goes_on(
    brand: Brand, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_due(now=NOW)
    MetricDefinition.objects.exclude(code="arpu").update(is_active=False)
    monkeypatch.setattr(marks, "MOST_DAYS", 35)
    for back in (80, 40, 39):
        ChangedDay.objects.create(day=LAST - back * DAY, at=NOW)
    assert take_due(now=NOW).days == 31 + 3, "30 days for the one, one more for its neighbour, and the last three"
    assert list(ChangedDay.objects.values_list("day", flat=True)) == [LAST - 80 * DAY]
    assert take_due(now=NOW).days == 30 + 3
    assert not ChangedDay.objects.exists()


def test_changed_day_of_a_source_is_measured_anew_for_its_metrics_alone(brand: Brand) -> None:
    take_due(now=NOW)
    Snapshot.objects.update(value=-5)
    day = LAST - 40 * DAY
    ChangedDay.objects.create(source="interactions", day=day, at=NOW)
    take_due(now=NOW)
    anew = {code: [each for each, value in values_of(code).items() if value != -5] for code in ("arpu", SIX[0])}
    last = [LAST - 2 * DAY, LAST - DAY, LAST]
    assert anew == {"arpu": last, SIX[0]: [*(day + n * DAY for n in range(30)), *last]}


def test_marks_wait_until_the_sums_have_followed(brand: Brand) -> None:
    take_due(now=NOW)
    ChangedDay.objects.create(day=LAST - 40 * DAY, at=NOW)
    for code, xid in (("dashboards.changed_orders", 7), ("timeline.purchase_days", 6)):
        Cursor.objects.update_or_create(consumer=code, defaults={"xid": xid, "last_id": 1})
    assert take_due(now=NOW).days == 3
    assert ChangedDay.objects.count() == 1
    Cursor.objects.filter(consumer="timeline.purchase_days").update(xid=7)
    assert take_due(now=NOW).days > 30
    assert not ChangedDay.objects.exists()


def test_day_marked_anew_meanwhile_stays_marked(brand: Brand) -> None:
    ChangedDay.objects.create(day=LAST - 40 * DAY, at=NOW)
    found = settled_marks()
    ChangedDay.objects.update(at=NOW + DAY)
    forget_marks(found)
    assert ChangedDay.objects.count() == 1


def test_every_day_is_a_transaction_of_its_own(brand: Brand, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was measured before a fault stays, and the next run goes on behind it."""
    real, seen = services.told_on, []

    def fails_on_the_third(day: date, *given: Any) -> Any:
        seen.append(day)
        if len(seen) == 3:
            raise RuntimeError("no more")
        return real(day, *given)

    monkeypatch.setattr(services, "told_on", fails_on_the_third)
    first = LAST - 4 * DAY
    with pytest.raises(RuntimeError):
        take_snapshots(first=first, last=LAST, by=None, now=NOW)
    monkeypatch.undo()
    assert set(Snapshot.objects.values_list("day", flat=True)) == {first, first + DAY}
    assert take_snapshots(first=first, last=LAST, by=None, now=NOW).days == 3
