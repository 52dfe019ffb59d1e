"""Gaps that are found, suggestions that fill them, series and templates that are laid whole or not at all."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import InAppNotice
from audit.models import AuditEntry
from content.errors import PlanNotLaid, RulesContradict, RulesNotSaved, SlotInThePast
from content.models import (
    ActiveHours,
    AudienceHours,
    CadenceRule,
    CalendarSettings,
    Festival,
    FestivalTemplate,
    Series,
    Slot,
)
from content.selectors.cadence import gaps, standings, suggestions_for
from content.selectors.calendar import agenda, month, week
from content.services.hours import count_audience_hours
from content.services.measuring import count_active_hours, warn_of_gaps
from content.services.rules import add_brand_date, save_cadence, save_settings, save_targets, switch_festival
from content.services.series import repeat
from content.services.slots import cancel_slot, create_slot
from content.services.template_keeping import Item, save_template
from content.services.templates import lay
from members.models import Member
from segments.models import Audience
from segments.services.audiences import create as create_audience
from tests.content.people import DAY, NOW, local, marketer, slot, type_of
from tests.segments.facts import Act, add_acts, make_members

pytestmark = [pytest.mark.django_db]


def by_name(name: str) -> CadenceRule:
    return CadenceRule.objects.get(name_zh=name)


def test_shipped_cadence_is_three_five_one() -> None:
    found = {each.rule.name_zh: (each.rule.count, each.rule.period, each.missing) for each in standings(at=NOW)}
    assert found == {"干货": (3, "week", 3), "直播": (5, "month", 5), "粉丝节": (1, "quarter", 1)}


def test_gap_is_found_filled_from_a_suggestion_and_gone() -> None:
    slot(at=NOW + DAY)
    slot(at=NOW + 2 * DAY)
    gap = next(each for each in gaps(at=NOW, now=NOW) if each.rule.name_zh == "干货")
    assert (gap.standing.planned, gap.missing) == (2, 1)
    best = suggestions_for(gap.rule, at=NOW, owner=marketer(), now=NOW)[0]
    assert best.at in gap.span
    create_slot(type=gap.rule.type, title="补齐", planned_at=best.at, owner=marketer(), by=marketer(), now=NOW)
    assert "干货" not in [each.rule.name_zh for each in gaps(at=NOW, now=NOW)]


def test_cancelled_slot_opens_the_gap_again() -> None:
    made = slot("fan_festival", at=NOW + 9 * DAY)
    assert "粉丝节" not in [each.rule.name_zh for each in gaps(at=NOW, now=NOW)]
    cancel_slot(slot=made, by=marketer(), now=NOW)
    assert "粉丝节" in [each.rule.name_zh for each in gaps(at=NOW, now=NOW)]


def test_suggestion_follows_the_counted_hours() -> None:
    members = make_members([NOW - 90 * DAY] * 2)
    evening = NOW.replace(hour=13)  # 21:00 in China
    add_acts([Act(member, evening - n * DAY, "open") for member in members for n in range(2, 12)])
    count_active_hours(now=NOW)
    hours = ActiveHours.objects.get().hours
    assert (sum(hours), hours[21]) == (20, 20)
    best = suggestions_for(by_name("干货"), at=NOW, owner=None, now=NOW)[0]
    assert timezone.localtime(best.at).hour == 21


def test_marketers_are_warned_of_a_gap_once_and_only_while_it_is_near() -> None:
    person = marketer()
    assert warn_of_gaps(now=NOW) == 0  # the week ends in six days
    friday = NOW + 5 * DAY
    assert warn_of_gaps(now=friday) == 2  # articles of the week, live sessions of the month
    assert warn_of_gaps(now=friday) == 0
    assert InAppNotice.objects.filter(recipient=person, key__startswith="gap-").count() == 2


def test_each_rule_warns_as_early_as_its_period_asks_and_again_when_more_is_missing() -> None:
    marketer()
    found = {rule.name_zh: rule.warn_days for rule in CadenceRule.objects.all()}
    assert found == {"干货": 2, "直播": 7, "粉丝节": 30}
    CadenceRule.objects.exclude(name_zh="粉丝节").update(is_active=False)
    month_before = datetime(2026, 12, 1, 16, 0, tzinfo=UTC)  # 2 December in China, 30 days before the quarter ends
    assert warn_of_gaps(now=month_before - timedelta(minutes=1)) == 0
    assert warn_of_gaps(now=month_before) == 1
    made = slot("fan_festival", at=month_before + DAY, now=month_before)
    assert warn_of_gaps(now=month_before) == 0
    cancel_slot(slot=made, by=marketer(), now=month_before)
    rule = by_name("粉丝节")
    kept: dict[str, Any] = {"name_zh": rule.name_zh, "name_en": rule.name_en, "type": rule.type, "period": rule.period}
    save_cadence(rule=rule, **kept, count=2, warn_days=40, by=marketer(), now=NOW)
    assert warn_of_gaps(now=month_before) == 1
    with pytest.raises(RulesNotSaved):
        save_cadence(rule=rule, **kept, count=2, warn_days=61, by=marketer(), now=NOW)


def test_rules_that_contradict_are_refused_by_the_name_of_the_other() -> None:
    with pytest.raises(RulesContradict) as refused:
        save_cadence(
            rule=None,
            name_zh="月度干货",
            name_en="Monthly",
            type=type_of("article"),
            count=5,
            period="month",
            by=marketer(),
            now=NOW,
        )
    assert "3" in str(refused.value.message)
    rule = save_cadence(
        rule=None,
        name_zh="月度干货",
        name_en="",
        type=type_of("article"),
        count=12,
        period="month",
        by=marketer(),
        now=NOW,
    )
    assert (rule.name_en, AuditEntry.objects.filter(action="content.cadence.create").count()) == ("月度干货", 1)


@pytest.mark.parametrize(
    "wrong",
    [
        {"count": 0},
        {"count": 100},
        {"period": "day"},
        {"week_starts": 7},
        {"time_zone": "Mars/Base"},
        {"time_zone": "../x"},
        {"name_zh": " "},
    ],
)
def test_cadence_rule_that_makes_no_sense_is_refused(wrong: dict[str, object]) -> None:
    values = {"name_zh": "干货", "name_en": "Posts", "type": type_of("article"), "count": 4, "period": "week"}
    with pytest.raises(RulesNotSaved):
        save_cadence(rule=by_name("干货"), **(values | wrong), by=marketer(), now=NOW)  # type: ignore[arg-type]
    assert by_name("干货").count == 3


def test_targets_and_settings_are_checked() -> None:
    with pytest.raises(RulesNotSaved):
        save_targets(type=type_of("article"), targets={"read_through": Decimal("1.2")}, by=None, now=NOW)
    save_targets(type=type_of("article"), targets={"read_through": Decimal("0.7")}, by=None, now=NOW)
    assert [target.metric for target in type_of("article").targets.all()] == ["read_through"]
    with pytest.raises(RulesNotSaved):
        save_settings(send_windows=[], missed_hours=0, by=None, now=NOW)
    assert CalendarSettings.objects.get().missed_hours == 24


def test_series_repeats_at_the_same_hour() -> None:
    slots = repeat(
        type=type_of("live"),
        title="周五直播",
        first_at=NOW + 4 * DAY,
        every_days=7,
        times=3,
        owner=marketer(),
        by=marketer(),
        now=NOW,
    )
    assert [local(each.planned_at) for each in slots] == [
        "2026-11-27T10:00:00+08:00",
        "2026-12-04T10:00:00+08:00",
        "2026-12-11T10:00:00+08:00",
    ]
    assert {each.series_id for each in slots} == {Series.objects.get().pk}


def test_series_that_cannot_be_laid_leaves_nothing() -> None:
    for wrong in ({"times": 0}, {"times": 61}, {"every_days": 0}):
        values = {"every_days": 7, "times": 3} | wrong
        with pytest.raises(PlanNotLaid):
            repeat(
                type=type_of("live"), title="x", first_at=NOW + DAY, owner=marketer(), by=marketer(), now=NOW, **values
            )
    with pytest.raises(SlotInThePast):
        repeat(
            type=type_of("live"),
            title="x",
            first_at=NOW - DAY,
            every_days=7,
            times=3,
            owner=marketer(),
            by=marketer(),
            now=NOW,
        )
    assert (Slot.objects.count(), Series.objects.count()) == (0, 0)


def test_template_is_laid_back_from_the_lunar_day() -> None:
    template = FestivalTemplate.objects.get(name_zh="新春年货")
    laid = lay(template=template, year=2027, owner=marketer(), by=marketer(), now=NOW)
    days = [timezone.localdate(each.planned_at) for each in laid.slots]
    spring = date(2027, 2, 6)
    assert [(day - spring).days for day in days] == [-14, -10, -7, -5, -3, -1]
    assert {each.source_kind for each in laid.slots} == {"festival"}
    assert laid.past == 0


def test_template_leaves_out_days_that_are_over_and_is_laid_once() -> None:
    template = FestivalTemplate.objects.get(name_zh="双12 返场")
    late = NOW + 15 * DAY  # 8 December
    laid = lay(template=template, year=2026, owner=marketer(), by=marketer(), now=late)
    assert (len(laid.slots), laid.past) == (4, 1)
    for year in (2026, 2025, 1900, 99999):
        with pytest.raises(PlanNotLaid):
            lay(template=template, year=year, owner=marketer(), by=marketer(), now=late)
    assert Slot.objects.count() == 4


def test_brand_date_stands_in_the_calendar_until_it_is_switched_off() -> None:
    day = date(2026, 11, 18)
    festival = add_brand_date(name_zh="品牌日", name_en="", day=day, yearly=True, length=2, by=marketer(), now=NOW)
    cells = {cell.day: cell for cell in month(at=day).days}
    assert [each.name_zh for each in cells[day].begins] == ["品牌日"]
    assert [each.name_zh for each in cells[day + timedelta(days=1)].goes_on] == ["品牌日"]
    switch_festival(festival=festival, is_active=False, by=marketer(), now=NOW)
    assert [cell for cell in month(at=day).days if festival in cell.begins] == []
    assert Festival.objects.filter(kind="brand").count() == 1


def test_calendar_shows_whole_weeks_and_only_what_was_asked_for() -> None:
    article, live = slot(at=NOW + DAY), slot("live", at=NOW + 2 * DAY)
    shown = month(at=date(2026, 11, 23))
    assert (shown.days[0].day, shown.days[-1].day) == (date(2026, 10, 26), date(2026, 12, 6))
    assert shown.slots == [article, live]
    assert month(at=date(2026, 11, 1), type_id=live.type_id).slots == [live]
    assert month(at=date(2026, 11, 1), owner_id=0).slots == []
    assert [cell.day for cell in week(at=date(2026, 11, 25)).days] == [
        date(2026, 11, 23) + timedelta(days=n) for n in range(7)
    ]
    assert [cell.day.day for cell in agenda(at=date(2026, 11, 1)).days] == [11, 24, 25]
    assert "双11" in [festival.name_zh for cell in shown.days for festival in cell.begins]


def item(**values: Any) -> Item:
    given = {"days": -7, "time": time(20), "type": type_of("live"), "title_zh": "预热直播", "title_en": "Warm-up"}
    return Item(**{**given, **values})


def test_template_is_made_changed_and_retired() -> None:
    festival = Festival.objects.get(code="618")
    kept: dict[str, Any] = {"festival": festival, "by": marketer(), "now": NOW}
    made = save_template(template=None, name_zh="店庆", name_en="", items=[item(), item(days=0)], **kept)
    assert (made.name_zh, made.name_en, made.is_active) == ("店庆", "店庆", True)
    laid = lay(template=made, year=2027, owner=marketer(), by=marketer(), now=NOW)
    assert [local(each.planned_at)[:16] for each in laid.slots] == ["2027-06-11T20:00", "2027-06-18T20:00"]
    changed = [item(days=2, title_zh="返场", title_en="")]
    save_template(template=made, name_zh="店庆", name_en="Anniversary", items=changed, is_active=False, **kept)
    made.refresh_from_db()
    assert (made.name_en, made.is_active) == ("Anniversary", False)
    assert list(made.items.values_list("days", "title_zh", "title_en")) == [(2, "返场", "返场")]
    assert Slot.objects.count() == 2
    acts = AuditEntry.objects.filter(action__startswith="content.template.").order_by("pk")
    assert [act.action.split(".")[-1] for act in acts] == ["create", "lay", "update"]
    assert set(acts.last().changes) == {"name_en", "is_active", "items"}  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name_zh": " "}, "name_zh"),
        ({"name_zh": "长" * 41}, "name_zh"),
        ({"name_en": "x" * 61}, "name_en"),
        ({"items": []}, "items"),
        ({"items": [item] * 41}, "items"),
        ({"items": [item, {"title_zh": "长" * 81}]}, "item_1"),
        ({"items": [item, {"title_zh": "", "title_en": "x"}]}, "item_1"),
        ({"items": [{"days": 181}]}, "item_0"),
    ],
)
def test_template_that_cannot_be_is_refused_and_stays(values: dict[str, Any], field: str) -> None:
    template = FestivalTemplate.objects.get(name_zh="618 大促")
    before = list(template.items.values_list("days", "title_zh"))
    given = {"name_zh": "618", "name_en": "618", "items": [item], **values}
    given["items"] = [item(**each) if isinstance(each, dict) else each() for each in given["items"]]
    festival = Festival.objects.get(code="618")
    with pytest.raises(RulesNotSaved) as refused:
        save_template(template=template, festival=festival, by=marketer(), now=NOW, **given)
    assert list(refused.value.fields) == [field]
    template.refresh_from_db()
    assert (template.name_zh, list(template.items.values_list("days", "title_zh"))) == ("618 大促", before)


def test_suggestion_follows_the_hours_of_the_audience_once_they_are_enough() -> None:
    members = make_members([NOW - 90 * DAY] * 8)
    Member.objects.filter(pk__in=members[:4]).update(channel="门店")
    rule = {"all": [{"filter": {"channel": ["门店"]}}]}
    chosen = create_audience(name="门店会员", rule=rule, by=marketer(), now=NOW)
    evening, morning = NOW.replace(hour=13), NOW.replace(hour=0)  # 21:00 and 8:00 in China
    add_acts([Act(member, evening - n * DAY, "open") for member in members[4:] for n in range(1, 27)])
    add_acts([Act(member, morning - n * DAY, "open") for member in members[:4] for n in range(1, 21)])
    count_active_hours(now=NOW)

    def best() -> tuple[int, object]:
        found = suggestions_for(by_name("干货"), at=NOW, owner=None, audience=chosen, now=NOW)[0]
        return timezone.localtime(found.at).hour, found.reasons[0].facts["whose"]

    assert count_audience_hours(now=NOW) == 1
    assert (sum(AudienceHours.objects.get().hours), best()) == (80, (21, ""))
    add_acts([Act(member, morning - n * DAY, "open") for member in members[:4] for n in range(21, 27)])
    count_audience_hours(now=NOW)
    assert best() == (8, "门店会员")
    Audience.objects.update(version=chosen.version + 1)
    chosen.refresh_from_db()
    assert best() == (21, "")


def test_audience_whose_rule_names_what_is_gone_keeps_no_hours() -> None:
    other = create_audience(name="甲", rule={"all": [{"filter": {"channel": ["门店"]}}]}, by=marketer(), now=NOW)
    create_audience(name="乙", rule={"all": [{"audience": other.pk}]}, by=marketer(), now=NOW)
    assert (count_audience_hours(now=NOW), AudienceHours.objects.count()) == (2, 2)
    Audience.objects.filter(pk=other.pk).update(state="archived")
    assert count_audience_hours(now=NOW) == 0
    assert AudienceHours.objects.filter(audience=other).count() == 1
