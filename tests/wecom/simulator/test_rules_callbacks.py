"""Rules 12 to 15: delivery and its failures, what a receiver must refuse, what calls nothing back, group versions."""

from collections.abc import Callable

import pytest

from tests.wecom.simulator.conftest import CORP, KEY, TOKEN, Receiver, Wire, X
from wecom.simulator.rules.rule_13_hostile import KINDS

Heard = Callable[[], list[str]]
ADDED = "change_external_contact.add_external_contact"


@pytest.mark.parametrize("tail", [b"\n", b'"', b"\xef\xbb\xbf"])
def test_rule_12_echo_must_be_exact(wire: Wire, receiver: Receiver, tail: bytes) -> None:
    receiver.echo_tail = tail
    said = wire.refused("POST", f"corps/{CORP}/apps/1000002/callback", url=receiver.url, token=TOKEN, aes_key=KEY)
    assert said.startswith("The callback URL did not give back the plain text")


def test_rule_12_echo_of_a_wrong_address(wire: Wire) -> None:
    path = f"corps/{CORP}/apps/1000002/callback"
    assert "begins with http://" in wire.refused("POST", path, url="file:///etc/passwd", token=TOKEN, aes_key=KEY)
    assert "None" in wire.refused("POST", path, url="http://127.0.0.1:1/", token=TOKEN, aes_key=KEY)


def statuses(wire: Wire) -> dict[str, int]:
    counts: dict[str, int] = wire.control("GET", "callbacks")["counts"]
    return counts


def test_rule_12_three_retries_then_failed(wire: Wire, receiver: Receiver, heard: Heard) -> None:
    receiver.answers = [500] * 4
    wire.customer()
    for retry in range(3):
        assert heard() == [ADDED] * (retry + 1)
        assert statuses(wire) == {"waiting": 1}
        wire.advance(5)
    assert heard() == [ADDED] * 4
    assert statuses(wire) == {"failed": 1}
    assert len(set(receiver.bodies)) == 1


@pytest.mark.parametrize(("retry", "status"), [(True, "waiting"), (False, "failed")])
def test_rule_12_answer_other_than_200_by_switch(
    wire: Wire, receiver: Receiver, heard: Heard, retry: bool, status: str
) -> None:
    wire.switch(callback_retry_non_200=retry)
    receiver.answers = [500]
    wire.customer()
    assert heard() == [ADDED]
    assert statuses(wire) == {status: 1}


def test_rule_12_no_answer_in_time_is_retried(wire: Wire, receiver: Receiver) -> None:
    wire.switch(callback_timeout=0.2, callback_retry_non_200=False)
    receiver.gate.clear()
    wire.customer()
    wire.control("POST", "settle")
    assert statuses(wire) == {"waiting": 1}
    receiver.gate.set()
    wire.advance(5)
    wire.control("POST", "settle")
    assert statuses(wire) == {"delivered": 1}


@pytest.mark.parametrize("kind", KINDS)
def test_rule_13_hostile_deliveries_reach_the_receiver(wire: Wire, receiver: Receiver, kind: str) -> None:
    """Ours trusts nobody and falls over each of them; that it is reached and given no event is the point."""
    said = wire.control("POST", f"corps/{CORP}/apps/1000002/hostile", kind=kind)
    assert said["status"] in (None, 200)
    assert all("<Event><![CDATA[change" not in body for body in receiver.bodies)


def test_rule_13_unknown_hostility(wire: Wire, receiver: Receiver) -> None:
    assert "wrong_token" in wire.refused("POST", f"corps/{CORP}/apps/1000002/hostile", kind="rude")


def test_rule_14_what_the_api_does_calls_nothing_back(wire: Wire, receiver: Receiver, heard: Heard) -> None:
    person = wire.customer()
    before = heard()
    who = {"userid": "chenning", "external_userid": wire.outside(person)}
    group = wire.post(f"{X}/add_corp_tag", group_name="肤质", tag=[{"name": "干性"}])["tag_group"]
    tag = group["tag"][0]["id"]
    codes = [
        wire.code(f"{X}/remark", remark="林姐", **who),
        wire.code(f"{X}/mark_tag", add_tag=[tag], **who),
        wire.code(f"{X}/edit_corp_tag", id=tag, name="中性"),
        wire.code(f"{X}/del_corp_tag", tag_id=[tag]),
    ]
    assert codes == [0, 0, 0, 0]
    assert heard() == before == [ADDED]


def test_rule_14_what_clients_and_admins_do_calls_back(wire: Wire, receiver: Receiver, heard: Heard) -> None:
    person = wire.customer()
    who = {"corpid": CORP, "userid": "chenning", "person": person}
    made = wire.act("add_tag", corpid=CORP, group="肤质", name="干性")
    wire.act("mark", add=[made["tag_id"]], **who)
    wire.act("note", remark="林姐", **who)
    wire.act("edit_tag", corpid=CORP, id=made["tag_id"], name="中性")
    wire.act("delete_tag", corpid=CORP, id=made["group_id"])
    contact, tag = "change_external_contact", "change_external_tag"
    expected = [f"{contact}.add_external_contact", *[f"{contact}.edit_external_contact"] * 2]
    assert heard() == [*expected, *[f"{tag}.create"] * 2, f"{tag}.delete", f"{tag}.update"]
    assert [one["TagType"] for one in receiver.events if one.get("ChangeType") == "delete"] == ["tag_group"]


def test_rule_15_member_versions_chain(wire: Wire, receiver: Receiver, heard: Heard) -> None:
    chat = wire.act("create_group", corpid=CORP, userid="chenning", name="悦肤会1群")["chat"]
    people = [wire.person(name) for name in ("林晓", "王悦")]
    for person in people:
        wire.act("join_group", chat=chat, person=person)
    wire.act("leave_group", chat=chat, person=people[0])
    heard()
    changes = sorted((one for one in receiver.events if one.get("UpdateDetail")), key=lambda one: one["CurMemVer"])
    chain = {one["LastMemVer"]: one["CurMemVer"] for one in changes}
    version = wire.post(f"{X}/groupchat/get", chat_id=wire.chat_id(chat))["group_chat"]["member_version"]
    start = (set(chain) - set(chain.values())).pop()
    for _ in range(3):
        start = chain[start]
    assert start == version
    assert {one["UpdateDetail"] for one in changes} == {"add_member", "del_member"}


def test_rule_15_chain_broken_on_purpose(wire: Wire, receiver: Receiver, heard: Heard) -> None:
    wire.switch(break_member_versions=True)
    chat = wire.act("create_group", corpid=CORP, userid="chenning", name="悦肤会1群")["chat"]
    before = wire.post(f"{X}/groupchat/get", chat_id=wire.chat_id(chat))["group_chat"]["member_version"]
    wire.act("join_group", chat=chat, person=wire.person())
    heard()
    assert [one["LastMemVer"] == before for one in receiver.events if one.get("UpdateDetail")] == [False]


def test_rule_15_group_is_read_late(wire: Wire) -> None:
    wire.switch(group_stale_seconds=2)
    chat = wire.act("create_group", corpid=CORP, userid="chenning", name="悦肤会1群")["chat"]
    wire.advance(10)
    wire.act("join_group", chat=chat, person=wire.person())

    def size() -> int:
        return len(wire.post(f"{X}/groupchat/get", chat_id=wire.chat_id(chat))["group_chat"]["member_list"])

    assert size() == 1
    wire.advance(2)
    assert size() == 2
