"""What a consumer is. `timeline.services.follow` runs one; the consumers themselves stand in `consumers.py` of their apps."""

from typing import ClassVar

from django.db.backends.utils import CursorWrapper

from core.registries import Registry

FOLLOWED = ("timeline_purchase", "timeline_interaction", "timeline_touch", "timeline_rebuild")


class Consumer:
    """Sees each row of one table once, in the order of the transactions that wrote them, in batches.

    Its effect stands in one transaction with its cursor, so it happens exactly once. A stored order that grew comes
    again, with a row of `timeline_rebuild` for its member: a consumer either computes anew from the facts whatever a
    batch touches (then seeing a row twice is harmless), or follows `timeline_rebuild` too.
    """

    code: ClassVar[str]
    table: ClassVar[str]
    order: ClassVar[int] = 100
    batch_size: ClassVar[int] = 20_000

    def begin(self, cursor: CursorWrapper) -> bool:
        """Asked once, before the first batch: True if everything below the horizon has been dealt with at one stroke."""
        del cursor
        return False

    def handle(self, cursor: CursorWrapper, batch: str) -> None:
        """Deal with the rows of a batch, a relation with the columns of the table."""
        raise NotImplementedError


consumers: Registry[Consumer] = Registry("consumers")
