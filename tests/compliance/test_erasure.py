"""Erasing a person: whole, resumable, and without changing what the brand counts."""

import json
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.db.models import Sum

from audit.models import AuditEntry
from compliance.enums.consent import Channel
from compliance.enums.rights import ErasureReason, ErasureState
from compliance.errors.rights import NobodyThere, UnderLegalHold
from compliance.models import ConsentEvent, ContactStatus, Erasure, ErasureStep, LegalHold, Suppression
from compliance.selectors.gate import may_contact
from compliance.services import erasure as erasing
from compliance.services.erasure import Replayed, begin, erase, plan, proceed, proceed_all, replay, vacuum_erased
from compliance.services.retention import lift_hold, place_hold
from compliance.services.tombstones import read_tombstones, tombstone_file
from core.enums import Ending
from core.registries import privacy
from core.services.sealing import SubjectErased, open_rows, subject_keys
from intake.enums import ImportState
from intake.models import ImportJob
from members.enums import IdentityType
from members.models import Identity, Member
from members.services import create_member
from tests.brand import administrator
from tests.compliance.people import EVENING, YEAR_AGO, member, said
from timeline.enums import InteractionKind
from timeline.models import Interaction, Purchase
from timeline.services import InteractionIn, PurchaseLineIn, record_interactions, record_purchases

PHONE = "13800138000"


def bought(who: Member, order: str = "A1", amount: str = "99.50") -> None:
    line = PurchaseLineIn(
        member_id=who.pk,
        source="shop",
        order_no=order,
        line_no=1,
        line_at=YEAR_AGO,
        product_code="P1",
        quantity=Decimal(1),
        unit_price=Decimal(amount),
    )
    record_purchases(rows=[line], now=EVENING)


def clicked(who: Member) -> None:
    click = InteractionIn(
        line_no=1, member_id=who.pk, source="shop", kind=InteractionKind.CLICK, occurred_at=YEAR_AGO, subject="mail"
    )
    record_interactions(rows=[click], now=EVENING)


def erased(who: Member) -> Erasure:
    return erase(member_id=who.pk, why=ErasureReason.REQUEST, by=None, now=EVENING)


@pytest.mark.django_db
def test_erasing_takes_the_person_and_leaves_the_sums() -> None:
    who, other = member(PHONE, name="王小明"), member("13900139000", name="李雷")
    for each in (who, other):
        bought(each)
        clicked(each)
    before = Purchase.objects.aggregate(Sum("amount"))
    done = erased(who)
    assert done.state == ErasureState.DONE
    assert not Member.objects.filter(pk=who.pk).exists()
    assert not Identity.objects.filter(member=who.pk).exists()
    assert not Interaction.objects.filter(member=who.pk).exists()
    assert Purchase.objects.aggregate(Sum("amount")) == before
    assert Purchase.objects.filter(order_no="A1").count() == 1, "that of the other member"
    assert Member.objects.get(pk=other.pk).name == "李雷"
    assert Interaction.objects.filter(member=other.pk).count() == 1


@pytest.mark.django_db
def test_the_gate_is_shut_before_the_first_step_and_nothing_can_be_sealed_after_the_last() -> None:
    who = member(PHONE)
    one = begin(member_id=who.pk, why=ErasureReason.REQUEST, by=None, now=EVENING)
    assert may_contact(who.pk, purpose="marketing", channel=Channel.SMS, at=EVENING).reason == "erased"
    proceed(one, now=EVENING)
    with pytest.raises(SubjectErased):
        subject_keys("member", [who.pk])


@pytest.mark.django_db
def test_records_merged_into_hers_go_with_it() -> None:
    who = member(PHONE)
    merged = member("13700137000")
    Member.objects.filter(pk=merged.pk).update(merged_into=who)
    done = erase(member_id=merged.pk, why=ErasureReason.REQUEST, by=None, now=EVENING)
    assert done.subject_ids == [merged.pk, who.pk]
    assert not Member.objects.exists()


