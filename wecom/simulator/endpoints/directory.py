"""Members and departments. An app made after June 2022 is told no mobile number and no address (official page 96079)."""

import json

from wecom.simulator.call import Call
from wecom.simulator.errors import Json, refuse_if
from wecom.simulator.rules.shapes import integer, text
from wecom.simulator.store import Row

ROOT = 1
LIST_LIMIT = 10_000


def member(row: Row) -> Json:
    departments = json.loads(row["departments"])
    return {
        "userid": row["userid"],
        "name": row["name"],
        "department": departments,
        "main_department": departments[0] if departments else ROOT,
        "order": [0 for _ in departments],
        "position": row["position"],
        "status": 1 if row["active"] else 4,
        "enable": 1,
        "isleader": 0,
        "is_leader_in_dept": [0 for _ in departments],
        "open_userid": f"wo{row['userid']}",
        "extattr": {"attrs": []},
    }


def get_user(call: Call) -> Json:
    return member(call.member(text(call.args, "userid", needed=True)))


def list_id(call: Call) -> Json:
    """One entry for each department of a member; with the secret of the directory only (48002 by the gate)."""
    limit = min(integer(call.args, "limit", LIST_LIMIT), LIST_LIMIT)
    place = call.place("list_id")
    sql = "SELECT rowid AS id, * FROM staff WHERE corpid = ? AND left_at IS NULL AND rowid > ? ORDER BY rowid LIMIT ?"
    rows, cursor = call.cut("list_id", call.world.store.rows(sql, call.corpid, place.key, limit + 1), limit)
    entries = [{"userid": row["userid"], "department": one} for row in rows for one in json.loads(row["departments"])]
    return {"dept_user": entries, "next_cursor": cursor}


def _in_department(call: Call) -> list[Row]:
    party = integer(call.args, "department_id")
    known = call.world.store.row("SELECT 1 FROM department WHERE (corpid, id) = (?, ?)", call.corpid, party)
    refuse_if(known is None, 60003)
    below = call.world.parties_below(call.corpid, [party]) if integer(call.args, "fetch_child", 0) else {party}
    sql = "SELECT * FROM staff WHERE corpid = ? AND left_at IS NULL ORDER BY userid"
    rows = call.world.store.rows(sql, call.corpid)
    seen = set(call.visible)
    return [row for row in rows if row["userid"] in seen and below & set(json.loads(row["departments"]))]


def list_users(call: Call) -> Json:
    return {"userlist": [member(row) for row in _in_department(call)]}


def simple_list(call: Call) -> Json:
    names = ("userid", "name", "department", "open_userid")
    return {"userlist": [{name: member(row)[name] for name in names} for row in _in_department(call)]}


def _departments(call: Call) -> list[Row]:
    top = integer(call.args, "id", 0)
    rows = call.world.store.rows("SELECT * FROM department WHERE corpid = ? ORDER BY id", call.corpid)
    below = call.world.parties_below(call.corpid, [top]) if top else {row["id"] for row in rows}
    return [row for row in rows if row["id"] in below]


def departments(call: Call) -> Json:
    shown = [
        {"id": r["id"], "name": r["name"], "parentid": r["parentid"], "order": r["id"]} for r in _departments(call)
    ]
    return {"department": [{**one, "department_leader": []} for one in shown]}


def department_ids(call: Call) -> Json:
    rows = _departments(call)
    return {"department_id": [{"id": r["id"], "parentid": r["parentid"], "order": r["id"]} for r in rows]}


ROUTES = {
    "/cgi-bin/user/get": get_user,
    "/cgi-bin/user/list_id": list_id,
    "/cgi-bin/user/list": list_users,
    "/cgi-bin/user/simplelist": simple_list,
    "/cgi-bin/department/list": departments,
    "/cgi-bin/department/simplelist": department_ids,
}
