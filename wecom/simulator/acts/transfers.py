"""Customers given on to another member: scheduled, refused, done after a day; and groups, which move at once."""

from wecom.simulator.acts import groups, relations
from wecom.simulator.errors import ControlRefused
from wecom.simulator.rules import rule_28_transfers as rule
from wecom.simulator.store import Row
from wecom.simulator.world import Person, World

BY_TRANSFER = 202  # add_way: given on by an admin or by the API
KEPT_BY_TAKEOVER = 20_000  # customers of one member; WeCom refuses more (40099)


def schedule(
    world: World, corpid: str, person: int, *, handover: str, takeover: str, resigned: bool, message: str = ""
) -> None:
    pair = {"handover": handover, "takeover": takeover, "person": person, "resigned": int(resigned)}
    world.store.insert(
        "transfer", corpid=corpid, created=world.now, due=world.now + rule.EFFECT, message=message, **pair
    )


def refuse(world: World, transfer: int) -> None:
    """The customer says no on her phone."""
    if not world.store.run("UPDATE transfer SET refused = 1 WHERE id = ? AND status = 2", transfer):
        raise ControlRefused("This transfer has ended already.")


def offered(world: World, person: int) -> list[Row]:
    sql = (
        "SELECT t.*, h.name AS handover_name, s.name AS takeover_name FROM transfer t"
        " JOIN staff s ON s.corpid = t.corpid AND s.userid = t.takeover"
        " JOIN staff h ON h.corpid = t.corpid AND h.userid = t.handover"
        " WHERE t.person = ? AND t.status = 2 AND t.refused = 0 ORDER BY t.id"
    )
    return world.store.rows(sql, person)


def settle(world: World) -> None:
    """Those whose day is over."""
    rows = world.store.rows(
        "SELECT * FROM transfer WHERE status = ? AND (due <= ? OR refused) ORDER BY id", rule.WAITS, world.now
    )
    for row in rows:
        _settle(world, row)


def _settle(world: World, row: Row) -> None:
    old = relations.find(world, row["corpid"], row["handover"], row["person"])
    reason = _obstacle(world, row)
    if reason:
        _end(world, row, rule.REFUSED if reason == "customer_refused" else rule.LIMIT)
        fields = {"ChangeType": "transfer_fail", "FailReason": reason, "UserID": row["takeover"]}
        world.emit(row["corpid"], relations.EVENT, {**fields, "ExternalUserID": Person(row["person"])})
        return
    _end(world, row, rule.DONE)
    if old is not None and old["staff_has"]:
        relations.taken_away(world, old)
        _hand_over(world, row, old)


def _obstacle(world: World, row: Row) -> str:
    if row["refused"]:
        return "customer_refused"
    count = "SELECT count(*) FROM follow WHERE (corpid, userid) = (?, ?) AND staff_has = 1"
    full = world.store.value(count, row["corpid"], row["takeover"]) >= KEPT_BY_TAKEOVER
    return "customer_limit_exceed" if full else ""


def _end(world: World, row: Row, status: int) -> None:
    world.store.run(
        "UPDATE transfer SET status = ?, due = ? WHERE id = ?", status, min(row["due"], world.now), row["id"]
    )


def _hand_over(world: World, row: Row, old: Row) -> None:
    """Notes go with her; one who was a friend of the new member already is not told of again."""
    known = relations.find(world, row["corpid"], row["takeover"], row["person"])
    if known is not None and known["staff_has"] and not known["half"]:
        return
    new = relations.add(world, row["corpid"], row["takeover"], row["person"], state=old["state"], add_way=BY_TRANSFER)
    relations.note(world, new, {"remark": old["remark"], "description": old["description"]}, origin="api")


def move_group(world: World, chat: Row, takeover: str, *, onjob: bool) -> None:
    values = {"corpid": chat["corpid"], "chat": chat["chat"], "owner": chat["owner"], "takeover": takeover}
    world.store.insert("chat_transfer", at=world.now, onjob=int(onjob), **values)
    groups.change(world, chat["chat"], "change_owner", takeover)
