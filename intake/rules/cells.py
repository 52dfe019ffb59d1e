"""The text of a cell as the text that PostgreSQL reads for its column, or nothing. What is wrong is a `BadCell` with its reason."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from decimal import Decimal

from compliance.rules.consent import is_purpose, recipient_of
from core.files import BadCell, DateOrder, Fault, parse_datetime, parse_decimal, parse_identifier, parse_text
from core.files.cells import SPACE, clean
from core.rules.normalise import NotNormal, normalise_email, normalise_phone
from intake.enums import Reason
from intake.rules.fields import Cell, Field

Convert = Callable[[str], str]
ConvertOrNone = Callable[[str], str | None]
#: How COPY writes that there is no value.
NULL = "\\N"
FIRST_MOMENT = datetime(1990, 1, 1, tzinfo=UTC)
SHORT_NAME = 2
#: What the columns of a line hold: numeric(12, 3) and numeric(14, 4).
MAX_QUANTITY = Decimal(10) ** 9
MAX_PRICE = Decimal(10) ** 10
#: What a sum in binary floating point adds to a price: 2.5500000000000003.
FLOAT_NOISE = Decimal("1e-9")

GENDERS = {
    "female": "female", "f": "female", "女": "female", "女性": "female", "女士": "female",
    "male": "male", "m": "male", "男": "male", "男性": "male", "先生": "male",
    "unknown": "", "other": "", "未知": "", "保密": "", "其他": "", "u": "", "-": "",
}  # fmt: skip
INTERACTIONS = {
    "浏览": "browse", "view": "browse", "page_view": "browse", "pageview": "browse", "点击": "click", "打开": "open",
    "阅读": "read", "观看": "watch", "收藏": "save", "分享": "share", "消息": "message", "发消息": "message",
    "签到": "check_in", "checkin": "check_in", "加入": "join", "入群": "join", "扫码": "scan", "到店": "visit",
    "领券": "coupon_claim", "评价": "review", "其他": "other",
}  # fmt: skip
PURPOSES = {
    "marketing": "marketing", "营销": "marketing", "营销消息": "marketing", "推广": "marketing",
    "personalisation": "personalisation", "personalization": "personalisation", "个性化": "personalisation",
    "个性化内容": "personalisation", "sensitive": "sensitive", "敏感": "sensitive", "敏感个人信息": "sensitive",
    "publish": "publish", "公开": "publish", "公开展示": "publish",
}  # fmt: skip
WAYS = {
    "any": "any", "all": "any", "全部": "any", "全部渠道": "any", "wecom": "wecom", "企微": "wecom", "企业微信": "wecom",
    "sms": "sms", "短信": "sms", "email": "email", "e-mail": "email", "邮件": "email", "邮箱": "email",
    "phone": "phone", "电话": "phone", "official_account": "official_account", "公众号": "official_account",
    "mini_program": "mini_program", "小程序": "mini_program",
}  # fmt: skip
CONSENTS = {
    "grant": "grant", "granted": "grant", "yes": "grant", "y": "grant", "1": "grant", "true": "grant", "同意": "grant",
    "授权": "grant", "是": "grant", "guardian_grant": "guardian_grant", "监护人同意": "guardian_grant",
    "refuse": "refuse", "refused": "refuse", "no": "refuse", "n": "refuse", "0": "refuse", "false": "refuse",
    "拒绝": "refuse", "不同意": "refuse", "否": "refuse", "withdraw": "withdraw", "withdrawn": "withdraw",
    "撤回": "withdraw", "退订": "withdraw", "取消": "withdraw", "取消授权": "withdraw",
}  # fmt: skip
FLAGS = {
    "yes": "1", "y": "1", "1": "1", "true": "1", "是": "1", "no": "", "n": "", "0": "", "false": "", "否": "", "-": "",
}  # fmt: skip

_ESCAPED = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}
_ESCAPES = str.maketrans(_ESCAPED)


def copy_text(value: str | None) -> str:
    """The value in the text format of COPY."""
    return NULL if value is None else value.translate(_ESCAPES)


def copy_texts(values: list[str]) -> list[str]:
    """The same for a whole column, most of which need no change: that is seen faster for all than for each."""
    together = "".join(values)
    if any(sign in together for sign in _ESCAPED):
        return [value.translate(_ESCAPES) for value in values]
    return values


@dataclass(frozen=True)
class Surroundings:
    """What converting needs to know from outside: the zone, the order of dates, the latest moment, names → ids."""

    zone: tzinfo
    latest: datetime
    date_order: DateOrder = DateOrder.UNDECLARED
    kinds: frozenset[str] = frozenset()
    stores: Mapping[str, int] = field(default_factory=dict)
    staff: Mapping[str, int] = field(default_factory=dict)


def converter(what: Field, around: Surroundings) -> ConvertOrNone:
    """Return the function for the cells of this field; an empty optional cell is an empty text, or None for a value."""
    convert = _BY_CELL[what.cell](what, around)
    empty = "" if what.cell in _TEXTS else None
    missing = Reason.NO_CUSTOMER if what.name == "external_id" else None

    def cell(text: str) -> str | None:
        if text.strip(SPACE):
            return convert(text)
        if not what.required:
            return empty
        if missing is not None:
            raise BadCell(missing)
        return convert(text)

    return cell


def _identifier(what: Field, _around: Surroundings) -> Convert:
    return lambda text: parse_identifier(text, what.max_length)


def _text(what: Field, _around: Surroundings) -> Convert:
    return lambda text: parse_text(text, what.max_length)


def _city(what: Field, _around: Surroundings) -> Convert:
    """杭州市 is 杭州; a name of two characters keeps its ending."""

    def convert(text: str) -> str:
        name = parse_text(text, what.max_length)
        return name[:-1] if len(name) > SHORT_NAME and name.endswith("市") else name

    return convert


def _time(_what: Field, around: Surroundings) -> Convert:
    def convert(text: str) -> str:
        moment = parse_datetime(text, around.zone, around.date_order)
        if moment > around.latest:
            raise BadCell(Reason.FUTURE_DATE)
        if moment < FIRST_MOMENT:
            raise BadCell(Reason.TOO_OLD)
        return moment.isoformat(sep=" ")

    return convert


def _date(_what: Field, around: Surroundings) -> Convert:
    def convert(text: str) -> str:
        moment = parse_datetime(text, around.zone, around.date_order).astimezone(around.zone)
        if moment > around.latest:
            raise BadCell(Reason.FUTURE_DATE)
        return moment.date().isoformat()

    return convert


def _number(limit: Decimal, places: Decimal) -> Convert:
    def convert(text: str) -> str:
        value = parse_decimal(text)
        exponent = value.as_tuple().exponent
        if isinstance(exponent, int) and exponent < places.as_tuple().exponent:  # type: ignore[operator]
            rounded = value.quantize(places)
            if abs(rounded - value) > FLOAT_NOISE:
                raise BadCell(Reason.TOO_PRECISE)
            value = rounded
        if abs(value) >= limit:
            raise BadCell(Fault.OUT_OF_RANGE)
        return f"{value:f}"

    return convert


def _quantity(_what: Field, _around: Surroundings) -> Convert:
    return _number(MAX_QUANTITY, Decimal("0.001"))


def _price(_what: Field, _around: Surroundings) -> Convert:
    return _number(MAX_PRICE, Decimal("0.0001"))


def _phone(_what: Field, _around: Surroundings) -> Convert:
    def convert(text: str) -> str:
        try:
            return normalise_phone(parse_identifier(text))
        except NotNormal:
            raise BadCell(Reason.BAD_PHONE) from None

    return convert


def _email(_what: Field, _around: Surroundings) -> Convert:
    def convert(text: str) -> str:
        try:
            return normalise_email(text)
        except NotNormal:
            raise BadCell(Reason.BAD_EMAIL) from None

    return convert


def _one_of(values: Mapping[str, str], otherwise: Reason) -> Convert:
    def convert(text: str) -> str:
        value = values.get(clean(text).lower())
        if value is None:
            raise BadCell(otherwise)
        return value

    return convert


def _gender(_what: Field, _around: Surroundings) -> Convert:
    return _one_of(GENDERS, Reason.UNKNOWN_VALUE)


def _interaction(_what: Field, around: Surroundings) -> Convert:
    return _one_of({**INTERACTIONS, **{kind: kind for kind in around.kinds}}, Reason.UNKNOWN_VALUE)


def _purpose(_what: Field, _around: Surroundings) -> Convert:
    known = _one_of(PURPOSES, Reason.UNKNOWN_VALUE)

    def convert(text: str) -> str:
        plain = clean(text).lower()
        return plain if recipient_of(plain) and is_purpose(plain) else known(text)

    return convert


def _way(_what: Field, _around: Surroundings) -> Convert:
    return _one_of(WAYS, Reason.UNKNOWN_VALUE)


def _consent(_what: Field, _around: Surroundings) -> Convert:
    return _one_of(CONSENTS, Reason.UNKNOWN_VALUE)


def _flag(_what: Field, _around: Surroundings) -> Convert:
    return _one_of(FLAGS, Reason.UNKNOWN_VALUE)


def _store(_what: Field, around: Surroundings) -> Convert:
    return _one_of({name.lower(): str(pk) for name, pk in around.stores.items()}, Reason.UNKNOWN_STORE)


def _staff(_what: Field, around: Surroundings) -> Convert:
    return _one_of({name.lower(): str(pk) for name, pk in around.staff.items()}, Reason.UNKNOWN_STAFF)


_BY_CELL: Mapping[Cell, Callable[[Field, Surroundings], Convert]] = {
    Cell.ID: _identifier,
    Cell.TEXT: _text,
    Cell.CITY: _city,
    Cell.TIME: _time,
    Cell.DATE: _date,
    Cell.QUANTITY: _quantity,
    Cell.PRICE: _price,
    Cell.PHONE: _phone,
    Cell.EMAIL: _email,
    Cell.GENDER: _gender,
    Cell.INTERACTION: _interaction,
    Cell.PURPOSE: _purpose,
    Cell.WAY: _way,
    Cell.CONSENT: _consent,
    Cell.FLAG: _flag,
    Cell.STORE: _store,
    Cell.STAFF: _staff,
}
#: Cells that are one of a few words.
WORDS: Mapping[Cell, Mapping[str, str]] = {
    Cell.GENDER: GENDERS,
    Cell.INTERACTION: INTERACTIONS,
    Cell.PURPOSE: PURPOSES,
    Cell.WAY: WAYS,
    Cell.CONSENT: CONSENTS,
    Cell.FLAG: FLAGS,
}


def words_of(cell: Cell, *, chinese: bool) -> list[str]:
    """One word for each value that the cell may hold, in Chinese or not, as the file may have it."""
    first: dict[str, str] = {}
    for word, value in WORDS.get(cell, {}).items():
        if chinese != word.isascii():
            first.setdefault(value, word)
    return list(first.values())


_TEXTS = frozenset(
    {Cell.ID, Cell.TEXT, Cell.CITY, Cell.PHONE, Cell.EMAIL, Cell.GENDER, Cell.INTERACTION, Cell.WAY, Cell.FLAG}
)
