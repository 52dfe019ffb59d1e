"""Rules 1 to 11 and 34: tokens, access, bodies, cursors, limits, media. Each test's name carries the rule's number."""

import threading
from typing import Any

import pytest

from tests.wecom.simulator.conftest import CORP, PNG, SECRET, Wire, X


def gettoken(wire: Wire, **args: str) -> dict[str, Any]:
    return wire.api("GET", "/cgi-bin/gettoken", args, token="")


@pytest.mark.parametrize(
    ("args", "code"),
    [
        ({}, 41002),
        ({"corpid": "ww0"}, 40013),
        ({"corpid": CORP}, 41004),
        ({"corpid": CORP, "corpsecret": "wrong"}, 40001),
        ({"corpid": CORP, "corpsecret": SECRET}, 0),
    ],
)
def test_rule_01_gettoken(wire: Wire, args: dict[str, str], code: int) -> None:
    said = gettoken(wire, **args)
    assert said["errcode"] == code
    if not code:
        assert said["expires_in"] == 7200
        assert 0 < len(said["access_token"]) <= 512


def test_rule_01_token_of_one_app_does_nothing_for_another(wire: Wire) -> None:
    message = {"touser": "chenning", "msgtype": "text", "text": {"content": "x"}}
    assert wire.code("/cgi-bin/message/send", agentid=1000009, **message) == 301002
    assert wire.code("/cgi-bin/message/send", agentid=1000002, **message) == 0


def test_rule_02_business_call_without_and_with_a_garbled_token(wire: Wire) -> None:
    assert wire.api("GET", f"{X}/get_follow_user_list", token="")["errcode"] == 41001
    assert wire.api("GET", f"{X}/get_follow_user_list", token="garbled")["errcode"] == 40014


@pytest.mark.parametrize("code", [42001, 40014])
def test_rule_02_expired_token_by_switch(wire: Wire, code: int) -> None:
    token = wire.token()
    wire.switch(expired_token_code=code)
    wire.advance(7199)
    assert wire.api("GET", f"{X}/get_follow_user_list", token=token)["errcode"] == 0
    wire.advance(1)
    said = wire.api("GET", f"{X}/get_follow_user_list", token=token)
    assert said["errcode"] == code
    assert "hint: [" in said["errmsg"]
    assert said["errmsg"].endswith(
        f"from ip: 127.0.0.1, more info at https://open.work.weixin.qq.com/devtool/query?e={code}"
    )


def test_rule_03_revoked_token_is_unknown_at_the_next_call(wire: Wire) -> None:
    assert wire.get(f"{X}/get_follow_user_list")["errcode"] == 0
    assert wire.control("POST", f"corps/{CORP}/apps/1000002/revoke") == {"revoked": 1}
    assert wire.get(f"{X}/get_follow_user_list")["errcode"] == 40014
    wire.forget_tokens()
    assert wire.get(f"{X}/get_follow_user_list")["errcode"] == 0


@pytest.mark.parametrize(
    ("choice", "same", "old"), [("same", True, 0), ("new_keeps_old", False, 0), ("new_ends_old", False, 40014)]
)
def test_rule_04_second_gettoken_by_switch(wire: Wire, choice: str, same: bool, old: int) -> None:
    wire.switch(token_reissue=choice)
    first, second = (gettoken(wire, corpid=CORP, corpsecret=SECRET)["access_token"] for _ in range(2))
    assert (first == second) is same
    assert wire.api("GET", f"{X}/get_follow_user_list", token=first)["errcode"] == old
    assert wire.api("GET", f"{X}/get_follow_user_list", token=second)["errcode"] == 0


def test_rule_05_wrong_secrets_shut_the_address_out_for_an_hour(wire: Wire) -> None:
    wire.switch(wrong_secret_limit=3)
    token = wire.token()
    assert [gettoken(wire, corpid=CORP, corpsecret="wrong")["errcode"] for _ in range(4)] == [
        40001,
        40001,
        40001,
        45009,
    ]
    assert wire.api("GET", f"{X}/get_follow_user_list", token=token)["errcode"] == 45009
    assert wire.api("GET", f"{X}/get_follow_user_list", token=token, ip="10.0.0.9")["errcode"] == 0
    wire.advance(3600)
    assert gettoken(wire, corpid=CORP, corpsecret=SECRET)["errcode"] == 0


