"""WeCom customer service (微信客服): accounts, servicers, sessions and their states, messages both ways."""

import json

from wecom.simulator.acts import kf
from wecom.simulator.call import Call
from wecom.simulator.clock import day_start
from wecom.simulator.errors import Json, Refusal, refuse_if
from wecom.simulator.rules import rule_30_kf_sending as sending
from wecom.simulator.rules import rule_31_kf_sync as sync
from wecom.simulator.rules import rule_32_kf_states as states
from wecom.simulator.rules import rule_33_kf_codes as codes
from wecom.simulator.rules.shapes import integer, limit_to_most, mapping, span, strings, text
from wecom.simulator.store import Row

PAGE, BATCH, PEOPLE, SPAN = 100, 100, 100, 31 * 86400
KINDS = ("text", "image", "voice", "video", "file", "link", "miniprogram", "msgmenu", "location", "ca_link")
ON_EVENT = ("text", "msgmenu")


def find(call: Call, key: str = "open_kfid") -> Row:
    open_kfid = text(call.args, key, needed=True)
    sql = "SELECT * FROM kf_account WHERE (open_kfid, corpid, deleted) = (?, ?, 0)"
    found = call.world.store.row(sql, open_kfid, call.corpid)
    if found is None:
        raise Refusal(95004)
    return found


# --- accounts and servicers


def _name(call: Call) -> str:
    name = text(call.args, "name")
    refuse_if(not name or len(name) > codes.NAME, 95006)
    return name


def add_account(call: Call) -> Json:
    name = _name(call)
    codes.check_accounts(len(kf.accounts(call.world, call.corpid)))
    open_kfid = call.world.new_id("kf_account", "wk", 30)
    media_id = text(call.args, "media_id")
    call.check_media([media_id] if media_id else [], "media")
    call.world.store.insert("kf_account", open_kfid=open_kfid, corpid=call.corpid, name=name, media_id=media_id)
    return {"open_kfid": open_kfid}


def delete_account(call: Call) -> Json:
    call.world.store.run("UPDATE kf_account SET deleted = 1 WHERE open_kfid = ?", find(call)["open_kfid"])
    return {}


def update_account(call: Call) -> Json:
    row = find(call)
    name = _name(call) if "name" in call.args else row["name"]
    media_id = text(call.args, "media_id") or row["media_id"]
    call.world.store.run(
        "UPDATE kf_account SET name = ?, media_id = ? WHERE open_kfid = ?", name, media_id, row["open_kfid"]
    )
    return {}


def list_accounts(call: Call) -> Json:
    """By offset; a short page is the last."""
    limit, offset = limit_to_most(call.args, default=PAGE, most=PAGE), integer(call.args, "offset", 0)
    rows = kf.accounts(call.world, call.corpid)[offset : offset + limit]
    avatar = f"{call.world.base}/avatar/kf.svg"
    found = [{"open_kfid": r["open_kfid"], "name": r["name"], "avatar": avatar, "manage_privilege": True} for r in rows]
    return {"account_list": found}


def add_contact_way(call: Call) -> Json:
    row, scene = find(call), text(call.args, "scene")
    refuse_if(len(scene.encode()) > 32, 40058, "invalid scene")  # noqa: PLR2004  # bytes, by the page
    return {"url": f"{call.world.base}/kf/{row['open_kfid']}" + (f"?enc_scene={scene}" if scene else "")}


def _servicers(call: Call) -> tuple[Row, list[tuple[str, int]]]:
    row = find(call)
    users = strings(call.args, "userid_list", most=PEOPLE)
    parties = strings(call.args, "department_id_list", most=codes.PARTIES)
    refuse_if(not users and not parties, 40063)
    return row, [(userid, 0) for userid in users] + [("", int(party)) for party in parties if party.isdigit()]


def _servicer_answer(pair: tuple[str, int], refusal: Refusal | None = None) -> Json:
    whom = {"userid": pair[0]} if pair[0] else {"department_id": pair[1]}
    code = refusal.errcode if refusal else 0
    return {**whom, "errcode": code, "errmsg": refusal.errmsg if refusal else "success"}


