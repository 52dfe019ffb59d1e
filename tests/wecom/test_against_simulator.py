"""The client and our callback address against the simulator, over loopback: both sides as they are, nothing in between."""

import random
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.conf import settings as configured
from django.urls import reverse
from django.utils import timezone

from tests.rivals import until
from tests.wecom.elsewhere import same_database
from tests.wecom.platform import AES_KEY, TOKEN
from tests.wecom.simulator.conftest import CORP, NOON, SECRET, Wire
from wecom import webhooks
from wecom.client import WecomClient, items
from wecom.enums import CallbackState, Lane
from wecom.errors import ApiBlocked, Retryable, Terminal, TokenProblem, UnknownAfterDispatch
from wecom.events import Callback, CallbackHandler, callback_handlers
from wecom.models import AccessToken, ApiBlock, CallbackEvent, CallbackRefusal, Corp, CorpApp
from wecom.services.calling import connect
from wecom.services.corps import create_app, create_corp
from wecom.services.processing import process_due
from wecom.simulator import fill
from wecom.simulator.server import Simulator

pytestmark = [pytest.mark.django_db(transaction=True)]
AGENT = 1000002
LIST, MASS = "externalcontact/list", "externalcontact/add_msg_template"
MESSAGE = {"chat_type": "single", "sender": "chenning", "text": {"content": "会员日 8 折"}}


class SimulatedTime:
    """The simulator's clock as the client's; a pause moves it for both."""

    def __init__(self, simulator: Simulator) -> None:
        self._clock = simulator.world.clock
        self.slept: list[float] = []

    def __call__(self) -> datetime:
        return datetime.fromtimestamp(self._clock.exact(), UTC)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self._clock.advance(seconds)


def simulated(frozen_at: float | None) -> Iterator[Wire]:
    running = Simulator(frozen_at=frozen_at)
    running.start()
    wire = Wire(running)
    wire.control("POST", "corps", corpid=CORP, name="悦肤", wechat_account="wx1")
    wire.control("POST", f"corps/{CORP}/apps", agentid=AGENT, secret=SECRET, scopes=["customers", "kf"])
    for userid, name in (("chenning", "陈宁"), ("zhoumin", "周敏")):
        wire.control("POST", f"corps/{CORP}/staff", userid=userid, name=name)
    yield wire
    running.stop()


@pytest.fixture
def wire() -> Iterator[Wire]:
    """With a clock that stands."""
    yield from simulated(NOON)


@pytest.fixture
def running() -> Iterator[Wire]:
    """With the machine's clock, by which our callback address judges what is stale."""
    yield from simulated(None)


@pytest.fixture
def time(wire: Wire) -> SimulatedTime:
    return SimulatedTime(wire.simulator)


def connected(wire: Wire, settings: Any, *, corpid: str = CORP, secret: str = SECRET) -> CorpApp:
    settings.SCRM_HTTP_ALLOWED = [f"127.0.0.1:{wire.simulator.port}"]
    now = timezone.now()
    corp = create_corp(corpid=corpid, name="悦肤", base_url=wire.simulator.url, by=None, now=now)
    secrets = {"secret": secret, "callback_token": TOKEN, "callback_aes_key": AES_KEY}
    return create_app(corp=corp, kind="contacts", name="客户联系", by=None, now=now, secrets=secrets)


@pytest.fixture
def app(wire: Wire, settings: Any) -> CorpApp:
    return connected(wire, settings)


@pytest.fixture
def client(app: CorpApp, time: SimulatedTime) -> WecomClient:
    return connect(app_id=app.pk, clock=time, sleep=time.sleep)


def issued(wire: Wire) -> int:
    return int(wire.simulator.world.store.value("SELECT count(*) FROM token"))


def asked_for(wire: Wire) -> int:
    """Mass messages that there are."""
    return int(wire.simulator.world.store.value("SELECT count(*) FROM mass"))


def fault(wire: Wire, kind: str, **about: Any) -> None:
    wire.control("POST", "faults", kind=kind, **about)


# --- tokens

FORKED = """
import os, sys
import django; django.setup()
from django.db import connection
from wecom.services.calling import connect
connection.close()
gate, opened = os.pipe()
children = []
for number in range(int(sys.argv[2])):
    child = os.fork()
    if child == 0:
        os.close(opened); os.read(gate, 1)
        try:
            connect(app_id=int(sys.argv[1])).call("externalcontact/list", userid="chenning")
        except BaseException as fault:
            print(repr(fault), file=sys.stderr, flush=True)
            os._exit(1)
        os._exit(0)
    children.append(child)
os.close(opened)
print(sorted(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children) == [0] * len(children))
"""


