"""The generated facts on their way to the timeline, through the same services as an import."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from scrm.demo import brand, interactions, purchases
from scrm.demo.arrays import Array
from scrm.demo.brand import ORIGINS, UTM
from scrm.demo.copying import NULL, copy_numbers, materialise
from scrm.demo.interactions import Interactions
from scrm.demo.purchases import IN_STORE, Purchases
from scrm.demo.span import Span
from scrm.demo.staff import House
from scrm.demo.touches import Touches
from timeline.services import FactsRecorded, PurchasesRecorded, record_interactions, record_purchases, record_touches

PURCHASES = """
SELECT line_no, member_id, (%(sources)s::text[])[channel + 1] AS source,
    'YF' || to_char((%(start)s + at * interval '1 second') AT TIME ZONE 'Asia/Shanghai', 'YYMMDD') || lpad(serial::text, 6, '0') AS order_no,
    %(start)s + line_at * interval '1 second' AS line_at,
    (%(codes)s::text[])[item + 1] AS product_code, (%(names)s::text[])[item + 1] AS product_name,
    quantity::numeric AS quantity, fen / 100.0 AS unit_price, store_id,
    (%(channels)s::text[])[channel + 1] AS channel, (%(coupons)s::text[])[coupon + 1] AS coupon_code,
    CASE WHEN guide_id = -1 THEN '' ELSE 'DG' || guide_id END AS referral_code
FROM demo_lines
"""
INTERACTIONS = """
SELECT row_number() OVER () AS line_no, member_id, (%(sources)s::text[])[channel + 1] AS source, NULL::text AS key,
    %(start)s + at * interval '1 second' AS occurred_at, (%(kinds)s::text[])[kind + 1] AS kind,
    (%(channels)s::text[])[channel + 1] AS channel, (%(subjects)s::text[])[subject + 1] AS subject,
    nullif(store_id, -1) AS store_id, NULL::jsonb AS properties
FROM demo_interactions
"""
TOUCHES = """
SELECT row_number() OVER () AS line_no, member_id, 'codes' AS source, NULL::text AS key,
    %(start)s + at * interval '1 second' AS occurred_at, (%(origins)s::text[])[origin + 1] AS channel,
    (%(utm_sources)s::text[])[origin + 1] AS utm_source, (%(utm_mediums)s::text[])[origin + 1] AS utm_medium,
    CASE WHEN campaign = 1 THEN %(campaign)s ELSE (%(utm_campaigns)s::text[])[origin + 1] END AS utm_campaign,
    '' AS utm_content, '' AS utm_term, CASE WHEN guide_id = -1 THEN '' ELSE 'DG' || guide_id END AS code,
    nullif(inviter_id, -1) AS inviter_id
FROM demo_touches
"""


@dataclass(frozen=True)
class Ledger:
    """What the generators made, and the database ids behind its places."""

    span: Span
    members: Array
    guide_of: Array
    """The database id of each member's guide, NULL where she has none."""
    house: House
    now: datetime


def record_all(
    ledger: Ledger, bought: Purchases, did: Interactions, came: Touches
) -> tuple[PurchasesRecorded, FactsRecorded, FactsRecorded]:
    """Purchases first: they make the months."""
    return _purchases(ledger, bought), _interactions(ledger, did), _touches(ledger, came)


def _purchases(ledger: Ledger, bought: Purchases) -> PurchasesRecorded:
    order = bought.line_order
    owner = bought.member[order]
    copy_numbers(
        "demo_lines",
        {
            "line_no": np.arange(1, len(order) + 1),
            "member_id": ledger.members[owner],
            "serial": order + 1,
            "at": bought.at[order],
            "line_at": bought.line_at,
            "item": bought.line_item,
            "quantity": bought.line_quantity,
            "fen": bought.line_fen,
            "store_id": ledger.house.shops[bought.shop[order]],
            "channel": bought.channel[order],
            "coupon": bought.coupon[order],
            "guide_id": np.where(bought.referred[order], ledger.guide_of[owner], NULL),
        },
    )
    words = {
        "codes": [item.code for item in brand.ITEMS],
        "names": [item.name for item in brand.ITEMS],
        "channels": list(purchases.CHANNELS),
        "coupons": list(purchases.COUPONS),
        "sources": ["pos" if place == IN_STORE else "shop" for place in range(len(purchases.CHANNELS))],
    }
    return record_purchases(now=ledger.now, staging=_staged("demo_purchases", PURCHASES, ledger, words))


def _interactions(ledger: Ledger, did: Interactions) -> FactsRecorded:
    copy_numbers(
        "demo_interactions",
        {
            "member_id": ledger.members[did.member],
            "at": did.at,
            "kind": did.kind,
            "channel": did.channel,
            "subject": did.subject,
            "store_id": np.where(did.shop < 0, NULL, ledger.house.shops[did.shop]),
        },
    )
    words = {
        "kinds": list(interactions.KINDS),
        "channels": list(interactions.CHANNELS),
        "subjects": list(interactions.SUBJECTS),
        "sources": ["weapp", "wecom", "mp", "pos"],
    }
    return record_interactions(now=ledger.now, staging=_staged("demo_interaction_rows", INTERACTIONS, ledger, words))


def _touches(ledger: Ledger, came: Touches) -> FactsRecorded:
    copy_numbers(
        "demo_touches",
        {
            "member_id": ledger.members[came.member],
            "at": came.at,
            "origin": came.origin,
            "campaign": came.campaign,
            "inviter_id": np.where(came.inviter < 0, NULL, ledger.members[came.inviter]),
            "guide_id": np.where(came.guide < 0, NULL, ledger.house.guides[came.guide]),
        },
    )
    sources, mediums, campaigns = zip(*(UTM[name] for name, _share in ORIGINS), strict=True)
    words = {
        "origins": [name for name, _share in ORIGINS],
        "utm_sources": list(sources),
        "utm_mediums": list(mediums),
        "utm_campaigns": list(campaigns),
        "campaign": brand.CURRENT_CAMPAIGN,
    }
    return record_touches(now=ledger.now, staging=_staged("demo_touch_rows", TOUCHES, ledger, words))


def _staged(name: str, query: str, ledger: Ledger, words: dict[str, Any]) -> str:
    return materialise(name, query, {"start": ledger.span.start, **words})
