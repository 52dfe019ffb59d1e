"""Rules 30 to 33 and 35: WeCom customer service, the message archive."""

import base64
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15

from tests.wecom.simulator.conftest import CORP, Receiver, Wire
from wecom.simulator.archive import Archive, decrypt
from wecom.simulator.rules.rule_35_archive import CHUNK, ArchiveRefused

K = "/cgi-bin/kf"
HOUR, DAY = 3600, 86400


class Desk:
    """One account, one servicer, one customer who has written."""

    def __init__(self, wire: Wire) -> None:
        self.wire = wire
        self.account = wire.post(f"{K}/account/add", name="悦肤客服")["open_kfid"]
        wire.post(f"{K}/servicer/add", open_kfid=self.account, userid_list=["chenning"])
        self.person = wire.person()

    @property
    def who(self) -> dict[str, Any]:
        return {"open_kfid": self.account, "external_userid": self.wire.outside(self.person)}

    def act(self, name: str, **fields: Any) -> dict[str, Any]:
        return self.wire.act(name, open_kfid=self.account, person=self.person, **fields)

    def send(self, content: str = "您好", **more: Any) -> int:
        text = {"msgtype": "text", "text": {"content": content}}
        return self.wire.code(
            f"{K}/send_msg", touser=self.who["external_userid"], open_kfid=self.account, **text, **more
        )

    def move(self, state: int, **more: Any) -> dict[str, Any]:
        return self.wire.post(f"{K}/service_state/trans", service_state=state, **self.who, **more)

    def sync(self, **body: Any) -> dict[str, Any]:
        return self.wire.post(f"{K}/sync_msg", open_kfid=self.account, **body)

    def on_event(self, code: str) -> int:
        return self.wire.code(f"{K}/send_msg_on_event", code=code, msgtype="text", text={"content": "您好"})


@pytest.fixture
def desk(wire: Wire) -> Desk:
    return Desk(wire)


def test_rule_30_five_messages_within_48_hours(desk: Desk) -> None:
    assert desk.send() == 95002
    desk.act("kf_says", text="在吗")
    assert [desk.send() for _ in range(6)] == [0] * 5 + [95001]
    desk.act("kf_says", text="还有")
    assert desk.send() == 0
    desk.wire.advance(48 * HOUR)
    desk.wire.forget_tokens()
    assert desk.send() == 0
    desk.wire.advance(1)
    assert desk.send() == 95002
    assert len(desk.wire.reached(channel="kf", speaker="system")) == 7


def test_rule_30_only_in_states_0_and_1(desk: Desk) -> None:
    desk.act("kf_says", text="在吗")
    assert desk.move(1)["errcode"] == 0
    assert desk.send() == 0
    assert desk.move(2)["errcode"] == 0
    assert desk.send() == 95018


def test_rule_30_own_msgid_once_and_long_text_cut(desk: Desk) -> None:
    desk.act("kf_says", text="在吗")
    assert [desk.send(msgid=msgid) for msgid in ("a-1_B", "a-1_B", "空", "x" * 33)] == [0, 40058, 40058, 40058]
    assert desk.send("字" * 1000) == 0
    assert desk.wire.reached(channel="kf", speaker="system")[-1]["content"]["text"]["content"] == "字" * 682


def test_rule_30_success_is_not_delivery(desk: Desk) -> None:
    desk.act("kf_says", text="在吗")
    desk.act("kf_rejects", fail_type=10)
    assert desk.send(msgid="mine") == 0
    assert desk.wire.reached(channel="kf", speaker="system") == []
    failed = desk.sync()["msg_list"][-1]["event"]
    assert (failed["event_type"], failed["fail_msgid"], failed["fail_type"]) == ("msg_send_fail", "mine", 10)


def test_rule_31_pages_hide_what_the_api_sent(desk: Desk) -> None:
    desk.act("kf_says", text="一")
    desk.send()
    desk.act("kf_says", text="二")
    first = desk.sync(limit=1)
    second = desk.sync(limit=1, cursor=first["next_cursor"])
    third = desk.sync(limit=1, cursor=second["next_cursor"])
    texts = [[one["text"]["content"] for one in page["msg_list"]] for page in (first, second, third)]
    assert texts == [["一"], [], ["二"]]
    assert [page["has_more"] for page in (first, second, third)] == [1, 1, 0]
    last = desk.sync(limit=1, cursor=third["next_cursor"])
    assert (last["msg_list"], last["has_more"], last["next_cursor"]) == ([], 0, third["next_cursor"])
    desk.act("kf_says", text="三")
    assert [one["text"]["content"] for one in desk.sync(cursor=last["next_cursor"])["msg_list"]] == ["三"]


