"""The simulated world: what is stored, what time it is, how ids are made, whom an event is called back to."""

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from wecom.simulator.clock import Clock
from wecom.simulator.envelope import Value, event_xml
from wecom.simulator.errors import ControlRefused, Json
from wecom.simulator.rules.rule_05_wrong_secrets import WrongSecrets
from wecom.simulator.rules.rule_09_rates import Rates
from wecom.simulator.rules.rule_10_overlap import InFlight
from wecom.simulator.rules.rule_16_identity import WECHAT, digest, outside_id
from wecom.simulator.store import Row, Store
from wecom.simulator.switches import DEFAULTS, check_switch
from wecom.simulator.switches import Value as Switch


class Person(NamedTuple):
    """A customer in an event's fields: each app is told her id of its own subject."""

    person: int


class Chat(NamedTuple):
    chat: int


Field = Value | Person | Chat | list[Person | str]
SCOPES = {
    "change_external_contact": "customers",
    "change_external_chat": "customers",
    "change_external_tag": "customers",
    "customer_acquisition": "customers",
    "kf_msg_or_event": "kf",
    "kf_account_auth_change": "kf",
    "msgaudit_notify": "archive",
}


@dataclass
class World:
    """`base` is the simulator's own address, of which codes and media are made."""

    store: Store
    clock: Clock
    seed: str = "wecom"
    base: str = "http://127.0.0.1"
    rates: Rates = field(default_factory=Rates)
    wrong_secrets: WrongSecrets = field(default_factory=WrongSecrets)
    in_flight: InFlight = field(default_factory=InFlight)
    queued: threading.Event = field(default_factory=threading.Event)
    _switches: dict[tuple[str, str], Switch] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for row in self.store.rows("SELECT corpid, name, value FROM switch"):
            self._switches[row["corpid"], row["name"]] = json.loads(row["value"])

    @property
    def now(self) -> int:
        return self.clock.now()

    # --- switches

    def switch(self, corpid: str, name: str) -> Any:
        """The corp's own value, or the one of all, or the default."""
        return self._switches.get((corpid, name), self._switches.get(("", name), DEFAULTS[name]))

    def set_switch(self, name: str, value: object, corpid: str = "") -> None:
        checked = check_switch(name, value)
        self.store.run("INSERT OR REPLACE INTO switch VALUES (?, ?, ?)", corpid, name, json.dumps(checked))
        self._switches[corpid, name] = checked

    # --- ids

    def next(self, kind: str) -> int:
        self.store.run("INSERT INTO sequence VALUES (?, 1) ON CONFLICT (kind) DO UPDATE SET last = last + 1", kind)
        return int(self.store.value("SELECT last FROM sequence WHERE kind = ?", kind))

    def new_id(self, kind: str, prefix: str = "", length: int = 30) -> str:
        """The n-th id of its kind: the same in every run with the same seed."""
        return prefix + digest(self.seed, kind, self.next(kind), length=length)

    def new_hex(self, kind: str, length: int = 32) -> str:
        return self.new_id(kind, length=43).encode().hex()[:length]

    def outside(self, subject: str, kind: str, inside: int) -> str:
        """A customer's (`customer`) or group's (`chat`) id as that subject knows it."""
        known = self.store.value(
            "SELECT outside FROM alias WHERE (subject, kind, inside) = (?, ?, ?)", subject, kind, inside
        )
        if known:
            return str(known)
        shape = kind
        if kind == "customer" and self.person(inside)["type"] != WECHAT:
            shape = "wecom_user"
        made = outside_id(self.seed, subject, shape, inside)
        self.store.insert("alias", subject=subject, kind=kind, inside=inside, outside=made)
        return made

    def inside(self, subject: str, kind: str, outside: str) -> int | None:
        sql = "SELECT inside FROM alias WHERE (kind, outside, subject) = (?, ?, ?)"
        found: int | None = self.store.value(sql, kind, outside, subject)
        return found

    # --- who there is

    def corp(self, corpid: str) -> Row:
        found = self.store.row("SELECT * FROM corp WHERE corpid = ?", corpid)
        if found is None:
            raise ControlRefused(f"There is no corp {corpid}; make it by POST /_control/corps.")
        return found

    def person(self, person: int) -> Row:
        found = self.store.row("SELECT * FROM person WHERE person = ?", person)
        if found is None:
            raise ControlRefused(f"There is no person {person}.")
        return found

    def staff(self, corpid: str, userid: str) -> Row | None:
        return self.store.row("SELECT * FROM staff WHERE (corpid, userid) = (?, ?)", corpid, userid)

    def staff_named(self, corpid: str, userid: str) -> Row:
        found = self.staff(corpid, userid)
        if found is None:
            raise ControlRefused(f"There is no member {userid} in {corpid}.")
        return found

    def people_of(self, corpid: str, users: list[str], parties: list[int]) -> list[str]:
        """Members named or in those departments or below, who have not left."""
        below = self.parties_below(corpid, parties)
        rows = self.store.rows(
            "SELECT userid, departments FROM staff WHERE corpid = ? AND left_at IS NULL ORDER BY userid", corpid
        )
        return [row["userid"] for row in rows if row["userid"] in users or below & set(json.loads(row["departments"]))]

    def parties_below(self, corpid: str, parties: list[int]) -> set[int]:
        found = set(parties)
        rows = self.store.rows("SELECT id, parentid FROM department WHERE corpid = ?", corpid) if parties else []
        while grown := {row["id"] for row in rows if row["parentid"] in found} - found:
            found |= grown
        return found

    # --- events

    def emit(self, corpid: str, event: str, fields: Mapping[str, Field]) -> None:
        """Queued for every app of the corp that has a callback URL, the scope, and sees the member."""
        apps = self.store.rows("SELECT * FROM app WHERE corpid = ? AND callback_url != '' AND disabled = 0", corpid)
        for app in apps:
            if SCOPES.get(event, "") and SCOPES[event] not in json.loads(app["scopes"]):
                continue
            if not self.sees(app, str(fields.get("UserID", ""))):
                continue
            body = event_xml(corpid, self.now, event, {name: self._told(app, value) for name, value in fields.items()})
            self.queue(app, f"{event}.{fields.get('ChangeType', '')}".rstrip("."), body)

    def queue(self, app: Row, name: str, body: str) -> None:
        exact = self.clock.exact()
        values = {"corpid": app["corpid"], "agentid": app["agentid"], "event": name, "body": body}
        self.store.insert("callback", created=int(exact), due=exact, **values)
        self.queued.set()

    def sees(self, app: Row, userid: str) -> bool:
        """Whether the member is in the app's visible range; nobody named is seen by all."""
        if not userid or app["visible"] is None:
            return True
        visible: Json = json.loads(app["visible"])
        return userid in self.people_of(app["corpid"], visible.get("users", []), visible.get("parties", []))

    def _told(self, app: Row, value: Field) -> Value:
        if isinstance(value, Person):
            return self.outside(app["subject"], "customer", value.person)
        if isinstance(value, Chat):
            return self.outside(app["subject"], "chat", value.chat)
        if isinstance(value, list):
            return [item if isinstance(item, str) else str(self._told(app, item)) for item in value]
        return value
