"""What calls our address: taken once if it is the platform's, refused and counted if it is not."""

import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from core.services import sealing
from tests.wecom.deliveries import FIXTURES, contact, deliver, envelope, post, welcome
from tests.wecom.platform import AES_KEY, CORPID, NOW, TOKEN, a_corp, an_app
from wecom.enums import Lane, Refusal
from wecom.errors import CallbackRefused
from wecom.models import CallbackEvent, CallbackRefusal, Corp, CorpApp
from wecom.rules.callback_bodies import Bomb, Unreadable, read_envelope, read_message
from wecom.rules.callback_crypto import signature
from wecom.services.receiving import MAX_BYTES, answer_to_check, receive

pytestmark = pytest.mark.django_db
OTHER_KEY = "kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR"
BOMB = b"""<?xml version="1.0"?><!DOCTYPE xml [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><xml><Encrypt>&c;</Encrypt></xml>"""
OUTSIDE = b'<!DOCTYPE xml [<!ENTITY a SYSTEM "file:///etc/passwd">]><xml><Encrypt>&a;</Encrypt></xml>'


@pytest.fixture
def app() -> CorpApp:
    return an_app()


@pytest.fixture
def address(app: CorpApp) -> str:
    return reverse("wecom:callback", args=(app.pk,))


@pytest.fixture
def woken(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str | None]]:
    said: list[tuple[str, str | None]] = []
    monkeypatch.setattr(
        "wecom.services.receiving.wake_after_commit", lambda task, queue=None: said.append((task, queue))
    )
    return said


def body_of(event: CallbackEvent) -> str:
    field = CallbackEvent._meta.get_field("body")
    return str(sealing.open_one(field, subject_id=event.app_id, sealed=event.body))  # type: ignore[arg-type]


def refusals() -> dict[str, int]:
    return dict(CallbackRefusal.objects.values_list("reason", "count"))


@pytest.mark.parametrize("as_json", [False, True])
def test_callback_is_stored_as_it_came_and_answered(app: CorpApp, address: str, *, as_json: bool) -> None:
    message = contact("wo-林")
    answer = post(address, *envelope(message, now=timezone.now(), as_json=as_json))
    assert (answer.status_code, answer.content) == (200, b"success")
    event = CallbackEvent.objects.get()
    assert body_of(event).encode() == message
    assert bytes(event.digest) == hashlib.sha256(message).digest()
    assert (event.event, event.change, event.lane) == ("change_external_contact", "add_external_contact", Lane.NORMAL)
    assert event.happened_at is not None
    assert event.happened_at.timestamp() == 1403610513
    assert (event.state, event.attempts, event.handled, event.repeats) == ("waiting", 0, [], 0)
    assert b"wo-" not in bytes(event.body or b"")


def test_address_is_proved_with_exactly_the_text(app: CorpApp, address: str) -> None:
    query, body = envelope(b"1616140317555161061", now=timezone.now())
    echo = {**query, "echostr": read_envelope(body)}
    answer = Client().get(address, echo)
    assert (answer.status_code, answer.content) == (200, b"1616140317555161061")
    assert Client().get(address, query).status_code == 403
    assert refusals() == {"malformed": 1}


def test_vectors_of_others_are_taken_by_their_app() -> None:
    path = FIXTURES / "crypto/crypto_vectors.json"
    if not path.exists():
        pytest.skip("the crypto vectors are not there")
    for place, vector in enumerate(json.loads(path.read_text(encoding="utf-8"))["vectors"]):
        corp, _made = Corp.objects.get_or_create(
            corpid=vector["receive_id"], defaults={"name": vector["id"], "created_at": NOW}
        )
        keys = {"callback_token": vector["token"], "callback_aes_key": vector["encoding_aes_key"]}
        app = an_app(corp, kind=("app", "kf", "contacts", "directory", "kf")[place], **keys)
        then = datetime.fromtimestamp(int(vector["timestamp"]), tz=UTC)
        query = {"msg_signature": vector["msg_signature"], "timestamp": vector["timestamp"], "nonce": vector["nonce"]}
        if vector["kind"] == "verify_url":
            said = answer_to_check(app_id=app.pk, query={**query, "echostr": vector["encrypt"]}, now=then)
            assert said.decode() == vector["expected_plaintext"]
        else:
            body = f"<xml><Encrypt><![CDATA[{vector['encrypt']}]]></Encrypt></xml>".encode()
            stored = receive(app_id=app.pk, query=query, body=body, now=then)
            assert body_of(CallbackEvent.objects.get(pk=stored.event_id)) == vector["expected_plaintext"]


