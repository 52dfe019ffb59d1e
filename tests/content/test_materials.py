"""The library: versions that never change, files that are what they are, each version with its own review."""

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.test import Client

from compliance.models import Review
from content.enums import MaterialKind
from content.errors import MaterialNotSaved
from content.models import Material, MaterialVersion
from content.rules.files import type_of
from content.selectors.materials import choices, library
from content.services import tidying
from content.services.files import folder, place_of
from content.services.materials import Body, add_version, archive_material, create_material
from content.services.tidying import tidy_files
from tests.content.people import DAY, NOW, approved, marketer, review_of, slot, version

pytestmark = [pytest.mark.django_db]
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64


@pytest.fixture(autouse=True)
def files(settings: LazySettings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def picture(content: bytes = PNG, name: str = "a.png") -> Body:
    return Body(title="海报", file=SimpleUploadedFile(name, content))


def test_new_version_leaves_the_old_one_and_its_review_alone() -> None:
    first = approved("第一版")
    second = add_version(material=first.material, body=Body(title="护肤指南", text="第二版"), by=marketer(), now=NOW)
    assert (first.number, second.number) == (1, 2)
    assert (review_of(first).state, review_of(second).state) == ("approved", "scanned")
    assert first.digest != second.digest


def test_same_content_is_no_new_version() -> None:
    first = version("同样")
    again = add_version(material=first.material, body=Body(title="护肤指南", text="同样"), by=marketer(), now=NOW)
    assert again == first
    assert MaterialVersion.objects.count() == 1


def test_version_is_evidence() -> None:
    made = version()
    with pytest.raises(DatabaseError), transaction.atomic():
        MaterialVersion.objects.filter(pk=made.pk).update(text="改")
    with pytest.raises(DatabaseError), transaction.atomic():
        made.delete()


def test_hits_of_the_lexicon_are_counted_when_it_is_written() -> None:
    review = Review.objects.get(pk=review_of(version("国家级品质")).pk)
    assert review.blocks >= 1


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("text", Body(title="", text="x")),
        ("text", Body(title="x", text=" ")),
        ("text", Body(title="x", text="a" * 20_001)),
        ("text", Body(title="x", text="a\x00")),
        ("text", Body(title="x", text="a", link="javascript:alert(1)")),
        ("link", Body(title="x")),
        ("link", Body(title="x", link="ftp://example.com/a")),
        ("mini_program", Body(title="x", app_id="wx1")),
        ("picture", Body(title="x")),
        ("poem", Body(title="x", text="a")),
    ],
)
def test_material_that_lacks_something_is_refused(kind: str, body: Body) -> None:
    with pytest.raises(MaterialNotSaved):
        create_material(kind=kind, body=body, by=marketer(), now=NOW)
    assert Material.objects.count() == 0


class Torn(SimpleUploadedFile):
    """The connection breaks off after the first piece."""

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        yield from super().chunks(chunk_size)
        raise ConnectionResetError


def test_file_that_breaks_off_leaves_nothing(files: Path) -> None:
    with pytest.raises(ConnectionResetError):
        create_material(kind="picture", body=Body(title="海报", file=Torn("a.png", PNG)), by=marketer(), now=NOW)
    assert [path for path in files.rglob("*") if path.is_file()] == []


def test_what_a_killed_process_left_is_tidied_and_an_upload_on_its_way_is_not(files: Path) -> None:
    kept = place_of(create_material(kind="picture", body=picture(), by=marketer(), now=NOW).file_digest)
    never_named = "ab" + "0" * 62
    place_of(never_named).parent.mkdir()
    left = {folder() / "tmp-left": 25, folder() / "tmp-coming": 23, place_of(never_named): 25}
    for path, hours in left.items():
        path.write_bytes(PNG)
        os.utime(path, ((NOW - timedelta(hours=hours)).timestamp(),) * 2)
    os.utime(kept, ((NOW - 400 * DAY).timestamp(),) * 2)
    assert tidy_files(now=NOW) == 2
    assert sorted(path for path in files.rglob("*") if path.is_file()) == sorted((folder() / "tmp-coming", kept))
    assert tidy_files(now=NOW) == 0


