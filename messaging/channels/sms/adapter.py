"""Offering short messages, and asking what became of them."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext_lazy as _

from compliance.enums.consent import Channel
from compliance.rules.keywords import asks_to_stop
from core.errors import FieldErrors
from core.http import Answer, Client, OutgoingFailed
from members.enums import IdentityType
from messaging.channels.contract import Connection, Message, Result, Setup
from messaging.channels.http_results import asked
from messaging.channels.sms.settings import faults_of, read_settings
from messaging.enums import Outcome
from messaging.rules.blocks import signed, with_refusal
from messaging.rules.promises import Promise
from messaging.rules.signing import digest

MAX_BYTES = 100_000
MAX_SECONDS = 15.0
LONGEST_ID = 80
MAINLAND = "+86"


class Sms:
    """A generic gateway for short messages."""

    code = "sms_http"
    label = _("SMS gateway by HTTP")
    order = 10
    channels = (Channel.SMS,)
    identity = IdentityType.PHONE
    links_refusal = False
    parallel = 8

    def faults(self, setup: Setup) -> FieldErrors:
        found = faults_of(setup.settings)
        if not setup.secret:
            found["secret"] = [_("Calls are signed: give the secret that the gateway gave you.")]
        if not asks_to_stop(setup.refusal.rsplit("回复", 1)[-1]) and not asks_to_stop(setup.refusal):
            found["refusal"] = [_("Name a word that we take as a refusal, such as 拒收请回复R.")]
        return found

    def promise(self, setup: Setup) -> Promise:
        return read_settings(setup.settings).promise

    def open(self, setup: Setup) -> Connection:
        return SmsConnection(setup)

    def compose(self, setup: Setup, message: Message) -> Message:
        return replace(message, text=signed(with_refusal(message.text, setup.refusal), setup.sender))


class SmsConnection:
    def __init__(self, setup: Setup, clock: Callable[[], float] = time.time) -> None:
        self._client = Client()
        self._settings = read_settings(setup.settings)
        self._setup = setup
        self._clock = clock

    def send(self, message: Message) -> Result:
        return asked(lambda: self._post(self._settings.url, self._settings.fields, message), self._taken)

    def ask(self, message: Message) -> Result | None:
        """An answer that says neither is UNKNOWN; None is "we do not know that message"."""
        settings = self._settings
        found: list[str] = []

        def read(answer: Answer) -> Result:
            found.append(_at(_json(answer), settings.query_path))
            sent = found[0] in settings.query_sent
            if not sent and found[0] not in settings.query_failed:
                return Result(outcome=Outcome.UNKNOWN, error="not_told")
            return Result(
                outcome=Outcome.SENT if sent else Outcome.REFUSED, error="" if sent else f"told_{found[0]}"[:80]
            )

        result = asked(lambda: self._post(settings.query_url, settings.query_fields, message), read)
        if found and found[0] in settings.query_missing:
            return None
        return result if found else Result(outcome=Outcome.UNKNOWN, error=result.error)

    def close(self) -> None:
        self._client.close()

    def _post(self, url: str, fields: Mapping[str, str], message: Message) -> Answer:
        places = self._places(message)
        values = {name: text.format_map(places) for name, text in fields.items()}
        as_json = self._settings.format == "json"
        body = (json.dumps(values, ensure_ascii=False) if as_json else urlencode(values)).encode()
        headers = {name: text.format_map(places) for name, text in self._settings.headers.items()}
        headers["Content-Type"] = "application/json" if as_json else "application/x-www-form-urlencoded"
        headers[self._settings.signature] = digest(self._setup.secret, body)
        return self._client.post(url, headers=headers, body=body, max_bytes=MAX_BYTES, max_seconds=MAX_SECONDS)

    def _places(self, message: Message) -> Mapping[str, str]:
        return {
            "phone": in_shape(message.to, self._settings.phone),
            "text": message.text,
            "key": message.key,
            "reference": str(message.reference),
            "time": str(int(self._clock())),
            "sender": self._setup.sender,
            "account": self._settings.account,
            "secret": self._setup.secret,
        }

    def _taken(self, answer: Answer) -> Result:
        """A success that cannot be read may be one all the same."""
        said = _json(answer)
        if said is None:
            return Result(outcome=Outcome.UNKNOWN, error="answer_not_read")
        code = _at(said, self._settings.ok_path)
        if code in self._settings.ok_values:
            return Result(outcome=Outcome.SENT, external_id=_at(said, self._settings.id_path)[:LONGEST_ID])
        outcome = Outcome.LATER if code in self._settings.retry_values else Outcome.REFUSED
        return Result(outcome=outcome, error=f"code_{code}"[:LONGEST_ID])


def in_shape(phone: str, shape: str) -> str:
    """As the gateway wants a number: most of the mainland take the eleven digits alone."""
    if shape == "e164":
        return phone if phone.startswith("+") else f"{MAINLAND}{phone}"
    return phone.removeprefix(MAINLAND)


def _json(answer: Answer) -> Any:
    try:
        return answer.json()
    except OutgoingFailed:
        return None


def _at(said: Any, path: str) -> str:
    """The value at `a.b.c`, as a text; "" where there is none."""
    for name in path.split("."):
        said = said.get(name) if isinstance(said, Mapping) else None
    return "" if said is None or isinstance(said, Mapping | list) else str(said)
