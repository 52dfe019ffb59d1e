"""Addresses that people type."""

from urllib.parse import urlsplit

#: Hosts, with those below them, on which whoever comes by reads along. Articles of the brand's official account are its own.
PUBLIC_PLATFORMS = (
    *("xiaohongshu.com", "xhslink.com", "douyin.com", "iesdouyin.com", "kuaishou.com", "chenzhongtech.com"),
    *("weibo.com", "weibo.cn", "bilibili.com", "b23.tv", "zhihu.com", "toutiao.com", "channels.weixin.qq.com"),
    *("tiktok.com", "instagram.com", "facebook.com", "youtube.com", "youtu.be", "x.com", "twitter.com"),
)


def is_web_address(text: str) -> bool:
    """Whether a member could open it: https, for others are marked as unsafe; a host, and nothing that breaks a line."""
    if any(character.isspace() or ord(character) < 0x20 for character in text):  # noqa: PLR2004  # control characters
        return False
    try:
        parts = urlsplit(text)
        return parts.scheme == "https" and bool(parts.hostname) and "." in (parts.hostname or "")
    except ValueError:
        return False


def is_on_public_platform(address: str) -> bool:
    """Whether an address that `is_web_address` accepts is on one of them."""
    host = f".{(urlsplit(address).hostname or '').rstrip('.')}"
    return any(host.endswith(f".{platform}") for platform in PUBLIC_PLATFORMS)
