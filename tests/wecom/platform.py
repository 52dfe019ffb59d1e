"""A small loopback host that answers as WeCom would, one answer after the other, and keeps what it was asked."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from wecom.models import Corp, CorpApp
from wecom.services.corps import create_app, create_corp

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
SECRET, CORPID = "s3cret-of-the-app", "ww55ca070cb9b7eb22"
TOKEN = "QDG6eK"
AES_KEY = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"


class Clock:
    """A clock that the test holds, and a sleep that moves it."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now
        self.slept: list[float] = []

    def __call__(self) -> datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += timedelta(seconds=seconds)


@dataclass(frozen=True)
class Asked:
    method: str
    api: str
    query: dict[str, str]
    body: bytes
    content_type: str

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Platform:
    """`answers[api]` are used up one by one, the last one again and again; `gettoken` gives token-1, token-2, …"""

    port: int = 0
    asked: list[Asked] = field(default_factory=list)
    answers: dict[str, list[Any]] = field(default_factory=dict)
    before: Callable[[Asked], None] = lambda _asked: None
    tokens: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def of(self, api: str) -> list[Asked]:
        return [each for each in self.asked if each.api == api]

    def answer(self, asked: Asked) -> Any:
        self.before(asked)
        with self.lock:
            self.asked.append(asked)
            planned = self.answers.get(asked.api, [])
            if planned:
                return planned.pop(0) if len(planned) > 1 else planned[0]
            if asked.api == "gettoken":
                self.tokens += 1
                return {"access_token": f"token-{self.tokens}", "expires_in": 7200}
        return {"errcode": 0, "errmsg": "ok"}


@dataclass(frozen=True)
class Raw:
    """An answer that is not the platform's: a status, a body, or none at all (`hang_up`)."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    hang_up: bool = False


@contextmanager
def platform() -> Iterator[Platform]:
    made = Platform()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            api = parts.path.removeprefix("/cgi-bin/")
            answer = made.answer(Asked(self.command, api, query, body, self.headers.get("Content-Type", "")))
            raw = answer if isinstance(answer, Raw) else Raw(body=json.dumps(answer, ensure_ascii=False).encode())
            if raw.hang_up:
                self.close_connection = True
                return
            self.send_response(raw.status)
            for name, text in {"Content-Type": "application/json", **raw.headers}.items():
                self.send_header(name, text)
            self.send_header("Content-Length", str(len(raw.body)))
            self.end_headers()
            self.wfile.write(raw.body)

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, *_args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        made.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield made
        server.shutdown()
        thread.join()


def a_corp(base_url: str = "", **values: Any) -> Corp:
    given = {"corpid": CORPID, "name": "演示企业", **({"base_url": base_url} if base_url else {}), **values}
    return create_corp(**given, by=None, now=NOW)


def an_app(corp: Corp | None = None, *, kind: str = "contacts", **secrets: str) -> CorpApp:
    given = {"secret": SECRET, "callback_token": TOKEN, "callback_aes_key": AES_KEY, **secrets}
    return create_app(corp=corp or a_corp(), kind=kind, name=f"应用 {kind}", by=None, now=NOW, secrets=given)
