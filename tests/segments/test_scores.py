"""What `rfm_scores` calls members."""

import csv
import io
from datetime import timedelta

import pytest

from members.enums import IdentityType
from members.models import Identity
from segments.services.scores import stream_scores
from tests.segments.facts import make_members, moment

pytestmark = pytest.mark.django_db
AS_OF = moment("2026-11-01T16:00:00")


def names() -> list[str]:
    text = b"".join(stream_scores(as_of=AS_OF)).decode()
    return [row["external_id"] for row in csv.DictReader(io.StringIO(text))]


def test_a_member_without_a_number_is_called_what_nobody_else_is() -> None:
    one, two, three = make_members([AS_OF - timedelta(days=9)] * 3)
    assert names() == [f"m{one}", f"m{two}", f"m{three}"]
    for member, number in ((two, f"m{one}"), (three, "max")):
        Identity.objects.create(member_id=member, type=IdentityType.EXTERNAL_ID, lookup=number)
    assert names() == [f"mm{one}", f"m{one}", "max"]
    Identity.objects.create(member_id=three, type=IdentityType.CARD, lookup=f"mm{one}")
    assert names()[0] == f"mm{one}"
