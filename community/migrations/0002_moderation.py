"""Moderation, titles and value plans, with the rules and titles that a brand begins with."""

from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import core.models.encrypted

SETTINGS = {"share_low": "0.850", "share_high": "0.900"}
BANNED = "赌博 六合彩 网赌 彩票内部 刷单 刷信誉 代开发票 办证 裸聊 约炮 高利贷 套现 代还信用卡 跑分 洗钱 迷药 枪支 毒品 翻墙软件 资金盘 传销"
ADS = "代购 招代理 诚招代理 日赚 日结工资 兼职日结 在家赚钱 低价转让 清仓甩卖 免费领取 全场包邮 一件代发 厂家直销 原单 高仿 接单 代写 刷粉 涨粉 推广引流"
POACHING = (
    "加我微信 加微信 加我薇信 加我v 加v 加vx 加我vx 加我好友 私加 私聊我领 扫码加我 扫码进群 扫二维码 识别二维码 长按识别 "
    "进我的群 拉你进群 进群私聊 另建群 换个群 加我qq 加我扣扣"
)
CODES = ["u.wechat.com", "weixin.qq.com", "work.weixin.qq.com", "qm.qq.com", "qr.alipay.com", "jq.qq.com"]
# names, kind, parameters, and what differs from the default
RULES = [
    (
        "员工发言中的违法用语",
        "Unlawful claims by staff",
        "lexicon",
        {"severities": ["block"], "packs": [], "phrases": []},
        {"speakers": "staff", "sensitive": True},
    ),
    (
        "违禁内容",
        "Banned topics",
        "lexicon",
        {"severities": [], "packs": [], "phrases": BANNED.split()},
        {"speakers": "anyone", "sensitive": True},
    ),
    (
        "群友发言中的违法用语",
        "Unlawful claims by participants",
        "lexicon",
        {"severities": ["block"], "packs": ["medical", "finance"], "phrases": []},
        {"sensitive": True, "is_active": False},
    ),
    (
        "私加引流",
        "Contact poaching",
        "poaching",
        {"phrases": POACHING.split(), "phones": True, "accounts": True, "hosts": CODES, "allowed": []},
        {},
    ),
    ("广告推销", "Advertising", "ad", {"phrases": ADS.split(), "least": 1}, {"automatic": "warned"}),
    (
        "外部链接",
        "Foreign links",
        "link",
        {"hosts": ["mp.weixin.qq.com"]},
        {"automatic": "warned", "automatic_most": 3},
    ),
    (
        "重复发送",
        "Duplicate posts",
        "duplicate",
        {"times": 3, "hours": 6, "least_length": 12},
        {"automatic": "muted", "automatic_most": 5},
    ),
    ("刷屏", "Flooding", "flood", {"messages": 12, "seconds": 60}, {"automatic": "warned", "automatic_most": 3}),
]
# type, kind, level, names, days, messages, mentioned, benefit
TITLES = [
    (
        "welfare",
        "title",
        1,
        "活跃群友",
        "Regular",
        5,
        0,
        0,
        "每月一次提前看到福利清单",
        "Sees the month's offers first",
    ),
    (
        "welfare",
        "title",
        2,
        "福利达人",
        "Deals expert",
        12,
        30,
        0,
        "每月一次小样优先申领",
        "First to claim samples, once a month",
    ),
    ("interest", "title", 1, "话题新秀", "Rising voice", 5, 15, 0, "话题投票权", "Votes on the next topic"),
    ("interest", "title", 2, "话题达人", "Topic expert", 12, 60, 10, "新品试用优先", "First to try new products"),
    (
        "interest",
        "title",
        3,
        "话题主理人",
        "Topic host",
        18,
        120,
        30,
        "每季一次线下活动席位",
        "A seat at the quarter's event",
    ),
    ("interest", "badge", 1, "热心答疑", "Ready helper", 0, 0, 20, "答疑徽章", "The helper's badge"),
    ("honour", "title", 1, "荣誉新星", "Rising star", 6, 0, 0, "专属顾问", "A personal adviser"),
    ("honour", "title", 2, "荣誉达人", "Distinguished", 12, 40, 0, "新品优先购买", "Buys new products first"),
    ("honour", "title", 3, "荣誉大使", "Ambassador", 20, 80, 20, "年度答谢会邀请", "Invited to the yearly reception"),
]


