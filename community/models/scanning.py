"""What looks at messages while their text is in hand, in the transaction that stores them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db.backends.utils import CursorWrapper

from core.registries import Registry

#: A table or SELECT by name, and the moment of the import.
Scan = Callable[[CursorWrapper, str, datetime], None]


@dataclass(frozen=True, kw_only=True)
class BatchScan:
    """`scan(cursor, batch, now)` sees every stored message of a batch once; what it writes stands or falls with them.

    `batch` is a relation of new messages: message_id, group_id, participant_id, member_id (null: not known as one),
    staff_id, sent_at, day, kind, text (as it was said, at most 10,000 characters; '' for pictures and the like),
    length, links, digest (uuid of the folded text, null without text), mentions, reply_to_id.
    """

    code: str
    scan: Scan
    order: int = 100


batch_scans: Registry[BatchScan] = Registry("batch scans")
