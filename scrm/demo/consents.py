"""What the demo's members agreed to: a notice in force, consents of the day they joined, some taken back since."""

import re
from collections.abc import Callable
from datetime import datetime

from psycopg import sql

from accounts.models import User
from compliance.models import Notice
from compliance.services.importing import record_history
from compliance.services.notice_reviews import submit_notice
from compliance.services.notices import publish, save_draft
from compliance.services.reviews import approve
from compliance.services.suppression import suppress_list

Say = Callable[[str], None]
BRAND = {
    "公司全称": "悦肤会（演示）有限公司",
    "注册地址": "杭州市西湖区文三路 1 号",
    "姓名或岗位": "个人信息保护负责人",
    "电话": "0571-0000 0000",
    "邮箱": "privacy@demo.invalid",
    "company name": "Yuefuhui (demo) Ltd.",
    "registered address": "1 Wensan Road, Xihu, Hangzhou",
    "name or post": "the officer in charge of personal information",
    "telephone": "0571-0000 0000",
    "e-mail": "privacy@demo.invalid",
}
OPEN = re.compile(r"【([^】]*)】")
HISTORY = """(
    SELECT id AS member_id, purpose, channel, action, at AS occurred_at, {hash}::text AS notice_hash,
        '入会登记' AS page, wording, false AS preset, '' AS key
    FROM (
        SELECT id, coalesce(registered_at, created_at) AS joined FROM members_member WHERE merged_into_id IS NULL
    ) AS member
    CROSS JOIN LATERAL (VALUES
        ('marketing', 'any', CASE WHEN abs(hashint8(id)) % 100 < 78 THEN 'grant' ELSE 'refuse' END, joined,
            '向我发送优惠、新品和活动邀请。', abs(hashint8(id + 1)) % 100 < 94),
        ('marketing', 'sms', 'withdraw', joined + (abs(hashint8(id + 2)) % 300) * interval '1 day', '退订',
            abs(hashint8(id + 3)) % 100 < 14),
        ('personalisation', 'any', CASE WHEN abs(hashint8(id + 4)) % 100 < 80 THEN 'grant' ELSE 'refuse' END, joined,
            '根据我的购买和互动记录，挑选适合我的内容。', abs(hashint8(id + 5)) % 100 < 70)
    ) AS said (purpose, channel, action, at, wording, asked)
    WHERE asked AND at <= {now}
)"""
LEFT_ALONE = ("13900000001", "13900000002", "13900000003")


def agree(*, now: datetime, say: Say) -> None:
    """Publish the shipped notice in the brand's name and store the members' choices; may be done again."""
    notice = Notice.objects.order_by("number").first()
    if notice is not None and not notice.is_published:
        texts = {
            language: {code: OPEN.sub(lambda found: BRAND[found[1]], text) for code, text in blocks.items()}
            for language, blocks in notice.texts.items()
        }
        save_draft(notice=notice, texts=texts, material=False, summary=notice.summary, by=None, now=now)
        author, reader = (User.objects.get(username=name) for name in ("legal", "admin"))
        review = submit_notice(notice=notice, by=author, now=now)
        approve(review=review, digest=review.digest, by=reader, now=now)
        notice = publish(notice=notice, by=author, now=now)
    relation = sql.SQL(HISTORY).format(hash=sql.Literal(notice.hash if notice else ""), now=sql.Literal(now))
    stored = record_history(relation=relation, source="demo", file="入会登记表", by=None, now=now).stored
    suppress_list(kind="phone", values=LEFT_ALONE, reason="complaint", by=None, now=now, source="demo")
    say(f"agreed: {stored:,} consent events")
