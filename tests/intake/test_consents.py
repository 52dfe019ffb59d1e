"""Consent history from files: once, in any order, and nothing that is no consent."""

from datetime import UTC, datetime

import pytest

from compliance.enums.consent import ConsentSource
from compliance.models import ConsentEvent, ConsentState
from compliance.services.consent import ConsentIn, record
from compliance.services.status import mark_erased
from members.models import Identity
from tests.intake.conftest import NOW, Import, Write

pytestmark = pytest.mark.django_db
HEADER = "会员号,目的,同意状态,时间,渠道,预勾选,页面\n"
ROWS = (
    "1,营销,撤回,2025-06-01 10:00,短信,,\n"
    "1,营销,同意,2025-01-05 20:01,,否,入会登记表\n"
    "2,marketing,yes,2025-01-05 20:01,wecom,,\n"
    "2,个性化,拒绝,2025-01-05 20:01,,,\n"
    "2,provide:acme,grant,2025-01-05 20:01,,,\n"
)


def test_history_is_stored_once_and_the_latest_holds(write: Write, import_file: Import) -> None:
    job = import_file("consents", write(HEADER + ROWS))
    assert {name: value for name, value in job.counts.items() if name != "seconds"} == {
        "rows_read": 5, "lines_stored": 5, "already_stored": 0, "rejected": {}, "members": 2,
    }  # fmt: skip
    assert import_file("consents", write(HEADER + ROWS)).counts["already_stored"] == 5
    held = ConsentState.objects.values_list("purpose", "channel", "action")
    assert sorted(held) == [
        ("marketing", "any", "grant"),
        ("marketing", "sms", "withdraw"),
        ("marketing", "wecom", "grant"),
        ("personalisation", "any", "refuse"),
        ("provide:acme", "any", "grant"),
    ]
    event = ConsentEvent.objects.get(purpose="marketing", channel="any")
    assert (event.source, event.page, event.occurred_at, event.received_at) == (
        "import", "入会登记表 · file · file.csv", datetime(2025, 1, 5, 12, 1, tzinfo=UTC), NOW,
    )  # fmt: skip


def test_history_does_not_undo_what_she_said_since(write: Write, import_file: Import) -> None:
    import_file("consents", write(HEADER + "1,营销,同意,2025-01-05,,,\n"))
    who = Identity.objects.get(lookup="1").member
    said = ConsentIn(member_id=who.pk, purpose="marketing", action="withdraw", occurred_at=NOW)
    record(said=said, source=ConsentSource.PAGE, by=None, now=NOW)
    import_file("consents", write(HEADER + "1,营销,同意,2025-02-05,,,\n"), source="100%s")
    assert ConsentState.objects.get().action == "withdraw"


def test_what_is_no_consent_stays_out(write: Write, import_file: Import) -> None:
    import_file("consents", write(HEADER + "9,营销,拒绝,2025-01-05,,,\n"))
    mark_erased(member_id=Identity.objects.get(lookup="9").member_id, by=None, now=NOW)
    rows = (
        "1,营销,同意,2025-01-05,,是,\n"
        "2,个性化,同意,2025-01-05,短信,,\n"
        "3,出售,同意,2025-01-05,,,\n"
        "4,营销,也许,2025-01-05,,,\n"
        "5,营销,同意,2036-01-05,,,\n"
        "9,营销,同意,2025-01-06,,,\n"
        "9,营销,撤回,2025-01-07,,,\n"
    )
    job = import_file("consents", write(HEADER + rows))
    assert job.counts["rejected"] == {
        "no_consent_event": 2, "unknown_value": 2, "future_date": 1, "member_erased": 1,
    }  # fmt: skip
    assert (job.counts["rows_read"], job.counts["lines_stored"]) == (7, 1)
