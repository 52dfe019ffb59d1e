"""Customer and member: added, half added, confirmed, deleted by one or the other, renamed, talked to."""

from wecom.simulator.acts import acquisition, ledger
from wecom.simulator.errors import ControlRefused, Json
from wecom.simulator.rules import rule_22_welcome
from wecom.simulator.rules.rule_14_silence import CLIENT, calls_back
from wecom.simulator.rules.rule_16_identity import WECHAT
from wecom.simulator.store import Row, dumps
from wecom.simulator.world import Field, Person, World

EVENT = "change_external_contact"


def find(world: World, corpid: str, userid: str, person: int) -> Row | None:
    sql = "SELECT * FROM follow WHERE (corpid, userid, person) = (?, ?, ?)"
    return world.store.row(sql, corpid, userid, person)


def relation(world: World, corpid: str, userid: str, person: int) -> Row:
    found = find(world, corpid, userid, person)
    if found is None:
        raise ControlRefused(f"Person {person} and member {userid} have not added each other.")
    return found


def tell(world: World, row: Row, change: str, **more: Field) -> None:
    fields: dict[str, Field] = {"ChangeType": change, "UserID": row["userid"], "ExternalUserID": Person(row["person"])}
    world.emit(row["corpid"], EVENT, {**fields, **more})


def _write(world: World, corpid: str, userid: str, person: int, *, half: bool, fresh: Json) -> None:
    """A relation that was there comes back; what the member noted stays, where she came from is new."""
    values = {
        "staff_has": 1,
        "customer_has": 1,
        "half": int(half),
        "createtime": world.now,
        "welcomed": 0,
        "spoken_at": 0,
        **fresh,
    }
    if find(world, corpid, userid, person) is None:
        world.store.insert("follow", corpid=corpid, userid=userid, person=person, **values)
        return
    names = ", ".join(f"{name} = ?" for name in values)
    sql = f"UPDATE follow SET {names} WHERE (corpid, userid, person) = (?, ?, ?)"  # noqa: S608  # names from this code
    world.store.run(sql, *values.values(), corpid, userid, person)


def add(
    world: World,
    corpid: str,
    userid: str,
    person: int,
    *,
    state: str = "",
    add_way: int = 0,
    link_id: str = "",
    verified: bool = True,
) -> Row:
    """The customer adds the member; without `verified` the member has yet to confirm (half added)."""
    old = find(world, corpid, userid, person)
    if old is not None and old["staff_has"] and old["customer_has"] and not old["half"]:
        return old  # friends already: nothing happens and nothing is told
    fresh = {"state": state, "add_way": add_way, "link_id": link_id, "oper_userid": userid}
    _write(world, corpid, userid, person, half=not verified, fresh=fresh)
    if verified:
        _become_friends(world, corpid, userid, person)
    else:
        row = relation(world, corpid, userid, person)
        tell(world, row, "add_half_external_contact", **_origin(world, row))
    return relation(world, corpid, userid, person)


def confirm(world: World, corpid: str, userid: str, person: int) -> None:
    """The member confirms one who was half added."""
    row = relation(world, corpid, userid, person)
    if not row["half"]:
        raise ControlRefused(f"Person {person} is already a customer of {userid}.")
    world.store.run("UPDATE follow SET half = 0, createtime = ? WHERE id = ?", world.now, row["id"])
    _become_friends(world, corpid, userid, person)


def _become_friends(world: World, corpid: str, userid: str, person: int) -> None:
    row = relation(world, corpid, userid, person)
    tell(world, row, "add_external_contact", **_origin(world, row))
    if row["link_id"]:
        acquisition.spend(world, corpid)


def _origin(world: World, row: Row) -> dict[str, Field]:
    """State and welcome code, where there are any."""
    found: dict[str, Field] = {"State": row["state"]} if row["state"] else {}
    code = _welcome_code(world, row)
    return {**found, "WelcomeCode": code} if code else found


def _welcome_code(world: World, row: Row) -> str:
    has = rule_22_welcome.has_code(
        wechat_user=world.person(row["person"])["type"] == WECHAT,
        admin_welcome=world.switch(row["corpid"], "admin_welcome"),
        chat_begun=bool(row["spoken_at"]),
        half_code_used=bool(row["welcomed"]),
    )
    if not has:
        return ""
    code = world.new_id("welcome", "CODE", 40)
    place = {"corpid": row["corpid"], "userid": row["userid"], "person": row["person"]}
    world.store.insert("welcome", code=code, issued=world.now, **place)
    return code


