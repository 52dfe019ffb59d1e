"""What must not be planned, each on its page and through the API: said in a sentence, nothing half-saved, never a fault."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from accounts.enums import Role
from accounts.models import User
from campaigns.models import Activity, TrackedLink
from campaigns.services.links import allow_host
from content.models import CadenceRule, LiveReport, Slot
from loyalty.models import Coupon, Prize
from segments.models import Audience
from tests import api
from tests.brand import signed_in
from tests.campaigns import activities as cast
from tests.content import people
from tests.loyalty import offers

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (offers, cast):
        monkeypatch.setattr(module, "NOW", timezone.now())


@pytest.fixture
def marketer() -> Client:
    return signed_in(User.objects.create_user("ke2", role=Role.MARKETER, is_staff=True), "zh-hans")


@pytest.fixture
def program() -> Any:
    return api.client()


def said(answer: Any, *words: str, status: tuple[int, ...] = (400, 409, 422)) -> None:
    """Refused, in these words; the API answers in English unless asked."""
    text = answer.content.decode()
    assert answer.status_code in status, (answer.status_code, text[:400])
    assert [each for each in words if each not in text] == []


def at(days: float = 2) -> datetime:
    return (timezone.now() + days * DAY).replace(microsecond=0)


def typed_slot(moment: datetime, **values: Any) -> dict[str, Any]:
    local = timezone.localtime(moment)
    given = {"type": people.type_of("article").pk, "title": "攻略", "owner": people.marketer().pk}
    return {**given, "day": local.date().isoformat(), "time": local.strftime("%H:%M"), **values}


def sent_slot(moment: datetime) -> dict[str, Any]:
    return {"type": "article", "title": "攻略", "planned_at": moment.isoformat(), "owner": people.marketer().username}


def test_overlapping_slot(marketer: Client, program: Any) -> None:
    first = people.slot("article", at=at(), now=timezone.now(), title="第一篇")
    said(marketer.post("/admin/calendar/slots/new/", typed_slot(first.planned_at)), "第一篇", "攻略")
    said(program.post("/api/v1/slots/", sent_slot(first.planned_at), format="json"), "第一篇")
    assert Slot.objects.count() == 1


def test_slot_in_the_past(marketer: Client, program: Any) -> None:
    said(marketer.post("/admin/calendar/slots/new/", typed_slot(at(-1))), "已经过去")
    said(program.post("/api/v1/slots/", sent_slot(at(-1)), format="json"), "past")
    assert not Slot.objects.exists()


def test_material_that_is_not_approved(marketer: Client, program: Any) -> None:
    made = people.slot("article", at=at(), given=people.version(now=timezone.now()), now=timezone.now())
    said(marketer.post(f"/admin/calendar/slots/{made.pk}/schedule/"), "先提交法务审核")
    said(program.post(f"/api/v1/slots/{made.pk}/schedule/", {}, format="json"), "approved")
    made.refresh_from_db()
    assert made.state == "draft"


def test_cadence_that_contradicts(marketer: Client) -> None:
    before = CadenceRule.objects.count()
    given = {
        "name_zh": "干货多多",
        "type": people.type_of("article").pk,
        "count": "1",
        "period": "month",
        "week_starts": "0",
    }
    answer = marketer.post("/admin/calendar/rules/cadence/", {**given, "time_zone": "Asia/Shanghai", "is_active": "1"})
    said(answer, "干货")
    assert CadenceRule.objects.count() == before


def test_audience_of_nobody(marketer: Client) -> None:
    activity = cast.draft()
    answer = marketer.post(f"/admin/activities/{activity.pk}/submit/", follow=True)
    said(answer, "这个人群里没有人", status=(200,))
    activity.refresh_from_db()
    assert activity.state == "draft"


def test_filter_that_refers_to_itself(marketer: Client, program: Any) -> None:
    audience = cast.audience()
    rule = {"all": [{"audience": audience.pk}]}
    said(program.patch(f"/api/v1/audiences/{audience.pk}/", {"rule": rule}, format="json"), "itself")
    typed = {
        "name": audience.name,
        "version": audience.version,
        "act": "save",
        "node": ["0:-1:group", "1:0:leaf"],
        "n0.mode": "all",
    }
    answer = marketer.post(
        f"/admin/audiences/{audience.pk}/edit/", {**typed, "n1.what": "audience", "n1.audience": audience.pk}
    )
    said(answer, "人群不能引用自己")
    assert Audience.objects.get().rule == audience.rule


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"stock": "0"}, "库存"),
        ({"kind": "percent", "amount": "", "percent": "101"}, "100"),
        ({"amount": "-5"}, "金额"),
    ],
)
def test_coupon_that_makes_no_sense(marketer: Client, values: dict[str, str], words: str) -> None:
    local = timezone.localtime()
    given = {"name": "满减", "terms": "限领一张。", "kind": "amount", "amount": "20", "min_spend": "100", "stock": "5"}
    given |= {"code_source": "claim", "stacking": "exclusive", "per_member": "1", "act": "save"}
    given |= {"starts_at": f"{local:%Y-%m-%dT%H:%M}", "ends_at": f"{local + 30 * DAY:%Y-%m-%dT%H:%M}"}
    said(marketer.post("/admin/offers/add/", {**given, **values}), words, "限领一张。")
    assert not Coupon.objects.exists()


def test_prize_above_the_cap(marketer: Client) -> None:
    given = {"name": "金条", "kind": "physical", "value": "50001", "cost": "50001", "stock": "1"}
    said(marketer.post("/admin/offers/prizes/save/", given), "50,000", "金条")
    assert not Prize.objects.exists()


def test_rules_after_the_start_get_no_worse(marketer: Client, program: Any) -> None:
    cast.people(3)
    now = timezone.now()
    activity = cast.running(now, starts_at=now, ends_at=now + 5 * DAY)
    sooner = {"ends_at": (now + DAY).isoformat()}
    said(program.patch(f"/api/v1/activities/{activity.pk}/", sooner, format="json"), "ends_at")
    coupon = offers.live()
    form = marketer.get(f"/admin/offers/{coupon.pk}/edit/").context["typed"]
    said(marketer.post(f"/admin/offers/{coupon.pk}/edit/", {**form, "amount": "1", "act": "save"}), 'class="error"')
    coupon.refresh_from_db()
    assert (Activity.objects.get().ends_at, coupon.amount) == (activity.ends_at, 20)


@pytest.mark.parametrize("data", [b"\xff\xfe\x00\xd8\x00\x00", b"\x81\x30\xff,\xfe\n1,2", b"PK\x03\x04 no zip", b""])
def test_report_that_cannot_be_read(marketer: Client, data: bytes) -> None:
    file = SimpleUploadedFile("report.csv", data)
    answer = marketer.post("/admin/calendar/reports/", {"kind": "live", "act": "store", "file": file})
    said(answer, 'role="alert"')
    assert not LiveReport.objects.exists()


def test_link_to_a_foreign_host_or_with_endless_words(marketer: Client, program: Any) -> None:
    allow_host(host="shop.example.com", note="", by=cast.author(), now=timezone.now())
    for target in ("https://evil.example/", "https://shop.example.com@evil.example/", "//evil.example", "javascript:1"):
        said(marketer.post("/admin/links/new/", {"name": "海报", "target": target}), "海报", 'class="error"')
        said(program.post("/api/v1/links/", {"name": "海报", "target": target}, format="json"), "target")
    long = {"name": "海报", "target": "https://shop.example.com/", "utm": {"utm_source": "源" * 10_240}}
    said(program.post("/api/v1/links/", long, format="json"), "utm")
    assert not TrackedLink.objects.exists()
