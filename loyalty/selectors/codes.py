"""Codes in clear, for the few places that may show them; finding a code that somebody says."""

from collections.abc import Sequence

from core.keys import blind_index, indexer
from core.services.sealing import open_many
from loyalty.models import CouponCode, CouponGrant
from loyalty.models.coupons import PURPOSE
from loyalty.rules.codes import code_from, masked, normalised

MAKING = "coupon-code-made"
SEALED = CouponCode._meta.get_field("sealed")


def code_of_place(place: str) -> str:
    """The code that this installation's key makes for a place: `grant:<nonce>` or `code:<number>`."""
    return code_from(indexer(MAKING), place)


def lookup_of(text: str) -> bytes:
    """By which the code of that text is found."""
    return blind_index(PURPOSE, normalised(text))


def codes_of(grants: Sequence[CouponGrant]) -> dict[int, str]:
    """By number of the grant, in clear; `code` of the grants is fetched already. One query where some were imported."""
    imported = [grant.code for grant in grants if grant.code is not None and grant.code.sealed is not None]
    pairs = [(code.coupon_id, code.sealed) for code in imported]
    opened = dict(zip((code.pk for code in imported), open_many(SEALED, pairs), strict=True))
    return {grant.pk: _code(grant, {key: str(text) for key, text in opened.items()}) for grant in grants}


def masked_codes_of(grants: Sequence[CouponGrant]) -> dict[int, str]:
    return {number: masked(code) for number, code in codes_of(grants).items()}


def _code(grant: CouponGrant, opened: dict[int, str]) -> str:
    if grant.code_id is None:
        return code_of_place(f"grant:{grant.nonce}")
    return opened.get(grant.code_id) or code_of_place(f"code:{grant.code_id}")