def test_same_delivery_is_stored_once(app: CorpApp) -> None:
    """Encrypted anew each time, as the platform does when it asks again."""
    first = deliver(app, contact())
    again = deliver(app, contact(), nonce="77", now=NOW + timedelta(seconds=5))
    assert (first.fresh, again.fresh, again.event_id) == (True, False, first.event_id)
    assert CallbackEvent.objects.get().repeats == 1


def test_two_customers_in_the_same_second_are_two(app: CorpApp) -> None:
    """The platform's own advice, sender and second, would make one of them."""
    assert deliver(app, contact("wo1")).fresh
    assert deliver(app, contact("wo2")).fresh
    assert CallbackEvent.objects.count() == 2


def test_two_apps_are_told_the_same_thing(app: CorpApp) -> None:
    other = an_app(app.corp, kind="app")
    assert deliver(app, contact()).fresh
    assert deliver(other, contact()).fresh


def test_welcome_goes_first_and_wakes_a_worker_once(app: CorpApp, woken: list[Any]) -> None:
    deliver(app, contact("wo2"))
    assert woken == []
    deliver(app, welcome())
    deliver(app, welcome())
    assert woken == [("wecom.process_urgent", "priority")]
    assert list(CallbackEvent.objects.order_by("pk").values_list("lane", flat=True)) == [Lane.NORMAL, Lane.URGENT]


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ({"token": "another"}, Refusal.WRONG_TOKEN),
        ({"aes_key": OTHER_KEY}, Refusal.WRONG_KEY),
        ({"receiver": "ww-another"}, Refusal.WRONG_RECEIVER),
        ({"receiver": ""}, Refusal.WRONG_RECEIVER),
        ({"now": NOW - timedelta(seconds=601)}, Refusal.STALE),
        ({"now": NOW + timedelta(seconds=601)}, Refusal.STALE),
    ],
)
def test_forgery_is_refused_and_counted(app: CorpApp, how: dict[str, Any], reason: str) -> None:
    for _time in range(2):
        query, body = envelope(contact(), **how)
        with pytest.raises(CallbackRefused) as raised:
            receive(app_id=app.pk, query=query, body=body, now=NOW)
        assert raised.value.reason == reason
    assert CallbackEvent.objects.count() == 0
    counted = CallbackRefusal.objects.get()
    assert (counted.app, counted.reason, counted.count, counted.last_at) == (app, reason, 2, NOW)
    assert "." in str(counted)


def test_what_is_just_in_time_is_taken(app: CorpApp) -> None:
    for seconds in (-600, 600):
        query, body = envelope(contact(f"wo{seconds}"), now=NOW + timedelta(seconds=seconds))
        assert receive(app_id=app.pk, query=query, body=body, now=NOW).fresh


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (BOMB, Refusal.BOMB),
        (OUTSIDE, Refusal.BOMB),
        (b"<!DOCTYPE xml><xml/>", Refusal.BOMB),
        (b"", Refusal.MALFORMED),
        (b"<xml>", Refusal.MALFORMED),
        (b"<xml/>", Refusal.MALFORMED),
        (b"<xml><Encrypt/></xml>", Refusal.MALFORMED),
        (b"<xml><Encrypt><a/></Encrypt></xml>", Refusal.MALFORMED),
        (b"<?xml version='1.0' encoding='nothing'?><xml/>", Refusal.MALFORMED),
        (b"<a>" * 20_000, Refusal.MALFORMED),
        (b"<a>" * 20_000 + b"</a>" * 20_000, Refusal.MALFORMED),
        (b'{"encrypt": 5', Refusal.MALFORMED),
        (b'{"encrypt": []}', Refusal.MALFORMED),
        (b'{"a":' * 20_000 + b"1" + b"}" * 20_000, Refusal.MALFORMED),
        (b"\xff\xfe", Refusal.MALFORMED),
        (b" " * (MAX_BYTES + 1), Refusal.TOO_LARGE),
    ],
)
def test_what_is_no_callback_is_refused(app: CorpApp, address: str, body: bytes, reason: str) -> None:
    query, _body = envelope(contact(), now=timezone.now())
    answer = post(address, query, body)
    assert (answer.status_code, answer.content.decode()) == (403, reason)
    assert refusals() == {reason: 1}
    assert CallbackEvent.objects.count() == 0