@pytest.mark.slow
@pytest.mark.parametrize("reissue", ["same", "new_keeps_old", "new_ends_old"])
def test_fifty_processes_refresh_once(wire: Wire, app: CorpApp, reissue: str) -> None:
    """Where a second token ended the first, whoever held the first would fail."""
    wire.customer()
    wire.switch(token_reissue=reissue, concurrent_calls=100)
    fault(wire, "latency", target="gettoken", value=1)
    environment = same_database(SCRM_HTTP_ALLOWED=f"127.0.0.1:{wire.simulator.port}")
    command = [sys.executable, "-c", FORKED, str(app.pk), "50"]
    said = subprocess.run(
        command, env=environment, cwd=configured.BASE_DIR, capture_output=True, text=True, timeout=120, check=False
    )
    assert (said.stdout, said.stderr) == ("True\n", "")
    assert issued(wire) == 1
    assert wire.control("GET", "faults")["faults"][0]["hits"] == 1
    assert AccessToken.objects.get().version == 1


@pytest.mark.parametrize("code", [42001, 40014])
def test_expired_token_is_replaced_under_either_code(wire: Wire, client: WecomClient, code: int) -> None:
    wire.customer()
    wire.switch(expired_token_code=code)
    client.call(LIST, userid="chenning")
    wire.simulator.world.store.run("UPDATE token SET expires = ?", NOON - 1)  # earlier than it said
    assert len(client.call(LIST, userid="chenning")["external_userid"]) == 1
    assert issued(wire) == 2


def test_revoked_token_is_replaced_once(wire: Wire, client: WecomClient) -> None:
    wire.customer()
    client.call(LIST, userid="chenning")
    assert wire.control("POST", f"corps/{CORP}/apps/{AGENT}/revoke") == {"revoked": 1}
    assert len(client.call(LIST, userid="chenning")["external_userid"]) == 1
    assert issued(wire) == 2


def test_token_that_is_revoked_again_and_again_is_a_problem_of_the_token(wire: Wire, client: WecomClient) -> None:
    wire.customer()
    client.call(LIST, userid="chenning")
    fault(wire, "revoke", target=LIST)
    with pytest.raises(TokenProblem) as raised:
        client.call(LIST, userid="chenning")
    assert (raised.value.errcode, issued(wire)) == (40014, 2)
    wire.control("DELETE", "faults")
    assert client.call(LIST, userid="chenning")["errcode"] == 0


def test_wrong_secret_is_asked_about_once(wire: Wire, settings: Any, time: SimulatedTime) -> None:
    app = connected(wire, settings, secret="not-the-secret")
    wire.switch(wrong_secret_limit=3)
    for _attempt in range(5):
        with pytest.raises(TokenProblem) as raised:
            connect(app_id=app.pk, clock=time, sleep=time.sleep).call(LIST, userid="chenning")
        assert raised.value.errcode == 40001
    time.sleep(301)
    with pytest.raises(TokenProblem):
        connect(app_id=app.pk, clock=time, sleep=time.sleep).call(LIST, userid="chenning")
    assert wire.api("GET", "/cgi-bin/gettoken", {"corpid": CORP, "corpsecret": SECRET}, token="")["errcode"] == 0


# --- limits


def test_operation_that_is_stopped_rests_alone_and_as_long_as_the_platform_says(
    wire: Wire, client: WecomClient, time: SimulatedTime
) -> None:
    wire.customer()
    wire.switch(rate_per_minute=3)
    for _call in range(3):
        client.call(LIST, userid="chenning")
    with pytest.raises(ApiBlocked) as raised:
        client.call(LIST, userid="chenning")
    assert raised.value.retry_after == 60
    wire.switch(rate_per_minute=1000)
    fault(wire, "http", target=LIST, value=500)  # nobody asks any more, or it would show
    with pytest.raises(ApiBlocked):
        client.call(LIST, userid="chenning")
    assert wire.control("GET", "faults")["faults"][0]["hits"] == 0
    wire.control("DELETE", "faults")
    assert client.call("externalcontact/get_corp_tag_list")["errcode"] == 0
    time.sleep(60)
    assert client.call(LIST, userid="chenning")["errcode"] == 0
    assert not ApiBlock.objects.exists()


