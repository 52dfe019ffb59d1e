"""What a program tries upon violations and titles in a group of another store, for `test_api_scope`."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import Store
from community.models import Title, TitleHolding, Violation
from community.services.deciding import decide
from community.services.reporting import report_violation
from tests.brand import administrator
from tests.community import chats
from tests.scrm.probes_of_groups import Probe, group_of


def probes_of_moderation(theirs: Store, *, sign: str) -> Iterator[Probe]:
    """Somebody there broke a rule, was warned, and holds a title; `sign` (four digits) is how much she said for it."""
    now = timezone.now()
    group = group_of(theirs, f"{theirs.code} group"[:80])
    participant = group.participants.first() or chats.somebody(group, "x")
    violation = Violation.objects.filter(group=group).first()
    if violation is None:
        earlier = now - timedelta(hours=1)
        reported = report_violation(participant=participant, text="x", occurred_at=earlier, by=None, now=now)
        violation = decide(violation=reported, outcome="warned", by=administrator(), now=now)
        held = {"since": earlier.date(), "active_days": 1, "messages": int(sign), "mentioned": 0}
        TitleHolding.objects.create(title=Title.objects.earliest("pk"), participant=participant, group=group, **held)
    for address in ("titles/", f"titles/?group={group.pk}"):
        yield "get", f"/api/v1/{address}", None, False
    yield "get", "/api/v1/violations/", None, False
    yield "get", f"/api/v1/violations/{violation.pk}/", None, True
    yield "post", f"/api/v1/violations/{violation.pk}/appeal/", {"text": "x"}, True
    said: dict[str, Any] = {"participant": participant.pk, "text": "x", "occurred_at": now.isoformat()}
    yield "post", "/api/v1/violations/", said, True
