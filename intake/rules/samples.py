"""Files to begin from: for each kind the columns that may be there, what goes into them, and rows that can be imported.

A word is given twice where it is written differently in English and in Chinese.
"""

from collections.abc import Iterator, Mapping

from django.utils.translation import gettext_lazy as _

from core.errors import Text
from intake.enums import ImportKind
from intake.rules.fields import FIELDS, Cell, Field

Word = str | tuple[str, str]

#: How a cell is written, for those that are not any text.
WRITTEN: Mapping[Cell, Text] = {
    Cell.TIME: _("2026-01-05 20:30, 2026/1/5 or 2026年1月5日; the time of day may be left out"),
    Cell.DATE: _("1995-03-08, 1995/3/8 or 1995年3月8日"),
    Cell.QUANTITY: _("A number; of a return with a minus: -1"),
    Cell.PRICE: _("A number, with ¥ and commas or without"),
    Cell.PHONE: _("A mobile of the mainland; any other number with + and the country"),
    Cell.EMAIL: _("name@example.com"),
    Cell.STORE: _("Code or name of a store that is set up here"),
    Cell.STAFF: _("User name or name of a member of staff"),
    Cell.CITY: _("杭州 or 杭州市; a new one is added"),
}
#: What cannot be guessed from the name of the field.
MEANT: Mapping[str, Text] = {
    "external_id": _("As your shop, till or member system has it: the same number is the same member"),
    "order_no": _("The lines of one order have the same number"),
    "product_name": _("Where the file has no codes, the name stands for the code"),
    "amount": _("What was paid for the line: where there is no unit price, it comes of this and the quantity"),
    "subject": _("The page, article, coupon or group it was about"),
    "key": _("A number of your own for the event: sent twice, it is counted once"),
    "notice_hash": _("Which version of the notice was shown"),
    "wording": _("What stood beside the box to tick"),
}

_CUSTOMERS = ("100001", "100002", "100003")
SAMPLES: Mapping[str, Mapping[str, tuple[Word, ...]]] = {
    ImportKind.PURCHASES: {
        "external_id": ("100001", "100001", "100002"),
        "order_no": ("SAMPLE-1001", "SAMPLE-1001", "SAMPLE-1002"),
        "line_at": ("2026-01-05 20:30", "2026-01-05 20:30", "2026-01-06 11:05"),
        "product_code": ("SAMPLE-01", "SAMPLE-02", "SAMPLE-01"),
        "product_name": (
            ("Moisturising cream", "保湿面霜"),
            ("Cleansing foam", "洁面泡沫"),
            ("Moisturising cream", "保湿面霜"),
        ),
        "quantity": ("1", "2", "1"),
        "unit_price": ("299.00", "89.00", "299.00"),
        "amount": ("299.00", "178.00", "299.00"),
        "store_id": ("", "", ""),
        "channel": (("mini program", "小程序"), ("mini program", "小程序"), ("store", "门店")),
        "coupon_code": ("", "", ""),
        "referral_code": ("", "", ""),
    },
    ImportKind.MEMBERS: {
        "external_id": _CUSTOMERS,
        "name": (("Sample Lin", "样例林晓"), ("Sample Chen", "样例陈静"), ("Sample Zhou", "样例周宁")),
        "phone": ("19900000001", "19900000002", "19900000003"),
        "email": ("lin@example.com", "", ""),
        "gender": (("female", "女"), ("female", "女"), ("male", "男")),
        "birthday": ("1995-03-08", "1988-11-20", ""),
        "city": (("Hangzhou", "杭州"), ("Shanghai", "上海"), ""),
        "registered_at": ("2025-06-01 10:00", "2025-09-12", "2026-01-03"),
        "home_store_id": ("", "", ""),
        "guide_id": ("", "", ""),
        "channel": (("mini program", "小程序"), ("store", "门店"), ""),
        "unionid": ("", "", ""),
        "openid": ("", "", ""),
        "external_userid": ("", "", ""),
        "card": ("", "", ""),
    },
    ImportKind.INTERACTIONS: {
        "external_id": ("100001", "100001", "100002"),
        "kind": (("view", "浏览"), ("share", "分享"), ("visit", "到店")),
        "occurred_at": ("2026-01-05 20:12", "2026-01-05 20:14", "2026-01-06 11:00"),
        "channel": (("mini program", "小程序"), ("mini program", "小程序"), ("store", "门店")),
        "subject": (("Winter care", "冬季护肤"), ("Winter care", "冬季护肤"), ""),
        "store_id": ("", "", ""),
        "key": ("sample-1", "sample-2", "sample-3"),
    },
    ImportKind.CONSENTS: {
        "external_id": _CUSTOMERS,
        "purpose": (("marketing", "营销"), ("marketing", "营销"), ("personalisation", "个性化")),
        "action": (("grant", "同意"), ("withdraw", "撤回"), ("grant", "同意")),
        "occurred_at": ("2026-01-05 20:10", "2026-01-05 21:00", "2026-01-06 11:00"),
        "channel": (("sms", "短信"), ("any", "全部"), ""),
        "notice_hash": ("", "", ""),
        "page": (("Sign-up form", "注册页"), ("Settings", "设置页"), ("Sign-up form", "注册页")),
        "wording": (("I would like to hear of offers", "我愿意接收优惠信息"), "", ""),
        "preset": (("no", "否"), "", ("no", "否")),
        "key": ("sample-1", "sample-2", "sample-3"),
    },
}


def sample_rows(kind: str, *, chinese: bool) -> Iterator[list[str]]:
    """The heading, in the words of the fields in the language of the moment, then rows that can be imported as they are."""
    columns = [(field, SAMPLES[kind][field.name]) for field in FIELDS[kind]]
    yield [str(field.label) for field, _cells in columns]
    for row in zip(*(cells for _field, cells in columns), strict=True):
        yield [_said(word, chinese=chinese) for word in row]


def example(kind: str, field: Field, *, chinese: bool) -> str:
    """The first thing that the sample has in the column."""
    return next((said for word in SAMPLES[kind][field.name] if (said := _said(word, chinese=chinese))), "")


def _said(word: Word, *, chinese: bool) -> str:
    return word if isinstance(word, str) else word[chinese]
