"""WeCom customer service: a customer enters, writes, is queued, is served, is left; what the corp is told of it."""

import json

from wecom.simulator.acts import ledger
from wecom.simulator.errors import ControlRefused, Json
from wecom.simulator.rules import rule_32_kf_states as states
from wecom.simulator.rules import rule_33_kf_codes as codes
from wecom.simulator.store import Row
from wecom.simulator.world import World

BY_API, BY_CUSTOMER, BY_SYSTEM, BY_SERVICER = 0, 3, 4, 5  # origin of a message
PICKED_UP, GIVEN_ON, CLOSED, REOPENED = 1, 2, 3, 4  # change_type of session_status_change


def account(world: World, open_kfid: str) -> Row:
    found = world.store.row("SELECT * FROM kf_account WHERE open_kfid = ? AND deleted = 0", open_kfid)
    if found is None:
        raise ControlRefused(f"There is no customer-service account {open_kfid}.")
    return found


def session(world: World, open_kfid: str, person: int) -> Row:
    """Made at the first look."""
    world.store.run("INSERT OR IGNORE INTO kf_session (open_kfid, person) VALUES (?, ?)", open_kfid, person)
    found = world.store.row("SELECT * FROM kf_session WHERE (open_kfid, person) = (?, ?)", open_kfid, person)
    if found is None:
        raise ControlRefused("The session is gone.")
    return found


def update(world: World, row: Row, **values: object) -> None:
    names = ", ".join(f"{name} = ?" for name in values)
    sql = f"UPDATE kf_session SET {names} WHERE (open_kfid, person) = (?, ?)"  # noqa: S608  # names from this code
    world.store.run(sql, *values.values(), row["open_kfid"], row["person"])


def new_code(world: World, row: Row, kind: str) -> str:
    code = world.new_id("kf_code", "KFCODE", 34)
    world.store.insert(
        "kf_code", code=code, open_kfid=row["open_kfid"], person=row["person"], kind=kind, issued=world.now
    )
    return code


def keep(world: World, row: Row, origin: int, doc: Json, *, msgid: str = "", shown: bool = True) -> str:
    """One message or event of that session; `shown`: by kf/sync_msg."""
    msgid = msgid or world.new_id("kf_msg", "", 28)
    values = {"open_kfid": row["open_kfid"], "person": row["person"], "msgid": msgid, "origin": origin, "doc": doc}
    world.store.insert("kf_message", at=world.now, shown=int(shown), **values)
    return msgid


def tell(world: World, open_kfid: str) -> None:
    """That there is something to fetch; with the token that says so."""
    corpid = account(world, open_kfid)["corpid"]
    token = world.new_id("kf_token", "ENC", 40)
    world.store.insert("kf_token", token=token, corpid=corpid, issued=world.now)
    world.emit(corpid, "kf_msg_or_event", {"Token": token, "OpenKfId": open_kfid})


def event(world: World, row: Row, kind: str, **fields: object) -> None:
    """Ids stand inside `event`, not on the message."""
    keep(
        world,
        row,
        BY_SYSTEM,
        {"msgtype": "event", "event": {"event_type": kind, "open_kfid": row["open_kfid"], **fields}},
    )
    tell(world, row["open_kfid"])


def ago(world: World, at: int) -> int | None:
    return world.now - at if at else None


def enter(world: World, open_kfid: str, person: int, scene: str = "") -> str:
    """She opens the chat. The welcome code, if there is one."""
    account(world, open_kfid)
    row = session(world, open_kfid, person)
    fields: Json = {"scene": scene} if scene else {}
    has = codes.has_welcome_code(welcomed_ago=ago(world, row["welcomed"]), spoke_ago=ago(world, row["spoke"]))
    if has:
        fields["welcome_code"] = new_code(world, row, "welcome")
    update(world, row, scene=scene)
    event(world, row, "enter_session", **fields)
    return str(fields.get("welcome_code", ""))


