"""Gateways as their adapters take them."""

from core.services.sealing import open_one
from messaging.channels.contract import Setup
from messaging.models import Gateway

SECRET = Gateway._meta.get_field("secret")


def setup_of(gateway: Gateway) -> Setup:
    secret = open_one(SECRET, subject_id=gateway.pk, sealed=gateway.secret)
    return Setup(
        sender=gateway.sender,
        refusal=gateway.refusal,
        settings=gateway.settings,
        secret=secret if isinstance(secret, str) else "",
    )
