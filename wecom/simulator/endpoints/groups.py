"""Customer groups: listed by owner, read with their members."""

import json
from typing import Any

from wecom.simulator.acts import groups
from wecom.simulator.call import Call
from wecom.simulator.errors import Json, Refusal, refuse_if
from wecom.simulator.rules import rule_15_group_versions, rule_16_identity
from wecom.simulator.rules.shapes import integer, mapping, strings, text
from wecom.simulator.store import Row

PAGE, OWNERS, VISIBLE = 1000, 100, 1000
NORMAL, OWNER_LEFT, BEING_GIVEN, GIVEN = range(4)
STAFF, CUSTOMER = 1, 2


def status(call: Call, row: Row) -> int:
    """0 normal, 1 the owner has left, 3 given on."""
    owner = call.world.staff(call.corpid, row["owner"])
    if owner is not None and owner["left_at"] is not None:
        return OWNER_LEFT
    moved = call.world.store.value("SELECT count(*) FROM chat_transfer WHERE chat = ? AND onjob = 0", row["chat"])
    return GIVEN if moved else NORMAL


def owners(call: Call) -> list[str]:
    """Who may own what is listed: those named, or everybody in sight, with those who have left."""
    named = strings(mapping(call.args, "owner_filter"), "userid_list", most=OWNERS)
    seen = set(call.visible) | set(
        call.world.store.column("SELECT userid FROM staff WHERE left_at IS NOT NULL AND corpid = ?", call.corpid)
    )
    if not named:
        refuse_if(len(call.visible) > VISIBLE, 81017)
        return sorted(seen)
    for userid in named:
        call.former_member(userid)
        refuse_if(userid not in seen, 60011)
    return named


def list_groups(call: Call) -> Json:
    limit = integer(call.args, "limit")
    refuse_if(not 0 < limit <= PAGE, 40058, "invalid limit")
    wanted, seen = integer(call.args, "status_filter", 0), set(owners(call))
    place = call.place("groups")
    sql = (
        "SELECT *, chat AS id FROM chat WHERE corpid = ? AND customer = 1 AND dismissed = 0 AND chat > ? ORDER BY chat"
    )
    rows = [row for row in call.world.store.rows(sql, call.corpid, place.key) if row["owner"] in seen]
    rows = [row for row in rows if not wanted or status(call, row) == wanted]
    page, cursor = call.cut("groups", rows[: limit + 1], limit)
    found = [{"chat_id": call.chat_shown(row["chat"]), "status": status(call, row)} for row in page]
    return {"group_chat_list": found, "next_cursor": cursor}


def get_group(call: Call) -> Json:
    """For a moment after a change, what was before it."""
    row = call.chat(text(call.args, "chat_id", needed=True))
    refuse_if(not row["customer"], 90501)
    delay = call.switch("group_stale_seconds")
    stale = row["before"] and rule_15_group_versions.is_stale(changed=row["changed"], now=call.now, delay=delay)
    seen: Json = json.loads(row["before"]) if stale else groups.snapshot(call.world, row["chat"])
    need_name = integer(call.args, "need_name", 0) == 1
    members = [_member(call, member, need_name=need_name) for member in seen["members"]]
    admins = [{"userid": member["userid"]} for member in seen["members"] if member["admin"] and member["userid"]]
    names = ("name", "owner", "create_time", "notice")
    chat: Json = {"chat_id": call.chat_shown(row["chat"]), **{name: seen[name] for name in names}}
    return {"group_chat": {**chat, "member_list": members, "admin_list": admins, "member_version": seen["version"]}}


def _member(call: Call, member: dict[str, Any], *, need_name: bool) -> Json:
    found: Json = {
        "join_time": member["join_time"],
        "join_scene": member["join_scene"],
        "group_nickname": member["nickname"],
    }
    if member["invitor"]:
        found["invitor"] = {"userid": member["invitor"]}
    if member["userid"]:
        named = call.former_member(member["userid"])["name"]
        return {"userid": member["userid"], "type": STAFF, **found, **({"name": named} if need_name else {})}
    person = call.world.person(member["person"])
    account, own = str(call.world.corp(call.corpid)["wechat_account"]), call.subject == call.corpid
    unionid = rule_16_identity.unionid(call.world.seed, account, person["person"], type_=person["type"], own_app=own)
    found |= {"userid": call.shown(person["person"]), "type": CUSTOMER}
    found |= {key: value for key, value in (("unionid", unionid), ("state", member["state"])) if value}
    return {**found, "name": person["name"]} if need_name else found


def from_opengid(call: Call) -> Json:
    """The simulator's opengid is `og` and the group's number."""
    opengid = text(call.args, "opengid", needed=True).removeprefix("og")
    if not opengid.isdigit():
        raise Refusal(40058, "invalid opengid")
    row = call.world.store.row(
        "SELECT chat FROM chat WHERE (chat, corpid, customer) = (?, ?, 1)", int(opengid), call.corpid
    )
    if row is None:
        raise Refusal(90501)
    return {"chat_id": call.chat_shown(row["chat"])}


ROUTES = {
    "/cgi-bin/externalcontact/groupchat/list": list_groups,
    "/cgi-bin/externalcontact/groupchat/get": get_group,
    "/cgi-bin/externalcontact/opengid_to_chatid": from_opengid,
}
