"""A member's WeCom: what waits for her, whom she serves."""

import json

from wecom.simulator.acts import kf, ledger, mass, moments
from wecom.simulator.errors import Json
from wecom.simulator.store import Row
from wecom.simulator.world import World

CUSTOMERS, ROWS = 200, 500
QUEUED, SERVED = 2, 3


def members(world: World) -> Json:
    """With how much waits for each."""
    sql = (
        "SELECT s.corpid, s.userid, s.name, s.position, k.name AS corp_name,"
        " (SELECT count(*) FROM mass_task t JOIN mass m USING (msgid) WHERE m.corpid = s.corpid AND t.userid = s.userid"
        " AND t.status = 0 AND t.ignored = 0 AND m.cancelled IS NULL) AS tasks,"
        " (SELECT count(*) FROM follow f WHERE f.corpid = s.corpid AND f.userid = s.userid AND f.staff_has AND NOT f.half) AS customers,"
        " (SELECT count(*) FROM follow f WHERE f.corpid = s.corpid AND f.userid = s.userid AND f.half) AS requests"
        " FROM staff s JOIN corp k USING (corpid) WHERE s.left_at IS NULL ORDER BY s.corpid, s.rowid"
    )
    return {"members": [dict(row) for row in world.store.rows(sql)]}


def home(world: World, corpid: str, userid: str) -> Json:
    row = world.staff_named(corpid, userid)
    about = {"userid": userid, "name": row["name"], "corpid": corpid, "corp_name": world.corp(corpid)["name"]}
    return {
        "member": about,
        "tasks": [_task(world, task, userid) for task in mass.pending(world, corpid, userid)],
        "done": _done(world, corpid, userid),
        "moments": moments.pending(world, corpid, userid),
        "requests": _requests(world, corpid, userid),
        "customers": customers(world, corpid, userid),
        "groups": _groups(world, corpid, userid),
        "services": _services(world, row),
        "notices": _notices(world, corpid, userid),
    }


def _task(world: World, task: Json, userid: str) -> Json:
    rows = [{"id": one["id"], "name": one["name"]} for one in mass.targets(world, task["msgid"], userid)[:ROWS]]
    reminded = len(json.loads(task["reminded"]))
    return {**task, "rows": rows, "reminded": reminded}


def _done(world: World, corpid: str, userid: str) -> list[Json]:
    sql = (
        "SELECT m.msgid, m.chat_type, m.doc, t.send_time, sum(r.status = 1) AS sent, sum(r.status = 2) AS strangers,"
        " sum(r.status = 3) AS capped, count(*) AS reach FROM mass_task t JOIN mass m USING (msgid)"
        " JOIN mass_row r ON r.msgid = t.msgid AND r.userid = t.userid WHERE m.corpid = ? AND t.userid = ? AND t.status = 2"
        " GROUP BY m.msgid ORDER BY t.send_time DESC, m.msgid LIMIT 20"
    )
    return [{**dict(row), "doc": json.loads(row["doc"])} for row in world.store.rows(sql, corpid, userid)]


def _requests(world: World, corpid: str, userid: str) -> list[Json]:
    sql = (
        "SELECT f.person, p.name, f.state, f.createtime FROM follow f JOIN person p USING (person)"
        " WHERE (f.corpid, f.userid) = (?, ?) AND f.half ORDER BY f.createtime DESC"
    )
    return [dict(row) for row in world.store.rows(sql, corpid, userid)]


def customers(world: World, corpid: str, userid: str) -> list[Json]:
    """Those with the latest contact, first."""
    sql = (
        "SELECT f.*, p.name, (SELECT group_concat(t.name, ' ') FROM follow_tag w JOIN tag t USING (tag_id) WHERE w.follow = f.id) AS tags"
        " FROM follow f JOIN person p USING (person) WHERE (f.corpid, f.userid) = (?, ?) AND f.staff_has AND NOT f.half"
        " ORDER BY max(f.spoken_at, f.createtime) DESC LIMIT ?"
    )
    names = ("person", "name", "remark", "description", "state", "tags", "customer_has", "createtime", "spoken_at")
    return [{name: row[name] for name in names} for row in world.store.rows(sql, corpid, userid, CUSTOMERS)]


def _groups(world: World, corpid: str, userid: str) -> list[Json]:
    sql = (
        "SELECT g.chat, g.name, g.owner, (SELECT count(*) FROM chat_member n WHERE n.chat = g.chat AND n.left_at IS NULL) AS size"
        " FROM chat g JOIN chat_member m USING (chat) WHERE g.corpid = ? AND m.userid = ? AND m.left_at IS NULL AND g.dismissed = 0"
    )
    return [dict(row) for row in world.store.rows(sql, corpid, userid)]


def _services(world: World, staff: Row) -> list[Json]:
    """Sessions that wait in the queue, and those that she serves."""
    found = []
    for account in kf.accounts(world, staff["corpid"]):
        if kf.served_by(world, account["open_kfid"], staff) is None:
            continue
        sql = "SELECT s.*, p.name FROM kf_session s JOIN person p USING (person) WHERE open_kfid = ? AND (state = ? OR (state = ? AND servicer = ?))"
        for row in world.store.rows(sql, account["open_kfid"], QUEUED, SERVED, staff["userid"]):
            about = {
                "open_kfid": row["open_kfid"],
                "account": account["name"],
                "person": row["person"],
                "name": row["name"],
            }
            found.append({**about, "state": row["state"]})
    return found


def _notices(world: World, corpid: str, userid: str) -> list[Json]:
    sql = "SELECT * FROM message WHERE (corpid, userid, channel) = (?, ?, 'app') ORDER BY id DESC LIMIT 20"
    return [ledger.shown(row) for row in world.store.rows(sql, corpid, userid)]


def talk(world: World, query: dict[str, str]) -> Json:
    """Of the member with a customer, or of a served session."""
    person = int(query["person"])
    name = world.person(person)["name"]
    if query.get("open_kfid"):
        return {"name": name, "messages": kf.talk(world, query["open_kfid"], person)}
    messages = ledger.conversation(world, query["corpid"], query["userid"], person)
    return {"name": name, "messages": messages}
