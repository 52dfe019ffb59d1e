"""Customers: who is served by whom, read one by one or in batches, noted on."""

import json
from collections import defaultdict

from wecom.simulator.acts import relations
from wecom.simulator.call import Call
from wecom.simulator.errors import Json, Refusal, refuse_if
from wecom.simulator.rules import rule_08_cursors, rule_14_silence, rule_16_identity, rule_17_relations
from wecom.simulator.rules.shapes import integer, limit_to_most, strings, text
from wecom.simulator.store import Row, marks

FOLLOW_PAGE = 500
BATCH, BATCH_DEFAULT, MEMBERS = 100, 50, 100
CONTACTS = 1000
OPENED = 1000  # ids of members turned back at once


def external_contact(call: Call, person: Row) -> Json:
    """What is known of her apart from who serves her."""
    account = str(call.world.corp(call.corpid)["wechat_account"])
    own = call.subject == call.corpid
    found: Json = {
        "external_userid": call.shown(person["person"]),
        "name": person["name"],
        "avatar": f"{call.world.base}/avatar/{person['person']}.svg",
        "type": person["type"],
        "gender": person["gender"],
    }
    unionid = rule_16_identity.unionid(call.world.seed, account, person["person"], type_=person["type"], own_app=own)
    if unionid:
        found["unionid"] = unionid
    if person["type"] != rule_16_identity.WECHAT:
        found |= {
            "position": person["position"],
            "corp_name": person["corp_name"],
            "corp_full_name": person["corp_name"],
        }
    return found


def tags_of(call: Call, follows: list[int]) -> dict[int, list[Row]]:
    sql = (
        "SELECT f.follow, t.tag_id, t.name AS tag_name, g.name AS group_name FROM follow_tag f"  # noqa: S608  # question marks
        f" JOIN tag t ON t.tag_id = f.tag_id JOIN tag_group g ON g.group_id = t.group_id WHERE f.follow IN ({marks(follows)})"
        " ORDER BY t.create_time, t.tag_id"
    )
    found: dict[int, list[Row]] = defaultdict(list)
    for row in call.world.store.rows(sql, *follows):
        found[row["follow"]].append(row)
    return found


def follow(row: Row) -> Json:
    """Of a relation, without its tags."""
    found: Json = {"userid": row["userid"], "remark": row["remark"], "description": row["description"]}
    found |= {"createtime": row["createtime"], "remark_corp_name": row["remark_corp_name"]}
    found |= {"remark_mobiles": json.loads(row["remark_mobiles"]), "oper_userid": row["oper_userid"] or row["userid"]}
    found["add_way"] = row["add_way"]
    return {**found, "state": row["state"]} if row["state"] else found


def follow_user_list(call: Call) -> Json:
    sql = "SELECT userid FROM staff WHERE corpid = ? AND contacts = 1 AND left_at IS NULL ORDER BY userid"
    seen = set(call.visible)
    return {"follow_user": [one for one in call.world.store.column(sql, call.corpid) if one in seen]}


def list_customers(call: Call) -> Json:
    row = call.member(text(call.args, "userid", needed=True))
    sql = "SELECT person FROM follow WHERE (corpid, userid) = (?, ?) AND staff_has = 1 AND half = 0 ORDER BY id"
    people = call.world.store.column(sql, call.corpid, row["userid"]) if row["contacts"] else []
    return {"external_userid": [call.shown(person) for person in people]}


def get_customer(call: Call) -> Json:
    person = call.person(text(call.args, "external_userid", needed=True))
    seen, place = set(call.visible), call.place("follow_user")
    sql = "SELECT * FROM follow WHERE corpid = ? AND person = ? ORDER BY id"
    rows = [row for row in call.world.store.rows(sql, call.corpid, person) if row["userid"] in seen]
    rows = [row for row in rows if rule_17_relations.readable(staff_has=row["staff_has"], half=row["half"])]
    rule_17_relations.check_any(len(rows))
    page, cursor = call.cut("follow_user", [row for row in rows if row["id"] > place.key], FOLLOW_PAGE)
    worn = tags_of(call, [row["id"] for row in page])
    answer: Json = {"external_contact": external_contact(call, call.world.person(person))}
    answer["follow_user"] = [{**follow(row), "tags": [_tag(tag) for tag in worn[row["id"]]]} for row in page]
    return {**answer, "next_cursor": cursor} if cursor else answer


def _tag(tag: Row) -> Json:
    kind = 3 if tag["tag_id"].startswith("st") else 1
    return {"group_name": tag["group_name"], "tag_name": tag["tag_name"], "tag_id": tag["tag_id"], "type": kind}


def batch_get(call: Call) -> Json:
    """Members in the order in which they are named; the tags are ids here."""
    userids = strings(call.args, "userid_list", most=MEMBERS, needed=True)
    for userid in userids:
        call.member(userid)
    limit = limit_to_most(call.args, default=BATCH_DEFAULT, most=BATCH)
    place = call.place("batch")
    sql = (
        "SELECT f.*, p.name, p.type, p.gender, p.position, p.corp_name FROM follow f JOIN person p USING (person)"  # noqa: S608  # question marks
        f" WHERE f.userid IN ({marks(userids)}) AND f.corpid = ? AND f.staff_has = 1 AND f.half = 0 AND f.id > ?"
        " ORDER BY f.id LIMIT ?"
    )
    rows, cursor = call.cut("batch", call.world.store.rows(sql, *userids, call.corpid, place.key, limit + 1), limit)
    worn = tags_of(call, [row["id"] for row in rows])
    found = []
    for row in rows:
        info = {**follow(row), "tag_id": [tag["tag_id"] for tag in worn[row["id"]]]}
        found.append({"external_contact": external_contact(call, row), "follow_info": info})
    return {"external_contact_list": found, "next_cursor": cursor, "fail_info": {"unlicensed_userid_list": []}}


