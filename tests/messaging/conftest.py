"""A gateway on the loopback, which the outgoing client may reach."""

from collections.abc import Iterator
from typing import Any

import pytest

from messaging.services import gateways, templates
from tests.messaging.sinks import Sink, sink

__all__ = ["gateways", "templates"]


@pytest.fixture
def outside(settings: Any) -> Iterator[Sink]:
    settings.SCRM_HTTP_ALLOWED = ["127.0.0.1"]
    with sink() as server:
        yield server