def test_rule_31_token_of_ten_minutes_and_without_it_slowly(desk: Desk, receiver: Receiver) -> None:
    wire = desk.wire
    desk.act("kf_says", text="在吗")
    wire.control("POST", "settle")
    event = receiver.events[-1]
    assert ("FromUserName" in event, event["OpenKfId"]) == (False, desk.account)
    assert len(desk.sync(token=event["Token"])["msg_list"]) == 1
    assert desk.sync(token="invented")["errcode"] == 95007
    wire.advance(600)
    assert desk.sync(token=event["Token"])["errcode"] == 0
    wire.advance(1)
    assert desk.sync(token=event["Token"])["errcode"] == 95007
    assert [desk.sync()["errcode"] for _ in range(11)] == [0] * 10 + [45009]


def test_rule_31_three_days(desk: Desk) -> None:
    desk.act("kf_says", text="在吗")
    desk.wire.advance(3 * DAY - 1)
    desk.wire.forget_tokens()
    assert len(desk.sync()["msg_list"]) == 1
    desk.wire.advance(1)
    assert desk.sync()["msg_list"] == []


@pytest.mark.parametrize(("edges", "code"), [("documented", 95016), ("lenient", 0)])
def test_rule_32_edges_by_switch(desk: Desk, edges: str, code: int) -> None:
    desk.wire.switch(kf_edges=edges)
    assert desk.move(4)["errcode"] == code


def test_rule_32_from_the_pool_to_a_servicer_to_the_end(desk: Desk) -> None:
    desk.act("kf_says", text="在吗")
    assert "msg_code" in desk.move(2)
    assert desk.move(3, servicer_userid="zhoumin")["errcode"] == 95014
    desk.wire.act("kf_stops", open_kfid=desk.account, userid="chenning")
    assert desk.move(3, servicer_userid="chenning")["errcode"] == 95019
    desk.wire.act("kf_stops", open_kfid=desk.account, userid="chenning", stopped=False)
    assert "msg_code" in desk.move(3, servicer_userid="chenning")
    assert desk.wire.post(f"{K}/service_state/get", **desk.who)["servicer_userid"] == "chenning"
    desk.act("kf_answers", userid="chenning", text="您好")
    code = desk.move(4)["msg_code"]
    assert [desk.move(state)["errcode"] for state in range(1, 5)] == [95016] * 4
    assert (desk.on_event(code), desk.on_event(code)) == (0, 41050)
    desk.act("kf_says", text="又来了")
    assert desk.wire.post(f"{K}/service_state/get", **desk.who)["service_state"] == 0
    assert [one["origin"] for one in desk.sync()["msg_list"]] == [3, 5, 3]


def test_rule_33_welcome_code_serves_20_seconds_once_in_48_hours(desk: Desk) -> None:
    first = desk.act("kf_enter")["welcome_code"]
    desk.wire.advance(21)
    assert desk.on_event(first) == 41050
    second = desk.act("kf_enter")["welcome_code"]
    assert desk.on_event(second) == 0
    assert desk.act("kf_enter")["welcome_code"] == ""
    desk.wire.advance(48 * HOUR + 1)
    assert desk.act("kf_enter")["welcome_code"]
    desk.act("kf_says", text="在吗")
    assert desk.act("kf_enter")["welcome_code"] == ""
    desk.wire.forget_tokens()
    event = desk.sync()["msg_list"][-1]
    assert (event["msgtype"], "external_userid" in event, event["event"]["external_userid"]) == (
        "event",
        False,
        desk.who["external_userid"],
    )


def test_rule_33_pick_up_and_end_by_the_servicer(desk: Desk) -> None:
    desk.act("kf_says", text="在吗")
    desk.move(2)
    desk.act("kf_picks_up", userid="chenning")
    desk.act("kf_closes", userid="chenning")
    changes = [one["event"] for one in desk.sync()["msg_list"] if one["msgtype"] == "event"]
    assert [one["change_type"] for one in changes] == [1, 3]
    desk.wire.advance(21)
    assert [desk.on_event(one["msg_code"]) for one in changes] == [0, 41050]


