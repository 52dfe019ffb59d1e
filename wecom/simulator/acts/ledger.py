"""The receiver's ledger: every message that really reached somebody, in order. It judges what senders claim."""

import json

from wecom.simulator.errors import Json
from wecom.simulator.store import Row, dumps
from wecom.simulator.world import World

CUSTOMER, STAFF, SYSTEM = "customer", "staff", "system"


def write(
    world: World,
    corpid: str,
    channel: str,
    content: Json,
    *,
    speaker: str = STAFF,
    userid: str = "",
    person: int = 0,
    chat: int = 0,
    source: str = "",
) -> int:
    """One message. `channel`: welcome, mass, group_mass, group_welcome, moment, app, chat, kf; `source`: what made it (msgid, code)."""
    place = {"corpid": corpid, "userid": userid, "person": person, "chat": chat}
    return world.store.insert(
        "message", at=world.now, channel=channel, source=source, speaker=speaker, content=content, **place
    )


def write_many(
    world: World, corpid: str, channel: str, content: Json, *, source: str, pairs: list[tuple[str, int]]
) -> None:
    """The same message of each member to each of those people."""
    text, at = dumps(content), world.now
    sql = (
        "INSERT INTO message (corpid, at, channel, source, userid, person, speaker, content)"
        " VALUES (?, ?, ?, ?, ?, ?, 'staff', ?)"
    )
    world.store.run_many(sql, [(corpid, at, channel, source, userid, person, text) for userid, person in pairs])


def shown(row: Row) -> Json:
    return {**dict(row), "content": json.loads(row["content"])}


def conversation(world: World, corpid: str, userid: str, person: int, limit: int = 200) -> list[Json]:
    sql = (
        "SELECT * FROM message WHERE (corpid, person, userid) = (?, ?, ?) AND chat = 0 AND channel NOT IN ('kf', 'moment')"
        " ORDER BY id DESC LIMIT ?"
    )
    return [shown(row) for row in reversed(world.store.rows(sql, corpid, person, userid, limit))]


def group_talk(world: World, chat: int, limit: int = 200) -> list[Json]:
    rows = world.store.rows("SELECT * FROM message WHERE chat = ? ORDER BY id DESC LIMIT ?", chat, limit)
    return [shown(row) for row in reversed(rows)]