def test_rule_06_scope_and_disabled_app(wire: Wire) -> None:
    wire.control("POST", f"corps/{CORP}/apps", agentid=2, secret="bare", scopes=[])
    assert wire.api("GET", f"{X}/get_follow_user_list", secret="bare")["errcode"] == 48002
    assert wire.code("/cgi-bin/user/list_id") == 48002
    wire.control("POST", f"corps/{CORP}/apps/1000002", disabled=True)
    assert wire.get(f"{X}/get_follow_user_list")["errcode"] == 50003


def test_rule_06_visible_range_refuses_one_and_filters_lists(wire: Wire) -> None:
    person = wire.customer("chenning")
    other = wire.customer("zhoumin")
    wire.control("POST", f"corps/{CORP}/apps/1000002", visible={"users": ["chenning"]})
    assert wire.get(f"{X}/list", userid="nobody")["errcode"] == 60111
    assert wire.get(f"{X}/list", userid="zhoumin")["errcode"] == 60011
    assert wire.get(f"{X}/get_follow_user_list")["follow_user"] == ["chenning"]
    assert wire.get(f"{X}/get", external_userid=wire.outside(person))["errcode"] == 0
    assert wire.get(f"{X}/get", external_userid=wire.outside(other))["errcode"] == 84061


def test_rule_06_trusted_address_takes_a_minute(wire: Wire) -> None:
    wire.control("POST", f"corps/{CORP}/trusted_ips", ips=["10.0.0.1"])
    assert wire.get(f"{X}/get_follow_user_list")["errcode"] == 0
    wire.advance(60)
    assert wire.get(f"{X}/get_follow_user_list")["errcode"] == 60020
    assert wire.api("GET", f"{X}/get_follow_user_list", ip="10.0.0.1")["errcode"] == 0


def test_rule_07_bodies(wire: Wire) -> None:
    path = f"{X}/get_corp_tag_list?access_token={wire.token()}"
    codes = {
        name: wire.raw(method, path, body)[1]
        for name, method, body in (
            ("get", "GET", b""),
            ("broken", "POST", b"{"),
            ("list", "POST", b"[]"),
            ("escape", "POST", b'{"tag_id": ["\\u4e2d"]}'),
            ("backslash", "POST", b'{"tag_id": ["\\\\u4e2d"]}'),
            ("utf8", "POST", '{"tag_id": ["中"]}'.encode()),
        )
    }
    assert b'"errcode":40058' in codes["get"]
    assert b"Warning: wrong json format." in codes["broken"]
    assert b'"errcode":40058' in codes["list"]
    assert b'"errcode":40033' in codes["escape"]
    assert b'"errcode":0' in codes["backslash"]
    assert b'"errcode":0' in codes["utf8"]


def test_rule_07_array_too_long(wire: Wire) -> None:
    assert wire.code(f"{X}/batch/get_by_user", userid_list=["chenning"] * 101) == 40058


def test_rule_08_cursor(wire: Wire) -> None:
    for _ in range(3):
        wire.customer()
    first = wire.post(f"{X}/batch/get_by_user", userid_list=["chenning"], limit=2)
    assert (len(first["external_contact_list"]), first["next_cursor"] == "") == (2, False)
    second = wire.post(f"{X}/batch/get_by_user", userid_list=["chenning"], limit=2, cursor=first["next_cursor"])
    assert (len(second["external_contact_list"]), second["next_cursor"]) == (1, "")
    assert wire.code(f"{X}/batch/get_by_user", userid_list=["chenning"], cursor="invented") == 50100
    assert wire.code(f"{X}/contact_list", cursor=first["next_cursor"]) == 50100


def test_rule_08_contact_list_ages_and_its_temporary_ids_change(wire: Wire) -> None:
    wire.customer()
    wire.customer()
    first = wire.post(f"{X}/contact_list", limit=1)
    wire.advance(3600 * 4)
    wire.forget_tokens()
    assert wire.code(f"{X}/contact_list", limit=1, cursor=first["next_cursor"]) == 0
    wire.advance(1)
    assert wire.code(f"{X}/contact_list", limit=1, cursor=first["next_cursor"]) == 50100
    again = wire.post(f"{X}/contact_list", limit=1)
    assert again["info_list"][0]["tmp_openid"] != first["info_list"][0]["tmp_openid"]
    assert again["info_list"][0]["external_userid"] == first["info_list"][0]["external_userid"]


