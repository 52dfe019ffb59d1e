"""The redirect of tracked links: round trips to the database, and how many a second the web process serves."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from statistics import median

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings

from campaigns.models import LinkClick
from campaigns.services.links import allow_host, create_link, personal_paths
from members.models import Member
from scrm.bench.database import analyze
from scrm.bench.figures import Figure, at_least, at_most
from scrm.bench.options import Options
from scrm.bench.serving import CLIENTS, ask, web_server

HOST, NOW = "shop.example.com", datetime(2026, 11, 1, tzinfo=UTC)
CLICKS = 2_000
MEMBERS = 1_000
FOUND = 302
PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 MicroMessenger/8.0.50"
)


def redirect(options: Options) -> Iterator[Figure]:
    """Personal addresses, asked for over the network of the machine: clients and server share its processors."""
    paths = _addresses()
    yield at_most("round trips of a redirect", _round_trips(paths[0]), 1, unit="")
    before = LinkClick.objects.count()
    with web_server() as port:
        ask(port, paths, agent=PHONE, expected=FOUND)
        rates = [
            ask(port, paths * (CLICKS // MEMBERS), agent=PHONE, expected=FOUND) for _round in range(options.rounds)
        ]
    stored = LinkClick.objects.count() - before
    parts = {"slowest": round(min(rates), 1), "clients": CLIENTS, "load": round(os.getloadavg()[0], 1)}
    yield at_least("redirects a second, by the clock", median(rates), 200, unit="/s", **parts)
    whole = stored == MEMBERS + options.rounds * CLICKS
    yield Figure(name="every click is stored", value=float(whole), unit="", target="1", holds=whole)


def _addresses() -> list[str]:
    allow_host(host=HOST, by=None, now=NOW)
    link = create_link(name="bench", target=f"https://{HOST}/a", utm={"utm_source": "bench"}, by=None, now=NOW)
    members = Member.objects.bulk_create([Member(name=str(number)) for number in range(MEMBERS)])
    analyze("campaigns_trackedlink", "campaigns_linkhost", "members_member", "compliance_contactstatus")
    return list(personal_paths(link, [member.pk for member in members]).values())


def _round_trips(path: str) -> int:
    client = Client(headers={"User-Agent": PHONE})
    with override_settings(ALLOWED_HOSTS=["testserver"]):
        client.get(path)
        with CaptureQueriesContext(connection) as queries:
            client.get(path)
    return len(queries)
