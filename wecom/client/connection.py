"""Asking the platform: with the token of the app, as often as makes sense, and never once more than that."""

import logging
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any, Protocol

from core.http import Client, OutgoingFailed, OutgoingTimedOut, OutgoingTooLarge, OutgoingUnreached
from wecom.client.answers import Failure, Read, Unreadable, read, read_bytes
from wecom.client.dispatch import Call, Upload, prepare
from wecom.client.endpoints import ENDPOINTS, Endpoint
from wecom.client.faults import BUSY, Kind
from wecom.errors import (
    ApiBlocked,
    CallMalformed,
    Retryable,
    Terminal,
    TokenProblem,
    UnknownAfterDispatch,
    WecomFailed,
)

log = logging.getLogger(__name__)

RETRIES = 3  # as the platform's page of error codes says
BACK_OFF = (0.5, 1.0, 2.0)
SECONDS, SECONDS_FOR_FILES = 10.0, 60.0


@dataclass(frozen=True)
class Token:
    """`version` tells this token from the one that follows it. Its text is never shown."""

    text: str
    version: int

    def __repr__(self) -> str:
        return f"Token(version={self.version})"


class Tokens(Protocol):
    """Who keeps the token of an app, for all processes."""

    def current(self) -> Token:
        """One that is valid as far as we know. Raises TokenProblem or Retryable."""

    def drop(self, token: Token) -> None:
        """The platform does not take it. Does nothing if somebody has a newer one already."""


class Brakes(Protocol):
    """Who keeps how often an operation is called."""

    def check(self, api: str) -> None:
        """Raises ApiBlocked while the operation is stopped."""

    def stop(self, api: str, *, errcode: int, asked_at: datetime) -> ApiBlocked:
        """The platform stopped it, in answer to a call of that moment; answers with the error to raise."""

    def passed(self, api: str, *, asked_at: datetime) -> None:
        """A call of that moment went through."""


@dataclass(frozen=True)
class Lost:
    """No answer. `sent` is False where nothing can have arrived."""

    sent: bool


Said = Read | bytes | Lost


@dataclass(frozen=True, kw_only=True)
class Line:
    """The way to one host, and the patience to use it; clock and sleep are given, so that tests need no time."""

    base_url: str
    http: Client
    clock: Callable[[], datetime]
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random

    def send(self, call: Call, token: str | None) -> Said:
        """One attempt. Raises OutgoingRefused where the host may not be asked at all."""
        endpoint = call.endpoint
        query = {**call.query, **({"access_token": token} if token is not None else {})}
        try:
            answer = self.http.request(
                endpoint.method,
                self.base_url + endpoint.path,
                params=query,
                body=call.body,
                headers={"Content-Type": call.content_type} if call.content_type else None,
                max_seconds=SECONDS_FOR_FILES if endpoint.file or endpoint.bytes else SECONDS,
            )
        except OutgoingUnreached:
            return Lost(sent=False)
        except (OutgoingFailed, OutgoingTimedOut, OutgoingTooLarge):
            return Lost(sent=True)
        return read_bytes(answer) if endpoint.bytes else read(answer)

    def insist(self, call: Call, attempt: Callable[[], Said]) -> Said:
        """Again, with longer and longer pauses, while the platform is busy or the line is, and once more does no harm."""
        said = attempt()
        for pause in BACK_OFF[:RETRIES]:
            if not is_worth_repeating(call, said):
                break
            self.sleep(pause * (0.5 + self.chance()))
            said = attempt()
        return said