def add_servicers(call: Call) -> Json:
    row, pairs = _servicers(call)
    existing = call.world.store.value("SELECT count(*) FROM kf_servicer WHERE open_kfid = ?", row["open_kfid"])
    codes.check_servicers(existing, len(pairs))
    answers = []
    for userid, party in pairs:
        try:
            if userid:
                call.member(userid)
        except Refusal as refusal:
            answers.append(_servicer_answer((userid, party), refusal))
            continue
        sql = "INSERT OR IGNORE INTO kf_servicer (open_kfid, userid, department) VALUES (?, ?, ?)"
        call.world.store.run(sql, row["open_kfid"], userid, party)
        answers.append(_servicer_answer((userid, party)))
    return {"result_list": answers}


def delete_servicers(call: Call) -> Json:
    row, pairs = _servicers(call)
    sql = "DELETE FROM kf_servicer WHERE (open_kfid, userid, department) = (?, ?, ?)"
    for pair in pairs:
        call.world.store.run(sql, row["open_kfid"], *pair)
    return {"result_list": [_servicer_answer(pair) for pair in pairs]}


def list_servicers(call: Call) -> Json:
    rows = call.world.store.rows(
        "SELECT * FROM kf_servicer WHERE open_kfid = ? ORDER BY rowid", find(call)["open_kfid"]
    )
    people = [{"userid": row["userid"], "status": row["stopped"]} for row in rows if row["userid"]]
    return {"servicer_list": people + [{"department_id": row["department"]} for row in rows if row["department"]]}


# --- sessions


def _session(call: Call, key: str = "external_userid") -> Row:
    return kf.session(call.world, find(call)["open_kfid"], call.person(text(call.args, key, needed=True)))


def get_state(call: Call) -> Json:
    row = _session(call)
    found: Json = {"service_state": row["state"]}
    return {**found, "servicer_userid": row["servicer"]} if row["state"] == states.STAFF else found


def move_state(call: Call) -> Json:
    """A message may follow the move, by `msg_code`."""
    row, after = _session(call), integer(call.args, "service_state")
    states.check_move(row["state"], after, edges=call.switch("kf_edges"))
    servicer = text(call.args, "servicer_userid") if after == states.STAFF else ""
    if after == states.STAFF:
        staff = call.world.staff(call.corpid, servicer)
        serves = kf.served_by(call.world, row["open_kfid"], staff) if staff else None
        states.check_servicer(is_servicer=serves is not None, stopped=serves["stopped"] if serves else 0)
    kf.update(call.world, row, state=after, servicer=servicer)
    if after not in states.WITH_CODE:
        return {}
    kind = {states.POOL: "queue", states.STAFF: "pickup", states.ENDED: "end"}[after]
    return {"msg_code": kf.new_code(call.world, row, kind)}


# --- messages


def sync_messages(call: Call) -> Json:
    """A page may be empty and yet not the last: what was sent by API lies in between and is not shown."""
    now, token, open_kfid = call.now, text(call.args, "token"), text(call.args, "open_kfid")
    if token:
        issued = call.world.store.value(
            "SELECT issued FROM kf_token WHERE (token, corpid) = (?, ?)", token, call.corpid
        )
        sync.check_token(known=issued is not None, age=now - (issued or 0))
    else:
        call.world.rates.count(("kf_sync", call.corpid, open_kfid), sync.WITHOUT_TOKEN, now)
    limit, place = limit_to_most(call.args, default=sync.PAGE, most=sync.PAGE), call.place("kf")
    mine = (
        [find(call)["open_kfid"]] if open_kfid else [row["open_kfid"] for row in kf.accounts(call.world, call.corpid)]
    )
    names = ", ".join("?" * len(mine)) or "NULL"
    sql = f"SELECT * FROM kf_message WHERE open_kfid IN ({names}) AND seq > ? AND at > ? ORDER BY seq LIMIT ?"  # noqa: S608  # question marks
    rows = call.world.store.rows(sql, *mine, place.key, now - sync.HISTORY, limit + 1)
    page, cursor = call.cut("kf", rows, limit, key="seq")
    shown = [_message(call, row) for row in page if row["shown"] and row["origin"] != sync.BY_API]
    return {"next_cursor": cursor or _end(call, page), "has_more": int(len(rows) > limit), "msg_list": shown}


