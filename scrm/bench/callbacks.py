"""Callbacks of WeCom: how many a second the web process takes while no worker runs, and whether all are worked on later.

The platform gives an answer five seconds and drops what fails too often, so what is taken is only proved and stored.
"""

import os
from collections.abc import Iterator
from datetime import datetime
from statistics import median, quantiles

from django.db.models import Count
from django.urls import reverse
from django.utils import timezone

from scrm.bench.database import analyze
from scrm.bench.figures import Figure, at_least, at_most, seconds_of
from scrm.bench.options import Options
from scrm.bench.serving import CLIENTS, send, web_server
from scrm.run.programs import HOST
from wecom.enums import CallbackState
from wecom.events import Callback, CallbackHandler, callback_handlers
from wecom.models import CallbackEvent, CorpApp
from wecom.rules.callback_crypto import encrypt, signature
from wecom.services.corps import create_app, create_corp
from wecom.services.processing import process_due

CALLBACKS = 5_000
CUSTOMERS = 1_500
OK = 200
CORPID, TOKEN, AES_KEY = "wwbench", "bench", "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
MESSAGE = (
    "<xml><ToUserName><![CDATA[wwbench]]></ToUserName><FromUserName><![CDATA[sys]]></FromUserName>"
    "<CreateTime>{second}</CreateTime><MsgType><![CDATA[event]]></MsgType><Event><![CDATA[bench]]></Event>"
    "<ChangeType><![CDATA[edit_external_contact]]></ChangeType><UserID><![CDATA[zhangsan]]></UserID>"
    "<ExternalUserID><![CDATA[wo{customer}]]></ExternalUserID></xml>"
)


def intake(options: Options) -> Iterator[Figure]:
    """Signed and encrypted deliveries over the network of the machine: clients and server share its processors."""
    app = _app()
    heard: list[int] = []
    callback_handlers.register(CallbackHandler(code="bench", event="bench", handle=Hearing(heard)))
    rates: list[float] = []
    answers: list[float] = []
    with web_server() as port:
        send(port, _deliveries(app, 0, 200), OK)
        for each in range(1, options.rounds + 1):
            sent = send(port, _deliveries(app, each, CALLBACKS), OK)
            rates.append(CALLBACKS / sent.seconds)
            answers += sent.answers
        alone = send(port, _deliveries(app, options.rounds + 1, 300), OK, clients=1).answers
    expected = 200 + options.rounds * CALLBACKS + 300
    parts = {"slowest": round(min(rates), 1), "clients": CLIENTS, "load": round(os.getloadavg()[0], 1)}
    slow = quantiles(answers, n=100)[-1]
    yield at_least("callbacks taken a second", median(rates), 500, unit="/s", p99_ms=round(slow * 1e3, 1), **parts)
    yield at_most(
        "answer to one caller", median(alone) * 1e3, 50, unit="ms", p99=round(quantiles(alone, n=100)[-1] * 1e3, 1)
    )
    states = dict(CallbackEvent.objects.order_by().values_list("state").annotate(Count("id")))
    yield _whole("all are stored and wait while no worker runs", states == {CallbackState.WAITING: expected}, states)
    analyze("wecom_callbackevent")
    seconds = seconds_of(lambda: _work(options))
    yield Figure(name="worked on a second, by one worker", value=round(expected / seconds, 1), unit="/s")
    yield _whole("none is lost, none handled twice", sorted(heard) == _numbers(), {"heard": len(heard)})


def _app() -> CorpApp:
    now = timezone.now()
    corp = create_corp(corpid=CORPID, name="bench", by=None, now=now)
    secrets = {"callback_token": TOKEN, "callback_aes_key": AES_KEY}
    return create_app(corp=corp, kind="contacts", name="bench", by=None, now=now, secrets=secrets)


class Hearing:
    """A handler that only keeps the numbers."""

    def __init__(self, heard: list[int]) -> None:
        self._heard = heard

    def __call__(self, callback: Callback, now: datetime) -> None:
        del now
        self._heard.append(callback.number)


def _deliveries(app: CorpApp, turn: int, count: int) -> list[bytes]:
    """Whole requests, none like another, signed now."""
    timestamp = str(int(timezone.now().timestamp()))
    return [_delivery(app, turn * CALLBACKS * 10 + number, number % CUSTOMERS, timestamp) for number in range(count)]


def _delivery(app: CorpApp, second: int, customer: int, timestamp: str) -> bytes:
    message = MESSAGE.format(second=second, customer=customer).encode()
    encrypted = encrypt(message, aes_key=AES_KEY, receiver=CORPID, random=os.urandom(16))
    signed = signature(token=TOKEN, timestamp=timestamp, nonce=str(second), encrypted=encrypted)
    path = reverse("wecom:callback", args=(app.pk,))
    body = f"<xml><ToUserName>{CORPID}</ToUserName><AgentID></AgentID><Encrypt>{encrypted}</Encrypt></xml>"
    return (
        f"POST {path}?msg_signature={signed}&timestamp={timestamp}&nonce={second} HTTP/1.1\r\nHost: {HOST}\r\n"
        f"Content-Type: text/xml\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


def _work(options: Options) -> None:
    while process_due(clock=timezone.now):
        options.say(f"{CallbackEvent.objects.filter(state=CallbackState.WAITING).count()} left")


def _numbers() -> list[int]:
    return sorted(CallbackEvent.objects.values_list("pk", flat=True))


def _whole(name: str, holds: bool, parts: dict[str, int]) -> Figure:  # noqa: FBT001  # a figure is true or false
    return Figure(name=name, value=float(holds), unit="", target="1", holds=holds, parts=parts)
