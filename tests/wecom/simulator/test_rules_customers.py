"""Rules 16 to 22: identities, relations, tags, codes, links, the welcome message."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.wecom.simulator.conftest import CORP, Receiver, Wire, X

Heard = Callable[[], list[str]]


def test_rule_16_ids_belong_to_the_subject(wire: Wire) -> None:
    wire.control("POST", f"corps/{CORP}/apps", agentid=7, secret="second", scopes=["customers"])
    wire.control("POST", f"corps/{CORP}/apps", agentid=8, secret="provider", scopes=["customers"], subject="provider")
    person = wire.customer()
    own, provider = wire.outside(person), wire.outside(person, "provider")
    assert own.startswith("wm")
    assert own != provider
    assert (
        wire.api("GET", f"{X}/get", {"external_userid": own}, secret="second")["external_contact"]["external_userid"]
        == own
    )
    assert wire.api("GET", f"{X}/get", {"external_userid": own}, secret="provider")["errcode"] == 40096
    seen = wire.api("GET", f"{X}/get", {"external_userid": provider}, secret="provider")["external_contact"]
    assert "unionid" not in seen
    assert (
        wire.post(f"{X}/from_service_external_userid", external_userid=provider, source_agentid=8)["external_userid"]
        == own
    )


def test_rule_16_unionid_needs_wechat_and_a_bound_account(wire: Wire) -> None:
    wechat, wecom = wire.customer(), wire.person("张总", type=2, corp_name="客户公司")
    wire.act("add", corpid=CORP, userid="chenning", person=wecom)
    seen = wire.get(f"{X}/get", external_userid=wire.outside(wechat))["external_contact"]
    assert wire.post(f"{X}/unionid_to_external_userid", unionid=seen["unionid"])["external_userid"] == wire.outside(
        wechat
    )
    other = wire.get(f"{X}/get", external_userid=wire.outside(wecom))["external_contact"]
    assert ("unionid" in other, other["corp_name"], other["external_userid"][:2]) == (False, "客户公司", "wo")


def test_rule_16_unionid_of_people_in_a_group_whom_nobody_added(wire: Wire) -> None:
    chat = wire.act("create_group", corpid=CORP, userid="chenning", name="群")["chat"]
    wire.act("join_group", chat=chat, person=wire.person())
    members = wire.post(f"{X}/groupchat/get", chat_id=wire.chat_id(chat), need_name=1)["group_chat"]["member_list"]
    assert [(one["type"], one["name"], "unionid" in one) for one in members] == [(1, "陈宁", False), (2, "林晓", True)]


def test_rule_17_who_deleted_whom(wire: Wire) -> None:
    person = wire.customer()
    who = {"corpid": CORP, "userid": "chenning", "person": person}

    def code() -> int:
        return int(wire.get(f"{X}/get", external_userid=wire.outside(person))["errcode"])

    wire.act("customer_deletes", **who)
    assert code() == 0
    wire.act("staff_deletes", **who)
    assert code() == 84061
    wire.act("add", verified=False, **who)
    assert code() == 84061
    wire.act("confirm_friend", **who)
    assert code() == 0


def test_rule_17_member_outside_customer_contact_has_no_customers(wire: Wire) -> None:
    wire.customer()
    assert len(wire.get(f"{X}/list", userid="chenning")["external_userid"]) == 1
    wire.control("POST", f"corps/{CORP}/staff/chenning", contacts=0)
    assert wire.get(f"{X}/list", userid="chenning")["external_userid"] == []


def test_rule_17_add_delete_add_again_is_told_each_time(wire: Wire, receiver: Receiver, heard: Heard) -> None:
    person = wire.customer()
    who = {"corpid": CORP, "userid": "chenning", "person": person}
    wire.act("add", **who)
    wire.act("customer_deletes", **who)
    wire.act("add", state="again", **who)
    contact = "change_external_contact"
    assert heard() == [f"{contact}.add_external_contact"] * 2 + [f"{contact}.del_follow_user"]
    assert sorted(one.get("State", "") for one in receiver.events if "add" in one["ChangeType"]) == ["", "again"]


def test_rule_18_tags(wire: Wire) -> None:
    def add(**body: Any) -> dict[str, Any]:
        return wire.post(f"{X}/add_corp_tag", **body)

    group = add(group_name="肤质", tag=[{"name": "干性"}, {"name": "干性"}, {"name": "油性"}])["tag_group"]
    assert [tag["name"] for tag in group["tag"]] == ["干性", "油性"]
    assert {tag["id"][:2] for tag in group["tag"]} == {"et"}
    again = add(group_name="肤质", tag=[{"name": "干性"}, {"name": "敏感"}])["tag_group"]
    assert again["group_id"] == group["group_id"]
    assert again["tag"][0]["id"] == group["tag"][0]["id"]
    assert add(group_name="空", tag=[])["errcode"] == 40063
    assert add(group_name="长", tag=[{"name": "长" * 31}])["errcode"] == 40058
    dry, oily = (tag["id"] for tag in group["tag"])
    assert wire.code(f"{X}/edit_corp_tag", id=oily, name="干性") == 40071
    assert wire.code(f"{X}/edit_corp_tag", id="nothing", name="干性") == 40068
    assert wire.code(f"{X}/del_corp_tag", tag_id=[dry]) == 0
    by_id = wire.post(f"{X}/get_corp_tag_list", tag_id=[dry])["tag_group"][0]
    assert by_id["tag"][0]["deleted"] is True
    assert "deleted" not in wire.post(f"{X}/get_corp_tag_list")["tag_group"][0]


def test_rule_18_group_goes_with_its_last_tag(wire: Wire) -> None:
    group = wire.post(f"{X}/add_corp_tag", group_name="肤质", tag=[{"name": "干性"}])["tag_group"]
    wire.post(f"{X}/del_corp_tag", tag_id=[group["tag"][0]["id"]])
    assert wire.post(f"{X}/get_corp_tag_list")["tag_group"] == []


def test_rule_18_only_the_apps_own_tags(wire: Wire) -> None:
    made = wire.act("add_tag", corpid=CORP, group="肤质", name="干性")
    assert wire.code(f"{X}/edit_corp_tag", id=made["tag_id"], name="中性") == 48002


def test_rule_18_ten_thousand_tags(wire: Wire) -> None:
    tags = [{"name": f"标签{number}"} for number in range(10_000)]
    assert wire.code(f"{X}/add_corp_tag", group_name="满", tag=tags) == 0
    assert wire.code(f"{X}/add_corp_tag", group_name="满", tag=[{"name": "多"}]) == 40126


def test_rule_18_marking(wire: Wire) -> None:
    person = wire.customer()
    group = wire.post(f"{X}/add_corp_tag", group_name="肤质", tag=[{"name": f"{n}"} for n in range(3001)])["tag_group"]
    tags = [tag["id"] for tag in group["tag"]]
    who = {"userid": "chenning", "external_userid": wire.outside(person)}
    assert wire.code(f"{X}/mark_tag", **who) == 40058
    assert wire.code(f"{X}/mark_tag", add_tag=["unknown"], **who) == 40068
    assert wire.code(f"{X}/mark_tag", add_tag=tags[:3000], **who) == 0
    assert wire.code(f"{X}/mark_tag", add_tag=tags[3000:], **who) == 40144
    assert wire.code(f"{X}/mark_tag", remove_tag=tags[1:3000], **who) == 0
    seen = wire.get(f"{X}/get", external_userid=who["external_userid"])["follow_user"][0]["tags"]
    assert seen == [{"group_name": "肤质", "tag_name": "0", "tag_id": tags[0], "type": 1}]


def way(**more: Any) -> dict[str, Any]:
    return {"type": 2, "scene": 2, "user": ["chenning"], "state": "desk", **more}


def test_rule_19_contact_way_brings_its_state(wire: Wire, receiver: Receiver, heard: Heard) -> None:
    made = wire.post(f"{X}/add_contact_way", **way())
    person = wire.person()
    assert wire.act("scan", person=person, code=made["qr_code"]) == {
        "userid": "chenning",
        "corpid": CORP,
        "half": False,
    }
    heard()
    assert [one["State"] for one in receiver.events] == ["desk"]
    follow = wire.get(f"{X}/get", external_userid=wire.outside(person))["follow_user"][0]
    assert (follow["state"], follow["add_way"]) == ("desk", 1)


@pytest.mark.parametrize(
    ("args", "code"),
    [
        (way(type=1, user=["chenning", "zhoumin"]), 40058),
        (way(type=1), 0),
        (way(user=[]), 40063),
        (way(user=["nobody"]), 60111),
        (way(remark="长" * 31), 40058),
        (way(state="长" * 31), 40058),
        (way(state="长" * 30, remark="长" * 30), 0),
        (way(scene=3), 40058),
    ],
)
def test_rule_19_contact_way_fields(wire: Wire, args: dict[str, Any], code: int) -> None:
    assert wire.code(f"{X}/add_contact_way", **args) == code


def test_rule_19_members_and_quota(wire: Wire) -> None:
    for number in range(100):
        wire.control("POST", f"corps/{CORP}/staff", userid=f"u{number}")
    assert wire.code(f"{X}/add_contact_way", **way(user=[], party=[1])) == 41041
    wire.control("POST", f"corps/{CORP}/staff/u1", verified=0)
    assert wire.code(f"{X}/add_contact_way", **way(user=["u1"])) == 41054
    wire.switch(contact_way_limit=1)
    assert wire.code(f"{X}/add_contact_way", **way()) == 0
    assert wire.code(f"{X}/add_contact_way", **way()) == 41045
    assert wire.code(f"{X}/groupchat/add_join_way", scene=2, chat_id_list=["unknown"]) == 40058


def test_rule_19_qr_code_for_scene_2_only_and_lists_by_time(wire: Wire) -> None:
    mini, code = (wire.post(f"{X}/add_contact_way", **way(scene=scene)) for scene in (1, 2))
    assert ("qr_code" in mini, "qr_code" in code) == (False, True)
    ids = [{"config_id": one["config_id"]} for one in (mini, code)]
    assert wire.post(f"{X}/list_contact_way")["contact_way"] == ids
    wire.advance(90 * 86400)
    wire.forget_tokens()
    assert wire.post(f"{X}/list_contact_way")["contact_way"] == ids
    wire.advance(1)
    assert wire.post(f"{X}/list_contact_way")["contact_way"] == []
    assert wire.code(f"{X}/get_contact_way", config_id="unknown") == 41044
    assert wire.code(f"{X}/get_contact_way") == 41043


def test_rule_19_temporary_code_serves_once(wire: Wire) -> None:
    made = wire.post(f"{X}/add_contact_way", **way(type=1, is_temp=True))
    wire.act("scan", person=wire.person(), code=made["config_id"])
    assert "temporary" in wire.refused("POST", "act", act="scan", person=wire.person(), code=made["config_id"])


def test_rule_19_update_overwrites_members(wire: Wire) -> None:
    made = wire.post(f"{X}/add_contact_way", **way())
    assert wire.code(f"{X}/update_contact_way", config_id=made["config_id"], user=["zhoumin"]) == 0
    seen = wire.post(f"{X}/get_contact_way", config_id=made["config_id"])["contact_way"]
    assert (seen["user"], seen["state"], seen["skip_verify"]) == (["zhoumin"], "desk", True)
    assert wire.code(f"{X}/del_contact_way", config_id=made["config_id"]) == 0
    assert wire.code(f"{X}/get_contact_way", config_id=made["config_id"]) == 41044


def group_of(wire: Wire, name: str = "悦肤会1群") -> int:
    return int(wire.act("create_group", corpid=CORP, userid="chenning", name=name)["chat"])


def test_rule_20_join_way_fills_groups_and_opens_a_new_room(wire: Wire) -> None:
    wire.switch(group_capacity=2)
    chats = [wire.chat_id(group_of(wire))]
    assert wire.code(f"{X}/groupchat/add_join_way", scene=2, chat_id_list=chats * 6) == 41091
    body = {"scene": 2, "chat_id_list": chats, "room_base_name": "悦肤会", "room_base_id": 8, "state": "live"}
    code = wire.post(f"{X}/groupchat/add_join_way", **body)["config_id"]
    first, second = (wire.act("scan", person=wire.person(), code=code)["chat"] for _ in range(2))
    assert first != second
    group = wire.post(f"{X}/groupchat/get", chat_id=wire.chat_id(second))["group_chat"]
    assert group["name"] == "悦肤会8"
    assert [(one.get("state"), one["join_scene"]) for one in group["member_list"]] == [(None, 1), ("live", 3)]


def test_rule_20_full_groups_without_new_rooms(wire: Wire) -> None:
    wire.switch(group_capacity=1)
    body = {"scene": 2, "chat_id_list": [wire.chat_id(group_of(wire))], "auto_create_room": 0}
    code = wire.post(f"{X}/groupchat/add_join_way", **body)["config_id"]
    assert (
        wire.refused("POST", "act", act="scan", person=wire.person(), code=code)
        == "All groups behind this code are full."
    )


LINK = f"{X}/customer_acquisition"


def a_link(wire: Wire) -> dict[str, Any]:
    made: dict[str, Any] = wire.post(f"{LINK}/create_link", link_name="小红书", range={"user_list": ["chenning"]})[
        "link"
    ]
    return made


def test_rule_21_link_costs_quota_and_cuts_the_channel(wire: Wire, receiver: Receiver, heard: Heard) -> None:
    wire.act("buy_quota", corpid=CORP, amount=20)
    link = a_link(wire)
    wire.act("scan", person=wire.person(), code=f"{link['url']}?customer_channel={'频' * 30}")
    quota = wire.get(f"{X}/customer_acquisition_quota")
    assert (quota["total"], quota["balance"]) == (20, 19)
    names = heard()
    told = ["balance_increased", "balance_low", "friend_request", "open_profile"]
    assert [name for name in names if "acquisition" in name] == [f"customer_acquisition.{one}" for one in told]
    customers = wire.post(f"{LINK}/customer", link_id=link["link_id"])["customer_list"]
    assert customers[0]["state"] == "频" * 21
    counts = wire.post(
        f"{LINK}/statistic",
        link_id=link["link_id"],
        start_time=wire.simulator.world.now - 86400,
        end_time=wire.simulator.world.now,
    )
    assert (counts["click_link_customer_cnt"], counts["new_customer_cnt"]) == (1, 1)


def test_rule_21_no_quota_and_no_feature(wire: Wire, receiver: Receiver, heard: Heard) -> None:
    link = a_link(wire)
    assert wire.act("scan", person=wire.person(), code=link["link_id"]) == {
        "refused": "This link cannot be used at the moment."
    }
    assert heard() == ["customer_acquisition.link_unavailable"]
    wire.switch(acquisition_open=False)
    assert wire.code(f"{LINK}/list_link") == 41200


def test_rule_21_third_message_is_told_of_with_a_key(wire: Wire, receiver: Receiver, heard: Heard) -> None:
    wire.act("buy_quota", corpid=CORP, amount=30)
    link, person = a_link(wire), wire.person()
    wire.act("scan", person=person, code=link["link_id"])
    for number in range(3):
        wire.act("customer_says", corpid=CORP, userid="chenning", person=person, text=f"{number}")
    names = heard()
    assert "customer_acquisition.customer_start_chat" in names
    keys = [one["ChatKey"] for one in receiver.events if one.get("ChangeType") == "message_from_customer"]
    assert len(keys) == 1
    info = wire.post(f"{LINK}/get_chat_info", chat_key=keys[0])
    assert (info["userid"], info["chat_info"]["recv_msg_cnt"]) == ("chenning", 3)
    wire.advance(1801)
    assert wire.code(f"{LINK}/get_chat_info", chat_key=keys[0]) == 40058


def test_rule_21_expiry_is_warned_of_once_for_each_day(wire: Wire, receiver: Receiver, heard: Heard) -> None:
    wire.act("buy_quota", corpid=CORP, amount=30, expires=wire.simulator.world.now + 20 * 86400)
    for days in (5, 1, 0.5, 11.5, 1.5):  # 15, 14, 13.5, 2, 0.5 days are left
        wire.advance(days * 86400)
    assert heard().count("customer_acquisition.quota_expire_soon") == 3


def test_rule_21_only_the_apps_own_links(wire: Wire) -> None:
    link = a_link(wire)
    wire.control("POST", f"corps/{CORP}/apps", agentid=7, secret="second", scopes=["customers"])
    assert wire.api("POST", f"{LINK}/get", {"link_id": link["link_id"]}, secret="second")["errcode"] == 40058
    assert wire.code(f"{LINK}/create_link", link_name="长" * 31, range={"user_list": ["chenning"]}) == 40058
    assert wire.code(f"{LINK}/create_link", link_name="空", range={}) == 40063


@pytest.fixture
def welcomed(wire: Wire, receiver: Receiver, heard: Heard) -> Callable[..., str]:
    def welcomed(**about: Any) -> str:
        wire.customer(**about)
        heard()
        return str(receiver.events[-1].get("WelcomeCode", ""))

    return welcomed


def welcome(wire: Wire, code: str, **body: Any) -> int:
    return wire.code(f"{X}/send_welcome_msg", welcome_code=code, **(body or {"text": {"content": "你好"}}))


def test_rule_22_code_serves_once_within_twenty_seconds(wire: Wire, welcomed: Callable[..., str]) -> None:
    code = welcomed()
    assert welcome(wire, "") == 41049
    assert welcome(wire, "unknown") == 41050
    wire.advance(19)
    assert welcome(wire, code) == 0
    assert welcome(wire, code) == 41051
    assert [one["content"] for one in wire.reached(channel="welcome")] == [{"text": {"content": "你好"}}]
    late = welcomed()
    wire.advance(20)
    assert welcome(wire, late) == 41050


def test_rule_22_chat_begun_or_another_app_at_it(wire: Wire, receiver: Receiver, welcomed: Callable[..., str]) -> None:
    code = welcomed()
    wire.act("welcome_by_another_app", code=code, seconds=5)
    assert welcome(wire, code) == 41096
    wire.advance(5)
    assert welcome(wire, code) == 0
    other = welcomed(name="王悦")
    wire.act("customer_says", corpid=CORP, userid="chenning", person=2, text="在吗")
    assert welcome(wire, other) == 41051


def test_rule_22_no_code_at_all(wire: Wire, receiver: Receiver, heard: Heard, welcomed: Callable[..., str]) -> None:
    wire.switch(admin_welcome=True)
    assert welcomed() == ""
    wire.switch(admin_welcome=False)
    person = wire.person("张总", type=2)
    wire.act("add", corpid=CORP, userid="chenning", person=person)
    heard()
    assert "WelcomeCode" not in receiver.events[-1]
    half = welcomed(name="王悦", verified=False)
    assert half
    assert welcome(wire, half) == 0
    wire.act("confirm_friend", corpid=CORP, userid="chenning", person=person + 1)
    heard()
    assert (receiver.names[-1], "WelcomeCode" in receiver.events[-1]) == (
        "change_external_contact.add_external_contact",
        False,
    )


def test_rule_22_archive_not_agreed_and_member_inactive(
    wire: Wire, receiver: Receiver, welcomed: Callable[..., str]
) -> None:
    wire.switch(archive_agreed=False)
    wire.control("POST", f"corps/{CORP}/staff/chenning", archived=1)
    assert welcome(wire, welcomed()) == 41053
    wire.control("POST", f"corps/{CORP}/staff/zhoumin", last_login=1)
    assert welcome(wire, welcomed(userid="zhoumin")) == 41050


def image(media_id: str) -> dict[str, Any]:
    return {"msgtype": "image", "image": {"media_id": media_id}}


def test_rule_22_content(wire: Wire, welcomed: Callable[..., str]) -> None:
    code, media = welcomed(), wire.media()
    link = {"msgtype": "link", "link": {"title": "券", "url": "https://example.com/c"}}
    assert welcome(wire, code, text={}) == 40063
    assert welcome(wire, code, text={"content": "字" * 1334}) == 40058
    assert welcome(wire, code, attachments=[image(media)] * 10) == 40058
    assert welcome(wire, code, attachments=[{"msgtype": "voice"}]) == 40058
    assert welcome(wire, code, attachments=[{"msgtype": "link", "link": {"title": "字" * 43, "url": "x"}}]) == 40058
    assert welcome(wire, code, attachments=[image("unknown")]) == 40007
    assert welcome(wire, code, text={"content": "字" * 1333}, attachments=[image(media), link]) == 0


def test_rule_22_group_templates(wire: Wire) -> None:
    base = f"{X}/group_welcome_template"
    body = {
        "text": {"content": "欢迎 %NICKNAME% %nickname%"},
        "link": {"title": "规则", "url": "https://example.com"},
        "image": {"pic_url": "x"},
    }
    template = wire.post(f"{base}/add", **body)["template_id"]
    seen = wire.post(f"{base}/get", template_id=template)
    assert ("image" in seen, "link" in seen) == (True, False)
    wire.control("POST", f"corps/{CORP}/apps", agentid=7, secret="second", scopes=["customers"])
    assert wire.api("POST", f"{base}/del", {"template_id": template}, secret="second")["errcode"] == 41058
    chat = group_of(wire)
    wire.act("welcome_group", chat=chat, template_id=template)
    wire.act("join_group", chat=chat, person=wire.person())
    assert wire.reached(channel="group_welcome")[0]["content"]["text"]["content"] == "欢迎 林晓 %nickname%"
    codes = [wire.code(f"{base}/add", text={"content": "x"}) for _ in range(100)]
    assert codes == [0] * 99 + [41055]
    assert wire.code(f"{base}/edit", template_id=template, text={"content": "字" * 1001}) == 40058
