"""Seals in second places outside the host: an object store and a mailbox, tried against servers on the loopback."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

from audit.admin.work import condition
from audit.models import AuditAnchor, AuditSeal
from audit.services import deliver_seals
from tests.audit.logs import NOW, faults, seal_all, write_rows
from tests.audit.servers import PostOffice, Store, post_office, store

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture(autouse=True)
def seals(tmp_path: Path, settings: Any) -> None:
    settings.SCRM_SEALS = tmp_path / "seals"


@pytest.fixture
def objects(settings: Any) -> Iterator[Store]:
    with store() as server:
        settings.SCRM_SEAL_STORE_URL = f"http://{server.host}/seals/"
        settings.SCRM_SEAL_STORE_TOKEN = server.token
        settings.SCRM_HTTP_ALLOWED = [server.host]
        yield server


@pytest.fixture
def office(settings: Any) -> Iterator[PostOffice]:
    with post_office() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.SCRM_SEAL_MAIL_TO = "officer@example.com"
        yield server


def lines() -> list[bytes]:
    return [seal.line for seal in AuditSeal.objects.order_by("number")]


def anchor(place: str) -> AuditAnchor:
    return AuditAnchor.objects.get(place=place)


def test_store_gets_each_seal_as_an_object_of_its_own(objects: Store) -> None:
    write_rows(30)
    seal_all(block=10)
    log = AuditSeal.objects.earliest("number").log
    assert list(objects.objects) == [f"/seals/{log}/{number:012}.json" for number in (1, 2, 3)]
    assert list(objects.objects.values()) == lines()
    assert anchor("store").number == 3
    assert deliver_seals(now=NOW)["store"] == 0, "nothing is brought twice"


def test_store_that_refuses_is_tried_again_and_said(objects: Store, settings: Any) -> None:
    settings.SCRM_SEAL_STORE_TOKEN = "another"
    write_rows(10)
    seal_all()
    assert (anchor("store").number, anchor("store").attempts) == (0, 1)
    assert "status 403" in anchor("store").error
    assert [item.state for item in condition(None, NOW)] == ["act"]
    settings.SCRM_SEAL_STORE_TOKEN = objects.token
    assert deliver_seals(now=NOW)["store"] == 1
    assert (anchor("store").number, anchor("store").error) == (1, "")


def test_store_that_breaks_off_has_each_seal_once_in_the_end(objects: Store) -> None:
    objects.breaks_after = 1
    write_rows(30)
    seal_all(block=10)
    assert (len(objects.objects), anchor("store").number) == (2, 0), "the second was taken and never answered for"
    objects.breaks_after = None
    assert deliver_seals(now=NOW)["store"] == 3
    assert list(objects.objects.values()) == lines()
    again = [(verb, path[-6:], status) for verb, path, status in objects.log if status == 412 or verb == "GET"]
    assert again == [
        *(("PUT", "1.json", 412), ("GET", "1.json", 200)),
        *(("PUT", "2.json", 412), ("GET", "2.json", 200)),
    ]


def test_store_that_holds_another_seal_under_the_number_is_said(objects: Store) -> None:
    write_rows(10)
    log_of_another = {}
    objects.breaks_after = 0
    seal_all()
    for path in objects.objects:
        log_of_another[path] = b'{"number":1}'
    objects.objects, objects.breaks_after = log_of_another, None
    assert deliver_seals(now=NOW)["store"] == 0
    assert "holds another seal 1" in anchor("store").error
    assert list(objects.objects.values()) == [b'{"number":1}'], "what lies there is never replaced"


def test_store_is_read_back_and_compared(objects: Store) -> None:
    write_rows(20)
    seal_all(block=10)
    assert faults() is None
    (first, second), line = objects.objects, lines()[1]
    objects.objects[second] = line.replace(b'"rows":10', b'"rows":11')
    assert faults() == {"fault": "store_mismatch", "seal": 2, "place": "store"}
    del objects.objects[second]
    assert faults() == {"fault": "store_missing", "seal": 2, "place": "store"}
    objects.objects |= {second: line, first.replace("1.json", "3.json"): line}
    assert faults() == {"fault": "seal_missing", "seal": 3, "place": "store"}


def test_store_that_may_not_be_read_is_not_blamed(objects: Store, settings: Any) -> None:
    write_rows(10)
    seal_all()
    settings.SCRM_SEAL_STORE_TOKEN = "another"
    assert faults() is None
    settings.SCRM_SEAL_STORE_URL = "http://127.0.0.1:9/seals/"
    assert faults() is None


def test_officer_gets_the_seal_by_mail_to_the_last_byte(office: PostOffice) -> None:
    write_rows(30)
    seal_all(block=1)
    ((sender, to, message),) = office.taken
    assert (sender, to) == ("scrm@localhost", ["officer@example.com"])
    text = message.get_payload(decode=True).replace(b"\r\n", b"\n")  # type: ignore[union-attr]
    assert lines()[-1] in text.split(b"\n")
    assert anchor("mail").number == 30


def test_mail_that_is_refused_is_sent_again(office: PostOffice) -> None:
    office.refuses = True
    write_rows(10)
    seal_all()
    assert (anchor("mail").number, office.taken) == (0, [])
    assert "no such box" in anchor("mail").error
    office.refuses = False
    assert deliver_seals(now=NOW + timedelta(minutes=1))["mail"] == 1
    assert (len(office.taken), anchor("mail").error) == (1, "")


def test_mail_server_that_is_away_holds_nothing_up(settings: Any) -> None:
    with post_office() as gone:
        port = gone.port
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    settings.SCRM_SEAL_MAIL_TO = "officer@example.com"
    write_rows(10)
    seal_all()
    assert (anchor("file").number, anchor("mail").number) == (1, 0)
    assert "ConnectionRefusedError" in anchor("mail").error
