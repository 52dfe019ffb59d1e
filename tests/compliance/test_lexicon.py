"""The lexicon in versions: who changed what and why, read back as it was, compared, taken from a file."""

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.enums import Role
from accounts.models import User
from audit.models import AuditEntry
from compliance.enums.content import Pack
from compliance.errors.content import LexiconMoved, LexiconNotChanged
from compliance.models import LexiconEntry, LexiconVersion
from compliance.models.lexicon import CONTENT
from compliance.selectors.lexicon import check_text, difference, digest_of, latest_version, search_entries
from compliance.services.lexicon import import_entries, retire_entry, save_entry, switch_packs

pytestmark = pytest.mark.django_db
NEW = {"phrase": "悦肤第一罐", "pack": "general", "severity": "warn", "law": "", "suggestion": "", "note": "约定"}


@pytest.fixture
def legal() -> User:
    return User.objects.create_user("legal", role=Role.LEGAL)


def save(by: User | None, entry: LexiconEntry | None = None, **values: str) -> LexiconVersion:
    return save_entry(values={**NEW, **values}, reason="理由", by=by, now=timezone.now(), entry=entry)


def words(text: str) -> list[str]:
    return [found.phrase for found in check_text(text).found]


def test_shipped_lexicon_is_version_one_with_its_fingerprint() -> None:
    version = latest_version()
    rows = list(LexiconEntry.objects.current().values_list(*CONTENT))
    assert (version.number, version.by, version.entries) == (1, None, len(rows))
    assert version.digest == digest_of(rows, version.packs)
    assert len(rows) >= 400


def test_new_phrase_makes_a_version_and_is_found_at_once(legal: User) -> None:
    assert words("悦肤第一罐") == []
    version = save(legal)
    assert (version.number, version.added, version.removed, version.by, version.reason) == (2, 1, 0, legal, "理由")
    assert words("悦 肤 第 一 罐") == ["悦肤第一罐"]
    entry = AuditEntry.objects.get(action="compliance.change_lexicon")
    assert (entry.actor_id, entry.reason, entry.object_label) == (legal.pk, "理由", "v2")
    assert entry.changes == {"phrases": [[], ["悦肤第一罐"]], "count": [0, 1]}


def test_changed_phrase_keeps_its_earlier_form_in_earlier_versions(legal: User) -> None:
    save(legal)
    old = LexiconEntry.objects.current().get(phrase="悦肤第一罐")
    save(legal, entry=old, severity="block")
    assert check_text("悦肤第一罐").blocks[0].phrase == "悦肤第一罐"
    of = {number: LexiconEntry.objects.in_version(number).filter(phrase="悦肤第一罐") for number in (1, 2, 3)}
    assert {number: [entry.severity for entry in found] for number, found in of.items()} == {
        1: [],
        2: ["warn"],
        3: ["block"],
    }
    with pytest.raises(LexiconMoved):
        save(legal, entry=old, severity="allow")


def test_ended_phrase_is_not_looked_for(legal: User) -> None:
    save(legal)
    entry = LexiconEntry.objects.current().get(phrase="悦肤第一罐")
    version = retire_entry(entry=entry, reason="不再需要", by=legal, now=timezone.now())
    assert (words("悦肤第一罐"), version.removed) == ([], 1)
    with pytest.raises(LexiconMoved):
        retire_entry(entry=entry, reason="再来", by=legal, now=timezone.now())


def test_packs_are_switched_and_the_statutory_one_stays(legal: User) -> None:
    assert words("稳赚不赔") == []
    version = switch_packs(packs=[Pack.FINANCE], reason="做理财", by=legal, now=timezone.now())
    assert version.packs == ["finance", "statutory"]
    assert words("稳赚不赔，国家级，全网最低价") == ["稳赚不赔", "国家级"]
    with pytest.raises(LexiconNotChanged):
        switch_packs(packs=[Pack.FINANCE], reason="再来", by=legal, now=timezone.now())


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"phrase": "第一"}, "phrase"),
        ({"phrase": "最"}, "phrase"),
        ({"phrase": "，。 "}, "phrase"),
        ({"phrase": "长" * 41}, "phrase"),
        ({"phrase": "国家級", "pack": "statutory"}, "phrase"),
        ({"pack": "nothing"}, "pack"),
        ({"severity": "maybe"}, "severity"),
        ({"note": "", "law": ""}, "law"),
        ({"suggestion": "x" * 301}, "suggestion"),
    ],
)
def test_faults_are_refused_and_change_nothing(legal: User, values: dict[str, str], field: str) -> None:
    with pytest.raises(LexiconNotChanged) as refused:
        save(legal, **values)
    assert list(refused.value.fields) == [field]
    assert latest_version().number == 1


