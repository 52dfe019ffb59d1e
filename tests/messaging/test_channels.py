"""Each adapter against a real server on the loopback: what goes out, and what each answer means."""

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from messaging.channels.contract import Connection, Message, Result, Setup
from messaging.channels.email import Email
from messaging.channels.registered import adapter_of, adapters
from messaging.channels.sms.adapter import Sms, SmsConnection, in_shape
from messaging.channels.webhook import Webhook, WebhookConnection
from messaging.enums import Idempotency
from messaging.rules.signing import is_signed
from tests.audit.servers import PostOffice, post_office
from tests.messaging.sinks import BREAKS, HANGS, Sink

MESSAGE = Message(
    key="k-1", reference=7, member_id=3, to="13900000001", subject="新品", text="你好", refuse_url="/u/x/"
)
SECRET = "geheim"
Connect = Callable[..., SmsConnection]
#: Sinks of the benches have this place, where they were loaded.
OF_THE_BENCHES = 900


def setup(**settings: Any) -> Setup:
    return Setup(sender="悦肤", refusal="拒收请回复R", settings=settings, secret=SECRET)


def result(outcome: str, external_id: str = "", error: str = "") -> tuple[str, str, str]:
    return outcome, external_id, error


def said(found: Result | None) -> tuple[str, str, str]:
    assert found is not None
    return found.outcome, found.external_id, found.error


def test_kinds_are_known_by_their_codes() -> None:
    assert [each.code for each in adapters if each.order < OF_THE_BENCHES] == ["sms_http", "smtp", "webhook"]
    with pytest.raises(KeyError):
        adapter_of("pigeon")


@pytest.fixture
def opened() -> Iterator[list[Connection]]:
    """Connections that are closed in the end."""
    found: list[Connection] = []
    yield found
    for each in found:
        each.close()


# --- SMS ---


@pytest.fixture
def sms(outside: Sink, opened: list[Connection]) -> Callable[..., SmsConnection]:
    def connect(**settings: Any) -> SmsConnection:
        given = setup(**{"url": f"{outside.url}/send", "query_url": f"{outside.url}/query", **settings})
        opened.append(through := SmsConnection(given, lambda: 99.5))
        return through

    return connect


@pytest.fixture
def hook(outside: Sink, opened: list[Connection]) -> WebhookConnection:
    opened.append(through := WebhookConnection(setup(url=outside.url), lambda: 1_795_000_000.0))
    return through


def test_sms_fills_the_fields_of_the_gateway_and_signs_the_body(sms: Connect, outside: Sink) -> None:
    fields = {"phone": "{phone}", "msg": "{text}", "sid": "{key}", "ts": "{time}", "acct": "{account}/{sender}"}
    through = sms(
        fields=fields, account="A", headers={"X-Time": "{time}", "X-App-Code": "{secret}"}, format="form", phone="e164"
    )
    assert said(through.send(MESSAGE)) == result("sent", "X")
    ((path, headers, body, raw),) = outside.calls
    assert path == "/send"
    assert body == {"phone": "+8613900000001", "msg": "你好", "sid": "k-1", "ts": "99", "acct": "A/悦肤"}
    assert (headers["X-Time"], headers["X-App-Code"]) == ("99", SECRET)
    assert headers["X-Signature"] == hmac.new(SECRET.encode(), raw, hashlib.sha256).hexdigest()


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ((200, {"code": "0", "id": "N1"}), result("sent", "N1")),
        ((200, {"code": 0}), result("sent")),
        ((200, {"code": "busy"}), result("later", error="code_busy")),
        ((200, {"code": "17"}), result("refused", error="code_17")),
        ((200, {"id": "N1"}), result("refused", error="code_")),
        ((200, b"<html>"), result("unknown", error="answer_not_read")),
        ((429, {}), result("later", error="http_429")),
        ((503, {}), result("later", error="http_503")),
        ((403, {}), result("refused", error="http_403")),
        ((502, {}), result("unknown", error="http_502")),
        ((302, {}), result("unknown", error="http_302")),
        (BREAKS, result("unknown", error="outgoing_failed")),
    ],
)
def test_sms_answers_and_what_they_mean(
    sms: Connect, outside: Sink, answer: Any, outcome: tuple[str, str, str]
) -> None:
    outside.answer = lambda _body: answer
    assert said(sms(retry_values=["busy"]).send(MESSAGE)) == outcome


