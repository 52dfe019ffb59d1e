"""Facts about members, what keeps them unique, and what follows them."""

from timeline.models.facts import Interaction, Purchase, PurchaseLine, Touch
from timeline.models.filters import first_purchase_within
from timeline.models.followers import Cursor, Rebuild
from timeline.models.following import Consumer, consumers
from timeline.models.keys import FactKey, OrderKey
from timeline.models.measuring import Fact, FactSource, MemberSlice, fact_sources, facts, member_slices
from timeline.models.product import Product
from timeline.models.rollups import InteractionDay, PurchaseDay

__all__ = [
    "Consumer",
    "Cursor",
    "Fact",
    "FactKey",
    "FactSource",
    "Interaction",
    "InteractionDay",
    "MemberSlice",
    "OrderKey",
    "Product",
    "Purchase",
    "PurchaseDay",
    "PurchaseLine",
    "Rebuild",
    "Touch",
    "consumers",
    "fact_sources",
    "facts",
    "first_purchase_within",
    "member_slices",
]
