"""Telling people from programs by what a request says of itself; no address is looked up anywhere."""

import re
from collections.abc import Mapping

from campaigns.enums import BotReason

# WeChat's own browser calls itself MicroMessenger and is a person's; the programs that look at a link before it is
# shown, crawlers of search engines and the libraries that fetch pages name themselves. Cubot makes telephones.
_AGENTS = re.compile(
    r"(?<!cu)bot\b|spider|crawl|slurp|preview|scan|fetch|monitor|probe|headless|phantom|lighthouse|pagespeed|"
    r"facebookexternalhit|mediapartners|embedly|curl/|wget/|python|aiohttp|httpx|okhttp|java/|go-http|libwww|perl|"
    r"ruby|axios|node-|postman|apache-http|httpclient|winhttp|scrapy|validator",
    re.IGNORECASE,
)
_AHEAD = ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")


def bot_reason(method: str, headers: Mapping[str, str]) -> str:
    """A `BotReason`, or "" for what looks like a person. A program that lies about its name passes."""
    if method == "HEAD":
        return BotReason.HEAD
    ahead = " ".join(headers.get(name, "") for name in _AHEAD).lower()
    if "prefetch" in ahead or "preview" in ahead or "prerender" in ahead:
        return BotReason.PREFETCH
    agent = headers.get("User-Agent", "").strip()
    if not agent:
        return BotReason.NO_AGENT
    return BotReason.AGENT if _AGENTS.search(agent) else ""
