"""What a file of a chat may hold, and by which column names it is recognised."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

MESSAGE_NAMES: Mapping[str, tuple[str, ...]] = {
    "sent_at": ("sentat", "time", "sendtime", "senttime", "createtime", "createdat", "timestamp", "datetime", "date", "msgtime", "strtime", "发送时间", "消息时间", "时间", "日期"),
    "speaker_key": ("speakerkey", "senderid", "speakerid", "fromid", "userid", "wxid", "fromusername", "externaluserid", "from", "sender_wxid", "微信号", "发送者id", "发言人id", "成员id"),
    "nickname": ("nickname", "sender", "sendername", "speaker", "name", "fromname", "fromnick", "talker", "发送者", "发送人", "发言人", "昵称", "群昵称", "姓名"),
    "text": ("text", "content", "message", "msg", "strcontent", "body", "内容", "消息内容", "消息", "发言内容"),
    "kind": ("kind", "type", "msgtype", "messagetype", "typename", "类型", "消息类型"),
    "message_no": ("messageno", "id", "msgid", "messageid", "msgsvrid", "newmsgid", "seq", "消息id", "消息编号", "编号"),
    "reply_key": ("replykey", "replyto", "reply", "quote", "referto", "quotesender", "回复", "回复谁", "引用"),
    "group": ("group", "groupid", "groupname", "chatid", "chatname", "room", "roomid", "chatroom", "roomname", "群", "群名", "群名称", "群聊", "群id"),
}  # fmt: skip
ROSTER_NAMES: Mapping[str, tuple[str, ...]] = {
    "speaker_key": (*MESSAGE_NAMES["speaker_key"], "id", "memberid", "key"),
    "nickname": (*MESSAGE_NAMES["nickname"], "displayname", "成员昵称", "成员"),
    "role": ("role", "identity", "身份", "角色", "群身份"),
    "joined_at": ("joinedat", "jointime", "joined", "joindate", "入群时间", "加入时间", "入群日期"),
    "left_at": ("leftat", "lefttime", "left", "leavetime", "退群时间", "离开时间", "退群日期"),
    "inviter": ("inviter", "invitedby", "inviterid", "invitor", "邀请人", "邀请者"),
    "member": ("member", "memberno", "customerno", "externalid", "customerid", "会员号", "会员编号", "客户编号"),
    "phone": ("phone", "mobile", "手机", "手机号", "手机号码", "电话"),
    "acknowledged": ("acknowledged", "rulesseen", "rules", "已读群规", "确认群规", "群规"),
    "group": MESSAGE_NAMES["group"],
}  # fmt: skip
KINDS: Mapping[str, str] = {
    "": "text", "text": "text", "1": "text", "文本": "text", "文字": "text",
    "image": "image", "3": "image", "picture": "image", "photo": "image", "emoji": "image", "47": "image", "图片": "image",
    "表情": "image", "动画表情": "image",
    "voice": "voice", "34": "voice", "audio": "voice", "语音": "voice",
    "video": "video", "43": "video", "视频": "video",
    "link": "link", "49": "link", "url": "link", "share": "link", "链接": "link", "分享": "link", "网页": "link",
    "file": "file", "文件": "file",
    "mini_program": "mini_program", "miniprogram": "mini_program", "weapp": "mini_program", "小程序": "mini_program",
    "red_packet": "red_packet", "redpacket": "red_packet", "hongbao": "red_packet", "红包": "red_packet",
    "转账": "red_packet",
    "system": "system", "10000": "system", "notice": "system", "revoke": "system", "系统": "system",
    "系统消息": "system", "系统通知": "system", "撤回": "system",
}  # fmt: skip
#: What chat programs write in place of what is no text.
PLACEHOLDERS: Mapping[str, str] = {
    "[图片]": "image", "[表情]": "image", "[动画表情]": "image", "[语音]": "voice", "[视频]": "video", "[链接]": "link",
    "[文件]": "file", "[小程序]": "mini_program", "[红包]": "red_packet", "[image]": "image", "[video]": "video",
    "[voice]": "voice", "[file]": "file",
}  # fmt: skip
ROLES: Mapping[str, str] = {
    "": "ordinary", "ordinary": "ordinary", "member": "ordinary", "普通成员": "ordinary", "成员": "ordinary",
    "群成员": "ordinary", "participant": "ordinary",
    "owner": "owner", "群主": "owner",
    "keeper": "keeper", "admin": "keeper", "administrator": "keeper", "管理员": "keeper", "群管理员": "keeper",
}  # fmt: skip
YES = frozenset({"1", "yes", "y", "true", "是", "已读", "已确认", "√", "✓"})
SYSTEM = "system"
LONGEST_TEXT = 10_000
#: A shorter text is said by everybody all the time.
LEAST_FOLDED = 6
_LINK = re.compile(r"(?:https?://|\bwww\.)[^\s]", re.IGNORECASE)
_MENTION = re.compile(r"@([^\s\u2005@]{1,60})")
_NAME_SIGNS = re.compile(r"[\s_\-#（）()：:]+")


def columns_of(header: Sequence[str], names: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """Field → the column that tells it: each field has the first of its names that is there, each column one field."""
    plain: dict[str, str] = {}
    for title in header:
        plain.setdefault(plain_name(title), title)
    taken: set[str] = set()
    found: dict[str, str] = {}
    for field, known in names.items():
        free = (plain[name] for name in map(plain_name, known) if name in plain and plain[name] not in taken)
        told = next(free, None)
        if told is not None:
            found[field] = told
            taken.add(told)
    return found


def plain_name(title: str) -> str:
    return _NAME_SIGNS.sub("", unicodedata.normalize("NFKC", title).casefold())


def kind_of(given: str, text: str) -> str:
    """A kind that nobody knows is `other`: a new sort of message is no reason to lose it."""
    known = KINDS.get(given.strip().casefold(), "other")
    if known == "text":
        return PLACEHOLDERS.get(text.strip().casefold(), "text") if len(text) < 12 else known  # noqa: PLR2004  # no longer one stands there
    return known


def links_in(text: str) -> int:
    return len(_LINK.findall(text)) if "//" in text or "www" in text.casefold() else 0


def mentions_in(text: str) -> list[str]:
    """Names after an @, as chat programs write them."""
    if "@" not in text:
        return []
    return sorted(set(_MENTION.findall(text)))


def folded(text: str) -> str:
    """What two texts share that say the same: letters, digits and characters only, in one width and case."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return "".join(sign for sign in plain if sign.isalnum())


def lines_of(numbers: Iterable[int]) -> str:
    return ", ".join(map(str, numbers))
