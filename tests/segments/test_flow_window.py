"""Days that somebody wrote into an address."""

from datetime import date

import pytest
from django.utils import timezone

from members.errors import FilterNotValid
from members.models import Member, check_parameters
from segments.pages.flow_window import MONTH, window_of


@pytest.mark.parametrize("text", ["9999-12-31", "0001-01-05", "2026-02-30", "soon", ""])
def test_a_day_that_is_nonsense_is_today(text: str) -> None:
    today = timezone.localdate()
    assert window_of({"to": text}, None).end == today
    assert window_of({"from": text}, None).start == today - MONTH


def test_days_that_are_days_are_taken() -> None:
    window = window_of({"from": "2026-01-05", "to": "2026-02-05"}, None)
    assert (window.start, window.end) == (date(2026, 1, 5), date(2026, 2, 5))


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["9999-12-31:9999-12-31:a:b", "2026-01-01:9999-12-31:-:b", "a:b:c:d", "2026-01-01"])
def test_a_cell_of_the_flow_that_cannot_be_is_refused(text: str) -> None:
    with pytest.raises(FilterNotValid):
        check_parameters({"moved": [text]}, now=timezone.now())
    assert not Member.objects.exists()
