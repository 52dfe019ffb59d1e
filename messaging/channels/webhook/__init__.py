"""Webhook: a signed call to a system of the brand's own, which carries the message on by its channel.

The receiver keeps each `Idempotency-Key` for as long as the setting `key_hours` says and acts on it once. It checks
`X-Scrm-Signature` (`messaging.rules.signing`): the secret, the body, and that the call is no older than five minutes.
Any 2xx means taken; the body may say `{"id": "…"}`.
"""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from compliance.enums.consent import REACHING
from core.errors import FieldErrors
from core.http import Answer, Client, OutgoingFailed
from messaging.channels.contract import Connection, Message, Result, Setup, adapters
from messaging.channels.http_results import asked
from messaging.enums import Idempotency, Outcome
from messaging.rules.blocks import with_refusal
from messaging.rules.promises import Promise
from messaging.rules.signing import sign

MAX_BYTES = 20_000
MAX_SECONDS = 15.0
KEY_HOURS = 24
MOST_HOURS = 24 * 30
LONGEST_ID = 80


class Webhook:
    """Members are named by our own number: the receiver knows them by it."""

    code = "webhook"
    label = _("Webhook")
    order = 30
    channels = tuple(REACHING)
    identity = None
    links_refusal = False
    parallel = 8

    def faults(self, setup: Setup) -> FieldErrors:
        url, hours = setup.settings.get("url"), setup.settings.get("key_hours", KEY_HOURS)
        found: dict[str, list[Any]] = {}
        if not isinstance(url, str) or not url.startswith(("https://", "http://")):
            found["url"] = [_("An address that begins with https://.")]
        if not isinstance(hours, int) or not 1 <= hours <= MOST_HOURS:
            found["key_hours"] = [_("Whole hours, from 1 to 720.")]
        if not setup.secret:
            found["secret"] = [_("The receiver has to know that it is we who call: give a secret.")]
        if not setup.refusal:
            found["refusal"] = [_("Say how a member refuses.")]
        return found

    def promise(self, setup: Setup) -> Promise:
        return Promise(kind=Idempotency.KEY, window=timedelta(hours=setup.settings.get("key_hours", KEY_HOURS)))

    def open(self, setup: Setup) -> Connection:
        return WebhookConnection(setup)

    def compose(self, setup: Setup, message: Message) -> Message:
        return replace(message, text=with_refusal(message.text, setup.refusal))


class WebhookConnection:
    def __init__(self, setup: Setup, clock: Callable[[], float] = time.time) -> None:
        self._client = Client()
        self._setup = setup
        self._clock = clock

    def send(self, message: Message) -> Result:
        body = json.dumps(_content(message, self._setup.sender), ensure_ascii=False).encode()
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": message.key,
            "X-Scrm-Signature": sign(self._setup.secret, body, seconds=int(self._clock())),
        }

        def call() -> Answer:
            return self._client.post(
                self._setup.settings["url"], headers=headers, body=body, max_bytes=MAX_BYTES, max_seconds=MAX_SECONDS
            )

        return asked(call, _taken)

    def ask(self, message: Message) -> Result | None:
        """A receiver that keeps keys is offered the message again instead."""
        return self.send(message)

    def close(self) -> None:
        self._client.close()


def _content(message: Message, sender: str) -> Mapping[str, Any]:
    return {
        "key": message.key,
        "reference": str(message.reference),
        "member": message.member_id,
        "sender": sender,
        "subject": message.subject,
        "text": message.text,
        "purpose": message.purpose,
        "values": dict(message.values),
    }


def _taken(answer: Answer) -> Result:
    """What stands in the body of a success is of no consequence, but for a number."""
    try:
        said = answer.json() if answer.body else {}
    except OutgoingFailed:
        said = {}
    number = said.get("id", "") if isinstance(said, dict) else ""
    return Result(outcome=Outcome.SENT, external_id=str(number)[:LONGEST_ID])


adapters.register(Webhook())
