"""Inheritance of customers and groups, on the job and after leaving."""

from wecom.simulator.acts import relations, transfers
from wecom.simulator.call import Call
from wecom.simulator.clock import DAY, day_start
from wecom.simulator.errors import Json, Refusal
from wecom.simulator.rules import rule_28_transfers as rule
from wecom.simulator.rules import rule_29_resigned
from wecom.simulator.rules.shapes import integer, limit_to_most, strings, text
from wecom.simulator.store import Row

PAGE = 1000


def _takeover(call: Call, userid: str) -> None:
    row = call.former_member(userid)
    idle, left = call.now - row["last_login"], row["left_at"] is not None
    rule.check_takeover(active=row["active"], verified=row["verified"], contacts=row["contacts"], left=left, idle=idle)
    call.member(userid)


def _transfer(call: Call, *, resigned: bool) -> Json:
    """Each customer has her own answer; 0 means scheduled."""
    handover, takeover = (text(call.args, key, needed=True) for key in ("handover_userid", "takeover_userid"))
    customers = strings(call.args, "external_userid", most=rule.PER_CALL, needed=True)
    message = text(call.args, "transfer_success_msg", most=rule.MESSAGE)
    rule.check_pair(handover, takeover)
    row = call.former_member(handover)
    if resigned:
        rule_29_resigned.check_left(row["left_at"], call.now)
    _takeover(call, takeover)

    def one(outside: str) -> Json:
        try:
            person = _check_customer(call, handover, outside, resigned=resigned)
        except Refusal as refusal:
            return {"external_userid": outside, "errcode": refusal.errcode}
        pair: Json = {"handover": handover, "takeover": takeover, "resigned": resigned}
        transfers.schedule(call.world, call.corpid, person, message=message, **pair)
        return {"external_userid": outside, "errcode": 0}

    return {"customer": [one(outside) for outside in customers]}


def _check_customer(call: Call, handover: str, outside: str, *, resigned: bool) -> int:
    person, store = call.person(outside), call.world.store
    row = relations.find(call.world, call.corpid, handover, person)
    waiting = store.value(
        "SELECT count(*) FROM transfer WHERE (corpid, person, status) = (?, ?, 2)", call.corpid, person
    )
    sql = "SELECT count(*) FROM transfer WHERE (corpid, person, resigned) = (?, ?, 0) AND created >= ? AND status IN (1, 2)"
    recent = 0 if resigned else store.value(sql, call.corpid, person, rule.window(call.now))
    follows = row is not None and bool(row["staff_has"])
    rule.check_customer(follows=follows, moving=bool(waiting), transfers=recent)
    return person


def transfer_customer(call: Call) -> Json:
    return _transfer(call, resigned=False)


def resigned_transfer(call: Call) -> Json:
    return _transfer(call, resigned=True)


def _result(call: Call, *, resigned: bool) -> Json:
    handover, takeover = (text(call.args, key, needed=True) for key in ("handover_userid", "takeover_userid"))
    place = call.place("transfers")
    sql = (
        "SELECT * FROM transfer WHERE (corpid, handover, takeover, resigned) = (?, ?, ?, ?) AND id > ?"
        " ORDER BY id LIMIT ?"
    )
    rows = call.world.store.rows(sql, call.corpid, handover, takeover, int(resigned), place.key, PAGE + 1)
    page, cursor = call.cut("transfers", rows, PAGE)
    return {"customer": [_moved(call, row) for row in page], "next_cursor": cursor}


def _moved(call: Call, row: Row) -> Json:
    return {"external_userid": call.shown(row["person"]), "status": row["status"], "takeover_time": row["due"]}


def transfer_result(call: Call) -> Json:
    return _result(call, resigned=False)


def resigned_result(call: Call) -> Json:
    return _result(call, resigned=True)


def unassigned(call: Call) -> Json:
    """Customers of those who left within a year and whom nobody has taken over."""
    args = {"limit": integer(call.args, "page_size", PAGE)}
    limit, place = limit_to_most(args, default=PAGE, most=PAGE), call.place("unassigned")
    sql = (
        "SELECT f.id, f.userid, f.person, s.left_at FROM follow f JOIN staff s ON (s.corpid, s.userid) = (f.corpid, f.userid)"
        " WHERE f.corpid = ? AND s.left_at > ? AND f.staff_has = 1 AND f.id > ? ORDER BY f.id LIMIT ?"
    )
    rows = call.world.store.rows(sql, call.corpid, call.now - rule_29_resigned.KEPT, place.key, limit + 1)
    page, cursor = call.cut("unassigned", rows, limit)
    info = [
        {
            "handover_userid": row["userid"],
            "external_userid": call.shown(row["person"]),
            "dimission_time": row["left_at"],
        }
        for row in page
    ]
    return {"info": info, "is_last": not cursor, "next_cursor": cursor}


def _move_groups(call: Call, *, onjob: bool) -> Json:
    chat_ids = strings(call.args, "chat_id_list", most=rule_29_resigned.PER_CALL, needed=True)
    new_owner = text(call.args, "new_owner", needed=True)
    _takeover(call, new_owner)
    failed = []
    for chat_id in chat_ids:
        code = _move(call, chat_id, new_owner, onjob=onjob)
        if code:
            failed.append({"chat_id": chat_id, "errcode": code, "errmsg": Refusal(code).errmsg})
    return {"failed_chat_list": failed}


def _move(call: Call, chat_id: str, new_owner: str, *, onjob: bool) -> int:
    """The code of why not, 0 when it moved."""
    try:
        chat = call.chat(chat_id)
    except Refusal as refusal:
        return refusal.errcode
    owner = call.former_member(chat["owner"])
    counts = "SELECT count(*) FROM chat_transfer WHERE corpid = ? AND {} >= ? AND {} = ?"
    today = call.world.store.value(counts.format("at", "owner"), call.corpid, day_start(call.now), chat["owner"])
    since = day_start(call.now) - (rule.DAYS - 1) * DAY
    recent = call.world.store.value(counts.format("onjob AND at", "chat"), call.corpid, since, chat["chat"])
    about = {"customer_group": bool(chat["customer"]), "owner_left": owner["left_at"] is not None, "onjob": onjob}
    code = rule_29_resigned.group_code(found=True, today=today, recent=recent, **about)
    if not code:
        transfers.move_group(call.world, chat, new_owner, onjob=onjob)
    return code


def transfer_groups(call: Call) -> Json:
    return _move_groups(call, onjob=False)


def onjob_groups(call: Call) -> Json:
    return _move_groups(call, onjob=True)


BASE = "/cgi-bin/externalcontact"
ROUTES = {
    f"{BASE}/transfer_customer": transfer_customer,
    f"{BASE}/transfer_result": transfer_result,
    f"{BASE}/get_unassigned_list": unassigned,
    f"{BASE}/resigned/transfer_customer": resigned_transfer,
    f"{BASE}/resigned/transfer_result": resigned_result,
    f"{BASE}/groupchat/transfer": transfer_groups,
    f"{BASE}/groupchat/onjob_transfer": onjob_groups,
}
