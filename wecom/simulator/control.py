"""The control interface: founding, acts, switches, clock, faults, the ledger. Never part of WeCom; for whoever holds the token."""

# ruff: noqa: S608  # what is put into a statement are question marks and names from this code

import random
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from wecom.simulator import delivery, faults
from wecom.simulator.acts import due, founding, ledger
from wecom.simulator.acts.table import perform
from wecom.simulator.archive import Archive
from wecom.simulator.errors import ControlRefused, Json
from wecom.simulator.fill import fill
from wecom.simulator.rules.rule_13_hostile import KINDS, hostile
from wecom.simulator.store import Row
from wecom.simulator.switches import DEFAULTS
from wecom.simulator.world import World

PAGE, SETTLED = 1000, 20.0


@dataclass(frozen=True)
class Asked:
    """`names`: what the path named."""

    world: World
    names: tuple[str, ...]
    query: dict[str, str]
    body: Json

    def app(self) -> Row:
        return delivery.app_of(self.world, self.names[0], int(self.names[1]))


def overview(asked: Asked) -> Json:
    world = asked.world
    tables = ("corp", "app", "staff", "person", "follow", "chat", "message", "callback")
    counts = {table: world.store.value(f"SELECT count(*) FROM {table}") for table in tables}
    return {"now": world.now, "frozen": world.clock.frozen, "seed": world.seed, "rows": counts}


def corps(asked: Asked) -> Json:
    return {"corps": [dict(row) for row in asked.world.store.rows("SELECT * FROM corp ORDER BY rowid")]}


def apps(asked: Asked) -> Json:
    sql = "SELECT * FROM app WHERE corpid = ? ORDER BY agentid"
    return {"apps": [dict(row) for row in asked.world.store.rows(sql, asked.names[0])]}


def found_corp(asked: Asked) -> Json:
    return founding.found_corp(asked.world, asked.body)


def found_app(asked: Asked) -> Json:
    return founding.found_app(asked.world, asked.names[0], asked.body)


def trust(asked: Asked) -> Json:
    founding.trust(asked.world, asked.names[0], list(asked.body.get("ips", [])))
    return {}


def set_app(asked: Asked) -> Json:
    founding.set_app(asked.world, asked.app(), asked.body)
    return {}


def save_callback(asked: Asked) -> Json:
    """Verified by an echo, unless `verify` is false."""
    app, (url, token, aes_key) = asked.app(), founding.callback_settings(asked.body)
    if asked.body.get("verify", True):
        delivery.verify(asked.world, app["corpid"], url, token, aes_key)
    delivery.check_address(url)
    return founding.save_callback(asked.world, app, url, token, aes_key)


def revoke(asked: Asked) -> Json:
    """All tokens of the app, now."""
    app = asked.app()
    sql = "UPDATE token SET revoked = 1 WHERE (corpid, agentid) = (?, ?) AND NOT revoked"
    return {"revoked": asked.world.store.run(sql, app["corpid"], app["agentid"])}


def send_hostile(asked: Asked) -> Json:
    """A callback that is wrong in one way; what the receiver said."""
    app, kind = asked.app(), str(asked.body.get("kind"))
    if kind not in KINDS:
        raise ControlRefused(f"A hostile callback is one of {', '.join(KINDS)}.")
    keys = {"corpid": app["corpid"], "agentid": app["agentid"], "token": app["token"], "aes_key": app["aes_key"]}
    message = "<xml><ToUserName>x</ToUserName><Event>hostile</Event></xml>"
    fresh: Json = {"at": asked.world.now, "nonce": secrets.token_hex(5), "random16": secrets.token_bytes(16)}
    made = hostile(kind, message, **keys, **fresh)
    line = delivery.Line()
    said = line.send(
        "POST",
        app["callback_url"],
        made.query,
        made.body,
        timeout=asked.world.switch(app["corpid"], "callback_timeout"),
    )
    line.close()
    return {"status": said.status, "text": said.text}


def add_department(asked: Asked) -> Json:
    return founding.add_department(asked.world, asked.names[0], asked.body)


def add_staff(asked: Asked) -> Json:
    return founding.add_staff(asked.world, asked.names[0], asked.body)


def set_staff(asked: Asked) -> Json:
    corpid, userid = asked.names
    founding.set_staff(asked.world, corpid, userid, asked.body)
    return {}


def staff_leaves(asked: Asked) -> Json:
    founding.staff_leaves(asked.world, *asked.names)
    return {}


def add_person(asked: Asked) -> Json:
    return founding.add_person(asked.world, asked.body)


