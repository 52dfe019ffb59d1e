"""What a file of each kind may hold, and by which column names it is recognised: folded, see `mapping.folded`."""

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
    """One value of a row. A `required` one may be empty in no row, and needs a column unless another of `ONE_OF` has one.

    `personal` ones never stand in a reject report.
    """

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
    ("externalid", "customerid", "customer", "memberid", "customerno", "memberno", "customernumber", "membernumber", "userid", "会员号", "会员编号", "客户编号", "会员id", "客户id", "客户号", "用户id", "用户编号", "顾客编号"),
    required=True,
    max_length=128,
)  # fmt: skip
STORE = Field(
    "store_id",
    _("Store"),
    Cell.STORE,
    (
        "store",
        "storecode",
        "storeid",
        "storename",
        "shop",
        "shopname",
        "门店",
        "门店编码",
        "门店名称",
        "店铺",
        "店铺名称",
        "消费门店",
        "下单门店",
    ),
)
CHANNEL = Field(
    "channel",
    _("Channel"),
    Cell.TEXT,
    ("channel", "source", "渠道", "来源渠道", "销售渠道", "订单来源", "下单渠道"),
    max_length=40,
)

PURCHASE_FIELDS = (
    CUSTOMER,
    Field("order_no", _("Order number"), Cell.ID, ("orderno", "order", "orderid", "ordernumber", "invoiceno", "invoice", "订单号", "订单编号", "单号", "小票号", "交易号", "交易单号", "销售单号", "主订单编号", "流水号"), required=True),
    Field("line_at", _("Time of purchase"), Cell.TIME, ("lineat", "time", "date", "datetime", "orderdate", "ordertime", "occurredat", "purchasedat", "invoicedate", "paidat", "timeofpurchase", "purchasetime", "purchasedate", "下单时间", "购买时间", "消费时间", "支付时间", "付款时间", "订单付款时间", "订单创建时间", "交易时间", "时间", "日期", "订单时间", "成交时间", "销售时间", "下单日期", "购买日期", "消费日期", "销售日期", "订单日期"), required=True),
    Field("product_code", _("Product code"), Cell.ID, ("productcode", "product", "sku", "stockcode", "productid", "itemcode", "item", "skucode", "barcode", "商品编码", "商品编号", "货号", "商品代码", "商品id", "sku编码", "商家编码", "规格编码", "商品条码", "条码", "款号", "产品编码", "产品编号"), required=True),
    Field("product_name", _("Product name"), Cell.TEXT, ("productname", "description", "title", "itemname", "productname", "goods", "商品名称", "商品", "品名", "商品标题", "产品名称", "产品", "宝贝标题", "货品名称"), max_length=200),
    Field("quantity", _("Quantity"), Cell.QUANTITY, ("quantity", "qty", "count", "数量", "件数", "购买数量", "商品数量", "销售数量", "宝贝数量", "购买件数"), required=True),
    Field("unit_price", _("Unit price"), Cell.PRICE, ("unitprice", "price", "单价", "商品单价", "销售单价", "成交单价", "实付单价", "成交价", "售价"), required=True),
    Field("amount", _("Amount of the line"), Cell.PRICE, ("amount", "amountoftheline", "lineamount", "linetotal", "total", "totalamount", "paid", "paidamount", "amountpaid", "实付金额", "实付", "行金额", "金额", "实收金额", "支付金额", "付款金额", "成交金额", "消费金额", "销售额", "销售金额", "商品金额", "小计", "总价", "总金额"), required=True),
    STORE,
    CHANNEL,
    Field("coupon_code", _("Coupon code"), Cell.ID, ("couponcode", "coupon", "优惠券", "优惠券码", "优惠券编码", "优惠码", "券码")),
    Field("referral_code", _("Referral code"), Cell.ID, ("referralcode", "referral", "invitecode", "推荐码", "邀请码")),
)  # fmt: skip
INTERACTION_FIELDS = (
    CUSTOMER,
    Field("kind", _("Kind"), Cell.INTERACTION, ("kind", "type", "event", "eventtype", "action", "行为", "类型", "事件", "互动类型", "行为类型", "事件类型", "事件名称", "互动"), required=True),
    Field("occurred_at", _("Time"), Cell.TIME, ("occurredat", "time", "date", "datetime", "timestamp", "eventtime", "时间", "日期", "发生时间", "行为时间", "互动时间", "事件时间"), required=True),
    CHANNEL,
    Field("subject", _("What"), Cell.TEXT, ("subject", "what", "page", "object", "content", "target", "对象", "内容", "页面", "互动对象", "互动内容"), max_length=200),
    STORE,
    Field("key", _("Key of the event"), Cell.ID, ("key", "eventid", "eventkey", "keyoftheevent", "id", "messageid", "事件id", "事件编号", "流水号"), max_length=200),
)  # fmt: skip
MEMBER_FIELDS = (
    Field("external_id", _("Customer number"), Cell.ID, CUSTOMER.names, max_length=128),
    Field("name", _("Name"), Cell.TEXT, ("name", "fullname", "realname", "nickname", "姓名", "真实姓名", "名字", "名称", "昵称", "微信昵称"), max_length=100, personal=True),
    Field("phone", _("Phone"), Cell.PHONE, ("phone", "mobile", "mobilephone", "mobilenumber", "mobileno", "phonenumber", "phoneno", "tel", "telephone", "cell", "cellphone", "手机", "手机号", "手机号码", "移动电话", "电话", "电话号码", "联系电话", "联系手机", "联系方式"), personal=True),
    Field("email", _("E-mail"), Cell.EMAIL, ("email", "mail", "emailaddress", "邮箱", "邮箱地址", "电子邮箱", "电子邮件", "邮件"), personal=True),
    Field("gender", _("Gender"), Cell.GENDER, ("gender", "sex", "性别")),
    Field("birthday", _("Birthday"), Cell.DATE, ("birthday", "birthdate", "dateofbirth", "dob", "生日", "生日日期", "出生日期", "出生年月日"), personal=True),
    Field("city", _("City"), Cell.CITY, ("city", "town", "城市", "所在城市", "常住城市", "居住城市"), max_length=80),
    Field("registered_at", _("Registered"), Cell.TIME, ("registeredat", "registered", "registrationdate", "joinedat", "createdat", "registrationtime", "joindate", "jointime", "signupdate", "createdate", "注册时间", "注册日期", "入会时间", "入会日期", "加入时间", "加入日期", "开卡时间", "开卡日期", "办卡时间", "办卡日期", "创建时间")),
    Field("home_store_id", _("Home store"), Cell.STORE, ("homestore", "所属门店", "归属门店", "注册门店", "入会门店", "开卡门店", "常去门店", *STORE.names)),
    Field("guide_id", _("Guide"), Cell.STAFF, ("guide", "guideusername", "导购", "导购员", "专属导购", "所属导购", "归属导购", "服务导购")),
    Field("channel", _("Channel of origin"), Cell.TEXT, ("channeloforigin", *CHANNEL.names, "来源", "注册渠道", "入会渠道"), max_length=40),
    Field("unionid", _("WeChat unionid"), Cell.ID, ("unionid", "wechatunionid", "微信unionid"), max_length=128, personal=True),
    Field("openid", _("WeChat openid"), Cell.ID, ("openid", "wechatopenid", "微信openid"), max_length=128, personal=True),
    Field("external_userid", _("WeCom customer id"), Cell.ID, ("externaluserid", "wecomcustomerid", "企微客户id", "企业微信客户id"), max_length=128, personal=True),
    Field("card", _("Membership card"), Cell.ID, ("card", "cardno", "cardnumber", "membershipcard", "会员卡", "会员卡号", "卡号", "实体卡号"), max_length=128, personal=True),
)  # fmt: skip
CONSENT_FIELDS = (
    CUSTOMER,
    Field("purpose", _("Purpose"), Cell.PURPOSE, ("purpose", "目的", "同意目的", "授权目的"), required=True, max_length=56),
    Field("action", _("Given or refused"), Cell.CONSENT, ("action", "consent", "answer", "status", "givenorrefused", "同意", "同意或拒绝", "是否同意", "动作", "授权状态", "同意状态"), required=True),
    Field("occurred_at", _("Time"), Cell.TIME, ("occurredat", "time", "date", "datetime", "timestamp", "consentedat", "时间", "日期", "同意时间", "授权时间"), required=True),
    Field("channel", _("Channel"), Cell.WAY, ("channel", "way", "渠道", "触达渠道")),
    Field("notice_hash", _("Fingerprint of the notice"), Cell.ID, ("noticehash", "hash", "fingerprintofthenotice", "告知书指纹")),
    Field("page", _("Where she was asked"), Cell.TEXT, ("page", "form", "where", "whereshewasasked", "页面", "表单", "位置", "征求同意的位置"), max_length=200),
    Field("wording", _("Words beside the choice"), Cell.TEXT, ("wording", "words", "text", "wordsbesidethechoice", "文案", "选项旁的文字", "告知内容"), max_length=500),
    Field("preset", _("Ticked beforehand"), Cell.FLAG, ("preset", "preticked", "default", "tickedbeforehand", "预勾选", "预先勾选", "默认勾选")),
    Field("key", _("Key of the event"), Cell.ID, ("key", "eventid", "eventkey", "keyoftheevent", "id", "流水号", "事件id", "事件编号"), max_length=200),
)  # fmt: skip

