"""Families that run through many trades, by their halves: effect within a time, and somebody of weight who recommends."""

#: How soon: so many days, an amount, a first use.
SOON = (
    "一夜 一晚 隔夜 当晚 当天 当日 次日 一天 1天 两天 三天 3天 五天 七天 7天 十天 14天 28天 一周 两周 一个月 24小时 三分钟 "
    "立即 立刻 马上 即刻 即时 瞬间 当场 快速 迅速 极速 一次 一用 一抹 一擦 一敷 一贴 一喷 一片 一粒 一瓶 一个疗程"
)
#: The same with any number before it. Not 有效 and 生效: a coupon is valid for three days, terms apply at once.
WORKS = (
    "天见效 夜见效 晚见效 周见效 星期见效 月见效 小时见效 分钟见效 秒见效 天内见效 日内见效 周内见效 月内见效 小时内见效 分钟内见效 之间见效 之内见效 以内见效 "
    "就见效 即见效 便见效 就能见效 即可见效 就起效 即起效 就能起效 三天起效 3天起效 七天起效 7天起效 一周起效 立即起效 立刻起效 快速起效 瞬间起效"
)

#: Medical people and places, and whom they treat: barred from medical advertising, and medical language in any other.
MEDICS = "医生 医师 大夫 中医 西医 军医 牙医 护士 药师 药剂师 医务人员 医护人员 医院 诊所 皮肤科 医学院 医学会 医疗机构 患者 病人 病友 康复者"
EXPERTS = "专家 教授 学者 博士 院士 科学家 营养师 科研机构 科研院所 研究院 研究所 学术机构 权威机构 检验机构 检测机构 质检机构 协会 高校"
RECOMMEND = "推荐 都推荐 也推荐 力荐 强烈推荐 一致推荐 背书"
