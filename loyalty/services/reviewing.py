"""What members will read of offers, put before the legal reviewer."""

from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit.services import record
from compliance.selectors.reviews import is_approved
from compliance.services.reviewables import Part, Reviewable, names_of, reviewables
from core.errors import Text
from loyalty.enums import CouponState, DrawState
from loyalty.models import Coupon, Draw
from loyalty.selectors.draws import promised_by

COUPON, DRAW = "coupon", "draw"


def coupon_parts(coupon_id: int) -> Sequence[Part]:
    coupon = Coupon.objects.get(pk=coupon_id)
    texts = {"name": coupon.name, "gift": coupon.gift, "terms": coupon.terms}
    return [Part(name=name, text=text) for name, text in texts.items() if text]


def draw_parts(draw_id: int) -> Sequence[Part]:
    """The published rules, with the prizes and what they are worth."""
    draw = Draw.objects.get(pk=draw_id)
    prizes = "\n".join(f"{each.name} × {each.quantity} · ¥{each.value:.2f}" for each in promised_by(draw))
    texts = {
        "name": draw.name,
        "conditions": draw.conditions,
        "prizes": prizes,
        "handing_over": draw.handing_over,
        "organiser": draw.organiser,
    }
    return [Part(name=name, text=text) for name, text in texts.items()]


def text_is_approved(*, kind: str, object_id: int, at: datetime) -> bool:
    """Whether exactly what members would read now is approved."""
    parts = reviewables.get(kind).parts(object_id)
    return is_approved(
        kind=kind, object_id=object_id, at=at, parts=[{"name": part.name, "text": part.text} for part in parts]
    )


def pause_without_approval(coupon_id: int) -> None:
    """A text that is approved no longer stops its coupon; members keep what they have claimed."""
    stopped = Coupon.objects.filter(pk=coupon_id, state=CouponState.LIVE).update(state=CouponState.PAUSED)
    if stopped:
        record(
            by=None,
            action="loyalty.pause_coupon",
            obj=Coupon.objects.get(pk=coupon_id),
            reason=str(_("The text is not approved any more.")),
            changes={"state": [CouponState.LIVE, CouponState.PAUSED]},
            at=timezone.now(),
        )


def stop_without_approval(draw_id: int) -> None:
    """No more entries, and no winners, until the same rules are approved again; chances and prizes stay as promised."""
    _step(draw_id, DrawState.PUBLISHED, DrawState.STOPPED, "loyalty.stop_draw", _("The text is not approved any more."))


def go_on(draw_id: int) -> None:
    _step(draw_id, DrawState.STOPPED, DrawState.PUBLISHED, "loyalty.resume_draw", _("The text is approved again."))


def _step(draw_id: int, was: DrawState, state: DrawState, action: str, reason: Text) -> None:
    if Draw.objects.filter(pk=draw_id, state=was).update(state=state):
        draw = Draw.objects.get(pk=draw_id)
        changes = {"state": [was, state]}
        record(by=None, action=action, obj=draw, reason=str(reason), changes=changes, at=timezone.now())


reviewables.register_all(
    (
        Reviewable(
            code=COUPON,
            label=_("Coupon"),
            names=names_of(Coupon, "name", "gift", "terms"),
            parts=coupon_parts,
            url=lambda number: reverse("loyalty:coupon", args=(number,)),
            withdrawn=pause_without_approval,
            order=30,
        ),
        Reviewable(
            code=DRAW,
            label=_("Draw"),
            names={**names_of(Draw, "name", "conditions", "handing_over", "organiser"), "prizes": _("prizes")},
            parts=draw_parts,
            url=lambda number: reverse("loyalty:draw", args=(number,)),
            approved=go_on,
            withdrawn=stop_without_approval,
            order=35,
        ),
    )
)
