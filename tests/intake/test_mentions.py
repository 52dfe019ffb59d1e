"""A person is found in uploads however they are packed, and in those that broke off; others' files stay."""

import gzip
import io
import os
import zipfile
from pathlib import Path

import pytest
from pytest_django import Settings

from intake.errors import ImportsInTheWay
from intake.models import ImportJob
from intake.privacy import erase_imports
from intake.rules.mentions import mentions
from intake.services import receive_upload
from members.enums import IdentityType
from members.services import create_member
from tests.brand import administrator
from tests.intake.conftest import NOW

PHONE = "+8613800138000"
HERS, OTHERS = "手机号,姓名\n13800138000,林晓\n", "手机号,姓名\n13900139000,王芳\n"


def workbook(text: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings.xml", text)
    return packed.getvalue()


def written(text: str) -> dict[str, bytes]:
    """The same text as plain bytes, packed, as a workbook, and as a packed workbook."""
    plain = text.encode("gb18030")
    return {
        "a.csv": plain,
        "a.csv.gz": gzip.compress(plain),
        "a.xlsx": workbook(text),
        "a.xlsx.gz": gzip.compress(workbook(text)),
    }


@pytest.mark.parametrize("name", written(""))
def test_person_is_found_however_the_file_is_packed(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    for text, found in ((HERS, True), (OTHERS, False)):
        path.write_bytes(written(text)[name])
        assert mentions(path, {PHONE}) is found


def damaged(content: bytes) -> bytes:
    return content[:60] + bytes([content[60] ^ 0xFF]) + content[61:]


@pytest.mark.parametrize("content", [gzip.compress(OTHERS.encode())[:-9], damaged(workbook(OTHERS))])
def test_file_that_cannot_be_read_to_its_end_may_name_her(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "damaged"
    path.write_bytes(content)
    assert mentions(path, {PHONE}) is True


@pytest.mark.django_db
def test_erasing_her_takes_packed_uploads_and_those_that_broke_off(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    who = create_member(by=None, now=NOW, name="林晓", identities=[{"type": IdentityType.PHONE, "value": PHONE}])
    by = administrator()
    for text in (HERS, OTHERS):
        packed = gzip.compress(text.encode())
        receive_upload(kind="members", chunks=[packed], file_name="a.csv.gz", by=by, now=NOW)
    folder = tmp_path / "imports"
    for name, text in (("tmp-hers", HERS), ("tmp-others", OTHERS)):
        (folder / name).write_text(text, encoding="utf-8")
    cut_off = folder / "tmp-growing"
    cut_off.write_bytes(gzip.compress(OTHERS.encode())[:-9])
    with pytest.raises(ImportsInTheWay):  # somebody is writing to it
        erase_imports(who.pk)
    os.utime(cut_off, (0, 0))  # and has stopped
    assert erase_imports(who.pk) == 2
    kept = ImportJob.objects.exclude(path="").get()
    assert sorted(path.name for path in folder.iterdir()) == sorted((Path(kept.path).name, "tmp-others"))
    assert b"13900139000" in gzip.decompress(Path(kept.path).read_bytes())
