"""What WeCom told us about a member: in her own copy, and gone with her."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from compliance.enums.rights import ErasureReason, ErasureState
from compliance.services.erasure import erase, plan
from core.services import sealing
from members.enums import IdentityType
from members.models import Member
from members.privacy import erase_callbacks, export_callbacks
from members.services import create_member
from tests.wecom.deliveries import contact, deliver
from tests.wecom.platform import NOW, a_corp, an_app
from tests.wecom.test_processing import chat
from wecom.models import CallbackEvent, CorpApp

pytestmark = pytest.mark.django_db
HERS, FRIENDS = "wmHers-7783", "wmFriends-7784"


@pytest.fixture
def app(settings: Any, tmp_path: Path) -> CorpApp:
    settings.SCRM_SEALS = tmp_path / "seals"
    return an_app(a_corp())


def known_as(*ids: str) -> Member:
    identities = [{"type": IdentityType.EXTERNAL_USERID, "value": each} for each in ids]
    return create_member(by=None, now=NOW, name="王小明", identities=identities)


def bodies() -> Iterator[str | None]:
    rows = list(CallbackEvent.objects.order_by("pk"))
    for text in sealing.open_rows(CallbackEvent._meta.get_field("body"), rows):
        yield None if text is None else str(text)


def test_her_copy_says_what_came_and_when(app: CorpApp) -> None:
    who = known_as(HERS)
    deliver(app, contact(HERS))
    deliver(app, contact(FRIENDS))
    assert export_callbacks(who.pk) == {
        "wecom_callbacks": [
            {
                "event": "change_external_contact",
                "change": "add_external_contact",
                "happened_at": "2014-06-24T11:55:13+00:00",
                "received_at": NOW.isoformat(),
            }
        ]
    }


@pytest.mark.django_db(transaction=True)
def test_erasing_her_empties_what_names_her_and_nothing_else(app: CorpApp) -> None:
    who, friend = known_as(HERS), known_as(FRIENDS)
    deliver(app, contact(HERS))
    deliver(app, chat(FRIENDS, HERS))
    deliver(app, contact(FRIENDS))
    assert [part.code for part in plan(who.pk)].index("wecom") < [part.code for part in plan(who.pk)].index("members")
    erasure = erase(member_id=who.pk, why=ErasureReason.REQUEST, by=None, now=NOW)
    assert erasure.state == ErasureState.DONE
    assert erasure.steps.get(code="wecom").rows == 2
    assert [body is None for body in bodies()] == [True, True, False]
    assert export_callbacks(who.pk) == {"wecom_callbacks": []}
    assert len(export_callbacks(friend.pk)["wecom_callbacks"]) == 1


def test_member_whom_wecom_does_not_know_is_in_no_callback(app: CorpApp) -> None:
    who = known_as()
    deliver(app, contact(HERS))
    assert (erase_callbacks(who.pk), export_callbacks(who.pk)) == (0, {"wecom_callbacks": []})
    assert None not in list(bodies())