FIELDS: Mapping[str, tuple[Field, ...]] = {
    ImportKind.PURCHASES: PURCHASE_FIELDS,
    ImportKind.INTERACTIONS: INTERACTION_FIELDS,
    ImportKind.MEMBERS: MEMBER_FIELDS,
    ImportKind.CONSENTS: CONSENT_FIELDS,
}
#: By what a member can be known, in the order in which they are believed.
IDENTITIES = ("external_id", "phone", "email", "unionid", "openid", "external_userid", "card")
#: Of each of these at least one needs a column. A unit price comes of amount and quantity; a name may stand for a code.
ONE_OF: Mapping[str, tuple[tuple[str, ...], ...]] = {
    ImportKind.PURCHASES: (("product_code", "product_name"), ("unit_price", "amount")),
    ImportKind.MEMBERS: (IDENTITIES,),
}

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


def needs_of(kind: str) -> list[tuple[Field, ...]]:
    """What a file of this kind must have columns for; where several are named, one of them is enough."""
    groups = [[field_of(kind, name) for name in names] for names in ONE_OF.get(kind, ())]
    one_of = [tuple(field for field in group if field) for group in groups]
    several = {field for group in one_of for field in group}
    alone = [(field,) for field in FIELDS[kind] if field.required and field not in several]
    return sorted([*alone, *one_of], key=lambda fields: FIELDS[kind].index(fields[0]))


def field_of(kind: str, name: str) -> Field | None:
    return next((field for field in FIELDS[kind] if field.name == name), None)
