"""The quota of acquisition links, and what is called back about it (official page 97299)."""

import json

from wecom.simulator.errors import Json
from wecom.simulator.rules import rule_21_acquisition as rule
from wecom.simulator.store import Row, dumps
from wecom.simulator.world import Field, World

EVENT = "customer_acquisition"


def tell(world: World, corpid: str, change: str, **fields: Field) -> None:
    world.emit(corpid, EVENT, {"ChangeType": change, **fields})


def balance(world: World, corpid: str) -> int:
    sql = "SELECT coalesce(sum(balance), 0) FROM quota_batch WHERE corpid = ? AND expires > ?"
    return int(world.store.value(sql, corpid, world.now))


def buy(world: World, corpid: str, amount: int, expires: int) -> None:
    """A batch of the quota; the customer counts of all batches add up."""
    before = balance(world, corpid)
    world.store.insert("quota_batch", corpid=corpid, expires=expires, total=amount, balance=amount)
    event = rule.balance_event(before, before + amount)
    if event:
        tell(world, corpid, event)


def spend(world: World, corpid: str) -> None:
    """One new customer, from the batch that ends first."""
    before = balance(world, corpid)
    sql = "SELECT id FROM quota_batch WHERE corpid = ? AND balance > 0 AND expires > ? ORDER BY expires, id LIMIT 1"
    batch = world.store.value(sql, corpid, world.now)
    world.store.run("UPDATE quota_batch SET balance = balance - 1 WHERE id = ?", batch)
    event = rule.balance_event(before, before - 1)
    if event:
        tell(world, corpid, event)


def warn_of_expiry(world: World) -> None:
    """14, 7, 3, 2 and 1 days before a batch ends with something in it."""
    for batch in world.store.rows("SELECT * FROM quota_batch WHERE balance > 0 AND expires > ?", world.now):
        given = json.loads(batch["warned"])
        due = rule.warnings_due(batch["expires"], world.now, given)
        if due:
            world.store.run("UPDATE quota_batch SET warned = ? WHERE id = ?", dumps(given + due), batch["id"])
            fields: dict[str, Field] = {"ExpireTime": batch["expires"], "ExpireQuotaNum": batch["balance"]}
            tell(world, batch["corpid"], "quota_expire_soon", **fields)


def told_of_message(world: World, relation: Row) -> None:
    """The third, fifth and tenth message of a customer who came by a link."""
    count = relation["from_customer"]
    if not relation["link_id"] or count not in rule.TELLING:
        return
    doc: Json = {"userid": relation["userid"], "person": relation["person"], "link_id": relation["link_id"]}
    doc |= {"state": relation["state"], "recv_msg_cnt": count}
    key = world.new_id("chat_key", length=40)
    world.store.insert("chat_key", chat_key=key, corpid=relation["corpid"], issued=world.now, doc=doc)
    tell(world, relation["corpid"], "message_from_customer", LinkId=relation["link_id"], ChatKey=key)


def first_message(relation: Row) -> bool:
    return bool(relation["link_id"]) and relation["from_customer"] == 1
