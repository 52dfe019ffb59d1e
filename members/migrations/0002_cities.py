"""City tiers as marketers commonly use them: the four first-tier cities and the fifteen "new first-tier" ones.

The list of new first-tier cities changes a little every year (Yicai's ranking of 2024 is used); it is seed data.
"""

from typing import Any

from django.db import migrations

CITIES = {
    "first": "北京:北京 上海:上海 广州:广东 深圳:广东",
    "new_first": "成都:四川 杭州:浙江 重庆:重庆 武汉:湖北 苏州:江苏 西安:陕西 南京:江苏 长沙:湖南 天津:天津 郑州:河南 "
    "东莞:广东 无锡:江苏 宁波:浙江 青岛:山东 合肥:安徽",
    "second": "昆明:云南 沈阳:辽宁 济南:山东 厦门:福建 福州:福建 温州:浙江 常州:江苏 大连:辽宁 石家庄:河北 南宁:广西 "
    "哈尔滨:黑龙江 金华:浙江 南昌:江西 长春:吉林 南通:江苏 泉州:福建 贵阳:贵州 嘉兴:浙江 太原:山西 惠州:广东 "
    "徐州:江苏 绍兴:浙江 中山:广东 台州:浙江 烟台:山东 兰州:甘肃 潍坊:山东 临沂:山东 珠海:广东 佛山:广东",
    "third": "扬州:江苏 盐城:江苏 洛阳:河南 汕头:广东 唐山:河北 保定:河北 廊坊:河北 芜湖:安徽 赣州:江西 桂林:广西 "
    "襄阳:湖北 宜昌:湖北 岳阳:湖南 株洲:湖南 绵阳:四川 遵义:贵州 银川:宁夏 呼和浩特:内蒙古 乌鲁木齐:新疆 海口:海南",
    "lower": "开封:河南 信阳:河南 九江:江西 上饶:江西 邵阳:湖南 衡阳:湖南 曲靖:云南 南充:四川 达州:四川 宜宾:四川 "
    "菏泽:山东 聊城:山东 阜阳:安徽 六安:安徽 玉林:广西 梅州:广东 龙岩:福建 丽水:浙江 大同:山西 赤峰:内蒙古",
}


def load(apps: Any, _editor: Any) -> None:
    city = apps.get_model("members", "City")
    pairs = [(tier, *entry.split(":")) for tier, text in CITIES.items() for entry in text.split()]
    city.objects.bulk_create(city(name=name, province=province, tier=tier) for tier, name, province in pairs)


class Migration(migrations.Migration):
    dependencies = [("members", "0001_initial")]
    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
