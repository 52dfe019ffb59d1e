"""The door of the server API: faults, token, access, limits; then the endpoint, in one transaction."""

import email
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from typing import NamedTuple

from wecom.simulator import faults
from wecom.simulator.call import Binary, Call, Upload
from wecom.simulator.errors import Json, Refusal
from wecom.simulator.faults import Fault
from wecom.simulator.routes import ROUTES, Route
from wecom.simulator.rules import (
    rule_02_business_token,
    rule_03_revocation,
    rule_06_access,
    rule_07_bodies,
    rule_11_quotas,
)
from wecom.simulator.rules.rule_09_rates import Limit
from wecom.simulator.rules.rule_16_identity import digest
from wecom.simulator.store import Row, dumps
from wecom.simulator.world import World

GETTOKEN = "/cgi-bin/gettoken"  # a path
UPLOADS = ("/cgi-bin/media/upload", "/cgi-bin/media/upload_attachment", "/cgi-bin/media/uploadimg")
DEBUG = [Limit("minute", 5)]
WRITTEN = {  # fields that name the place which only one call may write
    "/cgi-bin/externalcontact/mark_tag": ("userid", "external_userid"),
    "/cgi-bin/externalcontact/remark": ("userid", "external_userid"),
    "/cgi-bin/externalcontact/resigned/transfer_customer": ("handover_userid",),
}
MORE = "https://open.work.weixin.qq.com/devtool/query?e="
NOT_FOUND, SERVER_FAULT = 404, 500


class Request(NamedTuple):
    method: str
    path: str
    query: dict[str, str]
    body: bytes = b""
    content_type: str = ""
    ip: str = "127.0.0.1"


@dataclass
class Answer:
    """`fate`: what happens on the wire instead of, or before, the answer: hang or reset."""

    body: bytes
    status: int = 200
    content_type: str = "application/json; charset=UTF-8"
    headers: dict[str, str] = field(default_factory=dict)
    fate: str = ""
    seconds: float = 0.0


def in_json(content: Json, status: int = 200) -> Answer:
    return Answer(dumps(content).encode(), status)


def refused(world: World, request: Request, refusal: Refusal) -> Answer:
    """With the hint that WeCom's support asks for."""
    hint = f"[{world.now}_28_{digest(request.path, refusal.errcode, world.now, length=32)}]"
    text = f"{refusal.errmsg}, hint: {hint}, from ip: {request.ip}, more info at {MORE}{refusal.errcode}"
    return in_json({"errcode": refusal.errcode, "errmsg": text, **refusal.fields})


def answer(world: World, request: Request) -> Answer:
    route = ROUTES.get(request.path)
    if route is None:
        return Answer(b"404 page not found", NOT_FOUND, "text/plain; charset=utf-8")
    taken = faults.take(world, faults.API, request.path)
    early = _befall(world, request, [fault for fault in taken if not fault.late])
    if early:
        return early
    said = _serve(world, request, route)
    return _befall(world, request, [fault for fault in taken if fault.late]) or said


def _befall(world: World, request: Request, taken: list[Fault]) -> Answer | None:
    """Latency passes, and revocation; the others are the end of the call."""
    for fault in taken:
        if fault.kind == "latency":
            time.sleep(fault.value)
        elif fault.kind == "revoke":
            world.store.run("UPDATE token SET revoked = 1 WHERE token = ?", request.query.get("access_token", ""))
        elif fault.kind == "errcode":
            return refused(world, request, Refusal(int(fault.value)))
        elif fault.kind == "http":
            return Answer(b"", int(fault.value), "text/html")
        else:
            return Answer(b"", fate=fault.kind, seconds=fault.value)
    return None


