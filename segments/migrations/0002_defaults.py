"""The five tiers and the regular one, as domain facts that a marketer then edits."""

from decimal import Decimal
from typing import Any

from django.db import migrations

TIERS = (
    # code, zh, en, strategy zh, strategy en, goal, target %
    ("new", "新用户", "New", "新人券、开箱指南", "New-member coupon, unboxing guide", "first_purchase", "40"),
    (
        "high_value",
        "高价值活跃用户",
        "High-value active",
        "专属服务、新品优先体验",
        "Dedicated service, early access to new products",
        "order_value",
        "30",
    ),
    (
        "potential",
        "潜在高价值用户",
        "Potential high-value",
        "组合优惠、限时折扣",
        "Bundle offers, limited-time discounts",
        "conversion",
        "15",
    ),
    ("silent", "沉默用户", "Silent", "唤醒礼、怀旧营销", "Wake-up gift, nostalgia marketing", "repurchase", "8"),
    (
        "low_value",
        "低价值用户",
        "Low-value",
        "积分兑换、到期停止有偿激励",
        "Points exchange, paid incentives end by a deadline",
        "marginal_cost",
        "-50",
    ),
    ("regular", "普通用户", "Regular", "", "", "", None),
)
CRITERIA = (
    # tier, alternative, measure, window, operator, value
    ("new", 1, "registered_days", None, "<=", "7"),
    ("new", 1, "orders", None, "=", "0"),
    ("high_value", 1, "spend", 30, ">=", "500"),
    ("high_value", 1, "interactions", 7, ">=", "3"),
    ("potential", 1, "spend", 30, ">=", "200"),
    ("potential", 1, "browses", 7, ">=", "5"),
    ("silent", 1, "registered_days", None, ">=", "90"),
    ("silent", 1, "orders", 90, "=", "0"),
    ("silent", 1, "interactions", 90, "<", "1"),
    ("low_value", 1, "spend", 365, "<", "200"),
    ("low_value", 1, "orders", 365, ">=", "1"),
    ("low_value", 1, "coupon_share", 365, ">=", "80"),
    ("low_value", 2, "spend", 365, "<", "200"),
    ("low_value", 2, "coupon_claims", 30, ">=", "5"),
)


def load(apps: Any, _editor: Any) -> None:
    tier_model = apps.get_model("segments", "Tier")
    tiers = {}
    for position, (code, zh, en, strategy_zh, strategy_en, goal, target) in enumerate(TIERS, 1):
        tiers[code] = tier_model.objects.create(
            code=code,
            name_zh=zh,
            name_en=en,
            position=position * 10,
            strategy_zh=strategy_zh,
            strategy_en=strategy_en,
            goal=goal,
            goal_target=target and Decimal(target),
        )
    apps.get_model("segments", "TierCriterion").objects.bulk_create(
        apps.get_model("segments", "TierCriterion")(
            tier=tiers[tier],
            alternative=alternative,
            measure=measure,
            window_days=window,
            operator=operator,
            value=Decimal(value),
        )
        for tier, alternative, measure, window, operator, value in CRITERIA
    )
    apps.get_model("segments", "RfmConfig").objects.create(id=1)


class Migration(migrations.Migration):
    dependencies = [("segments", "0001_initial")]
    operations = [migrations.RunPython(load, migrations.RunPython.noop, elidable=False)]
