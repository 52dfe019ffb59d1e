"""The client against a host on loopback: tokens, what is tried again and what never, pages, the platform's quirks."""

import json
import logging
import os
import socket
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as project
from django.utils import translation

from core.http import OutgoingRefused
from tests.wecom.platform import SECRET, Clock, Platform, Raw, a_corp, an_app
from wecom.client import Page, Upload, WecomClient, items, pages
from wecom.client.paging import ListStuck
from wecom.client.reading import follows, subject_of, tag_ids
from wecom.errors import (
    ApiBlocked,
    CallMalformed,
    NoSecret,
    Retryable,
    Terminal,
    TokenProblem,
    UnknownAfterDispatch,
)
from wecom.models import AccessToken, ApiBlock, Corp, CorpApp
from wecom.rules.blocks import A_MINUTE, A_MONTH, AN_HOUR, THE_DAY, blocked_until, level_after
from wecom.services.calling import connect
from wecom.services.corps import change_app

pytestmark = pytest.mark.django_db

LIST, GET, MASS = "externalcontact/list", "externalcontact/get", "externalcontact/add_msg_template"
FIXTURES = Path(os.environ.get("SCRM_SHARED", project.BASE_DIR.parent / "shared")) / "fixtures/wecom"


def refused(code: int) -> dict[str, Any]:
    return {"errcode": code, "errmsg": f"words that change, hint: [1576065934_28_e0fae{code}], from ip: 9.30.0.138"}


def hang_up() -> Raw:
    return Raw(hang_up=True)


# --- tokens ---


def test_one_token_serves_all_calls(client: WecomClient, app: CorpApp, host: Platform, clock: Clock) -> None:
    for _time in range(3):
        assert client.call(LIST, userid="zhangsan")["errcode"] == 0
    assert connect(app_id=app.pk, clock=clock).call(LIST, userid="lisi")["errcode"] == 0
    (asked,) = host.of("gettoken")
    assert asked.query == {"corpid": app.corp.corpid, "corpsecret": SECRET}
    assert {each.query["access_token"] for each in host.of(LIST)} == {"token-1"}


def test_token_is_renewed_before_it_ends(client: WecomClient, host: Platform, clock: Clock) -> None:
    client.call(LIST, userid="a")
    clock.now += timedelta(seconds=7200 - 301)
    client.call(LIST, userid="a")
    assert len(host.of("gettoken")) == 1
    clock.now += timedelta(seconds=2)
    client.call(LIST, userid="a")
    assert len(host.of("gettoken")) == 2


@pytest.mark.parametrize("code", [40014, 42001, 40001])
def test_token_that_is_not_taken_is_renewed_once(client: WecomClient, host: Platform, code: int) -> None:
    host.answers[LIST] = [refused(code), {"errcode": 0, "external_userid": ["wo1"]}]
    assert client.call(LIST, userid="a")["external_userid"] == ["wo1"]
    assert [each.query["access_token"] for each in host.of(LIST)] == ["token-1", "token-2"]
    assert AccessToken.objects.get().version == 2


@pytest.mark.parametrize("code", [40014, 42001, 40001])
def test_token_that_is_never_taken_ends_after_one_more(client: WecomClient, host: Platform, code: int) -> None:
    host.answers[LIST] = [refused(code)]
    with pytest.raises(TokenProblem) as raised:
        client.call(LIST, userid="a")
    assert (raised.value.errcode, raised.value.permanent) == (code, True)
    assert (len(host.of(LIST)), len(host.of("gettoken"))) == (2, 2)


def test_only_the_token_that_failed_is_dropped(client: WecomClient, app: CorpApp, host: Platform, clock: Clock) -> None:
    """Whoever comes late with a failure of the old one leaves the new one alone."""
    client.call(LIST, userid="a")
    old = client._tokens.current()
    client._tokens.drop(old)
    new = client._tokens.current()
    client._tokens.drop(old)
    assert client._tokens.current() == new
    assert len(host.of("gettoken")) == 2


def test_wrong_secret_is_asked_about_once(client: WecomClient, app: CorpApp, host: Platform, clock: Clock) -> None:
    host.answers["gettoken"] = [refused(40001)]
    for _time in range(3):
        with pytest.raises(TokenProblem) as raised:
            client.call(LIST, userid="a")
        assert raised.value.errcode == 40001
    assert len(host.of("gettoken")) == 1
    del host.answers["gettoken"]
    change_app(
        app=app, name=app.name, agentid=None, active=True, by=None, now=clock.now, secrets={"secret": "another-one"}
    )
    client.call(LIST, userid="a")
    assert host.of("gettoken")[-1].query["corpsecret"] == "another-one"


