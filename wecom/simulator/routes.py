"""The function behind each operation of the table, which is the client's own (`wecom/client/endpoints.json`)."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from wecom.simulator.call import Binary, Call
from wecom.simulator.endpoints import (
    acquisition,
    app_messages,
    archive,
    contact_ways,
    customers,
    directory,
    groups,
    kf,
    mass,
    media,
    moments,
    statistics,
    tags,
    tokens,
    transfers,
    welcome,
)
from wecom.simulator.errors import Json

PREFIX = "/cgi-bin/"
TABLE = (
    Path(__file__).parent.with_name("client") / "endpoints.json"
)  # read as a file: the client's package needs Django
Handler = Callable[[Call], Json] | Callable[[Call], Binary]
GROUPS = (
    *(acquisition, app_messages, archive, contact_ways, customers, directory, groups, kf, mass),
    *(media, moments, statistics, tags, tokens, transfers, welcome),
)


class Route(NamedTuple):
    method: str
    scope: str
    handler: Handler


def load_routes() -> dict[str, Route]:
    """By path. An endpoint without a function, or the other way round, is a fault here and not at the first call."""
    rows = json.loads(TABLE.read_text(encoding="utf-8"))["endpoints"]
    table = {PREFIX + row["api"]: row for row in rows}
    handlers: dict[str, Handler] = {}
    for group in GROUPS:
        handlers.update(group.ROUTES)
    if missing := table.keys() ^ handlers.keys():
        raise LookupError(f"Not both in the table and in a module: {', '.join(sorted(missing))}")
    return {path: Route(row["method"], row.get("scope", ""), handlers[path]) for path, row in table.items()}


ROUTES = load_routes()