@pytest.mark.django_db
def test_a_refused_number_stays_suppressed_and_another_does_not() -> None:
    refused, silent = member(PHONE), member("13900139000")
    said(refused, "refuse")
    lookup = Identity.objects.get(member=refused).lookup
    erased(refused)
    erased(silent)
    assert list(Suppression.objects.values_list("lookup", "channel")) == [(lookup, "any")]
    again = member(PHONE)
    said(again, "grant", EVENING - timedelta(hours=1))
    assert may_contact(again.pk, purpose="marketing", channel=Channel.SMS, at=EVENING).reason == "suppressed"


@pytest.mark.django_db
def test_a_no_of_one_record_leaves_the_numbers_of_all_alone() -> None:
    who, merged = member(), member(PHONE)
    said(who, "refuse")
    Member.objects.filter(pk=merged.pk).update(merged_into=who)
    lookup = Identity.objects.get(member=merged).lookup
    erased(who)
    assert list(Suppression.objects.values_list("lookup", "channel")) == [(lookup, "any")]


@pytest.mark.django_db
def test_facts_that_arrive_behind_an_erasure_go_with_the_night() -> None:
    who = member(PHONE)
    done = erased(who)
    clicked(who)
    assert Interaction.objects.filter(member=who.pk).count() == 1
    erasing._sweep(done)
    assert not Interaction.objects.filter(member=who.pk).exists()


@pytest.mark.django_db
def test_words_that_name_her_go_with_her() -> None:
    by, who = administrator(), member(PHONE, name="欧阳晓云")
    hold = place_hold(member_id=who.pk, reason="欧阳晓云 13800138000 诉讼", by=by, now=EVENING)
    assert hold.reason == "欧阳晓云 138****8000 诉讼"
    lift_hold(hold=hold, reason="欧阳晓云 撤诉", by=by, now=EVENING)
    said(who, "withdraw", note="欧阳晓云来电")
    erased(who)
    assert LegalHold.objects.get().reason == ""
    assert not AuditEntry.objects.filter(reason__contains="欧阳晓云").exists()
    assert AuditEntry.objects.get(action="compliance.lift_hold").reason == "欧*** 撤诉"
    (note,) = open_rows(ConsentEvent._meta.get_field("note"), list(ConsentEvent.objects.all()))
    assert not isinstance(note, str)


@pytest.mark.django_db
def test_consent_events_stay_as_proof() -> None:
    who = member(PHONE)
    said(who, "grant")
    erased(who)
    assert ConsentEvent.objects.filter(member=who.pk).count() == 1
    assert ContactStatus.objects.get(pk=who.pk).erased_at == EVENING


@pytest.mark.django_db
def test_plan_counts_and_changes_nothing() -> None:
    who = member(PHONE)
    bought(who)
    said(who, "grant")
    parts = {part.code: part for part in plan(who.pk)}
    found = {each.path.place: each.rows for part in parts.values() for each in part.paths}
    assert found["members_identity.member_id"] == 1
    assert found["timeline_purchase.member_id"] == 1
    assert found["compliance_consentevent.member_id"] == 1
    assert parts["members"].erased == 2
    assert all(str(each.path.why) for part in parts.values() for each in part.paths if each.path.ending == Ending.KEEP)
    assert Member.objects.filter(pk=who.pk).exists()
    assert not Erasure.objects.exists()


@pytest.mark.django_db
def test_what_it_did_is_on_the_record_without_her_name() -> None:
    who = member(PHONE, name="王小明")
    erased(who)
    rows = list(AuditEntry.objects.filter(action__in=["compliance.erase", "compliance.erased"]).order_by("id"))
    assert [row.object_id for row in rows] == [str(who.pk)] * 2
    assert rows[1].changes["members"] == [None, 2]
    assert "王小明" not in str([row.changes for row in AuditEntry.objects.all()])


