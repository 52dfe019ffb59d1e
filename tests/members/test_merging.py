"""Two records become one person's, and are taken apart again exactly."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils.translation import override
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.enums import Role
from accounts.models import User
from audit.models import AuditEntry
from community.errors.koc import KocWentOver
from community.services.koc_keeping import keep_kocs
from compliance.enums.consent import ConsentAction, Purpose
from compliance.enums.rights import ErasureReason
from compliance.errors.merging import MergeOfRestricted, MergeWithErasure
from compliance.selectors.consent import states_of
from compliance.services.erasure import begin
from compliance.services.requests import open_request
from compliance.services.retention import lift_hold, place_hold
from compliance.services.status import restrict
from core.errors import Gone, ScrmError, ValidationFailed
from members.enums import IdentityType
from members.errors import MergedAlready, MergeOfMinor, MergeOfOne, NotMerged
from members.models import DuplicatePair, Identity, Member, Merging
from members.selectors import lookup_of, members_with
from members.selectors.masked import with_masked_identities
from members.selectors.persons import records_of_person
from members.services import add_identity, create_member, merge_members, plan_merge, unmerge_member
from tests.community import earnings
from tests.compliance.people import EVENING, YEAR_AGO, said
from tests.timeline.facts import act, buy
from timeline.models import Interaction, Purchase, Rebuild
from timeline.selectors.member import spending
from timeline.selectors.orders import purchases_of
from timeline.selectors.stream import member_timeline
from timeline.services import make_months

pytestmark = pytest.mark.django_db
NOW = EVENING
AT = datetime(2026, 11, 10, 12, tzinfo=UTC)
WHY = "同一个手机号码"


@pytest.fixture(autouse=True)
def _months() -> None:
    make_months(today=AT.date())


@pytest.fixture
def by() -> User:
    return User.objects.create(username="mei", role=Role.MARKETER)


def a_member(**values: Any) -> Member:
    return create_member(by=None, now=YEAR_AGO, **values)


def merge(keep: Member, goes: Member, at: datetime = NOW, by: User | None = None) -> Merging:
    return merge_members(keep=keep, merge=goes, by=by, reason=WHY, now=at)


def unmerge(member: Member, at: datetime = NOW + timedelta(hours=1), by: User | None = None) -> Merging:
    return unmerge_member(member=member, by=by, reason="两个人，同名", now=at)


def led() -> dict[int, int | None]:
    return dict(Member.objects.values_list("pk", "merged_into_id"))


def test_merge_leads_one_record_to_the_other_and_says_so(by: User) -> None:
    keep, goes = a_member(name="林晓"), a_member(name="林小晓")
    done = merge(keep, goes, by=by)
    assert led() == {keep.pk: None, goes.pk: keep.pk}
    assert (done.member_id, done.into_id, done.at, done.by, done.reason) == (goes.pk, keep.pk, NOW, by, WHY)
    acts = AuditEntry.objects.filter(action__in=("members.merge", "members.take_in")).order_by("id")
    assert list(acts.values_list("action", "actor_id", "object_id", "changes", "reason")) == [
        ("members.merge", by.pk, str(goes.pk), {"merged_into": [None, keep.pk]}, WHY),
        ("members.take_in", by.pk, str(keep.pk), {"merged": [None, goes.pk]}, WHY),
    ]
    assert set(Rebuild.objects.values_list("member_id", "reason")) == {
        (keep.pk, "records merged"), (goes.pk, "records merged"),
    }  # fmt: skip
    goes.refresh_from_db()
    assert goes.updated_at == NOW, "programs that follow changes see it"


def test_merged_record_leads_to_the_owner_in_one_step(by: User) -> None:
    first, second, third = (a_member() for _each in range(3))
    merge(second, third, by=by)
    merge(first, second, NOW + timedelta(minutes=1), by=by)
    assert led() == {first.pk: None, second.pk: first.pk, third.pk: first.pk}
    unmerge(second)
    assert led() == {first.pk: None, second.pk: None, third.pk: second.pk}, "it takes along what was merged into it"
    merge(first, second, NOW + timedelta(hours=2))
    unmerge(third, NOW + timedelta(hours=3))
    unmerge(second, NOW + timedelta(hours=4))
    assert led() == {first.pk: None, second.pk: None, third.pk: None}


def test_database_refuses_two_steps() -> None:
    """The planted violation: whoever writes past the service."""
    first, second, third = (a_member() for _each in range(3))
    Member.objects.filter(pk=third.pk).update(merged_into=second)
    with pytest.raises(IntegrityError, match="two steps"), transaction.atomic():
        Member.objects.filter(pk=second.pk).update(merged_into=first)
        connection.check_constraints()


@pytest.mark.parametrize("reason", ["", "  ", "ok"])
def test_merge_needs_a_reason(reason: str) -> None:
    keep, goes = a_member(), a_member()
    with pytest.raises(ValidationFailed) as refused:
        merge_members(keep=keep, merge=goes, by=None, reason=reason, now=NOW)
    assert set(refused.value.fields) == {"reason"}
    assert not Merging.objects.exists()


def test_reason_keeps_no_phone_number_and_neither_name() -> None:
    keep, goes = a_member(name="欧阳晓云"), a_member(name="李雷雷")
    done = merge_members(keep=keep, merge=goes, by=None, reason="李雷雷 就是 欧阳晓云 13812345678", now=NOW)
    unmerge_member(member=Member.objects.get(pk=goes.pk), by=None, reason="欧阳晓云 不是 李雷雷", now=NOW)
    kept = " ".join([done.reason, *AuditEntry.objects.values_list("reason", flat=True)])
    assert not [text for text in ("13812345678", "欧阳晓云", "李雷雷") if text in kept]


def test_refusals_say_what_to_do() -> None:
    keep, goes, third = a_member(), a_member(), a_member()
    with pytest.raises(MergeOfOne):
        merge(keep, keep)
    merge(keep, goes)
    for one, other in ((keep, goes), (goes, third), (third, goes)):
        with pytest.raises(MergedAlready):
            merge(one, other)
    with pytest.raises(NotMerged):
        unmerge(third)
    Member.objects.filter(pk=third.pk).delete()
    with pytest.raises(Gone):
        merge(keep, third)


def test_minor_and_grown_up_are_not_merged() -> None:
    child, other, twin = a_member(birthday=date(2015, 1, 1)), a_member(), a_member(birthday=date(2015, 1, 1))
    for one, another in ((child, other), (other, child)):
        with pytest.raises(MergeOfMinor):
            merge(one, another)
    merge(child, twin)


def test_erased_and_those_who_asked_for_it_are_not_merged(by: User) -> None:
    keep, asks, erased = a_member(), a_member(), a_member()
    given = {"kind": "delete", "source": "phone", "requester": "self", "wish": ""}
    open_request(member_id=asks.pk, by=by, now=NOW, **given)
    begin(member_id=erased.pk, why=ErasureReason.REQUEST, by=by, now=NOW)
    for other in (asks, erased):
        for pair in ((keep, other), (other, keep)):
            with pytest.raises(MergeWithErasure):
                merge(*pair)


def test_merge_is_not_taken_back_while_she_asks_to_be_erased(by: User) -> None:
    keep, goes = a_member(), a_member()
    merge(keep, goes)
    given = {"kind": "delete", "source": "phone", "requester": "self", "wish": ""}
    open_request(member_id=keep.pk, by=by, now=NOW, **given)
    with pytest.raises(MergeWithErasure):
        unmerge(goes)
    assert led()[goes.pk] == keep.pk


def test_restricted_and_held_are_merged_with_their_like_only(by: User) -> None:
    free, bound, also = a_member(), a_member(), a_member()
    for each in (bound, also):
        restrict(member_id=each.pk, reason="她的要求", by=by, now=NOW)
    with pytest.raises(MergeOfRestricted):
        merge(free, bound)
    merge(bound, also)
    held = a_member()
    place_hold(member_id=held.pk, reason="诉讼", by=by, now=NOW)
    with pytest.raises(MergeOfRestricted):
        merge(free, held)


def test_un_merge_frees_nobody_from_what_was_set_while_they_were_one(by: User) -> None:
    keep, goes = a_member(), a_member()
    merge(keep, goes)
    hold = place_hold(member_id=keep.pk, reason="诉讼", by=by, now=NOW)
    with pytest.raises(MergeOfRestricted):
        unmerge(goes)
    place_hold(member_id=goes.pk, reason="诉讼", by=by, now=NOW)
    unmerge(goes)
    merge(keep, goes, NOW + timedelta(hours=2))
    lift_hold(hold=hold, reason="结案", by=by, now=NOW)
    with pytest.raises(MergeOfRestricted):
        unmerge(goes, NOW + timedelta(hours=3))
    assert led()[goes.pk] == keep.pk


def test_of_two_consents_the_stricter_holds_and_each_has_her_own_again() -> None:
    keep, goes = a_member(), a_member()
    said(keep, ConsentAction.GRANT)
    said(goes, ConsentAction.WITHDRAW)

    def holds(member: Member) -> str:
        return states_of(member.pk)[Purpose.MARKETING, "any"].action

    before = (holds(keep), holds(goes))
    merge(keep, goes)
    assert (holds(keep), holds(goes)) == (ConsentAction.WITHDRAW, ConsentAction.WITHDRAW)
    unmerge(goes)
    assert (holds(keep), holds(goes)) == before == (ConsentAction.GRANT, ConsentAction.WITHDRAW)


def test_her_page_shows_what_was_told_of_all_her_records() -> None:
    keep, goes = a_member(), a_member()
    buy(keep.pk, "A1", unit_price=10, line_at=AT)
    buy(goes.pk, "A2", unit_price=5, line_at=AT)
    act(goes.pk, AT)
    merge(keep, goes)
    assert spending(keep, now=NOW).totals.net == Decimal(15)
    assert purchases_of(keep).count() == 2
    assert len(member_timeline(keep, now=NOW).entries) == 3
    assert [[line.code for line in each.lines] for each in member_timeline(keep, now=NOW).entries if each.lines]
    unmerge(goes)
    assert spending(keep, now=NOW).totals.net == Decimal(10)
    assert len(member_timeline(goes, now=NOW).entries) == 2


def test_she_is_known_by_what_either_was_known_by() -> None:
    phone = "13812345678"
    keep, goes = a_member(), a_member(identities=[{"type": "phone", "value": phone}])
    merge(keep, goes)
    assert [each.value for each in with_masked_identities([keep])[0].masked_identities] == ["138****5678"]  # type: ignore[attr-defined]
    same = add_identity(member=keep, type="phone", value=phone, by=None, now=NOW, verified_at=NOW)
    assert (same.member_id, same.verified_at) == (goes.pk, NOW), "it is hers already, and is verified now"
    assert Identity.objects.count() == 1
    lookup = (IdentityType.PHONE, lookup_of(IdentityType.PHONE, phone))
    assert members_with([lookup]) == {lookup: keep.pk}
    unmerge(goes)
    assert members_with([lookup]) == {lookup: goes.pk}


def test_un_merged_are_remembered_as_two(by: User) -> None:
    keep, goes = a_member(), a_member()
    merge(keep, goes)
    done = unmerge(goes, by=by)
    assert (done.undone_at, done.undone_by) == (NOW + timedelta(hours=1), by)
    pair = DuplicatePair.objects.get()
    assert (pair.first_id, pair.second_id, pair.decided_by) == (keep.pk, goes.pk, by)
    assert list(AuditEntry.objects.filter(actor_id=by.pk).order_by("id").values_list("action", "object_id")) == [
        ("members.unmerge", str(goes.pk)),
        ("members.let_go", str(keep.pk)),
    ]


def test_merge_that_came_in_with_the_records_can_be_taken_back() -> None:
    keep, goes = a_member(), a_member()
    Member.objects.filter(pk=goes.pk).update(merged_into=keep)
    done = unmerge(goes)
    assert (done.at, led()[goes.pk]) == (YEAR_AGO, None)


def test_koc_who_went_over_is_not_split_again() -> None:
    keep, koc = a_member(), earnings.koc()
    earnings.agree(koc.member or keep)
    goes = Member.objects.get(pk=koc.member_id)
    assert "KOC" in [str(line.label) for line in plan_merge(keep=keep, merge=goes, now=NOW)]
    merge(keep, goes)
    unmerge(goes)
    merge(keep, goes, NOW + timedelta(hours=2))
    keep_kocs(now=NOW + timedelta(hours=3))
    with pytest.raises(KocWentOver):
        unmerge(goes, NOW + timedelta(hours=4))


@override("en")
def test_plan_tells_what_would_move_and_changes_nothing() -> None:
    keep, goes = a_member(), a_member(identities=[{"type": "card", "value": "C1"}])
    buy(goes.pk, "A1", line_at=AT)
    said(goes, ConsentAction.GRANT)
    lines = {str(line.label): str(line.value) for line in plan_merge(keep=keep, merge=goes, now=NOW)}
    assert lines["Phones, cards and other identities"] == "1"
    assert (lines["Orders and refunds"], lines["Interactions"], lines["Touches"]) == ("1", "0", "0")
    assert lines["Consents and refusals"] == "1 event"
    assert lines["Tier"] == "none yet and none yet"
    assert led()[goes.pk] is None
    with pytest.raises(MergeOfOne):
        plan_merge(keep=keep, merge=keep, now=NOW)


TABLES = ("members_member", "members_identity", "timeline_purchase", "timeline_orderkey", "timeline_interaction",
          "compliance_consentevent", "compliance_consentstate")  # fmt: skip
#: What follows the act itself: when it was, and the numbers of transactions.
BESIDE = "- 'updated_at' - 'xid'"


def everything() -> dict[str, list[str]]:
    found = {}
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"SELECT (to_jsonb(t) {BESIDE})::text FROM {table} AS t ORDER BY 1")
            found[table] = [text for (text,) in cursor.fetchall()]
    return found


@st.composite
def stories(draw: st.DrawFn) -> list[tuple[str, int, int]]:
    number = st.integers(0, 3)
    what = st.sampled_from(("merge", "merge", "unmerge", "buy", "act", "say"))
    return draw(st.lists(st.tuples(what, number, number), min_size=2, max_size=12))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=stories(), pair=st.tuples(st.integers(0, 3), st.integers(0, 3)), meanwhile=st.booleans())
def test_merge_and_un_merge_give_what_was_before(
    before: list[tuple[str, int, int]], pair: tuple[int, int], *, meanwhile: bool
) -> None:
    """Whatever led there; and what was told meanwhile is the owner's, and is all that is new."""
    with transaction.atomic():
        people = [a_member(name=f"客{number}") for number in range(4)]
        clock = NOW
        for number, (what, one, other) in enumerate(before):
            clock += timedelta(minutes=1)
            _happen(what, people[one], people[other], number, clock)
        keep, goes = (Member.objects.get(pk=people[each].pk) for each in pair)
        was, hers = everything(), records_of_person(goes.pk)
        try:
            merge(keep, goes, clock + timedelta(minutes=1))
        except ScrmError:
            assert everything() == was
        else:
            assert set(hers) < set(records_of_person(keep.pk))
            if meanwhile:
                buy(Member.objects.get(pk=goes.pk).owner_id, "B1", line_at=AT)
            assert all(into is None or led()[into] is None for into in led().values())
            unmerge(goes, clock + timedelta(minutes=2))
            now = everything()
            new = {table: [row for row in now[table] if row not in was[table]] for table in TABLES}
            assert {table: [row for row in was[table] if row not in now[table]] for table in TABLES} == {
                table: [] for table in TABLES
            }
            assert [table for table in TABLES if new[table]] == (
                ["timeline_purchase", "timeline_orderkey"] if meanwhile else []
            )
            if meanwhile:
                assert Purchase.objects.get(order_no="B1").member_id == keep.pk
            assert records_of_person(goes.pk) == hers
        connection.check_constraints()
        transaction.set_rollback(True)


def _happen(what: str, one: Member, other: Member, number: int, at: datetime) -> None:
    owner = Member.objects.get(pk=one.pk).owner_id
    try:
        with transaction.atomic():
            match what:
                case "merge":
                    merge(one, other, at)
                case "unmerge":
                    unmerge(one, at)
                case "buy":
                    buy(owner, f"A{number}", line_at=AT)
                case "act":
                    act(owner, AT + timedelta(minutes=number))
                case _:
                    actions = (ConsentAction.GRANT, ConsentAction.WITHDRAW)
                    said(Member(pk=owner), actions[number % 2], YEAR_AGO + timedelta(minutes=number))
    except ScrmError:
        assert what in {"merge", "unmerge"}


def test_what_is_watched_is_written_to() -> None:
    """The planted violation: a record that changed is seen by `everything`."""
    one = a_member()
    was = everything()
    act(one.pk, AT)
    assert Interaction.objects.count() == 1
    assert everything() != was
