"""Before anything goes: who would get it, who not and why, when, and how it reads."""

from datetime import date

import pytest

from members.models import Member
from messaging.models import GatewayDay
from messaging.selectors.dry_run import DryRun, dry_run, preview
from tests.messaging import cast
from tests.messaging.cast import DAY, EVENING, HOUR, agreed, said
from tests.messaging.sinks import Sink

pytestmark = pytest.mark.django_db
URL = "https://sms.example"


def run(**values: object) -> DryRun:
    given = {"members": Member.objects.all(), "not_before": EVENING, "now": EVENING, **values}
    return dry_run(**{"gateway": cast.sms(URL), **given})  # type: ignore[arg-type]


def test_dry_run_counts_who_would_get_it_and_why_the_others_would_not() -> None:
    agreed("13900000001")
    agreed()
    said(agreed("13900000002"), "withdraw", EVENING - HOUR)
    cast.member("13900000003")
    found = run()
    assert (found.members, found.reached, found.at) == (4, 1, EVENING)
    assert found.withheld == {"withdrawn": 1, "no_consent": 1, "no_address": 1}
    assert (found.left_today, found.days, found.seconds) == (None, 1, None)


def test_dry_run_and_send_agree(outside: Sink) -> None:
    for number in range(3):
        agreed(f"1390000000{number}")
    said(agreed("13900000009"), "withdraw", EVENING - HOUR)
    through = cast.sms(outside.url)
    found = run(gateway=through)
    made = cast.running(through)
    cast.worked(made)
    assert cast.states(made).count("sent") == found.reached == 3


def test_quiet_hours_move_the_beginning_and_withhold_nobody() -> None:
    agreed("13900000001")
    found = run(now=EVENING + 3 * HOUR)
    assert (found.at, found.reached) == (EVENING + 11 * HOUR, 1)


def test_limits_say_how_long_it_takes() -> None:
    for number in range(5):
        agreed(f"1390000000{number}")
    through = cast.gateway(URL, daily_limit=2, per_second=2)
    assert run(gateway=through).days == 3
    GatewayDay.objects.create(gateway=through, day=date(2026, 11, 20), begun=2)
    found = run(gateway=through)
    assert (found.left_today, found.days, found.seconds) == (0, 4, 3)
    assert run(gateway=through, not_before=EVENING + DAY).left_today == 2


def test_preview_is_what_goes(outside: Sink) -> None:
    her = agreed("13900000001", name="林晓")
    through = cast.sms(outside.url)
    text = cast.template("亲爱的{name}，{code|好礼}等你", given=["code"])
    shown = preview(member=her, gateway=through, subject="", text=text.text, at=EVENING)
    made = cast.running(through, text=text)
    cast.worked(made)
    (body,) = outside.bodies
    assert (shown.text, shown.obstacle) == (body["content"], "")


@pytest.mark.parametrize(
    ("text", "phone", "grants", "words"),
    [
        ("{code}", "13900000001", True, "code"),
        ("你好", "", True, "地址"),
        ("你好", "13900000001", False, "同意"),
    ],
)
def test_preview_says_why_she_would_get_none(text: str, phone: str, grants: bool, words: str) -> None:
    her = agreed(phone) if grants else cast.member(phone)
    assert words in preview(member=her, gateway=cast.sms(URL), subject="", text=text, at=EVENING).obstacle