def customer_deletes(world: World, corpid: str, userid: str, person: int) -> None:
    """One-way: the member still has her and can be asked about her."""
    row = relation(world, corpid, userid, person)
    world.store.run("UPDATE follow SET customer_has = 0, deleted_at = ? WHERE id = ?", world.now, row["id"])
    if not row["staff_has"]:
        return
    tell(world, row, "del_follow_user")
    if row["link_id"]:
        fields: dict[str, Field] = {"UserID": userid, "ExternalUserID": Person(person), "LinkId": row["link_id"]}
        acquisition.tell(world, corpid, "del_follow_user", **fields, State=row["state"])


def staff_deletes(world: World, corpid: str, userid: str, person: int) -> None:
    row = relation(world, corpid, userid, person)
    _forget(world, row)
    tell(world, row, "del_external_contact")


def taken_away(world: World, row: Row) -> None:
    """By a transfer: told as a deletion of its own kind."""
    _forget(world, row)
    tell(world, row, "del_external_contact", Source="DELETE_BY_TRANSFER")


def _forget(world: World, row: Row) -> None:
    world.store.run("UPDATE follow SET staff_has = 0, half = 0 WHERE id = ?", row["id"])
    world.store.run("DELETE FROM follow_tag WHERE follow = ?", row["id"])


NOTED = ("remark", "description", "remark_corp_name", "remark_mobiles")


def note(world: World, row: Row, noted: Json, *, origin: str = CLIENT) -> None:
    """What the member wrote about her; told only when it was written in a client."""
    for name in NOTED:
        if name in noted:
            value = dumps(noted[name]) if name == "remark_mobiles" else noted[name]
            world.store.run(f"UPDATE follow SET {name} = ? WHERE id = ?", value, row["id"])  # noqa: S608  # one of NOTED
    if calls_back(origin):
        tell(world, row, "edit_external_contact")


def mark(world: World, row: Row, add: list[str], remove: list[str], *, origin: str = CLIENT) -> int:
    """Tags on and off; how many there are then."""
    world.store.run_many("DELETE FROM follow_tag WHERE follow = ? AND tag_id = ?", [(row["id"], tag) for tag in remove])
    world.store.run_many("INSERT OR IGNORE INTO follow_tag VALUES (?, ?)", [(row["id"], tag) for tag in add])
    if calls_back(origin):
        tell(world, row, "edit_external_contact")
    return int(world.store.value("SELECT count(*) FROM follow_tag WHERE follow = ?", row["id"]))


def customer_says(world: World, corpid: str, userid: str, person: int, content: Json) -> bool:
    """False: the member deleted her, WeChat shows that it was not delivered."""
    row = relation(world, corpid, userid, person)
    if not row["staff_has"] or row["half"]:
        return False
    ledger.write(world, corpid, "chat", content, speaker=ledger.CUSTOMER, userid=userid, person=person)
    sql = "UPDATE follow SET spoken_at = ?, from_customer = from_customer + 1 WHERE id = ?"
    world.store.run(sql, world.now, row["id"])
    row = relation(world, corpid, userid, person)
    if acquisition.first_message(row):
        fields: dict[str, Field] = {"UserID": userid, "ExternalUserID": Person(person), "LinkId": row["link_id"]}
        acquisition.tell(world, corpid, "customer_start_chat", **fields)
    acquisition.told_of_message(world, row)
    return True


def staff_says(world: World, corpid: str, userid: str, person: int, content: Json) -> bool:
    """False: the customer deleted the member."""
    row = relation(world, corpid, userid, person)
    if not row["customer_has"] or not row["staff_has"]:
        return False
    ledger.write(world, corpid, "chat", content, userid=userid, person=person)
    world.store.run("UPDATE follow SET spoken_at = ? WHERE id = ?", world.now, row["id"])
    return True


def agree_to_archive(world: World, corpid: str, userid: str, person: int) -> None:
    row = relation(world, corpid, userid, person)
    world.store.run(
        "UPDATE welcome SET archived = 1 WHERE (corpid, userid, person) = (?, ?, ?)", corpid, userid, person
    )
    code = _welcome_code(world, row)
    more: dict[str, Field] = {"WelcomeCode": code} if code else {}
    tell(world, row, "msg_audit_approved", **more)
