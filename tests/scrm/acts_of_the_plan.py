"""The POSTs of the content calendar, materials, activities and tracked links, for `test_acts_of_the_pages`."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from campaigns.models import Activity
from campaigns.services.links import allow_host
from campaigns.services.running import end_due, submit
from content.models import CadenceRule, ContentType, Festival, FestivalTemplate, Slot
from tests.campaigns import activities as plans
from tests.campaigns.test_pages import form as activity_form
from tests.content import people as content
from tests.scrm.acts_of_the_pages import Act, Cast, Maker, about, to
from tests.scrm.pages_of_campaigns import a_cost, a_link, an_offer

REPORT = "场次ID,开播时间,成交金额\nL1,2026-01-24 20:05,100\n"
RULE = {"name_zh": "月度盘点", "name_en": "Review", "count": "1", "period": "month", "week_starts": "0"}
BRAND_DATE = {"name_zh": "店庆", "name_en": "Anniversary", "day": "2030-05-20", "yearly": "1", "length": "1"}
COST = {"kind": "media", "amount": "9.90", "day": "2026-01-01"}
LINK = {"name": "海报", "target": "https://shop.example.com/"}


def in_days(days: float) -> datetime:
    return (timezone.now() + days * content.DAY).replace(second=0, microsecond=0)


def slot(_cast: Cast) -> Slot:
    return content.slot(at=in_days(2), now=timezone.now())


def material(_cast: Cast) -> int:
    return content.version(now=timezone.now()).material_id


def first(model: Any) -> Callable[[Cast], int]:
    return lambda _cast: int(model.objects.earliest("pk").pk)


def next_year() -> str:
    return str(timezone.localdate().year + 1)


def typed_slot(cast: Cast, **more: str) -> dict[str, str]:
    day = timezone.localdate(in_days(3)).isoformat()
    type_ = str(content.type_of("live").pk)
    return {"type": type_, "title": "周末直播", "day": day, "time": "20:00", "owner": str(cast.admin.pk), **more}


def retyped(page: str, made: Callable[[Cast], int], **changes: str) -> Maker:
    """What a form shows, with some of it changed."""

    def act(cast: Cast) -> Act:
        address = reverse(page, args=(made(cast),))
        return Act(address, {**cast.client.get(address).context["typed"], **changes})

    return act


def festival_template(**more: str) -> dict[str, str]:
    line = {"days_0": "-7", "time_0": "20:00", "type_0": str(content.type_of("live").pk), "zh_0": "预热直播"}
    return {"name_zh": "店庆", "festival": str(Festival.objects.earliest("pk").pk), "is_active": "1", **line, **more}


def moved(cast: Cast) -> Act:
    return Act(reverse("content:slot_move", args=(slot(cast).pk,)), {"at": in_days(4).isoformat()})


def cancelled(cast: Cast) -> Act:
    return Act(reverse("content:slot_step", args=(slot(cast).pk, "cancel")), {"reason": "主播请假"})


def new_rule(_cast: Cast) -> Act:
    body = {**RULE, "type": str(content.type_of("short_video").pk), "time_zone": "Asia/Shanghai"}
    return Act(reverse("content:cadence_add"), body)


def imported(_cast: Cast) -> Act:
    file = SimpleUploadedFile("r.csv", REPORT.encode())
    return Act(reverse("content:reports"), {"kind": "live", "act": "store", "file": file})


def draft(_cast: Cast, **values: Any) -> Activity:
    """One that may start, for somebody."""
    now = timezone.now()
    plans.people(1)
    return plans.draft(**{"starts_at": now + plans.HOUR, "ends_at": now + plans.DAY, **values})


def submitted(cast: Cast, **values: Any) -> Activity:
    return submit(activity=draft(cast, **values), by=plans.author(), now=timezone.now())


def approved(cast: Cast) -> Activity:
    return plans.approved(draft(cast), timezone.now())


def running(_cast: Cast) -> Activity:
    begun = timezone.now() - 2 * plans.HOUR
    plans.people(1)
    return plans.running(begun, starts_at=begun, ends_at=begun + plans.HOUR)


def ended(cast: Cast) -> Activity:
    activity = running(cast)
    assert end_due(now=timezone.now()) == 1
    return activity


def forbidden(cast: Cast) -> Activity:
    """It runs, and legal review has withdrawn its text."""
    activity = running(cast)
    Activity.objects.filter(pk=activity.pk).update(text_approved=False)
    return activity


def linked(_cast: Cast) -> Act:
    allow_host(host="shop.example.com", by=None, now=timezone.now())
    return Act(reverse("campaigns:link_new"), LINK)


def upon(name: str, made: Callable[[Cast], Activity], body: dict[str, str] | None = None) -> Maker:
    return about(name, lambda cast: made(cast).pk, body)


PLAN_ACTS: dict[str, Maker] = {
    "campaigns:add_cost": upon("campaigns:add_cost", draft, COST),
    "campaigns:approve_budget": upon("campaigns:approve_budget", lambda cast: submitted(cast, budget=60_000)),
    "campaigns:archive": upon("campaigns:archive", ended),
    "campaigns:cancel": upon("campaigns:cancel", draft, {"reason": "改期"}),
    "campaigns:clone": upon("campaigns:clone", draft),
    "campaigns:edit": lambda cast: Act(reverse("campaigns:edit", args=(draft(cast).pk,)), activity_form(name="改名")),
    "campaigns:festivals": lambda cast: Act(
        reverse("campaigns:festivals"), {"template": first(FestivalTemplate)(cast), "year": next_year()}
    ),
    "campaigns:give": about("campaigns:give", lambda _cast: an_offer().pk),
    "campaigns:launch": upon("campaigns:launch", approved),
    "campaigns:link_close": about("campaigns:link_close", lambda _cast: a_link()),
    "campaigns:link_hosts": to("campaigns:link_hosts", {"host": "shop.example.com", "note": "商城"}),
    "campaigns:link_new": linked,
    "campaigns:new": lambda _cast: Act(reverse("campaigns:new"), activity_form()),
    "campaigns:schedule": upon("campaigns:schedule", approved),
    "campaigns:settings": lambda cast: Act(
        reverse("campaigns:settings"),
        {**cast.client.get(reverse("campaigns:settings")).context["typed"], "window_days": "9", "reason": "更长"},
    ),
    "campaigns:stop": upon("campaigns:stop", forbidden, {"reason": "文案被撤销"}),
    "campaigns:submit": upon("campaigns:submit", draft),
    "campaigns:take_back": upon("campaigns:take_back", submitted),
    "campaigns:take_back_cost": about("campaigns:take_back_cost", lambda _cast: a_cost().pk, {"reason": "重复"}),
    "content:cadence": retyped("content:cadence", first(CadenceRule), name_zh="改名"),
    "content:cadence_add": new_rule,
    "content:date_add": to("content:date_add", BRAND_DATE),
    "content:date_switch": about("content:date_switch", first(Festival), {"is_active": ""}),
    "content:gap": lambda cast: Act(
        reverse("content:gap", args=(first(CadenceRule)(cast),)),
        {"planned_at": in_days(2).isoformat(), "title": "补齐"},
    ),
    "content:material_add": to("content:material_add", {"kind": "text", "title": "护肤指南", "text": "三步整理。"}),
    "content:material_archive": about("content:material_archive", material, {"archived": "1"}),
    "content:material_version": about(
        "content:material_version", material, {"title": "护肤指南", "text": "四步整理护肤步骤。"}
    ),
    "content:plan": lambda cast: Act(
        reverse("content:plan", args=(first(FestivalTemplate)(cast),)), {"year": next_year()}
    ),
    "content:reports": imported,
    "content:series": lambda cast: Act(
        reverse("content:series"), typed_slot(cast, title="周更", every_days="7", times="3")
    ),
    "content:settings": to("content:settings", {"missed_hours": "30"}),
    "content:template": lambda cast: Act(
        reverse("content:template", args=(first(FestivalTemplate)(cast),)), festival_template()
    ),
    "content:template_add": lambda _cast: Act(reverse("content:template_add"), festival_template()),
    "content:slot_add": lambda cast: Act(
        reverse("content:slot_add"), typed_slot(cast, audience=str(plans.audience().pk))
    ),
    "content:slot_edit": lambda cast: Act(
        reverse("content:slot_edit", args=(slot(cast).pk,)), typed_slot(cast, title="周日直播")
    ),
    "content:slot_move": moved,
    "content:slot_step": cancelled,
    "content:type": retyped("content:type", first(ContentType), name_zh="改名"),
}
