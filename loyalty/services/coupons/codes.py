"""Codes made or imported beforehand: the stock of such a coupon is the number of its codes."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import connection, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from core.keys import indexer
from core.services.sealing import subject_keys
from loyalty.enums import CodeSource, CouponState
from loyalty.errors import CodesNotTaken, OfferStateWrong
from loyalty.models import Coupon, CouponGrant
from loyalty.models.coupons import PURPOSE
from loyalty.rules.codes import is_code, normalised
from loyalty.selectors.codes import SEALED, code_of_place, codes_of

MOST_AT_ONCE = 100_000
SHOWN_LINES = 10
NUMBERS = "SELECT nextval(pg_get_serial_sequence('loyalty_couponcode', 'id')) FROM generate_series(1, %s)"
STORE = """
INSERT INTO loyalty_couponcode (id, coupon_id, lookup, sealed)
SELECT coalesce(id, nextval(pg_get_serial_sequence('loyalty_couponcode', 'id'))), %s, lookup, sealed
FROM unnest(%s::bigint[], %s::bytea[], %s::bytea[]) AS given (id, lookup, sealed)
ON CONFLICT (lookup) DO NOTHING
"""


@transaction.atomic
def generate_codes(*, coupon: Coupon, count: int, by: User | None, now: datetime) -> int:
    """Make so many codes that nobody can guess; answers how many. Raises CodesNotTaken, OfferStateWrong."""
    if not 1 <= count <= MOST_AT_ONCE:
        message = _("Between 1 and %(most)s codes at once.") % {"most": f"{MOST_AT_ONCE:,}"}
        raise CodesNotTaken(fields={"count": [message]})
    _require_pool(coupon, CodeSource.GENERATED)
    with connection.cursor() as cursor:
        cursor.execute(NUMBERS, [count])
        numbers = [number for (number,) in cursor.fetchall()]
    index = indexer(PURPOSE)
    lookups = [index(code_of_place(f"code:{number}")) for number in numbers]
    return _store(coupon, numbers, lookups, [None] * count, action="loyalty.generate_codes", by=by, now=now)


@transaction.atomic
def import_codes(*, coupon: Coupon, texts: Iterable[str], by: User | None, now: datetime) -> tuple[int, int]:
    """Take codes from elsewhere, one a line; answers how many are new, and how many stood there or came twice.

    Raises CodesNotTaken, and takes none, when a line is no code.
    """
    _require_pool(coupon, CodeSource.IMPORTED)
    lines = [normalised(text) for text in texts]
    wrong = [number for number, line in enumerate(lines, 1) if line and not is_code(line)]
    if wrong:
        numbers = ", ".join(map(str, wrong[:SHOWN_LINES]))
        message = _("Lines that are no code (4 to 64 letters and digits): %(lines)s.") % {"lines": numbers}
        raise CodesNotTaken(fields={"codes": [message]})
    codes = list(dict.fromkeys(line for line in lines if line))
    if not 1 <= len(codes) <= MOST_AT_ONCE:
        message = _("Between 1 and %(most)s codes at once.") % {"most": f"{MOST_AT_ONCE:,}"}
        raise CodesNotTaken(fields={"codes": [message]})
    index = indexer(PURPOSE)
    sealed = subject_keys("coupon", [coupon.pk]).seal_all(SEALED, [(coupon.pk, code) for code in codes])
    lookups = [index(code) for code in codes]
    added = _store(coupon, [None] * len(codes), lookups, sealed, action="loyalty.import_codes", by=by, now=now)
    return added, sum(map(bool, lines)) - added


@transaction.atomic
def read_code(*, grant: CouponGrant, by: User, now: datetime) -> str:
    """The code in clear, for somebody who serves the member; on the record."""
    record(by=by, action="loyalty.read_code", obj=grant, at=now)
    return codes_of([grant])[grant.pk]


def _require_pool(coupon: Coupon, source: CodeSource) -> None:
    if coupon.code_source != source or coupon.state == CouponState.ENDED:
        raise OfferStateWrong


def _store(
    coupon: Coupon,
    numbers: Sequence[int | None],
    lookups: Sequence[bytes],
    sealed: Sequence[bytes | None],
    *,
    action: str,
    by: User | None,
    now: datetime,
) -> int:
    with connection.cursor() as cursor:
        cursor.execute(STORE, [coupon.pk, list(numbers), list(lookups), list(sealed)])
        added = int(cursor.rowcount)
    Coupon.objects.filter(pk=coupon.pk).update(stock=F("stock") + added)
    record(by=by, action=action, obj=coupon, changes={"codes": [None, added]}, at=now)
    return added
