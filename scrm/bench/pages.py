"""Pages at full size: how many queries each takes, and whether a plan reads a large table from end to end."""

import json
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Role
from accounts.models import User
from members.enums import IdentityType
from members.models import Member
from members.services.identities import add_identity
from scrm.bench.database import analyze, fetch
from scrm.bench.figures import Figure, seconds_of
from scrm.bench.options import Options
from scrm.bench.tiering import RUN_TABLES, generate
from segments.services.retier import retier

PHONE = "15400000000"
MOST_QUERIES = 15
LARGE_SHARE = 0.02
READS = ("SELECT", "WITH")


def measure(options: Options) -> Iterator[Figure]:
    dataset = generate(options)
    retier(as_of=dataset.until, full=True)
    member = Member.objects.get(pk=options.members // 2)
    add_identity(member=member, type=IdentityType.PHONE, value=PHONE, by=None, now=timezone.now())
    analyze("members_identity", *RUN_TABLES)
    client = _signed_in()
    listing = reverse("admin:members_member_changelist")
    with override_settings(ALLOWED_HOSTS=["testserver"]):
        found = client.post(listing, {"q": PHONE})["Location"]
    pages = {
        "member list": listing,
        "member list: high-value tier": f"{listing}?{urlencode({'tier': 'high_value'})}",
        "exact phone search": found,
        "member page": reverse("admin:members_member_change", args=[member.pk]),
    }
    with override_settings(ALLOWED_HOSTS=["testserver"]):
        for title, address in pages.items():
            yield _figure(client, title, address, large=options.members * LARGE_SHARE)


def _figure(client: Client, title: str, address: str, *, large: float) -> Figure:
    """The second of two calls counts: the first one fills what the process keeps."""
    _get(client, address)
    with CaptureQueriesContext(connection) as captured:
        took = seconds_of(lambda: _get(client, address))
    scanned = sorted({table for query in captured for table in _scans(query["sql"], large)})
    return Figure(
        name=title,
        value=len(captured),
        unit="queries",
        target=f"≤ {MOST_QUERIES}, no scan",
        holds=len(captured) <= MOST_QUERIES and not scanned,
        parts={"ms": round(took * 1000), "scanned": scanned},
    )


def _get(client: Client, address: str) -> None:
    response = client.get(address, headers={"accept-language": "zh-hans"})
    if response.status_code != HTTPStatus.OK:
        raise RuntimeError(f"{address} answered {response.status_code}")


def _signed_in() -> Client:
    user = User.objects.create_user("bench", password=None, role=Role.ADMINISTRATOR, is_staff=True, is_superuser=True)
    client = Client()
    client.force_login(user)
    return client


def _scans(sql: str, large: float) -> set[str]:
    """Tables of at least `large` rows that the plan of a captured query reads sequentially."""
    if not sql.lstrip("( \n").upper().startswith(READS):
        return set()
    ((plan,),) = fetch(f"EXPLAIN (FORMAT JSON) {sql}")
    parsed = plan if isinstance(plan, list) else json.loads(plan)
    return {table for table in _scanned(parsed[0]["Plan"]) if _rows_of(table) >= large}


def _scanned(node: dict[str, Any]) -> Iterator[str]:
    if node["Node Type"] == "Seq Scan":
        yield str(node["Relation Name"])
    for child in node.get("Plans", ()):
        yield from _scanned(child)


def _rows_of(table: str) -> float:
    ((rows,),) = fetch("SELECT reltuples FROM pg_class WHERE oid = to_regclass(%s)", [table])
    return float(rows or 0)
