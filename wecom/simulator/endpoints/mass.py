"""Mass messages: the task is made here; members confirm it in their clients; the records are read here."""

import json

from wecom.simulator.acts import mass
from wecom.simulator.acts.mass import Pair
from wecom.simulator.call import Call
from wecom.simulator.errors import Json, Refusal, refuse_if
from wecom.simulator.rules import rule_22_welcome, rule_24_send_status, rule_25_mass_tasks
from wecom.simulator.rules import rule_26_mass_records as records
from wecom.simulator.rules.shapes import integer, limit_to_default, span, text
from wecom.simulator.store import Row


def add_template(call: Call) -> Json:
    target = rule_25_mass_tasks.read_target(call.args)
    content = rule_22_welcome.read_content(call.args)
    call.check_media(rule_22_welcome.media_of(content), "media")
    if target["sender"]:
        call.member(target["sender"])
    choose = _groups if target["chat_type"] == "group" else _customers
    pairs, failed = choose(call, target)
    if not pairs:
        raise Refusal(41048, fail_list=failed)
    msgid = mass.create(call.world, call.corpid, call.agentid, target, content, pairs=pairs)
    return {"fail_list": failed, "msgid": msgid}


def _groups(call: Call, target: Json) -> tuple[list[Pair], list[str]]:
    """Of the sender's own groups those named, or all."""
    own = mass.owned_chats(call.world, call.corpid, target["sender"])
    if not target["chats"]:
        return [(target["sender"], chat) for chat in own], []
    inside = {chat_id: call.world.inside(call.subject, "chat", chat_id) for chat_id in target["chats"]}
    failed = [chat_id for chat_id, chat in inside.items() if chat not in own]
    return [(target["sender"], chat) for chat in inside.values() if chat is not None and chat in own], failed


def _customers(call: Call, target: Json) -> tuple[list[Pair], list[str]]:
    """Each with the member who talked to her last, or with the sender; those who cannot be reached by id."""
    senders = [target["sender"]] if target["sender"] else call.visible
    pairs = mass.followers(call.world, call.corpid, senders, target["tags"])
    if target["customers"]:
        return _named(call, target["customers"], pairs)
    full = _capped(call, [person for _userid, person in pairs])
    failed = [call.shown(person) for _userid, person in pairs if person in full]
    return [pair for pair in pairs if pair[1] not in full], failed


def _capped(call: Call, people: list[int]) -> set[int]:
    if not call.switch("capped_in_fail_list"):
        return set()
    return mass.capped(call.world, call.corpid, "person", people)


def _named(call: Call, customers: list[str], pairs: list[Pair]) -> tuple[list[Pair], list[str]]:
    sender_of = {person: userid for userid, person in pairs}
    people = {outside: call.known_person(outside) for outside in dict.fromkeys(customers)}
    full = _capped(call, [person for person in people.values() if person])
    chosen, failed = [], []
    for outside, person in people.items():
        friend, capped = person in sender_of, person in full
        if person is None or rule_24_send_status.refused_at_creation(
            friend=friend, capped=capped, capped_in_fail_list=True
        ):
            failed.append(outside)
        else:
            chosen.append((sender_of[person], person))
    return chosen, failed


def _find(call: Call) -> Row:
    msgid = call.args.get("msgid")
    refuse_if(not msgid, 41046)
    found = mass.find(call.world, str(msgid))
    refuse_if(found["corpid"] != call.corpid, 41047)
    return found


def _record(call: Call) -> Row:
    found = _find(call)
    seconds = call.switch("mass_dispatch_seconds")
    rule_25_mass_tasks.check_dispatched(created=found["created"], now=call.now, seconds=seconds)
    return found


