"""The four types with their targets, the fan festival, 3-5-1, festivals and templates: facts that a marketer then edits."""

from datetime import time
from decimal import Decimal
from typing import Any

from django.db import migrations

TYPES = (
    # code, mark, stage, zh, en, aim zh, aim en, practice zh, practice en, minutes, measured after, targets
    (
        *("article", "文", "nurture", "图文攻略", "Article"),
        *("产品教育、使用场景", "Product education, use scenes"),
        *("美妆步骤、家电清洁指南", "Make-up steps, appliance cleaning guide"),
        *(15, 7, {"read_through": "0.65", "save_rate": "0.12"}),
    ),
    (
        *("short_video", "视", "attract", "短视频", "Short video"),
        *("情感共鸣、销售预热", "Emotion, warming up a sale"),
        *("工厂探访、员工日记", "Factory visits, staff diary"),
        *(15, 7, {"completion": "0.40", "share_rate": "0.08"}),
    ),
    (
        *("live", "播", "convert", "直播互动", "Live session"),
        *("即时转化、激活社群", "Instant conversion, waking the group"),
        *("限时秒杀、连麦答疑", "Flash sale, Q&A by call-in"),
        *(90, 3, {"gmv": "50000", "stay": "25"}),
    ),
    (
        *("persona", "人", "nurture", "个人IP内容", "Persona"),
        *("建立信任、传递价值观", "Trust, values"),
        *("创始人专栏、用户故事", "Founder's column, users' stories"),
        *(15, 7, {"follower_growth": "0.15", "open_rate": "0.70"}),
    ),
    (
        *("fan_festival", "节", "convert", "粉丝节", "Fan festival"),
        *("集中回馈、会员聚会", "A day for the members"),
        *("会员日、品牌生日", "Member day, the brand's birthday"),
        *(240, 7, {}),
    ),
)
CADENCE = (
    ("干货", "Useful posts", "article", 3, "week"),
    ("直播", "Live sessions", "live", 5, "month"),
    ("粉丝节", "Fan festival", "fan_festival", 1, "quarter"),
)
FESTIVALS = (
    # code, zh, en, kind, reckoning, month, day, and what differs
    ("new_year", "元旦", "New Year", "festival", "solar", 1, 1, {}),
    ("laba", "腊八节", "Laba", "festival", "lunar", 12, 8, {}),
    ("new_year_goods", "年货节", "New Year goods", "shopping", "lunar", 1, 1, {"offset": -28, "length": 22}),
    ("new_year_eve", "除夕", "New Year's Eve", "festival", "lunar", 1, 1, {"offset": -1}),
    ("spring", "春节", "Spring Festival", "festival", "lunar", 1, 1, {"length": 7}),
    ("valentine", "情人节", "Valentine's Day", "festival", "solar", 2, 14, {}),
    ("lantern", "元宵节", "Lantern Festival", "festival", "lunar", 1, 15, {}),
    ("women", "妇女节", "Women's Day", "shopping", "solar", 3, 8, {}),
    ("qingming", "清明", "Qingming", "festival", "term", 0, 0, {"term": "清明"}),
    ("labour", "劳动节", "Labour Day", "festival", "solar", 5, 1, {"length": 5}),
    ("mother", "母亲节", "Mother's Day", "festival", "weekday", 5, 2, {"weekday": 6}),
    ("five_twenty", "520", "520", "shopping", "solar", 5, 20, {}),
    ("children", "儿童节", "Children's Day", "festival", "solar", 6, 1, {}),
    ("dragon_boat", "端午节", "Dragon Boat Festival", "festival", "lunar", 5, 5, {}),
    ("618", "618", "618", "shopping", "solar", 6, 18, {}),
    ("father", "父亲节", "Father's Day", "festival", "weekday", 6, 3, {"weekday": 6}),
    ("qixi", "七夕", "Qixi", "festival", "lunar", 7, 7, {}),
    ("mid_autumn", "中秋节", "Mid-Autumn Festival", "festival", "lunar", 8, 15, {}),
    ("national", "国庆节", "National Day", "festival", "solar", 10, 1, {"length": 7}),
    ("double_ninth", "重阳节", "Double Ninth", "festival", "lunar", 9, 9, {}),
    ("double_eleven", "双11", "Double 11", "shopping", "solar", 11, 11, {}),
    ("double_twelve", "双12", "Double 12", "shopping", "solar", 12, 12, {}),
    ("solstice", "冬至", "Winter solstice", "festival", "term", 0, 0, {"term": "冬至"}),
    ("christmas", "圣诞节", "Christmas", "festival", "solar", 12, 25, {}),
)
WARM_UP = (
    # days, time, type, zh, en
    (-14, time(20), "article", "攻略：提前看懂怎么买", "Guide: what to buy and why"),
    (-10, time(20), "short_video", "预热：幕后筹备", "Warm-up: behind the scenes"),
    (-7, time(12), "persona", "主理人说：这次的心意", "The founder: what this one means"),
    (-5, time(20), "article", "清单：会员专属优惠", "List: what members get"),
    (-3, time(20), "live", "预热直播：抢先看", "Live: a first look"),
    (-1, time(20), "short_video", "倒计时一天", "One day left"),
    (0, time(20), "live", "主会场直播", "The main live session"),
    (2, time(12), "article", "返场与晒单", "Encore, and what members showed"),
)
TEMPLATES = (
    ("618 大促", "618 sale", "618", WARM_UP),
    ("双11 大促", "Double 11 sale", "double_eleven", WARM_UP),
    ("双12 返场", "Double 12 sale", "double_twelve", WARM_UP[3:]),
    ("新春年货", "New Year goods", "spring", WARM_UP[:6]),
    ("中秋心意", "Mid-Autumn", "mid_autumn", WARM_UP[:6]),
    ("妇女节", "Women's Day", "women", WARM_UP[2:7]),
)


