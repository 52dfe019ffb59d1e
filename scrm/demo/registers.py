"""The demo brand's registers: what it does is confirmed, what it uses every day is assessed, its cloud is entered."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.utils import timezone

from accounts.models import User
from compliance.enums.registers import EntryState, RecipientKind
from compliance.models import Assessment, ProcessingActivity, Recipient, WatchedRule
from compliance.services.pipia import PARTS, approve, write
from compliance.services.registers import (
    check_rule,
    put_activity_in_force,
    put_recipient_in_force,
    save_recipient,
    save_rule,
)
from compliance.services.thresholds import count_persons

Say = Callable[[str], None]
MONTHS = 12
ASSESSED = ("tiering", "koc_scoring", "large_export", "minors", "entrusting")
FILLED = {
    "【写明本品牌确需导出名单的场景，如年度对账】": "年度会员资产对账与门店闭店时的会员交接",
    "【受托方、委托事项、个人信息种类、期限】": "云服务商，托管数据库与备份，全部会员数据（加密），合同期内",
    "【本次委托的技术措施】": "数据库与备份由我们持有的密钥加密，云服务商不接触明文；境内机房。",
}
CHECKED = 9
CLOUD = {
    "name": "云栖数据（演示）有限公司",
    "contact": "安全与合规部 security@cloud.invalid",
    "kind": RecipientKind.ENTRUSTED,
    "country": "CN",
    "purpose": "托管数据库与加密备份。",
    "categories": "全部会员数据，均以我们持有的密钥加密。",
    "method": "境内机房的云主机与对象存储。",
    "measures": "存储加密、专有网络、访问留痕、年度等级保护测评。",
    "contract": "YC-2026-018 数据处理委托协议",
}


def keep(*, now: datetime, say: Say) -> None:
    """Through the services, by two people; may be done again."""
    marketer, legal = User.objects.get(username="marketer"), User.objects.get(username="legal")
    for activity in ProcessingActivity.objects.filter(state=EntryState.DRAFT):
        put_activity_in_force(activity=activity, by=legal, now=now)
    for draft in Assessment.objects.filter(state="draft", written_by=None, feature__in=ASSESSED):
        texts = {part: _filled(getattr(draft, part)) for part in PARTS}
        written = write(assessment=draft, texts=texts, by=marketer, now=now)
        approve(assessment=written, months=MONTHS, by=legal, now=now)
    if not Recipient.objects.exists():
        today = timezone.localdate(now)
        values = {**CLOUD, "starts_on": today - timedelta(days=200), "ends_on": today + timedelta(days=530)}
        put_recipient_in_force(
            recipient=save_recipient(recipient=None, values=values, by=legal, now=now), by=legal, now=now
        )
    for place, rule in enumerate(WatchedRule.objects.filter(owner=None)):
        owned = save_rule(rule=rule, values={"owner": legal}, by=legal, now=now)
        if place < CHECKED:
            check_rule(rule=owned, finding="无变化", by=legal, now=now - timedelta(days=7 * place))
    count_persons(now=now)
    say("kept: registers, assessments approved by two people")


def _filled(text: str) -> str:
    for open_, words in FILLED.items():
        text = text.replace(open_, words)
    return text
