"""The content calendar with five hundred slots in a month, over a brand of the options' size: queries and time."""

from collections.abc import Iterator
from datetime import timedelta

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Role
from accounts.models import User
from content.models import ContentType, MaterialVersion, Slot
from content.services.materials import Body, create_material
from content.services.measuring import count_active_hours
from scrm.bench.figures import Figure, seconds_of
from scrm.bench.options import Options
from scrm.bench.tiering import generate

SLOTS = 500
MOST_QUERIES = 12
OK = 200


def measure(options: Options) -> Iterator[Figure]:
    generate(options)
    now = timezone.now()
    planner = User.objects.create_user("planner", role=Role.ADMINISTRATOR, is_staff=True, is_superuser=True)
    version = create_material(kind="text", body=Body(title="文案", text="周三见"), by=planner, now=now)
    _fill(planner, version)
    client = Client(headers={"accept-language": "zh-hans"})
    client.force_login(planner)
    with override_settings(ALLOWED_HOSTS=["testserver"]):
        for view in ("month", "week", "list"):
            yield _figure(client, view)
    took = seconds_of(lambda: count_active_hours(now=now))
    yield Figure(
        name="active hours of everybody, counted once a day",
        value=round(took, 2),
        unit="s",
        target="≤ 60",
        holds=took <= 60,  # noqa: PLR2004
        parts={"interactions": "of four weeks"},
    )


def _figure(client: Client, view: str) -> Figure:
    """The second of two calls counts: the first one fills what the process keeps."""
    address = f"{reverse('content:calendar')}?view={view}"
    _get(client, address)
    with CaptureQueriesContext(connection) as captured:
        took = seconds_of(lambda: _get(client, address))
    return Figure(
        name=f"content calendar, {view}",
        value=len(captured),
        unit="queries",
        target=f"≤ {MOST_QUERIES}",
        holds=len(captured) <= MOST_QUERIES,
        parts={"ms": round(took * 1000), "slots": SLOTS},
    )


def _get(client: Client, address: str) -> None:
    response = client.get(address)
    if response.status_code != OK:
        raise RuntimeError(f"{address} answered {response.status_code}")


def _fill(planner: User, version: MaterialVersion) -> None:
    """All of them in this month, an hour and twenty minutes apart."""
    now = timezone.now()
    first = timezone.localtime(now).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    types = list(ContentType.objects.order_by("pk"))
    Slot.objects.bulk_create(
        Slot(
            type=types[number % len(types)],
            title=f"攻略 {number}",
            version=version,
            owner=planner,
            planned_at=first + timedelta(minutes=80 * number),
            created_at=now,
            changed_at=now,
        )
        for number in range(SLOTS)
    )
