"""Mass messages: the task that is made, and the member who confirms it, in part, or not at all."""

import json
from collections.abc import Iterable

from wecom.simulator.acts import ledger
from wecom.simulator.errors import ControlRefused, Json, Refusal
from wecom.simulator.rules import rule_23_mass_cap as caps
from wecom.simulator.rules import rule_24_send_status as status
from wecom.simulator.rules.rule_26_mass_records import check_not_cancelled
from wecom.simulator.store import Row, dumps, marks
from wecom.simulator.world import World

Pair = tuple[str, int]


def received(world: World, corpid: str, column: str) -> dict[int, int]:
    """How many mass messages each person (or chat) got in the window of the cap."""
    since = caps.cap_at(world.switch(corpid, "mass_cap"), world.now).since
    sql = f"SELECT {column}, count(*) FROM cap WHERE corpid = ? AND at >= ? GROUP BY {column}"  # noqa: S608  # person or chat
    return {row[0]: row[1] for row in world.store.rows(sql, corpid, since)}


def capped(world: World, corpid: str, column: str, among: Iterable[int]) -> set[int]:
    cap = caps.cap_at(world.switch(corpid, "mass_cap"), world.now)
    counts = received(world, corpid, column)
    return {one for one in among if caps.is_capped(counts.get(one, 0), cap)}


def followers(world: World, corpid: str, userids: list[str], tags: list[list[str]]) -> list[Pair]:
    """Each customer of those members once, with the member who talked to her last; those who wear a tag of each group."""
    sql = (
        f"SELECT id, userid, person FROM follow WHERE userid IN ({marks(userids)})"  # noqa: S608  # question marks
        " AND corpid = ? AND staff_has = 1 AND half = 0 ORDER BY max(spoken_at, createtime), id"
    )
    rows = world.store.rows(sql, *userids, corpid)
    for group in tags:
        worn = f"SELECT follow FROM follow_tag WHERE tag_id IN ({marks(group)})"  # noqa: S608  # question marks
        wearing = set(world.store.column(worn, *group))
        rows = [row for row in rows if row["id"] in wearing]
    return [(userid, person) for person, userid in {row["person"]: row["userid"] for row in rows}.items()]


def create(
    world: World, corpid: str, agentid: int, target: Json, content: Json, *, pairs: list[Pair], creator: str = ""
) -> str:
    """`pairs`: member and person, or member and chat. Nothing is sent by it."""
    if not pairs:
        raise Refusal(41048)
    msgid = world.new_id("mass", "msg", 27)
    kind = {"chat_type": target["chat_type"], "allow_select": int(target["allow_select"]), "creator": creator}
    world.store.insert("mass", msgid=msgid, corpid=corpid, agentid=agentid, created=world.now, doc=content, **kind)
    senders = sorted({userid for userid, _one in pairs})
    world.store.run_many("INSERT INTO mass_task (msgid, userid) VALUES (?, ?)", [(msgid, userid) for userid in senders])
    column = "chat" if target["chat_type"] == "group" else "person"
    sql = f"INSERT INTO mass_row (msgid, userid, {column}) VALUES (?, ?, ?)"  # noqa: S608  # person or chat
    world.store.run_many(sql, [(msgid, userid, one) for userid, one in pairs])
    return msgid


def find(world: World, msgid: str) -> Row:
    found = world.store.row("SELECT * FROM mass WHERE msgid = ?", msgid)
    if found is None:
        raise Refusal(41047)
    return found


def pending(world: World, corpid: str, userid: str) -> list[Json]:
    """What waits for that member."""
    sql = (
        "SELECT m.*, t.ignored, (SELECT count(*) FROM mass_row r WHERE r.msgid = m.msgid AND r.userid = t.userid) AS reach"
        " FROM mass_task t JOIN mass m USING (msgid)"
        " WHERE m.corpid = ? AND t.userid = ? AND t.status = 0 AND m.cancelled IS NULL ORDER BY m.created DESC, m.msgid"
    )
    return [{**dict(row), "doc": json.loads(row["doc"])} for row in world.store.rows(sql, corpid, userid)]


def targets(world: World, msgid: str, userid: str) -> list[Row]:
    sql = (
        "SELECT r.*, coalesce(p.name, c.name) AS name FROM mass_row r LEFT JOIN person p USING (person)"
        " LEFT JOIN chat c ON c.chat = r.chat WHERE r.msgid = ? AND r.userid = ? ORDER BY r.id"
    )
    return world.store.rows(sql, msgid, userid)


