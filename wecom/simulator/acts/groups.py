"""Customer groups: made, joined, left, renamed, given to another owner, dismissed; and the member version of each change."""

import json

from wecom.simulator.acts import ledger
from wecom.simulator.errors import ControlRefused, Json, Refusal
from wecom.simulator.rules import rule_15_group_versions as versions
from wecom.simulator.store import Row
from wecom.simulator.world import Chat, Field, Person, World

EVENT = "change_external_chat"
INVITED, BY_LINK, BY_QR = 1, 2, 3
LEFT, REMOVED = 0, 1
ADDED_BY_MEMBER, ADDED_BY_SCAN = 0, 3  # JoinScene of the event


def find(world: World, chat: int) -> Row:
    found = world.store.row("SELECT * FROM chat WHERE chat = ?", chat)
    if found is None or found["dismissed"]:
        raise ControlRefused(f"There is no group {chat}, or it is dismissed.")
    return found


def members(world: World, chat: int) -> list[Row]:
    return world.store.rows("SELECT * FROM chat_member WHERE chat = ? AND left_at IS NULL ORDER BY id", chat)


def member_of(world: World, chat: int, *, userid: str = "", person: int = 0) -> Row | None:
    sql = "SELECT * FROM chat_member WHERE chat = ? AND left_at IS NULL AND userid = ? AND person = ?"
    return world.store.row(sql, chat, userid, person)


def _version(world: World, chat: int) -> str:
    names = [row["userid"] or f"#{row['person']}" for row in members(world, chat)]
    return versions.version_of(names, world.next("group_version"))


def snapshot(world: World, chat: int) -> Json:
    """As groupchat/get shows it, with people by their numbers."""
    row = world.store.row("SELECT * FROM chat WHERE chat = ?", chat)
    names = ("name", "owner", "create_time", "notice", "version")
    found: Json = {name: row[name] for name in names} if row else {}
    return {**found, "members": [dict(member) for member in members(world, chat)]}


def _remember(world: World, chat: int) -> None:
    """What readers still see for a moment after the change."""
    row = world.store.row("SELECT changed, before FROM chat WHERE chat = ?", chat)
    if row and not (row["changed"] == world.now and row["before"]):
        before = json.dumps(snapshot(world, chat))
        world.store.run("UPDATE chat SET before = ?, changed = ? WHERE chat = ?", before, world.now, chat)


def create(world: World, corpid: str, owner: str, name: str, *, customer: bool = True) -> int:
    world.staff_named(corpid, owner)
    values = {"owner": owner, "name": name, "customer": int(customer), "create_time": world.now}
    chat = world.store.insert("chat", corpid=corpid, **values)
    world.store.insert("chat_member", chat=chat, userid=owner, join_time=world.now, join_scene=INVITED)
    world.store.run("UPDATE chat SET version = ? WHERE chat = ?", _version(world, chat), chat)
    if customer:
        world.emit(corpid, EVENT, {"ChatId": Chat(chat), "ChangeType": "create"})
    return chat


def join(
    world: World,
    chat: int,
    *,
    userid: str = "",
    person: int = 0,
    scene: int = INVITED,
    invitor: str = "",
    state: str = "",
) -> None:
    """One who is in it stays in it."""
    row = find(world, chat)
    if member_of(world, chat, userid=userid, person=person):
        return
    if len(members(world, chat)) >= world.switch(row["corpid"], "group_capacity"):
        raise Refusal(90503)
    _remember(world, chat)
    values = {"userid": userid, "person": person, "join_scene": scene, "invitor": invitor, "state": state}
    world.store.insert("chat_member", chat=chat, join_time=world.now, **values)
    event_scene = ADDED_BY_SCAN if scene == BY_QR else ADDED_BY_MEMBER
    _tell_members(world, row, "add_member", [_named(userid, person)], JoinScene=event_scene, QuitScene=0)
    if person:
        _welcome(world, row, person)


def leave(world: World, chat: int, *, userid: str = "", person: int = 0, removed: bool = False) -> None:
    row, member = find(world, chat), member_of(world, chat, userid=userid, person=person)
    if member is None:
        raise ControlRefused(f"She is not in group {chat}.")
    _remember(world, chat)
    scene = REMOVED if removed else LEFT
    sql = "UPDATE chat_member SET left_at = ?, quit_scene = ? WHERE id = ?"
    world.store.run(sql, world.now, scene, member["id"])
    _tell_members(world, row, "del_member", [_named(userid, person)], JoinScene=0, QuitScene=scene)


def _named(userid: str, person: int) -> Person | str:
    return Person(person) if person else userid


def _tell_members(world: World, row: Row, detail: str, who: list[Person | str], **scenes: int) -> None:
    new = _version(world, row["chat"])
    broken = world.switch(row["corpid"], "break_member_versions")
    last = versions.last_version(row["version"], broken=broken)
    world.store.run("UPDATE chat SET version = ? WHERE chat = ?", new, row["chat"])
    more: dict[str, Field] = {
        **scenes,
        "MemChangeCnt": len(who),
        "MemChangeList": who,
        "LastMemVer": last,
        "CurMemVer": new,
    }
    _tell(world, row, detail, **more)


def _tell(world: World, row: Row, detail: str, **more: Field) -> None:
    if row["customer"]:
        fields: dict[str, Field] = {"ChatId": Chat(row["chat"]), "ChangeType": "update", "UpdateDetail": detail}
        world.emit(row["corpid"], EVENT, {**fields, **more})


def _welcome(world: World, row: Row, person: int) -> None:
    """The group's template, with her name where it says %NICKNAME%."""
    doc = world.store.value("SELECT doc FROM template WHERE template_id = ?", row["welcome"])
    if doc is None:
        return
    content: Json = json.loads(doc)
    if "text" in content:
        said = content["text"]["content"].replace("%NICKNAME%", world.person(person)["name"])
        content = {**content, "text": {"content": said}}
    ledger.write(
        world, row["corpid"], "group_welcome", content, chat=row["chat"], userid=row["owner"], source=row["welcome"]
    )


def change(world: World, chat: int, detail: str, value: str) -> None:
    """`detail`: change_owner, change_name, change_notice."""
    row = find(world, chat)
    column = {"change_owner": "owner", "change_name": "name", "change_notice": "notice"}.get(detail)
    if column is None:
        raise ControlRefused("A group changes by change_owner, change_name or change_notice.")
    _remember(world, chat)
    if detail == "change_owner" and member_of(world, chat, userid=value) is None:
        world.store.insert("chat_member", chat=chat, userid=value, join_time=world.now, join_scene=INVITED)
    world.store.run(f"UPDATE chat SET {column} = ? WHERE chat = ?", value, chat)  # noqa: S608  # one of three columns
    _tell(world, row, detail)


def dismiss(world: World, chat: int) -> None:
    row = find(world, chat)
    world.store.run("UPDATE chat SET dismissed = 1 WHERE chat = ?", chat)
    if row["customer"]:
        world.emit(row["corpid"], EVENT, {"ChatId": Chat(chat), "ChangeType": "dismiss"})


def say(world: World, chat: int, content: Json, *, userid: str = "", person: int = 0) -> None:
    row = find(world, chat)
    if member_of(world, chat, userid=userid, person=person) is None:
        raise ControlRefused(f"She is not in group {chat}.")
    speaker = ledger.CUSTOMER if person else ledger.STAFF
    ledger.write(world, row["corpid"], "chat", content, speaker=speaker, userid=userid, person=person, chat=chat)
