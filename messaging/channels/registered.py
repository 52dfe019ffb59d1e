"""The kinds of gateways that there are, by code."""

from messaging.channels import email, sms, webhook
from messaging.channels.contract import Adapter, adapters

__all__ = ["adapters", "email", "sms", "webhook"]


def adapter_of(code: str) -> Adapter:
    """KeyError names those that there are."""
    return adapters.get(code)
