"""Rule 19: contact ways: 500,000 per corp with join ways, 100 members, one for type 1; active and verified members only."""

from wecom.simulator.clock import DAY
from wecom.simulator.errors import Json, Refusal, refuse_if
from wecom.simulator.rules.shapes import integer, strings, text

SINGLE, MULTI = 1, 2
MINI_PROGRAM, QR = 1, 2
MEMBERS, PARTIES, WORDS = 100, 100, 30
LISTED_SINCE = 1625846400  # 2021-07-10 in China
DEFAULT_SPAN = 90 * DAY
TEMPORARY_LIFE, TEMPORARY_LONGEST = 7 * DAY, 14 * DAY


def read_way(body: Json) -> Json:
    """Of an add; an update reads what it names through `read_changes`."""
    kind, scene = integer(body, "type"), integer(body, "scene")
    refuse_if(kind not in (SINGLE, MULTI) or scene not in (MINI_PROGRAM, QR), 40058)
    way: Json = {"type": kind, "scene": scene, "skip_verify": body.get("skip_verify", True) is not False}
    way["is_temp"] = body.get("is_temp") is True
    if way["is_temp"]:
        way["expires_in"] = min(integer(body, "expires_in", TEMPORARY_LIFE), TEMPORARY_LONGEST)
    return {**way, **read_changes(body), "is_exclusive": body.get("is_exclusive") is True}


def read_changes(body: Json) -> Json:
    """Members and parties overwrite; what is not named stays."""
    found: Json = {}
    for key in ("remark", "state"):
        if key in body:
            found[key] = text(body, key, most=WORDS)
    if "user" in body:
        found["user"] = strings(body, "user", most=MEMBERS)
    if "party" in body:
        found["party"] = [int(item) for item in strings(body, "party", most=PARTIES) if item.isdigit()]
    for key in ("style", "conclusions", "unionid", "skip_verify"):
        if key in body:
            found[key] = body[key]
    return found


def check_members(kind: int, users: list[str], expanded: int) -> None:
    if kind == SINGLE and len(users) != 1:
        raise Refusal(40058, "a contact way of type 1 has exactly one user")
    refuse_if(expanded > MEMBERS, 41041)
    refuse_if(not expanded, 40063, "user and party are empty")


def check_usable(*, active: int, verified: int) -> None:
    refuse_if(not (active and verified), 41054)


def check_quota(existing: int, most: int) -> None:
    refuse_if(existing >= most, 41045)
