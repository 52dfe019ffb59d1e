"""A gateway on the loopback that takes messages over HTTP, remembers every one, and misbehaves when told to."""

import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

Answer = tuple[int, Any]
#: Reads the message and breaks the connection without a word.
BREAKS: Answer = (0, None)
#: Takes the message and never answers.
HANGS: Answer = (-1, None)


class Sink(ThreadingHTTPServer):
    """`answer(body)` decides; what it decides is counted as taken where the status is 200, or nothing was said."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Requests)
        self.answer: Callable[[dict[str, Any]], Answer] = lambda body: (
            200,
            {"code": "0", "id": f"X{body.get('uid', '')}"},
        )
        self.calls: list[tuple[str, dict[str, str], dict[str, Any], bytes]] = []
        self.lock = threading.Lock()
        self.released = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [body for path, _headers, body, _raw in self.calls if path != "/query"]

    def arrivals(self, name: str) -> Counter[str]:
        """How often each value of a field came."""
        return Counter(str(body[name]) for body in self.bodies)


class _Requests(BaseHTTPRequestHandler):
    server: Sink
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers["Content-Length"]))
        body = _read(self.headers["Content-Type"], raw)
        with self.server.lock:
            self.server.calls.append((self.path, dict(self.headers), body, raw))
        status, said = self.server.answer(body)
        if status == -1:
            self.server.released.wait(30)
        if status <= 0:
            self.close_connection = True
            return
        text = said if isinstance(said, bytes) else json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_text: Any) -> None:
        """Silent."""


def _read(kind: str, raw: bytes) -> dict[str, Any]:
    if kind == "application/json":
        return dict(json.loads(raw))
    return {name: values[0] for name, values in parse_qs(raw.decode()).items()}


@contextmanager
def sink() -> Iterator[Sink]:
    server = Sink()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.released.set()
        server.shutdown()
        thread.join()
        server.server_close()
