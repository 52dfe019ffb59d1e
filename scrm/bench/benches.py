"""The benches by name, in the order in which they run."""

from collections.abc import Callable, Iterable
from typing import TypeAlias

from scrm.bench import (
    audience,
    calendar,
    callbacks,
    churn,
    content,
    coupons,
    freezing,
    gate,
    importing,
    koc,
    links,
    memory,
    messages,
    metrics,
    pages,
    sealing,
    tiering,
)
from scrm.bench.figures import Figure
from scrm.bench.options import Options

Measure: TypeAlias = Callable[[Options], Iterable[Figure]]

BENCHES: dict[str, tuple[str, Measure]] = {
    "retier": ("Tiers of everybody: full run against the bare aggregate and against pandas", tiering.full),
    "tick": ("Daily run against the full one", tiering.tick),
    "import": ("Online Retail: import against hand-written SQL", importing.purchases),
    "import_members": ("Members with name and phone: encrypted against plain", importing.members),
    "gate": ("Contact gate over everybody against the statement by hand", gate.over_everybody),
    "audience": ("Audiences over everybody: the estimate against statements by hand", audience.over_everybody),
    "coupons": ("Coupons claimed by 200 at once against pgbench's bare conditional update", coupons.measure),
    "memory": ("Memory of an import by the size of its file", memory.of_import),
    "scanner": ("Words of advertising law in Chinese text, 20,000 phrases", content.measure),
    "calendar": ("Content calendar: a month of 500 slots", calendar.measure),
    "sealing": ("The sealed audit: writers with and without the sealer; verifying against reading", sealing.measure),
    "freeze": ("Freezing an audience of everybody against the bare INSERT … SELECT", freezing.everybody),
    "churn": ("Silences of everybody counted and the silent flagged, against the bare aggregates", churn.measure),
    "links": ("Redirect of a tracked link: round trips, and how many a second", links.redirect),
    "callbacks": ("Callbacks of WeCom: taken by the web process while no worker runs", callbacks.intake),
    "koc": ("KOC scores of 100,000 participants against the bare aggregates", koc.scores),
    "messages": (
        "Messages of groups, stored with their sums and scans, against the bare COPY and aggregate",
        messages.stored,
    ),
    "snapshot": ("A day's snapshot of all metrics against one scan of each table", metrics.snapshot),
    "cohorts": ("Cohort tables over 24 months against their bare aggregate", metrics.cohorts),
    "pages": ("Pages: queries and plans", pages.measure),
}
