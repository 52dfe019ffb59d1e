"""What this product does with personal data, the assessments it needs, and the rules that may change: to begin with.

All are drafts in the brand's hands; 【…】 is what only the brand knows.
"""

from typing import Any

from django.db import migrations

QUARTER, HALF, YEAR = 90, 182, 365
ACTIVITIES = (
    (
        ("会员档案与身份识别", "Member profiles and identification"),
        "建立会员账户，在线上线下认出同一位会员，提供会员权益与服务。",
        "由会员注册、门店登记、文件导入或接口提交；手机号与邮箱加密存储，按盲索引匹配；员工按角色与门店范围查看，默认脱敏。",
        "姓名或昵称、性别、生日、城市、手机号、邮箱、会员号、企业微信外部联系人标识、unionid、openid、所属门店与导购。",
        "会员资格存续期间，注销后删除",
        ("contract", "会员服务协议"),
    ),
    (
        ("交易记录与售后", "Purchases and after-sales"),
        "履行订单与售后，核算会员等级与积分。",
        "由门店收银、商城与文件导入写入时间线；按会员与日期汇总。",
        "订单、商品、数量、金额、门店、优惠券、退款。",
        "会员资格存续期间；删除或注销后仅保留不含个人身份的金额与日期",
        ("contract", "买卖合同；《电子商务法》第三十一条（适用时）"),
    ),
    (
        ("互动与来源记录", "Interactions and origins"),
        "提供所需功能；经同意后用于个性化内容与效果衡量。",
        "由小程序、企业微信、公众号与链接自动生成并写入时间线。",
        "浏览、点击、签到、参与活动、来源渠道与活动参数。",
        "互动记录十三个月；来源记录会员资格存续期间",
        ("consent", ""),
    ),
    (
        ("会员分层、评分与标签", "Tiers, scores and tags"),
        "按近度、频度、金额与互动自动计算评分和层级，决定会员收到的服务与优惠；可解释、可关闭个性化。",
        "每小时按规则自动计算；规则及其变更留痕；会员页面可查看原因。",
        "交易与互动的汇总、评分、层级及其历史、标签。",
        "会员资格存续期间；历史随会员删除",
        ("consent", ""),
    ),
    (
        ("营销触达", "Marketing messages"),
        "向同意接收的会员发送优惠、新品与活动信息。",
        "发送前逐人经触达闸门核对同意、免打扰、静默时段与频次上限，并保存判定。",
        "联系方式、同意状态、触达记录。",
        "触达记录十三个月",
        ("consent", ""),
    ),
    (
        ("同意、拒绝与免打扰的证明", "Proof of consent, refusal and suppression"),
        "证明按会员的意愿处理个人信息；被拒绝的号码长期不再打扰。",
        "只追加的事件，含时间、渠道、页面、告知书版本；免打扰名单仅存不可逆指纹。",
        "同意与拒绝事件、撤回、免打扰指纹。",
        "作为证明长期保存，删除或注销后不含可识别本人的内容；免打扰指纹长期",
        ("legal_duty", "《个人信息保护法》第十四、十五、六十九条；《消费者权益保护法》第二十九条"),
    ),
    (
        ("个人权利请求的受理与答复", "Requests of data subjects"),
        "受理查阅、复制、更正、删除、限制、撤回、解释与注销请求。",
        "核验身份后在期限内办理；请求与答复加密保存，删除以销毁密钥收尾。",
        "请求内容、身份核验方式、答复。",
        "结案后三年",
        ("legal_duty", "《个人信息保护法》第四十四条至第五十条"),
    ),
    (
        ("名单导入与导出", "Imports and exports of lists"),
        "把门店与其他系统的数据并入会员档案；向获授权的员工提供名单文件。",
        "导入文件加密暂存，处理后删除；导出须写明用途，超过 1,000 行须第二人批准，文件带水印、加密、24 小时失效。",
        "文件所含的会员档案、交易与互动。",
        "导入原文件随任务清理；导出文件 24 小时，导出名单的人员编号三年",
        ("contract", "会员服务协议"),
    ),
    (
        ("员工账号与操作审计", "Staff accounts and audit"),
        "管理员工权限，记录谁在何时对谁的数据做了什么。",
        "只追加、逐分钟封存并签名的审计记录；登录、查看全文、导出均留痕。",
        "员工姓名、账号、角色、登录记录、操作记录、IP 地址。",
        "网络日志不少于六个月；审计记录三年以上",
        ("legal_duty", "《网络安全法》网络日志留存；《个人信息保护法》第五十一、五十四条"),
    ),
)
ASSESSMENTS = {
    "tiering": (
        (
            "目的：按会员的真实交易与互动划分层级，提供相称的服务与优惠，属会员服务之必要。方式：每小时按公开的规则自动计算近度、频度、金额评分与层级，"
            "仅使用已在告知书中列明的交易与互动记录，不使用敏感个人信息，不购买外部数据。依据：个性化以单独同意为前提，会员可随时关闭。"
        ),
        (
            "影响：层级影响优惠与服务的先后，不影响商品价格本身与会员的基本权益；误判可能使会员少收到优惠。风险：画像标签泄露、规则造成不合理的差别待遇、"
            "会员不知情。可能性低，后果一般。"
        ),
        (
            "措施：规则与每次变更留痕并可追溯；会员页面与解释请求可说明原因与改变条件；关闭个性化后不再用于推送；按角色与门店限定可见范围；审计封存；"
            "每年复核规则是否造成不合理差别。措施合法、有效，与风险程度相适应。"
        ),
    ),
    "large_export": (
        (
            "目的：仅限【写明本品牌确需导出名单的场景，如年度对账】。能在系统内完成的分析与触达不导出。方式：导出者写明用途，超过 1,000 行由第二人批准，"
            "仅含其本人可见的会员，联系方式默认脱敏。"
        ),
        "影响：文件离开系统后，查看与转发不再受系统控制；一旦外泄，涉及人数多、影响面大。风险：误发、留存过久、超出目的使用。",
        (
            "措施：写明用途、第二人批准、文件加密并在 24 小时后失效、内嵌导出人与用途的水印、下载须二次验证、保存名单人员编号以便事后追查；"
            "制度上要求用毕即删。措施与风险程度相适应。"
        ),
    ),
    "minors": (
        (
            "目的：仅为履行法定义务或答复监护人的请求而查看未成年会员的联系方式。不满十四周岁者的信息为敏感个人信息，须取得监护人单独同意。"
            "方式：逐次申请、第二人批准、当日有效。"
        ),
        "影响：未成年人的联系方式外泄可能危及人身安全与安宁，后果严重。风险：超出必要的查看、批准流于形式。",
        (
            "措施：默认脱敏；每次查看写明事由并经第二人批准；批准 24 小时后失效；次数受限；全部留痕；营销默认不触达未成年人；"
            "每年一月底前按要求报送上一年度情况。措施与风险程度相适应。"
        ),
    ),
    "entrusting": (
        "目的与范围：【受托方、委托事项、个人信息种类、期限】。委托为实现既有目的所必需，不超出告知范围。",
        "影响：受托方处理不当会直接损害会员权益，我们承担责任。风险：超范围处理、转委托、到期未删除、安全事件。",
        (
            "措施：书面合同约定目的、期限、方式、种类、保护措施与双方义务；未经同意不得转委托；定期监督；到期返还或删除并留存证明。"
            "【本次委托的技术措施】"
        ),
    ),
    "providing": (
        "目的与范围：【接收方、提供的目的、个人信息种类】。依据为每位会员的单独同意（提供给该接收方），未同意者不在其列。",
        "影响：接收方自行决定处理目的与方式，会员对其控制减弱。风险：超出同意范围使用、再次提供、影响难以撤回。",
        "措施：告知接收方名称、联系方式、目的、方式、种类并取得单独同意；仅提供必要字段；合同约束；撤回后停止提供。【本次提供的技术措施】",
    ),
    "abroad": (
        "目的与范围：【境外接收方、国家或地区、目的、种类、人数】。说明出境的必要性，以及适用的路径（安全评估、认证或标准合同）。",
        "影响：境外法律与救济途径不同，会员行使权利更难。风险：当地机关调取、再次转移、事件通知迟延。",
        "措施：单独同意；标准合同或认证并按规定备案；仅提供必要字段；加密传输与存储；约定行权渠道与事件通知。【本次出境的具体措施】",
    ),
}
RULES = (
    (
        ("企业微信：客户群发规则", "WeCom: rules of mass messages"),
        "企业微信帮助中心与服务商公告；群发说明页（2025-11-17 更新）",
        "每位客户每月可收到的群发条数、须成员确认；渠道上限据此设置。",
        QUARTER,
    ),
    (
        ("企业微信：禁止外挂与自动化规范", "WeCom: ban on plug-ins and automation"),
        "企业微信使用规范、外挂治理公告",
        "产品不提供外挂、RPA 与批量加人；接口频率上限。",
        QUARTER,
    ),
    (
        ("微信外部链接内容管理规范", "WeChat: rules for external links"),
        "微信开放社区《微信外部链接内容管理规范》（2025-10-23 生效版本）",
        "诱导分享、诱导关注、强制跳转会导致链接乃至域名被封。",
        QUARTER,
    ),
    (
        ("微信公众平台：分销与多级返利", "WeChat: distribution and rebates"),
        "微信公众平台运营规范及 2015、2016 年分销公告",
        "下级提成或滚动招募会被永久封禁；推荐层级默认 1，最多 2。",
        HALF,
    ),
    (
        ("短信：商业性短信的同意与退订", "SMS: consent and refusal"),
        "工信部《通信短信息服务管理规定》及修订进展；短信服务商规则",
        "商业短信须经同意并写明退订方式；同意证明的保存期。",
        HALF,
    ),
    (
        ("抖音、小红书：导流私域规则", "Douyin and RED: leading to private domain"),
        "抖音电商规则中心；小红书社区与商家规则",
        "站外引流的限制决定公域到私域的做法。",
        QUARTER,
    ),
    (
        ("个人信息保护法配套规定", "Rules under PIPL"),
        "国家网信办 www.cac.gov.cn：App 规则（2026-01-10 征求意见）、认证与合规审计办法",
        "权利请求的答复期限、合规审计频次、负责人报送。",
        QUARTER,
    ),
    (
        ("个人信息出境门槛", "Thresholds of sending data abroad"),
        "国家网信办《促进和规范数据跨境流动规定》、出境认证办法（2026-01-01）",
        "人数门槛决定是否需要标准合同、认证或安全评估。",
        HALF,
    ),
    (
        ("未成年人个人信息年度报送", "Yearly report on minors' data"),
        "国家网信办 2025-12-29 通知；报送平台 grxxbh.cacdtsc.cn",
        "每年一月底前报送上一年度未成年人个人信息保护情况。",
        YEAR,
    ),
    (
        ("网络安全事件报告", "Reporting of incidents"),
        "《国家网络安全事件报告管理办法》（2025-11-01）",
        "分级标准与报告时限：较大以上四小时内报告。",
        HALF,
    ),
    (
        ("广告法与执法指南", "Advertising Law and its guides"),
        "市场监管总局：《广告法》、绝对化用语执法指南（2023）",
        "词库的禁用与警示词、豁免情形。",
        HALF,
    ),
    (
        ("反不正当竞争法：有奖销售", "Unfair competition: prize draws"),
        "《反不正当竞争法》（2025-10-15 施行）、《规范促销行为暂行规定》",
        "单奖上限五万元、规则公示与不得变更。",
        HALF,
    ),
    (
        ("敏感个人信息目录", "Catalogue of sensitive information"),
        "GB/T 45574-2025《敏感个人信息处理安全要求》",
        "字段分级与单独同意的范围。",
        YEAR,
    ),
)


def load(apps: Any, _schema_editor: object) -> None:
    """Also called by the tests after a flush."""
    activity = apps.get_model("compliance", "ProcessingActivity")
    assessment = apps.get_model("compliance", "Assessment")
    rule = apps.get_model("compliance", "WatchedRule")
    activity.objects.bulk_create(
        activity(
            name_zh=names[0],
            name_en=names[1],
            purpose=purpose,
            method=method,
            categories=categories,
            retention=retention,
            legal_basis=basis,
            basis_note=note,
        )
        for names, purpose, method, categories, retention, (basis, note) in ACTIVITIES
    )
    assessment.objects.bulk_create(
        assessment(feature=code, number=1, lawfulness=lawfulness, impact=impact, measures=measures)
        for code, (lawfulness, impact, measures) in ASSESSMENTS.items()
    )
    rule.objects.bulk_create(
        rule(name_zh=names[0], name_en=names[1], source=source, matters=matters, every_days=days)
        for names, source, matters, days in RULES
    )


class Migration(migrations.Migration):
    dependencies = [("compliance", "0031_register_guards")]
    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