def ignore(world: World, msgid: str, userid: str) -> None:
    world.store.run("UPDATE mass_task SET ignored = 1 WHERE (msgid, userid) = (?, ?)", msgid, userid)


def confirm(world: World, msgid: str, userid: str, chosen: list[int] | None = None) -> dict[int, int]:
    """The member sends it, to those rows alone if some are chosen; how many rows ended in which status."""
    mass = find(world, msgid)
    check_not_cancelled(mass["cancelled"])
    task = world.store.row("SELECT * FROM mass_task WHERE (msgid, userid) = (?, ?)", msgid, userid)
    if task is None or task["status"]:
        raise ControlRefused(f"{userid} has no such task, or has confirmed it.")
    rows = [row for row in targets(world, msgid, userid) if chosen is None or row["id"] in chosen]
    outcomes = _outcomes(world, mass, userid, rows)
    _send(world, mass, userid, rows, outcomes)
    sql = "UPDATE mass_task SET status = 2, send_time = ? WHERE (msgid, userid) = (?, ?)"
    world.store.run(sql, world.now, msgid, userid)
    found = list(outcomes.values())
    return {one: found.count(one) for one in sorted(set(found))}


def _outcomes(world: World, mass: Row, userid: str, rows: list[Row]) -> dict[int, int]:
    column = "chat" if mass["chat_type"] == "group" else "person"
    full = capped(world, mass["corpid"], column, [row[column] for row in rows])
    friends = _reachable(world, mass, userid)
    return {row["id"]: status.outcome(friend=row[column] in friends, capped=row[column] in full) for row in rows}


def _reachable(world: World, mass: Row, userid: str) -> set[int]:
    if mass["chat_type"] == "group":
        sql = "SELECT chat FROM chat WHERE corpid = ? AND owner = ? AND dismissed = 0"
    else:
        sql = "SELECT person FROM follow WHERE (corpid, userid) = (?, ?) AND staff_has AND customer_has AND NOT half"
    return set(world.store.column(sql, mass["corpid"], userid))


def _send(world: World, mass: Row, userid: str, rows: list[Row], outcomes: dict[int, int]) -> None:
    now, content, msgid = world.now, json.loads(mass["doc"]), mass["msgid"]
    sql = "UPDATE mass_row SET status = ?, send_time = ? WHERE id = ?"
    world.store.run_many(sql, [(outcomes[row["id"]], now, row["id"]) for row in rows])
    sent = [row for row in rows if outcomes[row["id"]] == status.SENT]
    caps_of = [(mass["corpid"], row["person"], row["chat"], now) for row in sent]
    world.store.run_many("INSERT INTO cap VALUES (?, ?, ?, ?)", caps_of)
    if mass["chat_type"] == "group":
        for row in sent:
            ledger.write(world, mass["corpid"], "group_mass", content, chat=row["chat"], userid=userid, source=msgid)
        return
    pairs = [(userid, row["person"]) for row in sent]
    ledger.write_many(world, mass["corpid"], "mass", content, source=msgid, pairs=pairs)
    touched = [(now, mass["corpid"], userid, row["person"]) for row in sent]
    world.store.run_many("UPDATE follow SET spoken_at = ? WHERE (corpid, userid, person) = (?, ?, ?)", touched)


def by_member(world: World, corpid: str, userid: str, content: Json, people: list[int]) -> str:
    """The member's own mass message: it is confirmed by being written, and counts for the cap like any other."""
    target: Json = {"chat_type": "single", "allow_select": False}
    pairs = [(userid, person) for person in people]
    msgid = create(world, corpid, 0, target, content, pairs=pairs, creator=userid)
    confirm(world, msgid, userid)
    return msgid


def remind(world: World, mass: Row) -> None:
    given = [*json.loads(mass["reminded"]), world.now]
    world.store.run("UPDATE mass SET reminded = ? WHERE msgid = ?", dumps(given), mass["msgid"])
    world.store.run("UPDATE mass_task SET ignored = 0 WHERE msgid = ? AND status = 0", mass["msgid"])


def owned_chats(world: World, corpid: str, userid: str) -> list[int]:
    sql = "SELECT chat FROM chat WHERE corpid = ? AND owner = ? AND dismissed = 0 AND customer = 1 ORDER BY chat"
    return world.store.column(sql, corpid, userid)