# What keeping order in groups does with personal data, among them data of people who never agreed to anything.
PROCESSING = {
    "name_zh": "客户群的秩序维护",
    "name_en": "Keeping order in groups",
    "purpose": "履行群组建立者、管理者的管理责任：发现并处置违法信息、引流、广告与刷屏，处理申诉。",
    "method": "导入时逐条检查，正文随即丢弃；只对命中规则的消息留存不超过一百六十字的摘录，人工或外部系统举报的另存不超过五百字的情况说明，均以该群友的密钥加密，到期删除；处置由人作出或可由人更正，可申诉。",
    "categories": "群昵称、发言时间与次数、违规摘录、举报说明、处置与申诉。包括并非会员的群友。",
    "retention": "摘录与举报说明三十天，申诉期间顺延；处置记录二十四个月",
    "legal_basis": "legal_duty",
    "basis_note": "《互联网群组信息服务管理规定》第九条：群组建立者、管理者的管理责任",
}


def load(apps: Any, _editor: Any) -> None:
    """What a brand begins with; all of it is rows that it changes."""
    model = apps.get_model
    model("compliance", "ProcessingActivity").objects.get_or_create(name_zh=PROCESSING["name_zh"], defaults=PROCESSING)
    model("community", "ModerationSettings").objects.create(pk=1, **SETTINGS)
    for place, (zh, en, kind, parameters, more) in enumerate(RULES, start=1):
        model("community", "ViolationRule").objects.create(
            name_zh=zh, name_en=en, kind=kind, parameters=parameters, position=place, **more
        )
    types = {each.code: each for each in model("community", "GroupType").objects.all()}
    for code, kind, level, zh, en, days, messages, mentioned, benefit_zh, benefit_en in TITLES:
        model("community", "Title").objects.create(
            type=types[code],
            kind=kind,
            level=level,
            name_zh=zh,
            name_en=en,
            active_days=days,
            messages=messages,
            mentioned=mentioned,
            benefit_zh=benefit_zh,
            benefit_en=benefit_en,
        )


