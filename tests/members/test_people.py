"""Members made and changed, and what they are known by."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from accounts.enums import Role
from accounts.models import User
from audit.models import AuditEntry
from core.services.sealing import open_one
from members.enums import IdentityType
from members.errors import IdentityNotValid, IdentityTaken, MemberNotSaved
from members.models import Identity, Member
from members.selectors import lookup_of, members_with
from members.services import add_identity, create_member, remove_identity, update_member
from members.services.identities import SEALED

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 1, tzinfo=UTC)
PHONE = "13800138000"


@pytest.fixture
def marketer() -> User:
    return User.objects.create(username="mei", role=Role.MARKETER)


def create(**values: Any) -> Member:
    return create_member(by=None, now=NOW, **values)


def test_create_member_stores_her_with_key_and_record(marketer: User) -> None:
    member = create_member(
        by=marketer,
        now=NOW,
        name=" 林晓 ",
        birthday=date(1990, 5, 1),
        identities=[{"type": "phone", "value": "+86 138 0013 8000"}],
    )
    member.refresh_from_db()
    assert (member.name, member.name_key, member.created_at) == ("林晓", "lin xiao", NOW)
    identity = Identity.objects.get()
    assert identity.lookup == lookup_of(IdentityType.PHONE, PHONE)
    assert PHONE.encode() not in bytes(identity.sealed or b"")
    assert open_one(SEALED, subject_id=member.pk, sealed=identity.sealed) == PHONE
    assert list(AuditEntry.objects.order_by("id").values_list("action", "actor_id", "object_id")) == [
        ("members.create", marketer.pk, str(member.pk)),
        ("members.add_identity", marketer.pk, str(member.pk)),
    ]


def test_no_record_holds_a_personal_value() -> None:
    member = create(name="林晓", birthday=date(1990, 5, 1), identities=[{"type": "phone", "value": PHONE}])
    update_member(member=member, by=None, now=NOW, name="林小晓")
    written = str(list(AuditEntry.objects.values_list("changes", "object_label")))
    assert "林" not in written
    assert "1990" not in written
    assert PHONE not in written


def test_create_member_with_a_taken_identity_stores_nothing() -> None:
    create(identities=[{"type": "phone", "value": PHONE}])
    with pytest.raises(IdentityTaken):
        create(name="other", identities=[{"type": "phone", "value": PHONE}])
    assert Member.objects.count() == 1
    assert AuditEntry.objects.count() == 2


@pytest.mark.parametrize(
    ("kind", "value"), [("phone", "abc"), ("email", "a@"), ("card", " "), ("card", "a\x00"), ("openid", "x" * 129)]
)
def test_create_member_refuses_what_is_no_identity(kind: str, value: str) -> None:
    with pytest.raises(IdentityNotValid) as caught:
        create(identities=[{"type": kind, "value": value}])
    assert set(caught.value.fields) == {kind}
    assert not Member.objects.exists()


@pytest.mark.parametrize("wrong", [{"name": "x" * 101}, {"gender": "x"}, {"channel": "x" * 41}])
def test_create_member_refuses_wrong_attributes(wrong: dict[str, str]) -> None:
    with pytest.raises(MemberNotSaved) as caught:
        create(**wrong)
    assert set(caught.value.fields) == set(wrong)


def test_create_member_knows_no_other_attribute() -> None:
    with pytest.raises(TypeError):
        create(merged_into_id=1)


def test_update_member_changes_only_what_is_given() -> None:
    member = create(name="林晓", channel="store")
    update_member(member=member, by=None, now=NOW.replace(day=2), name="李雷")
    member.refresh_from_db()
    assert (member.name, member.name_key, member.channel, member.updated_at) == (
        "李雷",
        "li lei",
        "store",
        NOW.replace(day=2),
    )


def test_update_member_writes_nothing_where_nothing_differs() -> None:
    member = create(name="林晓")
    update_member(member=member, by=None, now=NOW.replace(day=2), name="林晓")
    member.refresh_from_db()
    assert member.updated_at == NOW
    assert AuditEntry.objects.filter(action="members.update").count() == 0


def test_add_identity_twice_keeps_one_and_verifies_it() -> None:
    member = create(identities=[{"type": "card", "value": "C1"}])
    identity = add_identity(member=member, type="card", value="C1", by=None, now=NOW, verified_at=NOW)
    assert Identity.objects.get() == identity
    assert identity.verified_at == NOW
    assert AuditEntry.objects.filter(action="members.add_identity").count() == 1


def test_add_identity_of_another_member_is_refused() -> None:
    create(identities=[{"type": "card", "value": "C1"}])
    with pytest.raises(IdentityTaken):
        add_identity(member=create(), type="card", value="C1", by=None, now=NOW)


def test_the_same_text_of_two_types_is_two_identities() -> None:
    member = create(identities=[{"type": "card", "value": PHONE}, {"type": "phone", "value": PHONE}])
    assert set(member.identities.values_list("type", flat=True)) == {"card", "phone"}


def test_remove_identity_frees_the_value() -> None:
    member = create(identities=[{"type": "card", "value": "C1"}])
    assert remove_identity(identity=member.identities.get(), by=None, now=NOW) is True
    assert AuditEntry.objects.filter(action="members.remove_identity").count() == 1
    other = create(identities=[{"type": "card", "value": "C1"}])
    assert members_with([(IdentityType.CARD, "C1")]) == {(IdentityType.CARD, "C1"): other.pk}


def test_remove_identity_again_does_nothing() -> None:
    identity = create(identities=[{"type": "card", "value": "C1"}]).identities.get()
    remove_identity(identity=identity, by=None, now=NOW)
    identity.pk = 1
    assert remove_identity(identity=identity, by=None, now=NOW) is False
    assert AuditEntry.objects.filter(action="members.remove_identity").count() == 1


def test_an_equal_value_in_two_columns_is_told_apart_by_its_seal() -> None:
    """A sealed phone copied to another member does not open."""
    one, other = create(identities=[{"type": "phone", "value": PHONE}]), create()
    sealed = one.identities.get().sealed
    add_identity(member=other, type="phone", value="13900139000", by=None, now=NOW)
    with pytest.raises(Exception, match="open"):
        open_one(SEALED, subject_id=other.pk, sealed=sealed)
