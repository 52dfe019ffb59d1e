"""Freezing an audience, against the bare INSERT … SELECT of the same members into the same table."""

from collections.abc import Callable, Iterator

from django.db import transaction

from accounts.models import User
from campaigns.models import Activity
from campaigns.services.freezing import freeze
from scrm.bench.database import analyze, as_owner, empty, execute
from scrm.bench.dataset import Dataset, fill
from scrm.bench.figures import Figure, Spent, ratios, spent_in_turns, spent_on
from scrm.bench.options import Options
from segments.services.audiences import create

TABLE = "campaigns_activitymember"
#: Everybody, by a filter: what rules cost is measured with audiences.
RULE = {"not": {"filter": {"channel": ["nowhere"]}}}
BARE = "INSERT INTO campaigns_activitymember (activity_id, member_id) SELECT 0, id FROM members_member"


def everybody(options: Options) -> Iterator[Figure]:
    """The whole brand at once, in a transaction each."""
    dataset = Dataset(members=options.members, purchases=0, interactions=0)
    now = dataset.until
    with as_owner():
        fill(dataset)
    audience = create(name="everybody", rule=RULE, by=None, now=now)
    activity = Activity.objects.create(
        name="bench",
        level="daily",
        form="gift",
        owner=User.objects.create(username="bench"),
        audience=audience,
        created_at=now,
        changed_at=now,
    )
    analyze("members_member")
    counts: list[int] = []

    def by_hand() -> int:
        return execute(BARE)

    def by_service() -> int:
        return freeze(activity=activity, audience=audience, now=now)

    def spent(act: Callable[[], int]) -> Spent:
        empty(TABLE)

        def once() -> None:
            with transaction.atomic():
                counts.append(act())

        return spent_on(once)

    frozen, bare = spent_in_turns(options.rounds, lambda: spent(by_service), lambda: spent(by_hand))
    yield from ratios("freeze / bare INSERT … SELECT", frozen, bare, 2, members=max(counts))
    whole = set(counts) == {options.members}
    yield Figure(name="everybody is in it", value=float(whole), unit="", target="1", holds=whole)
