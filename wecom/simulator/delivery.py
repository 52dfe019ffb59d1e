"""Callbacks on their way: signed, encrypted, posted; retried, dropped, doubled, held back, as rule 12 and the faults say."""

import http.client
import secrets
import threading
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit

from wecom.simulator import crypto, faults
from wecom.simulator.errors import ControlRefused
from wecom.simulator.rules import rule_12_delivery as rule
from wecom.simulator.rules.rule_13_hostile import Delivery, seal
from wecom.simulator.store import Row
from wecom.simulator.world import World

IDLE = 0.05  # seconds between looks when nothing was queued
WAITING, GOING, HELD = "waiting", "going", "held"


class Said(NamedTuple):
    """The receiver's answer; no status when none came, and then the text says why."""

    status: int | None
    text: str


class Line:
    """One worker's connection, kept open between posts to the same host."""

    def __init__(self) -> None:
        self._connection: http.client.HTTPConnection | None = None
        self._place: tuple[str, str] = ("", "")

    def send(self, method: str, address: str, query: Mapping[str, str], body: str = "", *, timeout: float) -> Said:
        """A kept connection that the other side has closed is opened once more; that is no failure."""
        for fresh in (False, True):
            kept = self._connection is not None and not fresh
            try:
                return self._send(method, address, query, body, timeout=timeout, fresh=fresh)
            except (http.client.HTTPException, ConnectionError) as fault:
                self.close()
                if not kept:
                    return Said(None, f"{type(fault).__name__}: {fault}")
            except OSError as fault:
                self.close()
                return Said(None, f"{type(fault).__name__}: {fault}")
        return Said(None, "not sent")

    def _send(
        self, method: str, address: str, query: Mapping[str, str], body: str, *, timeout: float, fresh: bool
    ) -> Said:
        parts = urlsplit(address)
        place = (parts.scheme, parts.netloc)
        if fresh or self._connection is None or self._place != place:
            self.close()
            kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
            self._connection, self._place = kind(parts.netloc, timeout=timeout), place
        connection = self._connection
        connection.timeout = timeout
        if connection.sock is not None:
            connection.sock.settimeout(timeout)
        joined = "&".join(filter(None, (parts.query, urlencode(query))))
        connection.request(method, f"{parts.path or '/'}?{joined}", body.encode(), {"Content-Type": "text/xml"})
        response = connection.getresponse()
        text = response.read(4096).decode(errors="replace")
        if response.will_close or not response.isclosed():
            self.close()
        return Said(response.status, text)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None


def check_address(address: str) -> None:
    if urlsplit(address).scheme not in ("http", "https") or not urlsplit(address).netloc:
        raise ControlRefused(f"{address!r} is not an address that can be called: it begins with http:// or https://.")


def verify(world: World, corpid: str, address: str, token: str, aes_key: str) -> None:
    """Rule 12's echo: the URL is not saved unless it answers rightly."""
    check_address(address)
    echo = str(secrets.randbelow(10**19))
    at, nonce = str(world.now), secrets.token_hex(5)
    encrypted = crypto.encrypt(aes_key, echo, corpid, random16=secrets.token_bytes(16))
    query = {"timestamp": at, "nonce": nonce, "echostr": encrypted}
    query["msg_signature"] = crypto.sign(token, at, nonce, encrypted)
    line = Line()
    said = line.send("GET", address, query, timeout=rule.VERIFY_SECONDS)
    line.close()
    if said.status is None or not rule.echo_is_right(said.status, said.text.encode(), echo):
        raise ControlRefused(
            f"The callback URL did not give back the plain text: it said {said.status} {said.text[:80]!r}."
        )


def sealed(world: World, app: Row, body: str) -> Delivery:
    """Anew for every attempt, as WeCom does."""
    return seal(
        body,
        corpid=app["corpid"],
        agentid=app["agentid"],
        token=app["token"],
        aes_key=app["aes_key"],
        at=world.now,
        nonce=secrets.token_hex(5),
        random16=secrets.token_bytes(16),
    )