def test_hour_that_is_full_is_found_out_after_a_minute(wire: Wire, client: WecomClient, time: SimulatedTime) -> None:
    """The answer does not say which window was hit: the minute is tried first."""
    wire.customer()
    wire.switch(rate_per_hour=2)
    waits = []
    for _turn in range(3):
        try:
            client.call(LIST, userid="chenning")
            client.call(LIST, userid="chenning")
            client.call(LIST, userid="chenning")
        except ApiBlocked as blocked:
            waits.append(blocked.retry_after)
            time.sleep(blocked.retry_after or 0)
    assert waits == [60, 3600, 60]


def test_too_many_at_once_are_tried_again(wire: Wire, client: WecomClient, time: SimulatedTime) -> None:
    wire.customer()
    fault(wire, "errcode", value=45033, target=LIST, count=2)
    assert client.call(LIST, userid="chenning")["errcode"] == 0
    assert len(time.slept) == 2
    fault(wire, "errcode", value=45033, target=LIST)
    with pytest.raises(Retryable):
        client.call(LIST, userid="chenning")


# --- a line that breaks


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wecom.client.connection.SECONDS", 0.5)


BROKEN = [("http", {"value": 502}), ("reset", {}), ("hang", {})]


@pytest.mark.parametrize(("kind", "about"), BROKEN)
@pytest.mark.usefixtures("impatient")
def test_reading_stands_a_line_that_breaks(wire: Wire, client: WecomClient, kind: str, about: dict[str, Any]) -> None:
    wire.customer()
    client.call(LIST, userid="chenning")
    fault(wire, kind, target=LIST, count=2, **about)
    assert len(client.call(LIST, userid="chenning")["external_userid"]) == 1
    fault(wire, kind, target=LIST, **about)
    with pytest.raises(Retryable):
        client.call(LIST, userid="chenning")


@pytest.mark.parametrize("late", [True, False])
@pytest.mark.parametrize(("kind", "about"), BROKEN)
@pytest.mark.usefixtures("impatient")
def test_mass_message_is_never_made_twice(
    wire: Wire, client: WecomClient, kind: str, about: dict[str, Any], late: bool
) -> None:
    """Whether it broke before or after the platform had it cannot be told from here; the platform's list says."""
    wire.customer()
    client.call(LIST, userid="chenning")
    fault(wire, kind, target=MASS, late=late, **about)
    with pytest.raises(UnknownAfterDispatch):
        client.call(MASS, **MESSAGE)
    assert asked_for(wire) == late
    assert wire.control("GET", "faults")["faults"][0]["hits"] == 1
    wire.control("DELETE", "faults")
    span = {"chat_type": "single", "start_time": NOON - 60, "end_time": NOON + 60}
    assert len(list(items(client, "externalcontact/get_groupmsg_list_v2", **span))) == late


def test_nobody_at_the_door_is_no_doubt(
    wire: Wire, app: CorpApp, client: WecomClient, time: SimulatedTime, settings: Any
) -> None:
    """No connection was made, so nothing was sent: even what makes something may be asked again."""
    client.call("externalcontact/get_corp_tag_list")
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # and does not listen
        place = f"127.0.0.1:{nobody.getsockname()[1]}"
        settings.SCRM_HTTP_ALLOWED = [place]
        Corp.objects.update(base_url=f"http://{place}")
        with pytest.raises(Retryable):
            connect(app_id=app.pk, clock=time, sleep=time.sleep).call(MASS, **MESSAGE)
    assert len(time.slept) == 3
    assert asked_for(wire) == 0


def test_refusal_of_the_simulator_has_its_sentence(wire: Wire, client: WecomClient) -> None:
    with pytest.raises(Terminal) as raised:
        client.call("externalcontact/get", external_userid="wm0000000000000000000000000000")
    assert raised.value.errcode == 40096
    assert raised.value.trace


# --- lists


