"""Claims that concern every trade: absolute words, the state, comparisons, promotions, sharing."""

from compliance.enums.content import Pack, Severity
from compliance.rules.shipped.group import Group, joined
from compliance.rules.shipped.promises import EXPERTS, RECOMMEND, SOON, WORKS

ABSOLUTE = "《广告法》第九条第（三）项"
STATE = "《广告法》第九条第（一）（二）项"
TRUTH = "《广告法》第四条、第八条、第二十八条"
ENDORSED = "《广告法》第二十八条、第三十八条"
SOURCE = "《广告法》第十一条"
RIVALS = "《广告法》第十三条；《反不正当竞争法》商业诋毁条款"
ORDER = "《广告法》第九条第（四）至（九）项"
PRICE = "《明码标价和禁止价格欺诈规定》第十九条"
DRAWS = "《规范促销行为暂行规定》第十一条至第十九条"
SHARING = "《微信外部链接内容管理规范》诱导分享、诱导关注"

GROUPS = (
    Group(
        pack=Pack.STATUTORY,
        severity=Severity.BLOCK,
        law=ABSOLUTE,
        phrases="国家级 最高级 最佳",
        suggestion="删去该词，改为可核实的事实，如奖项名称、检测数据、适用人群",
        note="法条点名的三个用语；罚款二十万元以上一百万元以下（第五十七条）",
    ),
    Group(
        pack=Pack.STATUTORY,
        severity=Severity.BLOCK,
        law=ABSOLUTE,
        phrases="国家级产品 国家级品质 国家级标准 全国最佳 世界最佳 全球最佳 行业最佳 业内最佳 同类最佳 史上最佳 最佳品质 最佳品牌 "
        "最佳选择 最高级别 最高级品质",
        suggestion="写出具体的等级、标准号或奖项及其年份",
        note="由点名用语构成",
    ),
    Group(
        pack=Pack.STATUTORY,
        severity=Severity.BLOCK,
        law=STATE,
        phrases="国家免检 国家免检产品 质量免检 免检产品 国家推荐 国家推荐产品 国家指定 国家机关推荐 国家机关专供 中央机关专供 "
        "国家领导人推荐 领导人推荐 国家领导人专用 政府推荐 政府指定 军队特供 军队专供 部队特供 人民大会堂专供 人民大会堂特供 "
        "国宴专用 国务院推荐 国家机关指定 部委推荐 卫健委推荐 药监局推荐 食药监推荐 食药监局推荐 市场监管局推荐 工信部推荐 商务部推荐 "
        "农业农村部推荐",
        suggestion="删去；可写经核实的认证名称和证书编号",
        note="不得使用或变相使用国家机关及其工作人员的名义或形象；免检制度已于 2008 年废止",
    ),
    Group(
        pack=Pack.STATUTORY,
        severity=Severity.BLOCK,
        law=STATE,
        phrases="军旗 军徽 军歌",
        suggestion="删去",
        note="不得使用或变相使用国旗、国歌、国徽、军旗、军歌、军徽",
    ),
    Group(
        pack=Pack.STATUTORY,
        severity=Severity.BLOCK,
        law=ORDER,
        phrases="聚众赌博 迷信转运 算命改运 种族优越 民族歧视 性别歧视",
        suggestion="删去",
        note="妨碍社会公共秩序、违背社会良好风尚，或含淫秽、赌博、迷信、歧视的内容",
    ),
    Group(
        pack=Pack.STATUTORY,
        severity=Severity.ALLOW,
        law="市场监管总局《广告绝对化用语执法指南》（2023）",
        phrases="最佳食用期 最佳食用期限 最佳食用温度 最佳食用方法 最佳赏味期 最佳赏味期限 最佳饮用期 最佳饮用温度 最佳饮用时间 最佳品尝期 "
        "最佳使用时间 最佳使用期 最佳使用期限 最佳使用温度 最佳使用方法 最佳保存温度 最佳储存温度 最佳观赏期 最佳观看时间 最佳入住时间 "
        "最佳实践 最佳影片 最佳男主角 最佳女主角 最佳导演 国家级非物质文化遗产 国家级自然保护区 国家级风景名胜区 国家级高新技术企业 "
        "国家级专精特新",
        note="表示时间、方法、温度，或依法定程序授予的名称，不指商品的优劣",
    ),
    Group(
        pack=Pack.GENERAL,
        severity=Severity.ALLOW,
        law="市场监管总局《广告绝对化用语执法指南》（2023）",
        phrases="最大限度 最大程度 最大承重 最大功率 最大容量 最大尺寸 最小起订量 最高温度 最高水位 最高限速 最高不超过 最高可减 最高可省 "
        "最高立减 最低温度 最低消费 最低年龄 最低起订 最新消息 最新通知 最新公告 最新活动 最新版本 最新一期 最新修订 最先到店 最后一天 "
        "最后一步 最好提前 最好不要 最好在 最好先 最好避免 最喜欢 最爱吃 最想 最多可 最少 孤独家 "
        "唯一标识 唯一编号 唯一码 唯一解释权 首个订单 绝对路径 绝对值 绝对禁止 绝对不要 永久地址 永久居民 永久删除 永久关闭 "
        "顶级域名 极致风格 完美收官 完美主义 王牌卫视",
        note="时间、程度、规格、操作说明或固定词，不是对商品的绝对化评价",
    ),
    Group(
        pack=Pack.GENERAL,
        severity=Severity.ALLOW,
        law="通用语",
        phrases="第一次 第一步 第一天 第一周 第一个月 第一年 第一季 第一期 第一批 第一章 第一条 第一款 第一项 第一时间 第一眼 "
        "第一印象 第一课 第一人称 第一手 第一代 第一阶段 第一顺位 第一件半价 第一杯 第一位顾客 第一支 第一集 第一季度 第一受益人",
        note="次序；单独的“第一”不收",
    ),
    Group(
        pack=Pack.GENERAL,
        severity=Severity.WARN,
        law=ABSOLUTE,
        phrases="最好 最好用 最好吃 最好看 最优 最优质 最优秀 最优惠 最便宜 最低价 最低价格 最低折扣 全网最低 全网最低价 史上最低 史上最低价 "
        "历史最低价 全年最低价 最高端 最高档 最高品质 最高质量 最高水平 最高标准 最大 最大品牌 最大规模 最强 最强大 最快 最新 最新技术 "
        "最先进 最先进科学 最尖端 最前沿 最科学 最先 最早 最安全 最健康 最天然 最纯净 最环保 最有效 最管用 最神奇 最权威 最专业 最正宗 "
        "最地道 最奢华 最奢侈 最豪华 最尊贵 最时尚 最流行 最受欢迎 最畅销 最热销 最火爆 最潮 最美 最漂亮 最舒适 最舒服 最贴心 最完美 最耐用 "
        "最省电 最省钱 最划算 最实惠 最具性价比 最值得 最顶级 最极致 最赚 最符合 最幸福 最丰富 最全 最齐全 最新鲜 最美味 最香 最甜",
        suggestion="改为可核实的比较或事实，如“本店同款 90 天内最低成交价”“较上一代省电 15%（检测报告编号）”",
        note="“最”字用语：指向商品或经营者优劣且不能证明的，按绝对化用语处理",
    ),
    Group(
        pack=Pack.GENERAL,
        severity=Severity.WARN,
        law=f"{ABSOLUTE}；{SOURCE}",
        phrases="第一品牌 全国第一 全球第一 世界第一 中国第一 亚洲第一 行业第一 业内第一 全网第一 品类第一 销量第一 全网销量第一 销售额第一 "
        "排名第一 口碑第一 质量第一品牌 遥遥领先第一 第一家 中国第一家 全国第一家 第1品牌 全国第1 全网第1 销量第1 NO.1 TOP1 "
        "全国NO.1 销量NO.1 销量冠军 销冠品牌 冠军品牌 单品冠军 类目冠军 销量之王 全网销冠 榜首 独占鳌头",
        suggestion="写明数据来源、统计范围和时间，如“据某平台 2026 年 1—6 月该类目销售额统计”",
        note="引用数据、排名应真实准确并表明出处；有适用范围和有效期的应一并写明",
    ),
    Group(
        pack=Pack.GENERAL,
        severity=Severity.WARN,
        law=ABSOLUTE,
        phrases="唯一 独一无二 绝无仅有 史无前例 前无古人 空前绝后 前所未有 无与伦比 无可比拟 无可替代 不可替代 天下无双 举世无双 无人能及 "
        "无敌 所向披靡 万能 全能之王 极品 极佳 绝佳 绝佳品质 极致 极致奢华 顶级 顶级品质 顶尖 顶尖技术 尖端 巅峰 巅峰之作 终极 至尊 "
        "至臻 殿堂级 宇宙级 世界级 全球级 国际级 国际顶级 王牌 王者 之王 霸主 领袖品牌 领导品牌 领导者 引领者 缔造者 开创者 鼻祖 "
        "祖师爷 首席 首选品牌 首选 首家 首个 首创 全国首创 全球首发 全国首发 全网首发 独家 独家配方 独家秘方 独家技术 独创 填补国内空白 "
        "填补空白 国际领先 国内领先 世界领先 全球领先 行业领先 遥遥领先 远超同行 完爆 秒杀同行 吊打同行",
        suggestion="改为具体特点；确有依据的，附上证明并写明范围和时间",
        note="绝对化或排他的用语",
    ),
    Group(
        pack=Pack.GENERAL,
        severity=Severity.WARN,
        law=TRUTH,
        phrases="绝对 绝对有效 绝对正品 100% 百分之百 百分百 百分百有效 100%有效 100%安全 100%满意 100%好评 零风险 0风险 零缺陷 零瑕疵 "
        "零投诉 零差评 永久 永久有效 永不褪色 永不反弹 永不变形 终身免费 终身质保 一劳永逸 包治 包过 包赚 包您满意 无效退款 假一赔万 全网都在用 人人都说好 人手一支 无人不知 "
        "家喻户晓 妇孺皆知 童叟无欺 完美无缺 完美 纯天然 纯天然无添加 零添加 0添加 无任何添加 无副作用 毫无副作用 没有任何副作用 "
        "不含任何化学成分 不含防腐剂 原装进口 百年品牌 百年老字号 祖传 祖传秘方 古法秘制 宫廷秘方 皇家专用 御用 贡品 特供 专供",
        suggestion="写明条件、数据和依据；做不到的承诺删去",
        note="不得含虚假或引人误解的内容；性能、功能、成分、有效期的表述应准确、清楚、明白",
    ),
    Group(
        pack=Pack.GENERAL,
        severity=Severity.WARN,
        law=TRUTH,
        phrases=f"{joined(SOON, '见效')} {WORKS} 立竿见影 保证见效 保证有效 确保见效 确保有效 包见效 包有效 不见效退款 不见效包退 没效果退款 没效果包退 "
        "无效包退 无效退钱 百试百灵 百试百验 屡试不爽 一用就灵 一抹就灵 一抹就好",
        suggestion="删去时间和保证；确有依据的，写明检测报告或功效评价的编号、人数、周期和“因人而异”",
        note="对见效时间、效果的断言；不能证明的属引人误解。医疗、药品、医疗器械（第十六条）和保健食品（第十八条）一律不得有",
    ),
    Group(
        pack=Pack.GENERAL,
        severity=Severity.ALLOW,
        law="通用语",
        phrases="见效因人而异 不保证见效 不保证有效 不能保证见效 不能保证有效 不承诺见效 即可见效果图 天见效率 日见效率 月见效率 日见效益 月见效益",
        note="提示语，或指效率、效益、效果图，不是对效果的保证",
    ),
    Group(
        pack=Pack.GENERAL,
        severity=Severity.WARN,
        law=ENDORSED,
        phrases=joined(EXPERTS, RECOMMEND),
        suggestion="删去；确有其人其事的，附本人使用过的证明、授权和可核实的出处",
        note="推荐人须真实、使用过并有依据。医疗、药品、医疗器械（第十六条），保健食品（第十八条），农药、兽药、饲料（第二十一条），教育培训（第二十四条），"
        "招商投资（第二十五条）的广告一律不得利用推荐、证明",
    ),
    Group(
        pack=Pack.GENERAL,
        severity=Severity.ALLOW,
        law="通用语",
        phrases="专家推荐阅读 专家推荐信 教授推荐信 学者推荐信 协会推荐性标准 高校推荐免试",
        note="推荐信、推荐性标准、推荐免试，不是对商品的推荐",
    ),
    Group(
        pack=Pack.GENERAL,
        severity=Severity.WARN,
        law="《广告法》第十二条",
        phrases="专利产品 国家专利 发明专利 专利技术 多项专利 独家专利 已获专利 申请专利",
        suggestion="标明专利号和专利种类；未授权的申请、已终止的专利不得用",
        note="涉及专利的应标明专利号和种类",
    ),
    Group(
        pack=Pack.GENERAL,
        severity=Severity.WARN,
        law=STATE,
        phrases="驰名商标 中国驰名商标 著名商标 名牌产品 中国名牌 央视推荐 央视上榜品牌 CCTV推荐 新华社推荐 人民日报推荐 奥运指定 奥运专用 "
        "亚运指定 航天专用 航天员同款 国旗 国徽 国歌 国礼",
        suggestion="删去，或附有效的授权、认定文件及期限",
        note="《商标法》第十四条：“驰名商标”字样不得用于广告宣传；其余须有授权",
    ),
    Group(
        pack=Pack.GENERAL,
        severity=Severity.WARN,
        law=RIVALS,
        phrases="同行都是假货 别家都是假的 其他品牌有毒 比某某更好 吊打大牌 碾压大牌 平替大牌 大牌同厂 大牌代工 同仁堂同款 假货泛滥 其他都是智商税",
        suggestion="只说自己的商品；比较须有可核实的数据并不指明对方",
        note="不得贬低其他生产经营者的商品或者服务",
    ),
    Group(
        pack=Pack.PROMOTION,
        severity=Severity.WARN,
        law=PRICE,
        phrases="原价 市场价 专柜价 全网底价 跳楼价 清仓价 亏本甩卖 亏本清仓 全场免费 免费领取 免费送 0元购 零元购 0元领 1元秒杀 白菜价 "
        "出厂价 成本价 批发价 内部价 员工价 史无前例大促 今日必买 再不买就涨价 即将涨价 恢复原价 最后一天清仓 限时抢购 仅此一天 售完即止 "
        "数量有限 手慢无 抢到就是赚到",
        suggestion="写明基准价的定义、活动起止时间、数量和条件，如“8 月 1—3 日，限 500 件，较 30 天内成交价减 20 元”",
        note="不得使用虚假或误导性的价格、时间、数量表述；“原价”指促销前七日内的最低成交价",
    ),
    Group(
        pack=Pack.PROMOTION,
        severity=Severity.WARN,
        law=DRAWS,
        phrases="百分百中奖 100%中奖 人人有奖 必中 必中大奖 中奖率100% 豪车大奖 终极大奖 免单大奖 抽iPhone 抽手机 最终解释权归 "
        "最终解释权 解释权归本店所有 解释权归商家",
        suggestion="公布奖品种类、数量或概率、参与条件、时间、兑奖方式和主办方；删去“最终解释权”",
        note="有奖销售须明示信息；单项奖金不超过五万元；不得用格式条款排除消费者权利",
    ),
    Group(
        pack=Pack.PROMOTION,
        severity=Severity.BLOCK,
        law="《禁止传销条例》第二条、第七条",
        phrases="拉人头 发展下线 下线返利 多级分销 三级分销 无限级分销 无限级返佣 团队计酬 团队业绩提成 躺赚下线 交入门费 静态收益 动态收益 "
        "拉满人头",
        suggestion="删去；推荐奖励只按被推荐人真实付款且过退货期的订单给，且仅一级",
        note="按人头计酬、收入门费、团队计酬是传销的三种行为，与级数多少无关",
    ),
    Group(
        pack=Pack.PROMOTION,
        severity=Severity.BLOCK,
        law=SHARING,
        phrases="分享后才能看 分享到群领红包 分享朋友圈领红包 转发朋友圈送 转发到三个群 转发3个群 不转发就倒霉 集赞送 集赞换礼 "
        "集齐赞 分享解锁 分享得现金 转发得现金 关注才能领 关注后领取 关注即送红包 邀请好友助力提现 助力砍一刀 砍一刀免费拿",
        suggestion="奖励改为对应好友自愿注册或购买，不以分享、关注为条件",
        note="以奖励或胁迫诱导分享、关注，链接会被限制访问",
    ),
    Group(
        pack=Pack.PROMOTION,
        severity=Severity.WARN,
        law=SHARING,
        phrases="转发有奖 分享有礼 分享有奖 转发抽奖 朋友圈集赞 邀请好友得 邀请好友送 好友助力 帮我砍价 帮我点一下 老带新返现 邀请返现 "
        "推荐有礼 拼手气红包 扫码领红包 加好友送 加微信送 进群领红包 进群送",
        suggestion="写明触发条件是好友注册或下单；不要求分享到群或朋友圈",
        note="触发条件决定是否诱导，须法务看过",
    ),
    Group(
        pack=Pack.PROMOTION,
        severity=Severity.WARN,
        law="《网络交易监督管理办法》第十四条；《反不正当竞争法》虚假宣传条款",
        phrases="刷单 刷好评 好评返现 晒图返现 五星好评返 好评有礼 晒单返现 删差评 追评返现",
        suggestion="改为“欢迎如实评价”，不以好评为条件给好处",
        note="以返现诱导好评属虚假评价",
    ),
)