def test_rule_09_rate_per_api_blocks_by_the_window(wire: Wire) -> None:
    wire.switch(rate_per_minute=2, rate_per_hour=3)
    codes = [wire.get(f"{X}/get_follow_user_list")["errcode"] for _ in range(3)]
    assert codes == [0, 0, 45009]
    assert wire.code(f"{X}/get_corp_tag_list") == 0
    wire.advance(59)
    assert wire.get(f"{X}/get_follow_user_list")["errcode"] == 45009
    wire.advance(1)
    assert [wire.get(f"{X}/get_follow_user_list")["errcode"] for _ in range(2)] == [0, 45009]
    wire.advance(3599)
    assert wire.get(f"{X}/get_follow_user_list")["errcode"] == 45009
    wire.forget_tokens()
    wire.advance(1)
    assert wire.get(f"{X}/get_follow_user_list")["errcode"] == 0


def test_rule_09_rate_per_address_and_debug(wire: Wire) -> None:
    debug = [wire.api("GET", f"{X}/get_follow_user_list", query={"debug": "1"})["errcode"] for _ in range(6)]
    assert debug == [0, 0, 0, 0, 0, 45009]
    wire.switch(ip_per_minute=1)
    assert [wire.api("GET", f"{X}/get_follow_user_list", ip="10.1.1.1")["errcode"] for _ in range(2)] == [0, 45009]


def at_once(wire: Wire, count: int, path: str, args: dict[str, Any]) -> list[int]:
    wire.token()
    codes: list[int] = []
    threads = [threading.Thread(target=lambda: codes.append(wire.code(path, **args))) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(codes)


def test_rule_10_calls_at_once(wire: Wire) -> None:
    wire.switch(concurrent_calls=2, processing_seconds=0.5)
    assert at_once(wire, 3, f"{X}/get_corp_tag_list", {}) == [0, 0, 45033]
    assert wire.code(f"{X}/get_corp_tag_list") == 0


def test_rule_10_two_writes_to_one_customer(wire: Wire) -> None:
    person = wire.customer()
    tag = wire.post(f"{X}/add_corp_tag", group_name="肤质", tag=[{"name": "干性"}])["tag_group"]["tag"][0]["id"]
    wire.switch(processing_seconds=0.5)
    args = {"userid": "chenning", "external_userid": wire.outside(person), "add_tag": [tag]}
    assert at_once(wire, 2, f"{X}/mark_tag", args) == [0, 45035]


def test_rule_11_app_messages_above_the_limit_vanish_in_silence(wire: Wire) -> None:
    wire.switch(member_per_minute=2, member_per_hour=3)
    message = {"touser": "chenning", "agentid": 1000002, "msgtype": "text", "text": {"content": "x"}}
    assert [wire.code("/cgi-bin/message/send", **message) for _ in range(3)] == [0, 0, 0]
    assert len(wire.reached(channel="app")) == 2
    wire.advance(60)
    assert [wire.code("/cgi-bin/message/send", **message) for _ in range(2)] == [0, 0]
    assert len(wire.reached(channel="app")) == 3


def test_rule_11_limits_of_single_apis(wire: Wire) -> None:
    codes = [wire.get("/cgi-bin/get_jsapi_ticket")["errcode"] for _ in range(101)]
    assert codes == [0] * 100 + [45009]


def test_rule_34_media(wire: Wire) -> None:
    upload = "/cgi-bin/media/upload"
    said = wire.upload(upload, {"type": "image"})
    assert isinstance(said["created_at"], str)
    assert isinstance(
        wire.upload("/cgi-bin/media/upload_attachment", {"media_type": "image", "attachment_type": 1})["created_at"],
        int,
    )
    assert wire.upload(upload, {"type": "sound"})["errcode"] == 40004
    assert wire.upload(upload, {"type": "image"}, b"")["errcode"] == 44001
    assert wire.upload(upload, {"type": "image"}, b"12345")["errcode"] == 40006
    assert wire.upload(upload, {"type": "image"}, b"no picture")["errcode"] == 40007
    assert wire.upload("/cgi-bin/media/uploadimg", {}, PNG + b"x" * 2 * 1024 * 1024)["errcode"] == 40009
    path = f"/cgi-bin/media/get?access_token={wire.token()}&media_id={said['media_id']}"
    assert wire.raw("GET", path) == (200, PNG)


def test_rule_34_media_lives_three_days_and_for_one_use(wire: Wire) -> None:
    wire.customer()
    moment = wire.upload("/cgi-bin/media/upload_attachment", {"media_type": "image", "attachment_type": 1})["media_id"]
    media = wire.media()

    def send(media_id: str) -> int:
        return wire.code(
            f"{X}/add_msg_template",
            sender="chenning",
            attachments=[{"msgtype": "image", "image": {"media_id": media_id}}],
        )

    assert (send(moment), send(media)) == (40007, 0)
    wire.advance(3 * 86400)
    wire.forget_tokens()
    assert send(media) == 0
    wire.advance(1)
    assert send(media) == 40007
