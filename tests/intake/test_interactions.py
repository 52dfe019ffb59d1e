"""Interactions from files."""

from datetime import UTC, datetime

import pytest

from intake.models import ImportReject
from members.models import Identity, Member
from tests.intake.conftest import Import, Write
from timeline.models import Interaction

pytestmark = pytest.mark.django_db

HEADER = "会员号,行为,时间,页面,渠道,事件id\n"


def test_interactions_are_stored_once(write: Write, import_file: Import) -> None:
    rows = (
        "1,浏览,2026-01-05 20:01,秋季护肤指南,小程序,\n"
        "1,浏览,2026-01-05 20:01,秋季护肤指南,小程序,\n"
        "2,click,2026-01-05 20:01,home,,e-1\n"
        "2,click,2026-01-05 20:02,home,,e-1\n"
    )
    job = import_file("interactions", write(HEADER + rows))
    assert {name: value for name, value in job.counts.items() if name != "seconds"} == {
        "rows_read": 4, "lines_stored": 3, "already_stored": 1, "rejected": {}, "members": 2,
    }  # fmt: skip
    stored = Interaction.objects.order_by("kind").values_list("kind", "subject", "channel", "source", "occurred_at")
    moment = datetime(2026, 1, 5, 12, 1, tzinfo=UTC)
    assert list(stored) == [
        ("browse", "秋季护肤指南", "小程序", "file", moment),
        ("browse", "秋季护肤指南", "小程序", "file", moment),
        ("click", "home", "", "file", moment),
    ]
    assert import_file("interactions", write(HEADER + rows)).counts["already_stored"] == 4


def test_unknown_kinds_and_times_are_refused(write: Write, import_file: Import) -> None:
    rows = "1,dance,2026-01-05 20:01,home,,\n1,click,2036-01-05,home,,\n,click,2026-01-05,home,,\n"
    import_file("interactions", write(HEADER + rows))
    assert list(ImportReject.objects.order_by("line").values_list("line", "column", "reason", "value")) == [
        (2, 2, "unknown_value", "dance"),
        (3, 3, "future_date", "2036-01-05"),
        (4, 1, "no_customer", ""),
    ]
    assert not Interaction.objects.exists()
    assert not Member.objects.exists()


def test_merged_member_gets_the_facts_of_both(write: Write, import_file: Import) -> None:
    import_file("interactions", write(HEADER + "1,click,2026-01-05,a,,\n2,click,2026-01-05,b,,\n"))
    first, second = Identity.objects.order_by("lookup").values_list("member_id", flat=True)
    Member.objects.filter(pk=second).update(merged_into=first)
    import_file("interactions", write(HEADER + "2,click,2026-01-06,c,,\n"))
    assert Interaction.objects.get(subject="c").member_id == first


def test_equal_rows_without_a_key_happened_as_often_as_they_stand_there(write: Write, import_file: Import) -> None:
    row, other = "1,浏览,2026-01-05 20:01,首页,小程序,\n", "1,浏览,2026-01-05 20:01,首页,微信,\n"
    stored = [
        (job.counts["lines_stored"], job.counts["already_stored"])
        for job in (
            import_file("interactions", write(HEADER + rows, name))
            for name, rows in (
                ("two.csv", row * 2 + other),
                ("again.csv", other + row * 2),
                ("three.csv", row + other + row * 2),
                ("one.csv", row),
            )
        )
    ]
    assert stored == [(3, 0), (0, 3), (1, 3), (0, 1)]
    assert (Interaction.objects.count(), Interaction.objects.filter(channel="小程序").count()) == (4, 3)
