"""Members as a file: a reason, a second person above a thousand rows, sealed on disk, a record of each step, a day."""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest.mock import Mock

import openpyxl
import pytest
from django.conf import LazySettings
from django.http import QueryDict
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from accounts.enums import Role
from accounts.errors import ExportNotReady, ExportNotYours, FourEyes, ReasonMissing
from accounts.models import Export, ExportSubject, InAppNotice, Store, User
from accounts.services import exports
from audit.models import AuditEntry
from compliance.errors.registers import AssessmentMissing
from members.admin import searching
from members.models import Member
from members.services import add_identity
from tests import api
from tests.assessments import assess

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 1, 4, tzinfo=UTC)
PHONE = "13911112222"


@pytest.fixture(autouse=True)
def home(settings: LazySettings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def store() -> Store:
    return api.store("ours")


def person(role: Role, name: str = "", *stores: Store) -> User:
    made = User.objects.create(username=name or str(role), role=role, is_staff=True, display_name=f"王{role}")
    made.stores.set(stores)
    return made


def ask(by: User, layout: str = "csv", **parameters: list[str]) -> Export:
    return exports.request_export(
        kind="members", layout=layout, parameters=parameters, reason="Spring letter", by=by, now=NOW
    )


def content(export: Export, by: User, now: datetime = NOW) -> bytes:
    return b"".join(exports.open_export(export=export, by=by, now=now))


def table(export: Export, by: User) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content(export, by).decode("utf-8-sig"), newline="")))


def acts() -> list[str]:
    return list(AuditEntry.objects.filter(action__contains="export").order_by("id").values_list("action", flat=True))


def test_a_short_list_is_made_and_fetched_with_a_record_of_each_step(store: Store, home: Path) -> None:
    by = person(Role.MARKETER)
    member = api.member("C1", home_store=store, name="=1+1")
    add_identity(member=member, type="phone", value=PHONE, by=None, now=NOW)
    add_identity(member=member, type="unionid", value="oYF-union-7781", by=None, now=NOW)
    export = ask(by)
    assert exports.run_export(export_id=export.pk, now=NOW)
    assert not exports.run_export(export_id=export.pk, now=NOW)
    found = table(export, by)
    assert found[1][1] == "'=1+1"
    text = content(export, by).decode("utf-8-sig")
    assert "139****2222" in text
    assert PHONE not in text
    assert "unionid: ***7781" in text
    assert "external_id: C1" in text
    assert "Spring letter" in text
    assert by.username in text
    assert acts() == [
        "accounts.request_export",
        "accounts.make_export",
        "accounts.download_export",
        "accounts.download_export",
    ]
    (lying,) = home.rglob("*.sealed")
    assert lying.stat().st_mode & 0o077 == 0
    for plain in (b"=1+1", b"Spring", b"139****"):
        assert plain not in lying.read_bytes()


def test_a_workbook_bears_its_watermark(store: Store) -> None:
    by = person(Role.MARKETER)
    api.member("C1", home_store=store, name="林")
    export = ask(by, "xlsx")
    exports.run_export(export_id=export.pk, now=NOW)
    book = openpyxl.load_workbook(io.BytesIO(content(export, by)))
    assert [cell.value for cell in book["Data"]["B"]][1] == "林"
    about = "\n".join(str(cell.value) for cell in book["About"]["A"])
    assert by.username in about
    assert "Spring letter" in about
    assert "2026-03-01 12:00" in about


def test_whoever_is_held_to_a_store_takes_out_its_members(store: Store) -> None:
    by = person(Role.STORE_MANAGER, "manager", store)
    api.member("C1", home_store=store, name="林")
    api.member("C2", home_store=api.store("theirs"), name="周")
    export = ask(by)
    exports.run_export(export_id=export.pk, now=NOW)
    text = content(export, by).decode()
    assert "林" in text
    assert "周" not in text


def test_who_may_not_see_identities_gets_none_and_masked_names(store: Store) -> None:
    by = person(Role.ANALYST)
    api.member("C1-card", home_store=store, name="林小雨")
    export = ask(by)
    exports.run_export(export_id=export.pk, now=NOW)
    text = content(export, by).decode()
    assert ("C1-card" in text, "林小雨" in text, "林*雨" in text) == (False, False, True)


