"""The brand's calendar: the weeks around now with what was published and measured, and one gap in the days to come."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import override

from accounts.models import User
from compliance.models import Review
from compliance.services.reviews import approve, submit
from content.models import ContentType, LiveReport, MaterialVersion, PlatformReport, Slot
from content.selectors.slots import KIND
from content.services.hours import count_audience_hours
from content.services.materials import Body, create_material
from content.services.measuring import count_active_hours, measure_all
from content.services.slots import create_slot, publish_slot, schedule_slot, submit_slot
from members.models import Member
from scrm.demo.history import wait_for_visibility
from timeline.enums import InteractionKind
from timeline.services import InteractionIn, follow_all, record_interactions

Say = Callable[[str], None]
ACCOUNT = "悦肤小红书"
ARTICLES = (
    ("秋冬换季护肤指南", "换季容易干燥，三步整理护肤步骤：先清洁，再补水，最后锁水。敏感肌请先在耳后试用。"),
    ("面霜怎么选：看肤质，不看价格", "油皮选清爽乳霜，干皮选滋润面霜。按季节换，不必囤货。"),
    ("五分钟晚间护肤步骤", "卸妆、洁面、精华、面霜，每一步的用量与手法。"),
    ("防晒在冬天要不要涂", "阴天也有紫外线。通勤选轻薄款，户外记得补涂。"),
    ("洁面的三个误区", "水温、时长、次数，看看你中了哪一个。"),
    ("精华和面霜的先后", "先薄后厚：水、精华、乳液、面霜，每一层等半分钟。"),
    ("敏感肌的换季清单", "先把步骤减到三样：洁面、保湿、防晒，一周后慢慢加回来。"),
    ("旅行护肤小包怎么装", "七天六瓶：分装多少毫升，过安检放哪里，一次说清。"),
    ("开封后能用多久", "看瓶身上的小罐子图标：数字就是开封后的月数。"),
    ("早晨只做三步可以吗", "清洁、保湿、防晒。时间少的早晨，守住这三步。"),
)
SHORTS = (("探访配方实验室", "跟着研发同事走一遍实验室的一天。"), ("门店伙伴的一天", "导购陈宁从开店到打烊。"))
LIVES = ("会员夜：面霜专场", "答疑直播：换季护肤", "新品抢先看", "老友返场专场")
FOUNDERS = (("主理人手记：为什么做小样", "先试用，再决定，是我们对会员的尊重。"),)


@dataclass(frozen=True)
class Cast:
    marketer: User
    legal: User
    types: dict[str, ContentType]


def furnish(*, now: datetime, say: Say) -> None:
    """Materials with their reviews, slots of five weeks, results of those that are over."""
    with override("zh-hans"):
        cast = Cast(
            User.objects.get(username="marketer"),
            User.objects.get(username="legal"),
            {type_.code: type_ for type_ in ContentType.objects.all()},
        )
        _plan_the_past(cast, now)
        _plan_the_days_to_come(cast, now)
        _report(cast, now)
    say(f"planned: {Slot.objects.count()} slots of the content calendar")


def measure(*, now: datetime, say: Say) -> None:
    """After the facts can be followed: who did what, at which hours, and how the published slots stand."""
    wait_for_visibility()
    while any(follow_all(now=now).values()):
        pass
    count_active_hours(now=now)
    count_audience_hours(now=now)
    say(f"measured: {measure_all(now=now)} published slots")


def _plan_the_past(cast: Cast, now: datetime) -> None:
    """Four weeks: an article every second or third day, a live session and something else in each week."""
    for place in range(10):
        title, text = ARTICLES[place % len(ARTICLES)]
        _published(cast, "article", title, text, _evening(now, -26 + place * 5 // 2), reach=240 - 12 * place)
    for place, title in enumerate(LIVES[:3]):
        _published(cast, "live", title, f"{title}，本周五晚八点，直播间见。", _evening(now, -22 + place * 7), reach=0)
    for place, (title, text) in enumerate(SHORTS):
        _published(cast, "short_video", title, text, _evening(now, -18 + place * 9, hour=12), reach=310)
    title, text = FOUNDERS[0]
    _published(cast, "persona", title, text, _evening(now, -24, hour=9), reach=120)


def _plan_the_days_to_come(cast: Cast, now: datetime) -> None:
    """One scheduled article, one with the reviewers, one returned; the rest of the cadence is the gap."""
    article, live = cast.types["article"], cast.types["live"]
    ready = _approved(cast, "年末护肤清单", "十二月的护肤清单：一周一次深层清洁，其余交给补水。", now)
    slot = _slot(cast, article, "年末护肤清单", _evening(now, 1), ready, now)
    schedule_slot(slot=submit_slot(slot=slot, by=cast.marketer, now=now), by=cast.marketer, now=now)
    waiting = _version(cast, "直播预告：老友返场", "老友返场专场，周五晚八点开播。", now)
    submit_slot(slot=_slot(cast, live, LIVES[3], _evening(now, 4), waiting, now), by=cast.marketer, now=now)
    wrong = _version(cast, "双12 预热文案", "全网最低价，双12 错过等一年。", now)
    _slot(cast, cast.types["short_video"], "双12 预热", _evening(now, 10, hour=12), wrong, now)
    _slot(cast, cast.types["persona"], "主理人直播前夜", _evening(now, 3, hour=9), None, now)


def _published(cast: Cast, code: str, title: str, text: str, at: datetime, *, reach: int) -> None:
    before = at - timedelta(days=3)
    version = _approved(cast, title, text, before)
    slot = _slot(cast, cast.types[code], title, at, version, before)
    slot = submit_slot(slot=slot, by=cast.marketer, now=before)
    schedule_slot(slot=slot, by=cast.marketer, now=before)
    published = at + timedelta(minutes=2)
    link = f"https://example.com/{code}/{slot.pk}"
    publish_slot(slot=slot, link=link, by=cast.marketer, now=published)
    if reach:
        _react(slot, code, reach, published)


def _react(slot: Slot, code: str, reach: int, at: datetime) -> None:
    """Members open or watch it within two days; of ten about seven finish, some save or share."""
    watched = code == "short_video"
    first = InteractionKind.WATCH if watched else InteractionKind.OPEN
    members = list(Member.objects.order_by("-pk").values_list("pk", flat=True)[slot.pk % 97 :: 7][:reach])
    rows: list[InteractionIn] = []
    for place, member in enumerate(members):
        moment = at + timedelta(minutes=7 * place + 3)
        done = place % 10 < (4 if watched else 7)
        rows.append(_act(slot, member, first, moment, finished=done, line=len(rows)))
        if place % 8 == 0:
            kind = InteractionKind.SHARE if watched else InteractionKind.SAVE
            rows.append(_act(slot, member, kind, moment + timedelta(minutes=1), finished=False, line=len(rows)))
    record_interactions(rows=rows, now=at)


def _act(slot: Slot, member: int, kind: InteractionKind, at: datetime, *, finished: bool, line: int) -> InteractionIn:
    return InteractionIn(
        line_no=line,
        member_id=member,
        source="demo",
        key=f"slot-{slot.pk}-{member}-{kind}",
        occurred_at=at,
        kind=kind,
        channel="official_account",
        subject=slot.title,
        properties={"slot": str(slot.pk), "finished": finished},
    )


def _report(cast: Cast, now: datetime) -> None:
    """What the platforms say: two of three live sessions, and the account day by day."""
    sessions = Slot.objects.filter(type__code="live", state="published").order_by("planned_at")
    for place, slot in enumerate(sessions[:2]):
        LiveReport.objects.create(
            session=f"L{slot.pk:05d}",
            slot=slot,
            title=slot.title,
            began_at=slot.planned_at,
            gmv=Decimal(("56380.50", "43210.00")[place]),
            stay_minutes=Decimal(("27.4", "21.8")[place]),
            viewers=(3_240, 2_890)[place],
            by=cast.marketer,
            at=now,
        )
    today = timezone.localdate(now)
    PlatformReport.objects.bulk_create(
        PlatformReport(
            account=ACCOUNT,
            day=today - timedelta(days=days),
            followers=18_600 - 82 * days,
            delivered=420 if days % 7 == 0 else None,
            opened=306 if days % 7 == 0 else None,
            by=cast.marketer,
            at=now,
        )
        for days in range(30)
    )


def _slot(  # noqa: PLR0917  # what a line of the plan says
    cast: Cast, type_: ContentType, title: str, at: datetime, version: MaterialVersion | None, now: datetime
) -> Slot:
    return create_slot(
        type=type_,
        title=title,
        planned_at=at,
        owner=cast.marketer,
        version=version,
        account=ACCOUNT if type_.code == "persona" else "",
        by=cast.marketer,
        now=now,
        allow_overlap=True,
    )


def _version(cast: Cast, title: str, text: str, now: datetime) -> MaterialVersion:
    return create_material(kind="text", body=Body(title=title, text=text), by=cast.marketer, now=now)


def _approved(cast: Cast, title: str, text: str, now: datetime) -> MaterialVersion:
    version = _version(cast, title, text, now)
    review = submit(review=Review.objects.get(kind=KIND, object_id=version.pk), by=cast.marketer, now=now)
    approve(review=review, digest=review.digest, by=cast.legal, now=now)
    return version


def _evening(now: datetime, days: int, *, hour: int = 20) -> datetime:
    day = timezone.localdate(now) + timedelta(days=days)
    return timezone.make_aware(datetime.combine(day, time(hour)))
