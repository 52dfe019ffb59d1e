"""Weights, scales, levels and texts of KOC as the product is shipped; what was agreed to and scored by never changes."""

from decimal import Decimal
from hashlib import sha256
from typing import Any

from django.db import migrations
from django.utils import timezone

from core.models.evidence import keep_as_evidence

WEIGHTS = {"influence": 30, "ugc": 25, "purchases": 15, "referrals": 20, "consistency": 10}
SCALES = (
    ("messages", 60, 1),
    ("answered", 20, 2),
    ("reached", 15, 2),
    ("pieces", 3, 1),
    ("used", 2, 1),
    ("orders", 4, 1),
    ("spend", 800, 1),
    ("invited", 3, 1),
    ("brought", 5, 1),
    ("referred", 3, 2),
)
LEVELS = (("co_creation", 15, 0, 15, 28), ("priority", 45, 30, 30, 28), ("revenue_share", 60, 60, 40, 28))
PROGRAMME = """一、您自愿成为本品牌的 KOC（关键意见消费者），可随时退出，不影响您的会员权益。
二、您原创并提交给我们的图文、视频，经您同意和内容审核后，可由我们在品牌社群、公众号、小程序及门店发布并注明出自用户；未经您另行同意，不用于其他用途。
三、您发布与商品有关的内容时应真实反映使用感受，收到赠品、福利或报酬的，应显著标明“合作”或“广告”。
四、为评估与激励，我们统计您在社群中的发言次数、互动人数、投稿、购买与推荐订单，不读取您的私人聊天；评分及其组成可向您说明，您可以要求人工复核。
五、您可在隐私中心或通过导购随时撤回同意；撤回后我们停止发布您的新内容，并下架仍在展示的内容，撤回前已完成的使用不受影响。"""
REVENUE = """一、他人使用您的推荐码下单且退货期届满后，按结算时公示的比例计算分成；发生退款的，相应分成冲回。
二、分成以税前金额计，品牌依法代扣代缴个人所得税，并按月出具明细；您对明细有异议的，可在 30 日内提出。
三、不得自买自返、虚假交易或以不实宣传获取分成；经核实的，相应分成不予结算。
四、推荐只计一级，您不会因他人再推荐而取得分成，也无需缴纳任何费用。
五、您退出或撤回同意时，已完成订单的分成照常结算，其后的订单不再计算。"""

# What these scores do to people: drafts in the brand's hands, as those of the other features are.
ASSESSMENTS = {
    "koc_scoring": (
        (
            "目的：从社群成员中发现愿意且适合参与内容共创与推荐的会员，邀请其成为 KOC，并据此给予相称的激励。方式：每日按公开的权重，对近一段时间内的发言次数、"
            "互动人数、投稿、购买与推荐计分，不读取消息内容，不使用敏感个人信息，不购买外部数据。必要性：仅统计数量即可达到目的，不作内容画像。"
        ),
        (
            "影响：分数影响谁被邀请、建议何种级别，不影响商品价格与会员的基本权益。风险：误判使会员未获邀请或被建议降级；会员不知被计分；发言多者被偏重。"
            "可能性低，后果一般。"
        ),
        (
            "措施：分数只作建议，邀请、升降级均由人决定并写明理由；每一部分、每一事实与权重均可查看，解释请求可逐项说明并可要求人工复核；未成年人与限制处理者不受邀请；"
            "成为 KOC 以单独同意为前提，撤回后一分钟内结束；仅数量、不含内容，按角色与门店限定可见范围；权重每次变更留痕，每年复核。措施与风险程度相适应。"
        ),
    ),
}
ACTIVITIES = (
    (
        ("KOC 的发现、评分与激励", "Finding, scoring and rewarding KOC"),
        "从社群成员中发现并邀请 KOC，安排内容共创，结算分成。",
        "每日自动计算评分，由人决定邀请与级别；作品经同意与审核后使用；分成按订单记账，退货期后结算，退款冲回。",
        "社群中的发言与互动数量、投稿、购买与推荐的汇总、评分、任务与作品、分成记录。",
        "评分随会员删除；分成账目依会计法规保存，注销后不含可识别本人的内容",
        ("consent", ""),
    ),
)


def load(apps: Any, _editor: Any) -> None:
    now = timezone.now()
    apps.get_model("community", "KocSettings").objects.create(id=1)
    weights = apps.get_model("community", "ScoreWeights").objects.create(version=1, at=now, **WEIGHTS)
    apps.get_model("community", "ScoreScale").objects.bulk_create(
        apps.get_model("community", "ScoreScale")(weights=weights, fact=fact, half=Decimal(half), share=share)
        for fact, half, share in SCALES
    )
    apps.get_model("community", "LevelRule").objects.bulk_create(
        apps.get_model("community", "LevelRule")(
            level=level,
            enter_score=Decimal(enter),
            enter_days=days,
            keep_score=Decimal(keep),
            keep_days=keep_days,
        )
        for level, enter, days, keep, keep_days in LEVELS
    )
    for kind, text in (("programme", PROGRAMME), ("revenue_share", REVENUE)):
        apps.get_model("community", "KocAgreement").objects.create(
            kind=kind, version=1, text=text, hash=sha256(text.encode()).hexdigest(), published_at=now
        )
    _registers(apps)


def _registers(apps: Any) -> None:
    for code, (lawfulness, impact, measures) in ASSESSMENTS.items():
        apps.get_model("compliance", "Assessment").objects.create(
            feature=code, number=1, lawfulness=lawfulness, impact=impact, measures=measures
        )
    for names, purpose, method, categories, retention, (basis, note) in ACTIVITIES:
        apps.get_model("compliance", "ProcessingActivity").objects.create(
            name_zh=names[0],
            name_en=names[1],
            purpose=purpose,
            method=method,
            categories=categories,
            retention=retention,
            legal_basis=basis,
            basis_note=note,
        )


class Migration(migrations.Migration):
    dependencies = [("community", "0003_koc"), ("compliance", "0060_origins")]
    operations = [
        migrations.RunPython(load, migrations.RunPython.noop, elidable=False),
        keep_as_evidence("community_scoreweights"),
        keep_as_evidence("community_scorescale"),
        keep_as_evidence("community_kocagreement"),
        keep_as_evidence("community_kocacceptance"),
        keep_as_evidence("community_kochistory"),
        keep_as_evidence("community_levelrulehistory"),
    ]