def test_a_role_without_the_permission_and_an_empty_reason_are_refused(store: Store) -> None:
    with pytest.raises(ExportNotYours):
        ask(person(Role.GUIDE))
    with pytest.raises(ReasonMissing):
        exports.request_export(
            kind="members", layout="csv", parameters={}, reason=" ", by=person(Role.MARKETER), now=NOW
        )
    assert acts() == []


@pytest.fixture
def many(monkeypatch: pytest.MonkeyPatch, store: Store) -> Iterator[None]:
    """More than one person may take out alone, with a limit of two."""
    monkeypatch.setattr(exports, "ALONE", 2)
    for number in range(3):
        api.member(f"M{number}", home_store=store)
    yield


def test_a_long_list_waits_for_a_second_person(many: None) -> None:
    by, second = person(Role.MARKETER), person(Role.ADMINISTRATOR)
    export = ask(by)
    assert export.state == "waiting"
    assert InAppNotice.objects.get().recipient == second
    assert not exports.run_export(export_id=export.pk, now=NOW)
    for wrong in (by, person(Role.MARKETER, "another")):
        with pytest.raises(FourEyes):
            exports.decide_export(export=export, allow=True, by=wrong, now=NOW)
    with pytest.raises(AssessmentMissing):
        exports.decide_export(export=export, allow=True, by=second, now=NOW)
    assess("large_export", now=NOW)
    exports.decide_export(export=export, allow=True, by=second, now=NOW)
    with pytest.raises(ExportNotReady):
        exports.decide_export(export=export, allow=False, by=second, now=NOW)
    exports.run_export(export_id=export.pk, now=NOW)
    assert len(table(export, by)) == 4 + 1 + 6
    held = ExportSubject.objects.filter(export=export).values_list("subject_id", flat=True)
    assert set(held) == set(Member.objects.values_list("pk", flat=True))
    with pytest.raises(ExportNotYours):
        content(export, second)


def test_whoever_decides_sees_how_many_and_by_which_filters(many: None, store: Store) -> None:
    by = person(Role.MARKETER)
    api.member("X")
    export = ask(by, store=["ours"], q=[sealed_search("林", by)])
    assert (ask(by).rows, export.rows, export.state) == (4, 0, "queued")
    export = ask(by, store=["ours"])
    assert (export.rows, AuditEntry.objects.latest("pk").changes["rows"]) == (3, [None, 3])
    with translation.override("en"):
        kind = exports.export_kinds.get("members")
        assert kind.filters(by, export.parameters) == [f"home store: {store}"]
        searched = kind.filters(by, {"q": [sealed_search("林", by)]})
    assert searched == ["search: something typed into the search"]


def test_no_more_is_made_than_was_allowed(many: None, store: Store) -> None:
    by = person(Role.MARKETER)
    export = ask(by)
    assess("large_export", now=NOW)
    exports.decide_export(export=export, allow=True, by=person(Role.ADMINISTRATOR), now=NOW)
    api.member("late", home_store=store)
    exports.run_export(export_id=export.pk, now=NOW)
    export.refresh_from_db()
    assert (export.state, acts()[-1]) == ("failed", "accounts.export_grew")


def test_rows_of_a_day_are_added_up(store: Store, settings: LazySettings) -> None:
    settings.SCRM_EXPORT_ROWS_A_DAY = 5
    by, another = person(Role.MARKETER), person(Role.MARKETER, "another")
    for number in range(2):
        api.member(f"M{number}", home_store=store)
    made = [ask(by), ask(by)]
    exports.run_export(export_id=made[0].pk, now=NOW)
    assert [ask(by).state, ask(another).state] == ["waiting", "queued"]
    later = NOW + timedelta(hours=24)
    asked = exports.request_export(kind="members", layout="csv", parameters={}, reason="x", by=by, now=later)
    assert asked.state == "queued"


def sealed_search(text: str, by: User) -> str:
    return searching.sealed(QueryDict(f"q={text}"), by=by, now=timezone.now())["q"]


def test_an_administrator_does_not_allow_her_own(many: None) -> None:
    by = person(Role.ADMINISTRATOR)
    with pytest.raises(FourEyes):
        exports.decide_export(export=ask(by), allow=True, by=by, now=NOW)


def test_what_is_refused_is_not_made(many: None) -> None:
    export = ask(person(Role.MARKETER))
    exports.decide_export(export=export, allow=False, by=person(Role.LEGAL), now=NOW)
    assert not exports.run_export(export_id=export.pk, now=NOW)