def list_messages(call: Call) -> Json:
    """`creator` is missing where an app made it."""
    start, end = span(call.args, "start_time", "end_time", most=records.SPAN)
    kind, which = text(call.args, "chat_type", needed=True), integer(call.args, "filter_type", records.BY_BOTH)
    limit = limit_to_default(call.args, default=records.PAGE, most=records.LONGEST_PAGE)
    creator, place = text(call.args, "creator"), call.place("mass")
    sql = (
        "SELECT *, rowid AS id FROM mass WHERE (corpid, chat_type) = (?, ?) AND created BETWEEN ? AND ? AND rowid > ?"
        " AND (? = 2 OR (? = 1) = (creator != '')) AND (? = '' OR creator = ?) ORDER BY rowid LIMIT ?"
    )
    values = (call.corpid, kind, start, end, place.key, which, which, creator, creator, limit + 1)
    page, cursor = call.cut("mass", call.world.store.rows(sql, *values), limit)
    for row in page:
        seconds = call.switch("mass_dispatch_seconds")
        rule_25_mass_tasks.check_dispatched(created=row["created"], now=call.now, seconds=seconds)
    return {"group_msg_list": [_message(row) for row in page], "next_cursor": cursor}


def _message(row: Row) -> Json:
    found: Json = {"msgid": row["msgid"], "create_time": row["created"], "create_type": int(bool(row["creator"]))}
    if row["creator"]:
        found["creator"] = row["creator"]
    return {**found, **json.loads(row["doc"])}


def _task_page(call: Call) -> int:
    return limit_to_default(call.args, default=records.TASK_PAGE, most=records.LONGEST_TASK_PAGE)


def list_tasks(call: Call) -> Json:
    row, limit, place = _record(call), _task_page(call), call.place("tasks")
    sql = "SELECT *, rowid AS id FROM mass_task WHERE msgid = ? AND rowid > ? ORDER BY rowid LIMIT ?"
    page, cursor = call.cut("tasks", call.world.store.rows(sql, row["msgid"], place.key, limit + 1), limit)
    tasks = [{"userid": one["userid"], "status": one["status"], **_sent_at(one)} for one in page]
    return {"task_list": tasks, "next_cursor": cursor}


def _sent_at(row: Row) -> Json:
    return {"send_time": row["send_time"]} if row["send_time"] else {}


def send_result(call: Call) -> Json:
    """Of groups only those to which it was sent."""
    row, limit, place = _record(call), _task_page(call), call.place("results")
    userid = text(call.args, "userid", needed=True)
    sent_only = row["chat_type"] == "group"
    sql = (
        "SELECT * FROM mass_row WHERE msgid = ? AND userid = ? AND id > ? AND (NOT ? OR status = 1) ORDER BY id LIMIT ?"
    )
    rows = call.world.store.rows(sql, row["msgid"], userid, place.key, sent_only, limit + 1)
    page, cursor = call.cut("results", rows, limit)
    return {"send_list": [_result(call, one) for one in page], "next_cursor": cursor}


def _result(call: Call, row: Row) -> Json:
    whom = {"chat_id": call.chat_shown(row["chat"])} if row["chat"] else {"external_userid": call.shown(row["person"])}
    return {**whom, "userid": row["userid"], "status": row["status"], **_sent_at(row)}


def remind(call: Call) -> Json:
    row = _find(call)
    records.check_not_cancelled(row["cancelled"])
    records.check_reminder(json.loads(row["reminded"]), call.now)
    mass.remind(call.world, row)
    return {}


def cancel(call: Call) -> Json:
    """What was sent stays sent."""
    row = _find(call)
    records.check_not_cancelled(row["cancelled"])
    call.world.store.run("UPDATE mass SET cancelled = ? WHERE msgid = ?", call.now, row["msgid"])
    return {}


BASE = "/cgi-bin/externalcontact"
ROUTES = {
    f"{BASE}/add_msg_template": add_template,
    f"{BASE}/get_groupmsg_list_v2": list_messages,
    f"{BASE}/get_groupmsg_task": list_tasks,
    f"{BASE}/get_groupmsg_send_result": send_result,
    f"{BASE}/remind_groupmsg_send": remind,
    f"{BASE}/cancel_groupmsg_send": cancel,
}
