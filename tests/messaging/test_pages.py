"""The page of messages in doubt, and what Today says of them."""

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from messaging.admin.work import waiting
from messaging.models import Delivery, Send
from tests.brand import administrator, signed_in
from tests.messaging import cast
from tests.messaging.cast import agreed
from tests.messaging.sinks import Sink

pytestmark = pytest.mark.django_db
PAGE = "/admin/messages/doubts/"


@pytest.fixture
def client() -> Client:
    return signed_in(administrator(), "en")


def doubtful(outside: Sink, repeat: str = "none") -> Send:
    agreed("13900000001", name="林晓")
    made = cast.running(cast.sms(outside.url, repeat))
    outside.answer = lambda _body: (500, {})
    cast.worked(made)
    return made


def test_page_shows_who_what_and_why_and_takes_a_word(client: Client, outside: Sink) -> None:
    made = doubtful(outside)
    shown = client.get(PAGE).content.decode()
    assert all(text in shown for text in ("林晓", "新品通知", "http_500", "通道"))
    assert "Ask the gateway" not in shown
    row = cast.only(made)
    answer = client.post(reverse("messaging:say"), {"delivery": [row.pk], "word": "failed", "reason": "后台已查"})
    assert answer.status_code == 302
    assert cast.only(made).state == "failed"
    assert "No message is in doubt" in client.get(PAGE).content.decode()


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"word": "failed", "reason": "x"}, "Choose the messages"),
        ({"delivery": ["x", "9" * 40], "word": "failed", "reason": "x"}, "Choose the messages"),
        ({"delivery": "ROW", "word": "perhaps", "reason": "x"}, "Choose the messages"),
        ({"delivery": "ROW", "word": "failed", "reason": " "}, "Say how you know."),
    ],
)
def test_word_that_says_nothing_changes_nothing(
    client: Client, outside: Sink, body: dict[str, str], words: str
) -> None:
    row = cast.only(doubtful(outside))
    given = {name: row.pk if value == "ROW" else value for name, value in body.items()}
    answer = client.post(reverse("messaging:say"), given)
    assert words in str(next(iter(get_messages(answer.wsgi_request))))
    assert Delivery.objects.get().state == "unknown"


def test_gateway_is_asked_from_the_page(client: Client, outside: Sink) -> None:
    made = doubtful(outside, "query")
    assert "Ask the gateway" in client.get(PAGE).content.decode()
    address = reverse("messaging:ask", args=(cast.only(made).pk,))
    for said, words in (("queued", "does not say"), ("sent", "knows")):
        outside.answer = lambda _body, said=said: (200, {"state": said})  # type: ignore[misc]
        answer = client.post(address)
        assert words in str(list(get_messages(answer.wsgi_request))[-1])
    assert cast.only(made).state == "sent"
    assert client.post(address).status_code == 404


def test_today_says_how_many_wait_for_a_word(outside: Sink) -> None:
    user = administrator()
    assert list(waiting(user, timezone.now())) == []
    doubtful(outside)
    (item,) = waiting(user, timezone.now())
    assert (item.state, item.url) == ("act", PAGE)


def test_page_takes_the_same_queries_for_one_row_and_for_three(client: Client, outside: Sink) -> None:
    through = cast.sms(outside.url)
    outside.answer = lambda _body: (500, {})
    counts = []
    for number in range(3):
        agreed(f"1390000000{number}")
        cast.worked(cast.running(through))
        Delivery.objects.filter(state="pending").update(state="skipped")
        client.get(PAGE)
        with CaptureQueriesContext(connection) as captured:
            client.get(PAGE)
        counts.append(len(captured))
    assert counts[0] == counts[1] == counts[2]
