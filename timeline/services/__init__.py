"""Every write of the timeline: recording facts, making months, following, adopting another server."""

from timeline.services.cluster import Adopted, adopt_cluster
from timeline.services.following import follow, follow_all
from timeline.services.interactions import (
    FactsRecorded,
    InteractionIn,
    TouchIn,
    record_interactions,
    record_touches,
    retract_interactions,
)
from timeline.services.months import ensure_months, make_months
from timeline.services.purchases import PurchaseLineIn, PurchasesRecorded, record_purchases

__all__ = [
    "Adopted",
    "FactsRecorded",
    "InteractionIn",
    "PurchaseLineIn",
    "PurchasesRecorded",
    "TouchIn",
    "adopt_cluster",
    "ensure_months",
    "follow",
    "follow_all",
    "make_months",
    "record_interactions",
    "record_purchases",
    "record_touches",
    "retract_interactions",
]
