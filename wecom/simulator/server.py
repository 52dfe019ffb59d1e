"""The HTTP server on loopback, and the simulator as a whole: begun, used, ended."""

import json
import mimetypes
import secrets
import socket
import struct
import sys
import threading
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, quote, urlsplit

from wecom.simulator import gate
from wecom.simulator.acts import due
from wecom.simulator.acts.founding import add_person
from wecom.simulator.acts.table import perform
from wecom.simulator.clock import Clock
from wecom.simulator.control import control
from wecom.simulator.delivery import Dispatcher
from wecom.simulator.errors import ControlRefused, Json, Refusal
from wecom.simulator.gate import Answer, Request, in_json
from wecom.simulator.pages import phone, pictures, staff
from wecom.simulator.rules.rule_35_archive import ArchiveRefused
from wecom.simulator.store import Store
from wecom.simulator.world import World

HOST = "127.0.0.1"
DATABASE = "wecom.sqlite3"
LARGEST = 64 * 1024 * 1024  # bytes of a request
TICK = 0.5  # seconds between looks at what time has brought
PAGE_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}
OURS = ("/_control", "/_page", "/phone", "/staff")  # whatever is not WeCom's: for this machine's own addresses only


class Simulator:
    """`home`: the folder of its database; none keeps everything in memory. `port` 0 takes a free one."""

    def __init__(
        self, home: Path | None = None, *, port: int = 0, seed: str = "wecom", frozen_at: float | None = None
    ) -> None:
        if home is not None:
            home.mkdir(parents=True, exist_ok=True)
        self.token = secrets.token_urlsafe(24)
        self._server = Server((HOST, port), Handler)
        self.port: int = self._server.server_address[1]
        self.url = f"http://{HOST}:{self.port}"
        try:
            store = Store(home / DATABASE if home is not None else ":memory:")
        except BaseException:
            self._server.server_close()
            raise
        self.world = World(store, Clock(frozen_at=frozen_at), seed=_kept_seed(store, seed), base=self.url)
        self._server.simulator = self
        self._dispatcher = Dispatcher(self.world)
        self._ended = threading.Event()
        self._threads = [
            threading.Thread(
                target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, name="simulator", daemon=True
            ),
            threading.Thread(target=self._tick, name="simulator-clock", daemon=True),
        ]

    def start(self) -> None:
        self._dispatcher.start()
        for thread in self._threads:
            thread.start()

    def _tick(self) -> None:
        while not self._ended.wait(TICK):
            due.run(self.world)

    def stop(self) -> None:
        """Open connections are closed, the database is left whole."""
        self._ended.set()
        self._server.shutdown()
        self._dispatcher.stop()
        self._server.end_connections()
        self._server.server_close()
        for thread in self._threads:
            thread.join(timeout=10)
        self.world.store.close()


