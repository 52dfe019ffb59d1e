"""Rule 25: add_msg_template sends nothing: it makes tasks that members confirm. The last to talk with a customer gets it."""

from wecom.simulator.errors import Json, Refusal, refuse_if
from wecom.simulator.rules.shapes import mapping, mappings, strings, text

CUSTOMERS, CHATS, TAGS = 10_000, 2000, 100


def read_target(body: Json) -> Json:
    """chat_type, sender, and whom: ids make a tag filter void."""
    kind = text(body, "chat_type") or "single"
    refuse_if(kind not in ("single", "group"), 40058, "invalid chat_type")
    found: Json = {"chat_type": kind, "sender": text(body, "sender"), "allow_select": body.get("allow_select") is True}
    if kind == "group":
        refuse_if(not found["sender"], 40063, "sender is needed for groups")
        return {**found, "chats": strings(body, "chat_id_list", most=CHATS)}
    found["customers"] = strings(body, "external_userid", most=CUSTOMERS)
    found["tags"] = [] if found["customers"] else read_filter(mapping(body, "tag_filter"))
    if not (found["sender"] or found["customers"] or found["tags"]):
        raise Refusal(40063, "one of sender, external_userid, tag_filter is needed")
    return found


def read_filter(tag_filter: Json) -> list[list[str]]:
    """Groups of tags: one of each group is enough, every group is needed."""
    groups = mappings(tag_filter, "group_list", most=TAGS)
    found = [strings(group, "tag_list", most=TAGS) for group in groups]
    return [tags for tags in found if tags]


def check_dispatched(*, created: int, now: int, seconds: int) -> None:
    refuse_if(now - created < seconds, 41063)
