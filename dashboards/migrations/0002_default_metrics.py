"""The six metrics of the three levels as the product is shipped; rows that a brand changes."""

from decimal import Decimal
from typing import Any

from django.db import migrations
from django.utils import timezone

TIER_ADVICE = ("细化用户分层，分层给权益与内容", "Refine the tiers, and give each its own benefits and content")
SEND_ADVICE = ("调整发送时间与内容形式", "Change the time of sending and the form of the content")
OFFER_ADVICE = ("调整商品组合与优惠力度", "Change the mix of products and the strength of the offer")
METRICS: tuple[dict[str, Any], ...] = (
    {
        "code": "interactions_per_member",
        "level": "operations",
        "name_zh": "人均月互动次数",
        "name_en": "Interactions per member per month",
        "words_zh": "30 天内的互动次数除以这 30 天内有记录的会员数；购买不算互动。",
        "words_en": "Interactions of 30 days per member with a fact in these 30 days; buying is no interaction.",
        "formula": "interactions / active_members",
        "low": "12",
        "advice": SEND_ADVICE,
    },
    {
        "code": "message_open_rate",
        "level": "operations",
        "name_zh": "消息打开率",
        "name_en": "Message open rate",
        "words_zh": "可回传打开的消息中，打开数除以送达数，30 天；没有回传则不计。",
        "words_en": "Opens per delivery of messages that can report opens, 30 days; else it is not observed.",
        "formula": "messages_opened / messages_delivered",
        "unit": "share",
        "low": "0.65",
        "advice": SEND_ADVICE,
    },
    {
        "code": "click_to_order_rate",
        "level": "conversion",
        "name_zh": "点击下单率",
        "name_en": "Click-to-order rate",
        "words_zh": "追踪链接点击后 7 天内归因的订单数除以点击数，取 7 天已满的 30 天点击；每单只归最近一次点击。",
        "words_en": "Orders attributed within 7 days per tracked click, over the 30 days of clicks whose 7 days are over; an "
        "order belongs to the last click before it.",
        "formula": "click_orders / tracked_clicks",
        "unit": "share",
        "low": "0.08",
        "high": "0.15",
        "advice": OFFER_ADVICE,
    },
    {
        "code": "average_order_value",
        "level": "conversion",
        "name_zh": "客单价增幅",
        "name_en": "Average order value, change",
        "words_zh": "30 天净销售额除以订单数，与此前 30 天相比的变化。",
        "words_en": "Net revenue per order of 30 days, against the 30 days before them.",
        "formula": "revenue / orders",
        "comparison": "preceding",
        "unit": "share",
        "low": "0.20",
        "advice": OFFER_ADVICE,
    },
    {
        "code": "arpu",
        "level": "user_value",
        "name_zh": "ARPU",
        "name_en": "ARPU",
        "words_zh": "30 天净销售额除以这 30 天内有记录的会员数。",
        "words_en": "Net revenue of 30 days per member with a fact in these 30 days.",
        "formula": "revenue / active_members",
        "unit": "yuan",
        "low": "150",
        "high": "300",
        "advice": TIER_ADVICE,
    },
    {
        "code": "retention_30d",
        "level": "user_value",
        "name_zh": "30 天留存率",
        "name_en": "30-day retention",
        "words_zh": "某日注册的会员中，注册后第 30 至 36 天有记录的占比；此处合并最近 30 个已满 36 天的注册日。",
        "words_en": "Of those registered on a day, the share with a fact 30 to 36 days later; here the 30 latest days of "
        "registration whose 36 days are over, taken together.",
        "formula": "returned_members / matured_members",
        "unit": "share",
        "low": "0.45",
        "advice": TIER_ADVICE,
    },
)
SHIPPED = {
    "window_days": 30,
    "comparison": "none",
    "unit": "number",
    "good_side": "higher",
    "tolerance": "0.1",
    "is_active": True,
}


def load(apps: Any, _editor: Any) -> None:
    definitions = apps.get_model("dashboards", "MetricDefinition").objects
    versions = apps.get_model("dashboards", "MetricVersion").objects
    for place, given in enumerate(METRICS, 1):
        values = {**SHIPPED, "low": None, "high": None, **given, "position": place * 10}
        values["advice_zh"], values["advice_en"] = values.pop("advice")
        kept = {name: values[name] for name in values if name != "code"}
        for name in ("low", "high", "tolerance"):
            kept[name] = None if kept[name] is None else Decimal(kept[name])
        metric, made = definitions.get_or_create(code=values["code"], defaults=kept)
        if made:
            versions.create(metric=metric, version=1, definition={**values, "owner": None}, at=timezone.now())


class Migration(migrations.Migration):
    dependencies = [("dashboards", "0001_metrics")]
    operations = [migrations.RunPython(load, migrations.RunPython.noop, elidable=False)]
