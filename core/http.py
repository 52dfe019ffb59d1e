"""The one way out: HTTP to other systems, with the address checked at the moment of connecting.

A name is resolved once, every address it stands for is checked, and the connection goes to the checked address itself;
a redirect is a new connection and is checked like the first. Inside addresses are reached only where
SCRM_HTTP_ALLOWED names the host (`pos.example.internal`) or the host and port (`127.0.0.1:8080`).
"""

import ipaddress
import json
import re
import socket
import ssl
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urljoin, urlsplit

import httpcore
import httpx
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from core.errors import OutsideFailed

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], list[str]]
SocketOption = tuple[int, int, int] | tuple[int, int, bytes | bytearray] | tuple[int, int, None, int]

MAX_BYTES = 10_000_000
MAX_SECONDS = 20.0
MAX_REDIRECTS = 3
CONNECT_SECONDS = 5.0
PORTS = range(1, 1 << 16)

_PUBLIC_V6 = ipaddress.ip_network("2000::/3")
# Global by the registry, and yet not the open internet: tunnels into IPv4, and cloud hosts' services to their guests.
_NEVER = [
    ipaddress.ip_network(network)
    for network in (
        "168.63.129.16/32",
        "192.0.0.0/24",
        "192.88.99.0/24",
        "2001::/23",
        "2001:db8::/32",
        "2002::/16",
        "2620:4f:8000::/48",
        "3fff::/20",
    )
]
_HOST = re.compile(r"[A-Za-z0-9._-]+|[0-9A-Fa-f:.]+(?:%[A-Za-z0-9._-]+)?")
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


class OutgoingRefused(OutsideFailed):
    """The address may not be asked at all; nothing was sent."""

    code = "outgoing_refused"
    permanent = True
    message = _("This address may not be reached from here.")


class OutgoingTooLarge(OutsideFailed):
    """The answer is larger than allowed, or compressed although we asked for plain bytes."""

    code = "outgoing_too_large"
    permanent = True
    message = _("The answer of the system outside is too large.")


class OutgoingTimedOut(OutsideFailed):
    """No whole answer in time. Whether the other side acted is unknown."""

    code = "outgoing_timed_out"
    message = _("The system outside did not answer in time.")


class OutgoingFailed(OutsideFailed):
    """The connection could not be made, or broke."""

    code = "outgoing_failed"
    message = _("The system outside could not be reached.")


class OutgoingUnreached(OutgoingFailed):
    """No connection was made: nothing was sent, and whatever was wanted may be tried again."""

    code = "outgoing_unreached"


@dataclass(frozen=True)
class Answer:
    """A whole answer, whatever its status; `url` is where the last redirect led."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str

    def json(self) -> Any:
        """The body as JSON; raises OutgoingFailed if it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError) as error:
            raise OutgoingFailed(hint=_("The answer is not JSON.")) from error


