"""Corp tags, and the tags of rule groups (`strategy`)."""

from wecom.simulator.acts import relations, tags
from wecom.simulator.call import Call
from wecom.simulator.errors import Json, Refusal, refuse_if
from wecom.simulator.rules import rule_18_tags
from wecom.simulator.rules.rule_14_silence import API
from wecom.simulator.rules.shapes import integer, strings, text
from wecom.simulator.store import Row, marks

QUERIED = 10_000


def _shown(call: Call, group: Row, only: set[str], *, by_id: bool) -> Json:
    rows = tags.tags_in(call.world, call.corpid, group["group_id"], deleted=by_id)
    shown = [_tag(row, by_id=by_id) for row in rows if not only or row["tag_id"] in only]
    found: Json = {"group_id": group["group_id"], "group_name": group["name"], "create_time": group["create_time"]}
    found |= {"order": group["ord"], "tag": shown}
    if group["strategy_id"]:
        found["strategy_id"] = group["strategy_id"]
    return {**found, "deleted": bool(group["deleted"])} if by_id else found


def _tag(row: Row, *, by_id: bool) -> Json:
    found: Json = {"id": row["tag_id"], "name": row["name"], "create_time": row["create_time"], "order": row["ord"]}
    return {**found, "deleted": bool(row["deleted"])} if by_id else found


def _list(call: Call, strategy: str) -> Json:
    """`deleted` is shown of what is asked for by id; groups win over tags."""
    group_ids = strings(call.args, "group_id", most=QUERIED)
    tag_ids = [] if group_ids else strings(call.args, "tag_id", most=QUERIED)
    by_id = bool(group_ids or tag_ids)
    sql = f"SELECT * FROM tag_group WHERE corpid = ? AND {strategy} ORDER BY ord DESC, rowid"  # noqa: S608  # of two conditions
    groups = call.world.store.rows(sql, call.corpid)
    if tag_ids:
        sql = f"SELECT DISTINCT group_id FROM tag WHERE tag_id IN ({marks(tag_ids)})"  # noqa: S608  # question marks
        group_ids = call.world.store.column(sql, *tag_ids)
    wanted = [group for group in groups if (group["group_id"] in group_ids if by_id else not group["deleted"])]
    return {"tag_group": [_shown(call, group, set(tag_ids), by_id=by_id) for group in wanted]}


def list_tags(call: Call) -> Json:
    return _list(call, "strategy_id = 0")


def list_strategy_tags(call: Call) -> Json:
    return _list(call, "strategy_id > 0")


def _add(call: Call, strategy: int) -> Json:
    added = rule_18_tags.names_to_add(call.args)
    existing = call.world.store.value("SELECT count(*) FROM tag WHERE corpid = ? AND deleted = 0", call.corpid)
    rule_18_tags.check_room(existing, len(added))
    group_id = _group_to_add_to(call, strategy)
    made = set(tags.add_tags(call.world, call.corpid, group_id, added, origin=API))
    group = tags.group(call.world, call.corpid, group_id)
    if group is None:
        raise Refusal(40068)
    return {"tag_group": _shown(call, group, made, by_id=False)}


def _group_to_add_to(call: Call, strategy: int) -> str:
    """Named by id, or by a name that may exist."""
    group_id = text(call.args, "group_id")
    if group_id:
        refuse_if(tags.group(call.world, call.corpid, group_id) is None, 40068)
        return group_id
    name = text(call.args, "group_name", most=rule_18_tags.NAME, needed=True)
    known = None if strategy else tags.group_named(call.world, call.corpid, name)
    if known:
        return str(known["group_id"])
    about = {"ord_": integer(call.args, "order", 0), "agentid": call.agentid, "strategy": strategy}
    return tags.add_group(call.world, call.corpid, name, origin=API, **about)


def add_tag(call: Call) -> Json:
    return _add(call, 0)


def add_strategy_tag(call: Call) -> Json:
    return _add(call, integer(call.args, "strategy_id"))


def _group_of(call: Call, one: str) -> Row:
    """The group that is that id, or that holds that tag."""
    sql = "SELECT group_id FROM tag WHERE (corpid, tag_id, deleted) = (?, ?, 0)"
    group = tags.group(call.world, call.corpid, call.world.store.value(sql, call.corpid, one) or one)
    if group is None:
        raise Refusal(40068)
    rule_18_tags.check_owner(group["agentid"], call.agentid)
    return group


def edit_tag(call: Call) -> Json:
    one = text(call.args, "id", needed=True)
    group, name = _group_of(call, one), text(call.args, "name", most=rule_18_tags.NAME)
    if name:
        rule_18_tags.check_renaming(name, _neighbours(call, group, one))
    order = integer(call.args, "order", 0) if "order" in call.args else None
    tags.rename(call.world, call.corpid, one, name=name or None, ord_=order, origin=API)
    return {}


def _neighbours(call: Call, group: Row, one: str) -> set[str]:
    if one == group["group_id"]:
        sql = "SELECT name FROM tag_group WHERE corpid = ? AND deleted = 0 AND group_id != ?"
        return set(call.world.store.column(sql, call.corpid, one))
    rows = tags.tags_in(call.world, call.corpid, group["group_id"])
    return {row["name"] for row in rows if row["tag_id"] != one}


def delete_tags(call: Call) -> Json:
    tag_ids, group_ids = (strings(call.args, key, most=QUERIED) for key in ("tag_id", "group_id"))
    refuse_if(not tag_ids and not group_ids, 40058)
    for one in tag_ids + group_ids:
        _group_of(call, one)
    for tag_id in tag_ids:
        tags.delete_tag(call.world, call.corpid, tag_id, origin=API)
    for group_id in group_ids:
        tags.delete_group(call.world, call.corpid, group_id, origin=API)
    return {}


def mark_tag(call: Call) -> Json:
    userid = text(call.args, "userid", needed=True)
    call.member(userid)
    person = call.person(text(call.args, "external_userid", needed=True))
    add, remove = (strings(call.args, key, most=rule_18_tags.PER_CUSTOMER) for key in ("add_tag", "remove_tag"))
    rule_18_tags.check_marking(add, remove)
    row = relations.find(call.world, call.corpid, userid, person)
    if row is None or not row["staff_has"]:
        raise Refusal(84061)
    sql = f"SELECT count(*) FROM tag WHERE deleted = 0 AND tag_id IN ({marks(add)}) AND corpid = ?"  # noqa: S608  # question marks
    refuse_if(call.world.store.value(sql, *add, call.corpid) != len(set(add)), 40068)
    rule_18_tags.check_load(relations.mark(call.world, row, add, remove, origin=API))
    return {}


ROUTES = {
    "/cgi-bin/externalcontact/get_corp_tag_list": list_tags,
    "/cgi-bin/externalcontact/add_corp_tag": add_tag,
    "/cgi-bin/externalcontact/edit_corp_tag": edit_tag,
    "/cgi-bin/externalcontact/del_corp_tag": delete_tags,
    "/cgi-bin/externalcontact/mark_tag": mark_tag,
    "/cgi-bin/externalcontact/get_strategy_tag_list": list_strategy_tags,
    "/cgi-bin/externalcontact/add_strategy_tag": add_strategy_tag,
    "/cgi-bin/externalcontact/edit_strategy_tag": edit_tag,
    "/cgi-bin/externalcontact/del_strategy_tag": delete_tags,
}
