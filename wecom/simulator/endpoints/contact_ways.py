"""Contact ways (活码): codes by which a customer adds one of several members; and join ways of groups."""

import json

from wecom.simulator.acts import groups
from wecom.simulator.call import Call
from wecom.simulator.errors import Json, Refusal, refuse_if
from wecom.simulator.rules import rule_19_contact_ways as rule
from wecom.simulator.rules import rule_20_join_ways
from wecom.simulator.rules.shapes import integer, limit_to_most, text
from wecom.simulator.store import Row, dumps

CONTACT, JOIN = "contact", "join"
LISTED, LISTED_MOST = 100, 1000


def qr_code(call: Call, config_id: str) -> str:
    return f"{call.world.base}/qr/{config_id}.svg"


def keep(call: Call, kind: str, doc: Json) -> str:
    existing = call.world.store.value("SELECT count(*) FROM code WHERE corpid = ?", call.corpid)
    rule.check_quota(existing, call.switch("contact_way_limit"))
    config_id = call.world.new_hex("code")
    about = {"corpid": call.corpid, "kind": kind, "agentid": call.agentid, "created": call.now}
    call.world.store.insert("code", config_id=config_id, doc=doc, **about)
    return config_id


def find(call: Call, kind: str) -> Row:
    config_id = call.args.get("config_id")
    refuse_if(not config_id, 41043)
    sql = "SELECT * FROM code WHERE (config_id, corpid, kind) = (?, ?, ?)"
    found = call.world.store.row(sql, str(config_id), call.corpid, kind)
    if found is None:
        raise Refusal(41044)
    return found


def overwrite(call: Call, config_id: str, doc: Json) -> None:
    call.world.store.run("UPDATE code SET doc = ? WHERE config_id = ?", dumps(doc), config_id)


def check_people(call: Call, way: Json) -> None:
    people = call.world.people_of(call.corpid, way.get("user", []), way.get("party", []))
    for userid in way.get("user", []):
        row = call.member(userid)
        rule.check_usable(active=row["active"], verified=row["verified"])
        refuse_if(not row["contacts"], 84074)
    rule.check_members(way["type"], way.get("user", []), len(people))


def add(call: Call) -> Json:
    way = rule.read_way(call.args)
    check_people(call, way)
    config_id = keep(call, CONTACT, way)
    return {"config_id": config_id, **({"qr_code": qr_code(call, config_id)} if way["scene"] == rule.QR else {})}


def get(call: Call) -> Json:
    row = find(call, CONTACT)
    way: Json = {"config_id": row["config_id"], **json.loads(row["doc"])}
    if way["scene"] == rule.QR:
        way["qr_code"] = qr_code(call, row["config_id"])
    return {"contact_way": way}


def list_ways(call: Call) -> Json:
    """Ids of the last 90 days unless said otherwise, none made before July 2021, no temporary ones."""
    end = integer(call.args, "end_time", call.now)
    start = max(integer(call.args, "start_time", end - rule.DEFAULT_SPAN), rule.LISTED_SINCE)
    limit, place = limit_to_most(call.args, default=LISTED, most=LISTED_MOST), call.place("ways")
    sql = (
        "SELECT rowid AS id, config_id FROM code WHERE corpid = ? AND kind = 'contact' AND created BETWEEN ? AND ?"
        " AND rowid > ? AND NOT json_extract(doc, '$.is_temp') ORDER BY rowid LIMIT ?"
    )
    rows, cursor = call.cut("ways", call.world.store.rows(sql, call.corpid, start, end, place.key, limit + 1), limit)
    return {"contact_way": [{"config_id": row["config_id"]} for row in rows], "next_cursor": cursor}


def update(call: Call) -> Json:
    row = find(call, CONTACT)
    way: Json = {**json.loads(row["doc"]), **rule.read_changes(call.args)}
    check_people(call, way)
    overwrite(call, row["config_id"], way)
    return {}


def delete(call: Call) -> Json:
    call.world.store.run("DELETE FROM code WHERE config_id = ?", find(call, CONTACT)["config_id"])
    return {}


def close_temp_chat(call: Call) -> Json:
    """Ends a temporary chat; the customer cannot write to the member any more."""
    userid, person = (
        text(call.args, "userid", needed=True),
        call.person(text(call.args, "external_userid", needed=True)),
    )
    call.member(userid)
    sql = "UPDATE follow SET customer_has = 0 WHERE (corpid, userid, person) = (?, ?, ?) AND staff_has = 1"
    refuse_if(not call.world.store.run(sql, call.corpid, userid, person), 84061)
    return {}


def _read_join_way(call: Call) -> Json:
    way = rule_20_join_ways.read_join_way(call.args)
    return {**way, "chats": [call.chat(chat_id)["chat"] for chat_id in way["chat_id_list"]]}


def add_join(call: Call) -> Json:
    return {"config_id": keep(call, JOIN, _read_join_way(call))}


def get_join(call: Call) -> Json:
    row = find(call, JOIN)
    way: Json = json.loads(row["doc"])
    shown = [call.chat_shown(chat) for chat in way.pop("chats") if _stands(call, chat)]
    return {
        "join_way": {
            "config_id": row["config_id"],
            **way,
            "chat_id_list": shown,
            "qr_code": qr_code(call, row["config_id"]),
        }
    }


def _stands(call: Call, chat: int) -> bool:
    return (
        bool(groups.members(call.world, chat))
        and call.world.store.value("SELECT dismissed FROM chat WHERE chat = ?", chat) == 0
    )


def update_join(call: Call) -> Json:
    row = find(call, JOIN)
    overwrite(call, row["config_id"], _read_join_way(call))
    return {}


def delete_join(call: Call) -> Json:
    call.world.store.run("DELETE FROM code WHERE config_id = ?", find(call, JOIN)["config_id"])
    return {}


ROUTES = {
    "/cgi-bin/externalcontact/add_contact_way": add,
    "/cgi-bin/externalcontact/get_contact_way": get,
    "/cgi-bin/externalcontact/list_contact_way": list_ways,
    "/cgi-bin/externalcontact/update_contact_way": update,
    "/cgi-bin/externalcontact/del_contact_way": delete,
    "/cgi-bin/externalcontact/close_temp_chat": close_temp_chat,
    "/cgi-bin/externalcontact/groupchat/add_join_way": add_join,
    "/cgi-bin/externalcontact/groupchat/get_join_way": get_join,
    "/cgi-bin/externalcontact/groupchat/update_join_way": update_join,
    "/cgi-bin/externalcontact/groupchat/del_join_way": delete_join,
}