def test_sms_gateway_that_never_answers_leaves_a_doubt(
    sms: Connect, outside: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("messaging.channels.sms.adapter.MAX_SECONDS", 0.3)
    outside.answer = lambda _body: HANGS
    assert said(sms().send(MESSAGE)) == result("unknown", error="outgoing_timed_out")


def test_nobody_there_and_nobody_allowed_took_nothing(sms: Connect, outside: Sink, settings: Any) -> None:
    assert said(sms(url="http://127.0.0.1:1/").send(MESSAGE)) == result("later", error="outgoing_unreached")
    settings.SCRM_HTTP_ALLOWED = []
    assert said(sms().send(MESSAGE)) == result("refused", error="outgoing_refused")
    assert outside.calls == []


@pytest.mark.parametrize(
    ("state", "outcome"),
    [
        ("sent", result("sent")),
        ("failed", result("refused", error="told_failed")),
        ("queued", result("unknown", error="not_told")),
    ],
)
def test_sms_gateway_is_asked(sms: Connect, outside: Sink, state: str, outcome: tuple[str, str, str]) -> None:
    outside.answer = lambda _body: (200, {"state": state})
    assert said(sms().ask(MESSAGE)) == outcome
    ((path, _headers, body, _raw),) = outside.calls
    assert (path, body) == ("/query", {"uid": "7"})


def test_sms_gateway_that_does_not_know_a_message_says_none(sms: Connect, outside: Sink) -> None:
    outside.answer = lambda _body: (200, {"state": "unknown"})
    assert sms().ask(MESSAGE) is None
    outside.answer = lambda _body: (404, {})
    assert said(sms().ask(MESSAGE)) == result("unknown", error="http_404")


def test_sms_promise_and_composition() -> None:
    assert Sms().promise(setup(repeat="key", key_hours=2)).window.total_seconds() == 7200
    assert Sms().promise(setup()).kind == Idempotency.NONE
    assert Sms().compose(setup(), MESSAGE).text == "【悦肤】你好 拒收请回复R"
    assert (in_shape("+8613900000001", "national"), in_shape("13900000001", "e164")) == (
        "13900000001",
        "+8613900000001",
    )


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({}, "url"),
        ({"url": "ftp://x"}, "url"),
        ({"url": 7}, "url"),
        ({"url": "https://x", "format": "xml"}, "format"),
        ({"url": "https://x", "phone": "short"}, "phone"),
        ({"url": "https://x", "repeat": "always"}, "repeat"),
        ({"url": "https://x", "key_hours": 0}, "key_hours"),
        ({"url": "https://x", "key_hours": True}, "key_hours"),
        ({"url": "https://x", "fields": {"m": "{phone}"}}, "fields"),
        ({"url": "https://x", "fields": {"m": "{phone}{text}"}, "repeat": "key"}, "fields"),
        ({"url": "https://x", "fields": {"m": "{phone}{text}{password}"}}, "fields"),
        ({"url": "https://x", "fields": {"m": "{phone.x}{text}"}}, "fields"),
        ({"url": "https://x", "fields": {"m": "{"}}, "fields"),
        ({"url": "https://x", "fields": {"m": "{phone}{text:>999999999}"}}, "fields"),
        ({"url": "https://x", "fields": {"m": "{phone}{text!r}"}}, "fields"),
        ({"url": "https://x", "fields": ["phone"]}, "fields"),
        ({"url": "https://x", "ok_values": "0"}, "ok_values"),
        ({"url": "https://x", "repeat": "query"}, "query_url"),
        ({"url": "https://x", "colour": "red"}, "colour"),
    ],
)
def test_sms_settings_that_cannot_work_are_refused_by_name(settings: dict[str, Any], field: str) -> None:
    assert list(Sms().faults(setup(**settings))) == [field]


def test_sms_without_a_secret_or_a_way_to_refuse_is_refused() -> None:
    whole = setup(url="https://x")
    assert Sms().faults(whole) == {}
    assert list(Sms().faults(replace(whole, secret=""))) == ["secret"]
    assert list(Sms().faults(replace(whole, refusal="谢谢"))) == ["refusal"]


# --- webhook ---


def test_webhook_is_signed_with_its_moment_and_carries_its_key(hook: WebhookConnection, outside: Sink) -> None:
    assert said(hook.send(replace(MESSAGE, values={"a": "b"}, purpose="marketing"))) == result("sent", "X")
    ((_path, headers, body, raw),) = outside.calls
    assert body == {
        "key": "k-1",
        "reference": "7",
        "member": 3,
        "sender": "悦肤",
        "subject": "新品",
        "text": "你好",
        "purpose": "marketing",
        "values": {"a": "b"},
    }
    assert headers["Idempotency-Key"] == "k-1"
    assert is_signed(SECRET, raw, headers["X-Scrm-Signature"], seconds=1_795_000_000)
    assert not is_signed(SECRET, raw + b" ", headers["X-Scrm-Signature"], seconds=1_795_000_000)


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ((204, b""), result("sent")),
        ((200, b"taken"), result("sent")),
        ((200, [1]), result("sent")),
        ((202, {"id": 9}), result("sent", "9")),
        ((400, {}), result("refused", error="http_400")),
        ((429, {}), result("later", error="http_429")),
        ((500, {}), result("unknown", error="http_500")),
        (BREAKS, result("unknown", error="outgoing_failed")),
    ],
)
def test_webhook_answers_and_what_they_mean(
    hook: WebhookConnection, outside: Sink, answer: Any, outcome: tuple[str, str, str]
) -> None:
    outside.answer = lambda _body: answer
    assert said(hook.send(MESSAGE)) == outcome


