"""Where operations say the same thing in different forms: one form."""

from collections.abc import Mapping
from typing import Any

#: The value of `remark_mobiles` that takes all numbers off; an empty list changes nothing.
NO_MOBILES: tuple[str, ...] = ("",)


def tag_ids(follow: Mapping[str, Any]) -> list[str]:
    """The tags that a colleague gave a customer; personal ones without an id are left out.

    One operation lists them as `tags` with their names, reading many at once as `tag_id`.
    """
    if "tag_id" in follow:
        return [str(number) for number in follow["tag_id"]]
    return [str(tag["tag_id"]) for tag in follow.get("tags", ()) if tag.get("tag_id")]


def follows(row: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Who has the customer as a contact: one colleague in a row of many, all of them in the answer about one."""
    return [row["follow_info"]] if "follow_info" in row else list(row.get("follow_user", ()))


def subject_of(message: Mapping[str, Any]) -> tuple[str, str]:
    """Account and customer of a customer service message (`open_kfid`, `external_userid`).

    An event carries both inside `event`, every other message on itself.
    """
    source = message.get("event", {}) if message.get("msgtype") == "event" else message
    return str(source.get("open_kfid", "")), str(source.get("external_userid", ""))
