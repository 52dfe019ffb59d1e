"""Every write of the timeline: recording facts, making months, following, adopting another cluster."""

from timeline.services.interactions import FactsRecorded, InteractionIn, TouchIn, record_interactions, record_touches
from timeline.services.purchases import PurchaseLineIn, PurchasesRecorded, record_purchases

__all__ = [
    "FactsRecorded",
    "InteractionIn",
    "PurchaseLineIn",
    "PurchasesRecorded",
    "TouchIn",
    "record_interactions",
    "record_purchases",
    "record_touches",
]