def test_every_list_of_a_filled_corp_is_read_to_its_end(wire: Wire, settings: Any, time: SimulatedTime) -> None:
    made = wire.control("POST", "fill", size="medium")
    app = connected(wire, settings, corpid=fill.CORPID, secret=made["secret"])
    client = connect(app_id=app.pk, clock=time, sleep=time.sleep)
    staff = client.call("externalcontact/get_follow_user_list")["follow_user"]
    assert len(staff) == len(fill.GUIDES)
    follows = list(items(client, "externalcontact/batch/get_by_user", userid_list=staff))
    stored = wire.simulator.world.store.value("SELECT count(*) FROM follow WHERE corpid = ?", fill.CORPID)
    assert len(follows) == stored
    people = {each["external_contact"]["external_userid"] for each in follows}
    assert people == {one for userid in staff for one in client.call(LIST, userid=userid)["external_userid"]}
    groups = list(items(client, "externalcontact/groupchat/list", status_filter=0))
    assert len(groups) == 2
    members = [client.call("externalcontact/groupchat/get", chat_id=each["chat_id"], need_name=1) for each in groups]
    assert [len(each["group_chat"]["member_list"]) for each in members] == [6, 6]
    assert len(list(items(client, "kf/account/list"))) == 1
    assert len(list(items(client, "externalcontact/list_contact_way"))) == 3
    tags = client.call("externalcontact/get_corp_tag_list")["tag_group"]
    assert sum(len(group["tag"]) for group in tags) == 9


# --- callbacks


class Kept:
    """A handler that keeps what it was told."""

    def __init__(self) -> None:
        self.told: list[Callback] = []

    def __call__(self, callback: Callback, now: datetime) -> None:
        del now
        self.told.append(callback)


@pytest.fixture
def kept() -> Iterator[Kept]:
    before, kept = dict(callback_handlers._entries), Kept()
    callback_handlers.register(CallbackHandler(code="tests", event="change_external_contact", handle=kept))
    yield kept
    callback_handlers._entries.clear()
    callback_handlers._entries.update(before)


@pytest.fixture
def told(running: Wire, settings: Any, live_server: Any) -> Iterator[CorpApp]:
    """An app whose callback address is our own web process."""
    app = connected(running, settings)
    url = live_server.url + reverse("wecom:callback", args=(app.pk,))
    running.control("POST", f"corps/{CORP}/apps/{AGENT}/callback", url=url, token=TOKEN, aes_key=AES_KEY)
    yield app
    running.control("POST", "settle")


def settled(wire: Wire) -> None:
    """Everything has been delivered, what is to be tried again too."""
    until(lambda: wire.control("POST", "settle") == {"busy": 0, "left": 0})


def bodies(wire: Wire) -> set[str]:
    rows = wire.control("GET", "callbacks")["callbacks"]
    return {row["body"] for row in rows if row["event"].startswith("change_external_contact")}


def test_address_is_proved_before_it_is_saved(running: Wire, told: CorpApp, live_server: Any) -> None:
    url = live_server.url + reverse("wecom:callback", args=(told.pk,))
    where = f"corps/{CORP}/apps/{AGENT}/callback"
    assert "403" in running.refused("POST", where, url=url, token="other", aes_key=AES_KEY)
    assert list(CallbackRefusal.objects.values_list("reason", "count")) == [("wrong_token", 1)]


def test_hostile_callbacks_are_refused_and_counted(running: Wire, told: CorpApp) -> None:
    kinds = {
        "wrong_token": "wrong_token",
        "wrong_key": "wrong_key",
        "wrong_receiver": "wrong_receiver",
        "old_timestamp": "stale",
        "truncated": "wrong_key",
        "bomb": "bomb",
        "outer_bomb": "bomb",
    }
    for kind, reason in kinds.items():
        said = running.control("POST", f"corps/{CORP}/apps/{AGENT}/hostile", kind=kind)
        assert (said["status"], said["text"]) == (403, reason), kind
    counted = dict(CallbackRefusal.objects.values_list("reason", "count"))
    assert counted == Counter(kinds.values())
    assert not CallbackEvent.objects.exists()


def test_doubled_and_reordered_callbacks_have_one_effect_each(running: Wire, told: CorpApp, kept: Kept) -> None:
    """Nobody works on them meanwhile: none is lost, whatever comes twice or late."""
    fault(running, "duplicate", place="callback", target="change_external_contact", count=5)
    fault(running, "reorder", place="callback", target="change_external_contact", skip=5, count=5)
    for number in range(20):
        running.customer(name=f"顾客{number}")
    settled(running)
    assert CallbackEvent.objects.filter(event="change_external_contact").count() == 20
    queued = running.control("POST", "callbacks/replay", times=3, shuffled=7)["queued"]
    settled(running)
    events = CallbackEvent.objects.filter(event="change_external_contact")
    assert (events.count(), set(events.values_list("state", flat=True))) == (20, {CallbackState.WAITING})
    assert sum(events.values_list("repeats", flat=True)) == 5 + 3 * 20
    assert queued == 3 * CallbackEvent.objects.count()
    while process_due(clock=timezone.now):
        pass
    assert len(kept.told) == len({callback.number for callback in kept.told}) == len(bodies(running)) == 20
    assert process_due(clock=timezone.now) == 0


