"""The dry run of tier rules holds up nobody: one per person at a time, and no step longer than a page waits."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts.enums import Role
from accounts.models import User
from segments.errors import PreviewTooSlow
from segments.services import preview
from segments.services.definitions import proposed
from segments.services.preview import WORK, preview_definitions
from tests.brand import administrator, signed_in
from tests.rivals import claimed_elsewhere, rival
from tests.segments.test_admin_tiers import crowd, form_data

pytestmark = [pytest.mark.django_db]
GATE = 20_261_124


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def asked(client: Client) -> Any:
    return client.post(reverse("segments:preview"), form_data(), headers={"accept-language": "en"})


@pytest.fixture
def behind_a_gate(monkeypatch: pytest.MonkeyPatch) -> None:
    """The last step waits while somebody holds the gate, and is given a tenth of a second."""
    steps = preview._moves

    def planted(*values: Any) -> Any:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock_shared(%s), pg_advisory_unlock_shared(%s)", [GATE, GATE])
        return steps(*values)

    monkeypatch.setattr(preview, "_moves", planted)
    monkeypatch.setattr(preview, "PATIENCE", timedelta(milliseconds=100))


def test_second_dry_run_of_one_person_waits_for_her_first_and_not_for_anothers() -> None:
    crowd()
    marketer = User.objects.create(username="ke", role=Role.MARKETER, is_staff=True)
    with claimed_elsewhere(WORK, marketer.pk):
        refused = asked(signed_in(marketer))
        assert (refused.status_code, list(refused.json())) == (409, ["words"])
        assert asked(signed_in(administrator())).status_code == 200
    assert asked(signed_in(marketer)).json()["html"]


@pytest.mark.usefixtures("behind_a_gate")
def test_dry_run_that_takes_too_long_ends_with_a_sentence_and_the_rules_can_be_saved() -> None:
    crowd()
    client, before = signed_in(administrator()), timeout()
    with rival() as say:
        say("SELECT pg_advisory_xact_lock(%s)", [GATE])
        answer = asked(client)
        assert (answer.status_code, answer.json()["errors"]) == (200, {})
        assert str(PreviewTooSlow.message) in answer.json()["html"]
        with pytest.raises(PreviewTooSlow):
            preview_definitions(definitions=proposed(tiers=()))
    assert timeout() == before


def test_limit_ends_with_the_dry_run() -> None:
    before = timeout()
    crowd()
    assert asked(signed_in(administrator())).json()["tiers"]
    assert timeout() == before


def timeout() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        return str(cursor.fetchone()[0])