def test_address_that_is_shut_out_waits_an_hour(client: WecomClient, host: Platform, clock: Clock) -> None:
    host.answers["gettoken"] = [refused(45009), {"access_token": "t", "expires_in": 7200}]
    with pytest.raises(ApiBlocked) as raised:
        client.call(LIST, userid="a")
    assert (raised.value.api, raised.value.retry_after) == ("gettoken", 3600)
    clock.now += timedelta(minutes=59)
    with pytest.raises(ApiBlocked):
        client.call(LIST, userid="a")
    assert len(host.of("gettoken")) == 1
    clock.now += timedelta(minutes=2)
    client.call(LIST, userid="a")


def test_app_that_is_off_says_nothing(app: CorpApp, host: Platform, clock: Clock) -> None:
    speaking = connect(app_id=app.pk, clock=clock)
    CorpApp.objects.update(active=False)
    with pytest.raises(NoSecret):
        connect(app_id=app.pk)
    with pytest.raises(NoSecret):
        speaking.call(LIST, userid="a")
    assert host.asked == []


@pytest.mark.parametrize(
    "answer",
    [{"errcode": 0}, {"access_token": "x" * 513, "expires_in": 7200}, {"access_token": "x", "expires_in": "7200"}],
)
def test_answer_without_a_token_is_none(client: WecomClient, host: Platform, answer: dict[str, Any]) -> None:
    host.answers["gettoken"] = [answer]
    with pytest.raises(Retryable):
        client.call(LIST, userid="a")
    assert host.of(LIST) == []


# --- what is tried again ---


@pytest.mark.parametrize("code", [-1, 6000, 45033, 45035, 45036, 41063, 41079])
def test_busy_is_tried_three_times_more_with_longer_pauses(
    client: WecomClient, host: Platform, clock: Clock, code: int
) -> None:
    host.answers[LIST] = [refused(code)]
    with pytest.raises(Retryable) as raised:
        client.call(LIST, userid="a")
    assert raised.value.errcode == code
    assert raised.value.trace.endswith(str(code))
    assert len(host.of(LIST)) == 4
    assert len(clock.slept) == 3
    assert all(least <= pause <= 3 * least for least, pause in zip((0.25, 0.5, 1.0), clock.slept, strict=True))


def test_busy_for_a_moment_is_not_seen(client: WecomClient, host: Platform) -> None:
    host.answers[LIST] = [
        refused(-1),
        hang_up(),
        Raw(status=502, body=b"<html>"),
        {"errcode": 0, "external_userid": []},
    ]
    assert client.call(LIST, userid="a")["external_userid"] == []


@pytest.mark.parametrize("code", [40003, 84061, 48002, 60020, 99999999])
def test_refusal_is_not_tried_again(client: WecomClient, host: Platform, code: int) -> None:
    host.answers[LIST] = [refused(code)]
    with pytest.raises(Terminal) as raised:
        client.call(LIST, userid="a")
    assert (raised.value.errcode, raised.value.permanent) == (code, True)
    assert len(host.of(LIST)) == 1


def test_words_decide_nothing(client: WecomClient, host: Platform) -> None:
    host.answers[LIST] = [{"errcode": 84061, "errmsg": "access_token expired, system busy, ok"}]
    with pytest.raises(Terminal):
        client.call(LIST, userid="a")
    assert (len(host.of(LIST)), len(host.of("gettoken"))) == (1, 1)


def test_refusal_is_said_in_both_languages(client: WecomClient, host: Platform) -> None:
    host.answers[LIST] = [refused(60020)]
    with pytest.raises(Terminal) as raised:
        client.call(LIST, userid="a")
    said = {}
    for language in ("en", "zh-hans"):
        with translation.override(language):
            said[language] = (str(raised.value), str(raised.value.hint))
    assert "trust" in said["en"][0]
    assert "可信" in "".join(said["zh-hans"])


@pytest.mark.parametrize("lost", [hang_up(), Raw(status=504, body=b"late"), Raw(body=b"<html>"), {"errcode": -1}])
def test_mass_message_without_an_answer_is_never_sent_twice(client: WecomClient, host: Platform, lost: Any) -> None:
    host.answers[MASS] = [lost]
    with pytest.raises(UnknownAfterDispatch):
        client.call(MASS, chat_type="single", external_userid=["wo1"], text={"content": "周年庆"})
    assert len(host.of(MASS)) == 1


