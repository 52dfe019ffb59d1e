"""A platform on loopback, which the settings allow for the test."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.wecom.platform import Clock, Platform, a_corp, an_app, platform
from wecom.client import WecomClient
from wecom.models import CorpApp
from wecom.services.calling import connect


@pytest.fixture
def host(settings: Any) -> Iterator[Platform]:
    with platform() as made:
        settings.SCRM_HTTP_ALLOWED = [f"127.0.0.1:{made.port}"]
        yield made


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def app(host: Platform) -> CorpApp:
    return an_app(a_corp(host.url))


@pytest.fixture
def client(app: CorpApp, clock: Clock) -> WecomClient:
    return connect(app_id=app.pk, clock=clock, sleep=clock.sleep)
