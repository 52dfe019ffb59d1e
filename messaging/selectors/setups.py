"""Gateways as their adapters take them."""

from core.errors import Text
from core.services.sealing import open_one
from messaging.channels.contract import Setup
from messaging.channels.registered import adapter_of, adapters
from messaging.models import Gateway
from messaging.rules.promises import Promise

SECRET = Gateway._meta.get_field("secret")


def setup_of(gateway: Gateway) -> Setup:
    secret = open_one(SECRET, subject_id=gateway.pk, sealed=gateway.secret)
    return Setup(
        sender=gateway.sender,
        refusal=gateway.refusal,
        settings=gateway.settings,
        secret=secret if isinstance(secret, str) else "",
    )


def promise_of(gateway: Gateway) -> Promise:
    """What it promises; for that its secret need not be opened."""
    setup = Setup(sender=gateway.sender, refusal=gateway.refusal, settings=gateway.settings, secret="")
    return adapter_of(gateway.adapter).promise(setup)


def kinds_of_gateways() -> list[tuple[str, Text]]:
    """Codes and names of the kinds that there are."""
    return [(adapter.code, adapter.label) for adapter in adapters]
