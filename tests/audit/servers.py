"""Servers on the loopback to which seals are brought: they check what arrives, and can be made to refuse."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Store(ThreadingHTTPServer):
    """Objects by path: PUT with `If-None-Match: *` makes one and never replaces it, GET reads it; a token is needed."""

    token = "token-of-the-store"

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Requests)
        self.objects: dict[str, bytes] = {}
        self.log: list[tuple[str, str, int]] = []
        self.breaks_after: int | None = None

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"


class _Requests(BaseHTTPRequestHandler):
    server: Store
    protocol_version = "HTTP/1.1"

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.server.breaks_after is not None and len(self.server.objects) >= self.server.breaks_after:
            self.close_connection = True  # taken, and never answered
            self.server.objects.setdefault(self.path, body)
            return
        status = self._status()
        if status == 200 and self.path in self.server.objects:
            status = 412
        elif status == 200:
            self.server.objects[self.path] = body
        self._answer(status)

    def do_GET(self) -> None:
        found = self.server.objects.get(self.path)
        if self.headers["If-None-Match"] or not self._allowed():
            self._answer(304 if self._allowed() else 403)
        else:
            self._answer(404 if found is None else 200, found or b"")

    def _allowed(self) -> bool:
        return self.headers["Authorization"] == f"Bearer {self.server.token}"

    def _status(self) -> int:
        whole = (self.headers["If-None-Match"], self.headers["Content-Type"]) == ("*", "application/json")
        return 403 if not self._allowed() else 200 if whole else 400

    def _answer(self, status: int, body: bytes = b"") -> None:
        self.server.log.append((self.command, self.path, status))
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_text: Any) -> None:
        """Silent."""


@contextmanager
def store() -> Iterator[Store]:
    server = Store()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class PostOffice:
    """What SMTP needs to take a message: EHLO, MAIL, RCPT, DATA, QUIT. `refuses` answers 550 to a recipient."""

    def __init__(self) -> None:
        self.port = 0
        self.refuses = False
        self.taken: list[tuple[str, list[str], Message]] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        sender, to = "", []
        writer.write(b"220 post office\r\n")
        while line := (await reader.readline()).decode().strip():
            verb, _space, rest = line.partition(" ")
            match verb.upper():
                case "EHLO" | "HELO":
                    said = "250 post office"
                case "MAIL":
                    sender, to, said = _address(rest), [], "250 from whom"
                case "RCPT":
                    to = to if self.refuses else [*to, _address(rest)]
                    said = "550 no such box" if self.refuses else "250 to whom"
                case "DATA":
                    writer.write(b"354 go on\r\n")
                    self.taken.append((sender, to, message_from_bytes(await _content(reader))))
                    said = "250 taken"
                case "QUIT":
                    said = "221 bye"
                case _:
                    said = "250 well"
            writer.write(f"{said}\r\n".encode())
            await writer.drain()
            if verb.upper() == "QUIT":
                break
        writer.close()


@contextmanager
def post_office() -> Iterator[PostOffice]:
    office, loop, open_now = PostOffice(), asyncio.new_event_loop(), threading.Event()
    thread = threading.Thread(target=_run, args=(office, loop, open_now))
    thread.start()
    open_now.wait(30)
    try:
        yield office
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()


def _run(office: PostOffice, loop: asyncio.AbstractEventLoop, open_now: threading.Event) -> None:
    asyncio.set_event_loop(loop)
    server = loop.run_until_complete(asyncio.start_server(office.serve, "127.0.0.1", 0))
    office.port = server.sockets[0].getsockname()[1]
    open_now.set()
    loop.run_forever()
    server.close()
    loop.run_until_complete(server.wait_closed())
    loop.close()


def _address(rest: str) -> str:
    return rest.partition("<")[2].partition(">")[0]


async def _content(reader: asyncio.StreamReader) -> bytes:
    lines = []
    while (line := await reader.readline()) not in {b"", b".\r\n"}:
        lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
    return b"".join(lines)
