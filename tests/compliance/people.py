"""Members who said something, in the shortest words."""

from datetime import UTC, datetime, timedelta
from typing import Any

from accounts.enums import Role
from accounts.models import User
from compliance.enums.consent import Channel, ConsentAction, ConsentSource, Purpose
from compliance.models import Notice, Review
from compliance.rules.notices import BLOCKS
from compliance.services.consent import ConsentIn, record
from compliance.services.notice_reviews import submit_notice
from compliance.services.notices import begin_version, publish, save_draft
from compliance.services.reviews import approve
from members.enums import IdentityType
from members.models import Member
from members.services import create_member

#: 20:00 in Shanghai: no quiet hours.
EVENING = datetime(2026, 11, 20, 12, tzinfo=UTC)
YEAR_AGO = EVENING - timedelta(days=365)
COLUMNS = {block.code: len(block.columns) for block in BLOCKS}
WHOLE = {code: " ｜ ".join(["字"] * count) if count else "正文" for code, count in COLUMNS.items()}


def member(phone: str = "", email: str = "", **values: Any) -> Member:
    identities = [
        {"type": kind, "value": value}
        for kind, value in ((IdentityType.PHONE, phone), (IdentityType.EMAIL, email))
        if value
    ]
    return create_member(by=None, now=YEAR_AGO, identities=identities, **values)  # type: ignore[arg-type]


def said(who: Member, action: str, at: datetime = YEAR_AGO, **values: Any) -> bool:
    given = ConsentIn(
        **{
            "member_id": who.pk,
            "purpose": Purpose.MARKETING,
            "channel": Channel.ANY,
            "action": ConsentAction(action),
            "occurred_at": at,
            **values,
        }
    )
    return record(said=given, source=ConsentSource.API, by=None, now=max(at, YEAR_AGO))


def published(*, material: bool = False, at: datetime = YEAR_AGO, word: str = "") -> Notice:
    """The next version, whole."""
    draft = Notice.objects.filter(state="draft").first() or begin_version(by=None, now=at)
    texts = {"zh-hans": {**WHOLE, "changes": f"正文{draft.number}{word}"}}
    save_draft(notice=draft, texts=texts, material=material, summary="", by=None, now=at)
    approve_notice(draft, at)
    return publish(notice=draft, by=None, now=at)


def approve_notice(draft: Notice, at: datetime) -> Review:
    """One person submits it, another approves it."""
    author, reader = (
        User.objects.get_or_create(username=name, defaults={"role": Role.LEGAL, "is_staff": True})[0]
        for name in ("notice-author", "notice-reader")
    )
    review = submit_notice(notice=draft, by=author, now=at)
    return approve(review=review, digest=review.digest, by=reader, now=at)