def customer_says(world: World, open_kfid: str, person: int, content: Json) -> None:
    """An ended session begins anew; the five messages are there again."""
    row = session(world, open_kfid, person)
    state = states.NEW if row["state"] == states.ENDED else row["state"]
    update(world, row, state=state, spoke=world.now, sent=0)
    keep(world, row, BY_CUSTOMER, content)
    _reach(world, row, content, ledger.CUSTOMER)
    tell(world, open_kfid)


def _reach(world: World, row: Row, content: Json, speaker: str, *, source: str = "", userid: str = "") -> None:
    corpid = account(world, row["open_kfid"])["corpid"]
    said = {**content, "open_kfid": row["open_kfid"]}
    who = {"speaker": speaker, "person": row["person"], "source": source, "userid": userid}
    ledger.write(world, corpid, "kf", said, **who)


def corp_says(world: World, row: Row, content: Json, *, msgid: str, used: bool = True) -> str:
    """By API: success says that it was taken, not that it arrived; a failure is told of later."""
    msgid = keep(world, row, BY_API, content, msgid=msgid, shown=False)
    if used:
        update(world, row, sent=row["sent"] + 1)
    if row["rejects"]:
        event(world, row, "msg_send_fail", fail_msgid=msgid, fail_type=row["rejects"])
    else:
        _reach(world, row, content, ledger.SYSTEM, source=msgid)
    return msgid


def servicer_says(world: World, open_kfid: str, person: int, userid: str, content: Json) -> None:
    row = session(world, open_kfid, person)
    if row["state"] != states.STAFF or row["servicer"] != userid:
        raise ControlRefused(f"{userid} does not serve this session.")
    keep(world, row, BY_SERVICER, {**content, "servicer_userid": userid})
    _reach(world, row, content, ledger.STAFF, userid=userid)
    tell(world, open_kfid)


def pick_up(world: World, open_kfid: str, person: int, userid: str) -> None:
    """A member takes her from the queue, in the client."""
    row = session(world, open_kfid, person)
    states.check_move(row["state"], states.STAFF, edges="lenient")
    update(world, row, state=states.STAFF, servicer=userid)
    fields = {"change_type": PICKED_UP, "new_servicer_userid": userid, "msg_code": new_code(world, row, "pickup")}
    event(world, row, "session_status_change", **fields)


def close(world: World, open_kfid: str, person: int, userid: str) -> None:
    row = session(world, open_kfid, person)
    states.check_move(row["state"], states.ENDED, edges="lenient")
    update(world, row, state=states.ENDED, servicer="")
    fields = {"change_type": CLOSED, "old_servicer_userid": userid, "msg_code": new_code(world, row, "end")}
    event(world, row, "session_status_change", **fields)


def talk(world: World, open_kfid: str, person: int) -> list[Json]:
    """What she sees of it on her phone."""
    sql = "SELECT * FROM message WHERE person = ? AND channel = 'kf' ORDER BY id DESC LIMIT 400"
    found = [ledger.shown(row) for row in reversed(world.store.rows(sql, person))]
    return [message for message in found if message["content"].get("open_kfid") == open_kfid]


def accounts(world: World, corpid: str) -> list[Row]:
    return world.store.rows("SELECT * FROM kf_account WHERE corpid = ? AND deleted = 0 ORDER BY rowid", corpid)


def served_by(world: World, open_kfid: str, staff: Row) -> Row | None:
    """The row that makes the member a servicer, by name or by department."""
    rows = world.store.rows("SELECT * FROM kf_servicer WHERE open_kfid = ?", open_kfid)
    parties = world.store.rows("SELECT id FROM department WHERE corpid = ?", staff["corpid"])
    for row in rows:
        below = world.parties_below(staff["corpid"], [row["department"]]) if row["department"] and parties else set()
        if row["userid"] == staff["userid"] or below & set(json.loads(staff["departments"])):
            return row
    return None
