"""Rule 34: a media id lives three days and serves the whole corp; sizes by type; more than five bytes."""

from wecom.simulator.clock import DAY
from wecom.simulator.errors import Refusal, refuse_if

LIFE, SMALLEST = 3 * DAY, 5
MB = 1024 * 1024
MEDIA = {"image": 10 * MB, "voice": 2 * MB, "video": 10 * MB, "file": 20 * MB}
ATTACHMENT = {"image": 10 * MB, "video": 10 * MB, "file": 10 * MB}
IMAGE = {"image": 2 * MB}
USES = {"media": MEDIA, "attachment": ATTACHMENT, "img": IMAGE}
TOO_LARGE = {"image": 40009, "voice": 40010, "video": 40011, "file": 40006}
HEADS = {"image": (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"), "voice": (b"#!AMR",)}


def check_upload(use: str, kind: str, body: bytes) -> None:
    """`use` is media, attachment or img."""
    refuse_if(kind not in USES[use], 40004)
    refuse_if(not body, 44001)
    refuse_if(len(body) <= SMALLEST, 40006)
    refuse_if(len(body) > USES[use][kind], TOO_LARGE[kind])
    if kind in HEADS and not body.startswith(HEADS[kind]):
        raise Refusal(40007, "the file is not of that type")


def check_use(*, known: bool, age: int) -> None:
    refuse_if(not known, 40007)
    refuse_if(age > LIFE, 40007, "media_id expired")