@pytest.mark.parametrize("code", [45033, 45035, 6000])
def test_mass_message_that_was_refused_as_too_early_is_sent_later(
    client: WecomClient, host: Platform, code: int
) -> None:
    host.answers[MASS] = [refused(code), {"errcode": 0, "msgid": "m1", "fail_list": []}]
    assert client.call(MASS, external_userid=["wo1"])["msgid"] == "m1"


def test_what_never_left_may_be_sent_later(
    client: WecomClient, app: CorpApp, host: Platform, clock: Clock, settings: Any
) -> None:
    """Nobody listens there: nothing can have arrived, not even of what must not be sent twice."""
    client.call(LIST, userid="a")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        silent = f"127.0.0.1:{free.getsockname()[1]}"
    settings.SCRM_HTTP_ALLOWED = [silent]
    Corp.objects.update(base_url=f"http://{silent}")
    with pytest.raises(Retryable):
        connect(app_id=app.pk, clock=clock, sleep=clock.sleep).call(MASS, external_userid=["wo1"])
    assert len(clock.slept) == 3


def test_message_with_a_key_of_ours_may_be_repeated(client: WecomClient, host: Platform) -> None:
    body = {"touser": "wo1", "open_kfid": "wk1", "msgtype": "text", "text": {"content": "您好"}}
    host.answers["kf/send_msg"] = [hang_up(), {"errcode": 0, "msgid": "m1"}]
    with pytest.raises(UnknownAfterDispatch):
        client.call("kf/send_msg", **body)
    host.answers["kf/send_msg"] = [hang_up(), {"errcode": 0, "msgid": "m1"}]
    assert client.call("kf/send_msg", **body, msgid="m1")["msgid"] == "m1"


def test_something_on_the_way_that_turns_the_call_back_is_a_refusal(client: WecomClient, host: Platform) -> None:
    host.answers[MASS] = [Raw(status=403, body=b"no")]
    with pytest.raises(Terminal):
        client.call(MASS, external_userid=["wo1"])


# --- blocks ---


def test_stopped_operation_is_not_asked_until_its_time(client: WecomClient, host: Platform, clock: Clock) -> None:
    host.answers[LIST] = [refused(45009), {"errcode": 0}]
    with pytest.raises(ApiBlocked) as raised:
        client.call(LIST, userid="a")
    assert raised.value.retry_after == 60
    clock.now += timedelta(seconds=59)
    with pytest.raises(ApiBlocked) as raised:
        client.call(LIST, userid="a")
    assert raised.value.retry_after == 1
    assert client.call(GET, external_userid="wo1")["errcode"] == 0, "the others go on"
    assert len(host.of(LIST)) == 1
    clock.now += timedelta(seconds=2)
    client.call(LIST, userid="a")
    assert ApiBlock.objects.count() == 0


def test_block_that_was_not_enough_is_followed_by_the_next_longer_one(
    client: WecomClient, host: Platform, clock: Clock
) -> None:
    host.answers[LIST] = [refused(45009)]
    waits = []
    for _time in range(5):
        with pytest.raises(ApiBlocked) as raised:
            client.call(LIST, userid="a")
        waits.append(raised.value.retry_after)
        clock.now = ApiBlock.objects.get().until + timedelta(seconds=1)
    assert waits[:2] == [60, 3600]
    assert waits[2] is not None
    assert 0 < waits[2] <= 86400
    assert waits[3:] == [30 * 86400, 30 * 86400]


def test_calls_that_were_under_way_do_not_lengthen_the_block(app: CorpApp, clock: Clock) -> None:
    brakes = connect(app_id=app.pk, clock=clock)._brakes
    before = clock.now
    brakes.stop(LIST, errcode=45009, asked_at=before)
    clock.now += timedelta(seconds=30)
    assert brakes.stop(LIST, errcode=45009, asked_at=before).retry_after == 30
    assert ApiBlock.objects.get().level == A_MINUTE


def test_blocks_end_with_the_natural_day_of_the_platform() -> None:
    now = Clock().now  # ten in the morning in Shanghai
    assert blocked_until(A_MINUTE, now) - now == timedelta(seconds=60)
    assert blocked_until(AN_HOUR, now) - now == timedelta(minutes=60)
    assert blocked_until(THE_DAY, now) - now == timedelta(hours=14)
    assert blocked_until(A_MONTH, now) - now == timedelta(days=30)
    assert [level_after(LIST, before) for before in (None, 0, 1, 2, 3)] == [0, 1, 2, 3, 3]
    assert level_after("gettoken", None) == AN_HOUR


