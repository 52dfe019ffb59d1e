"""What a file of each kind may hold, and by which column names it is recognised."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from core.errors import Text
from intake.enums import ImportKind, Layout


class Cell(StrEnum):
    """How the text of a cell becomes a value."""

    ID = "id"
    TEXT = "text"
    CITY = "city"
    TIME = "time"
    DATE = "date"
    QUANTITY = "quantity"
    PRICE = "price"
    PHONE = "phone"
    EMAIL = "email"
    GENDER = "gender"
    INTERACTION = "interaction"
    STORE = "store"
    STAFF = "staff"
    PURPOSE = "purpose"
    WAY = "way"
    CONSENT = "consent"
    FLAG = "flag"


@dataclass(frozen=True)
class Field:
    """One value of a row. `personal` ones never stand in a reject report."""

    name: str
    label: Text
    cell: Cell
    names: tuple[str, ...]
    required: bool = False
    max_length: int = 64
    personal: bool = False


CUSTOMER = Field(
    "external_id",
    _("Customer number"),
    Cell.ID,
    ("externalid", "customerid", "customer", "memberid", "customerno", "memberno", "会员号", "会员编号", "客户编号", "会员id", "客户id", "客户号", "用户id"),
    required=True,
    max_length=128,
)  # fmt: skip
STORE = Field(
    "store_id",
    _("Store"),
    Cell.STORE,
    ("store", "storecode", "storeid", "shop", "门店", "门店编码", "店铺", "门店名称"),
)
CHANNEL = Field("channel", _("Channel"), Cell.TEXT, ("channel", "渠道", "来源渠道", "销售渠道"), max_length=40)

PURCHASE_FIELDS = (
    CUSTOMER,
    Field("order_no", _("Order number"), Cell.ID, ("orderno", "order", "orderid", "ordernumber", "invoiceno", "invoice", "订单号", "订单编号", "单号", "小票号"), required=True),
    Field("line_at", _("Time of purchase"), Cell.TIME, ("lineat", "time", "date", "datetime", "orderdate", "ordertime", "occurredat", "purchasedat", "invoicedate", "paidat", "下单时间", "购买时间", "支付时间", "时间", "日期", "订单时间", "成交时间"), required=True),
    Field("product_code", _("Product code"), Cell.ID, ("productcode", "product", "sku", "stockcode", "productid", "itemcode", "item", "商品编码", "商品编号", "货号", "商品代码", "商品id"), required=True),
    Field("product_name", _("Product name"), Cell.TEXT, ("productname", "description", "title", "itemname", "商品名称", "商品", "品名", "商品标题"), max_length=200),
    Field("quantity", _("Quantity"), Cell.QUANTITY, ("quantity", "qty", "count", "数量", "件数", "购买数量"), required=True),
    Field("unit_price", _("Unit price"), Cell.PRICE, ("unitprice", "price", "单价", "商品单价", "成交价"), required=True),
    STORE,
    CHANNEL,
    Field("coupon_code", _("Coupon code"), Cell.ID, ("couponcode", "coupon", "优惠券", "优惠券码", "券码")),
    Field("referral_code", _("Referral code"), Cell.ID, ("referralcode", "referral", "invitecode", "推荐码", "邀请码")),
)  # fmt: skip
INTERACTION_FIELDS = (
    CUSTOMER,
    Field("kind", _("Kind"), Cell.INTERACTION, ("kind", "type", "event", "eventtype", "action", "行为", "类型", "事件", "互动类型"), required=True),
    Field("occurred_at", _("Time"), Cell.TIME, ("occurredat", "time", "date", "datetime", "timestamp", "eventtime", "时间", "日期", "发生时间", "行为时间"), required=True),
    CHANNEL,
    Field("subject", _("What"), Cell.TEXT, ("subject", "what", "page", "object", "content", "target", "对象", "内容", "页面"), max_length=200),
    STORE,
    Field("key", _("Key of the event"), Cell.ID, ("key", "eventid", "id", "messageid", "事件id", "流水号"), max_length=200),
)  # fmt: skip
MEMBER_FIELDS = (
    Field("external_id", _("Customer number"), Cell.ID, CUSTOMER.names, max_length=128),
    Field("name", _("Name"), Cell.TEXT, ("name", "fullname", "nickname", "姓名", "名字", "昵称", "会员姓名", "客户姓名"), max_length=100, personal=True),
    Field("phone", _("Phone"), Cell.PHONE, ("phone", "mobile", "phonenumber", "tel", "telephone", "cellphone", "手机", "手机号", "手机号码", "电话", "联系电话"), personal=True),
    Field("email", _("E-mail"), Cell.EMAIL, ("email", "mail", "emailaddress", "邮箱", "电子邮箱", "邮件"), personal=True),
    Field("gender", _("Gender"), Cell.GENDER, ("gender", "sex", "性别")),
    Field("birthday", _("Birthday"), Cell.DATE, ("birthday", "birthdate", "dateofbirth", "dob", "生日", "出生日期"), personal=True),
    Field("city", _("City"), Cell.CITY, ("city", "城市", "所在城市"), max_length=80),
    Field("registered_at", _("Registered"), Cell.TIME, ("registeredat", "registered", "registrationdate", "joinedat", "createdat", "signupdate", "注册时间", "注册日期", "入会时间", "入会日期")),
    Field("home_store_id", _("Home store"), Cell.STORE, ("homestore", *STORE.names, "所属门店", "归属门店")),
    Field("guide_id", _("Guide"), Cell.STAFF, ("guide", "guideusername", "导购", "专属导购", "所属导购")),
    Field("channel", _("Channel of origin"), Cell.TEXT, CHANNEL.names, max_length=40),
    Field("unionid", _("WeChat unionid"), Cell.ID, ("unionid",), max_length=128, personal=True),
    Field("openid", _("WeChat openid"), Cell.ID, ("openid",), max_length=128, personal=True),
    Field("external_userid", _("WeCom customer id"), Cell.ID, ("externaluserid", "企微客户id"), max_length=128, personal=True),
    Field("card", _("Membership card"), Cell.ID, ("card", "cardno", "cardnumber", "membershipcard", "会员卡", "会员卡号", "卡号"), max_length=128, personal=True),
)  # fmt: skip
CONSENT_FIELDS = (
    CUSTOMER,
    Field("purpose", _("Purpose"), Cell.PURPOSE, ("purpose", "目的", "同意目的", "授权目的"), required=True, max_length=56),
    Field("action", _("Given or refused"), Cell.CONSENT, ("action", "consent", "answer", "status", "同意", "动作", "授权状态", "同意状态"), required=True),
    Field("occurred_at", _("Time"), Cell.TIME, ("occurredat", "time", "date", "datetime", "timestamp", "consentedat", "时间", "日期", "同意时间", "授权时间"), required=True),
    Field("channel", _("Channel"), Cell.WAY, ("channel", "way", "渠道", "触达渠道")),
    Field("notice_hash", _("Fingerprint of the notice"), Cell.ID, ("noticehash", "hash", "告知书指纹")),
    Field("page", _("Where she was asked"), Cell.TEXT, ("page", "form", "where", "页面", "表单", "位置"), max_length=200),
    Field("wording", _("Words beside the choice"), Cell.TEXT, ("wording", "words", "text", "文案", "告知内容"), max_length=500),
    Field("preset", _("Ticked beforehand"), Cell.FLAG, ("preset", "preticked", "default", "预勾选", "默认勾选")),
    Field("key", _("Key of the event"), Cell.ID, ("key", "eventid", "id", "流水号", "事件id"), max_length=200),
)  # fmt: skip

FIELDS: Mapping[str, tuple[Field, ...]] = {
    ImportKind.PURCHASES: PURCHASE_FIELDS,
    ImportKind.INTERACTIONS: INTERACTION_FIELDS,
    ImportKind.MEMBERS: MEMBER_FIELDS,
    ImportKind.CONSENTS: CONSENT_FIELDS,
}
#: By what a member can be known, in the order in which they are believed.
IDENTITIES = ("external_id", "phone", "email", "unionid", "openid", "external_userid", "card")

#: Columns of the known layouts; times of Online Retail are UTC.
LAYOUT_COLUMNS: Mapping[str, Mapping[str, str]] = {
    Layout.ONLINE_RETAIL: {
        "order_no": "InvoiceNo",
        "product_code": "StockCode",
        "product_name": "Description",
        "quantity": "Quantity",
        "line_at": "InvoiceDate",
        "unit_price": "UnitPrice",
        "external_id": "CustomerID",
    }
}
LAYOUT_TIMEZONES: Mapping[str, str] = {Layout.ONLINE_RETAIL: "UTC"}
LAYOUT_SOURCES: Mapping[str, str] = {Layout.ONLINE_RETAIL: "online-retail"}
DEFAULT_SOURCE = "file"


def field_of(kind: str, name: str) -> Field | None:
    return next((field for field in FIELDS[kind] if field.name == name), None)
