"""Goods whose advertising has rules of its own: medicines, cosmetics, health food, food, alcohol and tobacco."""

from compliance.enums.content import Pack, Severity
from compliance.rules.shipped.group import Group, joined
from compliance.rules.shipped.promises import EXPERTS, MEDICS, RECOMMEND, SOON, WORKS

MEDICAL = "《广告法》第十六条、第十七条"
COSMETICS = "《化妆品监督管理条例》第三十七条、第四十三条"
HEALTH_FOOD = "《广告法》第十八条；《食品安全法》第七十三条"
INFANT = "《广告法》第二十条"
ALCOHOL = "《广告法》第二十三条"
TOBACCO = "《广告法》第二十二条"
REVIEWED = "《药品、医疗器械、保健食品、特殊医学用途配方食品广告审查管理暂行办法》第十一条"
FOOD = "《食品安全法》第七十一条、第七十三条；《广告法》第十七条"

GROUPS = (
    Group(
        pack=Pack.MEDICAL,
        severity=Severity.BLOCK,
        law=MEDICAL,
        phrases="根治 彻底根治 包治百病 包治愈 药到病除 一针见效 永不复发 不再复发 无效全额退款 治愈率 治愈率100% 有效率100% 有效率达 "
        "彻底治愈 完全治愈 治愈癌症 抗癌神药 特效药 秘方根治 安全无毒副作用 无毒副作用 无依赖性 见效最快 疗效最佳 "
        "药品之王 保证治愈 患者亲身见证 患者现身说法 专家推荐用药 名医推荐 医院指定用药 替代手术",
        suggestion="删去；只用批准的说明书内容，并显著标明禁忌、不良反应",
        note="不得有表示功效、安全性的断言或保证、治愈率或有效率、与其他药品比较、利用推荐作证明",
    ),
    Group(
        pack=Pack.MEDICAL,
        severity=Severity.BLOCK,
        law=MEDICAL,
        phrases=f"{joined('一天 三天 3天 七天 7天 一周 一个月 一次 一针 一贴 一剂 一个疗程', '治好 治愈 根治 断根 痊愈')} "
        "手到病除 妙手回春 起死回生 一针就好 一贴就好 保证治好 保证根治 保证痊愈 包治好 包根治 包痊愈 治好为止 断病根 去病根 除病根 根除疾病 根除病灶 "
        "绝不复发 不复发 治好不复发 治疗有效率 总有效率",
        suggestion="删去；药品、医疗器械只用批准的内容，其他商品不涉及疾病",
        note="表示功效的断言或者保证、治愈率或者有效率；药品、医疗器械、医疗以外的广告不得涉及疾病治疗功能",
    ),
    Group(
        pack=Pack.MEDICAL,
        severity=Severity.BLOCK,
        law=f"《广告法》第十六条第一款第（四）项、第十七条；{REVIEWED}第（二）项",
        phrases=f"{joined(MEDICS, RECOMMEND)} {joined('医生 医师 医院 患者', '亲测有效 见证 都在用')} 名医力荐 临床推荐 医生同款 医院同款 医院专供",
        suggestion="删去；可写经批准的说明书内容或备案的功效",
        note="医疗、药品、医疗器械广告不得利用医师、药师、患者等作推荐、证明；其他广告不得使用医疗用语",
    ),
    Group(
        pack=Pack.MEDICAL,
        severity=Severity.ALLOW,
        law="通用语",
        phrases="按医生推荐 按医师推荐 按照医生推荐 按照医师推荐 遵照医生推荐 非医生推荐 不代表医生推荐 治愈系 治愈人心 治愈心灵 治愈时光 面包治愈 "
        "不复发货",
        note="提示遵医嘱、否认推荐，或形容心情，不是对商品功效的宣传",
    ),
    Group(
        pack=Pack.MEDICAL,
        severity=Severity.WARN,
        law="《广告法》第十七条；《医疗广告管理办法》第七条",
        phrases="治疗 痊愈 治愈 疗效 疗程 处方 诊断 抗癌 防癌 抗肿瘤 降血压 降血糖 降血脂 稳血糖 治糖尿病 治高血压 治失眠 改善失眠 治便秘 通便 "
        "消炎 消炎杀菌 止痛 镇痛 抗菌抑菌 抗病毒 杀灭病毒 活血化瘀 疏通经络 祛湿排毒 排毒 清热解毒 补肾 壮阳 补肾壮阳 滋阴补肾 "
        "调理内分泌 调节内分泌 丰胸 减肥 瘦身 燃脂 七天瘦十斤 不节食不反弹 躺瘦 祛疤 生发 防脱生发 增高 近视治愈 恢复视力 "
        "提高免疫力 增强抵抗力 溶脂 干细胞 医用级 械字号 妆字号",
        suggestion="非药品、非医疗器械、非医疗机构不得用；改为感受或成分事实，如“含 2% 烟酰胺”",
        note="除医疗、药品、医疗器械外，任何广告不得涉及疾病治疗功能或使用易混淆的用语",
    ),
    Group(
        pack=Pack.MEDICAL,
        severity=Severity.ALLOW,
        law="通用语",
        phrases="物理治疗师 从根治理 早日痊愈 祝您痊愈",
        note="不是对商品功效的宣传",
    ),
    Group(
        pack=Pack.COSMETICS,
        severity=Severity.BLOCK,
        law=COSMETICS,
        phrases="药妆 药妆品 医学护肤 医学护肤品 医用护肤品 EGF修复 干细胞美容 干细胞护肤 换肤术 去除皱纹 消除皱纹 治疗痘痘 治痘 "
        "根除色斑 彻底祛斑 永久脱毛 疤痕消失 治疗脱发 促进毛发生长 激素治疗 溶解脂肪 皮肤再生 修复受损细胞 激活细胞",
        suggestion="按注册或备案的功效写，如“舒缓”“淡化细纹的外观”",
        note="化妆品不得明示或暗示医疗作用；“药妆”“医学护肤品”等概念属违法",
    ),
    Group(
        pack=Pack.COSMETICS,
        severity=Severity.WARN,
        law="《化妆品监督管理条例》第二十二条、第四十三条",
        phrases=joined(
            "一夜 三天 3天 七天 7天 14天 28天 一周 一个月 一抹 瞬间", "变白 美白 焕白 祛斑 淡斑 祛痘 消痘 去皱 回春"
        ),
        suggestion="删去时间；按注册或备案的功效写，附功效评价依据的摘要",
        note="功效宣称须有充分的科学依据；广告不得含虚假或引人误解的内容",
    ),
    Group(
        pack=Pack.COSMETICS,
        severity=Severity.WARN,
        law="《化妆品功效宣称评价规范》；《化妆品监督管理条例》第二十二条",
        phrases="美白 祛斑 祛斑美白 淡斑 祛痘 祛痘印 抗皱 紧致 抗衰老 抗衰 逆龄 逆转时光 冻龄 减龄十岁 年轻十岁 去黑头 去角质 收缩毛孔 "
        "毛孔隐形 修护屏障 修复屏障 抗敏 抗过敏 敏感肌专用 孕妇可用 孕妇可放心使用 宝宝可用 全身美白 "
        "防脱发 防脱 育发 染发不伤发 零刺激 无刺激 0刺激 温和不刺激 食品级护肤 可以吃的护肤品 纯植物 纯植物配方 无激素 不含激素 "
        "抗糖 抗蓝光 量子护肤 纳米渗透 深入真皮层 直达肌底",
        suggestion="附功效评价依据摘要；美白、祛斑、防脱发须为特殊化妆品并写注册号",
        note="功效宣称须有科学依据，并在规定网站公布摘要",
    ),
    Group(
        pack=Pack.HEALTH_FOOD,
        severity=Severity.BLOCK,
        law=HEALTH_FOOD,
        phrases="预防疾病 治疗疾病 防治疾病 代替药物 替代药物 可代替药品 延年益寿 长生不老 返老还童 包治三高 根治三高 防癌抗癌 抗肿瘤食品 "
        "服用无效退款 健康必需品 保健必需 人人必备保健品 吃了就好 停药靠它 可停降压药 降糖神器 排毒养颜神器 免疫力神器 提升免疫百分百 "
        "消除肿瘤 预防癌症 阻断癌细胞",
        suggestion="只写批准的保健功能，并显著标明“本品不能代替药物”",
        note="保健食品不得有功效、安全性断言或保证，不得涉及疾病预防、治疗功能，不得声称为保障健康所必需",
    ),
    Group(
        pack=Pack.HEALTH_FOOD,
        severity=Severity.BLOCK,
        law="《广告法》第十八条第一款第（一）项",
        phrases=f"{joined(SOON, '见效')} {WORKS} 立竿见影 保证见效 保证有效 包见效 无效退款 无效包退 不见效退款 百试百灵",
        suggestion="删去；只写批准的保健功能",
        note="保健食品广告不得含有表示功效、安全性的断言或者保证",
    ),
    Group(
        pack=Pack.HEALTH_FOOD,
        severity=Severity.BLOCK,
        law=f"《广告法》第十八条第一款第（五）项；{REVIEWED}第（二）项",
        phrases=f"{joined(EXPERTS, '推荐 力荐 背书')} {joined('用户 会员 消费者 老顾客', '见证 现身说法')}",
        suggestion="删去；不用任何人的名义或者形象作推荐",
        note="保健食品广告不得利用广告代言人、专家、营养师、患者等作推荐、证明",
    ),
    Group(
        pack=Pack.HEALTH_FOOD,
        severity=Severity.WARN,
        law=HEALTH_FOOD,
        phrases="增强免疫力 提高免疫 改善睡眠 助眠 辅助降血糖 辅助降血脂 辅助降血压 缓解疲劳 抗疲劳 抗氧化 改善记忆 增强记忆力 促进消化 "
        "养胃 护肝 保肝 解酒 解酒护肝 润肠通便 润肺 明目 护眼 补钙 补血 补气血 补脑 健脑 益智 促进生长发育 清咽利嗓 美容养颜 调节肠道 "
        "控制体脂 全家都能吃 老人小孩都能吃",
        suggestion="仅限批准书载明的保健功能；普通食品改为营养成分事实，如“高蛋白（每 100 克含 20 克）”",
        note="须与批准内容一致，并显著标明“本品不能代替药物”",
    ),
    Group(
        pack=Pack.HEALTH_FOOD,
        severity=Severity.ALLOW,
        law=HEALTH_FOOD,
        phrases="不能代替药物 本品不能代替药物 不能替代药物 不能代替药品",
        note="依法须显著标明的字样",
    ),
    Group(
        pack=Pack.FOOD,
        severity=Severity.BLOCK,
        law=INFANT,
        phrases="替代母乳 代替母乳 媲美母乳 母乳化 接近母乳 母乳级 优于母乳 母乳替代品 完全替代母乳 和母乳一样 人乳化",
        suggestion="删去；可写配方特点，并提示“母乳是婴儿的理想食物”",
        note="大众传播媒介和公共场所不得发布声称全部或部分替代母乳的婴儿食品广告",
    ),
    Group(
        pack=Pack.FOOD,
        severity=Severity.BLOCK,
        law="《食品安全法》第七十三条第二款",
        phrases=joined(
            "食品检验机构 食品检测机构 食品行业协会 食品协会 食品安全监管部门 消费者协会 消协 中消协",
            "推荐 联合推荐 一致推荐",
        ),
        suggestion="删去；可写检验报告的编号和结果",
        note="食品安全监管部门、食品检验机构、食品行业协会不得以广告或者其他形式推荐食品；消费者组织不得以收取费用等牟利方式推荐",
    ),
    Group(
        pack=Pack.FOOD,
        severity=Severity.WARN,
        law=FOOD,
        phrases="零糖 0糖 0脂 0卡 零卡 无糖 低糖 低脂 低卡 无添加蔗糖 不添加蔗糖 无抗 无激素养殖 无农药 零农残 非转基因 绿色食品 有机食品 "
        "有机认证 天然食品 野生 纯手工 手工制作 现摘现发 深海 富硒 高钙 高蛋白 益生菌 酵素 代餐 减肥餐 儿童食品 婴幼儿可食用 "
        "特制 特选 新鲜直达 原产地直供 老字号",
        suggestion="按 GB 28050 写含量依据；认证写证书编号和有效期",
        note="标签和宣传应真实，营养声称须符合标准，不得涉及疾病预防、治疗功能",
    ),
    Group(
        pack=Pack.FOOD,
        severity=Severity.ALLOW,
        law="通用语",
        phrases="野生动物",
        note="不是对食品的宣传",
    ),
    Group(
        pack=Pack.ALCOHOL,
        severity=Severity.BLOCK,
        law=ALCOHOL,
        phrases="消除紧张 消除焦虑 增强体力的酒 喝酒壮阳 不醉不归 一醉方休 喝到吐 喝到断片 千杯不醉 酒后驾车 喝酒开车 边开车边喝 "
        "少年喝酒 未成年可饮 孕妇可饮 酒能治病 喝酒治病 以酒代药 大口干杯 拼酒 感情深一口闷",
        suggestion="删去；加“过量饮酒有害健康”“未成年人请勿饮酒”",
        note="不得诱导怂恿饮酒或宣传无节制饮酒、出现饮酒动作、驾驶、消除紧张和焦虑、增加体力",
    ),
    Group(
        pack=Pack.ALCOHOL,
        severity=Severity.BLOCK,
        law=TOBACCO,
        phrases="香烟促销 香烟优惠 卷烟包邮 卷烟促销 烟草促销 电子烟促销 水果味电子烟 电子烟包邮 口味电子烟 健康香烟 戒烟神器 吸烟有益",
        suggestion="删去；不得向公众发布烟草广告，电子烟不得网上销售",
        note="禁止在大众传播媒介、互联网发布烟草广告",
    ),
    Group(
        pack=Pack.ALCOHOL,
        severity=Severity.WARN,
        law=ALCOHOL,
        phrases="年份酒 陈酿 原浆酒 窖藏 特供酒 内供酒 专供酒 国酒 养生酒 保健酒 喝酒不上头 不上头 不伤身 健康白酒 干杯 斗酒 畅饮 豪饮 "
        "解忧 微醺 酒后更自信 送领导",
        suggestion="写明年份和执行标准；加“过量饮酒有害健康”",
        note="特供、专供、内供字样被市场监管部门专项清理",
    ),
    Group(
        pack=Pack.ALCOHOL,
        severity=Severity.ALLOW,
        law=ALCOHOL,
        phrases="请勿酒后驾车 勿酒后驾车 严禁酒后驾车 切勿酒后驾车 酒后不开车 孕妇不可饮",
        note="提示语",
    ),
)
