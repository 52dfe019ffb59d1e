"""Rule 20: join ways: at most five groups (41091); a full one is followed by a new room when auto_create_room is on."""

from wecom.simulator.errors import Json, refuse_if
from wecom.simulator.rules.shapes import integer, strings, text

GROUPS, NAME, WORDS = 5, 40, 30


def read_join_way(body: Json) -> Json:
    """Of an add and of an update, which overwrites everything."""
    chats = strings(body, "chat_id_list", most=1000, needed=True)
    refuse_if(len(chats) > GROUPS, 41091)
    scene = integer(body, "scene")
    refuse_if(scene not in (1, 2), 40058)
    return {
        "scene": scene,
        "remark": text(body, "remark", most=WORDS),
        "auto_create_room": integer(body, "auto_create_room", 1),
        "room_base_name": text(body, "room_base_name", most=NAME),
        "room_base_id": integer(body, "room_base_id", 1),
        "chat_id_list": chats,
        "state": text(body, "state", most=WORDS),
    }


def room_to_join(sizes: list[int], *, capacity: int) -> int | None:
    """The place of the first group with room; none when all are full."""
    return next((place for place, size in enumerate(sizes) if size < capacity), None)


def new_room(name: str, number: int) -> str:
    return f"{name}{number}"
