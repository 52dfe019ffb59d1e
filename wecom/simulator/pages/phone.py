"""A customer's WeChat: her talks, her groups, what she can scan."""

import json

from wecom.simulator.acts import kf, ledger, moments, transfers
from wecom.simulator.errors import Json
from wecom.simulator.store import Row
from wecom.simulator.world import World

PEOPLE = 300


def people(world: World, search: str = "") -> Json:
    """Those who talked last, first."""
    sql = (
        "SELECT p.person, p.name, p.gender, (SELECT max(id) FROM message m WHERE m.person = p.person) AS last,"
        " (SELECT count(*) FROM follow f WHERE f.person = p.person AND f.customer_has) AS contacts FROM person p"
        " WHERE p.name LIKE ? ORDER BY last DESC NULLS LAST, p.person DESC LIMIT ?"
    )
    return {"people": [dict(row) for row in world.store.rows(sql, f"%{search}%", PEOPLE)]}


def home(world: World, person: int) -> Json:
    about = dict(world.person(person))
    talks = [*_members(world, person), *_groups(world, person), *_services(world, person)]
    talks.sort(key=lambda talk: talk["last_id"], reverse=True)
    offers = [dict(row) for row in transfers.offered(world, person)]
    feed = world.store.value("SELECT count(*) FROM message WHERE channel = 'moment' AND person = ?", person)
    return {"person": about, "talks": talks, "offers": offers, "moments": feed}


def _last(row: Row | None) -> Json:
    if row is None:
        return {"last_id": 0, "last_at": 0, "last": None}
    return {"last_id": row["id"], "last_at": row["at"], "last": json.loads(row["content"])}


def _members(world: World, person: int) -> list[Json]:
    sql = (
        "SELECT f.*, s.name, s.left_at, c.name AS corp_name FROM follow f JOIN staff s USING (corpid, userid)"
        " JOIN corp c USING (corpid) WHERE f.person = ? AND (f.customer_has OR f.half) ORDER BY f.id"
    )
    found = []
    for row in world.store.rows(sql, person):
        last = (
            "SELECT * FROM message WHERE (corpid, person, userid) = (?, ?, ?) AND chat = 0 AND channel NOT IN ('kf', 'moment')"
            " ORDER BY id DESC LIMIT 1"
        )
        message = world.store.row(last, row["corpid"], person, row["userid"])
        about = {"kind": "member", "corpid": row["corpid"], "userid": row["userid"], "name": row["name"]}
        state = {"corp_name": row["corp_name"], "half": row["half"], "added_at": row["createtime"]}
        found.append({**about, **state, **_last(message)})
    return found


def _groups(world: World, person: int) -> list[Json]:
    sql = (
        "SELECT g.*, (SELECT count(*) FROM chat_member n WHERE n.chat = g.chat AND n.left_at IS NULL) AS size, k.name AS corp_name"
        " FROM chat_member m JOIN chat g USING (chat) JOIN corp k USING (corpid)"
        " WHERE m.person = ? AND m.left_at IS NULL AND g.dismissed = 0"
    )
    found = []
    for row in world.store.rows(sql, person):
        message = world.store.row("SELECT * FROM message WHERE chat = ? ORDER BY id DESC LIMIT 1", row["chat"])
        about = {
            "kind": "group",
            "chat": row["chat"],
            "name": row["name"],
            "size": row["size"],
            "corp_name": row["corp_name"],
        }
        found.append({**about, **_last(message)})
    return found


def _services(world: World, person: int) -> list[Json]:
    sql = (
        "SELECT a.*, k.name AS corp_name FROM kf_session s JOIN kf_account a USING (open_kfid) JOIN corp k USING (corpid)"
        " WHERE s.person = ? AND a.deleted = 0"
    )
    found = []
    for row in world.store.rows(sql, person):
        talk = world.store.rows(
            "SELECT * FROM message WHERE person = ? AND channel = 'kf' ORDER BY id DESC LIMIT 50", person
        )
        message = next((one for one in talk if json.loads(one["content"]).get("open_kfid") == row["open_kfid"]), None)
        about = {"kind": "kf", "open_kfid": row["open_kfid"], "name": row["name"], "corp_name": row["corp_name"]}
        found.append({**about, **_last(message)})
    return found


def talk(world: World, person: int, query: dict[str, str]) -> Json:
    """With a member, in a group, or with customer service."""
    if query.get("chat"):
        return _group_talk(world, int(query["chat"]))
    if query.get("open_kfid"):
        account = kf.account(world, query["open_kfid"])
        return {"name": account["name"], "messages": kf.talk(world, query["open_kfid"], person)}
    row = world.staff_named(query["corpid"], query["userid"])
    corp = world.corp(query["corpid"])
    messages = ledger.conversation(world, query["corpid"], query["userid"], person)
    return {"name": row["name"], "corp_name": corp["name"], "messages": messages}


def _group_talk(world: World, chat: int) -> Json:
    row = world.store.row("SELECT * FROM chat WHERE chat = ?", chat)
    sql = (
        "SELECT m.person, m.userid, coalesce(p.name, s.name) AS name FROM chat_member m LEFT JOIN person p ON p.person = m.person"
        " LEFT JOIN staff s ON s.userid = m.userid AND s.corpid = ? WHERE m.chat = ?"
    )
    corpid = row["corpid"] if row else ""
    names = {(one["person"], one["userid"]): one["name"] for one in world.store.rows(sql, corpid, chat)}
    messages = ledger.group_talk(world, chat)
    for message in messages:
        message["name"] = names.get((message["person"], "" if message["person"] else message["userid"]), "")
    return {"name": row["name"] if row else "", "messages": messages}


def codes(world: World) -> Json:
    """Everything that hangs somewhere and can be scanned."""
    found = []
    for row in world.store.rows(
        "SELECT c.*, k.name AS corp_name FROM code c JOIN corp k USING (corpid) ORDER BY c.rowid DESC LIMIT 100"
    ):
        doc = json.loads(row["doc"])
        about = {"id": row["config_id"], "kind": row["kind"], "corp_name": row["corp_name"]}
        found.append({**about, "remark": doc.get("remark", ""), "state": doc.get("state", "")})
    sql = "SELECT l.*, k.name AS corp_name FROM link l JOIN corp k USING (corpid) WHERE closed = 0 ORDER BY l.rowid DESC LIMIT 100"
    for row in world.store.rows(sql):
        about = {"id": row["link_id"], "kind": "link", "corp_name": row["corp_name"], "state": ""}
        found.append({**about, "remark": json.loads(row["doc"]).get("link_name", "")})
    sql = "SELECT a.*, k.name AS corp_name FROM kf_account a JOIN corp k USING (corpid) WHERE deleted = 0 ORDER BY a.rowid"
    services = world.store.rows(sql)
    found += [{**_service(row), "corp_name": row["corp_name"]} for row in services]
    return {"codes": found}


def _service(row: Row) -> Json:
    return {"id": row["open_kfid"], "kind": "kf", "remark": row["name"], "state": ""}


def feed(world: World, person: int) -> Json:
    """Moments of her members; she has seen them now."""
    with world.store.transaction():
        found = moments.see(world, person)
    names = {
        (row["corpid"], row["userid"]): row["name"]
        for row in world.store.rows("SELECT corpid, userid, name FROM staff")
    }
    liked = set(
        world.store.column("SELECT moment_id || userid FROM moment_reply WHERE person = ? AND kind = 'like'", person)
    )
    for message in found:
        message["name"] = names.get((message["corpid"], message["userid"]), "")
        message["liked"] = message["source"] + message["userid"] in liked
    return {"moments": found}
