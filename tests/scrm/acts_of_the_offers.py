"""The POSTs of offers and audiences, for `test_acts_of_the_pages`."""

from datetime import timedelta

from django.urls import reverse

from loyalty.services.coupons import claim
from loyalty.services.draws import enter
from segments.models import Audience
from tests.loyalty import offers
from tests.loyalty.test_pages import form as coupon_form
from tests.scrm.acts_of_the_pages import Act, Cast, Maker, about, to
from tests.segments.test_audience_pages import WOMEN
from tests.segments.test_audience_pages import form as audience_form

HOUR = timedelta(hours=1)
PRIZE = {"name": "修护精华", "kind": "physical", "value": "399", "cost": "130", "stock": "20"}
SETTINGS = {"prize_cap": "40000", "virtual_share": "30", "mix_tolerance": "5", "reason": "内部"}
DRAW = {
    "name": "年终抽奖", "conditions": "会员均可参与。", "handing_over": "七日内发放。", "organiser": "悦肤会",
    "opens_at": "2026-11-01T00:00", "closes_at": "2030-11-08T00:00", "draws_at": "2030-11-09T00:00",
    "max_chances": "1", "pieces_1": "2",
}  # fmt: skip


def code(cast: Cast) -> int:
    """Of the coupon that the member holds."""
    return claim(coupon=offers.live(), member=cast.member, by=None, now=offers.NOW).grant_id


def new_draw(_cast: Cast) -> Act:
    return Act(reverse("loyalty:draw_add"), {**DRAW, "prize_1": str(offers.prize().pk)})


def changed_draw(cast: Cast) -> Act:
    return Act(reverse("loyalty:draw_edit", args=(offers.draft_draw().pk,)), {**new_draw(cast).body, "version": "1"})


def entered_draw(cast: Cast) -> int:
    """A draw whose hour has come, with one entry."""
    ends = offers.NOW + HOUR
    draw = offers.published(closes_at=ends, draws_at=ends)
    enter(draw=draw, member=cast.member, by=None, now=offers.NOW)
    return draw.pk


def audience(_cast: Cast) -> int:
    return Audience.objects.create(name="女性", rule=WOMEN).pk


def new_audience(_cast: Cast) -> Act:
    return Act(reverse("segments:audience_add"), audience_form(WOMEN, name="女性", act="save"))


def changed_audience(cast: Cast) -> Act:
    number = audience(cast)
    version = str(Audience.objects.get(pk=number).version)
    body = audience_form(WOMEN, name="女性会员", version=version, act="save")
    return Act(reverse("segments:audience_edit", args=(number,)), body)


OFFER_ACTS: dict[str, Maker] = {
    "loyalty:code": about("loyalty:code", code),
    "loyalty:coupon_add": to("loyalty:coupon_add", coupon_form(act="save")),
    "loyalty:coupon_codes": about(
        "loyalty:coupon_codes", lambda _cast: offers.draft(code_source="generated").pk, {"count": "3"}
    ),
    "loyalty:coupon_edit": about(
        "loyalty:coupon_edit", lambda _cast: offers.draft().pk, coupon_form(name="年终满减券", version="1", act="save")
    ),
    "loyalty:coupon_move": about(
        "loyalty:coupon_move", lambda _cast: offers.live().pk, {"verb": "pause", "reason": "库存核对"}
    ),
    "loyalty:draw_add": new_draw,
    "loyalty:draw_edit": changed_draw,
    "loyalty:draw_move": about("loyalty:draw_move", entered_draw, {"verb": "run"}),
    "loyalty:prize_save": to("loyalty:prize_save", PRIZE),
    "loyalty:prize_settings": to("loyalty:prize_settings", SETTINGS),
    "segments:audience_act": lambda cast: Act(reverse("segments:audience_act", args=(audience(cast), "refresh"))),
    "segments:audience_add": new_audience,
    "segments:audience_edit": changed_audience,
}
#: A POST that writes nothing.
OFFER_READS = {
    "segments:audience_draft": "shows a rule after one change; nothing is kept",
    "segments:audience_estimate": "counts",
}
