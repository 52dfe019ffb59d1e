"""Tokens, addresses, tickets, sign-in by OAuth."""

import json
import secrets

from wecom.simulator.call import Call
from wecom.simulator.errors import Json, Refusal, refuse_if
from wecom.simulator.rules import rule_01_tokens, rule_04_reissue
from wecom.simulator.rules.shapes import text
from wecom.simulator.store import Row

TICKET_LIFE = 7200
CODE_LIFE = 300


def gettoken(call: Call) -> Json:
    world, corpid, secret = call.world, text(call.args, "corpid"), text(call.args, "corpsecret")
    known = world.store.row("SELECT 1 FROM corp WHERE corpid = ?", corpid) is not None
    rule_01_tokens.check_corp(corpid, known=known)
    apps = world.store.rows("SELECT * FROM app WHERE corpid = ?", corpid)
    app = next((app for app in apps if secrets.compare_digest(app["secret"].encode(), secret.encode())), None)
    if secret and app is None:
        world.wrong_secrets.wrong(call.ip, call.now, limit=world.switch(corpid, "wrong_secret_limit"))
    rule_01_tokens.check_secret(secret, right=app is not None)
    if app is None:
        raise Refusal(40001)
    return {"access_token": token_of(call, app), "expires_in": world.switch(corpid, "token_seconds")}


def token_of(call: Call, app: Row) -> str:
    """The one that is valid, or a new one."""
    world, key = call.world, (app["corpid"], app["agentid"])
    choice = rule_04_reissue.reissue(world.switch(app["corpid"], "token_reissue"))
    sql = "SELECT token FROM token WHERE (corpid, agentid) = (?, ?) AND expires > ? AND NOT revoked ORDER BY rowid DESC"
    valid = world.store.value(sql, *key, call.now)
    if valid and choice.same:
        return str(valid)
    if choice.ends_old:
        world.store.run("UPDATE token SET revoked = 1 WHERE (corpid, agentid) = (?, ?)", *key)
    token = world.new_id("token", length=43) + world.new_id("token", length=43)
    life = world.switch(app["corpid"], "token_seconds")
    values = {"corpid": app["corpid"], "agentid": app["agentid"], "issued": call.now, "expires": call.now + life}
    world.store.insert("token", token=token, **values)
    return token


def addresses(_call: Call) -> Json:
    return {"ip_list": ["127.0.0.1"]}


def ticket(call: Call) -> Json:
    """The same for two hours."""
    window = call.now - call.now % TICKET_LIFE
    kind = f"ticket {call.corpid} {call.path} {call.agentid if call.path.endswith('ticket/get') else ''} {window}"
    known = call.world.store.value("SELECT doc FROM job WHERE jobid = ?", kind)
    made = known or call.world.new_id("ticket", length=43)
    if not known:
        call.world.store.insert("job", jobid=kind, corpid=call.corpid, kind="ticket", created=call.now, doc=made)
    return {"ticket": made, "expires_in": window + TICKET_LIFE - call.now}


def _claim(call: Call, code: str, kind: str) -> Json:
    """An OAuth code or ticket, which serves once."""
    found = call.world.store.row("SELECT * FROM oauth WHERE (code, corpid, kind) = (?, ?, ?)", code, call.corpid, kind)
    refuse_if(found is None or call.now - found["issued"] > CODE_LIFE, 40029)
    call.world.store.run("DELETE FROM oauth WHERE code = ?", code)
    doc: Json = json.loads(found["doc"]) if found else {}
    return doc


def getuserinfo(call: Call) -> Json:
    """Of a member her userid, of a customer her external_userid."""
    doc = _claim(call, text(call.args, "code", needed=True), "code")
    if "person" in doc:
        return {"openid": f"o{doc['person']:027d}", "external_userid": call.shown(doc["person"])}
    user_ticket = call.world.new_id("user_ticket", length=40)
    values = {"corpid": call.corpid, "kind": "ticket", "issued": call.now, "doc": doc}
    call.world.store.insert("oauth", code=user_ticket, **values)
    return {"userid": doc["userid"], "user_ticket": user_ticket}


def getuserdetail(call: Call) -> Json:
    doc = _claim(call, text(call.args, "user_ticket", needed=True), "ticket")
    row = call.member(doc["userid"])
    return {"userid": row["userid"], "gender": "0", "avatar": "", "mobile": row["mobile"], "email": "", "biz_mail": ""}


ROUTES = {
    "/cgi-bin/gettoken": gettoken,
    "/cgi-bin/getcallbackip": addresses,
    "/cgi-bin/get_api_domain_ip": addresses,
    "/cgi-bin/get_jsapi_ticket": ticket,
    "/cgi-bin/ticket/get": ticket,
    "/cgi-bin/auth/getuserinfo": getuserinfo,
    "/cgi-bin/auth/getuserdetail": getuserdetail,
}