def test_rule_33_customers_active_in_48_hours(desk: Desk) -> None:
    ids = [desk.who["external_userid"]]
    assert desk.wire.post(f"{K}/customer/batchget", external_userid_list=ids)["invalid_external_userid"] == ids
    desk.act("kf_says", text="在吗")
    assert desk.wire.post(f"{K}/customer/batchget", external_userid_list=ids)["customer_list"][0]["nickname"] == "林晓"


def test_rule_33_accounts_page_by_offset(desk: Desk) -> None:
    desk.wire.post(f"{K}/account/add", name="第二")
    pages = [desk.wire.post(f"{K}/account/list", offset=offset, limit=1)["account_list"] for offset in range(3)]
    assert [[one["name"] for one in page] for page in pages] == [["悦肤客服"], ["第二"], []]
    assert desk.wire.code(f"{K}/account/add", name="长" * 17) == 95006
    assert desk.wire.code(f"{K}/account/del", open_kfid="unknown") == 95004


@pytest.fixture
def archive(wire: Wire) -> tuple[Archive, rsa.RSAPrivateKey]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    wire.control("POST", f"corps/{CORP}/staff/chenning", archived=1)
    wire.control("POST", f"corps/{CORP}/archive/key", public_key=pem.decode())
    return Archive(wire.simulator.world, CORP), key


def talked(wire: Wire, count: int) -> int:
    person = wire.customer()
    for number in range(count):
        wire.act("customer_says", corpid=CORP, userid="chenning", person=person, text=f"第{number}句")
    return person


def test_rule_35_records_after_a_seq(wire: Wire, archive: tuple[Archive, rsa.RSAPrivateKey]) -> None:
    adapter, key = archive
    person = talked(wire, 3)
    first = adapter.get_chat_data(0, 2)["chatdata"]
    rest = adapter.get_chat_data(first[-1]["seq"], 2)["chatdata"]
    assert (len(first), len(rest)) == (2, 1)
    assert adapter.get_chat_data(rest[-1]["seq"], 2)["chatdata"] == []
    record = rest[0]
    assert (record["publickey_ver"], record["msgid"].endswith("_external")) == (1, True)
    random_key = key.decrypt(base64.b64decode(record["encrypt_random_key"]), PKCS1v15()).decode()
    message = json.loads(decrypt(random_key, record["encrypt_chat_msg"]))
    assert (message["from"], message["tolist"], message["text"]["content"]) == (
        wire.outside(person),
        ["chenning"],
        "第2句",
    )
    assert wire.control("GET", f"corps/{CORP}/archive", seq=0, limit=1)["chatdata"] == first[:1]


def test_rule_35_limits(wire: Wire, archive: tuple[Archive, rsa.RSAPrivateKey]) -> None:
    adapter, _key = archive
    talked(wire, 1)
    with pytest.raises(ArchiveRefused, match="10000"):
        adapter.get_chat_data(0, 1001)
    wire.advance(5 * DAY)
    assert adapter.get_chat_data(0, 1000)["chatdata"] == []
    with pytest.raises(ArchiveRefused, match="10010"):
        adapter.get_media_data("unknown", 0)


def test_rule_35_media_in_pieces(wire: Wire, archive: tuple[Archive, rsa.RSAPrivateKey]) -> None:
    adapter, _key = archive
    body = b"x" * (CHUNK + 1)
    media = wire.upload("/cgi-bin/media/upload", {"type": "file"}, body)["media_id"]
    assert [adapter.get_media_data(media, start) for start in (0, CHUNK)] == [(body[:CHUNK], False), (b"x", True)]


def test_rule_35_key_versions_and_consent(wire: Wire, archive: tuple[Archive, rsa.RSAPrivateKey]) -> None:
    adapter, _key = archive
    person = talked(wire, 1)
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = other.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    adapter.set_key(pem.decode())
    assert adapter.get_chat_data(0, 1)["chatdata"][0]["publickey_ver"] == 2
    wire.switch(archive_agreed=False)
    pair = {"userid": "chenning", "exteranalopenid": wire.outside(person)}
    path = "/cgi-bin/msgaudit/check_single_agree"
    assert wire.post(path, info=[pair])["agreeinfo"][0]["agree_status"] == "Disagree"
    assert adapter.get_chat_data(0, 1000)["chatdata"] == []
    wire.act("agree_to_archive", corpid=CORP, userid="chenning", person=person)
    assert wire.post(path, info=[pair])["agreeinfo"][0]["agree_status"] == "Agree"
    assert len(adapter.get_chat_data(0, 1000)["chatdata"]) == 1
    assert wire.post("/cgi-bin/msgaudit/get_permit_user_list")["ids"] == ["chenning"]
