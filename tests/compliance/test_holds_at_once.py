"""Holds beside other work: beside each other, beside the nightly purge."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
from django.db import DataError, connection, transaction

from accounts.models import User
from compliance.enums.rights import ErasureReason
from compliance.models import Erasure, LegalHold, RetentionRun
from compliance.services import erasure, retention
from compliance.services.erasure import begin, proceed_all, records_of
from compliance.services.retention import change_rule, held_members, place_hold, purge_all
from core.registries import Purge, purges
from members.models import Member
from tests.brand import administrator
from tests.compliance.people import EVENING, member
from tests.rivals import rival, until, waiting_for_locks, workers
from timeline.enums import InteractionKind
from timeline.models import Interaction
from timeline.services import InteractionIn, record_interactions

DAY = timedelta(days=1)
FREE = "SELECT count(*) FROM (SELECT FROM members_member WHERE id = %s FOR UPDATE SKIP LOCKED) AS free"


@pytest.fixture
def boss() -> User:
    return administrator()


@pytest.fixture
def quiet(boss: User) -> list[Member]:
    """Three members without any facts for long, whom the brand has erased."""
    found = [member(f"1380013800{number}") for number in range(3)]
    Member.objects.update(created_at=EVENING - 900 * DAY, registered_at=None)
    change_rule(code="inactive-members", days=731, is_active=True, reason="house rule", by=boss, now=EVENING)
    return found


def hold(who: Member, by: User) -> LegalHold:
    return place_hold(member_id=who.pk, reason="court order", by=by, now=EVENING)


@pytest.mark.django_db(transaction=True)
def test_two_holds_on_two_records_of_a_person_lock_in_one_order() -> None:
    by, owner, first, second = administrator(), member(), member(), member()
    Member.objects.filter(pk__in=(first.pk, second.pk)).update(merged_into=owner)
    with workers(2) as start, rival() as say:
        say("SELECT FROM members_member WHERE id = %s FOR UPDATE", [owner.pk])
        waiting = [start(hold, who=each, by=by) for each in (first, second)]
        until(lambda: waiting_for_locks() == 2)
        assert [say(FREE, [each.pk]) for each in (first, second)] == [1, 1], "nobody has one and waits for another"
    assert [each.result(10).member_id for each in waiting] == [first.pk, second.pk]


@pytest.mark.django_db(transaction=True)
def test_records_that_are_merged_while_a_hold_waits_are_held_too() -> None:
    by, owner, twin, merged = administrator(), member(), member(), member()
    Member.objects.filter(pk=twin.pk).update(merged_into=owner)
    with workers(1) as start, rival() as say:
        say("SELECT FROM members_member WHERE id = %s FOR UPDATE", [merged.pk])
        waiting = start(locked_records, member_id=merged.pk)
        until(lambda: waiting_for_locks() == 1)
        say("UPDATE members_member SET merged_into_id = %s WHERE id = %s", [owner.pk, merged.pk])
        say("COMMIT")
        assert waiting.result(10) == [twin.pk, merged.pk, owner.pk]
    assert hold(merged, by).lifted_at is None
    assert held_members() == [owner.pk, twin.pk, merged.pk]


def locked_records(member_id: int) -> list[int]:
    with transaction.atomic():
        return records_of(member_id, lock=True)


@pytest.mark.django_db
def test_hold_placed_while_the_purge_runs_spares_her_and_stops_no_rule(
    quiet: list[Member], boss: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "erase", with_a_hold_before(quiet[1], boss))
    runs = {run.code: run for run in purge_all(now=EVENING)}
    assert runs["inactive-members"].rows == 2
    assert None not in {run.finished_at for run in runs.values()}
    assert len(runs) == sum(rule.is_active for rule in retention.rules_in_force())
    assert list(Member.objects.values_list("pk", flat=True)) == [quiet[1].pk]


@pytest.mark.django_db
def test_hold_placed_while_the_purge_runs_spares_what_the_next_batch_would_take(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(retention, "BATCH", 1)
    who, by = member(), administrator()
    for days in (500, 600):
        click = InteractionIn(
            line_no=1,
            member_id=who.pk,
            source="shop",
            kind=InteractionKind.CLICK,
            occurred_at=EVENING - days * DAY,
            subject=f"{days}",
        )
        record_interactions(rows=[click], now=EVENING)
    look_up, calls = retention.held_members, []

    def meanwhile() -> list[int]:
        calls.append(1)
        if len(calls) == 1 + batches_before() + 2:
            hold(who, by)
        return look_up()

    def batches_before() -> int:
        """Each rule looks once to count what it spares, and once for each batch."""
        codes = [rule.purge.code for rule in retention.rules_in_force() if rule.is_active]
        return 2 * codes.index("interactions")

    monkeypatch.setattr(retention, "held_members", meanwhile)
    purge_all(now=EVENING)
    assert Interaction.objects.count() == 1


@pytest.mark.django_db
def test_erasure_that_fails_in_the_purge_stops_no_other_and_is_raised(
    quiet: list[Member], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "PERSONS", 1)
    with monkeypatch.context() as planted, failing_for(quiet[0], planted), pytest.raises(DataError):
        purge_all(now=EVENING)
    assert list(Member.objects.values_list("pk", flat=True)) == [quiet[0].pk]
    finished = set(RetentionRun.objects.exclude(finished_at=None).values_list("code", flat=True))
    active = {rule.purge.code for rule in retention.rules_in_force() if rule.is_active}
    assert active - finished == {"inactive-members"}
    assert proceed_all(now=EVENING) == 1, "what was begun is taken up"


@pytest.mark.django_db
def test_erasure_that_fails_stops_no_other_that_was_begun(quiet: list[Member], monkeypatch: pytest.MonkeyPatch) -> None:
    for each in quiet:
        begin(member_id=each.pk, why=ErasureReason.REQUEST, by=None, now=EVENING)
    with monkeypatch.context() as planted, failing_for(quiet[0], planted), pytest.raises(DataError):
        proceed_all(now=EVENING)
    assert set(Erasure.objects.filter(state="running").values_list("member_id", flat=True)) == {quiet[0].pk}


@pytest.mark.django_db
def test_rule_that_fails_stops_no_other(quiet: list[Member], monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_before: datetime, _held: Sequence[int], _batch: int) -> int:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT 1 / 0")
        return 0

    bad = Purge(code="bad", label="bad", days=1, count=lambda _before, _held: 0, purge=fail, order=0)
    monkeypatch.setattr(purges, "_entries", {**purges._entries, "bad": bad})
    with pytest.raises(DataError):
        purge_all(now=EVENING)
    assert not Member.objects.exists()
    assert RetentionRun.objects.get(code="inactive-members").rows == 3


def with_a_hold_before(who: Member, by: User) -> object:
    """Erasing, and a hold that comes just before hers."""

    def erase(*, member_id: int, **values: object) -> Erasure:
        if member_id == who.pk:
            hold(who, by)
        return erasure.erase(member_id=member_id, **values)  # type: ignore[arg-type]

    return erase


@contextmanager
def failing_for(who: Member, planted: pytest.MonkeyPatch) -> Iterator[None]:
    """The database refuses a statement of the step that erases her."""
    run = erasure._run

    def refused(code: str, subject_id: int, **values: object) -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 / %s", [int(subject_id != who.pk)])
        return run(code, subject_id, **values)  # type: ignore[arg-type]

    planted.setattr(erasure, "_run", refused)
    yield
