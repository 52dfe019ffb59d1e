"""Moments: dispatched to members, published by them one by one, seen and answered by customers."""

import json

from wecom.simulator.acts import ledger, mass
from wecom.simulator.errors import ControlRefused, Json
from wecom.simulator.store import Row, dumps
from wecom.simulator.world import World


def create(
    world: World, corpid: str, content: Json, *, pairs: list[tuple[str, int]], dispatched: int, visible_type: int
) -> str:
    """`pairs`: member and customer who may see it; members without customers are told of nothing."""
    moment_id = world.new_id("moment", "mom", 29)
    state = {"created": world.now, "dispatched": dispatched, "visible_type": visible_type}
    world.store.insert("moment", moment_id=moment_id, corpid=corpid, doc=content, **state)
    senders = sorted({userid for userid, _person in pairs})
    world.store.run_many(
        "INSERT INTO moment_task (moment_id, userid) VALUES (?, ?)", [(moment_id, one) for one in senders]
    )
    sql = "INSERT INTO moment_row (moment_id, userid, person) VALUES (?, ?, ?)"
    world.store.run_many(sql, [(moment_id, userid, person) for userid, person in pairs])
    return moment_id


PART, EVERYBODY = 0, 1  # visible_type


def finish(world: World, job: Row) -> Json:
    """The job's moment is made, once. Each member's own customers; with tags named, those who wear one of them."""
    doc: Json = json.loads(job["doc"])
    if "moment_id" in doc:
        return doc
    pairs = []
    for userid in doc["senders"]:
        pairs += mass.followers(world, job["corpid"], [userid], [doc["tags"]] if doc["tags"] else [])
    dispatched = job["created"] + 2 * world.switch(job["corpid"], "moment_seconds")
    kind = PART if doc["partly"] else EVERYBODY
    made = create(world, job["corpid"], doc["content"], pairs=pairs, dispatched=dispatched, visible_type=kind)
    doc["moment_id"] = made
    world.store.run("UPDATE job SET doc = ? WHERE jobid = ?", dumps(doc), job["jobid"])
    return doc


def finish_due(world: World) -> None:
    """Jobs that nobody asked for end too."""
    sql = "SELECT * FROM job WHERE kind = 'moment' AND json_extract(doc, '$.moment_id') IS NULL ORDER BY rowid"
    for job in world.store.rows(sql):
        if world.now - job["created"] >= world.switch(job["corpid"], "moment_seconds"):
            finish(world, job)


def pending(world: World, corpid: str, userid: str) -> list[Json]:
    sql = (
        "SELECT m.* FROM moment_task t JOIN moment m USING (moment_id) WHERE m.corpid = ? AND t.userid = ?"
        " AND t.published IS NULL AND m.cancelled IS NULL AND m.dispatched <= ? ORDER BY m.created DESC, m.moment_id"
    )
    return [{**dict(row), "doc": json.loads(row["doc"])} for row in world.store.rows(sql, corpid, userid, world.now)]


def find(world: World, moment_id: str) -> Row:
    found = world.store.row("SELECT * FROM moment WHERE moment_id = ?", moment_id)
    if found is None:
        raise ControlRefused(f"There is no moment {moment_id}.")
    return found


def publish(world: World, moment_id: str, userid: str) -> int:
    """How many customers can see it from then on."""
    moment = find(world, moment_id)
    sql = "UPDATE moment_task SET published = ? WHERE moment_id = ? AND userid = ? AND published IS NULL"
    if moment["cancelled"] is not None or not world.store.run(sql, world.now, moment_id, userid):
        raise ControlRefused(f"{userid} has no such moment to publish.")
    sql = (
        "SELECT r.person FROM moment_row r JOIN follow f ON f.corpid = ? AND f.userid = r.userid AND f.person = r.person"
        " WHERE r.moment_id = ? AND r.userid = ? AND f.customer_has AND f.staff_has ORDER BY r.id"
    )
    people = world.store.column(sql, moment["corpid"], moment_id, userid)
    pairs = [(userid, person) for person in people]
    ledger.write_many(world, moment["corpid"], "moment", json.loads(moment["doc"]), source=moment_id, pairs=pairs)
    return len(people)


def see(world: World, person: int) -> list[Json]:
    """Her feed; what she looks at counts as seen."""
    rows = world.store.rows(
        "SELECT * FROM message WHERE channel = 'moment' AND person = ? ORDER BY id DESC LIMIT 100", person
    )
    for row in rows:
        sql = "UPDATE moment_row SET seen = ? WHERE (moment_id, userid, person) = (?, ?, ?) AND seen IS NULL"
        world.store.run(sql, world.now, row["source"], row["userid"], person)
    return [ledger.shown(row) for row in rows]


def reply(world: World, moment_id: str, userid: str, person: int, kind: str) -> None:
    """`kind`: like or comment."""
    values = {"moment_id": moment_id, "userid": userid, "person": person, "kind": kind}
    world.store.insert("moment_reply", at=world.now, **values)