def _serve(world: World, request: Request, route: Route) -> Answer:
    try:
        world.wrong_secrets.check(request.ip, world.now)
        world.rates.count(("ip", request.ip), _limits(world, "", "ip"), world.now)
        call = Call(world, request.path, dict(request.query), request.ip, query=dict(request.query))
        if request.path != GETTOKEN:
            call.app = _caller(world, request, route)
        _count(world, request, call)
        _read(call, request, route)
        with _place(call), world.store.transaction():
            found = route.handler(call)
    except Refusal as refusal:
        return refused(world, request, refusal)
    if isinstance(found, Binary):
        return _binary(found)
    return in_json({"errcode": 0, "errmsg": "ok", **found})


def _limits(world: World, corpid: str, prefix: str) -> list[Limit]:
    return [Limit(window, world.switch(corpid, f"{prefix}_per_{window}")) for window in ("minute", "hour")]


def _caller(world: World, request: Request, route: Route) -> Row:
    """The app of the token; it may call this endpoint from that address."""
    token = request.query.get("access_token", "")
    rule_02_business_token.check_present(token)
    row = world.store.row("SELECT * FROM token WHERE token = ?", token)
    rule_02_business_token.check_known(known=row is not None)
    if row is None:
        raise Refusal(40014)
    rule_03_revocation.check_not_revoked(revoked=row["revoked"])
    code = world.switch(row["corpid"], "expired_token_code")
    rule_02_business_token.check_fresh(expires=row["expires"], now=world.now, code=code)
    app = world.store.row("SELECT * FROM app WHERE (corpid, agentid) = (?, ?)", row["corpid"], row["agentid"])
    if app is None:
        raise Refusal(40014)
    _check_access(world, request, route, app)
    return app


def _check_access(world: World, request: Request, route: Route, app: Row) -> None:
    rule_06_access.check_enabled(disabled=app["disabled"])
    corp = world.corp(app["corpid"])
    lists = json.loads(corp["trusted_ips"]), json.loads(corp["trusted_before"])
    rule_06_access.check_ip(request.ip, *lists, since=corp["trusted_from"], now=world.now)
    rule_06_access.check_scope(route.scope, json.loads(app["scopes"]))


def _count(world: World, request: Request, call: Call) -> None:
    if call.app is None:
        return
    corpid, now = call.corpid, world.now
    own = rule_11_quotas.PER_CORP.get(request.path, [])
    world.rates.count(("api", corpid, request.path), [*_limits(world, corpid, "rate"), *own], now)
    per_app = rule_11_quotas.PER_APP.get(request.path, [])
    world.rates.count(("app", corpid, str(call.agentid), request.path), per_app, now)
    if request.query.get("debug") == "1":
        world.rates.count(("debug", corpid), DEBUG, now)


def _read(call: Call, request: Request, route: Route) -> None:
    if route.method == "GET":
        return
    if request.path in UPLOADS:
        call.uploads = read_parts(request)
        return
    call.args = rule_07_bodies.read_json(request.body, method=request.method)


def read_parts(request: Request) -> list[Upload]:
    """The files of a multipart body."""
    head = f"Content-Type: {request.content_type}\r\n\r\n".encode()
    message = email.message_from_bytes(head + request.body)
    parts = message.get_payload() if message.is_multipart() else []
    found = (
        [part for part in parts if isinstance(part, Message) and part.get_filename()] if isinstance(parts, list) else []
    )
    return [_upload(part) for part in found]


def _upload(part: Message) -> Upload:
    body = part.get_payload(decode=True)
    return Upload(part.get_filename() or "", part.get_content_type(), body if isinstance(body, bytes) else b"")


@contextmanager
def _place(call: Call) -> Iterator[None]:
    """A place among the calls that run at once, held as long as the switch says that work takes."""
    if call.app is None:
        yield
        return
    names = WRITTEN.get(call.path)
    written = (call.corpid, *(str(call.args.get(name)) for name in names)) if names else None
    most = call.switch("concurrent_calls")
    with call.world.in_flight.call((call.corpid, call.path), written, most=most):
        time.sleep(call.switch("processing_seconds"))
        yield


def _binary(found: Binary) -> Answer:
    headers = {"Content-disposition": f'attachment; filename="{found.filename}"'}
    return Answer(found.body, content_type=found.content_type, headers=headers)
