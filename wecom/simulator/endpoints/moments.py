"""Moments: a job makes one, members publish it, customers see it."""

import json

from wecom.simulator.acts import moments
from wecom.simulator.call import Call
from wecom.simulator.clock import MINUTE, month_start
from wecom.simulator.errors import Json, Refusal, refuse_if
from wecom.simulator.rules import rule_27_moments as rule
from wecom.simulator.rules.shapes import limit_to_default, span, text
from wecom.simulator.store import Row, marks

TASKS, TASKS_MOST, RESULTS, RESULTS_MOST = 500, 1000, 3000, 5000


def _jobs_since(call: Call, since: int) -> int:
    sql = "SELECT count(*) FROM job WHERE (corpid, kind) = (?, 'moment') AND created > ?"
    return int(call.world.store.value(sql, call.corpid, since))


def add_task(call: Call) -> Json:
    content = rule.read_moment(call.args)
    users, parties, tags = rule.read_range(call.args)
    call.check_media(rule.media_of(content), "attachment")
    rule.check_rate(_jobs_since(call, call.now - MINUTE), _jobs_since(call, month_start(call.now) - 1))
    rule.check_jobs(_jobs_since(call, call.now - call.switch("moment_seconds")))
    named, invalid = _senders(call, users, parties)
    unknown = _unknown_tags(call, tags)
    doc = {"content": content, "senders": named, "tags": tags, "partly": bool(users or parties or tags)}
    doc |= {"invalid_senders": invalid, "invalid_tags": unknown}
    jobid = call.world.new_id("job", "jobid", 30)
    call.world.store.insert("job", jobid=jobid, corpid=call.corpid, kind="moment", created=call.now, doc=doc)
    return {"jobid": jobid}


def _senders(call: Call, users: list[str], parties: list[int]) -> tuple[list[str], list[str]]:
    if not users and not parties:
        return call.visible, []
    people = call.world.people_of(call.corpid, users, parties)
    return [one for one in people if one in call.visible], [one for one in users if one not in people]


def _unknown_tags(call: Call, tags: list[str]) -> list[str]:
    sql = f"SELECT tag_id FROM tag WHERE deleted = 0 AND tag_id IN ({marks(tags)})"  # noqa: S608  # question marks
    known = call.world.store.column(sql, *tags)
    return [tag for tag in tags if tag not in known]


def task_result(call: Call) -> Json:
    """1 begun, 2 running, 3 done; then the moment's id is inside."""
    sql = "SELECT * FROM job WHERE (jobid, corpid, kind) = (?, ?, 'moment')"
    job = call.world.store.row(sql, text(call.args, "jobid", needed=True), call.corpid)
    if job is None or call.now - job["created"] > rule.JOB_LIFE:
        raise Refusal(40058, "invalid jobid")
    status = rule.job_status(age=call.now - job["created"], seconds=call.switch("moment_seconds"))
    if status != rule.DONE:
        return {"status": status, "type": "add_moment_task", "result": {}}
    return {"status": status, "type": "add_moment_task", "result": _finished(call, job)}


def _finished(call: Call, job: Row) -> Json:
    doc = moments.finish(call.world, job)
    found: Json = {"errcode": 0, "errmsg": "ok", "moment_id": doc["moment_id"]}
    found["invalid_sender_list"] = {"user_list": doc["invalid_senders"], "department_list": []}
    return {**found, "invalid_external_contact_list": {"tag_list": doc["invalid_tags"]}}


def _find(call: Call) -> Row:
    sql = "SELECT * FROM moment WHERE (moment_id, corpid) = (?, ?)"
    found = call.world.store.row(sql, text(call.args, "moment_id", needed=True), call.corpid)
    if found is None:
        raise Refusal(40058, "invalid moment_id")
    return found


def _dispatched(call: Call) -> Row:
    found = _find(call)
    refuse_if(call.now < found["dispatched"], 41079)
    return found


def cancel(call: Call) -> Json:
    call.world.store.run("UPDATE moment SET cancelled = ? WHERE moment_id = ?", call.now, _find(call)["moment_id"])
    return {}


