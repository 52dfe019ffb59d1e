"""The pages of messages: sends, templates, gateways, those in doubt, and what Today says of them."""

import html

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from compliance.models import Review
from messaging.admin.work import waiting
from messaging.models import Delivery, Gateway, MessageTemplate, Send
from messaging.selectors.setups import setup_of
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


# --- sends, templates, gateways ---


def test_send_shows_what_became_of_its_messages_and_moves_by_its_verbs(client: Client, outside: Sink) -> None:
    agreed("13900000001")
    agreed()
    made = cast.running(cast.sms(outside.url), not_after=timezone.now() + cast.DAY)
    page, move = reverse("messaging:send", args=(made.pk,)), reverse("messaging:send_move", args=(made.pk,))
    assert client.post(move, {"verb": "pause"}).status_code == 302
    assert "Go on" in client.get(page).content.decode()
    assert client.post(move, {"verb": "resume"}).status_code == 302
    cast.worked(made)
    shown = client.get(page).content.decode()
    assert all(text in shown for text in ("Finished", "Not sent", "She has no address on this channel"))
    answer = client.post(move, {"verb": "pause"})
    assert answer.status_code == 409
    assert "not in the state for this" in answer.content.decode()
    assert client.post(move, {"verb": "explode"}).status_code == 302
    assert "新品通知" in client.get("/admin/messages/?state=done").content.decode()
    assert "新品通知" not in client.get("/admin/messages/?state=running").content.decode()


def test_send_is_cancelled_with_a_reason_alone(client: Client, outside: Sink) -> None:
    agreed("13900000001")
    made = cast.running(cast.sms(outside.url))
    move = reverse("messaging:send_move", args=(made.pk,))
    assert client.post(move, {"verb": "cancel", "reason": " "}).status_code == 400
    assert client.post(move, {"verb": "cancel", "reason": "改期"}).status_code == 302
    made.refresh_from_db()
    assert made.state == "cancelled"


FORM = {
    "code": "aliyun",
    "name": "短信通道",
    "adapter": "sms_http",
    "channel": "sms",
    "sender": "悦肤",
    "refusal": "拒收请回复R",
    "settings": '{"url": "https://sms.example"}',
    "secret": cast.SECRET,
    "per_second": "",
    "daily_limit": "5,000",
    "is_active": "on",
}


def test_gateway_is_set_up_and_its_secret_is_shown_to_nobody(client: Client) -> None:
    assert client.post(reverse("messaging:gateway_add"), FORM).status_code == 302
    made = Gateway.objects.get()
    assert (made.code, made.daily_limit, made.is_active, setup_of(made).secret) == ("aliyun", 5000, True, cast.SECRET)
    edit = reverse("messaging:gateway_edit", args=(made.pk,))
    assert cast.SECRET not in client.get(edit).content.decode()
    changed = {**FORM, "secret": "", "name": "备用", "code": "other", "adapter": "webhook", "is_active": ""}
    assert client.post(edit, changed).status_code == 302
    made.refresh_from_db()
    assert (made.code, made.adapter, made.name, made.is_active) == ("aliyun", "sms_http", "备用", False)
    assert setup_of(made).secret == cast.SECRET
    assert "备用" in client.get(reverse("messaging:gateways")).content.decode()


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"settings": "{"}, "Settings are a JSON object"),
        ({"settings": "[]"}, "Settings are a JSON object"),
        ({"settings": '{"url": "\\u0000"}'}, "Settings are a JSON object"),
        ({"settings": '{"url": 7}'}, "This is of another kind."),
        ({"code": "短信"}, "Letters, digits"),
        ({"name": ""}, "Give it a name."),
        ({"per_second": "many"}, "A whole number from 0 to"),
        ({"secret": ""}, "Calls are signed"),
        ({"adapter": "pigeon"}, "no such kind"),
    ],
)
def test_gateway_that_cannot_work_is_refused_on_its_form(client: Client, values: dict[str, str], words: str) -> None:
    answer = client.post(reverse("messaging:gateway_add"), {**FORM, **values})
    assert answer.status_code == 400
    assert words in html.unescape(answer.content.decode())
    assert not Gateway.objects.exists()


def test_template_is_written_reviewed_read_and_counted(client: Client) -> None:
    through, her = cast.sms("https://sms.example"), agreed("13900000001", name="林晓")
    body = {
        "name": "到店礼",
        "channel": "sms",
        "subject": "",
        "text": "亲爱的{name}，{code|好礼}等你。",
        "given": "code",
    }
    assert client.post(reverse("messaging:template_add"), {**body, "text": "{"}).status_code == 400
    assert client.post(reverse("messaging:template_add"), body).status_code == 302
    made = MessageTemplate.objects.get()
    page = reverse("messaging:template", args=(made.pk,))
    assert "Submit for legal review" in client.get(page).content.decode()
    assert client.post(reverse("messaging:template_submit", args=(made.pk,))).status_code == 302
    assert Review.objects.get(kind="message_template").state == "in_review"
    read = client.get(page, {"gateway": through.pk, "member": her.pk}).content.decode()
    assert "【悦肤】亲爱的林晓，好礼等你。 拒收请回复R" in read
    assert "There is no such member" in client.get(page, {"gateway": through.pk, "member": 999}).content.decode()
    assert "Would get it" in client.get(page, {"gateway": through.pk, "count": 1}).content.decode()
    edit = reverse("messaging:template_edit", args=(made.pk,))
    assert "好礼" in client.get(edit).content.decode()
    assert client.post(edit, {**body, "text": "另一段话。"}).status_code == 302
    made.refresh_from_db()
    assert (made.text, made.given) == ("另一段话。", ["code"])


@pytest.mark.parametrize("name", ["sends", "templates"])
def test_lists_take_the_same_queries_for_one_row_and_for_three(client: Client, outside: Sink, name: str) -> None:
    through, counts = cast.sms(outside.url), []
    for _row in range(3):
        cast.send(through)
        client.get(reverse(f"messaging:{name}"))
        with CaptureQueriesContext(connection) as captured:
            client.get(reverse(f"messaging:{name}"))
        counts.append(len(captured))
    assert counts[0] == counts[1] == counts[2]
