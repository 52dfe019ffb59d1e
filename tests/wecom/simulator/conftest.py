"""A simulator on a free port of loopback with a clock that stands, a corp with two members, and somebody who receives callbacks."""

import json
import threading
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from wecom.simulator import crypto
from wecom.simulator.server import Simulator

Json = dict[str, Any]
NOON = 1_790_740_800  # 30 September 2026, 12:00 in China: a Wednesday
CORP, SECRET = "ww0123456789abcdef", "the-secret-of-the-app"
TOKEN, KEY = "callbacktoken", "kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR"
PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 64
X = "/cgi-bin/externalcontact"


class Wire:
    """Speaks HTTP with the simulator: as the control, as a page, as an app."""

    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator
        self._tokens: dict[str, str] = {}
        self.secret = SECRET

    def raw(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> tuple[int, bytes]:
        connection = HTTPConnection("127.0.0.1", self.simulator.port, timeout=20)
        try:
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def control(self, method: str, path: str, **body: Any) -> Json:
        headers = {"Authorization": f"Bearer {self.simulator.token}", "Content-Type": "application/json"}
        if method == "GET" and body:
            path, body = f"{path}?{urlencode(body)}", {}
        status, said = self.raw(method, f"/_control/{path}", json.dumps(body).encode(), headers)
        found: Json = json.loads(said)
        assert status == 200, found
        return found

    def refused(self, method: str, path: str, **body: Any) -> str:
        headers = {"Authorization": f"Bearer {self.simulator.token}"}
        status, said = self.raw(method, f"/_control/{path}", json.dumps(body).encode(), headers)
        assert status == 400
        return str(json.loads(said)["error"])

    def act(self, name: str, **fields: Any) -> Json:
        return self.control("POST", "act", act=name, **fields)

    def switch(self, **switches: Any) -> None:
        self.control("POST", "switches", **switches)

    def advance(self, seconds: float) -> None:
        self.control("POST", "clock", advance=seconds)

    def token(self, secret: str = SECRET, corpid: str = CORP) -> str:
        if secret not in self._tokens:
            self._tokens[secret] = self.api(
                "GET", "/cgi-bin/gettoken", {"corpid": corpid, "corpsecret": secret}, token=""
            )["access_token"]
        return self._tokens[secret]

    def forget_tokens(self) -> None:
        self._tokens.clear()

    def api(
        self,
        method: str,
        path: str,
        args: Json | None = None,
        *,
        token: str | None = None,
        secret: str = SECRET,
        query: Json | None = None,
        ip: str = "",
    ) -> Json:
        """A call with the app's token, another's by `secret`, or the one given."""
        token = self.token(secret) if token is None else token
        asked = {
            **({"access_token": token} if token else {}),
            **(query or {}),
            **((args or {}) if method == "GET" else {}),
        }
        body = json.dumps(args or {}, ensure_ascii=False).encode() if method == "POST" else b""
        headers = {"X-Simulated-IP": ip} if ip else {}
        status, said = self.raw(method, f"{path}?{urlencode(asked)}", body, headers)
        assert status == 200, (status, said)
        found: Json = json.loads(said)
        return found

    def get(self, path: str, **args: Any) -> Json:
        return self.api("GET", path, args)

    def post(self, path: str, **args: Any) -> Json:
        return self.api("POST", path, args)

    def code(self, path: str, **args: Any) -> int:
        """The errcode of a POST."""
        return int(self.post(path, **args)["errcode"])

    def upload(self, path: str, query: Json, body: bytes = PNG, filename: str = "a.png") -> Json:
        mark = "----simulator"
        head = f'--{mark}\r\nContent-Disposition: form-data; name="media"; filename="{filename}"\r\nContent-Type: image/png\r\n\r\n'
        whole = head.encode() + body + f"\r\n--{mark}--\r\n".encode()
        asked = {"access_token": self.token(), **query}
        _, said = self.raw(
            "POST", f"{path}?{urlencode(asked)}", whole, {"Content-Type": f"multipart/form-data; boundary={mark}"}
        )
        found: Json = json.loads(said)
        return found

    def media(self) -> str:
        return str(self.upload("/cgi-bin/media/upload", {"type": "image"})["media_id"])

    # --- people

    def person(self, name: str = "林晓", **about: Any) -> int:
        return int(self.control("POST", "people", name=name, **about)["person"])

    def outside(self, person: int, subject: str = CORP) -> str:
        return self.simulator.world.outside(subject, "customer", person)

    def chat_id(self, chat: int) -> str:
        return self.simulator.world.outside(CORP, "chat", chat)

    def customer(self, userid: str = "chenning", name: str = "林晓", **about: Any) -> int:
        """A person who has added that member."""
        person = self.person(name)
        self.act("add", corpid=CORP, userid=userid, person=person, **about)
        return person

    def reached(self, **where: Any) -> list[Json]:
        found: list[Json] = self.control("GET", "ledger", **where)["messages"]
        return found


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    running = Simulator(frozen_at=NOON)
    running.start()
    yield running
    running.stop()


@pytest.fixture
def wire(simulator: Simulator) -> Wire:
    """The corp `悦肤` with 陈宁 and 周敏, and one app that may do everything but read the directory's ids."""
    wire = Wire(simulator)
    wire.control("POST", "corps", corpid=CORP, name="悦肤", wechat_account="wx1")
    wire.control("POST", f"corps/{CORP}/apps", agentid=1000002, secret=SECRET, scopes=["customers", "kf", "archive"])
    for userid, name in (("chenning", "陈宁"), ("zhoumin", "周敏")):
        wire.control("POST", f"corps/{CORP}/staff", userid=userid, name=name)
    return wire


class Receiver:
    """What a callback URL gets, decrypted; `answers` are given in turn, then 200 for ever."""

    def __init__(self) -> None:
        self.bodies: list[str] = []
        self.answers: list[int] = []
        self.echo_tail = b""
        self.gate = threading.Event()
        self.gate.set()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the base's own name
                pass

            def do_GET(self) -> None:
                query = dict(parse_qsl(urlsplit(self.path).query))
                self._answer(200, crypto.decrypt(KEY, query["echostr"])[0].encode() + receiver.echo_tail)

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                receiver.gate.wait(20)
                query = dict(parse_qsl(urlsplit(self.path).query))
                receiver.take(query, body)
                self._answer(receiver.answers.pop(0) if receiver.answers else 200, b"success")

            def _answer(self, status: int, body: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/callback"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self.thread.start()

    def take(self, query: Json, body: str) -> None:
        encrypted = ET.fromstring(body).findtext("Encrypt") or ""
        assert query["msg_signature"] == crypto.sign(TOKEN, query["timestamp"], query["nonce"], encrypted)
        message, receiver = crypto.decrypt(KEY, encrypted)
        assert receiver == CORP
        self.bodies.append(message)

    @property
    def events(self) -> list[Json]:
        return [{element.tag: element.text for element in ET.fromstring(body)} for body in self.bodies]

    @property
    def names(self) -> list[str]:
        return [f"{one['Event']}.{one.get('ChangeType', '')}".rstrip(".") for one in self.events]

    def close(self) -> None:
        self.gate.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(10)


@pytest.fixture
def receiver(wire: Wire) -> Iterator[Receiver]:
    """The callback URL of the app, posted to by one worker at a time of the test's choosing."""
    receiver = Receiver()
    wire.control("POST", f"corps/{CORP}/apps/1000002/callback", url=receiver.url, token=TOKEN, aes_key=KEY)
    yield receiver
    wire.control("POST", "settle")
    receiver.close()


@pytest.fixture
def heard(wire: Wire, receiver: Receiver) -> Any:
    """The names of the events that have come, once everything due has been delivered."""

    def heard() -> list[str]:
        wire.control("POST", "settle")
        return sorted(receiver.names)

    return heard
