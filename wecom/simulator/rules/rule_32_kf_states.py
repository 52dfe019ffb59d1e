"""Rule 32: 0→1/2/3, 1→2/3, 2→3 or 4, 3→3/4, nothing from 4; 95016. The official flow is a picture: the edges are a switch."""

from wecom.simulator.errors import refuse_if

NEW, BOT, POOL, STAFF, ENDED = range(5)
EDGES = {NEW: {BOT, POOL, STAFF}, BOT: {POOL, STAFF}, POOL: {STAFF, ENDED}, STAFF: {STAFF, ENDED}, ENDED: set[int]()}
LENIENT = {**{state: {BOT, POOL, STAFF, ENDED} for state in (NEW, BOT, POOL, STAFF)}, ENDED: set[int]()}
WITH_CODE = {POOL, STAFF, ENDED}  # a message may follow, by msg_code


def check_move(before: int, after: int, *, edges: str) -> None:
    allowed = LENIENT if edges == "lenient" else EDGES
    refuse_if(after not in allowed[before], 95016)


def check_servicer(*, is_servicer: bool, stopped: int) -> None:
    refuse_if(not is_servicer, 95014)
    refuse_if(stopped, 95019)
