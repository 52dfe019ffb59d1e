"""What the audit's pages say of the seals: their state on top, one row's proof, and the health of the product."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Role
from accounts.models import User
from audit.admin.work import condition, waiting
from audit.enums import Place
from audit.models import AuditEntry, AuditSeal, AuditVerification
from audit.selectors import proof_of, says_first_bad, seal_state
from audit.services import verify
from segments.services import audiences
from tests.audit.logs import seal_all, tampering, write_rows
from tests.brand import administrator, signed_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def seals(tmp_path: Path, settings: Any) -> None:
    settings.SCRM_SEALS = tmp_path / "seals"


def page_of(entry: AuditEntry) -> str:
    return reverse("admin:audit_auditentry_proof", args=[entry.pk])


def text_of(page: str, language: str = "en") -> str:
    user = User.objects.filter(username="admin").first() or administrator()
    response = signed_in(user, language).get(page)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_state_of_the_seals_stands_on_top_of_the_list() -> None:
    write_rows(7)
    listing = reverse("admin:audit_auditentry_changelist")
    assert "nothing sealed yet" in text_of(listing)
    seal_all(now=timezone.now())
    verify(now=timezone.now())
    page = text_of(listing)
    for said in ("sealed up to", "seal 1", "file beside the database", ": 7 rows intact"):
        assert said in page
    assert "已封存至" in text_of(listing, "zh-hans")


def test_every_row_of_a_block_is_proved_in_words() -> None:
    write_rows(7)
    seal_all(block=5)
    for entry in AuditEntry.objects.all():
        proof = proof_of(entry)
        assert (proof.holds, proof.root_fits, proof.signature_fits, proof.anchors) == (True, True, True, (Place.FILE,))
    page = text_of(page_of(AuditEntry.objects.order_by("pk")[2]))
    assert "This row is what was written, unchanged." in page
    assert "It is number 3 of the 5 rows of seal 1" in page
    assert bytes(AuditSeal.objects.get(number=1).root).hex() in page
    assert "这一行与写入时一致" in text_of(page_of(AuditEntry.objects.earliest("pk")), "zh-hans")


def test_row_that_waits_for_its_seal_says_so() -> None:
    write_rows(1)
    proof = proof_of(AuditEntry.objects.get())
    assert (proof.holds, proof.seal) == (True, None)
    assert "it waits for its seal" in text_of(page_of(AuditEntry.objects.get()))


@pytest.mark.parametrize("also_the_hash", [False, True])
def test_row_that_was_changed_is_not_proved(also_the_hash: bool) -> None:
    write_rows(7)
    seal_all()
    entry = AuditEntry.objects.order_by("pk")[3]
    with tampering() as cursor:
        cursor.execute("UPDATE audit_auditentry SET reason = 'x' WHERE id = %s", [entry.pk])
        assert proof_of(entry).hash_fits is False
        if also_the_hash:
            cursor.execute("UPDATE audit_auditentry SET hash = %s WHERE id = %s", [proof_of(entry).hash, entry.pk])
        proof = proof_of(entry)
    assert (proof.hash_fits, proof.root_fits, proof.holds) == (also_the_hash, False, False)


def test_proof_is_for_those_who_may_see_the_audit() -> None:
    write_rows(1)
    guide = User.objects.create_user("guide", password="x", role=Role.GUIDE, is_staff=True)
    assert signed_in(guide).get(page_of(AuditEntry.objects.get())).status_code == 403
    assert signed_in(administrator()).get("/admin/audit/auditentry/999999/proof/").status_code == 404


def test_health_says_when_sealing_lags() -> None:
    now = timezone.now()
    write_rows(3)
    assert [item.state for item in condition(None, now + timedelta(minutes=4))] == ["good"]
    (late,) = condition(None, now + timedelta(minutes=7))
    assert (late.state, seal_state().waiting) == ("act", 3)
    seal_all(now=now)
    assert [item.state for item in condition(None, now + timedelta(minutes=7))] == ["good"]


def test_a_failed_verification_is_work_for_whoever_watches() -> None:
    now = timezone.now()
    assert list(waiting(None, now)) == []
    bad = {"fault": "row_missing", "row": 5, "seal": 2}
    AuditVerification.objects.create(at=now, rows=9, seals=2, unsealed=0, ok=False, first_bad=bad, seconds=0.1)
    (item,) = waiting(None, now)
    assert (item.state, item.detail) == ("act", says_first_bad(AuditVerification.objects.get()))
    page = text_of(reverse("admin:audit_auditentry_changelist"))
    assert "Row 5, sealed in seal 2, is missing." in page


def test_state_asks_little_however_long_the_log(django_assert_num_queries: Any) -> None:
    write_rows(50)
    seal_all(block=10)
    connection.ensure_connection()
    with django_assert_num_queries(4):
        seal_state()


def test_list_names_an_audience_and_tells_moments_as_other_lists_do() -> None:
    author = administrator()
    audience = audiences.create(
        name="高价值与新客", rule={"all": [{"filter": {"tier": ["new"]}}]}, by=author, now=timezone.now()
    )
    row = AuditEntry.objects.get(object_type="segments.audience", object_id=str(audience.pk))
    page = text_of(reverse("admin:audit_auditentry_changelist"))
    assert "audience 高价值与新客" in page
    assert f'<time datetime="{row.at.isoformat()}"' in page
    assert ">just now</time>" in page
