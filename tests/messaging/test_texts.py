"""Texts with values, signatures, caps, and what gateways tell: plain rules."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.rules.blocks import signed, with_refusal
from messaging.rules.caps import free_from
from messaging.rules.incoming import INBOUND, MOST, delivered_of, moment_of, names_of, receipts_of, replies_of
from messaging.rules.keys import key_of
from messaging.rules.signing import TOLERANCE, is_signed, sign
from messaging.rules.texts import has_stray_braces, names_in, render, unknown_names

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def test_values_stand_in_their_places_and_what_is_missing_is_named() -> None:
    text = "{name|会员}您好，{code}在{store}可用，{code}"
    assert render(text, {"code": "A1", "store": "西湖店"}).text == "会员您好，A1在西湖店可用，A1"
    assert render(text, {}).missing == ("code", "store")
    assert render("{name|}好", {}).text == "好", "an empty stand-in is one"
    assert names_in(text, "{city}") == ["name", "code", "store", "city"]
    assert unknown_names([text], ["code"]) == []
    assert unknown_names([text], []) == ["code"]


def test_values_are_one_line_and_nothing_in_them_is_looked_at_again() -> None:
    assert render("{a}", {"a": " x\r\nBcc: y{b} "}).text == "x Bcc: y{b}"
    assert len(render("{a}", {"a": "长" * 999}).text) == 200


@pytest.mark.parametrize("text", ["{", "}", "{Name}", "{ name }", "{a|{b}}", "{a.__class__}", "{0}", "{a!r}"])
def test_stray_braces_are_seen(text: str) -> None:
    assert has_stray_braces(text)
    assert not has_stray_braces("{name}、{name|会员}")


@given(st.text(), st.dictionaries(st.sampled_from(["name", "code"]), st.text()))
def test_rendering_never_fails(text: str, values: dict[str, str]) -> None:
    found = render(text, values)
    assert set(found.missing) <= set(names_in(text))


def test_blocks_stand_once() -> None:
    assert signed("【别家】你好", "悦肤") == "【悦肤】你好"
    assert signed("你好【别家】", "悦肤") == "【悦肤】你好"
    once = with_refusal("你好", "拒收请回复R")
    assert once == with_refusal(once, "拒收请回复R") == "你好 拒收请回复R"


def test_signature_holds_for_its_body_its_secret_and_its_time() -> None:
    header = sign("s", b"body", seconds=1_000)
    assert is_signed("s", b"body", header, seconds=1_000 + TOLERANCE)
    assert not is_signed("s", b"body", header, seconds=1_001 + TOLERANCE)
    assert not is_signed("s", b"body", header, seconds=999 - TOLERANCE)
    assert not is_signed("s", b"bodY", header, seconds=1_000)
    assert not is_signed("t", b"body", header, seconds=1_000)
    assert not is_signed("", b"body", sign("", b"body", seconds=1_000), seconds=1_000)
    assert not is_signed("s", b"body", header.replace("t=1000", "t=1001"), seconds=1_000)


def test_key_is_the_same_for_the_same_message_alone() -> None:
    assert key_of(1) == key_of(1) != key_of(2)


def test_cap_is_free_when_the_contact_in_the_way_is_old_enough() -> None:
    contacts = [NOW - 3 * DAY, NOW - DAY, NOW - 2 * DAY]
    assert free_from(contacts, most=4, window=7 * DAY, now=NOW) == NOW
    assert free_from(contacts, most=3, window=7 * DAY, now=NOW) == NOW + 4 * DAY
    assert free_from(contacts, most=1, window=7 * DAY, now=NOW) == NOW + 6 * DAY
    assert free_from(contacts, most=0, window=7 * DAY, now=NOW) is None


def test_replies_are_read_by_the_names_of_the_gateway() -> None:
    names = names_of({"inbound": {"sender": "from", "key": "msgid"}}, "inbound", INBOUND)
    (reply,) = replies_of({"from": "13900000001", "content": "TD", "msgid": 7, "time": "1795000000"}, names)
    assert (reply.sender, reply.text, reply.key) == ("13900000001", "TD", "7")
    assert reply.at == datetime.fromtimestamp(1_795_000_000, tz=UTC)
    assert replies_of([{"content": "TD"}, "x", None], names) == []
    assert len(receipts_of([{}] * (MOST + 1), {})) == MOST
    assert delivered_of({"receipt_delivered": ["DELIVRD"]}) == ["DELIVRD"]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("1795000000", datetime.fromtimestamp(1_795_000_000, tz=UTC)),
        ("1795000000123", datetime.fromtimestamp(1_795_000_000, tz=UTC)),
        ("2026-11-20T20:00:00+08:00", NOW),
        ("2026-11-20T20:00:00", None),
        ("昨天", None),
        ("", None),
        ("9" * 50, datetime(2100, 1, 1, tzinfo=UTC)),
    ],
)
def test_moments_of_gateways(text: str, moment: Any) -> None:
    assert moment_of(text) == moment