def _kept_seed(store: Store, seed: str) -> str:
    """A home keeps the seed with which it was begun: its ids were made of it."""
    store.run("INSERT OR IGNORE INTO setting VALUES ('seed', ?)", seed)
    return str(store.value("SELECT value FROM setting WHERE name = 'seed'"))


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256
    allow_reuse_address = True
    simulator: Simulator

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        self._open: set[socket.socket] = set()
        self._guard = threading.Lock()
        super().__init__(address, handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._guard:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._guard:
            self._open.discard(request)
        super().shutdown_request(request)

    def end_connections(self) -> None:
        with self._guard:
            left = list(self._open)
        for connection in left:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no error of ours."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)


class Ask(NamedTuple):
    method: str
    path: str
    query: dict[str, str]
    body: bytes
    headers: dict[str, str]
    ip: str


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "WeComSimulator"
    sys_version = ""
    disable_nagle_algorithm = True
    server: Server

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the base's own name
        """Silent: what happened is in the ledger and in the list of callbacks."""

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if length > LARGEST:
            self.close_connection = True
            self._write(Answer(b"", HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "text/plain"))
            return
        parts = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        ip = headers.get("x-simulated-ip", self.client_address[0])
        ask = Ask(
            self.command,
            parts.path,
            dict(parse_qsl(parts.query, keep_blank_values=True)),
            self.rfile.read(length),
            headers,
            ip,
        )
        self._write(respond(self.server.simulator, ask))

    do_GET = do_POST = do_DELETE = do_HEAD = _serve  # noqa: N815  # the names that the base looks for

    def _write(self, answer: Answer) -> None:
        if answer.fate:
            self._befall(answer)
            return
        self.send_response(answer.status)
        headers = {"Content-Type": answer.content_type, "Content-Length": str(len(answer.body)), **answer.headers}
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    def _befall(self, answer: Answer) -> None:
        """Hang: no byte comes, until the client gives up or the time is over. Reset: the connection breaks at once."""
        self.close_connection = True
        if answer.fate == "hang":
            self.connection.settimeout(answer.seconds or None)
            try:
                self.connection.recv(1)
            except TimeoutError:
                return
            return
        linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.connection.close()


def respond(simulator: Simulator, ask: Ask) -> Answer:
    if ask.path.startswith("/cgi-bin/"):
        request = Request(ask.method, ask.path, ask.query, ask.body, ask.headers.get("content-type", ""), ask.ip)
        return gate.answer(simulator.world, request)
    if ask.path.startswith(OURS) and not _is_ours(simulator, ask):
        return in_json({"error": "This address is for this machine only."}, HTTPStatus.FORBIDDEN)
    for start, answer in PLACES:
        if ask.path.startswith(start):
            try:
                return answer(simulator, ask)
            except (ControlRefused, Refusal, ArchiveRefused) as refusal:
                return in_json({"error": str(refusal)}, HTTPStatus.BAD_REQUEST)
    return in_json({"error": "There is nothing here; try /phone or /staff."}, HTTPStatus.NOT_FOUND)


def _is_ours(simulator: Simulator, ask: Ask) -> bool:
    """Asked by a name of this machine; another name that leads here is a trick of somebody's page."""
    return ask.headers.get("host", "") in (f"{HOST}:{simulator.port}", f"localhost:{simulator.port}")


def _body(ask: Ask) -> Any:
    try:
        return json.loads(ask.body) if ask.body else {}
    except ValueError:
        raise ControlRefused("The body is no JSON.") from None


def _control(simulator: Simulator, ask: Ask) -> Answer:
    given = ask.headers.get("authorization", "").removeprefix("Bearer ")
    if not secrets.compare_digest(given.encode(), simulator.token.encode()):
        said = "The control interface wants the token that was printed at the start: Authorization: Bearer …"
        return in_json({"error": said}, HTTPStatus.UNAUTHORIZED)
    path = ask.path.removeprefix("/_control").strip("/")
    return in_json(control(simulator.world, ask.method, path, query=ask.query, body=_body(ask)))


def _page(simulator: Simulator, ask: Ask) -> Answer:
    """What the pages ask for. A page of another host cannot set the header, nor read the answer."""
    if ask.headers.get("x-simulator") != "page":
        return in_json({"error": "For the simulator's own pages."}, HTTPStatus.FORBIDDEN)
    names = ask.path.removeprefix("/_page/").split("/")
    if ask.method == "POST" and names == ["act"]:
        return in_json(perform(simulator.world, _body(ask)))
    if ask.method == "POST" and names == ["people"]:
        with simulator.world.store.transaction():
            return in_json(add_person(simulator.world, _body(ask)))
    try:
        return in_json(_shown(simulator.world, names, ask.query))
    except (KeyError, ValueError) as fault:
        raise ControlRefused(f"The page asked for something unknown: {fault}.") from None


def _shown(world: World, names: list[str], query: dict[str, str]) -> Json:
    match names:
        case ["phone"]:
            return phone.people(world, query.get("q", ""))
        case ["phone", "codes"]:
            return phone.codes(world)
        case ["phone", person]:
            return phone.home(world, int(person))
        case ["phone", person, "talk"]:
            return phone.talk(world, int(person), query)
        case ["phone", person, "moments"]:
            return phone.feed(world, int(person))
    return _shown_to_staff(world, names, query)


def _shown_to_staff(world: World, names: list[str], query: dict[str, str]) -> Json:
    match names:
        case ["staff"]:
            return staff.members(world)
        case ["staff", "talk"]:
            return staff.talk(world, query)
        case ["staff", corpid, userid]:
            return staff.home(world, corpid, userid)
    raise ControlRefused("The page asked for something unknown.")


def _file(name: str) -> Answer:
    found = files("wecom.simulator.pages").joinpath("static", name)
    if not found.is_file():
        return in_json({"error": f"There is no {name}."}, HTTPStatus.NOT_FOUND)
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return Answer(found.read_bytes(), content_type=f"{kind}; charset=utf-8", headers=PAGE_HEADERS)


def _static(_simulator: Simulator, ask: Ask) -> Answer:
    return _file(Path(ask.path).name)


def _phone(_simulator: Simulator, _ask: Ask) -> Answer:
    return _file("phone.html")


def _staff(_simulator: Simulator, _ask: Ask) -> Answer:
    return _file("staff.html")


def _picture(body: bytes, kind: str = "image/svg+xml") -> Answer:
    return Answer(body, content_type=kind, headers={**PAGE_HEADERS, "Cache-Control": "max-age=3600"})


def _avatar(simulator: Simulator, ask: Ask) -> Answer:
    number = Path(ask.path).stem
    sql = "SELECT name FROM person WHERE person = ?"
    name = simulator.world.store.value(sql, int(number)) if number.isdigit() else ask.query.get("name")
    return _picture(pictures.avatar(number, str(name or "?")))


def _code(simulator: Simulator, ask: Ask) -> Answer:
    """The picture of a code: it says what a phone that scans it should open."""
    return _picture(pictures.code(f"{simulator.url}/q/{Path(ask.path).stem}"))


def _media(simulator: Simulator, ask: Ask) -> Answer:
    row = simulator.world.store.row("SELECT * FROM media WHERE media_id = ?", Path(ask.path).name)
    if row is None:
        return in_json({"error": "There is no such file."}, HTTPStatus.NOT_FOUND)
    kind = row["content_type"] if row["content_type"].startswith(("image/", "video/")) else "application/octet-stream"
    return _picture(row["body"], "application/octet-stream" if "svg" in kind else kind)


def _to_phone(_simulator: Simulator, ask: Ask) -> Answer:
    """A code or link opened in a browser leads to the phone that scans it."""
    address = quote(
        ask.path + (f"?customer_channel={ask.query['customer_channel']}" if "customer_channel" in ask.query else ""),
        safe="",
    )
    return Answer(b"", HTTPStatus.FOUND, headers={"Location": f"/phone#/scan/{address}"})


def _root(_simulator: Simulator, ask: Ask) -> Answer:
    if ask.path != "/":
        return in_json({"error": "There is nothing here; try /phone or /staff."}, HTTPStatus.NOT_FOUND)
    return _file("index.html")


PLACES: list[tuple[str, Callable[[Simulator, Ask], Answer]]] = [
    ("/_control", _control),
    ("/_page/", _page),
    ("/phone", _phone),
    ("/staff", _staff),
    ("/_assets/", _static),
    ("/avatar/", _avatar),
    ("/qr/", _code),
    ("/media/", _media),
    ("/q/", _to_phone),
    ("/ca/", _to_phone),
    ("/kf/", _to_phone),
    ("/", _root),
]