def test_nothing_to_tidy_where_nothing_was_ever_uploaded(files: Path) -> None:
    assert tidy_files(now=NOW) == 0


def test_file_uploaded_anew_while_the_others_are_tidied_stays(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its name was read before its version was there."""
    made = place_of(create_material(kind="picture", body=picture(), by=marketer(), now=NOW).file_digest)
    os.utime(made, ((NOW - timedelta(hours=1)).timestamp(),) * 2)
    monkeypatch.setattr(tidying, "unnamed_files", lambda: [made, made.with_name("gone")])
    assert tidy_files(now=NOW) == 0
    assert made.exists()


def test_file_is_kept_under_its_fingerprint_once(files: Path) -> None:
    one = create_material(kind="picture", body=picture(), by=marketer(), now=NOW)
    other = create_material(kind="picture", body=picture(name='..\\..\\b"<x>.png'), by=marketer(), now=NOW)
    assert one.file_digest == other.file_digest
    assert (one.file_type, one.file_size, other.file_name) == ("image/png", len(PNG), "bx.png")
    assert place_of(one.file_digest).read_bytes() == PNG
    assert len([path for path in files.rglob("*") if path.is_file()]) == 1


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("picture", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        ("picture", b"<!doctype html><script>alert(1)</script>"),
        ("picture", b"%PDF-1.7"),
        ("video", PNG),
        ("file", b"<html></html>"),
        ("file", b"MZ\x90"),
        ("picture", b""),
        ("picture", PNG + b"\0" * 10_000_000),
    ],
)
def test_file_that_is_something_else_or_too_large_is_refused(kind: str, content: bytes, files: Path) -> None:
    with pytest.raises(MaterialNotSaved):
        create_material(kind=kind, body=picture(content, "a.png"), by=marketer(), now=NOW)
    assert [path for path in files.rglob("*") if path.is_file()] == []
    assert Material.objects.count() == 0


def test_types_are_told_by_their_first_bytes() -> None:
    heads = (
        b"\xff\xd8\xff\xe0",
        PNG,
        b"GIF89a",
        b"RIFF\0\0\0\0WEBP",
        b"\0\0\0\x18ftypmp42",
        b"%PDF-1",
        b"PK\x03\x04",
        b"<svg",
    )
    found = [type_of(head) for head in heads]
    assert [each.mime if each else None for each in found] == [
        *("image/jpeg", "image/png", "image/gif", "image/webp", "video/mp4", "application/pdf", "application/zip", None)
    ]


def test_only_pictures_and_videos_are_shown_in_a_page() -> None:
    shown = create_material(kind="picture", body=picture(), by=marketer(), now=NOW)
    pdf = Body(title="手册", file=SimpleUploadedFile("a.html", b"%PDF-1.7 <script>"))
    handed = create_material(kind="file", body=pdf, by=marketer(), now=NOW)
    client = Client()
    client.force_login(marketer())
    answers = [client.get(f"/admin/materials/files/{each.pk}/") for each in (shown, handed)]
    assert [answer["Content-Type"] for answer in answers] == ["image/png", "application/octet-stream"]
    assert [answer["Content-Disposition"].split(";")[0] for answer in answers] == ["inline", "attachment"]
    assert {answer["X-Content-Type-Options"] for answer in answers} == {"nosniff"}
    assert [b"".join(answer.streaming_content) for answer in answers] == [PNG, b"%PDF-1.7 <script>"]  # type: ignore[attr-defined]


def test_archived_material_is_no_choice_but_stays_where_it_is_used() -> None:
    made = version()
    used = slot(given=made)
    archive_material(material=made.material, archived=True, by=marketer(), now=NOW)
    assert choices() == []
    assert choices(with_version=used.version_id) == [made]
    assert list(library()) == []
    assert [material.uses for material in library(archived=True)] == [1]
    with pytest.raises(MaterialNotSaved):
        add_version(material=made.material, body=Body(title="x", text="y"), by=marketer(), now=NOW + DAY)


def test_choices_are_the_newest_versions() -> None:
    first = version("第一版")
    second = add_version(material=first.material, body=Body(title="护肤指南", text="第二版"), by=marketer(), now=NOW)
    assert choices() == [second]
    assert set(MaterialKind.values) >= {first.material.kind}
