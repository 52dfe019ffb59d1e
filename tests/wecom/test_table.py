"""The table of operations: whole, the reference's, and what it makes of a call."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from wecom.client.dispatch import Upload, prepare
from wecom.client.endpoints import ENDPOINTS
from wecom.client.faults import FAULTS, Kind, fault_of
from wecom.errors import CallMalformed

SHARED = Path(os.environ.get("SCRM_SHARED", settings.BASE_DIR.parent / "shared"))
RETRIES = {"read", "repeatable", "once", "keyed:msgid", "keyed:enable_duplicate_check"}


def shared(name: str) -> Any:
    path = SHARED / name
    if not path.exists() and not os.environ.get("CI"):
        pytest.skip(f"{name} is not at {path}")
    return json.loads(path.read_text(encoding="utf-8"))


def test_table_has_the_operations_of_the_reference() -> None:
    rows = shared("reference/wecom_endpoints.json")["endpoints"]
    reference = {
        row["path"]: (row["method"], int(row["doc"].rpartition("/")[2]), row["official_page_read"]) for row in rows
    }
    assert {row.path: (row.method, row.doc, row.read) for row in ENDPOINTS.values()} == reference
    assert len(ENDPOINTS) == 114


def test_every_row_is_sound() -> None:
    for api, row in ENDPOINTS.items():
        assert row.api == api
        assert row.retry in RETRIES, api
        paging = row.paging
        if paging is None:
            assert not {"cursor", "offset"} & set(row.fields) or api == "externalcontact/get", api
            continue
        assert paging.items in {name.removesuffix("[]") for name in row.response}, api
        assert paging.limit is None or paging.limit in row.fields, api
        assert ("offset" if paging.kind == "offset" else "cursor") in row.fields, api


def test_what_makes_something_is_never_repeated_blindly() -> None:
    once = {api for api, row in ENDPOINTS.items() if row.retry == "once"}
    assert {
        "externalcontact/add_msg_template",
        "externalcontact/add_moment_task",
        "externalcontact/add_contact_way",
        "externalcontact/groupchat/add_join_way",
        "externalcontact/customer_acquisition/create_link",
        "externalcontact/transfer_customer",
        "externalcontact/remind_groupmsg_send",
    } <= once
    send = ENDPOINTS["kf/send_msg"]
    assert (send.may_repeat({}), send.may_repeat({"msgid": "m1"})) == (False, True)


@pytest.mark.parametrize(
    ("api", "values", "fault"),
    [
        ("externalcontact/list", {}, "userid"),
        ("externalcontact/list", {"userid": "a", "user_id": "a"}, "user_id"),
        ("externalcontact/batch/get_by_user", {"userid_list": ["a"] * 101}, "userid_list"),
        ("externalcontact/batch/get_by_user", {"userid_list": "a"}, "userid_list"),
        ("externalcontact/batch/get_by_user", {"userid_list": ["a"], "limit": 101}, "limit"),
        ("externalcontact/groupchat/list", {"status_filter": 0}, "limit"),
        ("externalcontact/transfer_result", {"handover_userid": "a", "takeover_userid": "b", "limit": 5}, "limit"),
        ("externalcontact/remark", {"userid": "a", "external_userid": "b", "remark": "\ud83d"}, "body"),
        ("externalcontact/remark", {"userid": "a", "external_userid": "b", "remark": float("nan")}, "body"),
        ("media/upload", {"type": "image"}, "file"),
    ],
)
def test_call_that_does_not_fit_is_not_made(api: str, values: dict[str, Any], fault: str) -> None:
    with pytest.raises(CallMalformed) as raised:
        prepare(ENDPOINTS[api], values)
    assert list(raised.value.fields) == [fault]


def test_open_operation_takes_fields_that_the_table_does_not_name() -> None:
    values = {"touser": "wo", "open_kfid": "wk", "msgtype": "text", "text": {"content": "你好"}}
    assert json.loads(prepare(ENDPOINTS["kf/send_msg"], values).body or b"") == values


def test_texts_go_as_utf_8_and_what_is_none_does_not_go() -> None:
    call = prepare(
        ENDPOINTS["externalcontact/remark"],
        {"userid": "张三", "external_userid": "wo", "remark": None, "remark_mobiles": [""]},
    )
    assert call.body == '{"userid":"张三","external_userid":"wo","remark_mobiles":[""]}'.encode()


def test_get_sends_everything_in_its_address() -> None:
    call = prepare(ENDPOINTS["user/list"], {"department_id": 1, "fetch_child": True})
    assert (dict(call.query), call.body) == ({"department_id": "1", "fetch_child": "1"}, None)


def test_file_is_sent_as_a_form_with_its_length() -> None:
    call = prepare(ENDPOINTS["media/upload"], {"type": "file"}, Upload(name='报"告\r\n.pdf', content=b"%PDF-1.7"))
    assert dict(call.query) == {"type": "file"}
    assert call.body is not None
    head, _blank, rest = call.body.partition(b"\r\n\r\n")
    boundary = call.content_type.partition("boundary=")[2].encode()
    assert head.startswith(b"--" + boundary + b"\r\n")
    assert 'name="media"; filename="报_告__.pdf"; filelength=8' in head.decode()
    assert rest == b"%PDF-1.7\r\n--" + boundary + b"--\r\n"


def test_only_what_the_platform_names_busy_is_tried_again() -> None:
    """Rule 1 of the reference; 42001 and its kin are answered by a new token, 45009 by waiting."""
    by_kind: dict[Kind, set[int]] = {kind: {c for c, fault in FAULTS.items() if fault.kind == kind} for kind in Kind}
    assert by_kind[Kind.RETRY] == {-1, 6000, 45033, 45035, 45036, 41063, 41079}
    assert by_kind[Kind.TOKEN] == {40001, 40014, 42001}
    assert by_kind[Kind.BLOCK] == {45009}


def test_codes_are_the_platforms_own() -> None:
    known = {int(code) for code in shared("fixtures/wecom/errcodes_go_workwx_2024-04-08.json")["codes"]}
    newer = {40144, 40145, 41200, 41210, 45035, 45036}  # later than that list; pages 92118, 90253, 97297, 95094, 90313
    assert FAULTS.keys() - known == newer
    assert all(str(fault.message) and str(fault.hint) for fault in FAULTS.values())


def test_unknown_code_is_a_refusal_that_names_itself() -> None:
    fault = fault_of(87654321)
    assert fault.kind == Kind.TERMINAL
    assert "87654321" in str(fault.message)
    assert str(fault.hint).endswith("e=87654321")
