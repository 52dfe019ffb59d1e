"""By which column names the figures of a platform's report are recognised."""

import re
from collections.abc import Iterable, Mapping

from django.utils.translation import gettext_lazy as _

from content.enums import ReportKind
from core.errors import Text

_NOT_LETTERS = re.compile(r"[（(].*?[)）]|[\W_]+")
COLUMNS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    ReportKind.LIVE: {
        "session": ("session", "sessionid", "liveid", "roomid", "场次", "场次id", "直播id", "直播间id", "直播编号"),
        "began_at": ("beganat", "startedat", "starttime", "begin", "date", "开播时间", "直播时间", "开始时间", "直播开始时间"),
        "title": ("title", "name", "直播标题", "标题", "直播主题", "主题"),
        "gmv": ("gmv", "revenue", "sales", "amount", "成交金额", "直播成交金额", "销售额", "支付金额", "gmv元"),
        "stay_minutes": ("stayminutes", "stay", "averagestay", "watchtime", "平均停留时长", "人均观看时长", "平均观看时长", "停留时长", "人均停留时长"),
        "slot": ("slot", "slotid", "slotnumber", "日程", "日程编号", "排期", "排期编号"),
        "viewers": ("viewers", "audience", "uv", "观看人数", "观众数", "累计观看人数", "进房人数"),
    },
    ReportKind.PLATFORM: {
        "account": ("account", "accountname", "账号", "账号名称", "公众号", "帐号"),
        "day": ("day", "date", "日期", "统计日期", "时间"),
        "followers": ("followers", "fans", "totalfollowers", "粉丝数", "累计关注人数", "累计粉丝", "总粉丝数", "关注人数"),
        "delivered": ("delivered", "sent", "messages", "送达人数", "私信送达数", "发送人数", "私信发送数"),
        "opened": ("opened", "opens", "read", "打开人数", "私信打开数", "阅读人数", "私信阅读数"),
    },
}  # fmt: skip
REQUIRED: Mapping[str, tuple[str, ...]] = {
    ReportKind.LIVE: ("session", "began_at"),
    ReportKind.PLATFORM: ("account", "day"),
}
LABELS: Mapping[str, Text] = {
    "session": _("number of the session"),
    "began_at": _("beginning"),
    "title": _("title"),
    "gmv": _("GMV (¥)"),
    "stay_minutes": _("average stay (minutes)"),
    "slot": _("number of the slot"),
    "viewers": _("viewers"),
    "account": _("account"),
    "day": _("day"),
    "followers": _("followers"),
    "delivered": _("direct messages delivered"),
    "opened": _("direct messages opened"),
}


def found_columns(kind: str, header: Iterable[str]) -> dict[str, str]:
    """Figure → column, for every column whose name is known; the first of two wins."""
    titles: dict[str, str] = {}
    for title in header:
        titles.setdefault(_NOT_LETTERS.sub("", title).lower(), title)
    return {
        name: titles[known]
        for name, names in COLUMNS[kind].items()
        if (known := next((each for each in names if each in titles), None)) is not None
    }
