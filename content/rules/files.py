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
INLINE = frozenset(each.mime for each in (JPEG, PNG, GIF, WEBP, MP4))


def type_of(head: bytes) -> FileType | None:
    """None for whatever is not on the list, SVG and HTML among it."""
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if head.startswith((b"GIF87a", b"GIF89a")):
        return GIF
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return WEBP
    if head[4:8] == b"ftyp":
        return MP4
    if head.startswith(b"%PDF-"):
        return PDF
    return OFFICE if head.startswith(b"PK\x03\x04") else None
