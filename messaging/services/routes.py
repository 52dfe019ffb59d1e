"""The way that a send takes: its gateway, opened, with what that promises."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from messaging.channels.contract import Adapter, Connection, Setup
from messaging.channels.registered import adapter_of
from messaging.models import Gateway, Send
from messaging.rules.promises import Promise
from messaging.selectors.setups import setup_of


@dataclass(frozen=True, kw_only=True)
class Route:
    """Read once for many messages; the send's state is read again whenever messages begin."""

    send: Send
    gateway: Gateway
    adapter: Adapter
    setup: Setup
    promise: Promise


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