def people(asked: Asked) -> Json:
    """With their ids in that corp's own subject, where a corp is named."""
    world, corpid = asked.world, asked.query.get("corpid", "")
    rows = world.store.rows(
        "SELECT * FROM person WHERE person > ? ORDER BY person LIMIT ?", int(asked.query.get("after", 0)), PAGE
    )
    return {"people": [{**dict(row), **_named(world, corpid, row["person"])} for row in rows]}


def _named(world: World, corpid: str, person: int) -> Json:
    return {"external_userid": world.outside(corpid, "customer", person)} if corpid and person else {}


def act(asked: Asked) -> Json:
    return perform(asked.world, asked.body)


def switches(asked: Asked) -> Json:
    corpid = asked.query.get("corpid", "")
    return {"switches": {name: asked.world.switch(corpid, name) for name in DEFAULTS}}


def set_switches(asked: Asked) -> Json:
    """`corpid`, and any number of switches beside it."""
    for name, value in asked.body.items():
        if name != "corpid":
            asked.world.set_switch(name, value, str(asked.body.get("corpid", "")))
    return {}


def clock(asked: Asked) -> Json:
    return {"now": asked.world.clock.exact(), "frozen": asked.world.clock.frozen}


def set_clock(asked: Asked) -> Json:
    """`freeze` (true, or the time), `run`, `advance` (seconds), in this order."""
    ours, body = asked.world.clock, asked.body
    if freeze := body.get("freeze"):
        ours.freeze(None if freeze is True else float(freeze))
    if body.get("run"):
        ours.run()
    ours.advance(float(body.get("advance", 0)))
    due.run(asked.world)
    asked.world.queued.set()
    return clock(asked)


def list_faults(asked: Asked) -> Json:
    return {"faults": [dict(row) for row in asked.world.store.rows("SELECT * FROM fault ORDER BY id")]}


def add_fault(asked: Asked) -> Json:
    return {"id": faults.add(asked.world, asked.body)}


def end_faults(asked: Asked) -> Json:
    return {"ended": asked.world.store.run("DELETE FROM fault")}


def _where(query: dict[str, str], names: tuple[str, ...]) -> tuple[str, list[str]]:
    named = [name for name in names if query.get(name)]
    return "".join(f" AND {name} = ?" for name in named), [query[name] for name in named]


def read_ledger(asked: Asked) -> Json:
    """What reached whom, in order; narrowed by corpid, person, userid, chat, channel, source."""
    where, values = _where(asked.query, ("corpid", "person", "userid", "chat", "channel", "source", "speaker"))
    sql = f"SELECT * FROM message WHERE id > ?{where} ORDER BY id LIMIT ?"
    limit = min(int(asked.query.get("limit", PAGE)), 100 * PAGE)
    rows = asked.world.store.rows(sql, int(asked.query.get("after", 0)), *values, limit)
    return {"messages": [{**ledger.shown(row), **_named(asked.world, row["corpid"], row["person"])} for row in rows]}


def judge(asked: Asked) -> Json:
    """Per source: how many reached somebody, how many different people, and how many came more than once."""
    where, values = _where(asked.query, ("corpid", "channel", "source"))
    inner = f"SELECT channel, source, person, chat, userid, content, count(*) AS times FROM message WHERE speaker != 'customer'{where}"
    sql = (
        f"SELECT channel, source, sum(times) AS reached, count(*) AS distinct_receivers, sum(times > 1) AS doubled"
        f" FROM ({inner} GROUP BY channel, source, person, chat, CASE person WHEN 0 THEN userid END) GROUP BY channel, source"
    )
    return {"sources": [dict(row) for row in asked.world.store.rows(sql, *values)]}


def callbacks(asked: Asked) -> Json:
    where, values = _where(asked.query, ("corpid", "agentid", "status", "event"))
    sql = f"SELECT * FROM callback WHERE id > ?{where} ORDER BY id LIMIT ?"
    rows = asked.world.store.rows(sql, int(asked.query.get("after", 0)), *values, int(asked.query.get("limit", PAGE)))
    counts = asked.world.store.rows("SELECT status, count(*) AS n FROM callback GROUP BY status")
    return {"callbacks": [dict(row) for row in rows], "counts": {row["status"]: row["n"] for row in counts}}