def test_other_corp_is_not_stopped(client: WecomClient, host: Platform, clock: Clock) -> None:
    other = an_app(a_corp(host.url, corpid="ww2"))
    host.answers[LIST] = [refused(45009), {"errcode": 0}]
    with pytest.raises(ApiBlocked):
        client.call(LIST, userid="a")
    assert connect(app_id=other.pk, clock=clock).call(LIST, userid="a")["errcode"] == 0


def test_we_hold_back_before_the_platform_does(
    client: WecomClient, host: Platform, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits = iter([3, 0, 0, 9, 0])
    monkeypatch.setattr("wecom.services.brakes.take", lambda _key, _rate: next(waits))
    client.call(LIST, userid="a")
    assert clock.slept == [3]
    with pytest.raises(ApiBlocked) as raised:
        client.call(LIST, userid="a")
    assert (raised.value.retry_after, raised.value.errcode) == (9, 0)
    assert len(host.of(LIST)) == 1


# --- pages ---


def test_cursor_list_is_read_in_the_largest_pages_to_its_end(client: WecomClient, host: Platform) -> None:
    api = "externalcontact/batch/get_by_user"
    host.answers[api] = [
        {"external_contact_list": [1, 2], "next_cursor": "c1"},
        {"external_contact_list": [], "next_cursor": "c2"},
        {"external_contact_list": [3], "next_cursor": ""},
    ]
    assert list(items(client, api, userid_list=["a"])) == [1, 2, 3]
    assert [each.json.get("cursor") for each in host.of(api)] == [None, "c1", "c2"]
    assert {each.json["limit"] for each in host.of(api)} == {100}


def test_list_goes_on_where_it_was_left(client: WecomClient, host: Platform) -> None:
    host.answers["user/list_id"] = [{"dept_user": [], "next_cursor": ""}]
    assert [page.next for page in pages(client, "user/list_id", start="c7")] == [None]
    assert host.of("user/list_id")[0].json == {"cursor": "c7", "limit": 10_000}


def test_messages_go_on_as_long_as_the_flag_says(client: WecomClient, host: Platform) -> None:
    """An empty page with the flag is no end, and a cursor without it no beginning."""
    host.answers["kf/sync_msg"] = [
        {"msg_list": [1], "has_more": 1, "next_cursor": "c1"},
        {"msg_list": [], "has_more": 1, "next_cursor": "c2"},
        {"msg_list": [2], "has_more": 0, "next_cursor": "c3"},
    ]
    found = list(pages(client, "kf/sync_msg", open_kfid="wk"))
    assert [page.items for page in found] == [[1], [], [2]]
    assert found[-1].body["next_cursor"] == "c3"


def test_accounts_go_on_until_a_page_is_not_full(client: WecomClient, host: Platform) -> None:
    host.answers["kf/account/list"] = [{"account_list": list(range(100))}, {"account_list": [100]}]
    assert list(items(client, "kf/account/list")) == list(range(101))
    assert [each.json["offset"] for each in host.of("kf/account/list")] == [0, 100]


def test_statistics_go_on_by_their_offset_and_total(client: WecomClient, host: Platform) -> None:
    api = "externalcontact/groupchat/statistic"
    host.answers[api] = [{"items": [1, 2], "total": 3, "next_offset": 2}, {"items": [3], "total": 3, "next_offset": 3}]
    assert list(items(client, api, day_begin_time=1, owner_filter={"userid_list": ["a"]})) == [1, 2, 3]


def test_unassigned_list_ends_by_its_flag(client: WecomClient, host: Platform) -> None:
    api = "externalcontact/get_unassigned_list"
    host.answers[api] = [{"info": [1], "is_last": True, "next_cursor": "c9"}]
    assert list(pages(client, api)) == [Page([1], None, {"info": [1], "is_last": True, "next_cursor": "c9"})]
    assert host.of(api)[0].json == {"page_size": 1000}


def test_list_that_does_not_move_is_left(client: WecomClient, host: Platform) -> None:
    host.answers["user/list_id"] = [{"dept_user": [1], "next_cursor": "c1"}]
    with pytest.raises(ListStuck):
        list(pages(client, "user/list_id"))
    assert len(host.of("user/list_id")) == 2


def test_what_is_no_list_is_not_read_as_one(client: WecomClient) -> None:
    for api in (LIST, "no/such"):
        with pytest.raises(CallMalformed):
            list(pages(client, api))
    with pytest.raises(CallMalformed):
        client.call("no/such")


# --- quirks ---


def test_both_uploads_answer_with_a_number(client: WecomClient, host: Platform) -> None:
    file = Upload(name="a.jpg", content=b"\xff\xd8", content_type="image/jpeg")
    host.answers["media/upload"] = [{"media_id": "M1", "created_at": "1380000000"}]
    host.answers["media/upload_attachment"] = [{"media_id": "M2", "created_at": 1380000000}]
    host.answers["media/uploadimg"] = [{"url": "https://p.qpic.cn/x"}]
    assert client.upload("media/upload", file, type="image")["created_at"] == 1380000000
    attachment = client.upload("media/upload_attachment", file, media_type="image", attachment_type=1)
    assert attachment["created_at"] == 1380000000
    assert client.upload("media/uploadimg", file)["url"] == "https://p.qpic.cn/x"
    assert b"\xff\xd8" in host.of("media/upload")[0].body


def test_download_is_a_file_or_a_refusal(client: WecomClient, host: Platform) -> None:
    host.answers["media/get"] = [
        Raw(body=b'{"errcode":1}', headers={"Content-Disposition": 'attachment; filename="a.json"'}),
        refused(40007),
    ]
    assert client.download("media/get", media_id="M1") == b'{"errcode":1}'
    with pytest.raises(Terminal) as raised:
        client.download("media/get", media_id="M1")
    assert raised.value.errcode == 40007


def test_tags_and_follows_are_read_from_either_form() -> None:
    one = {"follow_user": [{"userid": "a", "tags": [{"tag_id": "et1", "type": 1}, {"tag_name": "own", "type": 2}]}]}
    many = {"external_contact": {}, "follow_info": {"userid": "a", "tag_id": ["et1"]}}
    assert [tag_ids(follow) for body in (one, many) for follow in follows(body)] == [["et1"], ["et1"]]


def test_service_message_says_who_in_two_places() -> None:
    event = {"msgtype": "event", "event": {"open_kfid": "wk", "external_userid": "wm"}}
    assert subject_of(event) == subject_of({"msgtype": "text", "open_kfid": "wk", "external_userid": "wm"})


@pytest.mark.skipif(not FIXTURES.exists() and not os.environ.get("CI"), reason="the sample bodies are not there")
def test_every_sample_body_is_read_as_the_platform_means_it(client: WecomClient, host: Platform) -> None:
    """All bodies that others published, the retired operations' too, as answers to some call."""
    samples = sorted(
        [*(FIXTURES / "wechatpy_work").glob("*.json"), FIXTURES / "official_docs_transcribed/error_42001.json"]
    )
    assert len(samples) > 80
    for path in samples:
        said = json.loads(path.read_text(encoding="utf-8"))
        host.answers["getcallbackip"] = [said]
        if path.name == "gettoken.json" or not isinstance(said, dict) or said.get("errcode", 0) == 0:
            assert client.call("getcallbackip") == said, path.name
        else:
            with pytest.raises((Terminal, TokenProblem)) as raised:
                client.call("getcallbackip")
            assert raised.value.errcode == said["errcode"], path.name


# --- where calls go, and what is told of them ---


def test_loopback_is_asked_only_where_the_settings_say_so(host: Platform, clock: Clock, settings: Any) -> None:
    app = an_app(a_corp(host.url))
    settings.SCRM_HTTP_ALLOWED = []
    with pytest.raises(OutgoingRefused):
        connect(app_id=app.pk, clock=clock).call(LIST, userid="a")
    assert host.asked == []


def test_token_and_secret_are_in_no_log(client: WecomClient, host: Platform, caplog: pytest.LogCaptureFixture) -> None:
    """Whatever level a log has, and whatever goes wrong."""
    caplog.set_level(logging.DEBUG)
    host.answers["gettoken"] = [{"access_token": "TOKEN-OF-THE-APP", "expires_in": 7200}]
    host.answers[LIST] = [refused(-1), hang_up(), Raw(status=502), refused(84061)]
    with pytest.raises(Terminal) as raised:
        client.call(LIST, userid="a")
    told = [caplog.text, repr(raised.value), str(raised.value), repr(client._tokens.current())]
    assert all(secret not in "".join(told) for secret in ("TOKEN-OF-THE-APP", SECRET))
    assert "84061" in caplog.text
    assert "1576065934_28_e0fae84061" in caplog.text
    assert "words that change" not in caplog.text
    sealed = AccessToken.objects.get().token
    assert sealed is not None
    assert b"TOKEN-OF-THE-APP" not in bytes(sealed)