def test_change_without_a_reason_is_refused(legal: User) -> None:
    with pytest.raises(LexiconNotChanged) as refused:
        save_entry(values=NEW, reason="  ", by=legal, now=timezone.now())
    assert list(refused.value.fields) == ["reason"]


def test_difference_tells_added_ended_and_changed(legal: User) -> None:
    now = timezone.now()
    save(legal)
    save(legal, phrase="悦肤第二罐")
    entry = LexiconEntry.objects.current().get(phrase="悦肤第一罐")
    save(legal, entry=entry, note="改了")
    gone = LexiconEntry.objects.current().filter(pack="property").first()
    assert gone is not None
    retire_entry(entry=gone, reason="不用", by=legal, now=now)
    switch_packs(packs=["general", "brand"], reason="换", by=legal, now=now)
    one, two, last = (LexiconVersion.objects.get(number=number) for number in (1, 2, latest_version().number))
    found = difference(one, last)
    assert [entry.phrase for entry in found.added] == ["悦肤第一罐", "悦肤第二罐"]
    assert ([entry.phrase for entry in found.removed], found.changed) == ([gone.phrase], [])
    assert (found.packs_on, found.packs_off) == (["brand"], ["cosmetics", "food", "medical", "promotion"])
    assert [(old.note, new.note) for old, new in difference(two, last).changed] == [("约定", "改了")]


def test_file_is_one_version_or_none(legal: User) -> None:
    rows = [{**NEW, "phrase": "甲乙丙"}, {**NEW, "phrase": "丁戊己"}, {**NEW, "phrase": "甲 乙 丙"}]
    done = import_entries(rows=rows, replace=False, reason="导入", by=legal, now=timezone.now())
    assert (done.added, done.changed, done.same, done.removed, latest_version().number) == (2, 0, 0, 0, 2)
    rows[0]["note"] = "新"
    again = import_entries(rows=rows[:2], replace=False, reason="导入", by=legal, now=timezone.now())
    assert (again.added, again.changed, again.same, again.removed) == (0, 1, 1, 0)
    same = import_entries(rows=rows[:2], replace=False, reason="导入", by=legal, now=timezone.now())
    assert (same.version, latest_version().number) == (None, 3)
    with pytest.raises(LexiconNotChanged) as refused:
        import_entries(rows=[*rows, {**NEW, "phrase": "最"}], replace=False, reason="x", by=legal, now=timezone.now())
    assert str(refused.value.fields["file"][0]).startswith(("第 5 行", "Row 5"))
    assert latest_version().number == 3


def test_file_that_replaces_ends_the_rest_of_its_packs(legal: User) -> None:
    rows = [{**NEW, "pack": "property", "phrase": "甲乙丙"}]
    before = LexiconEntry.objects.current().filter(pack="property").count()
    done = import_entries(rows=rows, replace=True, reason="换", by=legal, now=timezone.now())
    assert (done.added, done.removed) == (1, before)
    assert list(LexiconEntry.objects.current().filter(pack="property").values_list("phrase", flat=True)) == ["甲乙丙"]


def test_search_finds_disguised_words_and_laws() -> None:
    assert search_entries(words="國家級")[0].phrase == "国家级"
    assert {entry.pack for entry in search_entries(words="第二十五条")} == {"finance", "general"}
    assert {entry.severity for entry in search_entries(pack="statutory", severity="allow")} == {"allow"}


def test_checking_again_asks_one_small_query() -> None:
    check_text("国家级")
    with CaptureQueriesContext(connection) as captured:
        check_text("国家级")
    assert len(captured) == 1


@pytest.mark.parametrize(
    "statement", ["UPDATE compliance_lexiconversion SET reason = 'x'", "DELETE FROM compliance_lexiconversion"]
)
def test_versions_are_evidence(statement: str) -> None:
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_database_holds_each_key_once_per_pack() -> None:
    entry = LexiconEntry.objects.current().first()
    assert entry is not None
    with pytest.raises(IntegrityError), transaction.atomic():
        LexiconEntry.objects.create(**entry.content, key=entry.key, since=9)
