"""What goes with a person: what she handed in, what she made, her name on orders. Sums of the brand stay without her."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from django.db import connection, transaction
from django.db.models import CharField, F, Value
from django.db.models.functions import Concat

from audit.services import Target, record
from community.enums.ugc import UgcState
from community.models import Delivery, ShareOrder, Ugc, WorkFile
from community.services.ugc import take_out_of_use
from community.services.work_files import remove_work_files
from content.services.files import remove_unused

ERASED = Concat(Value("erased-"), F("purchase_id"), output_field=CharField())


@transaction.atomic
def forget_person(*, member_id: int, now: datetime) -> int:
    """Safe to repeat; answers how many rows changed.

    What of hers is in use is taken out first, so that whoever planned with it hears of it; then the words themselves, out
    of the materials that were made of them and of what the reviewers read and approved. The ledger names a KOC and no
    member: it stays as it is, which the law on accounts asks for, and leads to nobody once her KOC has lost its member.
    """
    pieces = list(Ugc.objects.select_for_update(of=("self",)).filter(member=member_id).order_by("pk"))
    numbers = [piece.pk for piece in pieces]
    changed = take_out_of_use(pieces=pieces, state=UgcState.WITHDRAWN, by=None, now=now)
    changed += Ugc.objects.filter(pk__in=numbers).update(
        member=None, koc=None, delivery=None, file=None, title="", text="", link="", source_key="", consent_event=None
    )
    prints = _forget_words(numbers)
    given = Delivery.objects.filter(koc__member=member_id)
    changed += given.exclude(text="", link="", file=None, reason="").update(text="", link="", file=None, reason="")
    orders = ShareOrder.objects.filter(member=member_id)
    changed += orders.exclude(order_no=ERASED).update(order_no=ERASED)
    changed += remove_work_files(WorkFile.objects.filter(member=member_id))
    transaction.on_commit(partial(remove_unused, prints))
    if changed:
        target = Target(object_type="members.member", object_id=member_id, changes={"rows": [None, changed]})
        record(by=None, action="community.erase_earnings", obj=target, at=now)
    return changed


def _forget_words(pieces: Sequence[int]) -> Sequence[str]:
    """Versions and approvals are evidence: only the database takes words out, of pieces without an author.

    Answers the fingerprints of the files that the materials had.
    """
    if not pieces:
        return ()
    with connection.cursor() as cursor:
        cursor.execute("SELECT community_forget_ugc(%s::bigint[])", [list(pieces)])
        return [digest for (digest,) in cursor.fetchall()]