@pytest.mark.django_db
def test_erasing_twice_is_erasing_once() -> None:
    who = member(PHONE)
    first = erased(who)
    assert erased(who) == first
    assert AuditEntry.objects.filter(action="compliance.erased").count() == 1


@pytest.mark.django_db
def test_nobody_is_erased_by_a_wrong_number() -> None:
    with pytest.raises(NobodyThere):
        erase(member_id=4711, why=ErasureReason.REQUEST, by=None, now=EVENING)


@pytest.mark.django_db
def test_a_legal_hold_keeps_her() -> None:
    who = member(PHONE)
    LegalHold.objects.create(member=who, reason="court order")
    with pytest.raises(UnderLegalHold):
        erased(who)
    assert Member.objects.filter(pk=who.pk).exists()


@pytest.mark.django_db
def test_a_running_import_is_waited_for() -> None:
    who = member(PHONE)
    job = ImportJob.objects.create(
        kind="members",
        layout="csv",
        state=ImportState.QUEUED,
        path="",
        file_name="a.csv",
        file_size=1,
        timezone="UTC",
        source="crm",
        created_at=EVENING,
    )
    waiting = erased(who)
    assert (waiting.state, waiting.waits_for) == (ErasureState.RUNNING, "imports_in_the_way")
    assert Member.objects.filter(pk=who.pk).exists()
    ImportJob.objects.filter(pk=job.pk).update(state=ImportState.DONE, finished_at=EVENING)
    assert proceed_all(now=EVENING) == 1
    assert not Member.objects.filter(pk=who.pk).exists()


class Killed(BaseException):
    """The process is gone: nothing catches it."""


@pytest.mark.django_db
def test_killed_at_every_step_it_ends_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """After the work of a step and before its commit, twenty times and more, over two records."""
    who, merged = member(PHONE), member("13700137000")
    Member.objects.filter(pk=merged.pk).update(merged_into=who)
    bought(who)
    clicked(merged)
    one = begin(member_id=who.pk, why=ErasureReason.REQUEST, by=None, now=EVENING)
    steps = list(one.steps.values_list("code", "subject_id"))
    kills = [*steps, *steps]
    run: Callable[..., int] = erasing._run

    def killed_at(code: str, subject_id: int, **values: object) -> int:
        rows = run(code, subject_id, **values)
        if (code, subject_id) in kills:
            kills.remove((code, subject_id))
            raise Killed
        return rows

    monkeypatch.setattr(erasing, "_run", killed_at)
    lives = 0
    while one.state == ErasureState.RUNNING:
        lives += 1
        try:
            one = proceed(one, now=EVENING)
        except Killed:
            continue
    assert lives == 2 * len(steps) + 1
    assert lives > 20
    assert not Member.objects.exists()
    assert AuditEntry.objects.filter(action="compliance.erased").count() == 1
    assert not ErasureStep.objects.filter(done_at=None).exists()
    assert list(one.steps.filter(code="members").values_list("rows", flat=True)) == [2, 2]


def restored(*people: Member) -> None:
    """As after a restore of a backup from before their erasure: their rows stand again, their tombstones do not."""
    Erasure.objects.all().delete()
    ContactStatus.objects.all().delete()
    Member.objects.bulk_create(Member(pk=each.pk, name=each.name, created_at=each.created_at) for each in people)


@pytest.fixture
def seals(tmp_path: Path, settings: Any) -> Path:
    settings.SCRM_SEALS = tmp_path / "seals"
    return tombstone_file()


@pytest.mark.django_db
def test_replay_erases_again_whom_a_restore_brought_back(seals: Path) -> None:
    who, other = member(PHONE, name="王小明"), member("13900139000", name="李雷")
    who.refresh_from_db()
    assert erased(who).kept_at == EVENING
    restored(who)
    Identity.objects.create(member=who, type=IdentityType.CARD, lookup="C-1")
    assert replay(tombstones=read_tombstones(seals), now=EVENING) == Replayed(erased=1, waiting=0)
    assert list(Member.objects.values_list("pk", flat=True)) == [other.pk]
    assert list(Identity.objects.values_list("member", flat=True)) == [other.pk]
    assert Erasure.objects.get().state == ErasureState.DONE
    assert replay(tombstones=read_tombstones(seals), now=EVENING) == Replayed(erased=0, waiting=0)
    assert len(seals.read_bytes().splitlines()) == 1, "it stood in the file already"


