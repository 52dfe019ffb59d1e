"""A customer scans a code or opens a link: a contact way, a group's join way, an acquisition link."""

import json
import re
from urllib.parse import parse_qs, urlsplit

from wecom.simulator.acts import acquisition, groups, kf, relations
from wecom.simulator.errors import ControlRefused, Json
from wecom.simulator.rules import rule_20_join_ways, rule_21_acquisition
from wecom.simulator.store import Row, dumps
from wecom.simulator.world import Field, World

BY_QR, BY_LINK = 1, 16  # add_way: a code was scanned; an acquisition link was opened
WORD = re.compile(r"[0-9A-Za-z_-]+$")


def scan(world: World, person: int, scanned: str) -> Json:
    """`scanned` is an id or an address that ends in one. What came of it: `userid` or `chat`."""
    world.person(person)
    parts = urlsplit(scanned.strip())
    name = WORD.search(parts.path.removesuffix(".svg"))
    if name is None:
        raise ControlRefused("Nothing that can be scanned: give the id of a code or its address.")
    code = world.store.row("SELECT * FROM code WHERE config_id = ?", name.group())
    if code is not None:
        world.store.run("UPDATE code SET scans = scans + 1 WHERE config_id = ?", code["config_id"])
        return _add_by_way(world, person, code) if code["kind"] == "contact" else _join_by_way(world, person, code)
    if world.store.value("SELECT 1 FROM kf_account WHERE open_kfid = ?", name.group()):
        return _enter_service(world, person, name.group(), parse_qs(parts.query).get("enc_scene", [""])[0])
    link = world.store.row("SELECT * FROM link WHERE link_id = ?", name.group())
    if link is None:
        raise ControlRefused("The code is unknown or was deleted.")
    return _add_by_link(world, person, link, parse_qs(parts.query).get("customer_channel", [""])[0])


def _enter_service(world: World, person: int, open_kfid: str, scene: str) -> Json:
    kf.enter(world, open_kfid, person, scene)
    return {"open_kfid": open_kfid, "corpid": kf.account(world, open_kfid)["corpid"]}


def _choose(world: World, corpid: str, candidates: list[str], person: int) -> str:
    """One who has her already; otherwise the one with the fewest customers."""
    usable: list[str] = [row["userid"] for row in _usable(world, corpid, candidates)]
    if not usable:
        raise ControlRefused("Nobody behind this code can be added any more.")
    for userid in usable:
        row = relations.find(world, corpid, userid, person)
        if row is not None and row["staff_has"]:
            return userid
    count = "SELECT count(*) FROM follow WHERE (corpid, userid) = (?, ?) AND staff_has = 1"
    return min(usable, key=lambda userid: (int(world.store.value(count, corpid, userid)), userid))


def _usable(world: World, corpid: str, candidates: list[str]) -> list[Row]:
    rows = [world.staff(corpid, userid) for userid in candidates]
    return [row for row in rows if row is not None and row["left_at"] is None and row["active"] and row["contacts"]]


def _add_by_way(world: World, person: int, code: Row) -> Json:
    way: Json = json.loads(code["doc"])
    if way.get("is_temp") and (code["scans"] or world.now > code["created"] + way["expires_in"]):
        raise ControlRefused("This temporary code has been used or has expired.")
    people = world.people_of(code["corpid"], way.get("user", []), way.get("party", []))
    userid = _choose(world, code["corpid"], people, person)
    verified = bool(way["skip_verify"])
    relations.add(world, code["corpid"], userid, person, state=way.get("state", ""), add_way=BY_QR, verified=verified)
    return {"userid": userid, "corpid": code["corpid"], "half": not verified}


def _join_by_way(world: World, person: int, code: Row) -> Json:
    way: Json = json.loads(code["doc"])
    chats = [chat for chat in way["chats"] if world.store.value("SELECT dismissed FROM chat WHERE chat = ?", chat) == 0]
    capacity = world.switch(code["corpid"], "group_capacity")
    place = rule_20_join_ways.room_to_join([len(groups.members(world, chat)) for chat in chats], capacity=capacity)
    chat = chats[place] if place is not None else _open_room(world, code, way, chats)
    groups.join(world, chat, person=person, scene=groups.BY_QR, state=way.get("state", ""))
    return {"chat": chat, "corpid": code["corpid"]}


def _open_room(world: World, code: Row, way: Json, chats: list[int]) -> int:
    if not way["auto_create_room"] or not chats:
        raise ControlRefused("All groups behind this code are full.")
    last = groups.find(world, chats[-1])
    number = way["room_base_id"]
    chat = groups.create(
        world, code["corpid"], last["owner"], rule_20_join_ways.new_room(way["room_base_name"] or last["name"], number)
    )
    way = {**way, "room_base_id": number + 1, "chats": [*way["chats"], chat][-rule_20_join_ways.GROUPS :]}
    world.store.run("UPDATE code SET doc = ? WHERE config_id = ?", dumps(way), code["config_id"])
    return chat


def _add_by_link(world: World, person: int, link: Row, channel: str) -> Json:
    corpid, doc = link["corpid"], json.loads(link["doc"])
    state = rule_21_acquisition.channel_state(channel)
    origin: dict[str, Field] = {"LinkId": link["link_id"], "State": state}
    world.store.insert("link_click", link_id=link["link_id"], person=person, at=world.now)
    if link["closed"] or not rule_21_acquisition.check_balance(acquisition.balance(world, corpid)):
        acquisition.tell(world, corpid, "link_unavailable", LinkId=link["link_id"])
        return {"refused": "This link cannot be used at the moment."}
    acquisition.tell(world, corpid, "open_profile", **origin)
    reach = doc.get("range", {})
    userid = _choose(
        world, corpid, world.people_of(corpid, reach.get("user_list", []), reach.get("department_list", [])), person
    )
    acquisition.tell(world, corpid, "friend_request", **origin)
    verified = doc.get("skip_verify", True)
    known: Json = {"state": state, "add_way": BY_LINK, "link_id": link["link_id"]}
    relations.add(world, corpid, userid, person, verified=verified, **known)
    return {"userid": userid, "corpid": corpid, "half": not verified}