def remark(call: Call) -> Json:
    """An empty number clears the numbers."""
    args = call.args
    userid, person = text(args, "userid", needed=True), call.person(text(args, "external_userid", needed=True))
    call.member(userid)
    noted: Json = {}
    for name, key, most in (
        ("remark", "remark", 20),
        ("description", "description", 150),
        ("remark_corp_name", "remark_company", 20),
    ):
        if key in args:
            noted[name] = text(args, key, most=most)
    if "remark_mobiles" in args:
        noted["remark_mobiles"] = [one for one in strings(args, "remark_mobiles", most=100) if one]
    refuse_if(not noted and not args.get("remark_pic_mediaid"), 40058, "nothing to note")
    row = relations.find(call.world, call.corpid, userid, person)
    if row is None or not row["staff_has"]:
        raise Refusal(84061)
    relations.note(call.world, row, noted, origin=rule_14_silence.API)
    return {}


def contact_list(call: Call) -> Json:
    """Customers, and people in groups whom nobody has added; their temporary ids change with every first page."""
    place = call.place("contact_list", life=rule_08_cursors.CONTACT_LIST_LIFE)
    limit = integer(call.args, "limit", CONTACTS)
    seen = set(call.visible)
    sql = (
        "SELECT id, userid AS follow_userid, person, createtime AS add_time, 0 AS chat, '' AS chat_name FROM follow"
        " WHERE corpid = ? AND staff_has = 1 AND half = 0"
        " UNION ALL SELECT 1000000000 + m.id, c.owner, m.person, m.join_time, c.chat, c.name FROM chat_member m"
        " JOIN chat c USING (chat) WHERE c.corpid = ? AND m.person > 0 AND m.left_at IS NULL AND c.dismissed = 0"
        " AND m.person NOT IN (SELECT person FROM follow WHERE corpid = ? AND staff_has = 1) ORDER BY 1"
    )
    rows = [row for row in call.world.store.rows(sql, *[call.corpid] * 3) if row["follow_userid"] in seen]
    page, cursor = call.cut("contact_list", [row for row in rows if row["id"] > place.key], limit)
    return {"info_list": [_contact(call, row, place.issued) for row in page], "next_cursor": cursor}


def _contact(call: Call, row: Row, issued: int) -> Json:
    temporary = rule_16_identity.digest(call.subject, row["person"], issued, length=40)
    found: Json = {"is_customer": not row["chat"], "tmp_openid": temporary, "follow_userid": row["follow_userid"]}
    found["add_time"] = row["add_time"]
    if row["chat"]:
        return {**found, "chat_id": call.chat_shown(row["chat"]), "chat_name": row["chat_name"]}
    return {**found, "external_userid": call.shown(row["person"]), "name": call.world.person(row["person"])["name"]}


def from_unionid(call: Call) -> Json:
    wanted, account = text(call.args, "unionid", needed=True), call.world.corp(call.corpid)["wechat_account"]
    for row in call.world.store.rows(
        "SELECT DISTINCT p.* FROM person p JOIN follow USING (person) WHERE corpid = ?", call.corpid
    ):
        if rule_16_identity.unionid(call.world.seed, account, row["person"], type_=row["type"], own_app=True) == wanted:
            return {"external_userid": call.shown(row["person"])}
    raise Refusal(84061)


def from_service(call: Call) -> Json:
    """An id of a provider's subject, in the caller's own."""
    outside = text(call.args, "external_userid", needed=True)
    agent = integer(call.args, "source_agentid")
    sql = "SELECT subject FROM app WHERE (corpid, agentid) = (?, ?)"
    person = call.world.inside(call.world.store.value(sql, call.corpid, agent) or "", "customer", outside)
    if person is None:
        raise Refusal(40096)
    return {"external_userid": call.shown(person)}


def from_openuserid(call: Call) -> Json:
    found, unknown = [], []
    for outside in strings(call.args, "open_userid_list", most=OPENED, needed=True):
        userid = outside.removeprefix("wo")
        if call.world.staff(call.corpid, userid) is None:
            unknown.append(outside)
        else:
            found.append({"open_userid": outside, "userid": userid})
    return {"userid_list": found, "invalid_open_userid_list": unknown}


ROUTES = {
    "/cgi-bin/externalcontact/get_follow_user_list": follow_user_list,
    "/cgi-bin/externalcontact/list": list_customers,
    "/cgi-bin/externalcontact/get": get_customer,
    "/cgi-bin/externalcontact/batch/get_by_user": batch_get,
    "/cgi-bin/externalcontact/remark": remark,
    "/cgi-bin/externalcontact/contact_list": contact_list,
    "/cgi-bin/externalcontact/unionid_to_external_userid": from_unionid,
    "/cgi-bin/externalcontact/from_service_external_userid": from_service,
    "/cgi-bin/batch/openuserid_to_userid": from_openuserid,
}
