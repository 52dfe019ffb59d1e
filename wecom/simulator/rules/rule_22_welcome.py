"""Rule 22: a welcome code lives 20 s and serves once: 41050, 41051, 41096, 41053; text of 4,000 bytes, nine attachments."""

from wecom.simulator.errors import Json, Refusal, refuse_if
from wecom.simulator.rules.shapes import mapping, mappings, octets

TEXT, ATTACHMENTS, TEMPLATE_TEXT, TEMPLATES = 4000, 9, 3000, 100
INACTIVE = 30 * 86400  # the member has not logged in for so long: the code cannot be used
SIZES = {
    "link": {"title": 128, "desc": 512, "url": 2048, "picurl": 2048},
    "miniprogram": {"title": 64},
}
NEEDED = {
    "image": (),
    "link": ("title", "url"),
    "miniprogram": ("title", "pic_media_id", "appid", "page"),
    "video": ("media_id",),
    "file": ("media_id",),
}
TEMPLATE_PARTS = ("image", "link", "miniprogram", "file", "video")  # the first one present is taken


def has_code(*, wechat_user: bool, admin_welcome: bool, chat_begun: bool, half_code_used: bool) -> bool:
    return wechat_user and not (admin_welcome or chat_begun or half_code_used)


def check_code(
    *, known: bool, age: int, life: int, sent: bool, begun: bool, busy: bool, agreed: bool, inactive: bool
) -> None:
    refuse_if(not known, 41050)
    refuse_if(sent or begun, 41051)
    refuse_if(age >= life or inactive, 41050)
    refuse_if(busy, 41096)
    refuse_if(not agreed, 41053)


def read_part(kind: str, part: Json) -> Json:
    """One attachment's own object."""
    for key in NEEDED[kind]:
        octets(part, key, most=SIZES.get(kind, {}).get(key, 2048), needed=True)
    for key, most in SIZES.get(kind, {}).items():
        octets(part, key, most=most)
    if kind == "image" and not part.get("media_id") and not part.get("pic_url"):
        raise Refusal(40063, "image has neither media_id nor pic_url")
    return part


def read_attachment(attachment: Json) -> Json:
    kind = attachment.get("msgtype")
    if kind not in NEEDED:
        raise Refusal(40058, "invalid attachments msgtype")
    return {"msgtype": kind, kind: read_part(kind, mapping(attachment, kind))}


def read_content(body: Json) -> Json:
    """Text and attachments, not both empty."""
    content = octets(mapping(body, "text"), "content", most=TEXT)
    attachments = [read_attachment(item) for item in mappings(body, "attachments", most=ATTACHMENTS)]
    refuse_if(not content and not attachments, 40063, "text and attachments are empty")
    found: Json = {"text": {"content": content}} if content else {}
    return {**found, "attachments": attachments} if attachments else found


def media_of(content: Json) -> list[str]:
    """The media ids that a content names."""
    parts = [attachment[attachment["msgtype"]] for attachment in content.get("attachments", [])]
    found = [part.get("media_id") or part.get("pic_media_id") or "" for part in parts]
    return [media for media in found if media]


def read_template(body: Json) -> Json:
    """A group welcome: text and one other part; `%NICKNAME%` is filled in when it is shown, in that spelling only."""
    content = octets(mapping(body, "text"), "content", most=TEMPLATE_TEXT)
    found: Json = {"text": {"content": content}} if content else {}
    kind = next((part for part in TEMPLATE_PARTS if body.get(part)), None)
    if kind:
        found[kind] = read_part(kind, mapping(body, kind))
    refuse_if(not found, 40063, "the template is empty")
    return found


def check_templates(existing: int) -> None:
    refuse_if(existing >= TEMPLATES, 41055)


def check_template_owner(made_by: int, agentid: int) -> None:
    refuse_if(made_by != agentid, 41058)
