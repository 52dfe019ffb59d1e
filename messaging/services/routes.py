"""The way that a send takes: its gateway, opened, with what that promises."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from core.services.sealing import open_one
from messaging.channels.contract import Adapter, Connection, Setup
from messaging.channels.registered import adapter_of
from messaging.models import Gateway, Send
from messaging.rules.promises import Promise

SECRET = Gateway._meta.get_field("secret")


@dataclass(frozen=True, kw_only=True)
class Route:
    """Read once for many messages; the send's state is read again whenever messages begin."""

    send: Send
    gateway: Gateway
    adapter: Adapter
    setup: Setup
    promise: Promise


def setup_of(gateway: Gateway) -> Setup:
    secret = open_one(SECRET, subject_id=gateway.pk, sealed=gateway.secret)
    return Setup(
        sender=gateway.sender,
        refusal=gateway.refusal,
        settings=gateway.settings,
        secret=secret if isinstance(secret, str) else "",
    )


def route_of(send: Send) -> Route:
    adapter = adapter_of(send.gateway.adapter)
    setup = setup_of(send.gateway)
    return Route(send=send, gateway=send.gateway, adapter=adapter, setup=setup, promise=adapter.promise(setup))


@contextmanager
def connected(route: Route) -> Iterator[Connection]:
    connection = route.adapter.open(route.setup)
    try:
        yield connection
    finally:
        connection.close()
