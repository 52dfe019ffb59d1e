"""Benefits of KOC: a coupon of loyalty for everybody of a level, once or each month, by loyalty's own giving."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from community.enums.koc import KocLevel
from community.enums.work import BenefitPeriod
from community.errors.work import BenefitNotValid, NobodyForBenefit
from community.models import PriorityBenefit
from community.selectors.benefits import entitled, key_of, plan_for
from core.errors import ScrmError
from core.services.claims import claimed
from core.services.surprises import each_by_itself
from loyalty.enums import CouponState
from loyalty.models import Coupon
from loyalty.rules.source import GIVEN, Source
from loyalty.selectors.giving import GivingPlan
from loyalty.services.coupons import give, require_open

LONGEST_NAME = 60
TASK = "community.give_benefits"


@transaction.atomic
def add_benefit(
    *, name: str, level: str, coupon: Coupon | None, period: str, by: User, now: datetime
) -> PriorityBenefit:
    """Raises BenefitNotValid with every field at fault."""
    wrong = {
        "name": not 0 < len(name.strip()) <= LONGEST_NAME,
        "level": level not in KocLevel.values,
        "period": period not in BenefitPeriod.values,
        "coupon": coupon is None or coupon.state != CouponState.LIVE,
    }
    words = {
        "name": _("Between 1 and %(limit)d characters.") % {"limit": LONGEST_NAME},
        "level": _("Choose one of the levels."),
        "period": _("Choose how often."),
        "coupon": _("Choose a coupon that is live."),
    }
    faults = {field: [words[field]] for field, is_wrong in wrong.items() if is_wrong}
    if faults or coupon is None:
        raise BenefitNotValid(fields=faults)
    made = PriorityBenefit.objects.create(
        name=name.replace("\x00", "").strip(), level=level, coupon=coupon, period=period, by=by, created_at=now
    )
    changes: dict[str, list[Any]] = {"level": [None, level], "coupon": [None, coupon.pk], "period": [None, period]}
    record(by=by, action="community.add_benefit", obj=made, changes=changes, at=now)
    return made


@transaction.atomic
def switch_benefit(*, benefit: PriorityBenefit, active: bool, by: User, now: datetime) -> PriorityBenefit:
    """Whether it is given by itself; what was given stays given."""
    locked = PriorityBenefit.objects.select_for_update().get(pk=benefit.pk)
    was, locked.is_active = locked.is_active, active
    locked.save(update_fields=["is_active"])
    record(by=by, action="community.switch_benefit", obj=locked, changes={"is_active": [was, active]}, at=now)
    return locked


def give_benefit(*, benefit: PriorityBenefit, by: User | None, now: datetime) -> GivingPlan:
    """To everybody of the level who has not had it in this period. Raises CouponNotOpen, NobodyForBenefit."""
    require_open(benefit.coupon, now=now)
    key = key_of(benefit, timezone.localdate(now))
    if not plan_for(benefit, timezone.localdate(now)).would:
        raise NobodyForBenefit
    source = Source(GIVEN, benefit.pk)
    given = give(coupon=benefit.coupon, members=entitled(benefit), source=source, key=key, by=by, now=now)
    with transaction.atomic():
        PriorityBenefit.objects.filter(pk=benefit.pk).update(given_at=now)
        changes: dict[str, list[Any]] = {"given": [None, given.would], "key": [None, key]}
        record(by=by, action="community.give_benefit", obj=benefit, changes=changes, at=now)
    return given


def give_due(*, now: datetime) -> int:
    """Every benefit that is given by itself; answers how many coupons. One that cannot be given holds up no other."""
    due = PriorityBenefit.objects.filter(is_active=True).select_related("coupon").order_by("pk")
    return sum(each_by_itself(list(due), lambda benefit: _give_one(benefit, now)))


def _give_one(benefit: PriorityBenefit, now: datetime) -> int:
    with claimed(TASK, benefit.pk) as mine:
        try:
            return give_benefit(benefit=benefit, by=None, now=now).would if mine else 0
        except ScrmError:
            return 0  # closed, empty, or nobody is left: its page says so