class WecomClient:
    """Speaks for one app of a corp. Call it outside of transactions: an answer may take ten seconds.

    Every call raises CallMalformed (a mistake of the program), or one of the four kinds of `wecom.errors`.
    """

    def __init__(self, *, line: Line, tokens: Tokens, brakes: Brakes) -> None:
        self._line, self._tokens, self._brakes = line, tokens, brakes

    def call(self, api: str, /, **values: Any) -> dict[str, Any]:
        """`api` is a row of the table (`externalcontact/get`); answers with the platform's own fields."""
        return self._data(prepare(_known(api), values))

    def upload(self, api: str, upload: Upload, /, **values: Any) -> dict[str, Any]:
        """A file. `created_at` is a number in the answer, whichever of its forms the platform used."""
        said = self._data(prepare(_known(api), values, upload))
        return {**said, "created_at": int(said["created_at"])} if "created_at" in said else said

    def download(self, api: str, /, **values: Any) -> bytes:
        said = self._ask(prepare(_known(api), values))
        assert isinstance(said, bytes)  # noqa: S101  # the row says so
        return said

    def _data(self, call: Call) -> dict[str, Any]:
        said = self._ask(call)
        assert isinstance(said, dict)  # noqa: S101  # the row says so
        return said

    def _ask(self, call: Call) -> dict[str, Any] | bytes:
        asked_at = self._line.clock()

        def attempt() -> Said:
            nonlocal asked_at
            self._brakes.check(call.endpoint.api)
            asked_at = self._line.clock()
            return self._with_token(call)

        said = self._line.insist(call, attempt)
        if isinstance(said, dict | bytes):
            self._brakes.passed(call.endpoint.api, asked_at=asked_at)
            return said
        if isinstance(said, Failure) and said.fault.kind == Kind.BLOCK:
            raise self._brakes.stop(call.endpoint.api, errcode=said.fault.code, asked_at=asked_at)
        raise error_of(call, said)

    def _with_token(self, call: Call) -> Said:
        """With a fresh token once more, if the platform does not take the one that was there."""
        token = self._tokens.current()
        said = self._line.send(call, token.text)
        if not (isinstance(said, Failure) and said.fault.kind == Kind.TOKEN):
            return said
        self._tokens.drop(token)
        return self._line.send(call, self._tokens.current().text)


def is_worth_repeating(call: Call, said: Said) -> bool:
    """Whether the same call may do better in a moment, and cannot be carried out twice by being sent twice."""
    if isinstance(said, Failure):
        return said.fault.kind == Kind.RETRY and not _may_be_done(call, said)
    if isinstance(said, Lost):
        return call.may_repeat or not said.sent
    return isinstance(said, Unreadable) and call.may_repeat and not _refused(said)


def error_of(call: Call, said: Failure | Unreadable | Lost) -> WecomFailed:
    """The error for the last answer, and a line in the log without any value of the call."""
    api = call.endpoint.api
    if isinstance(said, Failure):
        fault = said.fault
        log.warning("WeCom answered %s with %d, hint: [%s]", api, fault.code, said.trace)
        kind = _error_class(call, said)
        if kind is UnknownAfterDispatch:
            return UnknownAfterDispatch(api=api, errcode=fault.code, trace=said.trace)
        return kind(fault.message, api=api, errcode=fault.code, hint=fault.hint, trace=said.trace)
    log.warning("WeCom did not answer %s: %r", api, said)
    if isinstance(said, Unreadable) and _refused(said):
        return Terminal(api=api, errcode=0)
    unsure = not call.may_repeat and not (isinstance(said, Lost) and not said.sent)
    return (UnknownAfterDispatch if unsure else Retryable)(api=api)


def _error_class(call: Call, said: Failure) -> type[WecomFailed]:
    if _may_be_done(call, said):
        return UnknownAfterDispatch
    return {Kind.RETRY: Retryable, Kind.TOKEN: TokenProblem}.get(said.fault.kind, Terminal)


def _may_be_done(call: Call, said: Failure) -> bool:
    """Being busy does not say how far the platform came. All the other codes are refusals, before anything was done."""
    return said.fault.code == BUSY and not call.may_repeat


def _refused(said: Unreadable) -> bool:
    """Something on the way turned the call back; 408 and 429 are said by who was too slow or asks for patience."""
    client_error = HTTPStatus.BAD_REQUEST <= said.status < HTTPStatus.INTERNAL_SERVER_ERROR
    return client_error and said.status not in {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS}


def _known(api: str) -> Endpoint:
    try:
        return ENDPOINTS[api]
    except KeyError:
        raise CallMalformed(fields={"api": [f"{api} is not in the table"]}) from None
