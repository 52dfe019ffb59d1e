"""A draw that cannot or shall not be drawn is made void: one person asks and writes the notice, another one confirms.

Until then nothing changes for members: a draw whose hour comes first is drawn, and the request is gone.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from accounts.models import User
from audit.rules import Changes
from audit.services import record
from compliance.errors.content import WordsForbidden
from compliance.selectors.lexicon import check_text
from loyalty.enums import DrawState
from loyalty.errors import OfferStateWrong, OtherPersonVoids, VoidChanged, VoidNotSaid
from loyalty.models import Draw, Prize
from loyalty.selectors.draws import VOIDABLE, prizes_of

LONGEST = {"reason": 300, "notice": 1000}
ASKED = ("void_reason", "void_notice", "void_asked_by", "void_asked_at", "version")


@transaction.atomic
def ask_to_void(*, draw: Draw, reason: str, notice: str, by: User, now: datetime) -> Draw:
    """`reason` is for the record, `notice` what members read once it is void. Nothing else changes yet.

    Raises VoidNotSaid, WordsForbidden, or OfferStateWrong for a draw that was run, is void, or has a request already.
    """
    draw = _locked(draw)
    if draw.void_asked_at is not None:
        raise OfferStateWrong
    said = {"reason": _plain(reason), "notice": _plain(notice)}
    faults = {
        name: [_("Between 1 and %(limit)d characters.") % {"limit": limit}]
        for name, limit in LONGEST.items()
        if not 0 < len(said[name]) <= limit
    }
    if faults:
        raise VoidNotSaid(fields=faults)
    _require_lawful(said["notice"])
    draw.void_reason, draw.void_notice = said["reason"], said["notice"]
    draw.void_asked_by, draw.void_asked_at = by, now
    draw.version += 1
    draw.save(update_fields=ASKED)
    changes: Changes = {"void_notice": [None, draw.void_notice]}
    record(by=by, action="loyalty.ask_void_draw", obj=draw, changes=changes, reason=draw.void_reason, at=now)
    return draw


@transaction.atomic
def keep_draw(*, draw: Draw, by: User, now: datetime) -> Draw:
    """Take the request back, or refuse it: the draw goes on as it stands. Raises OfferStateWrong without a request."""
    draw = _asked(draw)
    changes: Changes = {"void_notice": [draw.void_notice, None]}
    forget_request(draw)
    draw.save(update_fields=ASKED)
    record(by=by, action="loyalty.keep_draw", obj=draw, changes=changes, at=now)
    return draw


@transaction.atomic
def void_draw(*, draw: Draw, version: int, by: User, now: datetime) -> Draw:
    """No entries and no winners any more; its prizes are free for others. Its entries stay, and its seed stays sealed.

    `version` is the draw's where the request was read. Raises OtherPersonVoids for whoever asked, VoidChanged where
    another request stands there by now, WordsForbidden, or OfferStateWrong.
    """
    draw = _asked(draw)
    if draw.version != version:
        raise VoidChanged
    if by.pk == draw.void_asked_by_id:
        raise OtherPersonVoids
    _require_lawful(draw.void_notice)
    for prize, quantity in sorted(prizes_of(draw)):
        Prize.objects.filter(pk=prize).update(reserved=F("reserved") - quantity)
    changes: Changes = {
        "state": [draw.state, DrawState.VOIDED],
        "void_notice": [None, draw.void_notice],
        "entries": [None, draw.entries.count()],
    }
    draw.state, draw.voided_by, draw.voided_at = DrawState.VOIDED, by, now
    draw.save(update_fields=["state", "voided_by", "voided_at"])
    record(by=by, action="loyalty.void_draw", obj=draw, changes=changes, reason=draw.void_reason, at=now)
    return draw


def forget_request(draw: Draw) -> None:
    """For a locked row that the caller saves, with ASKED."""
    draw.void_reason = draw.void_notice = ""
    draw.void_asked_by = draw.void_asked_at = None
    draw.version += 1


def _locked(draw: Draw) -> Draw:
    """Waits for entries on their way, as whoever runs it does."""
    locked = Draw.objects.select_for_update().get(pk=draw.pk)
    if locked.state not in VOIDABLE:
        raise OfferStateWrong
    return locked


def _asked(draw: Draw) -> Draw:
    locked = _locked(draw)
    if locked.void_asked_at is None:
        raise OfferStateWrong
    return locked


def _require_lawful(notice: str) -> None:
    """What the law forbids nobody lets pass; everything else of so short a text the second person reads."""
    forbidden = [found.text for found in check_text(notice).blocks]
    if forbidden:
        raise WordsForbidden(fields={"notice": ["、".join(dict.fromkeys(forbidden))]})


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\x00", "").strip()
