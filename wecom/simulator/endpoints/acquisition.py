"""Acquisition links (获客助手): made, read, counted; each customer who comes by one costs one of the quota."""

import json

from wecom.simulator.acts import acquisition
from wecom.simulator.call import Call
from wecom.simulator.clock import DAY
from wecom.simulator.errors import Json, Refusal, refuse_if
from wecom.simulator.rules import rule_21_acquisition as rule
from wecom.simulator.rules.shapes import limit_to_most, span, text
from wecom.simulator.store import Row, dumps

PAGE, CUSTOMERS = 100, 1000
NOT_CHATTED, CHATTED = 0, 1


def _open(call: Call) -> None:
    rule.check_open(is_open=call.switch("acquisition_open"))


def find(call: Call) -> Row:
    """The app's own; another's is unknown to it."""
    _open(call)
    sql = "SELECT * FROM link WHERE (link_id, corpid, agentid) = (?, ?, ?) AND closed = 0"
    found = call.world.store.row(sql, text(call.args, "link_id", needed=True), call.corpid, call.agentid)
    if found is None:
        raise Refusal(40058, "invalid link_id")
    return found


def shown(call: Call, row: Row) -> Json:
    doc = json.loads(row["doc"])
    found: Json = {
        "link_id": row["link_id"],
        "link_name": doc["link_name"],
        "url": f"{call.world.base}/ca/{row['link_id']}",
    }
    return {**found, "create_time": row["created"]}


def _check_range(call: Call, doc: Json) -> None:
    reach = doc.get("range", {})
    people = call.world.people_of(call.corpid, reach.get("user_list", []), reach.get("department_list", []))
    for userid in reach.get("user_list", []):
        call.member(userid)
    refuse_if(not people, 40063, "range is empty")
    refuse_if(len(people) > rule.PEOPLE, 40058, "range has too many people")


def list_links(call: Call) -> Json:
    _open(call)
    limit, place = limit_to_most(call.args, default=PAGE, most=PAGE), call.place("links")
    sql = "SELECT rowid AS id, link_id FROM link WHERE (corpid, agentid, closed) = (?, ?, 0) AND rowid > ? ORDER BY rowid LIMIT ?"
    rows = call.world.store.rows(sql, call.corpid, call.agentid, place.key, limit + 1)
    page, cursor = call.cut("links", rows, limit)
    return {"link_id_list": [row["link_id"] for row in page], "next_cursor": cursor}


def get_link(call: Call) -> Json:
    row = find(call)
    doc = json.loads(row["doc"])
    link = {**shown(call, row), "skip_verify": doc.get("skip_verify", True), "mark_source": True}
    return {"link": link, "range": doc.get("range", {}), "priority_option": doc.get("priority_option", {})}


def create_link(call: Call) -> Json:
    _open(call)
    doc = rule.read_link(call.args)
    refuse_if("link_name" not in doc, 40063, "missing parameter link_name")
    _check_range(call, doc)
    link_id = call.world.new_hex("link", 16)
    values = {"corpid": call.corpid, "agentid": call.agentid, "doc": doc, "created": call.now}
    call.world.store.insert("link", link_id=f"cawcde{link_id}", **values)
    row = call.world.store.row("SELECT * FROM link WHERE link_id = ?", f"cawcde{link_id}")
    if row is None:
        raise Refusal(-1)
    return {"link": shown(call, row)}


def update_link(call: Call) -> Json:
    row = find(call)
    doc = {**json.loads(row["doc"]), **rule.read_link(call.args)}
    _check_range(call, doc)
    call.world.store.run("UPDATE link SET doc = ? WHERE link_id = ?", dumps(doc), row["link_id"])
    return {}


def delete_link(call: Call) -> Json:
    """In silence: the API did it."""
    call.world.store.run("UPDATE link SET closed = 1 WHERE link_id = ?", find(call)["link_id"])
    return {}


def customers(call: Call) -> Json:
    row = find(call)
    limit, place = limit_to_most(call.args, default=CUSTOMERS, most=CUSTOMERS), call.place("link_customers")
    sql = "SELECT * FROM follow WHERE (corpid, link_id) = (?, ?) AND half = 0 AND id > ? ORDER BY id LIMIT ?"
    rows = call.world.store.rows(sql, call.corpid, row["link_id"], place.key, limit + 1)
    page, cursor = call.cut("link_customers", rows, limit)
    return {"customer_list": [_customer(call, one) for one in page], "next_cursor": cursor}


def _customer(call: Call, row: Row) -> Json:
    status = CHATTED if row["from_customer"] else NOT_CHATTED
    found: Json = {"external_userid": call.shown(row["person"]), "userid": row["userid"], "chat_status": status}
    return {**found, "state": row["state"]}


def quota(call: Call) -> Json:
    _open(call)
    sql = "SELECT expires, sum(total) AS total, sum(balance) AS balance FROM quota_batch WHERE corpid = ? GROUP BY expires ORDER BY expires"
    rows = [row for row in call.world.store.rows(sql, call.corpid) if row["expires"] > call.now]
    batches = [{"expire_date": row["expires"], "balance": row["balance"]} for row in rows]
    balance = acquisition.balance(call.world, call.corpid)
    return {"total": sum(row["total"] for row in rows), "balance": balance, "quota_list": batches}


def statistic(call: Call) -> Json:
    row = find(call)
    start, end = span(call.args, "start_time", "end_time", most=rule.SPAN)
    refuse_if(start < call.now - rule.KEPT, 40058, "start_time is too old")
    between = (row["link_id"], start, end + DAY - 1)
    clicks = "SELECT count(DISTINCT person) FROM link_click WHERE link_id = ? AND at BETWEEN ? AND ?"
    new = "SELECT count(DISTINCT person) FROM follow WHERE link_id = ? AND createtime BETWEEN ? AND ? AND half = 0"
    counts = {"click_link_customer_cnt": call.world.store.value(clicks, *between)}
    return {**counts, "new_customer_cnt": call.world.store.value(new, *between)}


def chat_info(call: Call) -> Json:
    """What a callback's ChatKey stands for, within thirty minutes."""
    key = text(call.args, "chat_key", needed=True)
    row = call.world.store.row("SELECT * FROM chat_key WHERE (chat_key, corpid) = (?, ?)", key, call.corpid)
    if row is None or call.now - row["issued"] > rule.CHAT_KEY_LIFE:
        raise Refusal(40058, "invalid chat_key")
    doc = json.loads(row["doc"])
    info = {name: doc[name] for name in ("recv_msg_cnt", "link_id", "state")}
    return {"userid": doc["userid"], "external_userid": call.shown(doc["person"]), "chat_info": info}


BASE = "/cgi-bin/externalcontact/customer_acquisition"
ROUTES = {
    f"{BASE}/list_link": list_links,
    f"{BASE}/get": get_link,
    f"{BASE}/create_link": create_link,
    f"{BASE}/update_link": update_link,
    f"{BASE}/delete_link": delete_link,
    f"{BASE}/customer": customers,
    "/cgi-bin/externalcontact/customer_acquisition_quota": quota,
    f"{BASE}/statistic": statistic,
    f"{BASE}/get_chat_info": chat_info,
}
