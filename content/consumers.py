"""Who did what with what was published, followed from the timeline: an interaction names its slot in its properties."""

from django.db.backends.utils import CursorWrapper

from content.rules.reach_sql import KEEP, KEEP_EVERYTHING
from timeline.models import Consumer, consumers


class SlotReaches(Consumer):
    """Members by slot and kind of act; seeing a row twice changes nothing."""

    code = "content.slot_reach"
    table = "timeline_interaction"
    order = 200

    def begin(self, cursor: CursorWrapper) -> bool:
        cursor.execute(KEEP_EVERYTHING)
        return True

    def handle(self, cursor: CursorWrapper, batch: str) -> None:
        cursor.execute(KEEP.replace("{batch}", batch))


consumers.register(SlotReaches())
