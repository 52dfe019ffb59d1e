"""App messages to members: above a member's limit they vanish, and the answer is the same."""

import json

from wecom.simulator.acts import ledger
from wecom.simulator.call import Call
from wecom.simulator.clock import DAY, HOUR, MINUTE, day_start
from wecom.simulator.errors import Json, Refusal, refuse_if
from wecom.simulator.rules import rule_01_tokens, rule_11_quotas
from wecom.simulator.rules.shapes import integer, mapping, text

USERS = 1000
KINDS = (
    *("text", "image", "voice", "video", "file", "textcard", "news", "mpnews", "markdown"),
    *("miniprogram_notice", "template_card"),
)


def _named(call: Call, key: str) -> list[str]:
    return [one for one in text(call.args, key).split("|") if one]


def send(call: Call) -> Json:
    rule_01_tokens.check_agent(integer(call.args, "agentid"), call.agentid)
    kind = text(call.args, "msgtype", needed=True)
    refuse_if(kind not in KINDS or not mapping(call.args, kind), 40058, "invalid msgtype")
    users, unknown = _receivers(call)
    unknown_parties = _unknown_parties(call)
    if not users:
        raise Refusal(81013, invaliduser="|".join(unknown))
    msgid = call.world.new_id("app_message", length=40)
    content = {"msgtype": kind, kind: call.args[kind]}
    call.world.store.insert(
        "app_message", msgid=msgid, corpid=call.corpid, agentid=call.agentid, at=call.now, doc=content
    )
    for userid in users:
        _deliver(call, msgid, userid, content)
    found: Json = {"msgid": msgid}
    for key, values in (
        ("invaliduser", unknown),
        ("invalidparty", unknown_parties),
        ("invalidtag", _named(call, "totag")),
    ):
        if values:
            found[key] = "|".join(values)
    return found


def _receivers(call: Call) -> tuple[list[str], list[str]]:
    """Those in sight, and the names of others."""
    users = _named(call, "touser")
    refuse_if(len(users) > USERS, 40058, "invalid touser")
    if users == ["@all"]:
        return call.visible, []
    parties = [int(party) for party in _named(call, "toparty") if party.isdigit()]
    wanted = call.world.people_of(call.corpid, users, parties)
    return [one for one in wanted if one in call.visible], [one for one in users if one not in call.visible]


def _unknown_parties(call: Call) -> list[str]:
    known = call.world.store.column("SELECT id FROM department WHERE corpid = ?", call.corpid)
    return [party for party in _named(call, "toparty") if not party.isdigit() or int(party) not in known]


def _deliver(call: Call, msgid: str, userid: str, content: Json) -> None:
    """Or drop, which nobody is told of."""
    counts = "SELECT count(*) FROM app_delivery WHERE (corpid, userid) = (?, ?) AND at > ?"
    minute = call.world.store.value(counts, call.corpid, userid, call.now - MINUTE)
    hour = call.world.store.value(counts, call.corpid, userid, call.now - HOUR)
    limits = {"per_minute": call.switch("member_per_minute"), "per_hour": call.switch("member_per_hour")}
    today = call.world.store.value(
        "SELECT count(*) FROM app_delivery WHERE corpid = ? AND at >= ?", call.corpid, day_start(call.now)
    )
    accounts = call.world.store.value("SELECT count(*) FROM staff WHERE corpid = ?", call.corpid)
    if rule_11_quotas.dropped(minute, hour, **limits) or rule_11_quotas.day_is_full(today, accounts=accounts):
        return
    call.world.store.insert("app_delivery", corpid=call.corpid, userid=userid, at=call.now, msgid=msgid)
    ledger.write(call.world, call.corpid, "app", content, speaker=ledger.SYSTEM, userid=userid, source=msgid)


def recall(call: Call) -> Json:
    """Within a day: it is taken out of what members see."""
    sql = "SELECT * FROM app_message WHERE (msgid, corpid, agentid) = (?, ?, ?)"
    row = call.world.store.row(sql, text(call.args, "msgid", needed=True), call.corpid, call.agentid)
    if row is None or call.now - row["at"] > DAY:
        raise Refusal(41047)
    call.world.store.run("UPDATE app_message SET recalled = 1 WHERE msgid = ?", row["msgid"])
    recalled = json.dumps({"msgtype": "recalled"})
    call.world.store.run("UPDATE message SET content = ? WHERE source = ? AND channel = 'app'", recalled, row["msgid"])
    return {}


ROUTES = {"/cgi-bin/message/send": send, "/cgi-bin/message/recall": recall}
