"""The outgoing client: what it refuses to connect to, tried with real sockets."""

import gzip
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address

import pytest

from core.http import (
    Client,
    OutgoingFailed,
    OutgoingRefused,
    OutgoingTimedOut,
    OutgoingTooLarge,
    is_public,
)

INSIDE = [
    "http://127.0.0.1/",
    "http://127.1/",
    "http://127.255.255.254/",
    "http://0/",
    "http://0.0.0.0/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0x7f.0.0.1/",
    "http://017700000001/",
    "http://0177.0.0.1/",
    "http://127.0.0.1.:80/",
    "http://localhost/",
    "http://LOCALHOST/",
    "http://10.0.0.1/",
    "http://10.255.255.255/",
    "http://167772161/",
    "http://172.16.0.1/",
    "http://172.31.255.255/",
    "http://192.168.0.1/",
    "http://192.168.1/",
    "http://169.254.169.254/latest/meta-data/",
    "http://2852039166/",
    "http://0xa9fea9fe/",
    "http://169.254.170.2/",
    "http://100.64.0.1/",
    "http://100.100.100.200/latest/meta-data/",
    "http://168.63.129.16/",
    "http://192.0.0.192/",
    "http://192.0.2.1/",
    "http://198.18.0.1/",
    "http://198.51.100.1/",
    "http://203.0.113.1/",
    "http://224.0.0.1/",
    "http://240.0.0.1/",
    "http://255.255.255.255/",
    "http://[::]/",
    "http://[::1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://[::ffff:169.254.169.254]/",
    "http://[::127.0.0.1]/",
    "http://[64:ff9b::7f00:1]/",
    "http://[64:ff9b::a9fe:a9fe]/",
    "http://[64:ff9b:1::7f00:1]/",
    "http://[2002:7f00:1::]/",
    "http://[2002:a9fe:a9fe::]/",
    "http://[2001:0:7f00:1::]/",
    "http://[fe80::1]/",
    "http://[fc00::1]/",
    "http://[fd00:ec2::254]/latest/meta-data/",
    "http://[fec0::1]/",
    "http://[ff02::1]/",
    "http://[2001:db8::1]/",
    "http://[100::1]/",
    "http://１２７.0.0.1/",
    "http://①②⑦.0.0.1/",
]
NO_ADDRESS = [
    "file:///etc/passwd",
    "gopher://127.0.0.1:6379/_FLUSHALL",
    "ftp://127.0.0.1/",
    "unix:///var/run/docker.sock",
    "//127.0.0.1/",
    "http:///path",
    "http://user:secret@example.com/",
    "http://example.com:0/",
    "http://example.com:99999/",
    "http://exa mple.com/",
    "",
]
OUTSIDE = ["8.8.8.8", "1.1.1.1", "223.5.5.5", "2400:3200::1", "2606:4700:4700::1111"]


