# ruff: noqa: PLR2004 - the numbers are the shape of the brand
"""The invented brand 悦肤: what it sells, where, through which channels, and with which coupons. Facts only, no code paths."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Item:
    """One product. `pull` is how often it is chosen; `season` names the months in which it sells more."""

    code: str
    name: str
    category: str
    price: float
    cycle_days: int | None
    pull: float
    season: tuple[int, ...] = ()


SUMMER = (5, 6, 7, 8)
WINTER = (11, 12, 1, 2)

ITEMS = (
    Item("YF-C01", "悦肤 氨基酸净润洁面乳 120g", "洁面", 89, 60, 10),
    Item("YF-C02", "悦肤 云柔洁颜泡沫 150ml", "洁面", 79, 55, 6),
    Item("YF-C03", "悦肤 山茶花卸妆膏 100g", "卸妆", 139, 75, 5),
    Item("YF-C04", "悦肤 清透卸妆水 400ml", "卸妆", 69, 60, 5),
    Item("YF-T01", "悦肤 玫瑰柔润水 200ml", "水乳", 129, 75, 6),
    Item("YF-T02", "悦肤 神经酰胺舒缓水 150ml", "水乳", 169, 75, 5),
    Item("YF-T03", "悦肤 轻盈保湿乳 100ml", "水乳", 149, 75, 5, WINTER),
    Item("YF-S01", "悦肤 烟酰胺亮肤精华 30ml", "精华", 239, 60, 7),
    Item("YF-S02", "悦肤 玻尿酸水光精华 30ml", "精华", 199, 60, 7, WINTER),
    Item("YF-S03", "悦肤 视黄醇夜间精华 30ml", "精华", 329, 75, 4),
    Item("YF-S04", "悦肤 臻颜多肽精华 50ml", "精华", 569, 90, 2.5),
    Item("YF-M01", "悦肤 积雪草舒缓面膜 5片", "面膜", 69, 25, 9),
    Item("YF-M02", "悦肤 玻尿酸补水面膜 10片", "面膜", 99, 30, 9, WINTER),
    Item("YF-M03", "悦肤 高岭土清洁泥膜 100g", "面膜", 119, 90, 3, SUMMER),
    Item("YF-U01", "悦肤 清透防晒乳 SPF50 50ml", "防晒", 109, 50, 6, SUMMER),
    Item("YF-U02", "悦肤 轻薄防晒喷雾 150ml", "防晒", 79, 45, 4, SUMMER),
    Item("YF-F01", "悦肤 神经酰胺修护霜 50g", "面霜", 269, 90, 5, WINTER),
    Item("YF-F02", "悦肤 臻颜紧致面霜 50g", "面霜", 639, 90, 2, WINTER),
    Item("YF-E01", "悦肤 咖啡因眼部精华 15ml", "眼部", 189, 60, 4),
    Item("YF-E02", "悦肤 多肽眼霜 20g", "眼部", 299, 90, 3),
    Item("YF-B01", "悦肤 牛油果身体乳 250ml", "身体", 89, 60, 4, WINTER),
    Item("YF-B02", "悦肤 白茶护手霜 50ml", "身体", 39, 45, 5, WINTER),
    Item("YF-B03", "悦肤 蜂蜜润唇膏 4g", "身体", 35, 60, 4, WINTER),
    Item("YF-H01", "悦肤 氨基酸洗发露 400ml", "洗护", 79, 60, 4),
    Item("YF-K01", "悦肤 水光气垫 15g", "彩妆", 179, 90, 3),
    Item("YF-K02", "悦肤 丝绒唇釉 3g", "彩妆", 99, 120, 3),
    Item("YF-G01", "悦肤 旅行三件套", "套装", 99, None, 2, (9, 10, 2)),
    Item("YF-G02", "悦肤 水润焕采礼盒", "套装", 599, None, 1.2),
    Item("YF-G03", "悦肤 臻颜尊享礼盒", "套装", 1299, None, 0.4),
    Item("YF-G00", "悦肤 会员体验装（赠品）", "赠品", 0, None, 0),
)
GIFT = len(ITEMS) - 1
CHEAP = tuple(place for place, item in enumerate(ITEMS) if 0 < item.price <= 80)


@dataclass(frozen=True)
class Shop:
    code: str
    name: str
    city: str
    region: str
    pull: float


REGIONS = {
    "online": "线上",
    "east": "华东大区",
    "south": "华南大区",
    "north": "华北大区",
    "central": "华中大区",
    "west": "西部大区",
}

SHOPS = (
    Shop("online-01", "悦肤官方商城", "", "online", 0),
    Shop("sh-nanjingxilu", "上海南京西路店", "上海", "east", 10),
    Shop("sh-wujiaochang", "上海五角场店", "上海", "east", 7),
    Shop("hz-xihu", "杭州西湖店", "杭州", "east", 9),
    Shop("nj-xinjiekou", "南京新街口店", "南京", "east", 6),
    Shop("sz-guanqian", "苏州观前街店", "苏州", "east", 5),
    Shop("nb-tianyi", "宁波天一店", "宁波", "east", 3),
    Shop("gz-tianhe", "广州天河店", "广州", "south", 8),
    Shop("sz-futian", "深圳福田店", "深圳", "south", 8),
    Shop("fs-zumiao", "佛山祖庙店", "佛山", "south", 3),
    Shop("xm-zhongshan", "厦门中山路店", "厦门", "south", 3),
    Shop("bj-sanlitun", "北京三里屯店", "北京", "north", 9),
    Shop("bj-xidan", "北京西单店", "北京", "north", 6),
    Shop("tj-binjiang", "天津滨江道店", "天津", "north", 4),
    Shop("qd-shinan", "青岛市南店", "青岛", "north", 4),
    Shop("wh-jianghan", "武汉江汉路店", "武汉", "central", 6),
    Shop("cs-wuyi", "长沙五一广场店", "长沙", "central", 5),
    Shop("zz-erqi", "郑州二七店", "郑州", "central", 4),
    Shop("cd-chunxi", "成都春熙路店", "成都", "west", 8),
    Shop("cq-jiefangbei", "重庆解放碑店", "重庆", "west", 5),
    Shop("xa-xiaozhai", "西安小寨店", "西安", "west", 4),
)
GUIDES_PER_SHOP = 3

# Cities of members without a shop of their own, with their pull; those with shops get theirs from the shop.
CITIES = (
    ("上海", 5), ("北京", 5), ("广州", 4), ("深圳", 4), ("成都", 4), ("杭州", 4), ("重庆", 3), ("武汉", 3), ("苏州", 3), ("西安", 3),
    ("南京", 3), ("长沙", 3), ("天津", 2), ("郑州", 3), ("东莞", 2), ("无锡", 2), ("宁波", 2), ("青岛", 2), ("合肥", 2), ("昆明", 2),
    ("沈阳", 2), ("济南", 2), ("福州", 2), ("温州", 2), ("常州", 1), ("大连", 2), ("石家庄", 1), ("南宁", 1), ("哈尔滨", 2), ("南昌", 1),
    ("长春", 1), ("南通", 1), ("泉州", 1), ("贵阳", 1), ("太原", 1), ("绍兴", 1), ("扬州", 1), ("洛阳", 1), ("唐山", 1), ("芜湖", 1),
    ("赣州", 1), ("桂林", 1), ("宜昌", 1), ("绵阳", 1), ("海口", 1), ("开封", 1), ("九江", 1), ("衡阳", 1), ("南充", 1), ("宜宾", 1),
    ("菏泽", 1), ("阜阳", 1), ("梅州", 1), ("龙岩", 1), ("丽水", 1),
)  # fmt: skip
PREMIUM_CITIES = frozenset({"上海", "北京", "广州", "深圳", "杭州", "成都", "南京", "苏州"})

MINI_PROGRAM, STORE, WECOM, OFFICIAL, DOUYIN, REDNOTE, REFERRAL = (
    "小程序", "门店", "企业微信", "公众号", "抖音", "小红书", "老带新",
)  # fmt: skip
ORIGINS = (
    (STORE, 0.27), (WECOM, 0.16), (MINI_PROGRAM, 0.15), (DOUYIN, 0.15), (REDNOTE, 0.12), (OFFICIAL, 0.07), (REFERRAL, 0.08),
)  # fmt: skip
UTM = {
    STORE: ("store", "qr", "门店扫码"),
    WECOM: ("wecom", "guide", "导购活码"),
    MINI_PROGRAM: ("weapp", "search", "小程序搜索"),
    DOUYIN: ("douyin", "feed", "抖音盲盒"),
    REDNOTE: ("xiaohongshu", "note", "红书种草"),
    OFFICIAL: ("mp", "article", "公众号推文"),
    REFERRAL: ("member", "invite", "邀请有礼"),
}
CURRENT_CAMPAIGN = "会员招募月"

WELCOME_COUPON, SMALL_COUPON, MEMBER_COUPON = "XR20", "LQ10", "HY30"
ARTICLES = (
    "秋冬敏感肌护理指南", "早C晚A怎么搭", "防晒到底涂多少", "成分党看懂烟酰胺", "换季爆皮急救", "面膜几天敷一次", "眼周细纹从哪来",
    "油皮四季护肤清单", "孕期护肤注意事项", "会员日攻略",
)  # fmt: skip
LIVES = ("成分实验室直播", "工厂探访", "会员闪购专场", "护肤答疑连线")
GROUPS = ("悦肤会1群", "悦肤会2群", "悦肤会3群", "护肤打卡群", "新品体验官群")
#: Groups that are kept here, with those of the chats above by their names.
DEMO_GROUPS = ("悦肤会1群", "悦肤会2群", "悦肤会3群", "护肤打卡群", "新品体验官群", "西湖店福利群")