def test_webhook_settings() -> None:
    hook = Webhook()
    assert hook.faults(setup(url="https://x")) == {}
    assert sorted(hook.faults(Setup(sender="", refusal="", settings={"key_hours": 999}, secret=""))) == [
        *("key_hours", "refusal", "secret", "url"),
    ]
    assert hook.promise(setup()).window.total_seconds() == 86_400
    assert hook.compose(setup(), MESSAGE).text == "你好 拒收请回复R"


# --- e-mail ---

MAIL = {"from": "news@brand.example", "link_base": "https://crm.brand.example/"}
TO_HER = replace(MESSAGE, to="lin@example.com", text="你好\n.\n再见")


@pytest.fixture
def office(settings: Any) -> Iterator[PostOffice]:
    with post_office() as server:
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", server.port, 5
        yield server


def mailed() -> Result:
    adapter, given = Email(), replace(setup(**MAIL), refusal="退订")
    through = adapter.open(given)
    try:
        return through.send(adapter.compose(given, TO_HER))
    finally:
        through.close()


def test_mail_has_its_key_its_refusal_and_its_text(office: PostOffice) -> None:
    assert said(mailed()) == result("sent", "k-1@brand.example")
    ((sender, to, mail),) = office.taken
    assert (sender, to) == ("news@brand.example", ["lin@example.com"])
    assert mail["Message-ID"] == "<k-1@brand.example>"
    assert mail["List-Unsubscribe"] == "<https://crm.brand.example/u/x/>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    text = mail.get_payload(decode=True).decode().replace("\r\n", "\n")
    assert text == "你好\n.\n再见\n\n--\n悦肤\n退订: https://crm.brand.example/u/x/\n"


def test_mail_that_is_refused_was_not_taken(office: PostOffice) -> None:
    office.refuses = True
    assert said(mailed()) == result("refused", error="smtp_550")
    assert office.taken == []


@pytest.mark.parametrize("to", ["林@example.com", "lin@@example.com", "", "lin@example.com, wu@example.com"])
def test_mail_to_what_is_no_address_was_never_offered(office: PostOffice, to: str) -> None:
    adapter, given = Email(), replace(setup(**MAIL), refusal="退订")
    through = adapter.open(given)
    assert said(through.send(adapter.compose(given, replace(TO_HER, to=to)))) == result(
        "refused", error="address_not_valid"
    )
    assert office.taken == []


def test_mail_server_that_is_away_took_nothing(settings: Any) -> None:
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    assert said(mailed()) == result("later", error="not_connected_ConnectionRefusedError")


class Server:
    """What an open connection says to the steps of a mail."""

    def __init__(self, mail: int = 250, rcpt: int = 250, data: Any = (250, b"")) -> None:
        self._mail, self._rcpt, self._data = mail, rcpt, data

    def mail(self, _sender: str) -> tuple[int, bytes]:
        return self._mail, b""

    def rcpt(self, _to: str) -> tuple[int, bytes]:
        return self._rcpt, b""

    def data(self, _content: bytes) -> tuple[int, bytes]:
        if isinstance(self._data, BaseException):
            raise self._data
        return self._data  # type: ignore[no-any-return]

    def rset(self) -> None:
        """Nothing to undo."""

    def close(self) -> None:
        """Nothing to close."""


@pytest.mark.parametrize(
    ("server", "outcome"),
    [
        (Server(mail=451), result("later", error="smtp_451")),
        (Server(rcpt=553), result("refused", error="smtp_553")),
        (Server(data=(452, b"")), result("later", error="smtp_452")),
        (Server(data=(554, b"")), result("refused", error="smtp_554")),
        (Server(data=ConnectionResetError()), result("unknown", error="broke_after_data")),
        (Server(data=TimeoutError()), result("unknown", error="broke_after_data")),
    ],
)
def test_mail_is_in_doubt_only_after_its_content_has_left(server: Server, outcome: tuple[str, str, str]) -> None:
    adapter, given = Email(), replace(setup(**MAIL), refusal="退订")
    through: Any = adapter.open(given)
    through._server = server
    assert said(through.send(adapter.compose(given, TO_HER))) == outcome
    assert said(through.ask(TO_HER)) == result("unknown", error="not_told")


def test_mail_settings() -> None:
    assert sorted(Email().faults(Setup(sender="悦肤", refusal="", settings={}, secret=""))) == [
        "from",
        "link_base",
        "refusal",
    ]
    assert Email().faults(replace(setup(**MAIL), refusal="退订")) == {}
    assert Email().promise(setup()).kind == Idempotency.NONE


def test_values_in_headers_stay_in_one_line(office: PostOffice) -> None:
    adapter, given = Email(), replace(setup(**MAIL), refusal="退订")
    through = adapter.open(given)
    assert through.send(replace(adapter.compose(given, TO_HER), subject="a\r\nBcc: x@y.z")).outcome == "sent"
    through.close()
    ((_sender, _to, mail),) = office.taken
    assert (mail["Subject"], mail["Bcc"]) == ("a Bcc: x@y.z", None)
    assert json.dumps(mail.keys())
