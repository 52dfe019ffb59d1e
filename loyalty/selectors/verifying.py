"""What must hold over all offers: figures are the sums of their rows, and draws come out again."""

from django.db import connection
from django.db.models import Exists, OuterRef
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.registries import Verification, Verified, verifications
from loyalty.enums import DrawState
from loyalty.models import Coupon, Draw, DrawWinner, Prize
from loyalty.selectors.draws import RUN, verify

MOST_FAULTS = 5
COUPONS = """
WITH given AS (
    SELECT coupon_id, count(*) AS pieces, count(redeemed_at) AS used, count(code_id) AS coded
    FROM loyalty_coupongrant GROUP BY 1
), spent AS (
    SELECT given.coupon_id, count(*) AS orders
    FROM loyalty_couponredemption AS done JOIN loyalty_coupongrant AS given ON given.id = done.grant_id
    WHERE done.released_at IS NULL GROUP BY 1
), printed AS (
    SELECT coupon_id, count(*) AS codes, count(taken_at) AS taken FROM loyalty_couponcode GROUP BY 1
)
SELECT figure.code, coupon.name, figure.said, figure.found
FROM loyalty_coupon AS coupon
LEFT JOIN given ON given.coupon_id = coupon.id
LEFT JOIN spent ON spent.coupon_id = coupon.id
LEFT JOIN printed ON printed.coupon_id = coupon.id
CROSS JOIN LATERAL (VALUES
    ('granted', coupon.granted, coalesce(given.pieces, 0)),
    ('redeemed', coupon.redeemed, coalesce(given.used, 0)),
    ('used', coalesce(given.used, 0), coalesce(spent.orders, 0)),
    ('codes', CASE WHEN coupon.code_source <> 'claim' THEN coupon.stock ELSE 0 END, coalesce(printed.codes, 0)),
    ('taken', coalesce(printed.taken, 0), coalesce(given.coded, 0))
) AS figure (code, said, found)
WHERE figure.said IS DISTINCT FROM figure.found ORDER BY coupon.id, figure.code LIMIT %s
"""
PRIZES = """
WITH promised AS (
    SELECT line.prize_id, sum(line.quantity) AS pieces
    FROM loyalty_drawprize AS line JOIN loyalty_draw AS draw ON draw.id = line.draw_id
    WHERE draw.state IN ('published', 'stopped') GROUP BY 1
), won AS (SELECT prize_id, count(*) AS pieces FROM loyalty_drawwinner GROUP BY 1)
SELECT 'reserved', prize.name, prize.reserved, coalesce(promised.pieces, 0) + coalesce(won.pieces, 0)
FROM loyalty_prize AS prize
LEFT JOIN promised ON promised.prize_id = prize.id
LEFT JOIN won ON won.prize_id = prize.id
WHERE prize.reserved <> coalesce(promised.pieces, 0) + coalesce(won.pieces, 0) ORDER BY prize.id LIMIT %s
"""
WORDS: dict[str, Promise] = {
    "granted": _("“%(name)s” counts as claimed %(said)s; there are %(found)s."),
    "redeemed": _("“%(name)s” counts as redeemed %(said)s; there are %(found)s."),
    "used": _("“%(name)s”: marked as redeemed %(said)s; orders used %(found)s."),
    "codes": _("“%(name)s” counts as codes %(said)s; there are %(found)s."),
    "taken": _("“%(name)s”: codes taken %(said)s; members hold %(found)s."),
    "reserved": _("“%(name)s” counts as promised or won %(said)s; there are %(found)s."),
}


def coupons() -> Verified:
    """Claimed, redeemed and codes of every coupon are what its rows say."""
    return Verified(looked_at=Coupon.objects.count(), faults=_faults(COUPONS))


def prizes() -> Verified:
    """What is reserved of a prize is promised by draws whose rules are published, or won."""
    return Verified(looked_at=Prize.objects.count(), faults=_faults(PRIZES))


def draws() -> Verified:
    """Seed, prizes, entries and winners of every draw that was run come out again; one that is void has no winners."""
    run = list(Draw.objects.filter(state__in=RUN).order_by("pk"))
    wrong = [draw.name for draw in run if not (proof := verify(draw)) or not proof.holds]
    void = Draw.objects.filter(state=DrawState.VOIDED).order_by("pk")
    won = void.filter(Exists(DrawWinner.objects.filter(draw=OuterRef("pk")))).values_list("name", flat=True)
    said = [str(_("The draw “%(name)s” does not come out again.")) % {"name": name} for name in wrong]
    said += [str(_("The draw “%(name)s” is void and has winners.")) % {"name": name} for name in won]
    return Verified(looked_at=len(run) + void.count(), faults=tuple(said[:MOST_FAULTS]))


def _faults(statement: str) -> tuple[str, ...]:
    with connection.cursor() as cursor:
        cursor.execute(statement, [MOST_FAULTS])
        rows = cursor.fetchall()
    return tuple(str(WORDS[code]) % {"name": name, "said": said, "found": found} for code, name, said, found in rows)


verifications.register_all(
    (
        Verification(code="loyalty.coupons", label=_("Coupons and their codes"), find=coupons, order=80),
        Verification(code="loyalty.prizes", label=_("Promised and won prizes"), find=prizes, order=90),
        Verification(code="loyalty.draws", label=_("Draws computed again"), find=draws, order=100),
    )
)
