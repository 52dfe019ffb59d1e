"""The table of endpoints (`endpoints/table.json`: method, path, scope, official page) and the function behind each."""

import json
from collections.abc import Callable
from importlib.resources import files
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
    table = json.loads(files("wecom.simulator.endpoints").joinpath("table.json").read_text(encoding="utf-8"))
    handlers: dict[str, Handler] = {}
    for group in GROUPS:
        handlers.update(group.ROUTES)
    if missing := {row["path"] for row in table} ^ set(handlers):
        raise LookupError(f"Not both in the table and in a module: {', '.join(sorted(missing))}")
    return {row["path"]: Route(row["method"], row["scope"], handlers[row["path"]]) for row in table}


ROUTES = load_routes()
