"""Faults on demand: at an endpoint or at a callback, after some have passed, so many times, before or after the effect."""

from typing import NamedTuple

from wecom.simulator.errors import ControlRefused, Json
from wecom.simulator.world import World

API, CALLBACK = "api", "callback"
KINDS = {
    API: ("latency", "errcode", "revoke", "http", "hang", "reset"),
    CALLBACK: ("drop", "duplicate", "reorder", "delay"),
}


class Fault(NamedTuple):
    """`value`: seconds of latency, hang and delay, the errcode, the HTTP status. `late`: the effect has happened."""

    kind: str
    value: float
    late: bool


def add(world: World, asked: Json) -> int:
    """`target`: a path's end, an event's beginning, or `*`; `count`: how often, for ever without; `skip`: how many pass first."""
    place, kind = asked.get("place", API), asked.get("kind")
    if kind not in KINDS.get(place, ()):
        offered = "; ".join(f"{name}: {', '.join(kinds)}" for name, kinds in KINDS.items())
        raise ControlRefused(f"There is no fault {kind!r} at {place!r}. There are {offered}.")
    values = {
        "value": float(asked.get("value", 0)),
        "skip": int(asked.get("skip", 0)),
        "late": int(bool(asked.get("late"))),
    }
    target = str(asked.get("target", "*"))
    return world.store.insert("fault", place=place, target=target, kind=kind, remaining=asked.get("count"), **values)


def matches(place: str, target: str, name: str) -> bool:
    if target == "*":
        return True
    return name.endswith(target) if place == API else name.startswith(target)


def take(world: World, place: str, name: str) -> list[Fault]:
    """What befalls this call or callback; each counts once."""
    taken = []
    with world.store.transaction():
        sql = "SELECT * FROM fault WHERE place = ? AND (remaining IS NULL OR remaining > 0) ORDER BY id"
        for row in world.store.rows(sql, place):
            if not matches(place, row["target"], name):
                continue
            if row["skip"]:
                world.store.run("UPDATE fault SET skip = skip - 1 WHERE id = ?", row["id"])
                continue
            world.store.run("UPDATE fault SET remaining = remaining - 1, hits = hits + 1 WHERE id = ?", row["id"])
            taken.append(Fault(row["kind"], row["value"], bool(row["late"])))
    return taken