def app_of(world: World, corpid: str, agentid: int) -> Row:
    found = world.store.row("SELECT * FROM app WHERE (corpid, agentid) = (?, ?)", corpid, agentid)
    if found is None:
        raise ControlRefused(f"There is no app {agentid} in {corpid}.")
    return found


class Dispatcher:
    """Threads that post what is due. One worker keeps the order; several overtake each other."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        self.world.store.run("UPDATE callback SET status = ? WHERE status = ?", WAITING, GOING)
        for number in range(self.world.switch("", "callback_workers")):
            thread = threading.Thread(target=self._work, name=f"callbacks-{number}", daemon=True)
            thread.start()
            self._threads.append(thread)

    def stop(self) -> None:
        self._stop.set()
        self.world.queued.set()
        for thread in self._threads:
            thread.join(timeout=10)
        self._threads.clear()

    def _work(self) -> None:
        line = Line()
        while not self._stop.is_set():
            row = self._claim()
            if row is None:
                self.world.queued.clear()
                self.world.queued.wait(IDLE)
                continue
            self._handle(line, row)
        line.close()

    def _claim(self) -> Row | None:
        store = self.world.store
        with store.transaction():
            sql = "SELECT * FROM callback WHERE status = ? AND due <= ? ORDER BY due, id LIMIT 1"
            row = store.row(sql, WAITING, self.world.clock.exact())
            if row is not None:
                store.run("UPDATE callback SET status = ?, attempts = attempts + 1 WHERE id = ?", GOING, row["id"])
        return row

    def _handle(self, line: Line, row: Row) -> None:
        """Faults befall the first attempt only."""
        taken = [] if row["attempts"] or row["said"] else faults.take(self.world, faults.CALLBACK, row["event"])
        kinds = {fault.kind: fault.value for fault in taken}
        if "drop" in kinds:
            self._end(row, "dropped", "a fault")
        elif "delay" in kinds:
            self._again(row, WAITING, kinds["delay"])
        elif "reorder" in kinds:
            self._again(row, HELD, 0)
        else:
            self._post(line, row)
            if "duplicate" in kinds:
                self._post(line, row)

    def _again(self, row: Row, status: str, seconds: float) -> None:
        """Not an attempt yet, but its fault is behind it."""
        sql = "UPDATE callback SET status = ?, due = ?, attempts = 0, said = 'held back' WHERE id = ?"
        self.world.store.run(sql, status, self.world.clock.exact() + seconds, row["id"])

    def _post(self, line: Line, row: Row) -> None:
        corpid = row["corpid"]
        app = app_of(self.world, corpid, row["agentid"])
        delivery = sealed(self.world, app, row["body"])
        timeout = self.world.switch(corpid, "callback_timeout")
        said = line.send("POST", app["callback_url"], delivery.query, delivery.body, timeout=timeout)
        status = rule.verdict(
            said.status,
            attempts=row["attempts"] + 1,
            retries=self.world.switch(corpid, "callback_retries"),
            retry_non_200=self.world.switch(corpid, "callback_retry_non_200"),
        )
        text = f"{said.status or ''} {said.text[:200]}".strip()
        if status == WAITING:
            due = self.world.clock.exact() + self.world.switch(corpid, "callback_retry_seconds")
            sql = "UPDATE callback SET status = ?, due = ?, said = ? WHERE id = ?"
            self.world.store.run(sql, WAITING, due, text, row["id"])
        else:
            self._end(row, status, text)

    def _end(self, row: Row, status: str, text: str) -> None:
        """And whoever was held back behind it may go."""
        store = self.world.store
        sql = "UPDATE callback SET status = ? WHERE status = ? AND (corpid, agentid) = (?, ?)"
        with store.transaction():
            store.run("UPDATE callback SET status = ?, said = ? WHERE id = ?", status, text, row["id"])
            released = store.run(sql, WAITING, HELD, row["corpid"], row["agentid"])
        if released:
            self.world.queued.set()