def _end(call: Call, page: list[Row]) -> str:
    """The cursor to keep at the end: the next pull goes on from there."""
    if not page:
        return text(call.args, "cursor")
    return call.cut("kf", [*page, page[-1]], len(page), key="seq")[1]


def _message(call: Call, row: Row) -> Json:
    """Of an event the ids stand inside it."""
    doc: Json = json.loads(row["doc"])
    head: Json = {"msgid": row["msgid"], "send_time": row["at"], "origin": row["origin"]}
    if doc["msgtype"] == "event":
        return {**head, **doc, "event": {**doc["event"], "external_userid": call.shown(row["person"])}}
    return {**head, "open_kfid": row["open_kfid"], "external_userid": call.shown(row["person"]), **doc}


def _content(call: Call, kinds: tuple[str, ...]) -> Json:
    kind = text(call.args, "msgtype", needed=True)
    refuse_if(kind not in kinds, 40058, "invalid msgtype")
    part = mapping(call.args, kind)
    if kind == "text":
        part = {**part, "content": sending.cut(text(part, "content", needed=True))}
    if part.get("media_id"):
        call.check_media([str(part["media_id"])], "media")
    return {"msgtype": kind, kind: part}


def _own_msgid(call: Call, open_kfid: str) -> str:
    msgid = text(call.args, "msgid")
    sql = "SELECT 1 FROM kf_message WHERE (open_kfid, msgid) = (?, ?)"
    sending.check_msgid(msgid, used=call.world.store.value(sql, open_kfid, msgid) is not None)
    return msgid


def send(call: Call) -> Json:
    row, content = _session(call, "touser"), _content(call, KINDS)
    since = kf.ago(call.world, row["spoke"])
    sending.check_sending(state=row["state"], since_customer=since, sent=row["sent"])
    return {"msgid": kf.corp_says(call.world, row, content, msgid=_own_msgid(call, row["open_kfid"]))}


def send_on_event(call: Call) -> Json:
    """By the code of an event, once; it counts for nothing of the five."""
    code = text(call.args, "code", needed=True)
    sql = "SELECT c.* FROM kf_code c JOIN kf_account a USING (open_kfid) WHERE c.code = ? AND a.corpid = ?"
    row = call.world.store.row(sql, code, call.corpid)
    age = call.now - row["issued"] if row else 0
    codes.check_code(known=row is not None, used=row["used"] if row else 0, kind=row["kind"] if row else "", age=age)
    if row is None:
        raise Refusal(41050)
    content = _content(call, ON_EVENT)
    session = kf.session(call.world, row["open_kfid"], row["person"])
    msgid = kf.corp_says(call.world, session, content, msgid=_own_msgid(call, row["open_kfid"]), used=False)
    call.world.store.run("UPDATE kf_code SET used = 1 WHERE code = ?", code)
    if row["kind"] == "welcome":
        kf.update(call.world, session, welcomed=call.now)
    return {"msgid": msgid}


def batch_customers(call: Call) -> Json:
    """Only those who wrote within 48 hours."""
    known, unknown = [], []
    for outside in strings(call.args, "external_userid_list", most=BATCH, needed=True):
        person = call.known_person(outside)
        sql = "SELECT max(spoke) FROM kf_session JOIN kf_account USING (open_kfid) WHERE person = ? AND corpid = ?"
        spoke = call.world.store.value(sql, person, call.corpid) if person else None
        if person and spoke and call.now - spoke <= codes.ACTIVE:
            known.append(_customer(call, outside, person))
        else:
            unknown.append(outside)
    return {"customer_list": known, "invalid_external_userid": unknown}