@pytest.mark.parametrize("message", [BOMB, OUTSIDE])
def test_bomb_that_is_encrypted_rightly_is_refused_too(app: CorpApp, message: bytes) -> None:
    with pytest.raises(CallbackRefused) as raised:
        deliver(app, message)
    assert raised.value.reason == Refusal.BOMB


@pytest.mark.parametrize("missing", ["msg_signature", "timestamp", "nonce"])
def test_call_without_its_parts_is_refused(app: CorpApp, missing: str) -> None:
    query, body = envelope(contact())
    del query[missing]
    with pytest.raises(CallbackRefused):
        receive(app_id=app.pk, query=query, body=body, now=NOW)
    assert refusals() == {"malformed": 1}


def test_timestamp_that_is_no_number_is_stale(app: CorpApp) -> None:
    for timestamp in ("now", "9" * 400):
        encrypted = read_envelope(envelope(contact())[1])
        signed = _signed(timestamp, encrypted)
        with pytest.raises(CallbackRefused) as raised:
            receive(app_id=app.pk, query=signed, body=envelope(contact())[1], now=NOW)
        assert raised.value.reason == Refusal.STALE


def _signed(timestamp: str, encrypted: str) -> dict[str, str]:
    signed = signature(token=TOKEN, timestamp=timestamp, nonce="1", encrypted=encrypted)
    return {"msg_signature": signed, "timestamp": timestamp, "nonce": "1"}


@pytest.mark.parametrize("number", [99, (1 << 63) - 1, 1 << 63, 10**30])
def test_address_of_no_app_is_refused(number: int) -> None:
    answer = post(f"/wecom/callback/{number}/", *envelope(contact(), now=timezone.now()))
    assert (answer.status_code, answer.content) == (403, b"unknown_app")
    assert CallbackRefusal.objects.get().app is None


@pytest.mark.parametrize("off", ["app", "corp", "keys"])
def test_app_that_is_off_takes_nothing(app: CorpApp, off: str) -> None:
    if off == "app":
        CorpApp.objects.update(active=False)
    elif off == "corp":
        Corp.objects.update(active=False)
    else:
        CorpApp.objects.update(callback_token=None, callback_aes_key=None)
    with pytest.raises(CallbackRefused) as raised:
        deliver(app, contact())
    assert raised.value.reason == Refusal.UNKNOWN_APP
    assert CallbackRefusal.objects.get().app == app


def test_other_methods_are_refused(address: str) -> None:
    assert Client().put(address, b"").status_code == 405


def test_intake_asks_the_database_a_handful_of_times(app: CorpApp) -> None:
    """App, its key, the row: what is answered within the platform's patience stays small."""
    deliver(app, contact("wo0"))
    with CaptureQueriesContext(connection) as said:
        deliver(app, contact("wo1"))
    asked = [query["sql"] for query in said.captured_queries if "SAVEPOINT" not in query["sql"]]
    assert len(asked) == 3


