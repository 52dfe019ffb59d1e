"""The first message to a new customer, within seconds; and the templates with which groups welcome."""

import json

from wecom.simulator.acts import ledger, relations
from wecom.simulator.call import Call
from wecom.simulator.errors import Json, Refusal, refuse_if
from wecom.simulator.rules import rule_22_welcome as rule
from wecom.simulator.rules.shapes import text
from wecom.simulator.store import Row, dumps


def send(call: Call) -> Json:
    code = call.args.get("welcome_code")
    refuse_if(not code, 41049)
    content = rule.read_content(call.args)
    call.check_media(rule.media_of(content), "media")
    row = call.world.store.row("SELECT * FROM welcome WHERE (code, corpid) = (?, ?)", str(code), call.corpid)
    _check(call, row)
    if row is None:
        raise Refusal(41050)
    call.world.store.run("UPDATE welcome SET sent = 1 WHERE code = ?", row["code"])
    relation = relations.relation(call.world, call.corpid, row["userid"], row["person"])
    call.world.store.run("UPDATE follow SET welcomed = 1 WHERE id = ?", relation["id"])
    whom = {"userid": row["userid"], "person": row["person"]}
    ledger.write(call.world, call.corpid, "welcome", content, source=row["code"], **whom)
    return {}


def _check(call: Call, row: Row | None) -> None:
    if row is None:
        raise Refusal(41050)
    relation = relations.relation(call.world, call.corpid, row["userid"], row["person"])
    member = call.former_member(row["userid"])
    begun = relation["spoken_at"] >= row["issued"] or relation["welcomed"]
    rule.check_code(
        known=True,
        age=call.now - row["issued"],
        life=call.switch("welcome_seconds"),
        sent=bool(row["sent"]),
        begun=bool(begun),
        busy=row["busy_until"] > call.now,
        agreed=call.switch("archive_agreed") or bool(row["archived"]) or not member["archived"],
        inactive=call.now - member["last_login"] > rule.INACTIVE,
    )


def _find(call: Call) -> Row:
    sql = "SELECT * FROM template WHERE (template_id, corpid) = (?, ?)"
    found = call.world.store.row(sql, text(call.args, "template_id", needed=True), call.corpid)
    if found is None:
        raise Refusal(40058, "invalid template_id")
    return found


def add_template(call: Call) -> Json:
    content = rule.read_template(call.args)
    rule.check_templates(call.world.store.value("SELECT count(*) FROM template WHERE corpid = ?", call.corpid))
    template_id = call.world.new_id("template", "msg", 27)
    about = {"corpid": call.corpid, "agentid": call.agentid, "doc": content}
    call.world.store.insert("template", template_id=template_id, **about)
    return {"template_id": template_id}


def edit_template(call: Call) -> Json:
    row, content = _find(call), rule.read_template(call.args)
    rule.check_template_owner(row["agentid"], call.agentid)
    sql = "UPDATE template SET doc = ? WHERE template_id = ?"
    call.world.store.run(sql, dumps(content), row["template_id"])
    return {}


def get_template(call: Call) -> Json:
    found: Json = json.loads(_find(call)["doc"])
    return found


def delete_template(call: Call) -> Json:
    row = _find(call)
    rule.check_template_owner(row["agentid"], call.agentid)
    call.world.store.run("DELETE FROM template WHERE template_id = ?", row["template_id"])
    return {}


BASE = "/cgi-bin/externalcontact/group_welcome_template"
ROUTES = {
    "/cgi-bin/externalcontact/send_welcome_msg": send,
    f"{BASE}/add": add_template,
    f"{BASE}/edit": edit_template,
    f"{BASE}/get": get_template,
    f"{BASE}/del": delete_template,
}
