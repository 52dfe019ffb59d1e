"""Corp tags: made, renamed, deleted; by the API in silence, by an admin with an event."""

from wecom.simulator.rules.rule_14_silence import ADMIN, calls_back
from wecom.simulator.store import Row
from wecom.simulator.world import Field, World

EVENT = "change_external_tag"


def tell(world: World, corpid: str, change: str, one: str, kind: str, *, origin: str) -> None:
    if calls_back(origin):
        fields: dict[str, Field] = {"Id": one, "TagType": kind, "ChangeType": change}
        world.emit(corpid, EVENT, fields)


def group_named(world: World, corpid: str, name: str) -> Row | None:
    sql = "SELECT * FROM tag_group WHERE (corpid, name, deleted, strategy_id) = (?, ?, 0, 0)"
    return world.store.row(sql, corpid, name)


def group(world: World, corpid: str, group_id: str) -> Row | None:
    sql = "SELECT * FROM tag_group WHERE (corpid, group_id, deleted) = (?, ?, 0)"
    return world.store.row(sql, corpid, group_id)


def tags_in(world: World, corpid: str, group_id: str, *, deleted: bool = False) -> list[Row]:
    sql = "SELECT * FROM tag WHERE (corpid, group_id) = (?, ?) AND deleted <= ? ORDER BY ord DESC, rowid"
    return world.store.rows(sql, corpid, group_id, int(deleted))


def add_group(
    world: World, corpid: str, name: str, *, ord_: int = 0, agentid: int = 0, strategy: int = 0, origin: str = ADMIN
) -> str:
    prefix = "st" if strategy else "et"
    group_id = world.new_id("tag_group", prefix, 30)
    about = {"name": name, "ord": ord_, "create_time": world.now, "agentid": agentid, "strategy_id": strategy}
    world.store.insert("tag_group", corpid=corpid, group_id=group_id, **about)
    tell(world, corpid, "create", group_id, "tag_group", origin=origin)
    return group_id


def add_tags(
    world: World, corpid: str, group_id: str, named: list[tuple[str, int]], *, origin: str = ADMIN
) -> list[str]:
    """Names with their order. One of that name in the group is that one."""
    known = {tag["name"]: str(tag["tag_id"]) for tag in tags_in(world, corpid, group_id)}
    for name, ord_ in named:
        if name in known:
            continue
        known[name] = world.new_id("tag", group_id[:2], 30)
        about = {"group_id": group_id, "name": name, "ord": ord_, "create_time": world.now}
        world.store.insert("tag", corpid=corpid, tag_id=known[name], **about)
        tell(world, corpid, "create", known[name], "tag", origin=origin)
    return [known[name] for name, _ord in named]


def rename(world: World, corpid: str, one: str, *, name: str | None, ord_: int | None, origin: str = ADMIN) -> None:
    """A tag or a group."""
    for table, key, kind in (("tag", "tag_id", "tag"), ("tag_group", "group_id", "tag_group")):
        sql = f"UPDATE {table} SET name = coalesce(?, name), ord = coalesce(?, ord) WHERE (corpid, {key}) = (?, ?)"  # noqa: S608  # of two tables
        if world.store.run(sql, name, ord_, corpid, one):
            tell(world, corpid, "update", one, kind, origin=origin)


def delete_tag(world: World, corpid: str, tag_id: str, *, origin: str = ADMIN) -> None:
    """With the last one its group goes."""
    found = world.store.row("SELECT * FROM tag WHERE (corpid, tag_id, deleted) = (?, ?, 0)", corpid, tag_id)
    if found is None:
        return
    world.store.run("UPDATE tag SET deleted = 1 WHERE (corpid, tag_id) = (?, ?)", corpid, tag_id)
    world.store.run("DELETE FROM follow_tag WHERE tag_id = ?", tag_id)
    tell(world, corpid, "delete", tag_id, "tag", origin=origin)
    if not tags_in(world, corpid, found["group_id"]):
        world.store.run("UPDATE tag_group SET deleted = 1 WHERE (corpid, group_id) = (?, ?)", corpid, found["group_id"])


def delete_group(world: World, corpid: str, group_id: str, *, origin: str = ADMIN) -> None:
    """Its tags go without events of their own."""
    for tag in tags_in(world, corpid, group_id):
        delete_tag(world, corpid, tag["tag_id"], origin="api")
    sql = "UPDATE tag_group SET deleted = 1 WHERE (corpid, group_id) = (?, ?)"
    if world.store.run(sql, corpid, group_id):
        tell(world, corpid, "delete", group_id, "tag_group", origin=origin)


def shuffle(world: World, corpid: str, group_id: str = "") -> None:
    """An admin put the tags (of that group, or the groups) into another order."""
    world.emit(corpid, EVENT, {"Id": group_id, "ChangeType": "shuffle"})
