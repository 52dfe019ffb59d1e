# ruff: noqa: PLR2004 - the numbers are the shape of the brand
"""The noisy group moderated, the quiet one woken by what it is promised every week, titles given in all of them."""

from collections.abc import Callable, Iterator
from datetime import datetime, time, timedelta

from django.utils import timezone

from accounts.models import User
from community.models import Group, GroupParticipant, ValuePlan, Violation
from community.models.value_plans import SOURCE_KIND
from community.rules.value_plan import monday_of
from community.services.appealing import answer_appeal, file_appeal
from community.services.chat_reading import MessageReader, Said, Surroundings
from community.services.deciding import correct, decide
from community.services.titles import keep_titles
from community.services.value_plans import Promised, add_promise, make_slots
from compliance.models import Review
from compliance.services.reviews import approve, submit
from content.models import ContentType, MaterialVersion
from content.selectors.slots import KIND
from content.services.materials import Body, create_material
from content.services.slots import create_slot, publish_slot, schedule_slot, submit_slot
from scrm.demo.arrays import Stream, pick, stream
from scrm.demo.brand import DEMO_GROUPS
from scrm.demo.communities import bring

Say = Callable[[str], None]
SEED = 1
HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(days=7)
QUIET, NOISY = DEMO_GROUPS[2], DEMO_GROUPS[3]
WEEKS, ROUTINE = 3, 130
PASSED_ON = (
    "这家也不错，你们看看 https://shop.example.net/p/{number}", "帮转：小区团长招代理，有兴趣的找我，{number}号楼", "好文分享 https://read.example.net/a/{number}",
    "闲置面霜低价转让，只试过一次，编号{number}", "大家帮我点一下 https://vote.example.net/{number}",
)  # fmt: skip
# weekday, hour, type of content, what the group gets
PROMISES = (
    (0, 20, "article", "周一护肤课堂"),
    (2, 12, "short_video", "周三门店探访"),
    (4, 20, "article", "周五会员小样申领"),
)
LESSONS = (
    ("洁面之后的三分钟", "洁面后趁皮肤微湿上水，再锁水。敏感肌先在耳后试用。"),
    ("西湖店的一天", "跟着店员看看新到的柜台和护理区。"),
    ("本周小样申领", "本群会员每人一份，周日前到店领取，领完为止。"),
    ("换季怎么减步骤", "洁面、保湿、防晒，先守住这三样。"),
    ("护理区开放日", "周末护理区开放体验，现场可以预约。"),
    ("两款小样二选一", "在群里回复想要的款式，店员登记。"),
    ("精华先后怎么放", "先薄后厚，每层等半分钟。"),
    ("新品到店", "新品陈列好了，欢迎来试。"),
    ("会员小样返场", "上周没领到的这周补上。"),
)
ANSWERS = (
    "学到了，今晚就试", "这个好，已收藏", "想要第一款", "想要第二款", "周末去店里领", "请问几点开门", "我也报名", "谢谢群主，讲得清楚",
    "敏感肌可以吗", "上周的小样很好用", "可以帮朋友领吗", "现场可以预约护理吗", "已到店，谢谢", "期待下周",
)  # fmt: skip


def run(*, now: datetime, say: Say) -> None:
    """After the groups have lived; once, for what was decided is there then."""
    if not Group.objects.filter(name=QUIET).exists() or ValuePlan.objects.exists():
        return
    _wake(Group.objects.get(name=QUIET), now)
    _routine(Group.objects.get(name=NOISY), now)
    _moderate(now)
    for days in (24, 16, 8):
        keep_titles(now=now - days * DAY)
    kept = keep_titles(now=now)
    found = Violation.objects.count()
    waiting = Violation.objects.open().count()
    say(f"moderated: {found} violations, {waiting} of them wait; {kept.given} titles given")


def _wake(group: Group, now: datetime) -> None:
    """Three weeks of promises, all kept but one; who speaks answers them, and more is said between."""
    monday = monday_of(timezone.localdate(now)) - WEEKS * WEEK
    begun = timezone.make_aware(datetime.combine(monday, time(9))) - DAY
    types = {type_.code: type_ for type_ in ContentType.objects.all()}
    plans = [
        add_promise(
            group=group,
            promised=Promised(weekday=day, time=time(hour), type=types[code], title=title, begins_on=monday),
            by=group.owner,
            now=begun,
        )
        for day, hour, code, title in PROMISES
    ]
    due = [
        (plan, timezone.make_aware(datetime.combine(monday + week * WEEK + plan.weekday * DAY, plan.time)))
        for week in range(WEEKS + 1)
        for plan in plans
    ]
    past = [(plan, at) for plan, at in due if at + timedelta(minutes=5) < now]
    for place, (plan, at) in enumerate(past):
        if place != 4:
            _publish(plan, LESSONS[place % len(LESSONS)], at)
    make_slots(group=group, weeks=1, by=group.owner, now=now)
    reader = MessageReader(Surroundings(zone=timezone.get_default_timezone(), latest=now))
    talk = _talk(stream(SEED, f"woken {group.name}"), group, [at for _plan, at in past], begun + DAY, now)
    bring((reader.row(said) for said in talk), now=now)


