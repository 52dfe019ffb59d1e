"""Rules 23 to 29: mass messages, moments, inheritance."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.wecom.simulator.conftest import CORP, NOON, Receiver, Wire, X

Heard = Callable[[], list[str]]
TEXT = {"text": {"content": "秋季上新"}}
DAY = 86400


def send(wire: Wire, **body: Any) -> dict[str, Any]:
    return wire.post(f"{X}/add_msg_template", **{**TEXT, **body})


def rows(wire: Wire, msgid: str, userid: str = "chenning") -> list[int]:
    found = wire.post(f"{X}/get_groupmsg_send_result", msgid=msgid, userid=userid)
    return [row["status"] for row in found["send_list"]]


def confirmed(wire: Wire, person: int) -> int:
    """One message to her, confirmed; the status of its row."""
    msgid = send(wire, external_userid=[wire.outside(person)])["msgid"]
    wire.act("confirm_mass", msgid=msgid, userid="chenning")
    return rows(wire, msgid)[0]


@pytest.mark.parametrize(
    ("cap", "most", "later"),
    [("daily_1", 1, 1), ("weekly_7", 7, 5), ("legacy_monthly_4", 4, 1), ("monthly_days", 30, 1)],
)
def test_rule_23_cap_by_setting_and_its_window(wire: Wire, cap: str, most: int, later: int) -> None:
    """On Wednesday 30 September: tomorrow is another day and month, Monday another week."""
    wire.switch(mass_cap=cap)
    person = wire.customer()
    assert [confirmed(wire, person) for _ in range(most + 1)] == [1] * most + [3]
    wire.advance(later * DAY)
    wire.forget_tokens()
    assert confirmed(wire, person) == 1


def test_rule_23_messages_of_members_count(wire: Wire) -> None:
    wire.switch(mass_cap="daily_1")
    person = wire.customer()
    wire.act("mass_by_member", corpid=CORP, userid="chenning", text="自己发的", people=[person])
    assert confirmed(wire, person) == 3


def test_rule_23_groups_have_a_cap_too(wire: Wire) -> None:
    wire.switch(mass_cap="daily_1")
    chat = wire.act("create_group", corpid=CORP, userid="chenning", name="群")["chat"]
    for _ in range(2):
        msgid = send(wire, chat_type="group", sender="chenning")["msgid"]
        wire.act("confirm_mass", msgid=msgid, userid="chenning")
    assert [one["chat"] for one in wire.reached(channel="group_mass")] == [chat]


def test_rule_24_status_is_decided_at_sending(wire: Wire) -> None:
    wire.switch(mass_cap="daily_1")
    friend, stranger, capped = (wire.customer(name=name) for name in ("林晓", "王悦", "李静"))
    confirmed(wire, capped)
    msgid = send(wire, external_userid=[wire.outside(one) for one in (friend, stranger, capped)])["msgid"]
    assert rows(wire, msgid) == [0, 0, 0]
    wire.act("customer_deletes", corpid=CORP, userid="chenning", person=stranger)
    assert wire.act("confirm_mass", msgid=msgid, userid="chenning") == {"outcome": {"1": 1, "2": 1, "3": 1}}
    assert rows(wire, msgid) == [1, 2, 3]
    assert [one["person"] for one in wire.reached(source=msgid)] == [friend]


@pytest.mark.parametrize("listed", [False, True])
def test_rule_24_capped_in_fail_list_by_switch(wire: Wire, listed: bool) -> None:
    wire.switch(mass_cap="daily_1", capped_in_fail_list=listed)
    free, capped = wire.customer(), wire.customer(name="王悦")
    confirmed(wire, capped)
    said = send(wire, external_userid=[wire.outside(free), wire.outside(capped), "unknown"])
    assert said["fail_list"] == ([wire.outside(capped), "unknown"] if listed else ["unknown"])
    assert send(wire, external_userid=["unknown"])["errcode"] == 41048


def test_rule_25_nothing_is_sent_before_the_member_confirms(wire: Wire) -> None:
    person = wire.customer()
    msgid = send(wire, sender="chenning")["msgid"]
    assert wire.reached() == []
    wire.act("ignore_mass", msgid=msgid, userid="chenning")
    assert wire.post(f"{X}/get_groupmsg_task", msgid=msgid)["task_list"] == [{"userid": "chenning", "status": 0}]
    wire.act("confirm_mass", msgid=msgid, userid="chenning")
    assert wire.post(f"{X}/get_groupmsg_task", msgid=msgid)["task_list"] == [
        {"userid": "chenning", "status": 2, "send_time": NOON}
    ]
    assert [(one["person"], one["content"]) for one in wire.reached()] == [(person, TEXT)]
    assert "confirmed" in wire.refused("POST", "act", act="confirm_mass", msgid=msgid, userid="chenning")


def test_rule_25_the_last_to_talk_gets_the_task(wire: Wire) -> None:
    person = wire.customer("chenning")
    wire.advance(10)
    wire.act("add", corpid=CORP, userid="zhoumin", person=person)

    def who() -> list[str]:
        msgid = send(wire, external_userid=[wire.outside(person)])["msgid"]
        return [one["userid"] for one in wire.post(f"{X}/get_groupmsg_task", msgid=msgid)["task_list"]]

    assert who() == ["zhoumin"]
    wire.advance(10)
    wire.act("staff_says", corpid=CORP, userid="chenning", person=person, text="在")
    assert who() == ["chenning"]


def test_rule_25_tag_filter_or_within_and_between(wire: Wire) -> None:
    tags = {name: wire.act("add_tag", corpid=CORP, group="肤质", name=name)["tag_id"] for name in ("干", "油", "新")}
    people = {name: wire.customer(name=name) for name in ("干", "油", "干新", "无")}
    for name, person in people.items():
        wire.act("mark", corpid=CORP, userid="chenning", person=person, add=[tags[one] for one in name if one in tags])

    def reach(*groups: list[str], **more: Any) -> list[int]:
        named = [{"tag_list": [tags[name] for name in group]} for group in groups]
        msgid = send(wire, tag_filter={"group_list": named}, **more)["msgid"]
        wire.act("confirm_mass", msgid=msgid, userid="chenning")
        return [one["person"] for one in wire.reached(source=msgid)]

    assert reach(["干", "油"]) == [people["干"], people["油"], people["干新"]]
    assert reach(["干", "油"], ["新"]) == [people["干新"]]
    assert reach(["油"], external_userid=[wire.outside(people["无"])]) == [people["无"]]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, 40063),
        ({"chat_type": "group"}, 40063),
        ({"chat_type": "everybody", "sender": "chenning"}, 40058),
        ({"external_userid": ["x"] * 10_001}, 40058),
        ({"sender": "nobody"}, 60111),
        ({"sender": "chenning", "text": {}}, 40063),
        ({"sender": "chenning", "text": {"content": "x" * 4001}}, 40058),
        ({"sender": "chenning", "attachments": [{"msgtype": "link", "link": {"title": "x" * 129, "url": "x"}}]}, 40058),
        ({"sender": "chenning", "attachments": [{"msgtype": "link", "link": {"title": "x" * 128, "url": "x"}}]}, 0),
    ],
)
def test_rule_25_fields(wire: Wire, body: dict[str, Any], code: int) -> None:
    wire.customer()
    assert send(wire, **body)["errcode"] == code


def test_rule_25_partial_selection_of_groups(wire: Wire) -> None:
    chats = [wire.act("create_group", corpid=CORP, userid="chenning", name=f"{n}群")["chat"] for n in range(3)]
    msgid = send(wire, chat_type="group", sender="chenning", allow_select=True)["msgid"]
    wire.act("confirm_mass", msgid=msgid, userid="chenning", rows=[2])
    found = wire.post(f"{X}/get_groupmsg_send_result", msgid=msgid, userid="chenning")["send_list"]
    assert [(one["chat_id"], one["status"]) for one in found] == [(wire.chat_id(chats[1]), 1)]


def test_rule_25_records_while_it_is_dispatched(wire: Wire) -> None:
    wire.switch(mass_dispatch_seconds=3)
    wire.customer()
    msgid = send(wire, sender="chenning")["msgid"]
    assert wire.code(f"{X}/get_groupmsg_task", msgid=msgid) == 41063
    wire.advance(3)
    assert wire.code(f"{X}/get_groupmsg_task", msgid=msgid) == 0


def listed(wire: Wire, **more: Any) -> dict[str, Any]:
    return wire.post(
        f"{X}/get_groupmsg_list_v2", **{"chat_type": "single", "start_time": NOON - DAY, "end_time": NOON + DAY, **more}
    )


def test_rule_26_list_pages_and_creators(wire: Wire) -> None:
    person = wire.customer()
    for _ in range(60):
        send(wire, sender="chenning")
    wire.act("mass_by_member", corpid=CORP, userid="chenning", text="自己发的", people=[person])
    assert [len(listed(wire, limit=limit)["group_msg_list"]) for limit in (0, 55, 100, 101)] == [50, 55, 61, 50]
    first = listed(wire)
    second = listed(wire, cursor=first["next_cursor"])
    assert (len(second["group_msg_list"]), second["next_cursor"]) == (11, "")
    assert {one.get("creator") for one in first["group_msg_list"]} == {None}
    assert [one["creator"] for one in listed(wire, filter_type=1)["group_msg_list"]] == ["chenning"]
    assert listed(wire, start_time=NOON - 32 * DAY)["errcode"] == 40058
    assert wire.code(f"{X}/get_groupmsg_list_v2", chat_type="single") == 40063


def test_rule_26_three_reminders_in_a_day(wire: Wire) -> None:
    wire.customer()
    msgid = send(wire, sender="chenning")["msgid"]
    assert [wire.code(f"{X}/remind_groupmsg_send", msgid=msgid) for _ in range(4)] == [0, 0, 0, 41094]
    wire.advance(DAY)
    wire.forget_tokens()
    assert wire.code(f"{X}/remind_groupmsg_send", msgid=msgid) == 0


def test_rule_26_cancel_recalls_nothing(wire: Wire) -> None:
    person = wire.customer()
    wire.customer("zhoumin", "王悦")
    msgid = send(wire, external_userid=[wire.outside(person), wire.outside(person + 1)])["msgid"]
    wire.act("confirm_mass", msgid=msgid, userid="chenning")
    assert wire.code(f"{X}/cancel_groupmsg_send", msgid=msgid) == 0
    assert wire.code(f"{X}/cancel_groupmsg_send", msgid=msgid) == 41093
    assert wire.code(f"{X}/remind_groupmsg_send", msgid=msgid) == 41093
    assert "41093" in wire.refused("POST", "act", act="confirm_mass", msgid=msgid, userid="zhoumin")
    assert [one["person"] for one in wire.reached(source=msgid)] == [person]
    assert wire.code(f"{X}/cancel_groupmsg_send", msgid="unknown") == 41047


def moment(wire: Wire, **body: Any) -> dict[str, Any]:
    return wire.post(f"{X}/add_moment_task", **{**TEXT, **body})


def result(wire: Wire, jobid: str) -> dict[str, Any]:
    return wire.get(f"{X}/get_moment_task_result", jobid=jobid)


def test_rule_27_job_then_dispatch_then_publication(wire: Wire) -> None:
    person = wire.customer()
    jobid = moment(wire)["jobid"]
    assert result(wire, jobid)["status"] == 1
    wire.advance(1)
    assert result(wire, jobid)["status"] == 2
    wire.advance(1)
    moment_id = result(wire, jobid)["result"]["moment_id"]
    assert wire.code(f"{X}/get_moment_task", moment_id=moment_id) == 41079
    wire.advance(2)
    assert wire.post(f"{X}/get_moment_task", moment_id=moment_id)["task_list"] == [
        {"userid": "chenning", "publish_status": 0}
    ]
    assert wire.code(f"{X}/get_moment_customer_list", moment_id=moment_id, userid="chenning") == 41062
    assert wire.act("publish_moment", moment_id=moment_id, userid="chenning") == {"shown": 1}
    seen = wire.post(f"{X}/get_moment_customer_list", moment_id=moment_id, userid="chenning")["customer_list"]
    assert seen == [{"userid": "chenning", "external_userid": wire.outside(person)}]
    assert wire.post(f"{X}/get_moment_send_result", moment_id=moment_id, userid="chenning")["customer_list"] == []
    wire.act("answer_moment", moment_id=moment_id, userid="chenning", person=person)
    likes = wire.post(f"{X}/get_moment_comments", moment_id=moment_id, userid="chenning")["like_list"]
    assert [one["external_userid"] for one in likes] == [wire.outside(person)]


def test_rule_27_job_ends_without_being_asked_for(wire: Wire) -> None:
    wire.customer()
    moment(wire)
    wire.advance(2)
    found = wire.post(f"{X}/get_moment_list", start_time=NOON - 1, end_time=NOON + 60)["moment_list"]
    assert [("creator" in one, one["visible_type"], one["create_type"]) for one in found] == [(False, 1, 0)]
    assert wire.code(f"{X}/cancel_moment_task", moment_id=found[0]["moment_id"]) == 0
    assert wire.post(f"{X}/get_moment_list", start_time=NOON - 1, end_time=NOON + 60)["moment_list"] == []


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"text": {"content": "字" * 2001}}, "invalid text size"),
        ({"attachments": [{"msgtype": "file"}]}, "invalid attachments msgtype"),
        (
            {"attachments": [{"msgtype": "link", "link": {}}, {"msgtype": "image", "image": {}}]},
            "invalid attachments msgtype",
        ),
        ({"attachments": [{"msgtype": "image", "image": {"media_id": "x"}}] * 10}, "invalid attachments size"),
        ({"attachments": [{"msgtype": "video", "video": {}}]}, "invalid msg"),
        ({"text": {}}, "the moment is empty"),
    ],
)
def test_rule_27_content(wire: Wire, body: dict[str, Any], said: str) -> None:
    found = moment(wire, **body)
    assert found["errcode"]
    assert found["errmsg"].startswith(said)


def test_rule_27_ten_a_minute(wire: Wire) -> None:
    wire.customer()
    assert [moment(wire)["errcode"] for _ in range(11)] == [0] * 10 + [41210]
    wire.advance(60)
    assert moment(wire)["errcode"] == 0


def test_rule_27_partly_visible_by_tags(wire: Wire) -> None:
    tag = wire.act("add_tag", corpid=CORP, group="肤质", name="干")["tag_id"]
    person = wire.customer()
    wire.customer(name="王悦")
    wire.act("mark", corpid=CORP, userid="chenning", person=person, add=[tag])
    reach = {"sender_list": {"user_list": ["chenning", "gone"]}, "external_contact_list": {"tag_list": [tag, "etnone"]}}
    jobid = moment(wire, visible_range=reach)["jobid"]
    wire.advance(4)
    found = result(wire, jobid)["result"]
    assert (found["invalid_sender_list"]["user_list"], found["invalid_external_contact_list"]["tag_list"]) == (
        ["gone"],
        ["etnone"],
    )
    assert wire.act("publish_moment", moment_id=found["moment_id"], userid="chenning") == {"shown": 1}
    assert (
        wire.post(f"{X}/get_moment_list", start_time=NOON - 1, end_time=NOON + 60)["moment_list"][0]["visible_type"]
        == 0
    )


def transfer(wire: Wire, *people: int, way: str = "transfer_customer", **more: Any) -> list[int]:
    pair = {"handover_userid": "chenning", "takeover_userid": "zhoumin"}
    said = wire.post(f"{X}/{way}", external_userid=[wire.outside(one) for one in people], **{**pair, **more})
    return [one["errcode"] for one in said["customer"]] if said["errcode"] == 0 else [said["errcode"]]


def states(wire: Wire, way: str = "transfer_result") -> list[int]:
    said = wire.post(f"{X}/{way}", handover_userid="chenning", takeover_userid="zhoumin")
    return [one["status"] for one in said["customer"]]


def test_rule_28_takes_effect_after_a_day_and_is_told_of(wire: Wire, receiver: Receiver, heard: Heard) -> None:
    person = wire.customer()
    assert transfer(wire, person) == [0]
    assert transfer(wire, person) == [40129]
    assert states(wire) == [2]
    wire.advance(DAY - 1)
    wire.forget_tokens()
    assert states(wire) == [2]
    wire.advance(1)
    assert states(wire) == [1]
    contact = "change_external_contact"
    assert heard() == [f"{contact}.add_external_contact"] * 2 + [f"{contact}.del_external_contact"]
    assert [one["Source"] for one in receiver.events if one["ChangeType"] == "del_external_contact"] == [
        "DELETE_BY_TRANSFER"
    ]
    follow = wire.get(f"{X}/get", external_userid=wire.outside(person))["follow_user"]
    assert [one["userid"] for one in follow] == ["zhoumin"]


def test_rule_28_no_second_add_for_a_friend(wire: Wire, receiver: Receiver, heard: Heard) -> None:
    person = wire.customer()
    wire.act("add", corpid=CORP, userid="zhoumin", person=person)
    transfer(wire, person)
    wire.advance(DAY)
    assert heard().count("change_external_contact.add_external_contact") == 2


def test_rule_28_refused_by_the_customer(wire: Wire, receiver: Receiver, heard: Heard) -> None:
    person = wire.customer()
    transfer(wire, person)
    wire.act("refuse_transfer", transfer=1)
    wire.advance(0)
    assert states(wire) == [3]
    heard()
    assert [one["FailReason"] for one in receiver.events if one["ChangeType"] == "transfer_fail"] == [
        "customer_refused"
    ]


def test_rule_28_twice_in_ninety_days(wire: Wire) -> None:
    person = wire.customer()
    pairs = [("chenning", "zhoumin"), ("zhoumin", "chenning"), ("chenning", "zhoumin")]
    codes = []
    for handover, takeover in pairs:
        codes += transfer(wire, person, handover_userid=handover, takeover_userid=takeover)
        wire.advance(DAY)
        wire.forget_tokens()
    assert codes == [0, 0, 40128]
    wire.advance(90 * DAY)
    wire.forget_tokens()
    assert transfer(wire, person) == [0]


def test_rule_28_who_may_take_over(wire: Wire) -> None:
    person = wire.customer()
    assert transfer(wire, person, takeover_userid="chenning") == [40130]
    assert transfer(wire, person, handover_userid="zhoumin", takeover_userid="chenning") == [40131]
    assert transfer(wire, *[person] * 101) == [40058]
    for field, value, code in (("verified", 0, 40098), ("contacts", 0, 84074), ("last_login", 1, 40205)):
        before = {"verified": 1, "contacts": 1, "last_login": NOON}[field]
        wire.control("POST", f"corps/{CORP}/staff/zhoumin", **{field: value})
        assert transfer(wire, person) == [code]
        wire.control("POST", f"corps/{CORP}/staff/zhoumin", **{field: before})
    said = wire.post(
        f"{X}/transfer_customer", handover_userid="chenning", takeover_userid="zhoumin", external_userid=["unknown"]
    )
    assert said["customer"] == [{"external_userid": "unknown", "errcode": 40096}]


def test_rule_29_after_leaving(wire: Wire) -> None:
    person = wire.customer()
    assert transfer(wire, person, way="resigned/transfer_customer") == [40097]
    wire.control("POST", f"corps/{CORP}/staff/chenning/leave")
    waiting = wire.post(f"{X}/get_unassigned_list")
    assert waiting["info"] == [
        {"handover_userid": "chenning", "external_userid": wire.outside(person), "dimission_time": NOON}
    ]
    assert (waiting["is_last"], waiting["next_cursor"]) == (True, "")
    assert transfer(wire, person, way="resigned/transfer_customer") == [0]
    wire.advance(DAY)
    wire.forget_tokens()
    assert states(wire, "resigned/transfer_result") == [1]
    assert wire.post(f"{X}/get_unassigned_list")["info"] == []
    wire.advance(366 * DAY)
    wire.forget_tokens()
    wire.control("POST", f"corps/{CORP}/staff/zhoumin", last_login=wire.simulator.world.now)
    assert transfer(wire, person, way="resigned/transfer_customer") == [40097]


def move(wire: Wire, way: str, *chats: int) -> list[int]:
    said = wire.post(f"{X}/groupchat/{way}", chat_id_list=[wire.chat_id(chat) for chat in chats], new_owner="zhoumin")
    assert said["errcode"] == 0, said
    return [one["errcode"] for one in said["failed_chat_list"]]


def test_rule_29_groups(wire: Wire) -> None:
    chat = wire.act("create_group", corpid=CORP, userid="chenning", name="群")["chat"]
    inner = wire.act("create_group", corpid=CORP, userid="chenning", name="内部群", customer=False)["chat"]
    assert move(wire, "transfer", chat) == [90500]
    assert move(wire, "onjob_transfer", inner) == [90501]
    assert move(wire, "onjob_transfer", chat) == []
    assert wire.post(f"{X}/groupchat/get", chat_id=wire.chat_id(chat))["group_chat"]["owner"] == "zhoumin"
    wire.act("change_group", chat=chat, detail="change_owner", value="chenning")
    wire.control("POST", f"corps/{CORP}/staff/chenning/leave")
    assert wire.post(f"{X}/groupchat/list", limit=10, status_filter=1)["group_chat_list"] == [
        {"chat_id": wire.chat_id(chat), "status": 1}
    ]
    assert move(wire, "transfer", chat) == []


def test_rule_29_group_twice_in_ninety_days_and_300_a_day(wire: Wire) -> None:
    chat = wire.act("create_group", corpid=CORP, userid="chenning", name="群")["chat"]
    codes = []
    for _ in range(3):
        codes.append(move(wire, "onjob_transfer", chat))
        wire.act("change_group", chat=chat, detail="change_owner", value="chenning")
    assert codes == [[], [], [40128]]
    chats = [wire.act("create_group", corpid=CORP, userid="chenning", name=f"{n}")["chat"] for n in range(299)]
    assert [
        code for start in range(0, 299, 100) for code in move(wire, "onjob_transfer", *chats[start : start + 100])
    ] == [45009]