def test_a_list_that_grew_is_refused_in_words_and_never_cut(
    monkeypatch: pytest.MonkeyPatch, store: Store, home: Path
) -> None:
    monkeypatch.setattr(exports, "ALONE", 2)
    by = person(Role.MARKETER)
    api.member("A", home_store=store)
    export = ask(by)
    for number in range(5):
        api.member(f"B{number}", home_store=store)
    exports.run_export(export_id=export.pk, now=NOW)
    export.refresh_from_db()
    assert (export.state, export.salt) == ("failed", None)
    assert not list(home.rglob("*.sealed"))
    assert acts() == ["accounts.request_export", "accounts.export_grew"]
    assert InAppNotice.objects.get().recipient == by
    with pytest.raises(ExportNotReady):
        content(export, by)


def test_an_export_that_fails_and_each_download_are_on_record(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    by = person(Role.MARKETER)
    export = ask(by)
    with monkeypatch.context() as broken, pytest.raises(OSError, match="disk"):
        broken.setattr(exports, "sealed_file", Mock(side_effect=OSError("disk full")))
        exports.run_export(export_id=export.pk, now=NOW)
    assert acts() == ["accounts.request_export", "accounts.fail_export"]
    again = ask(by)
    exports.run_export(export_id=again.pk, now=NOW)
    for _time in range(2):
        content(again, by)
    assert acts()[-2:] == ["accounts.download_export"] * 2


def test_a_file_is_gone_after_a_day(store: Store, home: Path) -> None:
    by = person(Role.MARKETER)
    export = ask(by)
    exports.run_export(export_id=export.pk, now=NOW)
    assert exports.expire_exports(now=NOW + timedelta(hours=23)) == 0
    with pytest.raises(ExportNotReady):
        content(export, by, NOW + timedelta(hours=24))
    assert exports.expire_exports(now=NOW + timedelta(hours=24)) == 1
    export.refresh_from_db()
    assert (export.state, export.salt, list(home.rglob("*.sealed"))) == ("expired", None, [])


def test_the_pages_ask_allow_and_hand_out(many: None) -> None:
    by, second = person(Role.MARKETER), person(Role.ADMINISTRATOR)
    mine, theirs = Client(headers={"accept-language": "en"}), Client(headers={"accept-language": "en"})
    mine.force_login(by)
    theirs.force_login(second)
    page = reverse("accounts:export_new") + "?kind=members"
    assert "3 rows. A second person has to allow this export." in mine.get(page).content.decode()
    assert mine.post(page, {"layout": "csv", "reason": ""}).status_code == 400
    assert mine.post(page, {"layout": "csv", "reason": "letter"}).status_code == 302
    export = Export.objects.get()
    assert mine.post(reverse("accounts:export_decide", args=(export.pk,)), {"decision": "allow"}).status_code == 403
    waiting = theirs.get(reverse("accounts:exports")).content.decode()
    assert "Allow" in waiting
    assert "3 rows · not narrowed by any filter" in waiting
    assess("large_export")
    theirs.post(reverse("accounts:export_decide", args=(export.pk,)), {"decision": "allow"})
    exports.run_export(export_id=export.pk, now=datetime.now(UTC))
    where = reverse("accounts:export_download", args=(export.pk,))
    assert theirs.post(where).status_code == 404
    assert mine.get(where).status_code == 405
    answer = mine.post(where)
    assert answer["Content-Disposition"] == f'attachment; filename="scrm-members-{export.pk}.csv"'
    assert len(b"".join(answer.streaming_content)) == Export.objects.get().size  # type: ignore[attr-defined]
    assert Member.objects.count() == 3


def test_a_search_is_kept_sealed(store: Store) -> None:
    by = person(Role.MARKETER)
    member = api.member("C1", home_store=store)
    add_identity(member=member, type="phone", value=PHONE, by=None, now=NOW)
    client = Client()
    client.force_login(by)
    where = client.post(reverse("admin:members_member_changelist"), {"q": PHONE})["Location"]
    client.post(
        f"{reverse('accounts:export_new')}?kind=members&{where.partition('?')[2]}", {"layout": "csv", "reason": "x"}
    )
    export = Export.objects.get()
    assert export.rows == 1
    assert PHONE not in str(Export.objects.values_list())
