"""Services whose advertising has rules of its own: finance, education, property."""

from compliance.enums.content import Pack, Severity
from compliance.rules.shipped.group import Group

FINANCE = "《广告法》第二十五条"
EDUCATION = "《广告法》第二十四条"
TUTORING = "中办国办“双减”意见（2021）；《校外培训行政处罚暂行办法》"
PROPERTY = "《广告法》第二十六条；《房地产广告发布规定》"

GROUPS = (
    Group(
        pack=Pack.FINANCE,
        severity=Severity.BLOCK,
        law=FINANCE,
        phrases="保本保息 保本保收益 保本付息 保收益 保证收益 承诺收益 收益保证 稳赚 稳赚不赔 稳赚不亏 只赚不赔 包赚不赔 零风险高收益 "
        "无风险收益 无风险理财 零风险理财 100%兑付 刚性兑付 本息保障 预期年化收益保证 躺着赚钱 日赚千元 月入过万不是梦 高额回报 高息返利 "
        "年化收益20% 翻倍收益 内幕消息 内部荐股 带你炒股 跟单稳赚 老师带单 牛股推荐 一夜暴富 暴富机会 财务自由不是梦 经济学家推荐 理财专家推荐 投资专家推荐 专家荐股 教授荐股 受益者见证 投资人见证",
        suggestion="删去；写明产品性质、风险等级和“投资有风险”",
        note="不得对未来效果、收益作保证性承诺，不得明示或暗示保本、无风险、保收益，不得利用学术机构、专业人士推荐",
    ),
    Group(
        pack=Pack.FINANCE,
        severity=Severity.WARN,
        law=f"{FINANCE}；《防范和处置非法集资条例》",
        phrases="高收益 保本 高回报 年化收益 预期收益 七日年化 无抵押贷款 秒批 秒到账 黑户可贷 征信花可贷 不看征信 零利息 0利息 免息 低息贷款 "
        "最快放款 贷款秒下 原始股 私募推荐 众筹分红 消费返利 消费全返 充值返现 充值返利 储值返利 会员分红 投资回报 股权激励招募 虚拟币 "
        "数字货币 区块链投资 理财推荐 保险理财 存款送礼",
        suggestion="写明年化利率、费用和风险提示；没有金融牌照的不得做",
        note="应有合理提示或警示，并显示风险责任承担",
    ),
    Group(
        pack=Pack.FINANCE,
        severity=Severity.ALLOW,
        law=FINANCE,
        phrases="不保本 不保证收益 不承诺收益 不承诺保本 并非保本 非保本 不保证本金 不构成收益保证 ",
        note="风险提示语",
    ),
    Group(
        pack=Pack.EDUCATION,
        severity=Severity.BLOCK,
        law=EDUCATION,
        phrases="包过班 保过班 不过退款包过 保证通过考试 保证录取 包录取 保录取 保证提分 保证考上 包就业 保证就业 包分配工作 必考上 找人代考 代考服务 替考服务 "
        "押题命中 考题命中 命题人授课 命题老师 出题人亲授 考试机构人员授课 阅卷老师亲授 通过率100% 提分率100% 升学率100% 零基础包过 "
        "名师包过 签约保分 内部名额 内部指标 免试拿证 不用考试拿证 免考取证 教育专家推荐 名校教授推荐 教育机构推荐 学员推荐 学员见证 学员现身说法 家长推荐 家长见证",
        suggestion="删去；可写课程内容、师资的真实资格、学时",
        note="不得对升学、通过考试、获得证书作保证性承诺，不得明示考试命题人员参与，不得利用受益者作推荐",
    ),
    Group(
        pack=Pack.EDUCATION,
        severity=Severity.WARN,
        law=f"{EDUCATION}；{TUTORING}",
        phrases="提分 快速提分 提分神器 冲刺名校 名校直通 名师一对一 北大清华名师 状元 状元笔记 高考状元推荐 学霸推荐 超前学习 幼小衔接 "
        "学科培训 小升初 奥数 暑期补课 寒假补课 零基础速成 三天学会 七天速成 一个月精通 轻松拿证 考证包 学历提升 快速拿学历 免联考 "
        "国际认证 就业推荐 高薪就业 月薪过万 学完就业 赢在起跑线 输在起跑线 别让孩子输",
        suggestion="写明课程内容、教师资格证号、退费办法；不得制造焦虑，不得有学科类培训",
        note="主流媒体、网络平台不得发布面向中小学生、幼儿的校外培训广告",
    ),
    Group(
        pack=Pack.PROPERTY,
        severity=Severity.BLOCK,
        law=PROPERTY,
        phrases="升值承诺 保证升值 稳升值 买了必涨 房价必涨 投资回报保证 售后包租 返本销售 无理由涨价前 零首付 首付贷 买房送户口 买房落户 "
        "承诺入学 保证入学 学位保证 五分钟到地铁 10分钟到市中心 紧邻规划地铁",
        suggestion="写明距离（米）和现状；不得承诺升值、入户、升学",
        note="不得有升值或投资回报的承诺，不得以所需时间表示位置，不得对规划中的设施作误导宣传",
    ),
    Group(
        pack=Pack.PROPERTY,
        severity=Severity.WARN,
        law=PROPERTY,
        phrases="学区房 名校旁 地铁盘 江景房 升值空间 升值潜力 投资首选 稀缺 绝版 楼王 皇家园林 龙脉 风水宝地 城市之巅 核心地段 黄金地段 "
        "精装交付 内部认购 工抵房 特价房",
        suggestion="写明事实和来源；面积注明建筑面积或套内面积",
        note="房源信息应当真实",
    ),
)
