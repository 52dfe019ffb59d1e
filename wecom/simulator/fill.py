"""A small brand to begin with, the same for the same seed; or many customers, for measurements."""

import random

from wecom.simulator.acts import acquisition, founding, groups, tags
from wecom.simulator.clock import DAY
from wecom.simulator.errors import ControlRefused, Json
from wecom.simulator.rules.rule_16_identity import outside_id
from wecom.simulator.world import World

SIZES = {"small": 24, "medium": 2000, "large": 100_000}
CORPID = "ww5a1c9d2e7f3b8046"
NAMES = "王 李 张 刘 陈 杨 赵 黄 周 吴 徐 孙 胡 朱 高 林 何 郭 马 罗".split()  # noqa: SIM905  # one line
GIVEN = "悦 欣怡 子涵 雨桐 佳宁 思琪 晓 梦洁 若曦 安然 一诺 嘉怡 静 雅雯 楠 露 芷若 书瑶 可欣 念".split()  # noqa: SIM905
STORES = ("西湖店", "滨江店", "城西店")
GUIDES = (
    ("chenning", "陈宁"),
    ("zhoumin", "周敏"),
    ("hejing", "何静"),
    ("wulei", "吴蕾"),
    ("sunyue", "孙悦"),
    ("tangwei", "唐薇"),
)
TAGS = {"肤质": ("干性", "油性", "敏感"), "关注": ("护肤", "彩妆", "香氛"), "来源": ("门店", "直播", "老带新")}
MONTHS = 6


def fill(world: World, size: str) -> Json:
    """Credentials of the app. What is there already is left alone."""
    if size not in SIZES:
        raise ControlRefused(f"The simulator is filled {', '.join(SIZES)}; not {size!r}.")
    if world.store.value("SELECT 1 FROM corp WHERE corpid = ?", CORPID):
        return credentials(world)
    with world.store.transaction():
        chance = random.Random(world.seed)  # noqa: S311  # sample data
        _found(world)
        worn = _tag(world)
        people = _people(world, SIZES[size], chance)
        _follow(world, people, worn, chance)
        _codes(world)
        _groups(world, people, chance)
        world.store.insert("kf_account", open_kfid=world.new_id("kf_account", "wk", 30), corpid=CORPID, name="悦肤客服")
        world.store.run("INSERT INTO kf_servicer (open_kfid, userid) SELECT open_kfid, ? FROM kf_account", GUIDES[0][0])
        acquisition.buy(world, CORPID, 1000, world.now + 90 * DAY)
    return credentials(world)


def credentials(world: World) -> Json:
    app = world.store.row("SELECT * FROM app WHERE corpid = ? ORDER BY agentid", CORPID)
    names = ("corpid", "agentid", "secret")
    return {name: app[name] for name in names} if app else {"corpid": CORPID}


def _found(world: World) -> None:
    founding.found_corp(world, {"corpid": CORPID, "name": "悦肤", "wechat_account": "wx0a1b2c3d4e5f6071"})
    founding.found_app(world, CORPID, {"name": "SCRM", "scopes": ["customers", "kf", "archive"]})
    founding.found_app(world, CORPID, {"name": "通讯录同步", "scopes": ["directory_sync"]})
    for number, store in enumerate(STORES, start=2):
        founding.add_department(world, CORPID, {"id": number, "name": store})
    for place, (userid, name) in enumerate(GUIDES):
        about = {"userid": userid, "name": name, "departments": [2 + place % len(STORES)], "position": "导购"}
        founding.add_staff(world, CORPID, about)


def _tag(world: World) -> list[str]:
    made = []
    for group, names in TAGS.items():
        group_id = tags.add_group(world, CORPID, group)
        made += tags.add_tags(world, CORPID, group_id, [(name, 0) for name in names])
    return made


def _people(world: World, count: int, chance: random.Random) -> list[int]:
    first = (world.store.value("SELECT max(person) FROM person") or 0) + 1
    numbers = list(range(first, first + count))
    rows = [(one, chance.choice(NAMES) + chance.choice(GIVEN), chance.choice((2, 2, 2, 1))) for one in numbers]
    world.store.run_many("INSERT INTO person (person, name, gender) VALUES (?, ?, ?)", rows)
    outside = [(CORPID, "customer", one, outside_id(world.seed, CORPID, "customer", one)) for one in numbers]
    world.store.run_many("INSERT INTO alias VALUES (?, ?, ?, ?)", outside)
    return numbers


def _follow(world: World, people: list[int], worn: list[str], chance: random.Random) -> None:
    """One in eight has nobody yet; one in ten has two. Some months of additions, without events: it is the past."""
    rows = []
    for person in people[len(people) // 8 :]:
        for userid, _name in chance.sample(GUIDES, 2 if chance.random() < 1 / 10 else 1):
            rows.append((CORPID, userid, person, world.now - chance.randrange(MONTHS * 30 * DAY), userid))
    rows.sort(key=lambda row: row[3])
    sql = (
        "INSERT INTO follow (corpid, userid, person, staff_has, customer_has, createtime, oper_userid, add_way)"
        " VALUES (?, ?, ?, 1, 1, ?, ?, 1)"
    )
    world.store.run_many(sql, rows)
    follows = world.store.column("SELECT id FROM follow WHERE corpid = ?", CORPID)
    marked = [(one, tag) for one in follows for tag in chance.sample(worn, 2)]
    world.store.run_many("INSERT INTO follow_tag VALUES (?, ?)", marked)


def _codes(world: World) -> None:
    users = [userid for userid, _name in GUIDES]
    ways = (
        ("门店台卡", "store-desk", True, users[:3]),
        ("直播间", "live-room", True, users[3:]),
        ("需要验证", "verify", False, users[:1]),
    )
    for remark, state, skip, who in ways:
        doc: Json = {
            "type": 2,
            "scene": 2,
            "remark": remark,
            "state": state,
            "skip_verify": skip,
            "user": who,
            "party": [],
        }
        about = {"corpid": CORPID, "kind": "contact", "agentid": founding.FIRST_AGENT, "created": world.now}
        world.store.insert("code", config_id=world.new_hex("code"), doc={**doc, "is_temp": False}, **about)
    doc = {"link_name": "小红书", "range": {"user_list": users[:2], "department_list": []}, "skip_verify": True}
    about = {"corpid": CORPID, "agentid": founding.FIRST_AGENT, "created": world.now}
    world.store.insert("link", link_id=f"cawcde{world.new_hex('link', 16)}", doc=doc, **about)


def _groups(world: World, people: list[int], chance: random.Random) -> None:
    chats = [groups.create(world, CORPID, GUIDES[place][0], f"悦肤会{place + 1}群") for place in range(2)]
    for chat in chats:
        for person in chance.sample(people, 5):
            groups.join(world, chat, person=person)
    way = {"scene": 2, "remark": "会员群", "auto_create_room": 1, "room_base_name": "悦肤会", "room_base_id": 3}
    doc: Json = {**way, "chat_id_list": [], "chats": chats, "state": "member-group"}
    about = {"corpid": CORPID, "kind": "join", "agentid": founding.FIRST_AGENT, "created": world.now}
    world.store.insert("code", config_id=world.new_hex("code"), doc=doc, **about)
