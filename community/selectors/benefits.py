"""Who is entitled to a benefit, and what giving it now would come to."""

from datetime import date

from django.db.models import QuerySet

from community.enums.koc import KocState
from community.enums.work import BenefitPeriod
from community.models import PriorityBenefit
from community.rules.levels import from_level
from loyalty.selectors.giving import GivingPlan, plan_of_giving
from members.models import Member


def entitled(benefit: PriorityBenefit) -> QuerySet[Member]:
    """Active KOC of its level and above."""
    return Member.objects.active().filter(koc__state=KocState.ACTIVE, koc__level__in=from_level(benefit.level))


def key_of(benefit: PriorityBenefit, today: date) -> str:
    """The same within a period: nobody gets it twice in it."""
    once = f"koc-benefit-{benefit.pk}"
    return f"{once}-{today:%Y-%m}" if benefit.period == BenefitPeriod.MONTHLY else once


def plan_for(benefit: PriorityBenefit, today: date) -> GivingPlan:
    return plan_of_giving(coupon=benefit.coupon, members=entitled(benefit), key=key_of(benefit, today))


def benefits() -> list[PriorityBenefit]:
    return list(PriorityBenefit.objects.select_related("coupon").order_by("-pk"))


def benefits_of_level(level: str) -> list[PriorityBenefit]:
    """Those that somebody of this level gets."""
    return [each for each in benefits() if each.is_active and level in from_level(each.level)]
