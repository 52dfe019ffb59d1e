"""Plans, series, rules, templates and reports on their pages."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from accounts.enums import Role
from accounts.models import User
from content.models import CadenceRule, Festival, FestivalTemplate, LiveReport, Slot
from tests.content.people import marketer, type_of

pytestmark = [pytest.mark.django_db]


@pytest.fixture
def client() -> Client:
    made = Client(headers={"accept-language": "zh-hans"})
    made.force_login(marketer())
    return made


def test_plans_series_and_rules_are_laid_from_their_pages(client: Client) -> None:
    shown = client.get("/admin/calendar/plans/")
    template = shown.context["rows"][0][0]
    assert client.get(f"/admin/calendar/plans/{template.pk}/?year=2027").status_code == 200
    laid = client.post(f"/admin/calendar/plans/{template.pk}/", {"year": "2027", "owner": marketer().pk})
    assert laid.status_code == 302
    assert Slot.objects.count() == template.items.count()
    assert client.post(f"/admin/calendar/plans/{template.pk}/", {"year": "2027"}).status_code == 400
    at = timezone.localdate() + timedelta(days=1)
    form = {
        "type": type_of("live").pk,
        "title": "周播",
        "day": at.isoformat(),
        "time": "20:00",
        "every_days": "7",
        "times": "4",
        "owner": marketer().pk,
    }
    assert client.post("/admin/calendar/series/", {**form, "times": "x"}).status_code == 400
    assert client.post("/admin/calendar/series/", {**form, "day": "x"}).status_code == 422
    assert client.post("/admin/calendar/series/", form).status_code == 302
    assert Slot.objects.filter(title="周播").count() == 4


def test_rules_are_changed_and_wrong_ones_come_back(client: Client) -> None:
    rule = CadenceRule.objects.get(name_zh="干货")
    form = {
        "name_zh": "干货",
        "name_en": "Posts",
        "type": rule.type_id,
        "count": "4",
        "period": "week",
        "week_starts": "6",
        "time_zone": "Asia/Shanghai",
        "is_active": "1",
    }
    assert client.post(f"/admin/calendar/rules/cadence/{rule.pk}/", form).status_code == 302
    rule.refresh_from_db()
    assert (rule.count, rule.week_starts) == (4, 6)
    contradiction = client.post(
        "/admin/calendar/rules/cadence/", {**form, "name_zh": "月度", "count": "2", "period": "month"}
    )
    assert contradiction.status_code == 422
    assert "月度" in contradiction.content.decode()
    type_ = type_of("article")
    page = client.get(f"/admin/calendar/rules/types/{type_.pk}/")
    typed = dict(page.context["typed"]) | {"target_read_through": "70 %", "target_save_rate": ""}
    assert client.post(f"/admin/calendar/rules/types/{type_.pk}/", typed).status_code == 302
    assert [(target.metric, str(target.least)) for target in type_.targets.all()] == [("read_through", "0.7000")]
    assert client.post(f"/admin/calendar/rules/types/{type_.pk}/", typed | {"target_gmv": "viel"}).status_code == 422
    assert (
        client.post(f"/admin/calendar/rules/types/{type_.pk}/", typed | {"target_save_rate": "120"}).status_code == 400
    )
    windows = {"begins0": "08:00", "ends0": "09:00", "warn_days": "5", "missed_hours": "12"}
    assert client.post("/admin/calendar/rules/settings/", windows).status_code == 302
    assert client.post("/admin/calendar/rules/settings/", windows | {"ends0": "07:00"}).status_code == 400
    assert client.post("/admin/calendar/rules/settings/", windows | {"begins0": "x"}).status_code == 422
    assert (
        client.post(
            "/admin/calendar/rules/dates/", {"name_zh": "品牌日", "day": "2026-12-01", "yearly": "1"}
        ).status_code
        == 302
    )
    assert client.post("/admin/calendar/rules/dates/", {"name_zh": "品牌日", "day": "x"}).status_code == 422
    festival = Festival.objects.get(name_zh="品牌日")
    client.post(f"/admin/calendar/rules/dates/{festival.pk}/", {"is_active": "0"})
    festival.refresh_from_db()
    assert not festival.is_active


def test_report_is_looked_at_then_imported(client: Client) -> None:
    text = "场次ID,开播时间,成交金额\nL1,2026-11-24 20:05,100\nL2,gestern,1\n"

    def send(act: str, content: bytes = text.encode()) -> "object":
        return client.post(
            "/admin/calendar/reports/", {"kind": "live", "act": act, "file": SimpleUploadedFile("r.csv", content)}
        )

    looked = send("try")
    assert (looked.status_code, looked.context["read"].refused, LiveReport.objects.count()) == (200, 1, 0)  # type: ignore[attr-defined]
    assert send("store").status_code == 302  # type: ignore[attr-defined]
    assert LiveReport.objects.get().session == "L1"
    assert send("store", b"\xff\xfe\x00\xd8").status_code in {400, 422}  # type: ignore[attr-defined]
    assert client.post("/admin/calendar/reports/", {"kind": "live"}).status_code == 400


def test_template_is_edited_line_by_line_on_its_page(client: Client) -> None:
    template = FestivalTemplate.objects.get(name_zh="妇女节")
    address = f"/admin/calendar/plans/{template.pk}/edit/"
    page = client.get(address)
    assert page.status_code == 200
    context = page.context
    lines = {f"{cell}_{n}": line[cell] for n, line in enumerate(context["lines"]) for cell in line if cell != "errors"}
    body = {**context["typed"], **lines}
    assert client.post(address, {**body, "days_0": "七天"}).status_code == 422
    assert client.post(address, {**body, "zh_0": "长" * 81}).status_code == 400
    wrong = client.post(address, {**body, "time_1": "25:00", "zh_1": "改过的标题", "days_2": "9" * 5000})
    assert (wrong.status_code, "改过的标题" in wrong.content.decode()) == (422, True)
    assert client.post(address, {**body, "festival": "0"}).status_code == 422
    before = template.items.count()
    body |= {"zh_0": "", "en_0": "", "days_9": "+2", "time_9": "12:00", "type_9": lines["type_1"], "zh_9": "晒单"}
    assert client.post(address, body).status_code == 302
    assert template.items.count() == before
    assert template.items.get(title_zh="晒单").days == 2
    assert client.post(address, {**body, "is_active": ""}).status_code == 302
    assert "妇女节" in client.get("/admin/calendar/plans/").content.decode()
    assert client.get(f"/admin/calendar/plans/{template.pk}/").status_code == 404


def test_template_is_added_on_its_page_by_marketers_alone(client: Client) -> None:
    assert client.get("/admin/calendar/plans/new/").status_code == 200
    body = {"name_zh": "店庆", "festival": Festival.objects.get(code="618").pk}
    assert client.post("/admin/calendar/plans/new/", body).status_code == 400
    body |= {"days_0": "−3", "time_0": "20:00", "type_0": type_of("live").pk, "zh_0": "预热直播"}
    assert client.post("/admin/calendar/plans/new/", body).status_code == 302
    made = FestivalTemplate.objects.get(name_zh="店庆")
    assert list(made.items.values_list("days", "title_en")) == [(-3, "预热直播")]
    client.force_login(User.objects.create_user("reader", role=Role.ANALYST, is_staff=True))
    assert client.get("/admin/calendar/plans/new/").status_code == 403
    assert "新建" not in client.get("/admin/calendar/plans/").content.decode()
