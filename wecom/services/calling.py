"""The door to WeCom: a client that speaks for an app, with the token and the brakes that all processes share."""

import os
import time
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache

from django.conf import settings
from django.utils import timezone

from core.http import Client
from wecom.client import Line, WecomClient
from wecom.errors import NoSecret
from wecom.models import CorpApp
from wecom.selectors import usable_apps
from wecom.services.brakes import CorpBrakes
from wecom.services.tokens import AppTokens


def connect(
    *, app_id: int, clock: Callable[[], datetime] = timezone.now, sleep: Callable[[float], None] = time.sleep
) -> WecomClient:
    """A client for this app. Raises NoSecret where it is switched off or has no secret."""
    app: CorpApp | None = usable_apps().filter(pk=app_id).first()
    if app is None:
        raise NoSecret
    line = Line(
        base_url=app.corp.base_url, http=_http(os.getpid(), *settings.SCRM_HTTP_ALLOWED), clock=clock, sleep=sleep
    )
    return WecomClient(
        line=line,
        tokens=AppTokens(app.pk, line=line),
        brakes=CorpBrakes(app.corp_id, clock=clock, sleep=sleep),
    )


@lru_cache(maxsize=2)
def _http(_process: int, *allowed: str) -> Client:
    """One for each process: its connections stay open, and none is shared with a process that was forked."""
    return Client(allowed=allowed)
