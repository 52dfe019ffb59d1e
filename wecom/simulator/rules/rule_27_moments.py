"""Rule 27: moments: 10 a minute and 100,000 a month (41210); a job, then members publish; nine images or one other thing."""

from wecom.simulator.clock import DAY
from wecom.simulator.errors import Json, Refusal, refuse_if
from wecom.simulator.rules.shapes import mapping, mappings, strings

PER_MINUTE, PER_MONTH, RUNNING = 10, 100_000, 100
CHARS, OCTETS, IMAGES, SENDERS, TAGS = 2000, 4000, 9, 100_000, 100
JOB_LIFE, SPAN, PAGE = DAY, 30 * DAY, 20
KINDS = ("image", "video", "link")
STARTED, RUNS, DONE = 1, 2, 3


def check_rate(in_minute: int, in_month: int) -> None:
    refuse_if(in_minute >= PER_MINUTE or in_month >= PER_MONTH, 41210)


def check_jobs(running: int) -> None:
    refuse_if(running >= RUNNING, 41078)


def read_moment(body: Json) -> Json:
    """Text and attachments: up to nine images, or one video, or one link."""
    words = mapping(body, "text").get("content") or ""
    if not isinstance(words, str) or len(words) > CHARS or len(words.encode()) > OCTETS:
        raise Refusal(40058, "invalid text size")
    attachments = mappings(body, "attachments", most=100)
    kinds = {item.get("msgtype") for item in attachments}
    if not kinds <= set(KINDS) or len(kinds) > 1:
        raise Refusal(40058, "invalid attachments msgtype")
    if len(attachments) > (IMAGES if kinds == {"image"} else 1):
        raise Refusal(40058, "invalid attachments size")
    if any(item["msgtype"] != "link" and not mapping(item, item["msgtype"]).get("media_id") for item in attachments):
        raise Refusal(40058, "invalid msg")
    refuse_if(not words and not attachments, 40063, "the moment is empty")
    return {"text": {"content": words}, "attachments": attachments}


def read_range(body: Json) -> tuple[list[str], list[int], list[str]]:
    """Members, departments and tags of `visible_range`; nothing named means everybody."""
    reach = mapping(body, "visible_range")
    senders, contacts = mapping(reach, "sender_list"), mapping(reach, "external_contact_list")
    parties = [int(item) for item in strings(senders, "department_list", most=SENDERS) if item.isdigit()]
    return strings(senders, "user_list", most=SENDERS), parties, strings(contacts, "tag_list", most=TAGS)


def job_status(*, age: int, seconds: int) -> int:
    if age >= seconds:
        return DONE
    return RUNS if age > 0 else STARTED


def media_of(moment: Json) -> list[str]:
    """The media ids that a moment names, of images and videos and of a link's picture."""
    parts = [mapping(item, item["msgtype"]) for item in moment["attachments"]]
    return [part["media_id"] for part in parts if part.get("media_id")]
