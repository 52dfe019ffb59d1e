"""Callbacks as the platform sends them: encrypted, signed, in either envelope."""

import json
import os
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.test import Client

from tests.wecom.platform import AES_KEY, CORPID, NOW, TOKEN
from wecom.models import CallbackEvent, CorpApp
from wecom.rules.callback_crypto import encrypt, signature
from wecom.services.receiving import Stored, receive

FIXTURES = Path(os.environ.get("SCRM_SHARED", settings.BASE_DIR.parent / "shared")) / "fixtures/wecom"
ADD = """<xml><ToUserName><![CDATA[{corp}]]></ToUserName><FromUserName><![CDATA[sys]]></FromUserName>
<CreateTime>{at}</CreateTime><MsgType><![CDATA[event]]></MsgType><Event><![CDATA[change_external_contact]]></Event>
<ChangeType><![CDATA[{change}]]></ChangeType><UserID><![CDATA[zhangsan]]></UserID>
<ExternalUserID><![CDATA[{who}]]></ExternalUserID>{more}</xml>"""


def contact(who: str = "wo1", change: str = "add_external_contact", more: str = "", at: int = 1403610513) -> bytes:
    return ADD.format(corp=CORPID, at=at, change=change, who=who, more=more).encode()


def welcome(who: str = "wo1") -> bytes:
    return contact(who, more="<WelcomeCode><![CDATA[CODE]]></WelcomeCode>")


def envelope(
    message: bytes,
    *,
    now: datetime = NOW,
    token: str = TOKEN,
    aes_key: str = AES_KEY,
    receiver: str = CORPID,
    as_json: bool = False,
    nonce: str = "1372623149",
) -> tuple[dict[str, str], bytes]:
    """Query and body of one delivery."""
    encrypted = encrypt(message, aes_key=aes_key, receiver=receiver, random=b"0123456789abcdef")
    timestamp = str(int(now.timestamp()))
    signed = signature(token=token, timestamp=timestamp, nonce=nonce, encrypted=encrypted)
    query = {"msg_signature": signed, "timestamp": timestamp, "nonce": nonce}
    if as_json:
        return query, json.dumps({"tousername": receiver, "encrypt": encrypted, "agentid": "218"}).encode()
    text = f"<xml><ToUserName><![CDATA[{receiver}]]></ToUserName><AgentID>218</AgentID><Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>"
    return query, text.encode()


def deliver(app: CorpApp, message: bytes, *, now: datetime = NOW, **how: Any) -> Stored:
    query, body = envelope(message, now=now, **how)
    return receive(app_id=app.pk, query=query, body=body, now=now)


def post(address: str, query: dict[str, str], body: bytes) -> Any:
    return Client().post(address, body, content_type="text/xml", query_params=query)


def states() -> list[tuple[str, str]]:
    return list(CallbackEvent.objects.order_by("pk").values_list("state", "error"))