@pytest.fixture
def connections(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Every address that a socket is told to connect to."""
    seen: list[object] = []
    connect = socket.socket.connect

    def spy(self: socket.socket, address: object) -> None:
        seen.append(address)
        connect(self, address)  # type: ignore[arg-type]

    monkeypatch.setattr(socket.socket, "connect", spy)
    return seen


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path, _mark, rest = self.path.partition("?")
        getattr(self, f"answer_{path.strip('/') or 'plain'}")(rest)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self._send(200, body, {"X-Method": "POST"})

    def answer_plain(self, _rest: str) -> None:
        self._send(200, self.headers.get("X-Secret", "none").encode())

    def answer_big(self, _rest: str) -> None:
        self._send(200, b"x" * 50_000)

    def answer_gzip(self, _rest: str) -> None:
        self._send(200, gzip.compress(b"x" * 1_000_000), {"Content-Encoding": "gzip"})

    def answer_drip(self, _rest: str) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        for _byte in range(60):
            time.sleep(0.1)
            try:
                self.wfile.write(b"x")
            except OSError:
                return

    def answer_to(self, rest: str) -> None:
        self._send(302, b"", {"Location": rest})

    def _send(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, text in {**(headers or {}), "Content-Length": str(len(body))}.items():
            self.send_header(name, text)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


def _serve() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


@pytest.fixture
def port() -> Iterator[int]:
    yield from _serve()


@pytest.fixture
def other_port() -> Iterator[int]:
    yield from _serve()


@pytest.fixture
def client(port: int) -> Iterator[Client]:
    with Client(allowed=[f"127.0.0.1:{port}"]) as client:
        yield client


@pytest.mark.parametrize("url", INSIDE)
def test_inside_address_is_refused_without_a_connection(url: str, connections: list[object]) -> None:
    with Client() as client, pytest.raises((OutgoingRefused, OutgoingFailed)):
        client.get(url)
    assert connections == []


@pytest.mark.parametrize("url", NO_ADDRESS)
def test_anything_but_plain_http_is_refused(url: str, connections: list[object]) -> None:
    with Client() as client, pytest.raises(OutgoingRefused):
        client.get(url)
    assert connections == []


@pytest.mark.parametrize("text", OUTSIDE)
def test_address_of_the_open_internet_is_public(text: str) -> None:
    assert is_public(ip_address(text))


@pytest.mark.parametrize("text", ["fe80::1%eth0", "2400:3200::1%lo"])
def test_address_with_a_zone_is_not_public(text: str) -> None:
    assert not is_public(ip_address(text))


def test_spy_sees_a_connection_that_is_allowed(port: int, client: Client, connections: list[object]) -> None:
    """The planted violation: were a refused address connected to, the spy would know."""
    client.get(f"http://127.0.0.1:{port}/")
    assert connections == [("127.0.0.1", port)]


def test_name_is_resolved_once_and_the_checked_address_is_used(port: int, connections: list[object]) -> None:
    asked: list[str] = []

    def rebinding(host: str, _port: int) -> list[str]:
        asked.append(host)
        return ["93.184.215.14"] if len(asked) > 1 else ["127.0.0.1"]

    with Client(allowed=["shop.example"], resolver=rebinding) as client:
        assert client.get(f"http://shop.example:{port}/").status == 200
    assert asked == ["shop.example"]
    assert connections == [("127.0.0.1", port)]


@pytest.mark.parametrize(
    "addresses",
    [["169.254.169.254"], ["100.100.100.200"], ["8.8.8.8", "127.0.0.1"], ["::ffff:10.0.0.1"], ["fe80::1%eth0"]],
)
def test_name_with_an_inside_address_is_refused(addresses: list[str], connections: list[object]) -> None:
    with Client(resolver=lambda _host, _port: addresses) as client, pytest.raises(OutgoingRefused):
        client.get("http://shop.example/")
    assert connections == []


def test_allowed_port_does_not_open_the_other_ports(port: int, other_port: int, client: Client) -> None:
    assert client.get(f"http://127.0.0.1:{port}/").body == b"none"
    with pytest.raises(OutgoingRefused):
        client.get(f"http://127.0.0.1:{other_port}/")


def test_allow_list_of_the_settings_is_read(port: int, settings: object) -> None:
    settings.SCRM_HTTP_ALLOWED = ["127.0.0.1"]  # type: ignore[attr-defined]
    with Client() as client:
        assert client.get(f"http://127.0.0.1:{port}/").status == 200


def test_post_sends_json_and_reads_it_back(port: int, client: Client) -> None:
    answer = client.post(f"http://127.0.0.1:{port}/", json={"name": "王明"})
    assert (answer.status, answer.headers["x-method"], answer.json()) == (200, "POST", {"name": "王明"})


def test_answer_that_is_no_json_says_so(port: int, client: Client) -> None:
    with pytest.raises(OutgoingFailed):
        client.get(f"http://127.0.0.1:{port}/").json()


def test_redirect_is_an_answer_unless_following_is_asked_for(port: int, client: Client) -> None:
    assert client.get(f"http://127.0.0.1:{port}/to?/plain").status == 302
    assert client.get(f"http://127.0.0.1:{port}/to?/plain", follow=1).url == f"http://127.0.0.1:{port}/plain"


@pytest.mark.parametrize(
    "target", ["http://169.254.169.254/", "http://100.100.100.200/", "//127.0.0.1:1/", "file:///etc/passwd"]
)
def test_redirect_to_the_inside_is_refused(target: str, port: int, client: Client, connections: list[object]) -> None:
    with pytest.raises(OutgoingRefused):
        client.get(f"http://127.0.0.1:{port}/to?{target}", follow=3)
    assert connections == [("127.0.0.1", port)]


def test_redirect_without_end_is_ended(port: int, client: Client) -> None:
    with pytest.raises(OutgoingFailed):
        client.get(f"http://127.0.0.1:{port}/to?/to?/to?/to?/to?/to?/to?/plain", follow=99)


def test_redirect_to_another_host_drops_the_headers(port: int, other_port: int) -> None:
    with Client(allowed=["127.0.0.1"]) as client:
        there = f"http://127.0.0.1:{port}/to?/plain"
        assert client.get(there, headers={"X-Secret": "s"}, follow=1).body == b"s"
        elsewhere = f"http://127.0.0.1:{port}/to?http://127.0.0.1:{other_port}/"
        assert client.get(elsewhere, headers={"X-Secret": "s"}, follow=1).body == b"none"


def test_large_answer_is_cut_off(port: int, client: Client) -> None:
    assert len(client.get(f"http://127.0.0.1:{port}/big", max_bytes=50_000).body) == 50_000
    with pytest.raises(OutgoingTooLarge):
        client.get(f"http://127.0.0.1:{port}/big", max_bytes=49_999)


def test_compressed_answer_is_refused(port: int, client: Client) -> None:
    with pytest.raises(OutgoingTooLarge):
        client.get(f"http://127.0.0.1:{port}/gzip")


def test_slow_drip_ends_with_the_time_of_the_request(port: int, client: Client) -> None:
    begun = time.monotonic()
    with pytest.raises(OutgoingTimedOut):
        client.get(f"http://127.0.0.1:{port}/drip", max_seconds=0.5)
    assert time.monotonic() - begun < 2


def test_nobody_listening_is_a_failure_that_may_pass(port: int) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        free = listener.getsockname()[1]
    with Client(allowed=["127.0.0.1"]) as client, pytest.raises(OutgoingFailed) as caught:
        client.get(f"http://127.0.0.1:{free}/")
    assert not caught.value.permanent
