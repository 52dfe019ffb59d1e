"""Tags and saved views of the demo brand, as parameters of the member list."""

# group → (tag, rule); a tag without a rule is given by hand.
TAGS: dict[str, tuple[tuple[str, dict[str, list[str]] | None], ...]] = {
    "生命周期": (
        ("30天内新注册", {"registered_from": ["-30d"]}),
        ("60天未购买", {"last_order_to": ["-60d"]}),
        ("近7天有互动", {"last_interaction_from": ["-7d"]}),
    ),
    "消费能力": (
        ("年消费5000+", {"spend_from": ["5000"]}),
        ("年购10单+", {"orders_from": ["10"]}),
        ("高价值待唤醒", {"m": ["5"], "r": ["1", "2"]}),
    ),
    "地域": (
        ("一线城市", {"city_tier": ["first"]}),
        ("杭州会员", {"city": ["杭州"]}),
    ),
    "服务": (("VIP 关怀", None), ("敏感肌", None), ("新品体验官", None)),
}

# name, parameters, shared with everybody
VIEWS: tuple[tuple[str, dict[str, list[str]], bool], ...] = (
    ("高价值活跃", {"tier": ["high_value"]}, True),
    ("潜在高价值", {"tier": ["potential"]}, True),
    ("沉默待唤醒", {"tier": ["silent"], "m": ["4", "5"]}, True),
    ("本周新客", {"registered_from": ["-7d"]}, True),
    ("西湖店会员", {"store": ["hz-xihu"]}, False),
)

# tag given by hand → whom: parameters of the list, and every how manieth of them
BY_HAND: dict[str, tuple[dict[str, list[str]], int]] = {
    "VIP 关怀": ({"tier": ["high_value"], "spend_from": ["8000"]}, 1),
    "敏感肌": ({"tier": ["regular", "potential", "high_value"]}, 11),
    "新品体验官": ({"tier": ["high_value"]}, 7),
}