def _customer(call: Call, outside: str, person: int) -> Json:
    row = call.world.person(person)
    found: Json = {"external_userid": outside, "nickname": row["name"], "gender": row["gender"]}
    found["avatar"] = f"{call.world.base}/avatar/{person}.svg"
    if not integer(call.args, "need_enter_session_context", 0):
        return found
    scene = call.world.store.value("SELECT scene FROM kf_session WHERE person = ? ORDER BY spoke DESC", person)
    return {**found, "enter_session_context": {"scene": scene or "", "scene_param": ""}}


def upgrade_config(call: Call) -> Json:
    chats = call.world.store.column(
        "SELECT chat FROM chat WHERE corpid = ? AND customer = 1 AND dismissed = 0", call.corpid
    )
    reach: Json = {"userid_list": call.visible, "department_id_list": []}
    return {"member_range": reach, "groupchat_range": {"chat_id_list": [call.chat_shown(chat) for chat in chats]}}


def upgrade(call: Call) -> Json:
    """To a member (type 1) or a group (2): the card that she sees in the chat."""
    row, kind = _session(call), integer(call.args, "type")
    refuse_if(kind not in (1, 2), 40058)
    wanted = mapping(call.args, "member" if kind == 1 else "groupchat")
    refuse_if(not wanted, 40063)
    if kind == 1:
        call.member(text(wanted, "userid", needed=True))
    else:
        call.chat(text(wanted, "chat_id", needed=True))
    kf.update(call.world, row, upgraded=json.dumps({"type": kind, **wanted}))
    return {}


def cancel_upgrade(call: Call) -> Json:
    kf.update(call.world, _session(call), upgraded="")
    return {}


def statistics(call: Call) -> Json:
    """One entry per day with what can be counted of the messages."""
    start, end = span(call.args, "start_time", "end_time", most=SPAN)
    sql = (
        "SELECT m.at, m.person, m.origin FROM kf_message m JOIN kf_account a USING (open_kfid) WHERE a.corpid = ?"
        " AND m.at BETWEEN ? AND ? AND m.origin IN (3, 5) AND (? = '' OR a.open_kfid = ?)"
    )
    wanted = text(call.args, "open_kfid")
    days: dict[int, list[Row]] = {}
    for row in call.world.store.rows(sql, call.corpid, start, end, wanted, wanted):
        days.setdefault(day_start(row["at"]), []).append(row)
    return {"statistic_list": [{"stat_time": day, "statistic": _counts(rows)} for day, rows in sorted(days.items())]}


def _counts(rows: list[Row]) -> Json:
    asked = [row for row in rows if row["origin"] == kf.BY_CUSTOMER]
    answered = {row["person"] for row in rows if row["origin"] == kf.BY_SERVICER}
    people = {row["person"] for row in asked}
    return {
        "session_cnt": len(people),
        "customer_cnt": len(people),
        "customer_msg_cnt": len(asked),
        "reply_cnt": len(answered),
    }


BASE = "/cgi-bin/kf"
ROUTES = {
    f"{BASE}/account/add": add_account,
    f"{BASE}/account/del": delete_account,
    f"{BASE}/account/update": update_account,
    f"{BASE}/account/list": list_accounts,
    f"{BASE}/add_contact_way": add_contact_way,
    f"{BASE}/servicer/add": add_servicers,
    f"{BASE}/servicer/del": delete_servicers,
    f"{BASE}/servicer/list": list_servicers,
    f"{BASE}/service_state/get": get_state,
    f"{BASE}/service_state/trans": move_state,
    f"{BASE}/sync_msg": sync_messages,
    f"{BASE}/send_msg": send,
    f"{BASE}/send_msg_on_event": send_on_event,
    f"{BASE}/customer/batchget": batch_customers,
    f"{BASE}/customer/get_upgrade_service_config": upgrade_config,
    f"{BASE}/customer/upgrade_service": upgrade,
    f"{BASE}/customer/cancel_upgrade_service": cancel_upgrade,
    f"{BASE}/get_corp_statistic": statistics,
    f"{BASE}/get_servicer_statistic": statistics,
}
