"""Files of KOC and members: recognised by their first bytes, kept sealed, gone with whoever they show."""

import hashlib
import io
import secrets
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from community.errors.work import DeliveryNotValid
from community.models import WorkFile
from content.enums import MaterialKind
from content.rules.files import ALLOWED, LARGEST, MB, FileType, type_of
from core.files.sealed import sealed_file, sealed_pieces
from core.rules.crypto import Sealer
from core.services.sealing import Erased, open_one, seal
from core.services.surprises import each_by_itself

KEY = WorkFile._meta.get_field("key")
KEY_BYTES = 32
HEAD = 32
LONGEST_NAME = 200
TYPES: frozenset[FileType] = frozenset(kind for kinds in ALLOWED.values() for kind in kinds)
LARGEST_FILE = LARGEST[MaterialKind.FILE]
LEFT_AFTER = timedelta(days=1)


def recognised(file: "UploadedFile[bytes]") -> FileType:
    """What it is. Raises DeliveryNotValid for a kind or a size that is not accepted."""
    size = int(file.size or 0)
    if not 0 < size <= LARGEST_FILE:
        raise DeliveryNotValid(fields={"file": [_("Between 1 byte and %(size)d MB.") % {"size": LARGEST_FILE // MB}]})
    file.seek(0)
    found = type_of(file.read(HEAD))
    if found is None or found not in TYPES:
        message = _("Pictures, MP4 videos, PDF and Office files are accepted; the file's name does not count.")
        raise DeliveryNotValid(fields={"file": [message]})
    return found


def keep_work_file(*, member_id: int, file: "UploadedFile[bytes]", now: datetime) -> WorkFile:
    """Write it down once it is known what it is. Raises DeliveryNotValid as `recognised` does."""
    found = recognised(file)
    key = secrets.token_bytes(KEY_BYTES)
    kept = WorkFile.objects.create(
        member_id=member_id,
        name=_plain_name(file.name or ""),
        mime=found.mime,
        size=int(file.size or 0),
        digest="",
        key=seal(KEY, subject_id=member_id, text=key.hex()),
        at=now,
    )
    kept.digest = _write(kept, file, key)
    kept.save(update_fields=["digest"])
    return kept


def read_work_file(kept: WorkFile) -> Iterator[bytes]:
    """In clear, piece by piece; nothing where her key is gone. Raises FileNotFoundError, SealBroken."""
    key = open_one(KEY, subject_id=kept.member_id, sealed=kept.key)
    if not key or isinstance(key, Erased):
        return iter(())
    return sealed_pieces(place_of(kept), Sealer(key=bytes.fromhex(key)), _context(kept))


def as_upload(kept: WorkFile) -> "UploadedFile[bytes]":
    """The same file, to be given to another service."""
    whole = io.BytesIO()
    for piece in read_work_file(kept):
        whole.write(piece)
    return SimpleUploadedFile(kept.name, whole.getvalue(), content_type=kept.mime)


def remove_work_files(files: Iterable[WorkFile]) -> int:
    """What is known of them at once, what lies on disk after the commit. Answers how many."""
    places = {kept.pk: place_of(kept) for kept in files}
    for place in places.values():
        transaction.on_commit(partial(place.unlink, missing_ok=True))
    removed: int = WorkFile.objects.filter(pk__in=places).delete()[0]
    return removed


def tidy_work_files(*, now: datetime) -> int:
    """Remove what a transaction that failed left on disk, a day after. Answers how many."""
    paths = [path for path in _folder().glob("*.sealed") if _is_older(path, now - LEFT_AFTER)]
    known = set(WorkFile.objects.filter(pk__in=[path.stem for path in paths]).values_list("pk", flat=True))
    left = [path for path in paths if int(path.stem) not in known]
    return len(each_by_itself(left, lambda path: path.unlink(missing_ok=True)))


def place_of(kept: WorkFile) -> Path:
    return _folder() / f"{kept.pk}.sealed"


def _folder() -> Path:
    return Path(settings.MEDIA_ROOT) / "work"


def _is_older(path: Path, than: datetime) -> bool:
    """One that was removed meanwhile is not there to be old."""
    with suppress(FileNotFoundError):
        return path.stat().st_mtime < than.timestamp()
    return False


def _write(kept: WorkFile, file: "UploadedFile[bytes]", key: bytes) -> str:
    hashed = hashlib.sha256()
    file.seek(0)
    with sealed_file(place_of(kept), Sealer(key=key), _context(kept)) as sealed:
        for chunk in file.chunks():
            hashed.update(chunk)
            sealed.write(chunk)
    return hashed.hexdigest()


def _context(kept: WorkFile) -> bytes:
    return f"community.workfile:{kept.pk}".encode()


def _plain_name(name: str) -> str:
    """The last part of it, printable, for the moment when it is downloaded."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    plain = "".join(character for character in last if character.isprintable() and character not in '"<>|:*?')
    return plain[-LONGEST_NAME:] or "file"
