"""Members from files: who is who, what is kept secret, what a second time changes."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from django.db import connection

from core.keys import blind_index
from core.models import DataKey
from core.services.sealing import destroy_keys, open_one
from intake.models import ImportJob, ImportReject
from intake.services import create_import, running
from members.models import City, DuplicatePair, Identity, Member
from members.services import ensure_members
from tests.intake.conftest import NOW, Import, Write

pytestmark = [pytest.mark.servers, pytest.mark.django_db]

HEADER = "external_id,name,phone,email,gender,birthday,city,registered_at\n"


def summary(job: ImportJob) -> tuple[int, int, dict[str, int], int]:
    counts = job.counts
    return counts["lines_stored"], counts["already_stored"], counts["rejected"], counts["members"]


def phone_of(member: Member) -> str:
    identity = Identity.objects.get(member=member, type="phone")
    return str(open_one(Identity._meta.get_field("sealed"), subject_id=member.pk, sealed=identity.sealed))


def test_member_is_stored_with_everything(write: Write, import_file: Import) -> None:
    text = HEADER + "17850.0,林晓🦌,+86 138-0013-8000,Lin@X.com,女,1990年1月2日,杭州市,2025/6/1 8:00\n"
    assert summary(import_file("members", write(text))) == (1, 0, {}, 1)
    member = Member.objects.get()
    assert (member.name, member.gender, member.birthday) == ("林晓🦌", "female", date(1990, 1, 2))
    assert member.city == City.objects.get(name="杭州")
    assert member.registered_at == datetime(2025, 6, 1, tzinfo=UTC)
    assert member.name_key.startswith("lin xiao")
    assert set(Identity.objects.values_list("type", "lookup")) == {
        ("external_id", "17850"),
        ("phone", blind_index("members.phone", "13800138000").hex()),
        ("email", blind_index("members.email", "lin@x.com").hex()),
    }
    assert phone_of(member) == "13800138000"


def test_same_file_twice_changes_nothing(write: Write, import_file: Import) -> None:
    path = write(HEADER + "1,林晓,13800138000,,,,,\n2,Chen,,,,,杭州,\n")
    import_file("members", path)
    before = list(Member.objects.order_by("id").values()), DataKey.objects.count()
    assert summary(import_file("members", path)) == (0, 2, {}, 0)
    assert (list(Member.objects.order_by("id").values()), DataKey.objects.count()) == before


def test_filled_values_replace_and_empty_ones_leave(write: Write, import_file: Import) -> None:
    import_file("members", write(HEADER + "1,林晓,13800138000,,女,,杭州,\n"))
    assert summary(import_file("members", write(HEADER + "1,林小小,,a@x.com,,,,\n"))) == (1, 0, {}, 0)
    member = Member.objects.get()
    assert (member.name, member.gender, member.city.name if member.city else "") == ("林小小", "female", "杭州")
    assert set(member.identities.values_list("type", flat=True)) == {"external_id", "phone", "email"}


def test_phone_alone_finds_the_member(write: Write, import_file: Import) -> None:
    import_file("members", write(HEADER + "1,林晓,13800138000,,,,,\n"))
    assert summary(import_file("members", write("手机号,姓名\n138 0013 8000,林小小\n"))) == (1, 0, {}, 0)
    assert Member.objects.get().name == "林小小"


def test_rows_about_one_member_are_taken_once(write: Write, import_file: Import) -> None:
    rows = "1,林晓,13800138000,,,,,\n1,林晓,13800138000,,,,,\n,林,13800138000,,,,,\n2,陈,,,,,,\n"
    job = import_file("members", write(HEADER + rows))
    assert summary(job) == (2, 1, {"duplicate_member": 1}, 2)
    assert list(ImportReject.objects.values_list("line", "reason")) == [(4, "duplicate_member")]
    assert set(Member.objects.values_list("name", flat=True)) == {"林晓", "陈"}


def test_rows_that_mean_one_known_member_are_taken_once(write: Write, import_file: Import) -> None:
    import_file("members", write(HEADER + "1,林晓,13800138000,,,,,\n"))
    job = import_file("members", write(HEADER + "1,林晓晓,,,,,,\n,小林,13800138000,,,,,\n"))
    assert summary(job) == (1, 0, {"duplicate_member": 1}, 0)
    assert job.rejected_rows == 1
    assert Member.objects.get().name == "林晓晓"


def test_identities_of_two_members_are_refused(write: Write, import_file: Import) -> None:
    import_file("members", write(HEADER + "1,林晓,13800138000,,,,,\n2,陈,13900139000,,,,,\n"))
    job = import_file("members", write(HEADER + "1,林晓,13900139000,,,,,\n"))
    assert summary(job) == (0, 0, {"conflicting_identities": 1}, 0)
    assert Identity.objects.filter(type="phone").count() == 2
    pair, one, other = DuplicatePair.objects.get(), *Member.objects.order_by("pk")
    assert (pair.first, pair.second, pair.signs, pair.is_strong) == (one, other, ["phone"], True)


def test_bad_cells_are_reported_without_personal_values(write: Write, import_file: Import) -> None:
    rows = (
        "1,林晓,12345,,,,,\n2,林晓,,nobody,,,,\n3,林晓,,,robot,,,\n4,林晓,,,,2036-01-01,,\n,林晓,,,,,,\n5,"
        + "林" * 101
        + ",,,,,,\n"
    )
    job = import_file("members", write(HEADER + rows))
    assert list(ImportReject.objects.order_by("line").values_list("line", "column", "reason", "value")) == [
        (2, 3, "bad_phone", ""),
        (3, 4, "bad_email", ""),
        (4, 5, "unknown_value", "robot"),
        (5, 6, "future_date", ""),
        (6, None, "no_identity", ""),
        (7, 2, "too_long", ""),
    ]
    assert (job.counts["rows_read"], Member.objects.count()) == (6, 0)


def test_dry_run_makes_no_member_and_no_key(write: Write, import_file: Import) -> None:
    path = write(HEADER + "1,林晓,13800138000,,,,乌有,\n1,林小,,,,,,\n")
    dry = import_file("members", path, dry_run=True)
    assert (Member.objects.count(), DataKey.objects.count(), City.objects.filter(name="乌有").count()) == (0, 0, 0)
    assert ImportReject.objects.filter(job=dry).count() == 1
    assert summary(import_file("members", path)) == summary(dry) == (1, 0, {"duplicate_member": 1}, 1)


def test_key_of_a_refused_row_is_not_kept(write: Write, import_file: Import) -> None:
    import_file("members", write(HEADER + "1,林晓,13800138000,,,,,\n1,林小,13900139000,,,,,\n"))
    assert list(DataKey.objects.values_list("subject_id", flat=True)) == [Member.objects.get().pk]


def test_erased_member_gets_nothing_back(write: Write, import_file: Import) -> None:
    import_file("members", write(HEADER + "1,林晓,13800138000,,,,,\n2,陈,,,,,,\n"))
    destroy_keys("member", [Member.objects.get(name="林晓").pk], now=NOW)
    job = import_file("members", write(HEADER + "1,林晓,13900139000,,,,,\n2,陈,13700137000,,,,,\n"))
    assert summary(job) == (1, 0, {"member_erased": 1}, 0)
    assert phone_of(Member.objects.get(name="陈")) == "13700137000"


def test_member_from_purchases_is_filled_later(write: Write, import_file: Import) -> None:
    purchases = "order_no,external_id,line_at,product_code,quantity,unit_price\nA1,1,2026-01-02,P1,1,10\n"
    import_file("purchases", write(purchases))
    assert summary(import_file("members", write(HEADER + "1,林晓,13800138000,,,,,2025-01-01\n"))) == (1, 0, {}, 0)
    member = Member.objects.get()
    assert (member.name, phone_of(member)) == ("林晓", "13800138000")


def test_members_of_a_chunk_border_are_told_apart(
    write: Write, import_file: Import, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("intake.services.staging.CHUNK_ROWS", 2)
    rows = "".join(f"{n % 4},Member {n % 4},1380013800{n % 4},,,,,\n" for n in range(8))
    assert summary(import_file("members", write(HEADER + rows))) == (4, 4, {}, 4)
    assert {phone_of(member) for member in Member.objects.all()} == {f"1380013800{n}" for n in range(4)}


def test_member_made_by_somebody_else_meanwhile_is_sealed_again(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    decide = running.decide

    def rival_then_decide(job: ImportJob) -> None:
        ensure_members(relation=f"intake_staging_{job.pk}", source="rival", now=NOW)
        decide(job)

    monkeypatch.setattr(running, "decide", rival_then_decide)
    job = create_import(kind="members", path=write(HEADER + "1,林晓,13800138000,,,,,\n"), by=None, now=NOW)
    assert summary(running.run_import(job_id=job.pk, now=NOW)) == (1, 0, {}, 0)
    member = Member.objects.get()
    assert (member.name, phone_of(member)) == ("林晓", "13800138000")
    assert list(DataKey.objects.values_list("subject_id", flat=True)) == [member.pk]


@pytest.mark.parametrize(
    ("case", "reason"),
    [
        (("9,陈,13800138000,,,,,\n", lambda _: Identity.objects.filter(type="phone").delete()), "not_sealed"),
        (("", lambda member_id: DataKey.objects.filter(subject_id=member_id).delete()), "not_sealed"),
        (("", lambda member_id: destroy_keys("member", [member_id], now=NOW)), "member_erased"),
    ],
    ids=["identity went to nobody", "key lost", "erased"],
)
def test_value_that_cannot_be_sealed_is_rejected_and_the_others_stored(
    write: Write,
    import_file: Import,
    monkeypatch: pytest.MonkeyPatch,
    case: tuple[str, Callable[[int], object]],
    reason: str,
) -> None:
    """Between reading and storing something happens to the first row's member, or to who had its phone."""
    before, meanwhile = case
    if before:
        import_file("members", write(HEADER + before))
    decide = running.decide

    def disturb_then_decide(job: ImportJob) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT member_id FROM intake_staging_{job.pk} WHERE line = 2")
            meanwhile(cursor.fetchone()[0])
        decide(job)

    monkeypatch.setattr(running, "decide", disturb_then_decide)
    job = import_file("members", write(HEADER + "1,林晓,13800138000,,,,,\n2,周,13900139000,,,,,\n"))
    assert (job.state, job.counts["rows_read"], summary(job)) == ("done", 2, (1, 0, {reason: 1}, 1))
    assert phone_of(Member.objects.get(name="周")) == "13900139000"
    assert not Member.objects.filter(name="林晓").exists()


def test_dry_run_of_a_row_whose_member_was_made_meanwhile(
    write: Write, import_file: Import, monkeypatch: pytest.MonkeyPatch
) -> None:
    decide = running.decide

    def rival_then_decide(job: ImportJob) -> None:
        ensure_members(relation=f"intake_staging_{job.pk}", source="rival", now=NOW)
        decide(job)

    monkeypatch.setattr(running, "decide", rival_then_decide)
    job = import_file("members", write(HEADER + "1,林晓,13800138000,,,,,\n"), dry_run=True)
    assert (job.state, summary(job)) == ("done", (1, 0, {}, 0))


def test_repetition_of_a_refused_row_is_refused_too(write: Write, import_file: Import) -> None:
    import_file("members", write(HEADER + "1,林晓,13800138000,,,,,\n2,陈,13900139000,,,,,\n"))
    job = import_file("members", write(HEADER + "1,谁,13900139000,,,,,\n1,谁,13900139000,,,,,\n"))
    assert summary(job) == (0, 0, {"conflicting_identities": 2}, 0)