def load(apps: Any, _editor: Any) -> None:
    types = {}
    for position, row in enumerate(TYPES, 1):
        code, mark, stage, zh, en, aim_zh, aim_en, practice_zh, practice_en, minutes, days, targets = row
        types[code] = apps.get_model("content", "ContentType").objects.create(
            code=code,
            mark=mark,
            stage=stage,
            name_zh=zh,
            name_en=en,
            aim_zh=aim_zh,
            aim_en=aim_en,
            practice_zh=practice_zh,
            practice_en=practice_en,
            minutes=minutes,
            measure_days=days,
            position=position * 10,
        )
        for metric, least in targets.items():
            apps.get_model("content", "Target").objects.create(type=types[code], metric=metric, least=Decimal(least))
    for position, (zh, en, code, count, period) in enumerate(CADENCE, 1):
        apps.get_model("content", "CadenceRule").objects.create(
            name_zh=zh, name_en=en, type=types[code], count=count, period=period, position=position * 10
        )
    festivals = {}
    for code, zh, en, kind, reckoning, month, day, more in FESTIVALS:
        festivals[code] = apps.get_model("content", "Festival").objects.create(
            code=code, name_zh=zh, name_en=en, kind=kind, reckoning=reckoning, month=month, day=day, **more
        )
    for zh, en, festival, items in TEMPLATES:
        template = apps.get_model("content", "FestivalTemplate").objects.create(
            name_zh=zh, name_en=en, festival=festivals[festival]
        )
        for days, at, code, title_zh, title_en in items:
            apps.get_model("content", "TemplateItem").objects.create(
                template=template, days=days, time=at, type=types[code], title_zh=title_zh, title_en=title_en
            )
    apps.get_model("content", "CalendarSettings").objects.create(id=1)


class Migration(migrations.Migration):
    dependencies = [("content", "0002_evidence")]
    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