class Migration(migrations.Migration):
    dependencies = [
        ("community", "0001_groups"),
        ("compliance", "0032_register_defaults"),
        ("content", "0005_measuring"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ModerationSettings",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "scan_days",
                    models.PositiveSmallIntegerField(
                        default=7, verbose_name="days after which a message is not looked at"
                    ),
                ),
                (
                    "excerpt_days",
                    models.PositiveSmallIntegerField(default=30, verbose_name="days that an excerpt is kept"),
                ),
                (
                    "appeal_days",
                    models.PositiveSmallIntegerField(
                        default=7, verbose_name="days in which a decision can be appealed"
                    ),
                ),
                ("mute_hours", models.PositiveSmallIntegerField(default=24, verbose_name="hours of a mute")),
                (
                    "repeat_least",
                    models.PositiveSmallIntegerField(default=3, verbose_name="violations that make a repeat offender"),
                ),
                ("repeat_days", models.PositiveSmallIntegerField(default=30, verbose_name="within days")),
                (
                    "share_days",
                    models.PositiveSmallIntegerField(default=28, verbose_name="days over which the share is measured"),
                ),
                (
                    "share_low",
                    models.DecimalField(
                        decimal_places=3, max_digits=4, verbose_name="share decided by the machine, from"
                    ),
                ),
                (
                    "share_high",
                    models.DecimalField(
                        decimal_places=3, max_digits=4, verbose_name="share decided by the machine, to"
                    ),
                ),
            ],
            options={
                "verbose_name": "settings of moderation",
                "verbose_name_plural": "settings of moderation",
                "default_permissions": ("change",),
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("pk", 1)), name="community_moderation_one"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("scan_days__gte", 1),
                            ("scan_days__lte", 365),
                            ("appeal_days__gte", 1),
                            ("appeal_days__lte", 90),
                            ("excerpt_days__gte", 1),
                            ("excerpt_days__lte", 180),
                            ("mute_hours__gte", 1),
                            ("mute_hours__lte", 720),
                            ("repeat_least__gte", 2),
                            ("repeat_least__lte", 50),
                            ("repeat_days__gte", 1),
                            ("repeat_days__lte", 365),
                            ("share_days__gte", 1),
                            ("share_days__lte", 365),
                        ),
                        name="community_moderation_limits",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("share_high__gte", models.F("share_low")), ("share_high__lte", 1), ("share_low__gte", 0)
                        ),
                        name="community_moderation_share",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Title",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name_zh", models.CharField(max_length=40, verbose_name="name (Chinese)")),
                ("name_en", models.CharField(max_length=60, verbose_name="name (English)")),
                (
                    "kind",
                    models.CharField(
                        choices=[("title", "Title"), ("badge", "Badge")],
                        default="title",
                        max_length=5,
                        verbose_name="kind",
                    ),
                ),
                ("level", models.PositiveSmallIntegerField(default=1, verbose_name="level")),
                ("window_days", models.PositiveSmallIntegerField(default=30, verbose_name="within days")),
                ("active_days", models.PositiveSmallIntegerField(default=0, verbose_name="days on which she spoke")),
                ("messages", models.PositiveIntegerField(default=0, verbose_name="messages")),
                ("mentioned", models.PositiveIntegerField(default=0, verbose_name="answered or mentioned")),
                ("violations_most", models.PositiveSmallIntegerField(default=0, verbose_name="violations forgiven")),
                ("benefit_zh", models.CharField(blank=True, max_length=100, verbose_name="benefit (Chinese)")),
                ("benefit_en", models.CharField(blank=True, max_length=160, verbose_name="benefit (English)")),
                ("is_active", models.BooleanField(default=True, verbose_name="in use")),
                (
                    "type",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="titles",
                        to="community.grouptype",
                        verbose_name="type of group",
                    ),
                ),
            ],
            options={
                "verbose_name": "title",
                "verbose_name_plural": "titles",
                "ordering": ("type", "kind", "level", "id"),
                "default_permissions": ("view", "change"),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("active_days__gte", 1), ("messages__gte", 1), ("mentioned__gte", 1), _connector="OR"
                        ),
                        name="community_title_rule",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("active_days__lte", models.F("window_days")),
                            ("window_days__gte", 1),
                            ("window_days__lte", 365),
                        ),
                        name="community_title_window",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("level__gte", 1), ("level__lte", 9)), name="community_title_level"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TitleHolding",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("since", models.DateField(verbose_name="since")),
                ("active_days", models.PositiveIntegerField(verbose_name="days on which she spoke")),
                ("messages", models.PositiveIntegerField(verbose_name="messages")),
                ("mentioned", models.PositiveIntegerField(verbose_name="answered or mentioned")),
                ("lost_on", models.DateField(null=True, verbose_name="lost on")),
                (
                    "lost_why",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("inactive", "Too little said"),
                            ("violations", "Violations"),
                            ("left", "Left the group"),
                            ("changed", "The title's rule was changed"),
                            ("ended", "The title is not given any more"),
                        ],
                        max_length=10,
                        verbose_name="lost why",
                    ),
                ),
                ("lost_active_days", models.PositiveIntegerField(null=True)),
                ("lost_messages", models.PositiveIntegerField(null=True)),
                ("lost_mentioned", models.PositiveIntegerField(null=True)),
                (
                    "group",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="community.group",
                        verbose_name="group",
                    ),
                ),
                (
                    "participant",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="holdings",
                        to="community.groupparticipant",
                        verbose_name="participant",
                    ),
                ),
                (
                    "title",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="holdings",
                        to="community.title",
                        verbose_name="title",
                    ),
                ),
            ],
            options={
                "verbose_name": "title held",
                "verbose_name_plural": "titles held",
                "ordering": ("-since", "-id"),
                "default_permissions": ("view",),
                "indexes": [
                    models.Index(fields=["participant", "-since"], name="community_title_of"),
                    models.Index(
                        condition=models.Q(("lost_on", None)), fields=["group", "title"], name="community_title_in"
                    ),
                    models.Index(
                        condition=models.Q(("lost_on__isnull", False)),
                        fields=["group", "-lost_on"],
                        name="community_title_gone",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("lost_on", None)),
                        fields=("participant", "title"),
                        name="community_title_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("lost_on", None), ("lost_why", "")),
                            models.Q(("lost_on__gte", models.F("since")), models.Q(("lost_why", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="community_title_lost",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ValuePlan",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("weekday", models.PositiveSmallIntegerField(verbose_name="weekday")),
                ("time", models.TimeField(verbose_name="time")),
                ("title", models.CharField(max_length=60, verbose_name="title")),
                ("begins_on", models.DateField(verbose_name="from")),
                ("ended_on", models.DateField(null=True, verbose_name="until")),
                ("created_at", models.DateTimeField(verbose_name="made")),
                ("changed_at", models.DateTimeField(verbose_name="changed")),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="made by",
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="value_plans",
                        to="community.group",
                        verbose_name="group",
                    ),
                ),
                (
                    "type",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="content.contenttype",
                        verbose_name="type of content",
                    ),
                ),
            ],
            options={
                "verbose_name": "value plan",
                "verbose_name_plural": "value plans",
                "ordering": ("weekday", "time", "id"),
                "default_permissions": ("view", "change"),
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_on", None)),
                        fields=("group", "weekday", "time"),
                        name="community_value_plan_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("weekday__lte", 6)), name="community_value_plan_weekday"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ended_on", None), ("ended_on__gte", models.F("begins_on")), _connector="OR"
                        ),
                        name="community_value_plan_span",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Violation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("message_id", models.BigIntegerField(null=True, verbose_name="message")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("lexicon", "Sensitive words"),
                            ("ad", "Advertising"),
                            ("link", "Foreign links"),
                            ("flood", "Flooding"),
                            ("duplicate", "Duplicate posts"),
                            ("poaching", "Contact poaching"),
                            ("report", "Reported"),
                        ],
                        max_length=9,
                        verbose_name="kind",
                    ),
                ),
                ("also", models.JSONField(default=list, verbose_name="also")),
                ("sensitive", models.BooleanField(default=False, verbose_name="sensitive")),
                ("counted", models.PositiveIntegerField(null=True, verbose_name="times")),
                (
                    "excerpt",
                    core.models.encrypted.EncryptedTextField(
                        null=True, subject="participant_id", subject_kind="participant", verbose_name="excerpt"
                    ),
                ),
                ("expires_at", models.DateTimeField(null=True, verbose_name="excerpt kept until")),
                ("occurred_at", models.DateTimeField(verbose_name="said")),
                ("detected_at", models.DateTimeField(verbose_name="found")),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "Waits for a decision"), ("decided", "Decided")],
                        default="open",
                        max_length=7,
                        verbose_name="state",
                    ),
                ),
                (
                    "first_outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("dismissed", "Dismissed"),
                            ("warned", "Warned"),
                            ("muted", "Muted"),
                            ("removed", "Removed from the group"),
                        ],
                        max_length=9,
                        verbose_name="first decision",
                    ),
                ),
                ("first_at", models.DateTimeField(null=True, verbose_name="first decided")),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("dismissed", "Dismissed"),
                            ("warned", "Warned"),
                            ("muted", "Muted"),
                            ("removed", "Removed from the group"),
                        ],
                        max_length=9,
                        verbose_name="decision",
                    ),
                ),
                ("decided_at", models.DateTimeField(null=True, verbose_name="decided")),
                ("muted_until", models.DateTimeField(null=True, verbose_name="muted until")),
                ("note", models.CharField(blank=True, max_length=300, verbose_name="note")),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="decided by",
                    ),
                ),
                (
                    "first_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="first decided by",
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="violations",
                        to="community.group",
                        verbose_name="group",
                    ),
                ),
                (
                    "participant",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="violations",
                        to="community.groupparticipant",
                        verbose_name="participant",
                    ),
                ),
                (
                    "reported_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="reported by",
                    ),
                ),
            ],
            options={
                "verbose_name": "violation",
                "verbose_name_plural": "violations",
                "ordering": ("-id",),
                "permissions": (("decide_violation", "Can decide violations"),),
                "default_permissions": ("view", "add"),
            },
        ),
        migrations.CreateModel(
            name="Appeal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "text",
                    core.models.encrypted.EncryptedTextField(
                        null=True, subject="participant_id", subject_kind="participant", verbose_name="what she says"
                    ),
                ),
                ("expires_at", models.DateTimeField(null=True, verbose_name="text kept until")),
                ("made_at", models.DateTimeField(verbose_name="made")),
                (
                    "appealed_outcome",
                    models.CharField(
                        choices=[
                            ("dismissed", "Dismissed"),
                            ("warned", "Warned"),
                            ("muted", "Muted"),
                            ("removed", "Removed from the group"),
                        ],
                        max_length=9,
                        verbose_name="decision appealed",
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[("upheld", "Decision stands"), ("changed", "Decision changed")],
                        max_length=7,
                        verbose_name="answer",
                    ),
                ),
                ("decided_at", models.DateTimeField(null=True, verbose_name="answered")),
                ("note", models.CharField(blank=True, max_length=300, verbose_name="reason")),
                (
                    "appealed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="decided by",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="answered by",
                    ),
                ),
                (
                    "filed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="filed by",
                    ),
                ),
                (
                    "participant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="community.groupparticipant",
                        verbose_name="participant",
                    ),
                ),
                (
                    "violation",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="appeal",
                        to="community.violation",
                        verbose_name="violation",
                    ),
                ),
            ],
            options={
                "verbose_name": "appeal",
                "verbose_name_plural": "appeals",
                "ordering": ("-id",),
                "permissions": (("decide_appeal", "Can decide appeals"),),
                "default_permissions": ("view", "add"),
                "indexes": [
                    models.Index(condition=models.Q(("outcome", "")), fields=["made_at"], name="community_appeal_open"),
                    models.Index(
                        condition=models.Q(("text__isnull", False)), fields=["expires_at"], name="community_appeal_old"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_at", None), ("decided_by", None), ("outcome", "")),
                            models.Q(
                                models.Q(("outcome", ""), _negated=True),
                                ("decided_at__isnull", False),
                                ("decided_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="community_appeal_decided",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("decided_by", None),
                            ("appealed_by", None),
                            models.Q(("decided_by", models.F("appealed_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="community_appeal_other_person",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("text", None), ("expires_at__isnull", False), _connector="OR"),
                        name="community_appeal_expires",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ViolationRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name_zh", models.CharField(max_length=40, verbose_name="name (Chinese)")),
                ("name_en", models.CharField(max_length=60, verbose_name="name (English)")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("lexicon", "Sensitive words"),
                            ("ad", "Advertising"),
                            ("link", "Foreign links"),
                            ("poaching", "Contact poaching"),
                            ("flood", "Flooding"),
                            ("duplicate", "Duplicate posts"),
                        ],
                        max_length=9,
                        verbose_name="kind",
                    ),
                ),
                ("parameters", models.JSONField(default=dict, verbose_name="parameters")),
                (
                    "speakers",
                    models.CharField(
                        choices=[
                            ("anyone", "Everybody in the group"),
                            ("ordinary", "Participants, not staff"),
                            ("staff", "Staff only"),
                        ],
                        default="ordinary",
                        max_length=8,
                        verbose_name="whose messages",
                    ),
                ),
                ("sensitive", models.BooleanField(default=False, verbose_name="sensitive")),
                (
                    "automatic",
                    models.CharField(
                        blank=True,
                        choices=[("warned", "Warned"), ("muted", "Muted")],
                        max_length=9,
                        verbose_name="decided by itself",
                    ),
                ),
                ("automatic_most", models.PositiveSmallIntegerField(default=2, verbose_name="times by itself")),
                ("position", models.PositiveSmallIntegerField(default=0, verbose_name="order")),
                ("is_active", models.BooleanField(default=True, verbose_name="in use")),
                ("changed_at", models.DateTimeField(null=True, verbose_name="changed")),
            ],
            options={
                "verbose_name": "rule of moderation",
                "verbose_name_plural": "rules of moderation",
                "ordering": ("position", "id"),
                "default_permissions": ("view", "change"),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("sensitive", False), ("automatic", ""), _connector="OR"),
                        name="community_sensitive_by_hand",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("automatic_most__gte", 1), ("automatic_most__lte", 100)),
                        name="community_rule_automatic_most",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="violation",
            name="rule",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="violations",
                to="community.violationrule",
                verbose_name="rule",
            ),
        ),
        migrations.AddIndex(
            model_name="violation",
            index=models.Index(
                condition=models.Q(("state", "open")),
                fields=["-sensitive", "detected_at", "id"],
                name="community_violation_queue",
            ),
        ),
        migrations.AddIndex(
            model_name="violation",
            index=models.Index(
                condition=models.Q(("state", "decided")), fields=["-decided_at", "-id"], name="community_violation_past"
            ),
        ),
        migrations.AddIndex(
            model_name="violation",
            index=models.Index(
                condition=models.Q(("state", "decided")), fields=["first_at"], name="community_violation_first"
            ),
        ),
        migrations.AddIndex(
            model_name="violation",
            index=models.Index(fields=["participant", "occurred_at"], name="community_violation_of"),
        ),
        migrations.AddIndex(
            model_name="violation",
            index=models.Index(fields=["group", "-occurred_at"], name="community_violation_in"),
        ),
        migrations.AddIndex(
            model_name="violation",
            index=models.Index(
                condition=models.Q(("excerpt__isnull", False)), fields=["expires_at"], name="community_excerpt_old"
            ),
        ),
        migrations.AddConstraint(
            model_name="violation",
            constraint=models.UniqueConstraint(
                condition=models.Q(("message_id__isnull", False)),
                fields=("message_id",),
                name="community_violation_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="violation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("first_at", None),
                        ("first_by", None),
                        ("first_outcome", ""),
                        ("state", "open"),
                        ("decided_at", None),
                        ("decided_by", None),
                        ("outcome", ""),
                    ),
                    models.Q(
                        ("decided_at__isnull", False),
                        ("first_at__isnull", False),
                        ("state", "decided"),
                        models.Q(("first_outcome", ""), _negated=True),
                        models.Q(("outcome", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="community_violation_decided",
            ),
        ),
        migrations.AddConstraint(
            model_name="violation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("sensitive", False),
                    models.Q(("state", "decided"), _negated=True),
                    ("first_by__isnull", False),
                    _connector="OR",
                ),
                name="community_sensitive_by_person",
            ),
        ),
        migrations.AddConstraint(
            model_name="violation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("muted_until__isnull", False), ("outcome", "muted")),
                    models.Q(models.Q(("outcome", "muted"), _negated=True), ("muted_until", None)),
                    _connector="OR",
                ),
                name="community_violation_muted",
            ),
        ),
        migrations.AddConstraint(
            model_name="violation",
            constraint=models.CheckConstraint(
                condition=models.Q(("excerpt", None), ("expires_at__isnull", False), _connector="OR"),
                name="community_excerpt_expires",
            ),
        ),
        migrations.RunPython(load, migrations.RunPython.noop),
    ]