@pytest.mark.django_db
def test_replay_leaves_a_new_member_alone_who_got_the_number_of_one_erased(seals: Path) -> None:
    who = member(PHONE)
    erased(who)
    Erasure.objects.all().delete()
    stranger = Member.objects.create(pk=who.pk, name="李雷", created_at=EVENING)
    assert replay(tombstones=read_tombstones(seals), now=EVENING) == Replayed(erased=0, waiting=0)
    assert Member.objects.get() == stranger


@pytest.mark.django_db
def test_replay_takes_only_the_records_that_were_erased(seals: Path) -> None:
    """The backup knows her as merged into somebody; the merge was undone before she was erased."""
    who, other = member(PHONE), member("13900139000")
    who.refresh_from_db()
    erased(who)
    restored(who)
    Member.objects.filter(pk=who.pk).update(merged_into=other)
    replay(tombstones=read_tombstones(seals), now=EVENING)
    assert list(Member.objects.values_list("pk", flat=True)) == [other.pk]


@pytest.mark.django_db
def test_tombstone_tells_nobody_who_she_was(seals: Path) -> None:
    who = member(PHONE, name="王小明")
    erased(who)
    line = json.loads(seals.read_text())
    assert set(line) == {"at", "why", "prints"}
    assert set(line["prints"]) == {str(who.pk)}
    assert PHONE not in seals.read_text()


@pytest.mark.django_db
def test_nothing_is_erased_before_the_tombstone_is_kept(tmp_path: Path, settings: Any) -> None:
    (tmp_path / "seals").write_text("a file stands where the folder should")
    settings.SCRM_SEALS = tmp_path / "seals"
    who = member(PHONE)
    waiting = erased(who)
    assert (waiting.state, waiting.waits_for) == (ErasureState.RUNNING, "tombstone_not_kept")
    assert Member.objects.filter(pk=who.pk).exists()
    assert not waiting.steps.exclude(done_at=None).exists()
    settings.SCRM_SEALS = tmp_path / "elsewhere"
    assert proceed_all(now=EVENING) == 1
    assert not Member.objects.filter(pk=who.pk).exists()


@pytest.mark.django_db
def test_line_that_a_crash_cut_short_is_passed_over(seals: Path) -> None:
    who = member(PHONE)
    erased(who)
    with seals.open("ab") as file:
        file.write(b'{"at":"2026-11-2')
    other = member("13900139000")
    erased(other)
    assert [set(each.prints) for each in read_tombstones(seals)] == [{who.pk}, {other.pk}]
    assert not list(read_tombstones(seals, since=EVENING + timedelta(seconds=1)))


@pytest.mark.django_db(transaction=True)
def test_storage_is_cleaned_once() -> None:
    who = create_member(by=None, now=YEAR_AGO, name="王小明", identities=[{"type": IdentityType.PHONE, "value": PHONE}])
    erased(who)
    tables = vacuum_erased(now=EVENING)
    assert {"members_member", "members_identity", "timeline_interaction"} <= set(tables)
    assert {"intake_importreject", "members_savedview", "django_admin_log"} <= set(tables), "cleaned without a path"
    assert vacuum_erased(now=EVENING) == []
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone()[0] == connection.settings_dict["USER"], "back in the run-time role"


def test_every_app_that_stores_members_has_a_handler() -> None:
    codes = {handler.code for handler in privacy if handler.subject_kind == "member"}
    assert {"members", "timeline", "segments", "consent", "requests", "imports"} <= codes
