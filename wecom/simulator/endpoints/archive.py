"""The message archive's server API: who is archived and who agreed. The messages come by the adapter (`archive`)."""

from wecom.simulator.acts import groups, relations
from wecom.simulator.call import Call
from wecom.simulator.errors import Json, Refusal, refuse_if
from wecom.simulator.rules.shapes import mappings, text

PAIRS = 100


def permitted(call: Call) -> Json:
    sql = "SELECT userid FROM staff WHERE corpid = ? AND archived = 1 AND left_at IS NULL ORDER BY userid"
    return {"ids": call.world.store.column(sql, call.corpid)}


def _agreed(call: Call, userid: str, person: int) -> bool:
    sql = "SELECT max(archived) FROM welcome WHERE (corpid, userid, person) = (?, ?, ?)"
    return bool(call.switch("archive_agreed") or call.world.store.value(sql, call.corpid, userid, person))


def single_agree(call: Call) -> Json:
    """`exteranalopenid` is WeCom's own spelling."""
    found = []
    for pair in mappings(call.args, "info", most=PAIRS):
        userid, outside = text(pair, "userid", needed=True), text(pair, "exteranalopenid", needed=True)
        person = call.person(outside)
        row = relations.find(call.world, call.corpid, userid, person)
        if row is None:
            raise Refusal(84061)
        status = "Agree" if _agreed(call, userid, person) else "Disagree"
        about: Json = {"status_change_time": row["createtime"], "userid": userid, "exteranalopenid": outside}
        found.append({**about, "agree_status": status})
    return {"agreeinfo": found}


def room_agree(call: Call) -> Json:
    chat = call.chat(text(call.args, "roomid", needed=True))
    status = "Agree" if call.switch("archive_agreed") else "Disagree"
    found = [
        {
            "status_change_time": member["join_time"],
            "exteranalopenid": call.shown(member["person"]),
            "agree_status": status,
        }
        for member in groups.members(call.world, chat["chat"])
        if member["person"]
    ]
    return {"agreeinfo": found}


def room(call: Call) -> Json:
    """Internal groups only."""
    chat = call.chat(text(call.args, "roomid", needed=True))
    refuse_if(chat["customer"], 301052)
    members = [
        {"memberid": one["userid"], "jointime": one["join_time"]} for one in groups.members(call.world, chat["chat"])
    ]
    about: Json = {"roomname": chat["name"], "creator": chat["owner"], "room_create_time": chat["create_time"]}
    return {**about, "notice": chat["notice"], "members": members}


def robot(call: Call) -> Json:
    robot_id = text(call.args, "robot_id", needed=True)
    return {"data": {"robot_id": robot_id, "name": robot_id, "creator_userid": ""}}


BASE = "/cgi-bin/msgaudit"
ROUTES = {
    f"{BASE}/get_permit_user_list": permitted,
    f"{BASE}/check_single_agree": single_agree,
    f"{BASE}/check_room_agree": room_agree,
    f"{BASE}/groupchat/get": room,
    f"{BASE}/get_robot_info": robot,
}