def replay(asked: Asked) -> Json:
    """All callbacks once more, or those of `ids`; `times` over, `shuffled` by that seed. The bodies are the same."""
    store, ids = asked.world.store, asked.body.get("ids")
    rows = [row for row in store.rows("SELECT * FROM callback ORDER BY id") if ids is None or row["id"] in ids]
    again = rows * int(asked.body.get("times", 1))
    if "shuffled" in asked.body:
        random.Random(asked.body["shuffled"]).shuffle(again)  # noqa: S311  # an order, not a secret
    exact = asked.world.clock.exact()
    sql = "INSERT INTO callback (corpid, agentid, event, body, created, due) VALUES (?, ?, ?, ?, ?, ?)"
    with store.transaction():
        store.run_many(sql, [(r["corpid"], r["agentid"], r["event"], r["body"], int(exact), exact) for r in again])
    asked.world.queued.set()
    return {"queued": len(again)}


def settle(asked: Asked) -> Json:
    """Waits until every callback that is due has been answered; `left` counts the others."""
    until = time.monotonic() + float(asked.body.get("seconds", SETTLED))
    sql = "SELECT count(*) FROM callback WHERE status = 'going' OR (status = 'waiting' AND due <= ?)"
    while (busy := asked.world.store.value(sql, asked.world.clock.exact())) and time.monotonic() < until:
        time.sleep(0.01)
    left = asked.world.store.value("SELECT count(*) FROM callback WHERE status IN ('waiting', 'held')")
    return {"busy": busy, "left": left}


def fill_up(asked: Asked) -> Json:
    return fill(asked.world, str(asked.body.get("size", "small")))


def archive_chat(asked: Asked) -> Json:
    """The archive adapter over HTTP, for a receiver in another process."""
    archive = Archive(asked.world, asked.names[0])
    return archive.get_chat_data(int(asked.query.get("seq", 0)), int(asked.query.get("limit", 1000)))


def set_archive_key(asked: Asked) -> Json:
    Archive(asked.world, asked.names[0]).set_key(str(asked.body["public_key"]))
    return {}


Answerer = Callable[[Asked], Json]
WORD = r"([^/]+)"
TABLE: list[tuple[str, str, Answerer]] = [
    ("GET", "", overview),
    ("GET", "corps", corps),
    ("POST", "corps", found_corp),
    ("GET", f"corps/{WORD}/apps", apps),
    ("POST", f"corps/{WORD}/apps", found_app),
    ("POST", f"corps/{WORD}/apps/{WORD}", set_app),
    ("POST", f"corps/{WORD}/apps/{WORD}/callback", save_callback),
    ("POST", f"corps/{WORD}/apps/{WORD}/revoke", revoke),
    ("POST", f"corps/{WORD}/apps/{WORD}/hostile", send_hostile),
    ("POST", f"corps/{WORD}/trusted_ips", trust),
    ("POST", f"corps/{WORD}/departments", add_department),
    ("POST", f"corps/{WORD}/staff", add_staff),
    ("POST", f"corps/{WORD}/staff/{WORD}", set_staff),
    ("POST", f"corps/{WORD}/staff/{WORD}/leave", staff_leaves),
    ("GET", f"corps/{WORD}/archive", archive_chat),
    ("POST", f"corps/{WORD}/archive/key", set_archive_key),
    ("GET", "people", people),
    ("POST", "people", add_person),
    ("POST", "act", act),
    ("GET", "switches", switches),
    ("POST", "switches", set_switches),
    ("GET", "clock", clock),
    ("POST", "clock", set_clock),
    ("GET", "faults", list_faults),
    ("POST", "faults", add_fault),
    ("DELETE", "faults", end_faults),
    ("GET", "ledger", read_ledger),
    ("GET", "ledger/judge", judge),
    ("GET", "callbacks", callbacks),
    ("POST", "callbacks/replay", replay),
    ("POST", "settle", settle),
    ("POST", "fill", fill_up),
]
OUTSIDE = (save_callback, send_hostile, settle, replay)  # wait for others: not while holding the store


def control(world: World, method: str, path: str, *, query: dict[str, str], body: Any) -> Json:
    """`path` below /_control/."""
    if not isinstance(body, dict):
        raise ControlRefused("The body is a JSON object.")
    for verb, pattern, answerer in TABLE:
        found = re.fullmatch(pattern, path)
        if verb == method and found:
            asked = Asked(world, found.groups(), query, body)
            return _answered(asked, answerer)
    raise ControlRefused(f"There is no {method} /_control/{path}.")


def _answered(asked: Asked, answerer: Answerer) -> Json:
    try:
        if answerer in OUTSIDE:
            return answerer(asked)
        with asked.world.store.transaction():
            return answerer(asked)
    except KeyError as missing:
        raise ControlRefused(f"The body lacks {missing}.") from None
    except (TypeError, ValueError) as fault:
        raise ControlRefused(f"A field cannot be read: {fault}.") from None
