"""The settings as the law or the house has them, and a notice to begin with; 【…】 is what a brand fills in."""

from typing import Any

from django.db import migrations

CHANNELS = (
    # channel, messages, days: WeCom lets one message a day through, our own cap over all channels is stricter
    ("wecom", 1, 1),
    ("sms", 2, 30),
    ("email", 4, 30),
    ("phone", 1, 30),
    ("official_account", 4, 30),
    ("mini_program", 4, 30),
)
CHINESE = {
    "controller": """个人信息处理者：【公司全称】（以下称“我们”），注册地址：【注册地址】。
个人信息保护负责人：【姓名或岗位】，电话：【电话】，电子邮箱：【邮箱】。
关于个人信息的任何问题、请求或投诉，均可通过以上方式或会员隐私中心联系我们。""",
    "collected": """会员身份信息（手机号、会员号、昵称或姓名） ｜ 建立会员账户、识别身份、提供会员权益 ｜ 由您注册、入会或在门店登记时提供 ｜ 会员资格存续期间，注销后删除
联系渠道标识（企业微信外部联系人标识、unionid、openid、电子邮箱） ｜ 为您提供服务；经您同意后向您发送营销信息 ｜ 由您添加企业微信、关注公众号或使用小程序时产生 ｜ 会员资格存续期间，注销或解绑后删除
交易记录（订单、商品、金额、门店、优惠券） ｜ 履行订单与售后、会员等级与积分 ｜ 购买时由我们的系统生成 ｜ 会员资格存续期间；删除或注销后仅保留不含您身份的金额与日期，用于统计
互动记录（浏览、点击、签到、参与活动） ｜ 提供所需功能；经您同意后用于个性化内容 ｜ 使用小程序、打开消息或参与活动时自动生成 ｜ 十三个月
同意与拒绝的记录（时间、渠道、页面、告知书版本） ｜ 证明我们按您的意愿处理个人信息 ｜ 在您作出选择时生成 ｜ 作为证明长期保存；删除或注销后不再含有能识别您的内容""",
    "retention": """我们仅在实现上述目的所必需的最短时间内保存您的个人信息，各类信息的保存期限见上方清单；法律、行政法规另有规定的，从其规定。
清单中写明期限的信息，期限届满后由系统自动删除。您撤回同意后，我们立即停止以该同意为依据的处理；您要求删除或注销账户的，我们在核验身份后删除您的个人信息。
被拒绝营销的号码仅保留无法还原的指纹，以确保不再打扰您。依法必须继续保存的，以及删除在技术上难以实现的，我们停止除存储和采取必要安全保护措施之外的处理。""",
    "recipients": """无""",
    "sensitive": """我们不以会员营销为目的处理您的敏感个人信息（如生物识别、医疗健康、行踪轨迹、金融账户等）。
如某项服务确需处理敏感个人信息，我们会事前单独告知处理的必要性以及对您个人权益的影响，并取得您的单独同意；您不同意不影响使用其他服务。""",
    "automated": """经您单独同意后，我们会根据您的交易和互动记录，对您感兴趣的商品和活动作出自动分析，以便推送更相关的内容。
您可以随时在会员隐私中心关闭“个性化内容”，关闭后您收到的是不针对您个人特征的内容；不会因此影响会员权益，也不会在价格等交易条件上受到不合理的差别待遇。
对您的权益有重大影响的自动化决定，您有权要求我们予以说明，并有权拒绝仅以自动化方式作出的决定。""",
    "rights": """您有权：查阅、复制您的个人信息；更正、补充不准确或不完整的信息；要求删除；限制或者拒绝我们的处理；撤回同意；要求解释处理规则；在符合条件时要求转移；注销会员账户。
行使方式：打开会员隐私中心提交请求，或致电【电话】、发送邮件至【邮箱】，也可在任一门店书面提出。我们在核验身份后十五个工作日内答复，不收取费用；如不能满足，我们会说明理由。
撤回同意与给予同意同样便捷：在会员隐私中心关闭相应开关，或回复“退订”“TD”“拒收”即可。撤回不影响此前基于同意已进行的处理。
您可以向我们投诉，也可以向履行个人信息保护职责的部门投诉、举报，或向人民法院提起诉讼。""",
    "minors": """我们的会员服务面向成年人。未满十八周岁的会员，我们不向其发送营销信息。
不满十四周岁未成年人的个人信息，我们仅在取得其父母或者其他监护人同意后处理；监护人可随时通过上述方式查阅、更正、删除相关信息或撤回同意。
如发现未经监护人同意收集了不满十四周岁未成年人的信息，我们将尽快删除。""",
    "changes": """处理目的、处理方式或者个人信息种类发生变更的，我们会以本告知书的新版本告知您，并重新取得您的同意；在您重新同意之前，我们不会依据旧的同意向您发送营销信息。
其他变更会在本页面公布，并注明版本号与生效日期。历史版本可向我们索取。""",
}
ENGLISH = {
    "controller": """Controller: 【company name】 ("we"), registered at 【registered address】.
Officer in charge of personal information: 【name or post】, telephone 【telephone】, e-mail 【e-mail】.
Reach us there, or through the privacy centre, with any question, request or complaint.""",
    "collected": """Who you are (telephone number, member number, nickname or name) ｜ keeping your membership, recognising you, giving you its benefits ｜ you tell us when you join or register in a shop ｜ as long as you are a member; deleted when you close the account
How to reach you (WeCom contact id, unionid, openid, e-mail) ｜ serving you; with your consent, marketing messages ｜ comes about when you add us on WeCom, follow the account or use the mini program ｜ as long as you are a member; deleted when you leave or unbind
Purchases (orders, products, amounts, shop, coupons) ｜ delivery, after-sales service, tier and points ｜ made by our systems when you buy ｜ as long as you are a member; after deletion or closing only amount and day stay, without you, for our sums
Interactions (browsing, clicks, check-ins, activities) ｜ the functions you use; with your consent, personalised content ｜ made when you use the mini program, open a message or take part ｜ thirteen months
What you agreed to or refused (time, channel, page, version of this notice) ｜ proving that we do as you wished ｜ made when you choose ｜ kept as proof; after deletion or closing nothing in it tells who you were""",
    "retention": """We keep personal information for the shortest time that the purposes above need; the list says how long for each kind. Where a law asks for another time, that time applies.
What the list names a time for is deleted by our systems when that time is over. When you withdraw a consent, we stop at once what rests on it; when you ask for deletion or close your account, we delete your information after checking who asks.
Of a number that refused marketing a fingerprint stays, from which the number cannot be read, so that it is left alone. What a law has us keep, and what is technically hard to delete, is stored and protected and nothing else.""",
    "recipients": """none""",
    "sensitive": """For marketing we do not process sensitive personal information (such as biometrics, health, whereabouts or bank accounts).
Should a service need it, we shall tell you beforehand why it is necessary and what it means for you, and ask for a separate consent; refusing has no effect on other services.""",
    "automated": """With your separate consent we analyse your purchases and interactions automatically, to send you content that suits you better.
You can switch "Personalised content" off in the privacy centre at any time and then receive content that does not depend on your traits. Your benefits stay the same, and nobody gets an unreasonably different price.
Of a decision with a great effect on you, made by a machine alone, you may ask for an explanation, and you may refuse it.""",
    "rights": """You may see and copy your information, have it corrected, completed or deleted, restrict or refuse what we do with it, withdraw a consent, have our rules explained, have it transferred where the conditions are met, and close your account.
How: in the privacy centre, by telephone 【telephone】, by e-mail to 【e-mail】, or in writing in any shop. After checking who asks we answer within fifteen working days, free of charge; if we cannot do what you ask, we say why.
Withdrawing is as easy as agreeing: turn the switch off in the privacy centre, or answer 退订, TD or STOP. What was done before stays lawful.
You may complain to us or to the authority for personal information, or go to court.""",
    "minors": """Our membership is meant for adults. Members under eighteen get no marketing messages.
Information about children under fourteen is processed only with the consent of a parent or guardian, who may see, correct or delete it or withdraw the consent at any time, as said above.
If we find that it was collected without that consent, we delete it as soon as possible.""",
    "changes": """When a purpose, a method or a kind of information changes, we tell you by a new version of this notice and ask for your consent anew; until you agree, no marketing message rests on the old consent.
Other changes are published on this page with version and date. Earlier versions can be had from us.""",
}


def load(apps: Any, _editor: Any) -> None:
    apps.get_model("compliance", "ContactSettings").objects.get_or_create(id=1)
    for channel, most, days in CHANNELS:
        apps.get_model("compliance", "ChannelRule").objects.get_or_create(
            channel=channel, defaults={"most": most, "days": days}
        )
    notices = apps.get_model("compliance", "Notice").objects
    if not notices.exists():
        notices.create(code="privacy", number=1, texts={"zh-hans": CHINESE, "en": ENGLISH}, summary="首个版本")


class Migration(migrations.Migration):
    dependencies = [("compliance", "0002_evidence")]
    operations = [migrations.RunPython(load, migrations.RunPython.noop, elidable=False)]