@pytest.mark.parametrize(
    "path", sorted((FIXTURES / "official_docs_transcribed").glob("*.xml")), ids=lambda path: path.stem
)
def test_sample_of_the_handbook_is_taken(app: CorpApp, path: Any) -> None:
    stored = deliver(app, path.read_bytes())
    event = CallbackEvent.objects.get(pk=stored.event_id)
    named = path.stem.split(".")
    assert (event.event, event.change) == (named[0], named[1])
    about_nothing = {"balance_increased", "quota_expire_soon"}
    assert (event.about is None) == (named[1] in about_nothing)


@pytest.mark.parametrize("path", sorted((FIXTURES / "wechatpy_xml").glob("*.xml")), ids=lambda path: path.stem)
def test_sample_of_others_is_taken(app: CorpApp, path: Any) -> None:
    stored = deliver(app, path.read_bytes())
    event = CallbackEvent.objects.get(pk=stored.event_id)
    assert event.event
    assert event.happened_at is not None


def test_bodies_are_read_with_their_lists_and_parts() -> None:
    message = read_message(
        b"<xml><Event>change_external_chat</Event><ChangeType>update</ChangeType><ChatId>wr1</ChatId><MemChangeList>"
        b"<Item>Jack</Item><Item>Rose</Item></MemChangeList><Empty/><CreateTime>x</CreateTime></xml>"
    )
    assert message.fields["MemChangeList"] == {"Item": ["Jack", "Rose"]}
    assert (message.fields["Empty"], message.about, message.happened_at) == ("", "ChatId:wr1", None)


def test_bodies_of_services_and_robots_are_read() -> None:
    suite = read_message(
        b"<xml><SuiteId>s</SuiteId><AuthCorpId>ww</AuthCorpId><InfoType>change_external_contact</InfoType>"
        b"<TimeStamp>1403610513</TimeStamp><ChangeType>add_external_contact</ChangeType>"
        b"<ExternalUserID>wo1</ExternalUserID><WelcomeCode>C</WelcomeCode></xml>"
    )
    assert (suite.event, suite.change, suite.about, suite.is_welcome) == (
        "change_external_contact",
        "add_external_contact",
        "ExternalUserID:wo1",
        True,
    )
    robot = read_message(b'{"msgtype":"event","event":{"eventtype":"enter_chat"},"create_time":1,"n":null}')
    assert (robot.event, robot.fields["n"], robot.fields["create_time"]) == ("enter_chat", "", "1")
    written = read_message(b"<xml><MsgType>text</MsgType><FromUserName>zhangsan</FromUserName></xml>")
    assert (written.event, written.about) == ("message.text", "FromUserName:zhangsan")


@pytest.mark.parametrize("body", [b"[]", b"<xml>text</xml>", b'{"a": ' + b'{"a": ' * 12 + b"1" + b"}" * 13])
def test_body_that_says_nothing_is_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable):
        read_message(body)


def test_entities_are_refused_before_they_grow() -> None:
    with pytest.raises(Bomb):
        read_message(BOMB)


def test_counts_of_a_day_are_one_row(app: CorpApp) -> None:
    for now in (NOW, NOW, NOW + timedelta(days=1)):
        with pytest.raises(CallbackRefused):
            receive(app_id=app.pk, query={}, body=b"<xml><Encrypt>x</Encrypt></xml>", now=now)
    assert list(CallbackRefusal.objects.order_by("day").values_list("count", flat=True)) == [2, 1]


def test_address_does_not_tell_who_is_connected(app: CorpApp) -> None:
    """A stranger's call of an app and of none differ in the word only, and in nothing of the corp."""
    query, body = envelope(contact(), token="guess")
    for address in (reverse("wecom:callback", args=(app.pk,)), "/wecom/callback/12345/"):
        answer = post(address, query, body)
        assert answer.status_code == 403
        assert all(word not in answer.content.decode() for word in (CORPID, TOKEN, AES_KEY))


def test_no_migration_is_missing() -> None:
    call_command("makemigrations", "wecom", check=True, dry_run=True, verbosity=0)


def test_other_corp_may_be_connected_beside(app: CorpApp) -> None:
    other = an_app(a_corp(corpid="ww2", name="另一家"))
    assert deliver(other, contact(), receiver="ww2").fresh
