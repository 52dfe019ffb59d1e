"""Files of materials, kept under their fingerprints: the same file once, under a name that nobody chose."""

import hashlib
import os
import tempfile
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from content.errors import MaterialNotSaved
from content.models import MaterialVersion
from content.rules.files import ALLOWED, LARGEST, MB, type_of

HEAD = 32


@dataclass(frozen=True, kw_only=True)
class Kept:
    digest: str = ""
    name: str = ""
    mime: str = ""
    size: int = 0


def folder() -> Path:
    return Path(settings.MEDIA_ROOT) / "materials"


def place_of(digest: str) -> Path:
    return folder() / digest[:2] / digest


def keep_file(kind: str, file: "UploadedFile[bytes]") -> Kept:
    """Write it down once it is known what it is. Raises MaterialNotSaved for a kind or a size that is not accepted."""
    size = int(file.size or 0)
    if size > LARGEST[kind]:
        raise MaterialNotSaved(fields={"file": [_("At most %(size)d MB.") % {"size": LARGEST[kind] // MB}]})
    file.seek(0)
    found = type_of(file.read(HEAD))
    if found is None or found not in ALLOWED[kind]:
        raise MaterialNotSaved(fields={"file": [_("This kind of file is not accepted here; its name does not count.")]})
    digest = _write(file)
    return Kept(digest=digest, name=_plain_name(file.name or ""), mime=found.mime, size=size)


def remove_unused(digests: Iterable[str]) -> None:
    """Delete those that no version names any more. Call it after the commit that took the names away."""
    for digest in digests:
        if digest and not MaterialVersion.objects.filter(file_digest=digest).exists():
            place_of(digest).unlink(missing_ok=True)


def _write(file: "UploadedFile[bytes]") -> str:
    """Into a file beside its place and then there in one step: half a file is never found under a fingerprint.

    Whatever goes wrong, a full disk or a broken connection, leaves nothing beside it; what a killed process leaves,
    `content.services.tidying` takes away.
    """
    root = folder()
    root.mkdir(parents=True, exist_ok=True)
    file.seek(0)
    hashed = hashlib.sha256()
    with ExitStack() as undo:
        with tempfile.NamedTemporaryFile(dir=root, delete=False) as target:
            undo.callback(Path(target.name).unlink, missing_ok=True)
            for chunk in file.chunks():
                hashed.update(chunk)
                target.write(chunk)
            target.flush()
            os.fsync(target.fileno())
        place = place_of(hashed.hexdigest())
        place.parent.mkdir(exist_ok=True)
        Path(target.name).replace(place)
    return hashed.hexdigest()


def _plain_name(name: str) -> str:
    """The last part of it, printable, for the moment when it is downloaded."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(character for character in last if character.isprintable() and character not in '"<>|:*?')[-200:]
