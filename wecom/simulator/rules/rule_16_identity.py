"""Rule 16: ids of customers and groups belong to the caller's subject; a unionid needs a WeChat user and a bound account."""

import base64
import hashlib

PREFIXES = {"customer": "wm", "wecom_user": "wo", "bot": "wb", "chat": "wr"}
WECHAT = 1


def digest(*parts: object, length: int) -> str:
    raw = hashlib.sha256("|".join(map(str, parts)).encode()).digest()
    return base64.urlsafe_b64encode(raw).decode()[:length]


def outside_id(seed: str, subject: str, kind: str, inside: int) -> str:
    """The same for all apps of one corp; another for every service provider."""
    return PREFIXES[kind] + digest(seed, subject, kind, inside, length=30)


def unionid(seed: str, account: str, person: int, *, type_: int, own_app: bool) -> str:
    """Empty unless the corp has bound a WeChat developer account, the app is its own and the person uses WeChat."""
    if type_ != WECHAT or not account or not own_app:
        return ""
    return "o" + digest(seed, account, person, length=27)
