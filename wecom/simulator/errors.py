"""What WeCom answers when it refuses: a global error code (official page 90313) and a text that nobody may branch on."""

from typing import Any

Json = dict[str, Any]

TEXTS = {
    -1: "system busy",
    40001: "invalid credential",
    40003: "invalid userid",
    40004: "invalid media type",
    40005: "invalid type parameter",
    40006: "invalid file size",
    40007: "invalid media_id",
    40009: "invalid image size",
    40010: "invalid voice size",
    40011: "invalid video size",
    40013: "invalid corpid",
    40014: "invalid access_token",
    40029: "invalid code",
    40033: "invalid request characters",
    40056: "invalid agentid",
    40058: "invalid Request Parameter",
    40063: "some parameters are empty",
    40068: "invalid tag id",
    40071: "tag name already exists",
    40096: "invalid external userid",
    40097: "the member has not left",
    40098: "the member is not verified by real name",
    40100: "the customer is already being transferred",
    40126: "too many corp tags",
    40128: "the customer was transferred too often",
    40129: "the customer is being transferred",
    40130: "handover and takeover are the same member",
    40131: "handover_userid does not follow the customer",
    40144: "too many tags on the customer",
    40145: "media_id expired",
    40205: "the member's WeChat ticket expired",
    41001: "access_token missing",
    41002: "corpid missing",
    41004: "secret missing",
    41041: "too many members in a contact way",
    41043: "config_id missing",
    41044: "invalid config_id",
    41045: "too many contact ways",
    41046: "msgid missing",
    41047: "invalid msgid",
    41048: "no customer to send to",
    41049: "welcome_code missing",
    41050: "invalid welcome_code",
    41051: "the chat has already begun",
    41053: "the customer has not agreed to the archive",
    41054: "the member is not active",
    41055: "too many group welcome templates",
    41058: "the template belongs to another app",
    41062: "the moment has not been published by that member",
    41063: "the mass message is being dispatched",
    41078: "too many moment jobs",
    41079: "the moment is being dispatched",
    41091: "too many groups in a join way",
    41093: "the mass message was cancelled",
    41094: "too many reminders",
    41095: "too many links",
    41096: "the welcome message is being sent",
    41200: "the feature is not open to this corp",
    41210: "too many moments",
    42001: "access_token expired",
    44001: "empty media data",
    45009: "reach max api daily quota limit",
    45033: "api concurrent out of limit",
    45035: "concurrent operation",
    45036: "abnormal traffic",
    48002: "api forbidden",
    49008: "the group is dismissed",
    50003: "app disabled",
    50100: "invalid cursor",
    60003: "department not found",
    60011: "no privilege to access/modify contact/party/agent",
    60020: "not allow to access from your ip",
    60030: "out of the app's visible range",
    60111: "userid not found",
    81013: "all userid/partyid/tagid are invalid",
    81017: "too many requested",
    84061: "not external contact",
    84074: "no permission for external contacts",
    90500: "the owner has not left",
    90501: "not a customer group",
    90503: "the group is full",
    95000: "invalid open_kfid",
    95001: "too many messages since the customer last wrote",
    95002: "too long since the customer last wrote",
    95004: "open_kfid not found",
    95005: "too many kf accounts",
    95006: "invalid kf account name",
    95007: "invalid msg token",
    95013: "the session has ended",
    95014: "the member is not a servicer",
    95016: "not allowed to move to that state",
    95018: "the session's state does not allow sending",
    95019: "the servicer has stopped receiving",
    301002: "not allowed to operate that agent",
    301052: "the archive service expired",
}


class Refusal(Exception):
    """WeCom's answer is this error code, with HTTP 200; `fields` go into the body beside it."""

    def __init__(self, errcode: int, errmsg: str = "", **fields: Any) -> None:
        self.errcode = errcode
        self.errmsg = errmsg or TEXTS.get(errcode, "error")
        self.fields: Json = fields
        super().__init__(f"{errcode} {self.errmsg}")


class ControlRefused(Exception):
    """The control interface was asked for something that cannot be done; the text says what to do instead."""


def refuse_if(condition: object, errcode: int, errmsg: str = "") -> None:
    if condition:
        raise Refusal(errcode, errmsg)
