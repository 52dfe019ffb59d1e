"""The simulator as a whole: its table, faults on the wire, the ledger, what it keeps, how it begins and ends."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from tests.wecom.simulator.conftest import CORP, KEY, NOON, SECRET, TOKEN, Receiver, Wire, X
from wecom.management.commands.wecom_simulator import Command
from wecom.simulator import crypto
from wecom.simulator.fill import CORPID
from wecom.simulator.routes import ROUTES
from wecom.simulator.server import Simulator
from wecom.simulator.switches import DEFAULTS


@pytest.fixture
def shared() -> Path:
    path = Path(os.environ.get("SCRM_SHARED", settings.BASE_DIR.parent / "shared"))
    if not path.exists() and not os.environ.get("CI"):
        pytest.skip(f"the shared references are not at {path}")
    return path


def test_table_is_the_reference(shared: Path) -> None:
    rows = json.loads((shared / "reference" / "wecom_endpoints.json").read_text())["endpoints"]
    assert {row["path"]: row["method"] for row in rows} == {path: route.method for path, route in ROUTES.items()}
    assert len(ROUTES) == 114


@pytest.mark.parametrize("path", sorted(ROUTES))
def test_every_endpoint_answers_an_empty_request(wire: Wire, path: str) -> None:
    """With an errcode of its own choice: never by falling over."""
    said = wire.api(ROUTES[path].method, path)
    assert isinstance(said["errcode"], int)
    assert said["errmsg"]


@pytest.mark.parametrize(
    "path", sorted(path for path, route in ROUTES.items() if route.method == "POST" and "upload" not in path)
)
def test_every_endpoint_refuses_fields_of_a_wrong_kind(wire: Wire, path: str) -> None:
    names = [
        "userid",
        "external_userid",
        "cursor",
        "limit",
        "tag",
        "msgid",
        "chat_id",
        "open_kfid",
        "config_id",
        "link_id",
        "sender",
    ]
    names += [
        "visible_range",
        "owner_filter",
        "userid_list",
        "external_userid_list",
        "text",
        "attachments",
        "welcome_code",
        "info",
    ]
    for value in ({"a": 1}, [1], True, 5, "x", None):
        said = wire.post(path, **dict.fromkeys(names, value))
        assert isinstance(said["errcode"], int), (path, value)


def test_vectors_of_others(shared: Path) -> None:
    vectors = json.loads((shared / "fixtures" / "wecom" / "crypto" / "crypto_vectors.json").read_text())["vectors"]
    for vector in vectors:
        assert (
            crypto.sign(*(vector[name] for name in ("token", "timestamp", "nonce", "encrypt")))
            == vector["msg_signature"]
        )
        assert crypto.decrypt(vector["encoding_aes_key"], vector["encrypt"]) == (
            vector["expected_plaintext"],
            vector["receive_id"],
        )
        if "random16" in vector:
            made = crypto.encrypt(
                vector["encoding_aes_key"],
                vector["expected_plaintext"],
                vector["receive_id"],
                random16=vector["random16"].encode(),
            )
            assert made == vector["encrypt"]


# --- faults


def fault(wire: Wire, kind: str, **about: Any) -> None:
    wire.control("POST", "faults", kind=kind, **about)


def test_fault_errcode_at_one_endpoint_so_many_times(wire: Wire) -> None:
    fault(wire, "errcode", value=45009, target="get_corp_tag_list", count=2, skip=1)
    assert [wire.code(f"{X}/get_corp_tag_list") for _ in range(4)] == [0, 45009, 45009, 0]
    assert wire.code(f"{X}/list_contact_way") == 0
    assert wire.control("GET", "faults")["faults"][0]["hits"] == 2
    fault(wire, "errcode", value=-1)
    assert wire.code(f"{X}/list_contact_way") == -1
    assert wire.control("DELETE", "faults") == {"ended": 2}


def test_fault_revokes_the_callers_token(wire: Wire) -> None:
    wire.token()
    fault(wire, "revoke", count=1)
    assert wire.code(f"{X}/get_corp_tag_list") == 40014


def raw(wire: Wire, path: str = f"{X}/add_msg_template", body: bytes = b"{}", timeout: float = 5) -> int:
    address = f"{path}?access_token={wire.token()}"
    connection = http.client.HTTPConnection("127.0.0.1", wire.simulator.port, timeout=timeout)
    try:
        connection.request("POST", address, body)
        return connection.getresponse().status
    finally:
        connection.close()


def test_fault_5xx_reset_hang_latency(wire: Wire) -> None:
    wire.token()
    fault(wire, "http", value=502, count=1)
    assert raw(wire) == 502
    fault(wire, "reset", count=1)
    with pytest.raises(ConnectionError):
        raw(wire)
    fault(wire, "hang", count=1)
    with pytest.raises(TimeoutError):
        raw(wire, timeout=0.3)
    fault(wire, "latency", value=0.2, count=1)
    begun = time.monotonic()
    assert raw(wire) == 200
    assert time.monotonic() - begun >= 0.2


def test_fault_after_the_effect(wire: Wire) -> None:
    """The caller does not know, and the task is there."""
    wire.customer()
    wire.token()
    fault(wire, "reset", late=True, count=1)
    with pytest.raises(ConnectionError):
        raw(wire, body=json.dumps({"sender": "chenning", "text": {"content": "x"}}).encode())
    found = wire.post(f"{X}/get_groupmsg_list_v2", chat_type="single", start_time=NOON - 1, end_time=NOON + 1)
    assert len(found["group_msg_list"]) == 1


def test_faults_of_callbacks(wire: Wire, receiver: Receiver) -> None:
    added = "change_external_contact.add"
    fault(wire, "drop", place="callback", target=added, count=1)
    fault(wire, "duplicate", place="callback", target=added, skip=1, count=1)
    for name in ("一", "二"):
        wire.customer(name=name)
        wire.control("POST", "settle")
    assert len(receiver.bodies) == 2
    assert len(set(receiver.bodies)) == 1
    fault(wire, "reorder", place="callback", target=added, skip=0, count=1)
    third = wire.customer(name="三")
    wire.control("POST", "settle")
    fourth = wire.customer(name="四")
    wire.control("POST", "settle")
    assert [one["ExternalUserID"] for one in receiver.events[2:]] == [wire.outside(fourth), wire.outside(third)]
    fault(wire, "delay", place="callback", target=added, value=30, count=1)
    wire.customer(name="五")
    wire.control("POST", "settle")
    assert len(receiver.bodies) == 4
    wire.advance(30)
    wire.control("POST", "settle")
    assert len(receiver.bodies) == 5


def test_fault_that_does_not_exist(wire: Wire) -> None:
    assert "latency" in wire.refused("POST", "faults", kind="flood")


def test_replay_three_times_shuffled(wire: Wire, receiver: Receiver) -> None:
    for number in range(5):
        wire.customer(name=f"{number}")
    wire.control("POST", "settle")
    first = list(receiver.bodies)
    assert wire.control("POST", "callbacks/replay", times=3, shuffled=1) == {"queued": 15}
    wire.control("POST", "settle")
    assert len(receiver.bodies) == 20
    assert set(receiver.bodies) == set(first)


# --- ledger and state


def test_judge_counts_receivers_and_doubles(wire: Wire) -> None:
    people = [wire.customer(name=f"{number}") for number in range(3)]
    msgid = wire.post(f"{X}/add_msg_template", sender="chenning", text={"content": "x"})["msgid"]
    wire.act("confirm_mass", msgid=msgid, userid="chenning")
    judged = wire.control("GET", "ledger/judge", source=msgid)["sources"]
    assert judged == [{"channel": "mass", "source": msgid, "reached": 3, "distinct_receivers": 3, "doubled": 0}]
    wire.simulator.world.store.run(
        "INSERT INTO message SELECT NULL, corpid, at, channel, source, userid, person, chat, speaker, content FROM message WHERE person = ?",
        people[0],
    )
    judged = wire.control("GET", "ledger/judge", source=msgid)["sources"]
    assert judged == [{"channel": "mass", "source": msgid, "reached": 4, "distinct_receivers": 3, "doubled": 1}]


def test_control_wants_the_token_and_ours_want_our_name(wire: Wire) -> None:
    host = f"127.0.0.1:{wire.simulator.port}"
    bearer = {"Authorization": f"Bearer {wire.simulator.token}"}
    assert wire.raw("GET", "/_control/")[0] == 401
    assert wire.raw("GET", "/_control/", headers={"Authorization": "Bearer x"})[0] == 401
    assert wire.raw("GET", "/_control/", headers=bearer)[0] == 200
    for path in ("/_control/", "/phone", "/staff", "/_page/phone"):
        assert wire.raw("GET", path, headers={**bearer, "Host": "evil.example"})[0] == 403
    assert wire.raw("GET", "/_page/phone", headers={"Host": host})[0] == 403
    assert wire.raw("GET", "/_page/phone", headers={"X-Simulator": "page"})[0] == 200


def test_control_says_what_it_cannot_do(wire: Wire) -> None:
    assert wire.refused("POST", "act", act="dance").startswith("There is no act 'dance'; there are: add")
    assert wire.refused("POST", "act", act="scan") == "The act scan needs 'person'."
    assert wire.refused("POST", "act", act="scan", person="x", code="y").startswith("The act scan cannot read a field")
    assert wire.refused("POST", "nothing") == "There is no POST /_control/nothing."
    assert wire.refused("POST", "corps", corpid=CORP) == f"There is a corp {CORP} already."
    assert (
        wire.refused("POST", "switches", group_capacity="many") == "The switch group_capacity takes a int, not 'many'."
    )
    assert wire.refused("POST", "switches", mass_cap="never").startswith("The switch mass_cap is one of monthly_days")


def test_switch_of_one_corp_leaves_the_others(wire: Wire) -> None:
    wire.control("POST", "switches", corpid=CORP, group_capacity=3)
    assert wire.control("GET", "switches", corpid=CORP)["switches"]["group_capacity"] == 3
    assert wire.control("GET", "switches")["switches"] == DEFAULTS


def test_clock_stands_advances_and_runs(wire: Wire) -> None:
    assert wire.control("GET", "clock") == {"now": NOON, "frozen": True}
    assert wire.control("POST", "clock", advance=90) == {"now": NOON + 90, "frozen": True}
    assert wire.control("POST", "clock", run=True)["frozen"] is False
    assert NOON + 90 <= wire.control("GET", "clock")["now"] < NOON + 120
    assert wire.control("POST", "clock", freeze=NOON) == {"now": NOON, "frozen": True}


def begun(home: Path | None, **about: Any) -> Simulator:
    simulator = Simulator(home, frozen_at=NOON, **about)
    simulator.start()
    return simulator


def ids(home: Path | None, seed: str) -> tuple[str, ...]:
    simulator = begun(home, seed=seed)
    try:
        wire = Wire(simulator)
        made = wire.control("POST", "fill", size="small")
        person = wire.control("GET", "people", corpid=CORPID)["people"][-1]["external_userid"]
        return made["secret"], wire.token(made["secret"], CORPID), person
    finally:
        simulator.stop()


def test_same_seed_same_ids(tmp_path: Path) -> None:
    assert ids(None, "a") == ids(None, "a") != ids(None, "b")
    assert ids(tmp_path, "a") == ids(tmp_path, "b")


def test_state_survives_a_restart(tmp_path: Path) -> None:
    simulator = begun(tmp_path)
    wire = Wire(simulator)
    wire.control("POST", "corps", corpid=CORP)
    wire.control("POST", f"corps/{CORP}/apps", agentid=1, secret=SECRET)
    wire.control("POST", f"corps/{CORP}/staff", userid="chenning")
    wire.control(
        "POST", f"corps/{CORP}/apps/1/callback", url="http://127.0.0.1:1/", token=TOKEN, aes_key=KEY, verify=False
    )
    wire.switch(group_capacity=7)
    token, person = wire.token(), wire.customer()
    wire.control("POST", "settle")
    simulator.stop()
    simulator = begun(tmp_path)
    wire = Wire(simulator)
    try:
        assert wire.api("GET", f"{X}/get", {"external_userid": wire.outside(person)}, token=token)["errcode"] == 0
        assert wire.control("GET", "switches")["switches"]["group_capacity"] == 7
        assert sum(wire.control("GET", "callbacks")["counts"].values()) == 1
    finally:
        simulator.stop()


def test_fill_is_there_once(wire: Wire) -> None:
    first = wire.control("POST", "fill", size="small")
    assert wire.control("POST", "fill", size="small") == first
    assert "small" in wire.refused("POST", "fill", size="huge")
    wire.forget_tokens()
    token = wire.token(first["secret"], CORPID)
    users = wire.api("GET", f"{X}/get_follow_user_list", token=token)["follow_user"]
    found = wire.api("POST", f"{X}/batch/get_by_user", {"userid_list": users, "limit": 100}, token=token)[
        "external_contact_list"
    ]
    assert (len(users), len({one["external_contact"]["external_userid"] for one in found})) == (6, 21)


def test_token_stampede_is_one_token(wire: Wire) -> None:
    tokens: list[str] = []
    ask = {"corpid": CORP, "corpsecret": SECRET}
    threads = [
        threading.Thread(
            target=lambda: tokens.append(wire.api("GET", "/cgi-bin/gettoken", ask, token="")["access_token"])
        )
        for _ in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(tokens), len(set(tokens))) == (20, 1)


# --- the command


def taken() -> socket.socket:
    held = socket.create_server(("127.0.0.1", 0))
    held.listen()
    return held


def test_port_in_use_is_one_sentence(tmp_path: Path) -> None:
    with taken() as held:
        port = held.getsockname()[1]
        with pytest.raises(CommandError, match=f"^Port {port} of this machine is taken: choose another with --port.$"):
            call_command(Command(), port=port, home=tmp_path)


def test_no_port_and_no_home_are_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="is no port"):
        call_command(Command(), port=70000, home=tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(CommandError, match="The simulator cannot use"):
        call_command(Command(), port=0, home=tmp_path / "file")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_it_ends_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    command = [sys.executable, "-m", "wecom.simulator", "--port", "0", "--home", str(tmp_path), "--fill", "small"]
    with subprocess.Popen(
        command, cwd=settings.BASE_DIR, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        lines = []
        while not lines or lines[-1] != "Ctrl-C ends it.":
            lines.append(process.stdout.readline().strip())
            assert lines[-1], lines
        process.send_signal(number)
        rest, errors = process.communicate(timeout=20)
    assert (rest.strip(), errors, process.returncode) == ("The simulator has ended; its data stay.", "", 0)
    assert lines[0].startswith(f"Sample corp: corpid {CORPID}, agentid 1000002, secret ")


def test_help_names_the_options() -> None:
    text = " ".join(Command().create_parser("manage.py", "wecom_simulator").format_help().split())
    assert all(option in text for option in ("--port", "--home", "--fill", "small 24 customers"))
