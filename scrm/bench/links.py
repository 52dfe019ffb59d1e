"""The redirect of tracked links: round trips to the database, and how many a second two processors can serve."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings

from campaigns.models import LinkClick
from campaigns.services.links import allow_host, create_link, personal_paths
from members.models import Member
from scrm.bench.database import analyze
from scrm.bench.figures import CLOCK, Figure, at_least, at_most, medians, spent_on
from scrm.bench.options import Options

HOST, NOW = "shop.example.com", datetime(2026, 11, 1, tzinfo=UTC)
CLICKS = 1_000
CORES = 2
MEMBERS = 1_000
PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 MicroMessenger/8.0.50"
)


def redirect(options: Options) -> Iterator[Figure]:
    """One caller after the other through the whole of Django: middlewares, signature, statement, answer."""
    allow_host(host=HOST, by=None, now=NOW)
    link = create_link(name="bench", target=f"https://{HOST}/a", utm={"utm_source": "bench"}, by=None, now=NOW)
    members = Member.objects.bulk_create([Member(name=str(number)) for number in range(MEMBERS)])
    paths = list(personal_paths(link, [member.pk for member in members]).values())
    analyze("campaigns_trackedlink", "campaigns_linkhost", "members_member", "compliance_contactstatus")
    client = Client(headers={"User-Agent": PHONE})
    with override_settings(ALLOWED_HOSTS=["testserver"]):
        client.get(link.path)
        with CaptureQueriesContext(connection) as queries:
            client.get(paths[0])
        trips = len(queries)
        spent = medians(
            [
                spent_on(lambda: [client.get(paths[place % MEMBERS]) for place in range(CLICKS)])
                for _round in range(options.rounds)
            ]
        )
    stored = LinkClick.objects.count()
    yield at_most("round trips of a redirect", trips, 1, unit="")
    rate = CORES * CLICKS / max(spent.cpu, CLOCK)
    yield at_least(
        "redirects a second, by the time of two processors", rate, 200, unit="/s", clicks=stored, **asdict(spent)
    )
