# ruff: noqa: PLR2004 - the numbers are the shape of the brand
"""Groups of the demo brand: six chats of the brand and one for each of fourteen stores, with ten weeks of talk.

One is too noisy, one falls asleep. The stores of two regions wait for the KOC programme: with them the others are compared.

Everything goes through the same services as an imported chat: who speaks is counted, members' days stand in their
timelines, and what breaks the rules is found while it is stored.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from django.conf import settings
from django.utils import timezone

from accounts.models import Store, User
from community.enums.groups import ParticipantRole
from community.models import Group, GroupMessage, GroupParticipant, GroupType
from community.rules.message_sql import MESSAGE_COLUMNS
from community.services.chat_reading import MessageReader, Said, Surroundings
from community.services.group_rules import publish_rules
from community.services.groups import GroupIn, open_group
from community.services.rosters import Entry, take_over
from community.services.storing import hear, store_messages
from members.models import Member
from scrm.demo.arrays import Array, Stream, pick, seconds_of_day, stream
from scrm.demo.brand import DEMO_GROUPS, ITEMS, SHOPS
from timeline.models import PurchaseDay

Say = Callable[[str], None]
DAY = timedelta(days=1)
SEED, DAYS = 1, 70
HOURS = (1, 0.5, 0.2, 0.1, 0.1, 0.3, 1, 3, 4, 4, 4, 4.5, 6, 5, 4, 4, 4, 4.5, 6, 9, 15, 14, 9, 4)
SILENT = 0.42
BROUGHT = timedelta(days=6)
GROUP_ID, SENT_AT = (list(MESSAGE_COLUMNS).index(name) for name in ("group_id", "sent_at"))
LAST_LINE = 10_000_000
KINDS = (("text", 0.8), ("image", 0.12), ("mini_program", 0.04), ("video", 0.02), ("voice", 0.02))
RULES = (
    "一、友善交流，尊重每一位群友。\n二、不发广告、外链和拼单信息，不加群友私聊推销。\n三、不刷屏，同样的话说一遍就好。\n"
    "四、护肤问题欢迎随时提问，涉及皮肤疾病请先就医。\n违反者先提醒，再次违反移出本群；有异议可向群主申诉。"
)
TALK = (
    "今天的面膜敷完好水润", "有人用过{item}吗，油皮适合吗", "{item}回购第三瓶了", "换季脸干怎么办呀", "早上用水还是精华先",
    "刚收到快递，包装好精致", "打卡第{n}天", "求推荐一款温和的卸妆", "敏感肌可以用{item}吗", "晚上直播几点开始",
    "{item}什么时候补货", "今天门店有活动吗", "这个搭配思路学到了", "我也是混油皮，握手", "感谢分享", "收藏了慢慢看",
    "早C晚A有人坚持下来吗", "孕妇能用哪几款呀", "{item}和面霜可以叠加吗", "昨天的直播有回放吗", "积分怎么换小样",
    "周末去门店做了护理，舒服", "小样收到了，谢谢客服", "新品试用报告交了", "大家周末愉快", "最近熬夜脸好暗沉",
    "防晒阴天也要涂的", "坚持两周毛孔真的细了一点", "有没有一起打卡的姐妹", "这个成分适合夏天吗", "包邮吗",
    "给妈妈买了{item}，她很喜欢", "护手霜味道好好闻", "群主今天讲得很清楚", "请问生日券怎么领", "已下单，坐等",
)  # fmt: skip
SHORT = ("好的", "哈哈哈", "收到", "早", "晚安", "同问", "谢谢", "可以的", "赞", "蹲一个", "+1", "在的")
ASKING = "@{name} {text}"
BREACHES = (
    "专柜正品代购，加我微信 mm88660 拿货更便宜", "姐妹们看这个 https://t.example.net/lucky 点一下都能领红包",
    "拼单拼单，差两个人，私聊我手机 13900000000", "全网最低价，百分百祛斑，三天见效", "刷单兼职日结三百，进群 https://job.example.net/88",
)  # fmt: skip


@dataclass(frozen=True)
class Sketch:
    """One group: `rate` messages a day ten weeks ago and now; `breaches` of the rules in the last ten days.

    Of `apart` nobody is in another group: that is what a group is like to which the others are compared.
    """

    name: str
    type: str
    owner: str
    people: int
    rate: tuple[float, float]
    shop: str = ""
    breaches: int = 0
    apart: bool = False


SKETCHES = tuple(
    Sketch(*given)
    for given in zip(
        DEMO_GROUPS,
        ("welfare", "welfare", "welfare", "interest", "honour", "welfare"),
        ("marketer", "service", "manager", "marketer", "expert", "guide"),
        (180, 150, 120, 240, 90, 110),
        ((62, 66), (70, 68), (58, 17), (170, 268), (88, 101), (52, 59)),
        ("", "", "hz-xihu", "", "", "hz-xihu"),
        (1, 0, 0, 26, 0, 2),
        strict=True,
    )
)
# Where the KOC programme began, and where it has not yet.
BEGUN_IN = ("sh-nanjingxilu", "sh-wujiaochang", "gz-tianhe", "sz-futian")
NOT_YET_IN = (
    "bj-sanlitun", "bj-xidan", "tj-binjiang", "qd-shinan", "wh-jianghan",
    "cs-wuyi", "zz-erqi", "cd-chunxi", "cq-jiefangbei", "xa-xiaozhai",
)  # fmt: skip


def _of_stores() -> Iterator[Sketch]:
    """Small and alike; the rates differ a little from one to the next. The last one falls asleep, and nobody has seen to it."""
    names = {shop.code: shop.name for shop in SHOPS}
    for place, code in enumerate((*BEGUN_IN, *NOT_YET_IN)):
        yield Sketch(
            name=names[code].removesuffix("店") + "会员群",
            type="welfare",
            owner=f"manager-{code}",
            people=78 + place * 7 % 24,
            rate=(48, 21) if code == NOT_YET_IN[-1] else (52 + place * 5 % 11, 53 + place * 3 % 13),
            shop=code,
            apart=code in NOT_YET_IN,
        )


@dataclass(frozen=True)
class Crowd:
    """Who is in one group: keys and names in the chat, members by number where they are known."""

    group: Group
    keys: tuple[str, ...]
    names: tuple[str, ...]
    members: tuple[int | None, ...]


def run(*, now: datetime, say: Say) -> None:
    """Once: where there is a group already, nothing is done."""
    if Group.objects.exists() or not Member.objects.exists():
        return
    admin = User.objects.get(username="admin")
    sketches = (*SKETCHES, *_of_stores())
    reader = MessageReader(Surroundings(zone=ZoneInfo(settings.TIME_ZONE), latest=now))
    rows: list[tuple[Any, ...]] = []
    for number, sketch in enumerate(sketches, 1):
        draw = stream(SEED, f"communities {sketch.name}")
        group = _opened(sketch, number, admin, now)
        crowd = _crowd(draw, sketch, group, now)
        _join(draw, crowd, now)
        rows += (reader.row(said) for said in _talk(draw, sketch, crowd, now))
    bring(rows, now=now)
    say(
        f"lived through: {len(sketches)} groups, {GroupParticipant.objects.count():,} participants, "
        f"{GroupMessage.objects.count():,} messages"
    )


def bring(rows: Iterable[tuple[Any, ...]], *, now: datetime) -> None:
    """Some days of all groups at a time, as somebody imported the chats each week: what was said long ago is looked at no more."""
    waiting = sorted(rows, key=itemgetter(SENT_AT))
    groups = {row[GROUP_ID] for row in waiting}
    while waiting:
        until = min(waiting[0][SENT_AT] + BROUGHT, now)
        batch = [row for row in waiting if row[SENT_AT] <= until]
        store_messages(now=until, rows=batch)
        waiting = waiting[len(batch) :]
    hear(groups=list(groups), until=now)


def _opened(sketch: Sketch, number: int, admin: User, now: datetime) -> Group:
    opened = now - 300 * DAY
    store = Store.objects.filter(code=sketch.shop).first() if sketch.shop else None
    given = GroupIn(
        name=sketch.name,
        type_id=GroupType.objects.get(code=sketch.type).pk,
        owner_id=User.objects.get(username=sketch.owner).pk,
        store_id=store.pk if store else None,
        opened_on=timezone.localdate(opened),
        capacity=500 if sketch.people > 200 else 200,
        source="wecom",
        external_id=f"demo-{number}",
    )
    group = open_group(given=given, by=admin, now=opened)
    publish_rules(group=group, text=RULES, by=admin, now=opened + DAY)
    return group


def _crowd(draw: Stream, sketch: Sketch, group: Group, now: datetime) -> Crowd:
    """Two in three are members, half of these have bought lately; the others are known to the chat alone."""
    known = _members(draw, sketch, group, now)
    places = range(sketch.people)
    names = [member.name or f"会员{member.pk}" for member in known]
    names += [f"{'小大阿'[place % 3]}{'雨晴宁岚悦溪禾夏棠月'[place * 7 % 10]}{place}" for place in places[len(known) :]]
    return Crowd(
        group=group,
        keys=tuple(f"{group.external_id}-{place}" for place in places),
        names=tuple(names),
        members=(*(member.pk for member in known), *(None for _place in places[len(known) :])),
    )


def _members(draw: Stream, sketch: Sketch, group: Group, now: datetime) -> list[Member]:
    """Of the shop where the group has one."""
    wanted = sketch.people * 2 // 3
    everybody = Member.objects.filter(merged_into=None)
    if sketch.apart:
        everybody = everybody.exclude(pk__in=GroupParticipant.objects.filter(member__isnull=False).values("member"))
    if group.store_id is not None:
        everybody = everybody.filter(home_store=group.store_id)
    recent = PurchaseDay.objects.filter(day__gt=timezone.localdate(now) - 45 * DAY, orders__gt=0)
    buying = list(everybody.filter(pk__in=recent.values("member")).order_by("pk").values_list("pk", flat=True))
    others = list(everybody.exclude(pk__in=buying).order_by("pk").values_list("pk", flat=True))
    chosen = [*_some(draw, buying, wanted // 2), *_some(draw, others, wanted - wanted // 2)]
    found = Member.objects.in_bulk(chosen)
    return [found[number] for number in chosen]


def _some(draw: Stream, numbers: list[int], wanted: int) -> list[int]:
    most = min(wanted, len(numbers))
    return [numbers[place] for place in draw.choice(len(numbers), size=most, replace=False)] if most else []


def _join(draw: Stream, crowd: Crowd, now: datetime) -> None:
    """More lately than long ago; one in twelve has left again. The one who answers for the group owns the chat."""
    group = crowd.group
    ago = (draw.random(len(crowd.keys)) ** 1.5 * 290 + 2).round(3)
    left = draw.random(len(crowd.keys)) < 0.08
    stayed = draw.random(len(crowd.keys))
    entries = [
        Entry(
            line=place,
            group_id=group.pk,
            speaker_key=key,
            nickname=crowd.names[place],
            role=ParticipantRole.KEEPER if place in {1, 2} else ParticipantRole.ORDINARY,
            joined_at=now - float(ago[place]) * DAY,
            left_at=now - float(ago[place] * stayed[place]) * DAY if left[place] and place > 2 else None,
            inviter=crowd.keys[place // 3] if place % 5 == 0 and place else "",
            acknowledged=place % 4 != 3,
            member_id=crowd.members[place],
        )
        for place, key in enumerate(crowd.keys)
    ]
    host = Entry(
        line=len(entries),
        group_id=group.pk,
        speaker_key=f"{group.external_id}-host",
        nickname=str(group.owner),
        role=ParticipantRole.OWNER,
        joined_at=now - 300 * DAY,
        acknowledged=True,
    )
    take_over([*entries, host], now=now)
    GroupParticipant.objects.filter(group=group, speaker_key=host.speaker_key).update(staff=group.owner)


def _talk(draw: Stream, sketch: Sketch, crowd: Crowd, now: datetime) -> Iterator[Said]:
    """A few say most, four in ten say nothing; evenings and weekends are busy."""
    group = crowd.group
    at = _moments(draw, sketch, now)
    weights = draw.pareto(1.4, len(crowd.keys)) + 0.05
    weights[draw.random(len(weights)) < SILENT] = 0
    speakers = pick(draw, weights, len(at))
    speakers[draw.random(len(at)) < 0.06] = len(crowd.keys)  # the host answers
    kinds = pick(draw, [share for _kind, share in KINDS], len(at))
    heard = pick(draw, weights, len(at))
    turns, short, lines = draw.random(len(at)), draw.random(len(at)) < 0.3, draw.integers(0, 1 << 30, len(at))
    keys, names = (*crowd.keys, f"{group.external_id}-host"), (*crowd.names, str(group.owner))
    for place, moment in enumerate(at):
        kind = KINDS[kinds[place]][0]
        text = _text(int(lines[place]), short=bool(short[place])) if kind == "text" else ""
        if text and turns[place] < 0.07:
            text = ASKING.format(name=names[heard[place]], text=text)
        yield Said(
            line=place,
            group_id=group.pk,
            sent_at=moment,
            kind=kind,
            speaker=keys[speakers[place]],
            nickname=names[speakers[place]],
            text=text,
            reply=keys[heard[place]] if 0.07 <= turns[place] < 0.16 else "",
        )
    yield from _breaches(draw, sketch, crowd, now)


def _moments(draw: Stream, sketch: Sketch, now: datetime) -> list[datetime]:
    """From ten weeks ago to now, in their order."""
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    found: list[datetime] = []
    for back in range(DAYS, -1, -1):
        day = midnight - back * DAY
        part = 1 - back / DAYS
        rate = sketch.rate[0] + (sketch.rate[1] - sketch.rate[0]) * min(1.0, part * 1.25)
        count = int(draw.poisson(rate * (1.12 if day.weekday() >= 5 else 0.95)))
        seconds: Array = np.sort(seconds_of_day(draw, HOURS, count))
        found += [day + timedelta(seconds=int(second)) for second in seconds]
    return [moment.astimezone(UTC) for moment in found if moment <= now]


def _text(number: int, *, short: bool) -> str:
    if short:
        return SHORT[number % len(SHORT)]
    item = ITEMS[number // 64 % len(ITEMS)].name.removeprefix("悦肤 ")
    return TALK[number % len(TALK)].format(item=item, n=1 + number // 4096 % 60)


def _breaches(draw: Stream, sketch: Sketch, crowd: Crowd, now: datetime) -> Iterator[Said]:
    """What somebody has to decide on: advertising, links, poaching, the same once more, a flood; by three strangers."""
    strangers = [place for place, member in enumerate(crowd.members) if member is None][:3]
    for number in range(sketch.breaches):
        at = now - float(draw.random()) * 9 * DAY - timedelta(hours=1)
        yield _breach(crowd, strangers[number % 3], number, at, BREACHES[number % len(BREACHES)])
    if sketch.breaches > 10:
        for number in range(14):
            at = now - timedelta(hours=5) + timedelta(seconds=4 * number)
            yield _breach(crowd, strangers[0], sketch.breaches + number, at, f"清仓{number}折起，手慢无")


def _breach(crowd: Crowd, who: int, number: int, at: datetime, text: str) -> Said:
    return Said(
        line=LAST_LINE + number,
        group_id=crowd.group.pk,
        sent_at=at,
        kind="text",
        speaker=crowd.keys[who],
        nickname=crowd.names[who],
        text=text,
    )