def list_moments(call: Call) -> Json:
    start, end = span(call.args, "start_time", "end_time", most=rule.SPAN)
    limit, place = limit_to_default(call.args, default=rule.PAGE, most=rule.PAGE), call.place("moments")
    creator = text(call.args, "creator")
    sql = (
        "SELECT *, rowid AS id FROM moment WHERE corpid = ? AND cancelled IS NULL AND created BETWEEN ? AND ? AND rowid > ?"
        " AND (? = '' OR creator = ?) ORDER BY rowid LIMIT ?"
    )
    rows = call.world.store.rows(sql, call.corpid, start, end, place.key, creator, creator, limit + 1)
    page, cursor = call.cut("moments", rows, limit)
    return {"moment_list": [_moment(row) for row in page], "next_cursor": cursor}


def _moment(row: Row) -> Json:
    doc = json.loads(row["doc"])
    found: Json = {
        "moment_id": row["moment_id"],
        "create_time": row["created"],
        "create_type": int(bool(row["creator"])),
    }
    found |= {"visible_type": row["visible_type"], "text": doc["text"]}
    if row["creator"]:
        found["creator"] = row["creator"]
    images = [item["image"] for item in doc["attachments"] if item["msgtype"] == "image"]
    others = {item["msgtype"]: item[item["msgtype"]] for item in doc["attachments"] if item["msgtype"] != "image"}
    return {**found, **({"image": images} if images else {}), **others}


def list_tasks(call: Call) -> Json:
    row, place = _dispatched(call), call.place("moment_tasks")
    limit = limit_to_default(call.args, default=TASKS, most=TASKS_MOST)
    sql = "SELECT *, rowid AS id FROM moment_task WHERE moment_id = ? AND rowid > ? ORDER BY rowid LIMIT ?"
    page, cursor = call.cut("moment_tasks", call.world.store.rows(sql, row["moment_id"], place.key, limit + 1), limit)
    tasks = [{"userid": one["userid"], "publish_status": int(one["published"] is not None)} for one in page]
    return {"task_list": tasks, "next_cursor": cursor}


def _published(call: Call) -> tuple[Row, str]:
    row, userid = _dispatched(call), text(call.args, "userid", needed=True)
    sql = "SELECT published FROM moment_task WHERE (moment_id, userid) = (?, ?)"
    refuse_if(call.world.store.value(sql, row["moment_id"], userid) is None, 41062)
    return row, userid


def _customers(call: Call, kind: str, condition: str, limit: int) -> Json:
    row, userid = _published(call)
    place = call.place(kind)
    sql = f"SELECT * FROM moment_row WHERE (moment_id, userid) = (?, ?) AND id > ? AND {condition} ORDER BY id LIMIT ?"  # noqa: S608  # of two conditions
    page, cursor = call.cut(kind, call.world.store.rows(sql, row["moment_id"], userid, place.key, limit + 1), limit)
    people = [{"userid": one["userid"], "external_userid": call.shown(one["person"])} for one in page]
    return {"customer_list": people, "next_cursor": cursor}


def visible_to(call: Call) -> Json:
    return _customers(call, "moment_customers", "TRUE", limit_to_default(call.args, default=TASKS, most=TASKS_MOST))


def shown_to(call: Call) -> Json:
    """Those who have it in their feed."""
    limit = limit_to_default(call.args, default=RESULTS, most=RESULTS_MOST)
    return _customers(call, "moment_results", "seen IS NOT NULL", limit)


def comments(call: Call) -> Json:
    row, userid = _published(call)
    sql = "SELECT * FROM moment_reply WHERE (moment_id, userid, kind) = (?, ?, ?) ORDER BY id"
    found = {}
    for name, kind in (("comment_list", "comment"), ("like_list", "like")):
        rows = call.world.store.rows(sql, row["moment_id"], userid, kind)
        found[name] = [{"external_userid": call.shown(one["person"]), "create_time": one["at"]} for one in rows]
    return found


BASE = "/cgi-bin/externalcontact"
ROUTES = {
    f"{BASE}/add_moment_task": add_task,
    f"{BASE}/get_moment_task_result": task_result,
    f"{BASE}/cancel_moment_task": cancel,
    f"{BASE}/get_moment_list": list_moments,
    f"{BASE}/get_moment_task": list_tasks,
    f"{BASE}/get_moment_customer_list": visible_to,
    f"{BASE}/get_moment_send_result": shown_to,
    f"{BASE}/get_moment_comments": comments,
}
