"""What an uploaded file is, by its first bytes; what may be shown in a page and what is only handed out as a file."""

from collections.abc import Mapping
from dataclasses import dataclass

from content.enums import MaterialKind

MB = 1_000_000


@dataclass(frozen=True)
class FileType:
    mime: str
    inline: bool = False


JPEG, PNG, GIF, WEBP = (FileType(f"image/{name}", inline=True) for name in ("jpeg", "png", "gif", "webp"))
MP4 = FileType("video/mp4", inline=True)
PDF = FileType("application/pdf")
OFFICE = FileType("application/zip")
ALLOWED: Mapping[str, tuple[FileType, ...]] = {
    MaterialKind.PICTURE: (JPEG, PNG, GIF, WEBP),
    MaterialKind.VIDEO: (MP4,),
    MaterialKind.FILE: (PDF, OFFICE, JPEG, PNG, MP4),
}
LARGEST: Mapping[str, int] = {
    MaterialKind.PICTURE: 10 * MB,
    MaterialKind.VIDEO: 200 * MB,
    MaterialKind.FILE: 50 * MB,
}
#: Place, first bytes, type.
MARKS: tuple[tuple[int, bytes, FileType], ...] = (
    (0, b"\xff\xd8\xff", JPEG),
    (0, b"\x89PNG\r\n\x1a\n", PNG),
    (0, b"GIF87a", GIF),
    (0, b"GIF89a", GIF),
    (8, b"WEBP", WEBP),
    (4, b"ftyp", MP4),
    (0, b"%PDF-", PDF),
    (0, b"PK\x03\x04", OFFICE),
)
INLINE = frozenset(each.mime for each in (JPEG, PNG, GIF, WEBP, MP4))


def type_of(head: bytes) -> FileType | None:
    """None for whatever is not on the list, SVG and HTML among it."""
    return next((kind for place, mark, kind in MARKS if head[place : place + len(mark)] == mark), None)
