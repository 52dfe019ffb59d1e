"""Rule 13: what a callback URL must refuse: wrong token, key or receiver, an old timestamp, a cut text, an entity bomb."""

from typing import NamedTuple

from wecom.simulator import crypto
from wecom.simulator.clock import HOUR
from wecom.simulator.envelope import delivery_xml

KINDS = ("wrong_token", "wrong_key", "wrong_receiver", "old_timestamp", "truncated", "bomb", "outer_bomb")
OTHER_KEY = "A" * 43
BOMB = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]><xml><ToUserName>&c;</ToUserName></xml>'
)


class Delivery(NamedTuple):
    query: dict[str, str]
    body: str


def seal(
    message: str, *, corpid: str, agentid: int, token: str, aes_key: str, at: int, nonce: str, random16: bytes
) -> Delivery:
    """As WeCom posts it."""
    encrypted = crypto.encrypt(aes_key, message, corpid, random16=random16)
    query = {"timestamp": str(at), "nonce": nonce}
    query["msg_signature"] = crypto.sign(token, str(at), nonce, encrypted)
    return Delivery(query, delivery_xml(corpid, agentid, encrypted))


def hostile(
    kind: str,
    message: str,
    *,
    corpid: str,
    agentid: int,
    token: str,
    aes_key: str,
    at: int,
    nonce: str,
    random16: bytes,
) -> Delivery:
    """A delivery that looks like WeCom's and is wrong in one way."""
    if kind == "truncated":
        return truncated(
            message, corpid=corpid, agentid=agentid, token=token, aes_key=aes_key, at=at, nonce=nonce, random16=random16
        )
    sealed = seal(
        BOMB if kind == "bomb" else message,
        corpid="ww" + "0" * 16 if kind == "wrong_receiver" else corpid,
        agentid=agentid,
        token="x" + token if kind == "wrong_token" else token,
        aes_key=OTHER_KEY if kind == "wrong_key" else aes_key,
        at=at - 24 * HOUR if kind == "old_timestamp" else at,
        nonce=nonce,
        random16=random16,
    )
    return Delivery(sealed.query, BOMB) if kind == "outer_bomb" else sealed


def truncated(
    message: str, *, corpid: str, agentid: int, token: str, aes_key: str, at: int, nonce: str, random16: bytes
) -> Delivery:
    """Signed rightly, but the cipher text is cut in the middle of a block."""
    cut = crypto.encrypt(aes_key, message, corpid, random16=random16)[:-24]
    query = {"timestamp": str(at), "nonce": nonce, "msg_signature": crypto.sign(token, str(at), nonce, cut)}
    return Delivery(query, delivery_xml(corpid, agentid, cut))
