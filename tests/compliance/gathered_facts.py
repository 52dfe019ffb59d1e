"""What groups, KOC and figures know of a member, one row in each place, her own words where a text is free."""

from datetime import timedelta
from decimal import Decimal

from community.models import (
    GroupParticipant,
    KocScore,
    KocScoreDay,
    MessageText,
    ScoreRun,
    ScoreWeights,
    ShareOrder,
    Ugc,
)
from community.rules.koc_scoring import FACTS, PARTS
from community.services.work_files import keep_work_file
from core.services.sealing import seal
from dashboards.enums import FollowUpKind
from dashboards.models import ChurnFlag, FollowUp
from members.models import Member
from tests.community import chats, earnings
from tests.compliance.people import EVENING
from timeline.models import Purchase

TEXT = MessageText._meta.get_field("text")
DAY = timedelta(days=1)


def groups_koc_and_figures(who: Member, order: str, words: str) -> None:
    """`words`: what she says in a chat and puts into a piece."""
    group = chats.a_group()
    GroupParticipant.objects.create(
        group=group, speaker_key=f"wx-{who.name}", nickname=who.name, member=who, linked_at=EVENING, created_at=EVENING
    )
    MessageText.objects.create(
        message_id=1, member=who, group=group, sent_at=EVENING, text=seal(TEXT, subject_id=who.pk, text=words)
    )
    run = ScoreRun.objects.create(
        as_of=EVENING, weights=ScoreWeights.objects.latest("pk"), members=1, strangers=0, started_at=EVENING, seconds=0
    )
    parts, facts = [0] * len(PARTS), [0] * len(FACTS)
    KocScore.objects.create(member=who, run=run, total=0, parts=parts, facts=facts, groups=1)
    KocScoreDay.objects.create(member=who, day=EVENING.date(), total=0, parts=parts)
    koc = earnings.koc(member=who, since=EVENING - DAY)
    keep_work_file(file=earnings.picture(f"{who.name}.png"), member_id=who.pk, now=EVENING)
    Ugc.objects.create(
        member=who,
        koc=koc,
        source="staff",
        kind="text",
        title=who.name,
        text=words,
        offered_at=EVENING,
        changed_at=EVENING,
    )
    purchase = Purchase.objects.get(order_no=order)
    ShareOrder.objects.create(
        purchase_id=purchase.pk, koc=koc, decided_for=koc, member=who, order_no=order, source="shop", way="code",
        rule=earnings.rule(now=EVENING - DAY), occurred_at=EVENING, month=EVENING.date().replace(day=1),
        due_at=EVENING + 15 * DAY, amount=Decimal(20),
    )  # fmt: skip
    ChurnFlag.objects.create(member=who, seen=EVENING.date(), days=3, scope="all", since=EVENING.date(), ended="")
    FollowUp.objects.create(member=who, kind=FollowUpKind.BIRTHDAY, about=EVENING.date(), at=EVENING)
