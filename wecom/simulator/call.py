"""One call of the server API, as an endpoint sees it: who calls, what was sent, whom the caller may see."""

import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from wecom.simulator.errors import Json, Refusal, refuse_if
from wecom.simulator.rules import rule_06_access, rule_08_cursors, rule_34_media
from wecom.simulator.store import Row
from wecom.simulator.world import World


class Upload(NamedTuple):
    filename: str
    content_type: str
    body: bytes


class Binary(NamedTuple):
    """An answer that is not JSON."""

    body: bytes
    content_type: str
    filename: str


@dataclass
class Call:
    """`args`: the body of a POST, the query of a GET. `app` is none for gettoken alone."""

    world: World
    path: str
    args: Json
    ip: str
    app: Row | None = None
    uploads: list[Upload] = field(default_factory=list)
    query: Json = field(default_factory=dict)

    @property
    def now(self) -> int:
        return self.world.now

    @property
    def caller(self) -> Row:
        if self.app is None:
            raise Refusal(41001)
        return self.app

    @property
    def corpid(self) -> str:
        return str(self.caller["corpid"])

    @property
    def agentid(self) -> int:
        return int(self.caller["agentid"])

    @property
    def subject(self) -> str:
        return str(self.caller["subject"])

    def switch(self, name: str) -> Any:
        return self.world.switch(self.corpid, name)

    # --- members

    @cached_property
    def visible(self) -> list[str]:
        """The members in the app's visible range who have not left, by userid."""
        if self.caller["visible"] is None:
            sql = "SELECT userid FROM staff WHERE corpid = ? AND left_at IS NULL ORDER BY userid"
            return self.world.store.column(sql, self.corpid)
        visible: Json = json.loads(self.caller["visible"])
        return self.world.people_of(self.corpid, visible.get("users", []), visible.get("parties", []))

    def member(self, userid: str) -> Row:
        """60111 when there is none of that name, 60011 outside the visible range."""
        found = self.world.staff(self.corpid, userid)
        left = found is not None and found["left_at"] is not None
        rule_06_access.check_member(known=found is not None and not left, visible=userid in self.visible)
        return self.former_member(userid)

    def former_member(self, userid: str) -> Row:
        """One who may have left."""
        found = self.world.staff(self.corpid, userid)
        if found is None:
            raise Refusal(60111)
        return found

    # --- customers and groups, by the ids of the caller's subject

    def person(self, external_userid: str) -> int:
        found = self.world.inside(self.subject, "customer", external_userid)
        if found is None:
            raise Refusal(40096)
        return found

    def known_person(self, external_userid: str) -> int | None:
        return self.world.inside(self.subject, "customer", external_userid)

    def shown(self, person: int) -> str:
        return self.world.outside(self.subject, "customer", person)

    def chat(self, chat_id: str) -> Row:
        inside = self.world.inside(self.subject, "chat", chat_id)
        found = self.world.store.row("SELECT * FROM chat WHERE (chat, corpid) = (?, ?)", inside, self.corpid)
        if found is None:
            raise Refusal(40058, "invalid chat_id")
        refuse_if(found["dismissed"], 49008)
        return found

    def chat_shown(self, chat: int) -> str:
        return self.world.outside(self.subject, "chat", chat)

    # --- media

    def check_media(self, media_ids: list[str], use: str) -> None:
        """Uploaded for that use (mass messages and moments do not share), and younger than three days."""
        for media_id in media_ids:
            sql = "SELECT created FROM media WHERE (media_id, corpid, use) = (?, ?, ?)"
            created = self.world.store.value(sql, media_id, self.corpid, use)
            rule_34_media.check_use(known=created is not None, age=self.now - (created or 0))

    # --- pages

    def place(self, kind: str, *, life: int | None = None) -> rule_08_cursors.Place:
        cursor = self.args.get("cursor") or ""
        if not isinstance(cursor, str):
            raise Refusal(50100)
        return rule_08_cursors.read_cursor(f"{self.corpid}|{kind}", cursor, now=self.now, life=life)

    def cut(self, kind: str, rows: list[Row], limit: int, *, key: str = "id") -> tuple[list[Row], str]:
        """Of `limit` + 1 rows: those to show, and the cursor of the next page, empty at the end."""
        if len(rows) <= limit:
            return rows, ""
        issued = self.place(kind).issued if self.args.get("cursor") else self.now
        return rows[:limit], rule_08_cursors.write_cursor(f"{self.corpid}|{kind}", rows[limit - 1][key], issued)
