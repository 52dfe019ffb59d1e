"""The dry run of an activity: judged for the moment of its start."""

import pytest

from campaigns.selectors.estimate import dry_run
from compliance.enums.consent import ConsentSource
from compliance.services.consent import ConsentIn, record
from tests.campaigns import activities as cast

pytestmark = [pytest.mark.django_db]
NIGHT = cast.NOW + 4 * cast.HOUR
MORNING = NIGHT + 10 * cast.HOUR


@pytest.mark.parametrize(("starts_at", "allowed"), [(MORNING, 2), (NIGHT, 0)])
def test_who_may_be_contacted_is_judged_at_the_start_and_not_at_night(starts_at: object, allowed: int) -> None:
    for member in cast.people(2):
        said = ConsentIn(
            member_id=member.pk, purpose="marketing", channel="wecom", action="grant", occurred_at=cast.NOW - cast.DAY
        )
        record(said=said, source=ConsentSource.API, by=None, now=cast.NOW)
    found = dry_run(cast.draft(starts_at=starts_at), now=NIGHT)
    assert (found.at, found.members, found.allowed) == (starts_at, 2, allowed)
    assert found.first.get("quiet_hours", 0) == 2 - allowed
