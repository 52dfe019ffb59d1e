"""Gateways, templates, sends and the ledger of messages."""

from messaging.models.deliveries import Delivery
from messaging.models.gateways import Gateway, GatewayDay
from messaging.models.sends import Send
from messaging.models.templates import MessageTemplate

__all__ = ["Delivery", "Gateway", "GatewayDay", "MessageTemplate", "Send"]