def is_public(address: Address) -> bool:
    """Whether the address belongs to the open internet, and to nothing else by any disguise."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        if address not in _PUBLIC_V6 or address.scope_id:
            return False
    if any(address.version == network.version and address in network for network in _NEVER):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def resolve(host: str, port: int) -> list[str]:
    """Every address of the name, by the resolver of the system."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class Client:
    """Asks other systems. Connections are kept for further requests; close it, or use it as a context manager.

    `allowed` adds to SCRM_HTTP_ALLOWED. Nothing is read from the environment: no proxy, no netrc.
    """

    def __init__(self, *, allowed: Iterable[str] = (), resolver: Resolve = resolve) -> None:
        hosts = frozenset(entry.lower() for entry in (*getattr(settings, "SCRM_HTTP_ALLOWED", ()), *allowed))
        self._pool = httpcore.ConnectionPool(
            ssl_context=ssl.create_default_context(),
            network_backend=_CheckedBackend(hosts, resolver),
            max_connections=10,
            max_keepalive_connections=4,
            keepalive_expiry=15.0,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def close(self) -> None:
        self._pool.close()

    def request(  # what an HTTP request has
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        json: Any = None,
        body: bytes | None = None,
        max_bytes: int = MAX_BYTES,
        max_seconds: float = MAX_SECONDS,
        follow: int = 0,
    ) -> Answer:
        """Send one request and read the whole answer within `max_seconds` and `max_bytes`.

        `follow` allows that many redirects (at most 3), never from https to http; a redirect to another host drops
        `headers`, and only GET and HEAD are followed. Raises OutgoingRefused or OutgoingUnreached, and nothing was
        sent; OutgoingTooLarge, OutgoingTimedOut or OutgoingFailed; an answer with an error status is an answer.
        """
        token = _deadline.set(time.monotonic() + max_seconds)
        try:
            request = _build(method, url, headers=headers, params=params, json=json, content=body)
            for _hop in range(min(follow, MAX_REDIRECTS) + 1):
                answer = self._ask(request, max_bytes)
                onward = _onward(request, answer) if follow else None
                if onward is None:
                    return answer
                request = onward
            raise OutgoingFailed(hint=_("The system outside redirects too often."))
        finally:
            _deadline.reset(token)

    def get(self, url: str, **options: Any) -> Answer:
        return self.request("GET", url, **options)

    def post(self, url: str, **options: Any) -> Answer:
        return self.request("POST", url, **options)

    def _ask(self, request: httpx.Request, max_bytes: int) -> Answer:
        raw = httpcore.Request(
            method=request.method.encode(),
            url=httpcore.URL(
                scheme=request.url.raw_scheme,
                host=request.url.raw_host,
                port=request.url.port,
                target=request.url.raw_path,
            ),
            headers=request.headers.raw,
            content=request.read(),
            extensions={"timeout": {"connect": CONNECT_SECONDS, "pool": CONNECT_SECONDS}},
        )
        try:
            response = self._pool.handle_request(raw)
            try:
                return _read(request, response, max_bytes)
            finally:
                response.close()
        except (httpcore.ConnectError, httpcore.ConnectTimeout, httpcore.PoolTimeout) as error:
            raise OutgoingUnreached from error
        except httpcore.TimeoutException as error:
            raise OutgoingTimedOut from error
        except (httpcore.NetworkError, httpcore.ProtocolError, ssl.SSLError, OSError) as error:
            raise OutgoingFailed from error


def _build(method: str, url: str, **parts: Any) -> httpx.Request:
    """Raises OutgoingRefused for what is no plain http or https address of a host."""
    try:
        request = httpx.Request(method.upper(), url, **parts)
        port = request.url.port
    except (httpx.InvalidURL, ValueError, TypeError, UnicodeError) as error:
        raise OutgoingRefused from error
    host = request.url.raw_host.decode("ascii", "replace")
    plain = request.url.scheme in {"http", "https"} and not request.url.userinfo
    if not (plain and _HOST.fullmatch(host) and (port is None or port in PORTS)):
        raise OutgoingRefused
    request.headers["Accept-Encoding"] = "identity"
    request.headers.setdefault("User-Agent", "scrm")
    return request


def _read(request: httpx.Request, response: httpcore.Response, max_bytes: int) -> Answer:
    headers = httpx.Headers(response.headers)
    if headers.get("content-encoding", "identity").lower() != "identity":
        raise OutgoingTooLarge(hint=_("The answer is compressed, which was not asked for."))
    parts: list[bytes] = []
    size = 0
    for part in response.iter_stream():
        size += len(part)
        if size > max_bytes:
            raise OutgoingTooLarge
        parts.append(part)
    return Answer(response.status, headers, b"".join(parts), str(request.url))


def _onward(request: httpx.Request, answer: Answer) -> httpx.Request | None:
    """The next request of a redirect that may be followed; None where the answer is the last."""
    target = answer.headers.get("location")
    if answer.status not in _REDIRECTS or not target or request.method not in {"GET", "HEAD"}:
        return None
    url = urljoin(str(request.url), target)
    if request.url.scheme == "https" and urlsplit(url).scheme != "https":
        raise OutgoingRefused(hint=_("A redirect leads from https to http."))
    onward = _build(request.method, url)
    if (onward.url.host, onward.url.port, onward.url.scheme) == (
        request.url.host,
        request.url.port,
        request.url.scheme,
    ):
        onward.headers.update({name: text for name, text in request.headers.items() if name != "host"})
    return onward


_deadline: ContextVar[float] = ContextVar("deadline")


def _left(limit: float | None) -> float:
    """Seconds that this step may take. Raises httpcore's own time-out when the whole request has had its time."""
    left = _deadline.get() - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("the request has had its time")
    return left if limit is None else min(left, limit)


class _CheckedBackend(httpcore.NetworkBackend):
    """Connects to checked addresses only."""

    def __init__(self, allowed: Collection[str], resolver: Resolve) -> None:
        self._allowed = allowed
        self._resolve = resolver
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[SocketOption] | None = None,
    ) -> httpcore.NetworkStream:
        problem: Exception = httpcore.ConnectError(f"no address for {host}")
        for address in self._checked(host, port):
            try:
                stream = self._sockets.connect_tcp(address, port, _left(timeout), local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                problem = error
            else:
                return _TimedStream(stream)
        raise problem

    def connect_unix_socket(self, *_args: Any, **_options: Any) -> httpcore.NetworkStream:
        raise OutgoingRefused

    def sleep(self, seconds: float) -> None:
        self._sockets.sleep(min(seconds, _left(None)))

    def _checked(self, host: str, port: int) -> list[str]:
        """The addresses of the host. One inside address among them refuses all: a name with two faces is no mistake."""
        name = host.lower().strip("[]")
        try:
            found = self._resolve(name, port)
            addresses = [ipaddress.ip_address(text) for text in found]
        except (OSError, UnicodeError, ValueError) as error:
            raise httpcore.ConnectError(f"{name} has no address") from error
        if name in self._allowed or f"{name}:{port}" in self._allowed:
            return found
        if not all(is_public(address) for address in addresses):
            raise OutgoingRefused
        return found


class _TimedStream(httpcore.NetworkStream):
    """A connection each step of which ends with the whole request's time: a slow drip of bytes does not stretch it."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _TimedStream(self._stream.start_tls(ssl_context, server_hostname, _left(timeout)))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