def _publish(plan: ValuePlan, lesson: tuple[str, str], at: datetime) -> None:
    """Written, approved by the reviewer, put into the calendar and published on time."""
    before, author, legal = at - 2 * DAY, User.objects.get(username="marketer"), User.objects.get(username="legal")
    version = create_material(kind="text", body=Body(title=lesson[0], text=lesson[1]), by=author, now=before)
    slot = create_slot(
        type=plan.type,
        title=f"{plan.group.name} · {plan.title}",
        planned_at=at,
        owner=plan.group.owner,
        version=_approved(version, author, legal, before),
        source=(SOURCE_KIND, plan.pk),
        allow_overlap=True,
        by=author,
        now=before,
    )
    schedule_slot(slot=submit_slot(slot=slot, by=author, now=before), by=author, now=before)
    link = f"https://example.com/groups/{plan.group_id}/{slot.pk}"
    publish_slot(slot=slot, link=link, by=author, now=at + timedelta(minutes=2))


def _approved(version: MaterialVersion, author: User, legal: User, at: datetime) -> MaterialVersion:
    review = submit(review=Review.objects.get(kind=KIND, object_id=version.pk), by=author, now=at)
    approve(review=review, digest=review.digest, by=legal, now=at)
    return version


def _talk(draw: Stream, group: Group, values: list[datetime], begun: datetime, now: datetime) -> Iterator[Said]:
    """Some forty answers to each value within three hours, and some more on every day between."""
    people = list(GroupParticipant.objects.filter(group=group, staff=None).order_by("pk"))
    moments = [at + timedelta(seconds=int(draw.random() ** 2 * 10_800) + 60) for at in values for _number in range(42)]
    days = (now - begun).days
    moments += [begun + timedelta(seconds=int(draw.random() * days * 86_400)) for _number in range(24 * days)]
    moments = sorted(moment for moment in moments if moment < now)
    speakers = pick(draw, draw.pareto(1.6, len(people)) + 0.1, len(moments))
    words = draw.integers(0, len(ANSWERS), len(moments))
    for place, moment in enumerate(moments):
        who = people[speakers[place]]
        yield Said(
            line=place,
            group_id=group.pk,
            sent_at=moment,
            kind="text",
            speaker=who.speaker_key or "",
            nickname=who.nickname,
            text=ANSWERS[words[place]],
            reply="",
        )


def _routine(group: Group, now: datetime) -> None:
    """What a noisy group brings every week: links to elsewhere and small advertising, by one after the other."""
    draw = stream(SEED, f"routine {group.name}")
    people = list(GroupParticipant.objects.filter(group=group, staff=None, member__isnull=False).order_by("pk"))
    chosen = [people[place] for place in draw.choice(len(people), size=min(len(people), ROUTINE), replace=False)]
    moments = sorted(now - float(draw.random()) * 26 * DAY - timedelta(hours=6) for _who in chosen)
    reader = MessageReader(Surroundings(zone=timezone.get_default_timezone(), latest=now))
    said = (
        Said(
            line=place,
            group_id=group.pk,
            sent_at=moments[place],
            kind="text",
            speaker=who.speaker_key or "",
            nickname=who.nickname,
            text=PASSED_ON[place % len(PASSED_ON)].format(number=place),
            reply="",
        )
        for place, who in enumerate(chosen)
    )
    bring((reader.row(each) for each in said), now=now)


def _moderate(now: datetime) -> None:
    """Most of what waited is decided; one decision is appealed and changed, one appeal waits, a few cases stay open."""
    marketer, expert = (User.objects.get(username=name) for name in ("marketer", "expert"))
    waiting = list(Violation.objects.open().order_by("-sensitive", "pk"))
    decided = [
        decide(
            violation=row,
            outcome=("warned", "muted", "warned", "dismissed")[place % 4],
            by=marketer,
            now=max(row.detected_at, now - timedelta(hours=3)),
            note="群规第二条" if place % 4 != 3 else "正常交流",
        )
        for place, row in enumerate(waiting[2:-4])
    ]
    before = now - timedelta(hours=2)
    upheld = [row for row in decided if row.outcome != "dismissed" and row.decided_at and row.decided_at < before]
    for place, row in enumerate(upheld[:2]):
        words = ("我是帮群友转发的，不是广告", "那天是在回答别人的问题")[place]
        appeal = file_appeal(violation=row, text=words, by=None, now=before)
        if not place:
            note = "核对上下文，确为转发通知"
            answer_appeal(appeal=appeal, outcome="dismissed", by=expert, now=now - timedelta(hours=1), note=note)
    lately = Violation.objects.filter(first_by=None, decided_at__range=(now - WEEK + 2 * HOUR, now - HOUR))
    first, *appealed = lately.exclude(outcome="dismissed").order_by("pk")[:4]
    correct(violation=first, outcome="dismissed", by=marketer, now=now, note="链接是门店活动页")
    for place, row in enumerate(appealed):
        appeal = file_appeal(violation=row, text="这条没有打广告的意思", by=None, now=now - timedelta(minutes=50))
        outcome, note = ("dismissed", "确是分享") if place == 2 else (row.outcome, "群规第二条，维持提醒")
        answer_appeal(appeal=appeal, outcome=outcome, by=expert, now=now - timedelta(minutes=20), note=note)
