"""The XML of callbacks, in the envelope that a corp's own app receives."""

from collections.abc import Mapping, Sequence

Value = str | int | Sequence[str]
WITHOUT_SENDER = ("kf_msg_or_event",)


def cdata(text: str) -> str:
    return "<![CDATA[" + text.replace("]]>", "]]]]><![CDATA[>") + "]]>"


def element(name: str, value: Value) -> str:
    """Text in CDATA, numbers bare; a list as `Item` elements, as WeCom writes MemChangeList."""
    if isinstance(value, int):
        return f"<{name}>{value}</{name}>"
    if isinstance(value, str):
        return f"<{name}>{cdata(value)}</{name}>"
    return f"<{name}>" + "".join(f"<Item>{item}</Item>" for item in value) + f"</{name}>"


def event_xml(corpid: str, at: int, event: str, fields: Mapping[str, Value]) -> str:
    head: dict[str, Value] = {"ToUserName": corpid, "FromUserName": "sys", "CreateTime": at, "MsgType": "event"}
    head["Event"] = event
    if event in WITHOUT_SENDER:
        del head["FromUserName"]
    lines = [element(name, value) for name, value in {**head, **fields}.items()]
    return "<xml>" + "".join(lines) + "</xml>"


def delivery_xml(corpid: str, agentid: int, encrypted: str) -> str:
    """The body that is posted."""
    parts = element("ToUserName", corpid) + element("AgentID", str(agentid)) + element("Encrypt", encrypted)
    return f"<xml>{parts}</xml>"
