"""What offers and activities know of a member, one row in each place."""

from decimal import Decimal

from campaigns.enums import CreditRule, ParticipationKind
from campaigns.models import ActivityMember, Attribution, LinkClick, Participation
from compliance.services.proofs import add_proof
from compliance.services.wordings import save_wording
from content.models import SlotReach
from loyalty.enums import CodeFault
from loyalty.models import UncreditedCode
from loyalty.services.coupons import claim, redeem
from loyalty.services.draws import enter
from members.models import Member
from messaging.models import Delivery
from tests.brand import administrator
from tests.campaigns import activities
from tests.compliance.people import EVENING
from tests.loyalty import offers
from tests.scrm.probes_of_messages import sent_to
from timeline.models import Purchase


def offers_and_activities(who: Member, order: str) -> None:
    purchase = Purchase.objects.get(order_no=order)
    code = offers.code_of(claim(coupon=offers.live(), member=who, by=None, now=EVENING).grant_id)
    redeem(code=code, member=who, order_no=order, amount=Decimal(200), store=None, by=None, now=EVENING)
    enter(draw=offers.published(), member=who, by=None, now=EVENING)
    UncreditedCode.objects.create(
        purchase_id=purchase.pk, member=who, lookup=bytes(16), fault=CodeFault.UNKNOWN, occurred_at=EVENING
    )
    activity = activities.draft()
    ActivityMember.objects.create(activity=activity, member=who)
    Participation.objects.create(
        activity=activity, member=who, kind=ParticipationKind.values[0], day=EVENING.date(), occurred_at=EVENING,
        in_audience=True, source="test",
    )  # fmt: skip
    Attribution.objects.create(
        purchase_id=purchase.pk, activity=activity, member=who, order_no=order, rule=CreditRule.values[0],
        occurred_at=EVENING, amount=20, refunded=0,
    )  # fmt: skip
    LinkClick.objects.create(link_id=1, member=who, at=EVENING)
    SlotReach.objects.create(slot_id=1, act="view", member=who, first_at=EVENING)
    row = sent_to(who, f"{who.name}-at-the-gateway")
    Delivery.objects.filter(pk=row.pk).update(variables={"name": who.name}, event_id=1, address="lookup-of-hers")


def proof_that_shows(who: Member, file: bytes, file_name: str) -> None:
    by = administrator("prover")
    review = save_wording(title="海报", text="全网最低价，限三天。", by=by, now=EVENING)
    add_proof(
        review=review, key="全网最低价", text=f"{who.name}同意使用这张照片", file=file, file_name=file_name, shows=[who.pk],
        by=by, now=EVENING,
    )  # fmt: skip