def test_one_customers_callbacks_are_worked_on_in_their_order(running: Wire, told: CorpApp, kept: Kept) -> None:
    running.switch(admin_welcome=True)  # no code, so nothing overtakes
    pair = {"corpid": CORP, "userid": "chenning", "person": running.person()}
    for act in ("add", "customer_deletes", "add", "staff_deletes"):
        running.act(act, **pair)
        settled(running)
        running.advance(1)  # within one second the second addition would be word for word the first
    while process_due(clock=timezone.now):
        pass
    assert [callback.change for callback in kept.told] == [
        "add_external_contact",
        "del_follow_user",
        "add_external_contact",
        "del_external_contact",
    ]


def test_lost_callback_is_made_up_for_by_asking(running: Wire, told: CorpApp) -> None:
    """What was dropped never comes; the list of the customers has it all the same."""
    fault(running, "drop", place="callback", target="change_external_contact", count=1)
    lost, kept = running.customer(name="甲"), running.customer(name="乙")
    settled(running)
    assert CallbackEvent.objects.filter(event="change_external_contact").count() == 1
    listed = connect(app_id=told.pk).call(LIST, userid="chenning")["external_userid"]
    assert set(listed) == {running.outside(lost), running.outside(kept)}


def test_address_that_is_out_of_order_is_asked_again(
    running: Wire, told: CorpApp, kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A web process that falls over at first: the platform comes again, and the callback is stored once."""
    running.switch(callback_retry_seconds=0.05)
    falls = [True, True]
    real = webhooks.receive

    def falling(**values: Any) -> Any:
        if falls:
            falls.pop()
            raise ConnectionError("no database")
        return real(**values)

    monkeypatch.setattr("wecom.webhooks.receive", falling)
    running.customer()
    settled(running)
    assert CallbackEvent.objects.filter(event="change_external_contact").count() == 1


def test_scan_is_welcomed_by_who_hears_of_it(running: Wire, told: CorpApp) -> None:
    """From the phone to the phone: code, callback, urgent lane, client, welcome; once, however often it is told."""
    client = connect(app_id=told.pk)
    config = client.call(
        "externalcontact/add_contact_way", type=1, scene=2, user=["chenning"], skip_verify=True, state="desk-7"
    )["config_id"]
    heard: list[Callback] = []

    def welcome(callback: Callback, now: datetime) -> None:
        del now
        heard.append(callback)
        client.call(
            "externalcontact/send_welcome_msg",
            welcome_code=callback.fields["WelcomeCode"],
            text={"content": "欢迎来到悦肤"},
        )

    before = dict(callback_handlers._entries)
    callback_handlers.register(CallbackHandler(code="tests", event="change_external_contact", handle=welcome))
    try:
        person = running.person()
        running.act("scan", person=person, code=config)
        settled(running)
        event = CallbackEvent.objects.get(event="change_external_contact")
        assert event.lane == Lane.URGENT
        running.control("POST", "callbacks/replay", times=2)
        settled(running)
        assert process_due(clock=timezone.now, urgent_only=True) == 1
        assert process_due(clock=timezone.now, urgent_only=True) == 0
    finally:
        callback_handlers._entries.clear()
        callback_handlers._entries.update(before)
    assert [callback.fields["State"] for callback in heard] == ["desk-7"]
    assert [message["content"]["text"]["content"] for message in running.reached(channel="welcome")] == ["欢迎来到悦肤"]


def test_orders_of_many_seeds_give_the_same(running: Wire, told: CorpApp, kept: Kept) -> None:
    """Sixty callbacks of twelve customers, three times over, in an order of chance."""
    people = [running.customer(name=f"顾客{number}") for number in range(12)]
    chance = random.Random(3)
    for _turn in range(4):
        for person in chance.sample(people, len(people)):
            pair = {"corpid": CORP, "userid": "chenning", "person": person}
            running.act("note", **pair, remark=str(chance.random()))
        running.advance(1)
    settled(running)
    running.control("POST", "callbacks/replay", times=3, shuffled=11)
    settled(running)
    while process_due(clock=timezone.now):
        pass
    contacts = CallbackEvent.objects.filter(event="change_external_contact")
    assert len(kept.told) == len({callback.number for callback in kept.told}) == contacts.count() == 60
    assert {callback.fields["ExternalUserID"] for callback in kept.told} == {running.outside(each) for each in people}
